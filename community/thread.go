package community

import "drystone/fault"

// MayMoveThread reports why no thread goes from one group to another, whoever
// moderates them. What was said where everybody reads is not hidden by it, nor
// shown what was said among members; and the group's server, which tells
// everybody else what happens in a thread, stays the same.
func MayMoveThread(from, to *Actor) error {
	switch {
	case !to.IsGroup():
		return fault.Field("group", "A thread moves to a group.")
	case from.Host != to.Host:
		return fault.New(fault.Forbidden, "A thread moves between groups of one server.")
	case from.Closed() || to.Closed():
		return fault.New(fault.Forbidden, "A thread moves between groups that everybody may read.")
	case to.Gone():
		return fault.New(fault.NotFound, "%s is closed.", to.DisplayName())
	case to.Moved():
		return fault.New(fault.Forbidden, "%s moved to %s: its threads are there now.", to.DisplayName(), to.MovedTo)
	}
	return nil
}
