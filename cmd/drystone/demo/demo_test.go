package demo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drystone/cmd/drystone/demo"
	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/instance"
	"drystone/service/joining"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/service/votes"
	"drystone/storage"
)

const origin = "https://here.test"

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// options are a demo for db, with keys that cost nothing.
func options(db *storage.DB) demo.Options {
	clock := new(demo.Clock)
	var keys atomic.Int64
	newKey := func() (string, string, error) {
		n := keys.Add(1)
		return fmt.Sprintf("private %d", n), fmt.Sprintf("public %d", n), nil
	}
	return demo.Options{
		DB: db, Origin: origin, Now: now, Clock: clock, Progress: func(string) {},
		Wire: func(tx *storage.DB) (s demo.Services, err error) {
			about := &instance.Service{DB: tx, Host: "here.test", Now: clock.Now}
			s = demo.Services{
				Instance:      about,
				Joining:       &joining.Service{DB: tx, Now: clock.Now, Joining: about.Joining},
				Groups:        &groups.Service{DB: tx, Origin: origin, Now: clock.Now, NewKey: newKey},
				Posts:         &posts.Service{DB: tx, Origin: origin, Now: clock.Now},
				Moderation:    &moderation.Service{DB: tx, Now: clock.Now},
				Votes:         &votes.Service{DB: tx, Origin: origin, Now: clock.Now},
				Reports:       &reports.Service{DB: tx, Origin: origin, Now: clock.Now},
				Messages:      &messages.Service{DB: tx, Origin: origin, Now: clock.Now},
				Feeds:         &feeds.Service{DB: tx, Origin: origin, Now: clock.Now, NewKey: newKey},
				Notifications: &notifications.Service{DB: tx, Now: clock.Now},
			}
			s.Accounts, err = accounts.New(accounts.Options{
				PasswordCost: accounts.Cost{Memory: 64, Rounds: 1},
				DB:           tx, Origin: origin, Host: "here.test", Now: clock.Now, NewKey: newKey,
				Joining: about.Joining,
			})
			return s, err
		},
	}
}

// everyPost returns all posts, the newest first.
func everyPost(t *testing.T, db *storage.DB) []*community.Post {
	t.Helper()
	var all []*community.Post
	page := community.Page{Limit: community.MaxLimit}
	for {
		list, next, err := db.Feed(t.Context(), community.FeedQuery{Sort: community.New, Page: page})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
		if page.After = next; next == "" {
			return all
		}
	}
}

// thread returns all comments of a post in tree order.
func thread(t *testing.T, db *storage.DB, id community.PostID) []*community.CommentView {
	t.Helper()
	s := &posts.Service{DB: db, Origin: origin, Now: func() time.Time { return now }}
	var all []*community.CommentView
	page := community.Page{Limit: community.MaxLimit}
	for {
		list, next, err := s.Thread(t.Context(), nil, id, community.Hot, page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
		if page.After = next; next == "" {
			return all
		}
	}
}

func TestFill(t *testing.T) {
	var mu sync.Mutex
	told := map[string]int{} // stories, and how many databases tell them
	t.Cleanup(func() {
		if len(told) > 1 && !t.Failed() {
			t.Error("the two databases tell different stories")
		}
	})
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		// A server runs already and reads the facts.
		for _, reader := range []string{"facts:federation", "facts:notifications"} {
			if held, err := db.Lease(t.Context(), reader, "a server", now, now.Add(time.Minute)); err != nil || !held {
				t.Fatal(held, err)
			}
		}
		result, err := demo.Fill(t.Context(), options(db))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", result)
		if result.People < 14 || result.Groups < 10 || result.Posts < 45 || result.Comments < 430 || result.Votes < 1000 {
			t.Errorf("moved in: %+v", result)
		}
		all := everyPost(t, db)
		if len(all) != result.Posts {
			t.Errorf("the feed has %d posts, want %d", len(all), result.Posts)
		}
		shape, story := new(shape), new(strings.Builder)
		for _, p := range all {
			comments := thread(t, db, p.ID)
			shape.see(t, p, comments)
			fmt.Fprintln(story, p.Title, p.CreatedAt, p.Score, p.IRI)
			for _, c := range comments {
				fmt.Fprintln(story, c.Depth, c.Author.Handle(), c.CreatedAt, c.Score, c.HTML)
			}
		}
		mu.Lock()
		told[story.String()]++
		mu.Unlock()
		shape.check(t)
		checkFeeds(t, db)
		checkMail(t, db)
		checkDesk(t, db, all)
		checkDoor(t, db)
		checkSilence(t, db)

		if _, err := demo.Fill(t.Context(), options(db)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second Fill returned %v, want a Conflict", err)
		}
	})
}

