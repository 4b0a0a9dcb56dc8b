package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"drystone/community"
	"drystone/service/posts"
)

const (
	feedGroups = 2000 // among which posts are spread, the first ones having most
	joined     = 500  // of them who joined most joined
	writers    = 5000 // write in turns in all others
	followed   = 200  // of them the reader follows
	feedPage   = 25
	firstAge   = 20_000 // of the oldest post, in hours
	probes     = 200    // a feed, in every round
)

// feedsPart measures feeds as they grow.
func feedsPart(ctx context.Context, s settings, targets []*target) error {
	fmt.Printf("feeds      %d posts a page, warm, ms: p50/p99 of a group's page, of the home of readers who joined 5, 50 and %d of %d groups, of one who\n"+
		"           follows %d of %d people besides, and of one's who keeps away the server that wrote half of it, in groups in which nobody else writes\n",
		feedPage, joined, feedGroups, followed, writers)
	for _, t := range targets {
		db, err := t.fresh(ctx, "feeds")
		if err != nil {
			return err
		}
		if err := errors.Join(db.feedSizes(ctx, s), db.db.Close()); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}

// feedSizes measures feeds from ten thousand posts on.
func (t *target) feedSizes(ctx context.Context, s settings) error {
	readers, err := t.settle(ctx)
	if err != nil {
		return err
	}
	have, first := 0, []series(nil)
	for _, size := range []int{10_000, 100_000, 1_000_000, 10_000_000} {
		if size > s.most {
			break
		}
		if err := t.grow(ctx, have, size); err != nil {
			return err
		}
		have = size
		took, err := t.probeFeeds(ctx, s.rounds, readers)
		if err != nil {
			return err
		}
		if first == nil {
			first = took
		}
		var line strings.Builder
		for i, name := range []string{"group", "5", "50", "500", "people", "kept away"} {
			fmt.Fprintf(&line, "  %s %s/%s", name, short(took[i].at(0.5)), short(took[i].at(0.99)))
			if size > 10_000 {
				fmt.Fprintf(&line, " (%.1f×)", took[i].at(0.99)/first[i].at(0.99))
			}
		}
		fmt.Printf("  %-9s %9d posts%s\n", t.name, size, line.String())
		if err := t.probeOrders(ctx, size, readers[2]); err != nil {
			return err
		}
	}
	return nil
}

// count to n, in both databases.
const numbersTo = "WITH RECURSIVE n (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?) "

// The people of the feeds, after the groups.
const (
	five = feedGroups + 1 + iota // joined so many groups
	fifty
	most    // joined more, and the others too
	reader  // follows people besides
	careful // keeps the server of loud away
	loud    // writes in every eighth group, alone
	lastOne // and the writers after them
)

// settle makes the groups, and two readers who joined every fourth, and takes
// away what only search needs, since it would take most of the time.
func (t *target) settle(ctx context.Context) ([]*community.Actor, error) {
	now := time.Now().UTC()
	statement := "DROP TRIGGER posts_words_add"
	if t.name == "postgres" {
		statement += " ON posts"
	}
	if _, err := t.db.Bun().ExecContext(ctx, statement); err != nil {
		return nil, err
	}
	_, err := t.db.Bun().ExecContext(ctx, numbersTo+`INSERT INTO actors (id, kind, name, fold, iri, created_at, updated_at)
		SELECT i, 'group', 'g' || i, 'g' || i, 'http://bench.test/c/g' || i, ?, ? FROM n`, 1, feedGroups, now, now)
	if err != nil {
		return nil, err
	}
	people := []*community.Actor{
		{ID: five, Name: "five"},
		{ID: fifty, Name: "fifty"},
		{ID: most, Name: "most"},
		{ID: reader, Name: "reader"},
		{ID: careful, Name: "careful"},
		{ID: loud, Name: "loud", Host: "loud.test"},
	}
	for _, a := range people {
		a.Kind, a.Fold, a.IRI, a.CreatedAt, a.UpdatedAt = community.Person, a.Name, "http://"+a.Host+"/u/"+a.Name, now, now
	}
	if _, err := t.db.Bun().NewInsert().Model(&people).Exec(ctx); err != nil {
		return nil, err
	}
	readers := people[:len(people)-1]
	for i, a := range readers {
		groups := []int{5, 50, joined, joined, joined}[i]
		_, err := t.db.Bun().ExecContext(ctx, `INSERT INTO memberships (group_id, actor_id, role, state, created_at)
			SELECT id, ?, 'member', 'accepted', ? FROM actors WHERE kind = 'group' AND id % ? = 0`, a.ID, now, feedGroups/groups)
		if err != nil {
			return nil, err
		}
	}
	_, err = t.db.Bun().ExecContext(ctx, numbersTo+`INSERT INTO actors (id, kind, name, fold, iri, created_at, updated_at)
		SELECT ? + i, 'person', 'p' || i, 'p' || i, 'http://bench.test/u/p' || i, ?, ? FROM n`, 1, writers, lastOne, now, now)
	if err != nil {
		return nil, err
	}
	_, err = t.db.Bun().ExecContext(ctx, `INSERT INTO follows (target_id, follower_id, state, created_at)
		SELECT id, ?, 'accepted', ? FROM actors WHERE id > ? AND id % ? = 0`, reader, now, lastOne, writers/followed)
	if err != nil {
		return nil, err
	}
	return readers, t.db.SaveBlock(ctx, &community.Block{OwnerID: careful, Kind: community.BlockServer, Host: "loud.test", CreatedAt: now})
}

// grow adds posts up to a number: one every minute or so, a few groups with
// most of them, a few posts with many votes.
func (t *target) grow(ctx context.Context, from, to int) error {
	now := time.Now().UTC()
	hours := community.Hours(now)
	const step = 50_000 // as much as a transaction should hold
	for ; from < to; from += step {
		last := min(from+step, to)
		// A cheap hash stands in for chance, so that both databases get the same.
		_, err := t.db.Bun().ExecContext(ctx, numbersTo+`, chance AS (
				SELECT i, (i * 7919 % 10007) / 10007.0 AS a, (i * 104729 % 99991) / 99991.0 AS b FROM n),
			post AS (
				SELECT i, CAST(a * a * a * ? AS BIGINT) % ? + 1 AS grp, CAST(3 / (b + 0.01) AS BIGINT) AS score, ? + i / 60.0 AS born FROM chance)
			INSERT INTO posts (iri, group_id, author_id, kind, title, body, html, local, ups, downs, comment_count, controversial, scaled, score, born, stirred, hot_group, hot_all, active, created_at, arrived_at)
			SELECT 'http://bench.test/post/' || i, grp, CASE WHEN grp % 8 = 0 THEN ? ELSE ? + i % ? END, 'text', 'What was said under the number ' || i, ?, ?, TRUE, score + i % 10 / 9, i % 10 / 9, i % 3, (i % 10 / 9) * (score + 2.0), score / 100.0 + ? * born, score, born, born,
				score / 100.0 + ? * born, score / 100.0 + ? * born, score / 100.0 + ? * born, ?, ? FROM post`,
			from+1, last, feedGroups, feedGroups, hours-firstAge, loud, lastOne+1, writers, words, "<p>"+words+"</p>", community.ForgetGroup,
			community.ForgetGroup, community.ForgetAll, community.ForgetGroup, now, now)
		if err != nil {
			return err
		}
	}
	// What was written past the use cases is counted all the same.
	_, err := t.db.Bun().ExecContext(ctx, "INSERT INTO deltas (kind, subject_id, field, amount) SELECT ?, id, 5, 0 FROM actors WHERE kind = 'group'", community.SubjectActor)
	for n := 1; err == nil && n > 0; {
		n, err = t.db.Fold(ctx, 5000)
	}
	if err != nil {
		return err
	}
	_, err = t.db.Bun().ExecContext(ctx, "ANALYZE")
	return err
}

const words = "Some three hundred characters of text, as people write them: a question, a little of what was tried already, " +
	"and thanks in advance. They are the same in all of the posts, since nobody reads these; what matters is that a page of " +
	"them has a weight, that it comes from many places of the table, and that the cache has to hold it."

// probeFeeds asks for pages of random groups and of the readers' own feeds, at
// random depths: a series for the groups, and one for each reader.
func (t *target) probeFeeds(ctx context.Context, rounds int, readers []*community.Actor) ([]series, error) {
	service := &posts.Service{DB: t.db, Origin: "http://bench.test", Now: time.Now}
	all := make([]series, 1+len(readers))
	for round := range rounds + 1 {
		for n := range probes {
			id := community.ActorID(1 + rand.N(feedGroups))
			took, err := probe(ctx, service, readers[0], community.FeedQuery{Group: id, Sort: community.Hot})
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warms up
				all[0] = append(all[0], took...)
			}
			if n%4 > 0 {
				continue
			}
			for i, who := range readers { // in turns
				if took, err = probe(ctx, service, who, community.FeedQuery{Reader: who.ID, Sort: community.Hot}); err != nil {
					return nil, err
				}
				if round > 0 {
					all[i+1] = append(all[i+1], took...)
				}
			}
		}
	}
	return all, nil
}

