package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/instance"
	"drystone/service/joining"
)

type createInviteRequest struct {
	Body InviteDraft
}

// InviteDraft is an invitation that somebody wants to make.
type InviteDraft struct {
	Group string `json:"group,omitempty" doc:"The name of a group of this server, which the invited join at once." example:"garden"`
	Note  string `json:"note,omitempty" doc:"At most 200 characters. The invited read it."`
	Uses  int    `json:"uses,omitempty" default:"1" doc:"How many may come by it, 1 to 1000."`
	Days  int    `json:"days,omitempty" default:"7" doc:"For how long it is good, 1 to 365 days."`
}

func (a *API) createInvite(ctx context.Context, c *Caller, req *createInviteRequest) (Invite, error) {
	d := req.Body
	if d.Days < 1 || d.Days > 365 {
		return Invite{}, fault.Field("days", "Choose from 1 to 365 days.")
	}
	code, view, err := a.Joining.Invite(ctx, c.Who.Actor, joining.Draft{
		Group: d.Group, Note: d.Note, Uses: d.Uses, ExpiresAt: a.Now().Add(time.Duration(d.Days) * 24 * time.Hour),
	})
	if err != nil {
		return Invite{}, err
	}
	made := a.inviteOf(view)
	made.Code, made.URL = code, a.Origin+"/invite/"+code
	return made, nil
}

type inviteIDRequest struct {
	ID int64 `path:"id"`
}

func (a *API) revokeInvite(ctx context.Context, c *Caller, req *inviteIDRequest) error {
	return a.Joining.Revoke(ctx, c.Who.Actor, community.InviteID(req.ID))
}

// An Application is what somebody said who wants to come here.
type Application struct {
	ID        int64               `json:"id"`
	State     string              `json:"state" enum:"waiting,asked,accepted,refused"`
	Person    Actor               `json:"person"`
	Email     string              `json:"email,omitempty" doc:"Told to reviewers."`
	Verified  bool                `json:"email_verified,omitempty" doc:"They showed that they read mail there. Told to reviewers."`
	Answers   []ApplicationAnswer `json:"answers" nullable:"false"`
	Unproven  bool                `json:"unproven" doc:"Their browser did no work for it: a person without JavaScript, or a script."`
	Question  string              `json:"question,omitempty" doc:"What the reviewer asked back."`
	Reply     string              `json:"reply,omitempty"`
	Reason    string              `json:"reason,omitempty" doc:"Why it was refused."`
	Decider   *Actor              `json:"decider,omitempty" doc:"Told to reviewers."`
	CreatedAt time.Time           `json:"created_at"`
	DecidedAt *time.Time          `json:"decided_at"`
	GoneAt    *time.Time          `json:"gone_at" doc:"When nothing of a refused one is left any more."`
}

// An ApplicationAnswer is a question with what they said to it.
type ApplicationAnswer struct {
	Question string `json:"question"`
	Text     string `json:"text"`
}

func applicationOf(x *community.Admission) Application {
	it := Application{
		ID: int64(x.ID), State: string(x.State), Unproven: x.Unproven, Question: x.Question, Reply: x.Reply, Reason: x.Reason,
		CreatedAt: instant(x.CreatedAt), DecidedAt: maybe(x.DecidedAt),
		Answers: each(x.Answers, func(a community.Answer) ApplicationAnswer { return ApplicationAnswer(a) }),
	}
	if x.State == community.AdmissionRefused {
		it.GoneAt = maybe(x.DecidedAt.Add(community.AdmissionKept))
	}
	return it
}

func applicationView(v *community.AdmissionView) Application {
	it := applicationOf(v.Admission)
	it.Email, it.Verified, it.Decider = v.Email, v.Verified, someActor(v.Decider)
	if v.Actor != nil {
		it.Person = actorOf(v.Actor)
	}
	return it
}

// MyApplication tells what became of the caller's own.
func (a *API) MyApplication(ctx context.Context, c *Caller, _ *None) (Application, error) {
	x, err := a.Joining.Mine(ctx, c.Who.Actor)
	return c.application(x, err)
}

