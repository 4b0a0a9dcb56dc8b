package delivery

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drystone/community"
)

// Whatever order answers come in, and however often a courier pauses: every
// activity is done once, after all older ones of its lane, and the position
// never passes one that is not done.
func TestLanesKeepOrderAndPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*community.Activity
		for id := range rapid.IntRange(1, 30).Draw(t, "activities") {
			all = append(all, &community.Activity{ID: community.ActivityID(id + 1), Lane: rapid.Int64Range(0, 4).Draw(t, "lane")})
		}
		var l lanes
		done := map[community.ActivityID]bool{}
		var flying []*errand
		for len(done) < len(all) {
			switch rapid.SampledFrom([]string{"add", "next", "answer", "answer", "pause"}).Draw(t, "step") {
			case "add":
				for _, a := range all[min(int(l.last), len(all)):min(int(l.last)+5, len(all))] {
					l.add(a)
				}
			case "next":
				if e := l.next(time.Time{}); e != nil {
					e.opened = true
					for _, a := range all {
						if a.Lane == e.activity.Lane && a.ID < e.activity.ID && !done[a.ID] {
							t.Fatalf("%d was sent before %d of its lane was done", e.activity.ID, a.ID)
						}
					}
					flying = append(flying, e)
				}
			case "answer":
				if len(flying) == 0 {
					break
				}
				i := rapid.IntRange(0, len(flying)-1).Draw(t, "which")
				e := flying[i]
				if done[e.activity.ID] {
					t.Fatalf("%d was done twice", e.activity.ID)
				}
				done[e.activity.ID] = true
				l.finish(e)
				flying = slices.Delete(flying, i, i+1)
			case "pause":
				if len(flying) == 0 {
					l.park()
				}
			}
			for _, a := range all {
				if !done[a.ID] && l.position >= a.ID {
					t.Fatalf("position %d, but %d is not done", l.position, a.ID)
				}
			}
		}
		l.add(all[len(all)-1])
		l.pass(all[len(all)-1].ID)
	})
}

func TestLanesTryOthersFirst(t *testing.T) {
	var l lanes
	l.add(&community.Activity{ID: 1, Lane: 1})
	l.add(&community.Activity{ID: 2, Lane: 2})
	first := l.next(time.Time{})
	first.tries = 1
	if got := l.next(time.Time{}); got == nil || got.activity.ID != 2 {
		t.Errorf("next = %v, want activity 2, which has not failed yet", got)
	}
	l.park()
	l.add(&community.Activity{ID: 1, Lane: 1})
	l.add(&community.Activity{ID: 2, Lane: 2})
	if got := l.next(time.Time{}); got == nil || got.activity.ID != 2 {
		t.Errorf("after a pause next = %v, want activity 2", got)
	}
}

func TestLanesLetNothingOvertakeAnAccept(t *testing.T) {
	var l lanes
	l.add(&community.Activity{ID: 1, Lane: 1, Kind: "Accept"})
	l.add(&community.Activity{ID: 2, Lane: 2, Kind: "Announce"})
	accept := l.next(time.Time{})
	accept.opened = true
	if got := l.next(time.Time{}); got != nil {
		t.Errorf("next = activity %d while the Accept is under way, want nothing", got.activity.ID)
	}
	l.finish(accept)
	if got := l.next(time.Time{}); got == nil || got.activity.ID != 2 {
		t.Errorf("next = %v, want activity 2", got)
	}
}
