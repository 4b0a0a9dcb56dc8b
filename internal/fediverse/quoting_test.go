package fediverse_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// seeQuote waits until somebody sees what a post quotes in a state.
func seeQuote(t *testing.T, u *server.User, id int64, state community.CitationState) v1.Quoted {
	t.Helper()
	p := seePost1(t, u, id, "the quote "+string(state), func(p v1.Post) bool { return p.Quote != nil && p.Quote.State == state })
	return *p.Quote
}

// document reads a post as other servers do.
func document(t *testing.T, iri string) (doc map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, iri, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", as.ContentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// bob of b quotes what ann of a wrote, who learns of it and takes it back; and
// an answer of hers, until she deletes that.
func TestQuotesBetweenTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		s := &story{ann: a.User("ann"), bob: b.User("bob")}
		ann, bob := s.ann, s.bob
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "shed", Title: "The shed"}, nil)
		s.follow(t)
		s.post(t)
		s.answer(t)

		// In a group of his own, of which a knows nothing.
		var about v1.Post
		bob.Call(t, "POST", "/groups/shed/posts", v1.PostDraft{Title: "Look", Body: "See:", Quote: &v1.QuoteDraft{PostID: &s.bobsCopy.ID}}, &about)
		if about.Quote == nil || about.Quote.State == community.CitationAccepted || about.Quote.Title != "" || about.Quote.Author == nil {
			t.Fatalf("before she says anything, bob sees %+v", about.Quote)
		}
		if q := seeQuote(t, bob, about.ID, community.CitationAccepted); q.Title != "Seedlings" || q.Text != "Who wants some?" || q.Author.Handle != "ann@"+a.Host || *q.PostID != s.bobsCopy.ID {
			t.Errorf("bob sees %+v", q)
		}
		doc := document(t, about.URL)
		stamp, _ := doc["quoteAuthorization"].(string)
		if doc["quote"] != s.annsPost.URL || !strings.HasPrefix(stamp, s.annsPost.URL[:strings.Index(s.annsPost.URL, "/post/")]+"/quotes/") {
			t.Errorf("others read %v by %q", doc["quote"], stamp)
		}
		if approval := document(t, stamp); approval["interactingObject"] != about.URL || approval["interactionTarget"] != s.annsPost.URL {
			t.Errorf("the approval is %v", approval)
		}
		var quotes v1.List[v1.Quote]
		ann.Call(t, "GET", "/quotes", nil, &quotes)
		if len(quotes.Items) != 1 || quotes.Items[0].URL != about.URL || quotes.Items[0].Actor.Handle != "bob@"+b.Host {
			t.Fatalf("ann is quoted by %+v", quotes.Items)
		}
		server.Eventually(t, "ann's notification", func() (bool, any) {
			var notes v1.List[v1.Notification]
			ann.Call(t, "GET", "/notifications", nil, &notes)
			for _, n := range notes.Items {
				if n.Kind == community.Quoted && n.Quote != nil && n.Quote.ID == quotes.Items[0].ID && n.Quote.URL == about.URL {
					return true, nil
				}
			}
			return false, notes.Items
		})
		ann.Call(t, "DELETE", fmt.Sprintf("/quotes/%d", quotes.Items[0].ID), nil, nil)
		if q := seeQuote(t, bob, about.ID, community.CitationRefused); q.Title != "" || q.URL != s.annsPost.URL {
			t.Errorf("taken back, bob sees %+v", q)
		}
		if doc := document(t, about.URL); doc["quote"] != nil || doc["quoteAuthorization"] != nil {
			t.Errorf("taken back, others read %v by %v", doc["quote"], doc["quoteAuthorization"])
		}

		// In her group, by a comment, until what is quoted is gone.
		answer := seeComment(t, bob, s.bobsCopy.ID, func(c v1.Comment) bool { return c.URL == s.annsComment.URL })
		var comment v1.Comment
		bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.bobsCopy.ID), v1.CommentDraft{Body: "You said:", Quote: &v1.QuoteDraft{CommentID: &answer.ID}}, &comment)
		seeComment(t, bob, s.bobsCopy.ID, func(c v1.Comment) bool {
			return c.ID == comment.ID && c.Quote != nil && c.Quote.State == community.CitationAccepted && c.Quote.Text == "They are yours."
		})
		seeComment(t, ann, s.annsPost.ID, func(c v1.Comment) bool {
			return c.URL == comment.URL && strings.Contains(c.HTML, s.annsComment.URL)
		})
		ann.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.annsComment.ID), nil, nil)
		seeComment(t, bob, s.bobsCopy.ID, func(c v1.Comment) bool {
			return c.ID == comment.ID && c.Quote != nil && c.Quote.Gone && c.Quote.Text == "" && c.Quote.URL == ""
		})
		seePost1(t, bob, about.ID, "the end of the other quote, in peace", func(p v1.Post) bool { return p.Quote.State == community.CitationRefused })
	})
}

