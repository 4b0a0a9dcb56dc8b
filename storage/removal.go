package storage

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// A Scope is where what somebody wrote is looked for: in one group, in the
// groups of one server, or everywhere.
type Scope struct {
	Group community.ActorID
	Host  string
}

func (s Scope) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	switch {
	case s.Group != 0:
		return q.Where("group_id = ?", s.Group)
	case s.Host != "":
		return q.Where("group_id IN (SELECT id FROM actors WHERE host = ? AND kind = ?)", s.Host, community.GroupKind)
	}
	return q
}

// Standing returns what an author's posts and comments in a scope are, those
// that are shown.
func (db *DB) Standing(ctx context.Context, author community.ActorID, scope Scope) (posts []*community.Post, comments []*community.Comment, err error) {
	defer db.wrap(&err, "Standing(%d)", author)
	q := db.read.NewSelect().Model(&posts).ExcludeColumn("raw", "html", "body").
		Where("author_id = ? AND deleted_at IS NULL AND removed_at IS NULL", author).OrderExpr("id")
	if err := scope.narrow(q).Scan(ctx); err != nil {
		return nil, nil, err
	}
	q = db.read.NewSelect().Model(&comments).ExcludeColumn("raw", "html", "body").
		Where("author_id = ? AND deleted_at IS NULL AND removed_at IS NULL", author).OrderExpr("id")
	err = scope.narrow(q).Scan(ctx)
	return posts, comments, err
}

// Shown returns what is shown of the thread under a post.
func (db *DB) Shown(ctx context.Context, post community.PostID) (list []*community.Comment, err error) {
	defer db.wrap(&err, "Shown(%d)", post)
	err = db.read.NewSelect().Model(&list).ExcludeColumn("raw", "html", "body").
		Where("post_id = ? AND deleted_at IS NULL AND removed_at IS NULL", post).OrderExpr("id").Scan(ctx)
	return list, err
}

// Branch returns what is shown of everything below a comment, it included.
func (db *DB) Branch(ctx context.Context, c *community.Comment) (list []*community.Comment, err error) {
	defer db.wrap(&err, "Branch(%d)", c.ID)
	err = db.read.NewRaw(`WITH RECURSIVE below (id) AS (
		SELECT id FROM comments WHERE id = ?
		UNION ALL
		SELECT c.id FROM comments AS c JOIN below ON c.parent_id = below.id WHERE c.top_id = ?
		) SELECT id, post_id, parent_id, group_id, author_id, removed_in FROM comments
		WHERE id IN (SELECT id FROM below) AND deleted_at IS NULL AND removed_at IS NULL ORDER BY id`, c.ID, c.TopID).Scan(ctx, &list)
	return list, err
}

// RemovedIn returns the posts and comments that a decision took down and that
// are still down.
func (db *DB) RemovedIn(ctx context.Context, decision community.DecisionID) (posts []*community.Post, comments []*community.Comment, err error) {
	defer db.wrap(&err, "RemovedIn(%d)", decision)
	if decision == 0 {
		return nil, nil, nil
	}
	if err := db.read.NewSelect().Model(&posts).ExcludeColumn("raw", "html", "body").
		Where("removed_in = ? AND deleted_at IS NULL", decision).OrderExpr("id").Scan(ctx); err != nil {
		return nil, nil, err
	}
	err = db.read.NewSelect().Model(&comments).ExcludeColumn("raw", "html", "body").
		Where("removed_in = ? AND deleted_at IS NULL", decision).OrderExpr("id").Scan(ctx)
	return posts, comments, err
}

// A Takedown is what becomes of posts or comments that a decision takes down,
// or, with the zero value, brings back.
type Takedown struct {
	At     time.Time
	By     community.ActorID
	Reason string
	In     community.DecisionID
}

// TakeDown hides or shows posts, and counts those that were not so already:
// two may decide at once.
func (db *DB) TakeDown(ctx context.Context, posts []*community.Post, t Takedown) (err error) {
	defer db.wrap(&err, "TakeDown(%d posts)", len(posts))
	known := make(map[community.PostID]*community.Post, len(posts))
	for _, p := range posts {
		known[p.ID] = p
	}
	changed, err := takeDown(ctx, db, "posts", slices.Sorted(maps.Keys(known)), t)
	for _, row := range changed {
		known[row.ID].GroupID = row.GroupID
		if err := db.CountPost(ctx, known[row.ID], t.amount()); err != nil {
			return err
		}
	}
	return err
}

// TakeDownComments hides or shows comments, and counts those that were not so
// already.
func (db *DB) TakeDownComments(ctx context.Context, comments []*community.Comment, t Takedown) (err error) {
	defer db.wrap(&err, "TakeDownComments(%d)", len(comments))
	known := make(map[community.CommentID]*community.Comment, len(comments))
	for _, c := range comments {
		known[c.ID] = c
	}
	if !t.At.IsZero() {
		if err := db.withdrawAnswers(ctx, comments); err != nil {
			return err
		}
	}
	changed, err := takeDown(ctx, db, "comments", slices.Sorted(maps.Keys(known)), t)
	for _, row := range changed {
		known[row.ID].GroupID = row.GroupID
		if err := db.CountComment(ctx, known[row.ID], t.amount()); err != nil {
			return err
		}
	}
	return err
}

func (t Takedown) amount() int64 {
	if t.At.IsZero() {
		return 1
	}
	return -1
}

// taken is a row that was changed, and the group that it is in at that
// instant: its thread may have moved since it was read.
type taken[ID ~int64] struct {
	ID      ID
	GroupID community.ActorID
}

// takeDown marks rows and returns those that it changed; a slice at a time,
// since neither database likes endless lists.
func takeDown[ID ~int64](ctx context.Context, db *DB, table string, ids []ID, t Takedown) (changed []taken[ID], err error) {
	const most = 500
	for len(ids) > 0 {
		part := ids[:min(most, len(ids))]
		ids = ids[len(part):]
		var done []taken[ID]
		if err := db.queue(ctx, table, "id IN (?)", bun.List(part)); err != nil {
			return nil, err
		}
		q := db.write.NewUpdate().Table(table).Set("removed_at = ?, removed_by = ?, removed_reason = ?, removed_in = ?",
			bun.NullTime{Time: t.At}, null(int64(t.By)), t.Reason, null(int64(t.In))).
			Where("id IN (?) AND deleted_at IS NULL", bun.List(part)).Returning("id, group_id")
		if t.At.IsZero() {
			q = q.Where("removed_at IS NOT NULL")
		} else {
			q = q.Where("removed_at IS NULL")
		}
		if err := q.Scan(ctx, &done); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		changed = append(changed, done...)
	}
	return changed, nil
}

// null is id, or NULL for zero.
func null(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
