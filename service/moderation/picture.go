package moderation

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// TakePicture has person show a picture no more, and says why; those may who
// see to pictures for this server, and nobody to whom person could do what they
// could not. Of somebody here the files go, and other servers are told. Of
// somebody elsewhere what their server shows stays there, and is not shown here
// until they show another. They are told, if they are here. Where there is no
// picture nothing changes.
func (s *Service) TakePicture(ctx context.Context, by, person *community.Actor, use community.PictureUse, reason string) (err error) {
	defer fault.Wrap(&err, "moderation.TakePicture(%s, %s)", person.Handle(), use)
	kind, known := map[community.PictureUse]community.FactKind{
		community.Avatar: community.AvatarTaken, community.Banner: community.BannerTaken,
	}[use]
	switch {
	case !known:
		return fault.Field("picture", "That is the avatar or the banner.")
	case strings.TrimSpace(reason) == "":
		return fault.Field("reason", "Say why: who showed it is told.")
	}
	if err := community.CheckReason(reason); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayDoTo(ctx, tx, by, person, community.SitePictures); err != nil {
			return err
		}
		taken, err := s.takePicture(ctx, tx, person, use)
		if err != nil || !taken {
			return err
		}
		if person.Local() {
			if err := tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: person.ID, At: s.now()}); err != nil {
				return err
			}
		}
		d := aboutPerson(kind, by, person, "")
		d.Reason = strings.TrimSpace(reason)
		return s.decided(ctx, tx, d, community.Origin{})
	})
}

func (s *Service) takePicture(ctx context.Context, tx *storage.DB, person *community.Actor, use community.PictureUse) (taken bool, err error) {
	now := s.now()
	if !person.Local() {
		return tx.TakePicture(ctx, person.ID, use, now)
	}
	shown, err := tx.Picture(ctx, person.ID, use)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := tx.KeepMedia(ctx, shown.Name, now, now); err != nil {
		return false, err
	}
	return tx.DropPicture(ctx, person.ID, use, now)
}
