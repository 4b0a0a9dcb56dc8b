package fediverse_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// What somebody shows and says of themselves on one server is seen on another
// that knows them, with what they changed and took away; how they appear in one
// group is not.
func TestProfilesOnTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		a, b := server.New(t, dsn), server.New(t, testdb.SQLiteDSN(t))
		ann, bob := a.User("ann"), b.User("bob")
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		garden := "/groups/garden@" + b.Host
		ann.Call(t, "GET", "/resolve?q=!garden@"+b.Host, nil, nil)
		ann.Call(t, "PUT", garden+"/membership", nil, nil)
		server.Eventually(t, "ann's joining", func() (bool, any) {
			var g v1.Group
			ann.Call(t, "GET", garden, nil, &g)
			return g.Membership != nil && g.Membership.State == "accepted", g.Membership
		})
		ann.Call(t, "PUT", garden+"/facet", v1.Facet{Title: "Doctor Facet", Bio: "Knows soil"}, nil)
		ann.Call(t, "POST", garden+"/posts", v1.PostDraft{Title: "Hello"}, nil)

		show(t, ann)
		ann.Call(t, "PATCH", "/me/profile", map[string]any{
			"fields": []v1.FieldDraft{{Name: "City", Value: "Ghent"}}, "interests": []string{"secret walls"}, "zone": "Europe/Brussels",
		}, nil)
		there := func(what string, is func(v1.Person) bool) v1.Person {
			t.Helper()
			var seen v1.Person
			server.Eventually(t, what, func() (bool, any) {
				status, text := bob.Try(t, "GET", "/people/ann@"+a.Host, nil)
				if status != http.StatusOK {
					return false, string(text)
				}
				seen = v1.Person{}
				if err := json.Unmarshal(text, &seen); err != nil {
					t.Fatal(err)
				}
				return is(seen), seen
			})
			return seen
		}
		seen := there("ann's picture and line", func(p v1.Person) bool { return p.Icon != "" && len(p.Fields) == 1 })
		if !strings.HasPrefix(seen.Icon, "/media/remote/actor/") || seen.Fields[0].Name != "City" || seen.Fields[0].HTML != "Ghent" || len(seen.Interests) != 0 {
			t.Errorf("bob sees %+v", seen)
		}
		resp, err := http.Get(b.URL + seen.Icon)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "image/") {
			t.Errorf("the picture answers %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		if _, text := bob.Try(t, "GET", "/groups/garden/posts", nil); !bytes.Contains(text, []byte(`"Hello"`)) || bytes.Contains(text, []byte("Facet")) || bytes.Contains(text, []byte("soil")) {
			t.Errorf("bob's group: %s", text)
		}
		if _, text := ann.Try(t, "GET", garden+"/posts", nil); !bytes.Contains(text, []byte("Doctor Facet")) {
			t.Errorf("ann's copy of the group: %s", text)
		}

		ann.Call(t, "DELETE", "/me/avatar", nil, nil)
		ann.Call(t, "PATCH", "/me/profile", map[string]any{"fields": []v1.FieldDraft{}}, nil)
		there("what ann took away", func(p v1.Person) bool { return p.Icon == "" && len(p.Fields) == 0 })
	})
}

// show has somebody show a picture.
func show(t *testing.T, by *server.User) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 80, 80))
	for i := range 80 {
		m.Set(i, i, color.White)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, by.Server.URL+v1.Prefix+"/me/avatar", &file)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+by.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("showing a picture answers %d", resp.StatusCode)
	}
}
