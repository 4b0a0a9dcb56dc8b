package federation

import (
	"context"
	"fmt"
	"html"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/messages"
)

// A letter is what somebody elsewhere wrote to people here and to nobody else:
// a ChatMessage, or a Note that is addressed like one.
type letter struct {
	object as.Doc
	to     []string // as it is addressed
}

// letterIn returns the message between people that r is about. What is
// addressed to a group, to followers or in public is none, whatever else it
// is: nobody who writes to a group writes to one person.
func (s *Server) letterIn(ctx context.Context, r *received) (letter, bool) {
	object, ok := r.doc.Embedded("object")
	if !r.object.IsZero() {
		object, ok = r.object, true
	}
	if !ok || object.Kind() != as.KindChatMessage && object.Kind() != as.KindNote {
		return letter{}, false
	}
	l := letter{object: object, to: addresseesOf(object)}
	if len(l.to) == 0 {
		l.to = addresseesOf(r.doc)
	}
	if object.Kind() == as.KindChatMessage {
		return l, true
	}
	if object.IsPublic() || r.doc.IsPublic() || object.Ref("audience") != "" || r.doc.Ref("audience") != "" || len(l.to) == 0 {
		return letter{}, false
	}
	ours := false
	for _, iri := range append(l.to, addresseesOf(r.doc)...) {
		kind, _, here := s.local(iri)
		switch {
		case here && kind == localPerson:
			ours = true
		case here:
			return letter{}, false // a group
		case s.mayBeMany(ctx, iri):
			return letter{}, false
		}
	}
	return l, ours
}

// mayBeMany reports whether an address elsewhere is somebody's followers, or a
// group. Of whom is not known, only a path can tell.
func (s *Server) mayBeMany(ctx context.Context, iri string) bool {
	if len(iri) > 10 && iri[len(iri)-10:] == "/followers" {
		return true
	}
	actor, err := s.DB.ActorByIRI(ctx, iri)
	return err == nil && actor.IsGroup()
}

// addresseesOf are those to whom a document is addressed.
func addresseesOf(doc as.Doc) []string {
	list := slices.Concat(doc.Refs("to"), doc.Refs("cc"))
	slices.Sort(list)
	return slices.Compact(list)
}

// message handles Create of a message. Nobody passes one on: what two people
// say to each other is no group's to announce.
func (s *Server) message(ctx context.Context, r *received, l letter) error {
	by, people, err := s.correspondents(ctx, r, l)
	if err != nil {
		return err
	}
	if err := s.acquaint(ctx, by); err != nil {
		return err
	}
	draft := s.letterDraft(r, l)
	sent := 0
	for _, to := range people {
		_, refused := s.Messages.Send(ctx, by, to, draft)
		switch fault.CodeOf(refused) {
		case fault.None:
			sent++
		case fault.Internal, fault.Unavailable:
			return refused
		default:
			err = dropFlood(refused)
		}
	}
	if sent > 0 && err != nil {
		s.logDrop(ctx, r.doc, err) // by some of them
		return nil
	}
	return err
}

// acquaint learns what runs where somebody lives to whom a message may go, so
// that even the first has the form that is read there. Without an answer it has
// the most common one.
func (s *Server) acquaint(ctx context.Context, a *community.Actor) error {
	if a.Local() {
		return nil
	}
	_, err := s.peerOf(ctx, as.Host(a.IRI))
	return err
}

// dropFlood makes of a flood something that does not come again: what is too
// much now would be tried later.
func dropFlood(err error) error {
	if fault.Is(err, fault.RateLimited) {
		return fault.Because(err, fault.Forbidden, "That is more than somebody who gets no answer may write in a day")
	}
	return err
}

