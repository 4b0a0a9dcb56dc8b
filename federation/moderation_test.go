package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

// moderators makes dogs list who moderates it.
func (a *abroad) moderators(list ...*fediverse.Actor) {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	a.lemmy.Serve("/c/dogs/moderators", map[string]any{"id": a.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": ids})
}

// post has lena begin a thread in dogs.
func (a *abroad) post(name string) *community.Post {
	a.t.Helper()
	a.announce(a.act("Create", a.lena, page(a.lena, name, a.dogs.ID)))
	p, err := a.db.PostByIRI(a.t.Context(), a.lemmy.URL+"/post/"+name)
	if err != nil {
		a.t.Fatal(err)
	}
	return p
}

func (a *abroad) again(p *community.Post) *community.Post {
	a.t.Helper()
	p, err := a.db.Post(a.t.Context(), p.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	return p
}

func (a *abroad) member(group *community.Actor, who *community.Actor) *community.Membership {
	a.t.Helper()
	m, err := a.db.Membership(a.t.Context(), group.ID, who.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	if m == nil {
		return &community.Membership{}
	}
	return m
}

// The shapes are those of Lemmy (Lock, Add, Remove, Block with endTime) and
// Mbin (expires, null where there is no end, a collection called pinned).
func TestModerationElsewhere(t *testing.T) {
	tests := []struct {
		name string
		play func(*abroad, *fediverse.Actor)
	}{
		{"a lock, wrapped, and its end", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			lock := a.act("Lock", mod, p.IRI, "summary", "said", "audience", a.dogs.ID)
			a.announce(lock)
			if a.again(p).LockedAt.IsZero() {
				a.t.Fatal("the thread is open")
			}
			if _, err := a.posts.Comment(a.t.Context(), a.ann, p.ID, 0, posts.Draft{Body: "But"}); err == nil {
				a.t.Error("somebody answered in a locked thread")
			}
			a.announce(a.act("Undo", mod, lock))
			if !a.again(p).LockedAt.IsZero() {
				a.t.Error("the thread is still locked")
			}
		}},
		{"a lock of a comment", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			note := reply(a.lena, "c", p.IRI)
			a.announce(a.act("Create", a.lena, note))
			a.announce(a.act("Lock", mod, note["id"]))
			c := a.comments()[0]
			if c.LockedAt.IsZero() {
				a.t.Fatal("the branch is open")
			}
			if _, err := a.posts.Comment(a.t.Context(), a.ann, p.ID, c.ID, posts.Draft{Body: "But"}); err == nil {
				a.t.Error("somebody answered in a locked branch")
			}
			a.announce(a.act("Undo", mod, a.act("Lock", mod, note["id"])))
			if !a.comments()[0].LockedAt.IsZero() {
				a.t.Error("the branch is still locked")
			}
		}},
		{"a lock by a listed moderator of a third server, raw", func(a *abroad, _ *fediverse.Actor) {
			p := a.post("p")
			a.moderators(a.nico)
			a.send(a.nico, a.act("Lock", a.nico, p.IRI))
			if a.again(p).LockedAt.IsZero() {
				a.t.Error("the thread is open")
			}
		}},
		{"a lock by an author, as their magazine announces it", func(a *abroad, _ *fediverse.Actor) {
			a.third.Serve("/post/mine", page(a.nico, "mine", a.dogs.ID))
			a.moderators()
			a.announce(a.act("Create", a.nico, page(a.nico, "mine", a.dogs.ID)))
			p := a.one()
			a.send(a.nico, a.act("Lock", a.nico, p.IRI))
			if !a.again(p).LockedAt.IsZero() {
				a.t.Fatal("locked without the group's word")
			}
			a.announce(a.act("Lock", a.nico, p.IRI))
			if a.again(p).LockedAt.IsZero() {
				a.t.Error("the thread is open")
			}
		}},
		{"a lock by nobody of importance", func(a *abroad, _ *fediverse.Actor) {
			p := a.post("p")
			a.moderators(a.lena)
			a.announce(a.act("Lock", a.nico, p.IRI))
			a.dropped("inner_kind=Lock", "is no moderator")
			if !a.again(p).LockedAt.IsZero() {
				a.t.Error("the thread is locked")
			}
		}},
		{"posts on top and not any more", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			a.announce(a.act("Add", mod, p.IRI, "target", a.dogs.ID+"/featured"))
			if a.again(p).FeaturedAt.IsZero() {
				a.t.Fatal("the post is not on top")
			}
			a.announce(a.act("Remove", mod, p.IRI, "target", a.dogs.ID+"/featured"))
			if !a.again(p).FeaturedAt.IsZero() {
				a.t.Error("the post is still on top")
			}
			a.announce(a.act("Add", mod, p.IRI, "target", a.cats.Featured))
			a.dropped("inner_kind=Add", "announces what is not about it")
		}},
		{"somebody from here becomes a moderator, and is none later", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Add", mod, a.ann.IRI, "target", a.dogs.ID+"/moderators"))
			if m := a.member(a.group, a.ann); !m.Moderates() || !m.Follows() {
				a.t.Fatalf("ann is %+v", m)
			}
			a.announce(a.act("Remove", mod, a.ann.IRI, "target", a.dogs.ID+"/moderators"))
			if m := a.member(a.group, a.ann); m.Moderates() || !m.Follows() {
				a.t.Errorf("ann is %+v", m)
			}
		}},
		{"a ban with an end, and with what was written", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			end := a.now().Add(time.Hour).UTC().Truncate(time.Second)
			block := a.act("Block", mod, a.lena.ID, "target", a.dogs.ID, "summary", "spam", "removeData", true, "endTime", end)
			a.announce(block)
			m := a.member(a.group, a.stored(a.lena))
			if !m.BannedUntil.Equal(end) || m.BanReason != "spam" {
				a.t.Errorf("lena is %+v", m)
			}
			if p = a.again(p); p.RemovedAt.IsZero() || p.RemovedReason != "spam" {
				a.t.Errorf("her post is %+v", p)
			}
			a.announce(a.act("Undo", mod, block, "restoreData", true))
			if m := a.member(a.group, a.stored(a.lena)); !m.BannedUntil.IsZero() {
				a.t.Errorf("lena is %+v", m)
			}
			if p = a.again(p); !p.RemovedAt.IsZero() {
				a.t.Errorf("her post is %+v", p)
			}
		}},
		{"a ban for good, as Mbin writes it, of somebody here", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Block", mod, a.ann.IRI, "target", a.dogs.ID, "summary", "some test", "expires", nil, "audience", a.dogs.ID))
			m := a.member(a.group, a.ann)
			if !m.BannedUntil.Equal(community.Forever) || !m.Follows() {
				a.t.Errorf("ann is %+v", m)
			}
			if _, err := a.posts.Publish(a.t.Context(), a.ann, a.group, postDraft("But")); err == nil {
				a.t.Error("ann still writes there")
			}
			a.announce(a.act("Undo", mod, a.act("Block", mod, a.ann.IRI, "target", a.dogs.ID, "expires", nil)))
			if m := a.member(a.group, a.ann); !m.BannedUntil.IsZero() || !m.Follows() {
				a.t.Errorf("ann is %+v", m)
			}
		}},
		{"a ban whose end cannot be read", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Block", mod, a.ann.IRI, "target", a.dogs.ID, "endTime", "next week"))
			a.dropped("inner_kind=Block", "no time")
			if m := a.member(a.group, a.ann); !m.BannedUntil.IsZero() {
				a.t.Errorf("ann is %+v", m)
			}
		}},
		{"a ban from another group than announces it", func(a *abroad, mod *fediverse.Actor) {
			a.announce(a.act("Block", mod, a.lena.ID, "target", a.cats.IRI))
			a.dropped("inner_kind=Block", "announces what is not about it")
		}},
		{"a site's ban of somebody else holds in its groups", func(a *abroad, mod *fediverse.Actor) {
			mine, err := a.posts.Publish(a.t.Context(), a.ann, a.cats, postDraft("Mine"))
			if err != nil {
				a.t.Fatal(err)
			}
			theirs, err := a.posts.Publish(a.t.Context(), a.ann, a.group, postDraft("Theirs"))
			if err != nil {
				a.t.Fatal(err)
			}
			block := a.act("Block", mod, a.ann.IRI, "target", a.lemmy.URL+"/", "removeData", true)
			a.send(mod, block)
			if !a.again(mine).RemovedAt.IsZero() || a.again(theirs).RemovedAt.IsZero() {
				a.t.Errorf("here %+v, there %+v", a.again(mine), a.again(theirs))
			}
			if _, err := a.posts.Publish(a.t.Context(), a.ann, a.group, postDraft("But")); err == nil {
				a.t.Error("ann still writes there")
			}
			if _, err := a.posts.Publish(a.t.Context(), a.ann, a.cats, postDraft("And")); err != nil {
				a.t.Error(err)
			}
			a.send(mod, a.act("Undo", mod, block, "restoreData", true))
			if !a.again(theirs).RemovedAt.IsZero() {
				a.t.Error("what ann wrote there is not back")
			}
		}},
		{"a home's ban takes down what was written everywhere", func(a *abroad, mod *fediverse.Actor) {
			a.send(a.lena, note(a.lena, "here", a.cats.IRI))
			a.send(mod, a.act("Block", mod, a.lena.ID, "target", a.lemmy.URL, "removeData", true, "summary", "spam"))
			if p := a.feed(a.cats)[0]; p.RemovedReason != "spam" {
				a.t.Errorf("the post is %+v", p)
			}
		}},
		{"a site's ban in the name of another", func(a *abroad, mod *fediverse.Actor) {
			a.send(mod, a.act("Block", mod, a.ann.IRI, "target", a.third.URL+"/"))
			a.dropped("kind=Block", "does not decide who is welcome")
			a.send(mod, a.act("Block", mod, a.lena.ID, "target", a.URL+"/"))
			a.dropped("kind=Block", "welcome on this server")
			a.announce(a.act("Block", a.nico, a.ann.IRI, "target", a.third.URL+"/"))
			a.dropped("inner_kind=Block", "does not speak for the server of")
		}},
		{"a removal with its answers, and back", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			a.announce(a.act("Create", a.lena, reply(a.lena, "c", p.IRI)))
			a.announce(a.act("Create", a.lena, reply(a.lena, "d", a.lemmy.URL+"/comment/c")))
			removal := a.act("Delete", mod, a.lemmy.URL+"/comment/c", "summary", "rude", "withReplies", true)
			a.announce(removal)
			for _, c := range a.comments() {
				if c.RemovedReason != "rude" {
					a.t.Errorf("the comment is %+v", c)
				}
			}
			a.announce(a.act("Undo", mod, removal))
			for _, c := range a.comments() {
				if !c.RemovedAt.IsZero() {
					a.t.Errorf("the comment is %+v", c)
				}
			}
		}},
		{"what a moderator changes of others is whether it is sensitive", func(a *abroad, mod *fediverse.Actor) {
			p := a.post("p")
			forged := page(a.lena, "p", a.dogs.ID)
			forged["sensitive"], forged["name"], forged["content"] = true, "I am sorry", "<p>for everything</p>"
			a.announce(a.act("Update", mod, forged))
			if got := a.again(p); !got.Sensitive || got.Title != p.Title || got.HTML != p.HTML {
				a.t.Errorf("the post is %+v", got)
			}
		}},
		{"a site's ban does not last for those who never came", func(a *abroad, mod *fediverse.Actor) {
			a.send(mod, a.act("Block", mod, a.third.Person("stranger").ID, "target", a.lemmy.URL+"/"))
			if n := len(a.third.Requests("/users/stranger")); n != 0 {
				a.t.Errorf("a stranger was fetched %d times", n)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				a := newAbroad(t, db)
				test.play(a, a.lemmy.Person("mod"))
			})
		})
	}
}

