package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

// events are those of a calendar, by title.
func (r *reply) events() map[string]*ical.VEvent {
	r.t.Helper()
	if got := r.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		r.t.Errorf("Content-Type = %q", got)
	}
	c, err := ical.ParseCalendar(strings.NewReader(r.text))
	if err != nil {
		r.t.Fatalf("no calendar: %v\n%s", err, r.text)
	}
	found := map[string]*ical.VEvent{}
	for _, e := range c.Events() {
		found[ical.FromText(e.GetProperty(ical.ComponentPropertySummary).Value)] = e
	}
	return found
}

// happens has alice tell of an event.
func (w *world) happens(g *community.Actor, title string, in time.Duration) *community.Post {
	w.t.Helper()
	starts := time.Now().Add(in).Truncate(time.Hour)
	p, err := w.posts.Publish(w.t.Context(), w.who["alice"].Actor, g, posts.Draft{
		Title: title, Body: "Bring **boots**.", Event: &community.Event{StartsAt: starts, EndsAt: starts.Add(time.Hour), Zone: "Europe/Berlin", Place: "The barn, upstairs"},
	})
	w.check(err)
	return p
}

const week = 7 * 24 * time.Hour

func TestCalendars(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		dance := w.happens(w.garden, "Dance, all night", week)
		w.happens(w.garden, "Long ago", -52*week)
		w.happens(w.garden, "Lately", -week)
		w.happens(w.garden, "Sooner", week/2)
		all := w.get("/c/garden.ics").is(http.StatusOK).events()
		if len(all) != 3 || all["Lately"] == nil || all["Sooner"] == nil {
			t.Fatalf("the calendar has %v", all)
		}
		path := "/post/2.ics"
		r := w.get(path).is(http.StatusOK).has("UID:"+origin+"/post/2\r\n", "SEQUENCE:0", "TZID=Europe/Berlin", "STATUS:CONFIRMED", "NAME:Dance", "Bring boots.")
		one := r.events()["Dance, all night"]
		if start, err := one.GetStartAt(); err != nil || !start.Equal(time.Now().Add(week).Truncate(time.Hour)) {
			t.Errorf("it starts at %v: %v", start, err)
		}
		w.get(path, header("If-None-Match", r.Header.Get("ETag"))).is(http.StatusNotModified)

		// An edit comes with a higher number, and by the same name.
		later := *w.posts
		later.Now = func() time.Time { return time.Now().Add(time.Hour) }
		title := "Dance until dawn"
		_, err := later.Edit(t.Context(), w.who["alice"].Actor, dance.ID, posts.Change{Title: &title})
		w.check(err)
		edited := w.get(path).is(http.StatusOK).has("UID:" + origin + "/post/2\r\n").events()[title]
		if n := edited.GetProperty(ical.ComponentPropertySequence).Value; len(n) != 4 {
			t.Errorf("the sequence is %s", n)
		}
		// What a moderator removed is struck out where somebody took it over.
		w.check(w.moderation.RemovePost(t.Context(), w.who["alice"].Actor, dance.ID, moderation.Removal{Reason: "x"}, community.Origin{}))
		w.get(path).is(http.StatusOK).has("STATUS:CANCELLED", "UID:"+origin+"/post/2\r\n").lacks("dawn", "barn", "boots")
		w.get("/c/garden.ics").is(http.StatusOK).lacks("dawn")
		w.get("/post/1.ics").is(http.StatusNotFound)
		w.get("/u/bob.ics").is(http.StatusNotFound)
		w.get("/c/nothing.ics").is(http.StatusNotFound)
		w.get("/c/garden").has(`<link rel="alternate" type="text/calendar" href="/c/garden.ics"`, `href="webcal://stone.example/c/garden.ics"`)
		w.get("/post/3").has(`<link rel="alternate" type="text/calendar" href="/post/3.ics"`)
		w.get("/post/1").lacks("text/calendar")
	})
}

// A calendar has no key: whoever asks, it shows what everybody may see.
func TestCalendarsOfClosedGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for i, visibility := range []community.Visibility{community.Private, community.LocalOnly} {
			g, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "shut_" + string(visibility), Title: "Shut", Visibility: visibility})
			w.check(err)
			w.happens(g.Actor, "Cellar party", week)
			for _, who := range []string{"nobody", "alice", "ada"} {
				if got := w.get("/c/shut_"+string(visibility)+".ics", w.as(who)); got.StatusCode == http.StatusOK || strings.Contains(got.text, "Cellar") {
					t.Errorf("%s sees %d %s", who, got.StatusCode, got.text)
				}
				w.get([]string{"/post/2.ics", "/post/3.ics"}[i], w.as(who)).is(http.StatusNotFound).lacks("Cellar", "barn")
			}
			w.get("/c/shut_"+string(visibility), w.as("alice")).is(http.StatusOK).lacks("text/calendar", "webcal:")
		}
	})
}
