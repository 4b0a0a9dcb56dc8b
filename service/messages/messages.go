// Package messages is the use cases around what two people write to each other
// and nobody else reads: writing, changing, taking back, reading; and what a
// group tells somebody elsewhere of whom it refuses what they wrote.
//
// Who is neither sender nor recipient gets the same answer for every message,
// there or not; admins too. How messages travel belongs to federation.
package messages

import (
	"context"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Draft is a message that somebody wrote. The second part is only for what
// was written on another server.
type Draft struct {
	Body string // Markdown

	From      community.Origin
	HTML      string // as received, not yet sanitised
	CreatedAt time.Time
}

// none is the answer for messages that are not there, or not for who asks.
func none() error { return fault.New(fault.NotFound, "There is no such message.") }

// Send writes a message to somebody. An id that is known already changes
// nothing.
func (s *Service) Send(ctx context.Context, by, to *community.Actor, draft Draft) (_ *community.Message, err error) {
	defer fault.Wrap(&err, "messages.Send(%s to %s)", by.Handle(), to.Handle())
	m := &community.Message{
		IRI: draft.From.IRI, SenderID: by.ID, RecipientID: to.ID, CreatedAt: s.now(),
	}
	if err := dress(m, by, draft.Body, draft.HTML); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := tx.MessagesByIRI(ctx, draft.From.IRI)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.RecipientID == to.ID {
				return fault.New(fault.Conflict, "%s is known already.", draft.From.IRI)
			}
		}
		if err := s.mayWrite(ctx, tx, by, to); err != nil {
			return err // before anything is written, or waited for
		}
		if err := tx.HoldCorrespondence(ctx, by.ID); err != nil {
			return err
		}
		if err := s.mayWrite(ctx, tx, by, to); err != nil {
			return err
		}
		if err := tx.AddMessage(ctx, m, s.Origin+"/message/"); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.MessageSent, m))
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (s *Service) mayWrite(ctx context.Context, tx *storage.DB, by, to *community.Actor) error {
	if err := by.MaySpeak(s.now()); err != nil {
		return err
	}
	if err := by.MayBegin(to); err != nil {
		return err
	}
	between, err := tx.Between(ctx, by, to, s.now())
	if err != nil {
		return err
	}
	if err := between.Bars("write to", to); err != nil {
		return err
	}
	c, err := tx.Correspondence(ctx, by.ID, to.ID, s.now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	return c.MayWrite(by, to)
}

// dress gives a message its words: rendered from Markdown for our people,
// sanitised for others. Those of others were written by other rules, and are
// cut to fit.
func dress(m *community.Message, by *community.Actor, markdown, received string) error {
	m.Body = markdown
	if by.Local() {
		m.HTML = markup.Render(markdown)
		return m.Check()
	}
	cut := m.Fit()
	m.HTML = markup.Sanitize(received)
	if cut || len(m.HTML) > 8*community.MaxMessage {
		m.HTML = markup.Render(m.Body)
	}
	if m.HTML == "" {
		return fault.New(fault.Invalid, "The message is empty.")
	}
	return nil
}

// fact is about a message, and holds none of its words: those are in its row
// and nowhere else.
func (s *Service) fact(kind community.FactKind, m *community.Message) community.Fact {
	return community.Fact{Kind: kind, ActorID: m.SenderID, TargetID: m.RecipientID, ItemID: int64(m.ID), IRI: m.IRI, At: s.now()}
}

// Edit changes a message; only who wrote it may.
func (s *Service) Edit(ctx context.Context, by *community.Actor, id community.MessageID, draft Draft) (_ *community.Message, err error) {
	defer fault.Wrap(&err, "messages.Edit(%d)", id)
	var m *community.Message
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if m, err = s.own(ctx, tx, by, id); err != nil {
			return err
		}
		if err := by.MaySpeak(s.now()); err != nil {
			return err
		}
		before := m.HTML
		if err := dress(m, by, draft.Body, draft.HTML); err != nil || m.HTML == before {
			return err
		}
		m.EditedAt = s.now()
		if err := tx.SaveMessage(ctx, m); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.MessageEdited, m))
	})
	return m, err
}

// own returns a message that by wrote and did not take back.
func (s *Service) own(ctx context.Context, tx *storage.DB, by *community.Actor, id community.MessageID) (*community.Message, error) {
	m, err := s.seen(ctx, tx, by, id)
	switch {
	case err != nil:
		return nil, err
	case m.SenderID != by.ID:
		return nil, fault.New(fault.Forbidden, "Only who wrote this can change it.")
	case m.Deleted():
		return nil, none()
	}
	return m, nil
}

func (s *Service) seen(ctx context.Context, tx *storage.DB, by *community.Actor, id community.MessageID) (*community.Message, error) {
	m, err := tx.Message(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && !m.SeenBy(by.ID) {
		return nil, none()
	}
	return m, err
}

// Delete takes a message back for both, where by wrote it, and else by's copy
// of it.
func (s *Service) Delete(ctx context.Context, by *community.Actor, id community.MessageID) (err error) {
	defer fault.Wrap(&err, "messages.Delete(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.seen(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if m.SenderID != by.ID {
			m.RecipientDropped = true
			return tx.SaveMessage(ctx, m)
		}
		if m.Deleted() {
			return nil
		}
		m.DeletedAt = s.now()
		if by.Local() {
			m.Body, m.HTML = "", "" // nothing brings it back here
		}
		if err := tx.SaveMessage(ctx, m); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.MessageDeleted, m))
	})
}