// Whose server knows no quotes is not asked: GoToSocial fails over what it does
// not know, and whoever else does not know it never answers.
func TestNoQuotesOfWhoKnowsNone(t *testing.T) {
	m := fediverse.NewGoToSocial(t)
	s := &blogStory{m: m, alice: m.Account("alice"), max: m.Account("max")}
	s.home = server.New(t, testdb.SQLiteDSN(t))
	s.ann, s.bob = s.home.User("ann"), s.home.User("bob")
	s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	s.follow(t)
	id := s.alice.Post(t, fediverse.Writing{Text: "What grows in November?", Mention: []string{s.garden}})
	seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
	status, text := s.ann.Try(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "A good question", Quote: &v1.QuoteDraft{URL: id}})
	if status != 422 || !strings.Contains(string(text), "You can link to it instead.") {
		t.Errorf("answered %d: %s", status, text)
	}
	quiet(t, s.home)
}

// A microblog approves, and takes it back; another refuses. Either way the
// words stay.
func TestQuotesOfAMicroblog(t *testing.T) {
	for name, refuses := range map[string]bool{"approves": false, "refuses": true} {
		t.Run(name, func(t *testing.T) {
			m := fediverse.NewMastodon(t)
			if refuses {
				m.RefuseQuotes()
			}
			s := &blogStory{m: m, alice: m.Account("alice"), max: m.Account("max")}
			s.home = server.New(t, testdb.SQLiteDSN(t))
			s.ann, s.bob = s.home.User("ann"), s.home.User("bob")
			s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
			s.follow(t)
			id := s.alice.Post(t, fediverse.Writing{Text: "What grows in November?", Mention: []string{s.garden}})
			hers := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
			var about v1.Post
			s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "A good question", Quote: &v1.QuoteDraft{URL: id}}, &about)
			if about.Quote == nil || *about.Quote.PostID != hers.ID {
				t.Fatalf("it quotes %+v", about.Quote)
			}
			if refuses {
				seeQuote(t, s.ann, about.ID, community.CitationRefused)
				s.shown(t, "ann's post", about.URL, func(*fediverse.Status) bool { return true })
				quiet(t, s.home)
				return
			}
			if q := seeQuote(t, s.bob, about.ID, community.CitationAccepted); q.Author.Handle != "alice@"+m.Host || !strings.Contains(q.Text, "November") {
				t.Errorf("bob sees %+v", q)
			}
			if doc := document(t, about.URL); doc["quote"] != id || !strings.HasPrefix(doc["quoteAuthorization"].(string), m.URL) {
				t.Errorf("others read %v by %v", doc["quote"], doc["quoteAuthorization"])
			}
			s.alice.TakeBack(t, about.URL, s.person)
			seeQuote(t, s.bob, about.ID, community.CitationRefused)
			quiet(t, s.home)
		})
	}
}
