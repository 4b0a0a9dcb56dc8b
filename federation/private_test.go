package federation_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/votes"
	"drystone/storage"
)

// A cellar is a home with a closed group of ann's, in which she wrote and
// answered herself. Of a private one mia is a member, on a Lemmy with its
// instance actor; lou lives there too and is none; nico lives on another
// Lemmy, and waits for an answer.
type cellar struct {
	*home
	group             *community.Actor
	lemmy, third      *fediverse.Peer
	mia, lou, nico    *fediverse.Actor
	instance, strange *fediverse.Actor
	post              *community.Post
	comment           *community.Comment
}

const secretWords = "Quartz below"

func newCellar(t *testing.T, db *storage.DB, visibility community.Visibility) *cellar {
	t.Helper()
	c := &cellar{home: newHome(t, db), lemmy: fediverse.NewPeer(t, "lemmy"), third: fediverse.NewPeer(t, "lemmy")}
	c.mia, c.lou, c.nico = c.lemmy.Person("mia"), c.lemmy.Person("lou"), c.third.Person("nico")
	c.instance, c.strange = c.lemmy.Actor(as.KindApplication, "/site"), c.third.Actor(as.KindApplication, "/site")
	ctx := t.Context()
	g, err := c.groups.Create(ctx, c.ann, groups.Draft{Name: "cellar", Title: "The cellar", Visibility: visibility})
	c.check(err)
	c.group = g.Actor
	for _, who := range []*fediverse.Actor{c.mia, c.nico} {
		if status, _ := who.Send(t, c.inbox(), c.follow(who)); status == http.StatusAccepted {
			c.work()
		}
	}
	if visibility == community.Private {
		c.tell()
		for _, who := range []*fediverse.Actor{c.mia, c.nico} {
			if n := len(accepts(who.Peer)); n > 0 {
				t.Fatalf("%s was accepted before anybody decided", who.Name)
			}
		}
		c.check(c.groups.Admit(ctx, c.ann, community.Handle{Name: "cellar"}, c.handle(c.mia)))
	}
	c.post, err = c.posts.Publish(ctx, c.ann, c.group, posts.Draft{Title: secretWords, Body: secretWords})
	c.check(err)
	c.comment, err = c.posts.Comment(ctx, c.ann, c.post.ID, 0, posts.Draft{Body: secretWords})
	c.check(err)
	c.check(c.db.CountMember(ctx, c.group.ID, 0))
	c.tell()
	return c
}

func (c *cellar) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cellar) handle(a *fediverse.Actor) community.Handle {
	return community.Handle{Name: a.Name, Host: as.Host(a.ID)}
}

func (c *cellar) follow(who *fediverse.Actor) map[string]any {
	return map[string]any{
		"@context": as.NS, "type": "Follow", "id": who.ID + "/follow/1", "actor": who.ID, "object": c.URL + "/c/cellar", "to": []string{c.URL + "/c/cellar"},
	}
}

// tell has everything that happened told.
func (c *cellar) tell() {
	c.t.Helper()
	ctx := c.t.Context()
	c.check(c.db.NumberFacts(ctx))
	var after community.FactID
	c.check(c.db.Bun().NewRaw("SELECT coalesce(max(position), 0) FROM cursors WHERE name = 'told'").Scan(ctx, &after))
	facts, err := c.db.Facts(ctx, after, 1000)
	c.check(err)
	if len(facts) == 0 {
		return
	}
	for _, reader := range c.fed.Readers() {
		c.check(c.db.InTx(ctx, func(tx *storage.DB) error { return reader.Handle(ctx, tx, facts) }))
	}
	last := facts[len(facts)-1].ID
	_, err = c.db.Bun().NewRaw("INSERT INTO cursors (name, position) VALUES ('told', ?) ON CONFLICT (name) DO UPDATE SET position = EXCLUDED.position", last).Exec(ctx)
	c.check(err)
}

func accepts(p *fediverse.Peer) []fediverse.Delivery { return of(p, as.KindAccept) }

