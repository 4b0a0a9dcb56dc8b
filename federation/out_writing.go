package federation

import (
	"context"
	"fmt"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// A writing is a post or a comment, as far as telling of it is the same.
type writing struct {
	iri    string
	name   string // "post-7": part of the ids of what is said of it once
	hidden bool
	post   *community.Post // nil for a comment

	object document // what a Create or Update holds
	cc     []string
	hears  []*community.Actor // people elsewhere who are answered or mentioned
}

// post finds a fact's post; whole says that its document is needed.
func (t *teller) post(ctx context.Context, sc scene, f community.Fact, whole bool) (writing, error) {
	post := t.posts[f.PostID]
	if post == nil {
		return writing{}, fault.New(fault.NotFound, "Post %d is gone.", f.PostID)
	}
	w := writing{iri: post.IRI, name: fmt.Sprintf("post-%d", post.ID), hidden: post.Hidden(), post: post}
	if !whole || w.hidden || !sc.by.Local() {
		return w, nil
	}
	people, err := t.s.mentioned(ctx, t.tx, post.Body, sc.by)
	if err != nil {
		return w, err
	}
	also, err := besideOf(ctx, t.tx, post)
	if err != nil {
		return w, err
	}
	page := t.s.page(post, sc.by, sc.group, people, also)
	if changed(f, community.PostEdited, page.Updated) {
		page.Updated = f.At // Mastodon ignores an Update without it
	}
	w.object, w.cc, w.hears = page, page.CC, t.elsewhere(sc, people)
	return w, nil
}

// comment finds a fact's comment; whole says that its document is needed.
func (t *teller) comment(ctx context.Context, sc scene, f community.Fact, whole bool) (writing, error) {
	c, post := t.comments[f.CommentID], t.posts[f.PostID]
	if c == nil || post == nil {
		return writing{}, fault.New(fault.NotFound, "Comment %d or its thread is gone.", f.CommentID)
	}
	w := writing{iri: c.IRI, name: fmt.Sprintf("comment-%d", c.ID), hidden: c.Hidden()}
	if !whole || w.hidden || !sc.by.Local() {
		return w, nil
	}
	answer := answered{post: post, parent: t.comments[c.ParentID], author: t.actors[post.AuthorID]}
	if answer.parent != nil {
		answer.author = t.actors[answer.parent.AuthorID]
	}
	var err error
	if answer.cited, err = citedIn(ctx, t.tx, c.PostID, c.ID); err != nil {
		return w, err
	}
	if answer.shows, err = shownIn(ctx, t.tx, c.PostID, c.ID); err != nil {
		return w, err
	}
	people, err := t.s.addressees(ctx, t.tx, c, answer, sc.by)
	if err != nil {
		return w, err
	}
	note := t.s.note(c, answer, sc.by, sc.group, people)
	if changed(f, community.CommentEdited, note.Updated) {
		note.Updated = f.At
	}
	w.object, w.cc, w.hears = note, note.CC, t.elsewhere(sc, people)
	return w, nil
}

// changed reports whether the time of a fact is that of a change, of which
// what was written does not tell itself: that it may be quoted is no edit.
func changed(f community.Fact, edited community.FactKind, updated time.Time) bool {
	return f.Kind == edited && updated.IsZero() || f.Kind == community.QuoteSettled
}

// elsewhere leaves those people who would otherwise not hear: on other
// servers, but not on that of a remote group, which tells its own.
func (t *teller) elsewhere(sc scene, people []*community.Actor) []*community.Actor {
	if sc.group.Closed() {
		return nil // members hear by the group, and nobody else is to
	}
	var list []*community.Actor
	for _, p := range people {
		if !p.Local() && (sc.group.Local() || p.Host != sc.group.Host) {
			list = append(list, p)
		}
	}
	return list
}

// published tells of something new.
func (t *teller) published(ctx context.Context, sc scene, f community.Fact, w writing) error {
	create := t.s.activityIRI(as.KindCreate, w.name)
	announce := t.s.activityIRI(as.KindAnnounce, "create-"+w.name)
	first := announce
	if sc.by.Local() {
		first = create
	}
	said, err := t.known(ctx, first)
	if err != nil || said != nil || w.hidden {
		return err // it was told already, or taken back before anybody heard
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, announce, f.Raw)
	}
	body, err := t.wrap(ctx, sc, w, create, func(a as.Activity) document { return as.Create(a) })
	if err != nil {
		return err
	}
	relays, err := t.relaysFor(ctx, sc, w, community.MastodonRelay)
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{
		kind: as.KindCreate, iri: create, body: body, followers: true, hears: w.hears, relays: relays, announce: announce,
	})
}

// edited tells of a change by the author. Microblogs, which do not
// understand the group's Announce of it, hear the author.
func (t *teller) edited(ctx context.Context, sc scene, f community.Fact, w writing) error {
	if w.hidden {
		return nil
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	iri := t.s.mint(as.KindUpdate)
	body, err := t.wrap(ctx, sc, w, iri, func(a as.Activity) document { return as.Update(a) })
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{
		kind: as.KindUpdate, iri: iri, body: body, followers: true, boosted: sc.boosts(w), hears: w.hears,
	})
}

// wrap writes an activity about a whole object, which has a proof of its own:
// it can be taken out of the activity and passed on.
func (t *teller) wrap(ctx context.Context, sc scene, w writing, iri string, as2 func(as.Activity) document) ([]byte, error) {
	object, err := marshal(w.object)
	if err != nil {
		return nil, err
	}
	if object, err = t.proved(ctx, sc, object); err != nil {
		return nil, err
	}
	return marshal(as2(sc.envelope(iri, object, w.cc...)))
}

