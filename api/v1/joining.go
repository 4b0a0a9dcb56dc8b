package v1

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/service/accounts"
)

// joiningRoutes is the part of the table of contents about the door.
func (a *API) joiningRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	const account, administer = community.ScopeAccount, community.ScopeAdminister

	s := section("Joining")
	handle(a, s.get("/joining", "getJoining", "How people come to this server").scope(community.NoScope), a.Joins)
	handle(a, s.post("/joining/challenge", "beginWork", "Work to do before an account is made").scope(community.NoScope).limited(a.limits.challenge).
		says("For each part i, from 0, find a nonce n for which SHA-256(seed, i, n) begins with as many zero bits as bits says. seed is the SHA-256 of the challenge, i and n are 32 bits each, most significant byte first. Send the challenge and the nonces as proof when you make the account. It counts once, for a quarter of an hour."), a.beginWork)
	handle(a, s.get("/invites/{code}", "getInvite", "What an invitation leads to").scope(community.NoScope).limited(a.limits.invite).fails(notFound), a.Invite)

	handle(a, s.get("/me/application", "getMyApplication", "What became of my application").scope(account).signedIn().fails(notFound), a.MyApplication)
	handle(a, s.put("/me/application/reply", "replyApplication", "Answer what a reviewer asked me").scope(account).signedIn().early().limited(a.limits.write).fails(notFound, conflict), a.replyApplication)
	do(a, s.delete("/me/application", "withdrawApplication", "Take my application back").scope(account).signedIn().early().fails(notFound, conflict).
		says("Nothing stays: the account goes, and its name can be had again."), a.withdrawApplication)
	handle(a, s.get("/me/invites", "listMyInvites", "The invitations I made, and who came by them").scope(account).signedIn(), a.MyInvites)
	handle(a, s.post("/me/invites", "createInvite", "Invite people").scope(account).signedIn().creates().limited(a.limits.write).fails(forbidden).
		says("The code is told once and is not kept."), a.createInvite)
	do(a, s.delete("/me/invites/{id}", "revokeInvite", "Take an invitation back").scope(account).signedIn().fails(notFound).
		says("Admins can take back anybody's. Who came by it stays."), a.revokeInvite)

	s = section("Administration")
	handle(a, s.get("/admin/joining", "getSettledJoining", "What is settled about joining").scope(administer).signedIn().fails(forbidden), a.Settled)
	handle(a, s.patch("/admin/joining", "settleJoining", "Settle how people come here").scope(administer).signedIn().fails(forbidden).
		says("It holds at once, in all processes. What is left out stays."), a.settle)
	handle(a, s.get("/admin/applications", "listApplications", "Who applied").scope(administer).signedIn().fails(forbidden), a.Applications)
	handle(a, s.post("/admin/applications/{id}/accept", "acceptApplication", "Let somebody in").scope(administer).signedIn().fails(forbidden, notFound, conflict), a.acceptApplication)
	handle(a, s.post("/admin/applications/{id}/refuse", "refuseApplication", "Turn somebody away").scope(administer).signedIn().fails(forbidden, notFound, conflict).
		says("They read the reason. After 30 days nothing of them is left."), a.refuseApplication)
	handle(a, s.post("/admin/applications/{id}/ask", "askApplicant", "Ask somebody back who applied").scope(administer).signedIn().fails(forbidden, notFound, conflict), a.askApplicant)
	handle(a, s.get("/admin/invites", "listInvites", "All invitations, and who came by them").scope(administer).signedIn().fails(forbidden), a.Invites)
}

// Joins is what newcomers need to know.
type Joins struct {
	Mode        string         `json:"mode" enum:"open,application,invite,closed"`
	WelcomeHTML string         `json:"welcome_html,omitempty" doc:"Safe to show."`
	Rules       []string       `json:"rules" nullable:"false" doc:"What newcomers must accept."`
	Questions   []JoinQuestion `json:"questions" nullable:"false" doc:"What is asked of those who apply, and of those without proof."`
	RequireMail bool           `json:"require_mail" doc:"Whether newcomers must confirm a mail address, by the link in a letter, before they are let in."`
	Proof       bool           `json:"proof" doc:"Whether work is asked for; see POST /joining/challenge. An invitation takes its place."`
	First       bool           `json:"first" doc:"Nobody has an account yet: whoever makes the first administers the server."`
}

