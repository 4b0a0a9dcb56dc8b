package federation

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Only microblogs hear that somebody here blocks one of theirs: to others a
// Block is a ban.
func TestPersonalBlocksBecomeActivities(t *testing.T) {
	fact := func(kind community.FactKind, whom community.ActorID) community.Fact {
		return community.Fact{Kind: kind, ActorID: aliceID, TargetID: whom, ItemID: 1}
	}
	blocked := fact(community.PersonBlocked, miaID)
	tests := []struct {
		name   string
		before []community.Fact
		fact   community.Fact
		want   []string
		golden string
	}{
		{"on Mastodon", nil, blocked, []string{"Block by alice to " + toMia + " (private)"}, "block_personal"},
		{"on Lemmy", nil, fact(community.PersonBlocked, lenaID), nil, ""},
		{"here", nil, fact(community.PersonBlocked, bobID), nil, ""},
		{"no more", []community.Fact{blocked}, fact(community.PersonUnblocked, miaID), []string{"Undo by alice to " + toMia + " (private)"}, "undo_block_personal"},
		{"no more, of which nobody heard", nil, fact(community.PersonUnblocked, miaID), nil, ""},
		{"again", []community.Fact{blocked, fact(community.PersonUnblocked, miaID)}, blocked, []string{"Block by alice to " + toMia + " (private)"}, ""},
		{"somebody who is gone", nil, fact(community.PersonBlocked, 4711), nil, ""},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stock(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					tell(t, s, test.before...)
					var got []string
					for _, row := range tell(t, s, test.fact) {
						got = append(got, describe(t, s, row))
						if test.golden != "" {
							golden(t, test.golden, row.Body)
						}
						if path := strings.TrimPrefix(row.IRI, "https://home.test"); request(t, s, "GET", path).Code != http.StatusNotFound {
							t.Errorf("%s can be read", path)
						}
						if strings.Contains(string(row.Body), "target") || strings.Contains(string(row.Body), "Public") {
							t.Errorf("it is a ban, or public: %s", row.Body)
						}
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
				})
			})
		}
	})
}
