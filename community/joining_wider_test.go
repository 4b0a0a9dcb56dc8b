package community

import (
	"math"
	"testing"
)

func TestWider(t *testing.T) {
	j := Joining{PerAddress: 10, PerNetwork: 0}
	for wide, want := range map[float64]int{1: 10, 2: 20, 0.01: 1, 0: 10, math.Inf(1): 0} {
		if got := j.Wider(wide); got.PerAddress != want || got.PerNetwork != 0 {
			t.Errorf("%v times as wide: %d and %d, want %d and 0", wide, got.PerAddress, got.PerNetwork, want)
		}
	}
	if j.PerAddress != 10 {
		t.Errorf("what was settled changed to %d", j.PerAddress)
	}
}
