package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AccountsDue lists up to most accounts that a letter or a browser is to tell
// of something by now.
func (db *DB) AccountsDue(ctx context.Context, now time.Time, most int) (_ []community.AccountID, err error) {
	defer db.wrap(&err, "AccountsDue")
	var ids []community.AccountID
	err = db.read.NewRaw("SELECT account_id FROM notifications WHERE due_at <= ? GROUP BY account_id ORDER BY min(due_at) LIMIT ?", now, most).Scan(ctx, &ids)
	return ids, err
}

// Untold lists what a letter or a browser is to tell an account of by now, the
// oldest first: of what they have not seen meanwhile, and may still see.
func (db *DB) Untold(ctx context.Context, account *community.Account, now time.Time, most int) (_ []*community.Notification, err error) {
	defer db.wrap(&err, "Untold(%d)", account.ID)
	var list []*community.Notification
	q := db.read.NewSelect().Model(&list).Where("notification.account_id = ? AND notification.due_at <= ? AND NOT notification.seen AND notification.id > ?", account.ID, now, account.ReadUpTo)
	err = tellable(q, account.ActorID, now).OrderExpr("notification.id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// Told notes that everything was told an account that was due by now.
func (db *DB) Told(ctx context.Context, account community.AccountID, now time.Time) (err error) {
	defer db.wrap(&err, "Told(%d)", account)
	_, err = db.write.NewUpdate().Model((*community.Notification)(nil)).Set("due_at = NULL").Where("account_id = ? AND due_at <= ?", account, now).Exec(ctx)
	return err
}

// TellLater puts off what is due for an account.
func (db *DB) TellLater(ctx context.Context, account community.AccountID, now, until time.Time) (err error) {
	defer db.wrap(&err, "TellLater(%d)", account)
	_, err = db.write.NewUpdate().Model((*community.Notification)(nil)).Set("due_at = ?", until).Where("account_id = ? AND due_at <= ?", account, now).Exec(ctx)
	return err
}

// telling is how far the letters of the day have come for an account.
type telling struct {
	AccountID community.AccountID `bun:",pk"`
	Digested  community.NotificationID
	DigestAt  time.Time `bun:",nullzero"`
}

// ExpectDigest has an account get the letter of the day at a time, if it does
// not already get one sooner.
func (db *DB) ExpectDigest(ctx context.Context, account community.AccountID, at time.Time) (err error) {
	defer db.wrap(&err, "ExpectDigest(%d)", account)
	_, err = db.write.NewInsert().Model(&telling{AccountID: account, DigestAt: at}).On("CONFLICT (account_id) DO UPDATE").
		Set("digest_at = coalesce(telling.digest_at, EXCLUDED.digest_at)").Exec(ctx)
	return err
}

// DigestsDue lists up to most accounts that get the letter of the day by now.
func (db *DB) DigestsDue(ctx context.Context, now time.Time, most int) (_ []community.AccountID, err error) {
	defer db.wrap(&err, "DigestsDue")
	var ids []community.AccountID
	err = db.read.NewRaw("SELECT account_id FROM tellings WHERE digest_at <= ? ORDER BY digest_at LIMIT ?", now, most).Scan(ctx, &ids)
	return ids, err
}

// TakeDigest lists what the letter of the day tells an account of, the newest
// first, and notes that it does.
func (db *DB) TakeDigest(ctx context.Context, account *community.Account, now time.Time, most int) (_ []*community.Notification, err error) {
	defer db.wrap(&err, "TakeDigest(%d)", account.ID)
	t := telling{AccountID: account.ID}
	if err := db.read.NewSelect().Model(&t).WherePK().Scan(ctx); err != nil {
		return nil, err
	}
	var list []*community.Notification
	q := db.read.NewSelect().Model(&list).Where("notification.account_id = ? AND notification.mail = 'daily' AND NOT notification.seen AND notification.id > ?",
		account.ID, max(t.Digested, account.ReadUpTo))
	if err := tellable(q, account.ActorID, now).OrderExpr("notification.id DESC").Limit(int64(most)).Scan(ctx); err != nil {
		return nil, err
	}
	last := t.Digested
	if len(list) > 0 {
		last = list[0].ID
	}
	_, err = db.write.NewUpdate().Model(&telling{AccountID: account.ID, Digested: last}).WherePK().Column("digested", "digest_at").Exec(ctx)
	return list, err
}

// DigestLater puts off the letter of the day.
func (db *DB) DigestLater(ctx context.Context, account community.AccountID, until time.Time) (err error) {
	defer db.wrap(&err, "DigestLater(%d)", account)
	_, err = db.write.NewUpdate().Model((*telling)(nil)).Set("digest_at = ?", until).Where("account_id = ?", account).Exec(ctx)
	return err
}

// SecretOf returns a key that this server made for itself; the first that
// asks brings it.
func (db *DB) SecretOf(ctx context.Context, name string, fresh []byte) (_ []byte, err error) {
	defer db.wrap(&err, "SecretOf(%s)", name)
	var value []byte
	err = db.write.NewRaw("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = secrets.value RETURNING value", name, fresh).Scan(ctx, &value)
	return value, err
}

// MailOff ends letters about some topics, or about all that a choice can be
// made for.
func (db *DB) MailOff(ctx context.Context, account community.AccountID, topics []community.NoticeTopic) (err error) {
	defer db.wrap(&err, "MailOff(%d)", account)
	choices := make([]*community.NoticeChoice, len(topics))
	for i, topic := range topics {
		c := community.UsualChoice(topic)
		c.AccountID, c.Mail = account, community.MailOff
		choices[i] = &c
	}
	_, err = db.write.NewInsert().Model(&choices).On("CONFLICT (account_id, topic) DO UPDATE").Set("mail = EXCLUDED.mail").Exec(ctx)
	if err != nil {
		return err
	}
	// What waits already is no letter any more, either.
	_, err = db.write.NewUpdate().Model((*community.Notification)(nil)).Set("mail = ?", community.MailOff).
		Where("account_id = ? AND mail <> 'off' AND kind IN (?)", account, bun.List(community.KindsOf(topics))).Exec(ctx)
	return err
}
