package federation

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// memberBanned tells that somebody is banned from a group. What was removed
// with it is in the Block; microblogs, which do not understand that, get the
// group's boosts of it taken back.
func (t *teller) memberBanned(ctx context.Context, f community.Fact) error {
	sc, person, err := t.aboutPerson(f)
	if err != nil {
		return err
	}
	if err := t.unboostAll(ctx, sc.by, f); err != nil {
		return err
	}
	hears, err := t.concerned(ctx, sc, person)
	if err != nil {
		return err
	}
	return t.moderate(ctx, sc, f, as.KindBlock, nameOf(f), hears, func(iri string) document { return sc.block(iri, person, f) })
}

// memberUnbanned tells that they may write there again. What comes back is
// not boosted again: it would be old news, and a lot of it.
func (t *teller) memberUnbanned(ctx context.Context, f community.Fact) error {
	sc, person, err := t.aboutPerson(f)
	if err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	hears, err := t.concerned(ctx, sc, person)
	if err != nil {
		return err
	}
	return t.takeBack(ctx, sc, as.KindBlock, nameOf(f), as.Activity{RestoreData: f.Value == 1}, hears, func(iri string) document {
		return sc.block(iri, person, community.Fact{Until: community.Forever})
	})
}

func (sc scene) block(iri string, person *community.Actor, f community.Fact) as.Block {
	a := sc.envelope(iri, as.ObjectID(person.IRI))
	a.Target = sc.group.IRI
	return as.Block(ban(a, f))
}

// unboostAll takes back the boosts of what a ban took down.
func (t *teller) unboostAll(ctx context.Context, by *community.Actor, f community.Fact) error {
	if f.Value != 1 {
		return nil
	}
	posts, _, err := t.tx.RemovedIn(ctx, community.DecisionID(f.ItemID))
	if err != nil {
		return err
	}
	for _, post := range posts {
		if !post.Local {
			continue
		}
		group := t.actors[post.GroupID]
		if group == nil {
			if group, err = t.tx.Actor(ctx, post.GroupID); err != nil {
				return err
			}
			t.actors[group.ID] = group
		}
		sc := scene{by: by, group: group, at: f.At, lane: lane(post.Subject())}
		if err := t.unboost(ctx, sc, writing{iri: post.IRI, name: fmt.Sprintf("post-%d", post.ID), post: post}); err != nil {
			return err
		}
	}
	return nil
}

// personBanned tells that an admin banned somebody from this server.
func (t *teller) personBanned(ctx context.Context, f community.Fact) error {
	by, person, err := t.siteBan(f)
	if err != nil || by == nil {
		return err
	}
	if err := t.unboostAll(ctx, by, f); err != nil {
		return err
	}
	_, iri, err := t.numbered(ctx, as.KindBlock, siteName(f))
	if err != nil {
		return err
	}
	body, err := marshal(t.s.siteBlock(iri, by, person, f))
	if err != nil {
		return err
	}
	return t.everywhere(ctx, by, as.KindBlock, iri, body)
}

// personUnbanned tells that they are welcome again.
func (t *teller) personUnbanned(ctx context.Context, f community.Fact) error {
	by, person, err := t.siteBan(f)
	if err != nil || by == nil {
		return err
	}
	last, next, err := t.numbered(ctx, as.KindBlock, siteName(f))
	if err != nil {
		return err
	}
	var block []byte
	if last != nil && last.ActorID == by.ID {
		block = last.Body
	} else if block, err = marshal(t.s.siteBlock(next, by, person, community.Fact{Until: community.Forever, At: f.At})); err != nil {
		return err
	}
	iri := t.s.mint(as.KindUndo)
	body, err := marshal(as.Undo{
		ID: iri, Actor: by.IRI, Object: as.WithoutContext(block), To: []string{as.Public}, CC: []string{},
		RestoreData: f.Value == 1, Published: f.At,
	})
	if err != nil {
		return err
	}
	return t.everywhere(ctx, by, as.KindUndo, iri, body)
}

// siteBan finds who bans whom from this server; nobody where another server
// did.
func (t *teller) siteBan(f community.Fact) (by, person *community.Actor, err error) {
	by, person = t.actors[f.ActorID], t.actors[f.TargetID]
	switch {
	case by == nil || person == nil:
		return nil, nil, fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	case !by.Local() || f.IRI != "":
		return nil, nil, nil
	}
	return by, person, nil
}

func siteName(f community.Fact) string { return fmt.Sprintf("person-%d", f.TargetID) }

func (s *Server) siteBlock(iri string, by, person *community.Actor, f community.Fact) as.Block {
	return as.Block(ban(as.Activity{
		ID: iri, Actor: by.IRI, Object: as.ObjectID(person.IRI), Target: s.Origin + "/",
		To: []string{as.Public}, CC: []string{}, Published: f.At,
	}, f))
}

// ban fills in why, until when, and what goes with it. Lemmy and Mbin each
// know one name for the end; where there is none, neither is written.
func ban(a as.Activity, f community.Fact) as.Activity {
	if f.Reason != "" {
		a.Summary = &f.Reason
	}
	if f.Until.Before(community.Forever) {
		a.Ends = f.Until
	}
	a.RemoveData = f.Value == 1
	return a
}

// everywhere says something that concerns the whole server to every server that
// we know and that is aware of groups: others have no use for it.
func (t *teller) everywhere(ctx context.Context, by *community.Actor, kind, iri string, body []byte) error {
	to := everybody
	to.form = community.Aware
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: by.ID, Kind: kind, Body: body, Public: true,
		Lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(by.ID)}),
	}, to)
}
