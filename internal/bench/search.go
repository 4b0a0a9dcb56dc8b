package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"drystone/community"
	"drystone/service/search"
)

const (
	answersEach  = 5      // comments a post
	vocabulary   = 50_000 // words, the first ones far more often than the others
	searchProbes = 60     // of a kind, in every round
	searchYears  = 3      // over which all was written
)

// searchPart measures search as what is searched grows: for words that are
// nearly everywhere, that are in a tenth, a hundredth and a thousandth of what
// was said, and that are rare.
func searchPart(ctx context.Context, s settings, targets []*target) error {
	fmt.Printf("search     posts with %d comments each, signed in; ms: p50/p99 by how common the words are\n", answersEach)
	for _, t := range targets {
		db, err := t.fresh(ctx, "search")
		if err != nil {
			return err
		}
		if err := errors.Join(db.searchSizes(ctx, s), db.db.Close()); err != nil {
			return err
		}
	}
	fmt.Println()
	return nil
}

func (t *target) searchSizes(ctx context.Context, s settings) error {
	readers, err := t.settle(ctx)
	if err != nil {
		return err
	}
	reader := readers[len(readers)-2]
	statements := []string{"DROP TRIGGER comments_words_add", "UPDATE actors SET indexable = TRUE", "DELETE FROM stale_words"}
	if t.name == "postgres" {
		statements[0] += " ON comments"
	}
	for _, statement := range statements {
		if _, err := t.db.Bun().ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	have := 0
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		if size > s.most {
			break
		}
		if err := t.say(ctx, reader, have, size); err != nil {
			return err
		}
		have = size
		began, cpu := time.Now(), ownCPU()
		if err := t.readWords(ctx); err != nil {
			return err
		}
		docs := float64(size * (1 + answersEach))
		fmt.Printf("  %-9s %9d posts  all words read: %.0f µs each, %.0f of them CPU of ours\n", t.name, size,
			float64(time.Since(began).Microseconds())/docs, float64((ownCPU()-cpu).Microseconds())/docs)
		if err := t.probeSearch(ctx, s.rounds, size, reader); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) readWords(ctx context.Context) error {
	if err := t.db.RebuildWords(ctx, true); err != nil {
		return err
	}
	for {
		n, err := t.db.IndexWords(ctx, 2000)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	_, err := t.db.Bun().ExecContext(ctx, "ANALYZE")
	return err
}

// say adds posts up to a number, with their comments, spread over years.
func (t *target) say(ctx context.Context, reader *community.Actor, from, to int) error {
	chance := rand.New(rand.NewPCG(1, uint64(to)))
	zipf := rand.NewZipf(chance, 1.1, 4, vocabulary-1)
	now := time.Now().UTC()
	const step = 500
	for ; from < to; from += step {
		var posts, comments []string
		var postArgs, commentArgs []any
		for i := from + 1; i <= min(from+step, to); i++ {
			// The last ones of a size come in between, as what arrives late does.
			born := now.Add(-time.Duration(chance.Float64() * searchYears * 365 * 24 * float64(time.Hour)))
			hours := community.Hours(born)
			iri := "http://bench.test/post/" + strconv.Itoa(i)
			posts = append(posts, "(?, ?, ?, ?, 'text', ?, ?, 'en', TRUE, ?, ?, ?, 0, 0, 0, ?, ?)")
			score := int(3 / (chance.Float64() + 0.01))
			postArgs = append(postArgs, i, iri, 1+chance.IntN(feedGroups), reader.ID, text(chance, zipf, 8), text(chance, zipf, 30), score, hours, hours, born, now)
			for c := range answersEach {
				id := (i-1)*answersEach + c + 1
				comments = append(comments, "(?, ?, ?, 0, ?, ?, ?, ?, 'en', ?, ?, 0, ?, ?)")
				commentArgs = append(commentArgs, id, "http://bench.test/comment/"+strconv.Itoa(id), i, community.Path(nil, community.CommentID(id)), reader.ID,
					1+chance.IntN(feedGroups), text(chance, zipf, 20), chance.IntN(20), hours+1, born.Add(time.Hour), now)
			}
		}
		_, err := t.db.Bun().ExecContext(ctx, "INSERT INTO posts (id, iri, group_id, author_id, kind, title, body, language, local, score, born, stirred, hot_group, hot_all, active, created_at, arrived_at) VALUES "+
			strings.Join(posts, ", "), postArgs...)
		if err != nil {
			return err
		}
		_, err = t.db.Bun().ExecContext(ctx, "INSERT INTO comments (id, iri, post_id, depth, path, author_id, group_id, body, language, score, born, hot, created_at, arrived_at) VALUES "+
			strings.Join(comments, ", "), commentArgs...)
		if err != nil {
			return err
		}
	}
	return nil
}

// shares are how common the words are that are looked for.
var shares = []struct {
	name string
	one  float64 // of so many texts has one of them
	many int     // of them there are
}{{"everywhere", 1.02, 1}, {"tenth", 10, 9}, {"hundredth", 100, 9}, {"thousandth", 1000, 9}, {"rare", 20_000, 50}}

// text is words as they are distributed in writing, with some of shares.
func text(chance *rand.Rand, zipf *rand.Zipf, length int) string {
	var b strings.Builder
	for range length {
		b.WriteString("w" + strconv.FormatUint(zipf.Uint64(), 36) + " ")
	}
	for _, s := range shares {
		for n := range s.many {
			if chance.Float64() < 1/s.one {
				b.WriteString(s.name + strconv.Itoa(n) + " ")
			}
		}
	}
	return b.String()
}

func (t *target) probeSearch(ctx context.Context, rounds, size int, reader *community.Actor) error {
	service := &search.Service{DB: t.db, Host: "bench.test", Now: time.Now}
	var line strings.Builder
	worst, rare := 0.0, math.Inf(1)
	for _, s := range shares {
		var took series
		for round := range rounds + 1 {
			for i := range searchProbes {
				words := s.name + strconv.Itoa(rand.N(s.many))
				if i%3 == 1 {
					words += " everywhere0"
				}
				began := time.Now()
				_, err := service.Search(ctx, reader, search.Query{
					Search: community.ParseSearch(words), Only: []string{"posts", "comments"}[i%2],
					Sort: []community.FindSort{community.FindBest, community.FindNew, community.FindTop}[i%3], Page: community.Page{Limit: feedPage},
				})
				if err != nil {
					return err
				}
				if round > 0 { // the first warms up
					took.add(float64(time.Since(began).Microseconds()) / 1000)
				}
			}
		}
		fmt.Fprintf(&line, "  %s %s/%s", s.name, short(took.at(0.5)), short(took.at(0.99)))
		worst = max(worst, took.at(0.99))
		rare = took.at(0.99)
	}
	fmt.Printf("  %-9s %9d posts%s  worst p99 %.1f× that of rare words\n", t.name, size, line.String(), worst/rare)
	return nil
}
