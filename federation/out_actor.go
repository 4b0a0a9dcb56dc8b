package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// groupEdited tells of a group's new description: by the group itself, which
// is what an actor's server sends to everybody who knows the actor; and, as
// Lemmy has it, by the moderator who wrote it, announced by the group.
func (t *teller) groupEdited(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil || !sc.group.Local() || !sc.group.IsGroup() {
		return err
	}
	group, err := t.described(ctx, sc.group)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUpdate)
	body, err := marshal(as.Update{
		ID: iri, Actor: sc.group.IRI, Object: group, To: []string{as.Public},
		CC: []string{followersOf(sc.group)}, Audience: sc.group.IRI, Published: f.At,
	})
	if err != nil {
		return err
	}
	err = t.append(ctx, community.Activity{
		IRI: iri, ActorID: sc.group.ID, Kind: as.KindUpdate, Body: body, Public: true, Lane: sc.lane,
	}, followers(sc.group, 0))
	if err != nil || sc.by.ID == sc.group.ID {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	iri = t.s.mint(as.KindUpdate)
	if body, err = marshal(as.Update(sc.envelope(iri, group))); err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindUpdate, iri: iri, body: body})
}

// personEdited tells a person's followers, and the groups elsewhere that they
// joined, of their new profile.
func (t *teller) personEdited(ctx context.Context, f community.Fact) error {
	person := t.actors[f.ActorID]
	if person == nil {
		return fault.New(fault.NotFound, "Actor %d is gone.", f.ActorID)
	}
	if !person.Local() || person.Gone() {
		return nil
	}
	object, err := t.described(ctx, person)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUpdate)
	body, err := marshal(as.Update{
		ID: iri, Actor: person.IRI, Object: object, To: []string{as.Public},
		CC: []string{followersOf(person)}, Published: f.At,
	})
	if err != nil {
		return err
	}
	joined, err := t.tx.Joined(ctx, person.ID)
	if err != nil {
		return err
	}
	to := []destination{followers(person, 0)}
	told := map[string]bool{} // a server needs it once
	for _, group := range joined {
		if !group.Local() && !told[group.Host] {
			told[group.Host] = true
			to = append(to, directly(group))
		}
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: person.ID, Kind: as.KindUpdate, Body: body, Public: true,
		Lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(person.ID)}),
	}, to...)
}

// described is an actor of ours as an Update holds it: with a context of its
// own, since what an actor says has words that nothing else has.
func (t *teller) described(ctx context.Context, a *community.Actor) ([]byte, error) {
	d, err := t.s.described(ctx, t.tx, a)
	if err != nil {
		return nil, err
	}
	return marshal(d)
}

// actorMoved tells who follows somebody of ours, or a group, where they live
// now; the server where that is, which may have something for them; and the
// groups elsewhere to which they belong, so that roles and bans there go along.
// Of those that we know, Mastodon and its kin follow them there; the rest
// reads movedTo in the Update that is told beside. Lemmy takes no Move.
func (t *teller) actorMoved(ctx context.Context, f community.Fact) error {
	who, target := t.actors[f.ActorID], t.actors[f.TargetID]
	if who == nil || target == nil {
		return fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	if !who.Local() || who.Gone() {
		return nil
	}
	iri := t.s.mint(as.KindMove)
	body, err := marshal(as.Move{
		ID: iri, Actor: who.IRI, Object: as.ObjectID(who.IRI), Target: target.IRI, To: []string{followersOf(who)}, CC: []string{as.Public},
	})
	if err != nil {
		return err
	}
	to, err := t.houses(ctx, who, target)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: who.ID, Kind: as.KindMove, Body: body, Public: true,
		Lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(who.ID)}),
	}, to...)
}

// houses are those who are told that who lives at target now.
func (t *teller) houses(ctx context.Context, who, target *community.Actor) ([]destination, error) {
	to := []destination{followers(who, 0)}
	joined, err := t.tx.Joined(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{"": true} // a server needs it once, and ours not at all
	for _, a := range append([]*community.Actor{target}, joined...) {
		if told[a.Host] {
			continue
		}
		told[a.Host] = true
		peer, err := t.tx.PeerByHost(ctx, a.Host, community.Timestamp(t.s.Now()))
		if err != nil {
			return nil, err
		}
		if peer.TakesMoves() {
			to = append(to, directly(a))
		}
	}
	return to, nil
}
