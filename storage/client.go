package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddClient stores a new client and sets its id.
func (db *DB) AddClient(ctx context.Context, c *community.Client) (err error) {
	defer db.wrap(&err, "AddClient(%s)", c.Key)
	_, err = db.write.NewInsert().Model(c).Returning("id").Exec(ctx)
	return err
}

// ClientByKey returns the client that is known by key.
func (db *DB) ClientByKey(ctx context.Context, key string) (_ *community.Client, err error) {
	defer db.wrap(&err, "ClientByKey(%s)", key)
	c := new(community.Client)
	return c, db.read.NewSelect().Model(c).Where("key = ?", key).Scan(ctx)
}

// CountStrayClients counts the clients that nobody lets in.
func (db *DB) CountStrayClients(ctx context.Context) (_ int64, err error) {
	defer db.wrap(&err, "CountStrayClients")
	return db.read.NewSelect().Model((*community.Client)(nil)).
		Where("NOT EXISTS (SELECT 1 FROM permits AS g WHERE g.client_id = client.id)").Count(ctx)
}

// PermitOf returns what an account lets a client do. In a transaction others
// that ask wait for its end, so that both do not make a permit.
func (db *DB) PermitOf(ctx context.Context, account community.AccountID, client community.ClientID) (_ *community.Permit, err error) {
	defer db.wrap(&err, "PermitOf(%d, %d)", account, client)
	if db.rings != nil {
		if err := db.hold(ctx, "permit:%d:%d", account, client); err != nil {
			return nil, err
		}
	}
	g := new(community.Permit)
	return g, db.read.NewSelect().Model(g).Where("account_id = ? AND client_id = ?", account, client).Scan(ctx)
}

// AddPermit stores a new permit and sets its id.
func (db *DB) AddPermit(ctx context.Context, g *community.Permit) (err error) {
	defer db.wrap(&err, "AddPermit(%d, %d)", g.AccountID, g.ClientID)
	_, err = db.write.NewInsert().Model(g).Returning("id").Exec(ctx)
	return err
}

// SavePermit stores what a permit is for now, and when it was used.
func (db *DB) SavePermit(ctx context.Context, g *community.Permit) (err error) {
	defer db.wrap(&err, "SavePermit(%d)", g.ID)
	_, err = db.write.NewUpdate().Model(g).WherePK().Column("scopes", "last_used_at").Exec(ctx)
	return err
}

// A Connection is a permit with the client that has it.
type Connection struct {
	community.Permit `bun:",extend"`

	Key, Name, URI, Redirects string // of the client
}

// Connections lists what an account lets clients do, newest first.
func (db *DB) Connections(ctx context.Context, account community.AccountID) (_ []*Connection, err error) {
	defer db.wrap(&err, "Connections(%d)", account)
	var list []*Connection
	err = db.read.NewRaw(`SELECT g.*, c.key, c.name, c.uri, c.redirects FROM permits AS g JOIN clients AS c ON c.id = g.client_id
		WHERE g.account_id = ? ORDER BY g.id DESC`, account).Scan(ctx, &list)
	return list, err
}

// DeletePermit takes away what an account let a client do, with all that the
// client holds by it, and reports whether there was such a permit.
func (db *DB) DeletePermit(ctx context.Context, account community.AccountID, id community.PermitID) (_ bool, err error) {
	defer db.wrap(&err, "DeletePermit(%d)", id)
	return one(db.write.NewDelete().Model((*community.Permit)(nil)).Where("id = ? AND account_id = ?", id, account).Exec(ctx))
}

// AddAuthorization stores a new authorization and sets its id.
func (db *DB) AddAuthorization(ctx context.Context, a *community.Authorization) (err error) {
	defer db.wrap(&err, "AddAuthorization(permit %d)", a.PermitID)
	_, err = db.write.NewInsert().Model(a).Returning("id").Exec(ctx)
	return err
}

