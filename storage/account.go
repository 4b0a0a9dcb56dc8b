package storage

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// AddAccount stores a new account and sets its id.
func (db *DB) AddAccount(ctx context.Context, account *community.Account) (err error) {
	defer db.wrap(&err, "AddAccount(%d)", account.ActorID)
	account.EmailKey = community.FoldEmail(account.Email)
	_, err = db.write.NewInsert().Model(account).Returning("id").Exec(ctx)
	return err
}

// Account returns the account with id.
func (db *DB) Account(ctx context.Context, id community.AccountID) (_ *community.Account, err error) {
	defer db.wrap(&err, "Account(%d)", id)
	return db.accountWhere(ctx, "id = ?", id)
}

// FirstAdmin returns the account that administers the server the longest.
func (db *DB) FirstAdmin(ctx context.Context) (_ *community.Account, err error) {
	defer db.wrap(&err, "FirstAdmin")
	account := new(community.Account)
	if err := db.read.NewSelect().Model(account).Where("admin").OrderExpr("id").Limit(1).Scan(ctx); err != nil {
		return nil, err
	}
	return account, nil
}

// AccountOf returns the account of a local actor.
func (db *DB) AccountOf(ctx context.Context, actor community.ActorID) (_ *community.Account, err error) {
	defer db.wrap(&err, "AccountOf(%d)", actor)
	return remembered(actor, db.known().accounts, func() (*community.Account, error) {
		return db.accountWhere(ctx, "actor_id = ?", actor)
	})
}

// HoldAccount returns the account with id and makes other transactions that
// hold it wait for the end of this one.
func (db *DB) HoldAccount(ctx context.Context, id community.AccountID) (_ *community.Account, err error) {
	defer db.wrap(&err, "HoldAccount(%d)", id)
	if err := db.hold(ctx, "account:%d", id); err != nil {
		return nil, err
	}
	return db.accountWhere(ctx, "id = ?", id)
}

// NoAccounts reports whether there is no account yet. Where there is none,
// other transactions that ask wait for the end of this one, so that only one
// account is the first.
func (db *DB) NoAccounts(ctx context.Context) (_ bool, err error) {
	defer db.wrap(&err, "NoAccounts")
	some, err := db.read.NewSelect().Model((*community.Account)(nil)).Exists(ctx)
	if err != nil || some {
		return false, err
	}
	if err := db.root.dialect.lock(ctx, db.write, "first account"); err != nil {
		return false, err
	}
	some, err = db.read.NewSelect().Model((*community.Account)(nil)).Exists(ctx)
	return !some, err
}

// AnyAccount reports whether there is an account yet.
func (db *DB) AnyAccount(ctx context.Context) (_ bool, err error) {
	defer db.wrap(&err, "AnyAccount")
	return db.read.NewSelect().Model((*community.Account)(nil)).Exists(ctx)
}

func (db *DB) accountWhere(ctx context.Context, where string, args ...any) (*community.Account, error) {
	account := new(community.Account)
	if err := db.read.NewSelect().Model(account).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return account, db.endowAccount(ctx, account)
}

// SaveAccount stores what changed in an account: its address, password and
// powers. It is a Conflict when somebody else showed that the address is
// theirs.
func (db *DB) SaveAccount(ctx context.Context, account *community.Account) (err error) {
	defer db.wrap(&err, "SaveAccount(%d)", account.ID)
	account.EmailKey = community.FoldEmail(account.Email)
	_, err = db.write.NewUpdate().Model(account).WherePK().
		Column("email", "email_key", "email_verified_at", "password_hash", "admin").Exec(ctx)
	return err
}

// AddSession stores a new session and sets its id.
func (db *DB) AddSession(ctx context.Context, s *community.Session) (err error) {
	defer db.wrap(&err, "AddSession(account %d)", s.AccountID)
	_, err = db.write.NewInsert().Model(s).Returning("id").Exec(ctx)
	return err
}

