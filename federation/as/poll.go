package as

import (
	"encoding/json"
	"time"

	"github.com/go-fed/activity/streams"

	"drystone/fault"
)

// A Poll is what makes a post a Question (FEP-9967): what can be chosen, and
// how often each was.
type Poll struct {
	Multiple bool // written as anyOf, else as oneOf
	Options  []Option
	Voters   int64
	Ends     time.Time
	Closed   bool // it is over, since Ends
}

// An Option of a poll.
type Option struct {
	Name  string
	Votes int64
}

func (o Option) object() map[string]any {
	fields := object(KindNote, "name", o.Name)
	fields["replies"] = map[string]any{"type": KindCollection, "totalItems": o.Votes}
	return fields
}

func (p *Poll) write(b *builder) {
	key := "oneOf"
	if p.Multiple {
		key = "anyOf"
	}
	b.over[key] = objects(p.Options)
	b.over["votersCount"] = p.Voters
	if p.Ends.IsZero() {
		return
	}
	b.over["endTime"] = timestamp(p.Ends)
	if p.Closed {
		b.over["closed"] = timestamp(p.Ends)
	}
}

// A Ballot is a vote in a poll, as Mastodon has it: a Note with nothing but
// the name of an option. PieFed takes it for a comment if it says when it was
// published.
type Ballot struct {
	ID           string
	AttributedTo string
	InReplyTo    string
	To           []string // the author of the poll, and nobody else
	Name         string
}

// Marshal writes the document.
func (v Ballot) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Ballot(%s)", v.ID)

	fields := object(KindNote, "id", v.ID, "attributedTo", v.AttributedTo, "inReplyTo", v.InReplyTo, "name", v.Name)
	fields["to"], fields["@context"] = v.To, json.RawMessage(objectContext)
	return json.Marshal(fields)
}

// ChooseAnswer says which comment answers the post above it (PieFed). Its
// object is the comment.
type ChooseAnswer Activity

// Marshal writes the document, as that of Lock.
func (a ChooseAnswer) Marshal() ([]byte, error) {
	return Activity(a).marshalAs(KindChooseAnswer, streams.NewActivityStreamsActivity())
}
