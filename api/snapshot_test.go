package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/messages"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/storage"
)

// What is kept with a report is read by those who decide about it, where they
// decide, and by nobody anywhere else, whatever became of it since.
func TestWhoMaySeeWhatWasReported(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		const secret = "Zanzibar"
		var options api.Options
		w := newWorld(t, db, func(o *api.Options) { options = *o }).settle()
		v := &vault{world: w, options: options}
		v.feed("growing")
		ctx := t.Context()
		bob, dave := w.who["bob"].Actor, w.who["dave"].Actor
		told := reports.Draft{Reason: "Rude", Scope: community.ToModerators}
		edited, err := w.posts.Publish(ctx, bob, w.garden, posts.Draft{Title: secret + " edited", Body: secret, Link: "https://example.org/" + secret})
		w.check(err)
		deleted, err := w.posts.Publish(ctx, bob, w.garden, posts.Draft{Title: secret + " deleted", Body: secret})
		w.check(err)
		answer, err := w.posts.Comment(ctx, bob, w.post.ID, 0, posts.Draft{Body: secret})
		w.check(err)
		letter, err := w.messages.Send(ctx, bob, dave, messages.Draft{Body: "In private: " + secret})
		w.check(err)
		for _, subject := range []community.Subject{edited.Subject(), deleted.Subject(), answer.Subject(), {Kind: community.SubjectMessage, ID: int64(letter.ID)}} {
			_, err := w.reports.File(ctx, dave, subject, told)
			w.check(err)
		}
		_, err = w.posts.Edit(ctx, bob, edited.ID, posts.Change{Title: new("Nothing"), Body: new("To see"), Link: new("")})
		w.check(err)
		w.check(w.posts.Delete(ctx, bob, deleted.ID, community.Origin{}))
		w.check(w.posts.DeleteComment(ctx, bob, answer.ID, community.Origin{}))
		w.check(w.messages.Delete(ctx, bob, letter.ID))
		v.tell()

		routes, err := api.Reads(options)
		w.check(err)
		var paths []string
		for _, route := range routes {
			path := readable[route].path
			if path == "" {
				path = route
			}
			path = strings.NewReplacer("vault", "garden", "{top}", "{comment}", "q=quartz", "q="+secret).Replace(path)
			for _, p := range []*community.Post{edited, deleted} {
				v.secret = p
				paths = append(paths, strings.NewReplacer(":group", "garden").Replace(v.fill(path, p.ID, answer.ID, answer.ID)))
			}
		}
		for i := 1; i <= 4; i++ {
			paths = append(paths, fmt.Sprintf("/reports/%d", i), fmt.Sprintf("/api/v1/reports/%d", i))
		}
		for _, scope := range []string{"mine", "server", "filed"} {
			paths = append(paths, "/reports?state=all&scope="+scope, "/api/v1/reports?state=all&scope="+scope)
		}
		paths = append(paths, "/messages/bob", "/messages/dave", "/api/v1/conversations/dave")
		slices.Sort(paths)
		seen := map[string]int{}
		for _, path := range slices.Compact(paths) {
			if strings.HasSuffix(path, fmt.Sprintf("/posts/%d/history", edited.ID)) {
				continue // what was changed says what it said
			}
			for _, who := range []string{"nobody", "dave", "bob", "carol", "alice", "ada"} {
				got := w.get(path, w.as(who))
				if !strings.Contains(strings.ReplaceAll(got.text, "q="+secret, ""), secret) || strings.Contains(path, secret) && !strings.Contains(path, "api") {
					continue
				}
				seen[who]++
				if who != "alice" && who != "ada" || !strings.Contains(path, "/reports") {
					t.Errorf("%s shows it to %s: %.600s", path, who, got.text)
				}
				if strings.Contains(got.text, "In private") && who != "ada" {
					t.Errorf("%s shows the message to %s", path, who)
				}
			}
		}
		if seen["alice"] != 8 || seen["ada"] != 12 { // three reports and a list; four and a list under two addresses: on pages and in the API
			t.Errorf("seen %v", seen)
		}
		w.get("/api/v1/reports/4", w.as("ada")).is(http.StatusOK).has(`"about":"message"`, "In private")
		w.get("/api/v1/reports/4", w.as("dave")).is(http.StatusOK).has(`"as_reported":[]`, `"voices":[]`)
		w.get("/api/v1/reports/4", w.as("alice")).is(http.StatusNotFound)
	})
}

