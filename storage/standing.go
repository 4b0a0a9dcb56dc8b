package storage

import (
	"context"
	"time"

	"drystone/community"
)

// What somebody was given, asked for and decided here, a part at a time, as in
// belongings.go.

// part reads up to most rows of somebody's that come after one.
func part[T any](ctx context.Context, db *DB, list *[]T, where string, actor community.ActorID, after int64, most int) error {
	return db.read.NewSelect().Model(list).Where("id > ?", after).Where(where, actor).OrderExpr("id").Limit(int64(most)).Scan(ctx)
}

// GrantsEver lists what somebody was given, and what is over of it.
func (db *DB) GrantsEver(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.RoleGrant, err error) {
	defer db.wrap(&err, "GrantsEver(%d)", actor)
	if err := part(ctx, db, &list, "actor_id = ?", actor, after, most); err != nil {
		return nil, err
	}
	return list, db.nameRoles(ctx, list)
}

// HandoversWith lists the groups that somebody offered to others or was
// offered.
func (db *DB) HandoversWith(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Handover, err error) {
	defer db.wrap(&err, "HandoversWith(%d)", actor)
	err = db.read.NewSelect().Model(&list).Where("id > ? AND (from_id = ? OR to_id = ?)", after, actor, actor).
		OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// ClaimsBy lists the groups that somebody would look after.
func (db *DB) ClaimsBy(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.GroupClaim, err error) {
	defer db.wrap(&err, "ClaimsBy(%d)", actor)
	return list, part(ctx, db, &list, "actor_id = ?", actor, after, most)
}

// DecisionsBy lists what somebody decided as a moderator.
func (db *DB) DecisionsBy(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Decision, err error) {
	defer db.wrap(&err, "DecisionsBy(%d)", actor)
	return list, part(ctx, db, &list, "actor_id = ?", actor, after, most)
}

// WarningsBy lists what somebody told others as a moderator.
func (db *DB) WarningsBy(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Warning, err error) {
	defer db.wrap(&err, "WarningsBy(%d)", actor)
	return list, part(ctx, db, &list, "by_id = ?", actor, after, most)
}

// InvitesBy lists the invitations that somebody made.
func (db *DB) InvitesBy(ctx context.Context, actor community.ActorID, after int64, most int) (list []*community.Invite, err error) {
	defer db.wrap(&err, "InvitesBy(%d)", actor)
	return list, part(ctx, db, &list, "creator_id = ?", actor, after, most)
}

// QuotesAllowed lists who may quote what somebody wrote.
func (db *DB) QuotesAllowed(ctx context.Context, author community.ActorID, after int64, most int) (list []*community.Quote, err error) {
	defer db.wrap(&err, "QuotesAllowed(%d)", author)
	return list, part(ctx, db, &list, "author_id = ?", author, after, most)
}

// FollowersAfter lists who follows somebody, or asks to.
func (db *DB) FollowersAfter(ctx context.Context, target community.ActorID, after int64, most int) (list []*community.Follow, err error) {
	defer db.wrap(&err, "FollowersAfter(%d)", target)
	err = db.read.NewSelect().Model(&list).ExcludeColumn("raw").Where("target_id = ? AND follower_id > ?", target, after).
		OrderExpr("follower_id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// A PollChoice is what somebody chose in a poll.
type PollChoice struct {
	OptionID  community.OptionID
	PostID    community.PostID
	Text      string
	CreatedAt time.Time
}

// PollChoices lists what somebody chose in polls. Choices are found by what
// could be chosen: there is no index by voter.
func (db *DB) PollChoices(ctx context.Context, voter community.ActorID, after int64, most int) (list []*PollChoice, err error) {
	defer db.wrap(&err, "PollChoices(%d)", voter)
	err = db.read.NewRaw(`SELECT o.id AS option_id, o.post_id, o.text, v.created_at FROM poll_options AS o
		JOIN poll_votes AS v ON v.post_id = o.post_id AND v.option_id = o.id AND v.actor_id = ?
		WHERE o.id > ? ORDER BY o.id LIMIT ?`, voter, after, most).Scan(ctx, &list)
	return list, err
}

// An Upload is a file that somebody of this server uploaded.
type Upload struct {
	Name      string // of the file in the store
	Use       string // what it is for: that of a picture of themselves, or attachment
	Alt       string // what is in it, in words
	CreatedAt time.Time
}

// Uploads lists what somebody uploaded and is still here, each file once, up to
// most whose names come after one.
func (db *DB) Uploads(ctx context.Context, owner community.ActorID, after string, most int) (list []*Upload, err error) {
	defer db.wrap(&err, "Uploads(%d)", owner)
	err = db.read.NewRaw(`SELECT name, use, alt, created_at FROM (
		SELECT name, use, '' AS alt, created_at FROM pictures WHERE actor_id = ? AND name > ?
		UNION ALL SELECT name, 'attachment' AS use, max(alt) AS alt, min(created_at) AS created_at FROM attachments
		WHERE owner_id = ? AND name > ? GROUP BY name
		) AS mine ORDER BY name, use LIMIT ?`, owner, after, owner, after, most).Scan(ctx, &list)
	return list, err
}
