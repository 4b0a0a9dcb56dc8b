package storage

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Bounds of a search, so that a word that is everywhere costs no more than
// one that is not.
const (
	mostFound    = 1000   // that are put in order, or counted
	mostRanked   = 300    // whose words are compared with what was asked for
	mostLookedAt = 20_000 // to find those which the reader may see
	chunkOfHits  = 2000
	mostMarks    = 200 // groups that are looked for at once
)

// A FindQuery asks for posts, or comments, by their words.
type FindQuery struct {
	Search    *community.Search
	Comments  bool
	Authors   []community.ActorID // one of these, if any
	Groups    []community.ActorID // the same
	Languages []string            // in whose words the reader thinks, unless the search names one
	Sort      community.FindSort
	Viewer    community.ActorID
	Sight     *community.Sight
	community.Page
}

// Found is what was found: posts or comments, in order.
type Found struct {
	IDs     []int64
	Next    string // the cursor of the next page; empty at the end
	Count   int    // only with the first page; at most a thousand
	More    bool   // than were counted
	Matches *community.Matches
}

// sources are what differs between posts and comments.
type source struct{ table, words, shown, title string }

func (q *FindQuery) source() source {
	if q.Comments {
		return source{"comments", "comment_words", "t.deleted_at IS NULL AND t.removed_at IS NULL", "''"}
	}
	return source{"posts", "post_words", "t.deleted_at IS NULL AND t.removed_at IS NULL", "t.title"}
}

// A find is something found, before it is shown.
type find struct {
	ID    int64
	Score int64
	Born  float64
	Title string
	Body  string

	titled bool // found by its title
	rank   float64
}

func (f *find) key() int64 { return wordsKey(f.Born, f.ID) }

// Find returns what holds all that is asked for and that the reader may find:
// whose author and group let it be found (FEP-5feb), or that the reader wrote.
func (db *DB) Find(ctx context.Context, q FindQuery) (_ *Found, err error) {
	defer db.wrap(&err, "Find")
	p, err := db.probe(ctx, q)
	if err != nil {
		return nil, err
	}
	at, err := q.cursor()
	if err != nil {
		return nil, err
	}
	found := &Found{Matches: matches(q.Search, p.stems)}
	if at.top != 0 {
		p.below = at.top
	}
	if q.Sort == community.FindNew && q.After != "" {
		p.below = at.id // a key
	}
	wanted := mostFound + 1
	if q.Sort == community.FindNew && q.After != "" {
		wanted = q.Limit + 1
	}
	list, err := db.pool(ctx, q, p, wanted)
	if err != nil || len(list) == 0 {
		return found, err
	}
	if q.After == "" {
		found.Count, found.More = min(len(list), mostFound), len(list) > mostFound
	}
	top := list[0].key() + 1
	if at.top != 0 {
		top = at.top
	}
	if list, err = db.order(ctx, q, p, found.Matches, list); err != nil {
		return nil, err
	}
	found.cut(q, at, top, list)
	return found, nil
}

// place is where a page begins: after something with a rank, among what was
// there when the first page was asked for.
type place struct {
	rank float64
	id   int64
	top  int64
}

func (q *FindQuery) cursor() (at place, err error) {
	if q.After == "" {
		return at, nil
	}
	rank, ids, ok := strings.Cut(q.After, "_")
	id, top, ok2 := strings.Cut(ids, "_")
	if !ok || !ok2 {
		return at, errCursor()
	}
	if at.rank, err = strconv.ParseFloat(rank, 64); err == nil {
		at.id, err = strconv.ParseInt(id, 10, 64)
	}
	if err == nil {
		at.top, err = strconv.ParseInt(top, 10, 64)
	}
	if err != nil || math.IsNaN(at.rank) || at.id <= 0 || at.top <= 0 {
		return at, errCursor()
	}
	return at, nil
}

// cut takes a page out of what is in order.
func (f *Found) cut(q FindQuery, at place, top int64, list []*find) {
	for i, one := range list {
		if q.After != "" && q.Sort != community.FindNew && (one.rank > at.rank || one.rank == at.rank && one.key() >= at.id) {
			continue
		}
		if len(f.IDs) == q.Limit {
			last := list[i-1]
			f.Next = community.Cursor(last.rank, last.key(), top)
			return
		}
		f.IDs = append(f.IDs, one.ID)
	}
}

