package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// A well is where posts of a feed over many places come from: the groups that
// somebody joined, or the people whom they follow. Each of its places has an
// index that begins with column.
type well struct {
	column string // of posts, which says in which place one is
	places string // a FROM and WHERE that lists the places, each as its place
	args   []any

	where  string // the condition on the posts of one place
	values []any
}

// merged is the query of a feed of the groups that a reader joined, or that a
// list holds, and of the people whom the reader follows, with what they keep
// away; nil if there is nothing in it. First it looks for the best post of each
// place, then, from the places with the best of these, for as many posts as the
// page holds. That is exact: each of the n winners is among the n best of its
// own well, and so in one of the n places of that well with the best heads. A
// post that comes out of two wells is there once. What it costs grows with the
// places and not with the posts that they hold (PERFORMANCE.md, shape C′).
func (db *DB) merged(ctx context.Context, query community.FeedQuery, after keyset) (*bun.RawQuery, error) {
	o, limit := orderOf(query), query.Limit+1
	var wells []string
	var args []any
	for _, w := range wellsOf(query, after) {
		heads, err := db.heads(ctx, w, o, after, limit)
		if err != nil {
			return nil, err
		}
		if len(heads) == 0 {
			continue
		}
		where, values := w.where, w.values
		if len(heads) == limit { // no winner is worse than the worst head
			where += " AND " + o.rank + o.reaching()
			values = append(values[:len(values):len(values)], heads[limit-1].Rank)
		}
		places := make([]community.ActorID, len(heads))
		for i, h := range heads {
			places[i] = h.Place
		}
		parts, of := db.root.dialect.ofEach(places, "SELECT p.id, p.author_id, p.group_id, "+float(o.rank)+" AS rank FROM posts AS p WHERE "+w.column+" = each_group AND "+where+
			" ORDER BY "+o.by(o.rank)+" LIMIT ?", append(values[:len(values):len(values)], limit))
		wells, args = append(wells, "SELECT * FROM ("+parts+") AS well"), append(args, of...)
	}
	if len(wells) == 0 {
		return nil, nil
	}
	return db.read.NewRaw("SELECT id, author_id, group_id, rank FROM ("+strings.Join(wells, " UNION ")+") AS every ORDER BY "+o.sorted("rank", "id")+" LIMIT ?", append(args, limit)...), nil
}

// wellsOf are where the posts of a feed over many places come from, without
// what the viewer may not read, and the groups that they keep away.
func wellsOf(query community.FeedQuery, after keyset) (wells []well) {
	if !query.OfPeople {
		w := well{column: "p.group_id"}
		w.places, w.args = groupsOf(query)
		w.where, w.values = passed(query, after)
		wells = append(wells, w)
	}
	if query.Reader == 0 || query.Moderated {
		return wells
	}
	closed, viewers := closedTo(query.Reader)
	w := well{column: "p.author_id", args: []any{query.Reader}}
	w.places = "SELECT f.target_id AS place FROM follows AS f WHERE f.follower_id = ? AND f.state = 'accepted'"
	w.where, w.values = passed(query, after)
	w.where += " AND p.group_id NOT IN " + closed
	w.values = append(w.values, viewers...)
	return append(wells, w)
}

// groupsOf lists the groups of a feed over many: those that a reader joined, or
// those in a list of somebody's.
func groupsOf(query community.FeedQuery) (string, []any) {
	where, args := "SELECT m.group_id AS place FROM memberships AS m WHERE m.actor_id = ? AND m.state = 'accepted'", []any{query.Reader}
	if query.Moderated {
		closed, viewers := closedTo(query.Reader)
		where, args = "SELECT m.group_id AS place FROM memberships AS m WHERE m.actor_id = ? AND m.role <> 'member' AND m.group_id NOT IN "+closed, append([]any{query.Reader}, viewers...)
	}
	if query.Listed != 0 {
		closed, viewers := closedTo(query.Viewer)
		where, args = "SELECT m.group_id AS place FROM feed_groups AS m WHERE m.feed_id = ? AND m.group_id NOT IN "+closed, append([]any{query.Listed}, viewers...)
	}
	return sightedGroups(query.Sight, "m.group_id", fromLists, where, args)
}
