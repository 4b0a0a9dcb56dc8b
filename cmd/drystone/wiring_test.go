package main

import (
	"log/slog"
	"reflect"
	"testing"
	"time"

	"drystone/config"
	"drystone/internal/testdb"
)

// The demo moves in by the very services that serve people, and the house has
// no room that was forgotten, so that what is wired once is wired for both.
func TestTheDemoLivesInTheHouse(t *testing.T) {
	c, err := config.Load("", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	c.Media = "file:" + t.TempDir()
	db := testdb.SQLite(t)
	h, err := (&program{config: c, log: slog.New(slog.DiscardHandler)}).wire(db, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[reflect.Type]uintptr{}
	for name, room := range fields(reflect.ValueOf(*h)) {
		if room.IsNil() {
			t.Errorf("nobody wired %s", name)
			continue
		}
		rooms[room.Type()] = room.Pointer()
		if own := room.Elem().FieldByName("DB"); own.IsValid() && own.Pointer() != reflect.ValueOf(db).Pointer() {
			t.Errorf("%s works on another database", name)
		}
	}
	if kept := h.consents.Kept(); len(kept) != 0 {
		t.Errorf("something is made of people for %v, and nobody forgets it: register a purger", kept)
	}
	used := fields(reflect.ValueOf(h.inhabited()))
	for name, service := range used {
		if service.Pointer() == 0 || service.Pointer() != rooms[service.Type()] {
			t.Errorf("the demo's %s is not the one that serves", name)
		}
	}
	if len(used) < 6 || len(rooms) <= len(used) {
		t.Errorf("looked at %d services of the demo and %d of the house", len(used), len(rooms))
	}
}

// fields are the fields of a struct by name.
func fields(v reflect.Value) map[string]reflect.Value {
	all := map[string]reflect.Value{}
	for i := range v.NumField() {
		all[v.Type().Field(i).Name] = v.Field(i)
	}
	return all
}
