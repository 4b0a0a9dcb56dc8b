package v1

import (
	"time"

	"drystone/community"
	"drystone/service/posts"
)

// An Event is when and where what a post tells of happens.
type Event struct {
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   *time.Time `json:"ends_at"`
	Zone     string     `json:"zone,omitempty" doc:"The time zone in which it was written." example:"Europe/London"`
	Place    string     `json:"place,omitempty" example:"The Kenn Centre, Exeter"`
	URL      string     `json:"url,omitempty" doc:"Where it happens online, or where to learn more."`
}

func eventOf(e *community.Event) *Event {
	if e == nil {
		return nil
	}
	return &Event{StartsAt: instant(e.StartsAt), EndsAt: maybe(e.EndsAt), Zone: e.Zone, Place: e.Place, URL: e.URL}
}

// EventDraft is when and where what a post is to tell of happens.
type EventDraft struct {
	StartsAt *time.Time `json:"starts_at,omitempty" doc:"It cannot be left out." example:"2026-12-11T19:00:00Z"`
	EndsAt   *time.Time `json:"ends_at,omitempty" doc:"After starts_at; left out, the end is open."`
	Zone     string     `json:"zone,omitempty" doc:"A time zone of the IANA's list: others are told the times by its clock, or in UTC." example:"Europe/London"`
	Place    string     `json:"place,omitempty" doc:"At most 300 characters." example:"The Kenn Centre, Exeter"`
	URL      string     `json:"url,omitempty" doc:"Where it happens online, or where to learn more or to sign up." example:"https://example.org/dance"`
}

// event is the draft in our words.
func (d *EventDraft) event() *community.Event {
	if d == nil {
		return nil
	}
	e := &community.Event{Zone: d.Zone, Place: d.Place, URL: d.URL}
	if d.StartsAt != nil {
		e.StartsAt = community.Timestamp(*d.StartsAt)
	}
	if d.EndsAt != nil {
		e.EndsAt = community.Timestamp(*d.EndsAt)
	}
	return e
}

// beside is what changes about a post beside its text, nil if nothing does.
func (d *EventDraft) beside() *posts.Draft {
	if d == nil {
		return nil
	}
	return &posts.Draft{Event: d.event()}
}
