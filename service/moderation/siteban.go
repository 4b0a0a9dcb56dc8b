package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// BanPerson keeps person from saying anything on this server, and takes down
// what they wrote here where that is wanted; admins may.
func (s *Service) BanPerson(ctx context.Context, by, person *community.Actor, ban community.Ban) (err error) {
	defer fault.Wrap(&err, "moderation.BanPerson(%s)", person.Handle())
	if ban, err = s.ban(ban, community.Origin{}); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayDoTo(ctx, tx, by, person, community.SiteBans); err != nil {
			return err
		}
		return s.banFrom(ctx, tx, by, person, "", ban, storage.Scope{}, community.Origin{})
	})
}

// UnbanPerson lets person speak on this server again; restore brings back
// what was taken down with the ban.
func (s *Service) UnbanPerson(ctx context.Context, by, person *community.Actor, restore bool) (err error) {
	defer fault.Wrap(&err, "moderation.UnbanPerson(%s)", person.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayHere(ctx, tx, by, community.SiteBans); err != nil {
			return err
		}
		return s.unbanFrom(ctx, tx, by, person, "", restore, community.Origin{})
	})
}

// BannedElsewhere notes that the server called host banned person. That holds
// in its groups; and what its own people wrote it may take down everywhere.
// Whether by may speak for the server is for the caller to check.
func (s *Service) BannedElsewhere(ctx context.Context, by, person *community.Actor, host string, ban community.Ban, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.BannedElsewhere(%s, %s)", person.Handle(), host)
	if ban, err = s.ban(ban, from); err != nil {
		return err
	}
	scope := storage.Scope{Host: host}
	if person.Host == host {
		scope = storage.Scope{}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := community.MayBan(by, person, nil, nil, s.now()); err != nil {
			return err
		}
		return s.banFrom(ctx, tx, by, person, host, ban, scope, from)
	})
}

// UnbannedElsewhere notes that the server called host lifted its ban.
func (s *Service) UnbannedElsewhere(ctx context.Context, by, person *community.Actor, host string, restore bool, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnbannedElsewhere(%s, %s)", person.Handle(), host)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		return s.unbanFrom(ctx, tx, by, person, host, restore, from)
	})
}

func (s *Service) banFrom(ctx context.Context, tx *storage.DB, by, person *community.Actor, host string, ban community.Ban, scope storage.Scope, from community.Origin) error {
	known, err := tx.SiteBan(ctx, person.ID, host)
	if err != nil {
		return err
	}
	if known != nil && known.Until.Equal(ban.Until) && known.Reason == ban.Reason && !ban.Remove {
		return nil // it is so already
	}
	err = tx.SaveSiteBan(ctx, &community.SiteBan{
		ActorID: person.ID, Host: host, ByID: by.ID, Reason: ban.Reason, Until: ban.Until, CreatedAt: s.now(),
	})
	if err != nil {
		return err
	}
	return s.carryOut(ctx, tx, aboutPerson(community.PersonBanned, by, person, host), ban, scope, from)
}

func (s *Service) unbanFrom(ctx context.Context, tx *storage.DB, by, person *community.Actor, host string, restore bool, from community.Origin) error {
	known, err := tx.SiteBan(ctx, person.ID, host)
	if err != nil || known == nil {
		return err
	}
	if err := tx.DropSiteBan(ctx, person.ID, host); err != nil {
		return err
	}
	return s.lift(ctx, tx, aboutPerson(community.PersonUnbanned, by, person, host), community.PersonBanned, restore, from)
}

// PeopleBanned lists who is banned from this server, for its admins, and
// returns the cursor of the next page.
func (s *Service) PeopleBanned(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.BanView, next string, err error) {
	defer fault.Wrap(&err, "moderation.PeopleBanned")
	if err := s.mayHere(ctx, s.DB, by, community.SiteBans); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.SiteBans(ctx, s.now(), page)
	if err != nil {
		return nil, "", err
	}
	ids := make([]community.ActorID, len(list))
	for i, b := range list {
		ids[i] = b.ActorID
	}
	actors, err := s.DB.Actors(ctx, ids)
	views := make([]*community.BanView, len(list))
	for i, b := range list {
		views[i] = &community.BanView{Person: actors[b.ActorID], Until: b.Until, Reason: b.Reason}
	}
	return views, next, err
}

// mayHere reports why by may not do for the whole server what p names.
func (s *Service) mayHere(ctx context.Context, tx *storage.DB, by *community.Actor, p community.Permission) error {
	may, err := tx.MayHere(ctx, by, p, s.now())
	if err == nil && !may {
		err = (*community.Account)(nil).Needs(p, s.now())
	}
	return err
}

// mayDoTo reports why by may not do to person, for the whole server, what p
// names: they administer it, or may do for it what by may not.
func (s *Service) mayDoTo(ctx context.Context, tx *storage.DB, by, person *community.Actor, p community.Permission) error {
	if err := s.mayHere(ctx, tx, by, p); err != nil {
		return err
	}
	if err := community.MayBan(by, person, nil, nil, s.now()); err != nil || !person.Local() {
		return err
	}
	theirs, err := tx.AccountOf(ctx, person.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mine, err := tx.AccountOf(ctx, by.ID)
	switch {
	case err != nil:
		return err
	case theirs.Admin:
		return fault.New(fault.Forbidden, "%s administers this server.", person.Handle())
	case len(mine.Powers(s.now()).Lacks(theirs.Powers(s.now()))) > 0:
		return fault.New(fault.Forbidden, "%s has a role here that lets them do more than yours. End that first.", person.Handle())
	}
	return nil
}

func aboutPerson(kind community.FactKind, by, person *community.Actor, host string) *community.Decision {
	return &community.Decision{Kind: kind, ActorID: by.ID, TargetID: person.ID, Host: host}
}
