package federation_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// goToSocial is a GoToSocial server that says what a real one said: the
// bodies are as they were sent, but for the names of the hosts, and signed
// anew by alice's key, since signatures do not outlive their dates.
type goToSocial struct {
	*home
	peer   *fediverse.Peer
	other  *fediverse.Peer             // where bob moves to, which the bodies call gts2.test
	actors map[string]*fediverse.Actor // by id
	host   string                      // what the bodies call it
	post   *community.Post             // of ann, in cats
}

func newGoToSocial(t *testing.T, db *storage.DB, host string) *goToSocial {
	t.Helper()
	g := &goToSocial{
		home: newHome(t, db), peer: fediverse.NewPeer(t, "gotosocial"), other: fediverse.NewPeer(t, "gotosocial"),
		actors: map[string]*fediverse.Actor{}, host: host,
	}
	for path, kind := range map[string]string{
		"/users/alice": as.KindPerson, "/users/bob": as.KindPerson, "/users/" + host: as.KindApplication,
	} {
		a := g.peer.Actor(kind, path)
		a.KeyID = a.ID + "/main-key"    // a path without a fragment
		a.Extra["endpoints"] = nil      // no shared inbox
		a.Extra["discoverable"] = false // as it is by default
		a.Extra["name"] = "Alice of " + t.Name()
		g.actors[a.ID] = a
	}
	for _, path := range []string{"/users/alice", "/users/bob"} {
		g.other.Actor(as.KindPerson, path).Extra["alsoKnownAs"] = []string{g.peer.URL + "/users/bob"}
	}
	var err error
	if g.post, err = g.posts.Publish(t.Context(), g.ann, g.cats, posts.Draft{Title: "How are your cats?"}); err != nil {
		t.Fatal(err)
	}
	return g
}

var capturedObjects = regexp.MustCompile(`https://group\.test/(n|post)/[a-z0-9-]+`)

// translate puts the names of this test into a body.
func (g *goToSocial) translate(body []byte) []byte {
	text := capturedObjects.ReplaceAllString(string(body), g.post.IRI)
	text = strings.ReplaceAll(text, "https://group.test", g.URL)
	text = strings.ReplaceAll(text, "https://gts2.test", g.other.URL)
	return []byte(strings.ReplaceAll(text, "https://"+g.host, g.peer.URL))
}

// say delivers a body in the name of whoever it names as its actor.
func (g *goToSocial) say(body []byte) {
	g.t.Helper()
	body = g.translate(body)
	doc, err := as.Parse(g.t.Context(), body)
	if err != nil {
		g.t.Fatal(err)
	}
	actor := g.actors[doc.Actor()]
	if actor == nil {
		g.t.Fatalf("nobody is called %s", doc.Actor())
	}
	g.send(actor, body)
}

// A scene is one thing that GoToSocial says and what comes of it: file is
// ours in testdata/in/gotosocial, capture the number of the one that was
// recorded.
type scene struct {
	file, capture string
	check         func(*goToSocial)
}

var scenes = []scene{
	{"follow", "0072", func(g *goToSocial) { g.wantMember(true) }},
	{"create", "0097", func(g *goToSocial) {
		p := g.newest()
		if p.Title == "" || strings.Contains(p.Title, "@cats") || p.Language != "en" || p.Sensitive || !p.Local || p.Raw == nil {
			g.t.Errorf("the post is %+v", p)
		}
		if p.URL == "" || p.URL == p.IRI {
			g.t.Errorf("its page is %q", p.URL)
		}
	}},
	{"warning", "0100", func(g *goToSocial) {
		if p := g.newest(); !p.Sensitive || strings.HasPrefix(p.Title, "@") || !strings.HasPrefix(p.HTML, "<p><strong>") {
			g.t.Errorf("an unlisted post with a content warning is %+v", p)
		}
	}},
	{"reply", "0101", func(g *goToSocial) {
		list := g.comments()
		if len(list) != 1 || list[0].PostID != g.post.ID || list[0].Depth != 0 || !strings.Contains(list[0].HTML, "</p>") {
			g.t.Errorf("the answer is %+v", list)
		}
	}},
	{"like", "0105", func(g *goToSocial) { g.wantVote(1) }},
	{"like", "0105", func(g *goToSocial) { g.wantVote(1) }}, // again
	{"undo-like", "0106", func(g *goToSocial) { g.wantVote(0) }},
	{"boost", "0107", func(g *goToSocial) { g.dropped("kind=Announce", "boosts by people") }},
	{"undo-boost", "0108", func(g *goToSocial) { g.dropped("kind=Undo", "Announce") }},
	{"flag", "0109", func(g *goToSocial) { g.wantReport(g.post.AuthorID, g.post.ID, community.ToModerators) }},
	{"block", "0110", func(g *goToSocial) { g.wantMember(true) }},
	{"undo-block", "0111", func(g *goToSocial) { g.wantMember(true) }},
	{"flag-one", "0112", func(g *goToSocial) { g.wantReport(g.cats.ID, 0, community.ToAdmins) }},
	{"update", "0113", func(g *goToSocial) {
		if p := g.feed(g.cats)[1]; p.EditedAt.IsZero() || !strings.Contains(p.Title, "edited") && !strings.Contains(p.Title, "midnight") {
			g.t.Errorf("the edited post is %+v", p)
		}
	}},
	{"question", "0114", func(g *goToSocial) {
		p := g.newest()
		if !strings.Contains(p.IRI, "/statuses/") || p.Title == "" || p.HTML == "" || p.Kind != community.PollPost {
			g.t.Errorf("a poll is %+v", p)
		}
		if poll, err := g.db.Poll(g.t.Context(), p.ID); err != nil || len(poll.Options) != 2 || poll.ClosesAt.IsZero() || poll.Multiple {
			g.t.Errorf("it asks %+v, %v", poll, err)
		}
	}},
	{"direct", "0115", func(g *goToSocial) { g.dropped("kind=Create", "is not public") }},
	{"image", "0116", func(g *goToSocial) {
		if p := g.newest(); p.Kind != community.ImagePost || p.Link != "" {
			g.t.Errorf("a post with a picture is %+v", p)
		}
	}},
	{"delete", "0126", func(g *goToSocial) {
		if p := g.feed(g.cats)[2]; p.DeletedAt.IsZero() || p.HTML != "" || p.Raw != nil {
			g.t.Errorf("the deleted post is %+v", p)
		}
	}},
	{"undo-follow", "0127", func(g *goToSocial) { g.wantMember(false) }},
	{"accept", "0152", func(g *goToSocial) { g.dropped("kind=Accept", "did not ask to follow") }},
	{"move", "0153", func(g *goToSocial) {
		if bob := g.actorBy(g.peer.URL + "/users/bob"); !strings.HasPrefix(bob.MovedTo, g.other.URL+"/users/") {
			g.t.Errorf("bob moved to %q", bob.MovedTo)
		}
	}},
	{"delete-actor", "0155", func(g *goToSocial) {
		bob, err := g.db.ActorByIRI(g.t.Context(), g.peer.URL+"/users/bob")
		if err != nil || !bob.Gone() {
			g.t.Errorf("bob is still here: %+v, %v", bob, err)
		}
	}},
}

