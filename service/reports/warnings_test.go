package reports_test

import (
	"fmt"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/service/reports"
)

func TestWarn(t *testing.T) {
	each(t, func(w *world) {
		for _, test := range []struct {
			name       string
			by, target *community.Actor
			warning    reports.Warning
			code       fault.Code
		}{
			{"a member", w.mod, w.ada, reports.Warning{Group: w.garden}, fault.None},
			{"about a post", w.mod, w.ada, reports.Warning{Group: w.garden, Post: w.post.ID}, fault.None},
			{"who wrote and is no member", w.mow, w.bo, reports.Warning{Group: w.garden, Post: w.post.ID, Comment: w.comment.ID}, fault.None},
			{"by the site", w.boss, w.zoe, reports.Warning{}, fault.None},
			{"somebody who has nothing to do with the group", w.mod, w.zoe, reports.Warning{Group: w.garden}, fault.Forbidden},
			{"about what somebody else wrote", w.mod, w.bo, reports.Warning{Group: w.garden, Post: w.post.ID}, fault.Invalid},
			{"about what was written elsewhere", w.mod, w.ada, reports.Warning{Group: w.garden, Post: w.adas.ID}, fault.Invalid},
			{"by a member", w.ada, w.mod, reports.Warning{Group: w.garden}, fault.Forbidden},
			{"by an administrator in a group", w.boss, w.ada, reports.Warning{Group: w.garden}, fault.Forbidden},
			{"by a moderator for the site", w.mod, w.ada, reports.Warning{}, fault.Forbidden},
			{"by a stranger elsewhere", w.rem, w.ada, reports.Warning{Group: w.garden, From: community.Origin{IRI: "https://far.test/warn/1"}}, fault.Forbidden},
			{"oneself", w.mod, w.mod, reports.Warning{Group: w.garden}, fault.Invalid},
			{"a group", w.boss, w.garden, reports.Warning{}, fault.NotFound},
		} {
			before := len(w.facts())
			test.warning.Reason = "Please be kind"
			got, err := w.reports.Warn(w.t.Context(), test.by, test.target, test.warning)
			if fault.CodeOf(err) != test.code {
				w.t.Errorf("%s: %v, want %q", test.name, err, test.code)
			}
			if test.code == fault.None && (got == nil || got.IRI == "" || len(w.facts()) != before+1) || test.code != fault.None && len(w.facts()) != before {
				w.t.Errorf("%s: got %+v, and %d new facts", test.name, got, len(w.facts())-before)
			}
		}
		for _, reason := range []string{"", strings.Repeat("x", 1001)} {
			_, err := w.reports.Warn(w.t.Context(), w.mod, w.ada, reports.Warning{Group: w.garden, Reason: reason})
			w.refused(err, fault.Invalid)
		}
	})
}

func TestWarningsAreBetweenThem(t *testing.T) {
	each(t, func(w *world) {
		given, err := w.reports.Warn(w.t.Context(), w.mod, w.ada, reports.Warning{Group: w.garden, Post: w.post.ID, Reason: "No adverts, please"})
		w.check(err)
		told := w.told(w.ada)
		if len(told) != 1 || told[0].Kind != community.Warned || told[0].Warning == nil || told[0].Warning.Reason != "No adverts, please" {
			w.t.Fatalf("the warned were told %+v", told)
		}
		for who, want := range map[*community.Actor]int{w.ada: 1, w.mod: 1, w.mow: 1, w.boss: 1, w.zoe: 0, w.bo: 0} {
			list, _, err := w.reports.Warnings(w.t.Context(), who, w.ada, community.Page{Limit: 5})
			w.check(err)
			if len(list) != want {
				w.t.Errorf("%s sees %d warnings, want %d", who.Name, len(list), want)
			}
		}
		for who, code := range map[*community.Actor]fault.Code{w.ada: fault.None, w.mod: fault.None, w.zoe: fault.NotFound} {
			_, err := w.reports.FindWarning(w.t.Context(), who, given.ID)
			w.refused(err, code)
		}
		// The next report about ada says that there was one.
		r := w.file(w.zoe, w.post.Subject())
		v, err := w.reports.Find(w.t.Context(), w.mow, r.ID)
		w.check(err)
		if v.Warnings != 1 {
			w.t.Errorf("the moderator learns of %d warnings", v.Warnings)
		}
		if v, err = w.reports.Find(w.t.Context(), w.zoe, r.ID); err != nil || v.Warnings != 0 {
			w.t.Errorf("the reporter learns of %d warnings (%v)", v.Warnings, err)
		}
	})
}

// Nobody can be buried under warnings, and one that comes twice is one.
func TestTooManyWarnings(t *testing.T) {
	each(t, func(w *world) {
		w.member(w.garden, w.rem, community.Moderator)
		warn := func(id int) (*community.Warning, error) {
			return w.reports.Warn(w.t.Context(), w.rem, w.ada, reports.Warning{
				Group: w.garden, Reason: "Stop", From: community.Origin{IRI: fmt.Sprint("https://far.test/warn/", id)},
			})
		}
		first, err := warn(1)
		w.check(err)
		again, err := warn(1)
		w.check(err)
		if first.ID != again.ID {
			w.t.Error("a Warn that came twice warned twice")
		}
		for i := 2; i <= 10; i++ {
			_, err := warn(i)
			w.check(err)
		}
		_, err = warn(11)
		w.refused(err, fault.Forbidden)
	})
}
