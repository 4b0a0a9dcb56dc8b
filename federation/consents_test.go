package federation_test

import (
	"fmt"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What a server says of its people no more is taken back, once, so that what
// was made of them is forgotten.
func TestConsentsTakenBackElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		wren := fediverse.NewPeer(t, "mastodon").Person("wren")
		updates, seen := 0, community.FactID(0)
		for _, step := range []struct {
			listed, found any
			want          string
		}{
			{true, true, ""},
			{true, true, ""},
			{true, false, "searched"},
			{true, false, ""},
			{nil, nil, "listed"}, // who says nothing agrees to nothing
			{true, true, ""},
			{false, nil, "listed searched"},
		} {
			updates++
			document := wren.Document()
			delete(document, "discoverable")
			delete(document, "indexable")
			if step.listed != nil {
				document["discoverable"] = step.listed
			}
			if step.found != nil {
				document["indexable"] = step.found
			}
			h.send(wren, map[string]any{
				"@context": as.NS, "type": "Update", "id": fmt.Sprintf("%s#update-%d", wren.ID, updates), "actor": wren.ID,
				"object": document, "to": []string{public},
			})
			if err := db.NumberFacts(t.Context()); err != nil {
				t.Fatal(err)
			}
			facts, err := db.Facts(t.Context(), seen, 1000)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range facts {
				if seen = f.ID; f.Kind == community.ConsentWithdrawn {
					got = append(got, f.Reason)
				}
			}
			if strings.Join(got, " ") != step.want {
				t.Errorf("update %d takes back %v, want %q", updates, got, step.want)
			}
		}
	})
}