// SessionByHash returns the session of one kind whose secret has this hash.
func (db *DB) SessionByHash(ctx context.Context, kind community.SessionKind, hash []byte) (_ *community.Session, err error) {
	defer db.wrap(&err, "SessionByHash")
	s := new(community.Session)
	if err := db.read.NewSelect().Model(s).Where("hash = ? AND kind = ?", hash, kind).Scan(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Sessions lists an account's sessions of one kind, newest first.
func (db *DB) Sessions(ctx context.Context, account community.AccountID, kind community.SessionKind) (_ []*community.Session, err error) {
	defer db.wrap(&err, "Sessions(%d)", account)
	var list []*community.Session
	err = db.read.NewSelect().Model(&list).Where("account_id = ? AND kind = ?", account, kind).OrderExpr("id DESC").Scan(ctx)
	return list, err
}

// TouchSession notes that a session was used, and until when it now lasts.
func (db *DB) TouchSession(ctx context.Context, id community.SessionID, now, expires time.Time) (err error) {
	defer db.wrap(&err, "TouchSession(%d)", id)
	_, err = db.write.NewUpdate().Model(&community.Session{ID: id, LastUsedAt: now, ExpiresAt: expires}).
		WherePK().Column("last_used_at", "expires_at").Exec(ctx)
	return err
}

// RenewSession gives a session another secret, and notes that its owner proved
// that it is theirs. One that has ended is NotFound.
func (db *DB) RenewSession(ctx context.Context, s *community.Session) (err error) {
	defer db.wrap(&err, "RenewSession(%d)", s.ID)
	renewed, err := one(db.write.NewUpdate().Model(s).WherePK().Column("hash", "last_used_at", "expires_at", "confirmed_at").Exec(ctx))
	if err == nil && !renewed {
		err = fault.New(fault.NotFound, "This session has ended.")
	}
	return err
}

// MarkActive notes that somebody of this server posted, commented or voted. A
// day later than the last time is soon enough; it is only counted.
func (db *DB) MarkActive(ctx context.Context, actor community.ActorID, now time.Time) (err error) {
	defer db.wrap(&err, "MarkActive(%d)", actor)
	_, err = db.write.NewUpdate().Model((*community.Account)(nil)).Set("active_at = ?", now).
		Where("actor_id = ? AND (active_at IS NULL OR active_at < ?)", actor, now.Add(-24*time.Hour)).Exec(ctx)
	return err
}

// CountActive counts the people of this server who posted, commented or voted
// since each of two moments.
func (db *DB) CountActive(ctx context.Context, late, early time.Time) (sinceLate, sinceEarly int64, err error) {
	defer db.wrap(&err, "CountActive")
	err = db.read.NewRaw(`SELECT coalesce(sum(CASE WHEN c.active_at >= ? THEN 1 ELSE 0 END), 0), count(*)
		FROM accounts AS c JOIN actors AS a ON a.id = c.actor_id WHERE c.active_at >= ? AND a.deleted_at IS NULL`, late, early).
		Scan(ctx, &sinceLate, &sinceEarly)
	return sinceLate, sinceEarly, err
}

// DeleteSession ends a session of an account and reports whether there was
// one.
func (db *DB) DeleteSession(ctx context.Context, account community.AccountID, id community.SessionID) (_ bool, err error) {
	defer db.wrap(&err, "DeleteSession(%d)", id)
	return one(db.write.NewDelete().Model((*community.Session)(nil)).Where("id = ? AND account_id = ?", id, account).Exec(ctx))
}

// DropExpired deletes sessions, ceremonies and links that nobody can use any
// more, and forgets browsers that have not been seen for long.
func (db *DB) DropExpired(ctx context.Context, now time.Time) (err error) {
	defer db.wrap(&err, "DropExpired")
	if _, err := db.write.NewDelete().Model((*community.Session)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return err
	}
	if _, err := db.write.NewDelete().Model((*community.Ceremony)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return err
	}
	if _, err := db.write.NewDelete().Model((*community.AccountLink)(nil)).Where("expires_at < ?", now).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.AccountBrowser)(nil)).Where("seen_at < ?", now.Add(-community.BrowserLife)).Exec(ctx)
	return err
}

