package federation

import (
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// TestWhatWhoMovedFollows: it is shown to who they are now, and to nobody
// else.
func TestWhatWhoMovedFollows(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	exhibit(t, db)
	peer := neighbour(t, s)
	anew, mallory := peer.Person("alice"), peer.Person("mallory")
	const path = "/u/alice/following"
	if resp := requestBy(t, s, anew, http.MethodGet, path); strings.Contains(resp.Body.String(), "orderedItems") {
		t.Errorf("before she moved it is shown: %s", resp.Body)
	}
	alice := storedActor(t, db, aliceID)
	alice.MovedTo = anew.ID
	if err := db.MoveActor(t.Context(), &alice); err != nil {
		t.Fatal(err)
	}
	if resp := requestBy(t, s, mallory, http.MethodGet, path); resp.Code != http.StatusOK || strings.Contains(resp.Body.String(), "orderedItems") {
		t.Errorf("somebody else is shown it: %d %s", resp.Code, resp.Body)
	}
	if resp := request(t, s, http.MethodGet, path); resp.Code != http.StatusOK || strings.Contains(resp.Body.String(), "orderedItems") {
		t.Errorf("everybody is shown it: %d %s", resp.Code, resp.Body)
	}
	resp := requestBy(t, s, anew, http.MethodGet, path)
	if resp.Code != http.StatusOK || !strings.Contains(resp.Header().Get("Cache-Control"), "private") {
		t.Errorf("she is answered %d, to be kept %q", resp.Code, resp.Header().Get("Cache-Control"))
	}
	golden(t, "person_following_moved", resp.Body.Bytes())
}

// TestAnEmptiedProfile is what is left of somebody in the two weeks in which
// they may still come back: the name, the key and where to write.
func TestAnEmptiedProfile(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	exhibit(t, db)
	alice := storedActor(t, db, aliceID)
	alice.LeavesAt = alice.CreatedAt.Add(community.LeaveGrace)
	if err := db.SetLeaving(t.Context(), &alice, &community.Account{}); err != nil {
		t.Fatal(err)
	}
	resp := request(t, s, http.MethodGet, "/u/alice")
	if resp.Code != http.StatusOK {
		t.Fatalf("%d: %s", resp.Code, resp.Body)
	}
	for _, left := range []string{"summary", "icon", "image", "source", "attachment"} {
		if strings.Contains(resp.Body.String(), `"`+left+`":`) {
			t.Errorf("it still has a %s: %s", left, resp.Body)
		}
	}
	golden(t, "person_leaving", resp.Body.Bytes())
}

func storedActor(t *testing.T, db *storage.DB, id community.ActorID) community.Actor {
	t.Helper()
	a, err := db.Actor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return *a
}
