package storage

import (
	"context"
	"time"

	"drystone/community"
)

// PostViews dresses posts for a reader (nil: signed out): who wrote them,
// where, what the reader thinks of them and may do. Four queries, however
// many posts.
func (db *DB) PostViews(ctx context.Context, reader *community.Actor, posts []*community.Post, now time.Time) (_ []*community.PostView, err error) {
	defer db.wrap(&err, "PostViews(%d)", len(posts))
	var people, groups []community.ActorID
	var ids []int64
	for _, p := range posts {
		people, groups, ids = append(people, p.AuthorID, p.GroupID), append(groups, p.GroupID), append(ids, int64(p.ID))
	}
	d, err := db.dressing(ctx, reader, people, groups, community.SubjectPost, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.PostView, 0, len(posts))
	for _, p := range posts {
		v := &community.PostView{Post: p, Author: d.actors[p.AuthorID], Group: d.actors[p.GroupID], MyVote: d.votes[int64(p.ID)]}
		v.Can = community.PostRights(reader, d.memberships[p.GroupID], v.Group, p, now)
		views = append(views, v)
	}
	return views, nil
}

// CommentViews dresses comments for a reader, with the posts they answer.
func (db *DB) CommentViews(ctx context.Context, reader *community.Actor, list []*community.Comment, now time.Time) (_ []*community.CommentView, err error) {
	defer db.wrap(&err, "CommentViews(%d)", len(list))
	var people, groups []community.ActorID
	var ids []int64
	var postIDs []community.PostID
	for _, c := range list {
		people, groups, ids = append(people, c.AuthorID, c.GroupID), append(groups, c.GroupID), append(ids, int64(c.ID))
		postIDs = append(postIDs, c.PostID)
	}
	d, err := db.dressing(ctx, reader, people, groups, community.SubjectComment, ids)
	if err != nil {
		return nil, err
	}
	posts, err := db.Posts(ctx, unique(postIDs))
	if err != nil {
		return nil, err
	}
	views := make([]*community.CommentView, 0, len(list))
	for _, c := range list {
		v := &community.CommentView{
			Comment: c, Author: d.actors[c.AuthorID], Group: d.actors[c.GroupID],
			Post: posts[c.PostID], MyVote: d.votes[int64(c.ID)],
		}
		v.Can = community.CommentRights(reader, d.memberships[c.GroupID], v.Group, v.Post, c, now)
		views = append(views, v)
	}
	return views, nil
}

// dressing is what views are made of.
type dressing struct {
	actors      map[community.ActorID]*community.Actor
	memberships map[community.ActorID]*community.Membership
	votes       map[int64]int
}

func (db *DB) dressing(ctx context.Context, reader *community.Actor, people, groups []community.ActorID, kind community.SubjectKind, ids []int64) (d dressing, err error) {
	if d.actors, err = db.Actors(ctx, unique(people)); err != nil || reader == nil {
		return d, err
	}
	if d.memberships, err = db.MembershipsIn(ctx, unique(groups), reader.ID); err != nil {
		return d, err
	}
	d.votes, err = db.VotesBy(ctx, reader.ID, kind, ids)
	return d, err
}

// unique returns list without repetitions, in the order of first sight.
func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	out := list[:0:0]
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
