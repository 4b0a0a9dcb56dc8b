package community

import (
	"drystone/fault"
)

// Visibility is who may read what is said in a group. The words are stored.
type Visibility string

// The visibilities. A group elsewhere that approves its members by hand is
// private.
const (
	Open      Visibility = ""        // everybody
	Private   Visibility = "private" // its members, whom moderators let in
	LocalOnly Visibility = "local"   // who is signed in here; no other server hears that it exists
)

// Nothing is what people are told of what does not exist, and, so that nobody
// can tell one from the other, of what is not for them to know of.
const Nothing = "There is nothing here by that name."

// Unseen is the error for what its reader may not know of.
func Unseen() error { return fault.New(fault.NotFound, Nothing) }

// Closed reports whether what is said in the group is for some people only.
func (a *Actor) Closed() bool { return a.Visibility != Open }

// Within reports whether m belongs to the group: as a member whom it has
// accepted, or as somebody who looks after it.
func (m *Membership) Within() bool {
	return m != nil && (m.State == Accepted || m.Moderates())
}

// ShownTo reports whether reader (nil: signed out), with membership m in the
// group, may read what is said in it. Storage asks the same in SQL.
func (a *Actor) ShownTo(reader *Actor, m *Membership) bool {
	switch a.Visibility {
	case Open:
		return true
	case LocalOnly:
		return reader != nil && reader.Local()
	}
	return reader != nil && m.Within()
}

// KnownTo reports whether reader may learn that the group exists: a private
// one is there for those who might ask to join it.
func (a *Actor) KnownTo(reader *Actor) bool {
	return a.Visibility != LocalOnly || reader != nil && reader.Local()
}

// Admits reports why by, with membership m, may not take part in the group:
// to whoever may not read in it, nothing is there. Who of another server takes
// part in a group of another server is that group's to say.
func (a *Actor) Admits(by *Actor, m *Membership) error {
	if !by.Local() && !a.Local() || a.ShownTo(by, m) {
		return nil
	}
	return Unseen()
}

// MayStartIn is Admits for who begins a thread, in a group whose name they
// know.
func (a *Actor) MayStartIn(by *Actor, m *Membership) error {
	err := a.Admits(by, m)
	if err != nil && a.KnownTo(by) {
		return fault.New(fault.Forbidden, "Only members write in %s. Ask to join it first.", a.DisplayName())
	}
	return err
}

// CheckVisibility reports what is wrong with a visibility that somebody chose.
func CheckVisibility(v Visibility) error {
	switch v {
	case Open, Private, LocalOnly:
		return nil
	}
	return fault.Field("visibility", "A group is public, private or local.")
}

// MayBecome reports why a group cannot take another visibility. Closing one
// hides what was said in it. Opening it shows that to people for whom it was
// not said, so only who wrote everything there, its owner, may. And what other
// servers may have heard of cannot be taken back from them.
func (v Visibility) MayBecome(to Visibility, written bool) error {
	if err := CheckVisibility(to); err != nil {
		return err
	}
	switch {
	case v == to, v == Open && to == Private:
		return nil
	case to == LocalOnly:
		return fault.Field("visibility", "Other servers know this group already: it cannot be kept to this one any more.")
	case !written:
		return nil
	}
	return fault.Field("visibility", "Others wrote here trusting that only some would read it. Make a new group instead.")
}
