package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// MarkRead keeps how far people read in threads. Whoever read further before
// stays there.
func (db *DB) MarkRead(ctx context.Context, list ...*community.Reading) (err error) {
	defer db.wrap(&err, "MarkRead(%d)", len(list))
	if len(list) == 0 {
		return nil
	}
	_, err = db.write.NewInsert().Model(&list).On("CONFLICT (actor_id, post_id) DO UPDATE").
		Set("through = CASE WHEN excluded.through > reading.through THEN excluded.through ELSE reading.through END").
		Set("read_at = excluded.read_at").Exec(ctx)
	return err
}

// Readings returns how far somebody read in those of some threads that they
// read, with how much came since.
func (db *DB) Readings(ctx context.Context, actor community.ActorID, posts []community.PostID) (_ map[community.PostID]*community.Reading, err error) {
	defer db.wrap(&err, "Readings(%d, %d posts)", actor, len(posts))
	found := map[community.PostID]*community.Reading{}
	if actor == 0 || len(posts) == 0 {
		return found, nil
	}
	var list []*community.Reading
	err = db.read.NewRaw(`SELECT r.*, (SELECT count(*) FROM (SELECT 1 FROM comments AS c WHERE c.post_id = r.post_id AND c.id > r.through
		AND c.author_id <> r.actor_id AND c.deleted_at IS NULL AND c.removed_at IS NULL LIMIT ?) AS since) AS fresh
		FROM readings AS r WHERE r.actor_id = ? AND r.post_id IN (?)`, community.MostFresh, actor, bun.List(posts)).Scan(ctx, &list)
	for _, r := range list {
		found[r.PostID] = r
	}
	return found, err
}

// NewestComment returns the id of the comment in a thread that came last, 0
// where nobody has answered.
func (db *DB) NewestComment(ctx context.Context, post community.PostID) (newest community.CommentID, err error) {
	defer db.wrap(&err, "NewestComment(%d)", post)
	err = db.read.NewRaw("SELECT coalesce(max(id), 0) FROM comments WHERE post_id = ?", post).Scan(ctx, &newest)
	return newest, err
}

// CommentsSince lists the comments that came into a thread after one, by id, in
// the order in which they came.
func (db *DB) CommentsSince(ctx context.Context, post community.PostID, after community.CommentID, most int) (list []*community.Comment, err error) {
	defer db.wrap(&err, "CommentsSince(%d, %d)", post, after)
	err = db.read.NewSelect().Model(&list).ExcludeColumn("raw").Where("post_id = ? AND id > ?", post, after).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// DropReading has somebody not have read a post.
func (db *DB) DropReading(ctx context.Context, actor community.ActorID, post community.PostID) (err error) {
	defer db.wrap(&err, "DropReading(%d, %d)", actor, post)
	_, err = db.write.NewDelete().Model((*community.Reading)(nil)).Where("actor_id = ? AND post_id = ?", actor, post).Exec(ctx)
	return err
}

// DropReadings forgets what somebody read.
func (db *DB) DropReadings(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "DropReadings(%d)", actor)
	_, err = db.write.NewDelete().Model((*community.Reading)(nil)).Where("actor_id = ?", actor).Exec(ctx)
	return err
}

// ReadingsAfter lists what somebody read, by post, as the lists of
// belongings.go.
func (db *DB) ReadingsAfter(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Reading, err error) {
	defer db.wrap(&err, "ReadingsAfter(%d)", actor)
	err = db.read.NewSelect().Model(&list).Where("actor_id = ? AND post_id > ?", actor, after).OrderExpr("post_id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// TrimReadings forgets what was read before a time, and of everybody all but
// the most that they read last.
func (db *DB) TrimReadings(ctx context.Context, before time.Time, most int) (err error) {
	defer db.wrap(&err, "TrimReadings")
	if _, err := db.write.NewDelete().Model((*community.Reading)(nil)).Where("read_at < ?", before).Exec(ctx); err != nil {
		return err
	}
	var many []community.ActorID
	if err := db.read.NewRaw("SELECT actor_id FROM readings GROUP BY actor_id HAVING count(*) > ?", most).Scan(ctx, &many); err != nil {
		return err
	}
	for _, actor := range many {
		if _, err := db.write.NewRaw(`DELETE FROM readings WHERE actor_id = ? AND post_id NOT IN (
			SELECT post_id FROM readings WHERE actor_id = ? ORDER BY read_at DESC, post_id DESC LIMIT ?)`, actor, actor, most).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) readingsOf(ctx context.Context, reader *community.Actor, posts []*community.Post) (map[community.PostID]*community.Reading, error) {
	if reader == nil {
		return nil, nil
	}
	ids := make([]community.PostID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	return db.Readings(ctx, reader.ID, ids)
}
