package community

import (
	"math"
	"strconv"
	"strings"
)

// A Page says which part of a list is wanted. Limit is the number of rows;
// After is the cursor of the last row of the page before, or empty.
type Page struct {
	Limit int
	After string
}

// Bounds of a page's length.
const (
	DefaultLimit = 25
	MaxLimit     = 100
)

// A FeedQuery says which posts are wanted: by one author, of one group, of
// the groups that a reader joined, with a hashtag, of our groups, or all. The first of these
// that is set counts.
type FeedQuery struct {
	Author ActorID
	Group  ActorID
	Reader ActorID // the groups that somebody joined, and the people whom they follow
	Listed ActorID // a feed: posts of the groups that it lists
	Tag    string  // a hashtag, folded: what has it, wherever it is
	Local  bool
	Sort   Sort
	// Within is of which stretch of time the posts are, where the order has
	// one, and Since the hour that it begins with; 0 for all.
	Within Within
	Since  float64
	// Moderated says that instead the groups count that the reader looks after,
	// and nobody whom they follow.
	Moderated bool
	// OfPeople says that only the people whom the reader follows count, and not
	// the groups that they joined.
	OfPeople bool
	// Viewer is who reads, here: what is not for them is left out. 0 is
	// somebody who is not signed in.
	Viewer ActorID
	// Sight is what they keep away; nil sees everything.
	Sight *Sight
	// Cleared says that whoever reads may read the group: they were asked
	// already.
	Cleared bool
	// FeaturedFirst says that what is on top of a group comes first.
	FeaturedFirst bool
	Page
}

// A GroupQuery says which groups are wanted.
type GroupQuery struct {
	Sort   GroupSort
	Words  string  // part of a name or title, or empty
	Local  bool    // only ours
	Member ActorID // only those that this actor follows, or asked to; 0: all
	Viewer ActorID // who reads, here; 0 is somebody who is not signed in
	Page
}

// Cursor writes a position in a list that is ordered by a rank and then by
// ids, exactly.
func Cursor(rank float64, ids ...int64) string {
	var b strings.Builder
	b.WriteString(strconv.FormatFloat(rank, 'x', -1, 64))
	for _, id := range ids {
		b.WriteByte('_')
		b.WriteString(strconv.FormatInt(id, 10))
	}
	return b.String()
}

// ParseCursor reads what Cursor wrote with n ids, and nothing else.
func ParseCursor(s string, n int) (rank float64, ids []int64, ok bool) {
	parts := strings.Split(s, "_")
	if len(parts) != n+1 {
		return 0, nil, false
	}
	rank, err := strconv.ParseFloat(parts[0], 64)
	if err != nil || math.IsNaN(rank) || math.IsInf(rank, 0) {
		return 0, nil, false
	}
	for _, part := range parts[1:] {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || id < 0 {
			return 0, nil, false
		}
		ids = append(ids, id)
	}
	return rank, ids, true
}
