package federation

import (
	"context"
	"crypto/ed25519"
	"time"

	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/proof"
)

// proofAge is how long a proof stands for asking its maker. Whoever once got a
// document can pass it on for ever; what was changed or deleted since then is
// known at its origin. As long as a signature of a request, which is also
// about now, may be old.
const proofAge = 12 * time.Hour

// corroborate finds out whether what a group says that somebody of a third
// server did is so: the group's server could have made it up (FEDERATION.md,
// section 4). What has a proof by its actor needs nothing more, and what has a
// wrong one is refused. Otherwise what is written is read where it was
// written, and what is deleted must be gone there. Votes are taken on the
// group's word.
func (s *Server) corroborate(ctx context.Context, r *received) (err error) {
	switch r.doc.Kind() {
	case as.KindCreate, as.KindUpdate:
		return s.corroborateWriting(ctx, r)
	case as.KindDelete:
		return s.corroborateDelete(ctx, r)
	}
	r.proven, err = s.proved(ctx, r.doc, r.actor)
	return err
}

func (s *Server) corroborateWriting(ctx context.Context, r *received) error {
	id := r.doc.Ref("object")
	if marking, err := s.marking(ctx, r); err != nil || marking || id == r.via.IRI {
		return err // a moderator's doing, who says nothing in the author's name
	}
	found, err := s.find(ctx, id)
	if err == nil && r.doc.Kind() == as.KindCreate {
		return fault.New(fault.Conflict, "%s is known already.", id)
	}
	if err == nil {
		err = found.within(r)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if !as.SameHost(id, r.actor) {
		return fault.New(fault.Forbidden, "%s cannot speak for %.200q.", r.actor, id)
	}
	object, embedded := r.doc.Embedded("object")
	if r.proven, err = s.proved(ctx, r.doc, r.actor); err != nil {
		return err
	}
	proven := r.proven
	if embedded && !proven {
		if proven, err = s.proved(ctx, object, r.actor); err != nil {
			return err
		}
	}
	if embedded && proven && newer(object, found) {
		r.object = object
		return nil
	}
	r.object, err = s.fetch(ctx, id)
	return err
}

// newer reports whether an object says something later than what is known of
// it: of two edits that both have proofs, the first shall not come back.
func newer(object as.Doc, known thing) bool {
	var changed time.Time
	switch {
	case known.comment != nil:
		changed = known.comment.EditedAt
	case known.post != nil:
		changed = known.post.EditedAt
	}
	return changed.IsZero() || object.Time("updated").After(changed)
}

func (s *Server) corroborateDelete(ctx context.Context, r *received) error {
	id := r.doc.Ref("object")
	if id == r.actor {
		return nil // see deleteActor
	}
	if group, err := s.groupCalled(ctx, id); err != nil || group != nil {
		return err // see mayClose
	}
	found, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	if r.proven, err = s.proved(ctx, r.doc, r.actor); err != nil || r.proven {
		return err
	}
	author, err := s.DB.Actor(ctx, found.author())
	if err != nil || author.IRI != r.actor || r.doc.Has("summary") {
		return err // a moderator's removal: see mayModerate
	}
	return s.vanished(ctx, id)
}

// proved reports whether a document has a proof, not too old, by an actor
// whose word it claims to be (FEP-8b32). No proof, or one of a kind or an age
// that says nothing here, is no error; a wrong one is.
func (s *Server) proved(ctx context.Context, doc as.Doc, actor string) (bool, error) {
	p, err := proof.Of(doc)
	if err != nil || p == nil {
		return false, err
	}
	now := s.Now()
	if now.Sub(p.Created) > proofAge || !p.Expires.IsZero() && now.After(p.Expires) {
		return false, nil
	}
	if !as.SameHost(p.Method, actor) {
		return false, fault.New(fault.Forbidden, "The proof by %s is not by %s.", p.Method, actor)
	}
	k, fresh, err := s.listedKey(ctx, actor, p.Method)
	if fault.Is(err, fault.Unauthenticated) {
		return false, fault.Because(err, fault.Forbidden, "The proof by %s is not by %s, who lists no such key.", p.Method, actor)
	}
	if err != nil {
		return false, err
	}
	if err = fits(p, k, now); err == nil || fresh {
		return err == nil, err
	}
	// The key may have changed since we read it.
	if k, fetchErr := s.fetchKey(ctx, actor, p.Method); fetchErr == nil {
		err = fits(p, k, now)
	}
	return err == nil, err
}

// fits reports why a key did not make a proof, or may not make any.
func fits(p *proof.Proof, k publicKey, now time.Time) error {
	key, ok := k.key.(ed25519.PublicKey)
	if !ok || !k.asserts {
		return fault.New(fault.Forbidden, "The key %s is not one for proofs.", p.Method)
	}
	return p.Verify(key, now)
}
