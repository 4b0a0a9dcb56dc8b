package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/messages"
)

// messageRoutes is the part of the table of contents about what people write
// to each other alone.
func (a *API) messageRoutes() {
	const notFound, forbidden = fault.NotFound, fault.Forbidden

	s := section("Messages")
	handle(a, s.get("/conversations", "listConversations", "With whom I have messages").signedIn().
		says("Those with the newest message first."), a.Conversations)
	handle(a, s.get("/conversations/{person}", "getConversation", "Read what somebody and I wrote to each other").signedIn().fails(notFound).
		says("Newest first. Nobody else can read it. To read does not mark as read."), a.Conversation)
	do(a, s.delete("/conversations/{person}", "dropConversation", "Put a conversation out of my sight").signedIn().fails(notFound).
		says("The other keeps theirs."), a.dropConversation)
	handle(a, s.post("/conversations/{person}/messages", "sendMessage", "Write to somebody").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden).
		says("Who gets no answer can write a few times a day."), a.sendMessage)
	do(a, s.post("/conversations/{person}/read", "readConversation", "Mark messages as read").signedIn().fails(notFound), a.readConversation)
	handle(a, s.patch("/messages/{id}", "editMessage", "Change your message").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.editMessage)
	do(a, s.delete("/messages/{id}", "deleteMessage", "Take your message back, or drop your copy of one that you got").signedIn().fails(notFound), a.deleteMessage)
}

// A Message is what one of two people wrote to the other.
type Message struct {
	ID        int64      `json:"id"`
	Mine      bool       `json:"mine" doc:"The caller wrote it."`
	Body      string     `json:"body" doc:"Markdown; empty where it was taken back."`
	HTML      string     `json:"html" doc:"The same, safe to show."`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
	Deleted   bool       `json:"deleted" doc:"Who wrote it took it back."`
	Veil      string     `json:"veil,omitempty" enum:"words" doc:"It holds words that the caller keeps away."`
	Read      bool       `json:"read" doc:"By the caller. Whether the other read what the caller wrote is theirs to know."`
}

// letterFor is messageFor, with what the reader keeps away.
func letterFor(reader *community.Actor, sight *community.Sight) func(*community.Message) Message {
	show := messageFor(reader)
	return func(m *community.Message) Message {
		shown := show(m)
		if sight.Hides(community.InMessages, m.SenderID, shown.Body) {
			shown.Veil = string(community.VeilWords)
		}
		return shown
	}
}

func messageFor(reader *community.Actor) func(*community.Message) Message {
	return func(m *community.Message) Message {
		mine := m.SenderID == reader.ID
		shown := Message{
			ID: int64(m.ID), Mine: mine, Body: m.Body, HTML: unpictured(m.HTML), CreatedAt: instant(m.CreatedAt), EditedAt: maybe(m.EditedAt),
			Deleted: m.Deleted(), Read: mine || !m.ReadAt.IsZero(),
		}
		if shown.Deleted {
			shown.Body, shown.HTML = "", ""
		}
		return shown
	}
}

// A Conversation is what the caller and somebody else wrote to each other.
type Conversation struct {
	With   Actor   `json:"with"`
	Last   Message `json:"last" doc:"The newest message."`
	Unread int     `json:"unread"`
}

// Conversations lists with whom the caller has messages.
func (a *API) Conversations(ctx context.Context, c *Caller, q *Paging) (List[Conversation], error) {
	sight, err := a.Messages.Sight(ctx, c.Who.Actor)
	if err != nil {
		return List[Conversation]{}, err
	}
	rows, next, err := a.Messages.Conversations(ctx, c.Who.Actor, q.page())
	show := letterFor(c.Who.Actor, sight)
	return listOf(rows, next, func(row *community.Conversation) Conversation {
		return Conversation{With: actorOf(row.With), Last: show(row.Last), Unread: row.Unread}
	}), err
}

// ConversationQuery asks for what the caller and somebody wrote to each other.
type ConversationQuery struct {
	PersonPath
	Paging
}

