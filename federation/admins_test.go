package federation_test

import (
	"net/http"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/storage"
)

// The ways in which servers say who administers them; root and boss are not
// always the only ones who are listed.
var adminLists = map[string]struct {
	software string
	serve    func(p *fediverse.Peer, boss *fediverse.Actor)
}{
	"Lemmy's site": {"lemmy", func(p *fediverse.Peer, boss *fediverse.Actor) {
		p.Serve("/api/v3/site", map[string]any{"site_view": map[string]any{}, "admins": []any{
			map[string]any{"person": map[string]any{"name": "root", "actor_id": p.URL + "/u/root"}},
			map[string]any{"person": map[string]any{"name": boss.Name, "actor_id": boss.ID}},
		}})
	}},
	"the site of Lemmy 1.0": {"lemmy", func(p *fediverse.Peer, boss *fediverse.Actor) {
		p.Serve("/api/v4/site", map[string]any{"admins": []any{map[string]any{"person": map[string]any{"ap_id": boss.ID}}}})
	}},
	"PieFed's site": {"piefed", func(p *fediverse.Peer, boss *fediverse.Actor) {
		p.Serve("/api/alpha/site", map[string]any{"admins": []any{map[string]any{"person": map[string]any{"actor_id": boss.ID}}}})
	}},
	"Mbin's list": {"mbin", func(p *fediverse.Peer, boss *fediverse.Actor) {
		p.Serve("/api/users/admins", map[string]any{"items": []any{
			map[string]any{"username": "spammer", "isAdmin": false}, map[string]any{"username": boss.Name, "isAdmin": true},
		}})
	}},
	"NodeBB's actor": {"nodebb", func(p *fediverse.Peer, boss *fediverse.Actor) {
		p.Actor("Application", "/actor").Extra["attributedTo"] = p.URL + "/actor/admins"
		p.Serve("/actor/admins", map[string]any{"id": p.URL + "/actor/admins", "type": "OrderedCollection", "orderedItems": []any{boss.ID}})
	}},
}

// An estate is our group cats with a post by a spammer of a server that is
// administered by boss; eve lives there too.
type estate struct {
	*abroad
	spammer, boss, eve *fediverse.Actor
	spam               *community.Post
}

func newEstate(t *testing.T, db *storage.DB, software string, serve func(*fediverse.Peer, *fediverse.Actor)) *estate {
	t.Helper()
	e := &estate{abroad: newAbroad(t, db)}
	peer := fediverse.NewPeer(t, software)
	e.spammer, e.boss, e.eve = peer.Person("spammer"), peer.Person("boss"), peer.Person("eve")
	if serve != nil {
		serve(peer, e.boss)
	}
	e.send(e.spammer, e.signed("Create", e.spammer, page(e.spammer, "spam", e.cats.IRI)))
	e.spam = e.feed(e.cats)[0]
	return e
}

// remove is a moderator's Delete.
func (e *estate) remove(by *fediverse.Actor) map[string]any {
	doc := e.signed("Delete", by, e.spam.IRI)
	doc["summary"] = "spam"
	return doc
}

// TestAdminsTakeDownWhatTheirPeopleWrote: in our groups too, where that server
// says that they are its admins; others who live there may not.
func TestAdminsTakeDownWhatTheirPeopleWrote(t *testing.T) {
	for name, list := range adminLists {
		t.Run(name, func(t *testing.T) {
			e := newEstate(t, testdb.SQLite(t), list.software, list.serve)
			e.send(e.eve, e.remove(e.eve))
			if e.again(e.spam).Hidden() {
				t.Fatal("anybody of that server took it down")
			}
			e.dropped("kind=Delete", "Only moderators of the group")
			gone := e.remove(e.boss)
			e.send(e.boss, gone)
			if p := e.again(e.spam); !p.Hidden() || p.RemovedReason != "spam" {
				t.Fatalf("the admin did not take it down: %+v", p)
			}
			e.send(e.eve, e.signed("Undo", e.eve, e.remove(e.eve)))
			if !e.again(e.spam).Hidden() {
				t.Error("anybody of that server brought it back")
			}
			e.send(e.boss, e.signed("Undo", e.boss, gone))
			if e.again(e.spam).Hidden() {
				t.Error("the admin did not bring it back")
			}
			if n := len(e.boss.Peer.Requests("admins")) + len(e.boss.Peer.Requests("/site")); n > 4 {
				t.Errorf("the admins were asked for %d times", n)
			}
		})
	}
}

// TestLemmyRemovals: where the operator wants that, anybody's word counts about
// what was written on their own server, if that runs Lemmy and no other software.
func TestLemmyRemovals(t *testing.T) {
	for software, want := range map[string]bool{"lemmy": true, "piefed": false} {
		t.Run(software, func(t *testing.T) {
			e := newEstate(t, testdb.SQLite(t), software, nil)
			e.fed.LemmyRemovals = true
			e.send(e.lena, e.remove(e.lena))
			if e.again(e.spam).Hidden() {
				t.Fatal("somebody of another server took it down")
			}
			e.send(e.eve, e.remove(e.eve))
			if e.again(e.spam).Hidden() != want {
				t.Errorf("their neighbour took it down: %v, want %v", !want, want)
			}
		})
	}
}

