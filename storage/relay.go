package storage

import (
	"context"

	"drystone/community"
)

// Relays lists the relays in a state, or all; oldest first.
func (db *DB) Relays(ctx context.Context, state community.RelayState) (_ []*community.Relay, err error) {
	defer db.wrap(&err, "Relays(%s)", state)
	var list []*community.Relay
	q := db.read.NewSelect().Model(&list).OrderExpr("id")
	if state != "" {
		q = q.Where("state = ?", state)
	}
	return list, q.Scan(ctx)
}

// Relay returns the relay with id.
func (db *DB) Relay(ctx context.Context, id community.RelayID) (_ *community.Relay, err error) {
	defer db.wrap(&err, "Relay(%d)", id)
	return db.relay(ctx, "id = ?", id)
}

// RelayAt returns the relay that an operator knows by an address.
func (db *DB) RelayAt(ctx context.Context, address string) (_ *community.Relay, err error) {
	defer db.wrap(&err, "RelayAt(%s)", address)
	return db.relay(ctx, "address = ?", address)
}

// RelayByFollow returns the relay to which we subscribed by a Follow.
func (db *DB) RelayByFollow(ctx context.Context, iri string) (_ *community.Relay, err error) {
	defer db.wrap(&err, "RelayByFollow(%s)", iri)
	return db.relay(ctx, "follow = ?", iri)
}

// RelayByActor returns the relay for which an actor speaks.
func (db *DB) RelayByActor(ctx context.Context, iri string) (_ *community.Relay, err error) {
	defer db.wrap(&err, "RelayByActor(%s)", iri)
	return db.relay(ctx, "actor = ? AND state <> ?", iri, community.RelayLeft)
}

func (db *DB) relay(ctx context.Context, where string, args ...any) (*community.Relay, error) {
	r := new(community.Relay)
	if err := db.read.NewSelect().Model(r).Where(where, args...).OrderExpr("id").Limit(1).Scan(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// AddRelay stores a new relay.
func (db *DB) AddRelay(ctx context.Context, r *community.Relay) (err error) {
	defer db.wrap(&err, "AddRelay(%s)", r.Address)
	_, err = db.write.NewInsert().Model(r).Exec(ctx)
	return err
}

// SaveRelay stores what became of a relay.
func (db *DB) SaveRelay(ctx context.Context, r *community.Relay) (err error) {
	defer db.wrap(&err, "SaveRelay(%d)", r.ID)
	_, err = db.write.NewUpdate().Model(r).WherePK().Exec(ctx)
	return err
}
