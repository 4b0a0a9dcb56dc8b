package federation

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/community/markup"
	"drystone/internal/testdb"
	"drystone/storage"
)

// stockMessages adds messages between alice and people elsewhere.
func stockMessages(t testing.TB, db *storage.DB) {
	t.Helper()
	stock(t, db)
	for id, m := range map[community.MessageID]community.Message{
		1: {SenderID: aliceID, RecipientID: lenaID, Body: "Hello *Lena*."},
		2: {SenderID: miaID, RecipientID: aliceID, Body: "Hello.", IRI: "https://masto.test/users/mia/statuses/9"},
		3: {SenderID: aliceID, RecipientID: miaID, Body: "Hello Mia."},
		4: {SenderID: aliceID, RecipientID: nicoID, Body: "Hello Nico."},
		5: {SenderID: aliceID, RecipientID: bobID, Body: "Hello Bob."},
	} {
		m.ID, m.HTML, m.CreatedAt = id, markup.Render(m.Body), noon
		if m.IRI == "" {
			m.IRI = "https://home.test/message/" + string(rune('0'+id))
		}
		testdb.Add(t, db, &m)
	}
}

func messageFact(kind community.FactKind, to community.ActorID, id int64) community.Fact {
	return community.Fact{Kind: kind, ActorID: aliceID, TargetID: to, ItemID: id, IRI: "https://home.test/message/" + string(rune('0'+id))}
}

func setPeer(t testing.TB, db *storage.DB, id community.PeerID, software, version string) {
	t.Helper()
	if err := db.SavePeerSoftware(t.Context(), &community.Peer{ID: id, Software: software, Version: version, CheckedAt: noon}); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesBecomeActivities(t *testing.T) {
	const toLena = "https://lemmy.test/u/lena/inbox"
	sent := messageFact(community.MessageSent, lenaID, 1)
	tests := []struct {
		name              string
		software, version string // of lemmy.test
		before            []community.Fact
		fact              community.Fact
		want              []string
		golden            string
	}{
		{"to Lemmy 0.19", "lemmy", "0.19.12", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_chat_message"},
		{"to Mbin", "mbin", "1.9.0", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_chat_message"},
		{"to PieFed", "piefed", "1.2", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_chat_message"},
		{"to Lemmy 1.0", "lemmy", "1.0.0-beta.1", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_message"},
		{"to Drystone", "drystone", "0.1", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_message"},
		{"to who knows what", "", "", nil, sent, []string{"Create by alice to " + toLena + " (private)"}, "create_message"},
		{"to NodeBB", "", "", nil, messageFact(community.MessageSent, nicoID, 4), []string{"Create by alice to " + toNico + " (private)"}, ""},
		{"to Mastodon", "", "", nil, messageFact(community.MessageSent, miaID, 3), []string{"Create by alice to " + toMia + " (private)"}, "create_message_to_microblog"},
		{"to bob, here", "", "", nil, messageFact(community.MessageSent, bobID, 5), nil, ""},
		{"again", "", "", []community.Fact{sent}, sent, nil, ""},
		{"what is gone", "", "", nil, messageFact(community.MessageSent, lenaID, 9), nil, ""},
		{
			"an edit", "lemmy", "0.19.12",
			[]community.Fact{sent},
			messageFact(community.MessageEdited, lenaID, 1),
			[]string{"Update by alice to " + toLena + " (private)"},
			"update_chat_message",
		},
		{
			"a deletion", "", "",
			[]community.Fact{sent},
			messageFact(community.MessageDeleted, lenaID, 1),
			[]string{"Delete by alice to " + toLena + " (private)"},
			"delete_message",
		},
		{"a deletion of what nobody heard", "", "", nil, messageFact(community.MessageDeleted, lenaID, 1), nil, ""},
		{
			"a refusal", "", "", nil,
			community.Fact{
				Kind: community.WritingRefused, ActorID: gardenID, GroupID: gardenID, TargetID: miaID, IRI: "https://masto.test/users/mia/statuses/5",
				Reason: "What you wrote is not shown in The Garden. It is not public, and everybody can read that group.",
			},
			[]string{"Create by garden to " + toMia + " (private)"},
			"create_refusal",
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stockMessages(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					setPeer(t, tx, lemmyID, test.software, test.version)
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
						if strings.Contains(string(row.Body), "proof") || strings.Contains(string(row.Body), "Public") {
							t.Errorf("a message has a proof, or is public: %s", row.Body)
						}
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
				})
			})
		}
		s := outServer(t, db)
		for _, path := range []string{"/message/1", "/u/alice/outbox", "/outbox"} {
			if body := request(t, s, "GET", path).Body.String(); strings.Contains(body, "Lena") || strings.Contains(body, "/message/") {
				t.Errorf("%s tells of messages: %s", path, body)
			}
		}
	})
}

// A group can show answers to microblogs too.
func TestAnswersAreBoostedWhereTheGroupWantsIt(t *testing.T) {
	const boostedToo = "Announce by garden to followers of garden, boosted"
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stock(t, db)
		published := about(community.CommentPublished, aliceID, gardenID, 7, 10)
		count := func(s *Server, want string, facts ...community.Fact) (n int) {
			t.Helper()
			for _, row := range tell(t, s, facts...) {
				if describe(t, s, row) == want {
					n++
				}
			}
			return n
		}
		undone(t, db, func(tx *storage.DB) {
			if n := count(outServer(t, tx), boostedToo, published); n != 0 {
				t.Errorf("%d boosts of an answer that nobody asked for", n)
			}
		})
		undone(t, db, func(tx *storage.DB) {
			garden, err := tx.Actor(t.Context(), gardenID)
			if err != nil {
				t.Fatal(err)
			}
			garden.BoostsAnswers = true
			if err := tx.EditActor(t.Context(), garden); err != nil {
				t.Fatal(err)
			}
			s := outServer(t, tx)
			rows := tell(t, s, published)
			last := rows[len(rows)-1]
			if describe(t, s, last) != boostedToo {
				t.Fatalf("the last of %d rows is %s", len(rows), describe(t, s, last))
			}
			golden(t, "announce_note", last.Body)
			if n := count(s, boostedToo, published); n != 0 {
				t.Errorf("%d boosts more when it is told again", n)
			}
			removed := with(about(community.CommentRemoved, aliceID, gardenID, 7, 10))
			if n := count(s, "Undo by garden to followers of garden, boosted", removed); n != 1 {
				t.Errorf("%d boosts undone by a removal, want one", n)
			}
			if n := count(s, boostedToo, with(about(community.CommentRestored, aliceID, gardenID, 7, 10))); n != 1 {
				t.Errorf("%d boosts by bringing it back, want one", n)
			}
			// It is switched off: what was boosted is undone all the same.
			garden.BoostsAnswers = false
			if err := tx.EditActor(t.Context(), garden); err != nil {
				t.Fatal(err)
			}
			if n := count(s, "Undo by garden to followers of garden, boosted", with(about(community.CommentDeleted, aliceID, gardenID, 7, 10))); n != 1 {
				t.Errorf("%d boosts undone by a deletion, want one", n)
			}
		})
	})
}
