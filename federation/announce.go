package federation

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// maxAnnounced bounds the activities in one Announce: PieFed puts all votes of
// some minutes into one (FEP-1a11).
const maxAnnounced = 1000

// announce handles what a group passes on to its followers (FEP-1b12): an
// activity, embedded or by its id, or an object by its id. Boosts by people
// say nothing that is shown here.
func (s *Server) announce(ctx context.Context, r *received) error {
	if r.via != nil {
		return fault.New(fault.Invalid, "An Announce within an Announce says nothing.")
	}
	group, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	if group.IsFeed() {
		return s.feedAnnounces(ctx, r)
	}
	if !group.IsGroup() {
		if relay, err := s.DB.RelayByActor(ctx, r.actor); !fault.Is(err, fault.NotFound) {
			if err != nil {
				return err
			}
			return s.relayed(ctx, relay, r.doc)
		}
		return fault.New(fault.Invalid, "%s is no group: boosts by people are not shown here.", r.actor)
	}
	if group.Local() {
		return fault.New(fault.Forbidden, "%s is of this server.", r.actor)
	}
	followed, err := s.readHere(ctx, group)
	if err != nil {
		return err
	}
	if !followed && !onlyReports(r.doc) {
		return fault.New(fault.Forbidden, "%s is followed by nobody here.", r.actor)
	}
	return s.unwrapAll(ctx, group, r.doc)
}

// unwrapAll acts on everything that a group announces together. What waits
// for somebody else makes all of it be tried again: repetitions change
// nothing.
func (s *Server) unwrapAll(ctx context.Context, group *community.Actor, announce as.Doc) error {
	ctx = onWordOf(ctx, group.Host)
	var again error
	embedded := announce.Embeddeds("object")
	ids := announce.Refs("object")
	if len(embedded) == 1 && len(ids) <= 1 {
		return s.unwrap(ctx, group, embedded[0])
	}
	if len(embedded) == 0 && len(ids) == 1 {
		return s.unwrapID(ctx, group, ids[0])
	}
	for i, inner := range embedded {
		if i == maxAnnounced {
			break
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == inner.ID() })
		if err := s.settle(ctx, s.unwrap(ctx, group, inner), inner, false); err != nil {
			again = err
		}
	}
	for i, id := range ids {
		if i == maxAnnounced {
			break
		}
		if err := s.settle(ctx, s.unwrapID(ctx, group, id), announce, false); err != nil {
			again = err
		}
	}
	return again
}

// unwrap acts on what a group announces, which it does not get to say on its
// own word alone: see corroborate. Where an object is embedded (Lemmy does so
// beside the activity, for Mastodon) its id counts.
func (s *Server) unwrap(ctx context.Context, group *community.Actor, inner as.Doc) error {
	if !slices.Contains(announceable, inner.Kind()) {
		if as.Host(inner.ID()) != "" && slices.Contains(kindsOfPost, inner.Kind()) {
			return s.unwrapID(ctx, group, inner.ID())
		}
		return unhandled(inner.Kind())
	}
	actor := inner.Actor()
	switch {
	case len(inner.Refs("actor")) != 1 || as.Host(actor) == "":
		return fault.New(fault.Invalid, "The announced %s has not exactly one actor.", inner.Kind())
	case s.ours(actor):
		// Everything that people here say in the group comes back like this.
		return fault.New(fault.Conflict, "%s said so here first.", actor)
	case inner.ID() != "" && !as.SameHost(inner.ID(), actor):
		return fault.New(fault.Forbidden, "The announced id %s is not of the server of %s.", inner.ID(), actor)
	}
	if err := s.welcome(ctx, inner); err != nil {
		return err
	}
	r := &received{doc: inner, actor: actor, via: group}
	if !as.SameHost(actor, group.IRI) {
		if err := s.corroborate(ctx, r); err != nil {
			return err
		}
	}
	return s.dispatch(ctx, r)
}

// announceable are the activities that groups pass on and that mean something
// here. Follows and their answers are never announced.
var announceable = []string{
	as.KindCreate, as.KindUpdate, as.KindDelete, as.KindUndo, as.KindLike, as.KindDislike, as.KindEmojiReact,
	as.KindLock, as.KindAdd, as.KindRemove, as.KindBlock, as.KindMove,
	as.KindPollVote, as.KindChooseAnswer,
	as.KindFlag, as.KindResolve,
}

// news fetches what is called id, which somebody tells us of, unless it was
// said here or is known already.
func (s *Server) news(ctx context.Context, id string) (as.Doc, error) {
	if s.ours(id) {
		return as.Doc{}, fault.New(fault.Conflict, "%s was said here.", id)
	}
	if _, err := s.find(ctx, id); !fault.Is(err, fault.NotFound) {
		if err == nil {
			err = fault.New(fault.Conflict, "%s is known already.", id)
		}
		return as.Doc{}, err
	}
	return s.fetch(ctx, id)
}

// unwrapID acts on what a group announces by its id, which is fetched: an
// activity, or an object to publish in the group.
func (s *Server) unwrapID(ctx context.Context, group *community.Actor, id string) error {
	doc, err := s.news(ctx, id)
	if err != nil {
		return err
	}
	if slices.Contains(announceable, doc.Kind()) {
		return s.unwrapFetched(ctx, group, doc)
	}
	_, err = s.adopt(ctx, &received{via: group}, doc, maxAncestors)
	return err
}

// unwrapFetched acts on an activity that was read from its origin, which is
// its own word for it.
func (s *Server) unwrapFetched(ctx context.Context, group *community.Actor, doc as.Doc) error {
	if err := checkEnvelope(doc); err != nil {
		return err
	}
	if err := checkOrigin(doc); err != nil {
		return err
	}
	if s.ours(doc.Actor()) {
		return fault.New(fault.Forbidden, "%s is of this server and does not speak from outside.", doc.Actor())
	}
	if err := s.welcome(ctx, doc); err != nil {
		return err
	}
	return s.dispatch(ctx, &received{doc: doc, actor: doc.Actor(), via: group})
}
