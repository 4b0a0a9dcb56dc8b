package votes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/votes"
	"drystone/storage"
)

// A jury is people of three servers, and what they vote with.
type jury struct {
	*votes.Service
	t      *testing.T
	people map[string]*community.Actor
	peers  map[string]community.PeerID
}

func newJury(t *testing.T, db *storage.DB) *jury {
	t.Helper()
	j := &jury{
		Service: &votes.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return noon }},
		t:       t, people: map[string]*community.Actor{}, peers: map[string]community.PeerID{},
	}
	for _, host := range []string{"lemmy.test", "forum.test", "masto.test"} {
		peer, err := db.PeerByHost(t.Context(), host, noon)
		if err != nil {
			t.Fatal(err)
		}
		j.peers[host] = peer.ID
		for n := range 2 {
			name := fmt.Sprintf("%d@%s", n, host)
			a := &community.Actor{
				Kind: community.Person, Name: fmt.Sprint(n), Host: host, IRI: "https://" + host + "/" + name, PeerID: peer.ID,
				CreatedAt: noon, UpdatedAt: noon,
			}
			if err := db.AddActor(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			j.people[name] = a
		}
	}
	return j
}

// vote has somebody vote, on the word of a server or on their own.
func (j *jury) vote(who string, subject community.Subject, value int, via string) {
	j.t.Helper()
	from := community.Origin{IRI: "https://x.test/" + who, Activity: []byte("{}"), Via: j.peers[via]}
	if _, err := j.Cast(j.t.Context(), j.people[who], subject, value, from); err != nil {
		j.t.Fatal(err)
	}
}

// score folds what was counted and returns how a post stands.
func (j *jury) score(post *community.Post) [2]int64 {
	j.t.Helper()
	if _, err := j.DB.Fold(j.t.Context(), 10_000); err != nil {
		j.t.Fatal(err)
	}
	now, err := j.DB.Post(j.t.Context(), post.ID)
	if err != nil {
		j.t.Fatal(err)
	}
	return [2]int64{now.Ups, now.Downs}
}

func TestDiscard(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, post, comment := scene(t, db)
		j := newJury(t, db)
		if _, err := j.Cast(t.Context(), ada, post.Subject(), 1, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		j.vote("0@lemmy.test", post.Subject(), 1, "lemmy.test")  // its own people are on its word too
		j.vote("0@masto.test", post.Subject(), 1, "lemmy.test")  // and those of others
		j.vote("1@masto.test", post.Subject(), -1, "lemmy.test") // down
		j.vote("1@masto.test", comment.Subject(), 1, "lemmy.test")
		j.vote("0@forum.test", post.Subject(), 1, "forum.test") // another's word
		j.vote("1@forum.test", post.Subject(), 1, "")           // said by the voter
		j.vote("1@forum.test", post.Subject(), 1, "lemmy.test") // and passed on: still the voter's own
		j.vote("1@lemmy.test", post.Subject(), 1, "lemmy.test") // passed on first,
		j.vote("1@lemmy.test", post.Subject(), 1, "")           // then said by the voter
		if got := j.score(post); got != [2]int64{6, 1} {
			t.Errorf("before: ups and downs are %v", got)
		}
		vouchers, err := db.Vouchers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []storage.Voucher{
			{PeerID: j.peers["lemmy.test"], Host: "lemmy.test", Votes: 4, Others: 3},
			{PeerID: j.peers["forum.test"], Host: "forum.test", Votes: 1},
		}
		if diff := cmp.Diff(want, vouchers); diff != "" {
			t.Errorf("who vouches (-want +got):\n%s", diff)
		}
		before := len(facts(t, db))
		for _, want := range []int{4, 0} {
			if n, err := j.Discard(t.Context(), " Lemmy.test"); err != nil || n != want {
				t.Errorf("Discard = %d, %v, want %d", n, err, want)
			}
		}
		if got := j.score(post); got != [2]int64{4, 0} {
			t.Errorf("after: ups and downs are %v", got)
		}
		if now, err := db.Comment(t.Context(), comment.ID); err != nil || now.Ups != 0 {
			t.Errorf("after: the comment has %d ups (%v)", now.Ups, err)
		}
		if n := len(facts(t, db)); n != before {
			t.Errorf("%d facts tell of it", n-before)
		}
		j.vote("0@masto.test", post.Subject(), 1, "") // they may still vote themselves
		if got := j.score(post); got != [2]int64{5, 0} {
			t.Errorf("later: ups and downs are %v", got)
		}
	})
}

func TestDiscardMany(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		_, post, _ := scene(t, db)
		j := newJury(t, db)
		via := j.peers["lemmy.test"]
		const many = 1100 // more than two batches
		list := make([]*community.Vote, many)
		for i := range list {
			list[i] = &community.Vote{Kind: community.SubjectPost, SubjectID: int64(post.ID), ActorID: community.ActorID(1000 + i), Value: 1, Via: via, CreatedAt: noon}
			if err := db.CountVote(t.Context(), post.Subject(), 0, 1); err != nil {
				t.Fatal(err)
			}
		}
		testdb.Add(t, db, &list)
		if got := j.score(post); got != [2]int64{many, 0} {
			t.Errorf("before: %v", got)
		}
		if n, err := j.Discard(t.Context(), "lemmy.test"); err != nil || n != many {
			t.Errorf("Discard = %d, %v", n, err)
		}
		if got := j.score(post); got != [2]int64{} {
			t.Errorf("after: %v", got)
		}
		if _, err := j.Discard(t.Context(), "nobody.test"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of a server that nobody knows: %v", err)
		}
	})
}
