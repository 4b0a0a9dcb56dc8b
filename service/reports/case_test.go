package reports_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/service/reports"
	"drystone/storage"
)

// see is a report as somebody sees it.
func (w *world) see(who *community.Actor, id community.ReportID) *community.ReportView {
	w.t.Helper()
	v, err := w.reports.Find(w.t.Context(), who, id)
	w.check(err)
	return v
}

// voices are who says what in a case.
func voices(v *community.ReportView) (list []string) {
	for _, one := range v.Voices {
		list = append(list, fmt.Sprintf("%s: %s (%s)", one.Reporter.Name, one.Reason, one.State))
	}
	return list
}

// words are what a case keeps that is not so now.
func words(v *community.ReportView) (list []string) {
	for _, one := range v.Words {
		list = append(list, strings.Join([]string{one.Title, one.HTML, one.Link}, "|"))
	}
	return list
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// edit changes the post, as its author does.
func (w *world) edit(html string) {
	w.t.Helper()
	w.post.HTML = html
	w.check(w.db.EditPost(w.t.Context(), w.post))
}

// Three people report one thing: it is one line, decided once, and each is
// answered once.
func TestCase(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		first, second := w.file(w.zoe, w.post.Subject()), w.file(w.bo, w.post.Subject())
		flag := reports.Draft{Reason: "An advert", Scope: community.ToModerators, From: community.Origin{IRI: "https://far.test/flag/1"}}
		third, err := w.reports.File(ctx, w.rem, w.post.Subject(), flag)
		w.check(err)
		other := w.file(w.zoe, w.comment.Subject())
		w.same("the queue", w.list(w.mod, community.ReportsMine, community.OpenReport), []community.ReportID{other.ID, first.ID})
		w.same("the server's", w.list(w.boss, community.ReportsServer, ""), []community.ReportID{other.ID, first.ID})
		w.same("bo's own", w.list(w.bo, community.ReportsFiled, ""), []community.ReportID{second.ID})
		for _, id := range []community.ReportID{first.ID, third.ID} {
			w.same("the voices", voices(w.see(w.mow, id)), []string{"zoe: It is spam (open)", "bo: It is spam (open)", "rem: An advert (open)"})
		}
		if v := w.see(w.bo, second.ID); v.Voices != nil || v.Waiting != 0 || v.Words != nil {
			w.t.Errorf("a reporter sees %v %d %v", voices(v), v.Waiting, words(v))
		}
		if n := len(w.told(w.mod)); n != 2 {
			w.t.Errorf("mod was told %d times of two things", n)
		}

		w.check(w.reports.Claim(ctx, w.mow, second.ID, true))
		w.same("who looks into it", w.see(w.mod, first.ID).Claimer.Name, "mow")
		fourth := w.file(w.masto, w.post.Subject())
		w.same("who looks into a late one", w.see(w.mod, fourth.ID).Claimer.Name, "mow")
		w.refused(w.reports.Claim(ctx, w.mod, fourth.ID, true), fault.Conflict)

		// Whoever led takes it back: the next one leads.
		w.check(w.reports.Withdraw(ctx, w.zoe, first.ID, community.Origin{}))
		w.same("the queue", w.list(w.mod, community.ReportsMine, community.OpenReport), []community.ReportID{other.ID, second.ID})
		w.same("what was taken back", w.list(w.mod, community.ReportsMine, community.WithdrawnReport), []community.ReportID(nil))

		before := len(w.facts())
		w.check(w.reports.Handle(ctx, w.mow, fourth.ID, reports.Verdict{State: community.ResolvedReport, Note: "Gone", Tell: true}))
		w.same("facts", w.facts()[before:], []community.FactKind{community.ReportHandled, community.ReportHandled, community.ReportHandled})
		w.same("the queue", w.list(w.mod, community.ReportsMine, community.OpenReport), []community.ReportID{other.ID})
		w.same("resolved", w.list(w.mod, community.ReportsMine, community.ResolvedReport), []community.ReportID{second.ID})
		w.same("bo was told", len(w.told(w.bo)), 1)
		w.same("zoe was told", len(w.told(w.zoe)), 0)
		w.refused(w.reports.Handle(ctx, w.mod, second.ID, reports.Verdict{State: community.RejectedReport}), fault.Conflict)

		// Whoever reports it now begins another.
		again := w.file(w.zoe, w.post.Subject())
		w.same("voices of the new case", voices(w.see(w.mod, again.ID)), []string{"zoe: It is spam (open)"})
	})
}

