package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Membership returns what actor is to group: nil, without an error, if
// nothing.
func (db *DB) Membership(ctx context.Context, group, actor community.ActorID) (_ *community.Membership, err error) {
	defer db.wrap(&err, "Membership(%d, %d)", group, actor)
	if actor == 0 {
		return nil, nil
	}
	m, err := remembered(bond{group, actor}, db.known().members, func() (*community.Membership, error) {
		m := new(community.Membership)
		if err := db.read.NewSelect().Model(m).Where("group_id = ? AND actor_id = ?", group, actor).Scan(ctx); err != nil {
			return nil, err
		}
		return m, db.endow(ctx, m)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return m, err
}

// HoldMembership returns what actor is to group, as Membership does, and makes
// other transactions that hold it wait for the end of this one: two clicks at
// once must not count as two members.
func (db *DB) HoldMembership(ctx context.Context, group, actor community.ActorID) (_ *community.Membership, err error) {
	defer db.wrap(&err, "HoldMembership(%d, %d)", group, actor)
	if err := db.hold(ctx, "membership:%d:%d", group, actor); err != nil {
		return nil, err
	}
	return db.Membership(ctx, group, actor)
}

// MembershipsIn returns what actor is to each of the groups, by group.
func (db *DB) MembershipsIn(ctx context.Context, groups []community.ActorID, actor community.ActorID) (_ map[community.ActorID]*community.Membership, err error) {
	defer db.wrap(&err, "MembershipsIn(%d groups, %d)", len(groups), actor)
	found := map[community.ActorID]*community.Membership{}
	if actor == 0 || len(groups) == 0 {
		return found, nil
	}
	var list []*community.Membership
	if err := db.read.NewSelect().Model(&list).Where("actor_id = ? AND group_id IN (?)", actor, bun.List(groups)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, m := range list {
		found[m.GroupID] = m
	}
	return found, db.endow(ctx, list...)
}

// MembershipByFollow returns the membership that a Follow with this id asked
// for.
func (db *DB) MembershipByFollow(ctx context.Context, group community.ActorID, iri string) (_ *community.Membership, err error) {
	defer db.wrap(&err, "MembershipByFollow(%d, %s)", group, iri)
	m := new(community.Membership)
	if err := db.read.NewSelect().Model(m).Where("group_id = ? AND follow_iri = ? AND follow_iri <> ''", group, iri).Scan(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// SaveMembership stores a membership, new or known. It does not count it.
func (db *DB) SaveMembership(ctx context.Context, m *community.Membership) (err error) {
	defer db.wrap(&err, "SaveMembership(%d, %d)", m.GroupID, m.ActorID)
	_, err = db.write.NewInsert().Model(m).On("CONFLICT (group_id, actor_id) DO UPDATE").
		Set("role = EXCLUDED.role, state = EXCLUDED.state, follow_iri = EXCLUDED.follow_iri, follow_raw = EXCLUDED.follow_raw, banned_until = EXCLUDED.banned_until").
		Set("ban_reason = EXCLUDED.ban_reason, moderates_since = EXCLUDED.moderates_since").
		Exec(ctx)
	return err
}

// DeleteMembership forgets a membership.
func (db *DB) DeleteMembership(ctx context.Context, group, actor community.ActorID) (err error) {
	defer db.wrap(&err, "DeleteMembership(%d, %d)", group, actor)
	if err := db.DropFacet(ctx, group, actor); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Membership)(nil)).Where("group_id = ? AND actor_id = ?", group, actor).Exec(ctx)
	return err
}

// Moderators lists the actors who moderate group, the owner and then the
// longest first.
func (db *DB) Moderators(ctx context.Context, group community.ActorID) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "Moderators(%d)", group)
	var actors []*community.Actor
	err = db.read.NewSelect().Model(&actors).
		Join("JOIN memberships AS m ON m.actor_id = actor.id").
		Where("m.group_id = ? AND m.role <> 'member'", group).
		OrderExpr("CASE WHEN m.role = 'owner' THEN 0 ELSE 1 END, m.moderates_since, actor.id").Scan(ctx)
	return actors, err
}

// HoldModerators makes other transactions that hold the list of a group's
// moderators wait for the end of this one.
func (db *DB) HoldModerators(ctx context.Context, group community.ActorID) (err error) {
	defer db.wrap(&err, "HoldModerators(%d)", group)
	return db.hold(ctx, "moderators:%d", group)
}

// HoldFeatured makes other transactions that hold what is on top of a group
// wait for the end of this one.
func (db *DB) HoldFeatured(ctx context.Context, group community.ActorID) (err error) {
	defer db.wrap(&err, "HoldFeatured(%d)", group)
	return db.hold(ctx, "featured:%d", group)
}

// Joined lists the groups that actor follows, by name.
func (db *DB) Joined(ctx context.Context, actor community.ActorID) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "Joined(%d)", actor)
	var actors []*community.Actor
	err = db.read.NewSelect().Model(&actors).
		Join("JOIN memberships AS m ON m.group_id = actor.id").
		Where("m.actor_id = ? AND m.state = 'accepted' AND actor.deleted_at IS NULL", actor).
		OrderExpr("actor.fold, actor.host").Scan(ctx)
	return actors, err
}

