// Package groups is the use cases around groups: making and changing them,
// finding them, joining and leaving, and people following people.
//
// What is said in a group belongs to service/posts; how a follow travels
// belongs to federation, which calls the same methods as the API.
package groups

import (
	"context"
	"time"

	"github.com/google/uuid"

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
	NewKey func() (privatePEM, publicPEM string, err error)
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Draft is a group that somebody wants to make.
type Draft struct {
	Name    string
	Title   string
	Summary string // Markdown

	Visibility community.Visibility
}

// Create makes a group of this server, owned by the person who asks. A name
// that is taken, by a person too, is a Conflict.
func (s *Service) Create(ctx context.Context, by *community.Actor, draft Draft) (_ *community.Group, err error) {
	defer fault.Wrap(&err, "groups.Create(%s)", draft.Name)
	if err := community.CheckName(draft.Name); err != nil {
		return nil, err
	}
	if err := community.CheckProfile(draft.Title, draft.Summary); err != nil {
		return nil, err
	}
	if err := community.CheckVisibility(draft.Visibility); err != nil {
		return nil, err
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	private, public, err := s.NewKey()
	if err != nil {
		return nil, err
	}
	group := s.newGroup(draft, public)
	owner := &community.Membership{
		GroupID: group.ID, ActorID: by.ID, Role: community.Owner, State: community.Accepted, CreatedAt: group.CreatedAt,
		ModeratesSince: group.CreatedAt,
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.AddActor(ctx, group); err != nil {
			return err
		}
		if err := checkFace(ctx, tx, by, group); err != nil {
			return err
		}
		if err := tx.AddKey(ctx, group.ID, private); err != nil {
			return err
		}
		owner.GroupID = group.ID
		if err := tx.SaveMembership(ctx, owner); err != nil {
			return err
		}
		if err := tx.CountMember(ctx, group.ID, 1); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.GroupCreated, ActorID: by.ID, GroupID: group.ID, At: group.CreatedAt})
	})
	if err != nil {
		return nil, err
	}
	group.MemberCount = 1 // folded within the second
	return &community.Group{Actor: group, Membership: owner, Moderators: []*community.Actor{by}}, nil
}

// checkFace reports that a group would be taken for somebody who looks after the
// server.
func checkFace(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	staff, err := tx.Staff(ctx)
	if err != nil {
		return err
	}
	return staff.CheckFace(by, group)
}

func (s *Service) newGroup(draft Draft, publicPEM string) *community.Actor {
	iri := s.Origin + "/c/" + draft.Name
	now := s.now()
	return &community.Actor{
		Kind: community.GroupKind, Name: draft.Name, IRI: iri, URL: iri, Title: draft.Title,
		Summary: draft.Summary, SummaryHTML: markup.Render(draft.Summary),
		Inbox: iri + "/inbox", SharedInbox: s.Origin + "/inbox", Outbox: iri + "/outbox",
		Followers: iri + "/followers", Featured: iri + "/featured", Moderators: iri + "/moderators",
		KeyID: iri + "#main-key", PublicKey: publicPEM, Discoverable: true, Indexable: draft.Visibility == community.Open,
		Visibility: draft.Visibility, Locked: draft.Visibility == community.Private,
		CreatedAt: now, UpdatedAt: now,
	}
}

// Find returns the group that handle names, as reader (nil: signed out) sees
// it. One that its server closed is there, and says so.
func (s *Service) Find(ctx context.Context, reader *community.Actor, h community.Handle) (_ *community.Group, err error) {
	defer fault.Wrap(&err, "groups.Find(%s)", h)
	actor, err := s.DB.ActorByHandle(ctx, h, community.GroupKind)
	if fault.Is(err, fault.NotFound) || err == nil && (!actor.KnownTo(reader) || actor.Local() && actor.Gone()) {
		return nil, noGroup(err, h)
	}
	if err != nil {
		return nil, err
	}
	group := &community.Group{Actor: actor}
	if group.Moderators, err = s.DB.Moderators(ctx, actor.ID); err != nil {
		return nil, err
	}
	if group.Helpers, err = s.helpers(ctx, actor); err != nil {
		return nil, err
	}
	if reader == nil {
		group.Veil(nil)
		return group, nil
	}
	// They may have joined or posted a moment ago.
	counters, err := s.DB.Counters(ctx, community.SubjectActor, []int64{int64(actor.ID)})
	if err != nil {
		return nil, err
	}
	actor.MemberCount, actor.PostCount = counters[int64(actor.ID)].Members, counters[int64(actor.ID)].Posts
	if group.Membership, err = s.DB.Membership(ctx, actor.ID, reader.ID); err != nil {
		return nil, err
	}
	group.Veil(reader)
	if actor.Local() && group.Membership.May(community.AdmitMembers, s.now()) {
		group.Asking, err = s.DB.CountAsking(ctx, actor.ID)
	}
	if err == nil {
		err = s.lacks(ctx, group)
	}
	return group, err
}

// mostHelpers is how many people with a role the page of a group names.
const mostHelpers = 50

// helpers lists who has a role in a group of ours that holds.
func (s *Service) helpers(ctx context.Context, group *community.Actor) ([]*community.GrantView, error) {
	if !group.Local() {
		return nil, nil
	}
	grants, err := s.DB.Grants(ctx, group.ID, false, mostHelpers)
	if err != nil || len(grants) == 0 {
		return nil, err
	}
	ids := make([]community.ActorID, len(grants))
	for i, g := range grants {
		ids[i] = g.ActorID
	}
	people, err := s.DB.Actors(ctx, ids)
	var views []*community.GrantView
	for _, g := range grants {
		if who := people[g.ActorID]; who != nil && g.Holds(s.now()) && who.MaySpeak(s.now()) == nil {
			views = append(views, &community.GrantView{RoleGrant: g, Person: who})
		}
	}
	return views, err
}

