package storage

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"drystone/community"
)

// mostNamesakes bounds how many that begin alike are put in order.
const mostNamesakes = 100

// Begin lists people, or groups, whose names begin as the reader types: first
// those who are in groups with them, then those of this server, then who is
// best known. Who does not want to be listed is found by the whole handle only.
func (db *DB) Begin(ctx context.Context, q community.Beginning) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "Begin(%s)", q.Name)
	var found []*community.Actor
	for _, here := range []bool{true, false} {
		if q.Host != "" && here {
			continue
		}
		some, err := db.begin(ctx, q, here)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	whole, err := db.wholeHandle(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, a := range whole {
		if !slices.ContainsFunc(found, func(b *community.Actor) bool { return b.ID == a.ID }) {
			found = append(found, a)
		}
	}
	if err := db.nearest(ctx, q, found); err != nil {
		return nil, err
	}
	return found[:min(len(found), q.Limit)], nil
}

// living is the condition on actors that the indexes of beginnings have.
func living(groups bool) string {
	if groups {
		return "a.kind = 'group' AND a.deleted_at IS NULL"
	}
	return "a.kind IN ('person', 'service') AND a.deleted_at IS NULL AND a.leaves_at IS NULL"
}

// begin walks one of the indexes of beginnings.
func (db *DB) begin(ctx context.Context, q community.Beginning, here bool) (found []*community.Actor, err error) {
	query := db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.*").Where(living(q.Groups)).Where("a.discoverable")
	long := utf8.RuneCountInString(q.Name)
	head := func(n int) {
		part := string([]rune(q.Name)[:n])
		query = query.Where("substr(a.fold, 1, ?) = ?", n, part)
	}
	switch {
	case long == 0:
		return nil, nil
	case long >= 5 && !q.Groups:
		head(5)
	case long >= 2:
		head(2)
	case !q.Groups:
		head(1)
	}
	if q.Host != "" {
		query = query.Where("a.fold = ? AND a.host LIKE ? ESCAPE '!'", q.Name, escapeLike(q.Host)+"%")
	} else {
		query = query.Where("a.fold LIKE ? ESCAPE '!'", escapeLike(q.Name)+"%")
	}
	query = query.Where("(a.host = '') = ?", here)
	err = allowed(query, q).OrderExpr("a.member_count DESC, a.id DESC").Limit(mostNamesakes).Scan(ctx, &found)
	return found, err
}

// allowed leaves out the people or groups that the reader may not know of, or
// keeps away.
func allowed(query *bun.SelectQuery, q community.Beginning) *bun.SelectQuery {
	if !q.Groups {
		return seen(query, q.Sight, "a.id", "", fromGroup)
	}
	query = known(query, q.Viewer)
	if where, args := sightedGroups(q.Sight, "a.id", fromLists, "", nil); where != "" {
		query = query.Where(strings.TrimPrefix(where, " AND "), args...)
	}
	return query
}

// wholeHandle lists whom the whole of a handle names, listed or not.
func (db *DB) wholeHandle(ctx context.Context, q community.Beginning) (found []*community.Actor, err error) {
	query := db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.*").Where(living(q.Groups)).
		Where("a.host = ? AND a.fold = ?", q.Host, q.Name)
	if q.Groups {
		query = known(query, q.Viewer)
	} else {
		query = seen(query, q.Sight, "a.id", "", fromGroup)
	}
	err = query.OrderExpr("a.id").Limit(2).Scan(ctx, &found)
	return found, err
}

// nearest puts actors in order: whose whole name it is, who shares groups with
// the reader (or is one of theirs), who is of this server, who is best known.
func (db *DB) nearest(ctx context.Context, q community.Beginning, actors []*community.Actor) error {
	shared := map[community.ActorID]int{}
	if q.Viewer != 0 && len(actors) > 0 {
		var err error
		if shared, err = db.shared(ctx, q, actors); err != nil {
			return err
		}
	}
	less := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	slices.SortStableFunc(actors, func(a, b *community.Actor) int {
		if c := less(a.Fold == q.Name && a.Host == q.Host, b.Fold == q.Name && b.Host == q.Host); c != 0 {
			return c
		}
		if c := shared[b.ID] - shared[a.ID]; c != 0 {
			return c
		}
		if c := less(a.Local(), b.Local()); c != 0 {
			return c
		}
		return int(b.MemberCount - a.MemberCount)
	})
	return nil
}

// shared counts the groups that the reader and each of some people are in, or
// says which of some groups are the reader's.
func (db *DB) shared(ctx context.Context, q community.Beginning, actors []*community.Actor) (map[community.ActorID]int, error) {
	ids := make([]community.ActorID, len(actors))
	for i, a := range actors {
		ids[i] = a.ID
	}
	const mine = "(SELECT o.group_id FROM memberships AS o WHERE o.actor_id = ? AND o.state = 'accepted')"
	var rows []struct {
		ID community.ActorID
		N  int
	}
	query := db.read.NewSelect().TableExpr("memberships AS m").Where("m.state = 'accepted'")
	if q.Groups {
		query = query.ColumnExpr("m.group_id AS id, 1 AS n").Where("m.actor_id = ?", q.Viewer).Where("m.group_id IN (?)", bun.List(ids))
	} else {
		query = query.ColumnExpr("m.actor_id AS id, count(*) AS n").Where("m.actor_id IN (?)", bun.List(ids)).
			Where("m.group_id IN "+mine, q.Viewer).GroupExpr("m.actor_id")
	}
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	found := map[community.ActorID]int{}
	for _, row := range rows {
		found[row.ID] = row.N
	}
	return found, nil
}
