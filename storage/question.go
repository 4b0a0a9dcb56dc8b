package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// waiting is the condition on questions that the indexes of them have.
const waiting = "p.question AND p.answer_id IS NULL AND p.deleted_at IS NULL AND p.removed_at IS NULL AND p.locked_at IS NULL"

// Questions lists questions without a chosen answer, the oldest first, and
// returns the cursor of the next page. Where words keep posts from a reader,
// a page may be short.
func (db *DB) Questions(ctx context.Context, query community.QuestionQuery) (_ []*community.Post, next string, err error) {
	defer db.wrap(&err, "Questions(%+v)", query)
	q := db.read.NewSelect().TableExpr("posts AS p").ColumnExpr(feedColumns + ", " + float("p.born") + " AS rank").
		Where(waiting).OrderExpr("p.born, p.id").Limit(int64(query.Limit) + 1)
	how := fromLists
	switch {
	case query.Group != 0:
		q, how = q.Where("p.group_id = ?", query.Group), fromGroup
	case query.Member != 0:
		q = q.Where("p.group_id IN (SELECT m.group_id FROM memberships AS m WHERE m.actor_id = ? AND m.state = 'accepted')", query.Member)
	}
	if query.Unanswered {
		q = q.Where("p.answered = 0")
	}
	if query.After != "" {
		after, err := parseKeyset(query.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(p.born, p.id) > (?, ?)", after.Rank, after.ID)
	}
	q = seen(readable(q, "p.group_id", query.Viewer), query.Sight, "p.author_id", "p.group_id", how)
	var rows []ranked
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", err
	}
	if len(rows) > query.Limit {
		rows = rows[:query.Limit]
		last := rows[len(rows)-1]
		next = keyset{last.Rank, int64(last.ID)}.String()
	}
	posts := make([]*community.Post, 0, len(rows))
	for i := range rows {
		if p := &rows[i].Post; !query.Sight.Hides(community.InFeeds, p.AuthorID, p.Title, p.Body, p.Link) {
			posts = append(posts, p)
		}
	}
	return posts, next, nil
}

// Responses tells how soon people were answered in a group.
func (db *DB) Responses(ctx context.Context, group community.ActorID, now time.Time) (r community.Responses, err error) {
	defer db.wrap(&err, "Responses(%d)", group)
	var rows []struct{ Born, Answered float64 }
	since := community.Hours(now.AddDate(0, 0, -community.ResponseDays))
	err = db.read.NewSelect().TableExpr("posts AS p").ColumnExpr("p.born, p.answered").Where(shown).
		Where("p.group_id = ? AND p.born >= ?", group, since).OrderExpr("p.born DESC, p.id DESC").Limit(community.MostTimed).Scan(ctx, &rows)
	if err != nil {
		return r, err
	}
	var times []time.Duration
	for _, row := range rows {
		if row.Answered > 0 {
			times = append(times, max(0, time.Duration((row.Answered-row.Born)*float64(time.Hour))))
		}
	}
	r.Posts, r.Answered, r.Median = len(rows), len(times), community.MedianOf(times).Round(time.Second)
	var oldest []float64
	err = db.read.NewSelect().TableExpr("posts AS p").ColumnExpr("p.born").Where(waiting).Where("p.group_id = ?", group).
		OrderExpr("p.born, p.id").Limit(community.MostTimed).Scan(ctx, &oldest)
	if r.Waiting = len(oldest); r.Waiting > 0 {
		r.Oldest = community.Timestamp(community.Epoch.Add(time.Duration(oldest[0] * float64(time.Hour))))
	}
	return r, err
}

// withdrawAnswers notes that comments answer their posts no more, since they
// are not shown.
func (db *DB) withdrawAnswers(ctx context.Context, list []*community.Comment) error {
	if len(list) == 0 {
		return nil
	}
	posts, ids := make([]community.PostID, len(list)), make([]community.CommentID, len(list))
	for i, c := range list {
		posts[i], ids[i] = c.PostID, c.ID
	}
	_, err := db.write.NewUpdate().Model((*community.Post)(nil)).Set("answer_id = NULL").
		Where("id IN (?) AND answer_id IN (?)", bun.List(unique(posts)), bun.List(ids)).Exec(ctx)
	return err
}

// clocks tells whether a comment that comes or goes may change when its post
// was first answered.
func (db *DB) clocks(ctx context.Context, c *community.Comment) (bool, error) {
	post, err := db.Post(ctx, c.PostID)
	if err != nil {
		return false, err
	}
	return c.AuthorID != post.AuthorID && (post.Answered == 0 || c.Born <= post.Answered), nil
}
