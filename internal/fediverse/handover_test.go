package fediverse_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// reads gets a document of a's server as other servers do.
func reads(t *testing.T, url string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/activity+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d", url, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// A group on a goes from one owner to another. Somebody of b moderates it and
// cannot own it; b sees whose it is by who is listed first.
func TestAGroupHandedOverIsSeenElsewhere(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		a, b := server.New(t, dsn), server.New(t, testdb.SQLiteDSN(t))
		ann, mia, bob := a.User("ann"), a.User("mia"), b.User("bob")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		s := &story{ann: ann, bob: bob}
		s.follow(t)
		mia.Call(t, "PUT", "/groups/garden/membership", nil, nil)
		ann.Call(t, "PUT", "/groups/garden/moderators/bob@"+b.Host, nil, nil)
		ann.Call(t, "PUT", "/groups/garden/moderators/mia", nil, nil)

		// What both servers show, and what a tells others, name the same
		// moderators, whoever owns the group first.
		owned := func(what, want string) {
			t.Helper()
			names := func(u *server.User, group string) string {
				var g v1.Group
				u.Call(t, "GET", "/groups/"+group, nil, &g)
				list := make([]string, len(g.Moderators))
				for i, m := range g.Moderators {
					list[i] = m.Name
				}
				return strings.Join(list, " ")
			}
			server.Eventually(t, what, func() (bool, any) {
				here, there := names(ann, "garden"), names(bob, s.there)
				return here == want && there == want, []string{here, there}
			})
			var group struct {
				AttributedTo string `json:"attributedTo"`
			}
			reads(t, a.URL+"/c/garden", &group)
			var listed struct {
				Items []string `json:"orderedItems"`
			}
			reads(t, group.AttributedTo, &listed)
			for i, iri := range listed.Items {
				listed.Items[i] = iri[strings.LastIndex(iri, "/")+1:]
			}
			if got := strings.Join(listed.Items, " "); got != want {
				t.Errorf("%s: the collection lists %s, want %s", what, got, want)
			}
		}
		refused := func(u *server.User, method, path string, body any, status int, says string) {
			t.Helper()
			if got, text := u.Try(t, method, path, body); got != status || !strings.Contains(string(text), says) {
				t.Errorf("%s: %s %s is answered %d: %s; want %d with %q", u.Name, method, path, got, text, status, says)
			}
		}
		offer := func(to string) any { return map[string]string{"person": to} }
		const here = "/groups/garden/handover"
		there := "/groups/" + s.there + "/handover"
		owned("ann's group", "ann bob mia")

		// bob could not answer: nothing that servers say to each other lets
		// him, and his own decides nothing about it.
		refused(ann, "PUT", here, offer("bob@"+b.Host), http.StatusUnprocessableEntity, "lives on another server, and could not answer")
		refused(bob, "PUT", there, offer("bob"), http.StatusForbidden, "lives on another server, which decides whose it is")
		refused(bob, "POST", there+"/accept", nil, http.StatusForbidden, "lives on another server, which decides whose it is")

		// mia is offered it, and says no; ann offers it again, and takes it
		// back. Nobody elsewhere hears of what did not happen.
		ann.Call(t, "PUT", here, offer("mia"), nil)
		mia.Call(t, "DELETE", here, nil, nil)
		refused(mia, "POST", here+"/accept", nil, http.StatusNotFound, "is not offered to anybody")
		ann.Call(t, "PUT", here, offer("mia"), nil)
		ann.Call(t, "DELETE", here, nil, nil)
		refused(mia, "POST", here+"/accept", nil, http.StatusNotFound, "is not offered to anybody")
		owned("still ann's group", "ann bob mia")

		ann.Call(t, "PUT", here, offer("mia"), nil)
		mia.Call(t, "POST", here+"/accept", nil, nil)
		owned("mia's group", "mia ann bob")
		var g v1.Group
		mia.Call(t, "GET", "/groups/garden", nil, &g)
		if g.Membership == nil || g.Membership.Role != community.Owner {
			t.Errorf("mia is %+v", g.Membership)
		}
		mia.Call(t, "DELETE", "/groups/garden/moderators/ann", nil, nil)
		owned("mia's group without ann", "mia bob")
	})
}
