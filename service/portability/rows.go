package portability

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"drystone/community"
	"drystone/fault"
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

// followedPeople are the people whom somebody follows, or asked to follow, in
// the same list.
func (s *Service) followedPeople(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
	list, err := s.DB.FollowingAfter(ctx, x.who.ID, from, partRows)
	for _, f := range list {
		if f.State != community.TurnedDown {
			rows = append(rows, record(s.address(f.Actor), "true", "false", ""))
		}
	}
	last, more := after(list, followeeID)
	return rows, last, more, err
}

func followeeID(f *community.Follower) int64 { return int64(f.TargetID) }

// followee is somebody whom one follows, asked to, or who does not want that.
type followee struct {
	Address string `json:"address"`
	ID      string `json:"id"`
	State   string `json:"state"`
	Since   string `json:"since"`
}

func (s *Service) followees(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.FollowingAfter(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(f *community.Follower) followee {
		return followee{s.address(f.Actor), f.Actor.IRI, string(f.State), stamp(f.CreatedAt)}
	})
	last, more := after(list, followeeID)
	return rows, last, more, err
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

// session is a way in, without what opens it.
type session struct {
	Kind       string   `json:"kind"`
	Name       string   `json:"name,omitempty"`
	Via        string   `json:"via,omitempty"`
	Groups     []string `json:"groups,omitempty"` // as a company's sign-in calls them
	CreatedAt  string   `json:"created_at"`
	LastUsedAt string   `json:"last_used_at,omitempty"`
	ExpiresAt  string   `json:"expires_at,omitempty"`
}

func (s *Service) sessions(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	browsers, err := s.DB.Sessions(ctx, x.account.ID, community.BrowserSession)
	if err != nil {
		return nil, 0, false, err
	}
	var list []session
	for _, b := range browsers {
		list = append(list, session{
			Kind: string(b.Kind), Name: b.Name, Via: b.Via, CreatedAt: stamp(b.CreatedAt), LastUsedAt: stamp(b.LastUsedAt), ExpiresAt: stamp(b.ExpiresAt),
		})
	}
	keys, err := s.DB.Passkeys(ctx, x.account.ID)
	if err != nil {
		return nil, 0, false, err
	}
	for _, k := range keys {
		list = append(list, session{Kind: "passkey", Name: k.Name, CreatedAt: stamp(k.CreatedAt), LastUsedAt: stamp(k.LastUsedAt)})
	}
	factors, err := s.factors(ctx, x)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(append(list, factors...), func(s session) session { return s })
	return rows, 0, false, err
}

// factors are what somebody shows beside a password, and by whose word else
// they come in.
func (s *Service) factors(ctx context.Context, x *exporting) (list []session, err error) {
	app, err := s.DB.Authenticator(ctx, x.account.ID)
	if err == nil && app != nil {
		list = append(list, session{Kind: "authenticator", CreatedAt: stamp(app.CreatedAt)})
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	codes, err := s.DB.RecoveryCodes(ctx, x.account.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		list = append(list, session{Kind: "recovery_code", CreatedAt: stamp(c.CreatedAt), LastUsedAt: stamp(c.UsedAt)})
	}
	companies, err := s.DB.Identities(ctx, x.account.ID)
	if err != nil || len(companies) == 0 {
		return list, err
	}
	groups, err := s.DB.Enrolments(ctx, x.account.ID)
	for _, c := range companies {
		list = append(list, session{
			Kind: "company", Name: c.Name, Via: c.Issuer, Groups: groups, CreatedAt: stamp(c.CreatedAt), LastUsedAt: stamp(c.LastUsedAt),
		})
	}
	return list, err
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

// unique is a list without repetitions.
func unique[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
