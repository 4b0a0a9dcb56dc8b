package fediverse_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
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
		ann.Call(t, "PUT", "/feeds/outside/groups/meadow", nil, nil)

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
			"sessions.json":       {`"kind":"token"`},
			"notifications.json":  {},
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
		if len(following) != 3 || following[0][0] != "Account address" || following[2][0] != "meadow@"+s.Host {
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
