package portability

import (
	"context"
	"encoding/json"
	"slices"

	"drystone/community"
	"drystone/storage"
)

func (s *Service) actor(ctx context.Context, x *exporting) ([]byte, error) {
	doc, err := s.Papers.Person(ctx, x.who)
	if err != nil {
		return nil, err
	}
	return pretty(doc)
}

func plain(docs []json.RawMessage) (rows [][]byte) {
	for _, d := range docs {
		rows = append(rows, d)
	}
	return rows
}

func (s *Service) posts(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.WrittenPosts(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	docs, err := s.Papers.Posts(ctx, list)
	last, more := after(list, func(p *community.Post) int64 { return int64(p.ID) })
	return plain(docs), last, more, err
}

func (s *Service) comments(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.WrittenComments(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	docs, err := s.Papers.Comments(ctx, list)
	last, more := after(list, func(c *community.Comment) int64 { return int64(c.ID) })
	return plain(docs), last, more, err
}

func (s *Service) votesOn(kind community.SubjectKind) stage {
	return func(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
		end, err := s.DB.LastSubject(ctx, kind)
		if err != nil {
			return nil, 0, false, err
		}
		votes, err := s.DB.CastVotes(ctx, x.who.ID, kind, from, from+stretch)
		if err != nil {
			return nil, 0, false, err
		}
		for _, v := range votes {
			doc, err := s.Papers.Vote(x.who, v)
			if err != nil {
				return nil, 0, false, err
			}
			rows = append(rows, doc)
		}
		return rows, from + stretch, from+stretch < end, nil
	}
}

func (s *Service) messages(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.KeptMessages(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	docs, err := s.Papers.Messages(ctx, list)
	last, more := after(list, func(m *community.Message) int64 { return int64(m.ID) })
	return plain(docs), last, more, err
}

// address is how an actor is written in lists that go to other servers: with
// its host, always.
func (s *Service) address(a *community.Actor) string {
	if a.Local() {
		return a.Name + "@" + s.Host
	}
	return a.Name + "@" + a.Host
}

func belongingID(b *storage.Belonging) int64 { return int64(b.GroupID) }

func (s *Service) following(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
	list, err := s.DB.BelongingAfter(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	for _, b := range list {
		if b.Group != nil && b.State != community.Absent {
			rows = append(rows, record(s.address(b.Group), "true", "false", ""))
		}
	}
	last, more := after(list, belongingID)
	return rows, last, more, nil
}

var groupColumns = []string{"Group address", "Role", "State", "Since", "URL"}

func (s *Service) memberships(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
	list, err := s.DB.BelongingAfter(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	for _, b := range list {
		if b.Group != nil && (b.State != community.Absent || b.Moderates()) {
			rows = append(rows, record(s.address(b.Group), string(b.Role), string(b.State), stamp(b.CreatedAt), b.Group.IRI))
		}
	}
	last, more := after(list, belongingID)
	return rows, last, more, nil
}

// lists are the feeds that somebody keeps. Nobody keeps more than fit at once.
func (s *Service) lists(ctx context.Context, x *exporting, _ int64) (rows [][]byte, _ int64, _ bool, err error) {
	feeds, err := s.DB.FeedsBy(ctx, x.who.IRI)
	if err != nil {
		return nil, 0, false, err
	}
	for _, feed := range feeds {
		groups, err := s.DB.FeedGroups(ctx, feed.ID)
		if err != nil {
			return nil, 0, false, err
		}
		for _, g := range groups {
			rows = append(rows, record(feed.DisplayName(), s.address(g)))
		}
	}
	return rows, 0, false, nil
}

// Settings are what somebody says of themselves and wants, as settings.json
// has it.
type Settings struct {
	Name         string   `json:"name"`
	Address      string   `json:"address"`
	Title        string   `json:"title"`
	Summary      string   `json:"summary"`
	Email        string   `json:"email,omitempty"`
	Discoverable bool     `json:"discoverable"`
	Indexable    bool     `json:"indexable"`
	MessagesFrom string   `json:"messages_from"`
	Aliases      []string `json:"also_known_as"`
	MovedTo      string   `json:"moved_to,omitempty"`
	Admin        bool     `json:"admin,omitempty"`
	Feeds        []string `json:"follows_feeds"`
	CreatedAt    string   `json:"created_at"`
}

func (s *Service) settings(ctx context.Context, x *exporting) ([]byte, error) {
	feeds, err := s.DB.FeedsOf(ctx, x.who.ID)
	if err != nil {
		return nil, err
	}
	kept := Settings{
		Name: x.who.Name, Address: s.address(x.who), Title: x.who.Title, Summary: x.who.Summary, Email: x.account.Email,
		Discoverable: x.who.Discoverable, Indexable: x.who.Indexable, MessagesFrom: opennessWord(x.who.MessagesFrom),
		Aliases: x.who.Aliases(), MovedTo: x.who.MovedTo, Admin: x.account.Admin, CreatedAt: stamp(x.account.CreatedAt),
	}
	for _, f := range feeds {
		kept.Feeds = append(kept.Feeds, f.IRI)
	}
	return pretty(kept)
}

// opennessWord says from whom messages are taken in a word that is never
// empty.
func opennessWord(o community.Openness) string {
	if o == community.FromEverybody {
		return "everybody"
	}
	return string(o)
}

// session is a way in, without what opens it.
type session struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	CreatedAt  string `json:"created_at"`
	LastUsedAt string `json:"last_used_at,omitempty"`
	ExpiresAt  string `json:"expires_at,omitempty"`
}

func (s *Service) sessions(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	var list []session
	for _, kind := range []community.SessionKind{community.BrowserSession, community.TokenSession} {
		found, err := s.DB.Sessions(ctx, x.account.ID, kind)
		if err != nil {
			return nil, 0, false, err
		}
		for _, f := range found {
			list = append(list, session{string(f.Kind), f.Name, stamp(f.CreatedAt), stamp(f.LastUsedAt), stamp(f.ExpiresAt)})
		}
	}
	keys, err := s.DB.Passkeys(ctx, x.account.ID)
	if err != nil {
		return nil, 0, false, err
	}
	for _, k := range keys {
		list = append(list, session{"passkey", k.Name, stamp(k.CreatedAt), stamp(k.LastUsedAt), ""})
	}
	rows, err := compact(list, func(s session) session { return s })
	return rows, 0, false, err
}

// mostConsents bounds what is told of what somebody said: they change their
// mind by hand.
const mostConsents = 10_000

// said is what somebody agreed to, or not any more.
type said struct {
	Purpose string `json:"purpose"`
	Agreed  bool   `json:"agreed"`
	Source  string `json:"source"`
	At      string `json:"at"`
}

func (s *Service) consents(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.ConsentHistory(ctx, x.who.ID, mostConsents)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(c *community.Consent) said {
		return said{string(c.Purpose), c.Value, string(c.Source), stamp(c.At)}
	})
	return rows, 0, false, err
}

// who loads the actors that rows name.
func (s *Service) who(ctx context.Context, ids ...community.ActorID) (func(community.ActorID) string, error) {
	slices.Sort(ids)
	actors, err := s.DB.Actors(ctx, slices.Compact(ids))
	return func(id community.ActorID) string {
		if a := actors[id]; a != nil {
			return a.IRI
		}
		return ""
	}, err
}