// A JoinQuestion is what the host wants to know.
type JoinQuestion struct {
	Text     string `json:"text"`
	Required bool   `json:"required,omitempty"`
}

func questionsOf(list []community.Question) []JoinQuestion {
	return each(list, func(q community.Question) JoinQuestion { return JoinQuestion{q.Text, q.Required} })
}

// Joins tells how people come here.
func (a *API) Joins(ctx context.Context, _ *Caller, _ *None) (Joins, error) {
	j, err := a.Joining.Settled(ctx)
	if err != nil {
		return Joins{}, err
	}
	first, err := a.Accounts.Nobody(ctx)
	if err != nil {
		return Joins{}, err
	}
	return Joins{
		Mode: string(j.Mode), WelcomeHTML: markup.Render(j.Welcome), Rules: append([]string{}, j.Rules...), Questions: questionsOf(j.Asked()),
		RequireMail: j.NeedsMail(a.Joining.DB.SendsLetters()), Proof: j.Proof > 0, First: first,
	}, nil
}

// A Challenge is work for a browser.
type Challenge struct {
	Challenge string    `json:"challenge"`
	Bits      int       `json:"bits" doc:"How many zero bits each part must begin with."`
	Parts     int       `json:"parts"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) beginWork(ctx context.Context, _ *Caller, _ *beginRequest) (Challenge, error) {
	c, err := a.Joining.Challenge(ctx)
	if err != nil {
		return Challenge{}, err
	}
	return Challenge{Challenge: c.Text, Bits: c.Bits, Parts: c.Parts, ExpiresAt: instant(c.ExpiresAt)}, nil
}

// Entry is what somebody says at the door, besides who they are.
type Entry struct {
	Email       string    `json:"email,omitempty" example:"alice@example.org"`
	Title       string    `json:"title,omitempty" doc:"The name shown to people." example:"Alice"`
	AcceptRules bool      `json:"accept_rules,omitempty" doc:"Whether they will keep to the rules, where there are any."`
	Answers     []string  `json:"answers,omitempty" maxItems:"20" doc:"To the questions, in their order, where one applies."`
	Invite      string    `json:"invite,omitempty" maxLength:"200" doc:"The code of an invitation." writeOnly:"true"`
	Proof       *WorkDone `json:"proof,omitempty" doc:"The work that was done; see POST /joining/challenge."`
	Review      bool      `json:"review,omitempty" doc:"Instead of a proof: somebody looks at the answers and decides."`

	Discoverable bool `json:"discoverable,omitempty" doc:"May be listed, here and elsewhere. Nobody is who does not say so."`
	Indexable    bool `json:"indexable,omitempty" doc:"What they will write may be found by its words, here, elsewhere and by search engines."`
}

// WorkDone is the answer to a challenge.
type WorkDone struct {
	Challenge string   `json:"challenge" maxLength:"300"`
	Nonces    []uint32 `json:"nonces" maxItems:"64"`
}

func (e Entry) signUp(c *Caller, name, password string) accounts.SignUp {
	ask := accounts.SignUp{Name: name, Password: password, Email: e.Email, Title: e.Title, Entry: accounts.Entry{
		Accepts: e.AcceptRules, Answers: e.Answers, Invite: e.Invite, Review: e.Review, Address: c.Address,
		Listed: e.Discoverable, Searched: e.Indexable,
	}}
	if e.Proof != nil {
		ask.Work = &community.Work{Challenge: e.Proof.Challenge, Nonces: e.Proof.Nonces}
	}
	return ask
}

// allowed tells the caller how many accounts may still be made from where they
// are, and refuses when there is none.
func (a *API) allowed(ctx context.Context, c *Caller) error {
	limits, err := a.Accounts.Allowances(ctx, c.Address)
	if err != nil {
		return err
	}
	for _, l := range limits {
		seconds := int(math.Ceil(l.Until.Sub(a.Now()).Seconds()))
		c.header("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", l.Name, l.Left, max(0, seconds)))
		c.header("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=86400", l.Name, l.Limit))
		if err := l.Check(); err != nil {
			c.header("Retry-After", strconv.Itoa(max(1, seconds)))
			return err
		}
	}
	return nil
}

// An Invitation is what somebody sees who was invited.
type Invitation struct {
	By        Actor     `json:"by"`
	Group     *Actor    `json:"group,omitempty" doc:"Which they join at once."`
	Note      string    `json:"note,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
	Left      int       `json:"left" doc:"How many may still come by it."`
}

