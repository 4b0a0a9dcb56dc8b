package federation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/internal/testdb"
	"drystone/service/votes"
	"drystone/storage"
)

// TestVotesOnAGroupsWord: what a group announces counts, and is remembered as
// its server's word, so that it can be forgotten again; what a voter signed is
// the voter's own.
func TestVotesOnAGroupsWord(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
		p := a.one()
		otto := a.third.Person("otto")
		a.announce([]any{a.act("Like", a.lena, p.IRI), a.act("Dislike", a.nico, p.IRI), a.act("Like", otto, p.IRI)})
		a.send(otto, a.act("Like", otto, p.IRI, "audience", a.dogs.ID))
		a.announce(a.act("Like", otto, p.IRI)) // passed on after all
		vouchers, err := db.Vouchers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []storage.Voucher{{PeerID: a.group.PeerID, Host: a.group.Host, Votes: 2, Others: 1}}
		if diff := cmp.Diff(want, vouchers); diff != "" {
			t.Errorf("who vouches (-want +got):\n%s", diff)
		}
		service := &votes.Service{DB: db, Origin: a.URL, Now: a.now}
		if n, err := service.Discard(t.Context(), a.group.Host); err != nil || n != 2 {
			t.Errorf("Discard = %d, %v", n, err)
		}
		if a.vote(a.lena, p) != 0 || a.vote(a.nico, p) != 0 || a.vote(otto, p) != 1 {
			t.Errorf("left are %d, %d, %d", a.vote(a.lena, p), a.vote(a.nico, p), a.vote(otto, p))
		}
	})
}
