package fediverse

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// context is the address of the topic that a post is in, and the post that it
// begins with. Callers hold the lock.
func (n *NodeBB) context(post *ForumPost) (string, *ForumPost) {
	for n.posts[post.Parent] != nil {
		post = n.posts[post.Parent]
	}
	return n.URL + "/topic/" + post.ID[strings.LastIndexByte(post.ID, '/')+1:], post
}

// thread is a topic with everything in it, in the order in which it was said
// here. Callers hold the lock.
func (n *NodeBB) thread(topic *ForumPost) []*ForumPost {
	var list []*ForumPost
	for _, post := range n.posts {
		if _, root := n.context(post); root == topic {
			list = append(list, post)
		}
	}
	slices.SortFunc(list, func(a, b *ForumPost) int {
		if (a == topic) != (b == topic) {
			return map[bool]int{true: -1, false: 1}[a == topic]
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// showContext serves a topic of the forum as the collection of its posts
// (FEP-7888), which says in which category it is.
func (n *NodeBB) showContext(topic *ForumPost) {
	n.mu.Lock()
	iri, _ := n.context(topic)
	n.mu.Unlock()
	n.ServeFunc(strings.TrimPrefix(iri, n.URL), func(w http.ResponseWriter, _ *http.Request) {
		n.mu.Lock()
		ids, owner := []string{}, topic.Category
		for _, post := range n.thread(topic) {
			ids = append(ids, post.ID)
		}
		n.mu.Unlock()
		doc := map[string]any{
			"@context": as.NS, "id": iri, "type": as.KindOrderedCollection, "name": topic.Title, "attributedTo": owner,
			"totalItems": len(ids), "orderedItems": ids,
		}
		if owner != n.nowhere() {
			doc["audience"] = owner
		}
		write(w, as.ContentType, doc)
	})
}

// nowhere is where topics are that are in no category.
func (n *NodeBB) nowhere() string { return n.URL + "/category/-1" }

// Move has u, who moderates both, take a topic to another category: both are
// told of it by the topic's context, the one that it enters announces it, and
// the one that it leaves takes its Announce back.
func (u *ForumUser) Move(t testing.TB, iri string, to *Actor) {
	t.Helper()
	u.carry(t, iri, to.ID, func(topic string, from *Actor, hear []string) {
		u.n.deliver(t, u.Actor, u.about(as.KindMove, topic, map[string]any{"origin": from.ID, "target": to.ID}), append(hear, u.n.Followers(to)...)...)
		u.n.deliver(t, to, u.n.boost(to, iri), u.n.Followers(to)...)
	})
}

// Uncategorize has u take a topic out of its category, without another to put
// it into: of it the context is removed, and its author deletes it, as far as
// the category's followers hear.
func (u *ForumUser) Uncategorize(t testing.TB, iri string) {
	t.Helper()
	u.carry(t, iri, u.n.nowhere(), func(topic string, from *Actor, hear []string) {
		u.n.deliver(t, u.Actor, u.about(as.KindRemove, topic, map[string]any{"target": from.ID}), hear...)
		author := u.n.users[u.known(t, iri).Author]
		gone := author.activity(as.KindDelete, iri)
		gone["origin"] = topic
		u.n.deliver(t, from, u.n.announcement(from, iri, gone), hear...)
	})
}

// carry changes where a topic is, has tell say so, and takes the Announce of
// the category that it leaves back.
func (u *ForumUser) carry(t testing.TB, iri, to string, tell func(topic string, from *Actor, hear []string)) {
	t.Helper()
	post := u.known(t, iri)
	u.n.mu.Lock()
	topic, _ := u.n.context(post)
	from := post.Category
	for _, said := range u.n.thread(post) {
		said.Category = to
	}
	u.n.mu.Unlock()
	left := u.n.actor(from)
	hear := u.n.Followers(left)
	tell(topic, left, hear)
	undo := u.n.boost(left, iri)
	delete(undo, "@context")
	u.n.deliver(t, left, map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s#activity/undo:announce/cid/%d", iri, u.n.next()), "type": as.KindUndo, "actor": left.ID,
		"to": undo["to"], "cc": undo["cc"], "object": undo,
	}, hear...)
}

// about is an activity about a topic, to everybody who follows its category.
func (u *ForumUser) about(kind, topic string, more map[string]any) map[string]any {
	a := u.activity(kind, topic)
	a["id"] = fmt.Sprintf("%s#activity/%s/%d", topic, strings.ToLower(kind), u.n.next())
	for key, value := range more {
		a[key] = value
	}
	return a
}

// boost is the Announce of a topic by its id, which is the same each time.
func (n *NodeBB) boost(category *Actor, iri string) map[string]any {
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/post/%s#activity/announce/cid/%s", n.URL, url.QueryEscape(iri), category.Name), "type": as.KindAnnounce,
		"actor": category.ID, "to": []string{category.ID + "/followers", as.Public}, "cc": []any{}, "object": iri,
	}
}

// moved handles the Move of a topic's context by somebody of the server of
// both groups. What else moves, or is wrapped by a group, means nothing here.
func (n *NodeBB) moved(ctx context.Context, doc as.Doc, via string) error {
	thing, err := n.read(ctx, doc.Ref("object"))
	if err != nil {
		return fmt.Errorf("%w: %w", errDepends, err)
	}
	origin, target := doc.Ref("origin"), doc.Ref("target")
	items := thing.Refs("orderedItems")
	if via != "" || thing.Kind() != as.KindOrderedCollection || len(items) == 0 {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	topic := n.posts[items[0]]
	switch {
	case topic == nil || topic.Category != origin || as.Host(origin) == n.Host:
		return nil
	case !as.SameHost(doc.Actor(), origin) || !as.SameHost(doc.Actor(), target):
		return fmt.Errorf("%s is of another server than %s and %s", doc.Actor(), origin, target)
	}
	for _, post := range n.thread(topic) {
		post.Category = target
	}
	return nil
}
