package as

import (
	"cmp"
	"time"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"

	"drystone/fault"
)

// A Post is what Page and Note have in common, and is written as one of them.
// The fields are those of FEDERATION.md, section 3.
type Post struct {
	ID           string
	AttributedTo string // one: NodeBB refuses arrays
	InReplyTo    string // of notes
	To, CC       []string
	Audience     string // the group
	Name         string // the title, of pages
	Content      string // HTML
	Summary      string // a content warning, which microblogs hide the text behind
	Teaser       string // HTML: what Mastodon shows of a page, in place of its content
	Source       *Source
	URL          string // the page for people
	Link         string // what a link post is about
	Image        *Image // its preview
	Language     Language
	Sensitive    bool
	Locked       bool   // written as Lemmy's commentsEnabled
	Context      string // the collection of the thread (FEP-7888)
	Replies      string
	Tag          []Tag
	Attachment   []Attachment // beside Link
	Published    time.Time
	Updated      time.Time // Mastodon ignores an Update without it
	Poll         *Poll     // makes a Page a Question
	QuotedBy     []string  // who may quote it without asking anybody (FEP-044f)
	Event        *Event    // makes it an Event
	Quote        *Quote    // what it quotes
	Asks         bool      // it is a question that a comment answers: PieFed's questionAnswer, which it has of groups
}

// A Page is a post with a title; one with a poll is written as a Question, one
// that tells of an event as an Event. The same id must always be served as the
// same type, whoever asks.
type Page Post

// Marshal writes the document.
func (p Page) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Page(%s)", p.ID)

	if p.InReplyTo != "" {
		return nil, fault.New(fault.Internal, "A Page with inReplyTo is refused by Lemmy.")
	}
	b := Post(p).build(p.typed())
	b.over["commentsEnabled"] = !p.Locked
	b.asks(p.Asks)
	if p.Poll != nil {
		p.Poll.write(b)
	}
	if p.Event != nil {
		p.Event.write(b)
	}
	return b.marshal()
}

func (p Page) typed() postType {
	switch {
	case p.Poll != nil:
		return streams.NewActivityStreamsQuestion()
	case p.Event != nil:
		return streams.NewActivityStreamsEvent()
	}
	return streams.NewActivityStreamsPage()
}

// A Note is a comment, or a message between people.
type Note Post

// Marshal writes the document.
func (n Note) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Note(%s)", n.ID)

	return Post(n).build(streams.NewActivityStreamsNote()).marshal()
}

// A ChatMessage is what some peers want of a message between people instead of
// a Note (litepub).
type ChatMessage Post

// Marshal writes the document.
func (c ChatMessage) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.ChatMessage(%s)", c.ID)

	b := Post(c).build(streams.NewActivityStreamsNote())
	b.over["type"] = KindChatMessage
	return b.marshal()
}

// The interfaces below are what go-fed's types have in common.

type postType interface {
	vocab.Type
	named
	addressed
	thread
	SetActivityStreamsContent(vocab.ActivityStreamsContentProperty)
	SetActivityStreamsMediaType(vocab.ActivityStreamsMediaTypeProperty)
}

type thread interface {
	SetActivityStreamsAttributedTo(vocab.ActivityStreamsAttributedToProperty)
	SetActivityStreamsInReplyTo(vocab.ActivityStreamsInReplyToProperty)
	SetActivityStreamsContext(vocab.ActivityStreamsContextProperty)
	SetActivityStreamsReplies(vocab.ActivityStreamsRepliesProperty)
}

type addressed interface {
	SetActivityStreamsTo(vocab.ActivityStreamsToProperty)
	SetActivityStreamsCc(vocab.ActivityStreamsCcProperty)
	SetActivityStreamsAudience(vocab.ActivityStreamsAudienceProperty)
}

type named interface {
	SetActivityStreamsName(vocab.ActivityStreamsNameProperty)
	SetActivityStreamsSummary(vocab.ActivityStreamsSummaryProperty)
	SetActivityStreamsUrl(vocab.ActivityStreamsUrlProperty)
	SetActivityStreamsPublished(vocab.ActivityStreamsPublishedProperty)
	SetActivityStreamsUpdated(vocab.ActivityStreamsUpdatedProperty)
}

type naming struct {
	name, summary, url string
	published, updated time.Time
}

