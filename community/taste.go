package community

import (
	"slices"
	"time"

	"drystone/fault"
)

// A Taste is how somebody likes their lists of posts, wherever they read them
// and where an address says nothing else.
type Taste struct {
	ActorID   ActorID `bun:",pk"`
	Sort      Sort
	Within    Within // of what stretch of time, where the order has one
	UpdatedAt time.Time
}

// Or is the taste with what an address says in its place.
func (t Taste) Or(sort Sort, within Within) (Sort, Within) {
	switch {
	case sort == "" && t.Sort != "":
		sort, within = t.Sort, t.Within
	case sort == "":
		sort = Hot
	}
	if !sort.Windowed() {
		return sort, ""
	}
	if within == "" {
		within = "all"
	}
	return sort, within
}

// Check reports what is wrong with a taste.
func (t *Taste) Check() error {
	if !slices.Contains(PostSorts, t.Sort) {
		return fault.Field("sort", "There is no order of that name.")
	}
	if _, known := Windows[t.Within]; !known && t.Within != "" {
		return fault.Field("within", "There is no stretch of time of that name.")
	}
	t.Sort, t.Within = Taste{}.Or(t.Sort, t.Within)
	return nil
}
