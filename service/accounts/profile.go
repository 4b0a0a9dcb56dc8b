package accounts

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// A Change is what somebody wants to be different about themselves. What is
// nil stays.
type Change struct {
	Title   *string
	Summary *string // Markdown
	Email   *string

	Discoverable *bool // may be listed, here and elsewhere
	Indexable    *bool // what they write can be searched, here and elsewhere

	MessagesFrom *community.Openness // from whom they take messages
}

// Edit changes what others see of who, and their address. What cannot be
// accepted is Invalid, with its field.
func (s *Service) Edit(ctx context.Context, by *Who, c Change) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.Edit(%d)", by.Account.ID)
	var edited *Who
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		edited, err = who(ctx, tx, by.Account.ID)
		if err != nil {
			return err
		}
		edited.Session = by.Session
		if err := s.editProfile(ctx, tx, edited.Actor, c); err != nil {
			return err
		}
		if c.Email == nil {
			return nil
		}
		edited.Account, err = s.changeEmail(ctx, tx, edited.Account.ID, *c.Email)
		return err
	})
	if err != nil {
		return nil, err
	}
	return edited, nil
}

func (s *Service) editProfile(ctx context.Context, tx *storage.DB, actor *community.Actor, c Change) error {
	title, summary := actor.Title, actor.Summary
	if c.Title != nil {
		title = strings.TrimSpace(*c.Title)
	}
	if c.Summary != nil {
		summary = strings.TrimSpace(*c.Summary)
	}
	if err := community.CheckProfile(title, summary); err != nil {
		return err
	}
	if title != actor.Title {
		if err := checkFace(ctx, tx, actor, &community.Actor{ID: actor.ID, Kind: actor.Kind, Name: actor.Name, Title: title}); err != nil {
			return err
		}
	}
	before := *actor
	set(&actor.Discoverable, c.Discoverable)
	set(&actor.Indexable, c.Indexable)
	set(&actor.MessagesFrom, c.MessagesFrom)
	if err := community.CheckOpenness(actor.MessagesFrom); err != nil {
		return err
	}
	if title == actor.Title && summary == actor.Summary && *actor == before {
		return nil
	}
	actor.Title, actor.Summary, actor.SummaryHTML = title, summary, markup.Render(summary)
	actor.UpdatedAt = s.now()
	if err := tx.EditActor(ctx, actor); err != nil {
		return err
	}
	if err := noteFlags(ctx, tx, &before, actor, community.FromProfile); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: actor.ID, At: actor.UpdatedAt})
}

// noteFlags keeps that somebody agreed to being listed or found, or not, with
// whatever else they agreed to.
func noteFlags(ctx context.Context, tx *storage.DB, before, actor *community.Actor, where community.Source) error {
	for _, flag := range []struct {
		purpose  community.Purpose
		was, now bool
	}{
		{community.Listed, before.Discoverable, actor.Discoverable}, {community.Searched, before.Indexable, actor.Indexable},
	} {
		if flag.was == flag.now {
			continue
		}
		c := &community.Consent{ActorID: actor.ID, Purpose: flag.purpose, Value: flag.now, Source: where, At: actor.UpdatedAt}
		if err := tx.AddConsent(ctx, c); err != nil {
			return err
		}
		if where == community.FromJoining {
			continue // nothing was made of them yet
		}
		if err := tx.Record(ctx, c.Fact()); err != nil {
			return err
		}
	}
	return nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
