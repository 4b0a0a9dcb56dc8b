package storage

import (
	"context"
	"time"

	"drystone/community"
)

// Authenticator returns the app that shows codes for an account.
func (db *DB) Authenticator(ctx context.Context, account community.AccountID) (_ *community.Authenticator, err error) {
	defer db.wrap(&err, "Authenticator(%d)", account)
	a := new(community.Authenticator)
	if err := db.read.NewSelect().Model(a).Where("account_id = ?", account).Scan(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// SaveAuthenticator stores the app of an account, in place of the one before.
func (db *DB) SaveAuthenticator(ctx context.Context, a *community.Authenticator) (err error) {
	defer db.wrap(&err, "SaveAuthenticator(%d)", a.AccountID)
	_, err = db.write.NewInsert().Model(a).On("CONFLICT (account_id) DO UPDATE").
		Set("secret = EXCLUDED.secret, step = EXCLUDED.step, created_at = EXCLUDED.created_at, confirmed_at = EXCLUDED.confirmed_at").Exec(ctx)
	return err
}

// ClaimStep notes that the code of a step was used, and reports whether it was
// good for that: neither it nor a later one had been.
func (db *DB) ClaimStep(ctx context.Context, account community.AccountID, step int64) (_ bool, err error) {
	defer db.wrap(&err, "ClaimStep(%d)", account)
	return one(db.write.NewUpdate().Model((*community.Authenticator)(nil)).Set("step = ?", step).
		Where("account_id = ? AND step < ?", account, step).Exec(ctx))
}

// DropAuthenticator forgets the app of an account and reports whether there
// was one.
func (db *DB) DropAuthenticator(ctx context.Context, account community.AccountID) (_ bool, err error) {
	defer db.wrap(&err, "DropAuthenticator(%d)", account)
	return one(db.write.NewDelete().Model((*community.Authenticator)(nil)).Where("account_id = ?", account).Exec(ctx))
}

// RecoveryCodes lists an account's codes, used or not.
func (db *DB) RecoveryCodes(ctx context.Context, account community.AccountID) (_ []*community.RecoveryCode, err error) {
	defer db.wrap(&err, "RecoveryCodes(%d)", account)
	var list []*community.RecoveryCode
	err = db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("hash").Scan(ctx)
	return list, err
}

// ReplaceRecoveryCodes gives an account other codes. Those before are good for
// nothing any more.
func (db *DB) ReplaceRecoveryCodes(ctx context.Context, account community.AccountID, codes []*community.RecoveryCode) (err error) {
	defer db.wrap(&err, "ReplaceRecoveryCodes(%d)", account)
	if _, err := db.write.NewDelete().Model((*community.RecoveryCode)(nil)).Where("account_id = ?", account).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewInsert().Model(&codes).Exec(ctx)
	return err
}

// UseRecoveryCode notes that an account's code was used, and reports whether
// it was good for that.
func (db *DB) UseRecoveryCode(ctx context.Context, account community.AccountID, hash []byte, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "UseRecoveryCode(%d)", account)
	return one(db.write.NewUpdate().Model((*community.RecoveryCode)(nil)).Set("used_at = ?", now).
		Where("account_id = ? AND hash = ? AND used_at IS NULL", account, hash).Exec(ctx))
}

// RenamePasskey gives a passkey of an account another name.
func (db *DB) RenamePasskey(ctx context.Context, p *community.Passkey) (_ bool, err error) {
	defer db.wrap(&err, "RenamePasskey(%d)", p.ID)
	return one(db.write.NewUpdate().Model(p).WherePK().Where("account_id = ?", p.AccountID).Column("name").Exec(ctx))
}

// EndOtherSessions ends the browser sessions of an account but one.
func (db *DB) EndOtherSessions(ctx context.Context, account community.AccountID, but community.SessionID) (_ int64, err error) {
	defer db.wrap(&err, "EndOtherSessions(%d)", account)
	return affected(db.write.NewDelete().Model((*community.Session)(nil)).
		Where("account_id = ? AND kind = ? AND id <> ?", account, community.BrowserSession, but).Exec(ctx))
}
