package community_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drystone/community"
	"drystone/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestParseHandle(t *testing.T) {
	tests := []struct {
		text string
		want community.Handle
		ok   bool
	}{
		{"garden", community.Handle{Name: "garden"}, true},
		{"@alice", community.Handle{Name: "alice"}, true},
		{"!cats@Far.Test", community.Handle{Name: "cats", Host: "far.test"}, true},
		{"acct:alice@home.test", community.Handle{Name: "alice"}, true},
		{" @alice@far.test ", community.Handle{Name: "alice", Host: "far.test"}, true},
		{"", community.Handle{}, false},
		{"@", community.Handle{}, false},
		{"alice@", community.Handle{}, false},
		{"alice@a@b", community.Handle{}, false},
		{"https://far.test/u/alice", community.Handle{}, false},
		{"two words", community.Handle{}, false},
	}
	for _, test := range tests {
		got, ok := community.ParseHandle(test.text, "home.test")
		if got != test.want || ok != test.ok {
			t.Errorf("ParseHandle(%q) = %+v, %v; want %+v, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestCheckName(t *testing.T) {
	good := []string{"ada", "Ada_99", "__", strings.Repeat("a", 30)}
	bad := []string{"", "a", "ada lovelace", "ada.l", "ädä", "аda", "ad\u200ba", "drystone", "ADMIN", strings.Repeat("a", 31), "a/b", "a@b"}
	for _, name := range good {
		if err := community.CheckName(name); err != nil {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
	for _, name := range bad {
		if err := community.CheckName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("CheckName(%q) = %v, want invalid", name, err)
		}
	}
}

func TestCheckEmail(t *testing.T) {
	for email, good := range map[string]bool{
		"": true, "ada@example.org": true, "ada": false, "Ada <ada@example.org>": false, "ada@example.org\r\nBcc: x@y.z": false,
	} {
		if err := community.CheckEmail(email); (err == nil) != good {
			t.Errorf("CheckEmail(%q) = %v", email, err)
		}
	}
}

func TestForms(t *testing.T) {
	tests := map[string]community.Form{
		"mastodon": community.Boosted, "GoToSocial": community.Boosted, "lemmy": community.Wrapped | community.Aware, "piefed": community.Wrapped | community.Extended | community.Aware,
		"nodebb": community.Wrapped | community.Extended | community.Aware | community.Contextual, "drystone": community.Wrapped | community.Extended | community.Aware,
		"": community.Wrapped | community.Boosted | community.Extended, "brandnew": community.Wrapped | community.Boosted | community.Extended,
	}
	for software, want := range tests {
		if got := community.Forms(software); got != want {
			t.Errorf("Forms(%q) = %d, want %d", software, got, want)
		}
	}
}

func TestBackoffRisesToADay(t *testing.T) {
	if community.Backoff(0) != 0 || community.Backoff(1) != time.Second {
		t.Errorf("it begins with %v, %v", community.Backoff(0), community.Backoff(1))
	}
	for n := 1; n < 100; n++ {
		if a, b := community.Backoff(n), community.Backoff(n+1); b < a || b > 24*time.Hour || a <= 0 {
			t.Fatalf("after %d failures %v, after %d %v", n, a, n+1, b)
		}
	}
}

// A path sorts below its parent and before the parent's next sibling,
// whatever the ids.
func TestPathsSortDepthFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(1, 1<<47)
		var parent []byte
		for range rapid.IntRange(0, 30).Draw(t, "depth") {
			parent = community.Path(parent, community.CommentID(id.Draw(t, "above")))
		}
		a, b := id.Draw(t, "a"), id.Draw(t, "b")
		if a == b {
			return
		}
		older, newer := community.Path(parent, community.CommentID(min(a, b))), community.Path(parent, community.CommentID(max(a, b)))
		child := community.Path(older, community.CommentID(id.Draw(t, "child")))
		if bytes.Compare(parent, older) >= 0 || bytes.Compare(older, child) >= 0 || bytes.Compare(child, newer) >= 0 {
			t.Fatalf("%x, %x, %x, %x are out of order", parent, older, child, newer)
		}
	})
}