// probe is what is asked of the tables of words.
func (db *DB) probe(ctx context.Context, q FindQuery) (p probe, err error) {
	s := q.Search
	p = probe{terms: s.Terms, timed: true, below: math.MaxInt64, limit: chunkOfHits}
	p.marks = append(p.marks, []string{"f:1"})
	if q.Viewer != 0 {
		p.marks[0] = append(p.marks[0], "a:"+strconv.FormatInt(int64(q.Viewer), 10))
	}
	p.add("a:", numbers(q.Authors))
	if len(q.Groups) <= mostMarks {
		p.add("g:", numbers(q.Groups))
	}
	p.add("l:", s.Languages)
	p.add("s:", s.Sites)
	if !q.Comments && !slices.Contains(s.Kinds, "post") {
		p.add("k:", slices.DeleteFunc(slices.Clone(s.Kinds), func(k string) bool { return k == "comment" }))
	}
	if !s.Before.IsZero() {
		p.below = (max(0, int64(community.Hours(s.Before))) + 1) << keyBits
	}
	if !s.After.IsZero() {
		p.above = max(0, int64(community.Hours(s.After))) << keyBits
	}
	var words []string
	for _, t := range s.Terms {
		if len(t.Words) == 1 && !t.Exact && !t.Prefix {
			words = append(words, t.Words[0])
		}
	}
	languages := s.Languages
	if len(languages) == 0 {
		if err := db.read.NewRaw("SELECT language FROM word_languages ORDER BY language LIMIT 40").Scan(ctx, &languages); err != nil {
			return p, err
		}
	}
	p.stems, err = db.root.dialect.stems(ctx, db.read, words, languages)
	return p, err
}

func (p *probe) add(prefix string, values []string) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = prefix + v
	}
	p.marks = append(p.marks, marks)
}

func numbers[T ~int64](ids []T) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = strconv.FormatInt(int64(id), 10)
	}
	return all
}

// pool collects the newest of what is asked for that the reader may find, and,
// where there is more than is put in order, of what has the words in its title.
func (db *DB) pool(ctx context.Context, q FindQuery, p probe, wanted int) ([]*find, error) {
	list, err := db.visible(ctx, q, p, wanted)
	if err != nil || len(list) < wanted || q.Comments || q.Sort == community.FindNew || len(p.terms) == 0 {
		return list, err
	}
	p.title, p.stems = true, nil
	titled, err := db.visible(ctx, q, p, mostRanked)
	if err != nil {
		return nil, err
	}
	have := make(map[int64]bool, len(list))
	for _, f := range list {
		have[f.ID] = true
	}
	for _, f := range titled {
		f.titled = true
		if !have[f.ID] {
			list = append(list, f)
		}
	}
	return list, nil
}

// visible walks what a probe finds, newest first, until there are as many as
// are wanted of what the reader may see.
func (db *DB) visible(ctx context.Context, q FindQuery, p probe, wanted int) (list []*find, err error) {
	p.limit = min(chunkOfHits, max(4*q.Limit, wanted))
	for looked := 0; looked < mostLookedAt; {
		keys, err := db.root.dialect.hits(ctx, db.read, q.source().words, p)
		if err != nil || len(keys) == 0 {
			return list, err
		}
		some, err := db.mayFind(ctx, q, keys)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
		if len(keys) < p.limit || len(list) >= wanted {
			break
		}
		looked += len(keys)
		p.below = keys[len(keys)-1]
		p.limit = chunkOfHits
	}
	return list[:min(len(list), wanted)], nil
}

// mayBeFound are the posts or comments that a reader may find by their words:
// those whose author and group did not ask to be left out (FEP-5feb), and what
// the reader wrote. Whoever may read a group that is not open may search it too.
const mayBeFound = "(t.author_id = ? OR NOT EXISTS (SELECT 1 FROM actors AS a WHERE a.id IN (t.author_id, t.group_id) AND NOT a.indexable AND a.visibility = ''))"

// mayFind leaves out what the reader may not find, whatever its marks say: an
// author's no holds at once.
func (db *DB) mayFind(ctx context.Context, q FindQuery, keys []int64) (list []*find, err error) {
	ids := make([]int64, len(keys))
	for i, key := range keys {
		ids[i] = idOfKey(key)
	}
	from := q.source()
	query := db.read.NewSelect().TableExpr(from.table+" AS t").ColumnExpr("t.id, t.score, t.born").
		Where("t.id IN (?)", bun.List(ids)).Where(from.shown).Where(mayBeFound, q.Viewer)
	query = readable(query, "t.group_id", q.Viewer)
	query = seen(query, q.Sight, "t.author_id", "t.group_id", fromLists)
	if len(q.Groups) > mostMarks {
		query = query.Where("t.group_id IN (?)", bun.List(q.Groups))
	}
	if !q.Search.Before.IsZero() {
		query = query.Where("t.created_at < ?", q.Search.Before)
	}
	if !q.Search.After.IsZero() {
		query = query.Where("t.created_at >= ?", q.Search.After)
	}
	if err := query.Scan(ctx, &list); err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b *find) int { return cmp.Compare(b.key(), a.key()) })
	return list, nil
}

