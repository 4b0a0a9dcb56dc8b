package federation

import (
	"context"

	"drystone/community"
	"drystone/federation/as"
)

// locked tells that a thread, or a branch of one, is closed.
func (t *teller) locked(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutWriting(ctx, f)
	if err != nil {
		return err
	}
	return t.moderate(ctx, sc, f, as.KindLock, w.name, nil, func(iri string) document { return sc.lock(iri, w, f.Reason) })
}

// unlocked tells that it is open again.
func (t *teller) unlocked(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutWriting(ctx, f)
	if err != nil {
		return err
	}
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	return t.takeBack(ctx, sc, as.KindLock, w.name, as.Activity{}, nil, func(iri string) document { return sc.lock(iri, w, "") })
}

func (sc scene) lock(iri string, w writing, reason string) as.Lock {
	a := sc.envelope(iri, as.ObjectID(w.iri))
	if reason != "" {
		a.Summary = &reason
	}
	return as.Lock(a)
}

// aboutWriting finds the post or comment of a fact.
func (t *teller) aboutWriting(ctx context.Context, f community.Fact) (scene, writing, error) {
	sc, err := t.scene(f)
	if err != nil {
		return sc, writing{}, err
	}
	var w writing
	if f.CommentID != 0 {
		w, err = t.comment(ctx, sc, f, false)
	} else {
		w, err = t.post(ctx, sc, f, false)
	}
	return sc, w, err
}
