package federation

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// What becomes of a feed of ours, its followers hear in two ways: PieFed reads
// what the feed announces, one group at a time, and Lemmy an Update by who keeps
// it, upon which it reads the whole list again (FEDERATION.md, section 4).

// feedScene is the scene of what became of a feed, by who keeps it: nil where
// they are gone.
func (t *teller) feedScene(ctx context.Context, f community.Fact) (scene, error) {
	feed := t.actors[f.GroupID]
	if feed == nil || !feed.IsFeed() || !feed.Local() {
		return scene{}, fault.New(fault.NotFound, "The feed of fact %d is not of this server.", f.ID)
	}
	sc := scene{group: feed, at: f.At, lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(feed.ID)})}
	source, err := t.tx.FeedSource(ctx, feed.ID)
	if err != nil {
		return sc, err
	}
	keeper, err := t.tx.ActorByIRI(ctx, source.Attributed)
	if fault.Is(err, fault.NotFound) || err == nil && keeper.Gone() {
		return sc, nil
	}
	sc.by = keeper
	return sc, err
}

// feedEdited tells of what a feed says of itself now.
func (t *teller) feedEdited(ctx context.Context, f community.Fact) error {
	sc, err := t.feedScene(ctx, f)
	if err != nil {
		return err
	}
	return t.updateFeed(ctx, sc)
}

// updateFeed is what Lemmy sends of a feed, whatever became of it.
func (t *teller) updateFeed(ctx context.Context, sc scene) error {
	if sc.group.Gone() || sc.by == nil {
		return nil
	}
	object, err := t.described(ctx, sc.group)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUpdate)
	return t.toFollowers(ctx, sc, sc.by, 0, as.KindUpdate, iri, as.Update{
		ID: iri, Actor: sc.by.IRI, Object: object, To: []string{sc.group.IRI, as.Public}, CC: []string{followersOf(sc.group)},
		Audience: sc.group.IRI, Published: sc.at,
	})
}

// toFollowers tells a feed's followers that take a form something in the name of
// from.
func (t *teller) toFollowers(ctx context.Context, sc scene, from *community.Actor, form community.Form, kind, iri string, d document) error {
	body, err := marshal(d)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: from.ID, Kind: kind, Body: body, Public: true, Lane: sc.lane,
	}, followers(sc.group, form))
}

// feedGrew tells that a feed lists a group, unless the group was closed since.
func (t *teller) feedGrew(ctx context.Context, f community.Fact) error {
	if group := t.actors[f.TargetID]; group != nil && (group.Closed() || group.Gone()) {
		return nil
	}
	return t.listing(ctx, f, as.KindAdd)
}

// feedShrank tells that it lists it no more.
func (t *teller) feedShrank(ctx context.Context, f community.Fact) error {
	return t.listing(ctx, f, as.KindRemove)
}

func (t *teller) listing(ctx context.Context, f community.Fact, kind string) error {
	sc, err := t.feedScene(ctx, f)
	if err != nil || sc.group.Gone() {
		return err
	}
	group := t.actors[f.TargetID]
	if group == nil {
		return fault.New(fault.NotFound, "The group of fact %d is gone.", f.ID)
	}
	change, err := json.Marshal(listed{
		ID: t.s.mint(kind), Type: kind, Actor: sc.group.IRI, To: []string{as.Public}, CC: []string{followersOf(sc.group)},
		Object: typed{group.IRI, as.KindGroup}, Target: typed{sc.group.IRI + "/following", as.KindCollection}, Published: sc.at.UTC().Truncate(time.Second),
	})
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindAnnounce)
	// Lemmy takes announcements of groups alone.
	err = t.toFollowers(ctx, sc, sc.group, community.Extended, as.KindAnnounce, iri, t.s.announcement(sc.group, iri, change, sc.at))
	if err != nil {
		return err
	}
	return t.updateFeed(ctx, sc)
}

// listed is an Add or Remove of a group in a feed. PieFed looks for ids in what
// it is about, and finds none in mere ids.
type listed struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Actor     string    `json:"actor"`
	To        []string  `json:"to"`
	CC        []string  `json:"cc"`
	Object    typed     `json:"object"`
	Target    typed     `json:"target"`
	Published time.Time `json:"published"`
}

type typed struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// feedEnded tells that a feed is gone: by who kept it, whom alone PieFed
// believes, or by the feed itself where somebody else ended it.
func (t *teller) feedEnded(ctx context.Context, f community.Fact) error {
	sc, err := t.feedScene(ctx, f)
	if err != nil {
		return err
	}
	by := sc.group
	if sc.by != nil && sc.by.ID == f.ActorID {
		by = sc.by
	}
	object, err := json.Marshal(typed{sc.group.IRI, as.KindFeed})
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindDelete)
	return t.toFollowers(ctx, sc, by, 0, as.KindDelete, iri, as.Delete{
		ID: iri, Actor: by.IRI, Object: object, To: []string{as.Public}, CC: []string{followersOf(sc.group)}, Published: sc.at,
	})
}
