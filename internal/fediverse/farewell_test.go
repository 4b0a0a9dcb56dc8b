package fediverse_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody deletes their account on a: b, where they joined a group and wrote
// in it, has them gone, and with all, what they wrote.
func TestFarewellBetweenTwoServers(t *testing.T) {
	for _, all := range []bool{false, true} {
		t.Run(fmt.Sprintf("with posts %v", all), func(t *testing.T) {
			testdb.EachDSN(t, func(t *testing.T, dsn string) {
				other := testdb.SQLiteDSN
				if strings.HasPrefix(dsn, "postgres") {
					other = testdb.PostgresDSN
				}
				farewell(t, server.New(t, dsn), server.New(t, other(t)), all)
			})
		})
	}
}

func farewell(t *testing.T, a, b *server.Server, all bool) {
	t.Helper()
	a.User("ada") // the server is hers
	ann, bob := a.User("ann"), b.User("bob")
	bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	there := "garden@" + b.Host
	ann.Call(t, "GET", "/resolve?q=!"+there, nil, nil)
	ann.Call(t, "PUT", "/groups/"+there+"/membership", nil, nil)
	server.Eventually(t, "ann's membership", func() (bool, any) {
		var g v1.Group
		ann.Call(t, "GET", "/groups/"+there, nil, &g)
		return g.Membership != nil && g.Membership.State == "accepted", g.Membership
	})
	var post v1.Post
	ann.Call(t, "POST", "/groups/"+there+"/posts", v1.PostDraft{Title: "Seedlings", Body: "Who wants some?"}, &post)
	copied := seePost(t, bob, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == post.URL })

	ann.Depart(t, all)
	if status, text := ann.Try(t, "GET", "/me", nil); status != http.StatusUnauthorized {
		t.Errorf("her session is answered %d: %s", status, text)
	}
	server.Eventually(t, "ann's end on b", func() (bool, any) {
		status, text := bob.Try(t, "GET", "/people/ann@"+a.Host, nil)
		return status == http.StatusNotFound, string(text)
	})
	server.Eventually(t, "the end of her membership", func() (bool, any) {
		var g v1.Group
		bob.Call(t, "GET", "/groups/garden", nil, &g)
		return g.Members == 1, g
	})
	server.Eventually(t, "what becomes of her words", func() (bool, any) {
		var p v1.Post
		status, text := bob.Try(t, "GET", fmt.Sprintf("/posts/%d", copied.ID), nil)
		if status == http.StatusOK {
			if err := json.Unmarshal(text, &p); err != nil {
				t.Fatal(err)
			}
		}
		return (p.Title == "Seedlings") == !all && (p.ID == 0 || p.Author.Deleted), string(text)
	})
	remains(t, a, all)
}

// remains looks at what a answers about who is gone: a Tombstone, and, for its
// id, the last thing that they said.
func remains(t *testing.T, a *server.Server, all bool) {
	t.Helper()
	status, text := read(t, a, a.URL+"/u/ann")
	if status != http.StatusGone || !strings.Contains(text, `"Tombstone"`) || !strings.Contains(text, "/u/ann") {
		t.Errorf("her address answers %d: %s", status, text)
	}
	log, err := a.DB.ActivitiesAfter(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	last := log[len(log)-1]
	status, text = read(t, a, last.IRI)
	said := fmt.Sprintf(`"removeData":%v`, all)
	if last.Kind != "Delete" || status != http.StatusOK || !strings.Contains(text, said) {
		t.Errorf("%s answers %d: %s", last.IRI, status, text)
	}
}

// read asks for an ActivityPub document.
func read(t *testing.T, a *server.Server, address string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/activity+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