func of(p *fediverse.Peer, kind string) (list []fediverse.Delivery) {
	for _, d := range p.Deliveries() {
		if d.Doc.Kind() == kind {
			list = append(list, d)
		}
	}
	return list
}

// activities lists the log of what we said.
func (c *cellar) activities() []*community.Activity {
	c.t.Helper()
	list, err := c.db.ActivitiesAfter(c.t.Context(), 0, 1000)
	c.check(err)
	return list
}

// get asks for a path as somebody, nil for an unsigned request.
func (c *cellar) get(as *fediverse.Actor, path string) (int, string) {
	c.t.Helper()
	if as == nil {
		as = c.third.Person("unsigned")
		resp, err := as.Peer.Client.Get(c.t.Context(), c.URL+path, "application/activity+json", nil)
		if resp == nil {
			c.t.Fatal(err)
		}
		return resp.Status, string(resp.Body)
	}
	status, body, err := as.Get(c.t.Context(), c.URL+path)
	if status == 0 {
		c.t.Fatal(err)
	}
	return status, string(body)
}

// closedDocuments says which addresses exist only for those who may read in a
// private group, and where one of them is. An address that is missing here
// fails the test: who may read it?
func (c *cellar) closedDocuments() map[string]string {
	announce := ""
	for _, a := range c.activities() {
		if a.ActorID == c.group.ID && a.Kind == as.KindAnnounce {
			announce = strings.TrimPrefix(a.IRI, c.URL)
		}
	}
	post, comment := fmt.Sprintf("/post/%d", c.post.ID), fmt.Sprintf("/comment/%d", c.comment.ID)
	return map[string]string{
		"/{$}": "", "/outbox": "", "/u/{name}": "", "/u/{name}/followers": "", "/u/{name}/following": "",
		"/f/{name}": "", "/f/{name}/outbox": "", "/f/{name}/followers": "",
		"/f/{name}/following":                 "", // a feed lists no private group: TestDocumentsOfFeeds
		"/c/{name}":                           "", // a private one must be found to be followed
		"/u/{name}/outbox":                    "",
		"/c/{name}/outbox":                    "/c/cellar/outbox",
		"/c/{name}/followers":                 "/c/cellar/followers",
		"/c/{name}/featured":                  "/c/cellar/featured",
		"/c/{name}/moderators":                "/c/cellar/moderators",
		"/c/{name}/followers_synchronization": "", // see below: it shows each server its own
		"/post/{id}":                          post,
		"/post/{id}/context":                  post + "/context",
		"/post/{id}/replies":                  post + "/replies",
		"/comment/{id}":                       comment,
		"/comment/{id}/replies":               comment + "/replies",
		"/activities/{type}/{id}":             announce,
		"/quotes/{name}":                      "", // nothing there is quoted: TestQuotesThatGetNoAnswer, TestQuotesAreRevoked
	}
}

func TestDocumentsOfPrivateGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.Private)
		table := c.closedDocuments()
		readers := []struct {
			name string
			who  *fediverse.Actor
			may  bool
		}{
			{"nobody", nil, false},
			{"a stranger", c.third.Person("eve"), false},
			{"a stranger's server", c.strange, false},
			{"who waits", c.nico, false},
			{"a stranger on a member's server", c.lou, false},
			{"a member", c.mia, true},
			{"a member's server", c.instance, true},
		}
		for _, pattern := range c.fed.Documents() {
			path, known := table[pattern]
			if !known {
				t.Errorf("%s is not in the table: who may read it?", pattern)
			}
			if path == "" {
				continue
			}
			for _, reader := range readers {
				status, text := c.get(reader.who, path)
				if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[reader.may]; status != want {
					t.Errorf("%s for %s = %d, want %d: %.200s", path, reader.name, status, want, text)
				}
				if !reader.may && text != c.missing(reader.who) {
					t.Errorf("%s tells %s from what never was: %q", path, reader.name, text)
				}
			}
		}
		// What everybody may read says nothing of it.
		for _, path := range []string{"/u/ann", "/u/ann/outbox", "/c/cellar", "/nodeinfo/2.1", "/outbox"} {
			if _, text := c.get(nil, path); strings.Contains(text, secretWords) || strings.Contains(text, `"localPosts":1`) || strings.Contains(text, `"totalItems":1`) {
				t.Errorf("%s tells of it: %s", path, text)
			}
		}
		if _, text := c.get(nil, "/c/cellar"); !strings.Contains(text, `"manuallyApprovesFollowers":true`) {
			t.Errorf("the group does not say that it is private: %s", text)
		}
		for _, a := range c.activities() {
			if status, _ := c.get(nil, strings.TrimPrefix(a.IRI, c.URL)); status != http.StatusNotFound {
				t.Errorf("%s answers %d to anybody", a.IRI, status)
			}
			if strings.Contains(string(a.Body), as.Public) {
				t.Errorf("%s is addressed to everybody: %s", a.IRI, a.Body)
			}
		}
	})
}

