package v1

import (
	"context"
	"strconv"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

// securityRoutes is the part of the table of contents about the ways into
// one's account.
func (a *API) securityRoutes() {
	const notFound, forbidden, conflict, account = fault.NotFound, fault.Forbidden, fault.Conflict, community.ScopeAccount

	s := section("Signing up and in")
	handle(a, s.post("/session", "signIn", "Sign in with a password").limited(a.limits.signIn).fails(fault.CodeRequired, forbidden).
		says("An app password is checked and gets no cookie: send it with every request, by HTTP Basic or as bearer token. Where an app shows codes for the account, a right password without one is answered with code_required."), a.signIn)
	handle(a, s.post("/session/recovery", "recoverSession", "Sign in with a recovery code").limited(a.limits.signIn).
		says("For somebody who lost their passkey or the app that shows codes. Whoever has a password says it, too. The code is used up."), a.recoverByCode)
	handle(a, s.post("/session/confirm/begin", "beginConfirmation", "Begin to confirm with a passkey that it is me").scope(account).signedIn().early().parting().limited(a.limits.signIn).fails(forbidden), a.beginConfirm)
	handle(a, s.post("/session/confirm", "confirmSession", "Confirm that it is me, for ten minutes").scope(account).signedIn().early().parting().limited(a.limits.signIn).fails(forbidden).
		says("What is dangerous asks for this. The session gets a new cookie."), a.confirm)

	s = section("Security")
	handle(a, s.get("/me/security", "getSecurity", "How my account is guarded").scope(account).signedIn().early(), a.Security)
	do(a, s.put("/me/password", "setPassword", "Change my password, or choose my first").scope(account).confirmed().early().limited(a.limits.signIn).fails(forbidden), a.setPassword)
	do(a, s.delete("/me/password", "deletePassword", "Use passkeys only").scope(account).confirmed().early().fails(notFound, forbidden).
		says("The app that shows codes goes with the password."), a.deletePassword)
	handle(a, s.post("/me/authenticator", "beginAuthenticator", "Begin to set up an app that shows codes").scope(account).confirmed().early().limited(a.limits.signIn).fails(forbidden, conflict).
		says("Nothing asks for its codes before the first of them came."), a.beginCodes)
	handle(a, s.put("/me/authenticator", "confirmAuthenticator", "Ask for the codes of the app from now on").scope(account).confirmed().early().limited(a.limits.signIn).fails(notFound, conflict).
		says("Answers recovery codes, if there were none."), a.confirmCodes)
	do(a, s.delete("/me/authenticator", "deleteAuthenticator", "Ask for no codes any more").scope(account).confirmed().early().fails(notFound), a.removeCodes)
	handle(a, s.post("/me/recovery-codes", "renewRecoveryCodes", "Make new recovery codes").scope(account).confirmed().early().limited(a.limits.signIn).
		says("They are told this once. Those before are good for nothing any more."), a.renewRecoveryCodes)

	handle(a, s.get("/passkeys", "listPasskeys", "My passkeys").scope(account).signedIn().early(), a.passkeys)
	handle(a, s.post("/passkeys/begin", "beginPasskey", "Begin to add a passkey").scope(account).confirmed().early().limited(a.limits.signIn), a.beginPasskey)
	handle(a, s.post("/passkeys/finish", "finishPasskey", "Add a passkey").scope(account).confirmed().early().limited(a.limits.signIn).fails(conflict), a.finishPasskey)
	handle(a, s.patch("/passkeys/{id}", "renamePasskey", "Give a passkey another name").scope(account).signedIn().early().limited(a.limits.write).fails(notFound), a.renamePasskey)
	do(a, s.delete("/passkeys/{id}", "deletePasskey", "Forget a passkey").scope(account).confirmed().early().fails(notFound, conflict), a.deletePasskey)
	handle(a, s.get("/sessions", "listSessions", "The browsers I am signed in with").scope(account).signedIn().early(), a.sessions)
	do(a, s.delete("/sessions", "endOtherSessions", "Sign every other browser out").scope(account).signedIn().early().
		says("Tokens stay as they are."), a.endOtherSessions)
	do(a, s.delete("/sessions/{id}", "endSession", "Sign a browser out").scope(account).signedIn().early().fails(notFound), a.endSession)
}

// guess counts a try at what guards the account called name, whoever tries,
// and whether or not there is one. Passkeys are not counted: nobody can guess
// one, and so nobody can lock the owner out.
func (a *API) guess(c *Caller, k *kind, name string) error {
	if k == nil {
		return nil
	}
	if handle, ok := community.ParseHandle(name, a.host); ok {
		name = handle.Name + "@" + handle.Host
	}
	name = strings.ToLower(strings.TrimSpace(name))
	v := k.each.Take(name[:min(len(name), 200)])
	if v.Allowed {
		return nil
	}
	c.header("Retry-After", strconv.Itoa(v.Seconds()))
	return fault.New(fault.RateLimited, "Too many tries for this name. Use a passkey, or try again in %d minutes.", v.Seconds()/60+1)
}

type recoverByCodeRequest struct {
	Body CodeRecovery
}

// CodeRecovery is a recovery code, and what else somebody has who lost the rest.
type CodeRecovery struct {
	Name     string `json:"name" example:"alice"`
	Password string `json:"password,omitempty" doc:"Of an account that has one." writeOnly:"true"`
	Code     string `json:"code" example:"abcd-efgh-ijkl-mnop" writeOnly:"true"`
}

func (a *API) recoverByCode(ctx context.Context, c *Caller, req *recoverByCodeRequest) (Me, error) {
	if err := a.guess(c, a.limits.name, req.Body.Name); err != nil {
		return Me{}, err
	}
	who, err := a.Accounts.RecoverByCode(ctx, req.Body.Name, req.Body.Password, req.Body.Code)
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

// Security is how the caller's account is guarded.
type Security struct {
	Passwords       bool       `json:"passwords" doc:"Whether this server takes passwords."`
	Password        bool       `json:"password" doc:"Whether the account has one."`
	Authenticator   bool       `json:"authenticator" doc:"Whether the password needs the code of an app beside it."`
	AuthenticatorAt *time.Time `json:"authenticator_at" doc:"Since when."`
	RecoveryCodes   int        `json:"recovery_codes" doc:"How many are left."`
	RecoveryAt      *time.Time `json:"recovery_at" doc:"When they were made."`
	Passkeys        int        `json:"passkeys"`
}

// Security tells the caller how their account is guarded.
func (a *API) Security(ctx context.Context, c *Caller, _ *None) (Security, error) {
	is, err := a.Accounts.Security(ctx, c.Who)
	if err != nil {
		return Security{}, err
	}
	return Security{
		Passwords: is.Passwords, Password: is.Password, Authenticator: is.Codes, AuthenticatorAt: maybe(is.CodesSince),
		RecoveryCodes: is.RecoveryCodes, RecoveryAt: maybe(is.RecoverySince), Passkeys: is.Passkeys,
	}, nil
}

type passwordRequest struct {
	Body PasswordChange
}

// PasswordChange is a password for the caller's account.
type PasswordChange struct {
	Password  string `json:"password" doc:"At least 10 characters, and not among those that everybody tries." writeOnly:"true"`
	EndOthers bool   `json:"end_others,omitempty" doc:"Sign every other browser out."`
	EndApps   *bool  `json:"end_apps,omitempty" doc:"Disconnect apps, and revoke tokens. Left out, it is yes."`
}

func (a *API) setPassword(ctx context.Context, c *Caller, req *passwordRequest) error {
	return a.Accounts.SetPassword(ctx, c.Who, req.Body.Password, accounts.Ends{
		Browsers: req.Body.EndOthers, Apps: req.Body.EndApps == nil || *req.Body.EndApps,
	})
}

func (a *API) deletePassword(ctx context.Context, c *Caller, _ *None) error {
	return a.Accounts.RemovePassword(ctx, c.Who)
}

// An AuthenticatorSetup is what an app needs to know.
type AuthenticatorSetup struct {
	Secret  string `json:"secret" doc:"For typing: base32."`
	URI     string `json:"uri" doc:"For the app on the same device: otpauth://…"`
	Picture string `json:"picture" doc:"For scanning: an SVG in a data: address."`
}

func (a *API) beginCodes(ctx context.Context, c *Caller, _ *beginRequest) (AuthenticatorSetup, error) {
	setup, err := a.Accounts.BeginCodes(ctx, c.Who)
	if err != nil {
		return AuthenticatorSetup{}, err
	}
	return AuthenticatorSetup{Secret: setup.Secret, URI: setup.URI, Picture: setup.Picture}, nil
}

type codeRequest struct {
	Body FirstCode
}

// FirstCode is what the app shows once it is set up.
type FirstCode struct {
	Code string `json:"code" example:"123456" writeOnly:"true"`
}

// RecoveryCodes are told once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false" doc:"Each lets its owner in once. Empty: those that there are stay."`
}

func recoveryCodesOf(codes []string, err error) (RecoveryCodes, error) {
	if codes == nil {
		codes = []string{}
	}
	return RecoveryCodes{Codes: codes}, err
}

func (a *API) confirmCodes(ctx context.Context, c *Caller, req *codeRequest) (RecoveryCodes, error) {
	if err := a.guess(c, a.limits.code, c.Who.Actor.Name); err != nil {
		return RecoveryCodes{}, err
	}
	return recoveryCodesOf(a.Accounts.ConfirmCodes(ctx, c.Who, req.Body.Code))
}

func (a *API) removeCodes(ctx context.Context, c *Caller, _ *None) error {
	return a.Accounts.RemoveCodes(ctx, c.Who)
}

func (a *API) renewRecoveryCodes(ctx context.Context, c *Caller, _ *beginRequest) (RecoveryCodes, error) {
	return recoveryCodesOf(a.Accounts.RenewRecoveryCodes(ctx, c.Who))
}

type renamePasskeyRequest struct {
	ID   int64 `path:"id"`
	Body PasskeyName
}

// PasskeyName is what its owner calls a passkey.
type PasskeyName struct {
	Name string `json:"name" example:"phone"`
}

func (a *API) renamePasskey(ctx context.Context, c *Caller, req *renamePasskeyRequest) (Passkey, error) {
	p, err := a.Accounts.RenamePasskey(ctx, c.Who, community.PasskeyID(req.ID), req.Body.Name)
	if err != nil {
		return Passkey{}, err
	}
	return passkeyOf(p), nil
}

func (a *API) endOtherSessions(ctx context.Context, c *Caller, _ *None) error {
	_, err := a.Accounts.EndOtherSessions(ctx, c.Who)
	return err
}

// SignInAs signs a browser in by a form: with a password, and a code where the
// account needs one; or, for recovery, with a recovery code. What browsers are
// told about it goes to header.
func (a *API) SignInAs(ctx context.Context, c *Caller, in SignIn, recovery bool, header func(name, value string)) error {
	c.header = header
	err := count(a.limits.signIn, c)
	if err != nil {
		return err
	}
	if recovery {
		_, err = a.recoverByCode(ctx, c, &recoverByCodeRequest{Body: CodeRecovery(in)})
	} else {
		_, err = a.passwordSignIn(ctx, c, in)
	}
	return err
}

// passwordSignIn signs a browser in by a password.
func (a *API) passwordSignIn(ctx context.Context, c *Caller, in SignIn) (Me, error) {
	if err := a.guess(c, a.limits.name, in.Name); err != nil {
		return Me{}, err
	}
	if in.Code != "" {
		if err := a.guess(c, a.limits.code, in.Name); err != nil {
			return Me{}, err
		}
	}
	who, err := a.Accounts.SignInWithCode(ctx, in.Name, in.Password, in.Code)
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

// proofOf is what a confirmation brings.
func proofOf(p Proof) accounts.Proof {
	return accounts.Proof{Password: p.Password, Code: p.Code, Ceremony: p.Ceremony, Credential: p.Credential}
}
