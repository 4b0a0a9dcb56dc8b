package v1

import (
	"context"
	"time"

	"drystone/community"
)

// A Decision is something that a moderator did.
type Decision struct {
	ID        int64              `json:"id"`
	Kind      community.FactKind `json:"kind" enum:"post_removed,post_restored,post_locked,post_unlocked,post_featured,post_unfeatured,post_marked,post_unmarked,post_moved,post_arrived,comment_removed,comment_restored,comment_locked,comment_unlocked,moderator_added,moderator_removed,member_banned,member_unbanned,group_handed_over,group_claimed,role_given,role_renewed,role_ended,role_expired"`
	Target    *Actor             `json:"target,omitempty" doc:"Whom it was done to, or whose it was done to; of a thread that moved, the other group."`
	Post      *NotedPost         `json:"post,omitempty"`
	Comment   *NotedComment      `json:"comment,omitempty"`
	Reason    string             `json:"reason,omitempty"`
	Role      string             `json:"role,omitempty" doc:"The name of the role that it is about."`
	Until     *time.Time         `json:"until" doc:"When a ban or a role ends; the year 9999, of a ban: never."`
	By        *Actor             `json:"by,omitempty" doc:"Only for those who moderate the group, and admins."`
	CreatedAt time.Time          `json:"created_at"`
}

func decisionOf(v *community.DecisionView) Decision {
	d := Decision{ID: int64(v.ID), Kind: v.Kind, Reason: v.Reason, Role: v.Role, Until: maybe(v.Until), CreatedAt: instant(v.CreatedAt)}
	if v.Target != nil {
		target := actorOf(v.Target)
		d.Target = &target
	}
	if v.By != nil {
		by := actorOf(v.By)
		d.By = &by
	}
	// What was taken down is not shown in the log of it.
	if p := v.Post; p != nil {
		d.Post = &NotedPost{ID: int64(p.ID), Title: p.Title, URL: p.IRI}
		if p.Hidden() {
			d.Post.Title = ""
		}
	}
	if c := v.Comment; c != nil {
		d.Comment = &NotedComment{ID: int64(c.ID), URL: c.IRI, HTML: pictured("comment", int64(c.ID), c.HTML)}
		if c.Hidden() {
			d.Comment.HTML = ""
		}
	}
	return d
}

// DecisionsQuery asks for the log of a group.
type DecisionsQuery struct {
	GroupPath
	Paging
}

// Decisions lists what moderators did in a group, newest first.
func (a *API) Decisions(ctx context.Context, c *Caller, q *DecisionsQuery) (List[Decision], error) {
	g, err := a.findGroup(ctx, c, q.Group)
	if err != nil {
		return List[Decision]{}, err
	}
	rows, next, err := a.Moderation.Log(ctx, c.Reader(), g.Actor, q.page())
	return listOf(rows, next, decisionOf), err
}
