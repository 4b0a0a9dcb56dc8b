package federation

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
	"drystone/storage"
)

const (
	mannersMax = 50_000
	// Another process may have learned how a peer wants its requests.
	mannersStale = time.Hour
	// When no way of signing pleased a peer, it was about something else, or
	// it could not fetch our key: other ways are not tried for a while.
	knockAgain = 10 * time.Minute
)

// A way is how one request is signed.
type way struct {
	httpsig.Style
	shared bool // with the signature that other inboxes get (package delivery)
}

// A visit is a request that is about to be made.
type visit struct {
	host     string
	query    bool // it has one
	delivery bool // something is posted
	shared   bool // it may go with a shared signature
}

// manners is how other servers want requests signed, as it turned out. Nearly
// all take the older scheme, so each request begins with that, or with what
// worked last; who refuses it for what may be the signature is asked once
// more in another way, and what works then is remembered in the peer's row
// ("double-knocking"; FEDERATION.md, section 6). A request is signed in one
// way at a time: those who understand both would not know which to believe.
type manners struct {
	db    *storage.DB
	log   *slog.Logger
	now   func() time.Time
	peers *otter.Cache[string, manner] // by host
	mu    sync.Mutex                   // for who changes them
}

// A manner is how one server wants requests signed.
type manner struct {
	style    httpsig.Style
	unshared bool      // it takes no shared signatures
	at       time.Time // when its row was read
	proved   time.Time // when a delivery was last taken that was signed so
	stubborn time.Time // until when it is not asked in other ways
}

func newManners(o Options) *manners {
	return &manners{
		db: o.DB, log: o.Log, now: o.Now,
		peers: otter.Must(&otter.Options[string, manner]{MaximumSize: mannersMax}),
	}
}

// of returns how host wants requests signed, as far as we know.
func (m *manners) of(ctx context.Context, host string) manner {
	now := m.now()
	if known, ok := m.peers.GetIfPresent(host); ok && now.Sub(known.at) < mannersStale {
		return known
	}
	row, err := m.db.PeerSigning(ctx, host)
	if err != nil {
		m.log.Debug("federation: not known how a peer wants requests signed", "peer", host, "error", err)
		return manner{}
	}
	known := manner{unshared: row.Unshared, at: now}
	known.style.PathOnly = row.PathOnly
	if row.Signing == community.SignRFC9421 {
		known.style.Scheme = httpsig.Message
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if newer, ok := m.peers.GetIfPresent(host); ok && now.Sub(newer.at) < mannersStale {
		return newer
	}
	m.peers.Set(host, known)
	return known
}

// note changes what is remembered of host, and reports whether it still was
// what the change was made for: many requests to one host are under way.
func (m *manners) note(host string, was manner, change func(*manner)) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.peers.GetIfPresent(host)
	if !ok {
		known = was
	}
	if known.style != was.style || was.at.IsZero() {
		return false
	}
	change(&known)
	m.peers.Set(host, known)
	return true
}

// knock makes a request with try in the way that its host wants it signed,
// and in others if it refuses that. It returns the answer that counts: that
// of the way that worked, or the first.
func (m *manners) knock(ctx context.Context, v visit, try func(way) error) error {
	known := m.of(ctx, v.host)
	patient := m.now().After(known.stubborn)
	first := way{Style: known.style}
	// RFC 9421 always signs the target, so there is nothing to share.
	first.shared = v.shared && patient && !known.unshared && first.Scheme == httpsig.Cavage
	err := try(first)
	status := refusal(err, v.host)
	if err == nil && v.delivery {
		m.prove(v.host, known)
	}
	unproved := m.now().Sub(known.proved) > mannersStale
	if !patient || !doubtful(status, unproved || first.shared) {
		return err
	}
	again := err
	for i, other := range others(first, v.query && status == http.StatusUnauthorized) {
		if !doubtful(refusal(again, v.host), unproved || first.shared && i == 0) {
			break
		}
		again = try(other)
		if welcome(again, v.host) {
			m.learn(ctx, v.host, known, first, other)
			return again
		}
		if refusal(again, v.host) == 0 {
			return again // it is down, or busy: that says nothing
		}
	}
	m.note(v.host, known, func(now *manner) { now.stubborn = m.now().Add(knockAgain) })
	return err
}

// others are the ways to try when first was refused, the likelier first: a
// signature of its own, the query in or out of it, the other scheme.
func others(first way, query bool) []way {
	var list []way
	plain := first
	plain.shared = false
	if first.shared {
		list = append(list, plain)
	}
	if query {
		other := plain
		other.PathOnly = !plain.PathOnly
		list = append(list, other)
	}
	other := plain
	other.Scheme = map[httpsig.Scheme]httpsig.Scheme{httpsig.Cavage: httpsig.Message, httpsig.Message: httpsig.Cavage}[plain.Scheme]
	return append(list, other)
}

// refusal returns the status by which host refused a request for what may be
// its signature, or 0.
func refusal(err error, host string) int {
	var status *guard.StatusError
	if !errors.As(err, &status) || as.Host(status.URL) != host { // a redirect led elsewhere
		return 0
	}
	switch status.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return status.Status
	}
	return 0
}

// doubtful reports whether a refusal may be about the signature: 401 always,
// and others as long as the way it was signed has not proved itself, since
// they often mean what they say.
func doubtful(status int, unproved bool) bool {
	return status == http.StatusUnauthorized || status != 0 && unproved
}

// welcome reports whether host believed who we are, whatever it then said.
func welcome(err error, host string) bool {
	if err == nil {
		return true
	}
	var status *guard.StatusError
	if !errors.As(err, &status) || as.Host(status.URL) != host {
		return false
	}
	switch status.Status {
	case http.StatusNotModified, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// prove remembers that host takes deliveries as they are signed, from time to
// time.
func (m *manners) prove(host string, known manner) {
	if now := m.now(); now.Sub(known.proved) > mannersStale/4 {
		m.note(host, known, func(peer *manner) { peer.proved = now })
	}
}

// learn remembers that host took a request in another way than the first.
func (m *manners) learn(ctx context.Context, host string, known manner, first, worked way) {
	if !m.note(host, known, func(peer *manner) {
		peer.style, peer.proved, peer.unshared = worked.Style, time.Time{}, peer.unshared || first.shared
		known = *peer
	}) {
		return
	}
	m.log.Info("federation: a peer wants its requests signed otherwise", "peer", host,
		"rfc9421", worked.Scheme == httpsig.Message, "path_only", worked.PathOnly, "unshared", known.unshared)
	if err := m.save(ctx, host, known); err != nil {
		m.log.Warn("federation: how a peer wants its requests signed is not stored", "peer", host, "error", err)
	}
}

func (m *manners) save(ctx context.Context, host string, known manner) error {
	peer, err := m.db.PeerByHost(ctx, host, community.Timestamp(m.now()))
	if err != nil {
		return err
	}
	peer.PathOnly, peer.Unshared, peer.Signing = known.style.PathOnly, known.unshared, community.SignCavage
	if known.style.Scheme == httpsig.Message {
		peer.Signing = community.SignRFC9421
	}
	return m.db.SavePeerSigning(ctx, peer)
}
