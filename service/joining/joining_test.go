package joining_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/joining"
	"drystone/service/notifications"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

type world struct {
	*joining.Service
	t       *testing.T
	now     time.Time
	settled community.Joining
	people  map[string]*community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, now: noon, settled: community.NewJoining(community.JoinApplication), people: map[string]*community.Actor{}}
	w.Service = &joining.Service{
		DB: db, Now: func() time.Time { return w.now },
		Joining: func(context.Context, *storage.DB) (*community.Joining, error) { return &w.settled, nil },
	}
	w.person("ada", community.Person, true)
	w.person("bob", community.Person, false)
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) person(name string, kind community.ActorKind, admin bool) *community.Actor {
	w.t.Helper()
	a := &community.Actor{Kind: kind, Name: name, IRI: "https://home.test/u/" + name, CreatedAt: w.now, UpdatedAt: w.now}
	ctx := w.t.Context()
	w.check(w.DB.AddActor(ctx, a))
	w.check(w.DB.AddKey(ctx, a.ID, "private"))
	w.check(w.DB.AddAccount(ctx, &community.Account{ActorID: a.ID, Admin: admin, CreatedAt: w.now}))
	w.people[name] = a
	return a
}

// apply has somebody new apply.
func (w *world) apply(name string) *community.Admission {
	w.t.Helper()
	a := w.person(name, community.Applicant, false)
	x := &community.Admission{
		ActorID: a.ID, State: community.AdmissionWaiting, CreatedAt: w.now,
		Answers: []community.Answer{{Question: "Why?", Text: "Walls"}},
	}
	w.check(w.DB.AddAdmission(w.t.Context(), x))
	w.check(w.DB.Record(w.t.Context(), community.Fact{Kind: community.AdmissionFiled, ActorID: a.ID, ItemID: int64(x.ID), At: w.now}))
	return x
}

// told lists the notifications of somebody, the oldest first.
func (w *world) told(name string) []community.NotificationKind {
	w.t.Helper()
	ctx := w.t.Context()
	w.check(w.DB.NumberFacts(ctx))
	facts, err := w.DB.Facts(ctx, 0, 100)
	w.check(err)
	reader := &notifications.Service{DB: w.DB, Now: w.Now}
	_, err = w.DB.Bun().NewDelete().Table("notifications").Where("TRUE").Exec(ctx)
	w.check(err)
	w.check(w.DB.InTx(ctx, func(tx *storage.DB) error { return reader.Read(ctx, tx, facts) }))
	account, err := w.DB.AccountOf(ctx, w.people[name].ID)
	w.check(err)
	list, _, err := w.DB.Notifications(ctx, account, w.now, community.NoticeQuery{Page: community.Page{Limit: 50}})
	w.check(err)
	var kinds []community.NotificationKind
	for _, n := range list {
		kinds = append([]community.NotificationKind{n.Kind}, kinds...)
	}
	return kinds
}

func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("error %v has code %q, want %q", err, got, want)
	}
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) { f(t, newWorld(t, db)) })
}

