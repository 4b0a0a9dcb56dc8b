package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Profile returns what somebody says about themselves beside their actor; an
// empty one where they said nothing.
func (db *DB) Profile(ctx context.Context, actor community.ActorID) (_ *community.Profile, err error) {
	defer db.wrap(&err, "Profile(%d)", actor)
	var list []*community.Profile
	if err := db.read.NewSelect().Model(&list).Where("actor_id = ?", actor).Scan(ctx); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return &community.Profile{ActorID: actor}, nil
	}
	return list[0], nil
}

// SaveProfile stores a profile, new or known.
func (db *DB) SaveProfile(ctx context.Context, p *community.Profile) (err error) {
	defer db.wrap(&err, "SaveProfile(%d)", p.ActorID)
	_, err = db.write.NewInsert().Model(p).On("CONFLICT (actor_id) DO UPDATE").
		Set("languages = EXCLUDED.languages, interests = EXCLUDED.interests, zone = EXCLUDED.zone").
		Set("quiet_from = EXCLUDED.quiet_from, quiet_to = EXCLUDED.quiet_to, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return err
}

// ProfileFields lists the lines of somebody's profile, from the top.
func (db *DB) ProfileFields(ctx context.Context, actor community.ActorID) (_ []community.ProfileField, err error) {
	defer db.wrap(&err, "ProfileFields(%d)", actor)
	var fields []community.ProfileField
	err = db.read.NewSelect().Model(&fields).Where("actor_id = ?", actor).OrderExpr("place").Scan(ctx)
	return fields, err
}

// SaveProfileFields stores the lines of somebody's profile in place of those
// before.
func (db *DB) SaveProfileFields(ctx context.Context, actor community.ActorID, fields []community.ProfileField) (err error) {
	defer db.wrap(&err, "SaveProfileFields(%d, %d)", actor, len(fields))
	if _, err := db.write.NewDelete().Model((*community.ProfileField)(nil)).Where("actor_id = ?", actor).Exec(ctx); err != nil || len(fields) == 0 {
		return err
	}
	for i := range fields {
		fields[i].ActorID, fields[i].Place = actor, i
	}
	_, err = db.write.NewInsert().Model(&fields).Returning("NULL").Exec(ctx)
	return err
}

// DueLinks lists lines of profiles whose links are to be looked at.
func (db *DB) DueLinks(ctx context.Context, now time.Time, most int) (_ []community.ProfileField, err error) {
	defer db.wrap(&err, "DueLinks")
	var fields []community.ProfileField
	err = db.read.NewSelect().Model(&fields).Where("check_at <= ?", now).OrderExpr("check_at, actor_id, place").Limit(int64(most)).Scan(ctx)
	return fields, err
}

// SaveLink notes what came of looking at the link of a line, unless the line
// says something else by now.
func (db *DB) SaveLink(ctx context.Context, f community.ProfileField) (err error) {
	defer db.wrap(&err, "SaveLink(%d, %d)", f.ActorID, f.Place)
	_, err = db.write.NewUpdate().Model(&f).WherePK().Where("link = ?", f.Link).
		Column("check_at", "checked_at", "verified_at").Exec(ctx)
	return err
}

// Facet returns how somebody appears in a group; nil, without an error, where
// they appear as everywhere.
func (db *DB) Facet(ctx context.Context, group, actor community.ActorID) (_ *community.Facet, err error) {
	defer db.wrap(&err, "Facet(%d, %d)", group, actor)
	found, err := db.facets(ctx, []community.ActorID{group}, []community.ActorID{actor})
	return found[bond{group, actor}], err
}

// facets returns how people appear in groups, for every one of each.
func (db *DB) facets(ctx context.Context, groups, people []community.ActorID) (map[bond]*community.Facet, error) {
	if len(groups) == 0 || len(people) == 0 {
		return nil, nil
	}
	var list []*community.Facet
	err := db.read.NewSelect().Model(&list).Where("group_id IN (?) AND actor_id IN (?)", bun.List(unique(groups)), bun.List(unique(people))).Scan(ctx)
	found := make(map[bond]*community.Facet, len(list))
	for _, f := range list {
		found[bond{f.GroupID, f.ActorID}] = f
	}
	return found, err
}

// FacetsOf lists how somebody appears in groups, with the groups, by name.
func (db *DB) FacetsOf(ctx context.Context, actor community.ActorID) (_ []*community.FacetView, err error) {
	defer db.wrap(&err, "FacetsOf(%d)", actor)
	var list []*community.Facet
	if err := db.read.NewSelect().Model(&list).Join("JOIN actors AS g ON g.id = facet.group_id").
		Where("facet.actor_id = ?", actor).OrderExpr("g.fold, g.host").Scan(ctx); err != nil {
		return nil, err
	}
	ids := make([]community.ActorID, len(list))
	for i, f := range list {
		ids[i] = f.GroupID
	}
	groups, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.FacetView, len(list))
	for i, f := range list {
		views[i] = &community.FacetView{Facet: f, Group: groups[f.GroupID]}
	}
	return views, nil
}

// SaveFacet stores how somebody appears in a group.
func (db *DB) SaveFacet(ctx context.Context, f *community.Facet) (err error) {
	defer db.wrap(&err, "SaveFacet(%d, %d)", f.GroupID, f.ActorID)
	_, err = db.write.NewInsert().Model(f).On("CONFLICT (group_id, actor_id) DO UPDATE").
		Set("title = EXCLUDED.title, bio = EXCLUDED.bio, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return err
}

// DropFacet has somebody appear in a group as everywhere.
func (db *DB) DropFacet(ctx context.Context, group, actor community.ActorID) (err error) {
	defer db.wrap(&err, "DropFacet(%d, %d)", group, actor)
	_, err = db.write.NewDelete().Model((*community.Facet)(nil)).Where("group_id = ? AND actor_id = ?", group, actor).Exec(ctx)
	return err
}

// dropProfile forgets everything that somebody who is gone said of themselves
// beside their actor.
func (db *DB) dropProfile(ctx context.Context, actor community.ActorID) error {
	for _, model := range []any{(*community.Picture)(nil), (*community.Profile)(nil), (*community.ProfileField)(nil), (*community.Facet)(nil)} {
		if _, err := db.write.NewDelete().Model(model).Where("actor_id = ?", actor).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// FollowersOf lists who follows somebody, or asks to, by id.
func (db *DB) FollowersOf(ctx context.Context, target community.ActorID, state community.MembershipState, page community.Page) (_ []*community.Follower, next string, err error) {
	defer db.wrap(&err, "FollowersOf(%d, %s)", target, state)
	var rows []*community.Follow
	q := db.read.NewSelect().Model(&rows).ExcludeColumn("raw").Where("target_id = ? AND state = ?", target, state)
	next, err = oldest(ctx, q, &rows, "follower_id", page, func(f *community.Follow) int64 { return int64(f.FollowerID) })
	if err != nil {
		return nil, "", err
	}
	ids := make([]community.ActorID, len(rows))
	for i, f := range rows {
		ids[i] = f.FollowerID
	}
	actors, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	list := make([]*community.Follower, 0, len(rows))
	for _, f := range rows {
		if a := actors[f.FollowerID]; a != nil {
			list = append(list, &community.Follower{Follow: f, Actor: a})
		}
	}
	return list, next, nil
}
