package moderation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/storage"
)

// second makes a group that mia moderates too.
func (w *world) second(name, host string) *community.Actor {
	w.t.Helper()
	g := w.actor(community.GroupKind, name, host)
	w.ok(w.db.SaveMembership(w.t.Context(), &community.Membership{
		GroupID: g.ID, ActorID: w.who["mia"].ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon, ModeratesSince: noon,
	}))
	return g
}

// counted are the posts and comments of groups.
func (w *world) counted(groups ...*community.Actor) (n [][2]int64) {
	w.t.Helper()
	for _, g := range groups {
		c, err := w.db.Counters(w.t.Context(), community.SubjectActor, []int64{int64(g.ID)})
		w.ok(err)
		n = append(n, [2]int64{c[int64(g.ID)].Posts, c[int64(g.ID)].Comments})
	}
	return n
}

func (w *world) titles(g *community.Actor) (titles []string) {
	w.t.Helper()
	list, _, err := w.db.Feed(w.t.Context(), community.FeedQuery{Group: g.ID, Sort: community.New, Page: community.Page{Limit: 10}})
	w.ok(err)
	for _, p := range list {
		titles = append(titles, p.Title)
	}
	return titles
}

func TestMovePost(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		meadow := w.second("meadow", "")
		p, other := w.post("ada", "Beans", w.garden), w.post("ada", "Peas", w.garden)
		c := w.answer("bo", p, 0)
		w.answer("ada", p, c.ID)
		gone := w.answer("bo", p, 0)
		w.answer("bo", other, 0)
		w.ok(w.svc.RemoveComment(ctx, w.who["mia"], gone.ID, moderation.Removal{}, community.Origin{}))
		w.ok(w.svc.FeaturePost(ctx, w.who["mia"], p.ID, community.Origin{}))
		w.ok(w.db.AddReport(ctx, &community.Report{
			IRI: "https://here.test/report/1", ReporterID: w.who["ada"].ID, TargetID: w.who["bo"].ID, GroupID: w.garden.ID, PostID: p.ID, CommentID: c.ID,
			Reason: "x", Scope: community.ToModerators, State: community.OpenReport, CreatedAt: noon,
		}))
		quote := &community.Quote{
			IRI: "https://here.test/quotes/1", PostID: p.ID, GroupID: w.garden.ID, AuthorID: w.who["ada"].ID, ActorID: w.who["bo"].ID,
			Instrument: "https://there.test/1", CreatedAt: noon,
		}
		_, err := w.db.AddQuote(ctx, quote)
		w.ok(err)

		w.ok(w.svc.MovePost(ctx, w.who["mia"], p.ID, moderation.ThreadMove{To: meadow, Reason: "Better there."}, community.Origin{}))
		if diff := cmp.Diff([][2]int64{{1, 1}, {1, 2}}, w.counted(w.garden, meadow)); diff != "" {
			t.Errorf("posts and comments (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([][]string{{"Peas"}, {"Beans"}}, [][]string{w.titles(w.garden), w.titles(meadow)}); diff != "" {
			t.Errorf("feeds (-want +got):\n%s", diff)
		}
		moved, err := db.Post(ctx, p.ID)
		w.ok(err)
		if moved.GroupID != meadow.ID || !moved.FeaturedAt.IsZero() || moved.CommentCount != p.CommentCount {
			t.Errorf("the post is %+v", moved)
		}
		for _, id := range []community.CommentID{c.ID, gone.ID} {
			if c, err := db.Comment(ctx, id); err != nil || c.GroupID != meadow.ID {
				t.Errorf("comment %d is %+v, %v", id, c, err)
			}
		}
		if r, err := db.Report(ctx, 1); err != nil || r.GroupID != meadow.ID {
			t.Errorf("the report waits in %+v, %v", r, err)
		}
		if q, err := db.Quote(ctx, quote.ID); err != nil || q.GroupID != meadow.ID {
			t.Errorf("the quote is %+v, %v", q, err)
		}
		for group, want := range map[*community.Actor]community.FactKind{w.garden: community.PostMoved, meadow: community.PostArrived} {
			log, _, err := w.svc.Log(ctx, nil, group, community.Page{Limit: 1})
			w.ok(err)
			if len(log) != 1 || log[0].Kind != want || log[0].Reason != "Better there." || log[0].Post == nil || log[0].Target == nil {
				t.Errorf("the log of %s says %+v", group.Name, log)
			}
		}
		// Again is nothing; and back is as it was.
		w.ok(w.svc.MovePost(ctx, w.who["mia"], p.ID, moderation.ThreadMove{To: meadow}, community.Origin{}))
		w.ok(w.svc.MovePost(ctx, w.who["mia"], p.ID, moderation.ThreadMove{To: w.garden}, community.Origin{}))
		w.ok(w.svc.RestoreComment(ctx, w.who["mia"], gone.ID, community.Origin{}))
		if diff := cmp.Diff([][2]int64{{2, 4}, {0, 0}}, w.counted(w.garden, meadow)); diff != "" {
			t.Errorf("posts and comments when it is back (-want +got):\n%s", diff)
		}
		// What became private is not told of in the log of where it was.
		w.ok(w.svc.MovePost(ctx, w.who["mia"], p.ID, moderation.ThreadMove{To: meadow}, community.Origin{}))
		if _, err := db.Bun().NewRaw("UPDATE actors SET visibility = 'private' WHERE id = ?", meadow.ID).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		log, _, err := w.svc.Log(ctx, nil, w.garden, community.Page{Limit: 10})
		w.ok(err)
		for _, d := range log {
			if d.PostID == p.ID && d.Post != nil {
				t.Errorf("the log still shows %q", d.Post.Title)
			}
		}
	})
}

