package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// saveRoutes is the part of the table of contents about what one keeps for
// later.
func (a *API) saveRoutes() {
	const notFound, conflict = fault.NotFound, fault.Conflict

	s := section("Saved")
	handle(a, s.get("/me/saved", "listSaved", "What I keep for later").signedIn().
		says("Newest first. What is gone, and what the caller may not read any more or keeps away, stays out."), a.Saved)
	do(a, s.put("/posts/{id}/saved", "savePost", "Keep a post for later").signedIn().limited(a.limits.vote).fails(notFound, conflict).
		says("Only the caller sees it. To keep it again changes nothing."), a.savePost)
	do(a, s.delete("/posts/{id}/saved", "unsavePost", "Keep a post no longer").signedIn(), a.unsavePost)
	do(a, s.put("/comments/{id}/saved", "saveComment", "Keep a comment for later").signedIn().limited(a.limits.vote).fails(notFound, conflict), a.saveComment)
	do(a, s.delete("/comments/{id}/saved", "unsaveComment", "Keep a comment no longer").signedIn(), a.unsaveComment)
}

// A Saved is something that the caller keeps: a post or a comment.
type Saved struct {
	ID      int64     `json:"id"`
	Post    *Post     `json:"post,omitempty"`
	Comment *Comment  `json:"comment,omitempty"`
	SavedAt time.Time `json:"saved_at"`
}

func savedOf(v *community.SavedView) Saved {
	s := Saved{ID: int64(v.ID), SavedAt: instant(v.CreatedAt)}
	if v.Post != nil {
		post := postOf(v.Post)
		s.Post = &post
	}
	if v.Comment != nil {
		comment := strayOf(v.Comment)
		s.Comment = &comment
	}
	return s
}

// SavedQuery asks for what the caller keeps.
type SavedQuery struct{ Paging }

// Saved lists what the caller keeps.
func (a *API) Saved(ctx context.Context, c *Caller, q *SavedQuery) (List[Saved], error) {
	rows, next, err := a.Saves.List(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, savedOf), err
}

func (a *API) savePost(ctx context.Context, c *Caller, req *PostPath) error {
	_, err := a.Saves.Keep(ctx, c.Who.Actor, community.Subject{Kind: community.SubjectPost, ID: req.ID})
	return err
}

func (a *API) unsavePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Saves.Drop(ctx, c.Who.Actor, community.Subject{Kind: community.SubjectPost, ID: req.ID})
}

func (a *API) saveComment(ctx context.Context, c *Caller, req *CommentPath) error {
	_, err := a.Saves.Keep(ctx, c.Who.Actor, community.Subject{Kind: community.SubjectComment, ID: req.ID})
	return err
}

func (a *API) unsaveComment(ctx context.Context, c *Caller, req *CommentPath) error {
	return a.Saves.Drop(ctx, c.Who.Actor, community.Subject{Kind: community.SubjectComment, ID: req.ID})
}
