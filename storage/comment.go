package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddComment stores a new comment under its parent (nil: under the post) and
// sets its id, depth, path and, for one of ours, its id in the fediverse:
// prefix followed by the number.
func (db *DB) AddComment(ctx context.Context, c, parent *community.Comment, prefix string) (err error) {
	defer db.wrap(&err, "AddComment(%s)", c.IRI)
	return db.InTx(ctx, func(tx *DB) error {
		id, err := tx.reserve(ctx, "comments")
		if err != nil {
			return err
		}
		c.ID, c.TopID = community.CommentID(id), community.CommentID(id)
		if c.IRI == "" {
			c.IRI = prefix + strconv.FormatInt(id, 10)
		}
		var above []byte
		if parent != nil {
			c.ParentID, c.TopID, c.Depth, above = parent.ID, parent.TopID, parent.Depth+1, parent.Path
		}
		c.Path = community.Path(above, c.ID)
		if tx.batch != nil {
			tx.batch.addComment(c)
			return nil
		}
		_, err = tx.write.NewInsert().Model(c).Exec(ctx)
		return err
	})
}

// Comment returns the comment with id.
func (db *DB) Comment(ctx context.Context, id community.CommentID) (_ *community.Comment, err error) {
	defer db.wrap(&err, "Comment(%d)", id)
	return remembered(id, db.known().comments, func() (*community.Comment, error) { return db.commentWhere(ctx, "id = ?", id) })
}

// HoldComment returns the comment with id and makes other transactions that
// hold it wait for the end of this one.
func (db *DB) HoldComment(ctx context.Context, id community.CommentID) (_ *community.Comment, err error) {
	defer db.wrap(&err, "HoldComment(%d)", id)
	if err := db.hold(ctx, "comment:%d", id); err != nil {
		return nil, err
	}
	return db.commentWhere(ctx, "id = ?", id)
}

// CommentByIRI returns the comment with an id in the fediverse.
func (db *DB) CommentByIRI(ctx context.Context, iri string) (_ *community.Comment, err error) {
	defer db.wrap(&err, "CommentByIRI(%s)", iri)
	return remembered(iri, db.known().commentIRIs, func() (*community.Comment, error) { return db.commentWhere(ctx, "iri = ?", iri) })
}

