package v1

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/service/accounts"
)

// A Passkey is one way to sign in without a password.
type Passkey struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name" example:"phone"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func passkeyOf(p *community.Passkey) Passkey {
	return Passkey{ID: int64(p.ID), Name: p.Name, CreatedAt: instant(p.CreatedAt), LastUsedAt: maybe(p.LastUsedAt)}
}

// A Ceremony is the first half of making or using a passkey. The browser does
// the second with the options, and sends what comes out with the ceremony.
type Ceremony struct {
	Ceremony string `json:"ceremony" doc:"Send it back with the credential. It works once, for a few minutes."`
	Options  any    `json:"options" doc:"Made for navigator.credentials: {\"publicKey\": …} with binary values in base64url."`
}

func ceremonyOf(b *accounts.Begun, err error) (Ceremony, error) {
	if err != nil {
		return Ceremony{}, err
	}
	return Ceremony{Ceremony: b.Ceremony, Options: b.Options}, nil
}

type beginSignUpRequest struct {
	Body PasskeySignUp
}

// PasskeySignUp is what an account needs that starts with a passkey.
type PasskeySignUp struct {
	Name string `json:"name" example:"alice"`
	Entry
}

func (a *API) beginSignUp(ctx context.Context, c *Caller, req *beginSignUpRequest) (Ceremony, error) {
	if err := a.allowed(ctx, c); err != nil {
		return Ceremony{}, err
	}
	return ceremonyOf(a.Accounts.BeginSignUp(ctx, req.Body.signUp(c, req.Body.Name, "")))
}

// NewPasskey is what a browser made, for an account that starts with it.
type NewPasskey struct {
	Ceremony    string          `json:"ceremony"`
	Credential  json.RawMessage `json:"credential" doc:"What navigator.credentials.create() gave, by toJSON()."`
	PasskeyName string          `json:"passkey_name,omitempty" example:"phone"`
}

type finishSignUpRequest struct {
	Body NewPasskey
}

func (a *API) finishSignUp(ctx context.Context, c *Caller, req *finishSignUpRequest) (Me, error) {
	who, err := a.Accounts.FinishSignUp(ctx, req.Body.Ceremony, req.Body.Credential, req.Body.PasskeyName)
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

// Nothing is an empty object.
type Nothing struct{}

type beginRequest struct {
	Body *Nothing `required:"false"`
}

func (a *API) beginSignIn(ctx context.Context, _ *Caller, _ *beginRequest) (Ceremony, error) {
	return ceremonyOf(a.Accounts.BeginSignIn(ctx))
}

// Credential is the second half of signing in with a passkey.
type Credential struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential" doc:"What navigator.credentials.get() gave, by toJSON()."`
}

type finishSignInRequest struct {
	Body Credential
}

func (a *API) finishSignIn(ctx context.Context, c *Caller, req *finishSignInRequest) (Me, error) {
	who, err := a.Accounts.FinishSignIn(ctx, req.Body.Ceremony, req.Body.Credential)
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

func (a *API) passkeys(ctx context.Context, c *Caller, _ *None) (List[Passkey], error) {
	rows, err := a.Accounts.Passkeys(ctx, c.Who)
	return listOf(rows, "", passkeyOf), err
}

func (a *API) beginPasskey(ctx context.Context, c *Caller, _ *beginRequest) (Ceremony, error) {
	return ceremonyOf(a.Accounts.BeginPasskey(ctx, c.Who))
}

// AnotherPasskey is what a browser made, for an account that exists.
type AnotherPasskey struct {
	Ceremony   string          `json:"ceremony"`
	Credential json.RawMessage `json:"credential" doc:"What navigator.credentials.create() gave, by toJSON()."`
	Name       string          `json:"name,omitempty" example:"phone"`
}

type finishPasskeyRequest struct {
	Body AnotherPasskey
}

func (a *API) finishPasskey(ctx context.Context, c *Caller, req *finishPasskeyRequest) (Passkey, error) {
	made, err := a.Accounts.FinishPasskey(ctx, c.Who, req.Body.Ceremony, req.Body.Credential, req.Body.Name)
	if err != nil {
		return Passkey{}, err
	}
	return passkeyOf(made), nil
}

type passkeyRequest struct {
	ID int64 `path:"id"`
}

func (a *API) deletePasskey(ctx context.Context, c *Caller, req *passkeyRequest) error {
	return a.Accounts.DeletePasskey(ctx, c.Who, community.PasskeyID(req.ID))
}
