package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// A scene is who did something, in which group (or to whom), and when.
type scene struct {
	by    *community.Actor
	group *community.Actor
	at    time.Time
	lane  int64

	extended bool // Lemmy does not know what this is about
}

// scene finds who and where. What happens in one thread shares a lane, so
// that a comment never overtakes its post; memberships share their group's.
func (t *teller) scene(f community.Fact) (scene, error) {
	sc := scene{by: t.actors[f.ActorID], group: t.actors[f.GroupID], at: f.At}
	if sc.by == nil || sc.group == nil {
		return sc, fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	sc.lane = lane(community.Subject{Kind: community.SubjectActor, ID: int64(f.GroupID)})
	if f.PostID != 0 {
		sc.lane = lane(community.Subject{Kind: community.SubjectPost, ID: int64(f.PostID)})
	}
	if post := t.posts[f.PostID]; post != nil {
		sc.extended = post.Kind == community.PollPost
	}
	sc.extended = sc.extended || t.polls[f.PostID]
	return sc, nil
}

// lane spreads subjects over all lanes, whatever number of them delivery has:
// the last step of SplitMix64, without the sign.
func lane(subject community.Subject) int64 {
	z := uint64(subject.ID)*8 + uint64(subject.Kind)
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return int64((z ^ (z >> 31)) >> 1)
}

// A destination is one way for an activity to leave: to the followers of an
// actor on servers that want a form, or to the inbox of one actor.
type destination struct {
	tag      string // tells the rows of one activity apart
	audience community.ActorID
	form     community.Form
	to       *community.Actor
	peer     community.PeerID // or a server, at an inbox of it
	inbox    string
}

// followers is everybody who follows a; of a group only those on servers that
// want form (0: all).
func followers(a *community.Actor, form community.Form) destination {
	return destination{tag: fmt.Sprintf("followers-%d", a.ID), audience: a.ID, form: form}
}

// everybody is every server that we know.
var everybody = destination{tag: "everybody", audience: community.Everybody}

// directly is one remote actor, at its own inbox, where GoToSocial and NodeBB
// want what is meant for one.
func directly(a *community.Actor) destination {
	return destination{tag: fmt.Sprintf("to-%d", a.ID), to: a}
}

// append writes an activity to the log: one row for its first destination,
// which also answers for its id, and one for each other. Those rows need ids
// of their own, and get them by a fragment, which no request can ask for. What
// goes nowhere by itself is kept for its id, which the group's Announce names.
func (t *teller) append(ctx context.Context, row community.Activity, destinations ...destination) error {
	row.CreatedAt = community.Timestamp(t.s.Now())
	first := true
	iri := row.IRI
	for _, d := range destinations {
		if d.to != nil && (d.to.Local() || d.to.Gone() || d.to.Inbox == "") {
			continue
		}
		row.ID, row.Audience, row.Form, row.PeerID, row.Inbox = 0, d.audience, d.form, d.peer, d.inbox
		if d.to != nil {
			peer, err := t.peer(ctx, d.to)
			if err != nil {
				return err
			}
			row.PeerID, row.Inbox = peer, d.to.Inbox
		}
		if !first {
			row.IRI, row.Public = iri+"#"+d.tag, false
		}
		first = false
		if err := t.tx.AddActivity(ctx, &row); err != nil {
			return err
		}
	}
	if first && (row.Public || len(destinations) == 0) {
		row.ID, row.Audience, row.Form, row.PeerID, row.Inbox = 0, 0, 0, 0, ""
		return t.tx.AddActivity(ctx, &row)
	}
	return nil
}

func (t *teller) peer(ctx context.Context, a *community.Actor) (community.PeerID, error) {
	if a.PeerID != 0 {
		return a.PeerID, nil
	}
	p, err := t.tx.PeerByHost(ctx, a.Host, community.Timestamp(t.s.Now()))
	if err != nil {
		return 0, err
	}
	return p.ID, nil
}

// known returns what was said under an id, or nil.
func (t *teller) known(ctx context.Context, iri string) (*community.Activity, error) {
	a, err := t.tx.ActivityByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return a, err
}

// numbered finds the last of the activities of a kind that are called name,
// name-2, name-3 and so on, nil if there is none, and the id of the next.
func (t *teller) numbered(ctx context.Context, kind, name string) (last *community.Activity, next string, err error) {
	next = t.s.activityIRI(kind, name)
	for n := 2; ; n++ {
		a, err := t.known(ctx, next)
		if err != nil || a == nil {
			return last, next, err
		}
		last, next = a, t.s.activityIRI(kind, fmt.Sprintf("%s-%d", name, n))
	}
}

// announce has a local group tell its followers of object, an activity or the
// id of a post.
func (t *teller) announce(ctx context.Context, sc scene, iri string, object json.RawMessage, form community.Form) error {
	if form == community.Wrapped && sc.extended {
		form = community.Extended
	}
	body, err := marshal(t.s.announcement(sc.group, iri, object, sc.at))
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: sc.group.ID, Kind: as.KindAnnounce, Body: body, Public: !sc.group.Closed(), Lane: sc.lane,
	}, followers(sc.group, form))
}

