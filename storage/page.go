package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// errCursor is what a cursor that we did not make gets.
func errCursor() error {
	return fault.Field("cursor", "This cursor is not one that the server gave out. Start again from the first page.")
}

// keyset is a position in a list ordered by a number and an id.
type keyset struct {
	Rank float64
	ID   int64
}

func (k keyset) String() string { return community.Cursor(k.Rank, k.ID) }

func parseKeyset(s string) (keyset, error) {
	rank, ids, ok := community.ParseCursor(s, 1)
	if !ok {
		return keyset{}, errCursor()
	}
	return keyset{rank, ids[0]}, nil
}

// newest reads a page of q into list, which is its model, in the order of the
// ids in a column, greatest first, and returns the cursor of the next page.
func newest[T any](ctx context.Context, q *bun.SelectQuery, list *[]T, column string, page community.Page, id func(T) int64) (next string, err error) {
	return paged(ctx, q.OrderExpr("? DESC", bun.Ident(column)), list, "? < ?", column, page, id)
}

// oldest is newest with the smallest id first.
func oldest[T any](ctx context.Context, q *bun.SelectQuery, list *[]T, column string, page community.Page, id func(T) int64) (next string, err error) {
	return paged(ctx, q.OrderExpr("?", bun.Ident(column)), list, "? > ?", column, page, id)
}

func paged[T any](ctx context.Context, q *bun.SelectQuery, list *[]T, beyond, column string, page community.Page, id func(T) int64) (next string, err error) {
	if page.After != "" {
		after, err := parseKeyset(page.After)
		if err != nil {
			return "", err
		}
		q = q.Where(beyond, bun.Ident(column), after.ID)
	}
	if err := q.Limit(int64(page.Limit) + 1).Scan(ctx); err != nil {
		return "", err
	}
	if len(*list) > page.Limit {
		*list = (*list)[:page.Limit]
		next = keyset{ID: id((*list)[page.Limit-1])}.String()
	}
	return next, nil
}
