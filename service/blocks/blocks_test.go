package blocks_test

import (
	"fmt"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/blocks"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type room struct {
	*blocks.Service
	t             *testing.T
	now           time.Time
	ann, bob, mia *community.Actor // mia lives elsewhere
}

func newRoom(t *testing.T, db *storage.DB) *room {
	r := &room{t: t, now: noon}
	r.Service = &blocks.Service{DB: db, Host: "here.test", Now: func() time.Time { return r.now }}
	peer, err := db.PeerByHost(t.Context(), "far.test", noon)
	r.check(err)
	for name, a := range map[string]**community.Actor{"ann": &r.ann, "bob": &r.bob, "mia": &r.mia} {
		*a = &community.Actor{Kind: community.Person, Name: name, IRI: "https://here.test/u/" + name, CreatedAt: noon, UpdatedAt: noon}
		if name == "mia" {
			(*a).Host, (*a).PeerID, (*a).IRI, (*a).Inbox = "far.test", peer.ID, "https://far.test/mia", "https://far.test/inbox"
		}
		r.check(db.AddActor(t.Context(), *a))
	}
	return r
}

func (r *room) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// facts are the kinds of what was recorded.
func (r *room) facts() string {
	r.t.Helper()
	r.check(r.DB.NumberFacts(r.t.Context()))
	list, err := r.DB.Facts(r.t.Context(), 0, 100)
	r.check(err)
	kinds := []community.FactKind{}
	for _, f := range list {
		kinds = append(kinds, f.Kind)
	}
	return fmt.Sprint(kinds)
}

func TestABlockEndsFollowsAndIsTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db)
		ctx := t.Context()
		r.check(db.SaveFollow(ctx, &community.Follow{FollowerID: r.mia.ID, TargetID: r.ann.ID, State: community.Accepted, IRI: "https://far.test/f", CreatedAt: noon}))
		r.check(db.AddAudience(ctx, r.ann.ID, r.mia.PeerID))
		_, err := r.Put(ctx, r.ann, blocks.Wish{Target: r.mia})
		r.check(err)
		if f, err := db.Follow(ctx, r.mia.ID, r.ann.ID); err != nil || f != nil {
			t.Errorf("mia still follows: %v, %v", f, err)
		}
		if hears, err := db.Hears(ctx, r.ann.ID, r.mia.PeerID); err != nil || hears {
			t.Errorf("her server still hears: %v, %v", hears, err)
		}
		if got := r.facts(); got != "[member_refused]" { // which is all that her server learns
			t.Errorf("facts: %s", got)
		}
		for _, tell := range []bool{true, true, false, true} {
			_, err := r.Put(ctx, r.ann, blocks.Wish{Target: r.mia, Tell: tell, Until: noon.Add(time.Hour)})
			r.check(err)
		}
		if got := r.facts(); got != "[member_refused person_blocked person_unblocked person_blocked]" {
			t.Errorf("facts: %s", got)
		}
		// A mute, and a block of somebody here, is told to nobody.
		_, err = r.Put(ctx, r.ann, blocks.Wish{Target: r.bob, Tell: true})
		r.check(err)
		_, err = r.Put(ctx, r.bob, blocks.Wish{Target: r.mia, Mute: true, Tell: true})
		r.check(err)
		if got := r.facts(); got != "[member_refused person_blocked person_unblocked person_blocked]" {
			t.Errorf("facts: %s", got)
		}

		r.now = noon.Add(59 * time.Minute)
		r.check(r.Expire(ctx))
		if away, err := r.Of(ctx, r.ann, r.mia); err != nil || away == nil {
			t.Errorf("it ended too early: %v", err)
		}
		r.now = noon.Add(time.Hour)
		if away, err := r.Of(ctx, r.ann, r.mia); err != nil || away != nil {
			t.Errorf("it did not end by itself: %v, %v", away, err)
		}
		if between, err := db.Between(ctx, r.mia, r.ann, r.now); err != nil || between.Theirs {
			t.Errorf("it still holds: %v, %v", between, err)
		}
		r.check(r.Expire(ctx))
		if got := r.facts(); got != "[member_refused person_blocked person_unblocked person_blocked person_unblocked]" {
			t.Errorf("facts: %s", got)
		}
		if n, err := db.CountBlocks(ctx, r.ann.ID, false); err != nil || n != 1 {
			t.Errorf("%d blocks are left, %v", n, err)
		}
	})
}

func TestMuteAndBlockOfTheSame(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db)
		ctx := t.Context()
		list := func() string {
			all, err := r.All(ctx, r.ann)
			r.check(err)
			text := ""
			for _, b := range all {
				text += fmt.Sprintf("%s%v %s %s;", b.Kind, b.Mute, b.Host, b.Note)
			}
			return text
		}
		_, err := r.Put(ctx, r.ann, blocks.Wish{Target: r.bob, Mute: true, Note: "loud"})
		r.check(err)
		_, err = r.Put(ctx, r.ann, blocks.Wish{Host: "Far.test"})
		r.check(err)
		_, err = r.Put(ctx, r.ann, blocks.Wish{Target: r.bob, Note: "too loud"})
		r.check(err)
		if got := list(); got != "personfalse  too loud;serverfalse far.test ;" {
			t.Error(got)
		}
		if _, err := r.Put(ctx, r.ann, blocks.Wish{Target: r.bob, Mute: true}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a block becomes a mute: %v", err)
		}
		r.check(r.Drop(ctx, r.ann, blocks.Wish{Target: r.bob, Mute: true}))
		r.check(r.Drop(ctx, r.ann, blocks.Wish{Host: "far.test", Mute: true}))
		if got := list(); got != "personfalse  too loud;serverfalse far.test ;" {
			t.Errorf("a mute that is none was taken away: %s", got)
		}
		r.check(r.Drop(ctx, r.ann, blocks.Wish{Target: r.bob}))
		r.check(r.Drop(ctx, r.ann, blocks.Wish{Host: "FAR.test"}))
		if got := list(); got != "" {
			t.Error(got)
		}
		for _, wish := range []blocks.Wish{{Target: r.ann}, {Host: "here.test"}, {Host: "x"}, {Target: r.bob, Until: noon}} {
			if _, err := r.Put(ctx, r.ann, wish); err == nil {
				t.Errorf("%+v is kept away", wish)
			}
		}
		// Nobody here says that somebody elsewhere blocked them, nor the other
		// way round.
		if err := r.Blocked(ctx, r.bob, r.ann, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bob blocks from elsewhere: %v", err)
		}
		if err := r.Unblocked(ctx, r.bob, r.ann); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bob unblocks from elsewhere: %v", err)
		}
	})
}

func TestTheMostWords(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db)
		for n := range community.MostWords {
			b := &community.Block{OwnerID: r.ann.ID, Kind: community.BlockWords, Mute: true, Folded: fmt.Sprint("word ", n), Places: community.InFeeds, CreatedAt: noon}
			r.check(db.SaveBlock(t.Context(), b))
		}
		if _, err := r.MuteWords(t.Context(), r.ann, blocks.Words{Words: "one more", Places: community.InFeeds}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one more: %v", err)
		}
	})
}
