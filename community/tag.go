package community

// MostTags bounds the hashtags of one post: what it has beyond them leads to
// their pages, and is not listed there.
const MostTags = 30

// A PostTag is a hashtag of a post.
type PostTag struct {
	PostID PostID  `bun:",pk"`
	Tag    string  `bun:",pk"` // folded, as it is compared
	Name   string  // as its author wrote it
	Born   float64 // when the post was, in hours since Epoch
}

// A Tag is a hashtag and how much it is used.
type Tag struct {
	Tag   string // folded
	Name  string // as it was written of late
	Posts int    // that a reader may see; counted up to MostCounted
}

// MostCounted bounds how many posts of a hashtag are counted.
const MostCounted = 1000