// FollowedHere reports whether anybody of this server follows the group.
func (db *DB) FollowedHere(ctx context.Context, group community.ActorID) (_ bool, err error) {
	defer db.wrap(&err, "FollowedHere(%d)", group)
	return db.read.NewSelect().TableExpr("memberships AS m").
		Join("JOIN accounts AS a ON a.actor_id = m.actor_id").
		Where("m.group_id = ? AND m.state <> 'absent'", group).Exists(ctx)
}

// Follow returns how follower follows target, a person: nil if not.
func (db *DB) Follow(ctx context.Context, follower, target community.ActorID) (_ *community.Follow, err error) {
	defer db.wrap(&err, "Follow(%d, %d)", follower, target)
	f := new(community.Follow)
	err = db.read.NewSelect().Model(f).Where("follower_id = ? AND target_id = ?", follower, target).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return f, err
}

// HoldFollow is Follow for who is about to change it; see HoldMembership.
func (db *DB) HoldFollow(ctx context.Context, follower, target community.ActorID) (_ *community.Follow, err error) {
	defer db.wrap(&err, "HoldFollow(%d, %d)", follower, target)
	if err := db.hold(ctx, "follow:%d:%d", follower, target); err != nil {
		return nil, err
	}
	return db.Follow(ctx, follower, target)
}

// SaveFollow stores a follow of a person, new or known.
func (db *DB) SaveFollow(ctx context.Context, f *community.Follow) (err error) {
	defer db.wrap(&err, "SaveFollow(%d, %d)", f.FollowerID, f.TargetID)
	_, err = db.write.NewInsert().Model(f).On("CONFLICT (target_id, follower_id) DO UPDATE").
		Set("state = EXCLUDED.state, iri = EXCLUDED.iri, raw = EXCLUDED.raw, changed_at = EXCLUDED.changed_at").Exec(ctx)
	return err
}

// DeleteFollow forgets a follow of a person.
func (db *DB) DeleteFollow(ctx context.Context, follower, target community.ActorID) (err error) {
	defer db.wrap(&err, "DeleteFollow(%d, %d)", follower, target)
	_, err = db.write.NewDelete().Model((*community.Follow)(nil)).Where("follower_id = ? AND target_id = ?", follower, target).Exec(ctx)
	return err
}

// MembersHere lists the people of this server who joined group, or asked to.
func (db *DB) MembersHere(ctx context.Context, group community.ActorID) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "MembersHere(%d)", group)
	var people []*community.Actor
	err = db.read.NewSelect().Model(&people).
		Join("JOIN memberships AS m ON m.actor_id = actor.id").
		Where("m.group_id = ? AND m.state <> ? AND actor.host = '' AND actor.deleted_at IS NULL", group, community.Absent).
		OrderExpr("actor.id").Scan(ctx)
	return people, err
}

// RolesAndBans lists what an actor is to groups of this server beyond a member:
// moderator, owner, trusted with a role, or banned.
func (db *DB) RolesAndBans(ctx context.Context, actor community.ActorID) (_ []*community.Membership, err error) {
	defer db.wrap(&err, "RolesAndBans(%d)", actor)
	var list []*community.Membership
	err = db.read.NewSelect().Model(&list).
		Join("JOIN actors AS a ON a.id = membership.group_id AND a.host = '' AND a.deleted_at IS NULL").
		Where("membership.actor_id = ? AND (membership.role <> ? OR membership.banned_until IS NOT NULL OR membership.granted)", actor, community.Member).
		OrderExpr("membership.group_id").Scan(ctx)
	return list, err
}

// MembersOfKind returns the members of a group that are actors of a kind.
func (db *DB) MembersOfKind(ctx context.Context, group community.ActorID, kind community.ActorKind) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "MembersOfKind(%d, %s)", group, kind)
	var actors []*community.Actor
	err = db.read.NewSelect().Model(&actors).
		Join("JOIN memberships AS m ON m.actor_id = actor.id").
		Where("m.group_id = ? AND m.state = 'accepted' AND actor.kind = ?", group, kind).OrderExpr("actor.id").Scan(ctx)
	return actors, err
}
