package storage

import (
	"context"
	"time"

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

// SavePeerDelivery stores how far deliveries have come and how they go.
func (db *DB) SavePeerDelivery(ctx context.Context, p *community.Peer) (err error) {
	defer db.wrap(&err, "SavePeerDelivery(%d)", p.ID)
	_, err = db.write.NewUpdate().Model(p).WherePK().
		Column("position", "fails", "failing_since", "next_attempt_at", "last_error", "delivered_at").Exec(ctx)
	return err
}

// PeerSpoke notes a signed activity from a server: a sign of life that makes
// the next delivery due at once.
func (db *DB) PeerSpoke(ctx context.Context, id community.PeerID, now time.Time) (err error) {
	defer db.wrap(&err, "PeerSpoke(%d)", id)
	_, err = db.write.NewUpdate().Model((*community.Peer)(nil)).Where("id = ?", id).
		Set("received_at = ?, next_attempt_at = NULL, failing_since = NULL", now).Exec(ctx)
	return err
}

// LeasePeer takes or keeps the right to deliver to a server until a time, and
// reports whether worker has it.
func (db *DB) LeasePeer(ctx context.Context, id community.PeerID, worker string, now, until time.Time) (_ bool, err error) {
	defer db.wrap(&err, "LeasePeer(%d)", id)
	return one(db.write.NewUpdate().Model((*community.Peer)(nil)).
		Set("leased_by = ?, leased_until = ?", worker, until).
		Where("id = ? AND (leased_by = ? OR leased_until IS NULL OR leased_until < ?)", id, worker, now).Exec(ctx))
}

// ReleasePeer gives the right to deliver back.
func (db *DB) ReleasePeer(ctx context.Context, id community.PeerID, worker string) (err error) {
	defer db.wrap(&err, "ReleasePeer(%d)", id)
	_, err = db.write.NewUpdate().Model((*community.Peer)(nil)).Set("leased_by = '', leased_until = NULL").
		Where("id = ? AND leased_by = ?", id, worker).Exec(ctx)
	return err
}
