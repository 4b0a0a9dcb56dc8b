package demo

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
)

// A feed is a list of groups that somebody on another server keeps.
type feed struct {
	handle, title, summary, keeper string
	groups, followers              []string
}

func (s *story) addFeed(part *section) error {
	s.feeds = append(s.feeds, &feed{
		handle: part.name, title: part.keys["title"], summary: part.body, keeper: part.keys["keeper"],
		groups: part.list("groups"), followers: part.list("followers"),
	})
	return nil
}

// subscribe plans that people here follow a feed, which its server answers.
func (m *move) subscribe(plan *timeline, f *feed) {
	plan.add(m.ago(20*24*time.Hour), func(ctx context.Context) error {
		list, err := m.listed(ctx, f)
		if err != nil {
			return err
		}
		for _, name := range f.followers {
			by, err := m.actor(name)
			if err != nil {
				return err
			}
			if _, err := m.Feeds.Follow(ctx, by, list, community.Origin{}); err != nil {
				return err
			}
			if err := m.Feeds.Answered(ctx, list, by, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// listed stores a feed as its server describes it.
func (m *move) listed(ctx context.Context, f *feed) (*community.Actor, error) {
	name, host, _ := strings.Cut(f.handle, "@")
	peer, err := m.tx.PeerByHost(ctx, host, m.Now)
	if err != nil {
		return nil, err
	}
	keeper, err := m.actor(f.keeper)
	if err != nil {
		return nil, err
	}
	a := m.remote(peer, community.FeedKind, name)
	a.Title, a.SummaryHTML = f.title, markup.Sanitize(sent(f.summary, host))
	a.Summary = markup.Text(a.SummaryHTML)
	if err := m.tx.SaveRemoteActor(ctx, a); err != nil {
		return nil, err
	}
	source := &community.FeedSource{ActorID: a.ID, Following: a.IRI + "/following", Attributed: keeper.IRI, Owners: keeper.IRI}
	if err := m.tx.SaveFeedSource(ctx, source); err != nil {
		return nil, err
	}
	var groups []*community.Actor
	for _, handle := range f.groups {
		g, err := m.actor(handle)
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return a, m.Feeds.Mirror(ctx, a, source, groups)
}
