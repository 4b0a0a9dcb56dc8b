package federation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/community/markup"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/messages"
	"drystone/service/reports"
	"drystone/storage"
)

var update = flag.Bool("update", false, "write the goldens anew")

// noon is when everything in these tests happens.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// The world of what goes out: this server is home.test, with alice and bob,
// and alice's groups garden and meadow. lena, who lives on a Lemmy, and mia, on a
// Mastodon, follow the garden; mia follows alice too. cats is a group on that
// Lemmy; nico lives on a third server.
const (
	aliceID community.ActorID = iota + 101 // the instance gets the first
	bobID
	gardenID
	lenaID
	miaID
	catsID
	nicoID
	catsModID
	robotID
	goneID
	petsID
	meadowID
)

const (
	lemmyID community.PeerID = iota + 1
	mastoID
	nodebbID
)

const testPEM = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0000\n-----END PUBLIC KEY-----\n"

// ownTestActor is an actor of home.test.
func ownTestActor(id community.ActorID, kind community.ActorKind, path, name, title string) *community.Actor {
	iri := "https://home.test/" + path + "/" + name
	return &community.Actor{
		ID: id, Kind: kind, Name: name, Fold: community.FoldName(name), IRI: iri, URL: iri, Title: title, KeyID: iri + "#main-key",
		PublicKey: testPEM, Discoverable: true, Indexable: true, CreatedAt: noon.AddDate(0, -1, 0), UpdatedAt: noon.AddDate(0, 0, -1),
	}
}

// otherTestActor is an actor of another server.
func otherTestActor(id community.ActorID, kind community.ActorKind, peer community.PeerID, iri, name string) *community.Actor {
	host := strings.Split(iri, "/")[2]
	return &community.Actor{
		ID: id, Kind: kind, Name: name, Fold: name, Host: host, IRI: iri, PeerID: peer, Inbox: iri + "/inbox",
		SharedInbox: "https://" + host + "/inbox", Followers: iri + "/followers", CreatedAt: noon, UpdatedAt: noon, FetchedAt: noon,
	}
}

// outWorld fills a database and returns the server that speaks for it.
func outWorld(t testing.TB, db *storage.DB) *Server {
	t.Helper()
	testdb.Add(t, db,
		&community.Peer{ID: lemmyID, Host: "lemmy.test", Software: "lemmy", CreatedAt: noon},
		&community.Peer{ID: mastoID, Host: "masto.test", Software: "mastodon", CreatedAt: noon},
		&community.Peer{ID: nodebbID, Host: "forum.test", Software: "nodebb", CreatedAt: noon},
	)
	alice := ownTestActor(aliceID, community.Person, "u", "alice", "Alice")
	alice.Summary, alice.SummaryHTML = "Grows *things*.", markup.Render("Grows *things*.")
	alice.Icon = "https://home.test/media/alice.jpg"
	alice.Image = "https://home.test/media/wall.jpg"
	garden := ownTestActor(gardenID, community.GroupKind, "c", "garden", "The Garden")
	garden.Summary, garden.SummaryHTML = "Ask @bob.", markup.Render("Ask @bob.")
	garden.MemberCount, garden.PostCount = 4, 2
	bob := ownTestActor(bobID, community.Person, "u", "bob", "")
	robot := ownTestActor(robotID, community.Service, "u", "robot", "Robot")
	left := ownTestActor(goneID, community.Person, "u", "left", "")
	left.DeletedAt = noon
	meadow := ownTestActor(meadowID, community.GroupKind, "c", "meadow", "The Meadow")
	testdb.Add(t, db, alice, bob, garden, robot, left, meadow,
		otherTestActor(lenaID, community.Person, lemmyID, "https://lemmy.test/u/lena", "lena"),
		otherTestActor(miaID, community.Person, mastoID, "https://masto.test/users/mia", "mia"),
		otherTestActor(catsID, community.GroupKind, lemmyID, "https://lemmy.test/c/cats", "cats"),
		otherTestActor(nicoID, community.Person, nodebbID, "https://forum.test/uid/7", "nico"),
		otherTestActor(catsModID, community.Person, lemmyID, "https://lemmy.test/u/mod", "mod"),
	)
	pets := otherTestActor(petsID, community.FeedKind, lemmyID, "https://lemmy.test/m/pets", "pets")
	pets.Inbox, pets.SharedInbox, pets.Followers = "https://lemmy.test/inbox", "", ""
	testdb.Add(t, db, pets)
	home, _ := markup.Line("https://alice.example/")
	testdb.Add(t, db,
		&community.ProfileField{ActorID: aliceID, Place: 0, Name: "Web", Value: "https://alice.example/", HTML: home, Link: "https://alice.example/"},
		&community.ProfileField{ActorID: aliceID, Place: 1, Name: "City", Value: "Ghent & around", HTML: "Ghent &amp; around"},
	)
	follow := func(group, actor community.ActorID, role community.Role) {
		testdb.Add(t, db, &community.Membership{GroupID: group, ActorID: actor, Role: role, State: community.Accepted, CreatedAt: noon})
	}
	follow(gardenID, aliceID, community.Owner)
	follow(gardenID, bobID, community.Member)
	follow(gardenID, lenaID, community.Member)
	follow(gardenID, miaID, community.Member)
	follow(catsID, aliceID, community.Moderator)
	testdb.Add(t, db, &community.Follow{FollowerID: miaID, TargetID: aliceID, State: community.Accepted, CreatedAt: noon})
	for _, audience := range []struct {
		actor community.ActorID
		peer  community.PeerID
	}{{gardenID, lemmyID}, {gardenID, mastoID}, {aliceID, mastoID}} {
		if err := db.AddAudience(t.Context(), audience.actor, audience.peer); err != nil {
			t.Fatal(err)
		}
	}
	return outServer(t, db)
}

