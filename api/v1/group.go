package v1

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/service/groups"
)

// A Group is where people post, with what the reader is to it.
type Group struct {
	Actor
	Summary           string      `json:"summary" doc:"Markdown."`
	SummaryHTML       string      `json:"summary_html" doc:"The same, safe to show."`
	Image             string      `json:"image,omitempty" doc:"The address of a wide picture, which only decorates."`
	Members           int64       `json:"members"`
	Posts             int64       `json:"posts"`
	CreatedAt         time.Time   `json:"created_at"`
	PostingRestricted bool        `json:"posting_restricted" doc:"Only moderators start threads."`
	Visibility        string      `json:"visibility" enum:"public,private,local" doc:"Who may read what is said in it: everybody; members, whom moderators let in; or who is signed in on this server, in which case no other server hears of it."`
	Readable          bool        `json:"readable" doc:"Whether the caller may read what is said in it. Where not, numbers are 0."`
	Asking            int         `json:"asking,omitempty" doc:"How many ask to be let in, up to 100; only for its moderators."`
	Discoverable      bool        `json:"discoverable" doc:"Is listed, here and elsewhere."`
	Indexable         bool        `json:"indexable" doc:"What is said in it can be found by its words, here and elsewhere."`
	BoostsAnswers     bool        `json:"boosts_answers" doc:"Those who follow it from Mastodon and the like see answers too, and not only threads."`
	Questions         bool        `json:"questions" doc:"What is posted in it asks something, unless it says otherwise."`
	Membership        *Membership `json:"membership" doc:"What the caller is to the group; null for nothing."`
	Moderators        []Actor     `json:"moderators,omitempty" nullable:"false" doc:"Only where one group is asked for."`
	Blocked           bool        `json:"blocked,omitempty" doc:"The caller blocks it; only where one group is asked for."`
	Muted             bool        `json:"muted,omitempty" doc:"The caller mutes it; as blocked."`
	Helpers           []Helper    `json:"helpers,omitempty" nullable:"false" doc:"Who has a role in it, beside its moderators; as moderators."`
	NoPolls           bool        `json:"no_polls,omitempty" doc:"Its server knows no polls, so none can be asked in it; only where one group is asked for by somebody signed in."`
	NoEvents          bool        `json:"no_events,omitempty" doc:"Its server shows no events, so none can be told of in it; as no_polls."`
	Backfill          *Backfill   `json:"backfill,omitempty" doc:"What was read from where the group lives; only where one group of another server is asked for."`
}

// TransformSchema says that a membership may be null.
func (*Group) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "membership")
}

// orNull says that a property of a schema may be null, which tags cannot say
// of objects.
func orNull(s *huma.Schema, property string) *huma.Schema {
	known := s.Properties[property]
	s.Properties[property] = &huma.Schema{
		Description: known.Description,
		AnyOf:       []*huma.Schema{{Ref: known.Ref}, {Type: "null"}},
	}
	return s
}

// A Helper is somebody whom a group trusts with something.
type Helper struct {
	Actor Actor  `json:"actor"`
	Role  string `json:"role" doc:"What the role is called."`
}

func helperOf(g *community.GrantView) Helper { return Helper{actorOf(g.Person), g.Role.Name} }

// A Membership is what the caller is to a group.
type Membership struct {
	Role        community.Role            `json:"role" enum:"member,moderator,owner"`
	State       community.MembershipState `json:"state" enum:"pending,accepted,absent" doc:"pending: the group has not answered: its server, or a moderator. absent: moderates, or is banned, without being a member."`
	BannedUntil *time.Time                `json:"banned_until" doc:"Until when the caller may not write here. Null: not banned; the year 9999: for good. It may be over."`
	BanReason   string                    `json:"ban_reason,omitempty"`
	May         []community.Permission    `json:"may,omitempty" nullable:"false" doc:"What the caller may do here that not everybody may: see listPermissions."`
}

func membershipOf(m *community.Membership, now time.Time) *Membership {
	if m == nil || m.State == community.Absent && !m.Moderates() && !m.Granted && m.BannedUntil.IsZero() {
		return nil
	}
	return &Membership{
		Role: m.Role, State: m.State, BannedUntil: maybe(m.BannedUntil), BanReason: m.BanReason, May: m.Powers(now),
	}
}

func (a *API) groupOf(g *community.Group) Group {
	return Group{
		Actor: actorOf(g.Actor), Summary: g.Summary, SummaryHTML: pictured("actor", int64(g.ID), g.SummaryHTML), Image: g.ShownImage(),
		Members: g.MemberCount, Posts: g.PostCount, CreatedAt: instant(g.CreatedAt),
		PostingRestricted: g.Restricted, Visibility: visibilityWord(g.Visibility), Readable: !g.Veiled, Asking: g.Asking,
		Discoverable: g.Discoverable, Indexable: g.Indexable, BoostsAnswers: g.BoostsAnswers, Questions: g.Questions, Membership: membershipOf(g.Membership, a.Now()),
		Moderators: each(g.Moderators, actorOf), Helpers: each(g.Helpers, helperOf), NoPolls: g.NoPolls, NoEvents: g.NoEvents, Backfill: backfillOf(g.Backfill),
	}
}

