package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// postMoved tells that a thread went from one group of ours to another. The
// one that it leaves announces PieFed's Move to its group-aware followers, says
// it to NodeBB in NodeBB's way, and takes its boost back from microblogs; the
// one that it enters shows the post to its followers, who may never have heard
// of it. Lemmy knows no Move, and takes no post by its id.
func (t *teller) postMoved(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, false)
	if err != nil {
		return err
	}
	enters := t.actors[f.TargetID]
	if enters == nil {
		return fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	if !sc.group.Local() {
		return nil // its server has told everybody
	}
	sc.extended = true
	err = t.moderate(ctx, sc, f, as.KindMove, w.name, nil, func(iri string) document { return sc.threadMove(iri, w, enters, f.Reason) })
	if err != nil {
		return err
	}
	if err := t.contextMoved(ctx, sc, w, enters); err != nil {
		return err
	}
	if err := t.unboost(ctx, sc, w); err != nil || w.hidden || enters.Closed() {
		return err
	}
	sc.group = enters
	_, iri, err := t.numbered(ctx, as.KindAnnounce, w.name)
	if err != nil {
		return err
	}
	return t.announce(ctx, sc, iri, as.ObjectID(w.iri), community.Extended|community.Boosted)
}

// contextMoved says it to NodeBB, which looks for the thread's context in a
// Move that nobody wraps, by anybody of the server of both groups: so the group
// says it, whoever decided.
func (t *teller) contextMoved(ctx context.Context, sc scene, w writing, enters *community.Actor) error {
	iri := t.s.mint(as.KindMove)
	body, err := marshal(as.Move{
		ID: iri, Actor: sc.group.IRI, Object: as.ObjectID(t.s.contextOf(w.post, sc.group)), Origin: sc.group.IRI, Target: enters.IRI,
		To: []string{as.Public}, CC: []string{followersOf(sc.group)}, Published: sc.at,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: sc.group.ID, Kind: as.KindMove, Body: body, Public: true, Lane: sc.lane,
	}, followers(sc.group, community.Contextual))
}

func (sc scene) threadMove(iri string, w writing, enters *community.Actor, reason string) as.Move {
	a := sc.envelope(iri, as.ObjectID(w.iri))
	a.Origin, a.Target = sc.group.IRI, enters.IRI
	if reason != "" {
		a.Summary = &reason
	}
	return as.Move(a)
}
