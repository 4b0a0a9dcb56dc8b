package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddNotification stores a notification and sets its id, but in a batch.
func (db *DB) AddNotification(ctx context.Context, n *community.Notification) (err error) {
	defer db.wrap(&err, "AddNotification(%d)", n.AccountID)
	db.ring(NewNotices)
	if b := db.batch; b != nil {
		b.news = append(b.news, n)
		b.wrote++
		return nil
	}
	_, err = db.write.NewInsert().Model(n).Returning("id").Exec(ctx)
	return err
}

// Notifications lists an account's notifications, newest first, and returns
// the cursor of the next page.
func (db *DB) Notifications(ctx context.Context, account *community.Account, now time.Time, page community.Page) (_ []*community.Notification, next string, err error) {
	defer db.wrap(&err, "Notifications(%d)", account.ID)
	var list []*community.Notification
	q := db.read.NewSelect().Model(&list).Where("account_id = ?", account.ID)
	q = tellable(q, account.ActorID, now)
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Notification) int64 { return int64(x.ID) })
	return list, next, err
}

// tellable leaves out what is about groups in which somebody may not read any
// more, and what people did to them whom they keep away by now. What moderators
// decide reaches everybody.
func tellable(q *bun.SelectQuery, whose community.ActorID, now time.Time) *bun.SelectQuery {
	closed, args := closedTo(whose)
	q = q.Where("(notification.kind NOT IN (?) OR NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'person' AND b.target_id = notification.actor_id AND "+lasting+
		") AND NOT EXISTS (SELECT 1 FROM blocks AS b JOIN actors AS h ON h.host = b.host WHERE b.owner_id = ? AND b.kind = 'server' AND h.id = notification.actor_id AND "+lasting+"))",
		bun.List(community.ByPeople), whose, now, whose, now)
	return q.Where("NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.id = notification.post_id AND p.group_id IN "+closed+")", args...)
}

// Unread counts an account's notifications after the last one seen, up to 100.
func (db *DB) Unread(ctx context.Context, account *community.Account, now time.Time) (_ int, err error) {
	defer db.wrap(&err, "Unread(%d)", account.ID)
	var n int
	unread := tellable(db.read.NewSelect().TableExpr("notifications AS notification").ColumnExpr("1").
		Where("notification.account_id = ? AND notification.id > ?", account.ID, account.ReadUpTo), account.ActorID, now).Limit(100)
	err = db.read.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS unread", unread).Scan(ctx, &n)
	return n, err
}

// ReadUpTo notes that notifications up to one were seen; it never goes back.
func (db *DB) ReadUpTo(ctx context.Context, account community.AccountID, up community.NotificationID) (err error) {
	defer db.wrap(&err, "ReadUpTo(%d)", account)
	_, err = db.write.NewUpdate().Model((*community.Account)(nil)).Set("read_up_to = ?", up).
		Where("id = ? AND read_up_to < ?", account, up).Exec(ctx)
	return err
}