// lacks notes whether a group lives with software that refuses polls or shows
// no events: whoever writes there should know before they have put one together.
func (s *Service) lacks(ctx context.Context, group *community.Group) error {
	if group.PeerID == 0 {
		return nil
	}
	peer, err := s.DB.Peer(ctx, group.PeerID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		group.NoPolls, group.NoEvents = !peer.TakesPolls(), !peer.TakesEvents()
	}
	return err
}

// actor loads a group that is not gone.
func (s *Service) actor(ctx context.Context, db *storage.DB, h community.Handle) (*community.Actor, error) {
	actor, err := db.ActorByHandle(ctx, h, community.GroupKind)
	if fault.Is(err, fault.NotFound) || err == nil && actor.Gone() {
		return nil, noGroup(err, h)
	}
	return actor, err
}

// noGroup is the same for a group that is not there and one that its reader
// may not know of.
func noGroup(err error, h community.Handle) error {
	return fault.Because(err, fault.NotFound, "There is no group called %s here.", h)
}

// List lists groups as reader sees them, and returns the cursor of the next
// page.
func (s *Service) List(ctx context.Context, reader *community.Actor, query community.GroupQuery) (_ []*community.Group, next string, err error) {
	defer fault.Wrap(&err, "groups.List")
	if reader != nil {
		query.Viewer = reader.ID
	}
	actors, next, err := s.DB.Groups(ctx, query)
	if err != nil {
		return nil, "", err
	}
	groups, err := s.DB.GroupViews(ctx, reader, actors)
	return groups, next, err
}

// Joined lists the groups that by has joined, by name.
func (s *Service) Joined(ctx context.Context, by *community.Actor) (_ []*community.Actor, err error) {
	defer fault.Wrap(&err, "groups.Joined(%d)", by.ID)
	return s.DB.Joined(ctx, by.ID)
}

// A Change says what becomes of a group; nil leaves a field as it is.
type Change struct {
	Title      *string
	Summary    *string
	Restricted *bool
	Visibility *community.Visibility // its owner's to change

	Discoverable *bool // listed here and elsewhere
	Indexable    *bool // what is said in it can be searched, here and elsewhere
	Sensitive    *bool

	BoostsAnswers *bool // microblogs see answers too
	Questions     *bool // what is posted asks something, unless it says otherwise
	From          community.Origin
}

// Edit changes a group of this server.
func (s *Service) Edit(ctx context.Context, by *community.Actor, h community.Handle, change Change) (_ *community.Group, err error) {
	defer fault.Wrap(&err, "groups.Edit(%s)", h)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		group, err := s.actor(ctx, tx, h)
		if err != nil {
			return err
		}
		if group, err = tx.HoldGroup(ctx, group.ID); err != nil {
			return err
		}
		if err := mayEdit(ctx, tx, by, group, s.now()); err != nil {
			return err
		}
		if err := s.reveal(ctx, tx, by, group, change.Visibility); err != nil {
			return err
		}
		title := group.Title
		apply(group, change)
		if err := community.CheckProfile(group.Title, group.Summary); err != nil {
			return err
		}
		if change.Title != nil && group.Title != title {
			if err := checkFace(ctx, tx, by, group); err != nil {
				return err
			}
		}
		group.SummaryHTML = markup.Render(group.Summary)
		group.UpdatedAt = s.now()
		if err := tx.EditActor(ctx, group); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.GroupEdited, ActorID: by.ID, GroupID: group.ID, Raw: change.From.Activity, At: group.UpdatedAt})
	})
	if err != nil {
		return nil, err
	}
	return s.Find(ctx, by, h)
}

// MayEdit reports why somebody may not change a group, inside of a transaction;
// its picture is a part of it that this package does not keep.
func (s *Service) MayEdit(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	return mayEdit(ctx, tx, by, group, s.now())
}

func mayEdit(ctx context.Context, tx *storage.DB, by, group *community.Actor, now time.Time) error {
	if !group.Local() {
		return fault.New(fault.Forbidden, "%s lives on another server and is changed there.", group.Handle())
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	if err := group.Admits(by, m); err != nil {
		return err
	}
	if err := m.Needs(community.EditGroup, now); err != nil {
		return err
	}
	return by.MaySpeak(now)
}

func apply(group *community.Actor, change Change) {
	if change.Title != nil {
		group.Title = *change.Title
	}
	if change.Summary != nil {
		group.Summary = *change.Summary
	}
	if change.Restricted != nil {
		group.Restricted = *change.Restricted
	}
	if change.Discoverable != nil {
		group.Discoverable = *change.Discoverable
	}
	if change.Indexable != nil {
		group.Indexable = *change.Indexable
	}
	if change.Questions != nil {
		group.Questions = *change.Questions
	}
	if change.BoostsAnswers != nil {
		group.BoostsAnswers = *change.BoostsAnswers
	}
	if change.Sensitive != nil {
		group.Sensitive = *change.Sensitive
	}
}

// mint returns a new id for an activity that somebody here will send.
func (s *Service) mint(kind string) string {
	return s.Origin + "/activities/" + kind + "/" + uuid.NewString()
}
