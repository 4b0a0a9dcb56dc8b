package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/consents"
)

// consentRoutes is the part of the table of contents about what is known of the
// caller, and what they agree to.
func (a *API) consentRoutes() {
	s := section("Privacy")
	handle(a, s.get("/me/consents", "listConsents", "What I agree and object to").signedIn(), a.Consents)
	handle(a, s.put("/me/consents/{purpose}", "setConsent", "Agree to a purpose, or object to it").signedIn().limited(a.limits.write).fails(fault.Forbidden).
		says("What was made for a purpose is forgotten within a day after it is not allowed any more."), a.SetConsent)
	handle(a, s.get("/me/insights", "getInsights", "What others can see of me who look after something, and what is computed about me").signedIn(), a.Insights)
	handle(a, s.get("/me/views", "listViews", "Who looked at me").signedIn().
		says("Those who look after a group or the server, on screens that show single people: once a day each. Kept for 400 days."), a.Views)
}

// A Consent is where the caller stands about one purpose.
type Consent struct {
	Purpose community.Purpose `json:"purpose" enum:"listed,searched,check_ins,bridging,benchmarks,visits,curation,expertise,introductions,attestations"`
	Basis   community.Basis   `json:"basis" enum:"objection,opt_in" doc:"objection: it is done until they object; opt_in: it is done once they agree."`
	Allowed bool              `json:"allowed"`
	Used    bool              `json:"used" doc:"Something asks for it today. What the caller says counts all the same."`
	SaidAt  *time.Time        `json:"said_at" doc:"When they said so; null: they said nothing."`
}

func consentOf(s consents.State) Consent {
	return Consent{Purpose: s.Purpose, Basis: s.Basis, Allowed: s.Allowed, Used: s.Used, SaidAt: maybe(s.At)}
}

// Consents lists where the caller stands about each purpose.
func (a *API) Consents(ctx context.Context, c *Caller, _ *None) (List[Consent], error) {
	states, err := a.Options.Consents.List(ctx, c.Who.Actor)
	return listOf(states, "", consentOf), err
}

// ConsentRequest says what the caller agrees to, or not.
type ConsentRequest struct {
	Purpose string `path:"purpose" maxLength:"40" example:"check_ins"`
	Body    ConsentWish
}

// ConsentWish is a yes or a no.
type ConsentWish struct {
	Allowed bool `json:"allowed"`
}

// SetConsent notes what the caller agrees or objects to.
func (a *API) SetConsent(ctx context.Context, c *Caller, req *ConsentRequest) (Consent, error) {
	state, err := a.Options.Consents.Say(ctx, c.Who.Actor, community.Purpose(req.Purpose), req.Body.Allowed)
	if err != nil {
		return Consent{}, err
	}
	return consentOf(state), nil
}

// Insights are what is known of the caller.
type Insights struct {
	Groups   []Standing   `json:"groups" nullable:"false"`
	Server   SiteStanding `json:"server"`
	Screens  []string     `json:"screens" nullable:"false" enum:"members,requests,bans,report,warnings,people" doc:"What shows single people to those who look after a group or the server. To look is noted."`
	Computed []Computed   `json:"computed" nullable:"false" doc:"All that is computed about the caller."`
}

// A Standing is what one group knows of the caller, as far as they may know.
// Of reports they learn what became of them: a decision, or a warning.
type Standing struct {
	Group       Actor                     `json:"group"`
	Role        community.Role            `json:"role" enum:"member,moderator,owner"`
	State       community.MembershipState `json:"state" enum:"pending,accepted,absent"`
	Since       time.Time                 `json:"since"`
	BannedUntil *time.Time                `json:"banned_until"`
	BanReason   string                    `json:"ban_reason,omitempty"`
	Decisions   int                       `json:"decisions" doc:"In its log, about the caller or what they wrote."`
	Warnings    int                       `json:"warnings"`
	Roles       []string                  `json:"roles" nullable:"false" doc:"That the caller was given."`
}

// A SiteStanding is the same of the server itself.
type SiteStanding struct {
	Decisions int      `json:"decisions"`
	Warnings  int      `json:"warnings"`
	Roles     []string `json:"roles" nullable:"false"`
}

// A Computed is something that the server makes of what it knows.
type Computed struct {
	Key     string            `json:"key" enum:"posts,comments,followers,active"`
	Purpose community.Purpose `json:"purpose,omitempty" doc:"What allows it; absent for what only counts what everybody sees."`
	Value   any               `json:"value" doc:"A number, a day, or null."`
}

// Insights answers what is known of the caller.
func (a *API) Insights(ctx context.Context, c *Caller, _ *None) (Insights, error) {
	in, err := a.Options.Consents.Insights(ctx, c.Who.Actor, c.Who.Account)
	if err != nil {
		return Insights{}, err
	}
	shown := Insights{
		Groups: each(in.Groups, standingOf), Server: SiteStanding{Decisions: in.Decisions, Warnings: in.Warnings, Roles: each(in.Grants, grantName)},
		Screens: each(community.Screens(), func(s community.Screen) string { return string(s) }),
	}
	for _, made := range community.Computations() {
		shown.Computed = append(shown.Computed, Computed{Key: made.Key, Purpose: made.Purpose, Value: in.Computed[made.Key]})
	}
	return shown, nil
}

func standingOf(s *community.Standing) Standing {
	return Standing{
		Group: actorOf(s.Group), Role: s.Role, State: s.State, Since: instant(s.CreatedAt), BannedUntil: maybe(s.BannedUntil), BanReason: s.BanReason,
		Decisions: s.Decisions, Warnings: s.Warnings, Roles: each(s.Grants, grantName),
	}
}

func grantName(g *community.RoleGrant) string { return g.Role.Name }

// A View is that somebody looked at the caller.
type View struct {
	Screen community.Screen `json:"screen" enum:"members,requests,bans,report,warnings,people"`
	Group  *Actor           `json:"group" doc:"Whose screen it is; null: the server's."`
	Role   string           `json:"role" enum:"moderator,owner,trusted,admin" doc:"In which role, then. trusted: by a role that they were given."`
	Viewer *Actor           `json:"viewer" doc:"Who it was, to those whom the group's log would tell who decided something."`
	At     time.Time        `json:"at" doc:"The first time that day."`
}

func viewOf(v *community.SeenView) View {
	return View{Screen: v.Screen, Group: actorOrNull(v.Group), Role: v.Role, Viewer: actorOrNull(v.Viewer), At: instant(v.At)}
}

// Views lists who looked at the caller.
func (a *API) Views(ctx context.Context, c *Caller, q *Paging) (List[View], error) {
	rows, next, err := a.Options.Views.Of(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, viewOf), err
}

// looked notes that the caller looks at people, before they are shown.
func (a *API) looked(ctx context.Context, c *Caller, screen community.Screen, group *community.Actor, people ...*community.Actor) error {
	return a.Options.Views.Note(ctx, c.Who.Actor, screen, group, people...)
}
