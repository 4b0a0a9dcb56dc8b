package federation

import (
	"context"

	"drystone/community"
	"drystone/federation/as"
)

// mostBereaved bounds the groups that pass on that somebody is gone.
const mostBereaved = 50

// personGone tells that somebody deleted themselves. Of our own, every server
// that we know hears it from them: who never heard of them shrugs, and there
// is no list of those who did. Of others, our groups in which they wrote pass
// it on, once each and as it was received: their server tells those whom it
// knows; others may know their words from us.
func (t *teller) personGone(ctx context.Context, f community.Fact) error {
	by := t.actors[f.ActorID]
	if by == nil {
		return nil
	}
	if by.Local() {
		return t.farewell(ctx, by, f)
	}
	if len(f.Raw) == 0 {
		return nil
	}
	groups, err := t.tx.WroteIn(ctx, by.ID, mostBereaved)
	if err != nil {
		return err
	}
	for _, group := range groups {
		sc := scene{by: by, group: group, at: f.At, lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(group.ID)})}
		if err := t.relay(ctx, sc, t.s.mint(as.KindAnnounce), f.Raw); err != nil {
			return err
		}
	}
	return nil
}

// farewell is the last that somebody here says: one row of the log, whatever
// the number of servers. It says whether their words go with them, for those
// who ask (Lemmy, PieFed, Drystone); Mastodon takes them away always. Their
// key outlives them, since some servers will take it late.
func (t *teller) farewell(ctx context.Context, by *community.Actor, f community.Fact) error {
	iri := t.s.mint(as.KindDelete)
	body, err := marshal(as.Delete{
		ID: iri, Actor: by.IRI, Object: as.ObjectID(by.IRI), To: []string{as.Public}, CC: []string{},
		RemoveData: f.Value == 1, KeepData: f.Value != 1, Published: f.At,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: by.ID, Kind: as.KindDelete, Body: body, Public: true,
		Lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(by.ID)}),
	}, everybody)
}
