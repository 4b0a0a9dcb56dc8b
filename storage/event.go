package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// SaveEvent stores when and where what a post tells of happens.
func (db *DB) SaveEvent(ctx context.Context, e *community.Event) (err error) {
	defer db.wrap(&err, "SaveEvent(%d)", e.PostID)
	_, err = db.write.NewInsert().Model(e).On("CONFLICT (post_id) DO UPDATE").
		Set("starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, zone = EXCLUDED.zone, place = EXCLUDED.place, url = EXCLUDED.url").Exec(ctx)
	return err
}

// Events returns the events of posts, by post.
func (db *DB) Events(ctx context.Context, ids []community.PostID) (_ map[community.PostID]*community.Event, err error) {
	defer db.wrap(&err, "Events(%d ids)", len(ids))
	found := map[community.PostID]*community.Event{}
	if len(ids) == 0 {
		return found, nil
	}
	var events []*community.Event
	if err := db.read.NewSelect().Model(&events).Where("post_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, e := range events {
		found[e.PostID] = e
	}
	return found, nil
}

// EventPosts lists the posts in a group that tell of something that begins
// after a moment, by when it begins; without what viewer may not read.
func (db *DB) EventPosts(ctx context.Context, group, viewer community.ActorID, after time.Time, most int) (_ []*community.Post, err error) {
	defer db.wrap(&err, "EventPosts(%d)", group)
	var posts []*community.Post
	q := db.read.NewSelect().TableExpr("events AS e").Join("JOIN posts AS p ON p.id = e.post_id").ColumnExpr(feedColumns).
		Where(shown).Where("p.group_id = ? AND e.starts_at > ?", group, after).OrderExpr("e.starts_at, e.post_id").Limit(int64(most))
	return posts, readable(q, "p.group_id", viewer).Scan(ctx, &posts)
}

// DropEvent forgets when and where something happens.
func (db *DB) DropEvent(ctx context.Context, id community.PostID) (err error) {
	defer db.wrap(&err, "DropEvent(%d)", id)
	_, err = db.write.NewDelete().Model((*community.Event)(nil)).Where("post_id = ?", id).Exec(ctx)
	return err
}
