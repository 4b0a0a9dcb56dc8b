package federation_test

import (
	"fmt"
	"slices"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/storage"
)

// reported returns all reports, oldest first.
func (h *home) reported() []*community.Report {
	h.t.Helper()
	var list []*community.Report
	if err := h.db.Bun().NewSelect().Model(&list).OrderExpr("id").Scan(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return list
}

// waits wants n reports, and returns the last.
func (h *home) waits(n int) *community.Report {
	h.t.Helper()
	list := h.reported()
	if len(list) != n {
		h.t.Fatalf("there are %d reports, want %d; the log is:\n%v", len(list), n, h.log.lines)
	}
	if n == 0 {
		return nil
	}
	return list[n-1]
}

// A flagged is an abroad in which ann wrote a post in her own group, and
// another in dogs, and lena one in each.
type flagged struct {
	*abroad
	mine, theirs     *community.Post // in cats, of ours
	annsDog, lenaDog *community.Post // in dogs
}

func newFlagged(t *testing.T, db *storage.DB) *flagged {
	t.Helper()
	f := &flagged{abroad: newAbroad(t, db)}
	f.mine = f.publish(f.ann, f.cats, "")
	f.annsDog = f.publish(f.ann, f.group, "")
	f.announce(f.act("Create", f.lena, page(f.lena, "dog", f.dogs.ID), "to", []string{f.dogs.ID, public}))
	list := f.feed(f.group)
	f.lenaDog = list[len(list)-1]
	f.theirs = f.publish(f.stored(f.lena), f.cats, f.lemmy.URL+"/post/cat")
	return f
}

func (f *flagged) publish(by, group *community.Actor, iri string) *community.Post {
	f.t.Helper()
	draft := posts.Draft{Title: "A post", Body: "Words."}
	draft.From.IRI = iri
	p, err := f.posts.Publish(f.t.Context(), by, group, draft)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// flag is a Flag as Lemmy writes it.
func (f *flagged) flag(by *fediverse.Actor, object any, to string) map[string]any {
	f.n++
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/activities/flag/%d", by.Peer.URL, f.n), "type": "Flag", "actor": by.ID,
		"to": []string{to}, "audience": to, "object": object, "summary": "It is spam",
	}
}

func flaggedEach(t *testing.T, play func(*flagged)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) { play(newFlagged(t, db)) })
}

// The shapes that peers send, about what is in a group of ours.
func TestFlags(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		instance := f.third.Actor(as.KindApplication, "/actor")
		lemmy := f.flag(f.lena, f.mine.IRI, f.cats.IRI)
		f.send(f.lena, lemmy)
		f.send(f.lena, lemmy) // at-least-once
		r := f.waits(1)
		if r.PostID != f.mine.ID || r.GroupID != f.cats.ID || r.TargetID != f.ann.ID || r.Reason != "It is spam" || r.Scope != community.ToModerators {
			t.Errorf("Lemmy's Flag is %+v", r)
		}
		// Mbin: the thing before its author, the reason twice.
		mbin := f.flag(f.lena, []string{f.annsDog.IRI, f.ann.IRI}, f.dogs.ID)
		mbin["content"] = mbin["summary"]
		f.send(f.lena, mbin)
		if r := f.waits(2); r.PostID != f.annsDog.ID || r.GroupID != f.group.ID || !r.ForAdmins {
			t.Errorf("Mbin's Flag, of what ann wrote elsewhere, is %+v", r)
		}
		// Mastodon: its instance actor, the account before the posts, each of
		// which is looked at where it was written.
		f.send(instance, map[string]any{
			"@context": as.NS, "id": f.third.URL + "/1", "type": "Flag", "actor": instance.ID, "content": "Rude",
			"object": []string{f.ann.IRI, f.mine.IRI, f.annsDog.IRI}, "to": f.ann.IRI,
		})
		r = f.waits(4)
		if by := f.stored(instance); r.ReporterID != by.ID || r.Reason != "Rude" || f.reported()[2].PostID != f.mine.ID {
			t.Errorf("Mastodon's Flag is %+v", r)
		}
		// GoToSocial writes one thing as a bare string; about a person alone.
		f.send(instance, map[string]any{
			"@context": as.NS, "id": f.third.URL + "/2", "type": "Flag", "actor": instance.ID, "content": "Rude again", "object": f.ann.IRI,
		})
		if r := f.waits(5); r.PostID != 0 || r.TargetID != f.ann.ID || r.GroupID != 0 || r.Scope != community.ToAdmins || !r.ForAdmins {
			t.Errorf("a Flag of a person is %+v", r)
		}
		// A person, for the moderators of a group.
		f.send(f.lena, f.flag(f.lena, f.ann.IRI, f.cats.IRI))
		if r := f.waits(6); r.GroupID != f.cats.ID || r.Scope != community.ToModerators {
			t.Errorf("a Flag of a person in a group is %+v", r)
		}
	})
}

