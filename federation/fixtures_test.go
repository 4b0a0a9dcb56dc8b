package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

const sharedDir = "../../shared/"

// recordings are the folders of what other servers sent, by who recorded it.
var recordings = []string{sharedDir + "fixtures", sharedDir + "captures/gotosocial"}

// A museum is all servers whose activities were recorded, under names of this
// test: each serves what was recorded of it, and makes up the actors that
// were not.
type museum struct {
	*home
	peers map[string]*fediverse.Peer
	docs  map[string]map[string]any // by id
	n     int
}

var (
	hosts = regexp.MustCompile(`https?:(?:\\?/){2}[A-Za-z0-9.-]+(?::\d+)?`)
	// vocabularies are hosts that nobody lives on.
	vocabularies = regexp.MustCompile(`w3\.org|w3id\.org|schema\.org|joinmastodon|joinpeertube|join-lemmy|ostatus|litepub|purl\.|joinmobilizon|funkwhale|misskey-hub`)
	groupPath    = regexp.MustCompile(`^/(c|m|category|video-channels|ap/actor|groups)/[^/]+$`)
	objectPath   = regexp.MustCompile(`/(post|posts|comment|statuses|objects?|notes?|n|display|videos?|events?|t|d|p|scrubbed)/`)
	scrubbed     = regexp.MustCompile(`"SCRUBBED_ID"`)
)

// peer returns the stand-in of a host.
func (m *museum) peer(host string) *fediverse.Peer {
	if m.peers[host] == nil {
		p := fediverse.NewPeer(m.t, "museum")
		p.Otherwise(func(w http.ResponseWriter, r *http.Request) { m.serve(w, p.URL, r.URL.Path) })
		m.peers[host] = p
	}
	return m.peers[host]
}

func (m *museum) serve(w http.ResponseWriter, origin, path string) {
	doc := m.docs[origin+path]
	if strings.HasSuffix(path, "/moderators") && doc == nil {
		doc = map[string]any{"@context": as.NS, "id": origin + path, "type": as.KindOrderedCollection, "orderedItems": []string{}}
		w.Header().Set("Content-Type", as.ContentType)
		_ = json.NewEncoder(w).Encode(doc)
		return
	}
	if doc == nil && objectPath.MatchString(path) {
		http.NotFound(w, &http.Request{})
		return
	}
	kind, _ := doc["type"].(string)
	if doc == nil || as.IsActor(kind) {
		doc = m.actor(origin, path, doc)
	}
	w.Header().Set("Content-Type", as.ContentType)
	_ = json.NewEncoder(w).Encode(doc)
}

// actor completes what was recorded of an actor, all of whom share a key.
func (m *museum) actor(origin, path string, recorded map[string]any) map[string]any {
	id := origin + path
	_, pem, err := newHomeKey()
	if err != nil {
		m.t.Error(err)
	}
	doc := map[string]any{
		"@context": as.NS, "id": id, "type": as.KindPerson, "preferredUsername": strings.TrimLeft(path[strings.LastIndexByte(path, '/')+1:], "@!~"), "inbox": id + "/inbox",
	}
	if groupPath.MatchString(path) {
		doc["type"], doc["attributedTo"], doc["featured"] = as.KindGroup, id+"/moderators", id+"/pinned"
	}
	maps.Copy(doc, recorded)
	doc["publicKey"] = map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": pem}
	return doc
}

// load reads a fixture, with the names of this test.
func (m *museum) load(path string) map[string]any {
	content, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	if strings.Contains(path, "/captures/") {
		content = captured(m.t, content)
	}
	text := hosts.ReplaceAllStringFunc(string(content), func(origin string) string {
		host := origin[strings.LastIndexByte(origin, '/')+1:]
		if vocabularies.MatchString(host) {
			return origin
		}
		if host == "group.test" { // whom a GoToSocial talked to
			return m.URL
		}
		return m.peer(host).URL
	})
	text = scrubbed.ReplaceAllStringFunc(text, func(string) string {
		m.n++
		return fmt.Sprintf(`"%s/scrubbed/%d"`, m.peer("kbin.test").URL, m.n)
	})
	var doc map[string]any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		m.t.Logf("%s is no object: %v", path, err)
	}
	m.learn(doc)
	return doc
}

// captured is the body of a captured POST; of anything else, nothing.
func captured(t testing.TB, content []byte) []byte {
	t.Helper()
	var capture struct{ Method, Body string }
	if err := json.Unmarshal(content, &capture); err != nil {
		t.Fatal(err)
	}
	if capture.Method != http.MethodPost {
		return []byte("{}")
	}
	return []byte(capture.Body)
}

// learn remembers every object in a document by its id.
func (m *museum) learn(value any) {
	switch v := value.(type) {
	case map[string]any:
		id, _ := v["id"].(string)
		if kind, _ := v["type"].(string); id != "" && kind != "" && len(m.docs[id]) < len(v) {
			m.docs[id] = v
		}
		for _, inner := range v {
			m.learn(inner)
		}
	case []any:
		for _, inner := range v {
			m.learn(inner)
		}
	}
}

