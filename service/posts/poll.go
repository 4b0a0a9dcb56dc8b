package posts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// VotePoll has by choose options of the poll in a post. What was chosen
// stays: nobody can take it back, or look first.
func (s *Service) VotePoll(ctx context.Context, by *community.Actor, id community.PostID, chosen []community.OptionID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.VotePoll(%s in %d)", by.Handle(), id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayVote(ctx, tx, by, post); err != nil {
			return err
		}
		poll, err := tx.Poll(ctx, id)
		if err != nil {
			return err
		}
		mine, err := tx.PollVotesBy(ctx, by.ID, []community.PostID{id})
		if err != nil {
			return err
		}
		before := mine[id]
		if err := poll.MayVote(chosen, before, from.Here(), s.now()); err != nil {
			return err
		}
		if err := tx.AddPollVotes(ctx, poll, by.ID, chosen, len(before) == 0, s.now()); err != nil {
			return err
		}
		// Who chose what is between them and the author: what was received is
		// kept only if it has to be passed on to the author's server.
		author, err := tx.Actor(ctx, post.AuthorID)
		if err != nil {
			return err
		}
		if author.Local() {
			from.Activity = nil
		}
		for _, option := range chosen {
			fact := s.fact(community.PollVoted, by, post, from)
			fact.ItemID = int64(option)
			if err := tx.Record(ctx, fact); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) mayVote(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post) error {
	group, err := tx.Actor(ctx, post.GroupID)
	if err != nil {
		return err
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	if err := group.Admits(by, m); err != nil {
		return err
	}
	if post.Hidden() {
		return fault.New(fault.NotFound, "This post is gone.")
	}
	if err := s.welcome(ctx, tx, by, group); err != nil {
		return err
	}
	return m.MayPost(group, s.now())
}

// mostPolls bounds how many polls are turned at once: the rest has its turn
// the next time.
const mostPolls = 200

// TurnPolls notices which polls are over, and says which of those that we
// count have counts to be told. They are not told more often than every
// pause: a popular poll would flood its followers.
func (s *Service) TurnPolls(ctx context.Context, pause time.Duration) (err error) {
	defer fault.Wrap(&err, "posts.TurnPolls")
	over, err := s.DB.PollsToEnd(ctx, s.now(), mostPolls)
	if err != nil {
		return err
	}
	for _, id := range over {
		if err := s.turnPoll(ctx, id, community.PollEnded); err != nil {
			return err
		}
	}
	changed, err := s.DB.PollsToTell(ctx, s.now().Add(-pause), mostPolls)
	if err != nil {
		return err
	}
	for _, id := range changed {
		if err := s.turnPoll(ctx, id, community.PollCounted); err != nil {
			return err
		}
	}
	return nil
}

// turnPoll records that a poll ended or that its counts changed. Both tell
// the counts.
func (s *Service) turnPoll(ctx context.Context, id community.PostID, kind community.FactKind) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		poll, err := tx.Poll(ctx, id)
		if err != nil {
			return unlessAbsent(err) // deleted meanwhile
		}
		ended := kind == community.PollEnded
		if ended && !poll.EndedAt.IsZero() || !ended && poll.ChangedAt.IsZero() {
			return nil // another process was faster
		}
		poll.ToldAt, poll.ChangedAt = s.now(), time.Time{}
		if ended {
			poll.EndedAt = s.now()
		}
		if err := tx.PollTold(ctx, poll); err != nil || post.Hidden() {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: kind, ActorID: post.AuthorID, GroupID: post.GroupID, PostID: id, At: s.now()})
	})
}

