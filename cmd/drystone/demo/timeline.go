package demo

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// An event is something that happens at its time. What it needs of earlier
// events it finds when it is done, not when it is planned.
type event struct {
	at time.Time
	do func(context.Context) error
}

// A timeline is what will happen.
type timeline []event

func (t *timeline) add(at time.Time, do func(context.Context) error) {
	*t = append(*t, event{at, do})
}

// sort puts events in order; of those at the same time, the first planned
// comes first.
func (t timeline) sort() {
	slices.SortStableFunc(t, func(a, b event) int { return a.at.Compare(b.at) })
}

// chance is a number from 0 up to 1 that depends on words alone: what looks
// like luck in the demo is the same luck each time.
func chance(words ...string) float64 {
	h := fnv.New64a()
	for _, word := range words {
		_, _ = h.Write([]byte(word))
		_, _ = h.Write([]byte{0})
	}
	// FNV mixes its last bytes badly; this is the end of MurmurHash3.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// later is a time between from and until: soon as a rule, and after a
// typical time in the middle.
func later(from, until time.Time, typical time.Duration, words ...string) time.Time {
	luck := chance(words...)
	wait := time.Duration(-math.Log(1-luck) * float64(typical))
	if at := from.Add(wait + 90*time.Second); at.Before(until) {
		return at
	}
	// Too late: somewhere in what is left.
	return from.Add(time.Duration((0.2 + 0.6*luck) * float64(until.Sub(from))))
}
