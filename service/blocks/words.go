package blocks

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Words are what somebody does not want to read.
type Words struct {
	Words  string
	Whole  bool // not within longer words
	Places community.Place
	Until  time.Time
	Note   string
}

func (w Words) onto(b *community.Block) {
	b.Words, b.Whole, b.Places, b.Note, b.Until = w.Words, w.Whole, w.Places, w.Note, time.Time{}
	if !w.Until.IsZero() {
		b.Until = community.Timestamp(w.Until)
	}
}

// MuteWords keeps what holds certain words from by. The same words again change
// the rest.
func (s *Service) MuteWords(ctx context.Context, by *community.Actor, words Words) (_ *community.Block, err error) {
	defer fault.Wrap(&err, "blocks.MuteWords(%s)", by.Handle())
	b := &community.Block{OwnerID: by.ID, Kind: community.BlockWords, Mute: true, CreatedAt: s.now()}
	words.onto(b)
	if err := b.Check(s.now()); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldBlocks(ctx, by.ID); err != nil {
			return err
		}
		n, err := tx.CountBlocks(ctx, by.ID, true)
		if err != nil {
			return err
		}
		if n >= community.MostWords {
			return fault.New(fault.Forbidden, "You mute %d words already, which is the most there can be. Take one away first.", n)
		}
		return tx.SaveBlock(ctx, b)
	})
	return b, err
}

// EditWords changes what by mutes: the words themselves, where they are looked
// for, and for how long.
func (s *Service) EditWords(ctx context.Context, by *community.Actor, id community.BlockID, words Words) (_ *community.Block, err error) {
	defer fault.Wrap(&err, "blocks.EditWords(%d)", id)
	var b *community.Block
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if b, err = s.words(ctx, tx, by, id); err != nil {
			return err
		}
		words.onto(b)
		if err := b.Check(s.now()); err != nil {
			return err
		}
		if err := tx.EditBlock(ctx, b); fault.Is(err, fault.Conflict) {
			return fault.Because(err, fault.Conflict, "You mute these words already")
		} else if err != nil {
			return err
		}
		return nil
	})
	return b, err
}

// DropWords takes words away that by mutes.
func (s *Service) DropWords(ctx context.Context, by *community.Actor, id community.BlockID) (err error) {
	defer fault.Wrap(&err, "blocks.DropWords(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		b, err := s.words(ctx, tx, by, id)
		if err != nil {
			return err
		}
		return tx.DropBlock(ctx, b.ID)
	})
}

func (s *Service) words(ctx context.Context, tx *storage.DB, by *community.Actor, id community.BlockID) (*community.Block, error) {
	b, err := tx.Block(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && (b.OwnerID != by.ID || b.Kind != community.BlockWords) {
		return nil, fault.New(fault.NotFound, "You mute no such words.")
	}
	return b, err
}
