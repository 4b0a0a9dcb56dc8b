package storage

import (
	"context"

	"drystone/community"
)

// Taste returns how somebody likes their lists; an empty one where they never
// said.
func (db *DB) Taste(ctx context.Context, actor community.ActorID) (_ community.Taste, err error) {
	defer db.wrap(&err, "Taste(%d)", actor)
	var list []community.Taste
	if err := db.read.NewSelect().Model(&list).Where("actor_id = ?", actor).Scan(ctx); err != nil || len(list) == 0 {
		return community.Taste{ActorID: actor}, err
	}
	return list[0], nil
}

// SaveTaste stores how somebody likes their lists, new or known.
func (db *DB) SaveTaste(ctx context.Context, t *community.Taste) (err error) {
	defer db.wrap(&err, "SaveTaste(%d)", t.ActorID)
	_, err = db.write.NewInsert().Model(t).On("CONFLICT (actor_id) DO UPDATE").
		Set("sort = EXCLUDED.sort, within = EXCLUDED.within, updated_at = EXCLUDED.updated_at").Returning("NULL").Exec(ctx)
	return err
}

// DropTaste forgets how somebody liked their lists.
func (db *DB) DropTaste(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "DropTaste(%d)", actor)
	_, err = db.write.NewDelete().Model((*community.Taste)(nil)).Where("actor_id = ?", actor).Exec(ctx)
	return err
}
