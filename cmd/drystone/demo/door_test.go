package demo_test

import (
	"testing"

	"drystone/community"
	"drystone/storage"
)

// checkDoor looks at what waits for alice at the door, and whom invitations
// brought.
func checkDoor(t *testing.T, db *storage.DB) {
	t.Helper()
	s, err := options(db).Wire(db)
	if err != nil {
		t.Fatal(err)
	}
	alice, err := db.ActorByHandle(t.Context(), community.Handle{Name: "alice"}, community.Person)
	if err != nil {
		t.Fatal(err)
	}
	page := community.Page{Limit: 50}
	states := map[community.AdmissionState]int{}
	for _, open := range []bool{true, false} {
		list, _, err := s.Joining.Applications(t.Context(), alice, open, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			states[a.State]++
			if len(a.Answers) != 2 || a.Actor == nil {
				t.Errorf("%+v applied with %+v", a.Actor, a.Answers)
			}
		}
	}
	if states[community.AdmissionWaiting] != 2 || states[community.AdmissionAsked] != 1 || states[community.AdmissionAccepted] != 1 || states[community.AdmissionRefused] != 1 {
		t.Errorf("the applications are %v", states)
	}
	invites, _, err := s.Joining.AllInvites(t.Context(), alice, page)
	if err != nil {
		t.Fatal(err)
	}
	good, used := 0, 0
	for _, i := range invites {
		used += len(i.Came)
		if i.Good(now) {
			good++
		}
	}
	if len(invites) != 4 || good != 2 || used != 2 {
		t.Errorf("of %d invitations %d are good, and %d people came by them", len(invites), good, used)
	}
	settled, err := s.Joining.Settled(t.Context())
	if err != nil || settled.Mode != community.JoinOpen || settled.Proof != community.NewJoining(community.JoinOpen).Proof {
		t.Errorf("people come in by %+v, error %v", settled, err)
	}
}
