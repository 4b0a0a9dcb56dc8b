// Package views is who looked at whom: whoever looks after a group or the
// server sees single people there, and those are told so.
//
// Every screen that shows single people to those who look after something calls
// Note before it shows them. What everybody may see of somebody is no view.
package views

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
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Note notes that viewer looks at people on a screen of a group (nil: of this
// server): once a day. That people of other servers are looked at is not kept,
// since they could not read it, nor that somebody looks at themselves.
func (s *Service) Note(ctx context.Context, viewer *community.Actor, screen community.Screen, group *community.Actor, people ...*community.Actor) (err error) {
	defer fault.Wrap(&err, "views.Note(%s, %s)", viewer.Handle(), screen)
	var seen []*community.PersonView
	known := map[community.ActorID]bool{viewer.ID: true}
	now := s.now()
	for _, p := range people {
		if p == nil || !p.Local() || p.Kind != community.Person && p.Held() == nil || known[p.ID] {
			continue
		}
		known[p.ID] = true
		v := &community.PersonView{ActorID: p.ID, Day: community.DayOf(now), ViewerID: viewer.ID, Screen: screen, At: now}
		if group != nil {
			v.GroupID = group.ID
		}
		seen = append(seen, v)
	}
	if len(seen) == 0 {
		return nil
	}
	role, err := s.role(ctx, viewer, group)
	if err != nil {
		return err
	}
	for _, v := range seen {
		v.Role = role
	}
	return s.DB.NotePersonViews(ctx, seen)
}

// role is in what role somebody looks at others.
func (s *Service) role(ctx context.Context, viewer, group *community.Actor) (string, error) {
	if group != nil {
		m, err := s.DB.Membership(ctx, group.ID, viewer.ID)
		if err != nil {
			return "", err
		}
		if m.Moderates() {
			return string(m.Role), nil
		}
		if m.Holds() {
			return community.ViewedByTrusted, nil
		}
	}
	account, err := s.DB.AccountOf(ctx, viewer.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err == nil && account.Admin {
		return community.ViewedByAdmin, nil
	}
	return community.ViewedByTrusted, nil
}

// Of lists who looked at somebody, newest first, and returns the cursor of the
// next page. In what role it was, everybody reads; who, those whom the log of
// the group would tell who decided something.
func (s *Service) Of(ctx context.Context, who *community.Actor, page community.Page) (_ []*community.SeenView, next string, err error) {
	defer fault.Wrap(&err, "views.Of(%s)", who.Handle())
	list, next, err := s.DB.PersonViews(ctx, who.ID, page)
	if err != nil {
		return nil, "", err
	}
	var ids, groups []community.ActorID
	for _, v := range list {
		ids = append(ids, v.ViewerID, v.GroupID)
		groups = append(groups, v.GroupID)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	mine, err := s.DB.MembershipsIn(ctx, groups, who.ID)
	if err != nil {
		return nil, "", err
	}
	insider, err := s.DB.MayHere(ctx, who, community.SiteLogs, s.now())
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.SeenView, len(list))
	for i, v := range list {
		views[i] = &community.SeenView{PersonView: v, Group: actors[v.GroupID]}
		if insider || v.GroupID != 0 && mine[v.GroupID].May(community.SeeDeciders, s.now()) {
			views[i].Viewer = actors[v.ViewerID]
		}
	}
	return views, next, nil
}

// Trim forgets what is too old.
func (s *Service) Trim(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "views.Trim")
	return s.DB.TrimPersonViews(ctx, s.now().Add(-community.KeepViews))
}