// missing is what a reader is told of what never was.
func (c *cellar) missing(who *fediverse.Actor) string {
	c.t.Helper()
	_, text := c.get(who, "/post/987654321")
	return text
}

// Only servers with members hear of it, and each hears who its members are.
func TestPrivateGroupSpeaksToMembersOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.Private)
		accept := c.lemmy.Await(t, "an Accept", fediverse.Kind(as.KindAccept))
		follow, _ := accept.Doc.Embedded("object")
		if follow.ID() != c.mia.ID+"/follow/1" || follow.Actor() != c.mia.ID {
			t.Errorf("accepted %s", accept.Body)
		}
		announced := c.lemmy.Await(t, "the post", fediverse.Kind(as.KindAnnounce))
		if announced.Doc.IsPublic() || announced.Doc.Ref("to") != c.group.IRI+"/followers" {
			t.Errorf("announced %s", announced.Body)
		}
		header := announced.Header.Get("Collection-Synchronization")
		sum := sha256.Sum256([]byte(c.mia.ID))
		for _, part := range []string{
			`collectionId="` + c.group.IRI + `/followers"`, `url="` + c.group.IRI + `/followers_synchronization"`, `digest="` + hex.EncodeToString(sum[:]) + `"`,
		} {
			if !strings.Contains(header, part) {
				t.Errorf("Collection-Synchronization: %s lacks %s", header, part)
			}
		}
		if accept.Header.Get("Collection-Synchronization") != "" {
			t.Error("an Accept speaks of other members")
		}
		if status, text := c.get(c.lou, "/c/cellar/followers_synchronization"); status != 200 || !strings.Contains(text, c.mia.ID) {
			t.Errorf("members there = %d %s", status, text)
		}
		if status, text := c.get(c.nico, "/c/cellar/followers_synchronization"); status != 200 || strings.Contains(text, c.mia.ID) {
			t.Errorf("members elsewhere = %d %s", status, text)
		}
		if status, _ := c.get(nil, "/c/cellar/followers_synchronization"); status != 404 {
			t.Errorf("members for anybody = %d", status)
		}
		for who, want := range map[string]int{c.mia.ID: 200, c.instance.ID: 200, c.lou.ID: 404, c.nico.ID: 404, c.strange.ID: 404} {
			path := "/c/cellar/followers?is_follower=" + url.QueryEscape(who)
			if status, _ := c.get(c.instance, path); status != want {
				t.Errorf("is %s a follower? %d, want %d", who, status, want)
			}
			if status, _ := c.get(nil, path); status != 404 {
				t.Errorf("anybody learns whether %s is a follower: %d", who, status)
			}
		}
		if got := c.third.Deliveries(); len(got) > 0 {
			t.Errorf("a server without members heard %d activities", len(got))
		}
		c.check(c.groups.TurnAway(t.Context(), c.ann, community.Handle{Name: "cellar"}, c.handle(c.nico)))
		c.tell()
		reject := c.third.Await(t, "a Reject", fediverse.Kind(as.KindReject))
		if follow, _ := reject.Doc.Embedded("object"); follow.ID() != c.nico.ID+"/follow/1" {
			t.Errorf("rejected %s", reject.Body)
		}
		// Who is put out hears that, and nothing after it.
		c.check(c.groups.PutOut(t.Context(), c.ann, community.Handle{Name: "cellar"}, c.handle(c.mia)))
		c.tell()
		c.lemmy.Await(t, "the end", fediverse.Kind(as.KindReject))
		before := len(of(c.lemmy, as.KindAnnounce))
		_, err := c.posts.Publish(t.Context(), c.ann, c.group, posts.Draft{Title: "Later"})
		c.check(err)
		_, err = c.posts.Publish(t.Context(), c.ann, c.cats, posts.Draft{Title: "Elsewhere"})
		c.check(err)
		if heard, err := c.db.Hears(t.Context(), c.group.ID, c.stored(c.mia).PeerID); err != nil || heard {
			t.Errorf("their server still hears: %v, %v", heard, err)
		}
		c.tell()
		c.send(c.mia, like(c.mia, c.URL, "cats")) // answered after whatever would be sent
		if after := len(of(c.lemmy, as.KindAnnounce)); after != before {
			t.Errorf("who was put out heard %d more", after-before)
		}
		if status, _ := c.get(c.mia, fmt.Sprintf("/post/%d", c.post.ID)); status != 404 {
			t.Errorf("who was put out reads on: %d", status)
		}
	})
}

