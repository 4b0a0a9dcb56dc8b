package storage

import (
	"context"

	"drystone/community"
)

// What belongs to somebody, a part at a time: each of these lists up to most
// rows that come after one, in the order of their ids.

// WrittenPosts lists posts by author that they did not take back.
func (db *DB) WrittenPosts(ctx context.Context, author community.ActorID, after int64, most int) (_ []*community.Post, err error) {
	defer db.wrap(&err, "WrittenPosts(%d)", author)
	var list []*community.Post
	err = db.read.NewSelect().Model(&list).Where("author_id = ? AND id > ? AND deleted_at IS NULL", author, after).
		OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// WrittenComments lists comments by author that they did not take back.
func (db *DB) WrittenComments(ctx context.Context, author community.ActorID, after int64, most int) (_ []*community.Comment, err error) {
	defer db.wrap(&err, "WrittenComments(%d)", author)
	var list []*community.Comment
	err = db.read.NewSelect().Model(&list).Where("author_id = ? AND id > ? AND deleted_at IS NULL", author, after).
		OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// A CastVote is a vote with the id of what it is on.
type CastVote struct {
	community.Vote `bun:",extend"`
	ObjectIRI      string
}

// CastVotes lists somebody's votes on the posts, or comments, with ids above
// after and up to last. Votes are found by what they are on, and there is no
// index by voter: so it is asked a stretch of ids at a time.
func (db *DB) CastVotes(ctx context.Context, voter community.ActorID, kind community.SubjectKind, after, last int64) (_ []*CastVote, err error) {
	defer db.wrap(&err, "CastVotes(%d)", voter)
	var list []*CastVote
	err = db.read.NewRaw("SELECT v.*, s.iri AS object_iri FROM "+tableOf(kind)+" AS s JOIN votes AS v ON v.kind = ? AND v.subject_id = s.id AND v.actor_id = ?"+
		" WHERE s.id > ? AND s.id <= ? AND v.value <> 0 ORDER BY s.id", kind, voter, after, last).Scan(ctx, &list)
	return list, err
}

// LastSubject is the highest id of a post, or comment.
func (db *DB) LastSubject(ctx context.Context, kind community.SubjectKind) (last int64, err error) {
	defer db.wrap(&err, "LastSubject")
	err = db.read.NewRaw("SELECT coalesce(max(id), 0) FROM "+tableOf(kind)).Scan(ctx, &last)
	return last, err
}

func tableOf(kind community.SubjectKind) string {
	if kind == community.SubjectComment {
		return "comments"
	}
	return "posts"
}

// KeptMessages lists messages that somebody wrote or got and still sees.
func (db *DB) KeptMessages(ctx context.Context, reader community.ActorID, after int64, most int) (_ []*community.Message, err error) {
	defer db.wrap(&err, "KeptMessages(%d)", reader)
	var list []*community.Message
	err = db.read.NewRaw(`SELECT * FROM (
		SELECT * FROM messages WHERE sender_id = ? AND id > ? AND NOT sender_dropped AND deleted_at IS NULL
		UNION ALL SELECT * FROM messages WHERE recipient_id = ? AND id > ? AND NOT recipient_dropped AND deleted_at IS NULL
		) AS kept ORDER BY id LIMIT ?`, reader, after, reader, after, most).Scan(ctx, &list)
	return list, err
}

// KeptNotifications lists what an account was told.
func (db *DB) KeptNotifications(ctx context.Context, account community.AccountID, after int64, most int) (_ []*community.Notification, err error) {
	defer db.wrap(&err, "KeptNotifications(%d)", account)
	var list []*community.Notification
	err = db.read.NewSelect().Model(&list).Where("account_id = ? AND id > ?", account, after).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// FiledReports lists the reports that somebody made.
func (db *DB) FiledReports(ctx context.Context, reporter community.ActorID, after int64, most int) (_ []*community.Report, err error) {
	defer db.wrap(&err, "FiledReports(%d)", reporter)
	var list []*community.Report
	err = db.read.NewSelect().Model(&list).Where("reporter_id = ? AND id > ?", reporter, after).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// DecisionsAbout lists what moderators decided about somebody.
func (db *DB) DecisionsAbout(ctx context.Context, target community.ActorID, after int64, most int) (_ []*community.Decision, err error) {
	defer db.wrap(&err, "DecisionsAbout(%d)", target)
	var list []*community.Decision
	err = db.read.NewSelect().Model(&list).Where("target_id = ? AND id > ?", target, after).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// WarningsTo lists what moderators told somebody in private.
func (db *DB) WarningsTo(ctx context.Context, target community.ActorID, after int64, most int) (_ []*community.Warning, err error) {
	defer db.wrap(&err, "WarningsTo(%d)", target)
	var list []*community.Warning
	err = db.read.NewSelect().Model(&list).Where("target_id = ? AND id > ?", target, after).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// A Belonging is what somebody is to a group, with the group.
type Belonging struct {
	community.Membership `bun:",extend"`
	Group                *community.Actor `bun:"-"`
}

// BelongingAfter lists memberships of an actor, with their groups.
func (db *DB) BelongingAfter(ctx context.Context, actor community.ActorID, after int64, most int) (_ []*Belonging, err error) {
	defer db.wrap(&err, "BelongingAfter(%d)", actor)
	var rows []*community.Membership
	err = db.read.NewSelect().Model(&rows).Where("actor_id = ? AND group_id > ?", actor, after).OrderExpr("group_id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]community.ActorID, 0, len(rows))
	for _, m := range rows {
		ids = append(ids, m.GroupID)
	}
	groups, err := db.Actors(ctx, ids)
	list := make([]*Belonging, 0, len(rows))
	for _, m := range rows {
		list = append(list, &Belonging{Membership: *m, Group: groups[m.GroupID]})
	}
	return list, err
}
