package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
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

// A Happening is a post of kind event, for calendars.
type Happening struct {
	Post
	Changed   time.Time
	Cancelled bool // removed: only when it was is still told
}

func happeningOf(v *community.PostView) Happening {
	h := Happening{Post: postOf(v), Changed: instant(v.CreatedAt)}
	for _, t := range []time.Time{v.EditedAt, v.RemovedAt} {
		if t.After(h.Changed) {
			h.Changed = instant(t)
		}
	}
	if h.Event == nil && !v.RemovedAt.IsZero() && v.Event != nil {
		h.Cancelled, h.Event = true, &Event{StartsAt: instant(v.Event.StartsAt), EndsAt: maybe(v.Event.EndsAt), Zone: v.Event.Zone}
	}
	return h
}

// Happening answers the event that a post tells of.
func (a *API) Happening(ctx context.Context, c *Caller, req *PostPath) (Happening, error) {
	v, err := a.Posts.Find(ctx, c.Reader(), req.id())
	if err != nil {
		return Happening{}, err
	}
	h := happeningOf(v)
	if h.Event == nil {
		return h, fault.New(fault.NotFound, "That is no event.")
	}
	return h, nil
}

// Happenings answers what happens in a group: what began lately, and what is
// to come.
func (a *API) Happenings(ctx context.Context, c *Caller, req *GroupPath) ([]Happening, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return nil, err
	}
	if g.Veiled {
		return nil, fault.New(fault.Forbidden, "Only members read what is said in %s.", g.DisplayName())
	}
	views, err := a.Posts.Events(ctx, c.Reader(), g.ID)
	return each(views, happeningOf), err
}
