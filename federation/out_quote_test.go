package federation

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

const (
	quoteRequestIRI = "https://masto.test/users/mia/statuses/95/quote"
	quoteIRI        = "https://home.test/quotes/55555555-5555-4555-8555-555555555555"
	rawQuoteRequest = `{"@context":["https://www.w3.org/ns/activitystreams",{"QuoteRequest":"https://w3id.org/fep/044f#QuoteRequest"}],` +
		`"id":"` + quoteRequestIRI + `","type":"QuoteRequest","actor":"https://masto.test/users/mia","object":"https://home.test/post/7",` +
		`"instrument":{"id":"https://masto.test/users/mia/statuses/95","type":"Note","attributedTo":"https://masto.test/users/mia",` +
		`"content":"<p>For my followers only</p>","to":["https://masto.test/users/mia/followers"],"quote":"https://home.test/post/7"}}`
)

// addTestQuote stores an approval for mia to quote something of alice's.
func addTestQuote(t testing.TB, db *storage.DB, q community.Quote) *community.Quote {
	t.Helper()
	q.AuthorID, q.ActorID, q.CreatedAt = aliceID, miaID, noon
	if q.GroupID == 0 {
		q.GroupID = gardenID
	}
	if q.Instrument == "" {
		q.Instrument = "https://masto.test/users/mia/statuses/95"
	}
	err := db.InTx(t.Context(), func(tx *storage.DB) error {
		_, err := tx.AddQuote(t.Context(), &q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return &q
}

// quoteFact is that mia asked for a quote and got an answer.
func quoteFact(kind community.FactKind, q *community.Quote) community.Fact {
	f := with(about(kind, aliceID, gardenID, 7, 0), whom(miaID), raw(rawQuoteRequest))
	f.IRI = quoteRequestIRI
	if q != nil {
		f.ItemID = int64(q.ID)
	}
	return f
}

func describeAll(t testing.TB, s *Server, rows []*community.Activity) (lines []string) {
	t.Helper()
	for _, row := range rows {
		lines = append(lines, describe(t, s, row))
	}
	return lines
}

func TestQuotesAreAnswered(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		quote := addTestQuote(t, db, community.Quote{IRI: quoteIRI, PostID: 7})
		again := addTestQuote(t, db, community.Quote{IRI: quoteIRI + "-2", PostID: 7})
		if diff := cmp.Diff(quote, again); diff != "" {
			t.Errorf("one quote was approved twice:\n%s", diff)
		}
		rows := tell(t, s, quoteFact(community.QuoteApproved, quote), quoteFact(community.QuoteRefused, nil))
		want := []string{"Accept by alice to " + toMia + privateMark, "Reject by alice to " + toMia + privateMark}
		if diff := cmp.Diff(want, describeAll(t, s, rows)); diff != "" {
			t.Fatalf("the answers (-want +got):\n%s", diff)
		}
		golden(t, "accept_quote", rows[0].Body)
		golden(t, "reject_quote", rows[1].Body)
		resp := request(t, s, http.MethodGet, "/quotes/55555555-5555-4555-8555-555555555555")
		if resp.Code != http.StatusOK {
			t.Fatalf("the approval is %d", resp.Code)
		}
		golden(t, "quote_authorization", resp.Body.Bytes())
	})
}

// An approval ends with what it is for, and who quotes it is told once.
func TestQuotesAreRevoked(t *testing.T) {
	hide := func(model any, id int64, column string) func(*storage.DB) error {
		return func(db *storage.DB) error {
			_, err := db.Bun().NewUpdate().Model(model).Set(column+" = ?", noon).Where("id = ?", id).Exec(t.Context())
			return err
		}
	}
	post, comment := (*community.Post)(nil), (*community.Comment)(nil)
	tests := []struct {
		name    string
		happens func(*storage.DB) error
		fact    community.Fact
		post    bool // the quote of the post ends
		comment bool // that of the comment below it
	}{
		{"the post is deleted", hide(post, 7, "deleted_at"), about(community.PostDeleted, aliceID, gardenID, 7, 0), true, false},
		{"it is removed", hide(post, 7, "removed_at"), about(community.PostRemoved, bobID, gardenID, 7, 0), true, false},
		{"the comment is deleted", hide(comment, 10, "deleted_at"), about(community.CommentDeleted, aliceID, gardenID, 7, 10), false, true},
		{"what it answers is removed, with it", hide(comment, 10, "removed_at"), about(community.CommentRemoved, bobID, gardenID, 7, 9), false, true},
		{"it is removed with a ban", hide(comment, 10, "removed_at"), with(about(community.MemberBanned, bobID, gardenID, 0, 0), whom(aliceID)), false, true},
		{"nothing is hidden", func(*storage.DB) error { return nil }, with(about(community.MemberBanned, bobID, gardenID, 0, 0), whom(aliceID)), false, false},
		{"the group is closed to others", func(db *storage.DB) error {
			_, err := db.Bun().NewUpdate().Model((*community.Actor)(nil)).Set("visibility = ?", community.Private).Where("id = ?", gardenID).Exec(t.Context())
			return err
		}, about(community.GroupEdited, aliceID, gardenID, 0, 0), true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				s := outWorld(t, db)
				stock(t, db)
				addTestQuote(t, db, community.Quote{IRI: quoteIRI, PostID: 7})
				addTestQuote(t, db, community.Quote{IRI: quoteIRI + "c", PostID: 7, CommentID: 10})
				if err := test.happens(db); err != nil {
					t.Fatal(err)
				}
				rows := tell(t, s, test.fact)
				again := tell(t, s, test.fact)
				for iri, ends := range map[string]bool{quoteIRI: test.post, quoteIRI + "c": test.comment} {
					told := func(a *community.Activity) bool {
						doc, err := as.Parse(t.Context(), a.Body)
						return err == nil && doc.Ref("object") == iri && describe(t, s, a) == "Delete by alice to "+toMia+privateMark
					}
					if slices.ContainsFunc(rows, told) != ends || slices.ContainsFunc(again, told) {
						t.Errorf("of %s is told: %q, and again: %q", iri, describeAll(t, s, rows), describeAll(t, s, again))
					}
					status := http.StatusOK
					if ends {
						status = http.StatusNotFound
					}
					if resp := request(t, s, http.MethodGet, iri[len("https://home.test"):]); resp.Code != status {
						t.Errorf("%s is %d, want %d", iri, resp.Code, status)
					}
				}
				if i := slices.IndexFunc(rows, func(a *community.Activity) bool { return a.Inbox == toMia }); i >= 0 && test.name == "it is removed" {
					golden(t, "delete_quote_authorization", rows[i].Body)
				}
			})
		})
	}
}
