package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// BannedFrom lists who is banned from a group now, those who wait longest
// first, and returns the cursor of the next page.
func (db *DB) BannedFrom(ctx context.Context, group community.ActorID, now time.Time, page community.Page) (_ []*community.Membership, next string, err error) {
	defer db.wrap(&err, "BannedFrom(%d)", group)
	var list []*community.Membership
	q := db.read.NewSelect().Model(&list).Where("group_id = ? AND banned_until > ?", group, now)
	next, err = newest(ctx, q, &list, "actor_id", page, func(x *community.Membership) int64 { return int64(x.ActorID) })
	return list, next, err
}

// SiteBan returns the ban of actor from a server, this one where host is
// empty; nil, without an error, if there is none.
func (db *DB) SiteBan(ctx context.Context, actor community.ActorID, host string) (_ *community.SiteBan, err error) {
	defer db.wrap(&err, "SiteBan(%d, %s)", actor, host)
	b := new(community.SiteBan)
	err = db.classify(db.read.NewSelect().Model(b).Where("actor_id = ? AND host = ?", actor, host).Scan(ctx))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return b, err
}

// SiteBans lists the bans from this server that hold, newest first, and
// returns the cursor of the next page.
func (db *DB) SiteBans(ctx context.Context, now time.Time, page community.Page) (_ []*community.SiteBan, next string, err error) {
	defer db.wrap(&err, "SiteBans")
	var list []*community.SiteBan
	q := db.read.NewSelect().Model(&list).Where("host = '' AND until > ?", now)
	next, err = newest(ctx, q, &list, "actor_id", page, func(x *community.SiteBan) int64 { return int64(x.ActorID) })
	return list, next, err
}

// SaveSiteBan stores a ban from a server; one from ours is noted with the
// actor, whom everything asks.
func (db *DB) SaveSiteBan(ctx context.Context, b *community.SiteBan) (err error) {
	defer db.wrap(&err, "SaveSiteBan(%d, %s)", b.ActorID, b.Host)
	_, err = db.write.NewInsert().Model(b).On("CONFLICT (actor_id, host) DO UPDATE").
		Set("by_id = EXCLUDED.by_id, reason = EXCLUDED.reason, until = EXCLUDED.until, created_at = EXCLUDED.created_at").Exec(ctx)
	if err != nil || b.Host != "" {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Actor)(nil)).Set("banned_until = ?", b.Until).Where("id = ?", b.ActorID).Exec(ctx)
	return err
}

// DropSiteBan forgets a ban from a server.
func (db *DB) DropSiteBan(ctx context.Context, actor community.ActorID, host string) (err error) {
	defer db.wrap(&err, "DropSiteBan(%d, %s)", actor, host)
	_, err = db.write.NewDelete().Model((*community.SiteBan)(nil)).Where("actor_id = ? AND host = ?", actor, host).Exec(ctx)
	if err != nil || host != "" {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Actor)(nil)).Set("banned_until = NULL").Where("id = ?", actor).Exec(ctx)
	return err
}

// BannedHere returns those of the actors with ids in the fediverse who are
// banned from this server.
func (db *DB) BannedHere(ctx context.Context, now time.Time, iris ...string) (_ map[string]bool, err error) {
	defer db.wrap(&err, "BannedHere(%d)", len(iris))
	banned := map[string]bool{}
	var asked []string
	for _, iri := range iris {
		known, ok := db.known().actorIRIs[iri]
		switch {
		case !ok:
			asked = append(asked, iri)
		case known != nil && community.Banned(known.BannedUntil, now):
			banned[iri] = true
		}
	}
	if len(asked) == 0 {
		return banned, nil
	}
	var found []string
	err = db.read.NewSelect().Model((*community.Actor)(nil)).Column("iri").
		Where("iri IN (?) AND banned_until IS NOT NULL AND banned_until > ?", bun.List(asked), now).Scan(ctx, &found)
	for _, iri := range found {
		banned[iri] = true
	}
	return banned, err
}

// Bans returns the decisions that banned somebody from a group, or, for 0,
// from the server called host, and took down what they wrote.
func (db *DB) Bans(ctx context.Context, kind community.FactKind, group, target community.ActorID, host string) (_ []community.DecisionID, err error) {
	defer db.wrap(&err, "Bans(%d, %d)", group, target)
	var ids []community.DecisionID
	err = db.read.NewSelect().Model((*community.Decision)(nil)).Column("id").
		Where("target_id = ? AND kind = ? AND coalesce(group_id, 0) = ? AND host = ?", target, kind, group, host).OrderExpr("id").Scan(ctx, &ids)
	return ids, err
}
