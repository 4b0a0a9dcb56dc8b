package storage

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// FeedSource returns what is known of a feed beside what every actor has.
func (db *DB) FeedSource(ctx context.Context, feed community.ActorID) (_ *community.FeedSource, err error) {
	defer db.wrap(&err, "FeedSource(%d)", feed)
	f := new(community.FeedSource)
	if err := db.read.NewSelect().Model(f).Where("actor_id = ?", feed).Scan(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

// FeedByFollowing returns the feed whose groups are in the collection called
// iri.
func (db *DB) FeedByFollowing(ctx context.Context, iri string) (_ *community.FeedSource, err error) {
	defer db.wrap(&err, "FeedByFollowing(%s)", iri)
	f := new(community.FeedSource)
	err = db.read.NewSelect().Model(f).Where("following = ? AND following <> ''", iri).OrderExpr("actor_id").Limit(1).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// SaveFeedSource stores what a feed says of itself. Who keeps it stays until
// that is read again, unless it says that others do.
func (db *DB) SaveFeedSource(ctx context.Context, f *community.FeedSource) (err error) {
	defer db.wrap(&err, "SaveFeedSource(%d)", f.ActorID)
	_, err = db.write.NewInsert().Model(f).On("CONFLICT (actor_id) DO UPDATE").
		Set("following = EXCLUDED.following, attributed = EXCLUDED.attributed").
		Set("owners = CASE WHEN feed_source.attributed = EXCLUDED.attributed THEN feed_source.owners ELSE EXCLUDED.owners END").
		Returning("NULL").Exec(ctx)
	return err
}

// SaveFeedOwners stores who keeps a feed.
func (db *DB) SaveFeedOwners(ctx context.Context, f *community.FeedSource) (err error) {
	defer db.wrap(&err, "SaveFeedOwners(%d)", f.ActorID)
	_, err = db.write.NewUpdate().Model(f).WherePK().Column("owners").Exec(ctx)
	return err
}

// HoldFeed makes other transactions that hold a feed's groups wait for the end
// of this one.
func (db *DB) HoldFeed(ctx context.Context, feed community.ActorID) (err error) {
	defer db.wrap(&err, "HoldFeed(%d)", feed)
	return db.hold(ctx, "feed:%d", feed)
}

// FeedGroups lists the groups of a feed that were not closed, by name.
func (db *DB) FeedGroups(ctx context.Context, feed community.ActorID) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "FeedGroups(%d)", feed)
	var groups []*community.Actor
	err = db.read.NewSelect().Model(&groups).
		Join("JOIN feed_groups AS f ON f.group_id = actor.id").
		Where("f.feed_id = ? AND actor.deleted_at IS NULL", feed).
		OrderExpr("actor.fold, actor.host").Scan(ctx)
	return groups, err
}

// AddFeedGroup puts a group into a feed.
func (db *DB) AddFeedGroup(ctx context.Context, g *community.FeedGroup) (err error) {
	defer db.wrap(&err, "AddFeedGroup(%d, %d)", g.FeedID, g.GroupID)
	_, err = db.write.NewInsert().Model(g).On("CONFLICT (feed_id, group_id) DO NOTHING").Returning("NULL").Exec(ctx)
	return err
}

// DropFeedGroup takes a group out of a feed.
func (db *DB) DropFeedGroup(ctx context.Context, feed, group community.ActorID) (err error) {
	defer db.wrap(&err, "DropFeedGroup(%d, %d)", feed, group)
	_, err = db.write.NewDelete().Model((*community.FeedGroup)(nil)).Where("feed_id = ? AND group_id = ?", feed, group).Exec(ctx)
	return err
}

// KeepFeedGroups takes all groups but those with ids out of a feed.
func (db *DB) KeepFeedGroups(ctx context.Context, feed community.ActorID, ids []community.ActorID) (err error) {
	defer db.wrap(&err, "KeepFeedGroups(%d, %d ids)", feed, len(ids))
	q := db.write.NewDelete().Model((*community.FeedGroup)(nil)).Where("feed_id = ?", feed)
	if len(ids) > 0 {
		q = q.Where("group_id NOT IN (?)", bun.List(ids))
	}
	_, err = q.Exec(ctx)
	return err
}

// FeedsOf lists the feeds that somebody follows, or asked to, by name, with
// how.
func (db *DB) FeedsOf(ctx context.Context, follower community.ActorID) (_ []*community.Feed, err error) {
	defer db.wrap(&err, "FeedsOf(%d)", follower)
	var rows []struct {
		community.Actor `bun:",extend"`
		State           community.MembershipState
		FollowIRI       string
	}
	err = db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.*, f.state, f.iri AS follow_iri").
		Join("JOIN follows AS f ON f.target_id = a.id").
		Where("f.follower_id = ? AND a.kind = ? AND a.deleted_at IS NULL", follower, community.FeedKind).
		OrderExpr("a.fold, a.host").Scan(ctx, &rows)
	feeds := make([]*community.Feed, len(rows))
	for i := range rows {
		row := &rows[i]
		feeds[i] = &community.Feed{
			Actor:  &row.Actor,
			Follow: &community.Follow{FollowerID: follower, TargetID: row.ID, State: row.State, IRI: row.FollowIRI},
		}
	}
	return feeds, err
}

// FeedsBy lists the feeds of this server that whoever is called keeper keeps,
// by name.
func (db *DB) FeedsBy(ctx context.Context, keeper string) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "FeedsBy(%s)", keeper)
	var feeds []*community.Actor
	err = db.read.NewSelect().Model(&feeds).
		Join("JOIN feed_sources AS s ON s.actor_id = actor.id").
		Where("s.attributed = ? AND s.attributed <> '' AND actor.host = '' AND actor.deleted_at IS NULL", keeper).
		OrderExpr("actor.fold").Scan(ctx)
	return feeds, err
}

