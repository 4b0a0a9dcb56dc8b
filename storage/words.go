package storage

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// What is searched. Words are kept beside what was said, in tables of their
// own: triggers note what has other words now, in the transaction that changes
// them, and whoever calls IndexWords reads these and keeps their words.
const (
	wordsOfPosts    = "post"
	wordsOfComments = "comment"
	wordsOfActors   = "actor"
	wordsOfConsent  = "consent" // all that an actor wrote, or that was written in a group
)

// mostTokens bounds how much of a text can be found.
const mostTokens = 20_000

// keyBits is where the number in a key ends and the hour begins.
const keyBits = 40

// wordsKey is where something is in the order of time.
func wordsKey(born float64, id int64) int64 { return max(0, int64(born))<<keyBits | id }

func idOfKey(key int64) int64 { return key & (1<<keyBits - 1) }

// A document is what is found by its words.
type document struct {
	key      int64
	title    []string
	body     []string
	marks    []string // what else it is found by, as in "g:7": always with a colon
	language string
	timed    bool // its key is in the order of time
}

func tokens(text string) []string {
	all := community.Tokens(text)
	words := make([]string, 0, len(all))
	for _, token := range all[:min(len(all), mostTokens)] {
		words = append(words, token.Word)
	}
	return words
}

// A staleRow says that something has other words now.
type staleRow struct {
	ID        int64
	Kind      string
	SubjectID int64
}

