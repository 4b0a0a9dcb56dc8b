package community

import "time"

// A MapKind is a kind of thing that maps for search engines show.
type MapKind string

// The kinds.
const (
	MapPosts  MapKind = "posts"
	MapGroups MapKind = "groups"
	MapPeople MapKind = "people"
)

// MapKinds are all of them, in the order in which they are listed.
var MapKinds = []MapKind{MapGroups, MapPosts, MapPeople}

// MapPart is how many ids a part of a map covers: it shows at most so much.
const MapPart = 10_000

// A Landmark is something on a map: what its page is called by, and when that
// last changed.
type Landmark struct {
	ID        int64
	Name      string    `bun:",nullzero"`
	ChangedAt time.Time `bun:",nullzero"`
}
