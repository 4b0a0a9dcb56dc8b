package v1

import (
	"context"
	"time"

	"drystone/community"
)

// A Poll is a choice that a post offers, as the caller sees it.
type Poll struct {
	Options  []PollOption `json:"options"`
	Multiple bool         `json:"multiple" doc:"Whether more than one option can be chosen."`
	ClosesAt *time.Time   `json:"closes_at" doc:"Null: it stays open."`
	Closed   bool         `json:"closed"`
	Voters   int64        `json:"voters" doc:"How many people voted."`
	Voted    bool         `json:"voted" doc:"Whether the caller did. Show counts to those who cannot vote, or who ask."`
	CanVote  bool         `json:"can_vote"`
}

// A PollOption is one thing to choose.
type PollOption struct {
	ID    int64  `json:"id" example:"3"`
	Text  string `json:"text" example:"Saturday"`
	Votes int64  `json:"votes"`
	Mine  bool   `json:"mine" doc:"Whether the caller chose it."`
}

func pollOf(v *community.PollView) *Poll {
	if v == nil {
		return nil
	}
	p := &Poll{
		Options: make([]PollOption, len(v.Options)), Multiple: v.Multiple, ClosesAt: maybe(v.ClosesAt), Closed: v.Closed,
		Voters: v.Voters, Voted: len(v.Mine) > 0, CanVote: v.CanVote,
	}
	for i, o := range v.Options {
		p.Options[i] = PollOption{ID: int64(o.ID), Text: o.Text, Votes: o.Votes, Mine: v.Mine[o.ID]}
	}
	return p
}

// PollDraft is a poll to be published in a post.
type PollDraft struct {
	Options  []string   `json:"options" minItems:"2" maxItems:"12" doc:"At most 100 characters each." example:"[\"Saturday\",\"Sunday\"]"`
	Multiple bool       `json:"multiple,omitempty" doc:"Whether more than one option can be chosen."`
	ClosesIn int64      `json:"closes_in,omitempty" minimum:"0" doc:"In seconds: five minutes to a year, a week if neither this nor closes_at is given." example:"86400"`
	ClosesAt *time.Time `json:"closes_at,omitempty" doc:"Counts before closes_in."`
}

// poll is the draft in our words.
func (d *PollDraft) poll(now time.Time) *community.Poll {
	if d == nil {
		return nil
	}
	p := &community.Poll{Multiple: d.Multiple}
	switch {
	case d.ClosesAt != nil:
		p.ClosesAt = community.Timestamp(*d.ClosesAt)
	case d.ClosesIn > 0:
		p.ClosesAt = community.Timestamp(now.Add(time.Duration(min(d.ClosesIn, 2*int64(community.MaxPollTime.Seconds()))) * time.Second))
	}
	for _, text := range d.Options {
		p.Options = append(p.Options, community.PollOption{Text: text})
	}
	return p
}

type votePollRequest struct {
	PostPath
	Body Ballot
}

// Ballot is what the caller chooses in a poll.
type Ballot struct {
	Options []int64 `json:"options" minItems:"1" maxItems:"40" doc:"Ids of options: one, or more where the poll allows it."`
}

func (a *API) votePoll(ctx context.Context, c *Caller, req *votePollRequest) (Post, error) {
	chosen := make([]community.OptionID, len(req.Body.Options))
	for i, id := range req.Body.Options {
		chosen[i] = community.OptionID(id)
	}
	if err := a.Posts.VotePoll(ctx, c.Who.Actor, req.id(), chosen, community.Origin{}); err != nil {
		return Post{}, err
	}
	return a.Post(ctx, c, &req.PostPath)
}

type chooseAnswerRequest struct {
	PostPath
	Body Chosen
}

// Chosen names the comment that answers a post.
type Chosen struct {
	CommentID int64 `json:"comment_id" example:"9"`
}

func (a *API) chooseAnswer(ctx context.Context, c *Caller, req *chooseAnswerRequest) (Post, error) {
	err := a.Posts.ChooseAnswer(ctx, c.Who.Actor, req.id(), community.CommentID(req.Body.CommentID), community.Origin{})
	if err != nil {
		return Post{}, err
	}
	return a.Post(ctx, c, &req.PostPath)
}

func (a *API) withdrawAnswer(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Posts.WithdrawAnswer(ctx, c.Who.Actor, req.id(), 0, community.Origin{})
}
