package federation_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/storage"
)

// TestBanAtTheInbox: a ban holds from the moment in which it is decided until
// it is lifted or over, in every process that serves the same database, and
// also for what came before.
func TestBanAtTheInbox(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		doors := []string{h.inbox(), beside(t, h)}
		peer := fediverse.NewPeer(t, "lemmy")
		lena, nico := peer.Person("lena"), peer.Person("nico")
		admin, err := h.fed.Accounts.Create(t.Context(), accounts.SignUp{Name: "boss", Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		fresh := func(who *fediverse.Actor) map[string]any {
			number++
			return note(who, fmt.Sprint(number), h.cats.IRI)
		}
		want := func(when string, from *fediverse.Actor, activity map[string]any, status int) {
			t.Helper()
			for i, door := range doors {
				before := h.waiting()
				got, text := from.Send(t, door, activity)
				if got != status || status == http.StatusForbidden && !strings.Contains(text, "banned from this server") {
					t.Errorf("%s, process %d answered %d %q, want %d", when, i, got, text, status)
				}
				if status == http.StatusForbidden && h.waiting() != before {
					t.Errorf("%s, process %d stored it", when, i)
				}
			}
		}
		first := fresh(lena)
		want("before", lena, first, http.StatusAccepted)
		h.work()

		if err := h.moderation.BanPerson(t.Context(), admin.Actor, stored(t, h, lena), community.Ban{Until: h.now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		want("banned", lena, fresh(lena), http.StatusForbidden)
		want("banned, the same again", lena, first, http.StatusForbidden)
		want("banned, with what nobody handles", lena, with(fresh(lena), "type", "Frobnicate"), http.StatusForbidden)
		want("banned, and taking back", lena, with(with(fresh(lena), "type", "Delete"), "object", first["object"].(map[string]any)["id"]), http.StatusAccepted)
		want("another", nico, fresh(nico), http.StatusAccepted)

		h.pass(2 * time.Minute)
		want("when it is over", lena, fresh(lena), http.StatusAccepted)

		if err := h.moderation.BanPerson(t.Context(), admin.Actor, stored(t, h, lena), community.Ban{}); err != nil {
			t.Fatal(err)
		}
		want("banned for good", lena, fresh(lena), http.StatusForbidden)
		if err := h.moderation.UnbanPerson(t.Context(), admin.Actor, stored(t, h, lena), false); err != nil {
			t.Fatal(err)
		}
		want("when it is lifted", lena, fresh(lena), http.StatusAccepted)
	})
}

// beside starts another process on the database of a home, as far as what
// arrives is concerned, and returns its inbox.
func beside(t *testing.T, h *home) string {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	options := h.fed.Options
	options.Origin, options.Host = server.URL, strings.TrimPrefix(server.URL, "http://")
	other := federation.New(options)
	handler = other.Handler()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = other.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		server.Close()
	})
	return server.URL + "/inbox"
}

// stored is a person of another server as this one knows them.
func stored(t *testing.T, h *home, who *fediverse.Actor) *community.Actor {
	t.Helper()
	actor, err := h.db.ActorByIRI(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

// TestBannedAmongOthers: what comes at the same moment is asked about together,
// and everybody gets their own answer.
func TestBannedAmongOthers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "lemmy")
		people := make([]*fediverse.Actor, 8)
		for i := range people {
			people[i] = peer.Person(fmt.Sprint("p", i))
			h.send(people[i], note(people[i], fmt.Sprint("before", i), h.cats.IRI))
			if i%2 == 1 {
				ban := &community.SiteBan{ActorID: stored(t, h, people[i]).ID, ByID: h.ann.ID, Until: community.Forever, CreatedAt: h.now()}
				if err := db.SaveSiteBan(t.Context(), ban); err != nil {
					t.Fatal(err)
				}
			}
		}
		const each = 10
		var wg sync.WaitGroup
		for n := range len(people) * each {
			wg.Go(func() {
				i := n % len(people)
				want := []int{http.StatusAccepted, http.StatusForbidden}[i%2]
				if status, text := people[i].Send(t, h.inbox(), note(people[i], fmt.Sprint("n", n), h.cats.IRI)); status != want {
					t.Errorf("p%d is answered %d %s, want %d", i, status, text, want)
				}
			})
		}
		wg.Wait()
		if n := h.waiting(); n != len(people)/2*each {
			t.Errorf("%d activities are stored, want %d", n, len(people)/2*each)
		}
	})
}

// TestBannedInABatch: a batch that knows somebody knows of their ban, also of
// one that is decided in it.
func TestBannedInABatch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		lena := fediverse.NewPeer(t, "lemmy").Person("lena")
		h.send(lena, note(lena, "before", h.cats.IRI))
		someone := stored(t, h, lena)
		ban := &community.SiteBan{ActorID: someone.ID, ByID: h.ann.ID, Until: h.now().Add(time.Minute), CreatedAt: h.now()}
		err := db.InBatch(t.Context(), func(ctx context.Context, tx *storage.DB) error {
			if err := tx.Expect(ctx, storage.Expected{Actors: []string{lena.ID, "https://nobody.test/u/x"}}); err != nil {
				return err
			}
			check := func(when string, at time.Time, want bool) {
				t.Helper()
				banned, err := tx.BannedHere(ctx, at, lena.ID, "https://nobody.test/u/x", as.Public)
				if err != nil || banned[lena.ID] != want || len(banned) > 1 || len(banned) == 1 && !want {
					t.Errorf("%s: %v, %v", when, banned, err)
				}
			}
			check("before", h.now(), false)
			if err := tx.SaveSiteBan(ctx, ban); err != nil {
				return err
			}
			check("banned", h.now(), true)
			if err := tx.Expect(ctx, storage.Expected{Actors: []string{lena.ID}}); err != nil {
				return err
			}
			check("banned, and expected", h.now(), true)
			check("at its end", ban.Until, false)
			return tx.DropSiteBan(ctx, someone.ID, "")
		})
		if err != nil {
			t.Fatal(err)
		}
		if banned, err := db.BannedHere(t.Context(), h.now(), lena.ID); err != nil || len(banned) > 0 {
			t.Errorf("lifted: %v, %v", banned, err)
		}
	})
}
