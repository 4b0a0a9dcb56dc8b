package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"drystone/community"
	"drystone/service/moderation"
)

// A date is when something happens, counted from today, and where.
type date struct {
	days          int
	hour, minute  int
	long          time.Duration
	zone          string
	place, online string
}

// dateOf reads "event: +9d 18:30 3h Europe/London", "place:" and "online:".
func dateOf(head *section) (*date, error) {
	words := head.list("event")
	if len(words) == 0 {
		return nil, nil
	}
	d := &date{place: head.keys["place"], online: head.keys["online"]}
	if len(words) != 4 {
		return nil, fmt.Errorf("%q is no day, hour, length and zone", head.keys["event"])
	}
	var err error
	if d.days, err = strconv.Atoi(strings.TrimSuffix(words[0], "d")); err != nil {
		return nil, err
	}
	clock, err := time.Parse("15:04", words[1])
	if err != nil {
		return nil, err
	}
	d.hour, d.minute, d.zone = clock.Hour(), clock.Minute(), words[3]
	if d.long, err = span(words[2]); err != nil {
		return nil, err
	}
	_, err = time.LoadLocation(d.zone)
	return d, err
}

// event is the date as its author publishes it.
func (d *date) event(now time.Time) *community.Event {
	if d == nil {
		return nil
	}
	e := &community.Event{Zone: d.zone, Place: d.place, URL: d.online}
	year, month, day := now.In(e.Clock()).Date()
	starts := time.Date(year, month, day+d.days, d.hour, d.minute, 0, 0, e.Clock())
	e.StartsAt, e.EndsAt = community.Timestamp(starts), community.Timestamp(starts.Add(d.long))
	return e
}

// A moving is where a thread goes, how long after its beginning, and why.
type moving struct {
	after         time.Duration
	group, reason string
}

// movingOf reads "moved: 6h garden Why".
func movingOf(head *section) (*moving, error) {
	words := head.list("moved")
	if len(words) == 0 {
		return nil, nil
	}
	if len(words) < 3 {
		return nil, fmt.Errorf("%q is no time, group and reason", head.keys["moved"])
	}
	after, err := span(words[0])
	return &moving{after, words[1], strings.Join(words[2:], " ")}, err
}

// carried plans that a moderator of the group that a thread begins in takes it
// to another.
func (m *move) carried(plan *timeline, t *thread, at time.Time, post func() community.PostID) {
	if t.moved == nil {
		return
	}
	plan.add(at.Add(t.moved.after), func(ctx context.Context) error {
		by, err := m.moderatorOf(ctx, t.group)
		if err != nil {
			return err
		}
		to, err := m.actor(t.moved.group)
		if err != nil {
			return err
		}
		return m.Moderation.MovePost(ctx, by, post(), moderation.ThreadMove{To: to, Reason: t.moved.reason}, community.Origin{})
	})
}