// probeOrders asks for pages in every order, of everything, of a group and of a
// home.
func (t *target) probeOrders(ctx context.Context, size int, reader *community.Actor) error {
	newest := time.Now().UTC().Add(time.Duration(size/60-firstAge) * time.Hour)
	service := &posts.Service{DB: t.db, Origin: "http://bench.test", Now: func() time.Time { return newest }}
	for _, sort := range community.PostSorts {
		for _, within := range []community.Within{"", "day", "month", "year"} {
			if within != "" && !sort.Windowed() {
				continue
			}
			fmt.Printf("  %-9s %9d posts  %-13s %-6s", t.name, size, sort, within)
			for _, feed := range []string{"all", "group", "home"} {
				var list series
				for range probes / 4 {
					query := community.FeedQuery{Sort: sort, Within: within}
					switch feed {
					case "group":
						query.Group = community.ActorID(1 + rand.N(feedGroups))
					case "home":
						query.Reader = reader.ID
					}
					took, err := probe(ctx, service, reader, query)
					if err != nil {
						return err
					}
					list = append(list, took...)
				}
				fmt.Printf("  %s %s/%s", feed, short(list.at(0.5)), short(list.at(0.99)))
			}
			fmt.Println()
		}
	}
	return nil
}

// probe reads the first page and, now and then, some more.
func probe(ctx context.Context, service *posts.Service, reader *community.Actor, query community.FeedQuery) (took series, err error) {
	query.Limit = feedPage
	for range 1 + rand.N(3) {
		began := time.Now()
		_, next, err := service.Feed(ctx, reader, query)
		if err != nil {
			return nil, err
		}
		took.add(float64(time.Since(began).Microseconds()) / 1000)
		if next == "" {
			break
		}
		query.After = next
	}
	return took, nil
}
