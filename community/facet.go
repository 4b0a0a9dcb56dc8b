package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// A Facet is how somebody of this server appears in one group: what they are
// called there and a few words about what they are to it. It is for those who
// read that group here; no other group shows it, and no other server hears of
// it.
type Facet struct {
	GroupID   ActorID `bun:",pk"`
	ActorID   ActorID `bun:",pk"`
	Title     string  // in place of the display name; empty: that
	Bio       string  // plain text
	UpdatedAt time.Time
}

// A FacetView is a facet with the group that it is shown in.
type FacetView struct {
	*Facet
	Group *Actor
}

// MaxBio bounds what somebody says about themselves in one group, in
// characters.
const MaxBio = 300

// Check tidies a facet and reports what is wrong with it.
func (f *Facet) Check() error {
	f.Title, f.Bio = strings.TrimSpace(f.Title), strings.Join(strings.Fields(f.Bio), " ")
	if err := checkShort("title", "The name", f.Title, MaxActorTitle); err != nil {
		return err
	}
	if err := checkShort("bio", "What you say about yourself", f.Bio, MaxBio); err != nil {
		return err
	}
	if f.Title == "" && f.Bio == "" {
		return fault.Field("title", "Say how you want to appear here: by a name, some words, or both.")
	}
	return nil
}

// In is the actor as they appear where facet holds; they themselves where it is
// nil. The actor is not changed.
func (a *Actor) In(facet *Facet) *Actor {
	if a == nil || facet == nil || a.Gone() || facet.ActorID != a.ID {
		return a
	}
	there := *a
	there.Facet = facet
	if facet.Title != "" {
		there.Title = facet.Title
	}
	return &there
}
