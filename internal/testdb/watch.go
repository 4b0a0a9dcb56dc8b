package testdb

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/storage"
)

// Watch calls see before and after each statement of the connection that
// writes; BEGIN, COMMIT and ROLLBACK are statements too. It is for before the
// database is used.
func Watch(db *storage.DB, see func(after bool, statement string)) {
	db.Bun().AddQueryHook(watcher(see)) //nolint:staticcheck // a copy would not be the one that the server uses
}

type watcher func(after bool, statement string)

func (w watcher) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	w(false, event.Query)
	return ctx
}

func (w watcher) AfterQuery(_ context.Context, event *bun.QueryEvent) { w(true, event.Query) }
