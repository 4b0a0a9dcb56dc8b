package accounts

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Provider is where people of a company sign in (OpenID Connect): whom it
// vouches for comes in here, without a passkey or password of ours.
type Provider struct {
	Issuer   string
	ClientID string
	Secret   string // empty for a public client
	Name     string // for people
	Claim    string // where the groups stand that somebody is in
	// Groups are the groups here, by name, of who is in a group there.
	Groups map[string][]string
	Client *http.Client
	// Enrol and Withdraw begin and end memberships.
	Enrol, Withdraw func(ctx context.Context, person *community.Actor, group string) error

	mu    sync.Mutex
	found *oidc.Provider // once its metadata was read
}

const (
	// providerCeremony is somebody on their way to the provider and back,
	// joinCeremony somebody who came back and is to choose a name.
	providerCeremony = "provider"
	joinCeremony     = "provider-join"
	// joinLife is how long somebody may take to choose a name.
	joinLife = time.Hour
	// viaProvider begins the Via of sessions that the provider vouches for.
	viaProvider = "oidc:"
	// CallbackPath is where the provider sends people back to.
	CallbackPath = "/oidc/callback"
	// providerPatience bounds what is asked of the provider at once.
	providerPatience = 15 * time.Second
)

// A journey is what is remembered of somebody who is at the provider.
type journey struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
	Next     string `json:"next"`
}

// A Departure is somebody who is sent to the provider.
type Departure struct {
	URL    string // where to
	Secret string // for a cookie: only the same browser comes back
}

// An Arrival is somebody who came back from the provider.
type Arrival struct {
	Who  *Who   // signed in; nil: they have no account yet, or tied theirs
	Tied bool   // they asked to tie their account to the provider, and it is
	Next string // where they wanted to go
	Join string // the secret with which JoinByProvider makes their account
}

// claims are what a provider says of somebody.
type claims struct {
	Subject   string   `json:"sub"`
	SessionID string   `json:"sid"`
	Name      string   `json:"name"`
	Username  string   `json:"preferred_username"`
	Email     string   `json:"email"`
	Verified  bool     `json:"email_verified"`
	Groups    []string `json:"-"`
	Next      string   `json:"next"` // of a joinCeremony
}

// ProviderName is what people call the provider; empty where there is none.
func (s *Service) ProviderName() string {
	if s.Provider == nil {
		return ""
	}
	return s.Provider.Name
}

// provider returns the provider with what it says about itself, which is asked
// for once. It is Unavailable when it does not answer.
func (s *Service) provider(ctx context.Context) (*oidc.Provider, error) {
	p := s.Provider
	if p == nil {
		return nil, fault.New(fault.NotFound, "This server has no other way to sign in.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// Its keys are asked for again later, so they must not end with ctx.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.Client), p.Issuer)
	if err != nil {
		return nil, fault.Because(err, fault.Unavailable, "%s does not answer. Try again in a moment, or sign in another way.", p.Name)
	}
	p.found = found
	return found, nil
}

func (s *Service) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.Provider.ClientID, ClientSecret: s.Provider.Secret, Endpoint: p.Endpoint(),
		RedirectURL: s.Origin + CallbackPath, Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// asking bounds ctx, and has what asks the provider use our client.
func (p *Provider) asking(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, providerPatience)
	return oidc.ClientContext(ctx, p.Client), cancel
}

// BeginProvider sends somebody to the provider: to sign in, or, with by, to
// tie the account of by to who they are there.
func (s *Service) BeginProvider(ctx context.Context, by *Who, next string) (_ *Departure, err error) {
	defer fault.Wrap(&err, "accounts.BeginProvider")
	p, err := s.provider(ctx)
	if err != nil {
		return nil, err
	}
	secret := newSecret("")
	j := journey{State: newSecret(""), Nonce: newSecret(""), Verifier: oauth2.GenerateVerifier(), Next: next}
	data, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	c := &community.Ceremony{Hash: hashSecret(secret), Kind: providerCeremony, Data: data, ExpiresAt: s.now().Add(joinLife)}
	if by != nil {
		c.AccountID = by.Account.ID
	}
	if err := s.DB.AddCeremony(ctx, c); err != nil {
		return nil, err
	}
	url := s.oauth(p).AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier))
	return &Departure{URL: url, Secret: secret}, nil
}

