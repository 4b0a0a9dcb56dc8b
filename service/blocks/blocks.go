// Package blocks is what people keep away from themselves: other people,
// groups, servers and words; for good or for a while.
//
// A block holds between two people and is known to both; a mute is known to
// whoever made it and to nobody else. What either means for a list, a thread or
// a message is a rule of community and a condition in storage, which the other
// slices ask: this one only keeps them.
package blocks

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB   *storage.DB
	Host string // of this server
	Now  func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Wish is how somebody wants something kept away.
type Wish struct {
	Mute   bool
	Target *community.Actor // a person or group; nil: a server
	Host   string           // the server
	Until  time.Time        // zero: until it is taken away
	Note   string           // to oneself
	Tell   bool             // a person's server may know, where it does something with that
}

func (w Wish) block(by *community.Actor, now time.Time) *community.Block {
	b := &community.Block{
		OwnerID: by.ID, Kind: community.BlockServer, Mute: w.Mute, Host: w.Host, Note: w.Note, CreatedAt: now, Until: community.Timestamp(w.Until),
	}
	if w.Until.IsZero() {
		b.Until = time.Time{}
	}
	if w.Target != nil {
		b.Kind, b.TargetID, b.Host = community.BlockPerson, w.Target.ID, ""
		if w.Target.IsGroup() {
			b.Kind = community.BlockGroup
		}
	}
	b.Told = w.Tell && !w.Mute && b.Kind == community.BlockPerson && !w.Target.Local()
	return b
}

// Put keeps something away from by, or changes how: for how long, and the note.
// What is muted can be blocked by it; what is blocked is not muted instead,
// which would be less.
func (s *Service) Put(ctx context.Context, by *community.Actor, wish Wish) (_ *community.BlockView, err error) {
	defer fault.Wrap(&err, "blocks.Put(%s)", by.Handle())
	b := wish.block(by, s.now())
	if wish.Target != nil {
		if err := community.MayBlock(by, wish.Target, wish.Mute); err != nil {
			return nil, err
		}
	}
	if err := b.Check(s.now()); err != nil {
		return nil, err
	}
	if b.Kind == community.BlockServer && b.Host == s.Host {
		return nil, fault.Field("host", "That is this server.")
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldBlocks(ctx, by.ID); err != nil {
			return err
		}
		before, err := tx.BlockOf(ctx, by.ID, b.Kind, b.TargetID, b.Host)
		if err != nil {
			return err
		}
		if err := s.mayPut(ctx, tx, b, before); err != nil {
			return err
		}
		if before != nil {
			b.CreatedAt = before.CreatedAt
		}
		if err := tx.SaveBlock(ctx, b); err != nil {
			return err
		}
		return s.part(ctx, tx, by, wish.Target, b, before)
	})
	return &community.BlockView{Block: b, Target: wish.Target}, err
}

func (s *Service) mayPut(ctx context.Context, tx *storage.DB, b, before *community.Block) error {
	if before != nil {
		if b.Mute && !before.Mute && !before.Over(s.now()) {
			return fault.New(fault.Conflict, "You blocked that already, which does more. Take the block away first.")
		}
		return nil
	}
	n, err := tx.CountBlocks(ctx, b.OwnerID, false)
	if err == nil && n >= community.MostBlocks {
		err = fault.New(fault.Forbidden, "You keep %d things away already, which is the most there can be. Take one away first.", n)
	}
	return err
}

// part ends what two people are to each other when one blocks the other, and
// has the other's server told, where that is wanted.
func (s *Service) part(ctx context.Context, tx *storage.DB, by, target *community.Actor, b, before *community.Block) error {
	if b.Mute || b.Kind != community.BlockPerson {
		return nil
	}
	if err := s.unfollow(ctx, tx, target, by); err != nil {
		return err
	}
	if err := s.unfollow(ctx, tx, by, target); err != nil {
		return err
	}
	known := before != nil && before.Told
	switch {
	case b.Told && !known:
		return tx.Record(ctx, s.fact(community.PersonBlocked, b))
	case known && !b.Told:
		return tx.Record(ctx, s.fact(community.PersonUnblocked, b))
	}
	return nil
}

func (s *Service) fact(kind community.FactKind, b *community.Block) community.Fact {
	return community.Fact{Kind: kind, ActorID: b.OwnerID, TargetID: b.TargetID, ItemID: int64(b.ID), At: s.now()}
}

