package federation

import (
	"context"

	"drystone/community"
	"drystone/federation/as"
)

// What moderators do goes to group-aware peers: wrapped in the Announce of a
// group of ours, or to the home of a group elsewhere. Microblogs understand
// none of it.

// moderate tells of something that a moderator did, in the words of whoever
// did it elsewhere, or in those of write.
func (t *teller) moderate(ctx context.Context, sc scene, f community.Fact, kind, name string, hears []*community.Actor, write func(iri string) document) error {
	if !sc.by.Local() {
		return t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw)
	}
	_, iri, err := t.numbered(ctx, kind, name)
	if err != nil {
		return err
	}
	body, err := marshal(write(iri))
	if err != nil {
		return err
	}
	return t.say(ctx, sc, act{kind: kind, iri: iri, body: body, hears: hears})
}

// concerned is somebody elsewhere whom a moderator's activity is about, if
// their server understands it: it may follow nothing here and still must
// know. A microblog would take a ban for a personal block.
func (t *teller) concerned(ctx context.Context, sc scene, person *community.Actor) ([]*community.Actor, error) {
	if !sc.group.Local() || person.Local() || person.Gone() {
		return nil, nil
	}
	peer, err := t.tx.PeerByHost(ctx, person.Host, community.Timestamp(t.s.Now()))
	if err != nil || peer.Forms()&community.Boosted != 0 {
		return nil, err
	}
	return []*community.Actor{person}, nil
}
