package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
)

// within is the condition on a membership m of who may read in a private
// group; community's Within says the same.
const within = "(m.state = 'accepted' OR m.role <> 'member')"

// closedTo selects the groups in which viewer, somebody of this server or 0
// for nobody in particular, may not read: community's ShownTo in SQL. Lists
// leave out what is in them by NOT IN. Both databases look for these groups
// once for a query, in an index of the few that are not public, so a feed
// stays a walk along its own index.
func closedTo(viewer community.ActorID) (string, []any) {
	const closed = "(SELECT g.id FROM actors AS g WHERE g.visibility <> ''"
	if viewer == 0 {
		return closed + ")", nil
	}
	return closed + " AND g.visibility <> 'local' AND NOT EXISTS (SELECT 1 FROM memberships AS m" +
		" WHERE m.group_id = g.id AND m.actor_id = ? AND " + within + "))", []any{viewer}
}

// readable keeps rows whose group viewer may read in.
func readable(q *bun.SelectQuery, column string, viewer community.ActorID) *bun.SelectQuery {
	closed, args := closedTo(viewer)
	return q.Where(column+" NOT IN "+closed, args...)
}

// closed reports whether only some people may read in group, which stays so
// until the end of the transaction: HoldGroup waits for that.
func (db *DB) closed(ctx context.Context, group community.ActorID) (bool, error) {
	closed, err := remembered(group, db.known().closed, func() (*bool, error) {
		closed := new(bool)
		return closed, db.write.NewRaw("SELECT visibility <> '' FROM actors WHERE id = ? "+db.root.dialect.forKeyShare(), group).Scan(ctx, closed)
	})
	return err == nil && *closed, err
}

// KeepGroups makes sure that who may read in groups stays as it is until the
// end of the transaction. Any number may keep them at once.
func (db *DB) KeepGroups(ctx context.Context, ids ...community.ActorID) (err error) {
	defer db.wrap(&err, "KeepGroups(%v)", ids)
	var kept []int64
	return db.write.NewRaw("SELECT id FROM actors WHERE id IN (?) ORDER BY id "+db.root.dialect.forKeyShare(), bun.List(ids)).Scan(ctx, &kept)
}

// HoldGroup returns a group that is going to be changed: nobody else changes
// it, or counts anything in it, until the end of the transaction. For whom
// something counts depends on who may read it.
func (db *DB) HoldGroup(ctx context.Context, id community.ActorID) (_ *community.Actor, err error) {
	defer db.wrap(&err, "HoldGroup(%d)", id)
	var held []int64
	if err := db.write.NewRaw("SELECT id FROM actors WHERE id = ? "+db.root.dialect.forUpdate(), id).Scan(ctx, &held); err != nil {
		return nil, err
	}
	return db.Actor(ctx, id)
}

// MayRead reports whether reader, of this server or none, may read in group.
func (db *DB) MayRead(ctx context.Context, reader *community.Actor, group community.ActorID) (_ bool, err error) {
	defer db.wrap(&err, "MayRead(%d)", group)
	g, err := db.Actor(ctx, group)
	if err != nil || !g.Closed() || reader == nil {
		return err == nil && g.ShownTo(reader, nil), err
	}
	m, err := db.Membership(ctx, group, reader.ID)
	return err == nil && g.ShownTo(reader, m), err
}

// Asking lists who asks to join a group, by id.
func (db *DB) Asking(ctx context.Context, group community.ActorID, page community.Page) (_ []*community.Belonging, next string, err error) {
	defer db.wrap(&err, "Asking(%d)", group)
	return db.belonging(ctx, page, "group_id = ? AND state = 'pending'", group)
}

// Members lists who belongs to a group, by id.
func (db *DB) Members(ctx context.Context, group community.ActorID, page community.Page) (_ []*community.Belonging, next string, err error) {
	defer db.wrap(&err, "Members(%d)", group)
	return db.belonging(ctx, page, "group_id = ? AND (state = 'accepted' OR role <> 'member')", group)
}

func (db *DB) belonging(ctx context.Context, page community.Page, where string, group community.ActorID) ([]*community.Belonging, string, error) {
	var rows []*community.Membership
	q := db.read.NewSelect().Model(&rows).ExcludeColumn("follow_raw").Where(where, group)
	next, err := oldest(ctx, q, &rows, "actor_id", page, func(m *community.Membership) int64 { return int64(m.ActorID) })
	if err != nil {
		return nil, "", err
	}
	ids := make([]community.ActorID, len(rows))
	for i, m := range rows {
		ids[i] = m.ActorID
	}
	actors, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	facets, err := db.facets(ctx, []community.ActorID{group}, ids)
	if err != nil {
		return nil, "", err
	}
	list := make([]*community.Belonging, 0, len(rows))
	for _, m := range rows {
		if a := actors[m.ActorID]; a != nil {
			list = append(list, &community.Belonging{Membership: m, Actor: a.In(facets[bond{group, m.ActorID}])})
		}
	}
	return list, next, nil
}

