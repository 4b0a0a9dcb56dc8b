package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddIdentity ties an account to somebody whom a provider knows. It is a
// Conflict when either of the two is tied already.
func (db *DB) AddIdentity(ctx context.Context, identity *community.Identity) (err error) {
	defer db.wrap(&err, "AddIdentity(%d)", identity.AccountID)
	_, err = db.write.NewInsert().Model(identity).Exec(ctx)
	return err
}

// Identity returns what ties somebody whom a provider knows to an account.
func (db *DB) Identity(ctx context.Context, issuer, subject string) (_ *community.Identity, err error) {
	defer db.wrap(&err, "Identity")
	identity := new(community.Identity)
	if err := db.read.NewSelect().Model(identity).Where("issuer = ? AND subject = ?", issuer, subject).Scan(ctx); err != nil {
		return nil, err
	}
	return identity, nil
}

// Identities lists what an account is tied to, oldest first.
func (db *DB) Identities(ctx context.Context, account community.AccountID) (_ []*community.Identity, err error) {
	defer db.wrap(&err, "Identities(%d)", account)
	var list []*community.Identity
	err = db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("created_at, issuer").Scan(ctx)
	return list, err
}

// UseIdentity notes that somebody came in by a provider, and what it calls
// them now.
func (db *DB) UseIdentity(ctx context.Context, identity *community.Identity, now time.Time) (err error) {
	defer db.wrap(&err, "UseIdentity(%d)", identity.AccountID)
	identity.LastUsedAt = now
	_, err = db.write.NewUpdate().Model(identity).WherePK().Column("name", "last_used_at").Exec(ctx)
	return err
}

// DropIdentity unties an account from a provider and reports whether it was
// tied.
func (db *DB) DropIdentity(ctx context.Context, account community.AccountID, issuer string) (_ bool, err error) {
	defer db.wrap(&err, "DropIdentity(%d)", account)
	return one(db.write.NewDelete().Model((*community.Identity)(nil)).Where("account_id = ? AND issuer = ?", account, issuer).Exec(ctx))
}

// EndSessionsVia ends the sessions of an account that began with a word of a
// provider: all of them, or the one that the provider calls via. What clients
// were let in to from there ends with them; without an account, whosever it is.
func (db *DB) EndSessionsVia(ctx context.Context, account community.AccountID, prefix, via string) (err error) {
	defer db.wrap(&err, "EndSessionsVia(%d)", account)
	sessions := db.write.NewDelete().Model((*community.Session)(nil)).Where("kind = ?", community.BrowserSession)
	clients := db.write.NewDelete().Model((*community.Authorization)(nil))
	if account != 0 {
		sessions = sessions.Where("account_id = ?", account)
		clients = clients.Where("permit_id IN (SELECT id FROM permits WHERE account_id = ?)", account)
	}
	for _, q := range []*bun.DeleteQuery{sessions, clients} {
		if via != "" {
			q = q.Where("via = ?", prefix+via)
		} else {
			q = q.Where("substr(via, 1, ?) = ?", len(prefix), prefix)
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// enrolment is a membership that a provider gave.
type enrolment struct {
	bun.BaseModel `bun:"enrolments"`

	AccountID community.AccountID `bun:",pk"`
	GroupName string              `bun:",pk"`
}

// Enrolments lists the groups, by name, in which an account is because a
// provider says so.
func (db *DB) Enrolments(ctx context.Context, account community.AccountID) (names []string, err error) {
	defer db.wrap(&err, "Enrolments(%d)", account)
	err = db.read.NewSelect().Model((*enrolment)(nil)).Column("group_name").Where("account_id = ?", account).
		OrderExpr("group_name").Scan(ctx, &names)
	return names, err
}

// AddEnrolment notes that a provider says that an account is in a group.
func (db *DB) AddEnrolment(ctx context.Context, account community.AccountID, group string) (err error) {
	defer db.wrap(&err, "AddEnrolment(%d)", account)
	_, err = db.write.NewInsert().Model(&enrolment{AccountID: account, GroupName: group}).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// DropEnrolment notes that it does not say so any more.
func (db *DB) DropEnrolment(ctx context.Context, account community.AccountID, group string) (err error) {
	defer db.wrap(&err, "DropEnrolment(%d)", account)
	_, err = db.write.NewDelete().Model((*enrolment)(nil)).Where("account_id = ? AND group_name = ?", account, group).Exec(ctx)
	return err
}
