package federation

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// moderatorAdded tells that somebody moderates a group now.
func (t *teller) moderatorAdded(ctx context.Context, f community.Fact) error {
	return t.moderatorChanged(ctx, f, as.KindAdd, func(a as.Activity) document { return as.Add(a) })
}

// moderatorRemoved tells that somebody does no more.
func (t *teller) moderatorRemoved(ctx context.Context, f community.Fact) error {
	return t.moderatorChanged(ctx, f, as.KindRemove, func(a as.Activity) document { return as.Remove(a) })
}

func (t *teller) moderatorChanged(ctx context.Context, f community.Fact, kind string, as2 func(as.Activity) document) error {
	sc, person, err := t.aboutPerson(f)
	if err != nil {
		return err
	}
	hears, err := t.concerned(ctx, sc, person)
	if err != nil {
		return err
	}
	return t.moderate(ctx, sc, f, kind, nameOf(f), hears, func(iri string) document {
		return as2(sc.collect(iri, person.IRI, moderatorsOf(sc.group)))
	})
}

// aboutPerson finds whom a fact is about.
func (t *teller) aboutPerson(f community.Fact) (scene, *community.Actor, error) {
	sc, err := t.scene(f)
	if err != nil {
		return sc, nil, err
	}
	person := t.actors[f.TargetID]
	if person == nil {
		return sc, nil, fault.New(fault.NotFound, "Actor %d is gone.", f.TargetID)
	}
	return sc, person, nil
}

// nameOf is a part of the ids of what is said of one person in one group.
func nameOf(f community.Fact) string { return fmt.Sprintf("group-%d-person-%d", f.GroupID, f.TargetID) }
