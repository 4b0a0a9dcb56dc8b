package feeds

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Put puts a group into a feed in the name of who is called by. One that is
// in it already stays.
func (s *Service) Put(ctx context.Context, by string, feed, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "feeds.Put(%s, %s)", feed.Handle(), group.Handle())
	if err := group.MayFeed(); err != nil {
		return err
	}
	return s.keep(ctx, by, feed, func(tx *storage.DB) error {
		list, err := tx.FeedGroups(ctx, feed.ID)
		if err != nil {
			return err
		}
		if len(list) >= community.MostFed {
			return fault.New(fault.Forbidden, "%s lists %d groups already.", feed.Handle(), len(list))
		}
		return tx.AddFeedGroup(ctx, &community.FeedGroup{FeedID: feed.ID, GroupID: group.ID, CreatedAt: s.now()})
	})
}

// Take takes a group out of a feed in the name of who is called by.
func (s *Service) Take(ctx context.Context, by string, feed, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "feeds.Take(%s, %s)", feed.Handle(), group.Handle())
	return s.keep(ctx, by, feed, func(tx *storage.DB) error { return tx.DropFeedGroup(ctx, feed.ID, group.ID) })
}

// Close notes that a feed is gone: nobody follows it any more, and it lists
// nothing. Its name stays taken.
func (s *Service) Close(ctx context.Context, by string, feed *community.Actor) (err error) {
	defer fault.Wrap(&err, "feeds.Close(%s)", feed.Handle())
	return s.keep(ctx, by, feed, func(tx *storage.DB) error {
		if err := tx.CloseFeed(ctx, feed.ID); err != nil {
			return err
		}
		return tx.DeleteActor(ctx, feed.ID, s.now())
	})
}

// keep changes a feed of another server in the name of who is called by.
func (s *Service) keep(ctx context.Context, by string, feed *community.Actor, change func(*storage.DB) error) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if feed.Local() {
			return fault.New(fault.Forbidden, "%s is of this server and is changed here.", feed.Handle())
		}
		if err := tx.HoldFeed(ctx, feed.ID); err != nil {
			return err
		}
		source, err := tx.FeedSource(ctx, feed.ID)
		if err != nil {
			return err
		}
		if err := source.MayKeep(feed, by); err != nil {
			return err
		}
		return change(tx)
	})
}

// Mirror makes groups, and no others, what a feed lists, as its own server
// says, and owners those who keep it. Groups that cannot be in a feed are left
// out.
func (s *Service) Mirror(ctx context.Context, feed *community.Actor, source *community.FeedSource, groups []*community.Actor) (err error) {
	defer fault.Wrap(&err, "feeds.Mirror(%s)", feed.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldFeed(ctx, feed.ID); err != nil {
			return err
		}
		if err := tx.SaveFeedOwners(ctx, source); err != nil {
			return err
		}
		var ids []community.ActorID
		for _, g := range known(groups) {
			if len(ids) < community.MostFed {
				ids = append(ids, g.ID)
			}
		}
		if err := tx.KeepFeedGroups(ctx, feed.ID, ids); err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.AddFeedGroup(ctx, &community.FeedGroup{FeedID: feed.ID, GroupID: id, CreatedAt: s.now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// known leaves out what cannot be in a feed.
func known(groups []*community.Actor) []*community.Actor {
	kept := make([]*community.Actor, 0, len(groups))
	for _, g := range groups {
		if g.MayFeed() == nil {
			kept = append(kept, g)
		}
	}
	return kept
}
