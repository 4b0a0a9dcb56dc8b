package blocklist

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var today = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func asking(levels ...Level) (list []Support) {
	for i, level := range levels {
		list = append(list, Support{Source: int64(i + 1), Cluster: i + 1, Level: level, Most: Drop, Weight: 1})
	}
	return list
}

func TestAgreed(t *testing.T) {
	past, later := asking(Drop, Drop, Drop, Drop), asking(Drop, Drop, Drop, Drop)
	past[0].Until, later[0].Until = today, today.Add(time.Second)
	bounded := asking(Drop, Drop, Drop, Drop)
	bounded[3].Most = Filter
	heavy := asking(Drop)
	heavy[0].Weight, heavy[0].Most = 100, Filter
	for name, c := range map[string]struct {
		supports []Support
		want     Level
	}{
		"nobody":                            {nil, NoLevel},
		"one alone":                         {asking(Drop), Label},
		"two":                               {asking(Drop, Drop), Filter},
		"three who silence, one suspends":   {asking(Filter, Filter, Filter, Drop), Filter},
		"three who suspend":                 {asking(Drop, Drop, Drop), Reject},
		"four who suspend":                  {asking(Drop, Drop, Drop, Drop), Drop},
		"one of the four until now":         {past, Reject},
		"one of the four a little longer":   {later, Drop},
		"one of the four may only limit":    {bounded, Reject},
		"one who weighs much and may limit": {heavy, Filter},
		"those who accept":                  {asking(Accept, Accept, Accept), NoLevel},
		"two against many who accept":       {asking(Accept, Accept, Accept, Reject, Reject), Filter},
	} {
		if got := Agreed(c.supports, DefaultThresholds, today); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// More support never asks for less, copies of a source change nothing, the
// order does not matter, and nobody alone brings about more than they may.
func TestAgreedIsFair(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 5000 {
		var list []Support
		for i := range random.IntN(8) {
			list = append(list, Support{
				Source: int64(i), Cluster: random.IntN(5), Level: Level(random.IntN(6)), Most: Level(random.IntN(6)),
				Weight: float64(random.IntN(4)) / 2, Until: []time.Time{{}, today.Add(time.Hour), today.Add(-time.Hour)}[random.IntN(3)],
			})
		}
		got := Agreed(list, DefaultThresholds, today)
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if again := Agreed(list, DefaultThresholds, today); again != got {
			t.Fatalf("%s, and shuffled %s: %+v", got, again, list)
		}
		more := append(slices.Clone(list), Support{Cluster: random.IntN(9), Level: Level(random.IntN(6)), Most: Drop, Weight: 1})
		if with := Agreed(more, DefaultThresholds, today); with < got {
			t.Fatalf("%s, and with one more %s: %+v", got, with, more)
		}
		if len(list) == 0 {
			continue
		}
		copies := slices.Clone(list)
		for range 50 {
			copies = append(copies, list[0])
		}
		if with := Agreed(copies, DefaultThresholds, today); with != got {
			t.Fatalf("%s, and with fifty copies of one %s: %+v", got, with, list)
		}
		one := list[:1:1]
		one[0].Weight = 1000
		if alone := Agreed(one, DefaultThresholds, today); alone > one[0].Most {
			t.Fatalf("alone %+v brings about %s", one[0], alone)
		}
	}
}

func keys(from, to int) map[string]bool {
	m := map[string]bool{}
	for i := from; i < to; i++ {
		m[fmt.Sprint(i)] = true
	}
	return m
}

func TestClusters(t *testing.T) {
	listings := []Listing{
		{Source: 1, Keys: keys(0, 100)},
		{Source: 2, Keys: keys(80, 180)},                                       // has 20 of them
		{Source: 3, Keys: keys(10, 50)},                                        // is all in 1
		{Source: 4, Keys: keys(0, 5)},                                          // so few that it says nothing
		{Source: 5, Keys: keys(500, 600), Changes: map[string]bool{"x": true}}, //
		{Source: 6, Keys: keys(700, 800), Changes: map[string]bool{"x": true, "y": true}},
		{Source: 7, Keys: keys(900, 950), From: []int64{6, 77}}, // 77 is not read here
		{Source: 8, Keys: keys(1000, 1100)},
		{Source: 9, Keys: keys(1019, 1119)}, // 81 of 100
	}
	want := map[int64]int{1: 1, 2: 2, 3: 1, 4: 4, 5: 5, 6: 5, 7: 5, 8: 8, 9: 8}
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		if diff := cmp.Diff(want, Clusters(listings)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		random.Shuffle(len(listings), func(i, j int) { listings[i], listings[j] = listings[j], listings[i] })
	}
}
