package accounts

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobDepart is the job that ends what is left of an account; see Depart.
const JobDepart = "depart"

// JobForget is the job that withdraws what somebody who is gone wrote. Its
// body is their id in the fediverse.
const JobForget = "forget"

// departure is the body of a JobDepart.
type departure struct {
	Actor community.ActorID
	All   bool // with what they wrote
}

// Delete ends who's account, for good. From then on nobody can come into it,
// and nobody finds its owner: only their name stays, and stays taken. What may
// be much is done by jobs afterwards, a part at a time: their memberships,
// follows and notifications go, and with all, what they wrote; without, that
// stays, under a deleted account.
//
// It is a Conflict for the last administrator, and for the only moderator of
// a group, and says what to do first.
func (s *Service) Delete(ctx context.Context, by *Who, all bool) (err error) {
	defer fault.Wrap(&err, "accounts.Delete(%s)", by.Actor.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldLeaving(ctx); err != nil {
			return err
		}
		account, err := tx.HoldAccount(ctx, by.Account.ID)
		if err != nil {
			return err
		}
		leaving, err := who(ctx, tx, account.ID)
		if err != nil {
			return err
		}
		if err := mayLeave(ctx, tx, leaving); err != nil {
			return err
		}
		if leaving.Actor.Held() != nil {
			return tx.DropApplicant(ctx, leaving.Actor.ID, account.ID)
		}
		return s.leave(ctx, tx, leaving, all)
	})
}

// mayLeave reports why somebody cannot be spared.
func mayLeave(ctx context.Context, tx *storage.DB, leaving *Who) error {
	if leaving.Account.Admin {
		others, err := tx.OtherAdmins(ctx, leaving.Account.ID)
		if err != nil {
			return err
		}
		if !others {
			return fault.New(fault.Conflict, "%s is the only administrator of this server. Make somebody else one first.", leaving.Actor.Name)
		}
	}
	alone, err := alone(ctx, tx, leaving.Actor)
	if err != nil || len(alone) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "%s is the only moderator of %s. Make somebody else a moderator there first.",
		leaving.Actor.Name, strings.Join(alone, ", "))
}

// alone lists the groups of this server that nobody but person looks after,
// and holds the lists of moderators of all that they do.
func alone(ctx context.Context, tx *storage.DB, person *community.Actor) (names []string, err error) {
	roles, err := tx.RolesAndBans(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range roles {
		if !m.Moderates() {
			continue
		}
		if err := tx.HoldModerators(ctx, m.GroupID); err != nil {
			return nil, err
		}
		moderators, err := tx.Moderators(ctx, m.GroupID)
		if err != nil {
			return nil, err
		}
		others := false
		for _, a := range moderators {
			others = others || a.ID != person.ID && !a.Gone() && !a.Leaving()
		}
		if others {
			continue
		}
		group, err := tx.Actor(ctx, m.GroupID)
		if err != nil {
			return nil, err
		}
		names = append(names, group.Name)
	}
	return names, nil
}

// leave does what must be true at once. Roles end here, so that nobody who is
// gone looks after anything.
func (s *Service) leave(ctx context.Context, tx *storage.DB, leaving *Who, all bool) error {
	now, person := s.now(), leaving.Actor
	if err := tx.CloseAccount(ctx, leaving.Account); err != nil {
		return err
	}
	if err := tx.EndAllGrants(ctx, person.ID, now); err != nil {
		return err
	}
	if err := tx.DropUploadsOf(ctx, person.ID, all, now); err != nil {
		return err
	}
	roles, err := tx.Roles(ctx, person.ID)
	if err != nil {
		return err
	}
	for _, m := range roles {
		if err := endMembership(ctx, tx, m); err != nil {
			return err
		}
	}
	if err := tx.ReleaseReports(ctx, person.ID); err != nil {
		return err
	}
	if err := endFeeds(ctx, tx, person, now); err != nil {
		return err
	}
	if err := tx.DeleteActor(ctx, person.ID, now); err != nil {
		return err
	}
	fact := community.Fact{Kind: community.PersonGone, ActorID: person.ID, At: now}
	if all {
		fact.Value = 1
		if err := tx.ForgetSnapshots(ctx, person.ID); err != nil {
			return err
		}
	}
	if err := tx.Record(ctx, fact); err != nil {
		return err
	}
	return addFarewells(ctx, tx, person, all, now)
}

// endFeeds ends the feeds that somebody kept: nobody else can change them.
func endFeeds(ctx context.Context, tx *storage.DB, person *community.Actor, now time.Time) error {
	feeds, err := tx.FeedsBy(ctx, person.IRI)
	if err != nil {
		return err
	}
	for _, feed := range feeds {
		if err := tx.HoldFeed(ctx, feed.ID); err != nil {
			return err
		}
		if err := tx.EndFeed(ctx, feed.ID, now); err != nil {
			return err
		}
		if err := tx.Record(ctx, community.Fact{Kind: community.FeedEnded, ActorID: person.ID, GroupID: feed.ID, At: now}); err != nil {
			return err
		}
	}
	return nil
}

// addFarewells stores the jobs that do the rest.
func addFarewells(ctx context.Context, tx *storage.DB, person *community.Actor, all bool, now time.Time) error {
	body, err := json.Marshal(departure{Actor: person.ID, All: all})
	if err != nil {
		return err
	}
	jobs := []*community.Job{departing(person, JobDepart, body, now)}
	if all {
		jobs = append(jobs, departing(person, JobForget, []byte(person.IRI), now))
	}
	_, err = tx.AddJobs(ctx, jobs)
	return err
}

// departing is a job in a lane that it has for itself, as good as always.
func departing(person *community.Actor, kind string, body []byte, now time.Time) *community.Job {
	h := fnv.New32a()
	_, _ = h.Write([]byte(person.IRI))
	return &community.Job{
		Kind: kind, Lane: int64(h.Sum32() % departureLanes), Sender: person.IRI, Body: body, RunAt: now, CreatedAt: now,
	}
}

const (
	// departureLanes spreads people who leave at once over some of the lanes
	// of jobs.
	departureLanes = 8
	// departOnce bounds what one transaction ends of each kind.
	departOnce = 200
)

// Depart is the job that ends what is left of an account, a part at a time. A
// job that is cut short is done again, and finds less to do.
func (s *Service) Depart(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "accounts.Depart(%s)", job.Sender)
	var d departure
	if err := json.Unmarshal(job.Body, &d); err != nil {
		return fault.Because(err, fault.Invalid, "This is no departure.")
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		person, err := tx.Actor(ctx, d.Actor)
		if err != nil {
			return err
		}
		if !person.Local() || !person.Gone() {
			return fault.New(fault.Forbidden, "%s is still there.", person.Handle())
		}
		more, err := s.depart(ctx, tx, person, d.All)
		if err != nil || !more {
			return err
		}
		_, err = tx.AddJobs(ctx, []*community.Job{departing(person, JobDepart, job.Body, s.now())})
		return err
	})
}

