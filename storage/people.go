package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

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
	return views, next, db.ways(ctx, views)
}

// ways fills in by which ways one comes into accounts.
func (db *DB) ways(ctx context.Context, views []*community.AccountView) error {
	ids, byID := make([]community.AccountID, len(views)), map[community.AccountID]*community.Ways{}
	for i, v := range views {
		v.Ways.Password = v.PasswordHash != ""
		ids[i], byID[v.ID] = v.ID, &v.Ways
	}
	for query, note := range map[string]func(*community.Ways){
		"SELECT account_id FROM passkeys WHERE account_id IN (?)":                                    func(w *community.Ways) { w.Passkeys++ },
		"SELECT account_id FROM authenticators WHERE account_id IN (?) AND confirmed_at IS NOT NULL": func(w *community.Ways) { w.Codes = true },
		"SELECT account_id FROM identities WHERE account_id IN (?)":                                  func(w *community.Ways) { w.Company = true },
	} {
		var found []community.AccountID
		if err := db.read.NewRaw(query, bun.List(ids)).Scan(ctx, &found); err != nil {
			return err
		}
		for _, id := range found {
			note(byID[id])
		}
	}
	return nil
}
