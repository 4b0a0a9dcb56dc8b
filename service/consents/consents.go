// Package consents is what people agree and object to, and what they are told
// of what is known of them.
//
// Whether something is allowed is one rule, community.Consents, which every
// feature that makes something of single people asks. What they wrote, and who
// may read it, does not belong here.
package consents

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time

	// Purgers are what forgets what was made of people; see Purger.
	Purgers []Purger
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A State is where somebody stands about one purpose.
type State struct {
	community.Aim
	Allowed bool
	At      time.Time // when they said so; zero: they said nothing
}

// List returns where who stands about each purpose.
func (s *Service) List(ctx context.Context, who *community.Actor) (_ []State, err error) {
	defer fault.Wrap(&err, "consents.List(%s)", who.Handle())
	said, err := s.DB.Consents(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	states := make([]State, 0, len(said))
	for _, aim := range community.Aims() {
		states = append(states, stateOf(said, aim, who))
	}
	return states, nil
}

func stateOf(said community.Consents, aim community.Aim, who *community.Actor) State {
	state := State{Aim: aim, Allowed: said.Allows(aim.Purpose, who)}
	if c := said[aim.Purpose]; c != nil {
		state.At = c.At
	}
	return state
}

// Say notes what somebody of this server agrees or objects to. Both are facts:
// what was made for a purpose and is not allowed any more is forgotten when
// Read reads of it, which takes seconds and at most a day.
// To say the same again changes nothing.
func (s *Service) Say(ctx context.Context, who *community.Actor, purpose community.Purpose, value bool) (_ State, err error) {
	defer fault.Wrap(&err, "consents.Say(%s, %s)", who.Handle(), purpose)
	aim, err := community.AimOf(purpose)
	if err != nil {
		return State{}, err
	}
	if !who.Local() {
		return State{}, fault.New(fault.Forbidden, "What %s agrees to, their own server says.", who.Handle())
	}
	var state State
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldConsents(ctx, who.ID); err != nil {
			return err
		}
		who, err := tx.Actor(ctx, who.ID)
		if err != nil {
			return err
		}
		said, err := tx.Consents(ctx, who.ID)
		if err != nil {
			return err
		}
		if before := said[purpose]; before == nil || before.Value != value || said.Allows(purpose, who) != value {
			if err := s.say(ctx, tx, who, said, purpose, value); err != nil {
				return err
			}
		}
		state = stateOf(said, aim, who)
		return nil
	})
	return state, err
}

func (s *Service) say(ctx context.Context, tx *storage.DB, who *community.Actor, said community.Consents, purpose community.Purpose, value bool) error {
	if err := s.flag(ctx, tx, who, purpose, value); err != nil {
		return err
	}
	c := &community.Consent{ActorID: who.ID, Purpose: purpose, Value: value, Source: community.FromSettings, At: s.now()}
	if err := tx.AddConsent(ctx, c); err != nil {
		return err
	}
	said[purpose] = c
	return tx.Record(ctx, c.Fact())
}

// flag changes what other servers are told of somebody, where a purpose is
// that.
func (s *Service) flag(ctx context.Context, tx *storage.DB, who *community.Actor, purpose community.Purpose, value bool) error {
	switch {
	case purpose == community.Listed && who.Discoverable != value:
		who.Discoverable = value
	case purpose == community.Searched && who.Indexable != value:
		who.Indexable = value
	default:
		return nil
	}
	who.UpdatedAt = s.now()
	if err := tx.EditActor(ctx, who); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: who.ID, At: who.UpdatedAt})
}

// mostHistory bounds what is read of what somebody said.
const mostHistory = 10_000

// History lists everything that somebody said, oldest first.
func (s *Service) History(ctx context.Context, who *community.Actor) (_ []*community.Consent, err error) {
	defer fault.Wrap(&err, "consents.History(%s)", who.Handle())
	return s.DB.ConsentHistory(ctx, who.ID, mostHistory)
}

// mostGroups bounds of how many groups somebody is told at once.
const mostGroups = 500

// Insights gathers what is known of somebody, for themselves: what each group
// knows, as far as they may know, and what is computed.
func (s *Service) Insights(ctx context.Context, who *community.Actor, account *community.Account) (_ *community.Insights, err error) {
	defer fault.Wrap(&err, "consents.Insights(%s)", who.Handle())
	in := &community.Insights{Computed: map[string]any{}}
	memberships, err := s.DB.Belonging(ctx, who.ID, mostGroups)
	if err != nil {
		return nil, err
	}
	ids := make([]community.ActorID, len(memberships))
	for i, m := range memberships {
		ids[i] = m.GroupID
	}
	groups, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	decisions, warnings, err := s.DB.CountAbout(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	grants, err := s.DB.GrantsOf(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range memberships {
		if g := groups[m.GroupID]; g != nil {
			in.Groups = append(in.Groups, &community.Standing{
				Membership: m, Group: g, Decisions: decisions[g.ID], Warnings: warnings[g.ID], Grants: grantsIn(grants, g.ID),
			})
		}
	}
	in.Decisions, in.Warnings, in.Grants = decisions[0], warnings[0], grantsIn(grants, 0)
	fresh, err := s.DB.Actor(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range community.Computations() {
		in.Computed[c.Key] = c.Value(fresh, account)
	}
	return in, nil
}

func grantsIn(all []*community.RoleGrant, group community.ActorID) (list []*community.RoleGrant) {
	for _, g := range all {
		if g.GroupID == group {
			list = append(list, g)
		}
	}
	return list
}
