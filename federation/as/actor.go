package as

import (
	"time"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"

	"drystone/fault"
)

// An Actor is what all actors have: the superset of what peers want to read
// (FEDERATION.md, section 1). Write it as part of a Group, Person,
// Feed or Application.
type Actor struct {
	ID                string
	PreferredUsername string
	WebFinger         string // name@host (FEP-2c59)
	Name              string
	URL               string // the page for people
	Summary           string // HTML
	Source            *Source
	Inbox             string
	Outbox            string // Lemmy requires it, even of people
	Followers         string
	Following         string
	Featured          string // must be another one for every actor, or Lemmy answers 400
	SharedInbox       string
	KeyID             string // ID + "#main-key" if empty
	PublicKeyPEM      string
	Multikeys         []Multikey // assertionMethod (FEP-521a)
	Icon              *Image
	Image             *Image
	Fields            []PropertyValue
	Tag               []Tag
	AlsoKnownAs       []string
	MovedTo           string
	ApprovesFollowers bool // manuallyApprovesFollowers; of a group: private
	Discoverable      bool
	Indexable         bool // FEP-5feb
	Published         time.Time
	Updated           time.Time
}

// A Group is a community.
type Group struct {
	Actor
	Moderators              string // a collection of URLs; goes into attributedTo
	PostingRestrictedToMods bool
	Asks                    bool // questionAnswer: what is posted are questions (PieFed)
	Sensitive               bool
	Languages               []Language
}

// Marshal writes the document.
func (g Group) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Group(%s)", g.ID)

	typed := streams.NewActivityStreamsGroup()
	b := g.build(typed)
	one(b, g.Moderators, streams.NewActivityStreamsAttributedToProperty(), typed.SetActivityStreamsAttributedTo)
	b.over["postingRestrictedToMods"] = g.PostingRestrictedToMods
	b.over["sensitive"] = g.Sensitive
	b.asks(g.Asks)
	if len(g.Languages) > 0 {
		b.over["language"] = objects(g.Languages)
	}
	return b.marshal()
}

// A Person is an account; with Bot it is a Service, as Mastodon has it.
// (Lemmy drops the votes of bots.)
type Person struct {
	Actor
	Bot bool

	AcceptsMessages int // acceptPrivateMessages, as PieFed counts: 0 is from nobody, 3 from everybody
}

// Marshal writes the document.
func (p Person) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Person(%s)", p.ID)

	var typed actorType = streams.NewActivityStreamsPerson()
	if p.Bot {
		typed = streams.NewActivityStreamsService()
	}
	b := p.build(typed)
	b.over["acceptPrivateMessages"] = p.AcceptsMessages
	return b.marshal()
}

// A Feed is a list of groups that somebody keeps: Lemmy's multi-community and
// PieFed's feed. What it lists is in Following. Go-fed has no Feed.
type Feed struct {
	Actor
	AttributedTo string // who keeps it: one person, which is all that Lemmy reads
}

// Marshal writes the document.
func (f Feed) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Feed(%s)", f.ID)

	typed := streams.NewActivityStreamsGroup()
	b := f.build(typed)
	b.over["type"] = KindFeed
	one(b, f.AttributedTo, streams.NewActivityStreamsAttributedToProperty(), typed.SetActivityStreamsAttributedTo)
	return b.marshal()
}

// An Application is the actor of the server itself (FEP-d556, FEP-2677).
type Application struct{ Actor }

// Marshal writes the document.
func (a Application) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Application(%s)", a.ID)

	return a.build(streams.NewActivityStreamsApplication()).marshal()
}

// actorType is what go-fed's actor types have in common. It is spelled out
// because go-fed has no name for it.
type actorType interface {
	vocab.Type
	named
	actorCollections
	SetActivityStreamsPreferredUsername(vocab.ActivityStreamsPreferredUsernameProperty)
	SetW3IDSecurityV1PublicKey(vocab.W3IDSecurityV1PublicKeyProperty)
	SetTootDiscoverable(vocab.TootDiscoverableProperty)
}