func (c *cellar) stored(a *fediverse.Actor) *community.Actor {
	c.t.Helper()
	found, err := c.db.ActorByIRI(c.t.Context(), a.ID)
	c.check(err)
	return found
}

func like(who *fediverse.Actor, origin, group string) map[string]any {
	return map[string]any{"@context": as.NS, "type": "Like", "id": who.ID + "/like/1", "actor": who.ID, "object": origin + "/c/" + group}
}

// Nobody but a member writes in a private group, whichever way they come; and
// what a member writes for its followers goes there and nowhere else.
func TestWhoWritesInAPrivateGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.Private)
		note := func(who *fediverse.Actor, name string, to []string, parent string) map[string]any {
			object := map[string]any{
				"id": who.Peer.URL + "/note/" + name, "type": "Note", "attributedTo": who.ID, "content": "<p>" + name + "</p>", "to": to, "cc": []string{}, "audience": c.group.IRI,
			}
			if parent != "" {
				object["inReplyTo"] = parent
			}
			return map[string]any{"@context": as.NS, "type": "Create", "id": who.Peer.URL + "/create/" + name, "actor": who.ID, "to": to, "cc": []string{}, "object": object}
		}
		members := []string{c.group.IRI, c.group.IRI + "/followers"}
		for _, who := range []*fediverse.Actor{c.nico, c.lou} {
			c.send(who, note(who, "post-"+who.Name, members, ""))
			c.send(who, note(who, "open-"+who.Name, []string{c.group.IRI, as.Public}, ""))
			c.send(who, note(who, "answer-"+who.Name, members, c.post.IRI))
			c.send(who, map[string]any{"@context": as.NS, "type": "Like", "id": who.ID + "/like/2", "actor": who.ID, "object": c.post.IRI})
		}
		if n := len(c.feed(c.group)); n != 1 {
			t.Errorf("strangers wrote %d posts", n-1)
		}
		if n := len(c.comments()); n != 1 {
			t.Errorf("strangers wrote %d answers", n-1)
		}
		votes, err := c.db.VotesBy(t.Context(), c.stored(c.nico).ID, community.SubjectPost, []int64{int64(c.post.ID)})
		if err != nil || len(votes) > 0 {
			t.Errorf("a stranger voted: %v, %v", votes, err)
		}
		c.send(c.mia, note(c.mia, "post-mia", members, ""))
		c.send(c.mia, note(c.mia, "answer-mia", members, c.post.IRI))
		if n := len(c.feed(c.group)); n != 2 {
			t.Errorf("the group has %d posts after a member's", n)
		}
		if n := len(c.comments()); n != 2 {
			t.Errorf("the thread has %d answers after a member's", n)
		}
		// Meant for the cellar's members: not shown in a public group.
		public, err := c.posts.Publish(t.Context(), c.ann, c.cats, posts.Draft{Title: "In public"})
		c.check(err)
		c.send(c.mia, note(c.mia, "astray", members, public.IRI))
		if n := len(c.comments()); n != 2 {
			t.Errorf("what is meant for members was shown in public: %d answers", n)
		}
	})
}

