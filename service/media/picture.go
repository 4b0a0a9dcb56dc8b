package media

import (
	"context"
	"io"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
	"drystone/storage/blobs"
)

const (
	// storing is how long the files of a picture may take to be stored.
	storing = time.Hour
	// lingering is how long those stay that another picture took the place of:
	// other servers learn of it by and by.
	lingering = 24 * time.Hour
)

// Set has owner, who is by or a group that by looks after, show a picture in
// place of the one before. A file that is no picture, or would cost too much to
// read, is Invalid and changes nothing.
func (s *Service) Set(ctx context.Context, by, owner *community.Actor, use community.PictureUse, upload []byte) (err error) {
	defer fault.Wrap(&err, "media.Set(%s, %s)", owner.Handle(), use)
	if err := s.mayEdit(ctx, s.DB, by, owner); err != nil {
		return err
	}
	name, err := s.prepare(ctx, use, upload, storing)
	if err != nil {
		return err
	}
	return s.show(ctx, by, owner, use, name)
}

// Prepare makes a picture ready to be shown by Show, within a time, and returns
// its name. A file that is no picture, or would cost too much to read, is
// Invalid.
func (s *Service) Prepare(ctx context.Context, use community.PictureUse, upload []byte, within time.Duration) (name string, err error) {
	defer fault.Wrap(&err, "media.Prepare(%s)", use)
	return s.prepare(ctx, use, upload, within)
}

// Show has somebody show a picture that was prepared in place of the one
// before. It is NotFound where the time for that is over.
func (s *Service) Show(ctx context.Context, by *community.Actor, use community.PictureUse, name string) (err error) {
	defer fault.Wrap(&err, "media.Show(%s, %s)", by.Handle(), use)
	file, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return s.show(ctx, by, by, use, name)
}

func (s *Service) prepare(ctx context.Context, use community.PictureUse, upload []byte, within time.Duration) (string, error) {
	p, err := s.paint(ctx, use, upload)
	if err != nil {
		return "", err
	}
	return p.name, s.store(ctx, p, within)
}

func (s *Service) show(ctx context.Context, by, owner *community.Actor, use community.PictureUse, name string) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayEdit(ctx, tx, by, owner); err != nil {
			return err
		}
		now := s.now()
		if err := release(ctx, tx, owner.ID, use, now, now.Add(lingering)); err != nil {
			return err
		}
		if err := tx.KeepMedia(ctx, name, now, now.Add(storing)); err != nil {
			return err
		}
		shown := &community.Picture{ActorID: owner.ID, Use: use, Name: name, CreatedAt: now}
		if err := tx.SetPicture(ctx, shown, s.Origin+community.MediaPath+name); err != nil {
			return err
		}
		return tx.Record(ctx, edited(by, owner, now))
	})
}

// Remove has owner show no picture. The files go soon afterwards.
func (s *Service) Remove(ctx context.Context, by, owner *community.Actor, use community.PictureUse) (err error) {
	defer fault.Wrap(&err, "media.Remove(%s, %s)", owner.Handle(), use)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayEdit(ctx, tx, by, owner); err != nil {
			return err
		}
		now := s.now()
		if err := release(ctx, tx, owner.ID, use, now, now); err != nil {
			return err
		}
		dropped, err := tx.DropPicture(ctx, owner.ID, use, now)
		if err != nil || !dropped {
			return err
		}
		return tx.Record(ctx, edited(by, owner, now))
	})
}

func (s *Service) mayEdit(ctx context.Context, tx *storage.DB, by, owner *community.Actor) error {
	switch {
	case owner.IsGroup():
		return s.MayEdit(ctx, tx, by, owner)
	case by.ID != owner.ID || !owner.Local():
		return fault.New(fault.Forbidden, "Only %s may change this.", owner.DisplayName())
	}
	return by.MaySpeak(s.now())
}

// store writes the files of a picture, after a note that they are there. When
// everything ends in between, the note is what has them deleted.
func (s *Service) store(ctx context.Context, p *painted, within time.Duration) error {
	now := s.now()
	err := s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.KeepMedia(ctx, p.name, now, now.Add(within)) })
	if err != nil {
		return err
	}
	if err := s.Store.Put(ctx, community.SmallFile(p.name), p.kind, p.small); err != nil {
		return err
	}
	return s.Store.Put(ctx, p.name, p.kind, p.large)
}

// release lets the files that an actor showed go at a time.
func release(ctx context.Context, tx *storage.DB, actor community.ActorID, use community.PictureUse, now, until time.Time) error {
	old, err := tx.Picture(ctx, actor, use)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.KeepMedia(ctx, old.Name, now, until)
}

func edited(by, owner *community.Actor, now time.Time) community.Fact {
	if owner.IsGroup() {
		return community.Fact{Kind: community.GroupEdited, ActorID: by.ID, GroupID: owner.ID, At: now}
	}
	return community.Fact{Kind: community.PersonEdited, ActorID: owner.ID, At: now}
}

// A File is one that is handed out.
type File struct {
	io.ReadSeekCloser
	Kind string // media type
	Name string // which names what is in it
}

// Open returns a file by its name; NotFound where there is none.
func (s *Service) Open(ctx context.Context, name string) (_ *File, err error) {
	defer fault.Wrap(&err, "media.Open(%s)", name)
	if !blobs.ValidName(name) || kindOf(name) == "" {
		return nil, fault.New(fault.NotFound, "There is no such file.")
	}
	content, err := s.Store.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return &File{ReadSeekCloser: content, Kind: kindOf(name), Name: name}, nil
}

// sweepOnce bounds what one call of Sweep deletes.
const sweepOnce = 200

// Sweep forgets uploads that were never shown and those in what moderators
// removed long ago, and deletes the files that nobody shows any more, and those
// that were stored for a picture which then never came to be. It runs again and
// again.
func (s *Service) Sweep(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "media.Sweep")
	_, _, err = s.sweepSome(ctx)
	return err
}

// Prune is Sweep until there is nothing left, and counts what went.
func (s *Service) Prune(ctx context.Context) (gone int, err error) {
	defer fault.Wrap(&err, "media.Prune")
	for {
		forgot, deleted, err := s.sweepSome(ctx)
		gone += deleted
		if err != nil || forgot == 0 && deleted == 0 {
			return gone, err
		}
	}
}

func (s *Service) sweepSome(ctx context.Context) (forgot int64, deleted int, err error) {
	now := s.now()
	if forgot, err = s.DB.DropOldUploads(ctx, now.Add(-community.UnclaimedLife), now.Add(-community.RemovedLife), sweepOnce); err != nil {
		return forgot, 0, err
	}
	names, err := s.DB.UnshownMedia(ctx, now, sweepOnce)
	if err != nil {
		return forgot, 0, err
	}
	for _, name := range names {
		if err := s.sweep(ctx, name); err != nil {
			return forgot, deleted, err
		}
		deleted++
	}
	return forgot, deleted, nil
}

// sweep deletes the files while nobody can begin to show them, and forgets that
// they were there once they are not.
func (s *Service) sweep(ctx context.Context, name string) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		dropped, err := tx.DropMedia(ctx, name, s.now())
		if err != nil || !dropped {
			return err
		}
		for _, file := range community.Files(name) {
			if err := s.Store.Delete(ctx, file); err != nil {
				return err
			}
		}
		return nil
	})
}
