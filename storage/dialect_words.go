package storage

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// A probe asks for what has words and marks, newest first.
type probe struct {
	terms []community.Term
	marks [][]string // one of each
	title bool       // the words are in the title
	timed bool
	below int64 // keys
	above int64
	limit int
	stems map[string][]string // other forms of words, by word; see stems
}

// keepWords puts documents into the tables of full-text search.
func (sqlite) keepWords(ctx context.Context, tx bun.IDB, table string, docs []document) error {
	for _, d := range docs {
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO "+table+" (rowid, title, body, marks) VALUES (?, ?, ?, ?)",
			d.key, strings.Join(d.title, " "), strings.Join(d.body, " "), strings.Join(d.marks, " "))
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetWords takes documents out of them.
func (sqlite) forgetWords(ctx context.Context, tx bun.IDB, table string, keys []int64) error {
	_, err := tx.NewRaw("DELETE FROM "+table+" WHERE rowid IN (?)", bun.List(keys)).Exec(ctx)
	return err
}

// hits walks the lists of words from their ends, so that what is newest of
// even the commonest word is there at once.
func (sqlite) hits(ctx context.Context, db bun.IDB, table string, p probe) (keys []int64, err error) {
	err = db.NewRaw("SELECT rowid FROM "+table+" WHERE "+table+" MATCH ? AND rowid < ? AND rowid >= ? ORDER BY rowid DESC LIMIT ?",
		matchFTS(p), p.below, p.above, p.limit).Scan(ctx, &keys)
	return keys, err
}

// stems are nothing: SQLite knows no language.
func (sqlite) stems(context.Context, bun.IDB, []string, []string) (map[string][]string, error) {
	return nil, nil
}

// matchFTS writes a probe in the language of FTS5. Words hold letters and
// digits only, and quotes keep them from being read as anything else.
func matchFTS(p probe) string {
	where := "{title body} : "
	if p.title {
		where = "{title} : "
	}
	var all, not []string
	for _, t := range p.terms {
		text := where + `"` + strings.Join(t.Words, " ") + `"`
		if t.Prefix {
			text += "*"
		}
		if t.Not {
			not = append(not, "("+text+")")
		} else {
			all = append(all, "("+text+")")
		}
	}
	for _, any := range p.marks {
		quoted := make([]string, len(any))
		for i, mark := range any {
			quoted[i] = `"` + mark + `"`
		}
		all = append(all, "(marks : ("+strings.Join(quoted, " OR ")+"))")
	}
	query := "(" + strings.Join(all, " AND ") + ")"
	for _, n := range not {
		query += " NOT " + n
	}
	return query
}

// Postgres keeps a list of documents by word too, but has no way to walk it
// from its end. So every document has marks of when it was written, in blocks
// of 16, 256 and 4,096 hours, and a word is looked for in the newest blocks
// first, and in more of them until there is enough: the lists are intersected
// from their shorter one, which bounds the work by the size of the blocks for
// common words and by the number of documents for rare ones.
var wordBlocks = []struct{ shift, blocks int64 }{{4, 2}, {4, 8}, {8, 2}, {8, 6}, {12, 2}, {12, 6}}

func blockMark(shift, hour int64) string {
	return "h:" + strconv.FormatInt(shift, 10) + "-" + strconv.FormatInt(hour>>shift, 10)
}

func (postgres) keepWords(ctx context.Context, tx bun.IDB, table string, docs []document) error {
	for part := range slices.Chunk(docs, 100) {
		var query strings.Builder
		var args []any
		query.WriteString("INSERT INTO " + table + " (key, words) VALUES ")
		for i, d := range part {
			if i > 0 {
				query.WriteString(", ")
			}
			query.WriteString("(?, CAST(? AS TSVECTOR)")
			args = append(args, d.key, vector(d))
			if config := dictionaries[d.language]; config != "" {
				// The words as their language inflects them, marked with it.
				query.WriteString(" || CAST((SELECT coalesce(string_agg(quote_literal(? || lexeme), ' '), '') FROM unnest(to_tsvector(CAST(? AS REGCONFIG), ?))) AS TSVECTOR)")
				args = append(args, d.language+"/", config, strings.Join(d.title, " ")+" "+strings.Join(d.body, " "))
			}
			query.WriteString(")")
		}
		query.WriteString(" ON CONFLICT (key) DO UPDATE SET words = EXCLUDED.words")
		if _, err := tx.NewRaw(query.String(), args...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (postgres) forgetWords(ctx context.Context, tx bun.IDB, table string, keys []int64) error {
	_, err := tx.NewRaw("DELETE FROM "+table+" WHERE key IN (?)", bun.List(keys)).Exec(ctx)
	return err
}

// mostPosition is the last place that Postgres tells apart.
const mostPosition = 16_383

// vector writes a document as a tsvector. Words hold letters and digits only.
func vector(d document) string {
	var b strings.Builder
	at := 0
	write := func(words []string, weight string) {
		for _, word := range words {
			at++
			b.WriteString("'" + word + "':" + strconv.Itoa(min(at, mostPosition)) + weight + " ")
		}
		at++ // no words follow each other across the end of the title
	}
	write(d.title, "A")
	write(d.body, "")
	for _, mark := range d.marks {
		b.WriteString("'" + mark + "' ")
	}
	if d.timed {
		for _, block := range []int64{4, 8, 12} {
			b.WriteString("'" + blockMark(block, d.key>>keyBits) + "' ")
		}
	}
	return b.String()
}

func (postgres) hits(ctx context.Context, db bun.IDB, table string, p probe) ([]int64, error) {
	query := matchVector(p)
	look := func(query string) (keys []int64, err error) {
		// The sums keep Postgres from walking the primary key instead.
		err = db.NewRaw("SELECT key FROM "+table+" WHERE words @@ CAST(? AS TSQUERY) AND key + 0 < ? AND key + 0 >= ? ORDER BY key + 0 DESC LIMIT ?",
			query, p.below, p.above, p.limit).Scan(ctx, &keys)
		return keys, err
	}
	if !p.timed {
		return look(query)
	}
	var top int64
	if err := db.NewRaw("SELECT coalesce(max(key), 0) FROM "+table+" WHERE key < ?", p.below).Scan(ctx, &top); err != nil {
		return nil, err
	}
	hour := top >> keyBits
	for i := 0; i < len(wordBlocks); i++ {
		step := wordBlocks[i]
		first := hour>>step.shift - step.blocks + 1
		if first <= 0 || first<<step.shift <= p.above>>keyBits {
			break // as well all at once
		}
		marks := make([]string, 0, step.blocks)
		for block := first; block <= hour>>step.shift; block++ {
			marks = append(marks, "'"+blockMark(step.shift, block<<step.shift)+"'")
		}
		keys, err := look("(" + query + ") & (" + strings.Join(marks, " | ") + ")")
		if err != nil || len(keys) >= p.limit {
			return keys, err
		}
		if len(keys) < p.limit/8 {
			i++ // the next step would not be enough
		}
	}
	return look(query)
}

// matchVector writes a probe as a tsquery.
func matchVector(p probe) string {
	var all []string
	for _, t := range p.terms {
		words := make([]string, len(t.Words))
		for i, word := range t.Words {
			words[i] = "'" + word + "'"
			prefix := ""
			if t.Prefix && i == len(t.Words)-1 {
				prefix = "*"
			}
			if p.title {
				prefix += "A"
			}
			if prefix != "" {
				words[i] += ":" + prefix
			}
		}
		text := strings.Join(words, " <-> ")
		if len(words) == 1 && !t.Exact && !t.Prefix && !p.title {
			for _, stem := range p.stems[t.Words[0]] {
				text += " | '" + stem + "'"
			}
		}
		if t.Not {
			text = "!(" + text + ")"
		}
		all = append(all, "("+text+")")
	}
	for _, any := range p.marks {
		all = append(all, "('"+strings.Join(any, "' | '")+"')")
	}
	return strings.Join(all, " & ")
}

// dictionaries are the languages whose inflections Postgres knows.
var dictionaries = map[string]string{
	"ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "eu": "basque",
	"fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
	"lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese",
	"ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}

// stems asks for the form of words under which each language keeps their
// inflections.
func (postgres) stems(ctx context.Context, db bun.IDB, words, languages []string) (map[string][]string, error) {
	var parts []string
	var args []any
	for _, language := range languages {
		config := dictionaries[language]
		if config == "" {
			continue
		}
		for _, word := range words {
			parts = append(parts, "SELECT ? AS word, ? || lexeme AS stem FROM unnest(to_tsvector(CAST(? AS REGCONFIG), ?))")
			args = append(args, word, language+"/", config, word)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	var rows []struct{ Word, Stem string }
	if err := db.NewRaw(strings.Join(parts, " UNION ALL "), args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for _, row := range rows {
		if !strings.ContainsAny(row.Stem, `'\`) {
			found[row.Word] = append(found[row.Word], row.Stem)
		}
	}
	return found, nil
}