// A microblog could show nothing of a private group.
func TestMicroblogsAreRefusedByPrivateGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.Private)
		masto := fediverse.NewPeer(t, "mastodon")
		mo := masto.Person("mo")
		c.send(mo, c.follow(mo))
		c.tell()
		masto.Await(t, "a Reject", fediverse.Kind(as.KindReject))
		if m, err := db.Membership(t.Context(), c.group.ID, c.stored(mo).ID); err != nil || m != nil {
			t.Errorf("membership = %+v, %v", m, err)
		}
	})
}

// Pixelfed CVE-2025-30741: the group did not accept bea. That ann is a member
// and the server has its posts gives her nothing; nor does an Accept that
// nobody asked for, or one by somebody else.
func TestCVE_2025_30741_NoAcceptNoContent(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := &abroad{home: newHome(t, db), lemmy: fediverse.NewPeer(t, "lemmy"), third: fediverse.NewPeer(t, "lemmy")}
		a.dogs, a.lena, a.nico = a.lemmy.Group("dogs"), a.lemmy.Person("lena"), a.third.Person("nico")
		a.dogs.Extra["manuallyApprovesFollowers"] = true
		ctx := t.Context()
		bea := a.person("bea")
		found, err := a.fed.Resolve(ctx, bea, a.dogs.ID)
		if err != nil || found.Group.Visibility != community.Private {
			t.Fatalf("resolved to %+v, %v", found, err)
		}
		m, err := a.groups.Join(ctx, bea, found.Group.Actor, community.Origin{})
		if err != nil || m.State != community.Pending {
			t.Fatalf("joined as %+v, %v", m, err)
		}
		secret := a.memberPage("early")
		a.send(a.dogs, a.announceTo(secret))
		if n := len(a.feed(found.Group.Actor)); n != 0 {
			t.Errorf("%d posts were taken before anybody here was accepted", n)
		}
		a.join(a.dogs)
		a.group = a.stored(a.dogs)
		secret = a.memberPage("kept")
		a.send(a.dogs, a.announceTo(secret))
		list := a.feed(a.group)
		if len(list) != 1 {
			t.Fatalf("%d posts after ann was accepted", len(list))
		}
		see := func(who *community.Actor) bool {
			_, err := a.posts.Find(ctx, who, list[0].ID)
			return err == nil
		}
		if !see(a.ann) || see(bea) || see(nil) {
			t.Errorf("ann sees it: %v, bea: %v, anybody: %v", see(a.ann), see(bea), see(nil))
		}
		if _, err := a.fed.Resolve(ctx, bea, list[0].IRI); err == nil {
			t.Error("bea finds it by its address")
		}
		a.send(a.nico, map[string]any{ // not the group's to say by another
			"@context": as.NS, "type": "Accept", "id": a.nico.ID + "/accept/1", "actor": a.nico.ID,
			"object": map[string]any{"type": "Follow", "id": m.FollowIRI, "actor": bea.IRI, "object": a.dogs.ID},
		})
		if see(bea) {
			t.Error("somebody else accepted bea")
		}
		// A stranger's word is not enough to be heard in it.
		object := page(a.nico, "smuggled", a.dogs.ID)
		object["to"] = []string{a.dogs.ID, a.dogs.ID + "/followers"}
		a.send(a.nico, map[string]any{"@context": as.NS, "type": "Create", "id": a.nico.ID + "/create/1", "actor": a.nico.ID, "to": object["to"], "cc": []string{}, "object": object})
		if n := len(a.feed(a.group)); n != 1 {
			t.Errorf("a stranger wrote among members: %d posts", n)
		}
	})
}

