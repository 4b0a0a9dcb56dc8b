package oauth

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"drystone/fault"
	"drystone/service/clients"
)

// maxBody bounds what a client sends.
const maxBody = 64 << 10

func refuse(word, message string) error { return &clients.Refusal{Word: word, Message: message} }

// form reads the parameters of a request: from its body alone, since what
// stands in addresses is written into logs, each once, and all of them text.
func form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, refuse(clients.InvalidRequest, "Send application/x-www-form-urlencoded.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, fault.Because(err, fault.TooLarge, "The request is too large, or ended early.")
	}
	return parseForm(string(body))
}

// parseForm reads parameters as they stand in a body.
func parseForm(body string) (url.Values, error) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, refuse(clients.InvalidRequest, "The parameters could not be read.")
	}
	for name, list := range values {
		if len(list) > 1 {
			return nil, refuse(clients.InvalidRequest, "A parameter stands there twice.")
		}
		for _, text := range []string{name, list[0]} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return nil, refuse(clients.InvalidRequest, "A parameter is not text.")
			}
		}
	}
	return values, nil
}

// credentials are how the client says who it is: in the header or in the
// body, not both (RFC 6749 section 2.3).
func credentials(r *http.Request, values url.Values) (clients.Credentials, error) {
	shown := clients.Credentials{Key: values.Get("client_id"), Secret: values.Get("client_secret")}
	if r.Header.Get("Authorization") == "" {
		if shown.Key == "" {
			return shown, refuse(clients.InvalidClient, "Say who you are: client_id is missing.")
		}
		return shown, nil
	}
	key, secret, basic := r.BasicAuth()
	if !basic {
		return shown, refuse(clients.InvalidClient, "Use the scheme Basic, or client_id and client_secret.")
	}
	// Both are encoded as in a form before they become a header.
	key, wrongKey := url.QueryUnescape(key)
	secret, wrongSecret := url.QueryUnescape(secret)
	if wrongKey != nil || wrongSecret != nil || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		return shown, refuse(clients.InvalidClient, "The client's name or secret could not be read.")
	}
	if shown.Secret != "" || shown.Key != "" && shown.Key != key {
		return shown, refuse(clients.InvalidRequest, "Say who you are in one way only.")
	}
	return clients.Credentials{Key: key, Secret: secret}, nil
}

// granted is what a client gets (RFC 6749 section 5.1).
type granted struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
}

// token gives tokens for a code, or for a refresh token.
func (s *server) token(c echo.Context) (any, error) {
	values, err := form(c.Response(), c.Request())
	if err != nil {
		return nil, err
	}
	shown, err := credentials(c.Request(), values)
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	client, err := s.Clients.Client(ctx, shown)
	if err != nil {
		return nil, err
	}
	var tokens *clients.Tokens
	switch values.Get("grant_type") {
	case "authorization_code":
		tokens, err = s.Clients.Exchange(ctx, client, values.Get("code"), values.Get("code_verifier"), values.Get("redirect_uri"))
	case "refresh_token":
		tokens, err = s.Clients.Refresh(ctx, client, values.Get("refresh_token"), values.Get("scope"))
	case "":
		return nil, refuse(clients.InvalidRequest, "grant_type is missing.")
	default:
		return nil, refuse(clients.UnsupportedGrant, "grant_type: there are authorization_code and refresh_token.")
	}
	if err != nil {
		return nil, err
	}
	return granted{tokens.Access, "Bearer", int(tokens.Life.Seconds()), tokens.Refresh, string(tokens.Scopes)}, nil
}

// held finds out which client asks about which token.
func (s *server) held(c echo.Context, f func(client clients.Credentials, token string) error) error {
	values, err := form(c.Response(), c.Request())
	if err != nil {
		return err
	}
	shown, err := credentials(c.Request(), values)
	if err != nil {
		return err
	}
	if values.Get("token") == "" {
		return refuse(clients.InvalidRequest, "token is missing.")
	}
	return f(shown, values.Get("token"))
}

// revoke ends a token (RFC 7009).
func (s *server) revoke(c echo.Context) (any, error) {
	return struct{}{}, s.held(c, func(shown clients.Credentials, token string) error {
		client, err := s.Clients.Client(c.Request().Context(), shown)
		if err != nil {
			return err
		}
		return s.Clients.Revoke(c.Request().Context(), client, token)
	})
}

// insight is what is told of a token (RFC 7662 section 2.2).
type insight struct {
	Active    bool   `json:"active"`
	Scope     string `json:"scope,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	Username  string `json:"username,omitempty"`
	Subject   string `json:"sub,omitempty"`
	Issuer    string `json:"iss,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	Issued    int64  `json:"iat,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
}

// introspect tells a client about a token of its own.
func (s *server) introspect(c echo.Context) (any, error) {
	var answer insight
	err := s.held(c, func(shown clients.Credentials, token string) error {
		ctx := c.Request().Context()
		client, err := s.Clients.Client(ctx, shown)
		if err != nil {
			return err
		}
		about, err := s.Clients.Introspect(ctx, client, token)
		if err != nil || about == nil {
			return err
		}
		answer = insight{
			Active: true, Scope: string(about.Scopes), ClientID: client.Key, Username: about.Person.Name,
			Subject: about.Person.IRI, Issuer: s.Origin, TokenType: "Bearer", Expires: about.ExpiresAt.Unix(),
		}
		if about.Refresh {
			answer.TokenType = "refresh_token"
		}
		if !about.CreatedAt.IsZero() {
			answer.Issued = about.CreatedAt.Unix()
		}
		return nil
	})
	return answer, err
}
