package demo

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/service/accounts"
	"drystone/service/groups"
)

// settle makes a server known, with everybody there.
func (m *move) settle(ctx context.Context, s *server) error {
	peer, err := m.tx.PeerByHost(ctx, s.host, m.Now)
	if err != nil {
		return err
	}
	// It was asked what it runs just now, so that nobody asks again: there is
	// nobody to answer.
	peer.Software, peer.Version, peer.CheckedAt = s.software, s.version, m.Now
	if err := m.tx.SavePeerSoftware(ctx, peer); err != nil {
		return err
	}
	for _, p := range s.people {
		if err := m.stranger(ctx, peer, p); err != nil {
			return err
		}
	}
	for _, name := range s.readers {
		if err := m.stranger(ctx, peer, &person{name: name}); err != nil {
			return err
		}
	}
	return nil
}

// stranger stores somebody of another server as their server describes them.
func (m *move) stranger(ctx context.Context, peer *community.Peer, p *person) error {
	m.software[peer.Host] = peer.Software
	a := m.remote(peer, community.Person, p.name)
	a.Title, a.SummaryHTML = p.title, markup.Sanitize(sent(p.bio, peer.Host))
	a.Summary = markup.Text(a.SummaryHTML)
	m.actors[a.Handle()] = a
	m.crowd = append(m.crowd, a.Handle())
	return m.tx.SaveRemoteActor(ctx, a)
}

// remote is an actor of another server, with addresses such as its software
// makes.
func (m *move) remote(peer *community.Peer, kind community.ActorKind, name string) *community.Actor {
	origin := "https://" + peer.Host
	iri, url := origin+"/u/"+name, ""
	switch {
	case kind == community.GroupKind && peer.Software == "mbin":
		iri = origin + "/m/" + name
	case kind == community.FeedKind:
		iri = origin + "/f/" + name
	case kind == community.GroupKind:
		iri = origin + "/c/" + name
	case microblog(peer.Software):
		iri, url = origin+"/users/"+name, origin+"/@"+name
	case peer.Software == "nodebb":
		iri, url = origin+"/uid/"+number(name, 900), origin+"/user/"+name
	}
	born := m.Now.Add(-time.Duration(60+chance(iri)*1500) * 24 * time.Hour)
	return &community.Actor{
		Kind: kind, Name: name, Host: peer.Host, IRI: iri, URL: url, PeerID: peer.ID,
		Inbox: iri + "/inbox", SharedInbox: origin + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers",
		Discoverable: true, Indexable: true,
		CreatedAt: community.Timestamp(born), UpdatedAt: community.Timestamp(born), FetchedAt: community.Timestamp(m.Now),
	}
}

// arrival plans how somebody makes an account here.
func (m *move) arrival(plan *timeline, p *person) {
	m.crowd = append(m.crowd, p.name)
	plan.add(m.ago(p.joined), func(ctx context.Context) error {
		who, err := m.Accounts.Create(ctx, accounts.SignUp{
			Name: p.name, Title: p.title, Password: Password, Admin: p.admin, Entry: accounts.Entry{Listed: true, Searched: true},
		})
		if err != nil {
			return err
		}
		if who, err = m.Accounts.Edit(ctx, who, accounts.Change{Summary: &p.bio}); err != nil {
			return err
		}
		m.actors[p.name] = who.Actor
		m.done.People++
		return nil
	})
}

// founding plans how a group is made here, or becomes known here.
func (m *move) founding(plan *timeline, g *group) {
	plan.add(m.ago(g.founded), func(ctx context.Context) error {
		m.done.Groups++
		if !local(g.handle) {
			return m.neighbour(ctx, g)
		}
		owner, err := m.actor(g.owner)
		if err != nil {
			return err
		}
		made, err := m.Groups.Create(ctx, owner, groups.Draft{Name: g.handle, Title: g.title, Summary: g.summary})
		if err != nil {
			return err
		}
		m.actors[g.handle] = made.Actor
		return nil
	})
}

func (m *move) neighbour(ctx context.Context, g *group) error {
	name, host, _ := strings.Cut(g.handle, "@")
	peer, err := m.tx.PeerByHost(ctx, host, m.Now)
	if err != nil {
		return err
	}
	a := m.remote(peer, community.GroupKind, name)
	a.Title, a.SummaryHTML = g.title, markup.Sanitize(sent(g.summary, host))
	a.Summary = markup.Text(a.SummaryHTML)
	a.Featured, a.Moderators = a.IRI+"/featured", a.IRI+"/moderators"
	m.actors[g.handle] = a
	return m.tx.SaveRemoteActor(ctx, a)
}

// memberships plans who joins what.
func (m *move) memberships(plan *timeline, s *story) {
	joined, founded := map[string]time.Duration{}, map[string]time.Duration{}
	for _, p := range s.people {
		joined[p.name] = p.joined
	}
	for _, g := range s.groups {
		founded[g.handle] = g.founded
		for _, moderator := range g.moderators {
			plan.add(m.ago(min(g.founded, joined[moderator])-time.Hour), func(ctx context.Context) error {
				return m.enter(ctx, moderator, g.handle, community.Moderator)
			})
		}
	}
	for _, p := range s.people {
		for _, group := range p.groups {
			from := m.ago(min(p.joined, founded[group]))
			plan.add(later(from, m.Now, 8*time.Hour, p.name, group), func(ctx context.Context) error {
				return m.join(ctx, p.name, group)
			})
		}
	}
	for _, handle := range m.crowd {
		for _, g := range s.groups {
			if local(handle) || !local(g.handle) || chance("joins", handle, g.handle) > 0.4 {
				continue
			}
			plan.add(later(m.ago(g.founded-40*time.Hour), m.Now, 10*24*time.Hour, handle, g.handle), func(ctx context.Context) error {
				return m.enter(ctx, handle, g.handle, community.Member)
			})
		}
	}
}

// join is how somebody here joins a group. Those elsewhere answer at once.
func (m *move) join(ctx context.Context, handle, group string) error {
	by, g, err := m.both(handle, group)
	if err != nil {
		return err
	}
	if _, err := m.Groups.Join(ctx, by, g, community.Origin{}); err != nil || g.Local() {
		return err
	}
	return m.Groups.Answered(ctx, g, by, true)
}

// enter makes somebody a member past all services. For people of other
// servers that is the point: their servers hear nothing of the group, since
// they do not exist.
func (m *move) enter(ctx context.Context, handle, group string, role community.Role) error {
	by, g, err := m.both(handle, group)
	if err != nil {
		return err
	}
	known, err := m.tx.Membership(ctx, g.ID, by.ID)
	if err != nil {
		return err
	}
	if !known.Follows() {
		if err := m.tx.CountMember(ctx, g.ID, 1); err != nil {
			return err
		}
	}
	return m.tx.SaveMembership(ctx, &community.Membership{
		GroupID: g.ID, ActorID: by.ID, Role: role, State: community.Accepted, CreatedAt: community.Timestamp(m.Clock.at),
	})
}

func (m *move) both(handle, group string) (by, g *community.Actor, err error) {
	if by, err = m.actor(handle); err != nil {
		return nil, nil, err
	}
	g, err = m.actor(group)
	return by, g, err
}

func (m *move) ago(d time.Duration) time.Time { return m.Now.Add(-d) }
