package portability

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// granted is a role that somebody was given.
type granted struct {
	Role      string                 `json:"role"`
	Group     string                 `json:"group,omitempty"` // none: on this server
	May       []community.Permission `json:"may"`
	Note      string                 `json:"note,omitempty"`
	By        string                 `json:"by,omitempty"`
	StartsAt  string                 `json:"starts_at"`
	EndsAt    string                 `json:"ends_at,omitempty"`
	ReviewAt  string                 `json:"review_at,omitempty"`
	EndedAt   string                 `json:"ended_at,omitempty"`
	CreatedAt string                 `json:"created_at"`
}

func (s *Service) grants(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.GrantsEver(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(g *community.RoleGrant) naming {
		return naming{id: int64(g.ID), people: []community.ActorID{g.GroupID, g.GrantedBy}}
	}, func(g *community.RoleGrant, known *names) granted {
		return granted{
			g.Role.Name, known.who(g.GroupID), g.Role.Permissions(), g.Note, known.who(g.GrantedBy),
			stamp(g.StartsAt), stamp(g.EndsAt), stamp(g.ReviewAt), stamp(g.EndedAt), stamp(g.CreatedAt),
		}
	})
}

// offered is a group that was offered to somebody or by them, or that they
// asked for.
type offered struct {
	Kind      string `json:"kind"` // handover or claim
	Group     string `json:"group"`
	From      string `json:"from,omitempty"`
	To        string `json:"to"`
	State     string `json:"state"`
	Reason    string `json:"reason,omitempty"`
	Answer    string `json:"answer,omitempty"`
	CreatedAt string `json:"created_at"`
	DecidedAt string `json:"decided_at,omitempty"`
}

func (s *Service) handovers(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.HandoversWith(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(h *community.Handover) naming {
		return naming{id: int64(h.ID), people: []community.ActorID{h.GroupID, h.FromID, h.ToID}}
	}, func(h *community.Handover, known *names) offered {
		return offered{
			"handover", known.who(h.GroupID), known.who(h.FromID), known.who(h.ToID), string(h.State), "", "",
			stamp(h.OfferedAt), stamp(h.DecidedAt),
		}
	})
}

func (s *Service) claims(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.ClaimsBy(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(c *community.GroupClaim) naming {
		return naming{id: int64(c.ID), people: []community.ActorID{c.GroupID}}
	}, func(c *community.GroupClaim, known *names) offered {
		return offered{"claim", known.who(c.GroupID), "", x.who.IRI, string(c.State), c.Reason, c.Note, stamp(c.CreatedAt), stamp(c.DecidedAt)}
	})
}

// app is a program that may act for somebody, without what lets it.
type app struct {
	Kind       string `json:"kind"` // app: it was connected; token: made by hand
	Name       string `json:"name"`
	URL        string `json:"url,omitempty"`
	Scopes     string `json:"scopes"`
	CreatedAt  string `json:"created_at"`
	LastUsedAt string `json:"last_used_at,omitempty"`
	ExpiresAt  string `json:"expires_at,omitempty"`
}

// apps are as many as somebody connected by hand: they fit at once.
func (s *Service) apps(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	var list []app
	connected, err := s.DB.Connections(ctx, x.account.ID)
	if err != nil {
		return nil, 0, false, err
	}
	for _, c := range connected {
		list = append(list, app{"app", c.Name, c.URI, string(c.Scopes), stamp(c.CreatedAt), stamp(c.LastUsedAt), ""})
	}
	tokens, err := s.DB.Sessions(ctx, x.account.ID, community.TokenSession)
	if err != nil {
		return nil, 0, false, err
	}
	for _, t := range tokens {
		list = append(list, app{"token", t.Name, "", string(t.Scopes), stamp(t.CreatedAt), stamp(t.LastUsedAt), stamp(t.ExpiresAt)})
	}
	rows, err := compact(list, func(a app) app { return a })
	return rows, 0, false, err
}

// invited is an invitation, without what it is used with.
type invited struct {
	Note      string   `json:"note,omitempty"`
	Group     string   `json:"group,omitempty"`
	Uses      int      `json:"uses"`
	Used      int      `json:"used"`
	Came      []string `json:"came"`
	CreatedAt string   `json:"created_at"`
	ExpiresAt string   `json:"expires_at"`
	RevokedAt string   `json:"revoked_at,omitempty"`
}

