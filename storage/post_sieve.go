package storage

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Bounds of what is read to fill one page.
const (
	mostSifted = 3000 // positions of a feed that are looked at
	mostMerged = 200  // and at once, where many groups are merged: a part of the query each
)

// A position is a row of a feed before anybody looked into its post.
type position struct {
	ID   community.PostID
	Rank float64
	Away bool // its author is kept away
}

// sieve reads a page for somebody who keeps things away. It takes the feed as
// everybody has it, in slices, has the database say of each slice what is kept
// away, looks for words in the rest, and goes on until the page is full. Asking
// for the posts that are left at once would have the database read each group
// to its end in which nobody else writes; so it reads what stands above the end
// of the page and little more. Where that is too much, the page is short, and
// its cursor goes on after the last post that was looked at.
func (db *DB) sieve(ctx context.Context, query community.FeedQuery, after keyset) (posts []*community.Post, next string, err error) {
	wanted, most := query.Limit, mostSifted
	if merges(query) {
		most = mostMerged
	}
	query.Limit = min(wanted+wanted/4+1, most)
	if query.Sight.Servers {
		query.Limit = min(2*query.Limit, most) // half of what there is may come from one
	}
	for sifted := 0; sifted < mostSifted; {
		slice, more, err := db.slice(ctx, query, after)
		if err != nil {
			return nil, "", err
		}
		var page map[community.PostID]*community.Post
		left := slices.DeleteFunc(slices.Clone(slice), func(at position) bool { return at.Away })
		for i, at := range left {
			if len(posts) == wanted {
				return posts, after.String(), nil
			}
			if i%wanted == 0 {
				if page, err = db.listed(ctx, left[i:min(i+wanted, len(left))]); err != nil {
					return nil, "", err
				}
			}
			after, query.After = keyset{at.Rank, int64(at.ID)}, "on"
			if p := page[at.ID]; p != nil && !query.Sight.Hides(community.InFeeds, p.AuthorID, p.Title, p.Body, p.Link) {
				posts = append(posts, p)
			}
		}
		if !more {
			return posts, "", nil
		}
		last := slice[len(slice)-1]
		after, query.After = keyset{last.Rank, int64(last.ID)}, "on"
		if len(posts) == wanted {
			break
		}
		sifted += len(slice)
		query.Limit = min(further(wanted-len(posts), len(posts), sifted), most)
	}
	return posts, after.String(), nil
}

// further is how many positions to look at for so many posts, where so many
// were found among others: half as many again as the share of these suggests.
func further(missing, found, among int) int {
	if found == 0 {
		return 4 * among
	}
	return max(10, 3*missing*among/found/2)
}

// slice reads the next positions of a feed, and reports whether there are
// more.
func (db *DB) slice(ctx context.Context, query community.FeedQuery, after keyset) (list []position, more bool, err error) {
	var best any
	how := fromLists
	if query.Group != 0 || query.Listed != 0 {
		how = fromGroup // groups that are kept away are not merged, but people write in them
	}
	if !merges(query) {
		best = db.walked(query, after, "p.id, p.author_id, p.group_id")
	} else if q, err := db.merged(ctx, query, after); err != nil || q == nil {
		return nil, false, err
	} else {
		best = q
	}
	away := "FALSE"
	where, args := sighted(query.Sight, "best.author_id", "best.group_id", how)
	if where != "" {
		away = "NOT (" + where[len(" AND "):] + ")"
	}
	err = db.read.NewRaw("SELECT best.id, best.rank, "+away+" AS away FROM (?) AS best ORDER BY "+orderOf(query).sorted("best.rank", "best.id"), append(args, best)...).Scan(ctx, &list)
	more = len(list) > query.Limit
	return list[:min(len(list), query.Limit)], more, err
}

// listed returns the posts at some positions, as lists show them.
func (db *DB) listed(ctx context.Context, at []position) (map[community.PostID]*community.Post, error) {
	ids := make([]community.PostID, len(at))
	for i := range at {
		ids[i] = at[i].ID
	}
	var list []*community.Post
	err := db.read.NewSelect().TableExpr("posts AS p").ColumnExpr(feedColumns).Where("p.id IN (?)", bun.List(ids)).Scan(ctx, &list)
	found := make(map[community.PostID]*community.Post, len(list))
	for _, p := range list {
		found[p.ID] = p
	}
	return found, err
}
