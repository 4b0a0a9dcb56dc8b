package federation

import (
	"context"
	"html"
	"slices"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
	"drystone/storage"
)

const (
	actorStale  = 24 * time.Hour // read again after this, as Lemmy does
	maxActorTxt = 200            // characters of a display name
	maxURL      = 2048

	maxFieldsRead = 8 // lines of a profile
	maxFieldTxt   = 500
	maxFieldHTML  = 4000
	maxKeys       = 10 // of one actor, beside its first
)

// actor returns the actor whose id is iri, who may say something here.
func (s *Server) actor(ctx context.Context, iri string) (*community.Actor, error) {
	actor, err := s.anybody(ctx, iri)
	if err == nil {
		err = actor.MaySpeak(s.now())
	}
	return actor, err
}

// anybody returns the actor whose id is iri: ours, or a remote one as it was
// stored, fetched when it is new or was not read for a day. A stored actor
// outlives a server that does not answer.
func (s *Server) anybody(ctx context.Context, iri string) (_ *community.Actor, err error) {
	known, err := s.DB.ActorByIRI(ctx, iri)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil && (known.Local() || s.now().Sub(known.FetchedAt) < actorStale) {
		return known, gone(known)
	}
	fresh, fetchErr := s.fetchActor(ctx, iri)
	switch {
	case fetchErr == nil:
		return fresh, nil
	case err != nil, s.indoors != nil:
		return nil, fetchErr
	}
	if buried(fetchErr) && !known.Gone() {
		if err := s.farewell(ctx, known, community.Origin{IRI: iri}, !known.IsGroup()); err != nil {
			return nil, err
		}
		return nil, fetchErr
	}
	s.Log.Debug("federation: actor not refreshed", "actor", iri, "reason", fetchErr)
	return known, gone(known)
}

// gone is the error for somebody who deleted themselves.
func gone(actor *community.Actor) error {
	if actor.Gone() {
		return fault.New(fault.NotFound, "%s is gone.", actor.IRI)
	}
	return nil
}

// fetchActor reads an actor from its server and stores it.
func (s *Server) fetchActor(ctx context.Context, iri string) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "federation.fetchActor(%s)", iri)
	doc, err := s.fetch(ctx, iri)
	if err != nil {
		return nil, err
	}
	return s.saveActor(ctx, doc)
}

// saveActor stores what doc, which came from its origin or was signed by who
// it describes, says of a remote actor. It never touches one of ours.
func (s *Server) saveActor(ctx context.Context, doc as.Doc) (*community.Actor, error) {
	actor, err := parseActor(doc, s.now())
	if err != nil {
		return nil, err
	}
	if s.ours(actor.IRI) {
		return nil, fault.New(fault.Forbidden, "%s is ours to describe.", actor.IRI)
	}
	peer, err := s.DB.PeerByHost(ctx, actor.Host, s.now())
	if err != nil {
		return nil, err
	}
	actor.PeerID = peer.ID
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		before, err := tx.ActorByIRI(ctx, actor.IRI)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := tx.SaveRemoteActor(ctx, actor); err != nil {
			return err
		}
		for _, c := range community.TakenBack(before, actor) {
			if err := tx.Record(ctx, c.Fact()); err != nil {
				return err
			}
		}
		if err := saveFeed(ctx, tx, doc, actor); err != nil {
			return err
		}
		if err := tx.SaveProfileFields(ctx, actor.ID, parseFields(doc, actor)); err != nil {
			return err
		}
		return tx.SaveRemoteKeys(ctx, actor.ID, parseKeys(doc, actor))
	})
	if err != nil {
		return nil, err
	}
	// Our own counters and the id came back only for a new row.
	return s.DB.ActorByIRI(ctx, actor.IRI)
}

// actorKinds are what peers call their actors. Lemmy takes an Organization
// for somebody who posts.
var actorKinds = map[string]community.ActorKind{
	as.KindPerson:       community.Person,
	as.KindOrganization: community.Person,
	as.KindService:      community.Service,
	as.KindApplication:  community.Application,
	as.KindGroup:        community.GroupKind,
	as.KindFeed:         community.FeedKind,
}

