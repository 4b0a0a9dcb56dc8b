package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// endow reads the roles that members were given; most were given none.
func (db *DB) endow(ctx context.Context, list ...*community.Membership) error {
	groups := map[community.ActorID][]*community.Membership{}
	var actors, places []community.ActorID
	for _, m := range list {
		if m.Granted {
			groups[m.GroupID] = append(groups[m.GroupID], m)
			actors, places = append(actors, m.ActorID), append(places, m.GroupID)
		}
	}
	if len(actors) == 0 {
		return nil
	}
	grants, err := db.openGrants(ctx, "actor_id IN (?) AND group_id IN (?)", bun.List(unique(actors)), bun.List(unique(places)))
	for _, g := range grants {
		for _, m := range groups[g.GroupID] {
			if m.ActorID == g.ActorID {
				m.Grants = append(m.Grants, g)
			}
		}
	}
	return err
}

// endowAccount reads the roles on this server that the owner of an account was
// given.
func (db *DB) endowAccount(ctx context.Context, account *community.Account) (err error) {
	if account.Granted {
		account.Grants, err = db.openGrants(ctx, "actor_id = ? AND group_id IS NULL", account.ActorID)
	}
	return err
}

// openGrants returns grants that nobody ended, with what they give.
func (db *DB) openGrants(ctx context.Context, where string, args ...any) ([]*community.RoleGrant, error) {
	var list []*community.RoleGrant
	err := db.read.NewSelect().Model(&list).Where("ended_at IS NULL").Where(where, args...).OrderExpr("id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	return list, db.nameRoles(ctx, list)
}

// nameRoles fills in what grants give.
func (db *DB) nameRoles(ctx context.Context, grants []*community.RoleGrant) error {
	var ids []community.NamedRoleID
	for _, g := range grants {
		if g.RoleKey == "" {
			ids = append(ids, g.RoleID)
		}
	}
	made := map[community.NamedRoleID]*community.NamedRole{}
	if len(ids) > 0 {
		var list []*community.NamedRole
		if err := db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(unique(ids))).Scan(ctx); err != nil {
			return err
		}
		for _, r := range list {
			made[r.ID] = r
		}
	}
	for _, g := range grants {
		if g.Role = made[g.RoleID]; g.RoleKey != "" {
			g.Role = community.KeyedRole(g.GroupID, g.RoleKey)
		}
		if g.Role == nil { // of a newer version of the program: it permits nothing here
			g.Role = &community.NamedRole{Key: g.RoleKey, GroupID: g.GroupID, Name: g.RoleKey}
		}
	}
	return nil
}

// HoldRoles makes other transactions that hold the roles of a group, or of
// this server, for 0, wait for the end of this one.
func (db *DB) HoldRoles(ctx context.Context, group community.ActorID) (err error) {
	defer db.wrap(&err, "HoldRoles(%d)", group)
	return db.hold(ctx, "roles:%d", group)
}

// NamedRoles lists the roles that people made in a group, or, for 0, on this
// server.
func (db *DB) NamedRoles(ctx context.Context, group community.ActorID) (_ []*community.NamedRole, err error) {
	defer db.wrap(&err, "NamedRoles(%d)", group)
	var list []*community.NamedRole
	err = db.read.NewSelect().Model(&list).Where("coalesce(group_id, 0) = ? AND dropped_at IS NULL", group).OrderExpr("id").Scan(ctx)
	return list, err
}