// Who may not, and where to not.
func TestMovePostRefused(t *testing.T) {
	here := community.Origin{}
	tests := []struct {
		name, by string
		want     fault.Code
		prepare  func(w *world, p *community.Post, to *community.Actor) (*community.Actor, community.Origin)
	}{
		{"its author", "ada", fault.Forbidden, nil},
		{"a moderator of where it is only", "max", fault.Forbidden, nil},
		{"an admin who moderates neither", "chief", fault.Forbidden, nil},
		{"into a private group", "mia", fault.Forbidden, func(w *world, _ *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			return w.set(to, "visibility = 'private'"), here
		}},
		{"out of a private group", "mia", fault.Forbidden, func(w *world, _ *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			w.set(w.garden, "visibility = 'private'")
			return to, here
		}},
		{"into a group for this server alone", "mia", fault.Forbidden, func(w *world, _ *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			return w.set(to, "visibility = 'local'"), here
		}},
		{"into a group that moved", "mia", fault.Forbidden, func(w *world, _ *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			return w.set(to, "moved_to = 'https://far.test/c/meadow'"), here
		}},
		{"into a group of another server", "mia", fault.Forbidden, func(w *world, _ *community.Post, _ *community.Actor) (*community.Actor, community.Origin) {
			return w.second("dogs", "far.test"), here
		}},
		{"to another server, vouched for by it", "far", fault.Forbidden, func(w *world, _ *community.Post, _ *community.Actor) (*community.Actor, community.Origin) {
			return w.cats, community.Origin{IRI: "https://far.test/move/1", Activity: []byte("{}"), Vouched: true}
		}},
		{"to a person", "mia", fault.Forbidden, func(w *world, _ *community.Post, _ *community.Actor) (*community.Actor, community.Origin) {
			return w.who["bo"], here
		}},
		{"what is gone", "mia", fault.NotFound, func(w *world, p *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			w.ok(w.svc.RemovePost(w.t.Context(), w.who["mia"], p.ID, moderation.Removal{}, here))
			return to, here
		}},
		{"by somebody banned here", "mia", fault.Forbidden, func(w *world, _ *community.Post, to *community.Actor) (*community.Actor, community.Origin) {
			m, err := w.db.Membership(w.t.Context(), to.ID, w.who["mia"].ID)
			w.ok(err)
			m.BannedUntil = noon.Add(time.Hour)
			w.ok(w.db.SaveMembership(w.t.Context(), m))
			return to, here
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				w := newWorld(t, db)
				to, from := w.second("meadow", ""), here
				p := w.post("ada", "Beans", w.garden)
				if test.prepare != nil {
					to, from = test.prepare(w, p, to)
				}
				err := w.svc.MovePost(t.Context(), w.who[test.by], p.ID, moderation.ThreadMove{To: to}, from)
				if fault.CodeOf(err) != test.want {
					t.Errorf("= %v, want %v", err, test.want)
				}
				if p, err := db.Post(t.Context(), p.ID); err != nil || p.GroupID != w.garden.ID {
					t.Errorf("the post is in %+v, %v", p, err)
				}
			})
		})
	}
}

// An admin moves what they moderate into any group of their server.
func TestAdminsMoveAnywhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.member("chief", community.Moderator, 4)
		p := w.post("ada", "Beans", w.garden)
		to := w.second("meadow", "")
		w.ok(w.svc.MovePost(t.Context(), w.who["chief"], p.ID, moderation.ThreadMove{To: to}, community.Origin{}))
		if diff := cmp.Diff([]string{"Beans"}, w.titles(to)); diff != "" {
			t.Error(diff)
		}
	})
}

func (w *world) set(a *community.Actor, what string) *community.Actor {
	w.t.Helper()
	_, err := w.db.Bun().NewRaw("UPDATE actors SET "+what+" WHERE id = ?", a.ID).Exec(w.t.Context())
	w.ok(err)
	return a
}