func (g *goToSocial) newest() *community.Post {
	list := g.feed(g.cats)
	return list[len(list)-1]
}

func (g *goToSocial) alice() *community.Actor {
	g.t.Helper()
	a, err := g.db.ActorByIRI(g.t.Context(), g.peer.URL+"/users/alice")
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

func (g *goToSocial) wantMember(want bool) {
	g.t.Helper()
	m, err := g.db.Membership(g.t.Context(), g.cats.ID, g.alice().ID)
	if err != nil || m.Follows() != want {
		g.t.Errorf("alice follows: %v (%v), want %v", m.Follows(), err, want)
	}
	peers, err := g.db.Listeners(g.t.Context(), g.cats.ID)
	if err != nil || (len(peers) == 1) != want {
		g.t.Errorf("the group is heard on %v (%v)", peers, err)
	}
	if !want {
		return
	}
	if peer, err := g.db.Peer(g.t.Context(), peers[0].PeerID); err != nil || peer.Software != "gotosocial" || peer.Forms() != community.Boosted {
		g.t.Errorf("the peer is %+v (%v)", peer, err)
	}
}

func (g *goToSocial) wantVote(want int) {
	g.t.Helper()
	votes, err := g.db.VotesBy(g.t.Context(), g.alice().ID, community.SubjectPost, []int64{int64(g.post.ID)})
	if err != nil || votes[int64(g.post.ID)] != want {
		g.t.Errorf("alice's vote is %v (%v), want %d", votes, err, want)
	}
}

// TestGoToSocial plays what a GoToSocial says, in bodies of our own.
func TestGoToSocial(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		g := newGoToSocial(t, db, "gts.test")
		for _, scene := range scenes {
			body, err := os.ReadFile(filepath.Join("testdata/in/gotosocial", scene.file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			g.say(body)
			scene.check(g)
		}
	})
}

const capturesDir = "../../shared/captures/gotosocial"

// TestGoToSocialCaptures plays what a real GoToSocial said.
func TestGoToSocialCaptures(t *testing.T) {
	if _, err := os.Stat(capturesDir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the captures are absent")
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		g := newGoToSocial(t, db, "gts1.test")
		for _, scene := range scenes {
			g.say(capture(t, scene.capture))
			scene.check(g)
		}
	})
}

// capture returns the body of a recorded request, byte for byte.
func capture(t *testing.T, number string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(capturesDir, number+"-POST-*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("capture %s: %v, %v", number, files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Body string }
	if err := json.Unmarshal(content, &recorded); err != nil {
		t.Fatal(err)
	}
	return []byte(recorded.Body)
}

// wantReport wants the newest report to be about a post of target's, or about
// target (0).
func (g *goToSocial) wantReport(target community.ActorID, post community.PostID, scope community.ReportScope) {
	g.t.Helper()
	list := g.reported()
	if len(list) == 0 {
		g.t.Fatalf("nothing was reported; the log is:\n%v", g.log.lines)
	}
	r := list[len(list)-1]
	by, err := g.db.Actor(g.t.Context(), r.ReporterID)
	if err != nil || by.Kind != community.Application {
		g.t.Errorf("it was reported by %+v (%v)", by, err)
	}
	if r.TargetID != target || r.PostID != post || r.Scope != scope || r.Reason == "" || !r.Open() {
		g.t.Errorf("the report is %+v", r)
	}
}
