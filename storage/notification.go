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
func (db *DB) Notifications(ctx context.Context, account *community.Account, now time.Time, query community.NoticeQuery) (_ []*community.Notification, next string, err error) {
	defer db.wrap(&err, "Notifications(%d)", account.ID)
	page := query.Page
	var list []*community.Notification
	q := db.read.NewSelect().Model(&list).Where("notification.account_id = ? AND notification.shown", account.ID)
	q = tellable(q, account.ActorID, now)
	if query.Unread {
		q = q.Where("notification.id > ? AND NOT notification.seen", account.ReadUpTo)
	}
	if query.Bundled {
		kept, args := byNobodyKeptAway("newer", account.ActorID, now)
		q = q.Where("(notification.bundle = '' OR NOT EXISTS (SELECT 1 FROM notifications AS newer WHERE newer.account_id = notification.account_id AND newer.bundle = notification.bundle"+
			" AND newer.bundle <> '' AND newer.id > notification.id AND newer.shown AND "+kept+"))", args...)
	}
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Notification) int64 { return int64(x.ID) })
	return list, next, err
}

// tellable leaves out what is about groups in which somebody may not read any
// more, and what people did to them whom they keep away by now. What moderators
// decide reaches everybody.
func tellable(q *bun.SelectQuery, whose community.ActorID, now time.Time) *bun.SelectQuery {
	closed, args := closedTo(whose)
	kept, values := byNobodyKeptAway("notification", whose, now)
	q = q.Where(kept, values...)
	return q.Where("NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.id = notification.post_id AND p.group_id IN "+closed+")", args...)
}

// byNobodyKeptAway is the condition on a row of notifications that it tells of
// nobody whom its owner keeps away.
func byNobodyKeptAway(row string, whose community.ActorID, now time.Time) (string, []any) {
	return "(" + row + ".kind NOT IN (?) OR NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.owner_id = ? AND b.kind = 'person' AND b.target_id = " + row + ".actor_id AND " + lasting +
			") AND NOT EXISTS (SELECT 1 FROM blocks AS b JOIN actors AS h ON h.host = b.host WHERE b.owner_id = ? AND b.kind = 'server' AND h.id = " + row + ".actor_id AND " + lasting + "))",
		[]any{bun.List(community.ByPeople), whose, now, whose, now}
}

// Bundles says who did what is told together, by bundle, the last first.
func (db *DB) Bundles(ctx context.Context, account *community.Account, bundles []string, now time.Time) (_ map[string][]community.ActorID, err error) {
	defer db.wrap(&err, "Bundles(%d)", account.ID)
	found := map[string][]community.ActorID{}
	if len(bundles) == 0 {
		return found, nil
	}
	kept, args := byNobodyKeptAway("n", account.ActorID, now)
	var rows []struct {
		Bundle  string
		ActorID community.ActorID
	}
	err = db.read.NewRaw("SELECT n.bundle, n.actor_id FROM notifications AS n WHERE n.account_id = ? AND n.bundle IN (?) AND n.bundle <> '' AND n.shown AND "+kept+
		" GROUP BY n.bundle, n.actor_id ORDER BY max(n.id) DESC", append([]any{account.ID, bun.List(bundles)}, args...)...).Scan(ctx, &rows)
	for _, row := range rows {
		found[row.Bundle] = append(found[row.Bundle], row.ActorID)
	}
	return found, err
}

// SeeNotification notes that one notification was seen, with all that is told
// together with it. It is NotFound for one of somebody else.
func (db *DB) SeeNotification(ctx context.Context, account community.AccountID, id community.NotificationID) (err error) {
	defer db.wrap(&err, "SeeNotification(%d)", id)
	return db.InTx(ctx, func(tx *DB) error {
		n := new(community.Notification)
		if err := tx.read.NewSelect().Model(n).Where("id = ? AND account_id = ?", id, account).Scan(ctx); err != nil {
			return err
		}
		q := tx.write.NewUpdate().Model((*community.Notification)(nil)).Set("seen = ?", true).Where("account_id = ? AND NOT seen", account)
		if n.Bundle == "" {
			q = q.Where("id = ?", id)
		} else {
			q = q.Where("bundle = ? AND bundle <> '' AND id <= ?", n.Bundle, id)
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// Unread counts an account's notifications after the last one seen, up to 100.
func (db *DB) Unread(ctx context.Context, account *community.Account, now time.Time) (_ int, err error) {
	defer db.wrap(&err, "Unread(%d)", account.ID)
	var n int
	unread := tellable(db.read.NewSelect().TableExpr("notifications AS notification").ColumnExpr("1").
		Where("notification.account_id = ? AND notification.id > ? AND notification.shown AND NOT notification.seen", account.ID, account.ReadUpTo), account.ActorID, now).Limit(100)
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
