package roles_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/roles"
)

// Nobody gives what they have not got.
func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"bo", "dan", "chief", "far"} {
			_, err := w.give(name, "eve", roles.Gift{Role: community.Engagement})
			w.refused(err, fault.Forbidden, name+" giving a role")
			_, err = w.svc.Make(ctx, w.who[name], w.here(), roles.Draft{Name: "Mine", Permits: community.Permissions{community.LockThreads}})
			w.refused(err, fault.Forbidden, name+" making a role")
		}
		// Moderators have not what is the owner's; who may only give roles and
		// lock gives nothing else, to themselves neither.
		_, err := w.give("mia", "eve", roles.Gift{Role: community.Administration})
		w.refused(err, fault.Forbidden, "a moderator giving administration")
		clerk := w.made("olga", "Clerk", community.GiveRoles, community.LockThreads)
		w.given("olga", "bo", roles.Gift{Role: clerk.Ref()})
		for _, whom := range []string{"bo", "eve"} {
			_, err = w.give("bo", whom, roles.Gift{Role: community.Content})
			w.refused(err, fault.Forbidden, "a clerk giving content")
		}
		_, err = w.svc.Make(ctx, w.who["bo"], w.here(), roles.Draft{Name: "Mine", Permits: community.Permissions{community.BanMembers}})
		w.refused(err, fault.Forbidden, "a clerk making a role that bans")
		_, err = w.svc.Change(ctx, w.who["bo"], w.here(), clerk.ID, roles.Draft{Name: "Clerk", Permits: community.Permissions{community.GiveRoles, community.BanMembers}})
		w.refused(err, fault.Forbidden, "a clerk widening their own role")
		lock := w.made("bo", "Doorkeeper", community.LockThreads)
		w.given("bo", "eve", roles.Gift{Role: lock.Ref()})
	})
}

// Nor for longer than they have it.
func TestNobodyGivesForLongerThanTheyHave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		clerk := w.made("olga", "Clerk", community.GiveRoles, community.LockThreads)
		mine := w.given("olga", "bo", roles.Gift{Role: clerk.Ref(), EndsAt: noon.Add(7 * day)})
		lock := w.made("olga", "Doorkeeper", community.LockThreads)
		for _, whom := range []string{"bo", "eve"} {
			for _, ends := range []time.Time{{}, noon.Add(8 * day)} {
				_, err := w.give("bo", whom, roles.Gift{Role: lock.Ref(), EndsAt: ends})
				w.refused(err, fault.Forbidden, "giving for longer")
			}
		}
		theirs := w.given("bo", "eve", roles.Gift{Role: lock.Ref(), EndsAt: noon.Add(7 * day)})
		for _, id := range []community.GrantID{mine.ID, theirs.ID} {
			later := noon.Add(30 * day)
			_, err := w.svc.Renew(ctx, w.who["bo"], w.here(), id, roles.Renewal{EndsAt: &later})
			w.refused(err, fault.Forbidden, "renewing for longer")
		}
		// A role that somebody has grows only by those who could give it for good.
		low := func(permits ...community.Permission) roles.Draft {
			return roles.Draft{Name: "Porter", Permits: permits, Level: community.HelperLevel}
		}
		wide, err := w.svc.Make(ctx, w.who["bo"], w.here(), low(community.GiveRoles))
		w.ok(err)
		w.given("bo", "dan", roles.Gift{Role: wide.Ref(), EndsAt: noon.Add(day)})
		_, err = w.svc.Change(ctx, w.who["bo"], w.here(), wide.ID, low(community.GiveRoles, community.LockThreads))
		w.refused(err, fault.Forbidden, "widening a role that is given")
		w.now = noon.Add(7 * day)
		_, err = w.give("bo", "eve", roles.Gift{Role: community.Engagement, EndsAt: noon.Add(8 * day)})
		w.refused(err, fault.Forbidden, "giving when one's own time is over")
	})
}

// Nobody ends, renames or drops what they could not give; one's own anybody
// gives up.
func TestNobodyTakesMoreThanTheyCouldGive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		clerk := w.made("olga", "Clerk", community.GiveRoles, community.LockThreads)
		w.given("olga", "bo", roles.Gift{Role: clerk.Ref()})
		theirs := w.given("olga", "eve", roles.Gift{Role: community.Administration})
		w.refused(w.svc.End(ctx, w.who["bo"], w.here(), theirs.ID), fault.Forbidden, "a clerk ending administration")
		w.refused(w.svc.End(ctx, w.who["dan"], w.here(), theirs.ID), fault.Forbidden, "a stranger ending it")
		note := "Mine now"
		_, err := w.svc.Renew(ctx, w.who["bo"], w.here(), theirs.ID, roles.Renewal{Note: &note})
		w.refused(err, fault.Forbidden, "a clerk changing it")
		w.refused(w.mod.BanMember(ctx, w.who["eve"], w.garden, w.who["mia"], community.Ban{}, here), fault.Forbidden, "banning a moderator")
		w.given("olga", "dan", roles.Gift{Role: community.Content})
		w.refused(w.mod.BanMember(ctx, w.who["eve"], w.garden, w.who["dan"], community.Ban{}, here), fault.Forbidden, "banning who may do more")
		high := w.made("olga", "Council", community.BanMembers, community.EditBridges)
		_, err = w.svc.Change(ctx, w.who["mia"], w.here(), high.ID, roles.Draft{Name: "Nothing", Permits: community.Permissions{community.BanMembers}})
		w.refused(err, fault.Forbidden, "a moderator narrowing what they have not got")
		w.refused(w.svc.Drop(ctx, w.who["mia"], w.here(), high.ID), fault.Forbidden, "a moderator dropping it")
		w.refused(w.svc.Drop(ctx, w.who["olga"], w.here(), clerk.ID), fault.Conflict, "dropping what somebody has")
		w.ok(w.svc.End(ctx, w.who["eve"], w.here(), theirs.ID))
		w.refused(w.svc.End(ctx, w.who["olga"], roles.Place{}, theirs.ID), fault.Forbidden, "by way of the server")
	})
}

