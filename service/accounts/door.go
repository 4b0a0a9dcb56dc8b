package accounts

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// An Entry is what somebody says at the door, besides who they are.
type Entry struct {
	Accepts bool            // the rules
	Answers []string        // to the host's questions
	Invite  string          // the code of an invitation
	Work    *community.Work // what their browser did
	Review  bool            // it did nothing: somebody is to look instead
	Address string          // where they come from

	Listed, Searched bool // what they agree to; see community.Purpose
}

// knock is a SignUp while a passkey is made. Neither its secrets nor its work
// are kept: the work is counted, the invitation is known by its hash.
type knock struct {
	Name, Title, Email string
	Accepts            bool
	Answers            []string
	Invite             []byte
	Review, Proven     bool
	Address            string
	Listed, Searched   bool
}

func (s SignUp) knock() knock {
	k := knock{
		Name: s.Name, Title: s.Title, Email: s.Email, Accepts: s.Accepts, Answers: s.Answers,
		Review: s.Review, Address: s.Address, Listed: s.Listed, Searched: s.Searched,
	}
	if s.Invite != "" {
		k.Invite = hashSecret(s.Invite)
	}
	return k
}

// kept is a knock as a ceremony keeps it.
func (k knock) kept() ([]byte, error) { return json.Marshal(k) }

// A way is how somebody comes in.
type way struct {
	invite  *community.Invite    // nil: by themselves
	admit   *community.Admission // nil: at once
	work    *community.Challenge // to be counted
	verify  bool                 // not before their mail address is confirmed
	vouched bool                 // somebody we trust says that the address is theirs
	arrival *community.Arrival   // nil: not limited
}

// mostUnproven is how many applications without work may wait: who has no
// JavaScript is welcome, who has a script may not fill the queue.
const mostUnproven = 100

// joinings returns how people come here.
func (s *Service) joinings(ctx context.Context, db *storage.DB) (*community.Joining, error) {
	if s.Joining == nil {
		j := community.NewJoining(community.JoinOpen)
		j.Proof, j.PerAddress, j.PerNetwork = 0, 0, 0
		return &j, nil
	}
	return s.Joining(ctx, db)
}

// way reports how somebody may come in, or why they may not. It is asked
// before anything costly is done, and again in the transaction that lets them
// in. work is what was said to have been done; nil where k says whether it was.
func (s *Service) way(ctx context.Context, db *storage.DB, k knock, work *community.Work) (*way, error) {
	j, err := s.joinings(ctx, db)
	if err != nil {
		return nil, err
	}
	w := new(way)
	if k.Invite != nil {
		if w.invite, err = goodInvite(ctx, db, k.Invite, s.now()); err != nil {
			return nil, err
		}
	}
	if err := j.Closed(w.invite != nil); err != nil {
		return nil, err
	}
	if first, err := db.AnyAccount(ctx); err != nil || !first {
		return w, err // whoever comes first keeps the house, and need not ask themselves
	}
	if len(j.Rules) > 0 && !k.Accepts {
		return nil, fault.Field("accept_rules", "Read the rules of this server, and say that you will keep to them.")
	}
	w.verify = j.NeedsMail(db.SendsLetters())
	if w.verify && k.Email == "" {
		return nil, needsMail()
	}
	apply := j.Mode == community.JoinApplication && w.invite == nil
	unproven := false
	if j.Proof > 0 && w.invite == nil && !k.Proven {
		if w.work, unproven, err = s.worked(ctx, db, k, work); err != nil {
			return nil, err
		}
	}
	if apply || unproven {
		if w.admit, err = s.admission(ctx, db, j, k, unproven); err != nil {
			return nil, err
		}
	}
	w.arrival, err = s.arrival(ctx, db, j, k.Address)
	return w, err
}

func goodInvite(ctx context.Context, db *storage.DB, hash []byte, now time.Time) (*community.Invite, error) {
	invite, err := db.InviteByHash(ctx, hash)
	if fault.Is(err, fault.NotFound) || err == nil && !invite.Good(now) {
		return nil, community.BadInvite()
	}
	return invite, err
}

// worked checks the work that somebody's browser did. Without any, they may
// ask that a person looks at what they say instead.
func (s *Service) worked(ctx context.Context, db *storage.DB, k knock, work *community.Work) (_ *community.Challenge, unproven bool, err error) {
	if work == nil {
		if !k.Review {
			return nil, false, fault.Field("proof", "Ask for a challenge and do its work first, or ask for a review.")
		}
		return nil, true, nil
	}
	key, err := db.DoorKey(ctx, s.now())
	if err != nil {
		return nil, false, err
	}
	challenge, err := work.Check(key, s.now())
	return challenge, false, err
}

func (s *Service) admission(ctx context.Context, db *storage.DB, j *community.Joining, k knock, unproven bool) (*community.Admission, error) {
	answers, err := j.CheckAnswers(k.Answers)
	if err != nil {
		return nil, err
	}
	if unproven {
		_, waiting, err := db.CountAdmissions(ctx)
		if err != nil {
			return nil, err
		}
		if waiting >= mostUnproven {
			return nil, fault.New(fault.Unavailable, "Too many people wait for a review right now. Come back tomorrow, or use a browser with JavaScript.")
		}
	}
	return &community.Admission{State: community.AdmissionWaiting, Answers: answers, Unproven: unproven, CreatedAt: s.now()}, nil
}

