package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Groups lists groups and returns the cursor of the next page, empty at the
// end.
func (db *DB) Groups(ctx context.Context, query community.GroupQuery) (_ []*community.Actor, next string, err error) {
	defer db.wrap(&err, "Groups(%s)", query.Sort)
	order, rank := groupOrder(query.Sort)
	var rows []struct {
		community.Actor `bun:",extend"`
		Rank            float64
	}
	q := db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.*, "+float(rank)+" AS rank").
		Where("a.kind = ? AND a.deleted_at IS NULL", community.GroupKind).
		OrderExpr(order).Limit(int64(query.Limit) + 1)
	q = known(q, query.Viewer)
	if query.Local {
		q = q.Where("a.host = ''")
	}
	if query.Member != 0 {
		q = q.Where("EXISTS (SELECT 1 FROM memberships AS m WHERE m.group_id = a.id AND m.actor_id = ? AND m.state <> ?)", query.Member, community.Absent)
	}
	if query.Words != "" {
		like := "%" + escapeLike(strings.ToLower(query.Words)) + "%"
		q = q.Where("(a.fold LIKE ? ESCAPE '!' OR lower(a.title) LIKE ? ESCAPE '!')", like, like)
	}
	if query.Member == 0 {
		// Who does not want to be listed is still found by the whole name.
		q = q.Where("(a.discoverable OR a.fold = ?)", community.FoldName(query.Words))
	}
	if query.After != "" {
		if q, err = afterGroup(q, query, rank); err != nil {
			return nil, "", err
		}
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", err
	}
	groups := make([]*community.Actor, 0, len(rows))
	for i := range rows {
		if i == query.Limit {
			last := rows[i-1]
			next = keyset{last.Rank, int64(last.ID)}.String()
			if query.Sort == community.GroupsByName {
				next = last.Fold + "@" + last.Host
			}
			break
		}
		groups = append(groups, &rows[i].Actor)
	}
	return groups, next, nil
}

// known keeps the groups that viewer may find in lists: not those of people
// who are signed in here, for somebody who is not; and of private ones only
// those that want to be found, or that viewer belongs to.
func known(q *bun.SelectQuery, viewer community.ActorID) *bun.SelectQuery {
	if viewer == 0 {
		return q.Where("(a.visibility = '' OR a.visibility = 'private' AND a.discoverable)")
	}
	return q.Where("(a.visibility <> 'private' OR a.discoverable OR EXISTS (SELECT 1 FROM memberships AS m"+
		" WHERE m.group_id = a.id AND m.actor_id = ? AND "+within+"))", viewer)
}

func groupOrder(sort community.GroupSort) (order, rank string) {
	switch sort {
	case community.GroupsByNew:
		return "a.id DESC", "0"
	case community.GroupsByName:
		return "a.fold, a.host", "0"
	case community.GroupsByActive:
		return "a.posted DESC, a.id DESC", "a.posted"
	}
	return "a.member_count DESC, a.id DESC", "a.member_count"
}

func afterGroup(q *bun.SelectQuery, query community.GroupQuery, rank string) (*bun.SelectQuery, error) {
	if query.Sort == community.GroupsByName {
		fold, host, ok := strings.Cut(query.After, "@")
		if !ok {
			return nil, errCursor()
		}
		return q.Where("(a.fold, a.host) > (?, ?)", fold, host), nil
	}
	k, err := parseKeyset(query.After)
	if err != nil {
		return nil, err
	}
	return q.Where("("+rank+", a.id) < (?, ?)", k.Rank, k.ID), nil
}

// escapeLike makes text match itself in a LIKE with ESCAPE '!'.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
