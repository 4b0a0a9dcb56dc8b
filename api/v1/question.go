package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// questionRoutes is the part of the table of contents about what is asked.
func (a *API) questionRoutes() {
	s := section("Questions")
	handle(a, s.get("/questions", "listQuestions", "List questions that wait for an answer").fails(fault.NotFound, fault.Forbidden).
		says("The oldest first, for those who answer."), a.Questions)
	handle(a, s.get("/groups/{group}/responses", "getResponses", "How soon people are answered in a group").signedIn().fails(fault.NotFound, fault.Forbidden).
		says("For those who may see how the group does."), a.responses)
}

// QuestionsQuery asks for questions that wait.
type QuestionsQuery struct {
	View  string `query:"view" enum:"home,all" default:"all" doc:"home: of the groups that the caller joined."`
	Group string `query:"group" maxLength:"300" doc:"Of this group alone, by its name or handle." example:"garden"`
	Want  string `query:"want" enum:"first,chosen" default:"first" doc:"first: nobody else has answered them at all; chosen: no answer was chosen yet."`
	Paging
}

// Questions lists questions that wait.
func (a *API) Questions(ctx context.Context, c *Caller, q *QuestionsQuery) (List[Post], error) {
	query := community.QuestionQuery{Unanswered: q.Want != "chosen", Page: q.page()}
	switch {
	case q.Group != "":
		g, err := a.findGroup(ctx, c, q.Group)
		if err != nil {
			return List[Post]{}, err
		}
		if g.Veiled {
			return List[Post]{}, fault.New(fault.Forbidden, "Only members read what is said in %s. Ask to join it.", g.DisplayName())
		}
		query.Group = g.ID
	case q.View == "home":
		if c.Who == nil {
			return List[Post]{}, fault.New(fault.Unauthenticated, "Sign in to see what is asked in the groups that you joined.")
		}
		query.Member = c.Who.Actor.ID
	}
	rows, next, err := a.Posts.Questions(ctx, c.Reader(), query)
	return listOf(rows, next, postOf), err
}

// Responses are how soon people are answered in a group.
type Responses struct {
	Days          int        `json:"days" doc:"How far back posts count." example:"30"`
	Posts         int        `json:"posts" doc:"Written in these days."`
	Answered      int        `json:"answered" doc:"Of these, by somebody else than who wrote them."`
	MedianSeconds int64      `json:"median_seconds" doc:"From a post to its first answer, for half of those that have one at most; 0 if none has." example:"5400"`
	Waiting       int        `json:"waiting" doc:"Questions of any age without a chosen answer."`
	OldestAt      *time.Time `json:"oldest_at" doc:"Since when the oldest of them waits."`
}

func (a *API) responses(ctx context.Context, c *Caller, req *GroupPath) (Responses, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Responses{}, err
	}
	r, err := a.Posts.Responses(ctx, c.Who.Actor, g.Actor)
	return Responses{
		Days: community.ResponseDays, Posts: r.Posts, Answered: r.Answered, MedianSeconds: int64(r.Median.Seconds()),
		Waiting: r.Waiting, OldestAt: maybe(r.Oldest),
	}, err
}
