package media

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
	"drystone/storage/blobs"
)

const origin = "https://garden.test"

// A world is a service with a person and a group, and a clock that a test
// turns.
type world struct {
	*Service
	at           time.Time
	alice, group *community.Actor
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	store, err := blobs.Open("file:" + t.TempDir())
	check(t, err)
	w := &world{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	w.Service, err = New(Options{
		DB: db, Store: store, Origin: origin, Now: func() time.Time { return w.at },
		Quota: 100 << 20, Recording: 10 << 20,
		MayEdit: func(_ context.Context, _ *storage.DB, by, _ *community.Actor) error {
			if by.Name == "alice" {
				return nil
			}
			return fault.New(fault.Forbidden, "Only moderators.")
		},
	})
	check(t, err)
	w.alice = w.actor(t, community.Person, "alice")
	w.group = w.actor(t, community.GroupKind, "garden")
	return w
}

func (w *world) actor(t *testing.T, kind community.ActorKind, name string) *community.Actor {
	t.Helper()
	a := &community.Actor{Kind: kind, Name: name, IRI: origin + "/" + name, CreatedAt: w.now(), UpdatedAt: w.now()}
	check(t, w.DB.AddActor(t.Context(), a))
	return a
}

// shows returns the name of the file that an actor shows, and whether both of
// its sizes can be opened.
func (w *world) shows(t *testing.T, id community.ActorID) (name string, there bool) {
	t.Helper()
	a, err := w.DB.Actor(t.Context(), id)
	check(t, err)
	name = strings.TrimPrefix(a.Icon, origin+"/media/")
	return name, name != "" && w.there(t, name)
}

func (w *world) there(t *testing.T, name string) bool {
	t.Helper()
	for _, n := range []string{name, community.SmallFile(name)} {
		f, err := w.Open(t.Context(), n)
		if fault.Is(err, fault.NotFound) {
			return false
		}
		check(t, err)
		check(t, f.Close())
	}
	return true
}

func facts(t *testing.T, db *storage.DB) (kinds []community.FactKind) {
	t.Helper()
	check(t, db.NumberFacts(t.Context()))
	list, err := db.Facts(t.Context(), 0, 100)
	check(t, err)
	for _, f := range list {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func TestSetAndRemove(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		check(t, w.Set(ctx, w.alice, w.alice, community.Avatar, asPNG(t, drawing(100, 100))))
		first, there := w.shows(t, w.alice.ID)
		if !there {
			t.Fatalf("shows %q, which is not there", first)
		}
		w.at = w.at.Add(time.Minute)
		check(t, w.Set(ctx, w.alice, w.alice, community.Avatar, asPNG(t, drawing(120, 120))))
		second, there := w.shows(t, w.alice.ID)
		if !there || second == first {
			t.Fatalf("shows %q after %q", second, first)
		}
		// What it took the place of stays a day, for those who did not hear yet.
		w.at = w.at.Add(23 * time.Hour)
		check(t, w.Sweep(ctx))
		if !w.there(t, first) || !w.there(t, second) {
			t.Error("a file went too early")
		}
		w.at = w.at.Add(2 * time.Hour)
		check(t, w.Sweep(ctx))
		if w.there(t, first) || !w.there(t, second) {
			t.Error("the old file stays, or the new one went")
		}
		for range 2 { // again is no news
			check(t, w.Remove(ctx, w.alice, w.alice, community.Avatar))
		}
		check(t, w.Sweep(ctx))
		if name, _ := w.shows(t, w.alice.ID); name != "" || w.there(t, second) {
			t.Errorf("what was removed stays: %q", name)
		}
		if got := facts(t, w.DB); len(got) != 3 || got[0] != community.PersonEdited {
			t.Errorf("facts %v", got)
		}
	})
}

// Two people may show the same file; it stays as long as one does.
func TestSharedFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, bob, file := t.Context(), w.actor(t, community.Person, "bob"), asPNG(t, drawing(100, 100))
		check(t, w.Set(ctx, w.alice, w.alice, community.Avatar, file))
		check(t, w.Set(ctx, bob, bob, community.Avatar, file))
		name, _ := w.shows(t, bob.ID)
		check(t, w.Remove(ctx, w.alice, w.alice, community.Avatar))
		w.at = w.at.Add(48 * time.Hour)
		check(t, w.Sweep(ctx))
		if !w.there(t, name) {
			t.Error("bob's picture went with alice's")
		}
		// Whoever is gone shows nothing.
		check(t, w.DB.DeleteActor(ctx, bob.ID, w.now()))
		check(t, w.Sweep(ctx))
		if w.there(t, name) {
			t.Error("the picture of somebody who is gone stays")
		}
	})
}

