package storage

import (
	"context"

	"drystone/community"
)

// longWindow is from how many hours on the best posts of a stretch of time are
// looked for by walking down all that there is from the best, and no longer by
// reading the stretch and sorting it.
const longWindow = 15 * 24

// An order is how a feed is put in order. Each column has an index that begins
// where the feed does, and so gives it in order.
type order struct {
	rank  string // the column, of posts AS p
	up    bool   // the smallest first
	where string // the condition on the posts that it has, or empty
	args  []any
}

// orderOf is the order of a feed. The sign before a column keeps databases from
// walking its index: that of the hours in a long window, that of the rank in a
// short one.
func orderOf(q community.FeedQuery) order {
	o := order{}
	switch q.Sort {
	case "":
		o.rank = "p.id" // as they came
	case community.New:
		o.rank = "p.born"
	case community.Oldest:
		o.rank, o.up = "p.born", true
	case community.Unanswered:
		o.rank, o.where = "p.born", " AND p.comment_count = 0 AND p.locked_at IS NULL"
	case community.Top:
		o.rank = "p.score"
	case community.Controversial:
		o.rank, o.where = "p.controversial", " AND p.controversial > 0"
	case community.Active:
		o.rank = "p.active"
	case community.Scaled:
		o.rank = "p.scaled"
	default:
		o.rank = "p.hot_group"
		if q.Author == 0 && q.Group == 0 && q.Reader == 0 && q.Listed == 0 { // of hashtags, too
			o.rank = "p.hot_all"
		}
	}
	if q.Since > 0 && q.Sort.Windowed() {
		born := "+p.born"
		if community.Windows[q.Within] < longWindow {
			born, o.rank = "p.born", "+"+o.rank
		}
		o.where += " AND " + born + " >= ?"
		o.args = append(o.args, q.Since)
	}
	return o
}

// by is the order by a column that holds the rank, and then by the ids of
// posts AS p.
func (o order) by(column string) string { return o.sorted(column, "p.id") }

func (o order) sorted(column, id string) string {
	if o.up {
		return column + ", " + id
	}
	return column + " DESC, " + id + " DESC"
}

// beyond is what compares what comes later with what came before.
func (o order) beyond() string {
	if o.up {
		return ">"
	}
	return "<"
}

// passes is the condition on the posts that come after one.
func (o order) passes() string { return " AND (" + o.rank + ", p.id) " + o.beyond() + " (?, ?)" }

// reaching is the condition on a rank that it comes no later than another.
func (o order) reaching() string {
	if o.up {
		return " <= ?"
	}
	return " >= ?"
}

// passed is the condition on the posts that a page may hold.
func passed(query community.FeedQuery, after keyset) (string, []any) {
	o := orderOf(query)
	where, args := shown+o.where, o.args
	if query.After == "" {
		return where, args
	}
	return where + o.passes(), append(args[:len(args):len(args)], after.Rank, after.ID)
}

// crowd is how busy the group of a post is that was born at an hour.
func (db *DB) crowd(ctx context.Context, group community.ActorID, born float64) (float64, error) {
	var hours []float64
	err := db.read.NewRaw("SELECT p.born FROM posts AS p WHERE p.group_id = ? AND "+shown+" AND p.born <= ? ORDER BY p.born DESC, p.id DESC LIMIT ?",
		group, born, community.CrowdOf).Scan(ctx, &hours)
	if err != nil || len(hours) == 0 {
		return 0, err
	}
	return community.Crowd(len(hours), born-hours[len(hours)-1]), nil
}