func (a *abroad) memberPage(name string) map[string]any {
	object := page(a.lena, name, a.dogs.ID)
	object["to"] = []string{a.dogs.ID + "/followers"}
	return object
}

func (a *abroad) announceTo(object map[string]any) map[string]any {
	a.n++
	to := []string{a.dogs.ID + "/followers"}
	return map[string]any{
		"@context": as.NS, "type": "Announce", "id": fmt.Sprintf("%s/announce/private-%d", a.dogs.ID, a.n), "actor": a.dogs.ID, "to": to, "cc": []string{},
		"object": map[string]any{"type": "Create", "id": fmt.Sprintf("%s/create/private-%d", a.lena.ID, a.n), "actor": a.lena.ID, "to": to, "cc": []string{}, "audience": a.dogs.ID, "object": object},
	}
}

func (h *home) person(name string) *community.Actor {
	h.t.Helper()
	iri := h.URL + "/u/" + name
	actor := &community.Actor{Kind: community.Person, Name: name, IRI: iri, CreatedAt: h.now(), UpdatedAt: h.now()}
	if err := h.db.AddActor(h.t.Context(), actor); err != nil {
		h.t.Fatal(err)
	}
	if err := h.db.AddAccount(h.t.Context(), &community.Account{ActorID: actor.ID, CreatedAt: h.now()}); err != nil {
		h.t.Fatal(err)
	}
	return actor
}

// FEP-8fcf: the group's server says whom of us it counts.
func TestMembersAreMadeTheSame(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := &abroad{home: newHome(t, db), lemmy: fediverse.NewPeer(t, "lemmy")}
		a.dogs, a.lena = a.lemmy.Group("dogs"), a.lemmy.Person("lena")
		a.dogs.Extra["manuallyApprovesFollowers"] = true
		a.dogs.Extra["followers"] = a.dogs.ID + "/followers"
		a.join(a.dogs)
		a.group = a.stored(a.dogs)
		bea, cid := a.person("bea"), a.person("cid")
		ctx := t.Context()
		if _, err := a.groups.Join(ctx, bea, a.group, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		// It let bea in, counts cid who never asked, and has lost ann.
		members := []string{bea.IRI, cid.IRI}
		where := a.lemmy.Serve("/c/dogs/part", map[string]any{
			"@context": as.NS, "type": "OrderedCollection", "id": a.lemmy.URL + "/c/dogs/part", "totalItems": 2, "orderedItems": members,
		})
		say := func(collection, where, digest string) {
			t.Helper()
			body := fediverse.JSON(t, a.announceTo(a.memberPage(fmt.Sprintf("news-%d", a.n))))
			header := fmt.Sprintf(`collectionId="%s", url="%s", digest="%s"`, collection, where, digest)
			resp, err := a.lemmy.Client.Post(ctx, a.inbox(), as.ContentType, body, func(req *http.Request) error {
				req.Header.Set("Collection-Synchronization", header)
				return a.dogs.Sign(req, body)
			})
			if err != nil || resp.Status != http.StatusAccepted {
				t.Fatalf("the inbox answered %v, %v", resp, err)
			}
			a.work()
		}
		states := func() string {
			var text []string
			for _, who := range []*community.Actor{a.ann, bea, cid} {
				m, err := db.Membership(ctx, a.group.ID, who.ID)
				if err != nil {
					t.Fatal(err)
				}
				if m == nil {
					m = &community.Membership{State: "none"}
				}
				text = append(text, string(m.State))
			}
			return strings.Join(text, " ")
		}
		say(a.lemmy.URL+"/c/other/followers", where, federation.Digest(members))
		say(a.dogs.ID+"/followers", "https://elsewhere.test/part", federation.Digest(members))
		say(a.dogs.ID+"/followers", where, federation.Digest([]string{a.ann.IRI})) // as we have it
		if got := states(); got != "accepted pending none" {
			t.Errorf("claims that are wrong, or right, changed something: %s", got)
		}
		if n := len(a.lemmy.Requests("/c/dogs/part")); n != 0 {
			t.Errorf("the members were asked for %d times", n)
		}
		say(a.dogs.ID+"/followers", where, federation.Digest(members))
		if got := states(); got != "none accepted none" {
			t.Errorf("members = %s", got)
		}
		facts := a.facts(ctx)
		if last := facts[len(facts)-1]; last.Kind != community.MemberUnknown || last.ActorID != cid.ID || last.IRI == "" {
			t.Errorf("the group is not told that cid does not follow it: %+v", last)
		}
	})
}

