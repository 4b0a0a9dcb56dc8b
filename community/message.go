package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// MessageID names a message.
type MessageID int64

// A Message is what one person wrote to another, and nobody else reads.
type Message struct {
	ID          MessageID `bun:",pk,autoincrement"`
	IRI         string    // its id in the fediverse; one from elsewhere can be to several people here
	SenderID    ActorID
	RecipientID ActorID
	Body        string // Markdown
	HTML        string // sanitised
	CreatedAt   time.Time
	EditedAt    time.Time `bun:",nullzero"`
	DeletedAt   time.Time `bun:",nullzero"` // by its sender
	ReadAt      time.Time `bun:",nullzero"` // by its recipient

	SenderDropped    bool // who dropped it sees it no more
	RecipientDropped bool
}

// Bounds of messages.
const (
	MaxMessage   = 10_000 // characters
	MaxAddressed = 5      // people here to whom one message from elsewhere can be

	// Who was never written to by those to whom they write is a stranger.
	StrangersUnanswered = 5  // messages in a day to one who does not answer
	FriendsUnanswered   = 60 // the same, by somebody to whom they wrote before
	StrangersReached    = 20 // people in a day who never wrote to them

	// KeepDeleted is how long the words of a message that its sender deleted
	// elsewhere are kept out of sight: until then the sender can restore it.
	KeepDeleted = 24 * time.Hour
)

// Openness is from whom a person takes messages. The words are stored.
type Openness string

// The kinds of openness.
const (
	FromEverybody Openness = ""
	FromKnown     Openness = "known" // to whom the person wrote
	FromNobody    Openness = "nobody"
)

// CheckOpenness reports what is wrong with a wish.
func CheckOpenness(o Openness) error {
	switch o {
	case FromEverybody, FromKnown, FromNobody:
		return nil
	}
	return fault.Field("messages_from", "Messages can be taken from everybody, from people to whom one wrote, or from nobody.")
}

// Check reports what is wrong with what somebody here wrote.
func (m *Message) Check() error {
	if strings.TrimSpace(m.Body) == "" {
		return fault.Field("body", "Write something first.")
	}
	return checkText("body", "The message", m.Body, MaxMessage)
}

// Fit cuts what somebody elsewhere wrote to what we keep, and reports whether
// that was necessary.
func (m *Message) Fit() bool {
	whole := clean(m.Body)
	m.Body = cut(whole, MaxMessage)
	return len(m.Body) < len(whole)
}

// Deleted reports whether its sender took the message back.
func (m *Message) Deleted() bool { return !m.DeletedAt.IsZero() }

// SeenBy reports whether the message is there for somebody: for its sender and
// its recipient, unless they dropped it, and for nobody else.
func (m *Message) SeenBy(reader ActorID) bool {
	return reader == m.SenderID && !m.SenderDropped || reader == m.RecipientID && !m.RecipientDropped
}

// Other is the one of the two who is not reader.
func (m *Message) Other(reader ActorID) ActorID {
	if reader == m.SenderID {
		return m.RecipientID
	}
	return m.SenderID
}

// A Correspondence is what there was between two people when one of them
// writes to the other.
type Correspondence struct {
	Known      bool // the recipient wrote to the sender, ever
	Unanswered int  // messages by the sender in the last day, since the recipient wrote last
	Reached    int  // people here to whom the sender wrote in the last day and who never wrote to them
}

// MayWrite reports why somebody may not write to recipient.
func (c Correspondence) MayWrite(sender, recipient *Actor) error {
	if err := recipient.TakesMessages(sender, c.Known); err != nil {
		return err
	}
	most := StrangersUnanswered
	if c.Known {
		most = FriendsUnanswered
	}
	switch {
	case c.Unanswered >= most:
		return fault.New(fault.RateLimited, "You wrote to %s %d times today. Wait for an answer, or until tomorrow.", recipient.Handle(), c.Unanswered)
	case !c.Known && c.Unanswered == 0 && c.Reached >= StrangersReached:
		return fault.New(fault.RateLimited, "You wrote to many people today who do not know you. Try again tomorrow.")
	}
	return nil
}

// TakesMessages reports why the actor takes no messages from sender, whom they
// know if they wrote to them before.
func (a *Actor) TakesMessages(sender *Actor, known bool) error {
	switch {
	case !a.IsPerson():
		return fault.New(fault.Forbidden, "%s is nobody to write to.", a.Handle())
	case a.ID == sender.ID:
		return fault.New(fault.Forbidden, "You cannot write to yourself.")
	case a.Gone():
		return fault.New(fault.NotFound, "%s is gone.", a.Handle())
	case a.MessagesFrom == FromNobody:
		return fault.New(fault.Forbidden, "%s takes no messages.", a.Handle())
	case a.MessagesFrom == FromKnown && !known:
		return fault.New(fault.Forbidden, "%s takes messages only from people to whom they wrote first.", a.Handle())
	}
	return nil
}

// A Conversation is what two people wrote to each other, as one of them sees
// it in a list.
type Conversation struct {
	With   *Actor
	Last   *Message
	Unread int
}

// A Refusal is that a group told somebody elsewhere that it does not show what
// they wrote.
type Refusal struct {
	IRI       string `bun:",pk"` // of what they wrote
	AuthorID  ActorID
	GroupID   ActorID
	CreatedAt time.Time
}

// MostRefusals is how many refusals somebody hears of in a day.
const MostRefusals = 3
