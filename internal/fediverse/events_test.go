package fediverse_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

const ourZone = "Europe/London"

// dance is an event by ann, in summer, when London is an hour before UTC.
var (
	danceStarts = time.Date(2027, 7, 11, 18, 0, 0, 0, time.UTC)
	danceEnds   = danceStarts.Add(3 * time.Hour)
)

func dance(t *testing.T, ann *server.User, group string) (post v1.Post) {
	t.Helper()
	ann.Call(t, "POST", "/groups/"+group+"/posts", v1.PostDraft{Title: "A dance", Body: "Bring *friends*.", Event: &v1.EventDraft{
		StartsAt: &danceStarts, EndsAt: &danceEnds, Zone: ourZone, Place: "The Kenn Centre, Exeter", URL: "https://tickets.test/dance",
	}}, &post)
	return post
}

// What says when and where, in the words that those read who know no events.
const danceLine = "2027-07-11 19:00–22:00 (Europe/London)"

// An event written on one server is read on the other with its zone and both
// its clocks, and is changed and taken away there.
func TestEventsOnTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		s := &story{ann: a.User("ann"), bob: b.User("bob")}
		s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		s.follow(t)
		post := dance(t, s.ann, "garden")
		copied := seePost(t, s.bob, "/groups/"+s.there+"/posts", func(p v1.Post) bool { return p.URL == post.URL })
		want := v1.Event{StartsAt: danceStarts, EndsAt: &danceEnds, Zone: ourZone, Place: "The Kenn Centre, Exeter", URL: "https://tickets.test/dance"}
		same := func(p v1.Post, want v1.Event) bool {
			e := p.Event
			return p.Kind == "event" && e != nil && e.StartsAt.Equal(want.StartsAt) && e.Zone == want.Zone && e.Place == want.Place && e.URL == want.URL &&
				(e.EndsAt == nil) == (want.EndsAt == nil) && (e.EndsAt == nil || e.EndsAt.Equal(*want.EndsAt))
		}
		if !same(copied, want) || copied.HTML != post.HTML || copied.Body != "Bring *friends*." || strings.Contains(copied.HTML, "2027") {
			t.Fatalf("bob sees %+v, %+v", copied, copied.Event)
		}
		// The page without scripts says it by the clock of the event.
		status, page := readPage(t, b, fmt.Sprintf("/post/%d", copied.ID))
		if status != http.StatusOK || !strings.Contains(page, "The Kenn Centre, Exeter") || !strings.Contains(page, "2027-07-11T1") {
			t.Errorf("the page of it answers %d: %s", status, page)
		}
		later := danceStarts.Add(26 * time.Hour)
		moved := v1.EventDraft{StartsAt: &later, Zone: "Asia/Kathmandu", Place: "Patan"}
		s.ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", post.ID), v1.PostChange{Event: &moved}, nil)
		want = v1.Event{StartsAt: later, Zone: "Asia/Kathmandu", Place: "Patan"}
		seePost1(t, s.bob, copied.ID, "the edit", func(p v1.Post) bool { return same(p, want) && p.EditedAt != nil })
		s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", post.ID), nil, nil)
		seePost1(t, s.bob, copied.ID, "the end of it", func(p v1.Post) bool { return p.Deleted && p.Event == nil })

		bobs := dance(t, s.bob, s.there) // and the other way round
		seen := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == bobs.URL })
		if seen.Event == nil || seen.Event.Zone != ourZone || !seen.Event.StartsAt.Equal(danceStarts) || seen.Body != "Bring *friends*." {
			t.Errorf("ann sees %+v", seen)
		}
	})
}

// readPage reads a page as a browser without scripts does.
func readPage(t *testing.T, s *server.Server, path string) (status int, text string) {
	t.Helper()
	res, err := http.Get(s.URL + path) //nolint:noctx // the test ends with it
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(content)
}

