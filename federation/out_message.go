package federation

import (
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// A message goes to the inbox of one person and nowhere else, in the form that
// their server understands. It has no proof, since nobody shall be able to show
// what was said to them (FEP-8b32), and its ids answer nobody.

func (t *teller) messageSent(ctx context.Context, f community.Fact) error {
	return t.tellMessage(ctx, f, t.s.activityIRI(as.KindCreate, fmt.Sprintf("message-%d", f.ItemID)),
		func(a as.Activity) (string, document) { return as.KindCreate, as.Create(a) })
}

func (t *teller) messageEdited(ctx context.Context, f community.Fact) error {
	return t.tellMessage(ctx, f, t.s.mint(as.KindUpdate),
		func(a as.Activity) (string, document) { return as.KindUpdate, as.Update(a) })
}

// correspondence finds who wrote a message to whom; to is nil where nobody
// elsewhere is to hear of it.
func (t *teller) correspondence(f community.Fact) (by, to *community.Actor, err error) {
	by, to = t.actors[f.ActorID], t.actors[f.TargetID]
	if by == nil || to == nil {
		return nil, nil, fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	if !by.Local() || to.Local() {
		return by, nil, nil
	}
	return by, to, nil
}

func (t *teller) tellMessage(ctx context.Context, f community.Fact, iri string, as2 func(as.Activity) (string, document)) error {
	by, to, err := t.correspondence(f)
	if err != nil || to == nil {
		return err
	}
	m, err := t.tx.Message(ctx, community.MessageID(f.ItemID))
	if err != nil || m.Deleted() {
		return err
	}
	if said, err := t.known(ctx, iri); err != nil || said != nil {
		return err
	}
	d, err := t.letter(ctx, m, by, to)
	if err != nil {
		return err
	}
	object, err := marshal(d)
	if err != nil {
		return err
	}
	kind, body := as2(as.Activity{
		ID: iri, Actor: by.IRI, Object: as.WithoutContext(object), To: []string{to.IRI}, CC: []string{}, Published: f.At,
	})
	return t.sendLetter(ctx, by, to, iri, kind, body)
}

// letter is a message as the server of its recipient wants it.
func (t *teller) letter(ctx context.Context, m *community.Message, by, to *community.Actor) (document, error) {
	peer, err := t.peerRow(ctx, to)
	if err != nil {
		return nil, err
	}
	note := as.Post{
		ID: m.IRI, AttributedTo: by.IRI, To: []string{to.IRI}, CC: []string{}, Content: t.s.outward(m.HTML), Source: t.s.source(m.Body),
		Published: m.CreatedAt, Updated: m.EditedAt,
	}
	if wantsChat(peer) {
		return as.ChatMessage(note), nil
	}
	note.Tag = t.s.mentions([]*community.Actor{to})
	if peer.Forms() == community.Boosted {
		// Microblogs make a conversation of what answers each other. Lemmy
		// takes what answers something for a comment.
		last, err := t.tx.LastMessage(ctx, to.ID, by.ID, m.ID)
		if err != nil {
			return nil, err
		}
		if last != nil {
			note.InReplyTo = last.IRI
		}
	}
	return as.Note(note), nil
}

// peerRow is the server on which a lives, as far as it is known.
func (t *teller) peerRow(ctx context.Context, a *community.Actor) (*community.Peer, error) {
	id, err := t.peer(ctx, a)
	if err != nil {
		return nil, err
	}
	return t.tx.Peer(ctx, id)
}

// wantsChat reports whether a server takes messages as ChatMessage, and not as
// Note: Mbin and PieFed, and Lemmy before 1.0.
func wantsChat(p *community.Peer) bool {
	switch strings.ToLower(p.Software) {
	case "mbin", "kbin", "piefed":
		return true
	case "lemmy":
		first, _, _ := strings.Cut(p.Version, ".")
		n, err := strconv.Atoi(first)
		return err == nil && n < 1
	}
	return false
}

func (t *teller) messageDeleted(ctx context.Context, f community.Fact) error {
	by, to, err := t.correspondence(f)
	if err != nil || to == nil {
		return err
	}
	if said, err := t.known(ctx, t.s.activityIRI(as.KindCreate, fmt.Sprintf("message-%d", f.ItemID))); err != nil || said == nil {
		return err // nobody heard of it
	}
	iri := t.s.mint(as.KindDelete)
	return t.sendLetter(ctx, by, to, iri, as.KindDelete, as.Delete{
		ID: iri, Actor: by.IRI, Object: as.ObjectID(f.IRI), To: []string{to.IRI}, CC: []string{}, Published: f.At,
	})
}

// sendLetter appends what by says to one person. All that goes between two
// people does so in order.
func (t *teller) sendLetter(ctx context.Context, by, to *community.Actor, iri, kind string, d document) error {
	body, err := marshal(d)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: by.ID, Kind: kind, Body: body,
		Lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(to.ID)}),
	}, directly(to))
}

// writingRefused has a group tell somebody why it does not show what they
// wrote, as a Note to them alone. It answers that, so they see what is meant.
func (t *teller) writingRefused(ctx context.Context, f community.Fact) error {
	group, to := t.actors[f.GroupID], t.actors[f.TargetID]
	if group == nil || to == nil {
		return fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	iri := t.s.mint(as.KindCreate)
	note, err := marshal(as.Note{
		ID: strings.Replace(iri, "/create/", "/note/", 1), AttributedTo: group.IRI, InReplyTo: f.IRI, To: []string{to.IRI}, CC: []string{},
		Content: "<p>" + html.EscapeString(f.Reason) + "</p>", Tag: t.s.mentions([]*community.Actor{to}), Published: f.At,
	})
	if err != nil {
		return err
	}
	return t.sendLetter(ctx, group, to, iri, as.KindCreate, as.Create{
		ID: iri, Actor: group.IRI, Object: as.WithoutContext(note), To: []string{to.IRI}, CC: []string{}, Published: f.At,
	})
}