// An Allowed is an authorization with whose it is.
type Allowed struct {
	community.Authorization `bun:",extend"`

	AccountID community.AccountID
	ClientID  community.ClientID
}

// HoldByCode returns the authorization whose code has this hash, and makes
// other transactions that ask for it wait for the end of this one: a code is
// good once.
func (db *DB) HoldByCode(ctx context.Context, hash []byte) (_ *Allowed, err error) {
	defer db.wrap(&err, "HoldByCode")
	if err := db.hold(ctx, "code:%x", hash); err != nil {
		return nil, err
	}
	return db.allowed(ctx, "a.code_hash = ?", hash)
}

// HoldByFamily is HoldByCode by what its refresh tokens begin with.
func (db *DB) HoldByFamily(ctx context.Context, hash []byte) (_ *Allowed, err error) {
	defer db.wrap(&err, "HoldByFamily")
	if err := db.hold(ctx, "family:%x", hash); err != nil {
		return nil, err
	}
	return db.allowed(ctx, "a.family_hash = ?", hash)
}

// Allowed returns the authorization with id.
func (db *DB) Allowed(ctx context.Context, id community.AuthorizationID) (_ *Allowed, err error) {
	defer db.wrap(&err, "Allowed(%d)", id)
	return db.allowed(ctx, "a.id = ?", id)
}

// AllowedByFamily returns the authorization whose refresh tokens begin with
// what has this hash.
func (db *DB) AllowedByFamily(ctx context.Context, hash []byte) (_ *Allowed, err error) {
	defer db.wrap(&err, "AllowedByFamily")
	return db.allowed(ctx, "a.family_hash = ?", hash)
}

func (db *DB) allowed(ctx context.Context, where string, args ...any) (*Allowed, error) {
	a := new(Allowed)
	err := db.read.NewRaw("SELECT a.*, g.account_id, g.client_id FROM authorizations AS a JOIN permits AS g ON g.id = a.permit_id WHERE ?",
		bun.SafeQuery(where, args...)).Scan(ctx, a)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// SaveAuthorization stores what became of an authorization: that its code was
// redeemed, and what its refresh token is now.
func (db *DB) SaveAuthorization(ctx context.Context, a *community.Authorization) (err error) {
	defer db.wrap(&err, "SaveAuthorization(%d)", a.ID)
	_, err = db.write.NewUpdate().Model(a).WherePK().Column("redeemed_at", "family_hash", "refresh_hash", "expires_at").Exec(ctx)
	return err
}

// DeleteAuthorization ends an authorization, with every token that came of
// it.
func (db *DB) DeleteAuthorization(ctx context.Context, id community.AuthorizationID) (err error) {
	defer db.wrap(&err, "DeleteAuthorization(%d)", id)
	_, err = db.write.NewDelete().Model((*community.Authorization)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// TouchPermit notes that a client was used by what an authorization gave it.
func (db *DB) TouchPermit(ctx context.Context, id community.AuthorizationID, now time.Time) (err error) {
	defer db.wrap(&err, "TouchPermit(%d)", id)
	_, err = db.write.NewUpdate().Model((*community.Permit)(nil)).Set("last_used_at = ?", now).
		Where("id = (SELECT permit_id FROM authorizations WHERE id = ?)", id).Exec(ctx)
	return err
}

// DropStaleClients deletes authorizations that are too old to be of use, and
// clients that nobody lets in and that registered before a moment. A permit
// stays: it is what its person agreed to, until they take it away.
func (db *DB) DropStaleClients(ctx context.Context, now, registered time.Time) (err error) {
	defer db.wrap(&err, "DropStaleClients")
	if _, err := db.write.NewDelete().Model((*community.Authorization)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Client)(nil)).Where("created_at < ?", registered).
		Where("NOT EXISTS (SELECT 1 FROM permits AS g WHERE g.client_id = client.id)").Exec(ctx)
	return err
}
