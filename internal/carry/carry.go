// Package carry puts together what a line of an import does: joining a group,
// keeping somebody away and the like belong to slices of the service that do
// not know each other, and it is the same for the program and for the servers
// of tests. Rules do not belong here: each line is one call of the slice that
// owns them.
package carry

import (
	"context"
	"io"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/media"
	"drystone/service/portability"
	"drystone/service/profiles"
	"drystone/service/saves"
)

// Slices are those who do what the lines say.
type Slices struct {
	Accounts *accounts.Service
	Groups   *groups.Service
	Feeds    *feeds.Service
	Blocks   *blocks.Service
	Media    *media.Service
	Profiles *profiles.Service
	Saves    *saves.Service
	// Find returns the person, group or feed that an address stands for.
	Find func(ctx context.Context, reader *community.Actor, address string) (*community.Actor, error)
	// Followed lists what somebody's old account follows.
	Followed func(ctx context.Context, who, old *community.Actor) ([]string, error)
	// Resolve returns whatever an address stands for.
	Resolve func(ctx context.Context, reader *community.Actor, address string) (*community.Resolved, error)
}

// Actions are what the lines of an import do.
func (s Slices) Actions() portability.Actions {
	return portability.Actions{
		Find: s.Find, Followed: s.Followed,
		Join: func(ctx context.Context, by, group *community.Actor) (*community.Membership, error) {
			return s.Groups.Join(ctx, by, group, community.Origin{})
		},
		Leave: func(ctx context.Context, by, group *community.Actor) error {
			return s.Groups.Leave(ctx, by, group, community.Origin{})
		},
		Follow: func(ctx context.Context, by, feed *community.Actor) error {
			_, err := s.Feeds.Follow(ctx, by, feed, community.Origin{})
			return err
		},
		FollowPerson: func(ctx context.Context, by, person *community.Actor) (*community.Follow, error) {
			return s.Groups.FollowPerson(ctx, by, person, true)
		},
		Unfollow: func(ctx context.Context, by, person *community.Actor) error {
			return s.Groups.Unfollow(ctx, by, person, community.Origin{})
		},
		Keep:     s.keep,
		List:     s.list,
		Profile:  s.profile,
		KeepAway: s.keepAway,
		Prepare: func(ctx context.Context, use community.PictureUse, upload []byte) (string, error) {
			return s.Media.Prepare(ctx, use, upload, 2*community.KeepImport) // it may run that long after it is begun late
		},
		Show: s.Media.Show,
		Save: s.save,
		Appear: func(ctx context.Context, by, group *community.Actor, title, bio string) error {
			_, err := s.Profiles.Appear(ctx, by, group, title, bio)
			return err
		},
	}
}

func (s Slices) keep(ctx context.Context, by *community.Actor, name, title string) (*community.Actor, error) {
	feed, err := s.Feeds.Create(ctx, by, feeds.Draft{Name: name, Title: title})
	if err != nil {
		return nil, err
	}
	return feed.Actor, nil
}

func (s Slices) list(ctx context.Context, by, feed, group *community.Actor) error {
	return s.Feeds.Add(ctx, by, community.Handle{Name: feed.Name}, community.Handle{Name: group.Name, Host: group.Host})
}

func (s Slices) profile(ctx context.Context, by *community.Actor, change portability.Profile) error {
	who, err := s.Accounts.Find(ctx, by.Name)
	if err != nil {
		return err
	}
	_, err = s.Accounts.Edit(ctx, who, accounts.Change{
		Title: change.Title, Summary: change.Summary, Discoverable: change.Discoverable, Indexable: change.Indexable,
		MessagesFrom: change.MessagesFrom,
	})
	if err != nil {
		return err
	}
	more := profiles.Change{Languages: change.Languages, Interests: change.Interests, Locked: change.Locked}
	for _, f := range change.Fields {
		more.Fields = append(more.Fields, community.ProfileField{Name: f.Name, Value: f.Value})
	}
	if q := change.Quiet; q != nil {
		more.Quiet = &profiles.Hours{Zone: q.Zone, From: q.From, To: q.To}
	}
	_, err = s.Profiles.Edit(ctx, by, more)
	return err
}

// save keeps the post or comment that is at an address.
func (s Slices) save(ctx context.Context, by *community.Actor, address string) (news bool, err error) {
	found, err := s.Resolve(ctx, by, address)
	switch {
	case fault.Is(err, fault.NotFound):
		return false, fault.Because(err, fault.NotFound, "There is no post or comment there that can be shown here. Only what was written in groups can.")
	case err != nil:
		return false, err
	case found.Post != nil:
		return s.Saves.Keep(ctx, by, community.Subject{Kind: community.SubjectPost, ID: int64(found.Post.ID)})
	case found.Comment != nil:
		return s.Saves.Keep(ctx, by, community.Subject{Kind: community.SubjectComment, ID: int64(found.Comment.ID)})
	}
	return false, fault.New(fault.Invalid, "This is neither a post nor a comment.")
}

// Open reads a file that somebody uploaded.
func (s Slices) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	file, err := s.Media.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// keepAway does what a line about somebody, a group, a server or words says.
func (s Slices) keepAway(ctx context.Context, by *community.Actor, away portability.Away) error {
	if away.Kind == community.BlockWords {
		_, err := s.Blocks.MuteWords(ctx, by, blocks.Words{
			Words: away.Words, Whole: away.Whole, Places: away.Places, Until: away.Until, Note: away.Note,
		})
		return err
	}
	wish := blocks.Wish{Mute: away.Mute, Target: away.Target, Host: away.Host, Until: away.Until, Note: away.Note}
	if away.Lift {
		return s.Blocks.Drop(ctx, by, wish)
	}
	_, err := s.Blocks.Put(ctx, by, wish)
	return err
}
