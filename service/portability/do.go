package portability

import (
	"context"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/fault"
)

// Actions are what a line of an import asks other slices of the service to do
// for somebody.
type Actions struct {
	// Find returns the person, group or feed that an address stands for.
	Find func(ctx context.Context, reader *community.Actor, address string) (*community.Actor, error)
	// Followed lists the ids of what somebody's old account follows.
	Followed func(ctx context.Context, who, old *community.Actor) ([]string, error)
	// Join makes somebody a member of a group, and Leave ends that.
	Join  func(ctx context.Context, by, group *community.Actor) (*community.Membership, error)
	Leave func(ctx context.Context, by, group *community.Actor) error
	// Follow has somebody follow a feed.
	Follow func(ctx context.Context, by, feed *community.Actor) error
	// FollowPerson has somebody follow a person, and Unfollow ends that.
	FollowPerson func(ctx context.Context, by, person *community.Actor) (*community.Follow, error)
	Unfollow     func(ctx context.Context, by, person *community.Actor) error
	// Keep makes a feed of somebody's own, and List puts a group into it.
	Keep func(ctx context.Context, by *community.Actor, name, title string) (*community.Actor, error)
	List func(ctx context.Context, by, feed, group *community.Actor) error
	// Profile changes what somebody says of themselves.
	Profile func(ctx context.Context, by *community.Actor, change Profile) error
	// KeepAway blocks or mutes somebody, a group, a server or words.
	KeepAway func(ctx context.Context, by *community.Actor, away Away) error
	// Prepare makes a picture ready to be shown and returns its name, and Show
	// has somebody show it. What is no picture is Invalid.
	Prepare func(ctx context.Context, use community.PictureUse, upload []byte) (name string, err error)
	Show    func(ctx context.Context, by *community.Actor, use community.PictureUse, name string) error
	// Save keeps the post or comment at an address, and reports whether that is
	// news.
	Save func(ctx context.Context, by *community.Actor, address string) (news bool, err error)
	// Appear has somebody appear in a group by another name, or with some words.
	Appear func(ctx context.Context, by, group *community.Actor, title, bio string) error
}

// Profile is what an import changes of what somebody says of themselves; nil
// stays.
type Profile struct {
	Title, Summary          *string
	Discoverable, Indexable *bool
	MessagesFrom            *community.Openness
	Fields                  []Line
	Languages, Interests    []string
	Quiet                   *Quiet
	Locked                  *bool
}

// do does what a line asks for.
func (s *Service) do(ctx context.Context, im *community.Import, who *community.Actor, line *community.ImportLine) (community.Outcome, error) {
	switch line.Kind {
	case community.LineProfile:
		return s.setProfile(ctx, im, who, line)
	case community.LineBlockServer, community.LineWord:
		return s.keepAway(ctx, who, line, nil)
	case community.LineLift:
		return s.lift(ctx, who, line)
	case community.LinePicture:
		return s.hang(ctx, im, who, line)
	case community.LineSaved:
		news, err := s.Actions.Save(ctx, who, line.Target)
		if err == nil && !news {
			return community.Already, nil
		}
		return community.Done, err
	case community.LineLeft:
		return community.Unsupported, fault.New(fault.Invalid, "There is no such thing here.")
	}
	found, err := s.find(ctx, who, line)
	if err != nil {
		return "", err
	}
	switch line.Kind {
	case community.LineFollow, community.LineJoin:
		return s.join(ctx, who, found)
	case community.LineLeave:
		if found.IsPerson() {
			return community.Done, s.Actions.Unfollow(ctx, who, found)
		}
		return community.Done, s.Actions.Leave(ctx, who, found)
	case community.LineFeed:
		return s.follow(ctx, who, found)
	case community.LineFacet:
		return s.appear(ctx, im, who, found, line)
	case community.LineList:
		return s.list(ctx, who, line.Detail, found)
	default:
		return s.keepAway(ctx, who, line, found)
	}
}

