package storage

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// PeerList lists servers by host, and returns the cursor of the next page.
func (db *DB) PeerList(ctx context.Context, query community.PeerQuery, now time.Time) (_ []*community.Peer, next string, err error) {
	defer db.wrap(&err, "PeerList(%+v)", query)
	var peers []*community.Peer
	q := inState(db.read.NewSelect().Model(&peers), query.State, now).OrderExpr("host").Limit(int64(query.Limit) + 1)
	if query.Words != "" {
		q = q.Where("host LIKE ? ESCAPE '!'", "%"+escapeLike(strings.ToLower(query.Words))+"%")
	}
	if query.After != "" {
		q = q.Where("host > ?", query.After)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	if len(peers) > query.Limit {
		peers = peers[:query.Limit]
		next = peers[query.Limit-1].Host
	}
	return peers, next, nil
}

// inState keeps peers of one state (see community.Peer.State).
func inState(q *bun.SelectQuery, state community.PeerState, now time.Time) *bun.SelectQuery {
	givenUp := now.Add(-community.GiveUpAfter)
	switch state {
	case community.PeerPaused:
		return q.Where("paused_at IS NOT NULL")
	case community.PeerDormant:
		return q.Where("paused_at IS NULL AND failing_since < ?", givenUp)
	case community.PeerFailing:
		return q.Where("paused_at IS NULL AND failing_since >= ?", givenUp)
	case community.PeerWell:
		return q.Where("paused_at IS NULL AND failing_since IS NULL")
	}
	return q
}

// CountPeers counts servers by state.
func (db *DB) CountPeers(ctx context.Context, now time.Time) (_ map[community.PeerState]int64, err error) {
	defer db.wrap(&err, "CountPeers")
	counts := map[community.PeerState]int64{}
	for _, state := range community.PeerStates {
		n, err := inState(db.read.NewSelect().Model((*community.Peer)(nil)), state, now).Count(ctx)
		if err != nil {
			return nil, err
		}
		counts[state] = n
	}
	return counts, nil
}

// PeerViews returns peers with what lives between them and us.
func (db *DB) PeerViews(ctx context.Context, peers []*community.Peer) (_ []*community.PeerView, err error) {
	defer db.wrap(&err, "PeerViews(%d)", len(peers))
	if len(peers) == 0 {
		return nil, nil
	}
	ids := make([]community.PeerID, len(peers))
	for i, p := range peers {
		ids[i] = p.ID
	}
	followers, err := db.countByPeer(ctx, "SELECT peer_id, sum(followers) AS n FROM audiences WHERE peer_id IN (?) GROUP BY peer_id", ids)
	if err != nil {
		return nil, err
	}
	following, err := db.countByPeer(ctx, `SELECT g.peer_id, count(*) AS n FROM actors AS g JOIN memberships AS m ON m.group_id = g.id
		WHERE g.peer_id IN (?) AND g.kind = 'group' AND m.state = 'accepted' GROUP BY g.peer_id`, ids)
	if err != nil {
		return nil, err
	}
	people, err := db.countByPeer(ctx, `SELECT p.peer_id, count(*) AS n FROM actors AS p JOIN follows AS f ON f.target_id = p.id
		WHERE p.peer_id IN (?) AND p.kind IN ('person', 'service') AND f.state = 'accepted' GROUP BY p.peer_id`, ids)
	if err != nil {
		return nil, err
	}
	vouched, err := db.countByPeer(ctx, "SELECT via AS peer_id, count(*) AS n FROM votes WHERE via IN (?) GROUP BY via", ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.PeerView, len(peers))
	for i, p := range peers {
		views[i] = &community.PeerView{Peer: p, Followers: followers[p.ID], Following: following[p.ID] + people[p.ID], Vouched: vouched[p.ID]}
		if views[i].Waiting, err = db.waiting(ctx, p); err != nil {
			return nil, err
		}
	}
	return views, nil
}

func (db *DB) countByPeer(ctx context.Context, query string, ids []community.PeerID) (map[community.PeerID]int64, error) {
	var rows []struct {
		PeerID community.PeerID
		N      int64
	}
	if err := db.read.NewRaw(query, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	counts := make(map[community.PeerID]int64, len(rows))
	for _, r := range rows {
		counts[r.PeerID] = r.N
	}
	return counts, nil
}

// waiting counts what a peer has still to hear, as far as MostWaiting.
func (db *DB) waiting(ctx context.Context, p *community.Peer) (n int64, err error) {
	err = db.read.NewRaw(`SELECT (SELECT count(*) FROM (SELECT 1 FROM activities AS x WHERE x.peer_id = ? AND x.id > ? LIMIT ?) AS direct)
		+ (SELECT count(*) FROM (SELECT 1 FROM audiences AS u JOIN activities AS x ON x.audience = u.actor_id
			WHERE u.peer_id = ? AND x.id > ? AND x.id > u.since AND (x.form = 0 OR (x.form & ?) <> 0) LIMIT ?) AS shared)
		+ (SELECT count(*) FROM (SELECT 1 FROM activities AS x WHERE x.audience = ? AND x.id > ? AND (x.form = 0 OR (x.form & ?) <> 0) LIMIT ?) AS everybody)`,
		p.ID, p.Position, community.MostWaiting, p.ID, p.Position, p.Forms(), community.MostWaiting,
		community.Everybody, p.Position, p.Forms(), community.MostWaiting).Scan(ctx, &n)
	return min(n, community.MostWaiting), err
}

// TouchPeer stores what an operator decided about a server, and takes it away
// from whoever delivers to it, so that they read it again (see TouchedPeers).
func (db *DB) TouchPeer(ctx context.Context, p *community.Peer) (err error) {
	defer db.wrap(&err, "TouchPeer(%d)", p.ID)
	if p.TouchedAt.IsZero() {
		return fault.New(fault.Internal, "a touch without a time")
	}
	p.LeasedBy, p.LeasedUntil = "", time.Time{}
	_, err = db.write.NewUpdate().Model(p).WherePK().
		Column("position", "fails", "failing_since", "next_attempt_at", "last_error", "paused_at", "touched_at", "leased_by", "leased_until").
		Exec(ctx)
	if err == nil {
		db.ring(NewActivities)
	}
	return err
}

// TouchedPeers lists the servers that operators decided about since a time.
func (db *DB) TouchedPeers(ctx context.Context, since time.Time) (_ []*community.Peer, err error) {
	defer db.wrap(&err, "TouchedPeers")
	var peers []*community.Peer
	err = db.read.NewSelect().Model(&peers).Where("touched_at > ?", since).OrderExpr("touched_at, id").Scan(ctx)
	return peers, err
}

// PeerMembers lists up to limit people of a server who follow groups here, or
// asked to.
func (db *DB) PeerMembers(ctx context.Context, peer community.PeerID, limit int) (_ []*community.Membership, err error) {
	defer db.wrap(&err, "PeerMembers(%d)", peer)
	var list []*community.Membership
	err = db.read.NewSelect().Model(&list).Join("JOIN actors AS a ON a.id = membership.actor_id").
		Join("JOIN actors AS g ON g.id = membership.group_id").
		Where("a.peer_id = ? AND g.host = '' AND membership.state <> 'absent'", peer).
		OrderExpr("membership.group_id, membership.actor_id").Limit(int64(limit)).Scan(ctx)
	return list, err
}

// PeerFollows lists up to limit people of a server who follow people here.
func (db *DB) PeerFollows(ctx context.Context, peer community.PeerID, limit int) (_ []*community.Follow, err error) {
	defer db.wrap(&err, "PeerFollows(%d)", peer)
	var list []*community.Follow
	err = db.read.NewSelect().Model(&list).Join("JOIN actors AS a ON a.id = follow.follower_id").Where("a.peer_id = ?", peer).
		OrderExpr("follow.target_id, follow.follower_id").Limit(int64(limit)).Scan(ctx)
	return list, err
}

// DropAudiences has a server hear nothing more of anybody here.
func (db *DB) DropAudiences(ctx context.Context, peer community.PeerID) (err error) {
	defer db.wrap(&err, "DropAudiences(%d)", peer)
	_, err = db.write.NewDelete().Model((*audience)(nil)).Where("peer_id = ?", peer).Exec(ctx)
	return err
}
