package v1

import (
	"context"
	"net/http"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

// An Identity is whom a provider of sign-in takes the caller for.
type Identity struct {
	Provider   string     `json:"provider" example:"Quarry Ltd"`
	Name       string     `json:"name" doc:"What the provider calls the caller." example:"anna@quarry.example"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func (a *API) identities(ctx context.Context, c *Caller, _ *None) (List[Identity], error) {
	rows, err := a.Accounts.Identities(ctx, c.Who)
	return listOf(rows, "", func(i *community.Identity) Identity {
		return Identity{Provider: a.Accounts.ProviderName(), Name: i.Name, CreatedAt: instant(i.CreatedAt), LastUsedAt: maybe(i.LastUsedAt)}
	}), err
}

// Away is where a browser is to go on.
type Away struct {
	URL string `json:"url"`
}

func (a *API) beginIdentity(ctx context.Context, c *Caller, _ *beginRequest) (Away, error) {
	left, err := a.Accounts.BeginProvider(ctx, c.Who, "/settings/security")
	if err != nil {
		return Away{}, err
	}
	c.header("Set-Cookie", a.journeyCookie(left.Secret).String())
	return Away{URL: left.URL}, nil
}

func (a *API) deleteIdentity(ctx context.Context, c *Caller, _ *None) error {
	return a.Accounts.Untie(ctx, c.Who)
}

// journeyName is the cookie of a browser that is at the provider, or that
// came back and chooses a name.
func (a *API) journeyName() string { return a.cookieName() + "-journey" }

// journeyCookie carries the secret of a journey; an empty one takes it away.
func (a *API) journeyCookie(secret string) *http.Cookie {
	age := int(time.Hour / time.Second)
	if secret == "" {
		age = -1
	}
	return &http.Cookie{
		Name: a.journeyName(), Value: secret, Path: "/", MaxAge: age,
		Secure: a.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func (a *API) journey(r *http.Request) string {
	cookie, err := r.Cookie(a.journeyName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// LeaveForProvider returns where a browser goes to sign in at the provider,
// and the cookie by which it is known when it comes back.
func (a *API) LeaveForProvider(ctx context.Context, c *Caller, next string) (url string, _ *http.Cookie, err error) {
	if err := count(a.limits.signIn, c); err != nil {
		return "", nil, err
	}
	left, err := a.Accounts.BeginProvider(ctx, nil, next)
	if err != nil {
		return "", nil, err
	}
	return left.URL, a.journeyCookie(left.Secret), nil
}

// NameAfterProvider is where somebody chooses a name whom the provider vouches
// for.
const NameAfterProvider = "/oidc/join"

// ReturnFromProvider takes a browser back, and returns where it goes on and
// the cookies with which.
func (a *API) ReturnFromProvider(ctx context.Context, c *Caller, r *http.Request) (next string, _ []*http.Cookie, err error) {
	if err := count(a.limits.signIn, c); err != nil {
		return "", nil, err
	}
	q := r.URL.Query()
	arrival, err := a.Accounts.FinishProvider(ctx, accounts.Return{
		Secret: a.journey(r), State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Issuer: q.Get("iss"),
	})
	switch {
	case err != nil:
		return "", nil, err
	case arrival.Join != "":
		return NameAfterProvider, []*http.Cookie{a.journeyCookie(arrival.Join)}, nil
	case arrival.Tied:
		return arrival.Next, []*http.Cookie{a.journeyCookie("")}, nil
	}
	cookies, err := a.enter(ctx, c, arrival.Who)
	return arrival.Next, append(cookies, a.journeyCookie("")), err
}

// Newcomer is who chooses a name in the browser that sent r.
func (a *API) Newcomer(ctx context.Context, r *http.Request) (*accounts.Newcomer, error) {
	return a.Accounts.Newcomer(ctx, a.journey(r))
}

// JoinByProvider makes the account of a newcomer under a name.
func (a *API) JoinByProvider(ctx context.Context, c *Caller, r *http.Request, name string) ([]*http.Cookie, error) {
	if err := count(a.limits.signUp, c); err != nil {
		return nil, err
	}
	who, err := a.Accounts.JoinByProvider(ctx, a.journey(r), name)
	if err != nil {
		return nil, err
	}
	cookies, err := a.enter(ctx, c, who)
	return append(cookies, a.journeyCookie("")), err
}

// EndedByProvider signs out whom the provider signed out. It is called by the
// provider itself, so limits are those of its address.
func (a *API) EndedByProvider(ctx context.Context, c *Caller, token string) error {
	if token == "" {
		return fault.Field("logout_token", "There is no logout token.")
	}
	return a.Accounts.EndedByProvider(ctx, token)
}