// EndSessions ends all sessions of an account, browsers and tokens alike, and
// what other programs were let do for it.
func (db *DB) EndSessions(ctx context.Context, account community.AccountID) (err error) {
	defer db.wrap(&err, "EndSessions(%d)", account)
	if _, err := db.write.NewDelete().Model((*community.Permit)(nil)).Where("account_id = ?", account).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Session)(nil)).Where("account_id = ?", account).Exec(ctx)
	return err
}

// EndApps ends what programs were let do for an account: its tokens, and the
// permits of clients, with all that came of them. Browsers stay signed in.
func (db *DB) EndApps(ctx context.Context, account community.AccountID) (err error) {
	defer db.wrap(&err, "EndApps(%d)", account)
	if _, err := db.write.NewDelete().Model((*community.Permit)(nil)).Where("account_id = ?", account).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Session)(nil)).
		Where("account_id = ? AND kind <> ?", account, community.BrowserSession).Exec(ctx)
	return err
}

// AddPasskey stores a new passkey and sets its id.
func (db *DB) AddPasskey(ctx context.Context, p *community.Passkey) (err error) {
	defer db.wrap(&err, "AddPasskey(account %d)", p.AccountID)
	_, err = db.write.NewInsert().Model(p).Returning("id").Exec(ctx)
	return err
}

// Passkeys lists an account's passkeys, oldest first.
func (db *DB) Passkeys(ctx context.Context, account community.AccountID) (_ []*community.Passkey, err error) {
	defer db.wrap(&err, "Passkeys(%d)", account)
	var list []*community.Passkey
	err = db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("id").Scan(ctx)
	return list, err
}

// PasskeyByCredential returns the passkey with a credential id.
func (db *DB) PasskeyByCredential(ctx context.Context, id []byte) (_ *community.Passkey, err error) {
	defer db.wrap(&err, "PasskeyByCredential")
	p := new(community.Passkey)
	if err := db.read.NewSelect().Model(p).Where("credential_id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// SavePasskey stores a passkey's record after it was used.
func (db *DB) SavePasskey(ctx context.Context, p *community.Passkey) (err error) {
	defer db.wrap(&err, "SavePasskey(%d)", p.ID)
	_, err = db.write.NewUpdate().Model(p).WherePK().Column("credential", "last_used_at").Exec(ctx)
	return err
}

// DeletePasskey removes a passkey of an account and reports whether there was
// one.
func (db *DB) DeletePasskey(ctx context.Context, account community.AccountID, id community.PasskeyID) (_ bool, err error) {
	defer db.wrap(&err, "DeletePasskey(%d)", id)
	return one(db.write.NewDelete().Model((*community.Passkey)(nil)).Where("id = ? AND account_id = ?", id, account).Exec(ctx))
}

// AddCeremony stores a passkey ceremony that was begun.
func (db *DB) AddCeremony(ctx context.Context, c *community.Ceremony) (err error) {
	defer db.wrap(&err, "AddCeremony(%s)", c.Kind)
	_, err = db.write.NewInsert().Model(c).Exec(ctx)
	return err
}

// Ceremony returns a ceremony that goes on.
func (db *DB) Ceremony(ctx context.Context, kind string, hash []byte) (_ *community.Ceremony, err error) {
	defer db.wrap(&err, "Ceremony(%s)", kind)
	c := new(community.Ceremony)
	if err := db.read.NewSelect().Model(c).Where("hash = ? AND kind = ?", hash, kind).Scan(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// TakeCeremony returns a ceremony and forgets it: each is used once.
func (db *DB) TakeCeremony(ctx context.Context, kind string, hash []byte) (_ *community.Ceremony, err error) {
	defer db.wrap(&err, "TakeCeremony(%s)", kind)
	c := new(community.Ceremony)
	if err := db.write.NewDelete().Model(c).Where("hash = ? AND kind = ?", hash, kind).Returning("*").Scan(ctx); err != nil {
		return nil, err
	}
	return c, nil
}
