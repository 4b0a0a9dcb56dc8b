package federation_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/profiles"
	"drystone/storage"
)

// TestProfileFieldsReceived reads the lines of a profile as Mastodon and its kin
// write them, and leaves out what is none.
func TestProfileFieldsReceived(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mastodon")
		wren := peer.Person("wren")
		line := func(kind, name string, value any) map[string]any {
			return map[string]any{"type": kind, "name": name, "value": value}
		}
		updates := 0
		says := func(attachment any) string {
			updates++
			t.Helper()
			document := wren.Document()
			document["attachment"] = attachment
			h.send(wren, map[string]any{
				"@context": as.NS, "type": "Update", "id": fmt.Sprintf("%s#update-%d", wren.ID, updates), "actor": wren.ID,
				"object": document, "to": []string{public},
			})
			who, err := db.ActorByIRI(t.Context(), wren.ID)
			if err != nil {
				t.Fatal(err)
			}
			fields, err := db.ProfileFields(t.Context(), who.ID)
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, f := range fields {
				if !f.CheckAt.IsZero() || f.Link != "" {
					t.Errorf("a link of somebody else's is to be looked at: %+v", f)
				}
				list = append(list, f.Name+"="+f.HTML)
			}
			return strings.Join(list, "|")
		}
		const link = `<a href="https://wren.example" rel="nofollow noopener noreferrer me" target="_blank" translate="no"><span class="invisible">https://</span><span class="">wren.example</span></a>`
		got := says([]any{line("PropertyValue", "Web", link), line("PropertyValue", "Pronouns", "she")})
		if !strings.HasPrefix(got, `Web=<a href="https://wren.example" rel="nofollow noopener ugc">`) || !strings.HasSuffix(got, "|Pronouns=she") {
			t.Errorf("the lines = %s", got)
		}
		if got := says(line("PropertyValue", "Alone", "x")); got != "Alone=x" {
			t.Errorf("one line without a list = %s", got)
		}
		got = says([]any{
			line("PropertyValue", "", "x"), line("PropertyValue", "x", ""), line("Image", "x", "y"), line("PropertyValue", "x", 7), "text", nil,
			line("PropertyValue", "Long", strings.Repeat("x", 10_000)), line("PropertyValue", "Script", `<script>alert(1)</script><b onclick="x()">b</b>`),
		})
		if strings.Contains(got, "script>") || strings.Contains(got, "onclick") || strings.Count(got, "=") != 1 || !strings.HasPrefix(got, "Script=") {
			t.Errorf("hostile lines = %s", got)
		}
		var many []any
		for range 100 {
			many = append(many, line("PropertyValue", "x", "y"))
		}
		if got := says(many); strings.Count(got, "|") != 7 {
			t.Errorf("a hundred lines = %s", got)
		}
		if got := says([]any{}); got != "" {
			t.Errorf("no lines = %s", got)
		}
	})
}

// TestFollowersByApproval: who asks waits, and hears what was decided.
func TestFollowersByApproval(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		ctx := t.Context()
		peer := fediverse.NewPeer(t, "mastodon")
		wren, crow := peer.Person("wren"), peer.Person("crow")
		life, err := profiles.New(profiles.Options{
			DB: db, Origin: h.URL, Now: h.now,
			Fetch: func(context.Context, string) ([]byte, error) { return nil, fault.New(fault.NotFound, "no web here") },
		})
		if err != nil {
			t.Fatal(err)
		}
		locked := true
		if _, err := life.Edit(ctx, h.ann, profiles.Change{Locked: &locked}); err != nil {
			t.Fatal(err)
		}
		follow := func(by *fediverse.Actor, n int) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Follow", "id": fmt.Sprint(by.ID, "#follow", n), "actor": by.ID, "object": h.ann.IRI}
		}
		state := func(by *fediverse.Actor) community.MembershipState {
			t.Helper()
			who, err := db.ActorByIRI(ctx, by.ID)
			if err != nil {
				t.Fatal(err)
			}
			f, err := db.Follow(ctx, who.ID, h.ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			if f == nil {
				return ""
			}
			return f.State
		}
		h.send(wren, follow(wren, 1))
		h.send(wren, follow(wren, 2))
		h.send(crow, follow(crow, 1))
		if state(wren) != community.Pending || state(crow) != community.Pending {
			t.Fatalf("wren and crow are %s and %s", state(wren), state(crow))
		}
		list, _, err := h.groups.FollowRequests(ctx, h.ann, community.Page{Limit: 10})
		if err != nil || len(list) != 2 {
			t.Fatalf("requests %v, %v", list, err)
		}
		if listeners, err := db.Listeners(ctx, h.ann.ID); err != nil || len(listeners) != 0 {
			t.Errorf("who waits hears already: %+v, %v", listeners, err)
		}
		whom := func(a *fediverse.Actor) community.Handle { return community.Handle{Name: a.Name, Host: peer.Host} }
		if err := h.groups.AdmitFollower(ctx, h.ann, whom(wren)); err != nil {
			t.Fatal(err)
		}
		if err := h.groups.RefuseFollower(ctx, h.ann, whom(crow)); err != nil {
			t.Fatal(err)
		}
		if state(wren) != community.Accepted || state(crow) != "" {
			t.Errorf("wren and crow are %s and %s", state(wren), state(crow))
		}
		if listeners, err := db.Listeners(ctx, h.ann.ID); err != nil || len(listeners) != 1 {
			t.Errorf("listeners: %+v, %v", listeners, err)
		}
		// Who follows already is answered again; who takes it back asks anew.
		h.send(wren, follow(wren, 3))
		if state(wren) != community.Accepted {
			t.Errorf("wren is %s after asking again", state(wren))
		}
		h.send(wren, map[string]any{
			"@context": as.NS, "type": "Undo", "id": wren.ID + "#undo", "actor": wren.ID, "object": follow(wren, 3),
		})
		h.send(wren, follow(wren, 4))
		if state(wren) != community.Pending {
			t.Errorf("wren is %q after coming back", state(wren))
		}
	})
}
