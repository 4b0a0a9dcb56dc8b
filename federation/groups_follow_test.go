package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/storage"
)

// dealings lists what was recorded of group and somebody elsewhere.
func (h *home) dealings(group *community.Actor, who *community.Actor) (kinds []community.FactKind) {
	h.t.Helper()
	var list []*community.Fact
	err := h.db.Bun().NewSelect().Model(&list).Where("group_id = ? AND (actor_id = ? OR target_id = ?)", group.ID, who.ID, who.ID).OrderExpr("id").Scan(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range list {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// TestGroupsFollowGroups: a category of NodeBB follows a group as a person
// does, and hears what is said in it, unless that is for members alone; then
// it is told so.
func TestGroupsFollowGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "nodebb")
		category, server := peer.Actor(as.KindGroup, "/category/2"), peer.Actor(as.KindApplication, "/actor")
		follow := func(by *fediverse.Actor) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Follow", "id": by.ID + "#follow", "actor": by.ID, "object": h.cats.IRI}
		}
		last := func(by *fediverse.Actor) community.FactKind {
			who, err := db.ActorByIRI(t.Context(), by.ID)
			if err != nil {
				t.Fatal(err)
			}
			list := h.dealings(h.cats, who)
			if len(list) == 0 {
				return ""
			}
			return list[len(list)-1]
		}
		h.send(category, follow(category))
		if got := last(category); got != community.MemberJoined {
			t.Fatalf("the category = %q", got)
		}
		listeners, err := db.Listeners(t.Context(), h.cats.ID)
		if err != nil || len(listeners) != 1 || listeners[0].Software != "nodebb" {
			t.Errorf("listeners = %+v, %v", listeners, err)
		}
		h.send(server, follow(server))
		if got := last(server); got != community.MemberRefused {
			t.Errorf("a server that follows = %q, and waits for ever", got)
		}

		private := community.Private
		if _, err := h.groups.Edit(t.Context(), h.ann, community.Handle{Name: "cats"}, groups.Change{Visibility: &private}); err != nil {
			t.Fatal(err)
		}
		if got := last(category); got != community.MemberPutOut {
			t.Errorf("when the group becomes private, the category = %q", got)
		}
		if listeners, err = db.Listeners(t.Context(), h.cats.ID); err != nil || len(listeners) != 0 {
			t.Errorf("and hears: %+v, %v", listeners, err)
		}
		again := follow(category)
		again["id"] = category.ID + "#again"
		h.send(category, again)
		if got := last(category); got != community.MemberRefused {
			t.Errorf("when it asks again = %q", got)
		}
	})
}