// Who got a message reports it; others learn nothing, not even that it is
// there.
func TestReportedMessages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		m, err := w.messages.Send(t.Context(), w.who["bob"].Actor, w.who["carol"].Actor, messages.Draft{Body: "Pay me."})
		w.check(err)
		path := fmt.Sprintf("/api/v1/messages/%d/reports", m.ID)
		absent := w.do(http.MethodPost, "/api/v1/messages/4711/reports", object{"reason": "x"}, w.as("dave")).is(http.StatusNotFound)
		for _, who := range []string{"dave", "alice", "ada"} {
			if got := w.do(http.MethodPost, path, object{"reason": "x"}, w.as(who)).is(http.StatusNotFound); got.text != absent.text {
				t.Errorf("%s is told %s, and of nothing %s", who, got.text, absent.text)
			}
		}
		isProblem(t, w.do(http.MethodPost, path, object{"reason": " "}, w.as("carol")).is(http.StatusUnprocessableEntity), "body.reason")
		made := w.do(http.MethodPost, path, object{"reason": "A threat", "share": true}, w.as("carol")).is(http.StatusCreated).has(`"to":"admins"`).lacks("Pay me")
		if again := w.do(http.MethodPost, path, object{"reason": "A threat"}, w.as("carol")).is(http.StatusCreated).json(); again["id"] != made.json()["id"] {
			t.Error("the same message was reported twice")
		}
		w.do(http.MethodPost, fmt.Sprintf("/api/v1/reports/%v/resolution", made.json()["id"]), object{"state": "resolved"}, w.as("alice")).is(http.StatusNotFound)
		w.do(http.MethodPost, fmt.Sprintf("/api/v1/reports/%v/resolution", made.json()["id"]), object{"state": "resolved"}, w.as("ada")).is(http.StatusOK)
	})
}

