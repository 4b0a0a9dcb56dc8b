package storage

import (
	"context"

	"drystone/community"
)

// SavePush stores with what a session's browser rings, in place of what it
// rang with before.
func (db *DB) SavePush(ctx context.Context, p *community.PushSubscription) (err error) {
	defer db.wrap(&err, "SavePush(%d)", p.SessionID)
	_, err = db.write.NewInsert().Model(p).On("CONFLICT (session_id) DO UPDATE").
		Set("endpoint = EXCLUDED.endpoint, p256dh = EXCLUDED.p256dh, auth = EXCLUDED.auth, created_at = EXCLUDED.created_at").Returning("id").Exec(ctx)
	return err
}

// Push returns a subscription.
func (db *DB) Push(ctx context.Context, id community.PushID) (_ *community.PushSubscription, err error) {
	defer db.wrap(&err, "Push(%d)", id)
	p := new(community.PushSubscription)
	if err := db.read.NewSelect().Model(p).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Pushes lists an account's subscriptions.
func (db *DB) Pushes(ctx context.Context, account community.AccountID) (_ []*community.PushSubscription, err error) {
	defer db.wrap(&err, "Pushes(%d)", account)
	var list []*community.PushSubscription
	err = db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("id").Scan(ctx)
	return list, err
}

// DropPush ends a subscription.
func (db *DB) DropPush(ctx context.Context, id community.PushID) (err error) {
	defer db.wrap(&err, "DropPush(%d)", id)
	_, err = db.write.NewDelete().Model((*community.PushSubscription)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// DropPushOf ends what a session's browser rings with.
func (db *DB) DropPushOf(ctx context.Context, session community.SessionID) (err error) {
	defer db.wrap(&err, "DropPushOf(%d)", session)
	_, err = db.write.NewDelete().Model((*community.PushSubscription)(nil)).Where("session_id = ?", session).Exec(ctx)
	return err
}
