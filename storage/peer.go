package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Peer returns the server with id.
func (db *DB) Peer(ctx context.Context, id community.PeerID) (_ *community.Peer, err error) {
	defer db.wrap(&err, "Peer(%d)", id)
	p := &community.Peer{ID: id}
	if err := db.read.NewSelect().Model(p).WherePK().Scan(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// PeerByHost returns the server called host, making its row when it is new.
// A new server hears what is said from now on.
func (db *DB) PeerByHost(ctx context.Context, host string, now time.Time) (_ *community.Peer, err error) {
	defer db.wrap(&err, "PeerByHost(%s)", host)
	p := new(community.Peer)
	err = db.read.NewSelect().Model(p).Where("host = ?", host).Scan(ctx)
	if err == nil {
		return p, nil
	}
	head, err := db.ActivityHead(ctx)
	if err != nil {
		return nil, err
	}
	fresh := &community.Peer{Host: host, Position: head, CreatedAt: now}
	if _, err := db.write.NewInsert().Model(fresh).On("CONFLICT (host) DO NOTHING").Exec(ctx); err != nil {
		return nil, err
	}
	p = new(community.Peer)
	if err := db.write.NewSelect().Model(p).Where("host = ?", host).Scan(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// PeerNamed returns the server called host, if we know it.
func (db *DB) PeerNamed(ctx context.Context, host string) (_ *community.Peer, err error) {
	defer db.wrap(&err, "PeerNamed(%s)", host)
	p := new(community.Peer)
	if err := db.read.NewSelect().Model(p).Where("host = ?", host).Scan(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Peers lists every server we know, by id.
func (db *DB) Peers(ctx context.Context) (_ []*community.Peer, err error) {
	defer db.wrap(&err, "Peers")
	var peers []*community.Peer
	err = db.read.NewSelect().Model(&peers).OrderExpr("id").Scan(ctx)
	return peers, err
}

// SavePeerSoftware stores what NodeInfo said, or that it said nothing.
func (db *DB) SavePeerSoftware(ctx context.Context, p *community.Peer) (err error) {
	defer db.wrap(&err, "SavePeerSoftware(%d)", p.ID)
	_, err = db.write.NewUpdate().Model(p).WherePK().Column("software", "version", "checked_at").Exec(ctx)
	return err
}

// PeerSigning returns what is known of how a server wants our requests signed:
// nothing, of a server that has no row.
func (db *DB) PeerSigning(ctx context.Context, host string) (_ *community.Peer, err error) {
	defer db.wrap(&err, "PeerSigning(%s)", host)
	var rows []*community.Peer
	err = db.read.NewSelect().Model(&rows).Column("signing", "path_only", "unshared").Where("host = ?", host).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return &community.Peer{}, err
	}
	return rows[0], nil
}

// SavePeerSigning stores how a server wants our requests signed.
func (db *DB) SavePeerSigning(ctx context.Context, p *community.Peer) (err error) {
	defer db.wrap(&err, "SavePeerSigning(%d)", p.ID)
	_, err = db.write.NewUpdate().Model(p).WherePK().Column("signing", "path_only", "unshared").Exec(ctx)
	return err
}

// SaveDeliveries stores how far deliveries to peers have come and how they
// go, and keeps the right to deliver to them until a time. It returns those
// that worker still has; the others are somebody else's now, and their rows
// are left alone.
func (db *DB) SaveDeliveries(ctx context.Context, peers []*community.Peer, worker string, until time.Time) (_ []community.PeerID, err error) {
	defer db.wrap(&err, "SaveDeliveries(%d)", len(peers))
	if len(peers) == 0 {
		return nil, nil
	}
	saved, err := affected(db.write.NewUpdate().Model(&peers).
		Column("position", "fails", "failing_since", "next_attempt_at", "last_error", "delivered_at").Bulk().
		Set("leased_until = ?", until).Where("peer.leased_by = ?", worker).Exec(ctx))
	if err != nil {
		return nil, err
	}
	held := make([]community.PeerID, 0, len(peers))
	for _, p := range peers {
		held = append(held, p.ID)
	}
	if saved == int64(len(peers)) {
		return held, nil
	}
	var left []community.PeerID
	err = db.write.NewSelect().Model((*community.Peer)(nil)).Column("id").
		Where("id IN (?) AND leased_by = ?", bun.List(held), worker).OrderExpr("id").Scan(ctx, &left)
	return left, err
}

// PeerSpoke notes a signed activity from a server: a sign of life that makes
// the next delivery due at once.
func (db *DB) PeerSpoke(ctx context.Context, id community.PeerID, now time.Time) (err error) {
	defer db.wrap(&err, "PeerSpoke(%d)", id)
	_, err = db.write.NewUpdate().Model((*community.Peer)(nil)).Where("id = ?", id).
		Set("received_at = ?, next_attempt_at = NULL, failing_since = NULL", now).Exec(ctx)
	return err
}

// LeasePeers takes or keeps the right to deliver to servers until a time and
// returns those that worker has now. Of kept nobody else has had the right
// since worker had it last; taken were somebody else's, or nobody's.
func (db *DB) LeasePeers(ctx context.Context, ids []community.PeerID, worker string, now, until time.Time) (kept, taken []*community.Peer, err error) {
	defer db.wrap(&err, "LeasePeers(%d)", len(ids))
	if len(ids) == 0 {
		return nil, nil, nil
	}
	lease := func(rows *[]*community.Peer, where string, args ...any) error {
		_, err := db.write.NewUpdate().Model((*community.Peer)(nil)).
			Set("leased_by = ?, leased_until = ?", worker, until).
			Where("id IN (?)", bun.List(ids)).Where(where, args...).Returning("*").Exec(ctx, rows)
		return err
	}
	if err := lease(&kept, "leased_by = ?", worker); err != nil || len(kept) == len(ids) {
		return kept, nil, err
	}
	err = lease(&taken, "leased_by <> ? AND (leased_until IS NULL OR leased_until < ?)", worker, now)
	return kept, taken, err
}

// ReleasePeers gives back every right to deliver that worker has.
func (db *DB) ReleasePeers(ctx context.Context, worker string) (err error) {
	defer db.wrap(&err, "ReleasePeers")
	_, err = db.write.NewUpdate().Model((*community.Peer)(nil)).Set("leased_by = '', leased_until = NULL").
		Where("leased_by = ?", worker).Exec(ctx)
	return err
}
