package storage

import (
	"context"
	"time"

	"drystone/community"
)

// PostViews dresses posts for a reader (nil: signed out): who wrote them,
// where, what the reader thinks of them and may do. A reader who is signed in
// sees counters as they are this moment, since their own vote may be the
// newest; others see them as they were within the last second. A handful of
// queries, however many posts. The posts themselves are changed. What the
// reader may not read is left out: lists do not ask for it, and whoever
// forgot to ask first shows nothing.
func (db *DB) PostViews(ctx context.Context, reader *community.Actor, posts []*community.Post, now time.Time) (_ []*community.PostView, err error) {
	defer db.wrap(&err, "PostViews(%d)", len(posts))
	var people, groups []community.ActorID
	var ids []int64
	for _, p := range posts {
		people, groups, ids = append(people, p.AuthorID, p.GroupID), append(groups, p.GroupID), append(ids, int64(p.ID))
	}
	d, err := db.dressing(ctx, reader, people, groups, community.SubjectPost, ids, now)
	if err != nil {
		return nil, err
	}
	polls, err := db.pollViews(ctx, reader, posts, now)
	if err != nil {
		return nil, err
	}
	events, err := db.Events(ctx, ofKind(posts, community.EventPost))
	if err != nil {
		return nil, err
	}
	quotes, err := db.citationViews(ctx, reader, d.sight, "post_id", d.ofOurs(people, ids))
	if err != nil {
		return nil, err
	}
	media, err := db.attachments(ctx, "post_id", ids)
	if err != nil {
		return nil, err
	}
	previews, err := db.previews(ctx, posts)
	if err != nil {
		return nil, err
	}
	readings, err := db.readingsOf(ctx, reader, posts)
	if err != nil {
		return nil, err
	}
	views := make([]*community.PostView, 0, len(posts))
	for _, p := range posts {
		if !d.shows(reader, p.GroupID) {
			continue
		}
		if n, ok := d.counters[int64(p.ID)]; ok {
			p.Score += n.Ups - p.Ups - (n.Downs - p.Downs)
			p.Ups, p.Downs, p.CommentCount = n.Ups, n.Downs, n.Comments
		}
		v := &community.PostView{
			Post: p, Author: d.author(p.GroupID, p.AuthorID), Group: d.actors[p.GroupID], MyVote: d.votes[int64(p.ID)], Saved: d.saved[int64(p.ID)], Reading: readings[p.ID],
			Poll: polls[p.ID], Event: events[p.ID], Quotes: quotes[int64(p.ID)], Media: media[int64(p.ID)], Preview: previews[p.Link],
		}
		v.Can = community.PostRights(reader, d.memberships[p.GroupID], v.Group, p, now)
		v.Veil = d.veil(p.AuthorID, p.GroupID, p.Title, p.Body, p.Link)
		v.Can = v.Can.Under(v.Veil)
		if v.Poll != nil {
			v.Poll.CanVote = v.Can.Vote && !v.Poll.Closed && len(v.Poll.Mine) == 0
		}
		views = append(views, v)
	}
	return views, nil
}

// CommentViews dresses comments for a reader, with the posts they answer, as
// PostViews does.
func (db *DB) CommentViews(ctx context.Context, reader *community.Actor, list []*community.Comment, now time.Time) (_ []*community.CommentView, err error) {
	defer db.wrap(&err, "CommentViews(%d)", len(list))
	var people, groups []community.ActorID
	var ids []int64
	var postIDs []community.PostID
	for _, c := range list {
		people, groups, ids = append(people, c.AuthorID, c.GroupID), append(groups, c.GroupID), append(ids, int64(c.ID))
		postIDs = append(postIDs, c.PostID)
	}
	d, err := db.dressing(ctx, reader, people, groups, community.SubjectComment, ids, now)
	if err != nil {
		return nil, err
	}
	posts, err := db.Posts(ctx, unique(postIDs))
	if err != nil {
		return nil, err
	}
	quotes, err := db.citationViews(ctx, reader, d.sight, "comment_id", d.ofOurs(people, ids))
	if err != nil {
		return nil, err
	}
	media, err := db.attachments(ctx, "comment_id", ids)
	if err != nil {
		return nil, err
	}
	var locks map[community.PostID]community.Locks
	if reader != nil {
		if locks, err = db.LocksIn(ctx, unique(postIDs)); err != nil {
			return nil, err
		}
	}
	views := make([]*community.CommentView, 0, len(list))
	for _, c := range list {
		if !d.shows(reader, c.GroupID) {
			continue
		}
		if n, ok := d.counters[int64(c.ID)]; ok {
			c.Score += n.Ups - c.Ups - (n.Downs - c.Downs)
			c.Ups, c.Downs, c.ReplyCount = n.Ups, n.Downs, n.Comments
		}
		v := &community.CommentView{
			Comment: c, Author: d.author(c.GroupID, c.AuthorID), Group: d.actors[c.GroupID],
			Post: posts[c.PostID], MyVote: d.votes[int64(c.ID)], Saved: d.saved[int64(c.ID)], Quotes: quotes[int64(c.ID)], Media: media[int64(c.ID)],
		}
		v.Can = community.CommentRights(reader, d.memberships[c.GroupID], v.Group, v.Post, c, locks[c.PostID], now)
		v.Veil = d.veil(c.AuthorID, c.GroupID, c.Body)
		v.Can = v.Can.Under(v.Veil)
		views = append(views, v)
	}
	return views, nil
}