func (h *home) facts(ctx context.Context) []community.Fact {
	h.t.Helper()
	if err := h.db.NumberFacts(ctx); err != nil {
		h.t.Fatal(err)
	}
	facts, err := h.db.Facts(ctx, 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	return facts
}

// A group of this server alone lives its whole life, and not a byte of it
// leaves.
func TestNothingLeavesALocalGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.LocalOnly)
		ctx := t.Context()
		// ann has followers elsewhere, who would hear of what she says.
		c.send(c.mia, map[string]any{"@context": as.NS, "type": "Follow", "id": c.mia.ID + "/follow/9", "actor": c.mia.ID, "object": c.ann.IRI})
		c.tell()
		c.lemmy.Await(t, "an Accept by ann", fediverse.Kind(as.KindAccept))
		said := len(c.activities())
		c.check(c.live(ctx))
		c.tell()
		if list := c.activities(); len(list) != said {
			for _, a := range list[said:] {
				t.Errorf("said %s: %s", a.Kind, a.Body)
			}
		}
		for _, pattern := range c.fed.Documents() {
			for _, path := range []string{c.closedDocuments()[pattern], strings.ReplaceAll(pattern, "{name}", "cellar")} {
				if path == "" || strings.Contains(path, "{") || strings.HasPrefix(path, "/u/") || path == "/outbox" {
					continue
				}
				for _, who := range []*fediverse.Actor{nil, c.mia, c.instance} {
					if status, text := c.get(who, path); status != http.StatusNotFound || text != c.missing(who) {
						t.Errorf("%s = %d %s", path, status, text)
					}
				}
			}
		}
		host := as.Host(c.URL)
		for _, resource := range []string{"acct:cellar@" + host, c.URL + "/c/cellar"} {
			status, text := c.get(nil, "/.well-known/webfinger?resource="+url.QueryEscape(resource))
			if nothing, same := c.get(nil, "/.well-known/webfinger?resource="+url.QueryEscape("acct:nobody_at_all@"+host)); status != nothing || text != same {
				t.Errorf("WebFinger of %s = %d %s", resource, status, text)
			}
		}
		if status, text := c.mia.Send(t, c.URL+"/c/cellar/inbox", c.follow(c.mia)); status != http.StatusNotFound {
			t.Errorf("its inbox answered %d %s", status, text)
		}
		for _, path := range []string{"/u/ann/outbox", "/u/ann/following", "/nodeinfo/2.1"} {
			if _, text := c.get(nil, path); strings.Contains(text, secretWords) || strings.Contains(text, "cellar") || strings.Contains(text, `"localPosts":1`) {
				t.Errorf("%s tells of it: %s", path, text)
			}
		}
		for _, d := range append(c.lemmy.Deliveries(), c.third.Deliveries()...) {
			if strings.Contains(string(d.Body), "cellar") || strings.Contains(string(d.Body), secretWords) {
				t.Errorf("delivered %s", d.Body)
			}
		}
	})
}

