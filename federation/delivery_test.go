package federation

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
)

// takesAway matches the names of examples that must not reach anybody early.
var takesAway = regexp.MustCompile("delete|remove|undo|update|block|lock|flag|add|resolve|move|page_again|announce_page")

// TestSignsForAll goes through everything that we send: only what people say in
// a group, and how they vote, may be signed for everybody at once.
func TestSignsForAll(t *testing.T) {
	want := map[string]bool{
		"announce_create_page.json": true, "announce_create_note.json": true, "announce_received_create.json": true,
		"announce_like_page.json": true, "announce_received_like.json": true,
	}
	files, err := filepath.Glob("testdata/out/*.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := as.Parse(t.Context(), body)
		if err != nil {
			continue // not an activity
		}
		name := filepath.Base(file)
		a := community.Activity{Kind: doc.Kind(), ActorID: gardenID, Audience: gardenID, Public: true, Body: body}
		got := signsForAll(t.Context(), &a)
		if want[name] && !got {
			t.Errorf("%s may not be shared", name)
		}
		if got && !want[name] && (!strings.HasPrefix(name, "announce_") || takesAway.MatchString(name)) {
			t.Errorf("%s may be shared", name)
		}
		if want[name] {
			seen++
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d examples are there", seen, len(want))
	}
}

// TestSignsForOne: an Announce that would do but for one thing.
func TestSignsForOne(t *testing.T) {
	like := map[string]any{"type": "Like", "id": "https://a.test/l", "actor": "https://a.test/u", "object": "https://a.test/p"}
	note := map[string]any{"type": "Note", "id": "https://a.test/n", "to": []string{as.Public}}
	create := map[string]any{"type": "Create", "id": "https://a.test/c", "actor": "https://a.test/u", "object": note}
	tests := []struct {
		name   string
		change func(*community.Activity, map[string]any)
		want   bool
	}{
		{"nothing", func(*community.Activity, map[string]any) {}, true},
		{"what somebody says", func(_ *community.Activity, d map[string]any) { d["object"] = create }, true},
		{"several votes", func(_ *community.Activity, d map[string]any) { d["object"] = []any{like, like} }, true},
		{"a vote and a deletion", func(_ *community.Activity, d map[string]any) {
			d["object"] = []any{like, map[string]any{"type": "Delete", "id": "https://a.test/d", "object": "https://a.test/p"}}
		}, false},
		{"a vote and an id", func(_ *community.Activity, d map[string]any) { d["object"] = []any{like, "https://a.test/p"} }, false},
		{"an id", func(_ *community.Activity, d map[string]any) { d["object"] = "https://a.test/p" }, false},
		{"nothing in it", func(_ *community.Activity, d map[string]any) { delete(d, "object") }, false},
		{"a vote taken back", func(_ *community.Activity, d map[string]any) {
			d["object"] = map[string]any{"type": "Undo", "id": "https://a.test/u", "object": like}
		}, false},
		{"a private message", func(_ *community.Activity, d map[string]any) {
			d["object"] = map[string]any{"type": "Create", "object": map[string]any{"type": "Note", "to": []string{"https://b.test/u"}}}
		}, false},
		{"members only", func(_ *community.Activity, d map[string]any) {
			d["to"] = []string{"https://home.test/c/garden/followers"}
		}, false},
		{"not by itself readable", func(a *community.Activity, _ map[string]any) { a.Public = false }, false},
		{"for one server", func(a *community.Activity, _ map[string]any) { a.Audience, a.PeerID = 0, lemmyID }, false},
		{"for nobody", func(a *community.Activity, _ map[string]any) { a.Audience = 0 }, false},
		{"for another's followers", func(a *community.Activity, _ map[string]any) { a.ActorID = aliceID }, false},
		{"another kind", func(a *community.Activity, d map[string]any) { a.Kind = as.KindCreate }, false},
		{"no JSON", func(a *community.Activity, _ map[string]any) { a.Body = []byte("{") }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := &community.Activity{Kind: as.KindAnnounce, ActorID: gardenID, Audience: gardenID, Public: true}
			doc := map[string]any{
				"@context": as.NS, "type": "Announce", "id": "https://home.test/activities/announce/1",
				"actor": "https://home.test/c/garden", "to": []string{as.Public}, "object": like,
			}
			test.change(a, doc)
			if a.Body == nil {
				body, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				a.Body = body
			}
			if got := signsForAll(t.Context(), a); got != test.want {
				t.Errorf("signsForAll = %v", got)
			}
		})
	}
}
