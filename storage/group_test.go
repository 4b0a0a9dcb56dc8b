package storage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestGroupsInEveryOrder(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		ada := addActor(t, db, community.Person, "ada", "")
		var all []*community.Actor
		for i, name := range []string{"delta", "alpha", "charlie", "bravo", "echo"} {
			host := []string{"", "far.test"}[i%2]
			g := addActor(t, db, community.GroupKind, name, host)
			all = append(all, g)
			for range []int{3, 1, 3, 0, 2}[i] { // ties too
				if err := db.CountMember(ctx, g.ID, 1); err != nil {
					t.Fatal(err)
				}
			}
			for _, hours := range [][]int{{9, 2}, {5}, nil, {1, 30}, {2}}[i] {
				post := &community.Post{GroupID: g.ID, AuthorID: ada.ID, CreatedAt: noon.Add(-time.Duration(hours) * time.Hour)}
				if err := db.CountPost(ctx, post, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
		foldAll(t, db)
		join(t, db, ada, all[1])
		tests := []struct {
			query community.GroupQuery
			want  []string
		}{
			{community.GroupQuery{Sort: community.GroupsByMembers}, []string{"charlie", "delta", "echo", "alpha", "bravo"}},
			{community.GroupQuery{Sort: community.GroupsByNew}, []string{"echo", "bravo", "charlie", "alpha", "delta"}},
			{community.GroupQuery{Sort: community.GroupsByName}, []string{"alpha", "bravo", "charlie", "delta", "echo"}},
			{community.GroupQuery{Sort: community.GroupsByActive}, []string{"bravo", "echo", "delta", "alpha", "charlie"}},
			{community.GroupQuery{Sort: community.GroupsByName, Local: true}, []string{"charlie", "delta", "echo"}},
			{community.GroupQuery{Sort: community.GroupsByName, Words: "CH"}, []string{"charlie", "echo"}},
			{community.GroupQuery{Sort: community.GroupsByName, Words: "%"}, nil},
			{community.GroupQuery{Sort: community.GroupsByActive, Member: ada.ID}, []string{"alpha"}},
		}
		for _, test := range tests {
			for _, test.query.Limit = range []int{1, 2, 100} {
				if diff := cmp.Diff(test.want, names(t, db, test.query)); diff != "" {
					t.Errorf("Groups(%+v) (-want +got):\n%s", test.query, diff)
				}
			}
		}
	})
}

// names reads a list of groups to its end.
func names(t *testing.T, db *storage.DB, q community.GroupQuery) []string {
	t.Helper()
	var list []string
	for range 100 {
		groups, next, err := db.Groups(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			list = append(list, g.Name)
		}
		if next == "" {
			return list
		}
		q.After = next
	}
	t.Fatal("Groups does not end")
	return nil
}
