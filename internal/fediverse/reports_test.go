package fediverse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody on b reports what somebody on a Lemmy wrote in a group on a: its
// moderators see it, the author's server hears of it, and the outcome comes
// back to b.
func TestReportsTravel(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b, lemmy := server.New(t, dsn), server.New(t, other(t)), fediverse.NewPeer(t, "lemmy")
		ann, bob, lena := a.User("ann"), b.User("bob"), lemmy.Person("lena")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		there := "garden@" + a.Host
		bob.Call(t, "GET", "/resolve?q=!"+there, nil, nil)
		bob.Call(t, "PUT", "/groups/"+there+"/membership", nil, nil)
		server.Eventually(t, "bob's membership", func() (bool, any) {
			var g v1.Group
			bob.Call(t, "GET", "/groups/"+there, nil, &g)
			return g.Membership != nil && g.Membership.State == "accepted", g.Membership
		})
		garden := a.URL + "/c/garden"
		follow := map[string]any{
			"@context": as.NS, "id": lemmy.URL + "/activities/follow/1", "type": "Follow", "actor": lena.ID, "object": garden, "to": []string{garden},
		}
		send(t, lena, a, follow)
		lemmy.Await(t, "the Accept", fediverse.Kind("Accept"))
		object := map[string]any{
			"id": lemmy.URL + "/post/1", "type": "Page", "attributedTo": lena.ID, "name": "Cheap watches", "to": []string{garden, as.Public},
			"cc": []string{}, "audience": garden, "content": "<p>Buy!</p>", "published": "2026-04-30T08:00:00Z",
		}
		lemmy.Serve("/post/1", object)
		send(t, lena, a, map[string]any{
			"@context": as.NS, "id": lemmy.URL + "/activities/create/1", "type": "Create", "actor": lena.ID, "object": object,
			"to": []string{garden, as.Public}, "cc": []string{},
		})
		copied := seePost(t, bob, "/groups/"+there+"/posts", func(p v1.Post) bool { return p.Title == "Cheap watches" })

		var filed v1.Report
		bob.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", copied.ID), v1.ReportDraft{Reason: "This is an advert."}, &filed)
		var seen v1.Report
		server.Eventually(t, "the report among ann's", func() (bool, any) {
			var list v1.List[v1.Report]
			ann.Call(t, "GET", "/reports", nil, &list)
			if len(list.Items) == 1 {
				seen = list.Items[0]
			}
			return len(list.Items) == 1, list
		})
		if seen.Reporter.Handle != "bob@"+b.Host || seen.Reason != "This is an advert." || seen.Post == nil || seen.Post.Title != "Cheap watches" || !seen.CanHandle {
			t.Errorf("ann sees %+v", seen)
		}
		var me v1.Me
		ann.Call(t, "GET", "/me", nil, &me)
		if !me.Moderates || me.OpenReports != 1 {
			t.Errorf("ann's desk: %+v", me)
		}
		heard := lemmy.Await(t, "the report", func(d fediverse.Delivery) bool { return strings.Contains(string(d.Body), `"Flag"`) })
		if body := string(heard.Body); !strings.Contains(body, "This is an advert.") || !strings.Contains(body, lemmy.URL+"/post/1") {
			t.Errorf("the author's server heard %s", body)
		}

		ann.Call(t, "POST", fmt.Sprintf("/reports/%d/resolution", seen.ID),
			v1.Resolution{State: community.ResolvedReport, Note: "Removed, thank you.", TellReporter: true}, nil)
		server.Eventually(t, "the outcome on b", func() (bool, any) {
			var r v1.Report
			bob.Call(t, "GET", fmt.Sprintf("/reports/%d", filed.ID), nil, &r)
			return r.State == community.ResolvedReport && r.Note == "Removed, thank you.", r
		})
		server.Eventually(t, "bob's notification", func() (bool, any) {
			var notes v1.List[v1.Notification]
			bob.Call(t, "GET", "/notifications", nil, &notes)
			return len(notes.Items) > 0 && notes.Items[0].Kind == community.Handled, notes
		})
		lemmy.Await(t, "the outcome", func(d fediverse.Delivery) bool { return strings.Contains(string(d.Body), `"Resolve"`) })
	})
}

func send(t *testing.T, by *fediverse.Actor, to *server.Server, activity any) {
	t.Helper()
	if status, text := by.Send(t, to.URL+"/inbox", activity); status != http.StatusAccepted {
		t.Fatalf("the inbox answered %d: %s", status, text)
	}
}