// unfollow ends that follower follows person. A follower elsewhere is told, as
// if they had been refused; a person elsewhere is told that nobody follows them.
func (s *Service) unfollow(ctx context.Context, tx *storage.DB, follower, person *community.Actor) error {
	follow, err := tx.HoldFollow(ctx, follower.ID, person.ID)
	if err != nil || follow == nil || follow.State == community.TurnedDown {
		return err // who was refused is not to forget it
	}
	if err := tx.DeleteFollow(ctx, follower.ID, person.ID); err != nil {
		return err
	}
	if follow.State == community.Accepted {
		if err := tx.CountMember(ctx, person.ID, -1); err != nil {
			return err
		}
		if !follower.Local() && person.Local() {
			if err := tx.DropAudience(ctx, person.ID, follower.PeerID); err != nil {
				return err
			}
		}
	}
	return s.parted(ctx, tx, follower, person, follow)
}

func (s *Service) parted(ctx context.Context, tx *storage.DB, follower, person *community.Actor, f *community.Follow) error {
	fact := community.Fact{Kind: community.MemberRefused, ActorID: f.FollowerID, GroupID: f.TargetID, IRI: f.IRI, At: s.now()}
	switch {
	case follower.Local() && person.Local():
		fact.Kind = community.FollowerLeft
	case follower.Local():
		fact.Kind = community.PersonUnfollowed
	}
	return tx.Record(ctx, fact)
}

// Drop takes a block, or a mute, of a person, group or server away. That there
// is none changes nothing.
func (s *Service) Drop(ctx context.Context, by *community.Actor, wish Wish) (err error) {
	defer fault.Wrap(&err, "blocks.Drop(%s)", by.Handle())
	like := wish.block(by, s.now())
	if like.Kind == community.BlockServer {
		if host, ok := community.CleanHost(like.Host); ok {
			like.Host = host
		}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldBlocks(ctx, by.ID); err != nil {
			return err
		}
		b, err := tx.BlockOf(ctx, by.ID, like.Kind, like.TargetID, like.Host)
		if err != nil || b == nil || b.Mute != wish.Mute {
			return err
		}
		return s.lift(ctx, tx, b)
	})
}

func (s *Service) lift(ctx context.Context, tx *storage.DB, b *community.Block) error {
	if err := tx.DropBlock(ctx, b.ID); err != nil || !b.Told {
		return err
	}
	return tx.Record(ctx, s.fact(community.PersonUnblocked, b))
}

// List lists what by blocks, or mutes, newest first, and returns the cursor of
// the next page.
func (s *Service) List(ctx context.Context, by *community.Actor, mute bool, kind community.BlockKind, page community.Page) (_ []*community.BlockView, next string, err error) {
	defer fault.Wrap(&err, "blocks.List(%s)", by.Handle())
	return s.DB.Blocks(ctx, storage.BlockQuery{Owner: by.ID, Mute: mute, Kind: kind, Now: s.now(), Page: page})
}

// All lists everything that by keeps away, oldest first, for who takes it
// elsewhere.
func (s *Service) All(ctx context.Context, by *community.Actor) (_ []*community.BlockView, err error) {
	defer fault.Wrap(&err, "blocks.All(%s)", by.Handle())
	return s.DB.AllBlocks(ctx, by.ID, s.now())
}

// Of says how by, who may be nobody, keeps a person or group away; nil if they
// do not.
func (s *Service) Of(ctx context.Context, by, target *community.Actor) (_ *community.Block, err error) {
	if by == nil {
		return nil, nil
	}
	defer fault.Wrap(&err, "blocks.Of(%s, %s)", by.Handle(), target.Handle())
	away, err := s.DB.Away(ctx, by.ID, []community.ActorID{target.ID}, s.now())
	return away[target.ID], err
}

// once is how many blocks end in one transaction.
const once = 200

// Expire takes away what ended by itself. It held no more since its time came;
// this tidies up, and tells the servers that were told.
func (s *Service) Expire(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "blocks.Expire")
	for {
		n := 0
		err := s.DB.InTx(ctx, func(tx *storage.DB) error {
			over, err := tx.BlocksOver(ctx, s.now(), once)
			n = len(over)
			for _, b := range over {
				if err := s.lift(ctx, tx, b); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil || n < once {
			return err
		}
	}
}
