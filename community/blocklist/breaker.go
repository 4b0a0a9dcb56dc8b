package blocklist

// A Trip is why an update of a list is not taken in by itself.
type Trip string

// The trips. No trip: the update is like others.
const (
	NoTrip     Trip = ""
	Emptied    Trip = "emptied"     // nothing is left of it
	CanaryGone Trip = "canary_gone" // the row is missing that shows that it is whole
	Shrunk     Trip = "shrunk"      // too much went at once
	Burst      Trip = "burst"       // too much came at once
)

// Bounds of what lists do in an ordinary update: of 1,785 that were looked at,
// eleven were beyond them, all of which had deserved somebody's look.
const (
	fewestGone = 5
	mostGone   = 0.05 // of what was there
	mostCame   = 0.25 // likewise
	fewCame    = 25
)

// Snapshot is what a list came to, for the next update to be compared with.
type Snapshot struct {
	Keys     map[string]bool // what it asks something for, by kind and key
	Canaries int
}

// SnapshotOf returns that of a list that was read.
func SnapshotOf(l *List) Snapshot {
	s := Snapshot{Keys: make(map[string]bool, len(l.Rows)), Canaries: l.Canaries}
	for i := range l.Rows {
		if r := &l.Rows[i]; r.Verdict != Rejected && r.Key != "" {
			s.Keys[string(r.Kind)+" "+r.Key] = true
		}
	}
	return s
}

// A Difference is what an update did.
type Difference struct {
	Came, Gone int
	Trip       Trip
}

// Compare says what is different from the last good state of a list, and
// whether that is too much to be believed. What was never read before is
// compared with nothing and cannot trip: everything in it is new.
func Compare(last, next Snapshot) Difference {
	d := Difference{}
	for key := range next.Keys {
		if !last.Keys[key] {
			d.Came++
		}
	}
	d.Gone = len(last.Keys) - (len(next.Keys) - d.Came)
	before := float64(len(last.Keys))
	switch {
	case len(last.Keys) == 0 && last.Canaries == 0:
	case len(next.Keys) == 0 && len(last.Keys) > 0:
		d.Trip = Emptied
	case last.Canaries > 0 && next.Canaries == 0:
		d.Trip = CanaryGone
	case d.Gone >= fewestGone && float64(d.Gone) >= mostGone*before:
		d.Trip = Shrunk
	case float64(d.Came) > max(fewCame, mostCame*before):
		d.Trip = Burst
	}
	return d
}