// arrival reports that too many came from somewhere.
func (s *Service) arrival(ctx context.Context, db *storage.DB, j *community.Joining, address string) (*community.Arrival, error) {
	key, err := db.DoorKey(ctx, s.now())
	if err != nil {
		return nil, err
	}
	arrival := community.NewArrival(key, address, s.now())
	if arrival == nil {
		return nil, nil
	}
	if err := db.HoldArrivals(ctx, arrival); err != nil {
		return nil, err
	}
	near, far, err := allowances(ctx, db, j, arrival)
	if err != nil {
		return nil, err
	}
	if err := near.Check(); err != nil {
		return nil, err
	}
	return arrival, far.Check()
}

// allowances are how many accounts may still be made from an address, and from
// its network.
func allowances(ctx context.Context, db *storage.DB, j *community.Joining, a *community.Arrival) (near, far community.Quota, err error) {
	n, m, first, firstFar, err := db.CountArrivals(ctx, a, a.At.Add(-community.ArrivalLife))
	if err != nil {
		return near, far, err
	}
	allowance := func(name string, most, made int, first time.Time) community.Quota {
		until := a.At
		if made > 0 {
			until = first.Add(community.ArrivalLife)
		}
		return community.Quota{Name: name, Limit: most, Left: max(0, most-made), Until: until}
	}
	return allowance("sign-up-address", j.PerAddress, n, first), allowance("sign-up-network", j.PerNetwork, m, firstFar), nil
}

// Allowances returns what limits how many accounts are made from an address:
// nothing, or two counts.
func (s *Service) Allowances(ctx context.Context, address string) (_ []community.Quota, err error) {
	defer fault.Wrap(&err, "accounts.Allowances")
	j, err := s.joinings(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	key, err := s.DB.DoorKey(ctx, s.now())
	if err != nil {
		return nil, err
	}
	arrival := community.NewArrival(key, address, s.now())
	if arrival == nil {
		return nil, nil
	}
	near, far, err := allowances(ctx, s.DB, j, arrival)
	var limits []community.Quota
	for _, a := range []community.Quota{near, far} {
		if a.Limit > 0 {
			limits = append(limits, a)
		}
	}
	return limits, err
}

// Nobody reports whether nobody has an account here yet.
func (s *Service) Nobody(ctx context.Context) (_ bool, err error) {
	defer fault.Wrap(&err, "accounts.Nobody")
	some, err := s.DB.AnyAccount(ctx)
	return !some, err
}

// spend counts work, so that it counts once.
func (s *Service) spend(ctx context.Context, db *storage.DB, c *community.Challenge) error {
	if c == nil {
		return nil
	}
	err := db.AddCeremony(ctx, &community.Ceremony{Hash: hashSecret(c.Text), Kind: workCeremony, Data: []byte{}, ExpiresAt: c.ExpiresAt})
	if fault.Is(err, fault.Conflict) {
		err = fault.Because(err, fault.Invalid, "The work that your browser did was used already. Try again.").About("proof")
	}
	return err
}

// enter stores how somebody came in who was just made: what they apply with,
// by whose invitation they came and into which group, and from where.
func (s *Service) enter(ctx context.Context, tx *storage.DB, w *way, made *Who) error {
	if w.arrival != nil {
		if err := tx.AddArrival(ctx, w.arrival); err != nil {
			return err
		}
	}
	if w.admit != nil {
		w.admit.ActorID = made.Actor.ID
		if err := tx.AddAdmission(ctx, w.admit); err != nil {
			return err
		}
		err := tx.Record(ctx, community.Fact{
			Kind: community.AdmissionFiled, ActorID: made.Actor.ID, ItemID: int64(w.admit.ID), At: made.Actor.CreatedAt,
		})
		if err != nil {
			return err
		}
	}
	if err := s.introduce(ctx, tx, w.invite, made.Actor); err != nil || made.Actor.Held() != nil {
		return err
	}
	return s.comeIn(ctx, tx, made.Actor)
}

// introduce notes by which invitation somebody comes, and uses it.
func (s *Service) introduce(ctx context.Context, tx *storage.DB, invite *community.Invite, newcomer *community.Actor) error {
	if invite == nil {
		return nil
	}
	used, err := tx.UseInvite(ctx, invite.ID, s.now())
	if err != nil {
		return err
	}
	if !used {
		return community.BadInvite()
	}
	return tx.AddIntroduction(ctx, &community.Introduction{ActorID: newcomer.ID, InviteID: invite.ID, CreatedAt: s.now()})
}

// comeIn is what happens when somebody is let in: it is known from now on,
// and they join the group to which they were invited.
func (s *Service) comeIn(ctx context.Context, tx *storage.DB, newcomer *community.Actor) error {
	if err := tx.Record(ctx, community.Fact{Kind: community.PersonJoined, ActorID: newcomer.ID, At: s.now()}); err != nil || s.Enter == nil {
		return err
	}
	by, err := tx.Introduction(ctx, newcomer.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	invite, err := tx.Invite(ctx, by.InviteID)
	if err != nil || invite.GroupID == 0 {
		return err
	}
	group, err := tx.Actor(ctx, invite.GroupID)
	if err != nil {
		return err
	}
	inviter, err := tx.Actor(ctx, invite.CreatorID)
	if err != nil {
		return err
	}
	return s.Enter(ctx, tx, newcomer, group, inviter)
}
