package roles_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/moderation"
	"drystone/service/roles"
)

var here = community.Origin{}

// Each of the six capacities permits its own, and none another's.
func TestCapacitiesAreAdditive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		seen := map[community.Permission]string{}
		for _, role := range community.GroupRoles() {
			g := w.given("olga", "bo", roles.Gift{Role: role.Key})
			for _, a := range community.GroupAllowances() {
				if want := role.Permissions().Has(a.Permission); w.may("bo", a.Permission) != want {
					t.Errorf("%s permits %s: %t", role.Key, a.Permission, !want)
				}
			}
			for _, p := range role.Permissions() {
				if other := seen[p]; other != "" {
					t.Errorf("%s is of %s and of %s", p, other, role.Key)
				}
				seen[p] = role.Key
			}
			w.ok(w.svc.End(t.Context(), w.who["olga"], w.here(), g.ID))
		}
		if w.may("bo", community.FeaturePosts) {
			t.Error("what is over still permits something")
		}
	})
}

// What a role permits can be done, and nothing else.
func TestRolesWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, bo := w.thread(), w.who["bo"]
		w.refused(w.mod.FeaturePost(ctx, bo, p.ID, here), fault.Forbidden, "featuring without a role")
		w.given("olga", "bo", roles.Gift{Role: community.Content})
		w.ok(w.mod.FeaturePost(ctx, bo, p.ID, here))
		w.refused(w.mod.LockPost(ctx, bo, p.ID, "", here), fault.Forbidden, "locking with content")
		w.refused(w.mod.RemovePost(ctx, bo, p.ID, moderation.Removal{}, here), fault.Forbidden, "removing with content")
		w.refused(w.mod.AddModerator(ctx, bo, w.garden, w.who["dan"], here), fault.Forbidden, "appointing with content")

		role := w.made("mia", "Gatekeeper", community.LockThreads)
		w.given("mia", "dan", roles.Gift{Role: role.Ref()}) // who never joined
		w.ok(w.mod.LockPost(ctx, w.who["dan"], p.ID, "", here))
		// A new name changes nothing.
		_, err := w.svc.Change(ctx, w.who["mia"], w.here(), role.ID, roles.Draft{Name: "Doorkeeper", Permits: community.Permissions{community.LockThreads}})
		w.ok(err)
		w.ok(w.mod.UnlockPost(ctx, w.who["dan"], p.ID, here))
		if log := w.log(); log[2].Kind != community.RoleGiven || log[2].Role != "Gatekeeper" || log[2].Target.Name != "dan" {
			t.Errorf("the log says %+v", log[2].Decision)
		}
	})
}

// Who lives elsewhere acts through their server; a group of theirs is not ours
// to give roles in.
func TestRolesOfPeopleElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.thread()
		from := community.Origin{IRI: "https://far.test/lock/1", Activity: []byte("{}")}
		w.refused(w.mod.LockPost(ctx, w.who["far"], p.ID, "", from), fault.Forbidden, "a stranger elsewhere")
		role := w.made("olga", "Doorkeeper", community.LockThreads)
		g := w.given("olga", "far", roles.Gift{Role: role.Ref()})
		w.ok(w.mod.LockPost(ctx, w.who["far"], p.ID, "", from))
		w.refused(w.mod.FeaturePost(ctx, w.who["far"], p.ID, from), fault.Forbidden, "what it does not permit")
		w.ok(w.svc.End(ctx, w.who["olga"], w.here(), g.ID))
		w.refused(w.mod.UnlockPost(ctx, w.who["far"], p.ID, from), fault.Forbidden, "after the end")
		if m, err := w.db.Membership(ctx, w.garden.ID, w.who["far"].ID); err != nil || m != nil {
			t.Errorf("what is left of them: %+v, %v", m, err)
		}
		cats := w.actor(community.GroupKind, "cats", "far.test")
		_, err := w.svc.Give(ctx, w.who["olga"], w.who["bo"], roles.Place{Group: cats}, roles.Gift{Role: community.Content})
		w.refused(err, fault.Forbidden, "in a group elsewhere")
		_, err = w.svc.Give(ctx, w.who["chief"], w.who["far"], roles.Place{}, roles.Gift{Role: community.Steward})
		w.refused(err, fault.Invalid, "on this server")
	})
}

func TestGrantsHaveTheirTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.given("olga", "bo", roles.Gift{Role: community.Content, StartsAt: noon.Add(day), EndsAt: noon.Add(3 * day), ReviewAt: noon.Add(2 * day)})
		for at, want := range map[time.Duration]bool{0: false, day: true, 3*day - time.Second: true, 3 * day: false, 9 * day: false} {
			w.now = noon.Add(at)
			if got := w.may("bo", community.FeaturePosts); got != want {
				t.Errorf("after %s: %t", at, got)
			}
		}
		// The one who gave it is reminded once; and what is over is ended.
		count := func(kind community.FactKind) (n int) {
			facts, err := w.db.Facts(ctx, 0, 1000)
			w.ok(err)
			for _, f := range facts {
				if f.Kind == kind {
					n++
				}
			}
			return n
		}
		w.now = noon.Add(2 * day)
		w.ok(w.svc.Tend(ctx))
		w.ok(w.svc.Tend(ctx))
		w.ok(w.db.NumberFacts(ctx))
		if n := count(community.RoleDue); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		w.now = noon.Add(3 * day)
		w.ok(w.svc.Tend(ctx))
		w.ok(w.svc.Tend(ctx))
		w.ok(w.db.NumberFacts(ctx))
		if n := count(community.RoleExpired); n != 1 {
			t.Errorf("ended %d times", n)
		}
		if log := w.log(); log[0].Kind != community.RoleExpired || log[0].Role != "Content" {
			t.Errorf("the log says %+v", log[0].Decision)
		}
		if m, err := w.db.Membership(ctx, w.garden.ID, w.who["bo"].ID); err != nil || m.Granted {
			t.Errorf("they are still marked: %+v, %v", m, err)
		}
	})
}

// A ban lets everything rest, from the group and from the server; and it does
// not outlive itself.
func TestBansLetRolesRest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.thread()
		w.given("olga", "dan", roles.Gift{Role: community.Content})
		w.ok(w.mod.BanMember(ctx, w.who["mia"], w.garden, w.who["dan"], community.Ban{Until: noon.Add(day)}, here))
		w.refused(w.mod.FeaturePost(ctx, w.who["dan"], p.ID, here), fault.Forbidden, "while banned from the group")
		w.now = noon.Add(2 * day)
		w.ok(w.mod.FeaturePost(ctx, w.who["dan"], p.ID, here))
		w.ok(w.mod.BanPerson(ctx, w.who["chief"], w.who["dan"], community.Ban{}))
		dan, err := w.db.Actor(ctx, w.who["dan"].ID)
		w.ok(err)
		w.refused(w.mod.UnfeaturePost(ctx, dan, p.ID, here), fault.Forbidden, "while banned from the server")
		_, err = w.svc.Give(ctx, w.who["olga"], dan, w.here(), roles.Gift{Role: community.Events})
		w.refused(err, fault.Conflict, "giving somebody banned a role")
	})
}

// What somebody was given goes with them.
func TestPeopleWhoLeaveHaveNoRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.given("olga", "far", roles.Gift{Role: community.Content})
		w.ok(w.posts.Farewell(ctx, w.who["far"], community.Origin{IRI: "https://far.test/delete/1", Activity: []byte("{}")}))
		b, err := w.svc.Board(ctx, w.who["olga"], w.here())
		w.ok(err)
		if len(b.Grants) != 0 || len(b.Past) != 1 {
			t.Errorf("%d roles, %d past", len(b.Grants), len(b.Past))
		}
	})
}

// What somebody wants to call a role, or say of it, is text that others can
// read.
func TestHostileText(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lock := community.Permissions{community.LockThreads}
		for name, field := range map[string]string{
			"": "name", "   ": "name", "a\x00b": "name", "gnp\u202e.exe": "name", "zero\u200bwidth": "name", "two\nlines": "name",
			strings.Repeat("ü", 61): "name", strings.Repeat("x", 10_000): "name", "engagement": "name", "ENGAGEMENT": "name",
		} {
			_, err := w.svc.Make(t.Context(), w.who["olga"], w.here(), roles.Draft{Name: name, Permits: lock})
			if e, _ := fault.As(err); e == nil || e.Code != fault.Invalid || e.Field != field {
				t.Errorf("a role called %.40q = %v", name, err)
			}
		}
		for name, draft := range map[string]roles.Draft{
			"nothing": {Name: "x"}, "an unknown word": {Name: "x", Permits: community.Permissions{"everything"}},
			"of this server":  {Name: "x", Permits: community.Permissions{community.SiteBans}},
			"of owners alone": {Name: "x", Permits: community.Permissions{community.HandOver}},
			"a long text":     {Name: "x", About: strings.Repeat("x", 10_000), Permits: lock},
		} {
			_, err := w.svc.Make(t.Context(), w.who["olga"], w.here(), draft)
			if code := fault.CodeOf(err); code != fault.Invalid && code != fault.Forbidden {
				t.Errorf("%s = %v", name, err)
			}
		}
		if made, err := w.db.NamedRoles(t.Context(), w.garden.ID); err != nil || len(made) != 0 {
			t.Errorf("%d roles were made, %v", len(made), err)
		}
		for field, gift := range map[string]roles.Gift{
			"role": {Role: "nonsense"}, "ends_at": {Role: community.Content, EndsAt: noon.Add(-day)},
			"review_at": {Role: community.Content, ReviewAt: noon.Add(-day)}, "note": {Role: community.Content, Note: strings.Repeat("x", 10_000)},
		} {
			_, err := w.give("olga", "bo", gift)
			if e, _ := fault.As(err); e == nil || e.Code != fault.Invalid || e.Field != field {
				t.Errorf("a grant wrong in %s = %v", field, err)
			}
		}
		_, err := w.give("olga", "bo", roles.Gift{Role: strconv.Itoa(1 << 40)})
		w.refused(err, fault.Invalid, "a role that nobody made")
	})
}