// A Thread is a page of a conversation.
type Thread struct {
	List[Message]
	With  Actor  `json:"with"`
	Write bool   `json:"write" doc:"The caller may write to them now."`
	Why   string `json:"why,omitempty" doc:"Why not."`
}

// correspondent finds whom the caller means. Who is gone can be read, and not
// written to.
func (a *API) correspondent(ctx context.Context, name string) (*community.Actor, error) {
	h, err := a.handle(name)
	if err != nil {
		return nil, err
	}
	return a.Messages.Find(ctx, h)
}

// Conversation lists what the caller and somebody wrote to each other.
func (a *API) Conversation(ctx context.Context, c *Caller, q *ConversationQuery) (Thread, error) {
	other, err := a.correspondent(ctx, q.Person)
	if err != nil {
		return Thread{}, err
	}
	rows, next, err := a.Messages.List(ctx, c.Who.Actor, other, q.page())
	if err != nil {
		return Thread{}, err
	}
	sight, err := a.Messages.Sight(ctx, c.Who.Actor)
	if err != nil {
		return Thread{}, err
	}
	thread := Thread{List: listOf(rows, next, letterFor(c.Who.Actor, sight)), With: actorOf(other), Write: true}
	err = a.Messages.MayWrite(ctx, c.Who.Actor, other)
	switch fault.CodeOf(err) {
	case fault.None:
	case fault.Forbidden, fault.NotFound, fault.RateLimited:
		thread.Write, thread.Why = false, ProblemOf(err).Detail
	default:
		return Thread{}, err
	}
	return thread, nil
}

func (a *API) dropConversation(ctx context.Context, c *Caller, req *PersonPath) error {
	other, err := a.correspondent(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Messages.Drop(ctx, c.Who.Actor, other)
}

type sendMessageRequest struct {
	PersonPath
	Body MessageDraft
}

// MessageDraft is a message to be sent.
type MessageDraft struct {
	Body string `json:"body" doc:"Markdown." example:"Thank you for the cuttings."`
}

func (a *API) sendMessage(ctx context.Context, c *Caller, req *sendMessageRequest) (Message, error) {
	other, err := a.correspondent(ctx, req.Person)
	if err != nil {
		return Message{}, err
	}
	m, err := a.Messages.Send(ctx, c.Who.Actor, other, messages.Draft{Body: req.Body.Body})
	if err != nil {
		return Message{}, err
	}
	return messageFor(c.Who.Actor)(m), nil
}

type readConversationRequest struct {
	PersonPath
	Body ReadMessages
}

// ReadMessages says what was read.
type ReadMessages struct {
	UpTo int64 `json:"up_to" doc:"The newest message that was read."`
}

func (a *API) readConversation(ctx context.Context, c *Caller, req *readConversationRequest) error {
	other, err := a.correspondent(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Messages.MarkRead(ctx, c.Who.Actor, other, community.MessageID(req.Body.UpTo))
}

// MessagePath names a message.
type MessagePath struct {
	ID int64 `path:"id"`
}

type editMessageRequest struct {
	MessagePath
	Body MessageDraft
}

func (a *API) editMessage(ctx context.Context, c *Caller, req *editMessageRequest) (Message, error) {
	m, err := a.Messages.Edit(ctx, c.Who.Actor, community.MessageID(req.ID), messages.Draft{Body: req.Body.Body})
	if err != nil {
		return Message{}, err
	}
	return messageFor(c.Who.Actor)(m), nil
}

func (a *API) deleteMessage(ctx context.Context, c *Caller, req *MessagePath) error {
	return a.Messages.Delete(ctx, c.Who.Actor, community.MessageID(req.ID))
}

// opennessWord is how the API writes an openness: none is a word too.
func opennessWord(o community.Openness) string {
	if o == community.FromEverybody {
		return "everybody"
	}
	return string(o)
}

func opennessOf(word string) community.Openness {
	if word == "everybody" {
		return community.FromEverybody
	}
	return community.Openness(word)
}
