package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// audience is one server that follows an actor.
type audience struct {
	bun.BaseModel `bun:"table:audiences"`
	ActorID       community.ActorID `bun:",pk"`
	PeerID        community.PeerID  `bun:",pk"`
	Followers     int64
	Since         community.ActivityID
}

// AddAudience counts one more follower of actor on a server. The first makes
// the server hear what is said from now on.
func (db *DB) AddAudience(ctx context.Context, actor community.ActorID, peer community.PeerID) (err error) {
	defer db.wrap(&err, "AddAudience(%d, %d)", actor, peer)
	head, err := db.ActivityHead(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewInsert().Model(&audience{ActorID: actor, PeerID: peer, Followers: 1, Since: head}).
		On("CONFLICT (actor_id, peer_id) DO UPDATE").Set("followers = audience.followers + 1").Exec(ctx)
	return err
}

// DropAudience counts one follower less; with the last the server hears no
// more.
func (db *DB) DropAudience(ctx context.Context, actor community.ActorID, peer community.PeerID) (err error) {
	defer db.wrap(&err, "DropAudience(%d, %d)", actor, peer)
	_, err = db.write.NewUpdate().Model((*audience)(nil)).Set("followers = followers - 1").
		Where("actor_id = ? AND peer_id = ?", actor, peer).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*audience)(nil)).
		Where("actor_id = ? AND peer_id = ? AND followers <= 0", actor, peer).Exec(ctx)
	return err
}

// A Listener is a server that follows an actor and hears what was said after
// Since.
type Listener struct {
	PeerID    community.PeerID
	Since     community.ActivityID
	Software  string
	CheckedAt time.Time // when NodeInfo was last asked for
}

// Listeners lists the servers that follow actor; all that we know, of
// community.Everybody.
func (db *DB) Listeners(ctx context.Context, actor community.ActorID) (_ []Listener, err error) {
	defer db.wrap(&err, "Listeners(%d)", actor)
	if actor == community.Everybody {
		return db.everybodyListening(ctx)
	}
	var list []Listener
	err = db.read.NewRaw("SELECT u.peer_id, u.since, p.software, p.checked_at FROM audiences AS u"+
		" JOIN peers AS p ON p.id = u.peer_id WHERE u.actor_id = ? ORDER BY u.peer_id", actor).Scan(ctx, &list)
	return list, err
}

// AudienceInboxes lists the inboxes on one server that together reach every
// follower of actor there: the shared one where there is one.
func (db *DB) AudienceInboxes(ctx context.Context, actor community.ActorID, peer community.PeerID) (_ []string, err error) {
	defer db.wrap(&err, "AudienceInboxes(%d, %d)", actor, peer)
	if actor == community.Everybody {
		return db.anyInbox(ctx, peer)
	}
	// From the server's actors to their memberships: the other way round would
	// look at every follower of a group for every server that follows it.
	const reached = "SELECT CASE WHEN a.shared_inbox <> '' THEN a.shared_inbox ELSE a.inbox END AS inbox FROM actors AS a" +
		" WHERE a.peer_id = ? AND a.deleted_at IS NULL AND EXISTS (SELECT 1 FROM "
	var inboxes []string
	err = db.read.NewRaw(reached+"memberships AS m WHERE m.group_id = ? AND m.actor_id = a.id AND m.state = 'accepted')"+
		" UNION "+reached+"follows AS f WHERE f.target_id = ? AND f.follower_id = a.id AND f.state = 'accepted') ORDER BY inbox",
		peer, actor, peer, actor).Scan(ctx, &inboxes)
	return inboxes, err
}
