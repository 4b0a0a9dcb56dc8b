package consents_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/consents"
	"drystone/storage"
)

// A scorer is a made-up feature that makes something of people for two
// purposes: lines that are stored, and a list of experts. It fails to forget
// when it is told to.
type scorer struct {
	t      *testing.T
	db     *storage.DB
	svc    *consents.Service
	people map[string]*community.Actor
	expert map[community.ActorID]bool
	seen   community.FactID
	now    time.Time
	broken bool
}

func newScorer(t *testing.T, db *storage.DB) *scorer {
	s := &scorer{t: t, db: db, people: map[string]*community.Actor{}, expert: map[community.ActorID]bool{}, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	s.svc = &consents.Service{DB: db, Now: func() time.Time { return s.now }, Purgers: []consents.Purger{
		{Name: "bridges", Purpose: community.Bridging, Purge: s.purgeBridges},
		{Name: "experts", Purpose: community.Expertise, Purge: func(_ context.Context, _ *storage.DB, who community.ActorID) error {
			delete(s.expert, who)
			return nil
		}},
	}}
	for _, a := range []*community.Actor{
		{Name: "ann", Discoverable: true, Indexable: true}, {Name: "bob", Discoverable: true, Indexable: true},
	} {
		a.Kind, a.IRI, a.CreatedAt, a.UpdatedAt = community.Person, "https://x.test/"+a.Name, s.now, s.now
		s.ok(db.AddActor(t.Context(), a))
		s.people[a.Name] = a
		s.expert[a.ID] = true
		s.ok(db.SaveProfileFields(t.Context(), a.ID, []community.ProfileField{{Name: "bridges", HTML: "7"}}))
	}
	return s
}

func (s *scorer) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// purgeBridges works in the transaction that it is given: what a failure left
// half done is not done.
func (s *scorer) purgeBridges(ctx context.Context, tx *storage.DB, who community.ActorID) error {
	if err := tx.SaveProfileFields(ctx, who, nil); err != nil {
		return err
	}
	if s.broken {
		return errors.New("the disk is full")
	}
	return nil
}

// kept lists what is known of somebody.
func (s *scorer) kept(name string) string {
	s.t.Helper()
	var list []string
	fields, err := s.db.ProfileFields(s.t.Context(), s.people[name].ID)
	s.ok(err)
	if len(fields) > 0 {
		list = append(list, "bridging")
	}
	if s.expert[s.people[name].ID] {
		list = append(list, "expertise")
	}
	return strings.Join(list, " ")
}

// say has somebody agree or object.
func (s *scorer) say(name string, p community.Purpose, value bool) {
	s.t.Helper()
	_, err := s.svc.Say(s.t.Context(), s.people[name], p, value)
	s.ok(err)
}

// read reads what happened since, and returns the jobs that wait.
func (s *scorer) read() []*community.Job {
	s.t.Helper()
	ctx := s.t.Context()
	s.ok(s.db.NumberFacts(ctx))
	facts, err := s.db.Facts(ctx, s.seen, 1000)
	s.ok(err)
	for _, f := range facts {
		s.seen = f.ID
	}
	s.ok(s.db.InTx(ctx, func(tx *storage.DB) error { return s.svc.Read(ctx, tx, facts) }))
	lanes, err := s.db.DueLanes(ctx, s.now)
	s.ok(err)
	due, err := s.db.DueJobs(ctx, lanes, s.now, 100)
	s.ok(err)
	return due
}

// work does the jobs that wait, and wants each to end with a code.
func (s *scorer) work(want fault.Code) (n int) {
	s.t.Helper()
	for _, job := range s.read() {
		if job.Kind != consents.JobPurge {
			s.t.Fatalf("a job of kind %s", job.Kind)
		}
		if err := s.svc.Forget(s.t.Context(), job); fault.CodeOf(err) != want {
			s.t.Fatalf("forgetting: %v, want %q", err, want)
		}
		if n++; want == fault.None {
			s.ok(s.db.FinishJobs(s.t.Context(), []community.JobID{job.ID}, s.now))
		}
	}
	return n
}

func (s *scorer) wants(name, want string) {
	s.t.Helper()
	if got := s.kept(name); got != want {
		s.t.Errorf("of %s is kept %q, want %q", name, got, want)
	}
}

func TestWhatIsTakenBackIsForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := newScorer(t, db)
		const both = "bridging expertise"
		for _, name := range []string{"ann", "bob"} {
			s.say(name, community.Expertise, true)
		}
		if n := s.work(fault.None); n != 0 {
			t.Errorf("%d jobs when somebody agreed", n)
		}
		s.say("ann", community.Bridging, false)
		s.wants("ann", both) // it is a job, which waits
		if n := s.work(fault.None); n != 1 {
			t.Errorf("%d jobs, want one", n)
		}
		s.wants("ann", "expertise")
		s.wants("bob", both)

		// Whoever thinks better of it before the job runs loses nothing.
		s.say("bob", community.Expertise, false)
		s.say("bob", community.Expertise, true)
		s.work(fault.None)
		s.wants("bob", both)

		// What fails is not half done, keeps the rest from nothing, and is
		// tried again.
		s.broken = true
		s.say("bob", community.Bridging, false)
		s.say("bob", community.Expertise, false)
		if n := s.work(fault.Unavailable); n != 1 {
			t.Errorf("%d jobs for one person, want one", n)
		}
		s.wants("bob", "bridging")
		s.broken = false
		s.work(fault.None)
		s.wants("bob", "")
		s.wants("ann", "expertise")

		// With somebody who is gone goes all of it.
		_, err := db.Bun().NewRaw("UPDATE actors SET deleted_at = ? WHERE id = ?", s.now, s.people["ann"].ID).Exec(t.Context())
		s.ok(err)
		s.ok(db.InTx(t.Context(), func(tx *storage.DB) error {
			return tx.Record(t.Context(), community.Fact{Kind: community.PersonGone, ActorID: s.people["ann"].ID, At: s.now})
		}))
		s.work(fault.None)
		s.wants("ann", "")
		if err := s.svc.Forget(t.Context(), &community.Job{Body: []byte("x")}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a job about nobody: %v", err)
		}
	})
}

// Everything that is made of people is forgotten by somebody, or not kept.
func TestNothingIsMadeThatNobodyForgets(t *testing.T) {
	if kept := new(consents.Service).Kept(); len(kept) != 0 {
		t.Errorf("used, and forgotten by nobody: %s", fmt.Sprint(kept))
	}
}
