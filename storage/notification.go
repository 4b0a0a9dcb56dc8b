package storage

import (
	"context"

	"drystone/community"
)

// AddNotification stores a notification and sets its id.
func (db *DB) AddNotification(ctx context.Context, n *community.Notification) (err error) {
	defer db.wrap(&err, "AddNotification(%d)", n.AccountID)
	_, err = db.write.NewInsert().Model(n).Returning("id").Exec(ctx)
	return err
}

// Notifications lists an account's notifications, newest first, and returns
// the cursor of the next page.
func (db *DB) Notifications(ctx context.Context, account community.AccountID, page community.Page) (_ []*community.Notification, next string, err error) {
	defer db.wrap(&err, "Notifications(%d)", account)
	var list []*community.Notification
	q := db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("id DESC").Limit(int64(page.Limit) + 1)
	if page.After != "" {
		after, err := parseKeyset(page.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("id < ?", after.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	if len(list) > page.Limit {
		list = list[:page.Limit]
		next = keyset{ID: int64(list[page.Limit-1].ID)}.String()
	}
	return list, next, nil
}

// Unread counts an account's notifications after the last one seen, up to 100.
func (db *DB) Unread(ctx context.Context, account *community.Account) (_ int, err error) {
	defer db.wrap(&err, "Unread(%d)", account.ID)
	var n int
	err = db.read.NewRaw("SELECT count(*) FROM (SELECT 1 FROM notifications WHERE account_id = ? AND id > ? LIMIT 100) AS unread",
		account.ID, account.ReadUpTo).Scan(ctx, &n)
	return n, err
}

// ReadUpTo notes that notifications up to one were seen; it never goes back.
func (db *DB) ReadUpTo(ctx context.Context, account community.AccountID, up community.NotificationID) (err error) {
	defer db.wrap(&err, "ReadUpTo(%d)", account)
	_, err = db.write.NewUpdate().Model((*community.Account)(nil)).Set("read_up_to = ?", up).
		Where("id = ? AND read_up_to < ?", account, up).Exec(ctx)
	return err
}
