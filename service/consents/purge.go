package consents

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobPurge is the job that forgets what was made of one person and is not
// allowed any more. Its body is their number.
const JobPurge = "purge"

// forgetLane keeps it apart from the lanes of inboxes and letters.
const forgetLane = 1200

// A Purger forgets what was made of one person for a purpose. Whatever makes
// something of single people and keeps it registers one in Service.Purgers, or
// what it made outlives what allowed it. Purge runs in a transaction, again
// where it failed, and for people of whom nothing was made.
type Purger struct {
	Name    string // of what is forgotten, for the log
	Purpose community.Purpose
	Purge   func(ctx context.Context, tx *storage.DB, who community.ActorID) error
}

// atOnce are the purposes for which nothing is kept of a person: lists and the
// search ask each time whether they may show somebody.
var atOnce = []community.Purpose{community.Listed, community.Searched}

// Kept lists the purposes that something is made for and that nothing would be
// forgotten of: there is to be none.
func (s *Service) Kept() (list []community.Purpose) {
	made := []community.Purpose{}
	for _, aim := range community.Aims() {
		if aim.Used {
			made = append(made, aim.Purpose)
		}
	}
	for _, c := range community.Computations() {
		if c.Purpose != "" && !slices.Contains(made, c.Purpose) {
			made = append(made, c.Purpose)
		}
	}
	for _, p := range made {
		forgotten := func(one Purger) bool { return one.Purpose == p }
		if !slices.Contains(atOnce, p) && !slices.ContainsFunc(s.Purgers, forgotten) {
			list = append(list, p)
		}
	}
	return list
}

// Read has forgotten, by durable jobs, what was made of those who took
// something back or are gone, in the reader's transaction.
func (s *Service) Read(ctx context.Context, tx *storage.DB, facts []community.Fact) (err error) {
	defer fault.Wrap(&err, "consents.Read(%d facts)", len(facts))
	if len(s.Purgers) == 0 {
		return nil
	}
	seen := map[community.ActorID]bool{}
	var waiting []*community.Job
	for _, f := range facts {
		if f.Kind != community.ConsentWithdrawn && f.Kind != community.PersonGone || seen[f.ActorID] {
			continue
		}
		seen[f.ActorID] = true
		waiting = append(waiting, &community.Job{
			Kind: JobPurge, Lane: forgetLane, Sender: "consents", Body: strconv.AppendInt(nil, int64(f.ActorID), 10),
			RunAt: s.now(), CreatedAt: s.now(),
		})
	}
	_, err = tx.AddJobs(ctx, waiting)
	return err
}

// Forget is the job. It asks what is allowed when it runs: whoever agreed again
// meanwhile loses nothing. What fails is tried again, and keeps the rest from
// nothing.
func (s *Service) Forget(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "consents.Forget(%.20s)", job.Body)
	id, err := strconv.ParseInt(string(job.Body), 10, 64)
	if err != nil {
		return fault.Because(err, fault.Invalid, "That is nobody's number.")
	}
	var failed []error
	for _, p := range s.Purgers {
		if err := s.purge(ctx, p, community.ActorID(id)); err != nil {
			fault.Wrap(&err, "%s", p.Name)
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		return fault.Because(errors.Join(failed...), fault.Unavailable, "Not everything is forgotten yet.")
	}
	return nil
}

// purge forgets what one made of somebody, unless it is allowed.
func (s *Service) purge(ctx context.Context, p Purger, id community.ActorID) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldConsents(ctx, id); err != nil {
			return err
		}
		who, err := tx.Actor(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return p.Purge(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		said, err := tx.Consents(ctx, id)
		if err != nil || said.Allows(p.Purpose, who) {
			return err
		}
		return p.Purge(ctx, tx, id)
	})
}