// GroupViews dresses groups for a reader: what they are to each. Of a group in
// which they may not read, they do not learn how many do.
func (db *DB) GroupViews(ctx context.Context, reader *community.Actor, list []*community.Actor) (_ []*community.Group, err error) {
	defer db.wrap(&err, "GroupViews(%d)", len(list))
	ids := make([]community.ActorID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	mine := map[community.ActorID]*community.Membership{}
	if reader != nil {
		if mine, err = db.MembershipsIn(ctx, ids, reader.ID); err != nil {
			return nil, err
		}
	}
	groups := make([]*community.Group, len(list))
	for i, a := range list {
		groups[i] = &community.Group{Actor: a, Membership: mine[a.ID]}
		groups[i].Veil(reader)
	}
	return groups, nil
}

// dressing is what views are made of.
type dressing struct {
	actors      map[community.ActorID]*community.Actor
	facets      map[bond]*community.Facet // how the people appear in the groups
	memberships map[community.ActorID]*community.Membership
	votes       map[int64]int
	saved       map[int64]bool
	counters    map[int64]Counted // as they are now: the reader may have changed them a moment ago
	sight       *community.Sight
	veils       map[community.ActorID]community.Veil
}

// veil is why words by author in a group stand closed. Who looks after the
// group has to see what is said there.
func (d dressing) veil(author, group community.ActorID, texts ...string) community.Veil {
	v := d.veils[author]
	if m := d.memberships[group]; v == community.VeilBlocked && (m.Moderates() || m.Holds()) {
		v = community.NoVeil
	}
	if v == community.NoVeil && d.sight.Hides(community.InThreads, author, texts...) {
		v = community.VeilWords
	}
	return v
}

// shows reports whether reader may read in group.
func (d dressing) shows(reader *community.Actor, group community.ActorID) bool {
	g := d.actors[group]
	return g == nil || g.ShownTo(reader, d.memberships[group])
}

// ofOurs returns those ids whose authors, in the same order, are of this
// server.
func (d dressing) ofOurs(authors []community.ActorID, ids []int64) []int64 {
	var ours []int64
	for i, id := range ids {
		if a := d.actors[authors[i]]; a != nil && a.Local() {
			ours = append(ours, id)
		}
	}
	return ours
}

func (db *DB) dressing(ctx context.Context, reader *community.Actor, people, groups []community.ActorID, kind community.SubjectKind, ids []int64, now time.Time) (d dressing, err error) {
	if d.actors, err = db.Actors(ctx, unique(people)); err != nil {
		return d, err
	}
	if d.facets, err = db.facets(ctx, groups, d.ours(people)); err != nil || reader == nil {
		return d, err
	}
	if d.memberships, err = db.MembershipsIn(ctx, unique(groups), reader.ID); err != nil {
		return d, err
	}
	if d.votes, err = db.VotesBy(ctx, reader.ID, kind, ids); err != nil {
		return d, err
	}
	if d.saved, err = db.Saved(ctx, reader.ID, kind, ids); err != nil {
		return d, err
	}
	if d.counters, err = db.Counters(ctx, kind, ids); err != nil {
		return d, err
	}
	if d.sight, err = db.Sight(ctx, reader.ID, now); err != nil {
		return d, err
	}
	d.veils, err = db.veils(ctx, d.sight, d.actors)
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

// author is somebody as they appear in a group.
func (d dressing) author(group, person community.ActorID) *community.Actor {
	return d.actors[person].In(d.facets[bond{group, person}])
}

// ours are those people who live here: nobody else has facets.
func (d dressing) ours(people []community.ActorID) []community.ActorID {
	var list []community.ActorID
	for _, id := range people {
		if a := d.actors[id]; a != nil && a.Local() && a.IsPerson() {
			list = append(list, id)
		}
	}
	return list
}
