package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// FollowingOf lists the people whom somebody follows, asked to follow, or who
// do not want that, by id. Who is gone is left out.
func (db *DB) FollowingOf(ctx context.Context, follower community.ActorID, page community.Page) (_ []*community.Follower, next string, err error) {
	defer db.wrap(&err, "FollowingOf(%d)", follower)
	var rows []*community.Follow
	q := db.people(&rows, follower).ExcludeColumn("raw")
	next, err = oldest(ctx, q, &rows, "target_id", page, func(f *community.Follow) int64 { return int64(f.TargetID) })
	if err != nil {
		return nil, "", err
	}
	ids := make([]community.ActorID, len(rows))
	for i, f := range rows {
		ids[i] = f.TargetID
	}
	actors, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	list := make([]*community.Follower, 0, len(rows))
	for _, f := range rows {
		if a := actors[f.TargetID]; a != nil {
			list = append(list, &community.Follower{Follow: f, Actor: a})
		}
	}
	return list, next, nil
}

// people are somebody's follows of people who are still there.
func (db *DB) people(rows *[]*community.Follow, follower community.ActorID) *bun.SelectQuery {
	return db.read.NewSelect().Model(rows).
		Where("follow.follower_id = ? AND EXISTS (SELECT 1 FROM actors AS a WHERE a.id = follow.target_id AND a.kind IN (?) AND a.deleted_at IS NULL)",
			follower, bun.List(peopleKinds))
}

var peopleKinds = []community.ActorKind{community.Person, community.Service}

// CountFollowing counts the people whom somebody follows or asked to follow:
// all of them, and those that they began with after a moment.
func (db *DB) CountFollowing(ctx context.Context, follower community.ActorID, after time.Time) (all, since int, err error) {
	defer db.wrap(&err, "CountFollowing(%d)", follower)
	var n struct{ Everybody, Fresh int }
	err = db.read.NewSelect().TableExpr("follows AS f").
		ColumnExpr("count(*) AS everybody, coalesce(sum(CASE WHEN f.created_at > ? THEN 1 ELSE 0 END), 0) AS fresh", after).
		Where("f.follower_id = ? AND f.state <> ?", follower, community.TurnedDown).
		Where("EXISTS (SELECT 1 FROM actors AS a WHERE a.id = f.target_id AND a.kind IN (?) AND a.deleted_at IS NULL)", bun.List(peopleKinds)).Scan(ctx, &n)
	return n.Everybody, n.Fresh, err
}

// HoldFollowing makes other transactions that hold whom somebody follows wait
// for the end of this one.
func (db *DB) HoldFollowing(ctx context.Context, follower community.ActorID) (err error) {
	defer db.wrap(&err, "HoldFollowing(%d)", follower)
	return db.hold(ctx, "following:%d", follower)
}

// FollowsAmong returns how somebody follows each of some people, by person.
func (db *DB) FollowsAmong(ctx context.Context, follower community.ActorID, targets []community.ActorID) (_ map[community.ActorID]*community.Follow, err error) {
	defer db.wrap(&err, "FollowsAmong(%d, %d)", follower, len(targets))
	found := map[community.ActorID]*community.Follow{}
	if follower == 0 || len(targets) == 0 {
		return found, nil
	}
	var list []*community.Follow
	err = db.read.NewSelect().Model(&list).ExcludeColumn("raw").Where("follower_id = ? AND target_id IN (?)", follower, bun.List(targets)).Scan(ctx)
	for _, f := range list {
		found[f.TargetID] = f
	}
	return found, err
}

// FollowersHere lists up to most of the people of this server who follow
// target or asked to, after one of them, by id.
func (db *DB) FollowersHere(ctx context.Context, target, after community.ActorID, most int) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "FollowersHere(%d)", target)
	var list []*community.Actor
	err = db.read.NewSelect().Model(&list).Join("JOIN follows AS f ON f.follower_id = actor.id").
		Where("f.target_id = ? AND f.follower_id > ? AND f.state <> ? AND actor.host = '' AND actor.deleted_at IS NULL", target, after, community.TurnedDown).
		OrderExpr("actor.id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// FollowingAfter lists some of the people whom somebody follows or asked to
// follow, after one of them, by id.
func (db *DB) FollowingAfter(ctx context.Context, follower community.ActorID, after int64, most int) (_ []*community.Follower, err error) {
	defer db.wrap(&err, "FollowingAfter(%d)", follower)
	page := community.Page{Limit: most}
	if after > 0 {
		page.After = keyset{ID: after}.String()
	}
	list, _, err := db.FollowingOf(ctx, follower, page)
	return list, err
}

// PeerFollowed lists up to most follows of people of a server by people here.
func (db *DB) PeerFollowed(ctx context.Context, peer community.PeerID, most int) (_ []*community.Follow, err error) {
	defer db.wrap(&err, "PeerFollowed(%d)", peer)
	var list []*community.Follow
	err = db.read.NewSelect().Model(&list).Join("JOIN actors AS a ON a.id = follow.target_id").
		Where("a.peer_id = ? AND a.kind IN (?)", peer, bun.List(peopleKinds)).
		OrderExpr("follow.target_id, follow.follower_id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// TakeBackNotification forgets that somebody was told that actor follows them.
func (db *DB) TakeBackNotification(ctx context.Context, whom, actor community.ActorID) (err error) {
	defer db.wrap(&err, "TakeBackNotification(%d, %d)", whom, actor)
	_, err = db.write.NewDelete().Model((*community.Notification)(nil)).
		Where("actor_id = ? AND kind = 'follow' AND account_id IN (SELECT a.id FROM accounts AS a WHERE a.actor_id = ?)", actor, whom).Exec(ctx)
	return err
}

// DropFollowsOf forgets who follows somebody elsewhere who is gone. Nobody is
// counted: they are not there to be followed.
func (db *DB) DropFollowsOf(ctx context.Context, target community.ActorID) (err error) {
	defer db.wrap(&err, "DropFollowsOf(%d)", target)
	_, err = db.write.NewDelete().Model((*community.Follow)(nil)).Where("target_id = ?", target).Exec(ctx)
	return err
}

// FollowedPerson reports whether anybody of this server follows the person
// called iri, who let them.
func (db *DB) FollowedPerson(ctx context.Context, iri string) (_ bool, err error) {
	defer db.wrap(&err, "FollowedPerson(%s)", iri)
	return db.read.NewSelect().TableExpr("actors AS p").
		Join("JOIN follows AS f ON f.target_id = p.id AND f.state = 'accepted'").
		Join("JOIN actors AS a ON a.id = f.follower_id AND a.host = ''").
		Where("p.iri = ?", iri).Exists(ctx)
}
