package portability

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobImport is the job that does the next line of an import. Its body is the
// import's number.
const JobImport = "import"

const (
	// lineTries is how often a line is tried, since servers are down now and
	// then, and lineRest how long it waits before it is tried again, at first.
	lineTries = 4
	lineRest  = time.Minute
	// DefaultPace is how long a server is left alone between two questions.
	DefaultPace = 2 * time.Second
)

// Receive reads what somebody brings along, and notes what would be done.
// Nothing is done before they say so. It is a Conflict while an import runs.
func (s *Service) Receive(ctx context.Context, account *community.Account, who *community.Actor, uploads []Upload) (_ *Plan, err error) {
	defer fault.Wrap(&err, "portability.Receive(%d)", account.ID)
	r, err := read(s.Host, uploads)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, r); err != nil {
		return nil, err
	}
	if err := s.keep(ctx, account, who, r.lines, idle); err != nil {
		return nil, err
	}
	return s.Import(ctx, account)
}

// absent are lines for the groups to which somebody belongs, and the people
// whom they follow, that are not in the lists: they leave those where the lists
// replace what is here. Who looks after a group stays, and people are followed
// on where the lists are of groups alone.
func (s *Service) absent(ctx context.Context, who *community.Actor, lines []*community.ImportLine) (leaving []*community.ImportLine, err error) {
	listed, some, people := map[string]bool{}, false, false
	for _, l := range lines {
		if l.Kind == community.LineJoin || l.Kind == community.LineFollow {
			some, people = true, people || l.Kind == community.LineFollow
			listed[s.plainAddress(l.Target)], listed[s.plainAddress(l.Detail)] = true, true
		}
	}
	if !some {
		return nil, nil
	}
	for last := int64(0); ; {
		rows, err := s.DB.BelongingAfter(ctx, who.ID, last, partRows)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		for _, b := range rows {
			last = int64(b.GroupID)
			if b.Group == nil || b.State == community.Absent || b.Moderates() || listed[s.plainAddress(s.address(b.Group))] || listed[b.Group.IRI] {
				continue
			}
			leaving = append(leaving, &community.ImportLine{Kind: community.LineLeave, Target: s.address(b.Group), Detail: b.Group.IRI})
		}
	}
	if !people {
		return leaving, nil
	}
	ends, err := s.unfollowed(ctx, who, listed)
	return append(leaving, ends...), err
}

func (s *Service) unfollowed(ctx context.Context, who *community.Actor, listed map[string]bool) (ends []*community.ImportLine, err error) {
	for last := int64(0); ; {
		rows, err := s.DB.FollowingAfter(ctx, who.ID, last, partRows)
		if err != nil || len(rows) == 0 {
			return ends, err
		}
		for _, f := range rows {
			last = followeeID(f)
			if f.State == community.TurnedDown || listed[s.plainAddress(s.address(f.Actor))] || listed[f.Actor.IRI] {
				continue
			}
			ends = append(ends, &community.ImportLine{Kind: community.LineLeave, Target: s.address(f.Actor), Detail: f.Actor.IRI})
		}
	}
}

// plainAddress is an address in the one way in which they are compared.
func (s *Service) plainAddress(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	h, _ := community.ParseHandle(address, "")
	if h.Host == "" {
		h.Host = s.Host
	}
	return community.FoldName(h.Name) + "@" + h.Host
}

// A Plan is an import, with how many lines of each kind had which outcome.
type Plan struct {
	*community.Import
	Counts []community.LineCount
}

// Import returns what an account brought along. It is NotFound where that is
// nothing.
func (s *Service) Import(ctx context.Context, account *community.Account) (_ *Plan, err error) {
	defer fault.Wrap(&err, "portability.Import(%d)", account.ID)
	im, err := s.DB.Import(ctx, account.ID)
	if err != nil {
		return nil, noImport(err)
	}
	counts, err := s.DB.CountLines(ctx, im.ID)
	return &Plan{Import: im, Counts: counts}, err
}

func noImport(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.NotFound, "You brought nothing along yet.")
	}
	return err
}

// Lines lists what became of lines, up to most after one; with outcomes, those
// that had one of them.
func (s *Service) Lines(ctx context.Context, account *community.Account, outcomes []community.Outcome, after, most int) (_ []*community.ImportLine, err error) {
	defer fault.Wrap(&err, "portability.Lines(%d)", account.ID)
	im, err := s.DB.Import(ctx, account.ID)
	if err != nil {
		return nil, noImport(err)
	}
	return s.DB.ImportLines(ctx, im.ID, outcomes, after, most)
}

