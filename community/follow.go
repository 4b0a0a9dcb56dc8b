package community

import (
	"time"

	"drystone/fault"
)

// TurnedDown is a follow that whom it is of does not want. It is kept for who
// asked, so that they see it.
const TurnedDown MembershipState = "refused"

const (
	// MostFollows bounds whom one person follows, as Mastodon has it.
	MostFollows = 7_500
	// MostFollowsADay bounds whom they begin to follow within a day.
	MostFollowsADay = 400

	// askOnceMore is how long a follow that nobody answered rests before it
	// can be sent again, and restAfterNo how long one does that was refused.
	askOnceMore = 24 * time.Hour
	restAfterNo = 7 * 24 * time.Hour
)

// A Follow is somebody following a person or a feed. Following a group is a
// Membership.
type Follow struct {
	FollowerID ActorID `bun:",pk"`
	TargetID   ActorID `bun:",pk"`
	State      MembershipState
	IRI        string
	Raw        []byte // the Follow as received, which its answer repeats
	CreatedAt  time.Time
	ChangedAt  time.Time `bun:",nullzero"` // when it was asked for or answered last
}

// A Follower is somebody who follows a person, or asks to.
type Follower struct {
	*Follow
	Actor *Actor
}

// MayFollow reports why a person of this server cannot follow other, whoever
// they are.
func (a *Actor) MayFollow(other *Actor, now time.Time) error {
	switch {
	case !a.Local() || !a.IsPerson():
		return fault.New(fault.Forbidden, "Only people of this server follow people from here.")
	case !other.IsPerson():
		return fault.New(fault.Invalid, "%s is no person.", other.Handle())
	case a.ID == other.ID:
		return fault.New(fault.Invalid, "That is you. You cannot follow yourself.")
	case other.Gone():
		return fault.New(fault.NotFound, "%s is gone.", other.Handle())
	case other.Moved():
		return fault.New(fault.Forbidden, "%s moved to %s. Follow them there.", other.DisplayName(), other.MovedTo)
	case Banned(other.BannedUntil, now):
		return fault.New(fault.Forbidden, "%s is banned from this server. Nothing that they write arrives here.", other.Handle())
	}
	return a.MaySpeak(now)
}

// AsksAgain reports whether a follow that is there is asked for again, and why
// that cannot be. Nil was never asked for.
func (f *Follow) AsksAgain(whom *Actor, now time.Time) (bool, error) {
	switch {
	case f == nil:
		return true, nil
	case f.Rests(now):
		return false, fault.New(fault.Forbidden, "%s does not want that you follow them. You can ask again after %s.",
			whom.DisplayName(), f.RestsUntil().Format("2 January 2006"))
	case f.State == TurnedDown:
		return true, nil
	case f.State == Pending && !whom.Local():
		return !now.Before(f.ChangedAt.Add(askOnceMore)), nil
	}
	return false, nil
}

// RestsUntil is when who was refused can ask again; zero for everybody else.
func (f *Follow) RestsUntil() time.Time {
	if f.State != TurnedDown {
		return time.Time{}
	}
	return f.ChangedAt.Add(restAfterNo)
}

// Rests reports whether somebody was refused a short while ago. It stays known
// as long, or they could ask every minute.
func (f *Follow) Rests(now time.Time) bool { return now.Before(f.RestsUntil()) }

// MayFollowMore reports why somebody who follows many people cannot follow one
// more.
func MayFollowMore(all, today int) error {
	switch {
	case all >= MostFollows:
		return fault.New(fault.Forbidden, "You follow %d people, which is the most there can be. Follow somebody no more first.", all)
	case today >= MostFollowsADay:
		return fault.New(fault.RateLimited, "You began to follow %d people within a day, which is the most there can be. Go on tomorrow.", today)
	}
	return nil
}
