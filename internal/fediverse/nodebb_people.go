package fediverse

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A ForumUser is somebody on a NodeBB.
type ForumUser struct {
	*Actor
	n      *NodeBB
	number int
}

func rawJSON(body []byte) json.RawMessage { return body }

// User adds a person with a number.
func (n *NodeBB) User(number int, name string) *ForumUser {
	n.t.Helper()
	a := n.Actor(as.KindPerson, fmt.Sprintf("/uid/%d", number))
	a.Name = name
	n.dress(a)
	u := &ForumUser{a, n, number}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.users[a.ID] = u
	return u
}

// Category adds a category with a number, moderated by somebody. It has an
// outbox, and neither followers nor featured.
func (n *NodeBB) Category(number int, name string, moderators ...*ForumUser) *Actor {
	n.t.Helper()
	path := fmt.Sprintf("/category/%d", number)
	a := n.Actor(as.KindGroup, path)
	a.Name = name
	n.dress(a)
	a.Extra["followers"], a.Extra["postingRestrictedToMods"], a.Extra["attributedTo"] = nil, false, a.ID+"/moderators"
	items := []any{}
	for _, m := range moderators {
		items = append(items, m.Document())
	}
	list := map[string]any{"@context": as.NS, "type": as.KindOrderedCollection, "totalItems": 0, "orderedItems": []any{}}
	list["id"] = a.ID + "/outbox"
	n.Serve(path+"/outbox", list)
	list["id"], list["totalItems"], list["orderedItems"] = a.ID+"/moderators", len(items), items
	n.Serve(path+"/moderators", list)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.followers[a.ID] = []string{}
	return a
}

// object is a post as a document: topics are Articles with a preview.
func (n *NodeBB) object(post *ForumPost) map[string]any {
	n.mu.Lock()
	topic, _ := n.context(post)
	n.mu.Unlock()
	doc := map[string]any{
		"id": post.ID, "type": as.KindNote, "attributedTo": post.Author, "content": "<p>" + post.Content + "</p>\n",
		"to": []string{as.Public}, "cc": []any{post.Author + "/followers"}, "audience": post.Category, "published": n.stamp(),
		"source": map[string]any{"content": post.Content, "mediaType": "text/markdown"}, "attachment": []any{}, "tag": []any{},
		"context": topic, "url": post.ID,
	}
	if post.Parent != "" {
		doc["inReplyTo"] = post.Parent
		return doc
	}
	doc["type"], doc["name"], doc["summary"] = as.KindArticle, post.Title, "<p>"+post.Content+"</p>"
	doc["preview"] = map[string]any{"type": as.KindNote, "attributedTo": post.Author, "content": "<p>" + post.Title + "</p>", "published": n.stamp()}
	if !strings.HasPrefix(post.Category, n.URL) {
		doc["to"] = []string{as.Public, post.Category}
		doc["tag"] = []any{map[string]any{"type": as.KindMention, "href": post.Category, "name": "@group@" + as.Host(post.Category)}}
	}
	return doc
}

// announcement is an Announce by a category. Its id holds another.
func (n *NodeBB) announcement(category *Actor, about string, object any) map[string]any {
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s#activity/announce/%s/%d", category.ID, url.QueryEscape(about), n.next()), "type": as.KindAnnounce,
		"actor": category.ID, "to": []string{category.ID + "/followers", as.Public}, "cc": []any{}, "object": object,
	}
}

// activity is one by u. Its cc holds a number, as NodeBB's do: whom it means
// is known to nobody else.
func (u *ForumUser) activity(kind string, object any, to ...string) map[string]any {
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s#activity/%s/%d", u.ID, strings.ToLower(kind), u.n.next()), "type": kind, "actor": u.ID,
		"to": append([]string{as.Public}, to...), "cc": []any{u.number, u.ID + "/followers"}, "object": object,
	}
}

// Join follows a group elsewhere.
func (u *ForumUser) Join(t testing.TB, group string) {
	t.Helper()
	u.n.mu.Lock()
	u.n.joined[u.ID+" "+group] = "asked"
	u.n.mu.Unlock()
	u.n.deliver(t, u.Actor, map[string]any{
		"@context": as.NS, "id": u.ID + "#activity/follow/" + url.QueryEscape(group), "type": as.KindFollow, "actor": u.ID, "object": group,
	}, group)
}

// Leave ends that.
func (u *ForumUser) Leave(t testing.TB, group string) {
	t.Helper()
	u.n.mu.Lock()
	delete(u.n.joined, u.ID+" "+group)
	u.n.mu.Unlock()
	u.n.deliver(t, u.Actor, map[string]any{
		"@context": as.NS, "id": u.ID + "#activity/undo:follow/1", "type": as.KindUndo, "actor": u.ID, "object": map[string]any{
			"id": u.ID + "#activity/follow/" + url.QueryEscape(group), "type": as.KindFollow, "actor": u.ID, "object": group,
		},
	}, group)
}

// Topic begins a topic in a category of the forum or in a group elsewhere.
func (u *ForumUser) Topic(t testing.TB, group, title, text string) string {
	t.Helper()
	return u.write(t, &ForumPost{Title: title, Content: text, Category: group})
}

