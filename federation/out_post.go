package federation

import (
	"context"

	"drystone/community"
)

// A post is told to group-aware peers as Announce{Create} and so on, and to
// microblogs as a boost of its id (FEDERATION.md, section 3).

func (t *teller) postPublished(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, true)
	if err != nil {
		return err
	}
	if err := t.published(ctx, sc, f, w); err != nil || w.hidden || !sc.group.Local() {
		return err
	}
	if last, _, err := t.numbered(ctx, "announce", w.name); err != nil || last != nil {
		return err
	}
	if err := t.boost(ctx, sc, w); err != nil {
		return err
	}
	return t.relayPost(ctx, sc, w)
}

func (t *teller) postEdited(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, true)
	if err != nil {
		return err
	}
	return t.edited(ctx, sc, f, w)
}

func (t *teller) postDeleted(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, false)
	if err != nil {
		return err
	}
	if err := t.unrelayPost(ctx, sc, w); err != nil {
		return err
	}
	return t.deleted(ctx, sc, f, w)
}

func (t *teller) postRemoved(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, false)
	if err != nil {
		return err
	}
	if err := t.unrelayPost(ctx, sc, w); err != nil {
		return err
	}
	return t.removed(ctx, sc, f, w)
}

func (t *teller) postRestored(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutPost(ctx, f, false)
	if err != nil {
		return err
	}
	return t.restored(ctx, sc, f, w)
}

func (t *teller) aboutPost(ctx context.Context, f community.Fact, whole bool) (scene, writing, error) {
	sc, err := t.scene(f)
	if err != nil {
		return sc, writing{}, err
	}
	w, err := t.post(ctx, sc, f, whole)
	return sc, w, err
}