func (c *Caller) application(x *community.Admission, err error) (Application, error) {
	if err != nil {
		return Application{}, err
	}
	it := applicationOf(x)
	it.Person = actorOf(c.Who.Actor)
	return it, nil
}

type replyRequest struct {
	Body struct {
		Reply string `json:"reply"`
	}
}

func (a *API) replyApplication(ctx context.Context, c *Caller, req *replyRequest) (Application, error) {
	x, err := a.Joining.Reply(ctx, c.Who.Actor, req.Body.Reply)
	return c.application(x, err)
}

// ReplyByForm is the operation replyApplication, for browsers without
// JavaScript.
func (a *API) ReplyByForm(ctx context.Context, c *Caller, reply string) error {
	if err := count(a.limits.write, c); err != nil {
		return err
	}
	_, err := a.Joining.Reply(ctx, c.Who.Actor, reply)
	return err
}

// WithdrawByForm is the operation withdrawApplication, for browsers without
// JavaScript.
func (a *API) WithdrawByForm(ctx context.Context, c *Caller) error {
	return a.Joining.Withdraw(ctx, c.Who.Actor)
}

func (a *API) withdrawApplication(ctx context.Context, c *Caller, _ *None) error {
	if err := a.Joining.Withdraw(ctx, c.Who.Actor); err != nil {
		return err
	}
	c.header("Set-Cookie", a.SessionCookie("").String())
	return nil
}

// ApplicationsQuery is how applications are asked for.
type ApplicationsQuery struct {
	State string `query:"state" enum:"open,decided" default:"open" doc:"Those that wait for somebody, or those that were decided in the last 30 days."`
	Paging
}

// Applications is a page of them, and how many wait.
type Applications struct {
	List[Application]
	Waiting int64 `json:"waiting" doc:"How many wait for a reviewer."`
}

// Applications lists who applied.
func (a *API) Applications(ctx context.Context, c *Caller, q *ApplicationsQuery) (Applications, error) {
	rows, next, err := a.Joining.Applications(ctx, c.Who.Actor, q.State != "decided", q.page())
	if err == nil {
		err = a.looked(ctx, c, community.RequestsScreen, nil, each(rows, func(v *community.AdmissionView) *community.Actor { return v.Actor })...)
	}
	if err != nil {
		return Applications{}, err
	}
	waiting, err := a.Joining.Waiting(ctx, c.Who.Actor)
	return Applications{List: listOf(rows, next, applicationView), Waiting: waiting}, err
}

// ApplicationPath names an application.
type ApplicationPath struct {
	ID int64 `path:"id"`
}

func (a *API) acceptApplication(ctx context.Context, c *Caller, req *ApplicationPath) (Application, error) {
	return decided(a.Joining.Accept(ctx, c.Who.Actor, community.AdmissionID(req.ID)))
}

func decided(v *community.AdmissionView, err error) (Application, error) {
	if err != nil {
		return Application{}, err
	}
	return applicationView(v), nil
}

type refuseApplicationRequest struct {
	ApplicationPath
	Body struct {
		Reason string `json:"reason" doc:"They read it."`
	}
}

func (a *API) refuseApplication(ctx context.Context, c *Caller, req *refuseApplicationRequest) (Application, error) {
	return decided(a.Joining.Refuse(ctx, c.Who.Actor, community.AdmissionID(req.ID), req.Body.Reason))
}

type askApplicantRequest struct {
	ApplicationPath
	Body struct {
		Question string `json:"question"`
	}
}

func (a *API) askApplicant(ctx context.Context, c *Caller, req *askApplicantRequest) (Application, error) {
	return decided(a.Joining.Ask(ctx, c.Who.Actor, community.AdmissionID(req.ID), req.Body.Question))
}

