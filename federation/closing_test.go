package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// shut has dogs answer 410 where it was, as a closed group of Lemmy does.
func (a *abroad) shut() {
	a.lemmy.Gone("/c/dogs")
	a.lemmy.Gone("/c/dogs/moderators")
}

// unshut has dogs answer again.
func (a *abroad) unshut() { a.lemmy.Serve("/c/dogs", a.dogs.Document()) }

// closing is a Delete of dogs, as Lemmy's moderators and administrators do it.
func (a *abroad) closing(by *fediverse.Actor) map[string]any {
	return a.act("Delete", by, a.dogs.ID, "summary", "too few walks", "audience", a.dogs.ID, "@context", as.NS)
}

// open reports whether people here can use dogs, and wants everything else to
// say the same.
func (a *abroad) open() bool {
	a.t.Helper()
	ctx, group := a.t.Context(), a.stored(a.dogs)
	listed, _, err := a.groups.List(ctx, a.ann, community.GroupQuery{Sort: community.GroupsByName, Page: community.Page{Limit: 50}})
	if err != nil {
		a.t.Fatal(err)
	}
	in := false
	for _, g := range listed {
		in = in || g.ID == group.ID
	}
	joined, err := a.groups.Joined(ctx, a.ann)
	if err != nil {
		a.t.Fatal(err)
	}
	mine := false
	for _, g := range joined {
		mine = mine || g.ID == group.ID
	}
	if in == group.Gone() || mine == group.Gone() {
		a.t.Errorf("gone is %v, and in lists %v, and among ann's %v", group.Gone(), in, mine)
	}
	return !group.Gone()
}

// TestGroupsAreClosed: of a group elsewhere by its own server, and by nobody
// else.
func TestGroupsAreClosed(t *testing.T) {
	tests := []struct {
		name   string
		close  func(*abroad, *fediverse.Actor)
		closed bool
		why    []string // it was dropped
	}{
		{"announced, by one of its server", func(a *abroad, mod *fediverse.Actor) { a.announce(a.closing(mod)) }, true, nil},
		{"announced, by a moderator of a third server", func(a *abroad, _ *fediverse.Actor) { a.announce(a.closing(a.nico)) }, true, nil},
		{"announced, with a Tombstone", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Delete", mod, map[string]any{"type": "Tombstone", "id": a.dogs.ID}))
		}, true, nil},
		{"by itself", func(a *abroad, _ *fediverse.Actor) { a.send(a.dogs, a.closing(a.dogs)) }, true, nil},
		{"by a moderator of its server", func(a *abroad, mod *fediverse.Actor) {
			a.moderators(mod)
			a.send(mod, a.closing(mod))
		}, true, nil},
		{"by a moderator of its server, where it has gone with its list", func(a *abroad, mod *fediverse.Actor) {
			a.shut()
			a.send(mod, a.closing(mod))
		}, true, nil},
		{"410 where it was", func(a *abroad, _ *fediverse.Actor) {
			p := a.post("p")
			a.shut()
			a.lemmy.Clock(a.now)
			a.pass(25 * time.Hour)
			a.send(a.dogs, a.act("Delete", a.dogs, p.IRI, "@context", as.NS)) // so that it is read again
			if a.again(p).Hidden() {
				a.t.Error("with its group went a post")
			}
		}, true, nil},
		{"by anybody of its server", func(a *abroad, _ *fediverse.Actor) {
			a.moderators()
			a.send(a.lena, a.closing(a.lena))
		}, false, []string{"kind=Delete", "is no moderator"}},
		{"by a moderator of a third server, unannounced", func(a *abroad, _ *fediverse.Actor) {
			a.moderators(a.nico)
			a.send(a.nico, a.closing(a.nico))
		}, false, []string{"kind=Delete", "has not announced this"}},
		{"announced by another group of its server", func(a *abroad, mod *fediverse.Actor) {
			birds := a.lemmy.Group("birds")
			a.join(birds)
			a.send(birds, a.act("Announce", birds, a.closing(mod), "@context", as.NS))
		}, false, []string{"inner_kind=Delete", "does not speak for"}},
		{"announced by a group of a third server", func(a *abroad, _ *fediverse.Actor) {
			birds := a.third.Group("birds")
			a.join(birds)
			a.send(birds, a.act("Announce", birds, a.closing(a.nico), "@context", as.NS))
		}, false, []string{"inner_kind=Delete", "does not speak for"}},
		{"a group of ours", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Delete", mod, a.cats.IRI))
			if status, text := mod.Send(a.t, a.inbox(), a.act("Delete", mod, a.cats.IRI, "@context", as.NS)); status != http.StatusForbidden {
				a.t.Errorf("the inbox answered %d: %s", status, text)
			}
			if group, err := a.db.Actor(a.t.Context(), a.cats.ID); err != nil || group.Gone() {
				a.t.Errorf("cats is %+v, %v", group, err)
			}
		}, false, []string{"inner_kind=Delete", "is not closed from elsewhere"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				a := newAbroad(t, db)
				test.close(a, a.lemmy.Person("mod"))
				if a.open() == test.closed {
					t.Errorf("closed is %v; the log is:\n%s", !test.closed, strings.Join(a.log.lines, "\n"))
				}
				if test.why != nil {
					a.dropped(test.why...)
				}
			})
		})
	}
}

