package federation

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What happens in the garden when it is private, as the fediverse hears it:
// nobody's own followers do, no microblog, and nobody who is mentioned.
func TestFactsOfPrivateGroupsBecomeActivities(t *testing.T) {
	const (
		wrapped = "Announce by garden to followers of garden, wrapped (private)"
		toCats  = "https://lemmy.test/c/cats/inbox (private)"
	)
	tests := []struct {
		name    string
		fact    community.Fact
		want    []string
		goldens []string
	}{
		{
			"a post", about(community.PostPublished, aliceID, gardenID, 7, 0),
			[]string{"Create by alice to nobody (private)", wrapped},
			[]string{"create_page_private", "announce_create_page_private"},
		},
		{"an answer", about(community.CommentPublished, aliceID, gardenID, 7, 10), []string{"Create by alice to nobody (private)", wrapped}, []string{"create_note_private"}},
		{"an edit", about(community.PostEdited, aliceID, gardenID, 7, 0), []string{"Update by alice to nobody (private)", wrapped}, nil},
		{"a removal", with(about(community.PostRemoved, aliceID, gardenID, 7, 0), func(f *community.Fact) { f.Reason = "spam" }), []string{"Delete by alice to nobody (private)", wrapped}, nil},
		{"a vote", with(about(community.VoteCast, aliceID, gardenID, 7, 9), vote(1, 0, likeIRI)), []string{"Like by alice to nobody (private)", wrapped}, nil},
		{"what came from elsewhere", with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)), []string{wrapped}, []string{"announce_received_create_private"}},
		{"a post elsewhere", about(community.PostPublished, aliceID, catsID, 81, 0), []string{"Create by alice to " + toCats}, []string{"create_page_private_elsewhere"}},
		{
			"somebody asks", with(about(community.MemberRequested, lenaID, gardenID, 0, 0), raw(rawFollow)), nil, nil,
		},
		{
			"somebody is let in", with(about(community.MemberAdmitted, aliceID, gardenID, 0, 0), decided),
			[]string{"Accept by garden to https://lemmy.test/u/lena/inbox (private)"},
			[]string{"accept_member"},
		},
		{
			"somebody is refused", with(about(community.MemberRefused, aliceID, gardenID, 0, 0), decided),
			[]string{"Reject by garden to https://lemmy.test/u/lena/inbox (private)"},
			nil,
		},
		{
			"somebody is put out", with(about(community.MemberPutOut, aliceID, gardenID, 0, 0), decided),
			[]string{"Reject by garden to https://lemmy.test/u/lena/inbox (private)"},
			[]string{"reject_member"},
		},
		{
			"somebody here is let in", with(about(community.MemberAdmitted, aliceID, gardenID, 0, 0), func(f *community.Fact) { f.TargetID = bobID }), nil, nil,
		},
		{
			"a group elsewhere counts somebody who never joined",
			with(about(community.MemberUnknown, bobID, catsID, 0, 0), func(f *community.Fact) {
				f.IRI = "https://home.test/activities/follow/00000000-0000-4000-8000-000000002222"
			}),
			[]string{"Undo by bob to " + toCats},
			[]string{"undo_follow_unknown"},
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stock(t, db)
		lock(t, db, gardenID, community.Private)
		lock(t, db, catsID, community.Private)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					rows := tell(t, s, test.fact)
					var got []string
					for i, row := range rows {
						got = append(got, describe(t, s, row))
						if i < len(test.goldens) {
							golden(t, test.goldens[i], row.Body)
						}
						if text := strings.ReplaceAll(string(row.Body), rawCreate, ""); strings.Contains(text, as.Public) || strings.Contains(text, "/u/alice/followers") {
							t.Errorf("%s is addressed to more than members: %s", row.Kind, row.Body)
						}
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
					checkRows(t, rows)
				})
			})
		}
	})
}

// decided makes a fact one about lena, whose Follow was kept.
func decided(f *community.Fact) {
	f.TargetID, f.IRI, f.Raw = lenaID, "https://lemmy.test/activities/follow/1", []byte(rawFollow)
}

func lock(t *testing.T, db *storage.DB, id community.ActorID, v community.Visibility) {
	t.Helper()
	_, err := db.Bun().NewUpdate().Model((*community.Actor)(nil)).Where("id = ?", id).
		Set("visibility = ?, locked = ?, indexable = ?", v, v == community.Private, false).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrivateGroupsDocument(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	lock(t, db, gardenID, community.Private)
	golden(t, "group_private", request(t, s, http.MethodGet, "/c/garden").Body.Bytes())
	lena, err := db.Actor(t.Context(), lenaID)
	if err != nil {
		t.Fatal(err)
	}
	r := request(t, s, http.MethodGet, "/c/garden/followers_synchronization")
	if r.Code != http.StatusNotFound {
		t.Errorf("unsigned = %d", r.Code)
	}
	list, err := s.membersOn(t.Context(), lena.PeerID, gardenID)
	if err != nil {
		t.Fatal(err)
	}
	body, err := list.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "followers_synchronization", body)
}
