package fediverse_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// archiveOf has somebody's archive written and fetches it.
func archiveOf(t *testing.T, u *server.User) []byte {
	t.Helper()
	u.Call(t, "POST", "/me/export", nil, nil)
	var e v1.Export
	server.Eventually(t, "the archive", func() (bool, any) {
		u.Call(t, "GET", "/me/export", nil, &e)
		return e.State == "ready", e
	})
	if e.FilesDone != e.Files || e.Rows == 0 || e.ExpiresAt == nil {
		t.Errorf("a whole archive is said to be %+v", e)
	}
	status, text := u.Try(t, "GET", "/me/export/"+e.Archive, nil)
	if status != http.StatusOK {
		t.Fatalf("the archive answers %d: %.200s", status, text)
	}
	return text
}

// unzip reads every file of an archive, whose sums are checked on the way.
func unzip(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func table(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Everything that is somebody's is in their archive, and it is for nobody else.
func TestTheArchiveHasEverything(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		s := server.New(t, dsn)
		ann, bob := s.User("ann"), s.User("bob")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "meadow"}, nil)
		ann.Call(t, "PUT", "/groups/meadow/membership", nil, nil)
		ann.Call(t, "PATCH", "/me", map[string]any{"title": "Ann, \"the\" gardener", "summary": "I *dig*.", "email": "ann@example.org"}, nil)
		var mine, his v1.Post
		ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who wants some?"}, &mine)
		bob.Call(t, "POST", "/groups/meadow/posts", v1.PostDraft{Title: "Hay"}, &his)
		var answer v1.Comment
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", his.ID), v1.CommentDraft{Body: "How much?"}, &answer)
		ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", his.ID), map[string]int{"value": -1}, nil)
		ann.Call(t, "POST", "/conversations/bob/messages", map[string]string{"body": "Between us"}, nil)
		bob.Call(t, "POST", "/conversations/ann/messages", map[string]string{"body": "For you alone"}, nil)
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", his.ID), map[string]string{"reason": "It is straw"}, nil)
		ann.Call(t, "POST", "/feeds", map[string]string{"name": "outside", "title": "Outside"}, nil)
		ann.Call(t, "PUT", "/me/consents/visits", map[string]bool{"allowed": false}, nil)
		ann.Call(t, "PUT", "/feeds/outside/groups/meadow", nil, nil)
		ann.Call(t, "PUT", "/people/bob/follow", nil, nil)

		files := unzip(t, archiveOf(t, ann))
		t.Run("the outbox", func(t *testing.T) {
			var outbox struct {
				Type  string `json:"type"`
				Total int    `json:"totalItems"`
				Items []struct {
					Kind   string `json:"type"`
					ID     string `json:"id"`
					Actor  string
					Object json.RawMessage
				} `json:"orderedItems"`
			}
			if err := json.Unmarshal([]byte(files["outbox.json"]), &outbox); err != nil {
				t.Fatal(err)
			}
			if outbox.Type != "OrderedCollection" || outbox.Total != 3 || len(outbox.Items) != 3 {
				t.Fatalf("it is %s", files["outbox.json"])
			}
			for i, want := range []struct{ kind, holds string }{{"Create", "Who wants some?"}, {"Create", "How much?"}, {"Dislike", his.URL}} {
				got := outbox.Items[i]
				if got.Kind != want.kind || got.Actor != s.URL+"/u/ann" || got.ID == "" || !strings.Contains(string(got.Object), want.holds) {
					t.Errorf("item %d is a %s of %s, want a %s of %q", i, got.Kind, got.Object, want.kind, want.holds)
				}
			}
		})
		for file, want := range map[string][]string{
			"actor.json":          {`"preferredUsername": "ann"`, "gardener"},
			"messages.json":       {"Between us", "For you alone"},
			"settings.json":       {"ann@example.org", `"summary": "I *dig*."`, `"messages_from": "everybody"`},
			"lemmy_settings.json": {s.URL + "/c/meadow", `"blocked_instances": []`},
			"reports.json":        {"It is straw", his.URL},
			"sessions.json":       {`"kind":"browser"`},
			"apps.json":           {`"kind":"token"`},
			"views.json":          {},
			"following.json":      {`"address":"bob@` + s.Host + `"`, `"id":"` + s.URL + `/u/bob"`, `"state":"accepted"`},
			"notifications.json":  {},
			"consents.json":       {`"agreed":false`},
			"decisions.json":      {},
			"README.txt":          {"outbox.json", "groups.csv", "@ann@" + s.Host},
		} {
			text, there := files[file]
			if !there {
				t.Errorf("%s is missing", file)
			}
			if strings.HasSuffix(file, ".json") && !json.Valid([]byte(text)) {
				t.Errorf("%s is no JSON: %s", file, text)
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s has no %q: %s", file, w, text)
				}
			}
		}
		groups := table(t, files["groups.csv"])
		if len(groups) != 3 || groups[1][0] != "garden@"+s.Host || groups[1][1] != "owner" || groups[2][1] != "member" || groups[2][3] == "" {
			t.Errorf("groups.csv: %q", groups)
		}
		following := table(t, files["following_accounts.csv"])
		if len(following) != 4 || following[0][0] != "Account address" || following[2][0] != "meadow@"+s.Host || following[3][0] != "bob@"+s.Host {
			t.Errorf("following_accounts.csv: %q", following)
		}
		if lists := table(t, files["lists/feeds.csv"]); len(lists) != 2 || lists[1][0] != "Outside" || lists[1][1] != "meadow@"+s.Host {
			t.Errorf("lists/feeds.csv: %q", lists)
		}
		for name, text := range files {
			if strings.Contains(text, ann.Token()) || strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "$argon2id$") {
				t.Errorf("%s holds a secret", name)
			}
		}
		t.Run("for nobody else", func(t *testing.T) {
			var e v1.Export
			ann.Call(t, "GET", "/me/export", nil, &e)
			if status, _ := bob.Try(t, "GET", "/me/export/"+e.Archive, nil); status != http.StatusNotFound {
				t.Errorf("bob gets %d", status)
			}
			bob.Call(t, "GET", "/me/export", nil, &e)
			if e.State != "none" {
				t.Errorf("bob's is %+v", e)
			}
			ann.Call(t, "DELETE", "/me/export", nil, nil)
			ann.Call(t, "GET", "/me/export", nil, &e)
			if e.State != "none" {
				t.Errorf("after it is deleted: %+v", e)
			}
		})
	})
}

