package delivery

import (
	"slices"
	"time"

	"drystone/community"
	"drystone/federation/as"
)

// An errand is one activity on its way to one peer.
type errand struct {
	activity *community.Activity
	opened   bool     // todo was filled in
	todo     []string // inboxes that it has still to be taken to
	flying   int      // requests under way
	done     bool
	mark
}

// A mark is what is remembered of an errand while its peer is not worked on.
type mark struct {
	tries     int       // answers that were no success
	firstAt   int       // how much the peer had taken when the first of them came
	notBefore time.Time // when it may be tried again
	left      []string  // inboxes that it was not taken to yet; nil: all of them
}

// lanes holds what one peer is still to hear and says what may be sent next:
// in order within a lane, side by side across lanes.
type lanes struct {
	position community.ActivityID // all up to here is done
	last     community.ActivityID // all up to here was added
	errands  []*errand            // not done, or waiting for an older one; oldest first
	heads    map[int64][]*errand  // by lane, not done, oldest first

	finished map[community.ActivityID]bool // done, but older ones are not; across a pause
	marks    map[community.ActivityID]mark // of errands that were put aside by a pause
}

// startAt says that everything up to position is done.
func (l *lanes) startAt(position community.ActivityID) {
	l.position, l.last = max(l.position, position), max(l.last, position)
}

// add takes on an activity, unless it was added before. An activity that is
// not for this peer after all is passed by adding nothing and calling pass.
func (l *lanes) add(a *community.Activity) {
	if a.ID <= l.last {
		return
	}
	l.last = a.ID
	if l.finished[a.ID] {
		delete(l.finished, a.ID)
		l.errands = append(l.errands, &errand{activity: a, done: true})
		l.advance()
		return
	}
	e := &errand{activity: a, mark: l.marks[a.ID]}
	delete(l.marks, a.ID)
	if l.heads == nil {
		l.heads = map[int64][]*errand{}
	}
	l.errands = append(l.errands, e)
	l.heads[a.Lane] = append(l.heads[a.Lane], e)
}

// pass says that nothing up to id is for this peer beyond what was added.
func (l *lanes) pass(id community.ActivityID) {
	l.last = max(l.last, id)
	l.advance()
}

// len is how many errands are held.
func (l *lanes) len() int { return len(l.errands) }

// next returns an errand that may be worked on now, or nil: the first in its
// lane, those that failed less often before the others.
func (l *lanes) next(now time.Time) *errand {
	var best *errand
	for _, e := range l.errands {
		if e.done {
			continue
		}
		if e.ready(now) && l.heads[e.activity.Lane][0] == e && (best == nil || e.tries < best.tries) {
			best = e
		}
		if best != nil && best.tries == 0 || e.activity.Kind == as.KindAccept {
			// Who follows must know it before hearing anything, in any lane:
			// Mastodon drops what comes from somebody it does not follow yet.
			break
		}
	}
	return best
}

// ready reports whether there is something to send for an errand now.
func (e *errand) ready(now time.Time) bool {
	return (!e.opened || len(e.todo) > 0) && !e.notBefore.After(now)
}

// nextAt returns when the first errand that has to wait may be tried again,
// zero if none waits.
func (l *lanes) nextAt() time.Time {
	var at time.Time
	for _, e := range l.errands {
		if !e.notBefore.IsZero() && !e.done && (at.IsZero() || e.notBefore.Before(at)) {
			at = e.notBefore
		}
	}
	return at
}

// finish notes that an errand is done, whatever came of it.
func (l *lanes) finish(e *errand) {
	e.done = true
	lane := e.activity.Lane
	queue := l.heads[lane]
	if i := slices.Index(queue, e); i >= 0 {
		queue = slices.Delete(queue, i, i+1)
	}
	if len(queue) == 0 {
		delete(l.heads, lane)
	} else {
		l.heads[lane] = queue
	}
	l.advance()
}

// advance drops what is done from the front.
func (l *lanes) advance() {
	n := 0
	for n < len(l.errands) && l.errands[n].done {
		l.position = l.errands[n].activity.ID
		n++
	}
	l.errands = slices.Delete(l.errands, 0, n)
	if len(l.errands) == 0 {
		l.position = max(l.position, l.last)
	}
}

// park lets go of the activities, which the log has too, and keeps what only
// this process knows: which of them are done, and how often others failed.
// They must be added again, from the position on.
func (l *lanes) park() {
	for _, e := range l.errands {
		switch {
		case e.done:
			if l.finished == nil {
				l.finished = map[community.ActivityID]bool{}
			}
			l.finished[e.activity.ID] = true
		case e.tries > 0 || e.left != nil:
			if l.marks == nil {
				l.marks = map[community.ActivityID]mark{}
			}
			l.marks[e.activity.ID] = e.mark
		}
	}
	l.errands, l.heads, l.last = nil, nil, l.position
}
