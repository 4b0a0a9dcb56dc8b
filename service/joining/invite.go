package joining

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Draft is an invitation that somebody wants to make.
type Draft struct {
	Group     string // the name of a group of this server that the invited join, or empty
	Note      string
	Uses      int
	ExpiresAt time.Time
}

// Invite makes an invitation. Its code is shown once and is not kept.
func (s *Service) Invite(ctx context.Context, by *community.Actor, draft Draft) (code string, _ *community.InviteView, err error) {
	defer fault.Wrap(&err, "joining.Invite(%s)", by.Handle())
	code = newCode()
	view := new(community.InviteView)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldInviter(ctx, by.ID); err != nil {
			return err
		}
		if err := s.mayInvite(ctx, tx, by); err != nil {
			return err
		}
		invite := &community.Invite{
			Hash: hashCode(code), CreatorID: by.ID, Note: strings.TrimSpace(draft.Note), Uses: draft.Uses,
			CreatedAt: s.now(), ExpiresAt: community.Timestamp(draft.ExpiresAt),
		}
		if err := invite.Check(s.now()); err != nil {
			return err
		}
		group, err := s.invitedTo(ctx, tx, by, draft.Group)
		if err != nil {
			return err
		}
		if group != nil {
			invite.GroupID = group.ID
		}
		*view = community.InviteView{Invite: invite, Creator: by, Group: group}
		return tx.AddInvite(ctx, invite)
	})
	if err != nil {
		return "", nil, err
	}
	return code, view, nil
}

// MayInvite reports why by may not invite anybody.
func (s *Service) MayInvite(ctx context.Context, by *community.Actor) (err error) {
	defer fault.Wrap(&err, "joining.MayInvite(%s)", by.Handle())
	return s.mayInvite(ctx, s.DB, by)
}

func (s *Service) mayInvite(ctx context.Context, db *storage.DB, by *community.Actor) error {
	if err := by.MaySpeak(s.now()); err != nil {
		return err
	}
	j, err := s.Joining(ctx, db)
	if err != nil {
		return err
	}
	if j.Mode == community.JoinClosed {
		return fault.New(fault.Forbidden, "Nobody can come here right now, so nobody can be invited.")
	}
	if err := s.needs(ctx, db, by, community.SiteInvites); err == nil || !fault.Is(err, fault.Forbidden) {
		return err
	}
	if err := s.trusted(ctx, db, j, by); err != nil {
		return err
	}
	open, err := db.OpenInvites(ctx, by.ID, s.now())
	if err != nil {
		return err
	}
	if open >= j.InvitesEach {
		return fault.New(fault.Forbidden, "%d invitations of yours are open, which is as many as one person can have. Take one back first.", open)
	}
	return nil
}

// trusted reports why by is not among those who may invite.
func (s *Service) trusted(ctx context.Context, db *storage.DB, j *community.Joining, by *community.Actor) error {
	if j.Inviters == community.EverybodyInvites {
		if since := by.CreatedAt.AddDate(0, 0, j.InviterDays); s.now().Before(since) {
			return fault.New(fault.Forbidden, "You can invite people once you have been here for %d days.", j.InviterDays)
		}
		return nil
	}
	if j.Inviters == community.ModeratorsInvite {
		moderates, err := db.ModeratesHere(ctx, by.ID)
		if err != nil || moderates {
			return err
		}
		return fault.New(fault.Forbidden, "Only moderators and admins invite people to this server.")
	}
	return fault.New(fault.Forbidden, "Only admins invite people to this server.")
}

// invitedTo finds the group that the invited join. Into one that is closed
// only its moderators invite.
func (s *Service) invitedTo(ctx context.Context, db *storage.DB, by *community.Actor, name string) (*community.Actor, error) {
	if name == "" {
		return nil, nil
	}
	noGroup := fault.Field("group", "There is no group called %q here to which you can invite.", name)
	group, err := db.ActorByHandle(ctx, community.Handle{Name: name}, community.GroupKind)
	if fault.Is(err, fault.NotFound) {
		return nil, noGroup
	}
	if err != nil {
		return nil, err
	}
	m, err := db.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return nil, err
	}
	if group.Gone() || group.Moved() || group.Visibility != community.Open && !m.May(community.AdmitMembers, s.now()) {
		return nil, noGroup
	}
	return group, nil
}

