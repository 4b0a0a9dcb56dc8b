package federation

import (
	"context"

	"drystone/community"
	"drystone/federation/as"
)

// postFeatured tells that a post stands on top of its group.
func (t *teller) postFeatured(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutWriting(ctx, f)
	if err != nil {
		return err
	}
	return t.moderate(ctx, sc, f, as.KindAdd, w.name, nil, func(iri string) document {
		return as.Add(sc.collect(iri, w.iri, featuredOf(sc.group)))
	})
}

// postUnfeatured tells that it does no more. Peers want a Remove for that,
// not an Undo.
func (t *teller) postUnfeatured(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutWriting(ctx, f)
	if err != nil {
		return err
	}
	return t.moderate(ctx, sc, f, as.KindRemove, w.name, nil, func(iri string) document {
		return as.Remove(sc.collect(iri, w.iri, featuredOf(sc.group)))
	})
}

// collect is an Add or a Remove.
func (sc scene) collect(iri, object, target string) as.Activity {
	a := sc.envelope(iri, as.ObjectID(object))
	a.Target = target
	return a
}

func featuredOf(group *community.Actor) string {
	if group.Local() {
		return group.IRI + "/featured"
	}
	return group.Featured
}

func moderatorsOf(group *community.Actor) string {
	if group.Local() {
		return group.IRI + "/moderators"
	}
	return group.Moderators
}

// postMarked tells that a moderator found a post sensitive, or not: by an
// Update of all of it, as Lemmy has it.
func (t *teller) postMarked(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutWriting(ctx, f)
	if err != nil || w.hidden {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	author := t.actors[w.post.AuthorID]
	if author == nil {
		return nil
	}
	also, err := besideOf(ctx, t.tx, w.post)
	if err != nil {
		return err
	}
	document := t.s.page(w.post, author, sc.group, nil, also)
	if document.Updated.IsZero() {
		document.Updated = f.At
	}
	page, err := marshal(document)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUpdate)
	body, err := marshal(as.Update(sc.envelope(iri, as.WithoutContext(page))))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: as.KindUpdate, iri: iri, body: body})
}