// bring sends files as a browser does.
func bring(t *testing.T, u *server.User, files map[string]string) (status int, text []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, content := range files {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.Server.URL+v1.Prefix+"/me/import", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+u.Token())
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, text
}

// settled brings files along, has done what they say and returns what became
// of each line.
func settled(t *testing.T, u *server.User, files map[string]string, start v1.ImportStart) map[string]v1.ImportLine {
	t.Helper()
	if status, text := bring(t, u, files); status != http.StatusCreated {
		t.Fatalf("it answers %d: %s", status, text)
	}
	u.Call(t, "POST", "/me/import/start", start, nil)
	server.Eventually(t, "the end of the import", func() (bool, any) {
		var im v1.Import
		u.Call(t, "GET", "/me/import", nil, &im)
		return im.State == "done" && im.Done == im.Total, im
	})
	var page v1.ImportPage
	u.Call(t, "GET", "/me/import/lines", nil, &page)
	lines := map[string]v1.ImportLine{}
	for _, l := range page.Items {
		lines[string(l.Kind)+" "+l.Target] = l
	}
	return lines
}

// What somebody takes from one server and brings to another is the same there,
// field by field.
func TestExportAndImport(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		ann, bob := a.User("ann"), a.User("bob")
		there := b.User("ann_there")
		owner := b.User("owner")
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		bob.Call(t, "POST", "/groups", map[string]any{"name": "closed", "title": "Closed", "visibility": "private"}, nil)
		owner.Call(t, "POST", "/groups", v1.GroupDraft{Name: "meadow", Title: "Meadow"}, nil)
		ann.Call(t, "PUT", "/groups/garden/membership", nil, nil)
		ann.Call(t, "PUT", "/groups/closed/membership", nil, nil)
		var found v1.Resolved
		ann.Call(t, "GET", "/resolve?q=!meadow@"+b.Host, nil, &found)
		ann.Call(t, "PUT", "/groups/meadow@"+b.Host+"/membership", nil, nil)
		server.Eventually(t, "ann's membership elsewhere", func() (bool, any) {
			var g v1.Group
			ann.Call(t, "GET", "/groups/meadow@"+b.Host, nil, &g)
			return g.Membership != nil && g.Membership.State == "accepted", g.Membership
		})
		ann.Call(t, "PATCH", "/me", map[string]any{
			"title": "Ann Äö \"the\" gardener", "summary": "I *dig*, and\nI rest.", "discoverable": true, "indexable": false, "messages_from": "known",
		}, nil)
		ann.Call(t, "PATCH", "/me/profile", map[string]any{
			"fields": []map[string]string{{"name": "Web", "value": "https://ann.example"}}, "languages": []string{"de", "en"}, "interests": []string{"Äpfel", "hay"},
			"zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_to": "06:30", "approves_followers": true,
		}, nil)
		ann.Call(t, "PUT", "/groups/garden/facet", map[string]string{"title": "Ann of the beans", "bio": "Waters in the morning."}, nil)
		hang(t, ann, "avatar")
		hang(t, ann, "banner")
		ann.Call(t, "POST", "/feeds", map[string]string{"name": "outside", "title": "Outside, green"}, nil)
		ann.Call(t, "PUT", "/feeds/outside/groups/garden", nil, nil)
		ann.Call(t, "PUT", "/feeds/outside/groups/meadow@"+b.Host, nil, nil)

		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "noise"}, nil)
		a.User("troll")
		b.User("chatter")
		ann.Call(t, "GET", "/resolve?q=@chatter@"+b.Host, nil, &found)
		ann.Call(t, "PUT", "/me/blocks/people/troll", map[string]any{"note": "see https://x.example/why", "until": "2040-01-02T03:04:05Z"}, nil)
		ann.Call(t, "PUT", "/me/mutes/people/chatter@"+b.Host, map[string]any{}, nil)
		ann.Call(t, "PUT", "/me/blocks/groups/noise", map[string]any{}, nil)
		ann.Call(t, "PUT", "/me/mutes/servers/loud.example", map[string]any{}, nil)
		ann.Call(t, "POST", "/me/mutes/words", map[string]any{"words": "Foot Ball", "whole": true, "places": []string{"feeds", "messages"}, "until": "2041-01-01T00:00:00Z"}, nil)

		lines := settled(t, there, map[string]string{"archive.zip": string(archiveOf(t, ann))}, v1.ImportStart{})
		// following_accounts.csv comes first; groups.csv finds that it was asked.
		for key, want := range map[string]string{
			"follow garden@" + a.Host: "asked", "follow closed@" + a.Host: "asked", "follow meadow@" + b.Host: "joined",
			"join garden@" + a.Host: "already", "list garden@" + a.Host: "done", "list meadow@" + b.Host: "done",
			"profile title": "done", "profile discoverable": "done", "profile indexable": "already", "profile fields": "done",
			"profile quiet": "done", "picture avatar": "done", "picture banner": "done",
		} {
			if got := lines[key]; got.Outcome != want {
				t.Errorf("%s: %+v, want %q", key, got, want)
			}
		}
		server.Eventually(t, "the membership on the old server", func() (bool, any) {
			var g v1.Group
			there.Call(t, "GET", "/groups/garden@"+a.Host, nil, &g)
			return g.Membership != nil && g.Membership.State == "accepted", g.Membership
		})

		again := settled(t, there, map[string]string{"archive.zip": string(archiveOf(t, ann))}, v1.ImportStart{})
		if got := again["facet "+a.URL+"/c/garden"]; got.Outcome != "done" && got.Outcome != "already" {
			t.Errorf("how she appears in the garden: %+v", got)
		}
		if got := again["picture avatar"]; got.Outcome != "already" {
			t.Errorf("her picture again: %+v", got)
		}
		before, after := unzip(t, archiveOf(t, ann)), unzip(t, archiveOf(t, there))
		var mine, theirs map[string]any
		for file, into := range map[string]*map[string]any{before["settings.json"]: &mine, after["settings.json"]: &theirs} {
			if err := json.Unmarshal([]byte(file), into); err != nil {
				t.Fatal(err)
			}
		}
		for _, own := range []string{"name", "address", "created_at"} { // these differ by nature
			delete(mine, own)
			delete(theirs, own)
		}
		if diff := cmp.Diff(mine, theirs); diff != "" {
			t.Errorf("settings (-there +here):\n%s", diff)
		}
		for _, file := range []string{"lists/feeds.csv", "following_accounts.csv", "blocked_accounts.csv", "muted_accounts.csv", "blocked_domains.csv"} {
			if diff := cmp.Diff(sorted(table(t, before[file])), sorted(table(t, after[file]))); diff != "" {
				t.Errorf("%s (-there +here):\n%s", file, diff)
			}
		}
		if before["facets.json"] != after["facets.json"] || !strings.Contains(after["facets.json"], "Ann of the beans") {
			t.Errorf("facets.json is %s, and was %s", after["facets.json"], before["facets.json"])
		}
		for _, picture := range []string{"media/avatar.jpg", "media/banner.jpg"} {
			if len(before[picture]) == 0 || len(after[picture]) == 0 || !strings.Contains(after["media.json"], picture) {
				t.Errorf("%s has %d bytes there and %d here", picture, len(before[picture]), len(after[picture]))
			}
		}
		if diff := cmp.Diff(keptAway(t, before), keptAway(t, after)); diff != "" {
			t.Errorf("blocks.json (-there +here):\n%s", diff)
		}
		if got := keptAway(t, after); len(got) != 5 {
			t.Errorf("%d things are kept away: %v", len(got), got)
		}
		groups := func(text string) (rows [][]string) {
			for _, row := range table(t, text) {
				rows = append(rows, []string{row[0], row[1], row[2], row[4]}) // since when differs by nature
			}
			return sorted(rows)
		}
		if diff := cmp.Diff(groups(before["groups.csv"]), groups(after["groups.csv"])); diff != "" {
			t.Errorf("groups.csv (-there +here):\n%s", diff)
		}
	})
}