// joinGroups makes ann a member of every group that is named anywhere.
func (m *museum) joinGroups(docs []map[string]any) {
	m.t.Helper()
	names := map[string]bool{}
	for _, doc := range docs {
		parsed, err := as.Parse(m.t.Context(), fediverse.JSON(m.t, doc))
		if err != nil {
			continue
		}
		inner, _ := parsed.Embedded("object")
		object, _ := inner.Embedded("object")
		for _, d := range []as.Doc{parsed, inner, object} {
			for _, iri := range append(d.Audience(), d.Actor(), d.ID()) {
				for _, p := range m.peers {
					if path, here := strings.CutPrefix(iri, p.URL); here && groupPath.MatchString(path) {
						names[iri] = true
					}
				}
			}
		}
	}
	for iri := range names {
		r, err := m.fed.Resolve(m.t.Context(), m.ann, iri)
		if err != nil || r.Group == nil {
			continue // what looked like a group was none
		}
		m.join(r.Group.Actor)
	}
}

// activity is what is sent of a fixture: itself, or what would bring it here.
func (m *museum) activity(doc map[string]any) (actor string, body []byte) {
	m.n++
	parsed, err := as.Parse(m.t.Context(), fediverse.JSON(m.t, doc))
	if err != nil {
		return "", nil
	}
	var kind, author string
	switch {
	case parsed.Actor() != "" && !isObject(parsed):
		return parsed.Actor(), fediverse.JSON(m.t, doc)
	case as.IsActor(parsed.Kind()):
		kind, author = as.KindUpdate, parsed.ID()
		origin := strings.Join(strings.SplitAfterN(author, "/", 4)[:3], "")
		doc = m.actor(strings.TrimSuffix(origin, "/"), "/"+strings.TrimPrefix(author, origin), doc)
	case parsed.Ref("attributedTo") != "":
		kind, author = as.KindCreate, parsed.Ref("attributedTo")
	default:
		return "", nil
	}
	return author, fediverse.JSON(m.t, map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/sent/%d", author, m.n), "type": kind, "actor": author, "object": doc,
		"to": public, "cc": doc["cc"],
	})
}

// isObject reports whether a document is written, not done: Pleroma and
// Mobilizon give what is written an actor too.
func isObject(doc as.Doc) bool {
	return slices.Contains([]string{as.KindNote, as.KindPage, as.KindArticle, as.KindEvent, as.KindVideo, as.KindQuestion, "ChatMessage"}, doc.Kind())
}

// deliver sends a body in an actor's name and returns what became of it: ""
// if it was understood.
func (m *museum) deliver(actor string, body []byte) (reason string) {
	m.t.Helper()
	before := len(m.log.lines)
	status, text := raw(m.t, m.inbox(), as.ContentType, body, func(r *http.Request) {
		if err := httpsig.Sign(r, body, actor+"#main-key", homeKey(), m.now()); err != nil {
			m.t.Fatal(err)
		}
	})
	if status >= 500 {
		m.t.Errorf("the inbox answered %d: %s\n%.500s", status, text, body)
	}
	if failures := m.work(); len(failures) > 0 {
		if !fault.Is(failures[0], fault.Unavailable) {
			m.t.Errorf("%v\n%.500s", failures[0], body)
		}
		return "waits: " + failures[0].Error()
	}
	for _, line := range m.log.lines[before:] {
		if _, why, dropped := strings.Cut(line, "reason="); dropped && (strings.Contains(line, "activity dropped") || strings.Contains(line, "inbox refused")) {
			return fmt.Sprint(status, " ", why)
		}
	}
	if status != http.StatusAccepted {
		m.t.Errorf("the inbox answered %d without a reason: %s", status, text)
	}
	return ""
}

// recorded lists the files of all recordings.
func recorded(t *testing.T) (files []string) {
	t.Helper()
	for _, dir := range recordings {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".json") {
				files = append(files, path)
			}
			return err
		})
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("the recordings are absent")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func deletions(path string) int { return strings.Count(strings.ToLower(filepath.Base(path)), "delete") }

// TestFixtures sends everything that was recorded of ten kinds of server. None
// of it may end in a panic or an error of ours; what is not understood is
// dropped with a reason. FEDERATION.md shows what became of each.
func TestFixtures(t *testing.T) {
	files := recorded(t)
	// What is deleted is gone for whatever else was recorded of it.
	slices.SortStableFunc(files, func(a, b string) int { return deletions(a) - deletions(b) })
	m := &museum{home: newHome(t, testdb.SQLite(t)), peers: map[string]*fediverse.Peer{}, docs: map[string]map[string]any{}}
	var docs []map[string]any
	for _, file := range files {
		docs = append(docs, m.load(file))
	}
	m.joinGroups(docs)

	seen, nothing := newTally(), 0
	for i, doc := range docs {
		name := strings.TrimPrefix(files[i], sharedDir)
		actor, body := m.activity(m.stage(doc))
		if body == nil {
			nothing++
			continue
		}
		_, recorded := m.activity(doc)
		reason := m.deliver(actor, body)
		seen.add(software(name), figure(t, recorded), outcome(reason), plainReason(reason))
		t.Logf("%s: %s %s", name, outcome(reason), reason)
	}
	t.Logf("%d files, of which %d are collections and the like", len(files), nothing)
	seen.compare(t)
}
