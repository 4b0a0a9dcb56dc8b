package v1

import (
	"context"

	"drystone/community"
)

// A Vote is how a post or comment stands after the caller's vote.
type Vote struct {
	Score  int64 `json:"score"`
	Ups    int64 `json:"ups"`
	Downs  int64 `json:"downs"`
	MyVote int   `json:"my_vote" enum:"-1,0,1"`
}

// Choice is a vote to be cast.
type Choice struct {
	Value int `json:"value" doc:"1, -1, or 0 to take the vote back." example:"1"`
}

type votePostRequest struct {
	PostPath
	Body Choice
}

func (a *API) votePost(ctx context.Context, c *Caller, req *votePostRequest) (Vote, error) {
	return a.vote(ctx, c, community.Subject{Kind: community.SubjectPost, ID: req.ID}, req.Body)
}

type voteCommentRequest struct {
	CommentPath
	Body Choice
}

func (a *API) voteComment(ctx context.Context, c *Caller, req *voteCommentRequest) (Vote, error) {
	return a.vote(ctx, c, community.Subject{Kind: community.SubjectComment, ID: req.ID}, req.Body)
}

func (a *API) vote(ctx context.Context, c *Caller, about community.Subject, choice Choice) (Vote, error) {
	t, err := a.Votes.Cast(ctx, c.Who.Actor, about, choice.Value, community.Origin{})
	if err != nil {
		return Vote{}, err
	}
	return Vote{Score: t.Score, Ups: t.Ups, Downs: t.Downs, MyVote: t.MyVote}, nil
}
