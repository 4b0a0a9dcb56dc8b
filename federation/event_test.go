package federation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What is posted in groups beside plain posts, in the shapes of Mobilizon,
// PieFed, PeerTube, Discourse and NodeBB.
func TestEventsFilmsAndArticles(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	tests := []struct {
		name   string
		object map[string]any
		kind   community.PostKind
		title  string
		link   string
		event  *community.Event
		length int64
	}{
		{
			"Mobilizon",
			map[string]any{
				"type": "Event", "name": "A dance", "startTime": "2026-12-11T19:00:00+00:00", "endTime": "2026-12-11T21:00:00+01:00",
				"location": map[string]any{"type": "Place", "name": "The Centre", "address": map[string]any{
					"type": "PostalAddress", "streetAddress": "1 Hill Road", "addressLocality": "Exeter", "addressCountry": "United Kingdom",
				}},
				"url": "https://example.org/events/1", "attachment": []any{map[string]any{"type": "Document", "mediaType": "image/jpeg", "url": "https://example.org/banner.jpg"}},
			},
			community.EventPost, "A dance", "https://example.org/events/1",
			&community.Event{StartsAt: at("2026-12-11T19:00:00Z"), EndsAt: at("2026-12-11T20:00:00Z"), Place: "The Centre, 1 Hill Road, Exeter, United Kingdom"}, 0,
		},
		{
			"PieFed",
			map[string]any{
				"type": "Event", "name": "A talk", "startTime": "2026-12-11T19:00:00.000000+00:00", "onlineLink": "https://meet.example/x", "isOnline": true,
				"location": map[string]any{"address": "1 Hill Road", "city": "Exeter", "country": ""}, "attachment": []any{},
			},
			community.EventPost, "A talk", "",
			&community.Event{StartsAt: at("2026-12-11T19:00:00Z"), Place: "1 Hill Road, Exeter", URL: "https://meet.example/x"}, 0,
		},
		{
			"an event at no time",
			map[string]any{"type": "Event", "name": "Some day", "startTime": "soon", "location": []any{1, "x"}, "attachment": nil},
			community.TextPost, "Some day", "", nil, 0,
		},
		{
			"PeerTube",
			map[string]any{
				"type": "Video", "name": "A film", "duration": "PT1H2M5S", "mediaType": "text/markdown", "content": "Some *words*",
				"url": []any{
					map[string]any{"type": "Link", "mediaType": "text/html", "href": "https://tube.example/w/1"},
					map[string]any{"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://tube.example/1.m3u8"},
				},
			},
			community.VideoPost, "A film", "https://tube.example/w/1", nil, 3725,
		},
		{
			"a film of odd length",
			map[string]any{"type": "Video", "name": "A film", "duration": "P1Y", "url": "https://tube.example/w/2"},
			community.VideoPost, "A film", "https://tube.example/w/2", nil, 0,
		},
		{
			"NodeBB",
			map[string]any{
				"type": "Article", "name": "A topic", "summary": "<p>in short</p>", "attachment": []any{},
				"preview": map[string]any{"type": "Note", "content": "<p>PREVIEW</p>", "attributedTo": "x"},
			},
			community.TextPost, "A topic", "", nil, 0,
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		for i, test := range tests {
			object := page(a.lena, strings.ReplaceAll(test.name, " ", "-"), a.dogs.ID)
			for key, value := range test.object {
				object[key] = value
			}
			a.announce(a.act("Create", a.lena, object))
			list := a.feed(a.group)
			if len(list) != i+1 {
				t.Fatalf("%s: there are %d posts; the log is:\n%s", test.name, len(list), strings.Join(a.log.lines, "\n"))
			}
			p := list[i]
			if p.Kind != test.kind || p.Title != test.title || p.Link != test.link || p.Duration != test.length || strings.Contains(p.HTML, "PREVIEW") || p.HTML == "" {
				t.Errorf("%s is %q %q, %q, %d s, %q", test.name, p.Kind, p.Title, p.Link, p.Duration, p.HTML)
			}
			events, err := db.Events(t.Context(), []community.PostID{p.ID})
			if err != nil {
				t.Fatal(err)
			}
			if test.event != nil {
				test.event.PostID = p.ID
			}
			if diff := cmp.Diff(test.event, events[p.ID]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	})
}

// An author elsewhere changes an event and a film, takes one of them back, and
// a moderator takes the other down and brings it back.
func TestEventsAndFilmsAreChangedAndGo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		dance, film := page(a.lena, "dance", a.dogs.ID), page(a.lena, "film", a.dogs.ID)
		dance["type"], dance["startTime"], dance["timezone"] = "Event", "2026-12-11T19:00:00+01:00", "Europe/Berlin"
		film["type"], film["duration"], film["url"] = "Video", "PT1M", "https://tube.example/w/1"
		a.announce(a.act("Create", a.lena, dance))
		a.announce(a.act("Create", a.lena, film))
		read := func(name string) *community.Post {
			t.Helper()
			p, err := db.PostByIRI(t.Context(), a.lemmy.URL+"/post/"+name)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		event := func() *community.Event {
			t.Helper()
			id := read("dance").ID
			events, err := db.Events(t.Context(), []community.PostID{id})
			if err != nil {
				t.Fatal(err)
			}
			return events[id]
		}
		if e := event(); e == nil || e.Zone != "Europe/Berlin" || e.StartsAt.Hour() != 18 {
			t.Fatalf("the event is %+v", e)
		}
		dance["startTime"], dance["timezone"], dance["updated"] = "2026-12-11T20:00:00+01:00", "Moon/Crater", "2026-05-01T08:00:00Z"
		film["duration"], film["updated"] = "PT2M", "2026-05-01T08:00:00Z"
		a.announce(a.act("Update", a.lena, dance))
		a.announce(a.act("Update", a.lena, film))
		if e := event(); e == nil || e.Zone != "" || e.StartsAt.Hour() != 19 {
			t.Errorf("changed, the event is %+v", e)
		}
		if p := read("film"); p.Kind != community.VideoPost || p.Duration != 120 {
			t.Errorf("changed, the film is %+v", p)
		}
		removal := a.act("Delete", a.dogs, film["id"], "summary", "Off topic")
		a.announce(removal)
		if p := read("film"); p.RemovedAt.IsZero() {
			t.Errorf("removed, the film is %+v; the log is:\n%s", p, strings.Join(a.log.lines, "\n"))
		}
		a.announce(a.act("Undo", a.dogs, removal))
		if p := read("film"); !p.RemovedAt.IsZero() || p.Duration != 120 {
			t.Errorf("brought back, the film is %+v", p)
		}
		a.announce(a.act("Delete", a.lena, dance["id"]))
		if p := read("dance"); p.DeletedAt.IsZero() || event() != nil {
			t.Errorf("deleted, the event is %+v, %+v", p, event())
		}
	})
}
