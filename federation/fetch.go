package federation

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/guard"
)

const (
	refuseFor = 10 * time.Minute // what a server refused is not asked for again
	failFor   = time.Minute      // nor what it could not answer
	missesMax = 50_000

	budgetWindow = time.Minute
	budgetMax    = 600  // fetches from one server in a window
	wordMax      = 1200 // fetches from others because of what one server's groups announce
)

// fetched remembers, in RAM, what could not be fetched and how much was.
type fetched struct {
	flight singleflight.Group
	misses *otter.Cache[string, miss]

	mu    sync.Mutex
	since time.Time
	spent map[string]int // by host
}

// A miss is why something cannot be had, and until when that is believed.
type miss struct {
	err   error
	until time.Time
}

func newFetched() *fetched {
	return &fetched{
		misses: otter.Must(&otter.Options[string, miss]{MaximumSize: missesMax}),
		spent:  map[string]int{},
	}
}

// missed returns why key could not be had a while ago, or nil.
func (f *fetched) missed(key string, now time.Time) error {
	m, ok := f.misses.GetIfPresent(key)
	if !ok || !now.Before(m.until) {
		return nil
	}
	return m.err
}

// note remembers why key could not be had.
func (f *fetched) note(key string, err error, now time.Time) {
	keep := refuseFor
	if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Internal) {
		keep = failFor
	}
	f.misses.Set(key, miss{err: err, until: now.Add(keep)})
}

// forget makes the next to ask for key ask its server.
func (f *fetched) forget(key string) { f.misses.Invalidate(key) }

// spend takes one fetch from a host's budget. Whatever a stranger says can
// make us fetch; it shall not make us attack somebody.
func (f *fetched) spend(host string, now time.Time) error {
	if !f.take(host, budgetMax, now) {
		return fault.New(fault.Unavailable, "Enough was fetched from %s for now.", host)
	}
	return nil
}

// take reports whether a budget is not used up yet, and takes one from it.
func (f *fetched) take(budget string, most int, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.since) >= budgetWindow || now.Before(f.since) {
		clear(f.spent)
		f.since = now
	}
	if f.spent[budget] >= most {
		return false
	}
	f.spent[budget]++
	return true
}

type wordKey struct{}

// onWordOf marks what is done because a group's server said so.
func onWordOf(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, wordKey{}, host)
}

// charge takes a fetch from the budget of the server that made us want it, if
// it is another than the one we fetch from: no group shall make us ask
// everybody.
func (f *fetched) charge(ctx context.Context, host string, now time.Time) error {
	by, _ := ctx.Value(wordKey{}).(string)
	if by == "" || by == host || f.take("word of "+by, wordMax, now) {
		return nil
	}
	return fault.New(fault.Unavailable, "Enough was fetched because of what %s announces for now.", by)
}

// fetch returns the document whose id is iri, or that iri leads to, from its
// origin: a signed GET by the instance actor. Who answers may only speak for
// their own host (FEP-fe34; CVE-2024-23832, CVE-2024-25623): what answers at
// an address must call itself by that address, or else is asked for by the
// name that it gives itself, once, on the same host.
func (s *Server) fetch(ctx context.Context, iri string) (_ as.Doc, err error) {
	defer fault.Wrap(&err, "federation.fetch(%s)", iri)
	if s.indoors != nil {
		return as.Doc{}, s.indoors.errElsewhere()
	}
	now := s.now()
	if err := s.fetched.missed(iri, now); err != nil {
		return as.Doc{}, err
	}
	if err := s.fetched.charge(ctx, as.Host(iri), now); err != nil {
		return as.Doc{}, err
	}
	found, err, _ := s.fetched.flight.Do(iri, func() (any, error) {
		// Others may wait for the same: the first to ask must not take it
		// away from them by leaving. The client has a timeout of its own.
		doc, err := s.fetchOnce(context.WithoutCancel(ctx), iri)
		if err != nil {
			s.fetched.note(iri, err, now)
		}
		return doc, err
	})
	return found.(as.Doc), err
}

