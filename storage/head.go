package storage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// A head is the best post of one place that the reader has not passed yet.
type head struct {
	Place community.ActorID
	Rank  float64
}

// headColumns are where a group keeps the rank of its best post, by what a feed
// is ordered by. They are renewed with the counters that ranks depend on
// (Fold), so that a group in which nothing waits to be counted has there what
// its posts say. What is ordered otherwise is looked for among the posts.
var headColumns = map[string]string{"p.hot_group": "hot", "p.active": "active", "p.born": "born", "p.score": "score"}

// heads returns the best of the best posts of the places of a well, the best
// first.
func (db *DB) heads(ctx context.Context, w well, o order, after keyset, limit int) ([]head, error) {
	column := headColumns[o.rank]
	first, later := w.where == shown, w.where == shown+o.passes()
	if o.up || w.column != "p.group_id" || column == "" || !first && !later {
		return db.headsAmong(ctx, w, o, limit)
	}
	var kept []struct {
		Place community.ActorID
		Rank  *float64
		Waits bool // something there came or went that is not counted yet
	}
	err := db.read.NewRaw("SELECT m.place, "+float("h."+column)+" AS rank, EXISTS (SELECT 1 FROM deltas AS d WHERE d.kind = ? AND d.subject_id = m.place AND d.field IN (?, ?)) AS waits"+
		" FROM ("+w.places+") AS m LEFT JOIN group_heads AS h ON h.id = m.place",
		append([]any{community.SubjectActor, posts, listed}, w.args...)...).Scan(ctx, &kept)
	if err != nil {
		return nil, err
	}
	var known []head
	var open []community.ActorID
	for _, k := range kept {
		switch {
		case k.Waits || k.Rank != nil && later && *k.Rank >= after.Rank: // its best post was passed, or may have been
			open = append(open, k.Place)
		case k.Rank != nil:
			known = append(known, head{k.Place, *k.Rank})
		}
	}
	return db.best(ctx, w, o, known, open, limit)
}

// best returns the best of heads that are known and of those of more places.
func (db *DB) best(ctx context.Context, w well, o order, known []head, open []community.ActorID, limit int) ([]head, error) {
	for {
		all := known
		if len(open) > 0 {
			w.places, w.args = "SELECT a.id AS place FROM actors AS a WHERE a.id IN (?)", []any{bun.List(open)}
			found, err := db.headsAmong(ctx, w, o, limit)
			if err != nil {
				return nil, err
			}
			all = append(found, known...) // those found stay in their order
		}
		slices.SortStableFunc(all, func(a, b head) int { return cmp.Compare(b.Rank, a.Rank) })
		if len(all) <= limit {
			return all, nil
		}
		// Among equal ranks ids decide, and with a rank that is kept there is none.
		worst, ties := all[limit-1].Rank, len(open)
		if all[limit].Rank == worst {
			known = slices.DeleteFunc(slices.Clone(known), func(h head) bool {
				if h.Rank == worst {
					open = append(open, h.Place)
				}
				return h.Rank == worst
			})
		}
		if len(open) == ties {
			return all[:limit], nil
		}
	}
}

// headsAmong looks for the best post of each place.
func (db *DB) headsAmong(ctx context.Context, w well, o order, limit int) ([]head, error) {
	args := append(append(append([]any{}, w.values...), w.args...), limit)
	var heads []head
	// Ids decide between equal ranks here too, or a winner could be missed.
	err := db.read.NewRaw("SELECT heads.place, "+float(o.rank)+" AS rank FROM (SELECT m.place, (SELECT p.id FROM posts AS p WHERE "+w.column+" = m.place AND "+w.where+
		" ORDER BY "+o.by(o.rank)+" LIMIT 1) AS id FROM ("+w.places+") AS m) AS heads"+
		" JOIN posts AS p ON p.id = heads.id ORDER BY "+o.by(o.rank)+" LIMIT ?", args...).Scan(ctx, &heads)
	return heads, err
}

// renewHeads looks for the best posts of groups. Only groups have them.
func (db *DB) renewHeads(ctx context.Context, groups []int64) error {
	ids := bun.List(groups)
	_, err := db.write.NewRaw("INSERT INTO group_heads (id) SELECT id FROM actors WHERE kind = 'group' AND id IN (?) ORDER BY id ON CONFLICT DO NOTHING", ids).Exec(ctx)
	if err != nil {
		return err
	}
	if err := db.queue(ctx, "group_heads", "id IN (?)", ids); err != nil {
		return err
	}
	var set []string
	for column, kept := range headColumns {
		set = append(set, kept+" = (SELECT "+column+" FROM posts AS p WHERE p.group_id = group_heads.id AND "+shown+" ORDER BY "+column+" DESC, p.id DESC LIMIT 1)")
	}
	slices.Sort(set) // one statement, always the same
	_, err = db.write.NewRaw("UPDATE group_heads SET "+strings.Join(set, ", ")+" WHERE id IN (?)", ids).Exec(ctx)
	return err
}