func (b *builder) name(typed named, n naming) {
	text(n.name, streams.NewActivityStreamsNameProperty(), typed.SetActivityStreamsName)
	text(n.summary, streams.NewActivityStreamsSummaryProperty(), typed.SetActivityStreamsSummary)
	one(b, n.url, streams.NewActivityStreamsUrlProperty(), typed.SetActivityStreamsUrl)
	moment(n.published, streams.NewActivityStreamsPublishedProperty(), typed.SetActivityStreamsPublished)
	moment(n.updated, streams.NewActivityStreamsUpdatedProperty(), typed.SetActivityStreamsUpdated)
}

func (b *builder) address(typed addressed, to, cc []string, audience string) {
	many(b, to, streams.NewActivityStreamsToProperty(), typed.SetActivityStreamsTo)
	many(b, cc, streams.NewActivityStreamsCcProperty(), typed.SetActivityStreamsCc)
	one(b, audience, streams.NewActivityStreamsAudienceProperty(), typed.SetActivityStreamsAudience)
}

func (p Post) build(typed postType) *builder {
	b := newBuilder(typed)
	b.id(p.ID)
	b.name(typed, naming{p.Name, p.Summary, p.URL, p.Published, p.Updated})
	// Both must be there: Lemmy refuses a post that lacks either.
	b.address(typed, append([]string{}, p.To...), append([]string{}, p.CC...), p.Audience)
	one(b, p.AttributedTo, streams.NewActivityStreamsAttributedToProperty(), typed.SetActivityStreamsAttributedTo)
	one(b, p.InReplyTo, streams.NewActivityStreamsInReplyToProperty(), typed.SetActivityStreamsInReplyTo)
	one(b, p.Context, streams.NewActivityStreamsContextProperty(), typed.SetActivityStreamsContext)
	iri(b, p.Replies, streams.NewActivityStreamsRepliesProperty(), typed.SetActivityStreamsReplies)
	content := streams.NewActivityStreamsContentProperty()
	content.AppendXMLSchemaString(p.Content)
	typed.SetActivityStreamsContent(content)
	mediaType := streams.NewActivityStreamsMediaTypeProperty()
	mediaType.Set("text/html")
	typed.SetActivityStreamsMediaType(mediaType)
	p.extensions(b)
	return b
}

// extensions sets what go-fed has no property for, or writes otherwise.
func (p Post) extensions(b *builder) {
	b.over["sensitive"] = p.Sensitive
	b.over["tag"] = objects(p.Tag)
	attachment := p.Attachment
	if p.Link != "" {
		attachment = append([]Attachment{{Type: KindLink, Href: p.Link}}, attachment...)
	}
	b.over["attachment"] = objects(attachment)
	if p.Source != nil {
		b.over["source"] = p.Source.object()
	}
	if p.Image != nil {
		b.over["image"] = p.Image.object()
	}
	if p.Language.Identifier != "" {
		b.over["language"] = p.Language.object()
		// Mastodon takes the language from here. Go-fed would drop one of
		// content and contentMap.
		b.over["contentMap"] = map[string]any{p.Language.Identifier: p.Content}
	}
	if p.QuotedBy != nil {
		b.context = quotableContext
		b.over[policy] = map[string]any{"canQuote": map[string]any{"automaticApproval": p.QuotedBy}}
	}
	if p.Quote != nil {
		p.Quote.write(b)
	}
	if p.Teaser != "" {
		// Mastodon reads the map where there is no summary. Others, who would
		// take a summary for a warning, do not (docs/adr/0009).
		b.over["summaryMap"] = map[string]any{cmp.Or(p.Language.Identifier, "und"): p.Teaser}
	}
}

// A Tombstone stands where something was deleted (FEP-4f05).
type Tombstone struct {
	ID         string
	FormerType string
	Deleted    time.Time
}

// Marshal writes the document.
func (t Tombstone) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Tombstone(%s)", t.ID)

	typed := streams.NewActivityStreamsTombstone()
	b := newBuilder(typed)
	b.id(t.ID)
	moment(t.Deleted, streams.NewActivityStreamsDeletedProperty(), typed.SetActivityStreamsDeleted)
	b.extra("formerType", t.FormerType) // go-fed takes a name for an IRI
	return b.marshal()
}