func unlessAbsent(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// takesPolls reports why nobody can begin a poll in a group: it may live with
// software that refuses them.
func takesPolls(ctx context.Context, tx *storage.DB, group *community.Actor) error {
	if group.Local() || group.PeerID == 0 {
		return nil
	}
	peer, err := tx.Peer(ctx, group.PeerID)
	if err != nil || peer.TakesPolls() {
		return unlessAbsent(err)
	}
	return fault.Field("poll", "%s lives on a server without polls. Ask in a text instead.", group.Handle())
}

// attach stores what a post is beside its text: a poll, an event, and what it
// quotes.
func (s *Service) attach(ctx context.Context, tx *storage.DB, by, group *community.Actor, post *community.Post, draft Draft) error {
	if err := attachEvent(ctx, tx, by, group, post, draft.Event); err != nil {
		return err
	}
	if err := s.illustrate(ctx, tx, by, frame{post: post.ID, html: post.HTML}, draft); err != nil {
		return err
	}
	if err := tx.AddTags(ctx, post, tagsOf(by, post, draft.Tags)); err != nil {
		return err
	}
	if err := s.lookAt(ctx, tx, group, post.Link); err != nil {
		return err
	}
	if err := s.cite(ctx, tx, by, group, &community.Citation{PostID: post.ID}, post.IRI, draft.Quotes); err != nil || draft.Poll == nil {
		return err
	}
	if by.Local() {
		if err := takesPolls(ctx, tx, group); err != nil {
			return err
		}
	}
	draft.Poll.PostID, draft.Poll.Ours, draft.Poll.ToldAt = post.ID, by.Local(), s.now()
	return tx.AddPoll(ctx, draft.Poll)
}

// fitted checks what a draft is beside its text, and returns the kind that
// this makes the post.
func (s *Service) fitted(by *community.Actor, draft *Draft) (community.PostKind, error) {
	switch {
	case by.Local() && draft.asksTwice():
		return "", community.PollPost.CheckQuestion(draft.Question)
	case draft.Poll != nil && draft.Event != nil && by.Local():
		return "", fault.Field("event", "A post is a poll or an event, not both.")
	case draft.Event != nil && by.Local():
		return community.EventPost, draft.Event.Check()
	case draft.Poll != nil && by.Local():
		return community.PollPost, draft.Poll.Check(s.now())
	case draft.Poll != nil && draft.Poll.Fits():
		return community.PollPost, nil
	case draft.Event != nil && draft.Event.Fits():
		draft.Poll = nil
		return community.EventPost, nil
	}
	draft.Poll, draft.Event = nil, nil
	return draft.Kind, nil
}

// reattach stores what an author changed about what a post is beside
// its text. Where a poll asks for something else than before, what people
// chose is forgotten, as it is at its home.
func (s *Service) reattach(ctx context.Context, tx *storage.DB, post *community.Post, draft Draft) error {
	if draft.Event != nil {
		draft.Event.PostID = post.ID
		if err := tx.SaveEvent(ctx, draft.Event); err != nil {
			return err
		}
	}
	if draft.Poll == nil {
		return nil
	}
	poll := draft.Poll
	poll.PostID, poll.ToldAt = post.ID, s.now()
	known, err := tx.Poll(ctx, post.ID)
	if fault.Is(err, fault.NotFound) {
		return tx.AddPoll(ctx, poll)
	}
	if err != nil {
		return err
	}
	if !known.SameChoice(poll) {
		if err := tx.DropPoll(ctx, post.ID); err != nil {
			return err
		}
		return tx.AddPoll(ctx, poll)
	}
	for i := range poll.Options {
		poll.Options[i].ID = known.Options[i].ID
	}
	if poll.Closed(s.now()) {
		poll.EndedAt = known.EndedAt
	}
	return tx.SavePoll(ctx, poll)
}

// detach forgets what a post is beside its text.
func detach(ctx context.Context, tx *storage.DB, post *community.Post) error {
	if err := tx.DropPoll(ctx, post.ID); err != nil {
		return err
	}
	if err := tx.DropAttachmentsIn(ctx, post.ID, 0); err != nil {
		return err
	}
	if err := tx.DropTags(ctx, post.ID); err != nil {
		return err
	}
	return tx.DropEvent(ctx, post.ID)
}
