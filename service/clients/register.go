package clients

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
)

// A Registration is what a client says of itself (RFC 7591 section 2).
type Registration struct {
	Name          string
	URI           string
	Redirects     []string
	Method        string // token_endpoint_auth_method; empty: client_secret_basic
	GrantTypes    []string
	ResponseTypes []string
	Scope         string
	Statement     string   // a software statement
	Pages         []string // other addresses in it, which are not kept
}

// The ways in which a client shows who it is.
const (
	MethodNone  = "none"
	MethodBasic = "client_secret_basic"
	MethodPost  = "client_secret_post"
)

// mostStrays is how many clients may wait for somebody to let them in. With
// more than that, registering waits until old ones are forgotten.
const mostStrays = 20_000

// maxURI bounds the addresses that a client tells of itself.
const maxURI = 500

// Register makes a client, whoever asks: it can do nothing until a person
// lets it. The secret is told once; a client that can keep none has none.
func (s *Service) Register(ctx context.Context, ask Registration) (_ *community.Client, secret string, err error) {
	defer fault.Wrap(&err, "clients.Register(%.60q)", ask.Name)
	client, err := s.checked(ask)
	if err != nil {
		return nil, "", err
	}
	strays, err := s.DB.CountStrayClients(ctx)
	if err != nil {
		return nil, "", err
	}
	if strays >= mostStrays {
		return nil, "", refuse(TemporarilyNotServed, "Too many clients wait for somebody to use them. Try again another day.")
	}
	if client.Method != MethodNone {
		secret = community.NewSecret(secretPrefix)
		client.SecretHash = community.HashSecret(secret)
	}
	return client, secret, s.DB.AddClient(ctx, client)
}

// checked is the client that a registration asks for.
func (s *Service) checked(ask Registration) (*community.Client, error) {
	name := strings.TrimSpace(ask.Name)
	if why := community.WrongClientName(name, s.Name, s.Host, hostWord(s.Host)); why != "" {
		return nil, refuse(InvalidMetadata, "client_name: "+why)
	}
	if ask.Method == "" {
		ask.Method = MethodBasic
	}
	switch {
	case !slices.Contains([]string{MethodNone, MethodBasic, MethodPost}, ask.Method):
		return nil, refuse(InvalidMetadata, "token_endpoint_auth_method: there are none, client_secret_basic and client_secret_post.")
	case ask.Statement != "":
		return nil, refuse(UnapprovedStatement, "Software statements are not read here.")
	case len(ask.GrantTypes) > 0 && !subset(ask.GrantTypes, "authorization_code", "refresh_token"):
		return nil, refuse(InvalidMetadata, "grant_types: there are authorization_code and refresh_token.")
	case len(ask.GrantTypes) > 0 && !slices.Contains(ask.GrantTypes, "authorization_code"):
		return nil, refuse(InvalidMetadata, "grant_types: authorization_code is needed.")
	case len(ask.ResponseTypes) > 0 && !subset(ask.ResponseTypes, "code"):
		return nil, refuse(InvalidMetadata, "response_types: there is only code.")
	}
	for _, page := range append(ask.Pages, ask.URI) {
		if page != "" && !isPage(page) {
			return nil, refuse(InvalidMetadata, "An address in the registration is not https, or is too long.")
		}
	}
	if err := s.checkRedirects(ask.Redirects); err != nil {
		return nil, err
	}
	var scopes community.Scopes
	if ask.Scope != "" {
		var err error
		if scopes, err = community.ParseScopes(ask.Scope); err != nil {
			return nil, refuse(InvalidMetadata, "scope: "+said(err))
		}
	}
	return &community.Client{
		Key: community.NewSecret(keyPrefix), Method: ask.Method, Name: name, URI: ask.URI,
		Redirects: strings.Join(ask.Redirects, "\n"), Scopes: scopes, CreatedAt: s.now(),
	}, nil
}

// checkRedirects says what is wrong with the addresses that a client wants
// people to be sent to.
func (s *Service) checkRedirects(list []string) error {
	if len(list) == 0 || len(list) > community.MaxRedirects {
		return refuse(InvalidRedirect, "redirect_uris: one to ten addresses are needed.")
	}
	for i, address := range list {
		if why := community.WrongRedirect(address); why != "" {
			return refuse(InvalidRedirect, "redirect_uris: one of them "+why+".")
		}
		if u, err := url.Parse(address); err != nil || u.Host == s.Host || s.Origin == u.Scheme+"://"+u.Host {
			return refuse(InvalidRedirect, "redirect_uris: one of them is an address of this server.")
		}
		if slices.Contains(list[:i], address) {
			return refuse(InvalidRedirect, "redirect_uris: one of them stands there twice.")
		}
	}
	return nil
}

// isPage reports whether text is an address that people could look at.
func isPage(text string) bool {
	return len(text) <= maxURI && strings.HasPrefix(text, "https://") && community.WrongRedirect(strings.SplitN(text, "#", 2)[0]) == ""
}

// hostWord is the first word of a host, under which people know it.
func hostWord(host string) string {
	word, _, _ := strings.Cut(host, ".")
	return word
}

func subset(list []string, of ...string) bool {
	return !slices.ContainsFunc(list, func(word string) bool { return !slices.Contains(of, word) })
}

// said is what an error of ours tells people.
func said(err error) string {
	if coded, ok := fault.As(err); ok {
		return coded.Message
	}
	return err.Error()
}
