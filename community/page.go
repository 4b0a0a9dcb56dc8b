package community

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
// the groups that a reader joined, of our groups, or all. The first of these
// that is set counts.
type FeedQuery struct {
	Author ActorID
	Group  ActorID
	Reader ActorID
	Local  bool
	Sort   Sort
	Page
}

// A GroupQuery says which groups are wanted.
type GroupQuery struct {
	Sort  GroupSort
	Words string // part of a name or title, or empty
	Local bool   // only ours
	Page
}
