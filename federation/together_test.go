package federation

import (
	"reflect"
	"testing"

	"drystone/internal/testdb"
	"drystone/service/blocks"
	"drystone/service/groups"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/service/votes"
	"drystone/storage"
)

// Whatever a handler may use writes into the transaction that it runs in: a
// service that is left outside would wait, on SQLite, for the one who waits
// for it. Whoever adds a service to Options adds it to Server.within.
func TestWithinIsAllInside(t *testing.T) {
	db := testdb.SQLite(t)
	s := New(Options{
		DB: db, Groups: &groups.Service{DB: db}, Posts: &posts.Service{DB: db}, Votes: &votes.Service{DB: db},
		Moderation: &moderation.Service{DB: db}, Messages: &messages.Service{DB: db}, Blocks: &blocks.Service{DB: db}, Reports: &reports.Service{DB: db},
	})
	tx := new(storage.DB)
	options := reflect.ValueOf(s.within(tx).Options)
	for i := range options.NumField() {
		field, name := options.Field(i), options.Type().Field(i).Name
		if field.Kind() != reflect.Pointer || field.Type().Elem().Kind() != reflect.Struct {
			continue
		}
		if field.Type() == reflect.TypeFor[*storage.DB]() {
			if field.Interface() != any(tx) {
				t.Errorf("%s is not the transaction", name)
			}
			continue
		}
		if _, has := field.Type().Elem().FieldByName("DB"); !has {
			continue
		}
		if name == "Accounts" {
			continue // handlers only read by it
		}
		if field.IsNil() {
			t.Errorf("%s is not tried here: give it to New above, and bind it in Server.within", name)
			continue
		}
		if inner := field.Elem().FieldByName("DB"); inner.Interface() != any(tx) {
			t.Errorf("%s does not see the transaction: bind it in Server.within", name)
		}
	}
}
