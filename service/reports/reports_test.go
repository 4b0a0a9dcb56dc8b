package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/reports"
	"drystone/storage"
)

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) { f(newWorld(t, db)) })
}

// Who reports something, who is asked to look, and who can see it.
func TestFile(t *testing.T) {
	each(t, func(w *world) {
		far := community.Origin{IRI: "https://far.test/flag/1", Activity: []byte(`{"type":"Flag"}`)}
		for _, test := range []struct {
			name    string
			by      *community.Actor
			subject community.Subject
			draft   reports.Draft
			code    fault.Code
			scope   community.ReportScope
			admins  bool
		}{
			{"a post", w.zoe, w.post.Subject(), reports.Draft{Scope: community.ToModerators}, fault.None, community.ToModerators, false},
			{"a comment", w.zoe, w.comment.Subject(), reports.Draft{Scope: community.ToModerators}, fault.None, community.ToModerators, false},
			{"to the admins", w.zoe, w.post.Subject(), reports.Draft{Scope: community.ToAdmins}, fault.None, community.ToAdmins, true},
			{"a person", w.zoe, person(w.ada), reports.Draft{Scope: community.ToModerators}, fault.None, community.ToAdmins, true},
			{"a person in a group", w.zoe, person(w.ada), reports.Draft{Scope: community.ToModerators, Group: w.garden}, fault.None, community.ToModerators, false},
			{"a moderator", w.zoe, person(w.mod), reports.Draft{Scope: community.ToModerators, Group: w.garden}, fault.None, community.ToModerators, true},
			{"ours in a group elsewhere", w.zoe, w.adas.Subject(), reports.Draft{Scope: community.ToModerators}, fault.None, community.ToModerators, true},
			{"theirs in a group elsewhere", w.zoe, w.remote.Subject(), reports.Draft{Scope: community.ToModerators}, fault.None, community.ToModerators, false},
			{"from elsewhere", w.rem, w.post.Subject(), reports.Draft{Scope: community.ToModerators, From: far}, fault.None, community.ToModerators, false},
			{"from a server", w.masto, w.comment.Subject(), reports.Draft{Scope: community.ToModerators, From: far}, fault.None, community.ToModerators, false},
			{"from elsewhere what concerns nobody here", w.masto, w.remote.Subject(), reports.Draft{From: far}, fault.Forbidden, "", false},
			{"one's own", w.ada, w.post.Subject(), reports.Draft{}, fault.Invalid, "", false},
			{"oneself", w.ada, person(w.ada), reports.Draft{}, fault.Invalid, "", false},
			{"what there is not", w.zoe, community.Subject{Kind: community.SubjectPost, ID: 4711}, reports.Draft{}, fault.NotFound, "", false},
			{"nobody", w.zoe, community.Subject{Kind: community.SubjectActor, ID: 4711}, reports.Draft{}, fault.NotFound, "", false},
		} {
			before := len(w.facts())
			test.draft.Reason = "Please look"
			got, err := w.reports.File(w.t.Context(), test.by, test.subject, test.draft)
			if fault.CodeOf(err) != test.code {
				w.t.Errorf("%s: %v, want %q", test.name, err, test.code)
				continue
			}
			if err != nil {
				if n := len(w.facts()); n != before {
					w.t.Errorf("%s: refused, and %d facts were recorded", test.name, n-before)
				}
				continue
			}
			if got.Scope != test.scope || got.ForAdmins != test.admins || got.IRI == "" || !got.Open() {
				w.t.Errorf("%s: %+v, want scope %s and admins %v", test.name, got, test.scope, test.admins)
			}
		}
	})
}

func TestReasons(t *testing.T) {
	each(t, func(w *world) {
		for _, reason := range []string{"", "  \n", strings.Repeat("x", 1001), "a\x00b"} {
			_, err := w.reports.File(w.t.Context(), w.zoe, w.post.Subject(), reports.Draft{Reason: reason})
			w.refused(err, fault.Invalid)
		}
		far := community.Origin{IRI: "https://far.test/flag/2"}
		r, err := w.reports.File(w.t.Context(), w.rem, w.post.Subject(), reports.Draft{Reason: strings.Repeat("é", 5000) + "\x00", From: far})
		w.check(err)
		if len([]rune(r.Reason)) != community.MaxComplaint {
			w.t.Errorf("a reason from elsewhere has %d characters", len([]rune(r.Reason)))
		}
		r, err = w.reports.File(w.t.Context(), w.rem, w.comment.Subject(), reports.Draft{From: community.Origin{IRI: "https://far.test/flag/3"}})
		w.check(err) // Mbin and microblogs need no reason
		if r.Reason != "" {
			w.t.Errorf("the reason is %q", r.Reason)
		}
	})
}

