package posts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// quoting publishes what quotes something.
func (w *world) quoting(t testing.TB, by *community.Actor, spot posts.Spot) (*community.Post, error) {
	t.Helper()
	return w.posts.Publish(t.Context(), by, w.garden, posts.Draft{Title: "Look at this", Quotes: &spot})
}

func (w *world) quoted(t testing.TB, reader *community.Actor, id community.PostID) *community.CitationView {
	t.Helper()
	v, err := w.posts.Find(t.Context(), reader, id)
	if err != nil {
		t.Fatal(err)
	}
	if v.Quotes == nil {
		t.Fatalf("post %d quotes nothing", id)
	}
	return v.Quotes
}

// told lists the facts about quotes, oldest first.
func (w *world) told(t testing.TB) (kinds []community.FactKind) {
	t.Helper()
	var facts []community.Fact
	if err := w.db.Bun().NewSelect().Model(&facts).Where("kind LIKE 'quote_%'").Order("row_id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// Who writes here is quoted here at once, can take it back, and nobody else
// can.
func TestQuotesAmongUs(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post := w.publish(t, w.ada, "Tomatoes")
		comment := w.answer(t, w.ada, post, 0)
		about, err := w.quoting(t, w.bo, posts.Spot{Post: post.ID})
		if err != nil {
			t.Fatal(err)
		}
		q := w.quoted(t, nil, about.ID)
		if q.State != community.CitationAccepted || q.Approval != "https://here.test/quotes/"+q.Name() || q.Post.ID != post.ID || q.Comment != nil || q.Mine {
			t.Errorf("it is shown as %+v", q)
		}
		answer, err := w.posts.Comment(ctx, w.bo, about.ID, 0, posts.Draft{Body: "And this", Quotes: &posts.Spot{Comment: comment.ID}})
		if err != nil {
			t.Fatal(err)
		}
		v, err := w.posts.FindComment(ctx, w.bo, answer.ID)
		if err != nil || v.Quotes == nil || v.Quotes.Comment == nil || v.Quotes.Comment.ID != comment.ID || !v.Quotes.Mine {
			t.Fatalf("the comment is %+v, %v", v, err)
		}
		own, err := w.quoting(t, w.ada, posts.Spot{Post: post.ID})
		if err != nil {
			t.Fatal(err)
		}
		if q := w.quoted(t, w.bo, own.ID); q.State != community.CitationAccepted || q.Approval != "" {
			t.Errorf("one's own words are %+v", q.Citation)
		}
		list, next, err := w.posts.QuotesOf(ctx, w.ada, community.Page{Limit: 1})
		if err != nil || len(list) != 1 || next == "" || list[0].Instrument != answer.IRI || list[0].Comment.ID != comment.ID || list[0].By.ID != w.bo.ID {
			t.Fatalf("ada is quoted by %+v, %q, %v", list, next, err)
		}
		rest, next, err := w.posts.QuotesOf(ctx, w.ada, community.Page{Limit: 1, After: next})
		if err != nil || len(rest) != 1 || next != "" || rest[0].Instrument != about.IRI {
			t.Fatalf("and by %+v, %q, %v", rest, next, err)
		}
		if err := w.posts.TakeBackQuote(ctx, w.bo, rest[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("bo takes back what is ada's: %v", err)
		}
		if err := w.posts.TakeBackQuote(ctx, w.ada, rest[0].ID); err != nil {
			t.Fatal(err)
		}
		if q := w.quoted(t, w.bo, about.ID); q.State != community.CitationRefused || q.Approval != "" {
			t.Errorf("what was taken back is %+v", q.Citation)
		}
		if err := w.posts.TakeBackQuote(ctx, w.ada, rest[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is taken back again: %v", err)
		}
		if diff := cmp.Diff([]community.FactKind{community.QuoteApproved, community.QuoteApproved, community.QuoteSettled}, w.told(t)); diff != "" {
			t.Errorf("what is told (-want +got):\n%s", diff)
		}
	})
}

// What is gone is not shown, whoever took it away; and what quotes it takes
// its approval along.
func TestQuotesEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		for name, end := range map[string]func(*community.Post) error{
			"deleted": func(p *community.Post) error { return w.posts.Delete(ctx, w.ada, p.ID, community.Origin{}) },
			"closed": func(*community.Post) error {
				_, err := db.Bun().NewUpdate().Model(w.garden).WherePK().Set("visibility = ?", community.Private).Exec(ctx)
				return err
			},
		} {
			post := w.publish(t, w.ada, name)
			about, err := w.quoting(t, w.bo, posts.Spot{Post: post.ID})
			if err != nil {
				t.Fatal(err)
			}
			if err := end(post); err != nil {
				t.Fatal(err)
			}
			if q := w.quoted(t, w.mod, about.ID); !q.Gone() || q.Comment != nil {
				t.Errorf("%s: it is shown as %+v", name, q)
			}
			if _, err := db.Bun().NewUpdate().Model(w.garden).WherePK().Set("visibility = ''").Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		post := w.publish(t, w.ada, "Beans")
		approvals := func() int64 {
			t.Helper()
			n, err := db.Bun().NewSelect().Model((*community.Quote)(nil)).Where("post_id = ?", post.ID).Count(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for name, end := range map[string]func(community.PostID) error{
			"deleted": func(id community.PostID) error { return w.posts.Delete(ctx, w.bo, id, community.Origin{}) },
			"taken out": func(id community.PostID) error {
				if err := w.posts.Unquote(ctx, w.ada, posts.Spot{Post: id}); !fault.Is(err, fault.Forbidden) {
					t.Errorf("ada takes it out of bo's: %v", err)
				}
				if err := w.posts.Unquote(ctx, w.bo, posts.Spot{Post: id}); err != nil {
					return err
				}
				if err := w.posts.Unquote(ctx, w.bo, posts.Spot{Post: id}); !fault.Is(err, fault.NotFound) {
					t.Errorf("it is taken out again: %v", err)
				}
				return nil
			},
		} {
			about, err := w.quoting(t, w.bo, posts.Spot{Post: post.ID})
			if err != nil {
				t.Fatal(err)
			}
			before := approvals()
			if err := end(about.ID); err != nil {
				t.Fatal(err)
			}
			if v, err := w.posts.Find(ctx, w.bo, about.ID); err != nil || v.Quotes != nil || before != 1 || approvals() != 0 {
				t.Errorf("%s: %d approvals, then %d; %+v, %v", name, before, approvals(), v.Quotes, err)
			}
		}
		answer, err := w.posts.Comment(ctx, w.bo, post.ID, 0, posts.Draft{Body: "x", Quotes: &posts.Spot{Post: post.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.posts.Unquote(ctx, w.bo, posts.Spot{Comment: answer.ID}); err != nil {
			t.Fatal(err)
		}
		if v, err := w.posts.FindComment(ctx, w.bo, answer.ID); err != nil || v.Quotes != nil || v.EditedAt.IsZero() {
			t.Errorf("the comment is %+v, %v", v, err)
		}
	})
}

// Somebody elsewhere is asked, and nobody else answers for them.
func TestQuotesOfOthersAreSettled(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		far, err := w.posts.Publish(ctx, w.remote, w.garden, posts.Draft{Title: "Far", From: community.Origin{IRI: "https://far.test/1", Activity: []byte("{}")}})
		if err != nil {
			t.Fatal(err)
		}
		about, err := w.quoting(t, w.bo, posts.Spot{Post: far.ID})
		if err != nil {
			t.Fatal(err)
		}
		q := w.quoted(t, w.bo, about.ID)
		if q.State != community.CitationPending {
			t.Fatalf("before anybody says anything it is %s", q.State)
		}
		settle := func(by *community.Actor, approval string, code fault.Code, want community.CitationState) {
			t.Helper()
			if err := w.posts.SettleQuote(ctx, by, q.ID, approval); fault.CodeOf(err) != code {
				t.Errorf("%s says %q: %v, want %s", by.Name, approval, err, code)
			}
			if now := w.quoted(t, w.bo, about.ID); now.State != want {
				t.Errorf("after %s said %q it is %s, want %s", by.Name, approval, now.State, want)
			}
		}
		settle(w.ada, "https://far.test/stamp", fault.Forbidden, community.CitationPending)
		settle(w.remote, "https://far.test/stamp", fault.None, community.CitationAccepted)
		settle(w.remote, "https://far.test/stamp", fault.None, community.CitationAccepted) // told twice
		settle(w.ada, "", fault.Forbidden, community.CitationAccepted)
		settle(w.remote, "", fault.None, community.CitationRefused)
		if diff := cmp.Diff([]community.FactKind{community.QuoteAsked, community.QuoteSettled, community.QuoteSettled}, w.told(t)); diff != "" {
			t.Errorf("what is told (-want +got):\n%s", diff)
		}
		if err := w.posts.Farewell(ctx, w.remote, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if q := w.quoted(t, w.bo, about.ID); !q.Gone() {
			t.Errorf("of who is gone is shown %+v", q)
		}
	})
}

// What is not for everybody is not quoted, and nothing is quoted where only
// some read; what is refused leaves nothing behind.
func TestQuotesThatCannotBe(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		club := w.actor(t, community.GroupKind, "club", "")
		shut := func(v community.Visibility) {
			t.Helper()
			club.Visibility = v
			if _, err := db.Bun().NewUpdate().Model(club).WherePK().Column("visibility").Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		inside, err := w.posts.Publish(ctx, w.ada, club, posts.Draft{Title: "Inside"})
		if err != nil {
			t.Fatal(err)
		}
		post, gone := w.publish(t, w.ada, "Peas"), w.publish(t, w.ada, "Gone")
		if err := w.posts.Delete(ctx, w.ada, gone.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		refused := func(what string, by, group *community.Actor, spot posts.Spot, want fault.Code) {
			t.Helper()
			if _, err := w.posts.Publish(ctx, by, group, posts.Draft{Title: "Never", Quotes: &spot}); fault.CodeOf(err) != want {
				t.Errorf("%s: %v, want %s", what, err, want)
			}
		}
		shut(community.Private)
		refused("private, to somebody outside", w.bo, w.garden, posts.Spot{Post: inside.ID}, fault.NotFound)
		shut(community.LocalOnly)
		refused("of this server only", w.bo, w.garden, posts.Spot{Post: inside.ID}, fault.Invalid)
		refused("where only some read", w.bo, club, posts.Spot{Post: post.ID}, fault.Invalid)
		refused("gone", w.bo, w.garden, posts.Spot{Post: gone.ID}, fault.Invalid)
		refused("nothing", w.bo, w.garden, posts.Spot{Post: 4711}, fault.NotFound)
		refused("no comment", w.bo, w.garden, posts.Spot{Post: post.ID, Comment: 4711}, fault.NotFound)
		refused("by somebody elsewhere", w.remote, w.garden, posts.Spot{Post: post.ID}, fault.Forbidden)
		if n, err := db.Bun().NewSelect().Model((*community.Post)(nil)).Where("title = 'Never'").Count(ctx); err != nil || n != 0 || len(w.told(t)) != 0 {
			t.Errorf("%d posts were published, %v; told: %v", n, err, w.told(t))
		}
	})
}
