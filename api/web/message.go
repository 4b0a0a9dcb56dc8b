package web

import (
	"net/url"
	"slices"

	"drystone/api/v1"
)

// conversations is the list of those with whom the visitor has messages.
func conversations(p *page) error {
	if p.Me == nil {
		return plain("/messages", "Messages")(p)
	}
	cursor := p.query("cursor")
	list, err := ask(p, address("/conversations", "cursor", cursor), p.site.API.Conversations, v1.Paging{Cursor: cursor})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Hidden = "Messages", true
	p.show("messages", "/messages", struct {
		List []v1.Conversation
		More string
	}{list.Items, more(url.Values{}, list.Next)})
	return nil
}

// conversation is what the visitor and somebody wrote to each other.
func conversation(p *page) error {
	if p.Me == nil {
		return plain("/messages/[person]", "Messages")(p)
	}
	name, cursor := p.c.Param("name"), p.query("cursor")
	thread, err := ask(p, address("/conversations/"+name, "cursor", cursor), p.site.API.Conversation,
		v1.ConversationQuery{PersonPath: v1.PersonPath{Person: name}, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Hidden = "Messages with "+displayName(thread.With), true
	slices.Reverse(thread.Items) // as people read: what was written first stands first
	p.show("conversation", "/messages/[person]", struct {
		v1.Thread
		More string
	}{thread, more(url.Values{}, thread.Next)})
	return nil
}