// What somebody elsewhere decides is about the one Flag that they name.
func TestCaseDecidedElsewhere(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		first, second := w.file(w.zoe, w.post.Subject()), w.file(w.bo, w.post.Subject())
		w.member(w.garden, w.rem, community.Moderator)
		w.check(w.reports.Handle(ctx, w.rem, first.ID, reports.Verdict{State: community.ResolvedReport, From: community.Origin{IRI: "https://far.test/resolve/1"}}))
		w.same("the queue", w.list(w.mod, community.ReportsMine, community.OpenReport), []community.ReportID{second.ID})
		w.same("the voices", voices(w.see(w.mod, second.ID)), []string{"zoe: It is spam (resolved)", "bo: It is spam (open)"})
	})
}

// Administrators who are asked only by a later report hear of it, and the
// moderators do not hear of it again.
func TestCaseReachesAdmins(t *testing.T) {
	each(t, func(w *world) {
		w.file(w.zoe, w.post.Subject())
		w.same("boss was told", len(w.told(w.boss)), 0)
		w.member(w.garden, w.ada, community.Moderator) // who wrote it
		w.file(w.bo, w.post.Subject())
		w.file(w.masto, w.post.Subject())
		w.same("boss was told", len(w.told(w.boss)), 1)
		w.same("mod was told", len(w.told(w.mod)), 1)
		desk, err := w.reports.Desk(w.t.Context(), w.accounts[w.boss.ID])
		w.check(err)
		w.same("boss has", desk.Open, 1)
	})
}

// The words stay as they were reported, for those who decide and nobody else.
func TestWordsAsReported(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		first := w.file(w.zoe, w.post.Subject())
		w.same("nothing changed", words(w.see(w.mod, first.ID)), []string(nil))
		w.edit("<p>Nothing to see.</p>")
		w.same("edited", words(w.see(w.mod, first.ID)), []string{"Beans|<p>Runner beans.</p>|"})
		w.file(w.zoe, w.post.Subject()) // again: what she means now is kept too
		w.file(w.bo, w.post.Subject())
		w.edit("<p>Lovely beans.</p>")
		both := []string{"Beans|<p>Runner beans.</p>|", "Beans|<p>Nothing to see.</p>|"}
		w.same("edited twice", words(w.see(w.mod, first.ID)), both)
		w.same("the reporter", words(w.see(w.zoe, first.ID)), []string(nil))
		w.edit("<p>Runner beans.</p>")
		w.same("back", words(w.see(w.mod, first.ID)), both[1:])
		w.withdrawn(w.post)
		w.same("deleted", words(w.see(w.mow, first.ID)), both)

		about := w.file(w.zoe, person(w.ada))
		w.same("a person as they are", words(w.see(w.boss, about.ID)), []string(nil))
		w.ada.Title, w.ada.SummaryHTML = "The queen", "<p>Bow.</p>"
		w.check(w.db.EditActor(ctx, w.ada))
		w.same("a person as they were", words(w.see(w.boss, about.ID)), []string{"ada||"})

		answer := w.file(w.zoe, w.comment.Subject())
		w.check(w.db.TakeDownComments(ctx, []*community.Comment{w.comment}, storage.Takedown{At: noon, By: w.mod.ID}))
		w.same("removed", words(w.see(w.mow, answer.ID)), []string{"|<p>No.</p>|"})

		// They are kept for 30 days after the case is closed.
		w.check(w.reports.Handle(ctx, w.mod, first.ID, reports.Verdict{State: community.ResolvedReport}))
		w.now = noon.Add(30 * 24 * time.Hour)
		w.check(w.reports.Trim(ctx))
		w.same("after 30 days", words(w.see(w.mow, first.ID)), both)
		w.now = w.now.Add(time.Minute)
		w.check(w.reports.Trim(ctx))
		w.same("after that", words(w.see(w.mow, first.ID)), []string(nil))
		w.same("while it is open", words(w.see(w.mow, answer.ID)), []string{"|<p>No.</p>|"})
	})
}

// There is an end to how many versions are kept.
func TestMostSnapshots(t *testing.T) {
	each(t, func(w *world) {
		var r *community.Report
		for i := range community.MostSnapshots + 3 {
			w.edit(fmt.Sprintf("<p>%d</p>", i))
			r = w.file(w.zoe, w.post.Subject())
		}
		w.same("versions", len(w.see(w.mod, r.ID).Words), community.MostSnapshots)
	})
}

