package roles_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/service/roles"
)

// mailed has somebody read mail.
func (w *world) mailed(name string) {
	w.t.Helper()
	account, err := w.db.AccountOf(w.t.Context(), w.who[name].ID)
	w.ok(err)
	account.SetEmail(name+"@mail.test", noon)
	w.ok(w.db.SaveAccount(w.t.Context(), account))
}

// letters takes the letters that wait, as to whom they go, of which kind they
// are, and what they say.
func (w *world) letters() (list []string) {
	w.t.Helper()
	soon := w.now.Add(day)
	lanes, err := w.db.DueLanes(w.t.Context(), soon)
	w.ok(err)
	jobs, err := w.db.DueJobs(w.t.Context(), lanes, soon, 100)
	w.ok(err)
	var done []community.JobID
	for _, job := range jobs {
		if job.Kind != community.JobLetter {
			continue
		}
		var letter community.Letter
		w.ok(json.Unmarshal(job.Body, &letter))
		says := letter.To + " " + string(letter.Kind) + " " + letter.Path
		for _, word := range []string{"what", "role", "by", "group", "until"} {
			says += "|" + letter.Words[word]
		}
		list, done = append(list, says), append(done, job.ID)
	}
	w.ok(w.db.FinishJobs(w.t.Context(), done, w.now))
	return list
}

func (w *world) wantLetters(doing string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.letters()); diff != "" {
		w.t.Errorf("%s: letters (-want +got):\n%s", doing, diff)
	}
}

// Whoever gets a role, or has it for another time, or no longer, reads so in
// their mail; so does whom a group is offered. What somebody does to
// themselves, and people elsewhere, need no letter.
func TestLettersAboutRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, end, later := t.Context(), noon.Add(3*day), noon.Add(4*day)
		w.db.SendLetters(true)
		for _, name := range []string{"olga", "mia", "bo"} {
			w.mailed(name)
		}
		g := w.given("olga", "bo", roles.Gift{Role: community.Content, EndsAt: end})
		w.wantLetters("given", "bo@mail.test role |role_given|Content||garden|"+end.Format(time.RFC3339))

		_, err := w.svc.Renew(ctx, w.who["olga"], w.here(), g.ID, roles.Renewal{EndsAt: &later})
		w.ok(err)
		w.wantLetters("renewed", "bo@mail.test role |role_renewed|Content||garden|"+later.Format(time.RFC3339))

		w.ok(w.svc.End(ctx, w.who["olga"], w.here(), g.ID))
		w.wantLetters("ended", "bo@mail.test role |role_ended|Content||garden|"+later.Format(time.RFC3339))

		w.given("olga", "bo", roles.Gift{Role: community.Content, EndsAt: end})
		w.letters()
		w.now = end
		w.ok(w.svc.Tend(ctx))
		w.ok(w.svc.Tend(ctx))
		w.wantLetters("over", "bo@mail.test role |role_expired|Content||garden|"+end.Format(time.RFC3339))

		w.given("olga", "dan", roles.Gift{Role: community.Content})
		w.given("olga", "far", roles.Gift{Role: community.Content})
		w.wantLetters("to who reads no mail, and elsewhere")

		w.ok(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who["mia"]))
		w.ok(w.svc.Offer(ctx, w.who["olga"], w.garden, w.who["mia"]))
		h, err := w.svc.Keeping(ctx, w.who["mia"], w.garden)
		w.ok(err)
		w.wantLetters("offered", "mia@mail.test handover /c/garden|||olga|garden|"+h.Offer.EndsAt.UTC().Format(time.RFC3339))
	})
}