func TestReview(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, ada, bob := t.Context(), w.people["ada"], w.people["bob"]
		erin := w.apply("erin")
		for name, f := range map[string]func() error{
			"list":   func() error { _, _, err := w.Applications(ctx, bob, true, community.Page{Limit: 5}); return err },
			"accept": func() error { _, err := w.Accept(ctx, bob, erin.ID); return err },
			"refuse": func() error { _, err := w.Refuse(ctx, w.people["erin"], erin.ID, "x"); return err },
			"ask":    func() error { _, err := w.Ask(ctx, w.people["erin"], erin.ID, "x"); return err },
		} {
			if err := f(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s by somebody: %v", name, err)
			}
		}
		if n, err := w.Waiting(ctx, bob); n != 0 || err != nil {
			t.Errorf("bob sees that %d wait, %v", n, err)
		}
		_, err := w.Reply(ctx, w.people["erin"], "Hello?")
		wantCode(t, err, fault.Conflict)
		_, err = w.Ask(ctx, ada, erin.ID, "Which walls?")
		w.check(err)
		_, err = w.Reply(ctx, w.people["erin"], "Dry ones")
		w.check(err)
		view, err := w.Accept(ctx, ada, erin.ID)
		w.check(err)
		if view.Actor.Kind != community.Person || view.Decider.Name != "ada" || view.Reply != "Dry ones" {
			t.Errorf("accepted %+v %+v", view.Admission, view.Actor)
		}
		if got := w.told("ada"); !slices.Equal(got, []community.NotificationKind{community.Applied, community.Applied}) {
			t.Errorf("ada is told %v", got)
		}
		if got := w.told("erin"); !slices.Equal(got, []community.NotificationKind{community.AskedBack, community.Welcomed}) {
			t.Errorf("erin is told %v", got)
		}
		log, _, err := w.DB.Decisions(ctx, 0, community.Page{Limit: 5})
		w.check(err)
		if len(log) != 1 || log[0].Kind != community.PersonAdmitted || log[0].TargetID != erin.ActorID || log[0].ActorID != ada.ID {
			t.Errorf("the log says %+v", log)
		}
	})
}

// Nothing of somebody who was refused is left after a while, and their name
// can be had; of who was accepted, the answers go.
func TestForget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, ada := t.Context(), w.people["ada"]
		erin, fay, gus := w.apply("erin"), w.apply("fay"), w.apply("gus")
		_, err := w.Refuse(ctx, ada, erin.ID, "We know nothing of you.")
		w.check(err)
		_, err = w.Accept(ctx, ada, fay.ID)
		w.check(err)
		if got := w.told("erin"); !slices.Equal(got, []community.NotificationKind{community.TurnedAway}) {
			t.Errorf("erin is told %v", got)
		}
		w.check(w.DB.AddSession(ctx, &community.Session{AccountID: account(w, "erin"), Kind: community.BrowserSession, Hash: []byte("x"), CreatedAt: noon}))
		w.check(w.DB.NotePersonViews(ctx, []*community.PersonView{
			{ActorID: erin.ActorID, Day: community.DayOf(noon), ViewerID: ada.ID, Screen: "x", Role: "admin", At: noon},
		}))
		w.check(w.DB.AddArrival(ctx, &community.Arrival{Address: []byte("a"), Network: []byte("n"), At: noon}))

		w.now = noon.Add(community.AdmissionKept - time.Minute)
		w.check(w.Forget(ctx))
		if x, err := w.Mine(ctx, w.people["erin"]); err != nil || x.Reason == "" {
			t.Errorf("a day before: %+v, %v", x, err)
		}
		w.now = noon.Add(community.AdmissionKept + time.Minute)
		w.check(w.Forget(ctx))
		for _, name := range []string{"erin", "fay"} {
			_, err := w.Mine(ctx, w.people[name])
			wantCode(t, err, fault.NotFound)
		}
		if x, err := w.Mine(ctx, w.people["gus"]); err != nil || x.ID != gus.ID {
			t.Errorf("gus still waits: %v", err)
		}
		if _, err := w.DB.Actor(ctx, fay.ActorID); err != nil {
			t.Errorf("fay is here: %v", err)
		}
		for _, table := range []string{"actors", "accounts", "keys", "sessions", "arrivals", "notifications", "person_views"} {
			column := map[string]string{"actors": "id", "keys": "actor_id", "accounts": "actor_id", "notifications": "actor_id", "person_views": "actor_id"}[table]
			q := w.DB.Bun().NewSelect().Table(table)
			if column != "" {
				q = q.Where(column+" = ?", erin.ActorID)
			}
			if n, err := q.Count(ctx); err != nil || n != 0 {
				t.Errorf("%d of erin is left in %s, %v", n, table, err)
			}
		}
		w.person("erin", community.Person, false)
	})
}

func account(w *world, name string) community.AccountID {
	w.t.Helper()
	a, err := w.DB.AccountOf(w.t.Context(), w.people[name].ID)
	w.check(err)
	return a.ID
}

