package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddInvite stores an invitation and sets its id.
func (db *DB) AddInvite(ctx context.Context, i *community.Invite) (err error) {
	defer db.wrap(&err, "AddInvite(%d)", i.CreatorID)
	_, err = db.write.NewInsert().Model(i).Returning("id").Exec(ctx)
	return err
}

// Invite returns the invitation with id.
func (db *DB) Invite(ctx context.Context, id community.InviteID) (_ *community.Invite, err error) {
	defer db.wrap(&err, "Invite(%d)", id)
	return db.inviteWhere(ctx, "id = ?", id)
}

// InviteByHash returns the invitation whose code has this hash.
func (db *DB) InviteByHash(ctx context.Context, hash []byte) (_ *community.Invite, err error) {
	defer db.wrap(&err, "InviteByHash")
	return db.inviteWhere(ctx, "hash = ?", hash)
}

func (db *DB) inviteWhere(ctx context.Context, where string, args ...any) (*community.Invite, error) {
	i := new(community.Invite)
	if err := db.read.NewSelect().Model(i).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return i, nil
}

// UseInvite lets one more come by an invitation, unless it is over, and
// reports whether they may.
func (db *DB) UseInvite(ctx context.Context, id community.InviteID, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "UseInvite(%d)", id)
	return one(db.write.NewUpdate().Model((*community.Invite)(nil)).Set("used = used + 1").
		Where("id = ? AND used < uses AND revoked_at IS NULL AND expires_at > ?", id, now).Exec(ctx))
}

// RevokeInvite ends an invitation.
func (db *DB) RevokeInvite(ctx context.Context, id community.InviteID, now time.Time) (err error) {
	defer db.wrap(&err, "RevokeInvite(%d)", id)
	_, err = db.write.NewUpdate().Model((*community.Invite)(nil)).Set("revoked_at = ?", now).
		Where("id = ? AND revoked_at IS NULL", id).Exec(ctx)
	return err
}

// Invites lists the invitations that somebody made, or, for 0, that anybody
// did, newest first, and returns the cursor of the next page.
func (db *DB) Invites(ctx context.Context, creator community.ActorID, page community.Page) (_ []*community.Invite, next string, err error) {
	defer db.wrap(&err, "Invites(%d)", creator)
	var list []*community.Invite
	q := db.read.NewSelect().Model(&list)
	if creator != 0 {
		q = q.Where("creator_id = ?", creator)
	}
	next, err = newest(ctx, q, &list, "id", page, func(i *community.Invite) int64 { return int64(i.ID) })
	return list, next, err
}

// HoldInviter makes other transactions that invite for somebody wait for the
// end of this one.
func (db *DB) HoldInviter(ctx context.Context, by community.ActorID) (err error) {
	defer db.wrap(&err, "HoldInviter(%d)", by)
	return db.hold(ctx, "inviter:%d", by)
}

// OpenInvites counts the invitations of somebody that still work.
func (db *DB) OpenInvites(ctx context.Context, by community.ActorID, now time.Time) (_ int, err error) {
	defer db.wrap(&err, "OpenInvites(%d)", by)
	n, err := db.read.NewSelect().Model((*community.Invite)(nil)).
		Where("creator_id = ? AND used < uses AND revoked_at IS NULL AND expires_at > ?", by, now).Count(ctx)
	return int(n), err
}

// AddIntroduction stores by which invitation somebody came.
func (db *DB) AddIntroduction(ctx context.Context, i *community.Introduction) (err error) {
	defer db.wrap(&err, "AddIntroduction(%d)", i.ActorID)
	_, err = db.write.NewInsert().Model(i).Exec(ctx)
	return err
}

// Introduction returns by which invitation somebody came.
func (db *DB) Introduction(ctx context.Context, actor community.ActorID) (_ *community.Introduction, err error) {
	defer db.wrap(&err, "Introduction(%d)", actor)
	i := new(community.Introduction)
	if err := db.read.NewSelect().Model(i).Where("actor_id = ?", actor).Scan(ctx); err != nil {
		return nil, err
	}
	return i, nil
}

// Introductions lists who came by some invitations, in the order in which they
// came.
func (db *DB) Introductions(ctx context.Context, invites []community.InviteID) (_ []*community.Introduction, err error) {
	defer db.wrap(&err, "Introductions(%d)", len(invites))
	var list []*community.Introduction
	if len(invites) == 0 {
		return nil, nil
	}
	err = db.read.NewSelect().Model(&list).Where("invite_id IN (?)", bun.List(invites)).OrderExpr("created_at, actor_id").Scan(ctx)
	return list, err
}

// ModeratesHere reports whether somebody looks after a group of this server.
func (db *DB) ModeratesHere(ctx context.Context, actor community.ActorID) (_ bool, err error) {
	defer db.wrap(&err, "ModeratesHere(%d)", actor)
	return db.read.NewSelect().TableExpr("memberships AS m").Join("JOIN actors AS g ON g.id = m.group_id").
		Where("m.actor_id = ? AND m.role <> 'member' AND g.host = '' AND g.deleted_at IS NULL", actor).Exists(ctx)
}
