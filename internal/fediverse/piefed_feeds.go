package fediverse

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A feed is a list of groups that somebody on a PieFed keeps.
type feed struct {
	own       *Actor
	groups    []string
	followers map[string]string // their inboxes, by who they are
}

// Feed makes a feed, which by keeps, and which WebFinger knows as ~name.
func (n *Neighbour) Feed(name string, by *Actor, groups ...string) *Actor {
	n.t.Helper()
	a := n.actor(as.KindFeed, "/f/"+name)
	a.Name = "~" + name
	a.Extra["preferredUsername"], a.Extra["name"] = name, strings.ToUpper(name)
	a.Extra["following"], a.Extra["attributedTo"], a.Extra["moderators"] = a.ID+"/following", a.ID+"/moderators", a.ID+"/moderators"
	f := &feed{own: a, groups: groups, followers: map[string]string{}}
	n.mu.Lock()
	n.feeds[a.ID] = f
	n.mu.Unlock()
	n.ServeFunc("/f/"+name+"/following", func(w http.ResponseWriter, _ *http.Request) {
		n.mu.Lock()
		items := slices.Clone(f.groups)
		n.mu.Unlock()
		write(w, as.ContentType, map[string]any{
			"@context": piefedContext, "id": a.ID + "/following", "type": as.KindCollection, "totalItems": len(items), "items": items,
		})
	})
	n.Serve("/f/"+name+"/moderators", map[string]any{
		"@context": piefedContext, "id": a.ID + "/moderators", "type": as.KindOrderedCollection, "totalItems": 1, "orderedItems": []string{by.ID},
	})
	return a
}

// Line puts a group into a feed, or takes it out: the feed announces to its
// followers that it did.
func (n *Neighbour) Line(t testing.TB, own *Actor, group string, in bool) {
	t.Helper()
	kind := as.KindRemove
	n.mu.Lock()
	f := n.feeds[own.ID]
	f.groups = slices.DeleteFunc(f.groups, func(id string) bool { return id == group })
	if in {
		kind, f.groups = as.KindAdd, append(f.groups, group)
	}
	inboxes := slices.Sorted(maps.Values(f.followers))
	n.mu.Unlock()
	change := map[string]any{
		"id": n.address(kind, own.ID), "type": kind, "actor": own.ID,
		"object": map[string]any{"type": as.KindGroup, "id": group},
		"target": map[string]any{"type": as.KindCollection, "id": own.ID + "/following"}, "to": []string{as.Public}, "cc": []string{own.ID + "/followers"},
	}
	for _, inbox := range inboxes {
		n.later(own, inbox, piefed{}.wrap(n, own, change).activity)
	}
}

// Subscribed reports whether somebody elsewhere follows a feed.
func (n *Neighbour) Subscribed(own *Actor, who string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.feeds[own.ID].followers[who] != ""
}