// IndexWords keeps the words of what changed, and then goes on with reading
// everything again, if that was asked for. It reports how much it did: nothing
// is left when that is 0.
func (db *DB) IndexWords(ctx context.Context, most int) (done int, err error) {
	defer db.wrap(&err, "IndexWords")
	var waits bool
	err = db.read.NewRaw("SELECT EXISTS (SELECT 1 FROM stale_words) OR EXISTS (SELECT 1 FROM word_progress)").Scan(ctx, &waits)
	if err != nil || !waits {
		return 0, err
	}
	err = db.InTx(ctx, func(tx *DB) error {
		var rows []staleRow
		err := tx.write.NewRaw("SELECT id, kind, subject_id FROM stale_words ORDER BY id LIMIT ? "+tx.root.dialect.skipLocked(), most).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		if done = len(rows); done == 0 {
			done, err = tx.goOnIndexing(ctx, most)
			return err
		}
		ids, subjects := make([]int64, len(rows)), map[string][]int64{}
		for i, row := range rows {
			ids[i] = row.ID
			subjects[row.Kind] = append(subjects[row.Kind], row.SubjectID)
		}
		if _, err := tx.write.NewRaw("DELETE FROM stale_words WHERE id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
		for _, kind := range []string{wordsOfPosts, wordsOfComments, wordsOfActors} {
			if err := tx.index(ctx, kind, unique(subjects[kind])); err != nil {
				return err
			}
		}
		return tx.reconsider(ctx, unique(subjects[wordsOfConsent]))
	})
	return done, err
}

// reconsider notes that everything that actors wrote, or that was written in
// groups, may be found now, or may not.
func (db *DB) reconsider(ctx context.Context, actors []int64) error {
	for _, id := range actors {
		for _, query := range []string{
			"SELECT 'post', id FROM posts WHERE author_id = ?", "SELECT 'comment', id FROM comments WHERE author_id = ?",
			"SELECT 'post', id FROM posts WHERE group_id = ?", "SELECT 'comment', id FROM comments WHERE group_id = ?",
		} {
			if _, err := db.write.NewRaw("INSERT INTO stale_words (kind, subject_id) "+query, id).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// goOnIndexing reads on where reading everything again has come to.
func (db *DB) goOnIndexing(ctx context.Context, most int) (int, error) {
	var at []struct {
		Kind     string
		Position int64
	}
	err := db.write.NewRaw("SELECT kind, position FROM word_progress ORDER BY kind DESC LIMIT 1 "+db.root.dialect.skipLocked()).Scan(ctx, &at)
	if err != nil || len(at) == 0 {
		return 0, err
	}
	kind := at[0].Kind
	var ids []int64
	err = db.read.NewRaw("SELECT id FROM "+kind+"s WHERE id > ? ORDER BY id LIMIT ?", at[0].Position, most).Scan(ctx, &ids)
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		_, err = db.write.NewRaw("DELETE FROM word_progress WHERE kind = ?", kind).Exec(ctx)
		return 1, err // there may be another kind
	}
	if err := db.index(ctx, kind, ids); err != nil {
		return 0, err
	}
	_, err = db.write.NewRaw("UPDATE word_progress SET position = ? WHERE kind = ?", ids[len(ids)-1], kind).Exec(ctx)
	return len(ids), err
}

// RebuildWords asks for all words to be read again. It goes on where an
// earlier one was interrupted, unless anew is set.
func (db *DB) RebuildWords(ctx context.Context, anew bool) (err error) {
	defer db.wrap(&err, "RebuildWords")
	return db.InTx(ctx, func(tx *DB) error {
		left, err := tx.read.NewSelect().TableExpr("word_progress").Count(ctx)
		if err != nil || left > 0 && !anew {
			return err
		}
		_, err = tx.write.NewRaw("INSERT INTO word_progress (kind, position) VALUES ('post', 0), ('comment', 0), ('actor', 0)" +
			" ON CONFLICT (kind) DO UPDATE SET position = 0").Exec(ctx)
		return err
	})
}

// UnreadWords counts what is left of reading everything again, and what
// changed meanwhile.
func (db *DB) UnreadWords(ctx context.Context) (left int64, err error) {
	defer db.wrap(&err, "UnreadWords")
	err = db.read.NewRaw("SELECT (SELECT count(*) FROM stale_words)"+
		" + coalesce((SELECT (SELECT count(*) FROM posts WHERE id > w.position) FROM word_progress AS w WHERE w.kind = 'post'), 0)"+
		" + coalesce((SELECT (SELECT count(*) FROM comments WHERE id > w.position) FROM word_progress AS w WHERE w.kind = 'comment'), 0)"+
		" + coalesce((SELECT (SELECT count(*) FROM actors WHERE id > w.position) FROM word_progress AS w WHERE w.kind = 'actor'), 0)").Scan(ctx, &left)
	return left, err
}

// index keeps the words of some posts, comments or actors.
func (db *DB) index(ctx context.Context, kind string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var docs []document
	var err error
	switch kind {
	case wordsOfPosts:
		docs, err = db.postDocuments(ctx, ids)
	case wordsOfComments:
		docs, err = db.commentDocuments(ctx, ids)
	default:
		if err := db.root.dialect.forgetWords(ctx, db.write, kind+"_words", ids); err != nil {
			return err // who is gone is not even a number there
		}
		docs, err = db.actorDocuments(ctx, ids)
	}
	if err != nil || len(docs) == 0 {
		return err
	}
	if err := db.noteLanguages(ctx, docs); err != nil {
		return err
	}
	return db.root.dialect.keepWords(ctx, db.write, kind+"_words", docs)
}

func (db *DB) noteLanguages(ctx context.Context, docs []document) error {
	var languages []string
	for _, d := range docs {
		if d.language != "" && !slices.Contains(languages, d.language) {
			languages = append(languages, d.language)
		}
	}
	slices.Sort(languages)
	for _, l := range languages {
		if _, err := db.write.NewRaw("INSERT INTO word_languages (language) VALUES (?) ON CONFLICT DO NOTHING", l).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A saying is a post or comment as its words are read.
type saying struct {
	ID, AuthorID, GroupID             int64
	Kind, Title, Body, Link, Language string
	Born                              float64
	Findable                          bool
}

const findable = "(a.indexable AND (g.indexable OR g.visibility <> '')) AS findable"

func (db *DB) postDocuments(ctx context.Context, ids []int64) ([]document, error) {
	var rows []saying
	err := db.read.NewRaw("SELECT p.id, p.author_id, p.group_id, p.kind, p.title, p.body, p.link, p.language, p.born, "+findable+
		" FROM posts AS p JOIN actors AS a ON a.id = p.author_id JOIN actors AS g ON g.id = p.group_id WHERE p.id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	docs := make([]document, len(rows))
	for i := range rows {
		docs[i] = rows[i].document()
		docs[i].marks = append(docs[i].marks, "k:"+rows[i].Kind)
		for _, site := range community.LinkSites(rows[i].Link) {
			docs[i].marks = append(docs[i].marks, "s:"+site)
		}
	}
	return docs, err
}

func (db *DB) commentDocuments(ctx context.Context, ids []int64) ([]document, error) {
	var rows []saying
	err := db.read.NewRaw("SELECT c.id, c.author_id, c.group_id, c.body, c.language, c.born, "+findable+
		" FROM comments AS c JOIN actors AS a ON a.id = c.author_id JOIN actors AS g ON g.id = c.group_id WHERE c.id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	docs := make([]document, len(rows))
	for i := range rows {
		docs[i] = rows[i].document()
	}
	return docs, err
}

func (s *saying) document() document {
	d := document{key: wordsKey(s.Born, s.ID), title: tokens(s.Title), body: tokens(s.Body), timed: true, language: languageMark(s.Language)}
	d.marks = []string{"a:" + strconv.FormatInt(s.AuthorID, 10), "g:" + strconv.FormatInt(s.GroupID, 10)}
	if s.Findable {
		d.marks = append(d.marks, "f:1")
	}
	if d.language != "" {
		d.marks = append(d.marks, "l:"+d.language)
	}
	return d
}

// languageMark is the first part of a language's tag, if it is one.
func languageMark(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	if len(tag) > 8 || strings.ContainsFunc(tag, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return tag
}

func (db *DB) actorDocuments(ctx context.Context, ids []int64) ([]document, error) {
	var rows []struct {
		ID                         int64
		Kind, Name, Title, Summary string
	}
	err := db.read.NewRaw("SELECT id, kind, name, title, summary FROM actors WHERE id IN (?) AND kind IN ('person', 'service', 'group') AND (kind = 'group' OR deleted_at IS NULL)", bun.List(ids)).Scan(ctx, &rows)
	docs := make([]document, len(rows))
	for i, r := range rows {
		kind := "k:person"
		if r.Kind == string(community.GroupKind) {
			kind = "k:group"
		}
		docs[i] = document{key: r.ID, title: append(tokens(r.Name), tokens(r.Title)...), body: tokens(r.Summary), marks: []string{kind}}
	}
	return docs, err
}