// HoldKeeper makes other transactions that give somebody a feed to keep wait
// for the end of this one.
func (db *DB) HoldKeeper(ctx context.Context, keeper community.ActorID) (err error) {
	defer db.wrap(&err, "HoldKeeper(%d)", keeper)
	return db.hold(ctx, "keeper:%d", keeper)
}

// FeedSizes counts the groups in feeds that everybody may know of, and that
// were not closed.
func (db *DB) FeedSizes(ctx context.Context, feeds []community.ActorID) (_ map[community.ActorID]int, err error) {
	defer db.wrap(&err, "FeedSizes(%d)", len(feeds))
	sizes := make(map[community.ActorID]int, len(feeds))
	if len(feeds) == 0 {
		return sizes, nil
	}
	var rows []struct {
		FeedID community.ActorID
		N      int
	}
	err = db.read.NewSelect().TableExpr("feed_groups AS f").ColumnExpr("f.feed_id, count(*) AS n").
		Join("JOIN actors AS a ON a.id = f.group_id").
		Where("f.feed_id IN (?) AND a.deleted_at IS NULL AND a.visibility = ''", bun.List(feeds)).
		GroupExpr("f.feed_id").Scan(ctx, &rows)
	for _, row := range rows {
		sizes[row.FeedID] = row.N
	}
	return sizes, err
}

// FeedsWith lists the feeds of this server that a group is in.
func (db *DB) FeedsWith(ctx context.Context, group community.ActorID) (_ []community.ActorID, err error) {
	defer db.wrap(&err, "FeedsWith(%d)", group)
	var ids []community.ActorID
	err = db.read.NewSelect().TableExpr("feed_groups AS f").ColumnExpr("f.feed_id").
		Join("JOIN actors AS a ON a.id = f.feed_id").
		Where("f.group_id = ? AND a.host = '' AND a.deleted_at IS NULL", group).OrderExpr("f.feed_id").Scan(ctx, &ids)
	return ids, err
}

// FollowByIRI returns the follow of target that a Follow with this id asked
// for.
func (db *DB) FollowByIRI(ctx context.Context, target community.ActorID, iri string) (_ *community.Follow, err error) {
	defer db.wrap(&err, "FollowByIRI(%d, %s)", target, iri)
	f := new(community.Follow)
	if err := db.read.NewSelect().Model(f).Where("target_id = ? AND iri = ? AND iri <> ''", target, iri).Scan(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

// CloseFeed forgets the groups of a feed that is gone, and who followed it.
func (db *DB) CloseFeed(ctx context.Context, feed community.ActorID) (err error) {
	defer db.wrap(&err, "CloseFeed(%d)", feed)
	for _, model := range []struct {
		row any
		is  string
	}{{(*community.FeedGroup)(nil), "feed_id = ?"}, {(*community.Follow)(nil), "target_id = ?"}, {(*community.FeedSource)(nil), "actor_id = ?"}} {
		if _, err := db.write.NewDelete().Model(model.row).Where(model.is, feed).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// EndFeed forgets the groups of a feed of this server and marks it as gone.
// Who follows it stays known, so that their servers hear of it; its name stays
// taken.
func (db *DB) EndFeed(ctx context.Context, feed community.ActorID, now time.Time) (err error) {
	defer db.wrap(&err, "EndFeed(%d)", feed)
	if err := db.KeepFeedGroups(ctx, feed, nil); err != nil {
		return err
	}
	return db.DeleteActor(ctx, feed, now)
}

// SearchFeeds lists feeds whose name or title holds words, those with most
// followers first; who does not want to be listed is found as in People.
func (db *DB) SearchFeeds(ctx context.Context, words string, h community.Handle, limit int) (_ []*community.Feed, err error) {
	defer db.wrap(&err, "SearchFeeds(%s)", words)
	like := "%" + escapeLike(strings.ToLower(words)) + "%"
	var actors []*community.Actor
	err = db.read.NewSelect().Model(&actors).
		Where("kind = ? AND deleted_at IS NULL", community.FeedKind).
		Where("((discoverable AND (fold LIKE ? ESCAPE '!' OR lower(title) LIKE ? ESCAPE '!')) OR (host = ? AND fold = ?))",
			like, like, h.Host, community.FoldName(h.Name)).
		OrderExpr("member_count DESC, id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	feeds, ids := make([]*community.Feed, len(actors)), make([]community.ActorID, len(actors))
	for i, a := range actors {
		feeds[i], ids[i] = &community.Feed{Actor: a}, a.ID
	}
	sizes, err := db.FeedSizes(ctx, ids)
	for _, f := range feeds {
		f.Size = sizes[f.ID]
	}
	return feeds, err
}