// CVE-2024-23649: in Lemmy, anybody could report, and thereby read, a private
// message. What somebody cannot see they cannot report, and they learn
// nothing: not even that it exists.
func TestCVE202423649ReportOfWhatTheReporterCannotSee(t *testing.T) {
	each(t, func(w *world) {
		nothing := community.Subject{Kind: community.SubjectPost, ID: 4711}
		_, absent := w.reports.File(w.t.Context(), w.zoe, nothing, reports.Draft{Reason: "Show me"})
		w.refused(absent, fault.NotFound)
		w.garden.Visibility = community.Private
		_, err := w.db.Bun().NewUpdate().Model(w.garden).WherePK().Column("visibility").Exec(w.t.Context())
		w.check(err)
		for _, by := range []*community.Actor{w.zoe, w.rem, w.masto} {
			for _, subject := range []community.Subject{w.post.Subject(), w.comment.Subject()} {
				_, err := w.reports.File(w.t.Context(), by, subject, reports.Draft{Reason: "Show me", From: community.Origin{IRI: by.IRI}})
				w.hidden(err, absent)
			}
		}
		w.file(w.ada, w.comment.Subject()) // who is in it
		w.garden.Visibility = community.Open
		_, err = w.db.Bun().NewUpdate().Model(w.garden).WherePK().Column("visibility").Exec(w.t.Context())
		w.check(err)
		w.check(w.db.TakeDown(w.t.Context(), []*community.Post{w.post}, storage.Takedown{At: noon, By: w.mod.ID}))
		w.deleted(w.comment)
		for _, subject := range []community.Subject{w.post.Subject(), w.comment.Subject()} {
			_, err := w.reports.File(w.t.Context(), w.zoe, subject, reports.Draft{Reason: "Show me"})
			w.hidden(err, absent)
		}
		if got := w.list(w.zoe, community.ReportsFiled, ""); got != nil {
			w.t.Errorf("reports were made: %v", got)
		}
	})
}

// Saying it twice is saying it once, until somebody has dealt with it.
func TestRepetition(t *testing.T) {
	each(t, func(w *world) {
		first := w.file(w.zoe, w.post.Subject())
		if again := w.file(w.zoe, w.post.Subject()); again.ID != first.ID {
			w.t.Errorf("the repetition is report %d, not %d", again.ID, first.ID)
		}
		if others := w.file(w.bo, w.post.Subject()); others.ID == first.ID {
			w.t.Error("two reporters share a report")
		}
		w.check(w.reports.Handle(w.t.Context(), w.mod, first.ID, reports.Verdict{State: community.RejectedReport}))
		if later := w.file(w.zoe, w.post.Subject()); later.ID == first.ID {
			w.t.Error("what was dealt with cannot be reported again")
		}
		// A Flag that comes twice says nothing new, even afterwards.
		flag := reports.Draft{Reason: "Spam", Scope: community.ToModerators, From: community.Origin{IRI: "https://far.test/flag/1"}}
		r, err := w.reports.File(w.t.Context(), w.rem, w.post.Subject(), flag)
		w.check(err)
		w.check(w.reports.Handle(w.t.Context(), w.mod, r.ID, reports.Verdict{State: community.ResolvedReport}))
		again, err := w.reports.File(w.t.Context(), w.rem, w.post.Subject(), flag)
		w.check(err)
		if again.ID != r.ID {
			w.t.Error("a Flag that came twice made two reports")
		}
	})
}

