package api_test

import (
	"fmt"
	"strings"

	"drystone/community"
	"drystone/service/roles"
)

// trust makes a role, or gives one to somebody, in the garden or on this
// server, and returns its number.
func trust(w *world, op operation) any {
	w.t.Helper()
	ctx, at, by := w.t.Context(), roles.Place{Group: w.garden}, w.who["alice"].Actor
	permits, key := community.LockThreads, community.Engagement
	if strings.HasPrefix(op.path, "/admin/") {
		at, by, permits, key = roles.Place{}, w.who["ada"].Actor, community.SitePeers, community.Steward
	}
	w.strangers++
	if strings.Contains(op.path, "/roles/") {
		role, err := w.roles.Make(ctx, by, at, roles.Draft{Name: fmt.Sprintf("Role %d", w.strangers), Permits: community.Permissions{permits}})
		w.check(err)
		return role.ID
	}
	who := w.person(fmt.Sprintf("holder%d", w.strangers))
	grant, err := w.roles.Give(ctx, by, who.Actor, at, roles.Gift{Role: key})
	w.check(err)
	return grant.ID
}

// claim has somebody claim the garden, and returns the claim's number.
func claim(w *world) any {
	w.t.Helper()
	w.strangers++
	who := w.person(fmt.Sprintf("claimant%d", w.strangers))
	c := &community.GroupClaim{
		GroupID: w.garden.ID, ActorID: who.Actor.ID, Reason: "x", State: community.HandoverOpen, CreatedAt: who.Account.CreatedAt,
	}
	w.check(w.db.SaveClaim(w.t.Context(), c))
	return c.ID
}
