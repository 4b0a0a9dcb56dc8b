package storage

import (
	"context"
	"time"

	"drystone/community"
)

// HoldLeaving makes other transactions that end accounts wait for the end of
// this one, so that the last two administrators do not both go.
func (db *DB) HoldLeaving(ctx context.Context) (err error) {
	defer db.wrap(&err, "HoldLeaving")
	return db.hold(ctx, "leaving")
}

// OtherAdmins reports whether somebody else than the owner of an account
// administers the server.
func (db *DB) OtherAdmins(ctx context.Context, than community.AccountID) (_ bool, err error) {
	defer db.wrap(&err, "OtherAdmins(%d)", than)
	return db.read.NewSelect().TableExpr("accounts AS c").Join("JOIN actors AS a ON a.id = c.actor_id").
		Where("c.admin AND c.id <> ? AND a.deleted_at IS NULL AND a.leaves_at IS NULL", than).Exists(ctx)
}

// SetLeaving stores when somebody's account will be deleted, or, with no time,
// that they came back.
func (db *DB) SetLeaving(ctx context.Context, who *community.Actor, account *community.Account) (err error) {
	defer db.wrap(&err, "SetLeaving(%d)", account.ID)
	if _, err := db.write.NewUpdate().Model(who).WherePK().Column("leaves_at", "updated_at").Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model(account).WherePK().Column("leaves_all", "leave_reminded").Exec(ctx)
	return err
}

