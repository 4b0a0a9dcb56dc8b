package v1

import (
	"context"
	"log/slog"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

// An Email is where the caller's mail goes.
type Email struct {
	Address  string `json:"address" doc:"Empty: nowhere."`
	Verified bool   `json:"verified" doc:"The caller showed that they read it. Otherwise it proves nothing, and nothing goes there but the question."`
	Pending  string `json:"pending,omitempty" doc:"What the address becomes once somebody who reads it says so."`
	Works    bool   `json:"works" doc:"Whether this server can send mail."`
}

func (a *API) email(ctx context.Context, c *Caller, _ *None) (Email, error) {
	e, err := a.Accounts.Email(ctx, c.Who)
	return Email(e), err
}

type setEmailRequest struct {
	Body struct {
		Email string `json:"email" doc:"Empty takes it away." example:"alice@example.org"`
	}
}

func (a *API) setEmail(ctx context.Context, c *Caller, req *setEmailRequest) (Email, error) {
	who, err := a.Accounts.Edit(ctx, c.Who, accounts.Change{Email: &req.Body.Email})
	if err != nil {
		return Email{}, err
	}
	e, err := a.Accounts.Email(ctx, who)
	return Email(e), err
}

// An EmailForm is what a browser without JavaScript sends to give another mail
// address: the proof comes with it.
type EmailForm struct{ Email, Password, Code string }

// EmailByForm gives another mail address. secret is that of the caller's session
// from now on, where they proved who they are.
func (a *API) EmailByForm(ctx context.Context, c *Caller, form EmailForm) (secret string, err error) {
	if err := count(a.limits.signIn, c); err != nil {
		return "", err
	}
	if secret, _, err = a.Accounts.Confirm(ctx, c.Who, accounts.Proof{Password: form.Password, Code: form.Code}); err != nil {
		return "", err
	}
	_, err = a.Accounts.Edit(ctx, c.Who, accounts.Change{Email: &form.Email})
	return secret, err
}

// AskByForm is the operation askMyEmail, for browsers without JavaScript.
func (a *API) AskByForm(ctx context.Context, c *Caller) error {
	if err := count(a.limits.signIn, c); err != nil {
		return err
	}
	return a.Accounts.AskAgain(ctx, c.Who)
}

// MyEmail tells where the caller's mail goes.
func (a *API) MyEmail(ctx context.Context, c *Caller, n *None) (Email, error) {
	return a.email(ctx, c, n)
}

func (a *API) askEmail(ctx context.Context, c *Caller, _ *None) error {
	return a.Accounts.AskAgain(ctx, c.Who)
}

// A LinkToken is the secret of a link that came by mail or was handed out.
type LinkToken struct {
	Token string `json:"token" maxLength:"200" writeOnly:"true"`
}

type tokenRequest struct{ Body LinkToken }

// A Belonging says whose something is.
type Belonging struct {
	Name    string `json:"name" doc:"Of the account." example:"alice"`
	Address string `json:"address,omitempty"`
}

func (a *API) verify(ctx context.Context, _ *Caller, req *tokenRequest) (Belonging, error) {
	proved, err := a.Accounts.Verify(ctx, req.Body.Token)
	if err != nil {
		return Belonging{}, err
	}
	return Belonging{Name: proved.Actor.Name, Address: proved.Account.Email}, nil
}

type recoverRequest struct{ Body Recovery }

// Recovery says who wants to get back in.
type Recovery struct {
	Name string `json:"name" doc:"A name here, or a mail address." example:"alice"`
}

func (a *API) askRecovery(ctx context.Context, _ *Caller, req *recoverRequest) error {
	return a.Accounts.AskRecovery(ctx, req.Body.Name)
}

type resetRequest struct{ Body NewPassword }

// NewPassword is what whoever has a link chooses.
type NewPassword struct {
	Token    string `json:"token" maxLength:"200" writeOnly:"true"`
	Password string `json:"password" writeOnly:"true" doc:"At least 10 characters."`
	Code     string `json:"code,omitempty" writeOnly:"true" doc:"That an app shows, or a recovery code; where the account has one and the link came by mail."`
}

type enterRequest struct{ Body LinkEntry }

// LinkEntry is what it takes to come in by a link.
type LinkEntry struct {
	Token string `json:"token" maxLength:"200" writeOnly:"true"`
	Code  string `json:"code,omitempty" writeOnly:"true" doc:"As in choosing a new password."`
}

// guessed counts a code that somebody tries beside a link.
func (a *API) guessed(ctx context.Context, c *Caller, token, code string) error {
	if code == "" {
		return nil
	}
	proved, err := a.Accounts.Link(ctx, community.ResetLink, token)
	if err != nil {
		return err
	}
	return a.guess(c, a.limits.code, proved.Actor.Name)
}

func (a *API) reset(ctx context.Context, c *Caller, req *resetRequest) error {
	if err := a.guessed(ctx, c, req.Body.Token, req.Body.Code); err != nil {
		return err
	}
	_, err := a.Accounts.Reset(ctx, req.Body.Token, req.Body.Password, req.Body.Code)
	return err
}

func (a *API) enterByLink(ctx context.Context, c *Caller, req *enterRequest) (Me, error) {
	if err := a.guessed(ctx, c, req.Body.Token, req.Body.Code); err != nil {
		return Me{}, err
	}
	who, err := a.Accounts.ComeInByLink(ctx, req.Body.Token, req.Body.Code)
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

// The pages that need no JavaScript do the same, and are counted the same.

// OfLink tells whose link it is, without using it.
func (a *API) OfLink(ctx context.Context, c *Caller, kind community.LinkKind, token string) (*accounts.Proved, error) {
	if err := count(a.limits.signIn, c); err != nil {
		return nil, err
	}
	return a.Accounts.Link(ctx, kind, token)
}

// Verify is the operation verifyEmail.
func (a *API) Verify(ctx context.Context, c *Caller, token string) (Belonging, error) {
	if err := count(a.limits.signIn, c); err != nil {
		return Belonging{}, err
	}
	return a.verify(ctx, c, &tokenRequest{LinkToken{token}})
}

// Recover is the operation recover.
func (a *API) Recover(ctx context.Context, c *Caller, name string) error {
	if err := count(a.limits.recover, c); err != nil {
		return err
	}
	return a.Accounts.AskRecovery(ctx, name)
}

// Reset is the operation resetPassword.
func (a *API) Reset(ctx context.Context, c *Caller, in NewPassword) error {
	if err := count(a.limits.signIn, c); err != nil {
		return err
	}
	return a.reset(ctx, c, &resetRequest{in})
}

// Enter is the operation enterByLink. answer sets the headers of the answer.
func (a *API) Enter(ctx context.Context, c *Caller, in LinkEntry, answer func(name, value string)) error {
	if err := count(a.limits.signIn, c); err != nil {
		return err
	}
	c.header = answer
	_, err := a.enterByLink(ctx, c, &enterRequest{in})
	return err
}

func (a *API) emailRoutes() {
	const notFound, forbidden, conflict, limited = fault.NotFound, fault.Forbidden, fault.Conflict, fault.RateLimited

	s := section("Signing up and in")
	do(a, s.post("/recover", "recover", "Ask for a way back into an account").limited(a.limits.recover).fails(conflict).
		says("If the account has an address that its owner confirmed, a link goes there. The answer is the same whether there is such an account or not."), a.askRecovery)
	do(a, s.post("/recover/reset", "resetPassword", "Choose a new password with a link").limited(a.limits.signIn).fails(notFound, forbidden, fault.Unauthenticated, fault.CodeRequired).
		says("Everybody who is signed in to the account is signed out, tokens included."), a.reset)
	handle(a, s.post("/recover/enter", "enterByLink", "Sign in once with a link, to add a passkey").limited(a.limits.signIn).fails(notFound, fault.Unauthenticated, fault.CodeRequired).
		says("Everybody else who is signed in to the account is signed out, tokens included."), a.enterByLink)
	handle(a, s.post("/verify", "verifyEmail", "Confirm a mail address with a link").limited(a.limits.signIn).fails(notFound, conflict), a.verify)

	s = section("Me")
	handle(a, s.get("/me/email", "getMyEmail", "Where my mail goes").signedIn(), a.email)
	handle(a, s.put("/me/email", "setMyEmail", "Give another mail address").scope(community.ScopeAccount).confirmed().early().limited(a.limits.signIn).fails(limited).
		says("A letter asks whether it is mine. One that was confirmed stays until the other is. Also for who has to confirm one before they are let in."), a.setEmail)
	do(a, s.post("/me/email/letter", "askMyEmail", "Ask me again whether a mail address is mine").scope(community.ScopeAccount).signedIn().early().limited(a.limits.signIn).fails(conflict, limited), a.askEmail)

	s = section("People of this server")
	handle(a, s.get("/admin/people", "listAccounts", "List the accounts of this server").signedIn().fails(forbidden).
		says("Nothing of what they read or wrote, and no address. That you looked is noted, and they can read it."), a.accountsHere)
	handle(a, s.post("/admin/people/{person}/link", "handOutLink", "Make a link that lets somebody into their account").confirmed().limited(a.limits.write).fails(notFound, forbidden).
		says("For those who cannot get in by themselves. It is shown once, works once, for a day, and its owner is told by mail where they have any."), a.handOut)
	do(a, s.put("/admin/people/{person}/admin", "makeAdmin", "Let somebody administer the server").confirmed().fails(notFound, forbidden), a.setAdmin(true))
	do(a, s.delete("/admin/people/{person}/admin", "endAdmin", "Let somebody administer the server no longer").confirmed().fails(notFound, forbidden, conflict).
		says("Not the last one."), a.setAdmin(false))
}

// An AccountHere is somebody's account, as administrators see it.
type AccountHere struct {
	Actor
	JoinedAt      time.Time  `json:"joined_at"`
	ActiveAt      *time.Time `json:"active_at" doc:"When they last posted, commented or voted, to the day. Null: never."`
	Admin         bool       `json:"admin"`
	EmailVerified bool       `json:"email_verified" doc:"They have an address at which they read mail, and can get in by that."`
	BannedUntil   *time.Time `json:"banned_until" doc:"From this server. Null: not banned; the year 9999: for good. It may be over."`

	Guard community.Guard `json:"guard" enum:"passkey,company,password_and_code,password,none" doc:"How the account is protected: by the weakest of the ways into it. none: nobody gets in without a link or a recovery code."`
}

func accountHere(v *community.AccountView) AccountHere {
	return AccountHere{
		Actor: actorOf(v.Actor), JoinedAt: instant(v.CreatedAt), ActiveAt: maybe(v.ActiveAt.UTC().Truncate(24 * time.Hour)),
		Admin: v.Admin, EmailVerified: v.VerifiedEmail() != "", BannedUntil: maybe(v.Actor.BannedUntil),
		Guard: v.Ways.Guard(),
	}
}

type accountsQuery struct {
	Words string `query:"q" maxLength:"254" doc:"Part of a name, or a whole mail address."`
	Paging
}

func (a *API) accountsHere(ctx context.Context, c *Caller, q *accountsQuery) (List[AccountHere], error) {
	if err := c.may(community.SiteAccounts, a.Now()); err != nil {
		return List[AccountHere]{}, err
	}
	rows, next, err := a.Accounts.People(ctx, q.Words, q.page())
	if err == nil {
		err = a.looked(ctx, c, community.PeopleScreen, nil, each(rows, func(v *community.AccountView) *community.Actor { return v.Actor })...)
	}
	return listOf(rows, next, accountHere), err
}

// accountOf is the account of somebody of this server, for those who may do
// what p names.
func (a *API) accountOf(ctx context.Context, c *Caller, p community.Permission, name string) (*accounts.Who, error) {
	if err := c.may(p, a.Now()); err != nil {
		return nil, err
	}
	h, err := a.handle(name)
	if err != nil {
		return nil, err
	}
	if h.Host != "" {
		return nil, fault.New(fault.NotFound, "%s has no account here.", h)
	}
	return a.Accounts.Find(ctx, h.Name)
}

// A HandedLink lets whoever has it into an account, once.
type HandedLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) handOut(ctx context.Context, c *Caller, req *PersonPath) (HandedLink, error) {
	to, err := a.accountOf(ctx, c, community.SiteAccounts, req.Person)
	if err != nil {
		return HandedLink{}, err
	}
	url, until, err := a.Accounts.HandOut(ctx, c.Who, to)
	if err != nil {
		return HandedLink{}, err
	}
	a.audit(ctx, c, "a link into an account was handed out", to)
	return HandedLink{URL: url, ExpiresAt: instant(until)}, nil
}

func (a *API) setAdmin(admin bool) func(context.Context, *Caller, *PersonPath) error {
	return func(ctx context.Context, c *Caller, req *PersonPath) error {
		of, err := a.accountOf(ctx, c, community.SiteAdmins, req.Person)
		if err != nil {
			return err
		}
		if err := a.Accounts.SetAdmin(ctx, c.Who, of, admin); err != nil {
			return err
		}
		what := "an administrator was made"
		if !admin {
			what = "an administrator was ended"
		}
		a.audit(ctx, c, what, of)
		return nil
	}
}

// audit writes down who did what to whose account.
func (a *API) audit(ctx context.Context, c *Caller, what string, of *accounts.Who) {
	a.Log.LogAttrs(ctx, slog.LevelInfo, "api: an account was looked after", slog.String("what", what), slog.String("by", c.Who.Actor.Name), slog.String("account", of.Actor.Name), slog.String("request", c.request))
}
