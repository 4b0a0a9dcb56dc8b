package storage

import (
	"context"
	"strings"

	"drystone/community"
)

// AccountViews lists the accounts of this server that are still somebody's,
// newest first, and returns the cursor of the next page. words is part of a
// name or title, or a whole mail address.
func (db *DB) AccountViews(ctx context.Context, words string, page community.Page) (_ []*community.AccountView, next string, err error) {
	defer db.wrap(&err, "AccountViews")
	var accounts []*community.Account
	q := db.read.NewSelect().Model(&accounts).Join("JOIN actors AS a ON a.id = account.actor_id").Where("a.deleted_at IS NULL")
	if words != "" {
		like := "%" + escapeLike(strings.ToLower(words)) + "%"
		q = q.Where("(a.fold LIKE ? ESCAPE '!' OR lower(a.title) LIKE ? ESCAPE '!' OR account.email_key = ?)", like, like, community.FoldEmail(words))
	}
	next, err = newest(ctx, q, &accounts, "account.id", page, func(a *community.Account) int64 { return int64(a.ID) })
	if err != nil || len(accounts) == 0 {
		return nil, next, err
	}
	ids := make([]community.ActorID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ActorID
	}
	actors, err := db.Actors(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.AccountView, len(accounts))
	for i, a := range accounts {
		views[i] = &community.AccountView{Account: a, Actor: actors[a.ActorID]}
	}
	return views, next, nil
}
