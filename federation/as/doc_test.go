package as

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLemmyAnnounce(t *testing.T) {
	announce := parseFile(t, "lemmy_announce_create_page.json")
	create, ok := announce.Embedded("object")
	if !ok || announce.Kind() != KindAnnounce || create.Kind() != KindCreate {
		t.Fatalf("%s of %s", announce.Kind(), create.Kind())
	}
	page, _ := create.Embedded("object")
	got := map[string]any{
		"actor": announce.Actor(), "inner actor": create.Actor(), "kind": page.Kind(), "id": page.ID(),
		"name": page.Text("name"), "source": first(page.Embedded("source")).Text("content"),
		"link": page.Ref("attachment"), "public": page.IsPublic(), "audience": page.Audience(),
		"language": page.Language(), "published": page.Time("published"), "has summary": page.Has("summary"),
	}
	want := map[string]any{
		"actor": "https://orchard.test/c/garden", "inner actor": "https://orchard.test/u/mira",
		"kind": "Page", "id": "https://orchard.test/post/7", "name": "PSA: water early", "source": "Before nine.",
		"link": "https://leaf.test/water", "public": true, "audience": []string{"https://orchard.test/c/garden"},
		"language": "en", "published": time.Date(2026, 6, 1, 6, 30, 0, 123456000, time.UTC), "has summary": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page differs (-want +got):\n%s", diff)
	}
}

func first(doc Doc, _ bool) Doc { return doc }

func TestMastodonCreate(t *testing.T) {
	create := parseFile(t, "mastodon_create_note.json")
	note, _ := create.Embedded("object")
	sensitive, ok := note.Bool("sensitive")
	image := note.Embeddeds("attachment")[0]
	width, _ := image.Int("width")
	got := []any{
		note.Text("content"), note.Language(), note.Has("summary"), note.Ref("inReplyTo"), sensitive, ok,
		note.Mentions(), note.Audience(), image.Ref("url"), width, note.Ref("replies"),
	}
	want := []any{
		"<p>note: my tomatoes</p>", "nl", false, "", true, true,
		[]string{"https://ex.test/c/garden"},
		[]string{"https://herd.test/users/noor/followers", "https://ex.test/c/garden"},
		"https://files.herd.test/1.jpg", int64(1200), "https://herd.test/users/noor/statuses/11/replies",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the note differs (-want +got):\n%s", diff)
	}
}

func TestOddities(t *testing.T) {
	flag := parseFile(t, "gotosocial_flag.json")
	if got := flag.Refs("object"); !cmp.Equal(got, []string{"https://ex.test/u/bo"}) || flag.IsPublic() {
		t.Errorf("GoToSocial's compacted object = %v", got)
	}
	article := parseFile(t, "nodebb_create_article.json")
	if got := article.Refs("cc"); !cmp.Equal(got, []string{"https://board.test/uid/2/followers"}) {
		t.Errorf("NodeBB's cc = %v", got)
	}
	video := parseFile(t, "peertube_video.json")
	want := []string{"https://tube.test/accounts/jo", "https://tube.test/video-channels/graft"}
	if got := video.Refs("attributedTo"); !cmp.Equal(got, want) {
		t.Errorf("PeerTube's attributedTo = %v", got)
	}
	if got := video.Refs("url"); len(got) != 2 || got[0] != "https://tube.test/w/9" {
		t.Errorf("PeerTube's url = %v", got)
	}
	if got := video.Time("published"); !got.Equal(time.Date(2026, 5, 30, 8, 0, 0, 0, time.UTC)) || got.Location() != time.UTC {
		t.Errorf("PeerTube's published = %v", got)
	}
	if lock := parseFile(t, "piefed_lock.json"); !lock.Has("summary") || lock.Text("summary") != "" || !Known(lock.Kind()) {
		t.Errorf("PieFed's Lock = %s", lock.Bytes())
	}
	person := parseFile(t, "friendica_person.json")
	if got := first(person.Embedded("endpoints")).Ref("sharedInbox"); got != "https://friends.test/inbox" {
		t.Errorf("Friendica's shared inbox = %q", got)
	}
	if got := parseFile(t, "pleroma_chat_message.json").Time("published"); got.Hour() != 9 {
		t.Errorf("Pleroma's time without a zone = %v", got)
	}
}

