package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// A hashtag has a list of what is posted with it in all groups, page by page,
// in every order, without whom the reader keeps away.
func TestHashtagsHaveLists(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		ctx := t.Context()
		seeds, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "seeds"})
		w.check(err)
		for i, group := range []string{"garden", "seeds", "garden", "seeds", "garden"} {
			to := w.garden
			if group == "seeds" {
				to = seeds.Actor
			}
			_, err := w.posts.Publish(ctx, w.who[[]string{"alice", "bob"}[i%2]].Actor, to, posts.Draft{Title: fmt.Sprintf("Row %d", i), Body: "Look at my #Peas and #ταξίδι"})
			w.check(err)
		}
		var list struct {
			Items []struct{ Title string }
			Next  string
		}
		read := func(who, at string) (titles []string) {
			t.Helper()
			next := ""
			for range 10 {
				list.Items, list.Next = nil, ""
				w.check(json.Unmarshal([]byte(w.get(at+next, w.as(who)).is(http.StatusOK).text), &list))
				for _, p := range list.Items {
					titles = append(titles, p.Title)
				}
				if list.Next == "" {
					return titles
				}
				next = "&cursor=" + list.Next
			}
			t.Fatal("the list does not end")
			return nil
		}
		const newest, oldest = "Row 4 Row 3 Row 2 Row 1 Row 0", "Row 0 Row 1 Row 2 Row 3 Row 4"
		for at, want := range map[string]string{
			"peas/posts?sort=new&limit=2": newest, "PEAS/posts?sort=oldest&limit=2": oldest, "%23peas/posts?sort=unanswered&limit=3": newest,
			url.PathEscape("ΤΑΞΊΔΙ") + "/posts?sort=new": newest, "beans/posts?sort=hot": "",
		} {
			if got := strings.Join(read("nobody", "/api/v1/tags/"+at), " "); got != want {
				t.Errorf("%s lists %q, want %q", at, got, want)
			}
		}
		w.do("PUT", "/api/v1/me/blocks/people/bob", object{}, w.as("dave")).is(http.StatusOK)
		if got := strings.Join(read("dave", "/api/v1/tags/peas/posts?sort=new"), " "); got != "Row 4 Row 2 Row 0" {
			t.Errorf("without bob dave reads %q", got)
		}
		w.do("PUT", "/api/v1/me/blocks/groups/seeds", object{}, w.as("carol")).is(http.StatusOK)
		if got := strings.Join(read("carol", "/api/v1/tags/peas/posts?sort=new"), " "); got != "Row 4 Row 2 Row 0" {
			t.Errorf("without the group carol reads %q", got)
		}
		var tag struct {
			Tag, Name string
			Posts     int
		}
		w.check(json.Unmarshal([]byte(w.get("/api/v1/tags/peas").is(http.StatusOK).text), &tag))
		if tag.Tag != "peas" || tag.Name != "Peas" || tag.Posts != 5 {
			t.Errorf("the hashtag is %+v", tag)
		}
		for _, bad := range []string{"%20", "42", "a-b", "a%E2%80%AEb", "a%E2%80%8Bb", "%3Cscript%3E", strings.Repeat("x", 101)} {
			w.get("/api/v1/tags/" + bad).is(http.StatusNotFound)
			w.get("/api/v1/tags/" + bad + "/posts").is(http.StatusNotFound)
			w.get("/t/" + bad).is(http.StatusNotFound)
		}
		for _, bad := range []string{strings.Repeat("x", 10_000)} {
			w.get("/api/v1/tags/" + bad).is(http.StatusUnprocessableEntity)
		}
		page := w.get("/t/Peas?sort=new").is(http.StatusOK).text
		for _, want := range []string{"#Peas", "Row 4", "5 posts", "sort=oldest", "/t/peas.atom"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
	})
}
