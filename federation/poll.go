package federation

import (
	"context"
	"fmt"
	"html"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/federation/as"
)

// pollIn reads the poll of a Question (FEP-9967), nil if it has none.
func (s *Server) pollIn(object as.Doc) *community.Poll {
	if object.Kind() != as.KindQuestion {
		return nil
	}
	poll := &community.Poll{ClosesAt: community.Timestamp(object.Time("endTime"))}
	options := object.Embeddeds("oneOf")
	if len(options) == 0 {
		options, poll.Multiple = object.Embeddeds("anyOf"), true
	}
	if len(options) == 0 {
		return nil
	}
	if open, stated := object.Bool("closed"); object.Has("closed") && (open || !stated) {
		if poll.ClosesAt = community.Timestamp(object.Time("closed")); poll.ClosesAt.IsZero() {
			poll.ClosesAt = s.now() // closed, and no telling since when
		}
	}
	var sum int64
	for _, o := range options {
		option := community.PollOption{Text: firstOf(o.Text("name"), o.Text("content"))}
		if replies, ok := o.Embedded("replies"); ok {
			option.Votes, _ = replies.Int("totalItems")
		}
		sum += max(option.Votes, 0)
		poll.Options = append(poll.Options, option)
	}
	var counted bool
	if poll.Voters, counted = object.Int("votersCount"); !counted && !poll.Multiple {
		poll.Voters = sum
	}
	return poll
}

// untitled is content without the title that a Question begins with, for
// those who show no title.
func untitled(object as.Doc, content string) string {
	name := object.Text("name")
	if object.Kind() != as.KindQuestion || name == "" {
		return content
	}
	first, rest, found := strings.Cut(content, "</p>")
	if !found || markup.Text(first+"</p>") != strings.Join(strings.Fields(plain(name)), " ") {
		return content
	}
	return rest
}

// isBallot reports whether an object is a vote in a poll: a Note that names
// an option and says nothing (Mastodon).
func isBallot(object as.Doc) bool {
	return object.Kind() == as.KindNote && object.Text("name") != "" && object.Text("content") == "" && object.Ref("inReplyTo") != ""
}

// ballot counts a vote in a poll of somebody here. Votes are between voter
// and author, so nobody passes them on.
func (s *Server) ballot(ctx context.Context, r *received, object as.Doc) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "Votes in polls are for the poll's author: %s cannot announce one.", r.via.Handle())
	}
	if !wrote(object, r.actor) {
		return fault.New(fault.Forbidden, "The vote is not by %s.", r.actor)
	}
	found, err := s.find(ctx, object.Ref("inReplyTo"))
	if err != nil {
		return err
	}
	if found.post == nil || !s.ours(found.post.IRI) {
		return fault.New(fault.Forbidden, "Votes in that poll are not counted here.")
	}
	from := r.origin(object.ID())
	from.Activity = nil // who chose what is between them and the author
	return s.choose(ctx, r, found, object.Text("name"), from)
}

// pollVote counts PieFed's PollVote. PieFed sends it to the group and not to
// the author, and announces those of its own: so a poll of a group elsewhere
// is counted here too, on the group's word, until its author says how it
// stands; and in a group of ours we count it and pass it on to the author.
func (s *Server) pollVote(ctx context.Context, r *received) error {
	found, err := s.find(ctx, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	if err := found.within(r); err != nil {
		return err
	}
	if found.post == nil {
		return fault.New(fault.Invalid, "A comment has no poll.")
	}
	from := r.origin(r.doc.ID())
	if r.via != nil || s.ours(found.post.IRI) {
		from.Activity = nil // see ballot
		return s.choose(ctx, r, found, r.doc.Text("choice_text"), from)
	}
	group, err := s.DB.Actor(ctx, found.group())
	if err != nil {
		return err
	}
	if !group.Local() {
		return fault.New(fault.Forbidden, "Votes in that poll are not counted here.")
	}
	return s.choose(ctx, r, found, r.doc.Text("choice_text"), from)
}

// choose has the actor of r vote for an option by what it says.
func (s *Server) choose(ctx context.Context, r *received, found thing, option string, from community.Origin) error {
	poll, err := s.DB.Poll(ctx, found.post.ID)
	if err != nil {
		return err
	}
	id, ok := poll.Option(option)
	if !ok {
		return fault.New(fault.Invalid, "The poll has no option %.100q.", option)
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	return s.Posts.VotePoll(ctx, by, found.post.ID, []community.OptionID{id}, from)
}

// chooseAnswer handles PieFed's ChooseAnswer: who asked, or a moderator, says
// which comment answers a post.
func (s *Server) chooseAnswer(ctx context.Context, r *received) error {
	a, err := s.answering(ctx, r, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	return s.Posts.ChooseAnswer(ctx, a.by, a.post, a.comment, a.from)
}

// undoAnswer takes that back.
func (s *Server) undoAnswer(ctx context.Context, r *received, inner as.Doc) error {
	a, err := s.answering(ctx, r, inner.Ref("object"))
	if err != nil {
		return err
	}
	return s.Posts.WithdrawAnswer(ctx, a.by, a.post, a.comment, a.from)
}

// An answering is what somebody says answers a post, or not.
type answering struct {
	by      *community.Actor
	post    community.PostID
	comment community.CommentID
	from    community.Origin
}

// answering finds a comment that somebody says answers its post, or not, and
// lets them only if they asked or moderate.
func (s *Server) answering(ctx context.Context, r *received, iri string) (a answering, err error) {
	found, err := s.find(ctx, iri)
	if err != nil {
		return a, err
	}
	if err := found.within(r); err != nil {
		return a, err
	}
	if found.comment == nil {
		return a, fault.New(fault.Invalid, "A post does not answer itself.")
	}
	a.post, a.comment, a.from = found.comment.PostID, found.comment.ID, r.origin(r.doc.ID())
	if a.by, err = s.actor(ctx, r.actor); err != nil {
		return a, err
	}
	post, err := s.DB.Post(ctx, a.post)
	if err != nil || post.AuthorID == a.by.ID {
		return a, err
	}
	group, err := s.DB.Actor(ctx, post.GroupID)
	if err != nil {
		return a, err
	}
	a.from, err = s.mayModerate(ctx, r, a.by, group)
	return a, err
}

// question makes a Page a Question. Its content begins with the title, which
// Mastodon shows nowhere else, and it has no teaser, since Mastodon shows all
// of it.
func question(page as.Page, poll *community.Poll, closed bool) as.Page {
	page.Content = fmt.Sprintf("<p><strong>%s</strong></p>%s", html.EscapeString(page.Name), page.Content)
	page.Teaser = ""
	page.Poll = &as.Poll{Multiple: poll.Multiple, Voters: poll.Voters, Ends: poll.ClosesAt, Closed: closed}
	for _, o := range poll.Options {
		page.Poll.Options = append(page.Poll.Options, as.Option{Name: o.Text, Votes: o.Votes})
	}
	return page
}