// Reply answers a post.
func (u *ForumUser) Reply(t testing.TB, to, text string) string {
	t.Helper()
	parent, err := u.n.assert(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	return u.write(t, &ForumPost{Content: text, Parent: to, Category: parent.Category})
}

func (u *ForumUser) write(t testing.TB, post *ForumPost) string {
	t.Helper()
	post.ID, post.Author = fmt.Sprintf("%s/post/%d", u.n.URL, u.n.next()), u.ID
	u.n.mu.Lock()
	u.n.posts[post.ID] = post
	u.n.mu.Unlock()
	if post.Parent == "" && strings.HasPrefix(post.Category, u.n.URL) {
		u.n.showContext(post)
	}
	create := u.activity(as.KindCreate, u.n.publish(post), u.n.audience(post)...)
	create["id"] = post.ID + "#activity/create/1"
	u.n.deliver(t, u.Actor, create, u.n.hears(post)...)
	if strings.HasPrefix(post.Category, u.n.URL) {
		if err := u.n.announce(t.Context(), post, JSON(t, create)); err != nil {
			t.Fatal(err)
		}
	}
	return post.ID
}

// publish shows a post at its address.
func (n *NodeBB) publish(post *ForumPost) map[string]any {
	object := n.object(post)
	doc := maps.Clone(object)
	doc["@context"] = as.NS
	n.Serve(strings.TrimPrefix(post.ID, n.URL), doc)
	return object
}

// audience is whom a post names: a group elsewhere.
func (n *NodeBB) audience(post *ForumPost) []string {
	if strings.HasPrefix(post.Category, n.URL) {
		return nil
	}
	return []string{post.Category}
}

// hears is to whom a post is sent: its group, or who follows its category.
func (n *NodeBB) hears(post *ForumPost) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := append(slices.Clone(n.followers[post.Category]), post.Category)
	if parent := n.posts[post.Parent]; parent != nil {
		list = append(list, parent.Author)
	}
	return list
}

// pass sends an activity about a post, and has its category announce it.
func (u *ForumUser) pass(t testing.TB, activity map[string]any, post *ForumPost) {
	t.Helper()
	u.n.deliver(t, u.Actor, activity, append(u.n.hears(post), post.Author)...)
	u.announced(t, activity, post)
}

func (u *ForumUser) announced(t testing.TB, activity map[string]any, post *ForumPost) {
	t.Helper()
	if category := u.n.actor(post.Category); category != nil {
		u.n.deliver(t, category, u.n.announcement(category, post.ID, activity), u.n.hears(post)...)
	}
}

func (u *ForumUser) known(t testing.TB, iri string) *ForumPost {
	t.Helper()
	post, err := u.n.assert(t.Context(), iri)
	if err != nil {
		t.Fatal(err)
	}
	return post
}

// Like votes for a post.
func (u *ForumUser) Like(t testing.TB, iri string) {
	t.Helper()
	post := u.known(t, iri)
	like := u.activity(as.KindLike, iri, post.Author)
	like["id"] = u.ID + "#activity/like/" + url.QueryEscape(iri)
	u.pass(t, like, post)
}

// Unlike takes the vote back, without to and cc.
func (u *ForumUser) Unlike(t testing.TB, iri string) {
	t.Helper()
	undo := u.activity(as.KindUndo, map[string]any{
		"id": u.ID + "#activity/like/" + url.QueryEscape(iri), "type": as.KindLike, "actor": u.ID, "object": iri,
	})
	delete(undo, "to")
	delete(undo, "cc")
	u.pass(t, undo, u.known(t, iri))
}

// Edit changes a post of u.
func (u *ForumUser) Edit(t testing.TB, iri, title, text string) {
	t.Helper()
	post := u.known(t, iri)
	u.n.mu.Lock()
	post.Title, post.Content = title, text
	u.n.mu.Unlock()
	object := u.n.publish(post)
	object["updated"] = u.n.stamp()
	u.pass(t, u.activity(as.KindUpdate, object, u.n.audience(post)...), post)
}

// Delete takes a post of u away: to nobody, as NodeBB writes it.
func (u *ForumUser) Delete(t testing.TB, iri string) {
	t.Helper()
	post := u.known(t, iri)
	u.n.mu.Lock()
	post.Deleted = true
	u.n.mu.Unlock()
	tombstone := map[string]any{"@context": as.NS, "id": iri, "type": as.KindTombstone}
	u.n.ServeFunc(strings.TrimPrefix(iri, u.n.URL), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", as.ContentType)
		w.WriteHeader(http.StatusGone)
		_, _ = w.Write(JSON(t, tombstone))
	})
	gone := u.activity(as.KindDelete, iri)
	gone["to"], gone["cc"] = []any{}, []any{}
	u.pass(t, gone, post)
}

// Remove has u, who moderates a category, take away what somebody elsewhere
// wrote in it.
func (u *ForumUser) Remove(t testing.TB, iri string) {
	t.Helper()
	post := u.known(t, iri)
	u.n.mu.Lock()
	post.Deleted = true
	u.n.mu.Unlock()
	gone := u.activity(as.KindDelete, iri)
	gone["to"], gone["cc"] = []any{}, []any{}
	u.announced(t, gone, post)
}

// Report tells the group of a post, and its author's server, what is wrong
// with it. It returns the Flag.
func (u *ForumUser) Report(t testing.TB, iri, reason string) map[string]any {
	t.Helper()
	post := u.known(t, iri)
	flag := u.activity(as.KindFlag, []string{iri}, post.Author)
	flag["to"], flag["cc"], flag["content"] = []string{post.Author}, []any{}, reason
	u.n.deliver(t, u.Actor, flag, post.Category, post.Author)
	return flag
}

// Retract takes a Flag back.
func (u *ForumUser) Retract(t testing.TB, flag map[string]any, iri string) {
	t.Helper()
	post, inner := u.known(t, iri), maps.Clone(flag)
	delete(inner, "@context")
	undo := u.activity(as.KindUndo, inner)
	undo["to"], undo["cc"] = flag["to"], []any{}
	u.n.deliver(t, u.Actor, undo, post.Category, post.Author)
}