// GroupsQuery asks for groups.
type GroupsQuery struct {
	Sort   string `query:"sort" enum:"active,new,name,members" default:"active"`
	Words  string `query:"q" maxLength:"200" doc:"Part of a name or title."`
	Local  bool   `query:"local" doc:"Only groups of this server."`
	Joined bool   `query:"joined" doc:"Only groups that the caller joined; none for who is not signed in."`
	Paging
}

// Groups lists groups.
func (a *API) Groups(ctx context.Context, c *Caller, q *GroupsQuery) (List[Group], error) {
	query := community.GroupQuery{Sort: community.GroupSort(q.Sort), Words: q.Words, Local: q.Local, Page: q.page()}
	if q.Joined {
		if c.Reader() == nil {
			return listOf(nil, "", a.groupOf), nil
		}
		query.Member = c.Reader().ID
	}
	rows, next, err := a.Options.Groups.List(ctx, c.Reader(), query)
	return listOf(rows, next, a.groupOf), err
}

// GroupPath names a group.
type GroupPath struct {
	Group string `path:"group" doc:"name, or name@host." example:"garden"`
}

// Group answers one group.
func (a *API) Group(ctx context.Context, c *Caller, req *GroupPath) (Group, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Group{}, err
	}
	if a.Resolver != nil && !g.Local() {
		if g.Backfill, err = a.Resolver.FreshenGroup(ctx, c.Reader(), g.Actor); err != nil {
			return Group{}, err
		}
	}
	shown := a.groupOf(g)
	shown.Blocked, shown.Muted, err = a.standing(ctx, c, g.Actor)
	return shown, err
}

func (a *API) findGroup(ctx context.Context, c *Caller, name string) (*community.Group, error) {
	h, err := a.handle(name)
	if err != nil {
		return nil, err
	}
	return a.Options.Groups.Find(ctx, c.Reader(), h)
}

type createGroupRequest struct {
	Body GroupDraft
}

// GroupDraft is a group to be made.
type GroupDraft struct {
	Name    string `json:"name" doc:"Letters a to z, digits and underscores; it cannot be changed later." example:"garden"`
	Title   string `json:"title,omitempty" example:"Gardening"`
	Summary string `json:"summary,omitempty" doc:"Markdown."`

	Visibility string `json:"visibility,omitempty" enum:"public,private,local" doc:"Who may read what is said in it; public where left out. Local groups stay so."`
}

// visibilityWord is how the API writes a visibility: none is a word too.
func visibilityWord(v community.Visibility) string {
	if v == community.Open {
		return "public"
	}
	return string(v)
}

func visibilityOf(word string) community.Visibility {
	if word == "public" {
		return community.Open
	}
	return community.Visibility(word)
}

func (a *API) createGroup(ctx context.Context, c *Caller, req *createGroupRequest) (Group, error) {
	g, err := a.Options.Groups.Create(ctx, c.Who.Actor, groups.Draft{
		Name: req.Body.Name, Title: req.Body.Title, Summary: req.Body.Summary, Visibility: visibilityOf(req.Body.Visibility),
	})
	if err != nil {
		return Group{}, err
	}
	return a.groupOf(g), nil
}

type editGroupRequest struct {
	GroupPath
	Body GroupChange
}

// GroupChange is what moderators may change; what is left out stays.
type GroupChange struct {
	Title             *string `json:"title,omitempty"`
	Summary           *string `json:"summary,omitempty" doc:"Markdown."`
	PostingRestricted *bool   `json:"posting_restricted,omitempty" doc:"Only moderators start threads."`
	Visibility        *string `json:"visibility,omitempty" enum:"public,private,local" doc:"Its owner may make a public group private. Nothing is opened in which others wrote, and nothing becomes local."`
	Discoverable      *bool   `json:"discoverable,omitempty" doc:"Listed, here and elsewhere."`
	Indexable         *bool   `json:"indexable,omitempty" doc:"What is said in it can be found by its words, here, elsewhere and by search engines."`
	BoostsAnswers     *bool   `json:"boosts_answers,omitempty" doc:"Those who follow it from Mastodon and the like see answers too, and not only threads."`
	Questions         *bool   `json:"questions,omitempty" doc:"What is posted in it asks something, unless it says otherwise."`
}

func (a *API) editGroup(ctx context.Context, c *Caller, req *editGroupRequest) (Group, error) {
	h, err := a.handle(req.Group)
	if err != nil {
		return Group{}, err
	}
	change := groups.Change{
		Title: req.Body.Title, Summary: req.Body.Summary, Restricted: req.Body.PostingRestricted,
		Discoverable: req.Body.Discoverable, Indexable: req.Body.Indexable, BoostsAnswers: req.Body.BoostsAnswers, Questions: req.Body.Questions,
	}
	if word := req.Body.Visibility; word != nil {
		v := visibilityOf(*word)
		change.Visibility = &v
	}
	g, err := a.Options.Groups.Edit(ctx, c.Who.Actor, h, change)
	if err != nil {
		return Group{}, err
	}
	return a.groupOf(g), nil
}

func (a *API) join(ctx context.Context, c *Caller, req *GroupPath) (Membership, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Membership{}, err
	}
	m, err := a.Options.Groups.Join(ctx, c.Who.Actor, g.Actor, community.Origin{})
	if err != nil {
		return Membership{}, err
	}
	return *membershipOf(m, a.Now()), nil
}

func (a *API) leave(ctx context.Context, c *Caller, req *GroupPath) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.Options.Groups.Leave(ctx, c.Who.Actor, g.Actor, community.Origin{})
}