// A server speaks for many: what each of its people says is kept in one
// report, and there is an end to how many wait.
func TestServersReport(t *testing.T) {
	each(t, func(w *world) {
		for i := range 3 {
			_, err := w.reports.File(w.t.Context(), w.masto, w.post.Subject(), reports.Draft{
				Reason: fmt.Sprint("Reason ", i), Scope: community.ToModerators, From: community.Origin{IRI: fmt.Sprint("https://masto.test/", i)},
			})
			w.check(err)
		}
		views, _, err := w.reports.List(w.t.Context(), w.mod, community.ReportQuery{Of: community.ReportsMine, Page: community.Page{Limit: 9}})
		w.check(err)
		if len(views) != 1 || views[0].Reason != "Reason 0\nReason 1\nReason 2" {
			w.t.Fatalf("the moderator sees %+v", views)
		}
		for i := range community.MostOpenReports + 1 {
			post := w.publish(w.ada, w.garden)
			_, err := w.reports.File(w.t.Context(), w.masto, post.Subject(), reports.Draft{From: community.Origin{IRI: fmt.Sprint("https://masto.test/more/", i)}})
			if i < community.MostOpenReports-1 {
				w.check(err)
				continue
			}
			w.refused(err, fault.Forbidden)
		}
	})
}

// Each role, on a report by zoe about ada's post, and on one about mow.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		r := w.file(w.zoe, w.post.Subject())
		about, err := w.reports.File(ctx, w.zoe, person(w.mow), reports.Draft{Reason: "Rude", Scope: community.ToModerators, Group: w.garden})
		w.check(err)
		secret, err := w.reports.File(ctx, w.zoe, w.post.Subject(), reports.Draft{Reason: "The moderators do nothing", Scope: community.ToAdmins})
		w.check(err)
		for _, test := range []struct {
			who                    *community.Actor
			report                 *community.Report
			find, handle, withdraw fault.Code
		}{
			{w.zoe, r, fault.None, fault.Forbidden, fault.None},
			{w.mod, r, fault.None, fault.None, fault.Forbidden},
			{w.mow, r, fault.None, fault.None, fault.Forbidden},
			{w.boss, r, fault.None, fault.None, fault.Forbidden},
			{w.ada, r, fault.NotFound, fault.NotFound, fault.NotFound},
			{w.bo, r, fault.NotFound, fault.NotFound, fault.NotFound},
			{w.mow, about, fault.NotFound, fault.NotFound, fault.NotFound}, // it is about them
			{w.mod, about, fault.None, fault.None, fault.Forbidden},
			{w.boss, about, fault.None, fault.None, fault.Forbidden},
			{w.mod, secret, fault.NotFound, fault.NotFound, fault.NotFound},
			{w.boss, secret, fault.None, fault.None, fault.Forbidden},
		} {
			_, err := w.reports.Find(ctx, test.who, test.report.ID)
			w.refused(err, test.find)
			undone := fault.New(fault.Unavailable, "undone")
			attempt := func(f func(*reports.Service) error, want fault.Code) {
				err := w.db.InTx(ctx, func(tx *storage.DB) error {
					within := &reports.Service{DB: tx, Origin: "https://here.test", Now: func() time.Time { return noon }}
					if err := f(within); err != nil {
						return err
					}
					return undone
				})
				if fault.Is(err, fault.Unavailable) {
					err = nil
				}
				if fault.CodeOf(err) != want {
					w.t.Errorf("%s on report %d: %v, want %q", test.who.Name, test.report.ID, err, want)
				}
			}
			for _, state := range []community.ReportState{community.ResolvedReport, community.RejectedReport} {
				attempt(func(s *reports.Service) error {
					return s.Handle(ctx, test.who, test.report.ID, reports.Verdict{State: state})
				}, test.handle)
			}
			attempt(func(s *reports.Service) error { return s.Claim(ctx, test.who, test.report.ID, true) }, test.handle)
			attempt(func(s *reports.Service) error {
				return s.Withdraw(ctx, test.who, test.report.ID, community.Origin{})
			}, test.withdraw)
		}
		lists := map[string][]community.ReportID{
			"zoe filed":   w.list(w.zoe, community.ReportsFiled, ""),
			"mod mine":    w.list(w.mod, community.ReportsMine, ""),
			"mow mine":    w.list(w.mow, community.ReportsMine, ""),
			"boss server": w.list(w.boss, community.ReportsServer, ""),
			"ada mine":    w.list(w.ada, community.ReportsMine, ""),
		}
		want := map[string][]community.ReportID{
			"zoe filed": {3, 2, 1}, "mod mine": {2, 1}, "mow mine": {1}, "boss server": {3, 2, 1}, "ada mine": nil,
		}
		if diff := cmp.Diff(want, lists); diff != "" {
			w.t.Errorf("lists (-want +got):\n%s", diff)
		}
		_, _, err = w.reports.List(ctx, w.mod, community.ReportQuery{Of: community.ReportsServer, Page: community.Page{Limit: 1}})
		w.refused(err, fault.Forbidden)
	})
}

