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
	" p.sensitive, p.duration, p.question, p.answer_id, p.answered, p.local, p.ups, p.downs, p.score, p.comment_count, p.born, p.stirred, p.hot_group, p.hot_all, p.active, p.crowd, p.scaled, p.controversial," +
	" p.created_at, p.arrived_at, p.edited_at, p.locked_at, p.featured_at"

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
	case merges(query):
		best, err := db.merged(ctx, query, after)
		if err != nil || best == nil {
			return nil, err
		}
		return rows, db.read.NewRaw("SELECT "+feedColumns+", best.rank FROM (?) AS best JOIN posts AS p ON p.id = best.id"+
			" ORDER BY "+orderOf(query).by("best.rank"), best).Scan(ctx, &rows)
	default:
		err = db.walked(query, after, feedColumns).Scan(ctx, &rows)
	}
	return rows, err
}

// merges reports whether a feed is put together from those of many groups.
func merges(query community.FeedQuery) bool {
	return query.Author == 0 && query.Group == 0 && (query.Reader != 0 || query.Listed != 0)
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

// walked is the query of a feed along one index: somebody's, a group's, our
// groups', or everything's; with what the reader keeps away, but where it is
// one person's.
func (db *DB) walked(query community.FeedQuery, after keyset, columns string) *bun.SelectQuery {
	if query.Tag != "" {
		return db.tagged(query, after, columns)
	}
	o := orderOf(query)
	where, args := passed(query, after)
	q := db.read.NewSelect().TableExpr("posts AS p").ColumnExpr(columns+", "+float(o.rank)+" AS rank").
		Where(where, args...).OrderExpr(o.by(o.rank)).Limit(int64(query.Limit) + 1)
	if !query.Cleared {
		q = readable(q, "p.group_id", query.Viewer)
	}
	switch {
	case query.Author != 0:
		q = seen(q.Where("p.author_id = ?", query.Author), query.Sight, fmt.Sprint(query.Author), "p.group_id", fromAuthor) // asked once, not for each post
	case query.Group != 0:
		q = q.Where("p.group_id = ?", query.Group)
		if query.FeaturedFirst {
			q = q.Where("p.featured_at IS NULL")
		}
	case query.Local:
		q = q.Where("p.local")
	}
	return q
}
