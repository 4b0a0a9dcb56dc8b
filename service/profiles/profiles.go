// Package profiles is what people say about themselves beside a name and a
// text: lines such as a web site, and whether its page says so too; languages,
// interests; the hours in which they want quiet; how they appear in one group.
//
// Names, texts and addresses of mail belong to service/accounts, pictures to
// service/media.
package profiles

import (
	"context"
	"errors"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Options are what a Service needs.
type Options struct {
	DB     *storage.DB
	Origin string // scheme://host, without a slash at the end
	Now    func() time.Time
	// Fetch reads a page that a stranger named, however it pleases whoever
	// keeps strangers from leading this server astray. Where the page cannot
	// be reached just now it is Unavailable.
	Fetch func(ctx context.Context, url string) (page []byte, err error)
}

// A Service is the use cases around profiles. Make one with New.
type Service struct{ Options }

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Origin == "" || o.Now == nil || o.Fetch == nil {
		return nil, errors.New("profiles: all options are required")
	}
	return &Service{o}, nil
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Profile is all of it, as its owner sees it.
type Profile struct {
	*community.Profile
	Fields []community.ProfileField
	Locked bool // approves followers by hand
}

// Of returns somebody's profile.
func (s *Service) Of(ctx context.Context, person *community.Actor) (_ *Profile, err error) {
	defer fault.Wrap(&err, "profiles.Of(%s)", person.Handle())
	return of(ctx, s.DB, person)
}

func of(ctx context.Context, db *storage.DB, person *community.Actor) (*Profile, error) {
	known, err := db.Profile(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	fields, err := db.ProfileFields(ctx, person.ID)
	return &Profile{Profile: known, Fields: fields, Locked: person.Locked}, err
}

// A Change is what somebody wants to be different. What is nil stays.
type Change struct {
	Fields    []community.ProfileField // names and values; an empty list takes all away
	Languages []string
	Interests []string
	Quiet     *Hours
	Locked    *bool
}

// Hours are those in which somebody wants quiet, in minutes after midnight.
type Hours struct {
	Zone     string
	From, To int
}

// Edit changes what somebody says about themselves. Other servers are told of
// what they show.
func (s *Service) Edit(ctx context.Context, by *community.Actor, c Change) (_ *Profile, err error) {
	defer fault.Wrap(&err, "profiles.Edit(%s)", by.Handle())
	var edited *Profile
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		person, err := tx.Actor(ctx, by.ID)
		if err != nil {
			return err
		}
		if !person.Local() || person.Gone() {
			return fault.New(fault.Forbidden, "Only people of this server have a profile here.")
		}
		if edited, err = of(ctx, tx, person); err != nil {
			return err
		}
		if err := s.keep(ctx, tx, edited, c); err != nil {
			return err
		}
		return s.tell(ctx, tx, person, edited, c)
	})
	return edited, err
}

// keep stores what concerns this server alone.
func (s *Service) keep(ctx context.Context, tx *storage.DB, p *Profile, c Change) (err error) {
	before := *p.Profile
	if c.Languages != nil {
		if p.Languages, err = community.CheckLanguages(c.Languages); err != nil {
			return err
		}
	}
	if c.Interests != nil {
		if p.Interests, err = community.CheckInterests(c.Interests); err != nil {
			return err
		}
	}
	if c.Quiet != nil {
		if err := community.CheckQuiet(c.Quiet.Zone, c.Quiet.From, c.Quiet.To); err != nil {
			return err
		}
		p.Zone, p.QuietFrom, p.QuietTo = c.Quiet.Zone, c.Quiet.From, c.Quiet.To
	}
	if *p.Profile == before {
		return nil
	}
	p.UpdatedAt = s.now()
	return tx.SaveProfile(ctx, p.Profile)
}

// tell stores what other servers show too, and says that it changed.
func (s *Service) tell(ctx context.Context, tx *storage.DB, person *community.Actor, p *Profile, c Change) error {
	changed := false
	if c.Fields != nil {
		fields, err := s.lines(p.Fields, c.Fields)
		if err != nil {
			return err
		}
		if changed = !same(p.Fields, fields); changed {
			if err := tx.SaveProfileFields(ctx, person.ID, fields); err != nil {
				return err
			}
			p.Fields = fields
		}
	}
	if c.Locked != nil && *c.Locked != person.Locked {
		changed, person.Locked, p.Locked = true, *c.Locked, *c.Locked
	}
	if !changed {
		return nil
	}
	person.UpdatedAt = s.now()
	if err := tx.EditActor(ctx, person); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: person.ID, At: person.UpdatedAt})
}

// lines are the new lines of a profile. What is known of a link stays known
// where the link does.
func (s *Service) lines(known, asked []community.ProfileField) ([]community.ProfileField, error) {
	plain := make([]community.ProfileField, len(asked))
	for i, f := range asked {
		plain[i] = community.ProfileField{Name: f.Name, Value: f.Value}
	}
	fields, err := community.CheckFields(plain)
	if err != nil {
		return nil, err
	}
	for i := range fields {
		f := &fields[i]
		f.HTML, f.Link = markup.Line(f.Value)
		if f.Link == "" {
			continue
		}
		f.CheckAt = s.now()
		for _, old := range known {
			if old.Link == f.Link {
				f.CheckAt, f.CheckedAt, f.VerifiedAt = old.CheckAt, old.CheckedAt, old.VerifiedAt
			}
		}
	}
	return fields, nil
}

func same(a, b []community.ProfileField) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Value != b[i].Value {
			return false
		}
	}
	return true
}