func (s *Service) invites(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.InvitesBy(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	came, err := s.DB.Introductions(ctx, each(list, func(i *community.Invite) community.InviteID { return i.ID }))
	by := map[community.InviteID][]community.ActorID{}
	for _, c := range came {
		by[c.InviteID] = append(by[c.InviteID], c.ActorID)
	}
	return written(ctx, s, list, err, func(i *community.Invite) naming {
		return naming{id: int64(i.ID), people: append([]community.ActorID{i.GroupID}, by[i.ID]...)}
	}, func(i *community.Invite, known *names) invited {
		return invited{
			i.Note, known.who(i.GroupID), i.Uses, i.Used, each(by[i.ID], known.who), stamp(i.CreatedAt), stamp(i.ExpiresAt), stamp(i.RevokedAt),
		}
	})
}

// arrived is how somebody came to this server.
type arrived struct {
	CreatedAt string             `json:"created_at"`
	InvitedBy string             `json:"invited_by,omitempty"`
	Answers   []community.Answer `json:"answers,omitempty"`
	Question  string             `json:"question,omitempty"`
	Reply     string             `json:"reply,omitempty"`
	State     string             `json:"state,omitempty"`
	AppliedAt string             `json:"applied_at,omitempty"`
	DecidedAt string             `json:"decided_at,omitempty"`
}

func (s *Service) arrival(ctx context.Context, x *exporting) ([]byte, error) {
	out := arrived{CreatedAt: stamp(x.account.CreatedAt)}
	asked, err := s.DB.AdmissionOf(ctx, x.who.ID)
	if err == nil {
		out.Answers, out.Question, out.Reply, out.State = asked.Answers, asked.Question, asked.Reply, string(asked.State)
		out.AppliedAt, out.DecidedAt = stamp(asked.CreatedAt), stamp(asked.DecidedAt)
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if out.InvitedBy, err = s.inviter(ctx, x); err != nil {
		return nil, err
	}
	return pretty(out)
}

func (s *Service) inviter(ctx context.Context, x *exporting) (string, error) {
	came, err := s.DB.Introduction(ctx, x.who.ID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	invite, err := s.DB.Invite(ctx, came.InviteID)
	if err != nil {
		return "", err
	}
	known, err := s.names(ctx, []naming{{people: []community.ActorID{invite.CreatorID}}})
	if err != nil {
		return "", err
	}
	return known.who(invite.CreatorID), nil
}

// chosen is what somebody chose in a poll.
type chosen struct {
	Post   string `json:"post"`
	Choice string `json:"choice"`
	At     string `json:"at"`
}

func (s *Service) choices(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.PollChoices(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(c *storage.PollChoice) naming {
		return naming{id: int64(c.OptionID), post: c.PostID}
	}, func(c *storage.PollChoice, known *names) chosen {
		return chosen{known.post(c.PostID), c.Text, stamp(c.CreatedAt)}
	})
}

// quoted is that somebody may quote what the owner of the archive wrote.
type quoted struct {
	By        string `json:"by"`
	In        string `json:"in"` // the id of what quotes
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	CreatedAt string `json:"created_at"`
}

func (s *Service) quotes(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.QuotesAllowed(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(q *community.Quote) naming {
		return naming{int64(q.ID), q.PostID, q.CommentID, []community.ActorID{q.ActorID}}
	}, func(q *community.Quote, known *names) quoted {
		return quoted{known.who(q.ActorID), q.Instrument, known.post(q.PostID), known.comment(q.CommentID), stamp(q.CreatedAt)}
	})
}

// followers is in a form of ours: no other server takes such a list, since
// nobody can be made to follow.
func (s *Service) followers(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
	list, err := s.DB.FollowersAfter(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	actors, err := s.DB.Actors(ctx, each(list, func(f *community.Follow) community.ActorID { return f.FollowerID }))
	for _, f := range list {
		if a := actors[f.FollowerID]; a != nil {
			rows = append(rows, record(s.address(a), string(f.State), stamp(f.CreatedAt)))
		}
	}
	last, more := after(list, func(f *community.Follow) int64 { return int64(f.FollowerID) })
	return rows, last, more, err
}

// looked is that somebody looked at the owner of the archive, as far as they
// may know.
type looked struct {
	Screen string `json:"screen"`
	Group  string `json:"group,omitempty"`
	Role   string `json:"role"`
	By     string `json:"by,omitempty"`
	At     string `json:"at"`
}

// mostViews bounds what is told of who looked: as many views as a busy year
// has.
const mostViews = 20_000

// Seen is a function that lists who looked at somebody, as they may know it.
type Seen func(ctx context.Context, who *community.Actor, page community.Page) ([]*community.SeenView, string, error)

// Views is the file with who looked at somebody, of a function that knows.
func Views(seen Seen) Document {
	return Document{
		Name: "views.json", About: "Who of those who look after groups and the server looked at you.",
		Write: func(ctx context.Context, _ *community.Account, who *community.Actor) (any, error) {
			list, page := []looked{}, community.Page{Limit: partRows}
			for len(list) < mostViews {
				views, next, err := seen(ctx, who, page)
				if err != nil {
					return nil, fmt.Errorf("who looked: %w", err)
				}
				list = append(list, each(views, lookedOf)...)
				if page.After = next; next == "" {
					break
				}
			}
			return list, nil
		},
	}
}

func lookedOf(v *community.SeenView) looked {
	l := looked{Screen: string(v.Screen), Role: v.Role, At: stamp(v.At)}
	if v.Group != nil {
		l.Group = v.Group.IRI
	}
	if v.Viewer != nil {
		l.By = v.Viewer.IRI
	}
	return l
}
