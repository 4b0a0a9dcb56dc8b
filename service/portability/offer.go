package portability

import (
	"context"
	"encoding/json"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobOffer is the job that looks at what somebody's old account followed, once
// it moved here. Its body is an offer.
const JobOffer = "offer"

type offer struct {
	Who, Old community.ActorID
}

// Read has what somebody followed where they lived looked at, when they come
// to live here.
func (s *Service) Read(ctx context.Context, tx *storage.DB, facts []community.Fact) (err error) {
	defer fault.Wrap(&err, "portability.Read(%d facts)", len(facts))
	var waiting []*community.Job
	for _, f := range facts {
		if f.Kind != community.ActorMoved || f.GroupID != 0 {
			continue
		}
		who, err := tx.Actor(ctx, f.TargetID)
		if fault.Is(err, fault.NotFound) || err == nil && !who.Local() {
			continue
		}
		if err != nil {
			return err
		}
		body, err := json.Marshal(offer{Who: who.ID, Old: f.ActorID})
		if err != nil {
			return err
		}
		waiting = append(waiting, &community.Job{
			Kind: JobOffer, Lane: firstLane + lanes + int64(who.ID)%lanes, Sender: "offer", Body: body, RunAt: s.now(), CreatedAt: s.now(),
		})
	}
	_, err = tx.AddJobs(ctx, waiting)
	return err
}

// Offer is that job. What it finds waits for its owner to say so, like lists
// that they bring; lists that are there already are not replaced by it.
func (s *Service) Offer(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "portability.Offer")
	var o offer
	if err := json.Unmarshal(job.Body, &o); err != nil {
		return fault.Because(err, fault.Invalid, "This is no offer.")
	}
	who, err := s.DB.Actor(ctx, o.Who)
	if err != nil {
		return err
	}
	old, err := s.DB.Actor(ctx, o.Old)
	if err != nil {
		return err
	}
	account, err := s.DB.AccountOf(ctx, who.ID)
	if err != nil || old.MovedTo != who.IRI || s.Actions.Followed == nil {
		return err
	}
	ids, err := s.Actions.Followed(ctx, who, old)
	switch fault.CodeOf(err) {
	case fault.None:
	case fault.Unavailable, fault.Internal, fault.RateLimited:
		return err // it is tried again
	default:
		return nil // it shows nothing
	}
	var lines []*community.ImportLine
	for _, id := range ids {
		if len(id) <= mostCell && len(lines) < mostLines && id != who.IRI && id != old.IRI {
			line := (&reading{home: s.Host}).checked(community.ImportLine{Kind: community.LineFollow, Target: id})
			lines = append(lines, &line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	err = s.keep(ctx, account, who, lines, func(last *community.Import) error {
		if last != nil && last.State != community.ImportDone {
			return fault.New(fault.Conflict, "Something was brought along already.")
		}
		return nil
	})
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// keep stores lines to be gone through, beside what goes where they replace
// what is here, unless what was brought before is in the way.
func (s *Service) keep(ctx context.Context, account *community.Account, who *community.Actor, lines []*community.ImportLine, free func(last *community.Import) error) error {
	leaving, err := s.absent(ctx, who, lines)
	if err != nil {
		return err
	}
	lifting, err := s.unlisted(ctx, who, lines)
	if err != nil {
		return err
	}
	now := s.now()
	lines = append(append(lines, leaving...), lifting...)
	for _, l := range lines {
		l.RunAt = now
	}
	im := &community.Import{AccountID: account.ID, State: community.ImportRead, CreatedAt: now, ExpiresAt: now.Add(community.KeepImport)}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if _, err := tx.HoldAccount(ctx, account.ID); err != nil {
			return err
		}
		last, err := tx.Import(ctx, account.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			last = nil
		case err != nil:
			return err
		}
		if err := free(last); err != nil {
			return err
		}
		return tx.AddImport(ctx, im, lines)
	})
}

// idle reports that what was brought before is still being gone through.
func idle(last *community.Import) error {
	if last != nil && last.State == community.ImportRunning {
		return fault.New(fault.Conflict, "What you brought before is still being gone through. Wait for its end, or stop it.")
	}
	return nil
}