func (db *DB) commentWhere(ctx context.Context, where string, args ...any) (*community.Comment, error) {
	c := new(community.Comment)
	if err := db.read.NewSelect().Model(c).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Comments returns the comments with ids, by id.
func (db *DB) Comments(ctx context.Context, ids []community.CommentID) (_ map[community.CommentID]*community.Comment, err error) {
	defer db.wrap(&err, "Comments(%d ids)", len(ids))
	found := map[community.CommentID]*community.Comment{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Comment
	if err := db.read.NewSelect().Model(&list).ExcludeColumn("raw").Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, c := range list {
		found[c.ID] = c
	}
	return found, nil
}

// EditComment stores what its author changed.
func (db *DB) EditComment(ctx context.Context, c *community.Comment) (err error) {
	defer db.wrap(&err, "EditComment(%d)", c.ID)
	_, err = db.write.NewUpdate().Model(c).WherePK().Column("body", "html", "language", "raw", "edited_at").Exec(ctx)
	return err
}

// WithdrawComment forgets what an author deletes, and uncounts it where it was
// shown; done is false for what was deleted before. It answers nothing more.
func (db *DB) WithdrawComment(ctx context.Context, c *community.Comment, at time.Time) (done bool, err error) {
	defer db.wrap(&err, "WithdrawComment(%d)", c.ID)
	if err := db.withdrawAnswers(ctx, []*community.Comment{c}); err != nil {
		return false, err
	}
	if err := db.dropVersions(ctx, c.PostID, c.ID); err != nil {
		return false, err
	}
	c.DeletedAt, c.Body, c.HTML, c.Raw = at, "", "", nil
	done, err = rewrite(ctx, db, c, "deleted_at IS NULL", "deleted_at", "body", "html", "raw")
	if err != nil || !done || !c.RemovedAt.IsZero() {
		return done, err
	}
	return true, db.CountComment(ctx, c, -1)
}

// ReviveComment stores again, with its words, what was deleted, and counts it
// where it is shown; done is false for what is not deleted.
func (db *DB) ReviveComment(ctx context.Context, c *community.Comment) (done bool, err error) {
	defer db.wrap(&err, "ReviveComment(%d)", c.ID)
	c.DeletedAt = time.Time{}
	done, err = rewrite(ctx, db, c, "deleted_at IS NOT NULL", "deleted_at", "body", "html", "raw")
	if err != nil || !done || !c.RemovedAt.IsZero() {
		return done, err
	}
	return true, db.CountComment(ctx, c, 1)
}

// LockComment stores whether a comment is locked.
func (db *DB) LockComment(ctx context.Context, c *community.Comment) (err error) {
	defer db.wrap(&err, "LockComment(%d)", c.ID)
	_, err = db.write.NewUpdate().Model(c).WherePK().Column("locked_at").Exec(ctx)
	return err
}

// LocksIn returns the locks in each of the threads under posts that has any.
func (db *DB) LocksIn(ctx context.Context, posts []community.PostID) (_ map[community.PostID]community.Locks, err error) {
	defer db.wrap(&err, "LocksIn(%d posts)", len(posts))
	found := map[community.PostID]community.Locks{}
	if len(posts) == 0 {
		return found, nil
	}
	var rows []struct {
		PostID community.PostID
		Path   []byte
	}
	err = db.read.NewSelect().TableExpr("comments AS c").ColumnExpr("c.post_id, c.path").
		Where("c.post_id IN (?) AND c.locked_at IS NOT NULL", bun.List(posts)).Scan(ctx, &rows)
	for _, row := range rows {
		found[row.PostID] = append(found[row.PostID], row.Path)
	}
	return found, err
}

// A Top is a comment directly under a post, with the key that orders it among
// its siblings.
type Top struct {
	ID         community.CommentID
	Rank       float64
	ReplyCount int64
}

// Tops lists the comments directly under a post in order, after a position
// (nil: from the start).
func (db *DB) Tops(ctx context.Context, post community.PostID, sort community.Sort, after *Top, limit int) (_ []Top, err error) {
	defer db.wrap(&err, "Tops(%d, %s)", post, sort)
	column, order, past := topOrder(sort)
	q := db.read.NewSelect().TableExpr("comments AS c").ColumnExpr("c.id, "+float("c."+column)+" AS rank, c.reply_count").
		Where("c.post_id = ? AND c.depth = 0", post).OrderExpr("c." + column + " " + order + ", c.id " + order).Limit(int64(limit))
	if after != nil {
		q = q.Where("(c."+column+", c.id) "+past+" (?, ?)", after.Rank, after.ID)
	}
	var tops []Top
	return tops, q.Scan(ctx, &tops)
}

func topOrder(sort community.Sort) (column, order, past string) {
	switch sort {
	case community.Old:
		return "born", "ASC", ">"
	case community.New:
		return "born", "DESC", "<"
	case community.Top:
		return "score", "DESC", "<"
	}
	return "hot", "DESC", "<"
}

// A Bone is a comment without its flesh: what is needed to put a tree in
// order.
type Bone struct {
	ID       community.CommentID
	ParentID community.CommentID
	TopID    community.CommentID
	Score    int64
	Hot      float64
	Born     float64
}

// Below returns everything under the tops, they included, parents before
// children.
func (db *DB) Below(ctx context.Context, tops []community.CommentID) (_ []Bone, err error) {
	defer db.wrap(&err, "Below(%d tops)", len(tops))
	var bones []Bone
	if len(tops) == 0 {
		return nil, nil
	}
	err = db.read.NewSelect().TableExpr("comments AS c").
		ColumnExpr("c.id, coalesce(c.parent_id, 0) AS parent_id, c.top_id, c.score, c.hot, c.born").
		Where("c.top_id IN (?)", bun.List(tops)).OrderExpr("c.top_id, c.path").Scan(ctx, &bones)
	return bones, err
}

// Ancestors returns the comments above c, the topmost first.
func (db *DB) Ancestors(ctx context.Context, c *community.Comment, most int) (_ []*community.Comment, err error) {
	defer db.wrap(&err, "Ancestors(%d)", c.ID)
	var list []*community.Comment
	for next := c.ParentID; next != 0 && len(list) < most; {
		above, err := db.Comment(ctx, next)
		if err != nil {
			return nil, err
		}
		list = append([]*community.Comment{above}, list...)
		next = above.ParentID
	}
	return list, nil
}

// AncestorIDs returns the ids of the comments above one.
func (db *DB) AncestorIDs(ctx context.Context, c *community.Comment) (_ []community.CommentID, err error) {
	defer db.wrap(&err, "AncestorIDs(%d)", c.ID)
	if above, whole := c.Above(); whole {
		return above, nil
	}
	var ids []community.CommentID
	err = db.read.NewRaw(`WITH RECURSIVE above (id, parent_id) AS (
		SELECT id, parent_id FROM comments WHERE id = ?
		UNION ALL
		SELECT c.id, c.parent_id FROM comments AS c JOIN above ON c.id = above.parent_id
		) SELECT id FROM above WHERE id <> ?`, c.ID, c.ID).Scan(ctx, &ids)
	return ids, err
}

// CommentsBy lists what one actor wrote in answer to others, where viewer may
// read, newest first; nothing if the author keeps the viewer away.
func (db *DB) CommentsBy(ctx context.Context, viewer, author community.ActorID, sight *community.Sight, page community.Page) (_ []*community.Comment, next string, err error) {
	defer db.wrap(&err, "CommentsBy(%d)", author)
	var list []*community.Comment
	q := db.read.NewSelect().Model(&list).ExcludeColumn("raw").
		Where("author_id = ? AND deleted_at IS NULL AND removed_at IS NULL", author)
	q = readable(q, "group_id", viewer)
	q = seen(q, sight, fmt.Sprint(author), "group_id", fromAuthor)
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Comment) int64 { return int64(x.ID) })
	return list, next, err
}