// live is what happens in a group.
func (c *cellar) live(ctx context.Context) error {
	bea, ballots := c.person("bea"), &votes.Service{DB: c.db, Origin: c.URL, Now: c.now}
	handle := community.Handle{Name: "cellar"}
	if _, err := c.groups.Join(ctx, bea, c.group, community.Origin{}); err != nil {
		return err
	}
	post, err := c.posts.Publish(ctx, bea, c.group, posts.Draft{Title: secretWords, Body: "Hello @mia@" + as.Host(c.mia.ID)})
	if err != nil {
		return err
	}
	title, summary := "More "+secretWords, "About it"
	if _, err := c.posts.Edit(ctx, bea, post.ID, posts.Change{Title: &title}); err != nil {
		return err
	}
	answer, err := c.posts.Comment(ctx, c.ann, post.ID, 0, posts.Draft{Body: "Hello @mia@" + as.Host(c.mia.ID)})
	if err != nil {
		return err
	}
	if _, err := c.posts.EditComment(ctx, c.ann, answer.ID, posts.Change{Body: &title}); err != nil {
		return err
	}
	if _, err := ballots.Cast(ctx, bea, answer.Subject(), 1, community.Origin{}); err != nil {
		return err
	}
	if _, err := ballots.Cast(ctx, bea, answer.Subject(), 0, community.Origin{}); err != nil {
		return err
	}
	if _, err := c.groups.Edit(ctx, c.ann, handle, groups.Change{Summary: &summary}); err != nil {
		return err
	}
	if err := c.moderation.RemoveComment(ctx, c.ann, answer.ID, moderation.Removal{Reason: "why"}, community.Origin{}); err != nil {
		return err
	}
	if err := c.moderation.RestoreComment(ctx, c.ann, answer.ID, community.Origin{}); err != nil {
		return err
	}
	if err := c.posts.DeleteComment(ctx, c.ann, answer.ID, community.Origin{}); err != nil {
		return err
	}
	if err := c.moderation.RemovePost(ctx, c.ann, post.ID, moderation.Removal{Reason: "why"}, community.Origin{}); err != nil {
		return err
	}
	if err := c.moderation.RestorePost(ctx, c.ann, post.ID, community.Origin{}); err != nil {
		return err
	}
	if err := c.posts.Delete(ctx, bea, post.ID, community.Origin{}); err != nil {
		return err
	}
	return c.groups.PutOut(ctx, c.ann, handle, community.Handle{Name: "bea"})
}

// Who may read what somebody here wrote in a private group elsewhere, that
// group's server knows, and is asked.
func TestReadersOfPrivateGroupsElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := &abroad{home: newHome(t, db), lemmy: fediverse.NewPeer(t, "lemmy"), third: fediverse.NewPeer(t, "lemmy")}
		a.dogs = a.lemmy.Group("dogs")
		a.dogs.Extra["manuallyApprovesFollowers"] = true
		a.dogs.Extra["followers"] = a.dogs.ID + "/followers"
		a.join(a.dogs)
		a.group = a.stored(a.dogs)
		site, member, stranger := a.lemmy.Actor(as.KindApplication, "/site"), a.third.Person("nico"), a.third.Person("eve")
		a.lemmy.ServeFunc("/c/dogs/followers", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("is_follower") != member.ID || r.Header.Get("Signature") == "" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("Content-Type", as.ContentType)
			_, _ = fmt.Fprintf(w, `{"@context":%q,"type":"Collection","id":%q,"totalItems":1,"items":[]}`, as.NS, a.dogs.ID+"/followers")
		})
		post, err := a.posts.Publish(t.Context(), a.ann, a.group, posts.Draft{Title: "Bones"})
		if err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("%s/post/%d", a.URL, post.ID)
		for _, reader := range []struct {
			who  *fediverse.Actor
			want int
		}{{site, 200}, {a.dogs, 200}, {member, 200}, {stranger, 404}, {a.lemmy.Person("lena"), 404}} {
			if status, body, err := reader.who.Get(t.Context(), path); status != reader.want {
				t.Errorf("%s reads it: %d, want %d: %s %v", reader.who.Name, status, reader.want, body, err)
			}
		}
	})
}