// PieFed takes our events as events, and we take its own.
func TestEventsWithPieFed(t *testing.T) {
	home, there := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewPieFed(t)
	ann, lena := home.User("ann"), there.Account("lena")
	ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	member(t, there, lena, home, "garden")
	post := dance(t, ann, "garden")
	knows(t, there, post.URL, "ann's event", func(p *fediverse.Piece) bool {
		e := p.Event
		return p.Title == "A dance" && e != nil && e.Starts.Equal(danceStarts) && e.Ends.Equal(danceEnds) && e.Zone == ourZone &&
			e.Address == "The Kenn Centre, Exeter" && e.Link == "https://tickets.test/dance"
	})
	later := danceStarts.Add(24 * time.Hour)
	ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", post.ID), v1.PostChange{Event: &v1.EventDraft{StartsAt: &later, Zone: ourZone}}, nil)
	knows(t, there, post.URL, "its new time", func(p *fediverse.Piece) bool {
		return p.Event != nil && p.Event.Starts.Equal(later) && p.Event.Ends.IsZero() && p.Event.Address == "" && p.Edited
	})

	talk := fediverse.Event{Starts: danceStarts, Zone: "America/New_York", Address: "1 Hill Road", City: "Exeter", Link: "https://meet.test/x"}
	id := there.Happen(t, lena, home.URL+"/c/garden", "A talk", "About beans", talk)
	seen := seePost(t, ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
	if e := seen.Event; seen.Title != "A talk" || seen.Body != "About beans" || e == nil || !e.StartsAt.Equal(danceStarts) || e.EndsAt != nil ||
		e.Zone != "America/New_York" || e.Place != "1 Hill Road, Exeter" || e.URL != "https://meet.test/x" {
		t.Errorf("ann sees %+v, %+v", seen, seen.Event)
	}
	talk.Starts, talk.Ends = later, later.Add(time.Hour)
	there.Reschedule(t, lena, id, talk)
	seePost1(t, ann, seen.ID, "lena's new time", func(p v1.Post) bool {
		return p.Event != nil && p.Event.StartsAt.Equal(later) && p.Event.EndsAt != nil && p.EditedAt != nil
	})
	there.Do(t, lena, as.KindDelete, id, nil)
	seePost1(t, ann, seen.ID, "the end of lena's event", func(p v1.Post) bool { return p.Deleted && p.Event == nil })
}

// Who knows no events reads when and where in the text: Lemmy and NodeBB, and
// Mastodon in the teaser that remains of it. Mbin shows none, and nobody here
// can begin one in a group there.
func TestEventsForThoseWhoKnowNone(t *testing.T) {
	home := server.New(t, testdb.SQLiteDSN(t))
	ann := home.User("ann")
	ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	lemmy, mbin, nodebb := fediverse.NewLemmy(t), fediverse.NewMbin(t), fediverse.NewNodeBB(t)
	member(t, lemmy, lemmy.Account("lena"), home, "garden")
	member(t, mbin, mbin.Account("mia"), home, "garden")
	nina, garden := nodebb.User(2, "nina"), home.URL+"/c/garden"
	nina.Join(t, nodebb.Resolve(t, "garden@"+home.Host))
	microblogs := []*fediverse.Microblog{fediverse.NewMastodon(t), fediverse.NewGoToSocial(t)}
	for _, m := range microblogs {
		m.Account("alice").Follow(t, m.Resolve(t, "garden@"+home.Host))
	}
	members(t, ann, 6)

	post := dance(t, ann, "garden")
	knows(t, lemmy, post.URL, "ann's event", func(p *fediverse.Piece) bool {
		return p.Title == "A dance" && strings.Contains(p.Text, danceLine) && strings.Contains(p.Text, "The Kenn Centre, Exeter") && strings.Contains(p.Text, "<em>friends</em>")
	})
	server.Eventually(t, "ann's event on NodeBB", func() (bool, any) {
		p := nodebb.Post(post.URL)
		return p != nil && p.Title == "A dance" && strings.Contains(p.Content, danceLine) && p.Category == garden, []any{p, nodebb.Refusals()}
	})
	for _, m := range microblogs {
		server.Eventually(t, "ann's event on "+m.Software, func() (bool, any) {
			s := m.Status(post.URL)
			return s != nil && strings.Contains(s.Content, danceLine) && m.Boosted(garden, post.URL) == 1 &&
				(strings.Contains(s.Content, "<h2>A dance</h2>") && s.Warning == "" || s.Warning == "A dance"), []any{s, m.Refusals()}
		})
	}
	mbin.Await(t, "ann's event", func(d fediverse.Delivery) bool {
		create, _ := d.Doc.Embedded("object")
		return create.Kind() == as.KindCreate && create.Ref("object") == post.URL
	})
	if p := mbin.Piece(post.URL); p != nil {
		t.Errorf("Mbin shows %+v", p)
	}

	mona := mbin.Account("mona")
	mbin.Community("birds", mona)
	there := "birds@" + mbin.Host
	join(t, ann, there)
	draft := v1.PostDraft{Title: "A dance", Event: &v1.EventDraft{StartsAt: &danceStarts}}
	if status, text := ann.Try(t, "POST", "/groups/"+there+"/posts", draft); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "shows no events") {
		t.Errorf("an event in a group on Mbin is answered %d: %s", status, text)
	}
	var g v1.Group
	ann.Call(t, "GET", "/groups/"+there, nil, &g)
	if !g.NoEvents {
		t.Errorf("the composer is not told: %+v", g)
	}
}

