package posts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// takesEvents reports why nobody can tell of an event in a group: it may live
// with software that shows none.
func takesEvents(ctx context.Context, tx *storage.DB, group *community.Actor) error {
	if group.Local() || group.PeerID == 0 {
		return nil
	}
	peer, err := tx.Peer(ctx, group.PeerID)
	if err != nil || peer.TakesEvents() {
		return unlessAbsent(err)
	}
	return fault.Field("event", "%s lives on a server that shows no events. Tell of it in a text instead.", group.Handle())
}

// attachEvent stores when and where something happens.
func attachEvent(ctx context.Context, tx *storage.DB, by, group *community.Actor, post *community.Post, event *community.Event) error {
	if event == nil {
		return nil
	}
	if by.Local() {
		if err := takesEvents(ctx, tx, group); err != nil {
			return err
		}
	}
	event.PostID = post.ID
	return tx.SaveEvent(ctx, event)
}

// staysWhatItIs reports why a post cannot become an event by an edit: others
// have it as what it is, and its id must stay that.
func staysWhatItIs(post *community.Post, beside *Draft) error {
	if beside.Event != nil && post.Kind != community.EventPost {
		return fault.Field("event", "This was not published as an event and cannot become one. Write a new post for it.")
	}
	return nil
}

const (
	mostEvents = 200                 // in a calendar
	eventsKept = 60 * 24 * time.Hour // for how long they stay in it
)

// Events lists what happens in a group, for calendars: what began within two
// months, and what is to come, the soonest first.
func (s *Service) Events(ctx context.Context, reader *community.Actor, group community.ActorID) (_ []*community.PostView, err error) {
	defer fault.Wrap(&err, "posts.Events(%d)", group)
	list, err := s.DB.EventPosts(ctx, group, idOf(reader), s.now().Add(-eventsKept), mostEvents)
	if err != nil {
		return nil, err
	}
	return s.DB.PostViews(ctx, reader, list, s.now())
}