// TestModeratorFromElsewhere: lena of a Lemmy moderates cats, which is ours.
func TestModeratorFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		ctx, cats := t.Context(), a.cats
		mine, err := a.posts.Publish(ctx, a.ann, cats, postDraft("Mine"))
		if err != nil {
			t.Fatal(err)
		}
		say := func(kind string, object any, more ...any) {
			t.Helper()
			doc := a.act(kind, a.lena, object, more...)
			doc["@context"], doc["cc"], doc["audience"] = as.NS, []string{cats.IRI}, cats.IRI
			a.send(a.lena, doc)
		}
		everything := func() {
			say("Lock", mine.IRI, "summary", "said")
			say("Add", mine.IRI, "target", cats.Featured)
			say("Update", map[string]any{"type": "Page", "id": mine.IRI, "attributedTo": a.ann.IRI, "name": "x", "sensitive": true})
			say("Block", a.nico.ID, "target", cats.IRI)
			say("Update", map[string]any{
				"type": "Group", "id": cats.IRI, "preferredUsername": "cats", "name": "Cats & co", "postingRestrictedToMods": true,
				"inbox": cats.Inbox, "attributedTo": cats.Moderators,
			})
		}
		state := func() (p *community.Post, group *community.Actor, nico *community.Membership) {
			if group, err = db.Actor(ctx, cats.ID); err != nil {
				t.Fatal(err)
			}
			known, err := db.ActorByIRI(ctx, a.nico.ID)
			if err != nil {
				return a.again(mine), group, &community.Membership{}
			}
			return a.again(mine), group, a.member(cats, known)
		}
		everything()
		p, group, nico := state()
		if !p.LockedAt.IsZero() || !p.FeaturedAt.IsZero() || p.Sensitive || group.Restricted || !nico.BannedUntil.IsZero() {
			t.Errorf("before lena moderates: %+v, %+v, %+v", p, group, nico)
		}
		a.dropped("kind=Lock", "Only moderators")
		a.dropped("kind=Update", "Only moderators of")

		moderating := &moderation.Service{DB: db, Now: a.now}
		if err := moderating.AddModerator(ctx, a.ann, cats, a.stored(a.lena), community.Origin{}); err != nil {
			t.Fatal(err)
		}
		everything()
		p, group, nico = state()
		if p.LockedAt.IsZero() || p.FeaturedAt.IsZero() || !p.Sensitive || p.Title != "Mine" || !group.Restricted || group.Title != "Cats & co" ||
			!nico.BannedUntil.Equal(community.Forever) {
			t.Errorf("now that she does: %+v, %+v, %+v", p, group, nico)
		}
		say("Remove", a.ann.IRI, "target", cats.Moderators)
		a.dropped("kind=Remove", "The owner of a group")
		say("Remove", a.lena.ID, "target", cats.Moderators)
		if m := a.member(cats, a.stored(a.lena)); m.Moderates() {
			t.Errorf("lena stepped down and is %+v", m)
		}
	})
}