// correspondents finds who wrote a message, and to whom: to people of this
// server, and few, and to nobody else who would then be in a conversation that
// nobody here sees.
func (s *Server) correspondents(ctx context.Context, r *received, l letter) (by *community.Actor, people []*community.Actor, err error) {
	id := l.object.ID()
	switch {
	case r.via != nil:
		return nil, nil, fault.New(fault.Forbidden, "%s is a message between people: %s cannot announce it.", id, r.via.Handle())
	case !as.SameHost(id, r.actor) || !wrote(l.object, r.actor):
		return nil, nil, fault.New(fault.Forbidden, "%s is not by %s.", id, r.actor)
	case l.object.IsPublic() || r.doc.IsPublic():
		return nil, nil, fault.New(fault.Forbidden, "%s is a message, and public.", id)
	case len(l.to) == 0 || len(l.to) > community.MaxAddressed:
		return nil, nil, fault.New(fault.Forbidden, "%s is a message to %d people; here it can be to one, or to %d at most.", id, len(l.to), community.MaxAddressed)
	}
	for _, iri := range l.to {
		if kind, _, here := s.local(iri); !here || kind != localPerson {
			return nil, nil, fault.New(fault.Forbidden, "%s is a message to %.200q too, who is nobody here.", id, iri)
		}
		to, err := s.DB.ActorByIRI(ctx, iri)
		if err != nil {
			return nil, nil, err
		}
		people = append(people, to)
	}
	by, err = s.actor(ctx, r.actor)
	if err == nil && !by.IsPerson() {
		err = fault.New(fault.Forbidden, "%s is no person, and writes to none.", by.Handle())
	}
	return by, people, err
}

// mostAttached bounds the pictures and files that are linked to from a message.
const mostAttached = 8

// letterDraft is what a message says, in our words. What is attached to it
// stays where it is, and is linked to.
func (s *Server) letterDraft(r *received, l letter) messages.Draft {
	content, source := text(l.object)
	attachments := l.object.Embeddeds("attachment")
	for _, a := range attachments[:min(len(attachments), mostAttached)] {
		u := webURL(firstOf(a.Ref("url"), a.Ref("href")))
		if u == "" {
			continue
		}
		name := firstOf(a.Text("name"), a.Text("summary"), u)
		content += fmt.Sprintf(`<p><a href="%s">%s</a></p>`, html.EscapeString(u), html.EscapeString(clip(name, 200)))
		source += "\n\n" + u
	}
	return messages.Draft{Body: source, HTML: content, From: r.origin(l.object.ID())}
}

// editMessage handles Update of a message; one that is not known is taken for
// new.
func (s *Server) editMessage(ctx context.Context, r *received, l letter) error {
	by, _, err := s.correspondents(ctx, r, l)
	if err != nil {
		return err
	}
	copies, err := s.DB.MessagesByIRI(ctx, l.object.ID())
	if err != nil {
		return err
	}
	if len(copies) == 0 {
		return s.message(ctx, r, l)
	}
	draft := s.letterDraft(r, l)
	for _, m := range copies {
		if _, err := s.Messages.Edit(ctx, by, m.ID, draft); err != nil {
			return err
		}
	}
	return nil
}

// deleteMessage handles Delete of a message, and reports whether it was one.
func (s *Server) deleteMessage(ctx context.Context, r *received, iri string) (yes bool, err error) {
	return s.eachCopy(ctx, r, iri, s.Messages.Delete)
}

// restoreMessage handles Undo of the Delete of a message (Lemmy), and reports
// whether it was one.
func (s *Server) restoreMessage(ctx context.Context, r *received, iri string) (yes bool, err error) {
	return s.eachCopy(ctx, r, iri, s.Messages.Restore)
}

// eachCopy has the sender of a message do something with each copy of it.
func (s *Server) eachCopy(ctx context.Context, r *received, iri string, do func(context.Context, *community.Actor, community.MessageID) error) (yes bool, err error) {
	copies, err := s.DB.MessagesByIRI(ctx, iri)
	if err != nil || len(copies) == 0 {
		return err != nil, err
	}
	if r.via != nil {
		return true, fault.New(fault.Forbidden, "%s is a message between people, of which %s says nothing.", iri, r.via.Handle())
	}
	by, err := s.anybody(ctx, r.actor)
	if err != nil {
		return true, err
	}
	for _, m := range copies {
		if m.SenderID != by.ID {
			return true, fault.New(fault.Forbidden, "%s is not by %s.", iri, r.actor)
		}
		if err := do(ctx, by, m.ID); err != nil {
			return true, err
		}
	}
	return true, nil
}

// noMessage reports, as an error, that an id is that of a message, which
// becomes no post.
func (s *Server) noMessage(ctx context.Context, iri string) error {
	copies, err := s.DB.MessagesByIRI(ctx, iri)
	if err == nil && len(copies) > 0 {
		err = fault.New(fault.Forbidden, "%s is a message between people.", iri)
	}
	return err
}