// parseActor reads the actor document of any peer: what is required is what
// we cannot do without (FEDERATION.md, section 1).
func parseActor(doc as.Doc, now time.Time) (*community.Actor, error) {
	kind, ok := actorKinds[doc.Kind()]
	if doc.Kind() == as.KindTombstone {
		return nil, fault.Because(errTombstone, fault.NotFound, "%s is gone.", doc.ID())
	}
	if !ok {
		return nil, fault.New(fault.Invalid, "%s is a %.40q and no actor that we know.", doc.ID(), doc.Kind())
	}
	id := doc.ID()
	a := &community.Actor{Kind: kind, IRI: id, Host: as.Host(id), FetchedAt: now}
	if a.Host == "" {
		return nil, fault.New(fault.Invalid, "The actor has no id.")
	}
	a.Name = clip(firstOf(doc.Text("preferredUsername"), doc.Text("name")), 128)
	if a.Name == "" || strings.ContainsAny(a.Name, "@/ \t\n") {
		return nil, fault.New(fault.Invalid, "%s has no preferredUsername.", id)
	}
	a.Inbox = sameHost(id, doc.Ref("inbox"))
	if a.Inbox == "" {
		return nil, fault.New(fault.Invalid, "%s has no inbox on its own server.", id)
	}
	if a.IsFeed() {
		feedKey(doc, a)
	} else if err := parseKey(doc, a); err != nil {
		return nil, err
	}
	readProfile(doc, a)
	a.CreatedAt, a.UpdatedAt = moment(doc.Time("published"), now), moment(doc.Time("updated"), now)
	return a, nil
}

// parseKey takes the first key that is the actor's own. An actor without one
// can be read and joined; it cannot speak to us.
func parseKey(doc as.Doc, a *community.Actor) error {
	for _, key := range doc.Embeddeds("publicKey") {
		if owner := key.Ref("owner"); owner != a.IRI {
			return fault.New(fault.Forbidden, "The key of %s belongs to %.200q.", a.IRI, owner)
		}
		if key.ID() == "" || key.Text("publicKeyPem") == "" || !as.SameHost(key.ID(), a.IRI) {
			continue
		}
		a.KeyID, a.PublicKey = key.ID(), key.Text("publicKeyPem")
		return nil
	}
	return nil
}

// parseKeys reads the keys that an actor lists beside that in its row: as
// Multikeys, of which those of others and those whose time is over are left
// out (FEP-521a), and further ones of the older form.
func parseKeys(doc as.Doc, a *community.Actor) []*community.ActorKey {
	var keys []*community.ActorKey
	add := func(id, multikey string, asserts bool) {
		taken := slices.ContainsFunc(keys, func(k *community.ActorKey) bool { return k.IRI == id })
		if len(keys) < maxKeys && !taken && id != a.KeyID && as.SameHost(id, a.IRI) {
			keys = append(keys, &community.ActorKey{IRI: id, Multikey: multikey, Asserts: asserts, CreatedAt: a.FetchedAt})
		}
	}
	for _, key := range doc.Embeddeds("assertionMethod") {
		over := key.Has("expires") && !key.Time("expires").After(a.FetchedAt)
		if key.Kind() != "Multikey" || key.Ref("controller") != a.IRI || over {
			continue
		}
		if text := key.Text("publicKeyMultibase"); readable(text) {
			add(key.ID(), text, true)
		}
	}
	for _, key := range doc.Embeddeds("publicKey") {
		public, err := httpsig.ParsePublicKey(key.Text("publicKeyPem"))
		if err != nil || key.Ref("owner") != a.IRI {
			continue
		}
		if text, err := proof.Multikey(public); err == nil {
			add(key.ID(), text, false)
		}
	}
	return keys
}

func readable(multikey string) bool {
	_, err := proof.ParseMultikey(multikey)
	return err == nil
}

