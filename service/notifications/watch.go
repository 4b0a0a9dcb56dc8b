package notifications

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/storage"
)

// mostWatchers bounds how many are told of one thing that they watch.
const mostWatchers = 5000

// spread tells those who watch a thread or group what is new there, but those
// who were told already. It asks a few questions for all of them, as there can
// be many.
func (s *Service) spread(ctx context.Context, tx *storage.DB, fact community.Fact, kind community.NotificationKind, told map[community.ActorID]bool, texts ...string) error {
	watchers, err := s.watchers(ctx, tx, fact, kind)
	if err != nil {
		return err
	}
	watchers = slices.DeleteFunc(watchers, func(w storage.Watcher) bool {
		choice := community.NoticeChoice{Page: w.Page, Push: w.Push, Mail: w.Mail}
		return told[w.ActorID] || w.ActorID == fact.ActorID || choice.Silent()
	})
	if len(watchers) == 0 {
		return nil
	}
	meets, err := s.meets(ctx, tx, fact, watchers, texts)
	if err != nil {
		return err
	}
	for _, w := range watchers {
		if !meets[w.ActorID] {
			continue
		}
		n := &community.Notification{
			AccountID: w.AccountID, Kind: kind, ActorID: fact.ActorID, PostID: fact.PostID, CommentID: fact.CommentID, CreatedAt: fact.At,
		}
		if kind == community.Posted {
			n.GroupID = fact.GroupID
		}
		n.Tell(community.NoticeChoice{Page: w.Page, Push: w.Push, Mail: w.Mail})
		if err := tx.AddNotification(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) watchers(ctx context.Context, tx *storage.DB, fact community.Fact, kind community.NotificationKind) ([]storage.Watcher, error) {
	if kind == community.Posted {
		return tx.GroupWatchers(ctx, fact.GroupID, mostWatchers)
	}
	return tx.Watchers(ctx, fact.PostID, mostWatchers)
}

// meets are those of some people who may read what a fact is about, and keep
// neither its author nor its words away.
func (s *Service) meets(ctx context.Context, tx *storage.DB, fact community.Fact, watchers []storage.Watcher, texts []string) (map[community.ActorID]bool, error) {
	people := make([]community.ActorID, len(watchers))
	for i, w := range watchers {
		people[i] = w.ActorID
	}
	group, err := tx.Actor(ctx, fact.GroupID)
	if err != nil {
		return nil, err
	}
	author, err := tx.Actor(ctx, fact.ActorID)
	if err != nil {
		return nil, err
	}
	meets, err := tx.ReadersAmong(ctx, group, people)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	hide, err := tx.HidersAmong(ctx, author, nil, people, now)
	if err != nil {
		return nil, err
	}
	for id := range hide {
		delete(meets, id)
	}
	wordy, err := tx.WordyAmong(ctx, people, now)
	for id := range wordy {
		sight, err := tx.Sight(ctx, id, now)
		if err != nil {
			return nil, err
		}
		if sight.Hides(community.InNotifications, author.ID, texts...) {
			delete(meets, id)
		}
	}
	return meets, err
}