// A Return is what somebody brings back from the provider.
type Return struct {
	Secret string // of the Departure, from the cookie
	State  string
	Code   string
	Error  string // what went wrong there, in a word (RFC 6749, section 4.1.2.1)
	Issuer string // who sends them, where it says so (RFC 9207)
}

// FinishProvider takes somebody back from the provider. It is Forbidden when
// the provider did not let them go on, and Invalid for a journey that did not
// begin in this browser, or is over.
func (s *Service) FinishProvider(ctx context.Context, r Return) (_ *Arrival, err error) {
	defer fault.Wrap(&err, "accounts.FinishProvider")
	p, err := s.provider(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.DB.TakeCeremony(ctx, providerCeremony, hashSecret(r.Secret))
	var j journey
	switch {
	case fault.Is(err, fault.NotFound), err == nil && !s.now().Before(c.ExpiresAt):
		return nil, lostJourney(err)
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(c.Data, &j); err != nil {
		return nil, err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(j.State), []byte(r.State)) != 1, r.Issuer != "" && r.Issuer != s.Provider.Issuer:
		return nil, lostJourney(errors.New("another state or issuer"))
	case r.Error != "":
		return nil, fault.Because(errors.New(r.Error), fault.Forbidden, "%s did not let you go on. You can try again.", s.Provider.Name)
	}
	said, err := s.claims(ctx, p, j, r.Code)
	if err != nil {
		return nil, err
	}
	said.Next = j.Next
	if c.AccountID != 0 {
		return &Arrival{Tied: true, Next: j.Next}, s.tie(ctx, c.AccountID, said)
	}
	return s.arrive(ctx, said)
}

func lostJourney(err error) error {
	return fault.Because(err, fault.Invalid, "That took too long, or began in another browser. Start again.")
}

// claims fetches and checks what the provider says of who brings code.
func (s *Service) claims(ctx context.Context, p *oidc.Provider, j journey, code string) (*claims, error) {
	ctx, cancel := s.Provider.asking(ctx)
	defer cancel()
	token, err := s.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError:
		return nil, s.distrust(err)
	case err != nil:
		return nil, fault.Because(err, fault.Unavailable, "%s does not answer. Try again in a moment.", s.Provider.Name)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := s.verifier(p).Verify(ctx, raw)
	if err != nil {
		return nil, s.distrust(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(j.Nonce)) != 1 {
		return nil, s.distrust(errors.New("another nonce"))
	}
	var said claims
	all := map[string]any{}
	if err := errors.Join(id.Claims(&said), id.Claims(&all)); err != nil {
		return nil, s.distrust(err)
	}
	groups, found := groupsIn(all, s.Provider.Claim)
	if !found && len(s.Provider.Groups) > 0 && p.UserInfoEndpoint() != "" {
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return nil, fault.Because(err, fault.Unavailable, "%s does not answer. Try again in a moment.", s.Provider.Name)
		}
		if info.Subject != said.Subject {
			return nil, s.distrust(errors.New("user info about somebody else"))
		}
		all = map[string]any{}
		if err := info.Claims(&all); err != nil {
			return nil, s.distrust(err)
		}
		groups, _ = groupsIn(all, s.Provider.Claim)
	}
	said.Groups = groups
	return &said, nil
}

func (s *Service) verifier(p *oidc.Provider) *oidc.IDTokenVerifier {
	return p.Verifier(&oidc.Config{ClientID: s.Provider.ClientID, Now: s.Now})
}

// distrust is the answer to a provider's word that does not hold.
func (s *Service) distrust(err error) error {
	return fault.Because(err, fault.Forbidden, "What %s said about you could not be verified. Start again.", s.Provider.Name)
}

// groupsIn finds the groups in what a provider says, at a path of names with
// dots between, and reports whether it says anything there.
func groupsIn(all map[string]any, path string) (groups []string, found bool) {
	value, found := all[path] // some names hold dots, and mean it
	for at := any(all); !found && path != ""; {
		name, rest, more := strings.Cut(path, ".")
		object, _ := at.(map[string]any)
		at = object[name]
		if path = rest; !more {
			value, found = at, at != nil
			break
		}
	}
	switch v := value.(type) {
	case string:
		groups = append(groups, v)
	case []any:
		for _, one := range v {
			if name, ok := one.(string); ok {
				groups = append(groups, name)
			}
		}
	}
	return groups, found
}

// arrive signs in whoever the provider vouches for, or prepares their account.
func (s *Service) arrive(ctx context.Context, said *claims) (*Arrival, error) {
	identity, err := s.DB.Identity(ctx, s.Provider.Issuer, said.Subject)
	if fault.Is(err, fault.NotFound) {
		return s.expect(ctx, said)
	}
	if err != nil {
		return nil, err
	}
	found, err := who(ctx, s.DB, identity.AccountID)
	if err != nil {
		return nil, err
	}
	identity.Name = said.called()
	if err := s.DB.UseIdentity(ctx, identity, s.now()); err != nil {
		return nil, err
	}
	found.Via = viaProvider + said.SessionID
	return &Arrival{Who: found, Next: said.Next}, s.place(ctx, found, said.Groups)
}

// called is what the provider calls somebody, for them to recognise it.
func (c *claims) called() string {
	for _, name := range []string{c.Email, c.Username, c.Name} {
		if name = label(name, maxLabel); name != "" {
			return name
		}
	}
	return ""
}

// tie ties an account to who its owner is at the provider.
func (s *Service) tie(ctx context.Context, id community.AccountID, said *claims) error {
	err := s.DB.AddIdentity(ctx, s.identity(id, said))
	if fault.Is(err, fault.Conflict) {
		return fault.Because(err, fault.Conflict, "Your account, or the one at %s, is connected already.", s.Provider.Name)
	}
	if err != nil {
		return err
	}
	owner, err := who(ctx, s.DB, id)
	if err != nil {
		return err
	}
	return s.place(ctx, owner, said.Groups)
}

func (s *Service) identity(id community.AccountID, said *claims) *community.Identity {
	now := s.now()
	return &community.Identity{
		Issuer: s.Provider.Issuer, Subject: said.Subject, AccountID: id, Name: said.called(), CreatedAt: now, LastUsedAt: now,
	}
}

// Identities lists what who's account is tied to.
func (s *Service) Identities(ctx context.Context, who *Who) (_ []*community.Identity, err error) {
	defer fault.Wrap(&err, "accounts.Identities(%d)", who.Account.ID)
	return s.DB.Identities(ctx, who.Account.ID)
}

// Untie unties who's account from the provider. It is Forbidden where that is
// the only way into it.
func (s *Service) Untie(ctx context.Context, by *Who) (err error) {
	defer fault.Wrap(&err, "accounts.Untie(%d)", by.Account.ID)
	if s.Provider == nil {
		return fault.New(fault.NotFound, "Your account is not connected to anything.")
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, by.Account.ID)
		if err != nil {
			return err
		}
		dropped, err := tx.DropIdentity(ctx, account.ID, s.Provider.Issuer)
		if err != nil {
			return err
		}
		if !dropped {
			return fault.New(fault.NotFound, "Your account is not connected to %s.", s.Provider.Name)
		}
		return s.hasWayIn(ctx, tx, account)
	})
}
