package federation

import (
	"context"
	"encoding/json"

	"drystone/community"
	"drystone/federation/as"
)

// What is said about who follows whom concerns two actors and nobody else: it
// goes to the other's own inbox, and its id answers nobody.

// memberAsked tells a group elsewhere that somebody here wants to join.
func (t *teller) memberAsked(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil || !sc.by.Local() || sc.group.Local() {
		return err
	}
	if said, err := t.known(ctx, f.IRI); err != nil || said != nil {
		return err
	}
	return t.privately(ctx, sc, as.KindFollow, f.IRI, sc.by, sc.group, sc.follow(f.IRI))
}

// memberLeft tells a group elsewhere that somebody here has left, or never
// was there.
func (t *teller) memberLeft(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil || !sc.by.Local() || sc.group.Local() {
		return err
	}
	follow, err := marshal(sc.follow(f.IRI))
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUndo)
	return t.privately(ctx, sc, as.KindUndo, iri, sc.by, sc.group, as.Undo{
		ID: iri, Actor: sc.by.IRI, Object: as.WithoutContext(follow), To: []string{sc.group.IRI}, CC: []string{},
	})
}

// feedFollowed asks a feed elsewhere for word of its changes; feedLeft wants no
// more of it. A feed is where a group would be.
func (t *teller) feedFollowed(ctx context.Context, f community.Fact) error {
	return t.memberAsked(ctx, f)
}

func (t *teller) feedLeft(ctx context.Context, f community.Fact) error { return t.memberLeft(ctx, f) }

// personFollowed asks a person elsewhere, who is where a group would be, and
// personUnfollowed takes that back.
func (t *teller) personFollowed(ctx context.Context, f community.Fact) error {
	return t.memberAsked(ctx, f)
}

func (t *teller) personUnfollowed(ctx context.Context, f community.Fact) error {
	return t.memberLeft(ctx, f)
}

// memberJoined accepts a Follow of a group here.
func (t *teller) memberJoined(ctx context.Context, f community.Fact) error {
	return t.answer(ctx, f, as.KindAccept, func(a as.Activity) document { return as.Accept(a) })
}

// memberRefused rejects one; later too, which is how a member is put out.
func (t *teller) memberRefused(ctx context.Context, f community.Fact) error {
	return t.answer(ctx, f, as.KindReject, func(a as.Activity) document { return as.Reject(a) })
}

// followerJoined accepts a Follow of a person here.
func (t *teller) followerJoined(ctx context.Context, f community.Fact) error {
	return t.memberJoined(ctx, f) // the person is where a group would be
}

// answer answers a Follow by somebody elsewhere. Lemmy, Mbin and PieFed want
// the Follow itself, Mastodon its id: both are in what was received.
func (t *teller) answer(ctx context.Context, f community.Fact, kind string, as2 func(as.Activity) document) error {
	if f.TargetID != 0 { // a moderator decided about them
		f.ActorID = f.TargetID
	}
	sc, err := t.scene(f)
	if err != nil || sc.by.Local() || !sc.group.Local() {
		return err
	}
	follow := json.RawMessage(f.Raw)
	if len(follow) == 0 {
		written, err := marshal(sc.follow(f.IRI))
		if err != nil {
			return err
		}
		follow = as.WithoutContext(written)
	}
	iri := t.s.mint(kind)
	return t.privately(ctx, sc, kind, iri, sc.group, sc.by, as2(as.Activity{
		ID: iri, Actor: sc.group.IRI, Object: follow, To: []string{sc.by.IRI}, CC: []string{},
	}))
}

// follow is a Follow of the scene's group by its actor.
func (sc scene) follow(iri string) as.Follow {
	return as.Follow{ID: iri, Actor: sc.by.IRI, Object: as.ObjectID(sc.group.IRI), To: []string{sc.group.IRI}, CC: []string{}}
}

// privately sends a document from one actor to another.
func (t *teller) privately(ctx context.Context, sc scene, kind, iri string, from, to *community.Actor, d document) error {
	body, err := marshal(d)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{IRI: iri, ActorID: from.ID, Kind: kind, Body: body, Lane: sc.lane}, directly(to))
}