// testSeed is the seed of the Ed25519 key of each of our actors.
func testSeed(actor string) []byte {
	sum := sha256.Sum256([]byte(actor))
	return sum[:]
}

// counted makes ids in order, so that examples, which have proofs, are the
// same every time.
func counted() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n.Add(1)) }
}

func outServer(t testing.TB, db *storage.DB) *Server {
	t.Helper()
	now := func() time.Time { return noon }
	who, err := accounts.New(accounts.Options{
		DB: db, Origin: "https://home.test", Host: "home.test", Name: "Home", Now: now,
		NewKey: func() (string, string, error) { return "private", testPEM, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{
		DB: db, Accounts: who, Reports: &reports.Service{DB: db, Origin: "https://home.test", Now: now}, Messages: &messages.Service{DB: db, Origin: "https://home.test", Now: now}, Blocks: &blocks.Service{DB: db, Host: "home.test", Now: now},
		Origin: "https://home.test", Host: "home.test", Name: "Home", Version: "1.2.3", Open: func(context.Context) (bool, error) { return true, nil },
		Log: slog.New(slog.DiscardHandler), Now: now, Seed: testSeed, NewID: counted(),
	})
}

// addTestPost stores a post, by whomever, in whichever group.
func addTestPost(t testing.TB, db *storage.DB, post community.Post) {
	t.Helper()
	post.Local, post.CreatedAt, post.ArrivedAt = post.GroupID == gardenID, noon, noon
	if post.Kind == "" {
		post.Kind = community.TextPost
	}
	if post.IRI == "" {
		post.IRI = fmt.Sprintf("https://home.test/post/%d", post.ID)
	}
	if post.HTML == "" {
		post.HTML = markup.Render(post.Body)
	}
	testdb.Add(t, db, &post)
}

// addTestComment stores a comment.
func addTestComment(t testing.TB, db *storage.DB, c community.Comment) {
	t.Helper()
	c.CreatedAt, c.ArrivedAt, c.TopID, c.Path = noon, noon, c.ID, community.Path(nil, c.ID)
	if c.ParentID != 0 {
		c.TopID, c.Depth, c.Path = c.ParentID, 1, community.Path(community.Path(nil, c.ParentID), c.ID)
	}
	if c.IRI == "" {
		c.IRI = fmt.Sprintf("https://home.test/comment/%d", c.ID)
	}
	if c.HTML == "" {
		c.HTML = markup.Render(c.Body)
	}
	testdb.Add(t, db, &c)
}

// tell gives facts to the reader and returns what it appended to the log.
func tell(t testing.TB, s *Server, facts ...community.Fact) []*community.Activity {
	t.Helper()
	before, err := s.DB.ActivityHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	facts = slices.Clone(facts) // tests of both databases tell the same
	for i := range facts {
		facts[i].ID = community.FactID(i + 1)
		if facts[i].At.IsZero() {
			facts[i].At = noon
		}
	}
	err = s.DB.InTx(t.Context(), func(tx *storage.DB) error { return s.outbox(t.Context(), tx, facts) })
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.DB.ActivitiesAfter(t.Context(), before, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// describe writes a row of the log as "Kind by name to whom", with "private"
// if its id answers nobody.
func describe(t testing.TB, s *Server, a *community.Activity) string {
	t.Helper()
	actors, err := s.DB.Actors(context.Background(), []community.ActorID{a.ActorID, a.Audience})
	if err != nil {
		t.Fatal(err)
	}
	to := "nobody"
	switch {
	case a.PeerID != 0:
		to = a.Inbox
	case a.Audience == community.Everybody:
		to = "everybody"
	case a.Audience != 0:
		to = "followers of " + actors[a.Audience].Name
		switch a.Form {
		case community.Wrapped:
			to += ", wrapped"
		case community.Extended:
			to += ", extended"
		case community.Boosted:
			to += ", boosted"
		case community.Contextual:
			to += ", of contexts"
		case community.Extended | community.Boosted:
			to += ", but on Lemmy"
		}
	}
	line := fmt.Sprintf("%s by %s to %s", a.Kind, actors[a.ActorID].Name, to)
	if !a.Public && !strings.Contains(a.IRI, "#") {
		line += " (private)"
	}
	return line
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// golden compares a document with testdata/out/name.json, in which ids that
// are random all the same are numbered in the order of their appearance.
func golden(t testing.TB, name string, body []byte) {
	t.Helper()
	seen := map[string]string{}
	body = uuids.ReplaceAllFunc(body, func(id []byte) []byte {
		if bytes.HasPrefix(id, []byte("00000000-")) {
			return id
		}
		if seen[string(id)] == "" {
			seen[string(id)] = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(seen)+9001)
		}
		return []byte(seen[string(id)])
	})
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, body)
	}
	pretty.WriteByte('\n')
	path := filepath.Join("testdata", "out", name+".json")
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got; rewrite with -update):\n%s", path, diff)
	}
}

// request sends one request to the server's handler, asking for a document
// unless header says otherwise ("Name: value").
func request(t testing.TB, s *Server, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "https://home.test"+path, nil)
	r.Header.Set("Accept", "application/activity+json")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}
