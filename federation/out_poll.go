package federation

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// pollVoted tells the author of a poll elsewhere, and nobody else, what
// somebody here chose. Votes in our people's polls are told as counts.
func (t *teller) pollVoted(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil {
		return err
	}
	post := t.posts[f.PostID]
	if post == nil {
		return fault.New(fault.NotFound, "Post %d is gone.", f.PostID)
	}
	author := t.actors[post.AuthorID]
	if author == nil || author.Local() {
		return nil
	}
	if !sc.by.Local() {
		return t.passBallot(ctx, sc, f, author)
	}
	poll, err := t.tx.Poll(ctx, post.ID)
	if err != nil {
		return err
	}
	for _, option := range poll.Options {
		if int64(option.ID) == f.ItemID {
			return t.sendBallot(ctx, sc, post, author, option)
		}
	}
	return fault.New(fault.NotFound, "The option of fact %d is gone.", f.ID)
}

// passBallot has a group of ours tell the author of a poll, and nobody else, of
// a PollVote: PieFed sends it to the group alone.
func (t *teller) passBallot(ctx context.Context, sc scene, f community.Fact, author *community.Actor) error {
	if !sc.group.Local() || len(f.Raw) == 0 || author.Host == sc.by.Host {
		return nil
	}
	forms, err := t.formsOf(ctx, author)
	if err != nil || forms&community.Extended == 0 {
		return err
	}
	iri := t.s.mint(as.KindAnnounce)
	body, err := marshal(t.s.announcement(sc.group, iri, f.Raw, sc.at)) // addressed as reports are, and delivered to one
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{IRI: iri, ActorID: sc.group.ID, Kind: as.KindAnnounce, Body: body, Lane: sc.lane}, directly(author))
}

func (t *teller) sendBallot(ctx context.Context, sc scene, post *community.Post, author *community.Actor, option community.PollOption) error {
	ballot, err := marshal(as.Ballot{
		ID: fmt.Sprintf("%s#votes/%d", sc.by.IRI, option.ID), AttributedTo: sc.by.IRI, InReplyTo: post.IRI, To: []string{author.IRI}, Name: option.Text,
	})
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindCreate)
	body, err := marshal(as.Create{
		ID: iri, Actor: sc.by.IRI, Object: as.WithoutContext(ballot), To: []string{author.IRI}, Published: sc.at,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{IRI: iri, ActorID: sc.by.ID, Kind: as.KindCreate, Body: body, Lane: sc.lane}, directly(author))
}

// pollCounted tells how a poll stands, also for the last time, to all who know
// it. It is an Update that does not say that something was edited.
func (t *teller) pollCounted(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, true)
	if err != nil {
		return err
	}
	return t.edited(ctx, sc, f, w)
}

// answerChosen tells which comment answers a post. Only group-aware peers know
// of it, and of those PieFed and Drystone.
func (t *teller) answerChosen(ctx context.Context, f community.Fact) error {
	sc, c, err := t.aboutAnswer(f)
	if err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	_, iri, err := t.numbered(ctx, as.KindChooseAnswer, fmt.Sprintf("comment-%d", c.ID))
	if err != nil {
		return err
	}
	body, err := marshal(sc.answer(iri, c))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindChooseAnswer, iri: iri, body: body})
}

// answerWithdrawn takes that back.
func (t *teller) answerWithdrawn(ctx context.Context, f community.Fact) error {
	sc, c, err := t.aboutAnswer(f)
	if err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	last, next, err := t.numbered(ctx, as.KindChooseAnswer, fmt.Sprintf("comment-%d", c.ID))
	if err != nil {
		return err
	}
	var chosen []byte
	if last != nil && last.ActorID == sc.by.ID {
		chosen = last.Body // with its proof
	} else {
		if chosen, err = marshal(sc.answer(next, c)); err != nil { // see restored
			return err
		}
		chosen = as.WithoutContext(chosen)
	}
	iri := t.s.mint(as.KindUndo)
	body, err := marshal(as.Undo(sc.envelope(iri, chosen)))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindUndo, iri: iri, body: body})
}

func (t *teller) aboutAnswer(f community.Fact) (scene, *community.Comment, error) {
	sc, err := t.scene(f)
	if err != nil {
		return sc, nil, err
	}
	sc.extended = true
	c := t.comments[f.CommentID]
	if c == nil {
		err = fault.New(fault.NotFound, "Comment %d is gone.", f.CommentID)
	}
	return sc, c, err
}

func (sc scene) answer(iri string, c *community.Comment) as.ChooseAnswer {
	return as.ChooseAnswer(sc.envelope(iri, as.ObjectID(c.IRI)))
}
