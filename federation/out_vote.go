package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// voteCast tells of a vote. Nobody is told twice: peers count a new vote
// instead of the one before it, so only a vote taken back is undone.
func (t *teller) voteCast(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil || f.Value == f.Previous {
		return err
	}
	if sc.by.Local() {
		return t.ownVote(ctx, sc, f)
	}
	if heard, err := t.hasAudience(ctx, sc.group.ID); err != nil || !heard {
		return err
	}
	return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
}

// ownVote tells of a vote by somebody here.
func (t *teller) ownVote(ctx context.Context, sc scene, f community.Fact) error {
	object, author, err := t.votedOn(f)
	if err != nil {
		return err
	}
	var hears []*community.Actor
	if author != nil && sc.group.Local() && (f.Value > 0 || f.Previous > 0) {
		// A favourite is seen by its author, wherever they live, and so is
		// its end. No microblog knows of votes against.
		hears = t.elsewhere(sc, []*community.Actor{author})
	}
	if f.Value == 0 {
		return t.unvote(ctx, sc, f, object, hears)
	}
	if said, err := t.known(ctx, f.IRI); err != nil || said != nil {
		return err
	}
	if f.Value < 0 {
		if err := t.unfavourite(ctx, sc, f, object, hears); err != nil {
			return err
		}
		hears = nil
	}
	kind, vote := sc.vote(f.Value, f.IRI, object)
	body, err := marshal(vote)
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: kind, iri: f.IRI, body: body, hears: hears})
}

// unvote takes a vote back. What it was is written again: its id is the same,
// and votes are the same for everybody.
func (t *teller) unvote(ctx context.Context, sc scene, f community.Fact, object string, hears []*community.Actor) error {
	iri, body, err := t.undo(sc, f.Previous, f.IRI, object)
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindUndo, iri: iri, body: body, hears: hears})
}

// unfavourite tells an author elsewhere that a favourite has become a vote
// against, in the one way that a microblog understands.
func (t *teller) unfavourite(ctx context.Context, sc scene, f community.Fact, object string, hears []*community.Actor) error {
	if len(hears) == 0 {
		return nil
	}
	// The id of the favourite is forgotten by now, and no peer asks for it.
	iri, body, err := t.undo(sc, f.Previous, "", object)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: sc.by.ID, Kind: as.KindUndo, Body: body, Lane: sc.lane,
	}, directly(hears[0]))
}

// undo writes an Undo of a vote.
func (t *teller) undo(sc scene, value int, vote, object string) (iri string, _ []byte, err error) {
	_, undone := sc.vote(value, vote, object)
	inner, err := marshal(undone)
	if err != nil {
		return "", nil, err
	}
	iri = t.s.mint(as.KindUndo)
	body, err := marshal(as.Undo(sc.envelope(iri, as.WithoutContext(inner))))
	return iri, body, err
}

// vote is a Like or a Dislike of object.
func (sc scene) vote(value int, iri, object string) (kind string, _ document) {
	a := sc.envelope(iri, as.ObjectID(object))
	if value > 0 {
		return as.KindLike, as.Like(a)
	}
	return as.KindDislike, as.Dislike(a)
}

// votedOn finds what a vote is on, and who wrote it.
func (t *teller) votedOn(f community.Fact) (iri string, author *community.Actor, err error) {
	if c := t.comments[f.CommentID]; c != nil {
		return c.IRI, t.actors[c.AuthorID], nil
	}
	if p := t.posts[f.PostID]; p != nil && f.CommentID == 0 {
		return p.IRI, t.actors[p.AuthorID], nil
	}
	return "", nil, fault.New(fault.NotFound, "What fact %d voted on is gone.", f.ID)
}
