package federation_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// A quoting is ann's server with what she wrote, and a Mastodon on which mia
// quotes it.
type quoting struct {
	*home
	masto *fediverse.Peer
	mia   *fediverse.Actor
	last  community.FactID
}

func newQuoting(t testing.TB, db *storage.DB) *quoting {
	t.Helper()
	q := &quoting{home: newHome(t, db), masto: fediverse.NewPeer(t, "mastodon")}
	q.mia = q.masto.Person("mia")
	return q
}

func (q *quoting) publish(title string, group *community.Actor) *community.Post {
	q.t.Helper()
	post, err := q.posts.Publish(q.t.Context(), q.ann, group, postDraft(title))
	if err != nil {
		q.t.Fatal(err)
	}
	return post
}

// quotes is a Note by mia that quotes something.
func (q *quoting) quotes(target, name string) map[string]any {
	return map[string]any{
		"type": "Note", "id": q.mia.ID + "/statuses/" + name, "attributedTo": q.mia.ID, "to": []string{public}, "cc": []string{},
		"content": "<p>Look</p>", "quote": target,
	}
}

// request is a QuoteRequest by mia.
func (q *quoting) request(target string, instrument any, name string) map[string]any {
	return map[string]any{
		"@context": as.NS, "type": "QuoteRequest", "id": q.mia.ID + "/requests/" + name, "actor": q.mia.ID, "object": target, "instrument": instrument,
	}
}

// answer sends a request and returns the answer.
func (q *quoting) answer(request map[string]any) as.Doc {
	q.t.Helper()
	q.send(q.mia, request)
	q.last = q.outbox(q.last)
	d := q.masto.Await(q.t, "an answer to "+request["id"].(string), func(d fediverse.Delivery) bool {
		inner, ok := d.Doc.Embedded("object")
		return ok && inner.ID() == request["id"]
	})
	if d.Doc.Actor() != q.ann.IRI || d.Doc.Ref("to") != q.mia.ID {
		q.t.Errorf("the answer is %s", d.Body)
	}
	return d.Doc
}

func (q *quoting) get(address string) (status int, doc map[string]any) {
	q.t.Helper()
	req, err := http.NewRequestWithContext(q.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		q.t.Fatal(err)
	}
	req.Header.Set("Accept", as.ContentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		q.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		q.t.Fatal(err)
	}
	_ = json.Unmarshal(body, &doc) // a refusal is no JSON
	return resp.StatusCode, doc
}

func (q *quoting) wantApproval(iri, target, instrument string) {
	q.t.Helper()
	status, doc := q.get(iri)
	want := map[string]any{"type": "QuoteAuthorization", "id": iri, "attributedTo": q.ann.IRI, "interactionTarget": target, "interactingObject": instrument}
	delete(doc, "@context")
	if status != http.StatusOK || !maps.Equal(doc, want) {
		q.t.Errorf("%s is %d, %v, want %v", iri, status, doc, want)
	}
}

// TestQuotesAreApproved: by the request with what quotes in it or its id,
// twice or once, of a post or a comment; until it is gone.
func TestQuotesAreApproved(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		q := newQuoting(t, db)
		post := q.publish("Of everybody", q.cats)
		comment, err := q.posts.Comment(t.Context(), q.ann, post.ID, 0, posts.Draft{Body: "And this"})
		if err != nil {
			t.Fatal(err)
		}
		if _, doc := q.get(post.IRI); !strings.Contains(toJSON(t, doc["interactionPolicy"]), `{"canQuote":{"automaticApproval":["`+as.Public+`"]}}`) {
			t.Errorf("the policy is %v", doc["interactionPolicy"])
		}
		first := q.quotes(post.IRI, "1")
		accept := q.answer(q.request(post.IRI, first, "1"))
		stamp := accept.Ref("result")
		if accept.Kind() != as.KindAccept || !strings.HasPrefix(stamp, q.URL+"/quotes/") {
			t.Fatalf("the answer is %s", accept.Bytes())
		}
		q.wantApproval(stamp, post.IRI, first["id"].(string))
		if again := q.answer(q.request(post.IRI, first, "again")); again.Ref("result") != stamp {
			t.Errorf("asked again, it is approved by %s", again.Bytes())
		}
		second := q.quotes(comment.IRI, "2")
		q.masto.Serve(strings.TrimPrefix(second["id"].(string), q.masto.URL), second)
		named := q.answer(q.request(comment.IRI, second["id"], "2"))
		q.wantApproval(named.Ref("result"), comment.IRI, second["id"].(string))

		if err := q.posts.Delete(t.Context(), q.ann, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if status, _ := q.get(stamp); status != http.StatusNotFound {
			t.Errorf("the approval of what is deleted is %d", status)
		}
		q.last = q.outbox(q.last)
		d := q.masto.Await(t, "the end of the approval", func(d fediverse.Delivery) bool { return d.Doc.Kind() == as.KindDelete })
		if d.Doc.Ref("object") != stamp || d.Doc.Actor() != q.ann.IRI || d.Path != "/users/mia/inbox" {
			t.Errorf("what tells of the end, to %s, is %s", d.Path, d.Body)
		}
		q.wantApproval(named.Ref("result"), comment.IRI, second["id"].(string))
		q.send(q.mia, q.request(post.IRI, first, "late"))
		if _, ok := q.log.find("federation: activity dropped", "/requests/late"); !ok {
			t.Error("what is gone can be quoted")
		}
	})
}