// An administrator judges what is said about them only where nobody else can.
func TestAdminsAboutThemselves(t *testing.T) {
	each(t, func(w *world) {
		r := w.file(w.zoe, person(w.boss))
		other := w.accounts[w.bo.ID]
		other.Admin = true
		w.check(w.db.SaveAccount(w.t.Context(), other))
		w.refused(w.reports.Handle(w.t.Context(), w.boss, r.ID, reports.Verdict{State: community.RejectedReport}), fault.Forbidden)
		other.Admin = false
		w.check(w.db.SaveAccount(w.t.Context(), other))
		w.check(w.reports.Handle(w.t.Context(), w.boss, r.ID, reports.Verdict{State: community.RejectedReport}))
	})
}

func TestHandleAndClaim(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		r := w.file(w.zoe, w.comment.Subject())
		w.refused(w.reports.Handle(ctx, w.mod, r.ID, reports.Verdict{State: community.OpenReport}), fault.Invalid)
		w.refused(w.reports.Handle(ctx, w.mod, r.ID, reports.Verdict{State: community.ResolvedReport, Note: strings.Repeat("x", 1001)}), fault.Invalid)
		w.check(w.reports.Claim(ctx, w.mod, r.ID, true))
		w.check(w.reports.Claim(ctx, w.mod, r.ID, true))
		w.refused(w.reports.Claim(ctx, w.mow, r.ID, true), fault.Conflict)
		w.refused(w.reports.Claim(ctx, w.mow, r.ID, false), fault.Conflict)
		w.now = noon.Add(25 * time.Hour) // whoever said so has forgotten
		forgotten, err := w.reports.Find(ctx, w.mow, r.ID)
		w.check(err)
		if forgotten.Claimer != nil {
			w.t.Errorf("%s still looks into it", forgotten.Claimer.Name)
		}
		w.check(w.reports.Claim(ctx, w.mow, r.ID, true))
		v, err := w.reports.Find(ctx, w.mod, r.ID)
		w.check(err)
		if v.Claimer.ID != w.mow.ID || v.Comment == nil || v.Comment.Body != "No." || v.Target.ID != w.bo.ID {
			w.t.Errorf("the moderator sees %+v", v)
		}
		w.check(w.reports.Claim(ctx, w.mow, r.ID, false))
		w.check(w.reports.Handle(ctx, w.mod, r.ID, reports.Verdict{State: community.ResolvedReport, Note: "Talked to them", Tell: true}))
		w.check(w.reports.Handle(ctx, w.mow, r.ID, reports.Verdict{State: community.ResolvedReport}))
		w.refused(w.reports.Handle(ctx, w.mow, r.ID, reports.Verdict{State: community.RejectedReport}), fault.Conflict)
		w.refused(w.reports.Claim(ctx, w.mow, r.ID, true), fault.Conflict)
		w.refused(w.reports.Withdraw(ctx, w.zoe, r.ID, community.Origin{}), fault.Conflict)
		want := []community.FactKind{community.ReportFiled, community.ReportHandled}
		if diff := cmp.Diff(want, w.facts()); diff != "" {
			w.t.Errorf("facts (-want +got):\n%s", diff)
		}
		told := w.told(w.zoe)
		if len(told) != 1 || told[0].Kind != community.Handled || told[0].Report.Note != "Talked to them" {
			w.t.Errorf("the reporter was told %+v", told)
		}
	})
}

