package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddAttachments stores what was uploaded, or what something from elsewhere
// has with it.
func (db *DB) AddAttachments(ctx context.Context, list []*community.Attachment) (err error) {
	defer db.wrap(&err, "AddAttachments(%d)", len(list))
	if len(list) == 0 {
		return nil
	}
	_, err = db.write.NewInsert().Model(&list).Returning("id").Exec(ctx)
	return err
}

// Attachment returns the attachment with id.
func (db *DB) Attachment(ctx context.Context, id community.AttachmentID) (_ *community.Attachment, err error) {
	defer db.wrap(&err, "Attachment(%d)", id)
	a := new(community.Attachment)
	return a, db.read.NewSelect().Model(a).Where("id = ?", id).Scan(ctx)
}

// AttachmentsOf lists the attachments with ids that somebody uploaded.
func (db *DB) AttachmentsOf(ctx context.Context, owner community.ActorID, ids []community.AttachmentID) (list []*community.Attachment, err error) {
	defer db.wrap(&err, "AttachmentsOf(%d, %d ids)", owner, len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.read.NewSelect().Model(&list).Where("id IN (?) AND owner_id = ? AND name IS NOT NULL", bun.List(ids), owner).Scan(ctx)
	return list, err
}

// UploadsNamed lists what somebody uploaded under names, and shows nowhere, or
// in one post or comment.
func (db *DB) UploadsNamed(ctx context.Context, owner community.ActorID, names []string, post community.PostID, comment community.CommentID) (list []*community.Attachment, err error) {
	defer db.wrap(&err, "UploadsNamed(%d, %d)", owner, len(names))
	if len(names) == 0 {
		return nil, nil
	}
	err = db.read.NewSelect().Model(&list).
		Where("name IN (?) AND owner_id = ? AND (post_id IS NULL OR post_id = ? AND comment_id = ?)", bun.List(names), owner, post, comment).
		OrderExpr("id").Scan(ctx)
	return list, err
}

// AttachmentsIn lists what a post, or a comment of it, shows, in order.
func (db *DB) AttachmentsIn(ctx context.Context, post community.PostID, comment community.CommentID) (list []*community.Attachment, err error) {
	defer db.wrap(&err, "AttachmentsIn(%d, %d)", post, comment)
	err = db.read.NewSelect().Model(&list).Where("post_id = ? AND comment_id = ?", post, comment).OrderExpr("place, id").Scan(ctx)
	return list, err
}

// SaveAttachment stores where an attachment is shown, and how it is described.
func (db *DB) SaveAttachment(ctx context.Context, a *community.Attachment) (err error) {
	defer db.wrap(&err, "SaveAttachment(%d)", a.ID)
	_, err = db.write.NewUpdate().Model(a).WherePK().Column("post_id", "comment_id", "place", "inline", "alt").Exec(ctx)
	return err
}

// DropAttachment forgets an attachment. Its file goes when nothing else shows
// it.
func (db *DB) DropAttachment(ctx context.Context, id community.AttachmentID) (err error) {
	defer db.wrap(&err, "DropAttachment(%d)", id)
	_, err = db.write.NewDelete().Model((*community.Attachment)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// DropAttachmentsIn forgets what a post, or a comment of it, shows.
func (db *DB) DropAttachmentsIn(ctx context.Context, post community.PostID, comment community.CommentID) (err error) {
	defer db.wrap(&err, "DropAttachmentsIn(%d, %d)", post, comment)
	_, err = db.write.NewDelete().Model((*community.Attachment)(nil)).Where("post_id = ? AND comment_id = ?", post, comment).Exec(ctx)
	return err
}

// DropUploadsOf forgets what somebody who goes uploaded: what is shown nowhere,
// and with all everything. The files go as soon as it is seen to that nobody
// else shows them.
func (db *DB) DropUploadsOf(ctx context.Context, owner community.ActorID, all bool, now time.Time) (err error) {
	defer db.wrap(&err, "DropUploadsOf(%d)", owner)
	which := "owner_id = ? AND name IS NOT NULL"
	if !all {
		which += " AND post_id IS NULL"
	}
	if _, err := db.write.NewRaw("UPDATE media SET kept_until = ? WHERE kept_until > ? AND name IN (SELECT name FROM attachments WHERE "+which+")", now, now, owner).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Attachment)(nil)).Where(which, owner).Exec(ctx)
	return err
}

// attachments are what posts or comments show beside their texts, by the id
// of what shows it; column says which.
func (db *DB) attachments(ctx context.Context, column string, ids []int64) (map[int64][]*community.Attachment, error) {
	found := map[int64][]*community.Attachment{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Attachment
	q := db.read.NewSelect().Model(&list).Where("? IN (?)", bun.Ident(column), bun.List(ids)).Where("NOT inline")
	if column == "post_id" {
		q = q.Where("post_id IS NOT NULL AND comment_id = 0")
	} else {
		q = q.Where("comment_id <> 0")
	}
	if err := q.OrderExpr("place, id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, a := range list {
		key := int64(a.PostID)
		if column == "comment_id" {
			key = int64(a.CommentID)
		}
		found[key] = append(found[key], a)
	}
	return found, nil
}

// MediaOf lists what somebody uploaded, the oldest first, after an id: for
// whoever wants all of it.
func (db *DB) MediaOf(ctx context.Context, owner community.ActorID, after int64, most int) (list []*community.Attachment, err error) {
	defer db.wrap(&err, "MediaOf(%d)", owner)
	err = db.read.NewSelect().Model(&list).Where("owner_id = ? AND id > ? AND name IS NOT NULL", owner, after).
		OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// MediaUse counts what somebody uploaded; 0: what everybody did.
func (db *DB) MediaUse(ctx context.Context, owner community.ActorID) (use community.MediaUse, err error) {
	defer db.wrap(&err, "MediaUse(%d)", owner)
	q := db.read.NewSelect().TableExpr("attachments").Where("name IS NOT NULL").
		ColumnExpr("count(*), coalesce(sum(size), 0), coalesce(sum(CASE WHEN post_id IS NULL THEN 1 ELSE 0 END), 0)")
	if owner != 0 {
		q = q.Where("owner_id = ?", owner)
	}
	err = q.Scan(ctx, &use.Files, &use.Bytes, &use.Unclaimed)
	return use, err
}

// DropOldUploads forgets up to most uploads that were not shown since a time,
// and wait in no draft,
// and what is in posts and comments that moderators removed before another.
func (db *DB) DropOldUploads(ctx context.Context, unclaimed, removed time.Time, most int) (n int64, err error) {
	defer db.wrap(&err, "DropOldUploads")
	if n, err = affected(db.write.NewRaw(`DELETE FROM attachments WHERE id IN (
		SELECT id FROM attachments WHERE post_id IS NULL AND created_at <= ?
		AND NOT EXISTS (SELECT 1 FROM sketch_uploads AS u WHERE u.attachment_id = attachments.id) ORDER BY created_at LIMIT ?)`, unclaimed, most).Exec(ctx)); err != nil {
		return n, err
	}
	for _, query := range []string{
		`SELECT a.id FROM posts AS p JOIN attachments AS a ON a.post_id = p.id AND a.comment_id = 0 WHERE p.removed_at <= ? LIMIT ?`,
		`SELECT a.id FROM comments AS c JOIN attachments AS a ON a.comment_id = c.id AND a.comment_id <> 0 WHERE c.removed_at <= ? LIMIT ?`,
	} {
		gone, err := affected(db.write.NewRaw("DELETE FROM attachments WHERE id IN ("+query+")", removed, most).Exec(ctx))
		if err != nil {
			return n, err
		}
		n += gone
	}
	return n, nil
}
