package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"drystone/community"
)

// mostTagged is how many posts of a hashtag are put in order, the newest:
// what stands before them in no order by age is not looked at.
const mostTagged = 10_000

// SetTags stores the hashtags of a post in place of those that it had.
func (db *DB) SetTags(ctx context.Context, post *community.Post, tags []*community.PostTag) (err error) {
	defer db.wrap(&err, "SetTags(%d, %d)", post.ID, len(tags))
	if err := db.DropTags(ctx, post.ID); err != nil {
		return err
	}
	return db.AddTags(ctx, post, tags)
}

// AddTags stores the hashtags of a new post.
func (db *DB) AddTags(ctx context.Context, post *community.Post, tags []*community.PostTag) (err error) {
	defer db.wrap(&err, "AddTags(%d, %d)", post.ID, len(tags))
	if len(tags) == 0 {
		return nil
	}
	for _, t := range tags {
		t.PostID, t.Born = post.ID, post.Born
	}
	_, err = db.write.NewInsert().Model(&tags).Exec(ctx)
	return err
}

// DropTags forgets the hashtags of a post.
func (db *DB) DropTags(ctx context.Context, post community.PostID) (err error) {
	defer db.wrap(&err, "DropTags(%d)", post)
	_, err = db.write.NewDelete().Model((*community.PostTag)(nil)).Where("post_id = ?", post).Exec(ctx)
	return err
}

// TagsOf lists the hashtags of posts, by name.
func (db *DB) TagsOf(ctx context.Context, ids []community.PostID) (_ map[community.PostID][]*community.PostTag, err error) {
	defer db.wrap(&err, "TagsOf(%d ids)", len(ids))
	found := map[community.PostID][]*community.PostTag{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.PostTag
	if err := db.read.NewSelect().Model(&list).Where("post_id IN (?)", bun.List(ids)).OrderExpr("post_id, tag").Scan(ctx); err != nil {
		return nil, err
	}
	for _, t := range list {
		found[t.PostID] = append(found[t.PostID], t)
	}
	return found, nil
}

// tagged is the query of a hashtag's feed: by age along its index, and by any
// other order among its newest posts.
func (db *DB) tagged(query community.FeedQuery, after keyset, columns string) *bun.SelectQuery {
	o, id := orderOf(query), "p.id"
	tagged := db.read.NewSelect().TableExpr("post_tags AS t").ColumnExpr("t.post_id, t.born").Where("t.tag = ?", query.Tag)
	if query.Sort == community.New || query.Sort == community.Oldest {
		o.rank, id = "t.born", "t.post_id"
	} else {
		tagged = tagged.OrderExpr("t.born DESC, t.post_id DESC").Limit(mostTagged)
	}
	// A cross join is what SQLite leaves in its order: it would else walk all
	// posts for those of a rare hashtag.
	q := db.read.NewSelect().TableExpr("(?) AS t CROSS JOIN posts AS p", tagged).Where("p.id = t.post_id").
		ColumnExpr(columns+", "+float(o.rank)+" AS rank").
		Where(shown+o.where, o.args...).OrderExpr(o.sorted(o.rank, id)).Limit(int64(query.Limit) + 1)
	if query.Local {
		q = q.Where("p.local")
	}
	if query.After != "" {
		q = q.Where("("+o.rank+", "+id+") "+o.beyond()+" (?, ?)", after.Rank, after.ID)
	}
	return readable(q, "p.group_id", query.Viewer)
}

// BeginTags lists hashtags that begin with a prefix, which is folded, and are
// in posts that the viewer may read; the most used first.
func (db *DB) BeginTags(ctx context.Context, viewer community.ActorID, prefix string, most int) (_ []*community.Tag, err error) {
	defer db.wrap(&err, "BeginTags(%s)", prefix)
	var names []string
	if err := db.beginTags(ctx, prefix, &names); err != nil {
		return nil, err
	}
	tags := make([]*community.Tag, 0, len(names))
	for _, name := range names {
		t, err := db.countTag(ctx, viewer, name)
		if err != nil {
			return nil, err
		}
		if t.Posts > 0 {
			tags = append(tags, t)
		}
	}
	slices.SortStableFunc(tags, func(a, b *community.Tag) int {
		if (a.Tag == prefix) != (b.Tag == prefix) {
			return map[bool]int{true: -1, false: 1}[a.Tag == prefix]
		}
		return b.Posts - a.Posts
	})
	return tags[:min(len(tags), most)], nil
}

// mostBegun is how many hashtags that begin alike are counted.
const mostBegun = 50

// beginTags jumps from one hashtag to the next, whatever stands under each.
func (db *DB) beginTags(ctx context.Context, prefix string, names any) error {
	return db.read.NewRaw(`WITH RECURSIVE names (tag, n) AS (
		SELECT (SELECT min(t.tag) FROM post_tags AS t WHERE t.tag >= ?), 1
		UNION ALL
		SELECT (SELECT min(t.tag) FROM post_tags AS t WHERE t.tag > names.tag), n + 1 FROM names WHERE names.tag LIKE ? ESCAPE '!' AND n < ?
	) SELECT tag FROM names WHERE tag LIKE ? ESCAPE '!'`, prefix, escapeLike(prefix)+"%", mostBegun, escapeLike(prefix)+"%").Scan(ctx, names)
}

// Tag returns a hashtag, which is folded, with how much of it a viewer may see.
func (db *DB) Tag(ctx context.Context, viewer community.ActorID, tag string) (_ *community.Tag, err error) {
	defer db.wrap(&err, "Tag(%s)", tag)
	return db.countTag(ctx, viewer, tag)
}

// countTag counts the newest posts of a hashtag that a viewer may read.
func (db *DB) countTag(ctx context.Context, viewer community.ActorID, tag string) (*community.Tag, error) {
	newest := db.read.NewSelect().TableExpr("post_tags AS t").ColumnExpr("t.post_id, t.name, t.born").
		Where("t.tag = ?", tag).OrderExpr("t.born DESC, t.post_id DESC").Limit(community.MostCounted)
	q := db.read.NewSelect().TableExpr("(?) AS t CROSS JOIN posts AS p", newest).Where("p.id = t.post_id").Where(shown).
		ColumnExpr("t.name").OrderExpr("t.born DESC, t.post_id DESC")
	var names []string
	if err := readable(q, "p.group_id", viewer).Scan(ctx, &names); err != nil {
		return nil, err
	}
	t := &community.Tag{Tag: tag, Posts: len(names)}
	if len(names) > 0 {
		t.Name = names[0]
	}
	return t, nil
}
