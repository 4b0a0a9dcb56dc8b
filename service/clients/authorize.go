package clients

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Request is what a client asks a person for: it was checked, and people may
// be sent back to where it says.
type Request struct {
	Client    *community.Client
	Redirect  string
	Scopes    community.Scopes
	Prompt    []string
	issuer    string
	state     string
	challenge string
}

// maxState bounds what a client wants to have back.
const maxState = 2000

// Read finds out what a client asks for at the authorization endpoint. A
// Refusal without a Request is for the person alone, who must not be sent
// anywhere: nobody knows that the address is the client's. With a Request, the
// client is to hear of it.
func (s *Service) Read(ctx context.Context, query url.Values) (_ *Request, err error) {
	defer fault.Wrap(&err, "clients.Read")
	if word := repeated(query); word != "" {
		return nil, refuse(InvalidRequest, "A parameter stands there twice.")
	}
	client, err := s.DB.ClientByKey(ctx, query.Get("client_id"))
	if fault.Is(err, fault.NotFound) {
		return nil, refuse(InvalidClient, "No app is known here by that client_id. It may have to register anew.")
	}
	if err != nil {
		return nil, err
	}
	redirect := query.Get("redirect_uri")
	if redirect == "" || !client.SendsTo(redirect) {
		return nil, refuse(InvalidRedirect, "The app did not register the address that it wants you to be sent to.")
	}
	r := &Request{
		Client: client, Redirect: redirect, issuer: s.Origin, state: query.Get("state"), challenge: query.Get("code_challenge"),
		Prompt: strings.Fields(query.Get("prompt")),
	}
	return r, r.check(query)
}

// check says what is wrong with the rest of a request.
func (r *Request) check(query url.Values) error {
	scopes, wrong := r.asks(query)
	r.Scopes = scopes
	switch {
	case len(r.state) > maxState:
		r.state = ""
		return refuse(InvalidRequest, "state: it is too long.")
	case query.Has("request") || query.Has("request_uri"):
		return refuse(RequestNotSupported, "Parameters are read from the query alone.")
	case query.Get("response_type") != "code":
		return refuse(UnsupportedResponse, "response_type: there is only code.")
	case query.Has("response_mode") && query.Get("response_mode") != "query":
		return refuse(InvalidRequest, "response_mode: there is only query.")
	case query.Get("code_challenge_method") != "S256":
		return refuse(InvalidRequest, "code_challenge_method: S256 is needed.")
	case !community.IsChallenge(r.challenge):
		return refuse(InvalidRequest, "code_challenge: it is needed, in base64url without padding.")
	case !subset(r.Prompt, "none", "login", "consent", "select_account"):
		return refuse(InvalidRequest, "prompt: there are none, login, consent and select_account.")
	case len(r.Prompt) > 1 && r.Prompts("none"):
		return refuse(InvalidRequest, "prompt: none stands alone.")
	}
	return wrong
}

// asks is what the client asks to be allowed: what it says, else what it
// registered for, else to read.
func (r *Request) asks(query url.Values) (community.Scopes, error) {
	text := query.Get("scope")
	if text == "" {
		text = string(r.Client.Scopes)
	}
	if text == "" {
		text = string(community.ScopeRead)
	}
	scopes, err := community.ParseScopes(text)
	if err != nil {
		return "", refuse(InvalidScope, "scope: "+said(err))
	}
	if r.Client.Scopes != "" && !r.Client.Scopes.Cover(scopes) {
		return "", refuse(InvalidScope, "scope: the client registered for less.")
	}
	return scopes, nil
}

// repeated is a parameter that stands in query more than once (RFC 6749
// section 3.1), or nothing.
func repeated(query url.Values) string {
	for word, values := range query {
		if len(values) > 1 {
			return word
		}
	}
	return ""
}

// Prompts reports whether the client wants word of its person.
func (r *Request) Prompts(word string) bool { return slices.Contains(r.Prompt, word) }

// Granted is where the person is sent with a code.
func (r *Request) Granted(code string) string { return r.back("code", code) }

// Refused is where the person is sent when the client gets nothing.
func (r *Request) Refused(refusal *Refusal) string {
	return r.back("error", refusal.Word, "error_description", refusal.Message)
}

// back adds an answer to the client's address. Who answers is said too, so
// that a client of several servers cannot be led to mix them up (RFC 9207).
func (r *Request) back(pairs ...string) string {
	answer := url.Values{"iss": {r.issuer}}
	if r.state != "" {
		answer.Set("state", r.state)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		answer.Set(pairs[i], pairs[i+1])
	}
	sign := "?"
	if strings.Contains(r.Redirect, "?") {
		sign = "&"
	}
	return r.Redirect + sign + answer.Encode()
}

// Remembered reports whether an account agreed to all of this before, so that
// it need not be asked again. That holds only where nobody but the client can
// get the answer, and never for what could change the server or the account.
func (s *Service) Remembered(ctx context.Context, account community.AccountID, r *Request) (_ bool, err error) {
	defer fault.Wrap(&err, "clients.Remembered(%d)", account)
	scopes := r.Scopes.List()
	if !r.Client.Proven(r.Redirect) || slices.Contains(scopes, community.ScopeAdminister) || slices.Contains(scopes, community.ScopeAccount) {
		return false, nil
	}
	permit, err := s.DB.PermitOf(ctx, account, r.Client.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && permit.Scopes.Cover(r.Scopes), err
}

// Knows reports whether an account lets a client act for it at all.
func (s *Service) Knows(ctx context.Context, account community.AccountID, client *community.Client) (_ bool, err error) {
	defer fault.Wrap(&err, "clients.Knows(%d, %d)", account, client.ID)
	_, err = s.DB.PermitOf(ctx, account, client.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Approve lets the client have what it asks for, for an account, and returns
// the code that the client fetches its tokens with.
func (s *Service) Approve(ctx context.Context, account community.AccountID, via string, r *Request) (code string, err error) {
	defer fault.Wrap(&err, "clients.Approve(%d, %d)", account, r.Client.ID)
	now := s.now()
	code = community.NewSecret(codePrefix)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		permit, err := tx.PermitOf(ctx, account, r.Client.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			permit = &community.Permit{AccountID: account, ClientID: r.Client.ID, Scopes: r.Scopes, CreatedAt: now, LastUsedAt: now}
			if err = tx.AddPermit(ctx, permit); err == nil {
				err = tx.PostLetter(ctx, community.Letter{
					Kind: community.AccessChanged, AccountID: account, At: now,
					Words: map[string]string{"what": community.AppConnected, "name": r.Client.Name},
				})
			}
		case err == nil:
			permit.Scopes, permit.LastUsedAt = permit.Scopes.With(r.Scopes), now
			err = tx.SavePermit(ctx, permit)
		}
		if err != nil {
			return err
		}
		return tx.AddAuthorization(ctx, &community.Authorization{
			PermitID: permit.ID, Redirect: r.Redirect, Challenge: r.challenge, Scopes: r.Scopes,
			CodeHash: community.HashSecret(code), CreatedAt: now, ExpiresAt: now.Add(community.CodeLife), Via: via,
		})
	})
	return code, err
}