// TestUserBlock: somebody who does not want to hear from somebody here.
func TestUserBlock(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		for _, target := range []*community.Actor{a.ann, a.cats} {
			a.send(a.nico, a.act("Follow", a.nico, target.IRI))
		}
		nico := a.stored(a.nico)
		if f, err := db.Follow(t.Context(), nico.ID, a.ann.ID); err != nil || f == nil || !a.member(a.cats, nico).Follows() {
			t.Fatalf("nico follows %+v, %v", f, err)
		}
		a.announce(a.act("Block", a.nico, a.ann.IRI))
		a.dropped("inner_kind=Block", "never announced")
		a.send(a.nico, a.act("Block", a.nico, a.ann.IRI))
		a.send(a.nico, a.act("Block", a.nico, a.cats.IRI))
		if f, err := db.Follow(t.Context(), nico.ID, a.ann.ID); err != nil || f != nil || a.member(a.cats, nico).Follows() {
			t.Errorf("nico still follows %+v, %v", f, err)
		}
		if peers, err := db.Listeners(t.Context(), a.cats.ID); err != nil || len(peers) != 0 {
			t.Errorf("the group is heard on %v, %v", peers, err)
		}
	})
}

// CVE-2026-23961: who is banned from this server says nothing here, by
// whichever way it comes.
func TestCVE_2026_23961_BannedFromTheServer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		p := a.post("before")
		a.third.Serve("/post/w", page(a.nico, "w", a.dogs.ID))
		a.announce(a.act("Create", a.nico, page(a.nico, "w", a.dogs.ID)))

		admin, err := a.fed.Accounts.Create(t.Context(), accounts.SignUp{Name: "boss", Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		moderating := &moderation.Service{DB: db, Now: a.now}
		for _, bad := range []*fediverse.Actor{a.lena, a.nico} {
			if err := moderating.BanPerson(t.Context(), admin.Actor, a.stored(bad), community.Ban{Reason: "spam"}); err != nil {
				t.Fatal(err)
			}
		}

		status, text := a.lena.Send(t, a.inbox(), note(a.lena, "direct", a.cats.IRI))
		if status != http.StatusForbidden || !strings.Contains(text, "banned") {
			t.Errorf("the inbox answered %d: %s", status, text)
		}
		a.announce(a.act("Create", a.lena, page(a.lena, "wrapped", a.dogs.ID)))
		a.dropped("inner_kind=Create", "banned from this server")
		a.announce(a.act("Like", a.nico, p.IRI))
		a.dropped("inner_kind=Like", "banned from this server")
		for _, id := range []string{
			a.third.Serve("/post/by-id", page(a.nico, "by-id", a.dogs.ID)),
			a.third.Serve("/create/by-id", with(a.act("Create", a.nico, page(a.nico, "x", a.dogs.ID)), "id", a.third.URL+"/create/by-id")),
		} {
			a.announce(id)
		}
		// An honest member answers what a banned one wrote: that is not
		// fetched to complete the thread either.
		a.third.Serve("/comment/bad", reply(a.nico, "bad", p.IRI))
		mia := a.lemmy.Person("mia")
		a.announce(a.act("Create", mia, reply(mia, "good", a.third.URL+"/comment/bad")))
		if n := len(a.feed(a.group)); n != 2 || len(a.comments()) != 0 || len(a.feed(a.cats)) != 0 {
			t.Errorf("there are %d posts and %d comments", n, len(a.comments()))
		}
		// Their own words are theirs to take back.
		a.announce(a.act("Delete", a.lena, p.IRI))
		if a.again(p).DeletedAt.IsZero() {
			t.Error("lena could not delete what she wrote")
		}
		if err := moderating.UnbanPerson(t.Context(), admin.Actor, a.stored(a.lena), false); err != nil {
			t.Fatal(err)
		}
		if status, text := a.lena.Send(t, a.inbox(), note(a.lena, "again", a.cats.IRI)); status != http.StatusAccepted {
			t.Errorf("after the ban the inbox answered %d: %s", status, text)
		}
	})
}

func with(doc map[string]any, key string, value any) map[string]any {
	doc[key] = value
	return doc
}
