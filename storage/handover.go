package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// OpenHandover returns what the owner of a group offers and nobody has
// answered; nil, without an error, if nothing.
func (db *DB) OpenHandover(ctx context.Context, group community.ActorID) (_ *community.Handover, err error) {
	defer db.wrap(&err, "OpenHandover(%d)", group)
	h := new(community.Handover)
	err = db.read.NewSelect().Model(h).Where("group_id = ? AND state = 'open'", group).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return h, err
}

// SaveHandover stores an offer, or what became of it.
func (db *DB) SaveHandover(ctx context.Context, h *community.Handover) (err error) {
	defer db.wrap(&err, "SaveHandover(%d)", h.GroupID)
	if h.ID == 0 {
		_, err = db.write.NewInsert().Model(h).Returning("id").Exec(ctx)
		return err
	}
	_, err = db.write.NewUpdate().Model(h).WherePK().Column("state", "decided_at").Exec(ctx)
	return err
}

// keeper is the condition that somebody looks after a group: a moderator who
// is there and not banned, and whom something shows to have been here since
// some time. Of somebody elsewhere that is what they wrote or decided.
const keeper = `EXISTS (SELECT 1 FROM memberships AS m JOIN actors AS a ON a.id = m.actor_id LEFT JOIN accounts AS c ON c.actor_id = a.id
	WHERE m.group_id = actor.id AND m.role <> 'member' AND a.deleted_at IS NULL
	AND (m.banned_until IS NULL OR m.banned_until <= ?) AND (a.banned_until IS NULL OR a.banned_until <= ?)
	AND (m.moderates_since >= ? OR c.created_at >= ? OR c.active_at >= ?
		OR EXISTS (SELECT 1 FROM sessions AS s WHERE s.account_id = c.id AND coalesce(s.last_used_at, s.created_at) >= ?)
		OR EXISTS (SELECT 1 FROM decisions AS d WHERE d.group_id = actor.id AND d.actor_id = a.id AND d.created_at >= ?)
		OR a.host <> '' AND (EXISTS (SELECT 1 FROM posts AS p WHERE p.author_id = a.id AND p.created_at >= ?)
			OR EXISTS (SELECT 1 FROM comments AS k WHERE k.author_id = a.id AND k.created_at >= ?))))`

func keeperArgs(now, since time.Time) []any {
	return []any{now, now, since, since, since, since, since, since, since}
}

// LookedAfter reports whether anybody has looked after a group of this server
// since some time.
func (db *DB) LookedAfter(ctx context.Context, group community.ActorID, now, since time.Time) (_ bool, err error) {
	defer db.wrap(&err, "LookedAfter(%d)", group)
	return db.read.NewSelect().TableExpr("actors AS actor").Where("actor.id = ?", group).Where(keeper, keeperArgs(now, since)...).Exists(ctx)
}

// Orphans lists the groups of this server that nobody has looked after since
// some time, by id, and returns the cursor of the next page.
func (db *DB) Orphans(ctx context.Context, now, since time.Time, page community.Page) (_ []*community.Actor, next string, err error) {
	defer db.wrap(&err, "Orphans")
	var groups []*community.Actor
	q := db.read.NewSelect().Model(&groups).
		Where("actor.kind = ? AND actor.host = '' AND actor.deleted_at IS NULL AND actor.moved_to = ''", community.GroupKind).
		Where("NOT "+keeper, keeperArgs(now, since)...)
	next, err = oldest(ctx, q, &groups, "actor.id", page, func(a *community.Actor) int64 { return int64(a.ID) })
	return groups, next, err
}

// OpenClaims lists who would look after one of some groups, the first first.
func (db *DB) OpenClaims(ctx context.Context, groups ...community.ActorID) (_ []*community.GroupClaim, err error) {
	defer db.wrap(&err, "OpenClaims(%d)", len(groups))
	var list []*community.GroupClaim
	if len(groups) == 0 {
		return nil, nil
	}
	err = db.read.NewSelect().Model(&list).Where("state = 'open' AND group_id IN (?)", bun.List(groups)).OrderExpr("id").Scan(ctx)
	return list, err
}

// Claim returns the claim with id.
func (db *DB) Claim(ctx context.Context, id community.ClaimID) (_ *community.GroupClaim, err error) {
	defer db.wrap(&err, "Claim(%d)", id)
	c := new(community.GroupClaim)
	if err := db.read.NewSelect().Model(c).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// SaveClaim stores a claim, or what became of it.
func (db *DB) SaveClaim(ctx context.Context, c *community.GroupClaim) (err error) {
	defer db.wrap(&err, "SaveClaim(%d)", c.GroupID)
	if c.ID == 0 {
		_, err = db.write.NewInsert().Model(c).Returning("id").Exec(ctx)
		return err
	}
	_, err = db.write.NewUpdate().Model(c).WherePK().Column("state", "note", "decided_by", "decided_at").Exec(ctx)
	return err
}