// A refused applicant can still be let in while they are kept.
func TestSecondThoughts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		erin := w.apply("erin")
		_, err := w.Refuse(t.Context(), w.people["ada"], erin.ID, "No")
		w.check(err)
		_, err = w.Ask(t.Context(), w.people["ada"], erin.ID, "Well?")
		wantCode(t, err, fault.Conflict)
		view, err := w.Accept(t.Context(), w.people["ada"], erin.ID)
		if err != nil || view.Reason != "" {
			t.Errorf("%+v, %v", view, err)
		}
	})
}

func TestMayInvite(t *testing.T) {
	tests := []struct {
		name   string
		settle func(*community.Joining)
		who    string
		after  time.Duration
		want   fault.Code
	}{
		{"an administrator", func(*community.Joining) {}, "ada", 0, fault.None},
		{"somebody", func(*community.Joining) {}, "bob", 0, fault.Forbidden},
		{"somebody who moderates nothing", func(j *community.Joining) { j.Inviters = community.ModeratorsInvite }, "bob", 0, fault.Forbidden},
		{"a moderator", func(j *community.Joining) { j.Inviters = community.ModeratorsInvite }, "mod", 0, fault.None},
		{"a moderator of another server's group", func(j *community.Joining) { j.Inviters = community.ModeratorsInvite }, "far", 0, fault.Forbidden},
		{"somebody new", func(j *community.Joining) { j.Inviters = community.EverybodyInvites }, "bob", 0, fault.Forbidden},
		{"somebody who has been here", func(j *community.Joining) { j.Inviters = community.EverybodyInvites }, "bob", 31 * 24 * time.Hour, fault.None},
		{"with none to give", func(j *community.Joining) {
			j.Inviters, j.InviterDays, j.InvitesEach = community.EverybodyInvites, 0, 0
		}, "bob", 0, fault.Forbidden},
		{"somebody banned", func(j *community.Joining) { j.Inviters, j.InviterDays = community.EverybodyInvites, 0 }, "banned", 0, fault.Forbidden},
		{"somebody who applied", func(j *community.Joining) { j.Inviters, j.InviterDays = community.EverybodyInvites, 0 }, "new", 0, fault.Forbidden},
		{"to a closed server", func(j *community.Joining) { j.Mode = community.JoinClosed }, "ada", 0, fault.Forbidden},
	}
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"mod", "far", "banned"} {
			w.person(name, community.Person, false)
		}
		w.people["banned"].BannedUntil = noon.AddDate(10, 0, 0)
		w.apply("new")
		for who, host := range map[string]string{"mod": "", "far": "far.test"} {
			g := &community.Actor{Kind: community.GroupKind, Name: "walls", Host: host, IRI: "https://" + host + "/c/walls", CreatedAt: noon, UpdatedAt: noon}
			w.check(w.DB.AddActor(ctx, g))
			w.check(w.DB.SaveMembership(ctx, &community.Membership{GroupID: g.ID, ActorID: w.people[who].ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon}))
		}
		for _, test := range tests {
			w.now, w.settled = noon.Add(test.after), community.NewJoining(community.JoinInvite)
			test.settle(&w.settled)
			_, _, err := w.Invite(ctx, w.people[test.who], joining.Draft{Uses: 1, ExpiresAt: w.now.Add(time.Hour)})
			if fault.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want %q", test.name, err, test.want)
			}
		}
	})
}