func TestKind(t *testing.T) {
	for value, want := range map[string]string{
		`"Note"`: "Note", `["Foo","Note","Page"]`: "Note", `["Foo","Bar"]`: "Foo", `"as:Note"`: "Note",
		`"https://www.w3.org/ns/activitystreams#Note"`: "Note", `5`: "", `[]`: "", `{"a":1}`: "", `null`: "",
	} {
		if got := parse(t, `{"type":`+value+`}`).Kind(); got != want {
			t.Errorf("Kind of %s = %q, want %q", value, got, want)
		}
	}
	if !IsActor(KindGroup) || IsActor(KindNote) || Known("Foo") || Known("") {
		t.Error("IsActor or Known")
	}
}

func TestRefs(t *testing.T) {
	tests := []struct {
		name, value string
		refs        []string
		embedded    string // id of what Embedded gives
	}{
		{"a string", `"https://a.test/1"`, []string{"https://a.test/1"}, ""},
		{"an object", `{"id":"https://a.test/1"}`, []string{"https://a.test/1"}, "https://a.test/1"},
		{"one in an array", `[{"id":"https://a.test/1"}]`, []string{"https://a.test/1"}, "https://a.test/1"},
		{"a link", `{"type":"Link","href":"https://a.test/1"}`, []string{"https://a.test/1"}, ""},
		{"two kinds", `["https://a.test/1",{"id":"https://b.test/2"}]`, []string{"https://a.test/1", "https://b.test/2"}, ""},
		{"numbers before an object", `[2,null,{"id":"https://b.test/2"}]`, []string{"https://b.test/2"}, ""},
		{"a number", `1`, nil, ""},
		{"a boolean", `true`, nil, ""},
		{"a number as id", `{"id":1}`, nil, ""},
		{"null", `null`, nil, ""},
		{"nothing", `[]`, nil, ""},
		{"arrays in arrays", `[["https://a.test/1"]]`, nil, ""},
		{"a space", `"https://a.test/ 1"`, nil, ""},
		{"a control character", `"https://a.test/\u0000"`, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := parse(t, `{"object":`+test.value+`}`)
			if diff := cmp.Diff(test.refs, doc.Refs("object")); diff != "" {
				t.Errorf("Refs differ (-want +got):\n%s", diff)
			}
			embedded, ok := doc.Embedded("object")
			if embedded.ID() != test.embedded || (ok && doc.Ref("object") != embedded.ID() && embedded.ID() != "") {
				t.Errorf("Embedded = %q, Ref = %q", embedded.ID(), doc.Ref("object"))
			}
		})
	}
}

func TestText(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"a string", `{"name":"a"}`, "a"},
		{"not a URL", `{"name":"PSA: a"}`, "PSA: a"},
		{"an object", `{"name":{"@value":"a","@language":"en"}}`, "a"},
		{"an array", `{"name":[{"@value":"a"},"b"]}`, "a"},
		{"the map", `{"nameMap":{"de":"a","en":"b"}}`, "a"},
		{"the map in the document's language", `{"language":"en","nameMap":{"de":"a","en":"b"}}`, "b"},
		{"beside the map", `{"name":"c","nameMap":{"de":"a"}}`, "c"},
		{"a number", `{"name":5}`, ""},
		{"an object of something", `{"name":{"en":"a"}}`, ""},
		{"NUL", `{"name":"a\u0000b"}`, "ab"},
		{"markup", `{"name":"<b>&amp;\u2028"}`, "<b>&amp;\u2028"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := parse(t, test.body).Text("name"); got != test.want {
				t.Errorf("Text = %q, want %q", got, test.want)
			}
		})
	}
}