// readProfile reads everything of an actor that may be missing.
func readProfile(doc as.Doc, a *community.Actor) {
	id := a.IRI
	a.SharedInbox = sameHost(id, sharedInbox(doc))
	a.Outbox = sameHost(id, doc.Ref("outbox"))
	a.Followers = sameHost(id, doc.Ref("followers"))
	a.Featured = sameHost(id, doc.Ref("featured"))
	if a.IsGroup() {
		a.Moderators = sameHost(id, moderators(doc))
	}
	a.Title = clip(strings.TrimSpace(plain(doc.Text("name"))), maxActorTxt)
	if summary := doc.Text("summary"); summary != "" {
		a.SummaryHTML = markup.Sanitize(summary)
		a.Summary = markup.Text(summary)
	}
	a.Icon, a.Image = picture(doc, "icon"), picture(doc, "image")
	a.URL = pageURL(doc)
	aliases := doc.Refs("alsoKnownAs")
	a.AlsoKnownAs = strings.Join(aliases[:min(len(aliases), community.MostAliases)], "\n")
	a.Locked, _ = doc.Bool("manuallyApprovesFollowers")
	if a.IsGroup() && a.Locked {
		a.Visibility = community.Private
	}
	a.Restricted, _ = doc.Bool("postingRestrictedToMods")
	a.Sensitive, _ = doc.Bool("sensitive")
	if a.IsGroup() {
		a.Questions, _ = doc.Bool("questionAnswer") // PieFed
	}
	// A person who says nothing, as those of Lemmy and NodeBB, agreed to
	// nothing (FEP-5feb). A group that says nothing wants to be listed, and
	// forbids nothing: the words said in it are their authors', who say yes
	// or do not.
	a.Discoverable = boolOr(doc, "discoverable", a.IsGroup())
	a.Indexable = boolOr(doc, "indexable", a.IsGroup() || a.IsFeed())
	if n, said := doc.Int("acceptPrivateMessages"); said && n == 0 && !a.IsGroup() {
		a.MessagesFrom = community.FromNobody // PieFed
	}
}

// parseFields reads the lines of a person's profile, as Mastodon, GoToSocial,
// Pleroma and others write them.
func parseFields(doc as.Doc, a *community.Actor) []community.ProfileField {
	if !a.IsPerson() {
		return nil
	}
	var fields []community.ProfileField
	for _, line := range doc.Embeddeds("attachment") {
		name := clip(strings.TrimSpace(plain(line.Text("name"))), maxFieldTxt)
		value := line.Text("value")
		if line.Kind() != as.KindPropertyValue || name == "" || value == "" || len(value) > maxFieldHTML || len(fields) == maxFieldsRead {
			continue
		}
		html := markup.Sanitize(value)
		if text := clip(markup.Text(html), maxFieldTxt); text != "" {
			fields = append(fields, community.ProfileField{Name: name, Value: text, HTML: html})
		}
	}
	return fields
}

// plain is a name as people mean it: NodeBB writes "Q&amp;A".
func plain(name string) string { return html.UnescapeString(name) }

// sharedInbox looks where ActivityPub has it, and at the top level, where
// Discourse has it.
func sharedInbox(doc as.Doc) string {
	if endpoints, ok := doc.Embedded("endpoints"); ok {
		if inbox := endpoints.Ref("sharedInbox"); inbox != "" {
			return inbox
		}
	}
	return doc.Ref("sharedInbox")
}

// moderators is the collection that Lemmy and its kin put into attributedTo.
// PeerTube lists people there instead, PieFed names it twice.
func moderators(doc as.Doc) string {
	if list := doc.Refs("attributedTo"); len(list) == 1 && len(doc.Embeddeds("attributedTo")) == 0 {
		return list[0]
	}
	return doc.Ref("moderators")
}

func boolOr(doc as.Doc, key string, otherwise bool) bool {
	if value, ok := doc.Bool(key); ok {
		return value
	}
	return otherwise
}

// picture returns the URL of an image, which peers write as an object, a
// list of objects or a URL.
func picture(doc as.Doc, key string) string {
	for _, image := range doc.Embeddeds(key) {
		if u := webURL(firstOf(image.Ref("url"), image.Ref("href"))); u != "" {
			return u
		}
	}
	return webURL(doc.Ref(key))
}

// pageURL returns the page for people. It may be on another host, as it is
// with Threads and Bridgy: it is a link and nothing else.
func pageURL(doc as.Doc) string {
	for _, link := range doc.Embeddeds("url") {
		if media := link.Text("mediaType"); media == "" || media == "text/html" {
			if u := webURL(link.Ref("href")); u != "" {
				return u
			}
		}
	}
	return webURL(doc.Ref("url"))
}

// webURL returns text if people can be sent there, and "" otherwise.
func webURL(text string) string {
	if len(text) > maxURL || as.Host(text) == "" {
		return ""
	}
	return text
}

// sameHost returns address if it is on the host of id, and "" otherwise.
func sameHost(id, address string) string {
	if len(address) > maxURL || !as.SameHost(id, address) {
		return ""
	}
	return address
}

// moment is a time that a peer claims, never later than now.
func moment(claimed, now time.Time) time.Time {
	if claimed.IsZero() || claimed.After(now) {
		return now
	}
	return community.Timestamp(claimed)
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
