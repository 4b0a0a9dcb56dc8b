package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddDecision stores what a moderator decided and sets its id.
func (db *DB) AddDecision(ctx context.Context, d *community.Decision) (err error) {
	defer db.wrap(&err, "AddDecision(%s)", d.Kind)
	_, err = db.write.NewInsert().Model(d).Returning("id").Exec(ctx)
	return err
}

// Decision returns the decision with id.
func (db *DB) Decision(ctx context.Context, id community.DecisionID) (_ *community.Decision, err error) {
	defer db.wrap(&err, "Decision(%d)", id)
	d := new(community.Decision)
	if err := db.read.NewSelect().Model(d).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Decisions lists what was decided in a group, or, for 0, about this server
// as a whole, newest first, and returns the cursor of the next page.
func (db *DB) Decisions(ctx context.Context, group community.ActorID, page community.Page) (_ []*community.Decision, next string, err error) {
	defer db.wrap(&err, "Decisions(%d)", group)
	var list []*community.Decision
	q := db.read.NewSelect().Model(&list)
	if group == 0 {
		q = q.Where("group_id IS NULL AND host = ''")
	} else {
		q = q.Where("group_id = ?", group)
	}
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Decision) int64 { return int64(x.ID) })
	return list, next, err
}

// AppointedSince returns who became a moderator of a group, or stopped being
// one, by a decision at that time or later.
func (db *DB) AppointedSince(ctx context.Context, group community.ActorID, since time.Time) (_ map[community.ActorID]bool, err error) {
	defer db.wrap(&err, "AppointedSince(%d)", group)
	var ids []community.ActorID
	err = db.read.NewSelect().Model((*community.Decision)(nil)).Column("target_id").
		Where("group_id = ? AND created_at >= ?", group, since).
		Where("kind IN (?)", bun.List([]community.FactKind{community.ModeratorAdded, community.ModeratorRemoved})).Scan(ctx, &ids)
	found := make(map[community.ActorID]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, err
}
