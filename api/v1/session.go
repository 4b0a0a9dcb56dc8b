package v1

import (
	"context"
	"encoding/json"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

// A Session is a browser in which the caller is signed in.
type Session struct {
	ID         int64     `json:"id"`
	Agent      string    `json:"agent" doc:"The browser, as it calls itself."`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current" doc:"Whether this is the session that asks."`
}

type signInRequest struct {
	Body SignIn
}

// SignIn is a name and a password, and a code where the account needs one.
type SignIn struct {
	Name     string `json:"name" example:"alice"`
	Password string `json:"password" writeOnly:"true"`
	Code     string `json:"code,omitempty" doc:"That the app shows, or a recovery code, where the account needs one." example:"123456" writeOnly:"true"`
}

func (a *API) signIn(ctx context.Context, c *Caller, req *signInRequest) (Me, error) {
	if accounts.LooksLikeToken(req.Body.Password) {
		// A program learns whose app password it holds. It gets no cookie: with
		// that it would be its person, beyond its scopes and after the password
		// is revoked. It sends the password with every request instead.
		if who, err := a.Accounts.ByPassword(ctx, req.Body.Name, req.Body.Password); !fault.Is(err, fault.Unauthenticated) {
			if err != nil {
				return Me{}, err
			}
			return a.Me(ctx, &Caller{Who: who}, nil)
		}
	}
	return a.passwordSignIn(ctx, c, req.Body)
}

func (a *API) signOut(ctx context.Context, c *Caller, _ *None) error {
	if c.Who.Session != nil {
		if err := a.Accounts.EndSession(ctx, c.Who, c.Who.Session.ID); err != nil {
			return err
		}
	}
	c.header("Set-Cookie", a.SessionCookie("").String())
	return nil
}

func (a *API) sessions(ctx context.Context, c *Caller, _ *None) (List[Session], error) {
	rows, err := a.Accounts.Sessions(ctx, c.Who, community.BrowserSession)
	return listOf(rows, "", func(s *community.Session) Session {
		used := s.LastUsedAt
		if used.IsZero() {
			used = s.CreatedAt
		}
		return Session{
			ID: int64(s.ID), Agent: s.Name, CreatedAt: instant(s.CreatedAt), LastUsedAt: instant(used),
			Current: c.Who.Session != nil && c.Who.Session.ID == s.ID,
		}
	}), err
}

func (a *API) beginConfirm(ctx context.Context, c *Caller, _ *beginRequest) (Ceremony, error) {
	return ceremonyOf(a.Accounts.BeginConfirm(ctx, c.Who))
}

type confirmRequest struct {
	Body Proof
}

// Proof shows who is there: a password, a code, or what a passkey answered.
type Proof struct {
	Password   string          `json:"password,omitempty" writeOnly:"true"`
	Code       string          `json:"code,omitempty" doc:"That the app shows, or a recovery code." writeOnly:"true"`
	Ceremony   string          `json:"ceremony,omitempty" doc:"From POST /session/confirm/begin."`
	Credential json.RawMessage `json:"credential,omitempty" doc:"What navigator.credentials.get() gave, by toJSON()."`
}

// Confirmation is a session that its owner confirmed.
type Confirmation struct {
	Until time.Time `json:"until" doc:"For how long nobody asks again."`
}

func (a *API) confirm(ctx context.Context, c *Caller, req *confirmRequest) (Confirmation, error) {
	if req.Body.Code != "" {
		if err := a.guess(c, a.limits.code, c.Who.Actor.Name); err != nil {
			return Confirmation{}, err
		}
	}
	secret, session, err := a.Accounts.Confirm(ctx, c.Who, proofOf(req.Body))
	if err != nil {
		return Confirmation{}, err
	}
	c.header("Set-Cookie", a.SessionCookie(secret).String())
	return Confirmation{Until: instant(session.ConfirmedAt.Add(community.ConfirmationLife))}, nil
}

type sessionRequest struct {
	ID int64 `path:"id"`
}

func (a *API) endSession(ctx context.Context, c *Caller, req *sessionRequest) error {
	return a.Accounts.EndSession(ctx, c.Who, community.SessionID(req.ID))
}