// deleted tells that an author withdrew something, to all who heard of it.
func (t *teller) deleted(ctx context.Context, sc scene, f community.Fact, w writing) error {
	if err := t.unboost(ctx, sc, w); err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	hears, err := t.whoHeard(ctx, sc, w)
	if err != nil {
		return err
	}
	cc := cc(sc.by, sc.group, hears)
	iri := t.s.mint(as.KindDelete)
	body, err := marshal(as.Delete(sc.envelope(iri, as.ObjectID(w.iri), cc...)))
	if err != nil {
		return err
	}
	relays, err := t.relaysFor(ctx, sc, w, community.MastodonRelay)
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{
		kind: as.KindDelete, iri: iri, body: body, followers: true, boosted: sc.boosts(w), hears: hears, relays: relays,
	})
}

// whoHeard finds the people elsewhere to whom a writing was sent. Its own
// words are gone by now; those of its Create are not.
func (t *teller) whoHeard(ctx context.Context, sc scene, w writing) ([]*community.Actor, error) {
	create, err := t.known(ctx, t.s.activityIRI(as.KindCreate, w.name))
	if err != nil || create == nil {
		return nil, err
	}
	doc, err := as.Parse(ctx, create.Body)
	if err != nil {
		return nil, err
	}
	var people []*community.Actor
	for _, iri := range doc.Refs("cc") {
		if t.s.ours(iri) {
			continue
		}
		a, err := t.tx.ActorByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		people = append(people, a)
	}
	return t.elsewhere(sc, people), nil
}

// removed tells that a moderator took something out of a group: by a Delete
// with a reason, which only group-aware peers understand. Microblogs get the
// group's boost taken back; the post itself stays where it lives.
func (t *teller) removed(ctx context.Context, sc scene, f community.Fact, w writing) error {
	if err := t.unboost(ctx, sc, w); err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	_, iri, err := t.numbered(ctx, as.KindDelete, w.name)
	if err != nil {
		return err
	}
	body, err := marshal(sc.removal(iri, w, f))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindDelete, iri: iri, body: body})
}

// removal is a moderator's Delete, which a summary, even an empty one, tells
// from an author's (Lemmy).
func (sc scene) removal(iri string, w writing, f community.Fact) as.Delete {
	a := sc.envelope(iri, as.ObjectID(w.iri))
	a.Summary, a.WithReplies = &f.Reason, f.Value == 1
	return as.Delete(a)
}

// restored takes a removal back.
func (t *teller) restored(ctx context.Context, sc scene, f community.Fact, w writing) error {
	if sc.boosts(w) && !w.hidden {
		if err := t.boost(ctx, sc, w); err != nil {
			return err
		}
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	return t.takeBack(ctx, sc, as.KindDelete, w.name, as.Activity{}, nil, func(iri string) document {
		again := f
		again.Reason = ""
		return sc.removal(iri, w, again)
	})
}

// takeBack undoes the last activity of a kind that is called name. Where
// somebody else did it, the Undo holds it as if it had been sc.by, since peers
// want both to be by one actor, and Lemmy writes it so too.
func (t *teller) takeBack(ctx context.Context, sc scene, kind, name string, undo as.Activity, hears []*community.Actor, again func(iri string) document) error {
	last, next, err := t.numbered(ctx, kind, name)
	if err != nil {
		return err
	}
	var done []byte
	if last != nil && last.ActorID == sc.by.ID {
		done = last.Body // with its proof
	} else {
		if done, err = marshal(again(next)); err != nil {
			return err
		}
		done = as.WithoutContext(done)
	}
	iri := t.s.mint(as.KindUndo)
	whole := sc.envelope(iri, done)
	whole.RestoreData = undo.RestoreData
	body, err := marshal(as.Undo(whole))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindUndo, iri: iri, body: body, hears: hears})
}

// boost has a group of ours show a post to those who follow it from a
// microblog. Every time is another Announce: one that was undone stays so.
func (t *teller) boost(ctx context.Context, sc scene, w writing) error {
	if !sc.group.Local() || sc.group.Closed() {
		return nil // nobody may boost what is not for everybody
	}
	_, iri, err := t.numbered(ctx, as.KindAnnounce, w.name)
	if err != nil {
		return err
	}
	return t.announce(ctx, sc, iri, as.ObjectID(w.iri), community.Boosted)
}

// boosts reports whether those who follow a group from a microblog see a
// writing: a post, or where the group wants it, an answer.
func (sc scene) boosts(w writing) bool { return w.post != nil || sc.group.BoostsAnswers }

// unboost takes the last boost of a writing back, if there was one.
func (t *teller) unboost(ctx context.Context, sc scene, w writing) error {
	if !sc.group.Local() {
		return nil
	}
	last, _, err := t.numbered(ctx, as.KindAnnounce, w.name)
	if err != nil || last == nil {
		return err
	}
	iri := t.s.mint(as.KindUndo)
	body, err := marshal(as.Undo{
		ID: iri, Actor: sc.group.IRI, Object: as.WithoutContext(last.Body), To: []string{as.Public},
		CC: []string{followersOf(sc.group)}, Published: sc.at,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: sc.group.ID, Kind: as.KindUndo, Body: body, Public: true, Lane: sc.lane,
	}, followers(sc.group, community.Boosted))
}