type actorCollections interface {
	SetActivityStreamsInbox(vocab.ActivityStreamsInboxProperty)
	SetActivityStreamsOutbox(vocab.ActivityStreamsOutboxProperty)
	SetActivityStreamsFollowers(vocab.ActivityStreamsFollowersProperty)
	SetActivityStreamsFollowing(vocab.ActivityStreamsFollowingProperty)
	SetTootFeatured(vocab.TootFeaturedProperty)
}

func (a Actor) build(typed actorType) *builder {
	b := newBuilder(typed)
	b.context = actorContext
	b.id(a.ID)
	b.name(typed, naming{a.Name, a.Summary, a.URL, a.Published, a.Updated})
	username := streams.NewActivityStreamsPreferredUsernameProperty()
	username.SetXMLSchemaString(a.PreferredUsername)
	typed.SetActivityStreamsPreferredUsername(username)
	discoverable := streams.NewTootDiscoverableProperty()
	discoverable.Set(a.Discoverable)
	typed.SetTootDiscoverable(discoverable)
	a.collections(b, typed)
	a.key(b, typed)
	a.extensions(b)
	return b
}

func (a Actor) collections(b *builder, typed actorCollections) {
	iri(b, a.Inbox, streams.NewActivityStreamsInboxProperty(), typed.SetActivityStreamsInbox)
	iri(b, a.Outbox, streams.NewActivityStreamsOutboxProperty(), typed.SetActivityStreamsOutbox)
	iri(b, a.Followers, streams.NewActivityStreamsFollowersProperty(), typed.SetActivityStreamsFollowers)
	iri(b, a.Following, streams.NewActivityStreamsFollowingProperty(), typed.SetActivityStreamsFollowing)
	iri(b, a.Featured, streams.NewTootFeaturedProperty(), typed.SetTootFeatured)
}

// key sets the public key: Mastodon and GoToSocial want it embedded, with an
// owner that is the actor. Go-fed writes a list of one as a bare object, as
// peers expect.
func (a Actor) key(b *builder, typed actorType) {
	if a.PublicKeyPEM == "" {
		return
	}
	id := a.KeyID
	if id == "" {
		id = a.ID + "#main-key" // Lemmy wants a fragment
	}
	key := streams.NewW3IDSecurityV1PublicKey()
	keyID := streams.NewJSONLDIdProperty()
	keyID.Set(b.parse(id))
	key.SetJSONLDId(keyID)
	owner := streams.NewW3IDSecurityV1OwnerProperty()
	owner.Set(b.parse(a.ID))
	key.SetW3IDSecurityV1Owner(owner)
	pem := streams.NewW3IDSecurityV1PublicKeyPemProperty()
	pem.Set(a.PublicKeyPEM)
	key.SetW3IDSecurityV1PublicKeyPem(pem)
	keys := streams.NewW3IDSecurityV1PublicKeyProperty()
	keys.AppendW3IDSecurityV1PublicKey(key)
	typed.SetW3IDSecurityV1PublicKey(keys)
	b.over["publicKey"] = map[string]any{"id": id, "owner": a.ID, "publicKeyPem": a.PublicKeyPEM}
}

// extensions sets what go-fed has no property for, or writes otherwise.
func (a Actor) extensions(b *builder) {
	b.extra("webfinger", a.WebFinger)
	b.extra("movedTo", a.MovedTo)
	if a.SharedInbox != "" {
		b.over["endpoints"] = map[string]any{"sharedInbox": a.SharedInbox}
	}
	if a.Source != nil {
		b.over["source"] = a.Source.object()
	}
	if a.Icon != nil {
		b.over["icon"] = a.Icon.object()
	}
	if a.Image != nil {
		b.over["image"] = a.Image.object()
	}
	if len(a.Multikeys) > 0 {
		b.over["assertionMethod"] = objects(a.Multikeys)
	}
	if len(a.Fields) > 0 {
		b.over["attachment"] = objects(a.Fields)
	}
	if len(a.Tag) > 0 {
		b.over["tag"] = objects(a.Tag)
	}
	if len(a.AlsoKnownAs) > 0 {
		b.over["alsoKnownAs"] = a.AlsoKnownAs
	}
	b.over["manuallyApprovesFollowers"] = a.ApprovesFollowers
	b.over["indexable"] = a.Indexable
}