// On this server it is the same.
func TestRolesOnThisServer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, site := t.Context(), roles.Place{}
		w.refused(w.mod.BanPerson(ctx, w.who["dan"], w.who["eve"], community.Ban{}), fault.Forbidden, "banning without a role")
		for _, by := range []string{"olga", "dan", "far"} {
			_, err := w.svc.Give(ctx, w.who[by], w.who["dan"], site, roles.Gift{Role: community.Safety})
			w.refused(err, fault.Forbidden, by+" giving")
		}
		g, err := w.svc.Give(ctx, w.who["chief"], w.who["dan"], site, roles.Gift{Role: community.Safety, EndsAt: noon.Add(day)})
		w.ok(err)
		w.ok(w.mod.BanPerson(ctx, w.who["dan"], w.who["eve"], community.Ban{}))
		w.ok(w.mod.UnbanPerson(ctx, w.who["dan"], w.who["eve"], false))
		w.refused(w.mod.BanPerson(ctx, w.who["dan"], w.who["chief"], community.Ban{}), fault.Forbidden, "banning an administrator")
		_, err = w.svc.Give(ctx, w.who["chief"], w.who["bo"], site, roles.Gift{Role: community.Steward})
		w.ok(err)
		w.refused(w.mod.BanPerson(ctx, w.who["dan"], w.who["bo"], community.Ban{}), fault.Forbidden, "banning who may do what they may not")
		if may, err := w.db.MayHere(ctx, w.who["dan"], community.SitePeers, w.now); err != nil || may {
			t.Errorf("safety looks after neighbours: %t, %v", may, err)
		}
		_, err = w.svc.Give(ctx, w.who["dan"], w.who["eve"], site, roles.Gift{Role: community.Safety})
		w.refused(err, fault.Forbidden, "passing it on")
		w.now = noon.Add(2 * day)
		w.refused(w.mod.BanPerson(ctx, w.who["dan"], w.who["eve"], community.Ban{}), fault.Forbidden, "banning after the end")
		w.refused(w.svc.End(ctx, w.who["bo"], site, g.ID), fault.Forbidden, "ending another's")
	})
}

// Who gives roles gives, changes and ends those below their own, and no others.
func TestNobodyReachesAboveTheirLevel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, lock := t.Context(), community.Permissions{community.LockThreads}
		draft := func(name string, level int) roles.Draft {
			return roles.Draft{Name: name, Permits: lock, Level: level}
		}
		clerk := w.made("olga", "Clerk", community.GiveRoles, community.LockThreads)
		if clerk.Level != community.StewardLevel {
			t.Errorf("who gives roles is of level %d", clerk.Level)
		}
		w.given("olga", "bo", roles.Gift{Role: clerk.Ref()})
		theirs := w.given("olga", "dan", roles.Gift{Role: clerk.Ref()})
		peer, err := w.svc.Make(ctx, w.who["olga"], w.here(), draft("Peer", community.StewardLevel))
		w.ok(err)
		low, err := w.svc.Make(ctx, w.who["bo"], w.here(), draft("Helper", community.HelperLevel))
		w.ok(err)
		w.given("bo", "eve", roles.Gift{Role: low.Ref()})
		_, err = w.give("bo", "eve", roles.Gift{Role: peer.Ref()})
		w.refused(err, fault.Forbidden, "giving a role of one's own level")
		_, err = w.svc.Make(ctx, w.who["bo"], w.here(), draft("Lead", community.LeadLevel))
		w.refused(err, fault.Forbidden, "making a role above one's own")
		_, err = w.svc.Change(ctx, w.who["bo"], w.here(), low.ID, draft("Helper", community.LeadLevel))
		w.refused(err, fault.Forbidden, "lifting a role above one's own")
		_, err = w.svc.Change(ctx, w.who["bo"], w.here(), peer.ID, draft("Peer", community.HelperLevel))
		w.refused(err, fault.Forbidden, "lowering a role of one's own level")
		w.refused(w.svc.End(ctx, w.who["bo"], w.here(), theirs.ID), fault.Forbidden, "ending what a peer has")
		_, err = w.svc.Make(ctx, w.who["mia"], w.here(), draft("Council", community.HighestLevel))
		w.refused(err, fault.Forbidden, "a moderator making a role as high as moderators")
		_, err = w.svc.Make(ctx, w.who["olga"], w.here(), draft("Council", community.HighestLevel))
		w.ok(err)
		for _, level := range []int{-1, 10} {
			_, err = w.svc.Make(ctx, w.who["olga"], w.here(), draft("Odd", level))
			w.refused(err, fault.Invalid, "a level that there is not")
		}
		w.ok(w.svc.End(ctx, w.who["mia"], w.here(), theirs.ID))
		board, err := w.svc.Board(ctx, w.who["olga"], w.here())
		w.ok(err)
		for i, r := range board.Roles {
			if i > 0 && r.Level > board.Roles[i-1].Level {
				t.Errorf("%s, of level %d, stands below %s", r.Name, r.Level, board.Roles[i-1].Name)
			}
		}
	})
}