// A demo that fails leaves the database as empty as it was.
func TestFillIsWholeOrNothing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		o := options(db)
		wire, keys := o.Wire, 0
		o.Wire = func(tx *storage.DB) (demo.Services, error) {
			s, err := wire(tx)
			s.Accounts.NewKey = func() (string, string, error) {
				if keys++; keys > 2 {
					return "", "", fault.New(fault.Unavailable, "There are no more keys.")
				}
				return "private", "public", nil
			}
			return s, err
		}
		if _, err := demo.Fill(t.Context(), o); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Fill returned %v, want what NewKey did", err)
		}
		people, groups, err := db.CountLocal(t.Context())
		peers, peersErr := db.Peers(t.Context())
		if err != nil || peersErr != nil || people+groups != 0 || len(peers) != 0 {
			t.Errorf("%d people, %d groups and %d servers are left (%v, %v)", people, groups, len(peers), err, peersErr)
		}
	})
}

func TestAhead(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var made atomic.Int64
	newKey := demo.Ahead(ctx, func() (string, string, error) {
		n := made.Add(1)
		return fmt.Sprint("private ", n), fmt.Sprint("public ", n), nil
	})
	seen := map[string]bool{}
	for range 30 {
		private, public, err := newKey()
		if err != nil || seen[private] || strings.TrimPrefix(private, "private") != strings.TrimPrefix(public, "public") {
			t.Fatalf("a pair %q, %q, error %v", private, public, err)
		}
		seen[private] = true
	}
	stop()
	for {
		if _, _, err := newKey(); err != nil {
			return // what was made already may still be handed out
		}
	}
}

// A shape is what threads look like, all together.
type shape struct {
	posts, links, edited, removed, deleted int
	deepest, longest                       int
	languages                              map[string]bool
	newest                                 time.Duration
}

func (s *shape) see(t *testing.T, p *community.Post, comments []*community.CommentView) {
	t.Helper()
	if p.HTML == "" && p.Link == "" || p.Title == "" {
		t.Errorf("post %q is empty", p.Title)
	}
	if int(p.CommentCount) != countShown(comments) {
		t.Errorf("%q has %d comments and counts %d", p.Title, countShown(comments), p.CommentCount)
	}
	if s.languages == nil {
		s.languages, s.newest = map[string]bool{}, time.Hour*1000
	}
	s.languages[p.Language] = true
	s.newest = min(s.newest, now.Sub(p.CreatedAt))
	s.longest = max(s.longest, len(comments))
	s.posts++
	if p.Link != "" {
		s.links++
	}
	if !p.EditedAt.IsZero() {
		s.edited++
	}
	seen := map[string]bool{}
	for _, c := range comments {
		s.seeComment(t, p, c)
		if seen[c.Body] && c.Body != "" {
			t.Errorf("%q is said twice under %q", c.Body, p.Title)
		}
		seen[c.Body] = true
	}
}

func (s *shape) seeComment(t *testing.T, p *community.Post, c *community.CommentView) {
	t.Helper()
	s.deepest = max(s.deepest, c.Depth)
	switch {
	case !c.DeletedAt.IsZero():
		s.deleted++
	case c.HTML == "":
		t.Errorf("a comment under %q has no HTML: %q", p.Title, c.Body)
	}
	if !c.RemovedAt.IsZero() {
		s.removed++
		if c.RemovedReason == "" {
			t.Errorf("a comment under %q was removed without a reason", p.Title)
		}
	}
	if c.CreatedAt.Before(p.CreatedAt) || c.CreatedAt.After(now) {
		t.Errorf("a comment under %q was made at %s", p.Title, c.CreatedAt)
	}
	if strings.Contains(c.HTML, "=&gt;") || strings.Contains(c.Body, "\n= ") {
		t.Errorf("under %q, a comment has part of the file's form in it: %q", p.Title, c.Body)
	}
}

