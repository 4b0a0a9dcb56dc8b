package as

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

var (
	morning = time.Date(2026, 6, 1, 8, 30, 0, 123456789, time.FixedZone("CEST", 2*60*60))
	evening = morning.Add(12 * time.Hour)
)

// A marshaler is what all builders are.
type marshaler interface{ Marshal() ([]byte, error) }

func actor(kind string) Actor {
	base := "https://ex.test/" + kind
	return Actor{
		ID: base, PreferredUsername: "garden", WebFinger: "garden@ex.test", Name: "PSA: the garden", URL: base,
		Summary: "<p>Plants & people</p>", Source: &Source{Content: "Plants & people"},
		Inbox: base + "/inbox", Outbox: base + "/outbox", Followers: base + "/followers",
		Featured: base + "/featured", SharedInbox: "https://ex.test/inbox",
		PublicKeyPEM: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		Icon:         &Image{URL: "https://ex.test/media/1.webp", MediaType: "image/webp"},
		Discoverable: true, Indexable: true, Published: morning, Updated: evening,
	}
}

func post() Post {
	return Post{
		ID: "https://ex.test/post/1", AttributedTo: "https://ex.test/u/ada",
		To: []string{"https://ex.test/c/garden", Public}, CC: []string{"https://ex.test/u/ada/followers"},
		Audience: "https://ex.test/c/garden", Name: "note: tomatoes", Content: "<p>They are <b>red</b>.</p>",
		Summary: "They are red.", Source: &Source{Content: "They are **red**."},
		URL: "https://ex.test/post/1", Link: "https://leaf.test/a|b?c=d", Language: Language{"en", "English"},
		Context: "https://ex.test/post/1/context", Replies: "https://ex.test/post/1/replies",
		Tag:       []Tag{{Type: KindMention, Href: "https://herd.test/users/noor", Name: "@noor@herd.test"}},
		Published: morning, Updated: evening,
	}
}

func activity() Activity {
	return Activity{
		ID: "https://ex.test/activities/1", Actor: "https://ex.test/c/garden", Object: ObjectID("https://ex.test/post/1"),
		To: []string{Public}, CC: []string{"https://ex.test/c/garden/followers"}, Published: morning,
	}
}

// built are the documents of the golden files.
func built() map[string]marshaler {
	group := Group{
		Actor: actor("c/garden"), Moderators: "https://ex.test/c/garden/moderators", Languages: []Language{{"en", "English"}},
	}
	group.Tag = []Tag{{Type: KindCommunityPostTag, ID: "https://ex.test/c/garden/tag/news", Name: "News", PreferredUsername: "news"}}
	person := Person{Actor: actor("u/ada")}
	person.AcceptsMessages = 3
	person.Following, person.Fields = "https://ex.test/u/ada/following", []PropertyValue{{"Web", "<a href=\"https://ada.test\">ada.test</a>"}}
	note := post()
	note.ID, note.InReplyTo, note.Name, note.Link, note.Summary = "https://ex.test/comment/2", "https://herd.test/users/noor/statuses/11", "", "", ""
	note.Attachment = []Attachment{{Type: KindImage, URL: "https://ex.test/media/2.webp", MediaType: "image/webp", Width: 3, Height: 2}}
	block := activity()
	block.Target, block.Summary, block.RemoveData, block.Ends = "https://ex.test/c/garden", new("spam"), true, evening
	announce := activity()
	announce.Object = json.RawMessage("{ \"@context\": \"https://herd.test/ctx\",\n  \"n\": 1.50, \"html\":\"<&>\" }")
	removal := activity()
	removal.Summary = new("")
	report := activity()
	report.Object, report.Content, report.Summary = ObjectIDs("https://herd.test/users/noor"), "spam", new("spam")
	return map[string]marshaler{
		"group": group, "person": person, "application": Application{actor("actor")},
		"bot":  Person{Actor: Actor{ID: "https://ex.test/u/bot", PreferredUsername: "bot", Inbox: "https://ex.test/u/bot/inbox"}, Bot: true},
		"page": Page(post()), "note": Note(note), "tombstone": Tombstone{"https://ex.test/post/1", KindPage, evening},
		"announce": Announce(announce), "block": Block(block), "delete": Delete(removal), "flag": Flag(report), "lock": Lock(activity()),
		"collection": OrderedCollection{ID: "https://ex.test/c/garden/moderators", Items: []json.RawMessage{ObjectID("https://ex.test/u/ada")}},
		"count":      OrderedCollection{ID: "https://ex.test/c/garden/followers", Total: 12},
		"empty":      OrderedCollection{ID: "https://ex.test/c/garden/featured", Items: []json.RawMessage{}},
	}
}

func TestGolden(t *testing.T) {
	for name, document := range built() {
		t.Run(name, func(t *testing.T) {
			got, err := document.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "out", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got); -update writes it:\n%s", file, diff)
			}
			if _, err := Parse(t.Context(), got); err != nil {
				t.Errorf("we would refuse it ourselves: %v", err)
			}
		})
	}
}

// TestVerbatim: an embedded object keeps its bytes, spaces, numbers and
// context.
func TestVerbatim(t *testing.T) {
	inner := json.RawMessage("{\"@context\" : {\"x\":\"y:z\"},\r\n \"n\": 1.50e2, \"s\":\"\\u00e9<&>\" }")
	out, err := Announce{ID: "https://ex.test/1", Actor: "https://ex.test/c", Object: inner}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if got := parse(t, string(out)).RawOf("object"); !bytes.Equal(got, inner) {
		t.Errorf("object = %s", got)
	}
}

