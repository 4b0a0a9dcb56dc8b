package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"drystone/community"
	"drystone/service/posts"
)

// An operation is one of the document's.
type operation struct {
	ID       string `json:"operationId"`
	Summary  string
	Tags     []string
	Security []map[string][]string
	Answers  map[string]any `json:"responses"`
	method   string
	path     string
}

// responses are the statuses that the document names.
func (o operation) responses() string {
	return strings.Join(slices.Sorted(maps.Keys(o.Answers)), " ")
}

// operations lists what the document says there is.
func operations(t *testing.T, w *world) []operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal([]byte(w.get("/api/v1/openapi.json").is(http.StatusOK).text), &document); err != nil {
		t.Fatal(err)
	}
	var all []operation
	for path, methods := range document.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			all = append(all, op)
		}
	}
	// In the same order each time: some operations change what others meet.
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// fresh signs a role in anew: some operations end what they were asked with.
func fresh(w *world, role string) change {
	if w.who[role] == nil {
		return w.as("nobody")
	}
	_, err := w.db.Bun().NewDelete().Table("sessions").Where("name = 'fresh'").Exec(w.t.Context())
	w.check(err)
	secret, _, err := w.accounts.StartSession(w.t.Context(), w.who[role], "fresh")
	w.check(err)
	return header("Cookie", "__Host-drystone="+secret)
}

func (w *world) filled(body any, role string) any {
	if body == nil {
		return nil
	}
	text, _ := json.Marshal(body)
	return strings.NewReplacer("{role}", role, `"{option}"`, fmt.Sprint(w.option), `"{answer}"`, fmt.Sprint(w.answer)).Replace(string(text))
}

// quotation has carol quote bob, or bob himself in a post or a comment, and
// returns the number of what op is about.
func quotation(w *world, op operation) any {
	w.t.Helper()
	ctx, bob := w.t.Context(), w.who["bob"].Actor
	post, err := w.posts.Publish(ctx, bob, w.garden, posts.Draft{Title: "Fresh"})
	w.check(err)
	by := bob
	if op.ID == "takeBackQuote" {
		by = w.who["carol"].Actor
	}
	draft := posts.Draft{Title: "About it", Body: "x", Quotes: &posts.Spot{Post: post.ID}}
	if op.ID == "unquoteComment" {
		c, err := w.posts.Comment(ctx, by, post.ID, 0, draft)
		w.check(err)
		return c.ID
	}
	about, err := w.posts.Publish(ctx, by, w.garden, draft)
	w.check(err)
	if op.ID != "takeBackQuote" {
		return about.ID
	}
	list, _, err := w.posts.QuotesOf(ctx, bob, community.Page{Limit: 1})
	w.check(err)
	return list[0].ID
}

// passkey gives somebody a passkey, by its name only.
func (w *world) passkey(name string) *community.Passkey {
	w.t.Helper()
	w.keys++
	account := w.who[name].Account
	key := &community.Passkey{
		AccountID: account.ID, CredentialID: fmt.Appendf(nil, "key %d", w.keys), Name: "x", Credential: []byte("{}"), CreatedAt: account.CreatedAt,
	}
	w.check(w.db.AddPasskey(w.t.Context(), key))
	return key
}
