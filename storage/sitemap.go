package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Mapped lists what of one kind search engines may show, of this server, in
// the order of the ids after one and up to another. It walks along the ids of
// ours alone.
func (db *DB) Mapped(ctx context.Context, kind community.MapKind, after, upto int64, most int) (list []community.Landmark, err error) {
	defer db.wrap(&err, "Mapped(%s, %d)", kind, after)
	var q *bun.SelectQuery
	if kind == community.MapPosts {
		q = db.read.NewSelect().TableExpr("posts AS o").ColumnExpr("o.id, COALESCE(o.edited_at, o.created_at) AS changed_at").
			Join("JOIN actors AS a ON a.id = o.author_id").Join("JOIN actors AS g ON g.id = o.group_id").
			Where("o.local AND o.deleted_at IS NULL AND o.removed_at IS NULL").
			Where("a.indexable AND a.deleted_at IS NULL AND " + mappedGroup)
	} else {
		q = db.read.NewSelect().TableExpr("actors AS g").ColumnExpr("g.id, g.name").Where("g.host = ''")
		if kind == community.MapGroups {
			q = q.Where("g.kind = ?", community.GroupKind).Where(mappedGroup)
		} else {
			q = q.Where("g.kind = ? AND g.deleted_at IS NULL AND g.indexable AND g.discoverable AND g.moved_to = ''", community.Person)
		}
	}
	id := "o.id"
	if kind != community.MapPosts {
		id = "g.id"
	}
	q = q.Where(id+" > ?", after).OrderExpr(id).Limit(int64(most))
	if upto > 0 {
		q = q.Where(id+" <= ?", upto)
	}
	return list, q.Scan(ctx, &list)
}

// mappedGroup is the condition on a group whose posts may be shown by search
// engines.
const mappedGroup = "g.deleted_at IS NULL AND g.visibility = '' AND g.discoverable AND g.indexable"
