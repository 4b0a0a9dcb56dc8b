package blocklist

import (
	"maps"
	"slices"
	"time"
)

// A Support is what one source asks for an entity.
type Support struct {
	Source  int64
	Cluster int // of sources that say the same because they took it from each other; see Clusters
	Level   Level
	Most    Level // what the source may bring about at most; NoLevel: nothing
	Weight  float64
	Until   time.Time // zero: for good
}

// Thresholds are how much weight a level needs, by level. What does more harm
// when it is a mistake needs more.
type Thresholds [Drop + 1]float64

// DefaultThresholds has two who do not depend on each other limit a server,
// three keep it out, and four sever what exists.
var DefaultThresholds = Thresholds{Label: 1, Filter: 2, Reject: 3, Drop: 4}

// Agreed returns the highest level for which enough clusters ask at least so
// much. Each cluster counts once, with its heaviest source: a list that was
// copied fifty times is one list. What nobody asks for any more does not
// count, and no source counts for more than it may bring about. That somebody
// would accept a server is no vote against others.
func Agreed(supports []Support, at Thresholds, now time.Time) Level {
	for level := Drop; level >= Label; level-- {
		if weightFor(supports, level, now) >= at[level] {
			return level
		}
	}
	return NoLevel
}

// weightFor is how much weight is behind a level.
func weightFor(supports []Support, level Level, now time.Time) (sum float64) {
	heaviest := map[int]float64{}
	for _, s := range supports {
		if min(s.Level, s.Most) < level || s.Weight <= 0 || !s.Until.IsZero() && !s.Until.After(now) {
			continue
		}
		heaviest[s.Cluster] = max(heaviest[s.Cluster], s.Weight)
	}
	// In one order, since sums of fractions depend on it.
	for _, weight := range slices.Sorted(maps.Values(heaviest)) {
		sum += weight
	}
	return sum
}

// A Listing is what tells whether sources depend on each other.
type Listing struct {
	Source  int64
	From    []int64         // sources that it says it takes from
	Changes map[string]bool // ids of changes that it has, its own and others'
	Keys    map[string]bool // what it asks something for, by kind and key
}

// Bounds of how alike lists are that did not come about by themselves.
const (
	sameShare  = 0.8 // of the smaller list that is in the larger
	fewestKeys = 20  // below it two lists are alike by chance
)

// Clusters numbers sources so that those that depend on each other have the
// same number: those that say so, those that pass on the same changes, and
// those of which one is nearly all in the other. The numbers are the least
// source of each cluster and so do not depend on the order of listings.
func Clusters(listings []Listing) map[int64]int {
	of := map[int64]int64{}
	var root func(id int64) int64
	root = func(id int64) int64 {
		if up, found := of[id]; found && up != id {
			of[id] = root(up)
			return of[id]
		}
		return id
	}
	join := func(a, b int64) {
		if a, b = root(a), root(b); a != b {
			of[max(a, b)] = min(a, b)
		}
	}
	known := map[int64]bool{}
	for _, l := range listings {
		known[l.Source], of[l.Source] = true, l.Source
	}
	for i, a := range listings {
		for _, from := range a.From {
			if known[from] {
				join(a.Source, from)
			}
		}
		for _, b := range listings[:i] {
			if shareChange(a, b) || alike(a.Keys, b.Keys) {
				join(a.Source, b.Source)
			}
		}
	}
	clusters := make(map[int64]int, len(listings))
	for _, l := range listings {
		clusters[l.Source] = int(root(l.Source))
	}
	return clusters
}

func shareChange(a, b Listing) bool {
	if len(a.Changes) > len(b.Changes) {
		a, b = b, a
	}
	for id := range a.Changes {
		if b.Changes[id] {
			return true
		}
	}
	return false
}

func alike(a, b map[string]bool) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < fewestKeys {
		return false
	}
	both := 0
	for key := range a {
		if b[key] {
			both++
		}
	}
	return float64(both) >= sameShare*float64(len(a))
}