// TestAClosedGroup: what was said in it is read, nobody here does anything in
// it, and its server can open it again.
func TestAClosedGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		ctx, mod := t.Context(), a.lemmy.Person("mod")
		mine, err := a.posts.Publish(ctx, a.ann, a.group, postDraft("Mine"))
		if err != nil {
			t.Fatal(err)
		}
		bob := a.third.Person("bob")
		name := a.stored(a.dogs).Name
		a.shut()
		closing := a.closing(mod)
		a.announce(closing)

		group := a.stored(a.dogs)
		found, err := a.groups.Find(ctx, nil, community.Handle{Name: name, Host: group.Host})
		if err != nil || !found.Gone() || found.Name != name {
			t.Fatalf("readers find %+v, %v", found, err)
		}
		if view, err := a.posts.Find(ctx, a.ann, mine.ID); err != nil || view.Title != "Mine" || view.Can.Reply || view.Can.Vote || !view.Can.Delete {
			t.Errorf("ann reads %+v, %v", view, err)
		}
		refused := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "was closed by its server") {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = a.posts.Publish(ctx, a.ann, group, postDraft("But"))
		refused("posting", err)
		_, err = a.posts.Comment(ctx, a.ann, mine.ID, 0, posts.Draft{Body: "But"})
		refused("answering", err)
		_, err = a.groups.Join(ctx, a.ann, group, community.Origin{})
		refused("joining", err)
		a.announce(a.act("Create", a.lena, page(a.lena, "late", a.dogs.ID)))
		if n := len(a.feed(group)); n != 1 {
			t.Errorf("a closed group has %d posts", n)
		}

		// On nobody's word alone is it open again.
		a.announce(a.act("Undo", mod, closing))
		if a.open() {
			t.Error("it is open, and answers 410")
		}
		a.unshut()
		undo := a.act("Undo", bob, a.closing(bob), "@context", as.NS)
		a.send(bob, undo)
		a.dropped("kind=Undo", "has not announced this")
		if a.open() {
			t.Error("a stranger opened it")
		}
		a.announce(a.act("Undo", mod, closing))
		if !a.open() {
			t.Fatalf("it is still closed; the log is:\n%s", strings.Join(a.log.lines, "\n"))
		}
		if !a.member(a.group, a.ann).Follows() {
			t.Error("ann is no member any more")
		}
		if _, err := a.posts.Comment(ctx, a.ann, mine.ID, 0, posts.Draft{Body: "Back"}); err != nil {
			t.Error(err)
		}
		a.announce(a.act("Undo", mod, closing))
		a.dropped("inner_kind=Undo", "is not closed")
	})
}
