package roles

import (
	"context"
	"slices"
	"time"

	"drystone/community"
	"drystone/fault"
)

// mostPast is how many grants that are over a list shows.
const mostPast = 50

// A Board is what roles a place has, and who has them, as one reader sees it.
type Board struct {
	Roles  []RoleView
	Grants []*community.GrantView
	Past   []*community.GrantView // for those who give roles
	Mine   community.Permissions  // what the reader may do there
	Gives  bool                   // the reader may give roles
	Below  int                    // of levels below this
}

// A RoleView is a role as one reader sees it.
type RoleView struct {
	*community.NamedRole
	MayGive bool // now, for as long as they can
}

// Board tells which roles a place has and who has them. In a group everybody
// who may read there may know, as they know its moderators; why and until when
// it is thought over again is for those who give roles, and for who has one.
// On this server all of it is for those who give roles.
func (s *Service) Board(ctx context.Context, reader *community.Actor, at Place) (b *Board, err error) {
	defer fault.Wrap(&err, "roles.Board(%s)", at)
	mine, err := s.reading(ctx, reader, at)
	if err != nil {
		return nil, err
	}
	b = &Board{Mine: mine.Powers(s.now())}
	if b.Gives = b.Mine.Has(at.giving()); b.Gives {
		b.Below = mine.Level(s.now())
	}
	made, err := s.DB.NamedRoles(ctx, at.id())
	if err != nil {
		return nil, err
	}
	all := append(community.GroupRoles(), made...)
	if at.Group == nil {
		all = append(community.SiteRoles(), made...)
	}
	slices.SortStableFunc(all, func(a, b *community.NamedRole) int { return b.Level - a.Level })
	for _, role := range all {
		v := RoleView{NamedRole: role}
		v.MayGive = mine.MayGive(role, s.now(), s.now()) == nil
		b.Roles = append(b.Roles, v)
	}
	if b.Grants, err = s.grants(ctx, reader, at, mine, false); err != nil {
		return nil, err
	}
	slices.SortStableFunc(b.Grants, func(a, b *community.GrantView) int { return b.Role.Level - a.Role.Level })
	if !b.Gives {
		return b, nil
	}
	b.Past, err = s.grants(ctx, reader, at, mine, true)
	return b, err
}

// reading loads what a reader, who may be nobody, may do in a place, if they
// may see who has roles there.
func (s *Service) reading(ctx context.Context, reader *community.Actor, at Place) (powers, error) {
	if at.Group == nil {
		if reader == nil {
			return nil, fault.New(fault.Unauthenticated, "Sign in first.")
		}
		mine, err := s.powers(ctx, s.DB, reader, at)
		if err == nil {
			err = mine.MayGive(nil, s.now(), s.now())
		}
		return mine, err
	}
	var m *community.Membership
	if reader != nil {
		var err error
		if m, err = s.DB.Membership(ctx, at.Group.ID, reader.ID); err != nil {
			return nil, err
		}
	}
	if !at.Group.ShownTo(reader, m) {
		return nil, community.Unseen()
	}
	if reader != nil && community.Banned(reader.BannedUntil, s.now()) {
		m = nil // who is banned from this server may read, and nothing else
	}
	return m, nil
}

func (s *Service) grants(ctx context.Context, reader *community.Actor, at Place, mine powers, past bool) ([]*community.GrantView, error) {
	most := mostGrants
	if past {
		most = mostPast
	}
	list, err := s.DB.Grants(ctx, at.id(), past, most)
	if err != nil {
		return nil, err
	}
	var ids []community.ActorID
	for _, g := range list {
		ids = append(ids, g.ActorID, g.GrantedBy)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	gives := mine.MayGive(nil, s.now(), s.now()) == nil
	views := make([]*community.GrantView, 0, len(list))
	for _, g := range list {
		own := reader != nil && g.ActorID == reader.ID
		if !own && !gives && !g.Holds(s.now()) {
			continue
		}
		v := &community.GrantView{RoleGrant: g, Person: actors[g.ActorID], By: actors[g.GrantedBy]}
		v.MayEnd = !past && (own || mine.MayGive(g.Role, s.now(), s.now()) == nil)
		if !own && !gives {
			v.By, v.Note, v.ReviewAt = nil, "", time.Time{}
		}
		views = append(views, v)
	}
	return views, nil
}

// View is a grant as somebody who gave it sees it.
func (s *Service) View(ctx context.Context, by *community.Actor, g *community.RoleGrant) (_ *community.GrantView, err error) {
	defer fault.Wrap(&err, "roles.View(%d)", g.ID)
	actors, err := s.DB.Actors(ctx, []community.ActorID{g.ActorID, g.GrantedBy})
	return &community.GrantView{RoleGrant: g, Person: actors[g.ActorID], By: actors[g.GrantedBy], MayEnd: true}, err
}
