package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A prepared upload is what is stored of a file that somebody sent.
type prepared struct {
	attachment community.Attachment
	files      map[string][]byte // by name
}

// Upload keeps a picture, a film or a sound that somebody of this server wants
// to show in a post or comment, with a description of it. Until then nobody but
// them knows of it, and after a day it is forgotten.
func (s *Service) Upload(ctx context.Context, by *community.Actor, file []byte, alt string) (_ *community.Attachment, err error) {
	defer fault.Wrap(&err, "media.Upload(%s, %d bytes)", by.Handle(), len(file))
	if alt, err = community.CheckAlt(alt); err != nil {
		return nil, err
	}
	if err := s.mayUpload(ctx, s.DB, by, int64(len(file))); err != nil {
		return nil, err
	}
	p, err := s.ready(ctx, file)
	if err != nil {
		return nil, aboutFile(err)
	}
	a := &p.attachment
	a.OwnerID, a.Alt, a.CreatedAt, a.Address = by.ID, alt, s.now(), s.Origin+community.MediaPath+a.Name
	if err := s.keep(ctx, p); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayUpload(ctx, tx, by, a.Size); err != nil {
			return err
		}
		if err := tx.KeepMedia(ctx, a.Name, s.now(), s.now().Add(storing)); err != nil {
			return err
		}
		return tx.AddAttachments(ctx, []*community.Attachment{a})
	})
	return a, err
}

// aboutFile names the field that an upload stands in: what reads pictures
// knows another.
func aboutFile(err error) error {
	if e, ok := fault.As(err); ok && e.Field == "picture" {
		return fault.Because(err, e.Code, "%s", e.Message).About("file")
	}
	return err
}

// mayUpload reports why somebody may not upload so many bytes more.
func (s *Service) mayUpload(ctx context.Context, db *storage.DB, by *community.Actor, more int64) error {
	if !by.Local() {
		return fault.New(fault.Forbidden, "Only people of this server can upload here.")
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return err
	}
	use, err := db.MediaUse(ctx, by.ID)
	if err != nil {
		return err
	}
	if use.Bytes+more > s.Quota {
		return fault.Field("file", "Your uploads take %s, and together they may take %s. Delete posts with pictures that you do not need any more, or ask whoever runs this server for room.",
			bytesText(use.Bytes), bytesText(s.Quota))
	}
	return nil
}

func bytesText(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// ready makes of a file what is stored of it.
func (s *Service) ready(ctx context.Context, file []byte) (*prepared, error) {
	if sort := recording(file); sort != nil {
		if int64(len(file)) > s.Recording {
			if s.Recording == 0 {
				return nil, fault.Field("file", "This server takes no films and sounds. Put it where films are shown, and link to it.")
			}
			return nil, fault.Field("file", "The file has %s. Films and sounds may have %s.", bytesText(int64(len(file))), bytesText(s.Recording))
		}
		name := nameOf(file, sort.ending)
		return &prepared{
			community.Attachment{Kind: sort.kind, MediaType: sort.media, Name: name, Size: int64(len(file))},
			map[string][]byte{name: file},
		}, nil
	}
	header, err := readHeader(file)
	if err != nil {
		return nil, err
	}
	if err := header.check(); err != nil {
		return nil, err
	}
	if err := s.easel.Acquire(ctx, 1); err != nil {
		return nil, fault.Because(err, fault.Unavailable, "Many pictures are being read just now. Try again in a moment.")
	}
	defer s.easel.Release(1)
	return prepareImage(header, file)
}

// nameOf is made of what is in a file.
func nameOf(content []byte, ending string) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:16]) + ending
}

// prepareImage reads a picture whose header was checked, and makes its files.
func prepareImage(h *header, file []byte) (*prepared, error) {
	r, err := h.render(file, community.FullSize, community.PageSize, community.ThumbSize)
	if err != nil {
		return nil, err
	}
	full, ending, media := r.files[community.FullSize], ".webp", "image/webp"
	moving := h.moving(file)
	if moving != nil {
		full = moving
		if h.format == gifFormat {
			ending, media = ".gif", "image/gif"
		}
		r.width, r.height = h.width, h.height
	}
	name := nameOf(full, ending)
	p := &prepared{
		community.Attachment{
			Kind: community.ImageAttachment, MediaType: media, Name: name, Width: r.width, Height: r.height,
			Blurhash: r.blurhash, Moves: moving != nil,
		},
		map[string][]byte{name: full},
	}
	for _, size := range []community.MediaSize{community.PageSize, community.ThumbSize} {
		p.files[community.Sized(name, size)] = r.files[size]
	}
	for _, content := range p.files {
		p.attachment.Size += int64(len(content))
	}
	return p, nil
}

