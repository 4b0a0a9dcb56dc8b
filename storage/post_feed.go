package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"drystone/community"
)

const shown = "p.deleted_at IS NULL AND p.removed_at IS NULL"

// columns of a post in a list: all but the raw object.
const feedColumns = "p.id, p.iri, p.group_id, p.author_id, p.kind, p.title, p.body, p.html, p.link, p.url, p.language," +
	" p.sensitive, p.duration, p.answer_id, p.local, p.ups, p.downs, p.score, p.comment_count, p.born, p.stirred, p.hot_group, p.hot_all, p.active," +
	" p.created_at, p.arrived_at, p.edited_at, p.locked_at, p.featured_at"

// rankColumn is the column that a feed is ordered by. Each has an index that
// begins where the feed does.
func rankColumn(q community.FeedQuery) string {
	switch q.Sort {
	case community.New:
		return "p.born"
	case community.Top:
		return "p.score"
	case community.Active:
		return "p.active"
	}
	if q.Group != 0 || q.Reader != 0 || q.Listed != 0 {
		return "p.hot_group"
	}
	return "p.hot_all"
}

// float makes a column arrive as a number with a fraction, whatever it is.
func float(column string) string { return "CAST(" + column + " AS DOUBLE PRECISION)" }

// A ranked post is a row of a feed.
type ranked struct {
	community.Post `bun:",extend"`
	Rank           float64
}

// Feed lists posts in order, and returns the cursor of the next page, empty
// at the end. What is on top of a group comes before its first page, beyond
// the limit.
func (db *DB) Feed(ctx context.Context, query community.FeedQuery) (_ []*community.Post, next string, err error) {
	defer db.wrap(&err, "Feed(%+v)", query)
	after := keyset{}
	if query.After != "" {
		if after, err = parseKeyset(query.After); err != nil {
			return nil, "", err
		}
	}
	var top []*community.Post
	if query.FeaturedFirst && query.After == "" {
		if top, err = db.featured(ctx, query); err != nil {
			return nil, "", err
		}
	}
	posts, next, err := db.fill(ctx, query, after)
	return append(top, posts...), next, err
}

// fill reads a page.
func (db *DB) fill(ctx context.Context, query community.FeedQuery, after keyset) ([]*community.Post, string, error) {
	if query.Author == 0 && !query.Sight.Clear() {
		return db.sieve(ctx, query, after)
	}
	rows, err := db.feedRows(ctx, query, after)
	if err != nil {
		return nil, "", err
	}
	posts := make([]*community.Post, min(len(rows), query.Limit))
	for i := range posts {
		posts[i] = &rows[i].Post
	}
	if len(rows) <= query.Limit {
		return posts, "", nil
	}
	last := rows[query.Limit-1]
	return posts, keyset{last.Rank, int64(last.ID)}.String(), nil
}

// feedRows reads the rows of a page, and one more if there is one.
func (db *DB) feedRows(ctx context.Context, query community.FeedQuery, after keyset) (rows []ranked, err error) {
	switch {
	case query.Author != 0:
		err = db.authorFeed(ctx, query, after, &rows)
	case merges(query):
		best, err := db.merged(ctx, query, after)
		if err != nil || best == nil {
			return nil, err
		}
		return rows, db.read.NewRaw("SELECT "+feedColumns+", best.rank FROM (?) AS best JOIN posts AS p ON p.id = best.id"+
			" ORDER BY best.rank DESC, p.id DESC", best).Scan(ctx, &rows)
	default:
		err = db.walked(query, after, feedColumns).Scan(ctx, &rows)
	}
	return rows, err
}

// merges reports whether a feed is put together from those of many groups.
func merges(query community.FeedQuery) bool {
	return query.Group == 0 && (query.Reader != 0 || query.Listed != 0)
}

// featured lists what is on top of a group, without what the reader keeps away.
func (db *DB) featured(ctx context.Context, query community.FeedQuery) ([]*community.Post, error) {
	posts, err := db.Featured(ctx, query.Group)
	if err != nil || query.Sight.Clear() {
		return posts, err
	}
	ids := make([]community.ActorID, len(posts))
	for i, p := range posts {
		ids[i] = p.AuthorID
	}
	authors, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	veils, err := db.veils(ctx, query.Sight, authors)
	return slices.DeleteFunc(posts, func(p *community.Post) bool {
		return veils[p.AuthorID] != community.NoVeil || query.Sight.Hides(community.InFeeds, p.AuthorID, p.Title, p.Body, p.Link)
	}), err
}