// What nobody here has to do with, and what does not exist here, is dropped
// with a reason and changes nothing.
func TestFlagsThatConcernNobody(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		f.send(f.nico, f.flag(f.nico, f.lenaDog.IRI, f.dogs.ID))
		f.dropped("kind=Flag", "concerns nobody here")
		f.send(f.nico, f.flag(f.nico, f.URL+"/messages/1", f.cats.IRI)) // CVE-2024-23649
		f.dropped("kind=Flag", "nothing that is known here")
		f.send(f.nico, f.flag(f.nico, []any{}, f.cats.IRI))
		own := f.flag(f.lena, f.theirs.IRI, f.cats.IRI)
		f.send(f.lena, own)
		f.dropped("kind=Flag", "This is yours")
		forged := f.flag(f.lena, f.mine.IRI, f.cats.IRI)
		forged["actor"] = f.nico.ID
		if status, _ := f.lena.Send(t, f.inbox(), forged); status < 400 {
			t.Errorf("lena reported in the name of nico: %d", status)
		}
		f.waits(0)
	})
}

// A Flag with hundreds of things makes a handful of reports.
func TestAFlagOfEverything(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		var all []string
		for range 15 {
			all = append(all, f.publish(f.ann, f.cats, "").IRI)
		}
		f.send(f.nico, f.flag(f.nico, all, f.cats.IRI))
		f.waits(10)
	})
}

// A group elsewhere passes a report on to the servers of its moderators and of
// the author, whether or not anybody there follows it.
func TestAnnouncedFlags(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		if err := f.groups.Leave(t.Context(), f.ann, f.group, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		// ann wrote it.
		f.announce(f.flag(f.lena, f.annsDog.IRI, f.dogs.ID))
		if r := f.waits(1); r.PostID != f.annsDog.ID || !r.ForAdmins {
			t.Errorf("the report is %+v", r)
		}
		// lena wrote it, and nobody here moderates dogs.
		f.announce(f.flag(f.nico, f.lenaDog.IRI, f.dogs.ID))
		f.dropped("kind=Flag", "concerns nobody here")
		f.waits(1)
		// ann moderates dogs.
		f.moderates(f.ann, f.group)
		f.announce(f.flag(f.nico, f.lenaDog.IRI, f.dogs.ID))
		if r := f.waits(2); r.GroupID != f.group.ID || r.ForAdmins {
			t.Errorf("the report is %+v", r)
		}
		// It speaks for what is in it and for nothing else.
		f.announce(f.flag(f.lena, f.mine.IRI, f.dogs.ID))
		f.dropped("kind=Flag", "announces what is not in it")
		// And for nobody of this server.
		forged := f.flag(f.lena, f.lenaDog.IRI, f.dogs.ID)
		forged["actor"], forged["id"] = f.ann.IRI, f.URL+"/activities/flag/1"
		f.announce(forged)
		f.waits(2)
		// Nothing else gets past that nobody here follows it.
		before := len(f.feed(f.group))
		f.announce(f.act("Create", f.lena, page(f.lena, "more", f.dogs.ID)))
		if n := len(f.feed(f.group)); n != before {
			t.Error("a group that nobody follows published something")
		}
	})
}

func (f *flagged) moderates(who, group *community.Actor) {
	f.t.Helper()
	err := f.db.SaveMembership(f.t.Context(), &community.Membership{
		GroupID: group.ID, ActorID: who.ID, Role: community.Moderator, State: community.Absent, CreatedAt: f.now(),
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestUndoFlag(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		flag := f.flag(f.lena, f.mine.IRI, f.cats.IRI)
		f.send(f.lena, flag)
		stolen := f.act("Undo", f.nico, flag)
		stolen["@context"] = as.NS
		f.send(f.nico, stolen)
		f.dropped("kind=Undo", "cannot take back")
		if r := f.waits(1); !r.Open() {
			t.Errorf("nico took lena's report back: %+v", r)
		}
		undo := f.act("Undo", f.lena, flag)
		undo["@context"] = as.NS
		f.send(f.lena, undo)
		if r := f.waits(1); r.State != community.WithdrawnReport {
			t.Errorf("the report is %s", r.State)
		}
	})
}

// listed serves who moderates dogs, according to its server.
func (f *flagged) listed(moderators ...string) {
	f.lemmy.Serve("/c/dogs/moderators", map[string]any{
		"@context": as.NS, "id": f.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": append([]string{}, moderators...),
	})
}

// resolve is Lemmy's Resolve, with the Flag in it.
func (f *flagged) resolve(by *fediverse.Actor, flag any, group string) map[string]any {
	f.n++
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/activities/resolve/%d", by.Peer.URL, f.n), "type": "Resolve", "actor": by.ID,
		"to": []string{group}, "audience": group, "object": flag, "summary": "Removed",
	}
}

