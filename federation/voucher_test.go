package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/federation/as"
	"drystone/internal/fediverse"
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

// TestGroupsCannotMakeUsAskEverybody: what one server's groups announce makes
// us fetch so much and no more, from whomever; others go on.
func TestGroupsCannotMakeUsAskEverybody(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	var crowd []*fediverse.Peer // so that no budget of those who are asked is in the way
	for range 4 {
		crowd = append(crowd, fediverse.NewPeer(t, ""))
	}
	asked := func() (n int) {
		for _, p := range crowd {
			n += len(p.Requests("/post/"))
		}
		return n
	}
	announced := 0
	attack := func(times int) []error {
		for range times {
			var ids []string
			for range 100 {
				announced++
				ids = append(ids, fmt.Sprintf("%s/post/%d", crowd[announced%len(crowd)].URL, announced))
			}
			announce := a.act("Announce", a.dogs, ids)
			announce["@context"] = as.NS
			if status, text := a.dogs.Send(t, a.inbox(), announce); status != http.StatusAccepted {
				t.Fatalf("%d: %s", status, text)
			}
		}
		return a.work()
	}
	if errs := attack(12); len(errs) != 0 || asked() != 1200 {
		t.Fatalf("the first announcements made %d requests: %v", asked(), errs)
	}
	errs := attack(2)
	if len(errs) == 0 || asked() != 1200 || !strings.Contains(errs[0].Error(), "because of what "+a.group.Host+" announces") {
		t.Errorf("the next made %d requests: %v", asked(), errs)
	}
	// Who speaks for themselves is heard meanwhile, from the same servers.
	mary := crowd[0].Person("mary")
	follow := map[string]any{"@context": as.NS, "id": crowd[0].URL + "/f/1", "type": "Follow", "actor": mary.ID, "object": a.cats.IRI}
	if status, text := mary.Send(t, a.inbox(), follow); status != http.StatusAccepted {
		t.Errorf("the inbox answered %d: %s", status, text)
	}
	if _, err := a.db.ActorByIRI(t.Context(), mary.ID); err != nil {
		t.Error(err)
	}
	a.pass(2 * time.Minute)
	a.work()
	if asked() <= 1200 {
		t.Error("later nothing is asked for any more")
	}
}