// LocalMembers lists the people of this server who follow a group or asked to.
func (db *DB) LocalMembers(ctx context.Context, group community.ActorID) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "LocalMembers(%d)", group)
	var list []*community.Actor
	err = db.read.NewSelect().Model(&list).Join("JOIN memberships AS m ON m.actor_id = actor.id").
		Where("m.group_id = ? AND m.state <> 'absent' AND actor.host = ''", group).OrderExpr("actor.id").Scan(ctx)
	return list, err
}

// MembersOn lists the ids in the fediverse of a group's members on one server:
// its own where peer is 0.
func (db *DB) MembersOn(ctx context.Context, group community.ActorID, peer community.PeerID) (_ []string, err error) {
	defer db.wrap(&err, "MembersOn(%d, %d)", group, peer)
	q := db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.iri").
		Where("a.deleted_at IS NULL AND EXISTS (SELECT 1 FROM memberships AS m WHERE m.group_id = ? AND m.actor_id = a.id AND m.state = 'accepted')", group).
		OrderExpr("a.iri")
	if peer == 0 {
		q = q.Where("a.host = ''")
	} else {
		q = q.Where("a.peer_id = ?", peer)
	}
	iris := []string{}
	return iris, q.Scan(ctx, &iris)
}

// AcceptedHere reports whether anybody of this server is a member of a group.
func (db *DB) AcceptedHere(ctx context.Context, group community.ActorID) (_ bool, err error) {
	defer db.wrap(&err, "AcceptedHere(%d)", group)
	return db.read.NewSelect().TableExpr("memberships AS m").
		Join("JOIN accounts AS a ON a.actor_id = m.actor_id").
		Where("m.group_id = ? AND m.state = 'accepted'", group).Exists(ctx)
}

// Hears reports whether anybody on a server follows actor.
func (db *DB) Hears(ctx context.Context, actor community.ActorID, peer community.PeerID) (_ bool, err error) {
	defer db.wrap(&err, "Hears(%d, %d)", actor, peer)
	return db.read.NewSelect().TableExpr("audiences").Where("actor_id = ? AND peer_id = ?", actor, peer).Exists(ctx)
}

// CountAsking counts who asks to join a group, up to 100.
func (db *DB) CountAsking(ctx context.Context, group community.ActorID) (n int, err error) {
	defer db.wrap(&err, "CountAsking(%d)", group)
	err = db.read.NewRaw("SELECT count(*) FROM (SELECT 1 FROM memberships WHERE group_id = ? AND state = 'pending' LIMIT 100) AS asking", group).Scan(ctx, &n)
	return n, err
}

// WrittenByOthers reports whether anybody but one actor ever wrote in a group.
func (db *DB) WrittenByOthers(ctx context.Context, group, but community.ActorID) (_ bool, err error) {
	defer db.wrap(&err, "WrittenByOthers(%d)", group)
	some, err := db.read.NewSelect().TableExpr("posts").Where("group_id = ? AND author_id <> ?", group, but).Exists(ctx)
	if err != nil || some {
		return some, err
	}
	return db.read.NewSelect().TableExpr("comments AS c").Join("JOIN posts AS p ON p.id = c.post_id").
		Where("p.group_id = ? AND c.author_id <> ?", group, but).Exists(ctx)
}

// RecountAuthors takes what people wrote in a group out of what their pages
// and this server count, or puts it back: amount is -1 or 1. What is said in
// a closed group counts there and nowhere else.
func (db *DB) RecountAuthors(ctx context.Context, group community.ActorID, amount int64) (err error) {
	defer db.wrap(&err, "RecountAuthors(%d, %d)", group, amount)
	const into = "INSERT INTO deltas (kind, subject_id, field, amount) SELECT ?, author_id, ?, ? * count(*) FROM "
	_, err = db.write.NewRaw(into+"posts WHERE group_id = ? AND deleted_at IS NULL AND removed_at IS NULL GROUP BY author_id",
		community.SubjectActor, posts, amount, group).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewRaw(into+"comments WHERE post_id IN (SELECT id FROM posts WHERE group_id = ?) AND deleted_at IS NULL AND removed_at IS NULL GROUP BY author_id",
		community.SubjectActor, comments, amount, group).Exec(ctx)
	return err
}
