package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Sketch returns what somebody is writing under a key.
func (db *DB) Sketch(ctx context.Context, owner community.ActorID, key string) (_ *community.Sketch, err error) {
	defer db.wrap(&err, "Sketch(%d, %s)", owner, key)
	s := new(community.Sketch)
	return s, db.read.NewSelect().Model(s).Where("owner_id = ? AND key = ?", owner, key).Scan(ctx)
}

// HoldSketches makes other transactions that hold what somebody writes wait
// for the end of this one.
func (db *DB) HoldSketches(ctx context.Context, owner community.ActorID) (err error) {
	defer db.wrap(&err, "HoldSketches(%d)", owner)
	return db.hold(ctx, "sketches:%d", owner)
}

// SaveSketch stores a sketch.
func (db *DB) SaveSketch(ctx context.Context, s *community.Sketch) (err error) {
	defer db.wrap(&err, "SaveSketch(%d, %s)", s.OwnerID, s.Key)
	if s.ID == 0 {
		_, err = db.write.NewInsert().Model(s).Returning("id").Exec(ctx)
		return err
	}
	_, err = db.write.NewUpdate().Model(s).WherePK().ExcludeColumn("id", "owner_id", "key", "created_at").Exec(ctx)
	return err
}

// Sketches lists what somebody is writing, or of that what is an answer in a
// thread (0: all), what they wrote last first.
func (db *DB) Sketches(ctx context.Context, owner community.ActorID, thread community.PostID) (list []*community.Sketch, err error) {
	defer db.wrap(&err, "Sketches(%d)", owner)
	q := db.read.NewSelect().Model(&list).Where("owner_id = ?", owner)
	if thread != 0 {
		q = q.Where("post_id = ?", thread)
	}
	err = q.OrderExpr("updated_at DESC, id DESC").Limit(community.MostSketches).Scan(ctx)
	return list, err
}

// SketchesAfter lists what somebody is writing, as the lists of belongings.go.
func (db *DB) SketchesAfter(ctx context.Context, owner community.ActorID, after int64, most int) (list []*community.Sketch, err error) {
	defer db.wrap(&err, "SketchesAfter(%d)", owner)
	return list, part(ctx, db, &list, "owner_id = ?", owner, after, most)
}

// CountSketches counts what somebody is writing, and how much of it is
// scheduled.
func (db *DB) CountSketches(ctx context.Context, owner community.ActorID) (all, scheduled int, err error) {
	defer db.wrap(&err, "CountSketches(%d)", owner)
	err = db.read.NewSelect().TableExpr("sketches").Where("owner_id = ?", owner).
		ColumnExpr("count(*), coalesce(sum(CASE WHEN publish_at IS NULL THEN 0 ELSE 1 END), 0)").Scan(ctx, &all, &scheduled)
	return all, scheduled, err
}

// DropSketch forgets what somebody was writing under a key.
func (db *DB) DropSketch(ctx context.Context, owner community.ActorID, key string) (err error) {
	defer db.wrap(&err, "DropSketch(%d, %s)", owner, key)
	return db.dropSketches(ctx, "owner_id = ? AND key = ?", owner, key)
}

// DropSketches forgets all that somebody was writing.
func (db *DB) DropSketches(ctx context.Context, owner community.ActorID) (err error) {
	defer db.wrap(&err, "DropSketches(%d)", owner)
	return db.dropSketches(ctx, "owner_id = ?", owner)
}

func (db *DB) dropSketches(ctx context.Context, which string, args ...any) error {
	if _, err := db.write.NewRaw("DELETE FROM sketch_uploads WHERE sketch_id IN (SELECT id FROM sketches WHERE "+which+")", args...).Exec(ctx); err != nil {
		return err
	}
	_, err := db.write.NewDelete().Model((*community.Sketch)(nil)).Where(which, args...).Exec(ctx)
	return err
}

// DueSketches lists up to most sketches that are to be published by now, the
// first first.
func (db *DB) DueSketches(ctx context.Context, now time.Time, most int) (list []*community.Sketch, err error) {
	defer db.wrap(&err, "DueSketches")
	err = db.read.NewSelect().Model(&list).Where("publish_at IS NOT NULL AND publish_at <= ?", now).OrderExpr("publish_at, id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// A sketchUpload is an upload that a sketch shows.
type sketchUpload struct {
	bun.BaseModel `bun:"table:sketch_uploads"`
	SketchID      community.SketchID     `bun:",pk"`
	AttachmentID  community.AttachmentID `bun:",pk"`
	Place         int
}

// SetSketchUploads notes which uploads a sketch shows beside its text, in
// order, and which in it.
func (db *DB) SetSketchUploads(ctx context.Context, sketch community.SketchID, beside, inside []community.AttachmentID) (err error) {
	defer db.wrap(&err, "SetSketchUploads(%d)", sketch)
	if _, err := db.write.NewDelete().Model((*sketchUpload)(nil)).Where("sketch_id = ?", sketch).Exec(ctx); err != nil {
		return err
	}
	var rows []*sketchUpload
	for place, id := range beside {
		rows = append(rows, &sketchUpload{SketchID: sketch, AttachmentID: id, Place: place})
	}
	for _, id := range inside {
		rows = append(rows, &sketchUpload{SketchID: sketch, AttachmentID: id, Place: -1})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = db.write.NewInsert().Model(&rows).On("CONFLICT (sketch_id, attachment_id) DO NOTHING").Returning("NULL").Exec(ctx)
	return err
}

// SketchMedia are the uploads that a sketch shows beside its text, in order,
// as far as they are still there and shown nowhere else.
func (db *DB) SketchMedia(ctx context.Context, sketch community.SketchID) (list []*community.Attachment, err error) {
	defer db.wrap(&err, "SketchMedia(%d)", sketch)
	err = db.read.NewSelect().Model(&list).Join("JOIN sketch_uploads AS u ON u.attachment_id = attachment.id").
		Where("u.sketch_id = ? AND u.place >= 0 AND attachment.post_id IS NULL", sketch).OrderExpr("u.place").Scan(ctx)
	return list, err
}