func countShown(comments []*community.CommentView) int {
	n := 0
	for _, c := range comments {
		if !c.Hidden() {
			n++
		}
	}
	return n
}

func (s *shape) check(t *testing.T) {
	t.Helper()
	if s.deepest < 11 || s.longest < 61 {
		t.Errorf("the deepest thread has %d levels, the longest %d comments; want 12 and 61", s.deepest+1, s.longest)
	}
	if s.removed != 1 || s.deleted != 1 || s.edited < 2 || s.links < 2 {
		t.Errorf("%d removed, %d deleted, %d edited posts, %d links", s.removed, s.deleted, s.edited, s.links)
	}
	for _, language := range []string{"ar", "de", "en", "es", "ja"} {
		if !s.languages[language] {
			t.Errorf("nobody writes in %q", language)
		}
	}
	if s.newest > time.Hour {
		t.Errorf("the newest post is %s old", s.newest)
	}
}

func checkFeeds(t *testing.T, db *storage.DB) {
	t.Helper()
	list, _, err := db.Groups(t.Context(), community.GroupQuery{Page: community.Page{Limit: community.MaxLimit}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		query := community.FeedQuery{Group: g.ID, Sort: community.Hot, Page: community.Page{Limit: 2}}
		feed, _, err := db.Feed(t.Context(), query)
		if err != nil || len(feed) == 0 || g.MemberCount < 3 || g.SummaryHTML == "" {
			t.Errorf("%s: %d posts, %d members, summary %q, error %v", g.Handle(), len(feed), g.MemberCount, g.SummaryHTML, err)
		}
	}
	garden, err := db.ActorByHandle(t.Context(), community.Handle{Name: "garden"}, community.GroupKind)
	if err != nil {
		t.Fatal(err)
	}
	moderators, err := db.Moderators(t.Context(), garden.ID)
	if err != nil || len(moderators) == 0 || moderators[0].Name != "alice" {
		t.Errorf("garden is moderated by %v, error %v", moderators, err)
	}
	alice := moderators[0]
	home, _, err := db.Feed(t.Context(), community.FeedQuery{Reader: alice.ID, Sort: community.Hot, Page: community.Page{Limit: 25}})
	if err != nil || len(home) < 20 {
		t.Errorf("alice's home has %d posts, error %v", len(home), err)
	}
	if left, err := db.Fold(t.Context(), 10); left != 0 || err != nil {
		t.Errorf("%d counters were not folded, error %v", left, err)
	}
}

// checkMail looks at how alice and bob come in, and what awaits them.
func checkMail(t *testing.T, db *storage.DB) {
	t.Helper()
	s, err := options(db).Wire(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", "bob", "wren"} {
		who, err := s.Accounts.SignIn(t.Context(), name, demo.Password)
		if err != nil {
			t.Fatal(err)
		}
		if who.Account.Admin != (name == "alice") {
			t.Errorf("%s: admin is %t", name, who.Account.Admin)
		}
		list, _, err := s.Notifications.List(t.Context(), who.Account, community.NoticeQuery{Page: community.Page{Limit: community.MaxLimit}})
		if err != nil || len(list) < 10 {
			t.Errorf("%s was told of %d things, error %v", name, len(list), err)
		}
		unread, err := s.Notifications.Unread(t.Context(), who.Account)
		if err != nil || unread == 0 || name != "wren" && unread > 60 {
			t.Errorf("%s has not read %d, error %v", name, unread, err)
		}
		newestFirst := func(a, b *community.NotificationView) int { return b.CreatedAt.Compare(a.CreatedAt) }
		if !slices.IsSortedFunc(list, newestFirst) {
			t.Errorf("%s was told of things out of order", name)
		}
	}
}

// checkDesk looks at what only some people see: what waits for alice, who
// moderates, whom she warned, what she and bob write to each other, where a
// thread went, what happens when, and the feed that she follows.
func checkDesk(t *testing.T, db *storage.DB, all []*community.Post) {
	t.Helper()
	s, err := options(db).Wire(db)
	if err != nil {
		t.Fatal(err)
	}
	who := map[string]*community.Actor{}
	for _, name := range []string{"alice", "bob", "tomasz"} {
		signed, err := s.Accounts.SignIn(t.Context(), name, demo.Password)
		if err != nil {
			t.Fatal(err)
		}
		who[name] = signed.Actor
	}
	alice, page := who["alice"], community.Page{Limit: 50}
	open, _, err := s.Reports.List(t.Context(), alice, community.ReportQuery{State: community.OpenReport, Page: page})
	if err != nil || len(open) < 3 {
		t.Errorf("%d reports wait for alice, error %v", len(open), err)
	}
	warnings, _, err := s.Reports.Warnings(t.Context(), who["tomasz"], who["tomasz"], page)
	if err != nil || len(warnings) != 1 {
		t.Errorf("tomasz was warned %d times, error %v", len(warnings), err)
	}
	letters, _, err := s.Messages.List(t.Context(), alice, who["bob"], page)
	unread, unreadErr := s.Messages.Unread(t.Context(), alice)
	if err != nil || unreadErr != nil || len(letters) != 5 || unread != 2 {
		t.Errorf("alice and bob wrote %d letters, of which she has not read %d; %v, %v", len(letters), unread, err, unreadErr)
	}
	garden, err := db.ActorByHandle(t.Context(), community.Handle{Name: "garden"}, community.GroupKind)
	if err != nil {
		t.Fatal(err)
	}
	log, _, err := s.Moderation.Log(t.Context(), alice, garden, page)
	arrived := func(d *community.DecisionView) bool { return d.Kind == community.PostArrived }
	if err != nil || !slices.ContainsFunc(log, arrived) {
		t.Errorf("no thread came to the garden: %v", err)
	}
	before, after := 0, 0
	for _, p := range all {
		if p.Kind != community.EventPost {
			continue
		}
		events, err := db.Events(t.Context(), []community.PostID{p.ID})
		if err != nil {
			t.Fatal(err)
		}
		if e := events[p.ID]; e.EndsAt.Before(now) {
			before++
		} else if e.StartsAt.After(now) {
			after++
		}
	}
	if before != 1 || after != 1 {
		t.Errorf("%d events are over and %d are to come", before, after)
	}
	followed, err := s.Feeds.Followed(t.Context(), alice)
	if err != nil || len(followed) != 1 || !strings.HasSuffix(followed[0].Host, ".example") {
		t.Errorf("alice follows %d feeds, error %v", len(followed), err)
	}
}

// checkSilence holds the demo to its promise that nobody elsewhere hears of
// it, however long a server runs afterwards.
func checkSilence(t *testing.T, db *storage.DB) {
	t.Helper()
	if peers, err := db.PeersWithDeliveries(t.Context()); err != nil || len(peers) != 0 {
		t.Errorf("%d servers await deliveries, error %v", len(peers), err)
	}
	if head, err := db.ActivityHead(t.Context()); err != nil || head != 0 {
		t.Errorf("there are activities up to %d, error %v", head, err)
	}
	for _, reader := range []string{"facts:federation", "facts:notifications"} {
		if err := db.NumberFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
		position, err := db.Position(t.Context(), reader)
		if err != nil {
			t.Fatal(err)
		}
		if facts, err := db.Facts(t.Context(), position, 1); err != nil || len(facts) != 0 || position == 0 {
			t.Errorf("%s stands at %d with facts to read, error %v", reader, position, err)
		}
		if held, err := db.Lease(t.Context(), reader, "a server", now, now.Add(time.Minute)); err != nil || !held {
			t.Errorf("%s is not free, error %v", reader, err)
		}
	}
	list, _, err := db.Groups(t.Context(), community.GroupQuery{Page: community.Page{Limit: community.MaxLimit}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		if listeners, err := db.Listeners(t.Context(), g.ID); err != nil || len(listeners) != 0 {
			t.Errorf("%d servers listen to %s, error %v", len(listeners), g.Handle(), err)
		}
	}
	peers, err := db.Peers(t.Context())
	if err != nil || len(peers) < 7 {
		t.Errorf("%d servers are known, error %v", len(peers), err)
	}
	for _, p := range peers {
		if p.Software == "" || !strings.HasSuffix(p.Host, ".example") || !p.CheckedAt.Equal(now) {
			t.Errorf("the server %s runs %q, asked at %s", p.Host, p.Software, p.CheckedAt)
		}
	}
}
