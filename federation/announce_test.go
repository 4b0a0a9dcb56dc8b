package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// An abroad is a Lemmy with the group dogs, in which ann is, its member lena,
// and a third server with nico.
type abroad struct {
	*home
	lemmy, third *fediverse.Peer
	dogs         *fediverse.Actor
	lena, nico   *fediverse.Actor
	group        *community.Actor // dogs, as it is stored here
	n            int
}

func newAbroad(t testing.TB, db *storage.DB) *abroad {
	t.Helper()
	a := &abroad{home: newHome(t, db), lemmy: fediverse.NewPeer(t, "lemmy"), third: fediverse.NewPeer(t, "mastodon")}
	a.dogs, a.lena, a.nico = a.lemmy.Group("dogs"), a.lemmy.Person("lena"), a.third.Person("nico")
	a.dogs.Extra["attributedTo"] = a.dogs.ID + "/moderators"
	a.dogs.Extra["featured"] = a.dogs.ID + "/featured"
	a.join(a.dogs)
	a.group = a.stored(a.dogs)
	return a
}

// join makes ann a member of a remote group: she asks, it accepts.
func (a *abroad) join(group *fediverse.Actor) {
	a.t.Helper()
	found, err := a.fed.Resolve(a.t.Context(), a.ann, group.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	m, err := a.groups.Join(a.t.Context(), a.ann, found.Group.Actor, community.Origin{})
	if err != nil {
		a.t.Fatal(err)
	}
	a.send(group, map[string]any{
		"@context": as.NS, "type": "Accept", "id": group.ID + "/accept/1", "actor": group.ID, "to": []string{a.ann.IRI},
		"object": map[string]any{"type": "Follow", "id": m.FollowIRI, "actor": a.ann.IRI, "object": group.ID},
	})
}

func (a *abroad) stored(actor *fediverse.Actor) *community.Actor {
	a.t.Helper()
	found, err := a.db.ActorByIRI(a.t.Context(), actor.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	return found
}

// page is a Page by author in a group, as Lemmy writes it.
func page(author *fediverse.Actor, name, group string) map[string]any {
	return map[string]any{
		"id": author.Peer.URL + "/post/" + name, "type": "Page", "attributedTo": author.ID, "name": name + " by " + author.Name,
		"to": []string{group, public}, "cc": []string{}, "audience": group, "content": "<p>text of " + name + "</p>",
		"mediaType": "text/html", "source": map[string]any{"content": "*text* of " + name, "mediaType": "text/markdown"},
		"attachment": []any{map[string]any{"type": "Link", "href": "https://example.org/" + name}},
		"language":   map[string]any{"identifier": "de", "name": "Deutsch"}, "published": "2026-04-30T08:00:00Z",
	}
}

// reply is a Note in answer to something.
func reply(author *fediverse.Actor, name, to string) map[string]any {
	return map[string]any{
		"id": author.Peer.URL + "/comment/" + name, "type": "Note", "attributedTo": author.ID, "inReplyTo": to,
		"to": []string{public}, "cc": []string{}, "content": "<p>answer " + name + "</p>", "published": "2026-04-30T09:00:00Z",
	}
}

// act is an activity by actor.
func (a *abroad) act(kind string, actor *fediverse.Actor, object any, more ...any) map[string]any {
	a.n++
	doc := map[string]any{
		"id":   fmt.Sprintf("%s/activities/%s/%d", actor.Peer.URL, strings.ToLower(kind), a.n),
		"type": kind, "actor": actor.ID, "object": object, "to": []string{public}, "cc": []string{a.dogs.ID},
	}
	for i := 0; i < len(more); i += 2 {
		doc[more[i].(string)] = more[i+1]
	}
	return doc
}

// announce has dogs announce something.
func (a *abroad) announce(object any) {
	a.t.Helper()
	announce := a.act("Announce", a.dogs, object)
	announce["@context"] = as.NS
	a.send(a.dogs, announce)
}

// one wants exactly one post in dogs and returns it.
func (a *abroad) one() *community.Post {
	a.t.Helper()
	list := a.feed(a.group)
	if len(list) != 1 {
		a.t.Fatalf("there are %d posts, want one; the log is:\n%s", len(list), strings.Join(a.log.lines, "\n"))
	}
	return list[0]
}

func (a *abroad) none() {
	a.t.Helper()
	if list := a.feed(a.group); len(list) != 0 {
		a.t.Fatalf("there are posts: %+v", list[0])
	}
}

// vote returns what actor voted on the post.
func (a *abroad) vote(actor *fediverse.Actor, post *community.Post) int {
	a.t.Helper()
	votes, err := a.db.VotesBy(a.t.Context(), a.stored(actor).ID, community.SubjectPost, []int64{int64(post.ID)})
	if err != nil {
		a.t.Fatal(err)
	}
	return votes[int64(post.ID)]
}

func TestAnnounce(t *testing.T) {
	tests := []struct {
		name string
		play func(*abroad)
	}{
		{"a post of the group's own server, on its word", func(a *abroad) {
			a.announce(a.act("Create", a.lena, page(a.lena, "first", a.dogs.ID)))
			p := a.one()
			want := community.Post{Title: "first by lena", Body: "*text* of first", Link: "https://example.org/first", Kind: community.LinkPost, Language: "de"}
			got := community.Post{Title: p.Title, Body: p.Body, Link: p.Link, Kind: p.Kind, Language: p.Language}
			if got.Title != want.Title || got.Body != want.Body || got.Link != want.Link || got.Kind != want.Kind || got.Language != want.Language {
				a.t.Errorf("the post is %+v, want %+v", got, want)
			}
			if p.AuthorID != a.stored(a.lena).ID || p.Local || p.CreatedAt.Day() != 30 {
				a.t.Errorf("the post is %+v", p)
			}
			if n := len(a.lemmy.Requests("/post/")); n != 0 {
				a.t.Errorf("the post was fetched %d times", n)
			}
		}},
		{"a post of a third server, as its origin has it", func(a *abroad) {
			a.third.Serve("/post/second", page(a.nico, "second", a.dogs.ID))
			forged := page(a.nico, "second", a.dogs.ID)
			forged["name"] = "something that nico never said"
			a.announce(a.act("Create", a.nico, forged))
			if p := a.one(); p.Title != "second by nico" {
				a.t.Errorf("the title is %q", p.Title)
			}
		}},
		{"a post that nobody wrote", func(a *abroad) {
			a.announce(a.act("Create", a.nico, page(a.nico, "never", a.dogs.ID)))
			a.none()
			a.dropped("inner_kind=Create", "404")
		}},
		{"a post in the name of somebody here", func(a *abroad) {
			forged := page(a.lena, "forged", a.dogs.ID)
			forged["id"], forged["attributedTo"] = a.URL+"/post/99", a.ann.IRI
			create := a.act("Create", a.lena, forged)
			create["id"], create["actor"] = a.URL+"/activities/create/1", a.ann.IRI
			a.announce(create)
			a.none()
			a.dropped("said so here first")
		}},
		{"a post that the group's server puts into a member's mouth", func(a *abroad) {
			forged := page(a.nico, "mouth", a.dogs.ID)
			create := a.act("Create", a.lena, forged) // lena says that nico wrote
			a.announce(create)
			a.none()
			a.dropped("is not by")
		}},
		{"an activity by its id", func(a *abroad) {
			create := a.act("Create", a.nico, page(a.nico, "third", a.dogs.ID))
			a.announce(a.third.Serve(strings.TrimPrefix(create["id"].(string), a.third.URL), create))
			a.one()
		}},
		{"an object by its id", func(a *abroad) {
			a.announce(a.third.Serve("/post/fourth", page(a.nico, "fourth", a.dogs.ID)))
			a.one()
		}},
		{"an embedded object, which only names it", func(a *abroad) {
			a.third.Serve("/post/fifth", page(a.nico, "fifth", a.dogs.ID))
			forged := page(a.nico, "fifth", a.dogs.ID)
			forged["name"] = "another"
			a.announce(forged)
			if p := a.one(); p.Title != "fifth by nico" {
				a.t.Errorf("the title is %q", p.Title)
			}
		}},
		{"an object that calls itself by another server's name", func(a *abroad) {
			a.announce(a.third.Serve("/post/sixth", page(a.lena, "sixth", a.dogs.ID)))
			a.none()
			a.dropped("another server")
		}},
		{"an object served as plain JSON", func(a *abroad) {
			body := fediverse.JSON(a.t, page(a.nico, "seventh", a.dogs.ID))
			a.announce(a.third.ServeFunc("/post/seventh", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(body)
			}))
			a.none()
			a.dropped("not with an ActivityStreams document")
		}},
		{"an Announce within an Announce", func(a *abroad) {
			a.announce(a.act("Announce", a.dogs, a.act("Create", a.lena, page(a.lena, "x", a.dogs.ID))))
			a.none()
			a.dropped("kind=Announce")
		}},
		{"many votes at once, as PieFed sends them", func(a *abroad) {
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			p := a.one()
			a.announce([]any{a.act("Like", a.lena, p.IRI), a.act("Dislike", a.nico, p.IRI), a.act("Like", a.nico, "https://nowhere.test/1")})
			if a.vote(a.lena, p) != 1 || a.vote(a.nico, p) != -1 {
				a.t.Error("the votes were not counted")
			}
			a.announce(a.act("Undo", a.lena, a.act("Dislike", a.lena, p.IRI))) // not what she cast
			a.announce(a.act("Undo", a.nico, a.act("Dislike", a.nico, p.IRI)))
			if a.vote(a.lena, p) != 1 || a.vote(a.nico, p) != 0 {
				a.t.Error("the wrong vote was taken back")
			}
		}},
		{"a vote on what is not in the group", func(a *abroad) {
			mine, err := a.posts.Publish(a.t.Context(), a.ann, a.cats, postDraft("Mine"))
			if err != nil {
				a.t.Fatal(err)
			}
			a.announce(a.act("Like", a.lena, mine.IRI))
			a.dropped("inner_kind=Like", "what is not in it")
		}},
		{"an answer and an edit", func(a *abroad) {
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			p := a.one()
			note := reply(a.lena, "c", p.IRI)
			a.announce(a.act("Create", a.lena, note))
			deeper := reply(a.nico, "d", note["id"].(string))
			a.third.Serve("/comment/d", deeper)
			a.announce(a.act("Create", a.nico, deeper))
			list := a.comments()
			if len(list) != 2 || list[1].ParentID != list[0].ID || list[1].Depth != 1 {
				a.t.Fatalf("the comments are %+v", list)
			}
			note["content"] = "<p>better</p>"
			a.announce(a.act("Update", a.lena, note))
			if list := a.comments(); !strings.Contains(list[0].HTML, "better") || list[0].EditedAt.IsZero() {
				a.t.Errorf("the edited comment is %+v", list[0])
			}
			changed := page(a.lena, "p", a.dogs.ID)
			changed["name"] = "changed"
			a.announce(a.act("Update", a.lena, changed))
			if p := a.one(); p.Title != "changed" || p.EditedAt.IsZero() {
				a.t.Errorf("the edited post is %+v", p)
			}
		}},
		{"an author's deletion of a third server, once it is so there", func(a *abroad) {
			a.third.Serve("/post/p", page(a.nico, "p", a.dogs.ID))
			a.announce(a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)))
			p := a.one()
			a.announce(a.act("Delete", a.nico, p.IRI))
			a.dropped("inner_kind=Delete", "still there")
			a.third.Gone("/post/p")
			a.announce(a.act("Delete", a.nico, p.IRI))
			if a.one().DeletedAt.IsZero() {
				a.t.Error("the post is still here")
			}
		}},
		{"a removal by a moderator of the group's server, and its end", func(a *abroad) {
			mod := a.lemmy.Person("mod")
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			p := a.one()
			removal := a.act("Delete", mod, p.IRI, "summary", "spam")
			a.announce(removal)
			if p = a.one(); p.RemovedAt.IsZero() || p.RemovedReason != "spam" || p.RemovedBy != a.stored(mod).ID {
				a.t.Errorf("the removed post is %+v", p)
			}
			a.announce(a.act("Undo", mod, removal))
			if p = a.one(); !p.RemovedAt.IsZero() {
				a.t.Errorf("the restored post is %+v", p)
			}
		}},
		{"a removal by a moderator of a third server", func(a *abroad) {
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			p := a.one()
			a.lemmy.Serve("/c/dogs/moderators", map[string]any{
				"id": a.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": []string{a.nico.ID},
			})
			stranger := a.third.Person("stranger")
			a.announce(a.act("Delete", stranger, p.IRI, "summary", ""))
			a.dropped("inner_kind=Delete", "is no moderator")
			a.announce(a.act("Delete", a.nico, p.IRI, "summary", ""))
			if p = a.one(); p.RemovedAt.IsZero() {
				a.t.Errorf("the post is %+v", p)
			}
		}},
		{"a post in a group in which only moderators begin threads", func(a *abroad) {
			a.dogs.Extra["postingRestrictedToMods"] = true
			a.announce(a.act("Update", a.lena, a.dogs.Document()))
			if g := a.stored(a.dogs); !g.Restricted {
				a.t.Fatal("the group is not restricted")
			}
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			a.one()
		}},
		{"a change of the group itself", func(a *abroad) {
			a.dogs.Extra["name"] = "Dogs and wolves"
			a.announce(a.act("Update", a.lena, a.dogs.Document()))
			if g := a.stored(a.dogs); g.Title != "Dogs and wolves" {
				a.t.Errorf("the group is called %q", g.Title)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *storage.DB) { test.play(newAbroad(t, db)) })
		})
	}
}