// walked is the query of a feed along one index: a group's, our groups', or
// everything's; with what the reader keeps away.
func (db *DB) walked(query community.FeedQuery, after keyset, columns string) *bun.SelectQuery {
	rank := rankColumn(query)
	q := db.read.NewSelect().TableExpr("posts AS p").ColumnExpr(columns + ", " + float(rank) + " AS rank").
		Where(shown).OrderExpr(rank + " DESC, p.id DESC").Limit(int64(query.Limit) + 1)
	if !query.Cleared {
		q = readable(q, "p.group_id", query.Viewer)
	}
	switch {
	case query.Group != 0:
		q = q.Where("p.group_id = ?", query.Group)
		if query.FeaturedFirst {
			q = q.Where("p.featured_at IS NULL")
		}
	case query.Local:
		q = q.Where("p.local")
	}
	if query.After != "" {
		q = q.Where("("+rank+", p.id) < (?, ?)", after.Rank, after.ID)
	}
	return q
}

// authorFeed lists what one actor posted, newest first.
func (db *DB) authorFeed(ctx context.Context, query community.FeedQuery, after keyset, rows any) error {
	q := db.read.NewSelect().TableExpr("posts AS p").ColumnExpr(feedColumns+", "+float("0")+" AS rank").
		Where(shown).Where("p.author_id = ?", query.Author).OrderExpr("p.id DESC").Limit(int64(query.Limit) + 1)
	q = readable(q, "p.group_id", query.Viewer)
	q = seen(q, query.Sight, fmt.Sprint(query.Author), "p.group_id", fromAuthor) // asked once, not for each post
	if query.After != "" {
		q = q.Where("p.id < ?", after.ID)
	}
	return q.Scan(ctx, rows)
}

// A head is the best post of one group that the reader has not passed yet.
type head struct {
	GroupID community.ActorID
	Rank    float64
}

// merged is the query of a feed of the groups that a reader joined, or that a
// list holds, with what the reader keeps away; nil if there is nothing in it.
// First it looks for the best post of each group, then, from the groups with
// the best of these, for as many posts as the page holds. That is exact, since
// each of the n winners lives in one of the n groups with the best heads, and
// its cost grows with the groups joined and not with the posts they hold
// (PERFORMANCE.md, shape C′).
func (db *DB) merged(ctx context.Context, query community.FeedQuery, after keyset) (*bun.RawQuery, error) {
	heads, err := db.heads(ctx, query, after)
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	rank, limit := rankColumn(query), query.Limit+1
	where, values := groupAfter(rank, query, after)
	if len(heads) == limit { // no winner is worse than the worst head
		where += " AND " + rank + " >= ?"
		values = append(values, heads[limit-1].Rank)
	}
	groups := make([]community.ActorID, len(heads))
	for i, h := range heads {
		groups[i] = h.GroupID
	}
	parts, args := db.root.dialect.ofEach(groups, "SELECT p.id, p.author_id, p.group_id, "+float(rank)+" AS rank FROM posts AS p WHERE p.group_id = each_group AND "+where+
		" ORDER BY "+rank+" DESC, p.id DESC LIMIT ?", append(values, limit))
	return db.read.NewRaw("SELECT id, author_id, group_id, rank FROM ("+parts+") AS every ORDER BY rank DESC, id DESC LIMIT ?", append(args, limit)...), nil
}

func (db *DB) heads(ctx context.Context, query community.FeedQuery, after keyset) ([]head, error) {
	rank := rankColumn(query)
	where, values := groupAfter(rank, query, after)
	groups, of := groupsOf(query)
	args := append(append(values, of...), query.Limit+1)
	var heads []head
	// Ids decide between equal ranks here too, or a winner could be missed.
	err := db.read.NewRaw("SELECT heads.group_id, "+float(rank)+" AS rank FROM (SELECT m.group_id, (SELECT p.id FROM posts AS p WHERE p.group_id = m.group_id AND "+where+
		" ORDER BY "+rank+" DESC, p.id DESC LIMIT 1) AS id FROM "+groups+") AS heads"+
		" JOIN posts AS p ON p.id = heads.id ORDER BY "+rank+" DESC, p.id DESC LIMIT ?", args...).Scan(ctx, &heads)
	return heads, err
}

// groupsOf is where the groups of a feed over many are listed: those that a
// reader joined, or those in a list of somebody's, without what the viewer may
// not read or keeps away.
func groupsOf(query community.FeedQuery) (string, []any) {
	where, args := "memberships AS m WHERE m.actor_id = ? AND m.state = 'accepted'", []any{query.Reader}
	if query.Listed != 0 {
		closed, viewers := closedTo(query.Viewer)
		where, args = "feed_groups AS m WHERE m.feed_id = ? AND m.group_id NOT IN "+closed, append([]any{query.Listed}, viewers...)
	}
	return sightedGroups(query.Sight, "m.group_id", fromLists, where, args)
}

// groupAfter is the condition on the posts of one group that a page may hold.
func groupAfter(rank string, query community.FeedQuery, after keyset) (string, []any) {
	if query.After == "" {
		return shown, nil
	}
	return shown + " AND (" + rank + ", p.id) < (?, ?)", []any{after.Rank, after.ID}
}