// announcement is a group's Announce. It is addressed as Mastodon and
// GoToSocial require of a boost: in public, and to followers; that of a
// private group to followers alone.
func (s *Server) announcement(group *community.Actor, iri string, object json.RawMessage, at time.Time) as.Announce {
	a := as.Announce{
		ID: iri, Actor: group.IRI, Object: object, To: []string{as.Public}, CC: []string{followersOf(group)}, Published: at,
	}
	if group.Closed() {
		a.To, a.CC = a.CC, []string{}
	}
	return a
}

// relay has a local group announce what somebody elsewhere did, byte for byte
// as it was received (FEP-1b12).
func (t *teller) relay(ctx context.Context, sc scene, iri string, raw []byte) error {
	if !sc.group.Local() || len(raw) == 0 {
		return nil // their group's to tell; or learned by fetching, so nobody told us
	}
	return t.announce(ctx, sc, iri, raw, community.Wrapped)
}

// An act is what a local actor does in a group.
type act struct {
	kind      string
	iri       string
	body      []byte
	followers bool               // the actor's own followers hear of it
	boosted   bool               // so do those who follow the group from a microblog
	hears     []*community.Actor // and these people, elsewhere
	relays    []destination      // relays that take it as it is
	announce  string             // the id of the group's Announce
}

// say tells of an act, with the actor's proof: by itself to whom it concerns, and, in a group of ours,
// wrapped in the group's Announce to everybody there.
func (t *teller) say(ctx context.Context, sc scene, a act) error {
	var to []destination
	var err error
	if a.body, err = t.proved(ctx, sc, a.body); err != nil {
		return err
	}
	if a.followers && !sc.group.Closed() {
		to = append(to, followers(sc.by, 0))
	}
	if !sc.group.Local() {
		to = append(to, directly(sc.group))
	}
	if sc.group.Local() && a.boosted && !sc.group.Closed() {
		to = append(to, followers(sc.group, community.Boosted))
	}
	for _, person := range a.hears {
		to = append(to, directly(person))
	}
	to = append(to, a.relays...)
	err = t.append(ctx, community.Activity{
		IRI: a.iri, ActorID: sc.by.ID, Kind: a.kind, Body: a.body, Public: !sc.group.Closed(), Lane: sc.lane,
	}, to...)
	if err != nil || !sc.group.Local() {
		return err
	}
	if a.announce == "" {
		a.announce = t.s.mint(as.KindAnnounce)
	}
	return t.announce(ctx, sc, a.announce, a.body, community.Wrapped)
}

// proved is a document with the proof of who did it. What is said in a group
// for members only has none: nobody outside shall be able to show what was
// said in it (FEP-8b32, "Privacy considerations").
func (t *teller) proved(ctx context.Context, sc scene, document []byte) ([]byte, error) {
	if sc.group.Closed() {
		return document, nil
	}
	return t.s.prove(ctx, t.tx, sc.by, document, sc.at)
}

// hasAudience reports whether anybody elsewhere follows a group.
func (t *teller) hasAudience(ctx context.Context, group community.ActorID) (bool, error) {
	if has, known := t.heard[group]; known {
		return has, nil
	}
	servers, err := t.tx.Listeners(ctx, group)
	if err != nil {
		return false, err
	}
	t.heard[group] = len(servers) > 0
	return t.heard[group], nil
}

// document is what package as can write.
type document interface{ Marshal() ([]byte, error) }

// marshal writes a document. What cannot be written, such as an id that is no
// URL, is the fault of one fact, and Invalid says so to outbox.
func marshal(d document) ([]byte, error) {
	body, err := d.Marshal()
	if err != nil {
		return nil, fault.Because(err, fault.Invalid, "This cannot be told in ActivityPub")
	}
	return body, nil
}

// envelope is how everything in a group is addressed: to the group, and in
// public or to its members. Lemmy requires both lists, and an audience that is
// the group.
func (sc scene) envelope(iri string, object json.RawMessage, cc ...string) as.Activity {
	return as.Activity{
		ID: iri, Actor: sc.by.IRI, Object: object, To: everybodyIn(sc.group), CC: append([]string{}, cc...),
		Audience: sc.group.IRI, Published: sc.at,
	}
}
