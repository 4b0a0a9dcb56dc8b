package main

import (
	"context"

	"drystone/community"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/feeds"
	"drystone/service/portability"
)

// carry says what a line of an import does.
func (h *house) carry() portability.Actions {
	return portability.Actions{
		Join: func(ctx context.Context, by, group *community.Actor) (*community.Membership, error) {
			return h.groups.Join(ctx, by, group, community.Origin{})
		},
		Leave: func(ctx context.Context, by, group *community.Actor) error {
			return h.groups.Leave(ctx, by, group, community.Origin{})
		},
		Follow: func(ctx context.Context, by, feed *community.Actor) error {
			_, err := h.feeds.Follow(ctx, by, feed, community.Origin{})
			return err
		},
		Keep: func(ctx context.Context, by *community.Actor, name, title string) (*community.Actor, error) {
			feed, err := h.feeds.Create(ctx, by, feeds.Draft{Name: name, Title: title})
			if err != nil {
				return nil, err
			}
			return feed.Actor, nil
		},
		List: func(ctx context.Context, by, feed, group *community.Actor) error {
			return h.feeds.Add(ctx, by, community.Handle{Name: feed.Name}, community.Handle{Name: group.Name, Host: group.Host})
		},
		Profile: func(ctx context.Context, by *community.Actor, change portability.Profile) error {
			who, err := h.accounts.Find(ctx, by.Name)
			if err != nil {
				return err
			}
			_, err = h.accounts.Edit(ctx, who, accounts.Change{
				Title: change.Title, Summary: change.Summary, Discoverable: change.Discoverable, Indexable: change.Indexable,
				MessagesFrom: change.MessagesFrom,
			})
			return err
		},
	}
}

// keepAway does what a line about somebody, a group, a server or words says.
func keepAway(keeping *blocks.Service) func(context.Context, *community.Actor, portability.Away) error {
	return func(ctx context.Context, by *community.Actor, away portability.Away) error {
		if away.Kind == community.BlockWords {
			_, err := keeping.MuteWords(ctx, by, blocks.Words{
				Words: away.Words, Whole: away.Whole, Places: away.Places, Until: away.Until, Note: away.Note,
			})
			return err
		}
		wish := blocks.Wish{Mute: away.Mute, Target: away.Target, Host: away.Host, Until: away.Until, Note: away.Note}
		if away.Lift {
			return keeping.Drop(ctx, by, wish)
		}
		_, err := keeping.Put(ctx, by, wish)
		return err
	}
}
