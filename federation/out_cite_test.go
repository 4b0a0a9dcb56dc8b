package federation

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

const approvalOfMia = "https://masto.test/users/mia/quote_authorizations/1"

// stockCitations adds to the stock what alice wrote about mia's peas, post 90:
// a text (101), a poll (102), an event (103), and an answer (104) to her own
// post. Their citations are as they are numbered.
func stockCitations(t testing.TB, db *storage.DB, state community.CitationState) {
	t.Helper()
	stock(t, db)
	addTestPost(t, db, community.Post{ID: 101, GroupID: gardenID, AuthorID: aliceID, Title: "About peas", Body: "What *mia* says:", Language: "en"})
	addTestPost(t, db, community.Post{ID: 102, GroupID: gardenID, AuthorID: aliceID, Title: "Peas?", Kind: community.PollPost})
	addTestPost(t, db, community.Post{ID: 103, GroupID: gardenID, AuthorID: aliceID, Title: "Peas together", Kind: community.EventPost})
	addTestComment(t, db, community.Comment{ID: 104, PostID: 7, GroupID: gardenID, AuthorID: aliceID, Body: "And peas."})
	testdb.Add(t, db, &community.Poll{PostID: 102, Ours: true, ToldAt: noon, ClosesAt: noon.AddDate(0, 0, 1)})
	for i, text := range []string{"Yes", "No"} {
		testdb.Add(t, db, &community.PollOption{ID: community.OptionID(1020 + i), PostID: 102, Position: i, Text: text})
	}
	testdb.Add(t, db, &community.Event{PostID: 103, StartsAt: noon, Zone: "Europe/London", Place: "The barn"})
	approval := ""
	if state == community.CitationAccepted {
		approval = approvalOfMia
	}
	for id, post := range map[int64]community.PostID{101: 101, 102: 102, 103: 103, 104: 7} {
		c := &community.Citation{ID: community.CitationID(id), PostID: post, AuthorID: aliceID, QuotedPostID: 90, QuotedID: miaID, State: state, Approval: approval, CreatedAt: noon}
		if post == 7 {
			c.CommentID = 104
		}
		testdb.Add(t, db, c)
	}
}

func citationFact(kind community.FactKind, id int64, post community.PostID, comment community.CommentID) community.Fact {
	f := with(about(kind, aliceID, gardenID, post, comment), whom(miaID))
	f.ItemID = id
	return f
}

// What quotes says so in each of its types, as far as it may.
func TestDocumentsQuote(t *testing.T) {
	paths := map[string]string{"page": "/post/101", "question": "/post/102", "event": "/post/103", "note": "/comment/104"}
	for state, suffix := range map[community.CitationState]string{
		community.CitationPending: "_pending", community.CitationAccepted: "", community.CitationRefused: "_refused",
	} {
		testdb.Each(t, func(t *testing.T, db *storage.DB) {
			s := outWorld(t, db)
			stockCitations(t, db, state)
			for kind, path := range paths {
				resp := request(t, s, http.MethodGet, path)
				if resp.Code != http.StatusOK {
					t.Fatalf("%s is %d", path, resp.Code)
				}
				doc, err := as.Parse(t.Context(), resp.Body.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				quote, fallback, stamp := doc.Ref("quote"), doc.Ref("quoteUrl")+doc.Ref("_misskey_quote"), doc.Ref("quoteAuthorization")
				accepted, refused := state == community.CitationAccepted, state == community.CitationRefused
				if (quote == "https://masto.test/statuses/90") == refused || (fallback != "") != accepted || (stamp == approvalOfMia) != accepted {
					t.Errorf("%s, %s: it quotes %q, %q by %q", path, state, quote, fallback, stamp)
				}
				content := doc.Text("content")
				if !strings.HasSuffix(content, `RE: <a href="https://masto.test/statuses/90">https://masto.test/statuses/90</a></p>`) || strings.Contains(content, "quote-inline") == refused {
					t.Errorf("%s, %s: it shows %s", path, state, content)
				}
				if source, _ := doc.Embedded("source"); !strings.HasSuffix(source.Text("content"), "RE: <https://masto.test/statuses/90>") {
					t.Errorf("%s, %s: it was written as %s", path, state, source.Bytes())
				}
				if kind == "page" || suffix == "" {
					golden(t, kind+"_quote"+suffix, resp.Body.Bytes())
				}
			}
			// Of what is gone nobody is told.
			if _, err := db.Bun().NewUpdate().Model((*community.Post)(nil)).Set("deleted_at = ?", noon).Where("id = 90").Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			if resp := request(t, s, http.MethodGet, "/post/101"); strings.Contains(resp.Body.String(), "masto.test/statuses/90") {
				t.Errorf("what quotes what is gone is %s", resp.Body)
			}
		})
	}
}

// Who is quoted is asked, and nobody else; what they say everybody hears.
func TestCitationsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockCitations(t, db, community.CitationPending)
		rows := tell(t, s, citationFact(community.QuoteAsked, 101, 101, 0), citationFact(community.QuoteAsked, 104, 7, 104))
		want := []string{"QuoteRequest by alice to " + toMia + privateMark, "QuoteRequest by alice to " + toMia + privateMark}
		if diff := cmp.Diff(want, describeAll(t, s, rows)); diff != "" {
			t.Fatalf("asking (-want +got):\n%s", diff)
		}
		golden(t, "quote_request", rows[0].Body)
		if rows[1].IRI != "https://home.test/activities/quoterequest/comment-104" {
			t.Errorf("the comment's request is %s", rows[1].IRI)
		}
		_, err := db.Bun().NewUpdate().Model((*community.Citation)(nil)).Set("state = 'accepted', approval = ?", approvalOfMia).Where("id IN (101, 104)").Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows = tell(t, s, citationFact(community.QuoteSettled, 101, 101, 0), citationFact(community.QuoteSettled, 104, 7, 104))
		want = []string{
			"Update by alice to followers of alice", "Update by alice to followers of garden, boosted", "Announce by garden to followers of garden, wrapped",
			"Update by alice to followers of alice", "Update by alice to https://lemmy.test/u/lena/inbox", "Announce by garden to followers of garden, wrapped",
		}
		got := describeAll(t, s, rows)
		got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, "forum.test") })
		want = slices.DeleteFunc(want, func(line string) bool { return strings.Contains(line, "lena/inbox") })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what everybody hears (-want +got):\n%s", diff)
		}
		golden(t, "update_page_quote", rows[0].Body)
	})
}