// Start begins with what was brought along, or goes on with it. With replace,
// what is here and not in the lists goes.
func (s *Service) Start(ctx context.Context, account *community.Account, replace bool) (err error) {
	defer fault.Wrap(&err, "portability.Start(%d)", account.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		im, err := tx.Import(ctx, account.ID)
		if err != nil {
			return noImport(err)
		}
		if im, err = tx.HoldImport(ctx, im.ID); err != nil {
			return noImport(err)
		}
		if im.State != community.ImportRead && im.State != community.ImportFailed {
			return fault.New(fault.Conflict, "This was started already.")
		}
		if im.State == community.ImportRead && !replace {
			if err := tx.DropLines(ctx, im.ID, community.LineLeave, community.LineLift); err != nil {
				return err
			}
		}
		if im.State == community.ImportRead {
			im.Replaces = replace
		}
		im.State, im.Trouble = community.ImportRunning, ""
		if err := tx.SaveImport(ctx, im); err != nil {
			return err
		}
		return addLine(ctx, tx, im, s.now(), s.now())
	})
}

// Stop forgets what was brought along. What was done by then stays done.
func (s *Service) Stop(ctx context.Context, account *community.Account) (err error) {
	defer fault.Wrap(&err, "portability.Stop(%d)", account.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.DropImport(ctx, account.ID) })
}

// addLine stores the job that does the next line.
func addLine(ctx context.Context, tx *storage.DB, im *community.Import, at, now time.Time) error {
	body, err := json.Marshal(im.ID)
	if err != nil {
		return err
	}
	_, err = tx.AddJobs(ctx, []*community.Job{{
		Kind: JobImport, Lane: firstLane + lanes + int64(im.ID)%lanes, Sender: "import", Body: body, RunAt: at, CreatedAt: now,
	}})
	return err
}

// GoOn is the job that does the next line of an import. What became of it is
// stored with the job for the one after it; a line that was done when the
// server died is done again, and finds that it is.
func (s *Service) GoOn(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "portability.GoOn")
	var id community.ImportID
	if err := json.Unmarshal(job.Body, &id); err != nil {
		return fault.Because(err, fault.Invalid, "This is no import.")
	}
	im, err := s.DB.ImportByID(ctx, id)
	if err != nil || im.State != community.ImportRunning {
		return err
	}
	if err = s.goOn(ctx, im); err != nil && job.Attempts+1 >= exportTries && ctx.Err() == nil {
		im.State, im.Trouble = community.ImportFailed, "Something went wrong here. Try to go on tomorrow, or ask who runs this server."
		if saveErr := s.DB.SaveImport(ctx, im); saveErr != nil {
			return saveErr
		}
	}
	return err
}

func (s *Service) goOn(ctx context.Context, im *community.Import) error {
	line, err := s.DB.NextLine(ctx, im.ID)
	if fault.Is(err, fault.NotFound) {
		im.State, im.FinishedAt = community.ImportDone, s.now()
		im.ExpiresAt = im.FinishedAt.Add(community.KeepImport)
		return s.DB.SaveImport(ctx, im)
	}
	if err != nil {
		return err
	}
	if now := s.now(); line.RunAt.After(now) {
		return addLine(ctx, s.DB, im, line.RunAt, now)
	}
	account, err := s.DB.Account(ctx, im.AccountID)
	if err != nil {
		return err
	}
	who, err := s.DB.Actor(ctx, account.ActorID)
	if err != nil {
		return err
	}
	outcome, err := s.do(ctx, im, who, line)
	if ctx.Err() != nil {
		return ctx.Err() // cut short, not failed
	}
	s.settle(line, outcome, err)
	return s.saveLine(ctx, im, line)
}

// settle notes what became of a line.
func (s *Service) settle(line *community.ImportLine, outcome community.Outcome, err error) {
	line.Attempts++
	if err == nil {
		line.Outcome, line.Reason = outcome, ""
		return
	}
	line.Outcome, line.Reason = community.Failed, reasonOf(err)
	if outcome == community.Unsupported {
		line.Outcome = outcome
		return
	}
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.RateLimited, fault.Internal:
		if line.Attempts < lineTries {
			line.Outcome = community.Outstanding
			line.RunAt = s.now().Add(lineRest << (2 * (line.Attempts - 1)))
		}
	}
}

// reasonOf is what a person is told of an error.
func reasonOf(err error) string {
	if coded, ok := fault.As(err); ok && coded.Code != fault.Internal && coded.Message != "" {
		return coded.Message
	}
	return "Something went wrong here."
}

func (s *Service) saveLine(ctx context.Context, im *community.Import, line *community.ImportLine) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		held, err := tx.HoldImport(ctx, im.ID)
		if err != nil {
			return err // stopped meanwhile
		}
		if err := tx.SaveLine(ctx, line); err != nil {
			return err
		}
		now := s.now()
		if line.Host != "" {
			if err := tx.RestHost(ctx, line.Host, now.Add(s.pace())); err != nil {
				return err
			}
		}
		return addLine(ctx, tx, held, now, now)
	})
}

func (s *Service) pace() time.Duration {
	if s.Pace == 0 {
		return DefaultPace
	}
	return s.Pace
}
