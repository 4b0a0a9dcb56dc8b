package federation

import (
	"context"
	"net/http"
	"strings"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/delivery"
	"drystone/federation/guard"
)

// deliveryOptions are what delivery needs of s.
func (s *Server) deliveryOptions() delivery.Options {
	return delivery.Options{
		DB: s.DB, Post: s.post, Key: s.signer, Peer: s.peerOf, Members: s.synchronization, Shares: signsForAll, Log: s.Log, Now: s.now,
	}
}

// deliver delivers what is said until ctx ends.
func (s *Server) deliver(ctx context.Context) {
	if err := s.delivery.Run(ctx); err != nil {
		s.Log.ErrorContext(ctx, "delivery did not end well", "error", err)
	}
}

// post takes a parcel to an inbox in the way that its server wants.
func (s *Server) post(ctx context.Context, inbox string, p delivery.Parcel) error {
	v := visit{host: as.Host(inbox), query: strings.Contains(inbox, "?"), delivery: true}
	v.shared = s.SharedSignatures && p.Shared(ctx)
	return s.manners.knock(ctx, v, func(w way) error {
		_, err := s.Client.Post(ctx, inbox, as.ContentType, p.Activity.Body, s.signing(p, w))
		return err
	})
}

// signing signs a parcel in a way.
func (s *Server) signing(p delivery.Parcel, w way) guard.Signer {
	return func(req *http.Request) error {
		if p.Members != "" {
			req.Header.Set(headerSynchronization, p.Members)
		}
		if w.shared {
			return p.SignShared(req)
		}
		return p.InTurn(func() error { return w.Sign(req, p.Activity.Body, p.KeyID, p.Key, s.now()) })
	}
}

// signsForAll reports whether an activity may carry a signature that any of its
// receivers could take to another server: what a group says to all its
// followers and to everybody else, and what does no harm wherever and in
// whatever order it arrives. That is what people say and how they vote. What
// takes away or changes is not: it would be dropped by a server that does not
// have the original yet, and known already when it came from us. Nor is a
// boost, which microblogs would show again after it was taken back.
func signsForAll(ctx context.Context, a *community.Activity) bool {
	if a.Kind != as.KindAnnounce || !a.Public || a.PeerID != 0 || a.Audience == 0 || a.Audience != a.ActorID {
		return false
	}
	announce, err := as.Parse(ctx, a.Body)
	if err != nil || !announce.IsPublic() {
		return false
	}
	list := announce.Embeddeds("object")
	for _, inner := range list {
		said, ok := inner.Embedded("object")
		created := ok && inner.Kind() == as.KindCreate && isPublic(said, inner)
		if !created && ballots[inner.Kind()] == 0 {
			return false
		}
	}
	return len(list) > 0 && len(list) == len(announce.Refs("object"))
}