// Who leaves with all words is forgotten at once where the case is closed, and
// with its end where it is open.
func TestForgottenWords(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		second := w.publish(w.ada, w.garden)
		open, done, answer := w.file(w.zoe, w.post.Subject()), w.file(w.zoe, second.Subject()), w.file(w.zoe, w.comment.Subject())
		for _, p := range []*community.Post{w.post, second} {
			w.withdrawn(p)
		}
		w.check(w.reports.Handle(ctx, w.mod, done.ID, reports.Verdict{State: community.ResolvedReport}))
		w.same("before", words(w.see(w.mod, done.ID)), []string{"Beans|<p>Runner beans.</p>|"})
		w.check(w.db.ForgetSnapshots(ctx, w.ada.ID))
		w.same("closed", words(w.see(w.mod, done.ID)), []string(nil))
		w.same("open", words(w.see(w.mod, open.ID)), []string{"Beans|<p>Runner beans.</p>|"})
		w.check(w.reports.Withdraw(ctx, w.zoe, open.ID, community.Origin{}))
		w.same("taken back", words(w.see(w.mod, open.ID)), []string(nil))
		w.deleted(w.comment)
		w.check(w.reports.Handle(ctx, w.mod, answer.ID, reports.Verdict{State: community.ResolvedReport}))
		w.same("somebody else's", words(w.see(w.mod, answer.ID)), []string{"|<p>No.</p>|"})
	})
}

// Who got a message can report it, to the administrators, who read that one.
func TestReportMessage(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		write := func(text string) *community.Message {
			m := &community.Message{SenderID: w.rem.ID, RecipientID: w.zoe.ID, Body: text, HTML: "<p>" + text + "</p>", CreatedAt: noon}
			w.check(w.db.AddMessage(ctx, m, "https://far.test/m/"))
			return m
		}
		write("Hello.")
		bad, worse := write("Buy this."), write("Or else.")
		subject := func(m *community.Message) community.Subject {
			return community.Subject{Kind: community.SubjectMessage, ID: int64(m.ID)}
		}
		draft := reports.Draft{Reason: "A threat", Scope: community.ToAdmins, Quote: true}
		_, absent := w.reports.File(ctx, w.boss, community.Subject{Kind: community.SubjectMessage, ID: 4711}, draft)
		for _, who := range []*community.Actor{w.boss, w.mod, w.ada, w.masto} {
			_, err := w.reports.File(ctx, who, subject(bad), draft)
			w.hidden(err, absent)
		}
		_, err := w.reports.File(ctx, w.rem, subject(bad), draft)
		w.refused(err, fault.Invalid)

		first, err := w.reports.File(ctx, w.zoe, subject(bad), draft)
		w.check(err)
		second, err := w.reports.File(ctx, w.zoe, subject(worse), reports.Draft{Reason: "Again", Scope: community.ToModerators, Group: w.garden})
		w.check(err)
		if first.ID == second.ID || !first.ForAdmins || second.Scope != community.ToAdmins || second.GroupID != 0 || !first.Quoted || second.Quoted {
			w.t.Errorf("the reports are %+v and %+v", first, second)
		}
		w.same("what boss reads", words(w.see(w.boss, first.ID)), []string{"|<p>Buy this.</p>|"})
		w.same("what boss reads of the second", words(w.see(w.boss, second.ID)), []string{"|<p>Or else.</p>|"})
		w.same("what the reporter reads", words(w.see(w.zoe, first.ID)), []string(nil))
		for _, who := range []*community.Actor{w.mod, w.ada} {
			_, err := w.reports.Find(ctx, who, first.ID)
			w.refused(err, fault.NotFound)
		}
		bad.HTML, bad.DeletedAt = "", noon
		w.check(w.db.SaveMessage(ctx, bad))
		w.same("after it was taken back", words(w.see(w.boss, first.ID)), []string{"|<p>Buy this.</p>|"})
		_, err = w.reports.File(ctx, w.zoe, subject(bad), draft)
		w.hidden(err, absent)
		w.check(w.reports.Handle(ctx, w.boss, first.ID, reports.Verdict{State: community.ResolvedReport}))
		w.same("the other message", w.list(w.boss, community.ReportsServer, community.OpenReport), []community.ReportID{second.ID})
	})
}
