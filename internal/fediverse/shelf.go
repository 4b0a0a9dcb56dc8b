package fediverse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"drystone/federation/as"
)

// A Shelf is a feed of another server, as a Lemmy 1.0 or a PieFed knows it.
type Shelf struct {
	ID        string
	Inbox     string
	Keeper    string
	Following string
	Groups    []string
	Accepted  bool // the Follow of somebody here
	Gone      bool
}

// FindFeed looks a feed up as this software does and knows it from then on:
// PieFed by a handle with a tilde, Lemmy, whose WebFinger knows no feeds, by
// its address.
func (n *Neighbour) FindFeed(t testing.TB, host, name string) Shelf {
	t.Helper()
	id := "http://" + host + "/f/" + name
	if n.Software == "piefed" {
		resp, err := n.Client.Get(t.Context(), "http://"+host+"/.well-known/webfinger?resource=acct:~"+name+"@"+host, "application/jrd+json", nil)
		if err == nil {
			id, err = self(resp.Body)
		}
		if err != nil {
			t.Fatalf("%s: WebFinger of the feed %s: %v", n.Software, name, err)
		}
	}
	n.mu.Lock()
	n.shelves[id] = &Shelf{ID: id}
	n.mu.Unlock()
	if err := n.readFeed(t.Context(), id); err != nil {
		t.Fatalf("%s: %v", n.Software, err)
	}
	return n.Shelf(id)
}

// Shelf is a feed as it is known now.
func (n *Neighbour) Shelf(id string) Shelf {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := *n.shelves[id]
	s.Groups = slices.Clone(s.Groups)
	return s
}

// Subscribe has by follow a feed that FindFeed has found; Unsubscribe ends it.
func (n *Neighbour) Subscribe(t testing.TB, by *Actor, feed string) map[string]any {
	t.Helper()
	a := n.manners.act(n, deed{kind: as.KindFollow, by: by, room: feed, object: feed})
	n.send(t, by, n.Shelf(feed).Inbox, a)
	return a
}

// Unsubscribe takes a Follow of a feed back.
func (n *Neighbour) Unsubscribe(t testing.TB, by *Actor, feed string, follow map[string]any) {
	t.Helper()
	n.send(t, by, n.Shelf(feed).Inbox, n.manners.act(n, deed{kind: as.KindUndo, by: by, room: feed, object: follow, author: feed}))
}

// readFeed reads a feed and its list where they live: a key of its own, one
// person who keeps it, and a Collection of ids in items.
func (n *Neighbour) readFeed(ctx context.Context, id string) error {
	doc, err := n.fetch(ctx, id)
	if err != nil {
		return err
	}
	keepers := doc.Refs("attributedTo")
	key, _ := doc.Embedded("publicKey")
	switch {
	case doc.Kind() != as.KindFeed:
		return fmt.Errorf("%s is a %s", id, doc.Kind())
	case len(keepers) != 1 || !as.SameHost(keepers[0], id):
		return fmt.Errorf("%s is kept by %v", id, keepers)
	case key.Ref("owner") != id || doc.Text("preferredUsername") == "" || !doc.Has("inbox") || !doc.Has("outbox"):
		return fmt.Errorf("%s lacks what an actor has: %s", id, doc.Bytes())
	}
	list, err := n.fetch(ctx, doc.Ref("following"))
	if err != nil {
		return err
	}
	total, _ := list.Int("totalItems")
	groups := list.Refs("items")
	if list.Kind() != as.KindCollection || len(list.Embeddeds("items")) > 0 || int(total) != len(groups) {
		return fmt.Errorf("what %s lists is no Collection of ids: %s", id, list.Bytes())
	}
	n.pin(doc)
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.shelves[id]
	s.Inbox, s.Keeper, s.Following, s.Groups = doc.Ref("inbox"), keepers[0], list.ID(), groups
	return nil
}

// shelved reports whether an activity is about a feed that is known here, and
// handles it if it is. PieFed reads what a feed announces, and takes its end
// from who keeps it; Lemmy reads an Update by who keeps it.
func (n *Neighbour) shelved(ctx context.Context, a as.Doc) (yes bool, err error) {
	object := a.Ref("object")
	n.mu.Lock()
	announces, about := n.shelves[a.Actor()], n.shelves[object]
	n.mu.Unlock()
	inner, embedded := a.Embedded("object")
	switch {
	case announces != nil && a.Kind() == as.KindAnnounce:
		if n.Software != "piefed" {
			return true, errMeaningless
		}
		return true, n.relisted(announces, inner)
	case about == nil:
		return false, nil
	case !slices.Contains([]string{about.ID, about.Keeper}, a.Actor()):
		return true, fmt.Errorf("%s does not keep %s", a.Actor(), object)
	case a.Kind() == as.KindDelete:
		n.mu.Lock()
		defer n.mu.Unlock()
		about.Gone = true
		return true, nil
	case a.Kind() != as.KindUpdate:
		return false, nil
	case !embedded || inner.Kind() != as.KindFeed || a.Actor() != about.Keeper:
		return true, errors.New("an Update of a feed holds it, and is by who keeps it")
	case n.Software == "piefed":
		return true, errMeaningless
	}
	return true, n.readFeed(ctx, about.ID)
}

// relisted puts a group into a feed or takes it out, as that says.
func (n *Neighbour) relisted(s *Shelf, change as.Doc) error {
	group, _ := change.Embedded("object")
	target, _ := change.Embedded("target")
	if change.Actor() != s.ID || group.Kind() != as.KindGroup || target.ID() != s.Following {
		return fmt.Errorf("%s says nothing of its own list: %s", s.ID, change.Bytes())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s.Groups = slices.DeleteFunc(s.Groups, func(id string) bool { return id == group.ID() })
	switch change.Kind() {
	case as.KindAdd:
		s.Groups = append(s.Groups, group.ID())
	case as.KindRemove:
	default:
		return fmt.Errorf("a feed announced a %s", change.Kind())
	}
	return nil
}
