package storage

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// These questions are asked for many listeners at once: an event that concerns
// two thousand open pages asks a few of them, not thousands.

// atOnce is how many listeners one statement asks for.
const atOnce = 1000

// NewestFact is the last fact that has a number.
func (db *DB) NewestFact(ctx context.Context) (id community.FactID, err error) {
	defer db.wrap(&err, "NewestFact")
	err = db.read.NewRaw("SELECT coalesce(max(id), 0) FROM facts WHERE id IS NOT NULL").Scan(ctx, &id)
	return id, err
}

// A Notice is that an account was told something.
type Notice struct {
	ID        community.NotificationID
	AccountID community.AccountID
}

// NewestNotice is the last notification of anybody.
func (db *DB) NewestNotice(ctx context.Context) (id community.NotificationID, err error) {
	defer db.wrap(&err, "NewestNotice")
	err = db.read.NewRaw("SELECT coalesce(max(id), 0) FROM notifications").Scan(ctx, &id)
	return id, err
}

// Notices lists who was told something after a notification, in order.
func (db *DB) Notices(ctx context.Context, after community.NotificationID, limit int) (_ []Notice, err error) {
	defer db.wrap(&err, "Notices(%d)", after)
	var list []Notice
	err = db.read.NewRaw("SELECT id, account_id FROM notifications WHERE id > ? ORDER BY id LIMIT ?", after, limit).Scan(ctx, &list)
	return list, err
}

// SessionsAlive returns those of some sessions that still sign somebody in.
func (db *DB) SessionsAlive(ctx context.Context, ids []community.SessionID, now time.Time) (_ map[community.SessionID]bool, err error) {
	defer db.wrap(&err, "SessionsAlive(%d)", len(ids))
	alive := make(map[community.SessionID]bool, len(ids))
	for part := range slices.Chunk(ids, atOnce) {
		var found []community.SessionID
		err = db.read.NewRaw("SELECT id FROM sessions WHERE id IN (?) AND (expires_at IS NULL OR expires_at > ?)", bun.List(part), now).Scan(ctx, &found)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			alive[id] = true
		}
	}
	return alive, nil
}

// ReadersAmong returns those of some people of this server who may read in a
// group.
func (db *DB) ReadersAmong(ctx context.Context, group *community.Actor, people []community.ActorID) (_ map[community.ActorID]bool, err error) {
	defer db.wrap(&err, "ReadersAmong(%d)", group.ID)
	if group.Visibility != community.Private {
		all := make(map[community.ActorID]bool, len(people))
		for _, id := range people {
			all[id] = true
		}
		return all, nil
	}
	return db.among(ctx, people, "SELECT m.actor_id FROM memberships AS m WHERE m.group_id = ? AND m.actor_id IN (?) AND "+within, group.ID)
}

// MembersAmong returns those of some people in whose home feed a post by author
// in group is: they joined the group, or follow the author.
func (db *DB) MembersAmong(ctx context.Context, group, author community.ActorID, people []community.ActorID) (_ map[community.ActorID]bool, err error) {
	defer db.wrap(&err, "MembersAmong(%d)", group)
	members, err := db.among(ctx, people, "SELECT actor_id FROM memberships WHERE group_id = ? AND actor_id IN (?) AND state = 'accepted'", group)
	if err != nil {
		return nil, err
	}
	followers, err := db.among(ctx, people, "SELECT follower_id FROM follows WHERE target_id = ? AND follower_id IN (?) AND state = 'accepted'", author)
	maps.Copy(members, followers)
	return members, err
}

// among asks, part by part, which of some people something is true of. The
// query is given what, then the people.
func (db *DB) among(ctx context.Context, people []community.ActorID, query string, what any, more ...any) (map[community.ActorID]bool, error) {
	found := map[community.ActorID]bool{}
	for part := range slices.Chunk(people, atOnce) {
		var ids []community.ActorID
		if err := db.read.NewRaw(query, append([]any{what, bun.List(part)}, more...)...).Scan(ctx, &ids); err != nil {
			return nil, err
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	return found, nil
}

// HidersAmong returns those of some people who do not meet what author says in
// group: they keep the author or the author's server away, or the author them.
// Where group is not nil it is about lists, from which people leave out groups
// too.
func (db *DB) HidersAmong(ctx context.Context, author, group *community.Actor, people []community.ActorID, now time.Time) (_ map[community.ActorID]bool, err error) {
	defer db.wrap(&err, "HidersAmong(%d)", author.ID)
	type question struct {
		text string
		what any
	}
	hosts := []string{author.Host}
	questions := []question{
		{"SELECT b.owner_id FROM blocks AS b WHERE b.kind = 'person' AND b.target_id = ? AND b.owner_id IN (?) AND ", author.ID},
		{"SELECT b.target_id FROM blocks AS b WHERE b.owner_id = ? AND b.target_id IN (?) AND b.kind = 'person' AND NOT b.mute AND ", author.ID},
	}
	if group != nil {
		hosts = append(hosts, group.Host)
		questions = append(questions, question{"SELECT b.owner_id FROM blocks AS b WHERE b.kind = 'group' AND b.target_id = ? AND b.owner_id IN (?) AND ", group.ID})
	}
	if hosts = slices.DeleteFunc(hosts, func(host string) bool { return host == "" }); len(hosts) > 0 {
		questions = append(questions, question{"SELECT b.owner_id FROM blocks AS b WHERE b.kind = 'server' AND b.host IN (?) AND b.owner_id IN (?) AND ", bun.List(hosts)})
	}
	hiders := map[community.ActorID]bool{}
	for _, q := range questions {
		found, err := db.among(ctx, people, q.text+lasting, q.what, now)
		if err != nil {
			return nil, err
		}
		maps.Copy(hiders, found)
	}
	return hiders, nil
}

// WordyAmong returns those of some people who keep words away.
func (db *DB) WordyAmong(ctx context.Context, people []community.ActorID, now time.Time) (_ map[community.ActorID]bool, err error) {
	defer db.wrap(&err, "WordyAmong(%d)", len(people))
	return db.among(ctx, people, "SELECT DISTINCT b.owner_id FROM blocks AS b WHERE b.kind = ? AND b.owner_id IN (?) AND "+lasting, community.BlockWords, now)
}