// order puts what was found in order.
func (db *DB) order(ctx context.Context, q FindQuery, p probe, m *community.Matches, list []*find) ([]*find, error) {
	for _, f := range list {
		switch q.Sort {
		case community.FindNew:
		case community.FindTop:
			f.rank = float64(f.Score)
		default:
			// What is known without its words; it decides which are looked at.
			f.rank = community.Appeal(f.Score) - 0.1*math.Log2(1+max(0, list[0].Born-f.Born)/24)
			if f.titled {
				f.rank += 3 // what a title weighs
			}
		}
	}
	byRank(list)
	if q.Sort != community.FindBest && q.Sort != "" || len(p.terms) == 0 {
		return list, nil
	}
	return db.rankWords(ctx, q, m, list)
}

func byRank(list []*find) {
	slices.SortFunc(list, func(a, b *find) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.key(), a.key()))
	})
}

// rankWords compares the words of the likeliest with what was asked for.
func (db *DB) rankWords(ctx context.Context, q FindQuery, m *community.Matches, list []*find) ([]*find, error) {
	list = list[:min(len(list), mostRanked)]
	ids := make([]int64, len(list))
	byID := make(map[int64]*find, len(list))
	for i, f := range list {
		ids[i], byID[f.ID] = f.ID, f
	}
	from := q.source()
	var rows []find
	err := db.read.NewSelect().TableExpr(from.table+" AS t").ColumnExpr("t.id, "+from.title+" AS title, substr(t.body, 1, 1500) AS body").
		Where("t.id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		f := byID[row.ID]
		if f.titled {
			f.rank -= 3
		}
		f.rank += m.Weigh(row.Title, row.Body)
	}
	byRank(list)
	return list, nil
}

// matches is what a search looks for, for who weighs and shows it.
func matches(s *community.Search, stems map[string][]string) *community.Matches {
	m := &community.Matches{}
	for _, t := range s.Terms {
		if !t.Not {
			m.Terms = append(m.Terms, t)
		}
	}
	for _, forms := range stems {
		for _, form := range forms {
			_, stem, _ := strings.Cut(form, "/")
			m.Stems = append(m.Stems, stem)
		}
	}
	return m
}

// FindActors lists people, or groups, by words of their names and of what is
// said of them, and by how their names begin, those nearest to the reader
// first. Who does not want to be listed is found by the whole handle only.
func (db *DB) FindActors(ctx context.Context, terms []community.Term, q community.Beginning) (_ []*community.Actor, err error) {
	defer db.wrap(&err, "FindActors(%s)", q.Name)
	found, err := db.Begin(ctx, q)
	if err != nil || len(terms) == 0 {
		return found, err
	}
	kind := "k:person"
	if q.Groups {
		kind = "k:group"
	}
	keys, err := db.root.dialect.hits(ctx, db.read, "actor_words", probe{terms: terms, marks: [][]string{{kind}}, below: math.MaxInt64, limit: mostRanked})
	if err != nil || len(keys) == 0 {
		return found, err
	}
	var more []*community.Actor
	query := db.read.NewSelect().TableExpr("actors AS a").ColumnExpr("a.*").Where(living(q.Groups)).Where("a.discoverable AND a.id IN (?)", bun.List(keys))
	if err := allowed(query, q).OrderExpr("a.member_count DESC, a.id DESC").Scan(ctx, &more); err != nil {
		return nil, err
	}
	for _, a := range more {
		if !slices.ContainsFunc(found, func(b *community.Actor) bool { return b.ID == a.ID }) {
			found = append(found, a)
		}
	}
	if err := db.nearest(ctx, q, found); err != nil {
		return nil, err
	}
	return found[:min(len(found), q.Limit)], nil
}

// JoinedIDs lists the groups that somebody is a member of.
func (db *DB) JoinedIDs(ctx context.Context, who community.ActorID) (ids []community.ActorID, err error) {
	defer db.wrap(&err, "JoinedIDs(%d)", who)
	err = db.read.NewRaw("SELECT group_id FROM memberships WHERE actor_id = ? AND state = 'accepted' ORDER BY group_id", who).Scan(ctx, &ids)
	return ids, err
}