// SettledJoining is all that is settled about joining, for admins.
type SettledJoining struct {
	Mode        string         `json:"mode" enum:"open,application,invite,closed"`
	Welcome     string         `json:"welcome" doc:"Markdown, above the form."`
	Rules       []string       `json:"rules" nullable:"false" doc:"What newcomers must accept; 20 at most."`
	Questions   []JoinQuestion `json:"questions" nullable:"false" doc:"What applicants are asked; 5 at most. Without any, why they want to join."`
	RequireMail bool           `json:"require_mail" doc:"Whether newcomers must confirm a mail address, by the link in a letter, before they are let in. It holds only while the server can send mail, and cannot be chosen while it cannot."`
	Inviters    string         `json:"inviters" enum:"admins,moderators,everybody"`
	InviterDays int            `json:"inviter_days" doc:"How long everybody must have been here to invite."`
	InvitesEach int            `json:"invites_each" doc:"How many invitations of one person may be open. Admins have no limit."`
	Proof       int            `json:"proof" doc:"How much work a browser does before it makes an account: 0 for none, or 8 to 20; each more is twice the work, and 14 about a second. It grows by itself while many accounts are made."`
	PerAddress  int            `json:"per_address" doc:"How many accounts may be made from one address in a day; 0: any number."`
	PerNetwork  int            `json:"per_network" doc:"And from the network around it (/24, or /48 of IPv6)."`
}

func settledOf(j *community.Joining) SettledJoining {
	return SettledJoining{
		Mode: string(j.Mode), Welcome: j.Welcome, Rules: append([]string{}, j.Rules...), Questions: questionsOf(j.Questions),
		RequireMail: j.RequireMail, Inviters: string(j.Inviters), InviterDays: j.InviterDays, InvitesEach: j.InvitesEach,
		Proof: j.Proof, PerAddress: j.PerAddress, PerNetwork: j.PerNetwork,
	}
}

// Settled tells admins what is settled.
func (a *API) Settled(ctx context.Context, c *Caller, _ *None) (SettledJoining, error) {
	if err := a.Options.Instance.MaySettle(ctx, a.Options.Instance.DB, c.Who.Actor); err != nil {
		return SettledJoining{}, err
	}
	j, err := a.Joining.Settled(ctx)
	if err != nil {
		return SettledJoining{}, err
	}
	return settledOf(j), nil
}

type settleRequest struct {
	Body JoiningChange
}

// JoiningChange is what is to be settled anew; what is left out stays.
type JoiningChange struct {
	Mode        *string         `json:"mode,omitempty" enum:"open,application,invite,closed"`
	Welcome     *string         `json:"welcome,omitempty" doc:"Markdown."`
	Rules       *[]string       `json:"rules,omitempty"`
	Questions   *[]JoinQuestion `json:"questions,omitempty"`
	RequireMail *bool           `json:"require_mail,omitempty"`
	Inviters    *string         `json:"inviters,omitempty" enum:"admins,moderators,everybody"`
	InviterDays *int            `json:"inviter_days,omitempty"`
	InvitesEach *int            `json:"invites_each,omitempty"`
	Proof       *int            `json:"proof,omitempty"`
	PerAddress  *int            `json:"per_address,omitempty"`
	PerNetwork  *int            `json:"per_network,omitempty"`
}

func (a *API) settle(ctx context.Context, c *Caller, req *settleRequest) (SettledJoining, error) {
	b := req.Body
	change := instance.Change{
		Mode: (*community.JoinMode)(b.Mode), Welcome: b.Welcome, Rules: b.Rules, RequireMail: b.RequireMail,
		Inviters: (*community.Inviters)(b.Inviters), InviterDays: b.InviterDays, InvitesEach: b.InvitesEach,
		Proof: b.Proof, PerAddress: b.PerAddress, PerNetwork: b.PerNetwork,
	}
	if b.Questions != nil {
		questions := each(*b.Questions, func(q JoinQuestion) community.Question {
			return community.Question{Text: q.Text, Required: q.Required}
		})
		change.Questions = &questions
	}
	j, err := a.Options.Instance.Settle(ctx, c.Who.Actor, change)
	if err != nil {
		return SettledJoining{}, err
	}
	return settledOf(j), nil
}