// Restore brings back what by, who lives elsewhere, took back a short while
// ago.
func (s *Service) Restore(ctx context.Context, by *community.Actor, id community.MessageID) (err error) {
	defer fault.Wrap(&err, "messages.Restore(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.seen(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case m.SenderID != by.ID:
			return fault.New(fault.Forbidden, "Only who wrote this can bring it back.")
		case !m.Deleted():
			return nil
		case m.HTML == "" || s.now().Sub(m.DeletedAt) > community.KeepDeleted:
			return fault.New(fault.NotFound, "The words of this message are forgotten.")
		}
		m.DeletedAt = time.Time{}
		return tx.SaveMessage(ctx, m)
	})
}

// Find returns the person whom a handle names, also one who is gone: what they
// wrote can be read still.
func (s *Service) Find(ctx context.Context, h community.Handle) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "messages.Find(%s)", h)
	actor, err := s.DB.ActorByHandle(ctx, h, community.Person, community.Service)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.NotFound, "There is nobody called %s here.", h)
	}
	return actor, err
}

// Conversations lists with whom by has messages, but those whom they keep away,
// and returns the cursor of the next page.
func (s *Service) Conversations(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.Conversation, next string, err error) {
	defer fault.Wrap(&err, "messages.Conversations(%d)", by.ID)
	return s.DB.Conversations(ctx, by.ID, s.now(), page)
}

// List lists what by and other wrote to each other, newest first, and returns
// the cursor of the next page.
func (s *Service) List(ctx context.Context, by, other *community.Actor, page community.Page) (_ []*community.Message, next string, err error) {
	defer fault.Wrap(&err, "messages.List(%d, %d)", by.ID, other.ID)
	return s.DB.MessagesBetween(ctx, by.ID, other.ID, page)
}

// MayWrite reports why by may not write to other now.
func (s *Service) MayWrite(ctx context.Context, by, other *community.Actor) (err error) {
	defer fault.Wrap(&err, "messages.MayWrite(%d, %d)", by.ID, other.ID)
	return s.mayWrite(ctx, s.DB, by, other)
}

// MarkRead notes that by read what other wrote, up to a message.
func (s *Service) MarkRead(ctx context.Context, by, other *community.Actor, up community.MessageID) (err error) {
	defer fault.Wrap(&err, "messages.MarkRead(%d, %d)", by.ID, other.ID)
	if up <= 0 {
		return fault.Field("up_to", "Say up to which message you have read.")
	}
	return s.DB.ReadMessages(ctx, by.ID, other.ID, up, s.now())
}

// Sight is what by keeps away of what is said to them.
func (s *Service) Sight(ctx context.Context, by *community.Actor) (_ *community.Sight, err error) {
	defer fault.Wrap(&err, "messages.Sight(%d)", by.ID)
	return s.DB.Sight(ctx, by.ID, s.now())
}

// Unread counts what by has not read, up to 100.
func (s *Service) Unread(ctx context.Context, by *community.Actor) (_ int, err error) {
	defer fault.Wrap(&err, "messages.Unread(%d)", by.ID)
	return s.DB.UnreadMessages(ctx, by.ID, s.now())
}

// Drop takes the whole conversation with other out of by's sight; other keeps
// theirs.
func (s *Service) Drop(ctx context.Context, by, other *community.Actor) (err error) {
	defer fault.Wrap(&err, "messages.Drop(%d, %d)", by.ID, other.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.DropConversation(ctx, by.ID, other.ID) })
}

// Refuse has group tell author, who lives elsewhere, why it does not show what
// is called iri: once, and not more often in a day than somebody may want to
// hear. It reports whether they are told.
func (s *Service) Refuse(ctx context.Context, group, author *community.Actor, iri, reason string) (told bool, err error) {
	defer fault.Wrap(&err, "messages.Refuse(%s)", iri)
	if author.Local() || !group.Local() || author.MaySpeak(s.now()) != nil {
		return false, nil
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		told = false
		if err := tx.HoldCorrespondence(ctx, author.ID); err != nil {
			return err
		}
		n, err := tx.Refusals(ctx, author.ID, s.now().Add(-24*time.Hour))
		if err != nil || n >= community.MostRefusals {
			return err
		}
		fresh, err := tx.AddRefusal(ctx, &community.Refusal{IRI: iri, AuthorID: author.ID, GroupID: group.ID, CreatedAt: s.now()})
		if err != nil || !fresh {
			return err
		}
		told = true
		return tx.Record(ctx, community.Fact{
			Kind: community.WritingRefused, ActorID: group.ID, GroupID: group.ID, TargetID: author.ID, IRI: iri, Reason: reason, At: s.now(),
		})
	})
	return told, err
}

// Trim forgets what nobody can see any more.
func (s *Service) Trim(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "messages.Trim")
	if err := s.DB.TrimRefusals(ctx, s.now().Add(-30*24*time.Hour)); err != nil {
		return err
	}
	return s.DB.TrimMessages(ctx, s.now().Add(-community.KeepDeleted))
}