// TestReadBack reads what we write with what we read peers with.
func TestReadBack(t *testing.T) {
	out, err := Page(post()).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(t, string(out))
	typed := doc.Type(t.Context())
	if typed == nil || typed.GetTypeName() != KindPage {
		t.Errorf("go-fed reads it as %v", typed)
	}
	got := []any{
		doc.Kind(), doc.ID(), doc.Text("name"), doc.Text("content"), doc.Refs("to"), doc.Ref("attachment"),
		doc.Language(), doc.Time("published"), doc.Mentions(), string(doc.RawOf("cc")), string(doc.RawOf("published")),
	}
	want := []any{
		"Page", "https://ex.test/post/1", "note: tomatoes", "<p>They are <b>red</b>.</p>",
		[]string{"https://ex.test/c/garden", Public},
		"https://leaf.test/a|b?c=d", "en",
		time.Date(2026, 6, 1, 6, 30, 0, 0, time.UTC),
		[]string{"https://herd.test/users/noor"},
		`["https://ex.test/u/ada/followers"]`, `"2026-06-01T06:30:00Z"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// TestActivities: every type writes its own name.
func TestActivities(t *testing.T) {
	a := activity()
	for want, document := range map[string]marshaler{
		KindAccept: Accept(a), KindAdd: Add(a), KindAnnounce: Announce(a), KindBlock: Block(a), KindCreate: Create(a),
		KindDelete: Delete(a), KindDislike: Dislike(a), KindFlag: Flag(a), KindFollow: Follow(a), KindLike: Like(a),
		KindLock: Lock(a), KindReject: Reject(a), KindRemove: Remove(a), KindResolve: Resolve(a), KindWarn: Warn(a), KindUndo: Undo(a), KindUpdate: Update(a),
	} {
		out, err := document.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if doc := parse(t, string(out)); doc.Kind() != want || doc.Actor() != a.Actor || doc.Ref("object") != "https://ex.test/post/1" {
			t.Errorf("%s = %s", want, out)
		}
	}
}

func TestLikeHasNoAddressees(t *testing.T) {
	out, err := Like{ID: "https://ex.test/1", Actor: "https://ex.test/u/a", Object: ObjectID("https://b.test/1"), Audience: "https://b.test/c"}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if doc := parse(t, string(out)); doc.Has("to") || doc.Has("cc") || doc.Ref("audience") != "https://b.test/c" {
		t.Errorf("Like = %s", out)
	}
}

// TestExactIDs: ids are compared byte by byte, so they are sent as they came.
func TestExactIDs(t *testing.T) {
	for _, id := range []string{
		"https://b.test/n/https%3A%2F%2Fa.test%2F1", "https://b.test/%e4", "https://B.test/A", "https://b.test/a|b", "https://bücher.test/ä",
	} {
		out, err := Like{ID: "https://ex.test/1", Actor: id, Object: ObjectID(id), To: []string{id}}.Marshal()
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		doc := parse(t, string(out))
		if doc.Actor() != id || doc.Ref("object") != id || doc.Ref("to") != id {
			t.Errorf("%s was sent as %s", id, out)
		}
	}
}

func TestCannotBeBuilt(t *testing.T) {
	withReply := post()
	withReply.InReplyTo = "https://a.test/1"
	for name, document := range map[string]marshaler{
		"a page in reply":   Page(withReply),
		"no object":         Create{ID: "https://a.test/1"},
		"broken JSON":       Create{ID: "https://a.test/1", Object: json.RawMessage(`{"a":`)},
		"a relative actor":  Follow{ID: "https://a.test/1", Actor: "ada", Object: ObjectID("x:y")},
		"a broken id":       Tombstone{ID: "https://a.test/%zz"},
		"an id in to":       Like{ID: "https://a.test/1", To: []string{""}, Object: ObjectID("x:y")},
		"a broken item":     OrderedCollection{ID: "https://a.test/1", Items: []json.RawMessage{nil}},
		"an actor's broken": Group{Actor: Actor{ID: "https://a.test/c", Inbox: "inbox"}},
	} {
		if out, err := document.Marshal(); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
}

func TestWithoutContext(t *testing.T) {
	page, err := Page(post()).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	bare := WithoutContext(page)
	doc, full := parse(t, string(bare)), parse(t, string(page))
	if doc.Has("@context") || len(doc.fields) != len(full.fields)-1 || !bytes.Equal(doc.RawOf("tag"), full.RawOf("tag")) {
		t.Errorf("WithoutContext = %s", bare)
	}
}

// TestFullOutbox: the largest thing we write is within what we read.
func TestFullOutbox(t *testing.T) {
	page, err := Page(post()).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	create, err := Create{ID: "https://ex.test/a/1", Actor: "https://ex.test/u/ada", Object: WithoutContext(page), To: []string{Public}, CC: []string{}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var items []json.RawMessage
	for range 50 {
		announce, err := Announce{ID: "https://ex.test/a/2", Actor: "https://ex.test/c/garden", Object: create, To: []string{Public}, CC: []string{}}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, WithoutContext(announce))
	}
	outbox, err := OrderedCollection{ID: "https://ex.test/c/garden/outbox", Items: items}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if doc := parse(t, string(outbox)); len(doc.Embeddeds("orderedItems")) != 50 {
		t.Error("the outbox lost items")
	}
}

// TestConcurrentBuilds is for the race detector, and for determinism.
func TestConcurrentBuilds(t *testing.T) {
	documents := built()
	want, err := documents["page"].Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for name, document := range documents {
				out, err := document.Marshal()
				if err != nil || (name == "page" && !bytes.Equal(out, want)) {
					t.Errorf("%s = %s, %v", name, out, err)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkParse(b *testing.B) {
	body, err := os.ReadFile("testdata/mastodon_create_note.json")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(b.Context(), body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("type", func(b *testing.B) {
		doc := parse(b, string(body))
		for b.Loop() {
			doc.Type(b.Context())
		}
	})
}