func toJSON(t testing.TB, value any) string {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestQuotesAreRefused: who is banned from the group is told so, who is banned
// from this server is not even listened to.
func TestQuotesAreRefused(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		q := newQuoting(t, db)
		post := q.publish("Of everybody", q.cats)
		if accept := q.answer(q.request(post.IRI, q.quotes(post.IRI, "0"), "0")); accept.Kind() != as.KindAccept {
			t.Fatalf("the answer is %s", accept.Bytes())
		}
		mia := q.actorBy(q.mia.ID)
		until := q.now().Add(time.Hour).UTC().Truncate(time.Microsecond)
		ban := &community.Membership{GroupID: q.cats.ID, ActorID: mia.ID, Role: community.Member, State: community.Absent, BannedUntil: until, CreatedAt: q.now()}
		testdb.Add(t, db, ban)
		if reject := q.answer(q.request(post.IRI, q.quotes(post.IRI, "1"), "1")); reject.Kind() != as.KindReject || reject.Has("result") {
			t.Errorf("the answer is %s", reject.Bytes())
		}
		if _, err := db.Bun().NewDelete().Model(ban).WherePK().Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Bun().NewUpdate().Model(mia).WherePK().Set("banned_until = ?", until).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, _ := q.mia.Send(t, q.inbox(), q.request(post.IRI, q.quotes(post.IRI, "server"), "server")); status != http.StatusForbidden {
			t.Errorf("who is banned from the server is answered %d", status)
		}
		if n, err := db.Bun().NewSelect().Model((*community.Quote)(nil)).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("there are %d approvals, %v", n, err)
		}
	})
}

// TestQuotesThatGetNoAnswer: nothing is approved and nobody is told of what is
// not for them.
func TestQuotesThatGetNoAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		q := newQuoting(t, db)
		eve := q.masto.Person("eve")
		post := q.publish("Of everybody", q.cats)
		members, err := q.groups.Create(t.Context(), q.ann, groups.Draft{Name: "members", Title: "Members", Visibility: community.Private})
		if err != nil {
			t.Fatal(err)
		}
		secret := q.publish("Of members", members.Actor)
		other := fediverse.NewPeer(t, "mastodon")
		with := func(doc map[string]any, key string, value any) map[string]any {
			doc[key] = value
			return doc
		}
		for name, request := range map[string]map[string]any{
			"private":         q.request(secret.IRI, q.masto.URL+"/never-read", "1"),
			"unknown":         q.request(q.URL+"/post/404", q.quotes(q.URL+"/post/404", "2"), "2"),
			"not ours":        q.request(other.URL+"/post/1", q.quotes(other.URL+"/post/1", "3"), "3"),
			"of another host": q.request(post.IRI, with(q.quotes(post.IRI, "4"), "id", other.URL+"/notes/4"), "4"),
			"by another":      q.request(post.IRI, with(q.quotes(post.IRI, "5"), "attributedTo", eve.ID), "5"),
			"of another post": q.request(post.IRI, q.quotes(secret.IRI, "6"), "6"),
			"no quote":        q.request(post.IRI, with(q.quotes(post.IRI, "7"), "quote", nil), "7"),
			"no post":         q.request(post.IRI, with(q.quotes(post.IRI, "8"), "type", "Person"), "8"),
			"nothing":         q.request(post.IRI, nil, "9"),
			"another's id":    with(q.request(post.IRI, q.quotes(post.IRI, "10"), "10"), "id", other.URL+"/requests/10"),
		} {
			status, _ := q.mia.Send(t, q.inbox(), request)
			if errs := q.work(); len(errs) > 0 {
				t.Errorf("%s: %v", name, errs)
			}
			if _, ok := q.log.find("activity dropped", "kind=QuoteRequest", "id="+request["id"].(string)+" "); !ok && status == http.StatusAccepted {
				t.Errorf("%s: nothing was dropped", name)
			}
		}
		if n := len(q.masto.Requests("/never-read")); n != 0 {
			t.Errorf("what would quote something private was read %d times", n)
		}
		for _, kind := range []community.FactKind{community.QuoteApproved, community.QuoteRefused} {
			if n, err := db.Bun().NewSelect().Model((*community.Fact)(nil)).Where("kind = ?", kind).Count(t.Context()); err != nil || n != 0 {
				t.Errorf("%s: %d times, %v", kind, n, err)
			}
		}
	})
}

// TestQuotesAreLinks: a post that quotes something links to it, once.
func TestQuotesAreLinks(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	masto := fediverse.NewPeer(t, "mastodon")
	mia := masto.Person("mia")
	const target = "https://far.test/notes/1?a=1&b=2"
	const link = `<a href="https://far.test/notes/1?a=1&amp;b=2"`
	for name, test := range map[string]struct {
		key, quoted, content string
		links                int
	}{
		"a": {"quote", target, "<p>Look</p>", 1},
		"b": {"_misskey_quote", target, "<p>Look</p>", 1},
		"c": {"quoteUrl", target, "<p>Look: " + link + ">it</a></p>", 1},
		"d": {"quote", target, `<p class="quote-inline">RE: <a href="https://far.test/@a/1">it</a></p><p>Look</p>`, 0},
		"e": {"quote", "javascript:alert(1)", "<p>Look</p>", 0},
		"f": {"other", target, "<p>Look</p>", 0},
	} {
		h.send(mia, map[string]any{
			"@context": as.NS, "type": "Create", "id": mia.ID + "/create/" + name, "actor": mia.ID, "to": []string{public}, "cc": []string{h.cats.IRI},
			"object": map[string]any{
				"type": "Note", "id": mia.ID + "/" + name, "attributedTo": mia.ID, "to": []string{public}, "cc": []string{h.cats.IRI},
				"content": test.content, test.key: test.quoted,
			},
		})
		list := h.feed(h.cats)
		if p := list[len(list)-1]; p.IRI != mia.ID+"/"+name || strings.Count(p.HTML, link) != test.links || strings.Contains(p.HTML, "javascript") {
			t.Errorf("%s: the post is %s", name, p.HTML)
		}
	}
}