// find asks for what a line names: by its id where the line has one, since
// that says which of two with one name is meant.
func (s *Service) find(ctx context.Context, who *community.Actor, line *community.ImportLine) (*community.Actor, error) {
	address := line.Target
	if named := line.Kind == community.LineJoin || line.Kind == community.LineLeave; named && line.Detail != "" {
		address = line.Detail
	}
	if h, ok := community.ParseHandle(address, s.Host); ok && h.Host == "" {
		// Asked as a name of this server, whatever port it is reached at.
		return s.DB.ActorByHandle(ctx, h)
	}
	return s.Actions.Find(ctx, who, address)
}

func (s *Service) join(ctx context.Context, who, group *community.Actor) (community.Outcome, error) {
	if group.IsPerson() {
		return s.followPerson(ctx, who, group)
	}
	if !group.IsGroup() {
		return community.Unsupported, fault.New(fault.Invalid, "%s is no group.", group.Handle())
	}
	m, err := s.DB.Membership(ctx, group.ID, who.ID)
	if err != nil {
		return "", err
	}
	if m != nil && m.State != community.Absent {
		return community.Already, nil
	}
	m, err = s.Actions.Join(ctx, who, group)
	switch {
	case err != nil:
		return "", err
	case m != nil && m.State == community.Pending:
		return community.AskedFor, nil
	}
	return community.Joined, nil
}

func (s *Service) followPerson(ctx context.Context, who, person *community.Actor) (community.Outcome, error) {
	before, err := s.DB.Follow(ctx, who.ID, person.ID)
	if err != nil {
		return "", err
	}
	if before != nil && before.State != community.TurnedDown {
		return community.Already, nil
	}
	f, err := s.Actions.FollowPerson(ctx, who, person)
	switch {
	case err != nil:
		return "", err
	case f.State == community.Pending:
		return community.AskedFor, nil
	}
	return community.Done, nil
}

func (s *Service) follow(ctx context.Context, who, feed *community.Actor) (community.Outcome, error) {
	if !feed.IsFeed() {
		return community.Unsupported, fault.New(fault.Invalid, "%s is no feed.", feed.Handle())
	}
	before, err := s.DB.Follow(ctx, who.ID, feed.ID)
	if err != nil {
		return "", err
	}
	if before != nil {
		return community.Already, nil
	}
	return community.Done, s.Actions.Follow(ctx, who, feed)
}

// list puts a group into the feed of somebody's own that has a title, which is
// made where there is none.
func (s *Service) list(ctx context.Context, who *community.Actor, title string, group *community.Actor) (community.Outcome, error) {
	if !group.IsGroup() {
		return community.Unsupported, fault.New(fault.Invalid, "%s is a person. On this server lists are of groups.", group.Handle())
	}
	kept, err := s.DB.FeedsBy(ctx, who.IRI)
	if err != nil {
		return "", err
	}
	for _, feed := range kept {
		if feed.DisplayName() == title {
			return s.addToList(ctx, who, feed, group)
		}
	}
	feed, err := s.newList(ctx, who, title)
	if err != nil {
		return "", err
	}
	return s.addToList(ctx, who, feed, group)
}

func (s *Service) addToList(ctx context.Context, who, feed, group *community.Actor) (community.Outcome, error) {
	groups, err := s.DB.FeedGroups(ctx, feed.ID)
	if err != nil {
		return "", err
	}
	for _, g := range groups {
		if g.ID == group.ID {
			return community.Already, nil
		}
	}
	return community.Done, s.Actions.List(ctx, who, feed, group)
}

// newList makes a feed. Names of feeds are unique on the server, titles are
// not.
func (s *Service) newList(ctx context.Context, who *community.Actor, title string) (feed *community.Actor, err error) {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r < 128 && community.CheckName("aaa"+string(r)) == nil {
			return r
		}
		return '_'
	}, strings.ToLower(title)), "_")
	if len(name) < 3 {
		name = "list_" + name
	}
	name = strings.Trim(name[:min(len(name), 16)], "_")
	for n := 1; n < 10; n++ {
		try := name
		if n > 1 {
			try += "_" + strconv.Itoa(n)
		}
		if feed, err = s.Actions.Keep(ctx, who, try, title); !fault.Is(err, fault.Conflict) {
			return feed, err
		}
	}
	return nil, err
}