func TestScalars(t *testing.T) {
	doc := parse(t, `{"yes":true,"no":[false],"word":"true","big":12345678901234567,"float":3.0,"half":1.5,
		"value":{"@value":"7"},"huge":1e400,"day":"2026-01-02","bad":"yesterday","zero":"0000-01-01T00:00:00Z","list":[1,2]}`)
	for key, want := range map[string][2]bool{"yes": {true, true}, "no": {false, true}, "word": {true, true}, "big": {}, "none": {}} {
		if value, ok := doc.Bool(key); value != want[0] || ok != want[1] {
			t.Errorf("Bool(%s) = %v, %v", key, value, ok)
		}
	}
	for key, want := range map[string]int64{"big": 12345678901234567, "float": 3, "value": 7} {
		if value, ok := doc.Int(key); value != want || !ok {
			t.Errorf("Int(%s) = %d, %v", key, value, ok)
		}
	}
	for _, key := range []string{"half", "huge", "yes", "none", "list"} {
		if value, ok := doc.Int(key); ok {
			t.Errorf("Int(%s) = %d", key, value)
		}
	}
	if got := doc.Time("day"); !got.Equal(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("Time(day) = %v", got)
	}
	if !doc.Time("bad").IsZero() || !doc.Time("zero").IsZero() || !doc.Time("none").IsZero() || !doc.Time("big").IsZero() {
		t.Error("a time out of nothing")
	}
}

func TestIsPublic(t *testing.T) {
	for body, want := range map[string]bool{
		`{"to":"https://www.w3.org/ns/activitystreams#Public"}`: true,
		`{"cc":["x","as:Public"]}`:                              true,
		`{"to":["Public"]}`:                                     true,
		`{"to":[{"id":"as:Public"}]}`:                           true,
		`{"audience":"as:Public"}`:                              false,
		`{"to":["https://a.test/followers"]}`:                   false,
		`{}`:                                                    false,
	} {
		if got := parse(t, body).IsPublic(); got != want {
			t.Errorf("IsPublic of %s = %v", body, got)
		}
	}
}

// TestZeroDoc: whoever forgets to look whether there is something gets
// nothing, and no panic.
func TestZeroDoc(t *testing.T) {
	var doc Doc
	_, ok := doc.Embedded("object")
	if !doc.IsZero() || ok || doc.Kind() != "" || doc.ID() != "" || doc.Text("name") != "" || doc.IsPublic() ||
		doc.Audience() != nil || doc.Language() != "" || doc.Type(t.Context()) != nil || doc.RawOf("a") != nil {
		t.Error("the zero Doc is not empty")
	}
}

func TestType(t *testing.T) {
	for file, want := range map[string]string{
		"lemmy_announce_create_page.json": "Announce", "mastodon_create_note.json": "Create",
		"gotosocial_flag.json": "Flag", "nodebb_create_article.json": "Create", "peertube_video.json": "Video",
		"friendica_person.json": "Person", "piefed_lock.json": "", "pleroma_chat_message.json": "",
	} {
		got := ""
		if typed := parseFile(t, file).Type(t.Context()); typed != nil {
			got = typed.GetTypeName()
		}
		if got != want {
			t.Errorf("Type of %s = %q, want %q", file, got, want)
		}
	}
}

// TestTypeCost: go-fed is slow with many objects, and is not given them.
func TestTypeCost(t *testing.T) {
	view := `{"type":"View","object":{"type":"View","object":{"type":"View"}}},`
	doc := parse(t, `{"type":"View","object":[`+strings.TrimSuffix(strings.Repeat(view, 999), ",")+`]}`)
	if typed := doc.Type(t.Context()); typed != nil {
		t.Errorf("Type = %v", typed)
	}
}

// TestConcurrentUse is for the race detector: one Doc, read and typed by many.
func TestConcurrentUse(t *testing.T) {
	doc := parseFile(t, "mastodon_create_note.json")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			typed := doc.Type(t.Context())
			if _, err := typed.Serialize(); err != nil || doc.Kind() != KindCreate || len(doc.Audience()) == 0 {
				t.Errorf("Serialize = %v", err)
			}
		})
	}
	wait.Wait()
}