// render reads the pixels of a file and makes it anew in some sizes.
func (h *header) render(file []byte, sizes ...community.MediaSize) (_ *rendition, err error) {
	defer func() {
		// Whatever a stranger's file does to a decoder, it is the file.
		if p := recover(); p != nil {
			err = errors.Join(errDamaged, fmt.Errorf("panic: %v", p))
		}
	}()
	source, err := h.decode(file)
	if err != nil {
		return nil, errDamaged
	}
	return render(source, h.orientation, sizes...)
}

// keep writes the files of an upload, after a note that they are there. When
// everything ends in between, the note is what has them deleted.
func (s *Service) keep(ctx context.Context, p *prepared) error {
	name, now := p.attachment.Name, s.now()
	err := s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.KeepMedia(ctx, name, now, now.Add(storing)) })
	if err != nil {
		return err
	}
	for file, content := range p.files {
		if err := s.Store.Put(ctx, file, kindOf(file), content); err != nil {
			return err
		}
	}
	return nil
}

// Describe changes how an upload is described for those who cannot see or hear
// it; only who uploaded it may, wherever it is shown by now.
func (s *Service) Describe(ctx context.Context, by *community.Actor, id community.AttachmentID, alt string) (_ *community.Attachment, err error) {
	defer fault.Wrap(&err, "media.Describe(%d)", id)
	if alt, err = community.CheckAlt(alt); err != nil {
		return nil, err
	}
	var a *community.Attachment
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if a, err = s.mine(ctx, tx, by, id); err != nil {
			return err
		}
		if err := by.MaySpeak(s.now()); err != nil {
			return err
		}
		if a.Alt == alt {
			return nil
		}
		a.Alt = alt
		if err := tx.SaveAttachment(ctx, a); err != nil || a.PostID == 0 {
			return err
		}
		return s.describedIn(ctx, tx, by, a)
	})
	return a, err
}

// describedIn records that the post or comment with an upload changed: those
// who have a copy of it are told.
func (s *Service) describedIn(ctx context.Context, tx *storage.DB, by *community.Actor, a *community.Attachment) error {
	if a.CommentID != 0 {
		c, err := tx.HoldComment(ctx, a.CommentID)
		if err != nil || c.Hidden() {
			return err
		}
		c.EditedAt = s.now()
		if err := tx.EditComment(ctx, c); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.CommentEdited, ActorID: by.ID, GroupID: c.GroupID, PostID: c.PostID, CommentID: c.ID, At: s.now()})
	}
	post, err := tx.HoldPost(ctx, a.PostID)
	if err != nil || post.Hidden() {
		return err
	}
	post.EditedAt = s.now()
	if err := tx.EditPost(ctx, post); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.PostEdited, ActorID: by.ID, GroupID: post.GroupID, PostID: post.ID, At: s.now()})
}

// mine is an upload of somebody. That others have one, nobody learns.
func (s *Service) mine(ctx context.Context, db *storage.DB, by *community.Actor, id community.AttachmentID) (*community.Attachment, error) {
	a, err := db.Attachment(ctx, id)
	if err == nil && a.OwnerID == by.ID && a.Local() {
		return a, nil
	}
	if err == nil || fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "You have no such upload. What is not shown within a day is forgotten.")
	}
	return nil, err
}

// Uploaded returns an upload of somebody.
func (s *Service) Uploaded(ctx context.Context, by *community.Actor, id community.AttachmentID) (_ *community.Attachment, err error) {
	defer fault.Wrap(&err, "media.Uploaded(%d)", id)
	return s.mine(ctx, s.DB, by, id)
}

// Discard forgets an upload that is not shown anywhere.
func (s *Service) Discard(ctx context.Context, by *community.Actor, id community.AttachmentID) (err error) {
	defer fault.Wrap(&err, "media.Discard(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		a, err := s.mine(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if a.PostID != 0 {
			return fault.New(fault.Conflict, "This is shown in something that you wrote. Take it out there.")
		}
		return tx.DropAttachment(ctx, id)
	})
}

// Use counts what somebody uploaded, and returns what they may.
func (s *Service) Use(ctx context.Context, by *community.Actor) (use community.MediaUse, quota int64, err error) {
	defer fault.Wrap(&err, "media.Use(%s)", by.Handle())
	use, err = s.DB.MediaUse(ctx, by.ID)
	return use, s.Quota, err
}