// One person has only so many open invitations, and one that is used or over is
// not open.
func TestInvitesEach(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, bob := t.Context(), w.people["bob"]
		w.settled.Inviters, w.settled.InviterDays, w.settled.InvitesEach = community.EverybodyInvites, 0, 2
		draft := joining.Draft{Uses: 1, ExpiresAt: noon.Add(time.Hour)}
		var last *community.InviteView
		for i := range 3 {
			_, made, err := w.Invite(ctx, bob, draft)
			if i == 2 {
				wantCode(t, err, fault.Forbidden)
				break
			}
			w.check(err)
			last = made
		}
		wantCode(t, w.Revoke(ctx, w.person("eve", community.Person, false), last.ID), fault.NotFound)
		w.check(w.Revoke(ctx, w.people["ada"], last.ID))
		log, _, err := w.DB.Decisions(ctx, 0, community.Page{Limit: 5})
		w.check(err)
		if len(log) != 1 || log[0].Kind != community.InviteRevoked {
			t.Errorf("the log says %+v", log)
		}
		_, _, err = w.Invite(ctx, bob, draft)
		w.check(err)
	})
}

// An invitation into a group brings a newcomer there; into a private one only
// where whoever invited them still moderates it.
func TestIntroduce(t *testing.T) {
	tests := []struct {
		name       string
		visibility community.Visibility
		by         string
		want       community.MembershipState
	}{
		{"into an open group", community.Open, "bob", community.Accepted},
		{"into a private one, by its moderator", community.Private, "mod", community.Accepted},
		{"into a private one, by who moderates no more", community.Private, "bob", community.Pending},
	}
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		mod := w.person("mod", community.Person, false)
		company := &groups.Service{DB: w.DB, Origin: "https://home.test", Now: w.Now, NewKey: func() (string, string, error) { return "private", "public", nil }}
		for i, test := range tests {
			g, err := company.Create(ctx, mod, groups.Draft{Name: fmt.Sprintf("walls_%c", 'a'+i), Visibility: test.visibility})
			w.check(err)
			newcomer := w.person(fmt.Sprintf("newcomer_%c", 'a'+i), community.Person, false)
			w.check(w.DB.InTx(ctx, func(tx *storage.DB) error {
				return company.Introduce(ctx, tx, newcomer, g.Actor, w.people[test.by])
			}))
			m, err := w.DB.Membership(ctx, g.ID, newcomer.ID)
			w.check(err)
			if m == nil || m.State != test.want {
				t.Errorf("%s: %+v", test.name, m)
			}
			_, err = w.DB.Fold(ctx, 100)
			w.check(err)
			actor, err := w.DB.Actor(ctx, g.ID)
			w.check(err)
			if want := map[community.MembershipState]int64{community.Accepted: 2, community.Pending: 1}[test.want]; actor.MemberCount != want {
				t.Errorf("%s: %d members, want %d", test.name, actor.MemberCount, want)
			}
		}
		w.settled.Inviters, w.settled.InviterDays = community.EverybodyInvites, 0
		_, _, err := w.Invite(ctx, w.people["bob"], joining.Draft{Group: "walls_b", Uses: 1, ExpiresAt: noon.Add(time.Hour)})
		if e, ok := fault.As(err); !ok || e.Field != "group" || strings.Contains(e.Message, "private") {
			t.Errorf("bob invites into a private group: %v", err)
		}
		_, view, err := w.Invite(ctx, mod, joining.Draft{Group: "walls_b", Uses: 1, ExpiresAt: noon.Add(time.Hour)})
		if err != nil || view.Group.Name != "walls_b" {
			t.Errorf("its moderator: %+v, %v", view, err)
		}
	})
}

// The more accounts are made, the more work is asked for.
func TestChallengeHardens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.settled.Proof = 10
		for _, test := range []struct{ add, want int }{{0, 10}, {10, 10}, {1, 11}, {10, 12}, {20, 13}} {
			for range test.add {
				w.check(w.DB.AddArrival(ctx, &community.Arrival{Address: []byte("a"), Network: []byte("n"), At: w.now}))
			}
			c, err := w.Challenge(ctx)
			w.check(err)
			if c.Bits != test.want || c.Parts != community.WorkParts {
				t.Errorf("after %d more: %d bits, want %d", test.add, c.Bits, test.want)
			}
		}
		w.now = w.now.Add(2 * time.Hour)
		if c, err := w.Challenge(ctx); err != nil || c.Bits != 10 {
			t.Errorf("two hours later: %+v, %v", c, err)
		}
	})
}