// Events in the shapes of Mobilizon and Gancio, by people there who name the
// group: they are read, edited and taken away.
func TestEventsOfCalendars(t *testing.T) {
	for software, shape := range map[string]func(*fediverse.Actor, string) map[string]any{"mobilizon": mobilizons, "gancio": gancios} {
		t.Run(software, func(t *testing.T) {
			home, peer := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewPeer(t, software)
			ann := home.User("ann")
			ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
			garden := home.URL + "/c/garden"
			by := peer.Person("mira")
			if software == "gancio" {
				by = peer.Actor(as.KindApplication, "/federation/u/events")
			}
			event := shape(by, garden)
			id, _ := event["id"].(string)
			say := func(kind string, object any) {
				t.Helper()
				peer.Serve(strings.TrimPrefix(id, peer.URL), event)
				send(t, by, home, map[string]any{
					"@context": as.NS, "id": fmt.Sprintf("%s/%s/activity", id, kind), "type": kind, "actor": by.ID, "object": object,
					"to": event["to"], "cc": event["cc"],
				})
			}
			say(as.KindCreate, event)
			seen := seePost(t, ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "A dance" })
			zone := map[string]string{"mobilizon": ourZone, "gancio": ""}[software]
			if e := seen.Event; seen.Kind != "event" || e == nil || !e.StartsAt.Equal(danceStarts) || e.EndsAt == nil || !e.EndsAt.Equal(danceEnds) ||
				e.Zone != zone || !strings.HasPrefix(e.Place, "The Kenn Centre") || !strings.Contains(seen.HTML, "<em>friends</em>") {
				t.Errorf("ann sees %+v, %+v", seen, seen.Event)
			}
			event["startTime"], event["updated"] = danceStarts.Add(time.Hour).Format(time.RFC3339), "2026-12-01T10:00:00Z"
			say(as.KindUpdate, event)
			seePost1(t, ann, seen.ID, "its new time", func(p v1.Post) bool { return p.Event != nil && p.Event.StartsAt.Equal(danceStarts.Add(time.Hour)) })
			event = map[string]any{"@context": as.NS, "id": id, "type": as.KindTombstone, "to": event["to"], "cc": event["cc"]}
			say(as.KindDelete, map[string]any{"id": id, "type": as.KindTombstone})
			seePost1(t, ann, seen.ID, "its end", func(p v1.Post) bool { return p.Deleted && p.Event == nil })
		})
	}
}

// mobilizons is an event as Mobilizon writes it.
func mobilizons(by *fediverse.Actor, group string) map[string]any {
	id := by.Peer.URL + "/events/6f0cf4b5-2c5b-4f5c-9d2a-0a6f9a3f4a11"
	return map[string]any{
		"@context": []any{as.NS, map[string]any{
			"mz": "https://joinmobilizon.org/ns#", "timezone": map[string]any{"@id": "mz:timezone", "@type": "sc:Text"}, "sc": "http://schema.org#",
		}},
		"id": id, "url": id, "uuid": "6f0cf4b5-2c5b-4f5c-9d2a-0a6f9a3f4a11", "type": as.KindEvent, "actor": by.ID, "attributedTo": by.ID,
		"name": "A dance", "content": "<p>Bring <em>friends</em>.</p>", "mediaType": "text/html", "category": "PARTY", "draft": false,
		"startTime": "2027-07-11T19:00:00+01:00", "endTime": "2027-07-11T22:00:00+01:00", "timezone": ourZone, "ical:status": "CONFIRMED",
		"joinMode": "free", "anonymousParticipationEnabled": false, "commentsEnabled": true, "repliesModerationOption": "allow_all",
		"maximumAttendeeCapacity": 0, "participantCount": 1, "isOnline": false, "inLanguage": "en", "published": "2026-11-01T10:00:00Z",
		"location": map[string]any{"type": "Place", "name": "The Kenn Centre", "latitude": 50.7, "longitude": -3.5, "address": map[string]any{
			"type": "PostalAddress", "streetAddress": "Exeter Road", "addressLocality": "Kennford", "addressCountry": "United Kingdom",
		}},
		"attachment": []any{map[string]any{"type": "Link", "name": "Website", "href": "https://tickets.test/dance", "mediaType": "text/html"}},
		"tag":        []any{map[string]any{"type": as.KindMention, "href": group, "name": "@garden"}},
		"to":         []string{as.Public}, "cc": []string{by.ID + "/followers", group},
	}
}

// gancios is one as Gancio writes it, whose actor is the calendar itself.
func gancios(by *fediverse.Actor, group string) map[string]any {
	id := by.Peer.URL + "/federation/m/17"
	return map[string]any{
		"@context": []any{as.NS, map[string]any{"Hashtag": "as:Hashtag"}}, "id": id, "url": by.Peer.URL + "/event/a-dance", "type": as.KindEvent,
		"attributedTo": by.ID, "name": "A dance", "content": "<p>Bring <em>friends</em>.</p>", "summary": nil,
		"startTime": danceStarts.Format("2006-01-02T15:04:05.000Z"), "endTime": danceEnds.Format("2006-01-02T15:04:05.000Z"),
		"location":  map[string]any{"type": "Place", "name": "The Kenn Centre", "address": "Exeter Road, Kennford", "latitude": nil, "longitude": nil},
		"published": "2026-11-01T10:00:00.000Z", "attachment": []any{}, "tag": []any{map[string]any{"type": as.KindMention, "href": group, "name": "@garden"}},
		"to": []string{as.Public}, "cc": []string{by.ID + "/followers", group},
	}
}
