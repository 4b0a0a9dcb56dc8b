package federation

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// personBlocked tells the server of somebody elsewhere that a person here does
// not want to hear from them. Only microblogs know such a Block, and keep the
// two apart: to Lemmy and its kin a Block is a ban, so they do not hear of it.
// The blocker chose that the server may know; some show it.
func (t *teller) personBlocked(ctx context.Context, f community.Fact) error {
	by, person, err := t.toldOfBlock(ctx, f)
	if err != nil || by == nil {
		return err
	}
	_, iri, err := t.numbered(ctx, as.KindBlock, apart(f))
	if err != nil {
		return err
	}
	return t.sendLetter(ctx, by, person, iri, as.KindBlock, personalBlock(iri, by, person))
}

// personUnblocked takes that back.
func (t *teller) personUnblocked(ctx context.Context, f community.Fact) error {
	by, person, err := t.toldOfBlock(ctx, f)
	if err != nil || by == nil {
		return err
	}
	last, _, err := t.numbered(ctx, as.KindBlock, apart(f))
	if err != nil || last == nil {
		return err // nobody heard of it
	}
	iri := t.s.mint(as.KindUndo)
	return t.sendLetter(ctx, by, person, iri, as.KindUndo, as.Undo{
		ID: iri, Actor: by.IRI, Object: as.WithoutContext(last.Body), To: []string{person.IRI}, CC: []string{}, Published: f.At,
	})
}

// toldOfBlock finds who blocks whom; nobody where the other's server makes
// nothing of it, or something else.
func (t *teller) toldOfBlock(ctx context.Context, f community.Fact) (by, person *community.Actor, err error) {
	by, person = t.actors[f.ActorID], t.actors[f.TargetID]
	if by == nil || person == nil {
		return nil, nil, fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	if !by.Local() || person.Local() {
		return nil, nil, nil
	}
	peer, err := t.peerRow(ctx, person)
	if err != nil || peer.Forms() != community.Boosted {
		return nil, nil, err
	}
	return by, person, nil
}

// apart names what a person says of another one whom they block.
func apart(f community.Fact) string { return fmt.Sprintf("personal-%d-%d", f.ActorID, f.TargetID) }

// personalBlock is as Mastodon writes it: without a target, which would make a
// ban of it, without a reason, and to nobody but the one whom it is about.
func personalBlock(iri string, by, person *community.Actor) as.Block {
	return as.Block{ID: iri, Actor: by.IRI, Object: as.ObjectID(person.IRI), To: []string{person.IRI}, CC: []string{}}
}
