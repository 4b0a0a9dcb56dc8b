package federation

import (
	"context"
	"net/http"
	"sync"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
)

// reader returns the actor of another server who signed a GET or HEAD, read
// from its server if we did not know it; nil if the request carries no
// signature; and an error that says what is wrong if it carries one that is
// not right. A wrong signature is never taken for none. The error is an answer
// as it is: Unauthenticated is 401, Forbidden 403, and Unavailable 503, when
// the key cannot be had right now.
//
// Both schemes are understood, and a key that does not fit is fetched again
// once, as for an inbox. Most peers sign all their GETs as the server and not
// as a person (Kind Application; Lemmy, Mastodon, PieFed and we do): what one
// of their members may read, their server may, so ask for the Host or PeerID
// of who reads, and not for a membership of theirs. Whether that server or
// actor is blocked is for the caller to ask.
//
// It may be called as often as one likes: each request is verified once. A
// document that it was asked for is answered as private, so that no cache
// between us and them shows it to somebody else.
func (s *Server) reader(r *http.Request) (*community.Actor, error) {
	if reading, ok := r.Context().Value(readingKey{}).(*reading); ok {
		reading.asked = true
		return reading.find()
	}
	return s.findReader(r)
}

// A reading is what is found out about who makes a request.
type reading struct {
	find  func() (*community.Actor, error)
	asked bool
}

type readingKey struct{}

// withReader lets everything that answers r ask for its reader at the price
// of one verification.
func (s *Server) withReader(r *http.Request) *http.Request {
	found := &reading{find: sync.OnceValues(func() (*community.Actor, error) { return s.findReader(r) })}
	return r.WithContext(context.WithValue(r.Context(), readingKey{}, found))
}

// forWhom says, in the words of Cache-Control, who else may be shown what was
// answered to r.
func forWhom(r *http.Request) string {
	if reading, ok := r.Context().Value(readingKey{}).(*reading); ok && reading.asked {
		return "private"
	}
	return "public"
}

func (s *Server) findReader(r *http.Request) (*community.Actor, error) {
	if !httpsig.Signed(r) {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	sig, err := httpsig.Parse(r)
	if err != nil {
		return nil, err
	}
	owner, err := s.keyOwner(ctx, sig.KeyID)
	if err != nil {
		return nil, err
	}
	if err := s.verifyBy(ctx, sig, r, nil, owner); err != nil {
		return nil, err
	}
	return s.DB.ActorByIRI(ctx, owner)
}

// keyOwner returns whose a key claims to be; verifyBy finds out whether it is.
// A key is called ACTOR#name nearly everywhere; GoToSocial calls it
// ACTOR/main-key, where the actor can be read too.
func (s *Server) keyOwner(ctx context.Context, keyID string) (string, error) {
	if as.Host(keyID) == "" {
		return "", fault.New(fault.Unauthenticated, "The key id %.200q is no address.", keyID)
	}
	if s.ours(keyID) {
		return "", fault.New(fault.Forbidden, "%s is of this server and does not speak from outside.", keyID)
	}
	known, err := s.DB.ActorByKey(ctx, keyID)
	if err == nil {
		return known.IRI, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if owner := withoutFragment(keyID); owner != keyID {
		return owner, nil
	}
	doc, err := s.fetch(ctx, keyID)
	switch {
	case fault.Is(err, fault.Unavailable), fault.Is(err, fault.Internal):
		return "", err // not the reader's fault: they shall try again
	case err != nil:
		return "", fault.Because(err, fault.Unauthenticated, "The key %s cannot be had: %s", keyID, reasonOf(err))
	}
	if owner := doc.Ref("owner"); owner != "" && !as.IsActor(doc.Kind()) {
		return owner, nil
	}
	return doc.ID(), nil
}
