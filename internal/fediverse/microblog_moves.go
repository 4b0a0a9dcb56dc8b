package fediverse

import (
	"context"
	"fmt"

	"drystone/federation/as"
)

// moved takes those here who follow somebody along to where they live now,
// once that says who they are, as Mastodon does.
func (m *Microblog) moved(ctx context.Context, doc as.Doc) error {
	old, target := doc.Ref("object"), doc.Ref("target")
	if old != doc.Actor() {
		return fmt.Errorf("%s does not move %s", doc.Actor(), old)
	}
	at, err := m.read(ctx, target)
	if err != nil {
		return err
	}
	known := false
	for _, alias := range at.Refs("alsoKnownAs") {
		known = known || alias == old
	}
	if !known {
		return fmt.Errorf("%s does not say that it is %s", target, old)
	}
	m.mu.Lock()
	var along []*Account
	for _, a := range m.accounts {
		if m.following[a.ID+" "+old] == "accepted" {
			along = append(along, a)
		}
	}
	m.mu.Unlock()
	for _, a := range along {
		a.Follow(m.t, target)
		a.Unfollow(m.t, old)
	}
	return nil
}
