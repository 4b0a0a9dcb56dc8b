// Package demo moves an invented community into an empty database: people,
// groups, neighbours on other servers, and five weeks of what they said to
// each other. It is for looking around, for screenshots and for tests of the
// whole program; no server needs it.
//
// The words are in content, as Markdown that is meant to be edited; see
// parse.go for its form. Everything is done by the same services that people
// use, in the order in which it is said to have happened, with a clock that
// is wound back. Nothing is drawn by lot, so that two databases filled at the
// same moment tell the same story. Rules of the program belong to those
// services and never to this package.
package demo

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/instance"
	"drystone/service/joining"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/service/votes"
	"drystone/storage"
)

// Password is the password of everybody in the demo.
const Password = "drystone-demo"

// A Clock shows the time that it is set to.
type Clock struct{ at time.Time }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time { return c.at }

// Services are the use cases by which people move in. They must go by the
// Clock of the Options.
type Services struct {
	Accounts      *accounts.Service
	Groups        *groups.Service
	Posts         *posts.Service
	Moderation    *moderation.Service
	Votes         *votes.Service
	Reports       *reports.Service
	Messages      *messages.Service
	Feeds         *feeds.Service
	Notifications *notifications.Service
	Instance      *instance.Service
	Joining       *joining.Service
}

// Options are what Fill needs; all fields are required.
type Options struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    time.Time
	Clock  *Clock
	// Wire makes services that work in a transaction.
	Wire func(tx *storage.DB) (Services, error)
	// Progress is told, in a line, what happens next.
	Progress func(string)
}

// A Result says how much moved in.
type Result struct {
	People, Groups, Posts, Comments, Votes int
}

// Fill moves the community in. It is a Conflict where somebody lives already.
//
// All of it is one transaction: it is there as a whole or not at all, and a
// server that runs on the same database sees neither half a community nor a
// fact that it could announce to people who do not exist.
func Fill(ctx context.Context, o Options) (_ Result, err error) {
	defer fault.Wrap(&err, "demo.Fill")
	story, err := load()
	if err != nil {
		return Result{}, err
	}
	var result Result
	err = o.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := vacant(ctx, tx); err != nil {
			return err
		}
		services, err := o.Wire(tx)
		if err != nil {
			return err
		}
		m := &move{Options: o, Services: services, tx: tx, actors: map[string]*community.Actor{}, software: map[string]string{}, said: map[string]*said{}}
		if err := m.everything(ctx, story); err != nil {
			return err
		}
		result = m.done
		return nil
	})
	return result, err
}

// vacant reports that nobody lives here yet.
func vacant(ctx context.Context, db *storage.DB) error {
	people, groups, err := db.CountLocal(ctx)
	if err != nil {
		return err
	}
	if people > 0 || groups > 0 {
		return fault.New(fault.Conflict, "The demo needs an empty database; in this one live %d people and %d groups.", people, groups)
	}
	return nil
}

// A move is one Fill in its transaction.
type move struct {
	Options
	Services
	tx       *storage.DB
	actors   map[string]*community.Actor // by handle
	crowd    []string                    // handles of all people
	software map[string]string           // by host
	said     map[string]*said            // each post, and by whom else it is answered the last answer of theirs
	done     Result
}

func (m *move) everything(ctx context.Context, s *story) error {
	m.Progress("People move in.")
	var plan timeline
	for _, server := range s.servers {
		if err := m.settle(ctx, server); err != nil {
			return err
		}
	}
	for _, person := range s.people {
		m.arrival(&plan, person)
	}
	for _, group := range s.groups {
		m.founding(&plan, group)
	}
	m.memberships(&plan, s)
	for _, thread := range s.threads {
		m.thread(&plan, thread)
	}
	m.deskwork(&plan, s.desk)
	m.doorwork(&plan, s.door)
	for _, feed := range s.feeds {
		m.subscribe(&plan, feed)
	}
	if err := m.live(ctx, plan); err != nil {
		return err
	}
	m.Progress("They count their votes and read their mail.")
	return m.settleDown(ctx)
}

// live lets everything happen, in order.
func (m *move) live(ctx context.Context, plan timeline) error {
	plan.sort()
	day := -1
	for _, e := range plan {
		if left := int(m.Now.Sub(e.at).Hours() / 24); left != day && left%7 == 0 {
			m.Progress(weeksAgo(left / 7))
			day = left
		}
		m.Clock.at = e.at
		if err := e.do(ctx); err != nil {
			return err
		}
	}
	m.Clock.at = m.Now
	return nil
}

func weeksAgo(weeks int) string {
	switch weeks {
	case 0:
		return "They talk: today."
	case 1:
		return "They talk: a week ago."
	}
	return "They talk: " + [...]string{"two", "three", "four", "five", "six", "seven"}[min(weeks, 7)-2] + " weeks ago."
}

// actor returns who has a handle, once they are here.
func (m *move) actor(handle string) (*community.Actor, error) {
	if a := m.actors[handle]; a != nil {
		return a, nil
	}
	return nil, fault.New(fault.Internal, "The demo's content has nobody called %s at %s.", handle, m.Clock.at.Format(time.RFC3339))
}