// InvitePath names an invitation by its code.
type InvitePath struct {
	Code string `path:"code" maxLength:"200"`
}

// Invite tells whoever has a code what it leads to.
func (a *API) Invite(ctx context.Context, _ *Caller, req *InvitePath) (Invitation, error) {
	v, err := a.Joining.Look(ctx, req.Code)
	if err != nil {
		return Invitation{}, err
	}
	return Invitation{By: actorOf(v.Creator), Group: someActor(v.Group), Note: v.Note, ExpiresAt: instant(v.ExpiresAt), Left: v.Uses - v.Used}, nil
}

func someActor(a *community.Actor) *Actor {
	if a == nil {
		return nil
	}
	shown := actorOf(a)
	return &shown
}

// An Invite is an invitation as whoever made it sees it.
type Invite struct {
	ID        int64      `json:"id"`
	By        Actor      `json:"by"`
	Group     *Actor     `json:"group,omitempty"`
	Note      string     `json:"note,omitempty"`
	Uses      int        `json:"uses" doc:"How many may come by it."`
	Used      int        `json:"used"`
	Good      bool       `json:"good" doc:"Whether somebody may still come by it."`
	Code      string     `json:"code,omitempty" doc:"Told once, when it is made."`
	URL       string     `json:"url,omitempty" doc:"Told once, when it is made."`
	Came      []Actor    `json:"came" nullable:"false" doc:"Who came by it."`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

func (a *API) inviteOf(v *community.InviteView) Invite {
	i := Invite{
		ID: int64(v.ID), Group: someActor(v.Group), Note: v.Note, Uses: v.Uses, Used: v.Used, Good: v.Good(a.Now()),
		CreatedAt: instant(v.CreatedAt), ExpiresAt: instant(v.ExpiresAt), RevokedAt: maybe(v.RevokedAt), Came: []Actor{},
	}
	if v.Creator != nil {
		i.By = actorOf(v.Creator)
	}
	for _, actor := range v.Came {
		if actor != nil && !actor.Gone() {
			i.Came = append(i.Came, actorOf(actor))
		}
	}
	return i
}

// MyInvites is a page of one's own invitations.
type MyInvites struct {
	List[Invite]
	May       bool   `json:"may" doc:"Whether the caller may invite right now."`
	Why       string `json:"why,omitempty" doc:"Why they may not."`
	InvitedBy *Actor `json:"invited_by,omitempty" doc:"Who invited the caller."`
}

// MyInvites lists the caller's invitations.
func (a *API) MyInvites(ctx context.Context, c *Caller, q *Paging) (MyInvites, error) {
	rows, next, err := a.Joining.Invites(ctx, c.Who.Actor, q.page())
	if err != nil {
		return MyInvites{}, err
	}
	inviter, err := a.Joining.Inviter(ctx, c.Who.Actor)
	if err != nil {
		return MyInvites{}, err
	}
	mine := MyInvites{List: listOf(rows, next, a.inviteOf), May: true, InvitedBy: someActor(inviter)}
	if err := a.Joining.MayInvite(ctx, c.Who.Actor); err != nil {
		e, known := fault.As(err)
		if !known || e.Code != fault.Forbidden {
			return MyInvites{}, err
		}
		mine.May, mine.Why = false, e.Message
	}
	return mine, nil
}

// Invites lists everybody's, for admins.
func (a *API) Invites(ctx context.Context, c *Caller, q *Paging) (List[Invite], error) {
	rows, next, err := a.Joining.AllInvites(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, a.inviteOf), err
}
