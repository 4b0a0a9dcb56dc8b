package fediverse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
)

// piefed has the manners of PieFed, which are Lemmy's where it does not know
// better (shared/design/FEDERATION.md, sections 3, 4, 6 and 10).
type piefed struct{ lemmy }

// NewPieFed starts a PieFed.
func NewPieFed(t testing.TB) *Neighbour {
	t.Helper()
	return newNeighbour(t, "piefed", piefed{lemmy{old: true}})
}

var piefedContext = []any{as.NS, "https://w3id.org/security/v1", map[string]any{"lemmy": "https://join-lemmy.org/ns#"}}

func (p piefed) places() places {
	at := p.lemmy.places()
	at.itself, at.style = "/actor", httpsig.Style{PathOnly: true}
	at.headers, at.algorithm = []string{"(request-target)", "host", "date", "digest", "content-type"}, "rsa-sha256"
	return at
}

func (p piefed) dress(n *Neighbour, a *Actor) map[string]any {
	doc := p.lemmy.dress(n, a)
	doc["@context"], doc["url"] = piefedContext, a.ID
	delete(doc, "language")
	switch a.Kind {
	case as.KindGroup:
		maps.Copy(doc, map[string]any{
			"moderators": a.ID + "/moderators", "newModsWanted": false, "privateMods": false, "questionAnswer": false, "genAI": false,
			"postingWarning": nil, "lemmy:tagsForPosts": []any{},
		})
	case as.KindPerson:
		doc["acceptPrivateMessages"], doc["indexable"] = 3, true
	}
	return doc
}

func (p piefed) page(n *Neighbour, post Piece) map[string]any {
	doc := p.lemmy.page(n, post)
	if post.Poll != nil {
		maps.Copy(doc, question(post))
	}
	if post.Event != nil {
		maps.Copy(doc, happens(*post.Event))
	}
	maps.Copy(doc, map[string]any{"@context": piefedContext, "stickied": post.Featured, "nsfl": false, "genAI": false, "tag": []any{}})
	return doc
}

func (p piefed) note(n *Neighbour, c Piece) map[string]any {
	doc := p.lemmy.note(n, c)
	doc["@context"], doc["flair"], doc["repliesEnabled"] = piefedContext, nil, !c.Locked
	return doc
}

// act is Lemmy's, but votes are addressed too.
func (p piefed) act(n *Neighbour, d deed) map[string]any {
	a := p.lemmy.act(n, d)
	a["@context"] = piefedContext
	if d.kind == as.KindMove {
		delete(a, "audience")
	}
	if !slices.Contains([]string{as.KindFollow, as.KindAccept, as.KindFlag}, d.kind) && a["cc"] == nil && a["to"] == nil {
		a["to"], a["cc"] = []string{as.Public}, []string{d.room}
	}
	return a
}

// pass announces each activity once; votes wait for others, and leave in one
// Announce (FEP-1a11): see PassVotes.
func (p piefed) pass(n *Neighbour, room *Actor, activity map[string]any, _ bool) []parcel {
	if kind := activity["type"]; kind == as.KindLike || kind == as.KindDislike {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.votes = append(n.votes, bare(activity))
		return nil
	}
	return []parcel{p.wrap(n, room, bare(activity))}
}

func (piefed) wrap(n *Neighbour, room *Actor, object any) parcel {
	return parcel{by: room, activity: map[string]any{
		"@context": piefedContext, "id": n.address(as.KindAnnounce, room.ID), "type": as.KindAnnounce, "actor": room.ID, "object": object,
		"to": []string{as.Public}, "cc": []string{room.ID + "/followers"},
	}}
}

// PassVotes has a PieFed announce the votes that wait, together.
func (n *Neighbour) PassVotes(room *Actor) {
	n.t.Helper()
	n.mu.Lock()
	votes := n.votes
	n.votes = nil
	n.mu.Unlock()
	if len(votes) == 0 {
		n.t.Errorf("%s has no votes to pass on", n.Software)
		return
	}
	n.ship(room.ID, []parcel{piefed{}.wrap(n, room, votes)})
}

// admit wants the parameters that it looks for, and no date.
func (piefed) admit(d Delivery) error {
	signature := d.Header.Get("Signature")
	for _, parameter := range []string{`keyId="`, `algorithm="`, `headers="`, `signature="`} {
		if !strings.Contains(signature, parameter) {
			return fmt.Errorf("the signature has no %s: %s", strings.TrimSuffix(parameter, `="`), signature)
		}
	}
	return nil
}