// NamedRole returns a role that people made, also one that was dropped.
func (db *DB) NamedRole(ctx context.Context, id community.NamedRoleID) (_ *community.NamedRole, err error) {
	defer db.wrap(&err, "NamedRole(%d)", id)
	r := new(community.NamedRole)
	if err := db.read.NewSelect().Model(r).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// SaveRole stores a role, new or known; a new one gets its id.
func (db *DB) SaveRole(ctx context.Context, r *community.NamedRole) (err error) {
	defer db.wrap(&err, "SaveRole(%d)", r.ID)
	if r.ID == 0 {
		_, err = db.write.NewInsert().Model(r).Returning("id").Exec(ctx)
		return err
	}
	_, err = db.write.NewUpdate().Model(r).WherePK().Column("name", "about", "permits", "level", "updated_at", "dropped_at").Exec(ctx)
	return err
}

// AddGrant stores a new grant, sets its id and marks its holder.
func (db *DB) AddGrant(ctx context.Context, g *community.RoleGrant) (err error) {
	defer db.wrap(&err, "AddGrant(%d, %d)", g.GroupID, g.ActorID)
	if _, err := db.write.NewInsert().Model(g).Returning("id").Exec(ctx); err != nil {
		return err
	}
	return db.markGranted(ctx, g.GroupID, g.ActorID)
}

// SaveGrant stores what changed in a grant, and marks its holder anew.
func (db *DB) SaveGrant(ctx context.Context, g *community.RoleGrant) (err error) {
	defer db.wrap(&err, "SaveGrant(%d)", g.ID)
	_, err = db.write.NewUpdate().Model(g).WherePK().
		Column("actor_id", "ends_at", "review_at", "reminded_at", "note", "ended_at", "ended_by").Exec(ctx)
	if err != nil {
		return err
	}
	return db.markGranted(ctx, g.GroupID, g.ActorID)
}

// markGranted notes with a membership, or an account, whether anything was
// given that nobody ended.
func (db *DB) markGranted(ctx context.Context, group, actor community.ActorID) error {
	const open = "EXISTS (SELECT 1 FROM role_grants AS g WHERE g.ended_at IS NULL AND g.actor_id = ? AND "
	if group == 0 {
		_, err := db.write.NewUpdate().TableExpr("accounts").Set("granted = "+open+"g.group_id IS NULL)", actor).
			Where("actor_id = ?", actor).Exec(ctx)
		return err
	}
	_, err := db.write.NewUpdate().TableExpr("memberships").Set("granted = "+open+"g.group_id = ?)", actor, group).
		Where("actor_id = ? AND group_id = ?", actor, group).Exec(ctx)
	return err
}

// Grant returns the grant with id.
func (db *DB) Grant(ctx context.Context, id community.GrantID) (_ *community.RoleGrant, err error) {
	defer db.wrap(&err, "Grant(%d)", id)
	g := new(community.RoleGrant)
	if err := db.read.NewSelect().Model(g).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return g, db.nameRoles(ctx, []*community.RoleGrant{g})
}

// GrantsByID returns the grants with ids, by id.
func (db *DB) GrantsByID(ctx context.Context, ids []community.GrantID) (_ map[community.GrantID]*community.RoleGrant, err error) {
	defer db.wrap(&err, "GrantsByID(%d)", len(ids))
	found := map[community.GrantID]*community.RoleGrant{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.RoleGrant
	if err := db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, g := range list {
		found[g.ID] = g
	}
	return found, db.nameRoles(ctx, list)
}

// Grants lists who was given what in a group, or, for 0, on this server: what
// nobody ended, and, where past is asked for, what is over instead, newest
// first.
func (db *DB) Grants(ctx context.Context, group community.ActorID, past bool, most int) (_ []*community.RoleGrant, err error) {
	defer db.wrap(&err, "Grants(%d)", group)
	var list []*community.RoleGrant
	q := db.read.NewSelect().Model(&list).Where("coalesce(group_id, 0) = ?", group).Limit(int64(most))
	if past {
		q = q.Where("ended_at IS NOT NULL").OrderExpr("id DESC")
	} else {
		q = q.Where("ended_at IS NULL").OrderExpr("id")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return list, db.nameRoles(ctx, list)
}

// GrantsOf lists what one person was given, anywhere, that nobody ended.
func (db *DB) GrantsOf(ctx context.Context, actor community.ActorID) (_ []*community.RoleGrant, err error) {
	defer db.wrap(&err, "GrantsOf(%d)", actor)
	return db.openGrants(ctx, "actor_id = ?", actor)
}

// RoleGiven reports whether somebody holds a role that people made, now or
// later.
func (db *DB) RoleGiven(ctx context.Context, id community.NamedRoleID) (_ bool, err error) {
	defer db.wrap(&err, "RoleGiven(%d)", id)
	return db.read.NewSelect().Model((*community.RoleGrant)(nil)).Where("role_id = ? AND ended_at IS NULL", id).Exists(ctx)
}

// GrantsOver lists grants whose end has come.
func (db *DB) GrantsOver(ctx context.Context, now time.Time, most int) (_ []*community.RoleGrant, err error) {
	defer db.wrap(&err, "GrantsOver")
	var list []*community.RoleGrant
	err = db.read.NewSelect().Model(&list).Where("ended_at IS NULL AND ends_at IS NOT NULL AND ends_at <= ?", now).
		OrderExpr("ends_at, id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return list, db.nameRoles(ctx, list)
}

// GrantsDue lists grants that are to be looked at again.
func (db *DB) GrantsDue(ctx context.Context, now time.Time, most int) (_ []*community.RoleGrant, err error) {
	defer db.wrap(&err, "GrantsDue")
	var list []*community.RoleGrant
	err = db.read.NewSelect().Model(&list).
		Where("ended_at IS NULL AND review_at IS NOT NULL AND reminded_at IS NULL AND review_at <= ?", now).
		OrderExpr("review_at, id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return list, db.nameRoles(ctx, list)
}

// Charges lists what an actor looks after: where they moderate, and where they
// were given a role.
func (db *DB) Charges(ctx context.Context, actor community.ActorID) (_ []*community.Membership, err error) {
	defer db.wrap(&err, "Charges(%d)", actor)
	var list []*community.Membership
	err = db.read.NewRaw("SELECT * FROM memberships WHERE actor_id = ? AND role <> 'member' UNION ALL"+
		" SELECT * FROM memberships WHERE actor_id = ? AND granted AND role = 'member'", actor, actor).Scan(ctx, &list)
	if err != nil {
		return nil, err
	}
	return list, db.endow(ctx, list...)
}

// Trusted lists who may do, in a group, what p names: the owner, the moderators
// and then others.
func (db *DB) Trusted(ctx context.Context, group community.ActorID, p community.Permission, now time.Time) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "Trusted(%d, %s)", group, p)
	var list []*community.Membership
	err = db.read.NewSelect().Model(&list).ExcludeColumn("follow_raw").Where("group_id = ? AND (role <> 'member' OR granted)", group).
		OrderExpr("CASE role WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 ELSE 2 END, moderates_since, actor_id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	if err := db.endow(ctx, list...); err != nil {
		return nil, err
	}
	var ids []community.ActorID
	for _, m := range list {
		if m.May(p, now) {
			ids = append(ids, m.ActorID)
		}
	}
	found, err := db.Actors(ctx, ids)
	actors := make([]*community.Actor, 0, len(ids))
	for _, id := range ids {
		if a := found[id]; a != nil && !a.Gone() {
			actors = append(actors, a)
		}
	}
	return actors, err
}

// TrustedHere lists who may do for this server what p names, administrators
// first and the longest first.
func (db *DB) TrustedHere(ctx context.Context, p community.Permission, now time.Time) (_ []community.ActorID, err error) {
	defer db.wrap(&err, "TrustedHere(%s)", p)
	var list []*community.Account
	err = db.read.NewSelect().Model(&list).Where("admin OR granted").OrderExpr("CASE WHEN admin THEN 0 ELSE 1 END, id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	var ids []community.ActorID
	for _, account := range list {
		may, err := db.mayHere(ctx, account, p, now)
		if err != nil {
			return nil, err
		}
		if may {
			ids = append(ids, account.ActorID)
		}
	}
	return ids, nil
}

// MayHere reports whether somebody may do for this server what p names.
// Nobody elsewhere may.
func (db *DB) MayHere(ctx context.Context, who *community.Actor, p community.Permission, now time.Time) (_ bool, err error) {
	defer db.wrap(&err, "MayHere(%s, %s)", who.Handle(), p)
	if !who.Local() || who.MaySpeak(now) != nil {
		return false, nil
	}
	account, err := db.AccountOf(ctx, who.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && account.May(p, now), err
}

// mayHere is MayHere for an account that has not been read in full. Somebody
// who is banned from this server may nothing, whoever they are.
func (db *DB) mayHere(ctx context.Context, account *community.Account, p community.Permission, now time.Time) (bool, error) {
	if err := db.endowAccount(ctx, account); err != nil || !account.May(p, now) {
		return false, err
	}
	actor, err := db.Actor(ctx, account.ActorID)
	return err == nil && !actor.Gone() && actor.MaySpeak(now) == nil, err
}

// EndGrants ends all that somebody was given in a group, because they do not
// belong to it any more.
func (db *DB) EndGrants(ctx context.Context, group, actor, by community.ActorID, now time.Time) (err error) {
	defer db.wrap(&err, "EndGrants(%d, %d)", group, actor)
	_, err = db.write.NewUpdate().Model((*community.RoleGrant)(nil)).Set("ended_at = ?, ended_by = ?", now, by).
		Where("actor_id = ? AND group_id = ? AND ended_at IS NULL", actor, group).Exec(ctx)
	if err != nil {
		return err
	}
	return db.markGranted(ctx, group, actor)
}

// EndAllGrants ends all that somebody was given, anywhere, because they are
// gone.
func (db *DB) EndAllGrants(ctx context.Context, actor community.ActorID, now time.Time) (err error) {
	defer db.wrap(&err, "EndAllGrants(%d)", actor)
	_, err = db.write.NewUpdate().Model((*community.RoleGrant)(nil)).Set("ended_at = ?, ended_by = ?", now, actor).
		Where("actor_id = ? AND ended_at IS NULL", actor).Exec(ctx)
	if err != nil {
		return err
	}
	for _, table := range []string{"memberships", "accounts"} {
		if _, err := db.write.NewUpdate().TableExpr(table).Set("granted = FALSE").Where("actor_id = ? AND granted", actor).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// MoveGrants gives another account of the same person what they were given in
// a group.
func (db *DB) MoveGrants(ctx context.Context, group, from, to community.ActorID) (err error) {
	defer db.wrap(&err, "MoveGrants(%d, %d to %d)", group, from, to)
	_, err = db.write.NewUpdate().Model((*community.RoleGrant)(nil)).Set("actor_id = ?", to).
		Where("actor_id = ? AND group_id = ? AND ended_at IS NULL", from, group).Exec(ctx)
	if err != nil {
		return err
	}
	if err := db.markGranted(ctx, group, from); err != nil {
		return err
	}
	return db.markGranted(ctx, group, to)
}
