package fediverse

import (
	"errors"
	"testing"
	"time"

	"drystone/federation/as"
)

// An Event is when and where what a Piece tells of happens.
type Event struct {
	Starts, Ends              time.Time
	Zone, Address, City, Link string
}

// Happen has by begin a thread that tells of an event, and returns its id.
func (n *Neighbour) Happen(t testing.TB, by *Actor, room, title, text string, event Event) string {
	t.Helper()
	p := Piece{ID: n.address("page", room), Room: room, Author: by.ID, Title: title, Text: text, At: time.Now().UTC(), Event: &event}
	n.say(t, deed{kind: as.KindCreate, by: by, room: room, object: n.manners.page(n, p)})
	return p.ID
}

// Reschedule has by change an event of theirs.
func (n *Neighbour) Reschedule(t testing.TB, by *Actor, id string, event Event) {
	t.Helper()
	p := *n.Piece(id)
	p.Event, p.Edited = &event, true
	n.say(t, deed{kind: as.KindUpdate, by: by, room: p.Room, object: n.manners.page(n, p)})
}

// happens is what PieFed's document of a post with an event has that others
// have not.
func happens(e Event) map[string]any {
	doc := map[string]any{
		"type": as.KindEvent, "startTime": stamp(e.Starts), "timezone": e.Zone, "isOnline": e.Link != "", "joinMode": "free",
		"maximumAttendeeCapacity": 0, "participantCount": 0, "category": "", "status": "confirmed",
		"location": map[string]any{"type": "Place", "address": e.Address, "city": e.City, "country": ""},
	}
	if !e.Ends.IsZero() {
		doc["endTime"] = stamp(e.Ends)
	}
	if e.Link != "" {
		doc["onlineLink"] = e.Link
	}
	return doc
}

// happening reads the event of an object, nil if it is none.
func happening(object as.Doc) (*Event, error) {
	if object.Kind() != as.KindEvent {
		return nil, nil
	}
	e := &Event{Starts: object.Time("startTime"), Ends: object.Time("endTime"), Zone: object.Text("timezone"), Link: object.Ref("onlineLink")}
	if e.Starts.IsZero() {
		return nil, errors.New("an event without a beginning")
	}
	if place, ok := object.Embedded("location"); ok {
		e.Address, e.City = place.Text("address"), place.Text("city")
	}
	return e, nil
}