// Who may say that a report is dealt with: moderators, of ours and of theirs.
func TestResolve(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		f.listed()
		// In a group of ours, by somebody of another server who moderates it.
		flag := f.flag(f.nico, f.mine.IRI, f.cats.IRI)
		f.send(f.nico, flag)
		f.send(f.lena, f.resolve(f.lena, flag, f.cats.IRI))
		if r := f.waits(1); !r.Open() {
			t.Fatal("who moderates nothing resolved a report")
		}
		f.moderates(f.stored(f.lena), f.cats)
		f.send(f.lena, f.resolve(f.lena, flag["id"], f.cats.IRI))
		if r := f.waits(1); r.State != community.ResolvedReport || r.Note != "Removed" || r.HandledBy != f.stored(f.lena).ID || !r.Told {
			t.Errorf("the report is %+v", r)
		}
		// In a group elsewhere, what ann reported.
		r, err := f.reports.File(t.Context(), f.ann, f.lenaDog.Subject(), reports.Draft{Reason: "Off topic", Scope: community.ToModerators})
		if err != nil {
			t.Fatal(err)
		}
		state := func() community.ReportState { return f.reported()[1].State }
		f.send(f.nico, f.resolve(f.nico, r.IRI, f.dogs.ID))
		f.dropped("kind=Resolve", "no moderator")
		f.send(f.lena, f.resolve(f.lena, r.IRI, f.dogs.ID)) // of that server, without the group's word
		if state() != community.OpenReport {
			t.Fatal("who does not moderate dogs resolved a report there")
		}
		f.announce(f.resolve(f.lena, r.IRI, f.dogs.ID))
		if state() != community.ResolvedReport {
			t.Errorf("the report is %s after the group said that it is resolved; the log is:\n%v", state(), f.log.lines)
		}
		// Of a report that is not in it a group says nothing.
		f.announce(f.resolve(f.lena, flag["id"], f.dogs.ID))
		f.dropped("kind=Resolve", "announces what is not in it")
	})
}

// Lemmy 1.0's Warn, about a post or a person.
func TestWarnReceived(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		f.listed(f.lena.ID)
		warn := func(by *fediverse.Actor, object, group string) map[string]any {
			f.n++
			return map[string]any{
				"@context": as.NS, "id": fmt.Sprintf("%s/activities/warn/%d", by.Peer.URL, f.n), "type": "Warn", "actor": by.ID,
				"to": []string{f.ann.IRI}, "object": object, "summary": "Please be kind", "audience": group,
			}
		}
		given := func() (list []*community.Warning) {
			if err := f.db.Bun().NewSelect().Model(&list).OrderExpr("id").Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			return list
		}
		f.send(f.nico, warn(f.nico, f.annsDog.IRI, f.dogs.ID))
		f.dropped("kind=Warn", "no moderator")
		f.send(f.lena, warn(f.lena, f.mine.IRI, f.dogs.ID)) // which is not in dogs
		f.dropped("kind=Warn", "did not write that in this group")
		f.send(f.lena, warn(f.lena, f.mine.IRI, f.cats.IRI)) // which she does not moderate
		f.dropped("kind=Warn", "Only moderators")
		f.send(f.lena, warn(f.lena, f.lenaDog.IRI, f.dogs.ID))
		f.dropped("kind=Warn", "for nobody here")
		f.send(f.lena, warn(f.lena, f.annsDog.IRI, f.ann.IRI))
		f.dropped("kind=Warn", "names no group")
		if n := len(given()); n != 0 {
			t.Fatalf("%d warnings were given", n)
		}
		about := warn(f.lena, f.annsDog.IRI, f.dogs.ID)
		f.send(f.lena, about)
		f.send(f.lena, about)
		f.send(f.lena, warn(f.lena, f.ann.IRI, f.dogs.ID))
		got := given()
		if len(got) != 2 || got[0].PostID != f.annsDog.ID || got[0].Reason != "Please be kind" || got[1].PostID != 0 || got[1].GroupID != f.group.ID {
			t.Errorf("the warnings are %+v", got)
		}
		if !slices.ContainsFunc(got, func(w *community.Warning) bool { return w.ByID == f.stored(f.lena).ID && w.TargetID == f.ann.ID }) {
			t.Error("it is not said who warned whom")
		}
	})
}
