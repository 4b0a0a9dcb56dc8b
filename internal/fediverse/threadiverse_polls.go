package fediverse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"drystone/federation/as"
)

// A Poll is what a Piece asks, as a Neighbour knows it.
type Poll struct {
	Multiple bool
	Options  []Option
	Voters   int64
	Ends     time.Time

	cast map[string][]string // what was chosen, by who did
}

func (p *Poll) clone() *Poll {
	if p == nil {
		return nil
	}
	c := *p
	c.Options, c.cast = slices.Clone(p.Options), nil
	return &c
}

// Ask has by begin a thread with a poll, of which one option can be chosen,
// and returns its id.
func (n *Neighbour) Ask(t testing.TB, by *Actor, room, title, text string, options ...string) string {
	t.Helper()
	poll := &Poll{Ends: time.Now().Add(3 * 24 * time.Hour)}
	for _, option := range options {
		poll.Options = append(poll.Options, Option{Text: option})
	}
	p := Piece{ID: n.address("page", room), Room: room, Author: by.ID, Title: title, Text: text, At: time.Now().UTC(), Poll: poll}
	n.say(t, deed{kind: as.KindCreate, by: by, room: room, object: n.manners.page(n, p)})
	return p.ID
}

// Choose has by vote in a poll as PieFed does: the group is told.
func (n *Neighbour) Choose(t testing.TB, by *Actor, poll, option string) {
	t.Helper()
	n.Do(t, by, as.KindPollVote, poll, map[string]any{"choice_text": option})
	n.recount(poll)
}

// Ballot has by vote in a poll elsewhere as PieFed did before it knew
// PollVote, and as Mastodon does: its author is told and nobody else.
func (n *Neighbour) Ballot(t testing.TB, by *Actor, poll, option string) {
	t.Helper()
	author := n.Piece(poll).Author
	there, err := n.somebody(t.Context(), author)
	if err != nil {
		t.Fatalf("%s: %v", n.Software, err)
	}
	n.send(t, by, there.Ref("inbox"), map[string]any{
		"@context": piefedContext, "id": n.address(as.KindCreate, ""), "type": as.KindCreate, "actor": by.ID, "to": author,
		"object": map[string]any{
			"id": n.address("vote", ""), "type": as.KindNote, "attributedTo": by.ID, "inReplyTo": poll, "name": option, "to": author,
		},
	})
}

// isBallot reports whether an activity is a vote as Mastodon has it. What says
// when it was published is a comment to PieFed.
func isBallot(a as.Doc) bool {
	note, ok := a.Embedded("object")
	return ok && a.Kind() == as.KindCreate && note.Kind() == as.KindNote &&
		note.Has("name") && note.Has("inReplyTo") && note.Has("attributedTo") && !note.Has("published")
}

// balloted counts such a vote.
func (n *Neighbour) balloted(ctx context.Context, a as.Doc, room string) error {
	note, _ := a.Embedded("object")
	poll := n.Piece(note.Ref("inReplyTo"))
	switch {
	case poll == nil || !as.SameHost(poll.ID, n.URL):
		return fmt.Errorf("votes in %s are not counted here", note.Ref("inReplyTo"))
	case note.Ref("attributedTo") != a.Actor():
		return fmt.Errorf("%s votes as %s", a.Actor(), note.Ref("attributedTo"))
	case !slices.Equal(a.Audience(), []string{poll.Author}) || !slices.Equal(note.Audience(), []string{poll.Author}):
		return fmt.Errorf("who chose what is for %s alone, and not for %s and %s", poll.Author, a.Audience(), note.Audience())
	}
	return n.chosen(ctx, a.Actor(), poll.ID, room, note.Text("name"))
}

// chosen counts a vote.
func (n *Neighbour) chosen(ctx context.Context, by, id, room, option string) error {
	if err := n.obtain(ctx, id, room, 0); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pieces[id]
	if p.Poll == nil || p.Room != room {
		return fmt.Errorf("%s is no poll in %s", id, room)
	}
	i := slices.IndexFunc(p.Poll.Options, func(o Option) bool { return o.Text == option })
	before := p.Poll.cast[by]
	switch {
	case i < 0:
		return fmt.Errorf("the poll %s has no option %q", id, option)
	case !p.Poll.Multiple && len(before) > 0, slices.Contains(before, option):
		return fmt.Errorf("%s voted in %s before", by, id)
	}
	if p.Poll.cast == nil {
		p.Poll.cast = map[string][]string{}
	}
	p.Poll.cast[by] = append(before, option)
	p.Poll.Options[i].Votes++
	p.Poll.Voters++ // of votes, which is what PieFed takes for them
	return nil
}

// recount tells how a poll stands, if it is by somebody here: PieFed does
// after every vote.
func (n *Neighbour) recount(id string) {
	p := n.Piece(id)
	if p == nil || p.Poll == nil || !as.SameHost(p.Author, n.URL) {
		return
	}
	p.Edited = true
	by := n.here(p.Author)
	update := n.manners.act(n, deed{kind: as.KindUpdate, by: by, room: p.Room, object: n.manners.page(n, *p)})
	n.keep(update)
	if room := n.Room(p.Room); room.Own == nil {
		n.later(by, room.Inbox, update)
	} else {
		n.tell(p.Room, update, true)
	}
}

// votedIn is the poll that an activity is a vote in, if it is one.
func votedIn(a as.Doc) string {
	switch {
	case a.Kind() == as.KindPollVote:
		return a.Ref("object")
	case isBallot(a):
		note, _ := a.Embedded("object")
		return note.Ref("inReplyTo")
	}
	return ""
}

// asked reads the poll of an object, nil if it is no Question. PieFed fails
// over one without an end, and to Mbin it is none unless everything is there
// and countable.
func asked(object as.Doc) (*Poll, error) {
	if object.Kind() != as.KindQuestion {
		return nil, nil
	}
	poll := &Poll{Ends: object.Time("endTime"), Multiple: object.Has("anyOf")}
	options := append(object.Embeddeds("oneOf"), object.Embeddeds("anyOf")...)
	voters, counted := object.Int("votersCount")
	if poll.Voters = voters; poll.Ends.IsZero() || !counted || len(options) == 0 {
		return nil, errors.New("a poll needs options, votersCount and endTime")
	}
	for _, o := range options {
		replies, _ := o.Embedded("replies")
		votes, counted := replies.Int("totalItems")
		if o.Kind() != as.KindNote || o.Text("name") == "" || replies.Kind() != as.KindCollection || !counted {
			return nil, fmt.Errorf("an option cannot be read: %s", o.Bytes())
		}
		poll.Options = append(poll.Options, Option{Text: o.Text("name"), Votes: votes})
	}
	return poll, nil
}

// question is what PieFed's document of a post with a poll has that others
// have not, and what is different.
func question(p Piece) map[string]any {
	options := []any{}
	for _, o := range p.Poll.Options {
		options = append(options, map[string]any{
			"type": as.KindNote, "name": o.Text, "replies": map[string]any{"type": as.KindCollection, "totalItems": o.Votes},
		})
	}
	key := "oneOf"
	if p.Poll.Multiple {
		key = "anyOf"
	}
	return map[string]any{
		"type": as.KindQuestion, "content": headed(p.Title) + paragraph(p.Text), "endTime": stamp(p.Poll.Ends), "votersCount": p.Poll.Voters, key: options,
	}
}

// headed is the title that the content of a PieFed's Question begins with.
func headed(title string) string { return "<p>" + title + "</p>" }