// LeavingBefore lists up to most accounts that will be deleted before a time;
// with unreminded, those whose owners were not reminded yet.
func (db *DB) LeavingBefore(ctx context.Context, at time.Time, unreminded bool, most int) (_ []*community.Account, err error) {
	defer db.wrap(&err, "LeavingBefore")
	var list []*community.Account
	q := db.read.NewSelect().Model(&list).Join("JOIN actors AS a ON a.id = account.actor_id").
		Where("a.leaves_at IS NOT NULL AND a.leaves_at <= ? AND a.deleted_at IS NULL", at)
	if unreminded {
		q = q.Where("NOT account.leave_reminded")
	}
	err = q.OrderExpr("a.leaves_at, account.id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// SignOutEverywhere ends every session of an account, and what programs were
// allowed.
func (db *DB) SignOutEverywhere(ctx context.Context, account community.AccountID) (err error) {
	defer db.wrap(&err, "SignOutEverywhere(%d)", account)
	for _, model := range []any{(*community.Session)(nil), (*community.Permit)(nil)} {
		if _, err := db.write.NewDelete().Model(model).Where("account_id = ?", account).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// CloseAccount takes away every way into an account, and what it knows of its
// owner. The empty row stays until DropAccount, for what still hangs on it.
func (db *DB) CloseAccount(ctx context.Context, account *community.Account) (err error) {
	defer db.wrap(&err, "CloseAccount(%d)", account.ID)
	if err := db.shut(ctx, account.ID); err != nil {
		return err
	}
	if err := db.DropBlocksOf(ctx, account.ActorID); err != nil {
		return err
	}
	if err := db.DropSaves(ctx, account.ActorID); err != nil {
		return err
	}
	if err := db.DropReadings(ctx, account.ActorID); err != nil {
		return err
	}
	if err := db.DropSketches(ctx, account.ActorID); err != nil {
		return err
	}
	if err := db.DropTaste(ctx, account.ActorID); err != nil {
		return err
	}
	if err := db.DropExport(ctx, account.ID); err != nil {
		return err
	}
	if err := db.DropImport(ctx, account.ID); err != nil {
		return err
	}
	if err := db.ForgetConsents(ctx, account.ActorID); err != nil {
		return err
	}
	account.SetEmail("", time.Time{})
	account.PasswordHash, account.Admin = "", false
	return db.SaveAccount(ctx, account)
}

func (db *DB) shut(ctx context.Context, account community.AccountID) error {
	for _, model := range []any{
		(*community.Session)(nil), (*community.Permit)(nil), (*community.Passkey)(nil), (*community.Ceremony)(nil), (*community.AccountLink)(nil),
		(*community.AccountBrowser)(nil), (*community.Identity)(nil), (*enrolment)(nil), (*community.Authenticator)(nil), (*community.RecoveryCode)(nil),
	} {
		if _, err := db.write.NewDelete().Model(model).Where("account_id = ?", account).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// DropAccount deletes up to most of an account's notifications, and, once
// there are no more, the account. It reports whether there is more to do.
func (db *DB) DropAccount(ctx context.Context, account community.AccountID, most int) (more bool, err error) {
	defer db.wrap(&err, "DropAccount(%d)", account)
	n, err := affected(db.write.NewRaw(`DELETE FROM notifications WHERE id IN (
		SELECT id FROM notifications WHERE account_id = ? ORDER BY id LIMIT ?)`, account, most).Exec(ctx))
	if err != nil || n == int64(most) {
		return err == nil, err
	}
	if err := db.shut(ctx, account); err != nil { // somebody may have been about to come in
		return false, err
	}
	_, err = db.write.NewDelete().Model((*community.Account)(nil)).Where("id = ?", account).Exec(ctx)
	return false, err
}

// Belonging lists up to most of an actor's memberships, of any kind.
func (db *DB) Belonging(ctx context.Context, actor community.ActorID, most int) (_ []*community.Membership, err error) {
	defer db.wrap(&err, "Belonging(%d)", actor)
	var list []*community.Membership
	err = db.read.NewSelect().Model(&list).Where("actor_id = ?", actor).OrderExpr("group_id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// Roles lists what an actor looks after, here and elsewhere.
func (db *DB) Roles(ctx context.Context, actor community.ActorID) (_ []*community.Membership, err error) {
	defer db.wrap(&err, "Roles(%d)", actor)
	var list []*community.Membership
	err = db.read.NewSelect().Model(&list).Where("actor_id = ? AND role <> ?", actor, community.Member).
		OrderExpr("group_id").Scan(ctx)
	return list, err
}

// Ties lists up to most of the follows between an actor and other people,
// whichever side began.
func (db *DB) Ties(ctx context.Context, actor community.ActorID, most int) (_ []*community.Follow, err error) {
	defer db.wrap(&err, "Ties(%d)", actor)
	var list []*community.Follow
	err = db.read.NewSelect().Model(&list).Where("target_id = ? OR follower_id = ?", actor, actor).
		OrderExpr("target_id, follower_id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// LeaveConversations takes up to most messages that an actor wrote or got out
// of their sight; with all, those that they wrote are deleted for who got them
// too, words and all. It reports whether there are more.
func (db *DB) LeaveConversations(ctx context.Context, actor community.ActorID, all bool, now time.Time, most int) (more bool, err error) {
	defer db.wrap(&err, "LeaveConversations(%d)", actor)
	got, err := affected(db.write.NewRaw(`UPDATE messages SET recipient_dropped = TRUE WHERE id IN (
		SELECT id FROM messages WHERE recipient_id = ? AND NOT recipient_dropped ORDER BY id LIMIT ?)`, actor, most).Exec(ctx))
	if err != nil {
		return false, err
	}
	set, args := "sender_dropped = TRUE", []any{}
	left := "NOT sender_dropped"
	if all {
		set += ", body = '', html = '', deleted_at = coalesce(deleted_at, ?)"
		left = "(NOT sender_dropped OR deleted_at IS NULL OR html <> '')"
		args = append(args, now)
	}
	args = append(args, actor, most)
	sent, err := affected(db.write.NewRaw("UPDATE messages SET "+set+" WHERE id IN (SELECT id FROM messages WHERE sender_id = ? AND "+
		left+" ORDER BY id LIMIT ?)", args...).Exec(ctx))
	return got == int64(most) || sent == int64(most), err
}

// ReleaseReports gives back the reports that somebody was looking into.
func (db *DB) ReleaseReports(ctx context.Context, by community.ActorID) (err error) {
	defer db.wrap(&err, "ReleaseReports(%d)", by)
	_, err = db.write.NewUpdate().TableExpr("reports").Set("claimed_by = NULL, claimed_at = NULL").
		Where("claimed_by = ? AND state = 'open'", by).Exec(ctx)
	return err
}

// everybodyListening lists the servers on which we know an inbox: whoever may
// know something of ours.
func (db *DB) everybodyListening(ctx context.Context) (list []Listener, err error) {
	err = db.read.NewRaw(`SELECT p.id AS peer_id, 0 AS since, p.software, p.checked_at FROM peers AS p
		WHERE EXISTS (SELECT 1 FROM actors AS a WHERE a.peer_id = p.id AND a.inbox <> '' AND a.deleted_at IS NULL)
		ORDER BY p.id`).Scan(ctx, &list)
	return list, err
}

// anyInbox is the one inbox at which a server hears what is for all servers:
// one that it shares, or anybody's where it shares none.
func (db *DB) anyInbox(ctx context.Context, peer community.PeerID) (inboxes []string, err error) {
	err = db.read.NewRaw(`SELECT CASE WHEN a.shared_inbox <> '' THEN a.shared_inbox ELSE a.inbox END FROM actors AS a
		WHERE a.peer_id = ? AND a.inbox <> '' AND a.deleted_at IS NULL
		ORDER BY CASE WHEN a.shared_inbox <> '' THEN 0 ELSE 1 END, a.id LIMIT 1`, peer).Scan(ctx, &inboxes)
	return inboxes, err
}