// TestAdminsHaveNoPowerBeyond: nothing of what others wrote, nothing that
// moderators decided, and nothing about the group.
func TestAdminsHaveNoPowerBeyond(t *testing.T) {
	tests := []struct {
		name string
		play func(e *estate)
	}{
		{"what others wrote below stays", func(e *estate) {
			e.send(e.lena, e.signed("Create", e.lena, reply(e.lena, "below", e.spam.IRI)))
			gone := e.remove(e.boss)
			gone["withReplies"] = true
			e.send(e.boss, gone)
			if c := e.comments()[0]; !e.again(e.spam).Hidden() || c.Hidden() {
				e.t.Errorf("the comment is %+v", c)
			}
		}},
		{"what moderators removed stays removed", func(e *estate) {
			err := e.moderation.RemovePost(e.t.Context(), e.ann, e.spam.ID, moderation.Removal{Reason: "no"}, community.Origin{})
			if err != nil {
				e.t.Fatal(err)
			}
			e.send(e.boss, e.signed("Undo", e.boss, e.remove(e.boss)))
			if !e.again(e.spam).Hidden() {
				e.t.Error("it came back")
			}
			e.dropped("kind=Undo", "Only moderators of the group")
		}},
		{"people of other servers", func(e *estate) {
			e.send(e.lena, e.signed("Create", e.lena, page(e.lena, "hers", e.cats.IRI)))
			hers := e.feed(e.cats)[1]
			gone := e.remove(e.boss)
			gone["object"] = hers.IRI
			e.send(e.boss, gone)
			if e.again(hers).Hidden() {
				e.t.Error("it is gone")
			}
			if n := len(e.boss.Peer.Requests("/api/v3/site")); n != 0 {
				e.t.Errorf("the admins were asked for %d times, for nothing", n)
			}
		}},
		{"a lock", func(e *estate) {
			e.send(e.boss, e.signed("Lock", e.boss, e.spam.IRI))
			if !e.again(e.spam).LockedAt.IsZero() {
				e.t.Error("it is locked")
			}
		}},
		{"a ban from the group", func(e *estate) {
			block := e.signed("Block", e.boss, e.spammer.ID)
			block["target"] = e.cats.IRI
			e.send(e.boss, block)
			if e.member(e.cats, e.stored(e.spammer)).Banned(e.now()) {
				e.t.Error("somebody is banned")
			}
		}},
		{"the veil may be put on, and not be taken away", func(e *estate) {
			update := page(e.spammer, "spam", e.cats.IRI)
			update["sensitive"] = true
			e.send(e.boss, e.signed("Update", e.boss, update))
			if !e.again(e.spam).Sensitive {
				e.t.Fatal("it is not veiled")
			}
			update["sensitive"] = false
			e.send(e.boss, e.signed("Update", e.boss, update))
			if !e.again(e.spam).Sensitive {
				e.t.Error("the veil is gone")
			}
		}},
		{"somebody whom we banned", func(e *estate) {
			who, err := e.fed.Identify(e.t.Context(), e.ann, e.boss.ID)
			if err != nil {
				e.t.Fatal(err)
			}
			if _, err := e.db.Bun().NewUpdate().Table("actors").Set("banned_until = ?", community.Forever).Where("id = ?", who.ID).Exec(e.t.Context()); err != nil {
				e.t.Fatal(err)
			}
			e.send(e.boss, e.remove(e.boss))
			if e.again(e.spam).Hidden() {
				e.t.Error("it is gone")
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				lemmy := adminLists["Lemmy's site"]
				test.play(newEstate(t, db, lemmy.software, lemmy.serve))
			})
		})
	}
}

// TestServersThatNameNoAdmins: nobody there is one, and a server that is down
// is asked again.
func TestServersThatNameNoAdmins(t *testing.T) {
	e := newEstate(t, testdb.SQLite(t), "mastodon", nil)
	e.send(e.boss, e.remove(e.boss))
	if e.again(e.spam).Hidden() {
		t.Error("it is gone")
	}
	e = newEstate(t, testdb.SQLite(t), "lemmy", func(p *fediverse.Peer, _ *fediverse.Actor) {
		p.ServeFunc("/api/v3/site", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	})
	if status, text := e.boss.Send(t, e.inbox(), e.remove(e.boss)); status != http.StatusAccepted {
		t.Fatal(status, text)
	}
	if errs := e.work(); len(errs) != 1 {
		t.Fatalf("it was not kept for later: %v", errs)
	}
	adminLists["Lemmy's site"].serve(e.boss.Peer, e.boss)
	e.pass(time.Hour)
	if errs := e.work(); len(errs) != 0 || !e.again(e.spam).Hidden() {
		t.Errorf("later: %v", errs)
	}
}

// TestAdminsInGroupsElsewhere: a group that passes on what the admin of a third
// server did is believed as far as that server says so, too.
func TestAdminsInGroupsElsewhere(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	a.moderators()
	peer := fediverse.NewPeer(t, "lemmy")
	boss, eve, spammer := peer.Person("boss"), peer.Person("eve"), peer.Person("spammer")
	adminLists["Lemmy's site"].serve(peer, boss)
	spam := page(spammer, "spam", a.dogs.ID)
	peer.Serve("/post/spam", spam)
	a.announce(a.act("Create", spammer, spam))
	p := a.one()
	a.announce(a.act("Delete", eve, spam["id"], "summary", "because"))
	if a.again(p).Hidden() {
		t.Fatal("anybody of that server took it down")
	}
	a.announce(a.act("Delete", boss, spam["id"], "summary", "because"))
	if !a.again(p).Hidden() {
		t.Error("the admin did not take it down")
	}
}
