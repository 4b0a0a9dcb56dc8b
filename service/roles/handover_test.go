package roles_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
)

// role is what somebody is to the garden.
func (w *world) role(name string) community.Role {
	w.t.Helper()
	m, err := w.db.Membership(w.t.Context(), w.garden.ID, w.who[name].ID)
	w.ok(err)
	if m == nil {
		return ""
	}
	return m.Role
}

// facts lists what was recorded since the last look.
func (w *world) facts() (kinds []community.FactKind) {
	w.t.Helper()
	w.ok(w.db.NumberFacts(w.t.Context()))
	list, err := w.db.Facts(w.t.Context(), w.seen, 1000)
	w.ok(err)
	for _, f := range list {
		kinds, w.seen = append(kinds, f.Kind), f.ID
	}
	return kinds
}

func TestHandover(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for name, want := range map[string]fault.Code{"mia": fault.Forbidden, "bo": fault.Forbidden, "chief": fault.Forbidden} {
			w.refused(w.svc.Offer(ctx, w.who[name], w.garden, w.who["bo"]), want, name+" offering what is not theirs")
		}
		for _, name := range []string{"bo", "dan", "far", "olga"} {
			w.refused(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who[name]), fault.Invalid, "offering it to "+name)
		}
		w.ok(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who["mia"]))
		w.ok(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who["mia"])) // again is once
		for name, want := range map[string]fault.Code{"olga": fault.Forbidden, "bo": fault.NotFound, "chief": fault.NotFound} {
			w.refused(w.svc.Accept(ctx, w.who[name], w.garden), want, name+" accepting")
		}
		if k, err := w.svc.Keeping(ctx, w.who["bo"], w.garden); err != nil || k.Offer != nil {
			t.Errorf("bo learns of the offer: %+v, %v", k, err)
		}
		w.ok(w.svc.Accept(ctx, w.who["mia"], w.garden))
		if w.role("mia") != community.Owner || w.role("olga") != community.Moderator {
			t.Errorf("mia is %s, olga %s", w.role("mia"), w.role("olga"))
		}
		want := []community.FactKind{community.GroupOffered, community.GroupHandedOver, community.GroupEdited}
		if diff := cmp.Diff(want, w.facts()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		w.refused(w.svc.Accept(ctx, w.who["mia"], w.garden), fault.NotFound, "accepting twice")
		// She may dismiss now who could not be dismissed before.
		w.ok(w.mod.RemoveModerator(ctx, w.who["mia"], w.garden, w.who["olga"], here))
	})
}

func TestHandoverEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		offer := func() { w.ok(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who["mia"])) }
		for _, name := range []string{"mia", "olga"} {
			offer()
			w.refused(w.svc.Decline(ctx, w.who["bo"], w.garden), fault.NotFound, "bo declining")
			w.ok(w.svc.Decline(ctx, w.who[name], w.garden))
			w.refused(w.svc.Accept(ctx, w.who["mia"], w.garden), fault.NotFound, "accepting what "+name+" declined")
		}
		offer()
		w.now = noon.Add(community.HandoverLife)
		w.refused(w.svc.Accept(ctx, w.who["mia"], w.garden), fault.NotFound, "accepting too late")
		offer()
		w.ok(w.mod.RemoveModerator(ctx, w.who["olga"], w.garden, w.who["mia"], here))
		w.refused(w.svc.Accept(ctx, w.who["mia"], w.garden), fault.Invalid, "accepting as no moderator")
		if w.role("olga") != community.Owner {
			t.Errorf("olga is %s", w.role("olga"))
		}
	})
}

// A group that nobody looks after goes to a member, or to who hands it out.
func TestClaims(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.posts.Now = func() time.Time { return w.now }
		claim := func(name string) error { return w.svc.Claim(ctx, w.who[name], w.garden, "I would like to.") }
		w.active("olga")
		w.refused(claim("bo"), fault.Conflict, "claiming what somebody looks after")
		w.refused(w.svc.HandOut(ctx, w.who["chief"], w.garden, w.who["bo"], ""), fault.Conflict, "handing it out")
		w.now = noon.Add(community.Orphaned + day)
		w.active("mia")
		w.refused(claim("bo"), fault.Conflict, "claiming with one of two moderators there")
		w.now = w.now.Add(community.Orphaned + day)
		for name, want := range map[string]fault.Code{"dan": fault.Forbidden, "far": fault.Forbidden} {
			w.refused(claim(name), want, name+" claiming")
		}
		w.refused(w.svc.Claim(ctx, w.who["bo"], w.garden, "  "), fault.Invalid, "claiming without a reason")
		w.ok(claim("bo"))
		w.ok(claim("bo"))
		w.member("eve", community.Member)
		w.ok(claim("eve"))
		list, _, err := w.svc.Orphans(ctx, w.who["chief"], community.Page{Limit: 10})
		w.ok(err)
		if len(list) != 1 || len(list[0].Claims) != 2 || len(list[0].Moderators) != 2 {
			t.Fatalf("the orphans are %+v", list)
		}
		for _, name := range []string{"bo", "olga", "far"} {
			_, _, err := w.svc.Orphans(ctx, w.who[name], community.Page{Limit: 10})
			w.refused(err, fault.Forbidden, name+" listing orphans")
			w.refused(w.svc.HandOut(ctx, w.who[name], w.garden, w.who["bo"], ""), fault.Forbidden, name+" handing it out")
			w.refused(w.svc.Refuse(ctx, w.who[name], list[0].Claims[0].ID, ""), fault.Forbidden, name+" refusing a claim")
		}
		w.refused(w.svc.HandOut(ctx, w.who["chief"], w.garden, w.who["dan"], ""), fault.Forbidden, "handing it to who does not belong to it")
		w.facts()
		w.ok(w.svc.HandOut(ctx, w.who["chief"], w.garden, w.who["bo"], "Nobody was here."))
		if w.role("bo") != community.Owner || w.role("olga") != community.Moderator || w.role("mia") != community.Moderator {
			t.Errorf("bo is %s, olga %s, mia %s", w.role("bo"), w.role("olga"), w.role("mia"))
		}
		want := []community.FactKind{community.ModeratorAdded, community.GroupClaimed, community.ClaimRefused, community.GroupEdited}
		if diff := cmp.Diff(want, w.facts()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		w.refused(w.svc.Refuse(ctx, w.who["chief"], list[0].Claims[1].ID, ""), fault.Conflict, "refusing what was answered")
		if log := w.log(); log[0].Kind != community.GroupClaimed || log[0].Reason != "Nobody was here." {
			t.Errorf("the log says %+v", log[0].Decision)
		}
	})
}

// Who is gone moderates nothing any more; an administrator takes it over who
// does not even belong to it.
func TestTakingOverWhatIsLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"olga", "mia"} {
			w.ok(w.db.DeleteActor(ctx, w.who[name].ID, noon))
		}
		w.ok(w.svc.HandOut(ctx, w.who["chief"], w.garden, w.who["chief"], ""))
		for name, want := range map[string]community.Role{"chief": community.Owner, "olga": community.Member, "mia": community.Member} {
			if got := w.role(name); got != want {
				t.Errorf("%s is %s", name, got)
			}
		}
		want := []community.FactKind{
			community.ModeratorRemoved, community.ModeratorRemoved, community.ModeratorAdded, community.GroupClaimed, community.GroupEdited,
		}
		if diff := cmp.Diff(want, w.facts()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

// active notes that somebody was here now.
func (w *world) active(name string) {
	w.t.Helper()
	w.ok(w.db.MarkActive(w.t.Context(), w.who[name].ID, w.now))
}
