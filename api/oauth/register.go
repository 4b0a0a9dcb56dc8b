package oauth

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"drystone/fault"
	"drystone/service/clients"
)

// metadata is what a client says of itself, and is told of it (RFC 7591). What
// is not kept here is not told back.
type metadata struct {
	ClientID      string   `json:"client_id,omitempty"`
	ClientSecret  string   `json:"client_secret,omitempty"`
	IssuedAt      int64    `json:"client_id_issued_at,omitempty"`
	SecretExpires *int     `json:"client_secret_expires_at,omitempty"` // 0: never
	Name          string   `json:"client_name"`
	URI           string   `json:"client_uri,omitempty"`
	Redirects     []string `json:"redirect_uris"`
	Method        string   `json:"token_endpoint_auth_method"`
	GrantTypes    []string `json:"grant_types"`
	ResponseTypes []string `json:"response_types"`
	Scope         string   `json:"scope,omitempty"`
}

// asked is metadata as a client sends it, with what is only looked at.
type asked struct {
	metadata
	Statement string `json:"software_statement"`
	Logo      string `json:"logo_uri"`
	Terms     string `json:"tos_uri"`
	Policy    string `json:"policy_uri"`
	Keys      string `json:"jwks_uri"`
}

// parseRegistration reads what a client says of itself.
func parseRegistration(text []byte) (clients.Registration, error) {
	var a asked
	if err := json.Unmarshal(text, &a); err != nil || !utf8.Valid(text) {
		return clients.Registration{}, refuse(clients.InvalidMetadata, "The body is not the JSON that was expected.")
	}
	for _, word := range append([]string{a.Name, a.URI, a.Method, a.Scope}, a.Redirects...) {
		if strings.ContainsRune(word, 0) {
			return clients.Registration{}, refuse(clients.InvalidMetadata, "Something in it is not text.")
		}
	}
	return clients.Registration{
		Name: a.Name, URI: a.URI, Redirects: a.Redirects, Method: a.Method, GrantTypes: a.GrantTypes, ResponseTypes: a.ResponseTypes,
		Scope: a.Scope, Statement: a.Statement, Pages: []string{a.Logo, a.Terms, a.Policy, a.Keys},
	}, nil
}

// register makes a client (RFC 7591).
func (s *server) register(c echo.Context) (any, error) {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != echo.MIMEApplicationJSON {
		return nil, refuse(clients.InvalidMetadata, "Send application/json.")
	}
	text, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxBody))
	if err != nil {
		return nil, fault.Because(err, fault.TooLarge, "The registration is too large, or ended early.")
	}
	ask, err := parseRegistration(text)
	if err != nil {
		return nil, err
	}
	client, secret, err := s.Clients.Register(r.Context(), ask)
	if err != nil {
		return nil, err
	}
	answer := metadata{
		ClientID: client.Key, ClientSecret: secret, IssuedAt: client.CreatedAt.Unix(), Name: client.Name, URI: client.URI,
		Redirects: client.RedirectURIs(), Method: client.Method, Scope: string(client.Scopes),
		GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"},
	}
	if secret != "" {
		answer.SecretExpires = new(int)
	}
	return answer, nil
}