// TestAnnounceByStrangers: who may announce at all.
func TestAnnounceByStrangers(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	birds := a.lemmy.Group("birds")
	a.send(birds, a.act("Announce", birds, a.act("Create", a.lena, page(a.lena, "b", birds.ID))))
	a.dropped("Announce", "followed by nobody here")
	a.send(a.lena, a.act("Announce", a.lena, a.act("Create", a.lena, page(a.lena, "c", a.dogs.ID))))
	a.dropped("Announce", "boosts by people")
	a.none()
}

// TestRawFromGroupServer: Mbin announces other people's posts, and sends its
// own users' as they are.
func TestRawFromGroupServer(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	create := a.act("Create", a.lena, page(a.lena, "raw", a.dogs.ID))
	create["@context"] = as.NS
	a.send(a.lena, create)
	p := a.one()
	// To remove something without the group's word takes being listed as its
	// moderator, on the same server too.
	a.lemmy.Serve("/c/dogs/moderators", map[string]any{"id": a.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": []string{a.lena.ID}})
	mod := a.lemmy.Person("mod")
	a.send(mod, a.act("Delete", mod, p.IRI, "summary", "spam"))
	a.dropped("Delete", "is no moderator of")
	if p = a.one(); !p.RemovedAt.IsZero() {
		t.Errorf("the post is %+v", p)
	}
}

// TestOnlyTheGroupAnswers: nobody else accepts for a group.
func TestOnlyTheGroupAnswers(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	birds := a.lemmy.Group("birds")
	found, err := a.fed.Resolve(t.Context(), a.ann, birds.ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.groups.Join(t.Context(), a.ann, found.Group.Actor, community.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	state := func() community.MembershipState {
		m, err := a.db.Membership(t.Context(), found.Group.ID, a.ann.ID)
		if err != nil || m == nil {
			return ""
		}
		return m.State
	}
	follow := map[string]any{"type": "Follow", "id": m.FollowIRI, "actor": a.ann.IRI, "object": birds.ID}
	a.send(a.dogs, a.act("Accept", a.dogs, follow))
	a.dropped("Accept", "answers for")
	a.send(a.dogs, a.act("Accept", a.dogs, m.FollowIRI))
	if state() != community.Pending {
		t.Fatalf("another group's Accept made it %q", state())
	}
	a.send(birds, a.act("Accept", birds, m.FollowIRI)) // by the id alone
	if state() != community.Accepted {
		t.Fatalf("the Accept left it %q", state())
	}
	a.send(birds, a.act("Reject", birds, follow)) // put out later
	if state() != "" {
		t.Fatalf("the Reject left it %q", state())
	}
}

func postDraft(title string) posts.Draft { return posts.Draft{Title: title} }
