package web

import (
	"strings"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/api/web/calendar"
	"drystone/community"
	"drystone/community/markup"
)

// mostSaid bounds what a calendar tells of an event, in characters.
const mostSaid = 4000

// A calendarMaker makes a calendar of what the caller may read.
type calendarMaker func(s *Site, c echo.Context, caller *v1.Caller) (*calendar.Calendar, error)

// calendar answers with a calendar. Like feeds, it shows what everybody sees.
func (s *Site) calendar(c echo.Context, maker calendarMaker) error {
	made, err := maker(s, c, v1.Nobody(c.Request(), c.RealIP()))
	if err != nil {
		return err
	}
	made.Source = s.Origin + c.Request().URL.Path
	h := c.Response().Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Disposition", `inline; filename="`+fileName(c.Param("name"))+`.ics"`)
	return fresh(c, calendar.MediaType, "public, max-age=300", made.Write(), made.Changed())
}

// fileName is what remains of a name in a header.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
}

// eventCalendar is one event. One that a moderator removed is cancelled, so
// that calendars that took it over strike it out.
func eventCalendar(s *Site, c echo.Context, caller *v1.Caller) (*calendar.Calendar, error) {
	id, err := parseID(c.Param("name"))
	if err != nil {
		return nil, err
	}
	it, err := s.API.Happening(c.Request().Context(), caller, &v1.PostPath{ID: id})
	if err != nil {
		return nil, err
	}
	e := s.event(it)
	return &calendar.Calendar{Name: e.Title, Page: e.Page, Events: []*calendar.Event{e}}, nil
}

// groupCalendar is what happens in a group.
func groupCalendar(s *Site, c echo.Context, caller *v1.Caller) (*calendar.Calendar, error) {
	path := v1.GroupPath{Group: c.Param("name")}
	g, err := s.API.Group(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.Happenings(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	made := &calendar.Calendar{Name: displayName(g.Actor), About: markup.Excerpt(g.SummaryHTML, excerptLength), Page: s.Origin + actorPath(g.Actor)}
	for _, it := range list {
		made.Events = append(made.Events, s.event(it))
	}
	return made, nil
}

func (s *Site) event(it v1.Happening) *calendar.Event {
	e := &calendar.Event{
		ID: it.URL, Page: s.Origin + postPath(it.ID), Title: postTitle(it.Post), Place: it.Event.Place, Group: displayName(it.Group),
		Start: it.Event.StartsAt, Zone: (&community.Event{Zone: it.Event.Zone}).Clock(), Created: it.CreatedAt, Changed: it.Changed, Cancelled: it.Cancelled,
	}
	if it.Event.EndsAt != nil {
		e.End = *it.Event.EndsAt
	}
	var said []string
	if !it.Sensitive {
		said = append(said, markup.Excerpt(it.HTML, mostSaid))
	}
	if e.Place == "" {
		e.Place = it.Event.URL
	} else {
		said = append(said, it.Event.URL)
	}
	e.Description = strings.TrimSpace(strings.Join(append(said, e.Page), "\n\n"))
	return e
}

// subscribe is an address of ours by which a program for calendars asks again
// and again, rather than once.
func (s *Site) subscribe(path string) string {
	_, rest, _ := strings.Cut(s.Origin, "://")
	return "webcal://" + rest + path
}