// depart ends some of each kind, the account at last, and reports whether
// there is more.
func (s *Service) depart(ctx context.Context, tx *storage.DB, person *community.Actor, all bool) (more bool, err error) {
	memberships, err := tx.Belonging(ctx, person.ID, departOnce)
	if err != nil {
		return false, err
	}
	for _, m := range memberships {
		if err := endMembership(ctx, tx, m); err != nil {
			return false, err
		}
	}
	ties, err := tx.Ties(ctx, person.ID, departOnce)
	if err != nil {
		return false, err
	}
	if err := endTies(ctx, tx, person, ties); err != nil {
		return false, err
	}
	letters, err := tx.LeaveConversations(ctx, person.ID, all, s.now(), departOnce)
	if err != nil || letters || len(memberships) == departOnce || len(ties) == departOnce {
		return true, err
	}
	account, err := tx.AccountOf(ctx, person.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil // a second run of the last part
	}
	if err != nil {
		return false, err
	}
	return tx.DropAccount(ctx, account.ID, departOnce)
}

// endMembership forgets what somebody here is to a group, and uncounts them.
func endMembership(ctx context.Context, tx *storage.DB, m *community.Membership) error {
	held, err := tx.HoldMembership(ctx, m.GroupID, m.ActorID)
	if err != nil || held == nil {
		return err
	}
	if err := tx.DeleteMembership(ctx, held.GroupID, held.ActorID); err != nil || held.State != community.Accepted {
		return err
	}
	return tx.CountMember(ctx, held.GroupID, -1)
}

// endTies forgets follows, and has the servers of who followed person hear no
// more of them.
func endTies(ctx context.Context, tx *storage.DB, person *community.Actor, ties []*community.Follow) error {
	ids := make([]community.ActorID, 0, len(ties))
	for _, f := range ties {
		ids = append(ids, f.FollowerID)
	}
	followers, err := tx.Actors(ctx, ids)
	if err != nil {
		return err
	}
	for _, f := range ties {
		held, err := tx.HoldFollow(ctx, f.FollowerID, f.TargetID)
		if err != nil {
			return err
		}
		if held == nil {
			continue
		}
		if err := tx.DeleteFollow(ctx, f.FollowerID, f.TargetID); err != nil {
			return err
		}
		if held.State != community.Accepted {
			continue
		}
		if err := tx.CountMember(ctx, f.TargetID, -1); err != nil {
			return err
		}
		follower := followers[f.FollowerID]
		if f.TargetID != person.ID || follower == nil || follower.PeerID == 0 {
			continue
		}
		if err := tx.DropAudience(ctx, person.ID, follower.PeerID); err != nil {
			return err
		}
	}
	return nil
}