// Look returns an invitation to whoever has its code. Every code that does not
// work is answered alike.
func (s *Service) Look(ctx context.Context, code string) (_ *community.InviteView, err error) {
	defer fault.Wrap(&err, "joining.Look")
	invite, err := s.DB.InviteByHash(ctx, hashCode(code))
	if fault.Is(err, fault.NotFound) || err == nil && !invite.Good(s.now()) {
		return nil, community.BadInvite()
	}
	if err != nil {
		return nil, err
	}
	j, err := s.Joining(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	if j.Mode == community.JoinClosed {
		return nil, community.BadInvite()
	}
	views, err := s.invites(ctx, []*community.Invite{invite}, false)
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// Invites lists the invitations that by made, newest first, with who came by
// them, and returns the cursor of the next page.
func (s *Service) Invites(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.InviteView, next string, err error) {
	defer fault.Wrap(&err, "joining.Invites(%s)", by.Handle())
	list, next, err := s.DB.Invites(ctx, by.ID, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.invites(ctx, list, true)
	return views, next, err
}

// AllInvites is Invites of everybody, for those who look after the server.
func (s *Service) AllInvites(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.InviteView, next string, err error) {
	defer fault.Wrap(&err, "joining.AllInvites")
	if err := s.needs(ctx, s.DB, by, community.SiteInvites); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Invites(ctx, 0, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.invites(ctx, list, true)
	return views, next, err
}

func (s *Service) invites(ctx context.Context, list []*community.Invite, came bool) ([]*community.InviteView, error) {
	var ids []community.ActorID
	var invites []community.InviteID
	for _, i := range list {
		ids, invites = append(ids, i.CreatorID, i.GroupID), append(invites, i.ID)
	}
	var introductions []*community.Introduction
	if came {
		var err error
		if introductions, err = s.DB.Introductions(ctx, invites); err != nil {
			return nil, err
		}
	}
	for _, x := range introductions {
		ids = append(ids, x.ActorID)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.InviteView, len(list))
	for n, i := range list {
		views[n] = &community.InviteView{Invite: i, Creator: actors[i.CreatorID], Group: actors[i.GroupID]}
		for _, x := range introductions {
			if x.InviteID == i.ID {
				views[n].Came = append(views[n].Came, actors[x.ActorID])
			}
		}
	}
	return views, nil
}

// Inviter returns who invited somebody; nil: nobody did.
func (s *Service) Inviter(ctx context.Context, who *community.Actor) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "joining.Inviter(%d)", who.ID)
	x, err := s.DB.Introduction(ctx, who.ID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	invite, err := s.DB.Invite(ctx, x.InviteID)
	if err != nil {
		return nil, err
	}
	return s.DB.Actor(ctx, invite.CreatorID)
}

// Revoke ends an invitation: one's own, or, for those who look after the
// server, anybody's. Who came by it stays. One that is not theirs is NotFound.
func (s *Service) Revoke(ctx context.Context, by *community.Actor, id community.InviteID) (err error) {
	defer fault.Wrap(&err, "joining.Revoke(%d)", id)
	none := fault.New(fault.NotFound, "There is no such invitation.")
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		invite, err := tx.Invite(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return none
		}
		if err != nil {
			return err
		}
		if invite.CreatorID != by.ID {
			if err := s.needs(ctx, tx, by, community.SiteInvites); err != nil {
				if fault.Is(err, fault.Forbidden) {
					return none
				}
				return err
			}
			d := &community.Decision{Kind: community.InviteRevoked, ActorID: by.ID, TargetID: invite.CreatorID, CreatedAt: s.now()}
			if err := tx.AddDecision(ctx, d); err != nil {
				return err
			}
		}
		return tx.RevokeInvite(ctx, id, s.now())
	})
}