// Who is signed in can report without JavaScript.
func TestReportForm(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		_, dave := w.browser("dave")
		_, bob := w.browser("bob")
		send := func(path string, values url.Values, changes ...change) *reply {
			t.Helper()
			changes = append(changes, header("Content-Type", "application/x-www-form-urlencoded"))
			return w.do(http.MethodPost, path, values.Encode(), changes...)
		}
		post, comment := fmt.Sprintf("/post/%d", w.post.ID), fmt.Sprintf("/comment/%d", w.comment.ID)
		w.get(post, dave).has(post+`/report">Report</a>`, comment+`/report">Report</a>`)
		w.get(post, bob).has(comment + `/report">Report</a>`).lacks(post + `/report">`)
		w.get(post).lacks("/report\"")
		w.get("/u/bob", dave).has(`/u/bob/report">Report bob</a>`)
		w.get("/u/bob", bob).lacks("/u/bob/report\"")

		for path, title := range map[string]string{post: "Report this post", comment: "Report this comment", "/u/bob": "Report this person"} {
			w.get(path + "/report").is(http.StatusUnauthorized).lacks("<form class=\"form\"")
			w.get(path+"/report", dave).is(http.StatusOK).has(title, `method="post"`, "Spam or an advert", "noindex").lacks("start()", "ds-data")
		}
		w.get(post+"/report", bob).is(http.StatusOK).has("This is yours").lacks("<form class=\"form\"")
		w.get("/post/4711/report", dave).is(http.StatusNotFound)

		spam := url.Values{"ground": {"spam"}, "text": {"Thrice <b>today</b>."}, "to": {"moderators"}}
		// Another site's page cannot send it, with the cookie or without.
		send(post+"/report", spam, dave, header("Sec-Fetch-Site", "cross-site")).is(http.StatusForbidden)
		send(post+"/report", spam, dave, header("Origin", "https://evil.example")).is(http.StatusForbidden)
		send(post+"/report", spam).is(http.StatusUnauthorized)
		send(post+"/report", spam, bob).is(http.StatusUnprocessableEntity).has("This is yours")
		send(post+"/report", url.Values{"text": {"Thrice <b>today</b>."}}, dave).is(http.StatusUnprocessableEntity).has("Choose what comes closest.", "Thrice &lt;b&gt;today")
		send(post+"/report", url.Values{"ground": {"other"}}, dave).is(http.StatusUnprocessableEntity).has("Say in a few words", `value="other" required checked`)
		send(post+"/report", url.Values{"ground": {"spam"}, "text": {strings.Repeat("x", 1000)}}, dave).is(http.StatusUnprocessableEntity).has("1000")
		send(post+"/report", url.Values{"text": {strings.Repeat("x", 20_000)}}, dave).is(http.StatusUnprocessableEntity)
		if list, _, err := w.reports.List(t.Context(), w.who["ada"].Actor, community.ReportQuery{Of: community.ReportsServer, Page: community.Page{Limit: 9}}); err != nil || len(list) != 0 {
			t.Fatalf("refused, and there are %d reports (%v)", len(list), err)
		}

		for path, values := range map[string]url.Values{post: spam, comment: {"ground": {"other"}, "text": {"Rude"}, "to": {"admins"}}, "/u/bob": {"ground": {"unkind"}}} {
			got := send(path+"/report", values, dave, header("Sec-Fetch-Site", "same-origin")).is(http.StatusSeeOther)
			if to := got.Header.Get("Location"); to != path+"/report?sent=1" {
				t.Errorf("sent on to %s", to)
			}
			w.get(path+"/report?sent=1", dave).is(http.StatusOK).has("Thank you", "/reports?scope=filed")
		}
		w.get("/reports", w.as("alice")).has("Spam or an advert: Thrice &lt;b&gt;today&lt;/b&gt;.").lacks("Rude")
		w.get("/reports?scope=server", w.as("ada")).has("Rude", "Unkind to somebody")
		w.get("/reports?scope=filed", dave).has("Rude", "Unkind to somebody", "Thrice")
	})
}

// Who deletes the account with all words takes back what was kept of them.
func TestLeavingForgetsWhatWasReported(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		for _, all := range []bool{false, true} {
			w, ctx := newWorld(t, db), t.Context()
			alice, dave, erin := w.person(fmt.Sprint("alice", all)), w.person(fmt.Sprint("dave", all)), w.person(fmt.Sprint("erin", all))
			g, err := w.groups.Create(ctx, alice.Actor, groups.Draft{Name: fmt.Sprint("plot", all)})
			w.check(err)
			var made [2]*community.Report
			for i := range made {
				post, err := w.posts.Publish(ctx, erin.Actor, g.Actor, posts.Draft{Title: "Zanzibar"})
				w.check(err)
				made[i], err = w.reports.File(ctx, dave.Actor, post.Subject(), reports.Draft{Reason: "Rude", Scope: community.ToModerators})
				w.check(err)
				w.check(w.posts.Delete(ctx, erin.Actor, post.ID, community.Origin{}))
			}
			kept := func(r *community.Report) int {
				t.Helper()
				v, err := w.reports.Find(ctx, alice.Actor, r.ID)
				w.check(err)
				return len(v.Words)
			}
			w.check(w.reports.Handle(ctx, alice.Actor, made[0].ID, reports.Verdict{State: community.ResolvedReport}))
			w.check(w.accounts.Delete(ctx, erin, all))
			want := map[bool][3]int{false: {1, 1, 1}, true: {0, 1, 0}}[all]
			got := [3]int{kept(made[0]), kept(made[1])}
			w.check(w.reports.Handle(ctx, alice.Actor, made[1].ID, reports.Verdict{State: community.ResolvedReport}))
			if got[2] = kept(made[1]); got != want {
				t.Errorf("with all %v: of a closed report, an open one, and that one closed %v is kept, want %v", all, got, want)
			}
		}
	})
}