// hang has somebody show a picture.
func hang(t *testing.T, u *server.User, use string) {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, 120, 80))
	for x := range 120 {
		drawn.Set(x, x%80, color.RGBA{uint8(2 * x), 90, uint8(len(use)), 255})
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, drawn, nil); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, u.Server.URL+v1.Prefix+"/me/"+use, &file)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+u.Token())
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the %s answers %d: %s, %v", use, resp.StatusCode, text, err)
	}
}

// keptAway is what blocks.json has, but since when, which differs by nature.
func keptAway(t *testing.T, files map[string]string) (list []string) {
	t.Helper()
	var entries []map[string]any
	if err := json.Unmarshal([]byte(files["blocks.json"]), &entries); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		delete(e, "since")
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	slices.Sort(list)
	return list
}

func sorted(rows [][]string) [][]string {
	slices.SortFunc(rows, slices.Compare)
	return rows
}

// Lists as Mastodon writes them, and settings as Lemmy does.
func TestImportFromMastodonAndLemmy(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		s := server.New(t, dsn)
		lemmy := fediverse.NewPeer(t, "lemmy")
		garden := lemmy.Group("garden")
		ann, bob := s.User("ann"), s.User("bob")
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "meadow"}, nil)
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "old"}, nil)
		ann.Call(t, "PUT", "/groups/old/membership", nil, nil)
		s.User("cleo")
		ann.Call(t, "PUT", "/people/cleo/follow", nil, nil)
		ann.Call(t, "PATCH", "/me", map[string]any{"title": "Ann"}, nil)
		var hay v1.Post
		bob.Call(t, "POST", "/groups/meadow/posts", v1.PostDraft{Title: "Hay"}, &hay)
		eve := lemmy.Person("eve")
		kept, toot := lemmy.URL+"/post/1", lemmy.URL+"/users/eve/statuses/1"
		lemmy.Serve("/post/1", map[string]any{
			"@context": "https://www.w3.org/ns/activitystreams", "id": kept, "type": "Page", "attributedTo": eve.ID, "name": "Beans", "content": "<p>Now.</p>",
			"to": []string{garden.ID, "https://www.w3.org/ns/activitystreams#Public"}, "audience": garden.ID, "published": "2026-11-20T10:00:00Z",
		})
		lemmy.Serve("/users/eve/statuses/1", map[string]any{
			"@context": "https://www.w3.org/ns/activitystreams", "id": toot, "type": "Note", "attributedTo": eve.ID, "content": "<p>Just so.</p>",
			"to": []string{"https://www.w3.org/ns/activitystreams#Public"}, "published": "2026-11-20T10:00:00Z",
		})
		files := map[string]string{
			"following_accounts.csv": "Account address,Show boosts,Notify on new posts,Languages\n" +
				"meadow@" + s.Host + ",true,false,\nbob@" + s.Host + ",true,false,en\nnobody@" + s.Host + ",true,false,\nnot an address,true,false,\n",
			"bookmarks.csv": toot + "\n" + hay.URL + "\n" + s.URL + "/c/meadow\nnot an address\n",
			"settings.json": `{"display_name":"Annie","bio":"From Lemmy","bot_account":false,"settings":{"theme":"darkly"},` +
				`"followed_communities":["` + garden.ID + `"],"saved_posts":["` + kept + `","` + lemmy.URL + `/post/404"],"blocked_users":[]}`,
		}
		status, text := bring(t, ann, files)
		if status != http.StatusCreated {
			t.Fatalf("it answers %d: %s", status, text)
		}
		var g v1.Group
		ann.Call(t, "GET", "/groups/meadow", nil, &g)
		if g.Membership != nil {
			t.Error("something was done before it was started")
		}
		lines := settled(t, ann, files, v1.ImportStart{})
		for key, want := range map[string][2]string{
			"follow meadow@" + s.Host: {"joined", ""}, "follow bob@" + s.Host: {"done", ""},
			"follow nobody@" + s.Host: {"failed", ""}, "follow not an address": {"failed", "no address"},
			"saved " + hay.URL: {"done", ""}, "saved not an address": {"failed", "no address"}, "saved " + s.URL + "/c/meadow": {"failed", "neither"},
			"saved " + kept: {"done", ""}, "saved " + toot: {"failed", "written in groups"}, "saved " + lemmy.URL + "/post/404": {"failed", ""},
			"join " + garden.ID: {"asked", ""}, "profile title": {"already", ""}, "profile summary": {"done", ""},
		} {
			if got := lines[key]; got.Outcome != want[0] || !strings.Contains(got.Reason, want[1]) {
				t.Errorf("%s: %+v, want %q", key, got, want)
			}
		}
		var saved v1.List[v1.Saved]
		ann.Call(t, "GET", "/me/saved", nil, &saved)
		if len(saved.Items) != 2 || saved.Items[0].Post == nil || !saved.Items[0].Post.Saved {
			t.Errorf("she keeps %+v", saved.Items)
		}
		if out := unzip(t, archiveOf(t, ann)); !strings.Contains(out["bookmarks.csv"], kept) || !strings.Contains(out["lemmy_settings.json"], hay.URL) {
			t.Errorf("her archive has %q and %s", out["bookmarks.csv"], out["lemmy_settings.json"])
		}
		ann.Call(t, "GET", "/groups/old", nil, &g)
		if g.Membership == nil {
			t.Error("a merge took something away")
		}
		lines = settled(t, ann, files, v1.ImportStart{Replace: true})
		if got := lines["leave old@"+s.Host].Outcome; got != "done" {
			t.Errorf("what is not in the lists: %q", got)
		}
		if got := lines["profile title"].Outcome; got != "done" {
			t.Errorf("the name: %q", got)
		}
		ann.Call(t, "GET", "/groups/old", nil, &g)
		if g.Membership != nil {
			t.Error("what is not in the lists is still there")
		}
		var people v1.List[v1.Followee]
		ann.Call(t, "GET", "/me/following", nil, &people)
		if len(people.Items) != 1 || people.Items[0].Actor.Handle != "bob" {
			t.Errorf("whom ann follows in the end: %+v", people.Items)
		}
	})
}