// Nobody is asked about what is not there any more, or not for everybody, nor
// is who is quoted here asked by HTTP.
func TestNobodyIsAsked(t *testing.T) {
	hide := func(set string, model any, id int64) func(*storage.DB) error {
		return func(db *storage.DB) error {
			_, err := db.Bun().NewUpdate().Model(model).Set(set, noon).Where("id = ?", id).Exec(t.Context())
			return err
		}
	}
	for name, happens := range map[string]func(*storage.DB) error{
		"what quotes is deleted": hide("deleted_at = ?", (*community.Post)(nil), 101),
		"the quote is taken out": func(db *storage.DB) error { return db.DropCitation(t.Context(), 101, 0) },
		"the group is private": func(db *storage.DB) error {
			_, err := db.Bun().NewUpdate().Model((*community.Actor)(nil)).Set("visibility = 'private'").Where("id = ?", gardenID).Exec(t.Context())
			return err
		},
	} {
		testdb.Each(t, func(t *testing.T, db *storage.DB) {
			s := outWorld(t, db)
			stockCitations(t, db, community.CitationPending)
			if err := happens(db); err != nil {
				t.Fatal(err)
			}
			if rows := tell(t, s, citationFact(community.QuoteAsked, 101, 101, 0)); len(rows) != 0 {
				t.Errorf("%s: %q", name, describeAll(t, s, rows))
			}
		})
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		f := with(about(community.QuoteApproved, aliceID, gardenID, 7, 0), whom(bobID))
		if rows := tell(t, s, f); len(rows) != 0 {
			t.Errorf("who is of this server is told %q", describeAll(t, s, rows))
		}
	})
}

// Somebody elsewhere is told that they may not quote any more; who quotes here
// is not, but everybody is told of what they wrote.
func TestApprovalsAreTakenBack(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		f := with(about(community.QuoteTakenBack, aliceID, gardenID, 7, 0), whom(miaID))
		f.IRI = quoteIRI
		rows := tell(t, s, f)
		if diff := cmp.Diff([]string{"Delete by alice to " + toMia + privateMark}, describeAll(t, s, rows)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		const own = "https://home.test/quotes/post-81"
		testdb.Add(t, db, &community.Citation{ID: 1, PostID: 81, AuthorID: aliceID, QuotedPostID: 7, QuotedID: aliceID, State: community.CitationAccepted, Approval: own, CreatedAt: noon})
		testdb.Add(t, db, &community.Quote{ID: 1, IRI: own, PostID: 7, GroupID: gardenID, AuthorID: aliceID, ActorID: bobID, Instrument: "https://home.test/post/81", CreatedAt: noon})
		if _, err := db.Bun().NewUpdate().Model((*community.Post)(nil)).Set("deleted_at = ?", noon).Where("id = 7").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		tell(t, s, about(community.PostDeleted, aliceID, gardenID, 7, 0))
		c, err := db.Citation(t.Context(), 1)
		if err != nil || c.State != community.CitationRefused || c.Approval != "" {
			t.Errorf("what quotes what is deleted is %+v, %v", c, err)
		}
		var facts []community.Fact
		if err := db.Bun().NewSelect().Model(&facts).Where("kind = ?", community.QuoteSettled).Scan(t.Context()); err != nil || len(facts) != 1 || facts[0].PostID != 81 || facts[0].GroupID != catsID {
			t.Errorf("recorded is %+v, %v", facts, err)
		}
	})
}
