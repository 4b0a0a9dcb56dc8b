package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// readingRoutes is the part of the table of contents about what one has read.
func (a *API) readingRoutes() {
	s := section("Comments")
	handle(a, s.get("/posts/{id}/comments/new", "listNewComments", "Read what came into a thread after a comment").fails(fault.NotFound).
		says("In the order in which it came here. For more, ask again after the last of these."), a.Since)
	s = section("Reading")
	handle(a, s.put("/posts/{id}/reading", "readPost", "Say that I read a post, and how far").signedIn().limited(a.limits.vote).fails(fault.NotFound).
		says("Only the caller sees it. Nobody reads back: whoever read further before stays there."), a.readPost)
	do(a, s.delete("/posts/{id}/reading", "unreadPost", "Say that I did not read a post").signedIn().limited(a.limits.vote), a.unreadPost)
}

// Reading is how far the caller read in a thread.
type Reading struct {
	Through int64     `json:"through" doc:"The newest comment that was there; comments that came later have higher ids. 0: nobody had answered."`
	ReadAt  time.Time `json:"read_at" doc:"When the caller was there last."`
	Fresh   int       `json:"fresh" doc:"How many answers by others came since, at most 100."`
}

func readingOf(r *community.Reading) *Reading {
	if r == nil {
		return nil
	}
	return &Reading{Through: int64(r.Through), ReadAt: instant(r.ReadAt), Fresh: r.Fresh}
}

type readPostRequest struct {
	PostPath
	Body struct {
		Through int64 `json:"through,omitempty" minimum:"0" doc:"The newest comment that was shown; left out, all that is there now."`
	}
}

func (a *API) readPost(ctx context.Context, c *Caller, req *readPostRequest) (Reading, error) {
	r, err := a.Readings.Mark(ctx, c.Who.Actor, req.id(), community.CommentID(req.Body.Through))
	if err != nil {
		return Reading{}, err
	}
	return *readingOf(r), nil
}

func (a *API) unreadPost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Readings.Forget(ctx, c.Who.Actor, req.id())
}