func TestPathsFitAnIndex(t *testing.T) {
	var path []byte
	for id := range community.CommentID(3000) {
		path = community.Path(path, id+1)
	}
	if len(path) > 2600 {
		t.Errorf("a path has %d bytes; Postgres takes 2704 with the rest of the key", len(path))
	}
}

func TestCursorsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rank, id := rapid.Float64().Draw(t, "rank"), rapid.Int64Range(0, math.MaxInt64).Draw(t, "id")
		if math.IsInf(rank, 0) || math.IsNaN(rank) {
			return
		}
		gotRank, ids, ok := community.ParseCursor(community.Cursor(rank, id), 1)
		if !ok || gotRank != rank || ids[0] != id {
			t.Fatalf("%v, %d came back as %v, %v, %v", rank, id, gotRank, ids, ok)
		}
	})
}

func TestRanks(t *testing.T) {
	for score := int64(-50); score < 50; score++ {
		if community.Appeal(score) >= community.Appeal(score+1) {
			t.Errorf("a score of %d appeals as much as %d", score, score+1)
		}
	}
	young := &community.Post{Born: community.Hours(noon), Stirred: community.Hours(noon), Score: 1}
	old := &community.Post{Born: community.Hours(noon.Add(-20 * time.Hour)), Stirred: community.Hours(noon.Add(-20 * time.Hour)), Score: 40}
	young.Rank()
	old.Rank()
	if old.HotAll > young.HotAll {
		t.Error("among all groups a good post of yesterday hides a new one")
	}
	week := &community.Post{Born: community.Hours(noon.Add(-7 * 24 * time.Hour)), Score: 100_000}
	week.Rank()
	if week.HotGroup > young.HotGroup {
		t.Error("within a group a famous post of last week never goes away")
	}
}

func TestRights(t *testing.T) {
	group := &community.Actor{ID: 1, Kind: community.GroupKind}
	author, mod, stranger := &community.Actor{ID: 2}, &community.Actor{ID: 3}, &community.Actor{ID: 4}
	moderates := &community.Membership{Role: community.Moderator}
	banned := &community.Membership{Role: community.Member, BannedUntil: noon.Add(time.Hour)}
	open := &community.Post{AuthorID: 2}
	locked := &community.Post{AuthorID: 2, LockedAt: noon}
	removed := &community.Post{AuthorID: 2, RemovedAt: noon}
	deleted := &community.Post{AuthorID: 2, DeletedAt: noon}
	tests := []struct {
		name   string
		reader *community.Actor
		m      *community.Membership
		post   *community.Post
		want   community.Can
	}{
		{"signed out", nil, nil, open, community.Can{}},
		{"a stranger", stranger, nil, open, community.Can{Reply: true, Vote: true}},
		{"somebody banned", stranger, banned, open, community.Can{}},
		{"the author", author, nil, open, community.Can{Edit: true, Delete: true, Reply: true, Vote: true, Answer: true}},
		{"the author, banned", author, banned, open, community.Can{Delete: true}},
		{"the author of what was removed", author, nil, removed, community.Can{Delete: true}},
		{"the author of what is deleted", author, nil, deleted, community.Can{}},
		{"a moderator", mod, moderates, open, community.Can{
			Remove: true, Moderate: true, Lock: true, Feature: true, Mark: true, Move: true, Ban: true, Warn: true, Reply: true, Vote: true, See: true, Answer: true,
		}},
		{"a moderator of what was removed", mod, moderates, removed, community.Can{Remove: true, See: true}},
		{"a locked thread", stranger, nil, locked, community.Can{Vote: true}},
	}
	for _, test := range tests {
		if got := community.PostRights(test.reader, test.m, group, test.post, noon); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestWhatComesFromElsewhereIsCutToFit(t *testing.T) {
	p := &community.Post{Title: strings.Repeat("ü", 500), Body: "a\x00b\xff", Link: "javascript:alert(1)"}
	p.Fit()
	if n := len([]rune(p.Title)); n != community.MaxTitle {
		t.Errorf("the title has %d characters", n)
	}
	if p.Body != "ab\uFFFD" || p.Link != "" || p.Kind != community.TextPost {
		t.Errorf("it became %q, %q, %q", p.Body, p.Link, p.Kind)
	}
	empty := &community.Post{}
	if empty.Fit(); empty.Title == "" {
		t.Error("a post without a title cannot be clicked")
	}
}
