package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/reports"
	"drystone/storage"
)

// Reports can be read without JavaScript, by those they concern.
func TestReportPages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		ctx := t.Context()
		var made *community.Report
		var err error
		for _, name := range []string{"dave", "carol"} {
			made, err = w.reports.File(ctx, w.who[name].Actor, w.post.Subject(), reports.Draft{Reason: "Spam: <b>" + name + "</b>", Scope: community.ToModerators})
			w.check(err)
		}
		list, one := "/reports", fmt.Sprintf("/reports/%d", made.ID)
		for _, path := range []string{list, one} {
			w.get(path).is(http.StatusUnauthorized).has("noindex", "Sign in").lacks("Seedlings")
		}
		w.get(list, w.as("alice")).is(http.StatusOK).has("noindex", "Your groups (1)", "Spam: &lt;b&gt;dave", "Spam: &lt;b&gt;carol", "2 people reported this",
			`<a href="/post/1">Seedlings</a>`, "Tomatoes to give.", `<a class="btn btn-quiet" href="/reports">1 report</a>`, "needs JavaScript").lacks("The whole server")
		w.get(one, w.as("alice")).is(http.StatusOK).has("Seedlings", `<a href="/reports">Reports</a>`)
		w.get(list, w.as("ada")).is(http.StatusOK).has("The whole server (1)", "Spam: &lt;b&gt;dave").lacks("Your groups")
		w.get(list, w.as("carol")).is(http.StatusOK).has("What you reported (1)", "Spam: &lt;b&gt;carol").lacks("dave", "Your groups", "people reported this")
		w.get(one, w.as("carol")).is(http.StatusOK)
		w.get(list, w.as("bob")).is(http.StatusOK).has("No reports here").lacks("Seedlings")
		for _, name := range []string{"bob", "dave"} {
			w.get(one, w.as(name)).is(http.StatusNotFound).lacks("Seedlings", "Spam")
			w.get("/reports?scope=server", w.as(name)).is(http.StatusForbidden).lacks("Seedlings", "Spam")
			w.get("/reports?scope=mine", w.as(name)).is(http.StatusOK).lacks("Seedlings", "Spam")
		}
		w.check(w.reports.Handle(ctx, w.who["alice"].Actor, made.ID, reports.Verdict{State: community.ResolvedReport, Note: "Thank you.", Tell: true}))
		w.get(list, w.as("alice")).has("No reports here").lacks("carol", "dave")
		w.get("/reports?state=resolved", w.as("alice")).has("carol", "Resolved", "Thank you.", "Answered by")
		w.get("/reports?state=all", w.as("carol")).has("Resolved", "Thank you.").lacks("Answered by")
		w.get("/reports/none", w.as("alice")).is(http.StatusNotFound)
	})
}

// What the pages bring is what the API answers.
func TestReportIslands(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	_, err := w.reports.File(t.Context(), w.who["dave"].Actor, w.post.Subject(), reports.Draft{Reason: "Spam", Scope: community.ToModerators})
	w.check(err)
	for path, asks := range map[string][]string{
		"/reports":                          {"/reports?scope=mine&state=open", "/reports/counts"},
		"/reports?state=all&group=garden":   {"/reports?group=garden&scope=mine&state=all"},
		"/reports?scope=filed&state=nonsen": {"/reports?scope=filed&state=open"},
		"/reports/1":                        {"/reports/1"},
	} {
		data := w.get(path, w.as("alice")).is(http.StatusOK).island()
		for _, ask := range asks {
			if got, want := string(data["/api/v1"+ask]), w.get("/api/v1"+ask, w.as("alice")).text; got != want {
				t.Errorf("%s: %s = %s, want %s", path, ask, got, want)
			}
		}
	}
}