func (s *Server) fetchOnce(ctx context.Context, iri string) (as.Doc, error) {
	doc, from, err := s.get(ctx, iri)
	if err != nil || withoutFragment(doc.ID()) == from {
		return doc, err
	}
	id := doc.ID()
	if !as.SameHost(id, from) {
		return as.Doc{}, fault.New(fault.Forbidden, "%s answered with a document of another server (%.200q).", from, id)
	}
	doc, from, err = s.get(ctx, id)
	if err != nil {
		return as.Doc{}, err
	}
	if doc.ID() != id || !as.SameHost(id, from) {
		return as.Doc{}, fault.New(fault.Forbidden, "%s does not lead to the document that calls itself so.", id)
	}
	return doc, nil
}

// get makes one signed GET and returns the document with the address that it
// came from, after redirects.
func (s *Server) get(ctx context.Context, iri string) (doc as.Doc, from string, err error) {
	got, err := s.getIf(ctx, iri, "")
	return got.doc, got.from, err
}

// A loaded is a document as its server gave it.
type loaded struct {
	doc  as.Doc
	from string // the address that it came from, after redirects
	tag  string // its ETag
	same bool   // there is nothing newer than what the tag that was sent names
}

// getIf is get for who has what tag names and wants only something newer; an
// empty tag wants whatever is there.
func (s *Server) getIf(ctx context.Context, iri, tag string) (loaded, error) {
	if s.indoors != nil {
		return loaded{}, s.indoors.errElsewhere()
	}
	host := as.Host(iri)
	switch {
	case host == "":
		return loaded{}, fault.New(fault.Invalid, "%.200q is no address.", iri)
	case s.ours(iri):
		return loaded{}, fault.New(fault.NotFound, "%s is an address of this server, and nothing is there.", iri)
	}
	resp, err := s.signedGet(ctx, iri, tag)
	var status *guard.StatusError
	if tag != "" && errors.As(err, &status) && status.Status == http.StatusNotModified {
		return loaded{tag: tag, same: true}, nil
	}
	if err != nil {
		return loaded{}, err
	}
	if !as.IsAS2ContentType(resp.ContentType) {
		return loaded{}, fault.New(fault.Invalid, "%s answered with %.80q and not with an ActivityStreams document.", host, resp.ContentType)
	}
	if s.ours(resp.URL) {
		return loaded{}, fault.New(fault.Forbidden, "%s leads back to this server.", iri)
	}
	doc, err := as.Parse(ctx, resp.Body)
	return loaded{doc: doc, from: withoutFragment(resp.URL), tag: clip(resp.Header.Get("ETag"), 200)}, err
}

func ifNoneMatch(tag string, sign guard.Signer) guard.Signer {
	if tag == "" {
		return sign
	}
	return func(r *http.Request) error {
		r.Header.Set("If-None-Match", tag)
		return sign(r)
	}
}

// signedGet makes one GET, signed by who reads as the host wants it:
// peers that demand signatures (GoToSocial always) want one for every GET.
func (s *Server) signedGet(ctx context.Context, iri, tag string) (resp *guard.Response, err error) {
	by, err := s.readsAs(ctx)
	if err != nil {
		return nil, err
	}
	host := as.Host(iri)
	err = s.manners.knock(ctx, visit{host: host, query: strings.Contains(iri, "?")}, func(w way) (err error) {
		if err := s.fetched.spend(host, s.now()); err != nil {
			return err
		}
		resp, err = s.Client.Get(ctx, iri, as.AcceptHeader, ifNoneMatch(tag, s.sign(by, nil, w.Style)))
		return err
	})
	return resp, err
}

func withoutFragment(iri string) string {
	iri, _, _ = strings.Cut(iri, "#")
	return iri
}

type readerKey struct{}

// inNameOf has documents read as somebody of this server, who is shown more
// than their server is.
func inNameOf(ctx context.Context, who *community.Actor) context.Context {
	return context.WithValue(ctx, readerKey{}, who.ID)
}

// readsAs is who reads: the server's actor, unless it is for somebody.
func (s *Server) readsAs(ctx context.Context) (community.ActorID, error) {
	if who, ok := ctx.Value(readerKey{}).(community.ActorID); ok {
		return who, nil
	}
	instance, err := s.Accounts.Instance(ctx)
	if err != nil {
		return 0, err
	}
	return instance.ID, nil
}
