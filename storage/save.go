package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddSave has somebody keep something, and reports whether that is news.
func (db *DB) AddSave(ctx context.Context, s *community.Save) (_ bool, err error) {
	defer db.wrap(&err, "AddSave(%d, %d, %d)", s.ActorID, s.PostID, s.CommentID)
	return one(db.write.NewInsert().Model(s).On("CONFLICT (actor_id, post_id, comment_id) DO NOTHING").Returning("NULL").Exec(ctx))
}

// DropSave has somebody keep something no longer. Which post a comment is
// under does not matter.
func (db *DB) DropSave(ctx context.Context, actor community.ActorID, about community.Subject) (err error) {
	defer db.wrap(&err, "DropSave(%d, %v)", actor, about)
	_, err = savesOf(db.write.NewDelete().Model((*community.Save)(nil)), actor, about.Kind, []int64{about.ID}).Exec(ctx)
	return err
}

// DropSaves forgets what somebody kept.
func (db *DB) DropSaves(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "DropSaves(%d)", actor)
	_, err = db.write.NewDelete().Model((*community.Save)(nil)).Where("actor_id = ?", actor).Exec(ctx)
	return err
}

// CountSaves counts what somebody keeps.
func (db *DB) CountSaves(ctx context.Context, actor community.ActorID) (_ int, err error) {
	defer db.wrap(&err, "CountSaves(%d)", actor)
	n, err := db.read.NewSelect().Model((*community.Save)(nil)).Where("actor_id = ?", actor).Count(ctx)
	return int(n), err
}

// Saves lists what somebody keeps, newest first, and returns the cursor of the
// next page.
func (db *DB) Saves(ctx context.Context, actor community.ActorID, page community.Page) (list []*community.Save, next string, err error) {
	defer db.wrap(&err, "Saves(%d)", actor)
	q := db.read.NewSelect().Model(&list).Where("actor_id = ?", actor)
	next, err = newest(ctx, q, &list, "id", page, func(s *community.Save) int64 { return int64(s.ID) })
	return list, next, err
}

// SavesAfter lists what somebody keeps, as the lists of belongings.go.
func (db *DB) SavesAfter(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Save, err error) {
	defer db.wrap(&err, "SavesAfter(%d)", actor)
	return list, part(ctx, db, &list, "actor_id = ?", actor, after, most)
}

// Saved returns which of some posts, or comments, somebody keeps.
func (db *DB) Saved(ctx context.Context, actor community.ActorID, kind community.SubjectKind, ids []int64) (_ map[int64]bool, err error) {
	defer db.wrap(&err, "Saved(%d)", actor)
	found := map[int64]bool{}
	if actor == 0 || len(ids) == 0 {
		return found, nil
	}
	var list []*community.Save
	if err := savesOf(db.read.NewSelect().Model(&list), actor, kind, ids).Scan(ctx); err != nil {
		return nil, err
	}
	for _, s := range list {
		if kind == community.SubjectComment {
			found[int64(s.CommentID)] = true
			continue
		}
		found[int64(s.PostID)] = true
	}
	return found, nil
}

// savesOf narrows a query to what somebody keeps of some posts, or comments.
func savesOf[Q interface{ Where(string, ...any) Q }](q Q, actor community.ActorID, kind community.SubjectKind, ids []int64) Q {
	if kind == community.SubjectComment {
		return q.Where("actor_id = ? AND comment_id <> 0 AND comment_id IN (?)", actor, bun.List(ids))
	}
	return q.Where("actor_id = ? AND post_id IN (?) AND comment_id = 0", actor, bun.List(ids))
}
