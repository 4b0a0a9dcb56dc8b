package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// RestAfterMove is how long an actor stays where it moved to: somebody who
// took over an account shall not drag its followers around.
const RestAfterMove = 7 * 24 * time.Hour

// MayMove reports why a does not move to target: whoever moves must be
// expected there, under the name that they leave.
func (a *Actor) MayMove(target *Actor, now time.Time) error {
	switch {
	case target.ID == a.ID:
		return fault.Field("target", "%s lives there already.", a.Handle())
	case target.Gone() || target.Moved():
		return fault.Field("target", "%s is not there any more.", target.Handle())
	case target.IsGroup() != a.IsGroup() || target.Kind == Application:
		return fault.Field("target", "A group moves to a group, and a person to a person.")
	case !target.IsAlso(a.IRI):
		return fault.Field("target", "%s does not say that it is %s too. Add %s to its other addresses first.", target.Handle(), a.IRI, a.IRI)
	case a.MovedTo != target.IRI && now.Sub(a.MovedAt) < RestAfterMove:
		return fault.New(fault.Conflict, "%s moved less than a week ago, and rests until %s.", a.Handle(), a.MovedAt.Add(RestAfterMove).Format("2 January 2006"))
	}
	return nil
}

// CheckAliases reports what cannot be other ids of one actor, and joins what
// can, as AlsoKnownAs has it.
func CheckAliases(own string, ids []string) (string, error) {
	if len(ids) > MostAliases {
		return "", fault.Field("aliases", "At most %d other addresses can be named.", MostAliases)
	}
	for _, id := range ids {
		if id == own || !strings.Contains(id, "://") || strings.ContainsAny(id, " \t\n") || len(id) > 2048 {
			return "", fault.Field("aliases", "%.200q is no other address.", id)
		}
	}
	return strings.Join(ids, "\n"), nil
}

// MayBegin reports why nobody, or not this author, begins anything in group
// any more: one of them lives elsewhere now. What was said there before is
// read as it is.
func (a *Actor) MayBegin(group *Actor) error {
	switch {
	case a.Local() && a.Moved():
		return fault.New(fault.Forbidden, "You moved to %s. Write from there, or come back in the settings.", a.MovedTo)
	case group.Moved() && (a.Local() || group.Local()):
		return fault.New(fault.Forbidden, "%s moved to %s. Write there.", group.DisplayName(), group.MovedTo)
	}
	return nil
}