// unwrap takes embedded activities, also many at once. What is embedded as an
// object is "Intended for Mastodon"; an id is that of a post.
func (piefed) unwrap(ctx context.Context, n *Neighbour, announce as.Doc) ([]as.Doc, error) {
	embedded := announce.Embeddeds("object")
	if len(embedded) == 0 {
		if err := n.obtain(ctx, announce.Ref("object"), announce.Actor(), 0); err != nil {
			return nil, err
		}
		return nil, nil
	}
	return slices.DeleteFunc(embedded, func(inner as.Doc) bool {
		return slices.Contains([]string{as.KindPage, as.KindNote, as.KindArticle}, inner.Kind())
	}), nil
}

func (p piefed) judge(ctx context.Context, n *Neighbour, a as.Doc, room string) error {
	switch {
	case a.Kind() == as.KindResolve, a.Kind() == as.KindChooseAnswer:
		return errMeaningless
	case a.Kind() == as.KindFlag && len(a.Refs("object")) == 0:
		return errors.New("a report is about something")
	case isBallot(a):
		_, err := n.somebody(ctx, a.Actor())
		return err
	}
	object, ok := a.Embedded("object")
	if !ok || a.Kind() != as.KindCreate && a.Kind() != as.KindUpdate || as.IsActor(object.Kind()) {
		_, err := n.somebody(ctx, a.Actor())
		return err
	}
	if _, err := n.somebody(ctx, a.Actor()); err != nil {
		return err
	}
	switch author := object.Ref("attributedTo"); {
	case !slices.Contains([]string{as.KindPage, as.KindArticle, as.KindNote, as.KindQuestion, as.KindEvent, as.KindVideo}, object.Kind()):
		return fmt.Errorf("a %s is no post or comment", object.Kind())
	case author != a.Actor() && n.Piece(object.ID()) == nil:
		return fmt.Errorf("%s is not by %s", object.ID(), a.Actor())
	case !as.SameHost(object.ID(), author):
		return fmt.Errorf("%s is not of the host of %s", object.ID(), author)
	case !object.IsPublic() && !a.IsPublic():
		return errors.New("it is not public")
	}
	return nil
}

// governs: admins of the group's host, as which all of its people count here.
func (piefed) governs(by, _, room string) bool { return as.SameHost(by, room) }

// end is either of the two words for it.
func (piefed) end(block as.Doc) time.Time {
	if end := block.Time("endTime"); !end.IsZero() {
		return end
	}
	return block.Time("expires")
}

// finds reads what Lemmy reads; and by NodeInfo what the server runs, which
// decides in what form its followers get what a group says (section 3).
func (p piefed) finds(ctx context.Context, n *Neighbour, group as.Doc) error {
	name, err := n.softwareOf(ctx, root(group.ID()))
	if err == nil && slices.Contains([]string{"mastodon", "misskey", "akkoma", "iceshrimp", "pleroma", "fedibird"}, name) {
		err = fmt.Errorf("%s is a microblog to PieFed", name)
	}
	n.mu.Lock()
	n.sites[root(group.ID())] = group // it looks for no Application
	n.mu.Unlock()
	return errors.Join(err, p.readOutbox(ctx, n, group), p.readFeatured(ctx, n, group))
}

// softwareOf is what a server's NodeInfo calls it.
func (n *Neighbour) softwareOf(ctx context.Context, origin string) (string, error) {
	var links struct{ Links []struct{ Rel, Href string } }
	if err := n.readJSON(ctx, origin+".well-known/nodeinfo", &links); err != nil {
		return "", err
	}
	for _, link := range links.Links {
		if !strings.HasSuffix(link.Rel, "/schema/2.1") && !strings.HasSuffix(link.Rel, "/schema/2.0") {
			continue
		}
		var info struct {
			Software struct{ Name, Version string }
		}
		err := n.readJSON(ctx, link.Href, &info)
		if err == nil && info.Software.Name != strings.ToLower(info.Software.Name) || info.Software.Name == "" {
			err = errors.Join(err, fmt.Errorf("the software is called %q", info.Software.Name))
		}
		return info.Software.Name, err
	}
	return "", fmt.Errorf("%s has no NodeInfo", origin)
}

func (n *Neighbour) readJSON(ctx context.Context, address string, into any) error {
	resp, err := n.Client.Get(ctx, address, "application/json", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return json.Unmarshal(resp.Body, into)
}
