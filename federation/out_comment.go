package federation

import (
	"context"

	"drystone/community"
	"drystone/federation/as"
)

// A comment is told to group-aware peers only, and to the people whom it
// answers or mentions: boosts of comments are what microblogs complain of
// most (FEDERATION.md, section 3). A group can have them all the same.

func (t *teller) commentPublished(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutComment(ctx, f, true)
	if err != nil {
		return err
	}
	if err := t.published(ctx, sc, f, w); err != nil || w.hidden || !sc.boosts(w) {
		return err
	}
	if last, _, err := t.numbered(ctx, as.KindAnnounce, w.name); err != nil || last != nil {
		return err
	}
	return t.boost(ctx, sc, w)
}

func (t *teller) commentEdited(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutComment(ctx, f, true)
	if err != nil {
		return err
	}
	return t.edited(ctx, sc, f, w)
}

func (t *teller) commentDeleted(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutComment(ctx, f, false)
	if err != nil {
		return err
	}
	return t.deleted(ctx, sc, f, w)
}

func (t *teller) commentRemoved(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutComment(ctx, f, false)
	if err != nil {
		return err
	}
	return t.removed(ctx, sc, f, w)
}

func (t *teller) commentRestored(ctx context.Context, f community.Fact) error {
	sc, w, err := t.aboutComment(ctx, f, false)
	if err != nil {
		return err
	}
	return t.restored(ctx, sc, f, w)
}

func (t *teller) aboutComment(ctx context.Context, f community.Fact, whole bool) (scene, writing, error) {
	sc, err := t.scene(f)
	if err != nil {
		return sc, writing{}, err
	}
	w, err := t.comment(ctx, sc, f, whole)
	return sc, w, err
}