func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, bob, file := t.Context(), w.actor(t, community.Person, "bob"), asPNG(t, drawing(100, 100))
		check(t, w.Set(ctx, w.alice, w.group, community.Banner, file))
		for what, err := range map[string]error{
			"another's":       w.Set(ctx, bob, w.alice, community.Avatar, file),
			"removed another": w.Remove(ctx, bob, w.alice, community.Avatar),
			"a group's":       w.Set(ctx, bob, w.group, community.Banner, file),
			"removed group's": w.Remove(ctx, bob, w.group, community.Banner),
		} {
			if fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		g, err := w.DB.Actor(ctx, w.group.ID)
		check(t, err)
		if !strings.HasPrefix(g.Image, origin+"/media/") || g.Icon != "" {
			t.Errorf("the group shows %q and %q", g.Icon, g.Image)
		}
		if got := facts(t, w.DB); len(got) != 1 || got[0] != community.GroupEdited {
			t.Errorf("facts %v", got)
		}
	})
}

// A broken store is a store that fails, at a moment of the test's choosing.
type brokenStore struct {
	blobs.Store
	after int // files that it still takes
}

func (s *brokenStore) Put(ctx context.Context, name, kind string, content []byte) error {
	if s.after--; s.after < 0 {
		return fault.Because(errors.New("disk full"), fault.Unavailable, "Files cannot be stored.")
	}
	return s.Store.Put(ctx, name, kind, content)
}

// Whatever fails between the files and the rows: nothing is half shown, and what
// lies about is swept up.
func TestNothingHalfStored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		file := asPNG(t, drawing(100, 100))
		whole := w.Store
		for after := range 2 {
			w.Store = &brokenStore{whole, after}
			if err := w.Set(t.Context(), w.alice, w.alice, community.Avatar, file); fault.CodeOf(err) != fault.Unavailable {
				t.Fatalf("after %d files: %v", after, err)
			}
			if name, _ := w.shows(t, w.alice.ID); name != "" {
				t.Errorf("after %d files %q is shown", after, name)
			}
		}
		w.Store = whole
		// Both files and no row, as when the process ends there.
		h, err := readHeader(file)
		check(t, err)
		p, err := paint(h, community.Avatar, file)
		check(t, err)
		check(t, w.store(t.Context(), p, storing))
		check(t, w.Sweep(t.Context()))
		if !w.there(t, p.name) {
			t.Error("files were swept while somebody was storing them")
		}
		w.at = w.at.Add(2 * time.Hour)
		check(t, w.Sweep(t.Context()))
		if w.there(t, p.name) {
			t.Error("files that nobody shows stay")
		}
		if got := facts(t, w.DB); len(got) != 0 {
			t.Errorf("facts %v", got)
		}
	})
}

// Uploads and sweeps at once never leave somebody showing what is not there.
func TestUploadsWhileSweeping(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		files := [][]byte{asPNG(t, drawing(60, 60)), asPNG(t, drawing(70, 70))}
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				for j := range 4 {
					if err := w.Set(ctx, w.alice, w.alice, community.Avatar, files[(i+j)%2]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for range 8 {
				if err := w.Sweep(ctx); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		if name, there := w.shows(t, w.alice.ID); !there {
			t.Errorf("shows %q, which is not there", name)
		}
	})
}

func TestOpen(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	check(t, w.Set(t.Context(), w.alice, w.alice, community.Avatar, asJPEG(t, drawing(100, 100))))
	name, _ := w.shows(t, w.alice.ID)
	f, err := w.Open(t.Context(), name)
	check(t, err)
	defer f.Close()
	content, err := io.ReadAll(f)
	check(t, err)
	if want := map[string]string{"jpg": "image/jpeg", "png": "image/png"}[name[len(name)-3:]]; f.Kind != want || len(content) == 0 {
		t.Errorf("%s is %s", name, f.Kind)
	}
	for _, bad := range []string{"", "x", "../../etc/passwd", "abc.svg", "abcdef.html", ".jpg", strings.TrimSuffix(name, "g")} {
		if _, err := w.Open(t.Context(), bad); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("Open(%q) = %v", bad, err)
		}
	}
}
