package instance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Joining returns how people come here: what was settled last, or what the
// server started with. It is read each time, so that all processes agree.
func (s *Service) Joining(ctx context.Context, db *storage.DB) (_ *community.Joining, err error) {
	defer fault.Wrap(&err, "instance.Joining")
	j, err := db.Joining(ctx)
	if !fault.Is(err, fault.NotFound) {
		return j, err
	}
	mode := s.Start
	if mode == "" {
		mode = community.JoinOpen
	}
	start := community.NewJoining(mode)
	return &start, nil
}

// Open reports whether everybody may make an account, as other servers are
// told.
func (s *Service) Open(ctx context.Context) (bool, error) {
	j, err := s.Joining(ctx, s.DB)
	return err == nil && j.Mode == community.JoinOpen, err
}

// A Change is what an administrator wants to be different about how people
// come here. What is nil stays.
type Change struct {
	Mode        *community.JoinMode
	Welcome     *string
	Rules       *[]string
	Questions   *[]community.Question
	RequireMail *bool
	Inviters    *community.Inviters
	InviterDays *int
	InvitesEach *int
	Proof       *int
	PerAddress  *int
	PerNetwork  *int
}

// Settle changes how people come here, for all processes at once, and writes
// down who did. It is Forbidden but for administrators, and Invalid with a
// field for what cannot be.
func (s *Service) Settle(ctx context.Context, by *community.Actor, c Change) (_ *community.Joining, err error) {
	defer fault.Wrap(&err, "instance.Settle")
	var settled *community.Joining
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.MaySettle(ctx, tx, by); err != nil {
			return err
		}
		if err := tx.HoldJoining(ctx); err != nil {
			return err
		}
		before, err := s.Joining(ctx, tx)
		if err != nil {
			return err
		}
		after := *before
		c.apply(&after)
		after.Tidy()
		if err := after.Check(); err != nil {
			return err
		}
		if after.RequireMail && !before.RequireMail && !tx.SendsLetters() {
			return fault.Field("require_mail", "This server cannot send mail, so nobody could confirm an address. Whoever runs it sets DRYSTONE_SMTP first.")
		}
		settled = &after
		what := differences(before, settled)
		if what == "" {
			return nil
		}
		now := community.Timestamp(s.Now())
		if err := tx.SaveJoining(ctx, settled, now); err != nil {
			return err
		}
		return tx.AddDecision(ctx, &community.Decision{Kind: community.JoiningSettled, ActorID: by.ID, Reason: what, CreatedAt: now})
	})
	if err != nil {
		return nil, err
	}
	return settled, nil
}

// MaySettle reports why by may not settle what concerns the whole server.
func (s *Service) MaySettle(ctx context.Context, db *storage.DB, by *community.Actor) error {
	account, err := db.AccountOf(ctx, by.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return account.Needs(community.SiteSettings, s.Now())
}

func (c Change) apply(j *community.Joining) {
	set(&j.Mode, c.Mode)
	set(&j.Welcome, c.Welcome)
	set(&j.Rules, c.Rules)
	set(&j.Questions, c.Questions)
	set(&j.RequireMail, c.RequireMail)
	set(&j.Inviters, c.Inviters)
	set(&j.InviterDays, c.InviterDays)
	set(&j.InvitesEach, c.InvitesEach)
	set(&j.Proof, c.Proof)
	set(&j.PerAddress, c.PerAddress)
	set(&j.PerNetwork, c.PerNetwork)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// differences say in words what was settled anew, for the log.
func differences(a, b *community.Joining) string {
	var words []string
	differ := func(what string, before, after any) {
		if before != after {
			words = append(words, fmt.Sprintf("%s: %v → %v", what, before, after))
		}
	}
	changed := func(what string, same bool) {
		if !same {
			words = append(words, what)
		}
	}
	differ("who may join", a.Mode, b.Mode)
	changed("welcome", a.Welcome == b.Welcome)
	changed("rules", slices.Equal(a.Rules, b.Rules))
	changed("questions", slices.Equal(a.Questions, b.Questions))
	differ("mail address must be confirmed", a.RequireMail, b.RequireMail)
	differ("who may invite", a.Inviters, b.Inviters)
	differ("days before inviting", a.InviterDays, b.InviterDays)
	differ("invitations each", a.InvitesEach, b.InvitesEach)
	differ("work", a.Proof, b.Proof)
	differ("per address", a.PerAddress, b.PerAddress)
	differ("per network", a.PerNetwork, b.PerNetwork)
	return strings.Join(words, "; ")
}
