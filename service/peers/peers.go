// Package peers is what an operator does about other servers: see how
// deliveries to each go, try one again, hold one back, and forget one.
//
// How deliveries are made belongs to federation, which reads what is decided
// here from the rows. What another server may say here is not decided here
// either: that is moderation.
package peers

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// An Overview counts the servers in each state.
type Overview map[community.PeerState]int64

// Overview counts the servers in each state.
func (s *Service) Overview(ctx context.Context) (_ Overview, err error) {
	defer fault.Wrap(&err, "peers.Overview")
	return s.DB.CountPeers(ctx, s.now())
}

// List lists servers by host, and returns the cursor of the next page.
func (s *Service) List(ctx context.Context, query community.PeerQuery) (_ []*community.PeerView, next string, err error) {
	defer fault.Wrap(&err, "peers.List")
	list, next, err := s.DB.PeerList(ctx, query, s.now())
	if err != nil {
		return nil, "", err
	}
	views, err := s.DB.PeerViews(ctx, list)
	return views, next, err
}

// Find returns the server called host.
func (s *Service) Find(ctx context.Context, host string) (_ *community.PeerView, err error) {
	defer fault.Wrap(&err, "peers.Find(%s)", host)
	p, err := find(ctx, s.DB, host)
	if err != nil {
		return nil, err
	}
	views, err := s.DB.PeerViews(ctx, []*community.Peer{p})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

func find(ctx context.Context, db *storage.DB, host string) (*community.Peer, error) {
	p, err := db.PeerNamed(ctx, strings.ToLower(strings.TrimSpace(host)))
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.NotFound, "This server never heard of %s.", host)
	}
	return p, err
}

// Retry has the next delivery to a server tried at once, however often others
// failed. A server that is paused stays paused.
func (s *Service) Retry(ctx context.Context, host string) (err error) {
	defer fault.Wrap(&err, "peers.Retry(%s)", host)
	return s.change(ctx, host, func(p *community.Peer) { p.Retry() })
}

// Pause holds deliveries to a server back. What it is to hear is kept, as
// long as activities are.
func (s *Service) Pause(ctx context.Context, host string) (err error) {
	defer fault.Wrap(&err, "peers.Pause(%s)", host)
	return s.change(ctx, host, func(p *community.Peer) {
		if !p.Paused() {
			p.PausedAt = s.now()
		}
	})
}

// Resume ends a pause; what waited is delivered.
func (s *Service) Resume(ctx context.Context, host string) (err error) {
	defer fault.Wrap(&err, "peers.Resume(%s)", host)
	return s.change(ctx, host, func(p *community.Peer) {
		p.PausedAt = time.Time{}
		p.Retry()
	})
}

func (s *Service) change(ctx context.Context, host string, change func(*community.Peer)) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		p, err := find(ctx, tx, host)
		if err != nil {
			return err
		}
		change(p)
		p.TouchedAt = s.now()
		return tx.TouchPeer(ctx, p)
	})
}

// forgetBatch bounds the people that one transaction lets go.
const forgetBatch = 500

// Forget is for a server that will not come back: nobody there follows
// anybody here any more, nobody here follows its people, and nothing is kept for it to hear. What its people
// wrote stays. If it does come back, they have to follow again.
func (s *Service) Forget(ctx context.Context, host string) (err error) {
	defer fault.Wrap(&err, "peers.Forget(%s)", host)
	p, err := find(ctx, s.DB, host)
	if err != nil {
		return err
	}
	for _, some := range []func(context.Context, *storage.DB, *community.Peer) (int, error){s.dismissMembers, s.dismissFollowers, s.dismissFollowed} {
		for n := forgetBatch; n == forgetBatch; {
			err := s.DB.InTx(ctx, func(tx *storage.DB) (err error) {
				n, err = some(ctx, tx, p)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.DropAudiences(ctx, p.ID); err != nil {
			return err
		}
		fresh, err := tx.Peer(ctx, p.ID)
		if err != nil {
			return err
		}
		if fresh.Position, err = tx.ActivityHead(ctx); err != nil {
			return err
		}
		fresh.Retry()
		fresh.PausedAt, fresh.TouchedAt = time.Time{}, s.now()
		return tx.TouchPeer(ctx, fresh)
	})
}

// dismissMembers ends some memberships of a server's people in groups here.
// Roles and bans are remembered.
func (s *Service) dismissMembers(ctx context.Context, tx *storage.DB, p *community.Peer) (int, error) {
	list, err := tx.PeerMembers(ctx, p.ID, forgetBatch)
	if err != nil {
		return 0, err
	}
	for _, m := range list {
		was := m.State
		if !m.Remembered(s.now()) {
			err = tx.DeleteMembership(ctx, m.GroupID, m.ActorID)
		} else {
			m.State, m.FollowIRI, m.FollowRaw = community.Absent, "", nil
			err = tx.SaveMembership(ctx, m)
		}
		if err == nil && was == community.Accepted {
			err = tx.CountMember(ctx, m.GroupID, -1)
		}
		if err != nil {
			return 0, err
		}
		fact := community.Fact{Kind: community.MemberLeft, ActorID: m.ActorID, GroupID: m.GroupID, At: s.now()}
		if err := tx.Record(ctx, fact); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// dismissFollowed ends some follows of a server's people by people here.
func (s *Service) dismissFollowed(ctx context.Context, tx *storage.DB, p *community.Peer) (int, error) {
	list, err := tx.PeerFollowed(ctx, p.ID, forgetBatch)
	return len(list), endFollows(ctx, tx, list, err)
}

// dismissFollowers ends some follows of people here by a server's people.
func (s *Service) dismissFollowers(ctx context.Context, tx *storage.DB, p *community.Peer) (int, error) {
	list, err := tx.PeerFollows(ctx, p.ID, forgetBatch)
	return len(list), endFollows(ctx, tx, list, err)
}

func endFollows(ctx context.Context, tx *storage.DB, list []*community.Follow, err error) error {
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := tx.DeleteFollow(ctx, f.FollowerID, f.TargetID); err != nil {
			return err
		}
		if f.State != community.Accepted {
			continue
		}
		if err := tx.CountMember(ctx, f.TargetID, -1); err != nil {
			return err
		}
	}
	return nil
}