func TestWithdraw(t *testing.T) {
	each(t, func(w *world) {
		r := w.file(w.zoe, w.post.Subject())
		w.check(w.reports.Withdraw(w.t.Context(), w.zoe, r.ID, community.Origin{}))
		w.check(w.reports.Withdraw(w.t.Context(), w.zoe, r.ID, community.Origin{}))
		w.refused(w.reports.Handle(w.t.Context(), w.mod, r.ID, reports.Verdict{State: community.ResolvedReport}), fault.Conflict)
		if diff := cmp.Diff([]community.FactKind{community.ReportFiled, community.ReportWithdrawn}, w.facts()); diff != "" {
			w.t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

// Those who look after the place are told; nobody hears of what is said about
// themselves, and who is not to be told the outcome is not.
func TestNotifications(t *testing.T) {
	each(t, func(w *world) {
		r := w.file(w.zoe, w.post.Subject())
		_, err := w.reports.File(w.t.Context(), w.mod, person(w.mow), reports.Draft{Reason: "Rude", Scope: community.ToModerators, Group: w.garden})
		w.check(err)
		w.check(w.reports.Handle(w.t.Context(), w.mow, r.ID, reports.Verdict{State: community.ResolvedReport, Note: "Between us"}))
		for who, want := range map[*community.Actor]int{w.mod: 1, w.mow: 1, w.boss: 1, w.zoe: 0, w.ada: 0, w.bo: 0} {
			told := w.told(who)
			if len(told) != want {
				w.t.Errorf("%s was told %d things, want %d", who.Name, len(told), want)
			}
			for _, n := range told {
				if n.Kind != community.Flagged || n.Report == nil {
					w.t.Errorf("%s was told %+v", who.Name, n)
				}
			}
		}
		for who, want := range map[*community.Actor]community.Desk{
			w.mod: {Moderates: true, Open: 1}, w.mow: {Moderates: true}, w.boss: {Admin: true, Open: 1}, w.zoe: {},
		} {
			desk, err := w.reports.Desk(w.t.Context(), w.accounts[who.ID])
			w.check(err)
			if desk != want {
				w.t.Errorf("the desk of %s is %+v, want %+v", who.Name, desk, want)
			}
		}
	})
}

// Pages of a list hang together.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		for range 5 {
			w.file(w.zoe, w.publish(w.ada, w.garden).Subject())
		}
		var got []community.ReportID
		query := community.ReportQuery{Of: community.ReportsMine, Group: w.garden.ID, State: community.OpenReport, Page: community.Page{Limit: 2}}
		for range 3 {
			views, next, err := w.reports.List(w.t.Context(), w.mod, query)
			w.check(err)
			for _, v := range views {
				got = append(got, v.ID)
			}
			query.After = next
		}
		if diff := cmp.Diff([]community.ReportID{5, 4, 3, 2, 1}, got); diff != "" || query.After != "" {
			w.t.Errorf("pages (-want +got, next %q):\n%s", query.After, diff)
		}
		query.After = "nonsense"
		_, _, err := w.reports.List(w.t.Context(), w.mod, query)
		w.refused(err, fault.Invalid)
	})
}

// How many wait, in each list and about the same thing: nobody is counted what
// they cannot see.
func TestCounts(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		counts := func(who *community.Actor, want community.ReportCounts) {
			w.t.Helper()
			got, err := w.reports.Counts(ctx, who)
			w.check(err)
			if got != want {
				w.t.Errorf("%s counts %+v, want %+v", who.Name, got, want)
			}
		}
		waiting := func(who *community.Actor, id community.ReportID, want int) {
			w.t.Helper()
			v, err := w.reports.Find(ctx, who, id)
			w.check(err)
			if v.Waiting != want {
				w.t.Errorf("%s sees %d about report %d, want %d", who.Name, v.Waiting, id, want)
			}
		}
		first, second := w.file(w.zoe, w.post.Subject()), w.file(w.bo, w.post.Subject())
		_, err := w.reports.File(ctx, w.rem, w.post.Subject(), reports.Draft{Scope: community.ToAdmins, Reason: "x", From: community.Origin{IRI: "https://far.test/flag/9"}})
		w.check(err)
		w.file(w.zoe, w.comment.Subject())
		w.file(w.zoe, person(w.ada))
		counts(w.mod, community.ReportCounts{Mine: 2}) // two things, not three reports
		counts(w.boss, community.ReportCounts{Server: 4})
		counts(w.zoe, community.ReportCounts{Filed: 3})
		waiting(w.mod, first.ID, 2)
		waiting(w.boss, first.ID, 2)
		waiting(w.zoe, first.ID, 0)
		w.check(w.reports.Handle(ctx, w.mow, second.ID, reports.Verdict{State: community.ResolvedReport}))
		counts(w.mod, community.ReportCounts{Mine: 1})
		counts(w.bo, community.ReportCounts{})
		waiting(w.mod, first.ID, 0)
	})
}

// withdrawn has the author of a post delete it.
func (w *world) withdrawn(p *community.Post) {
	w.t.Helper()
	_, err := w.db.WithdrawPost(w.t.Context(), p, noon)
	w.check(err)
}

// deleted has the author of a comment delete it.
func (w *world) deleted(c *community.Comment) {
	w.t.Helper()
	_, err := w.db.WithdrawComment(w.t.Context(), c, noon)
	w.check(err)
}
