// Package clients lets programs that others made act for people of this
// server, as far as those let them: the authorization server of OAuth 2.1,
// with registration (RFC 7591), PKCE by S256 alone (RFC 7636), codes and
// refresh tokens that are good once, revocation (RFC 7009) and introspection
// (RFC 7662).
//
// What a request looks like on the wire belongs to api/oauth, the page that
// asks people to api/web, and who is behind a token to accounts, which finds
// an access token among the sessions.
package clients

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Service is the use cases around clients. All fields are required.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server, which is the issuer
	Host   string
	Name   string // the title of the instance
	Now    func() time.Time
}

// What the secrets of clients begin with, so that people and programs that
// look for leaked ones recognise them. That of access tokens is
// community.AccessPrefix.
const (
	keyPrefix     = "dsc_"
	secretPrefix  = "dss_"
	codePrefix    = "dso_"
	refreshPrefix = "dsr_"
)

// A Refusal is an error as OAuth tells it: a word for the client and a
// sentence for whoever wrote it.
type Refusal struct {
	Word    string
	Message string
}

func (r *Refusal) Error() string { return r.Word + ": " + r.Message }

// The words of refusals (RFC 6749 sections 4.1.2.1 and 5.2, RFC 7591 section
// 3.2.2, OpenID Connect Core section 3.1.2.6).
const (
	InvalidRequest       = "invalid_request"
	InvalidClient        = "invalid_client"
	InvalidGrant         = "invalid_grant"
	InvalidScope         = "invalid_scope"
	UnauthorizedClient   = "unauthorized_client"
	UnsupportedGrant     = "unsupported_grant_type"
	UnsupportedResponse  = "unsupported_response_type"
	AccessDenied         = "access_denied"
	LoginRequired        = "login_required"
	ConsentRequired      = "consent_required"
	InvalidRedirect      = "invalid_redirect_uri"
	InvalidMetadata      = "invalid_client_metadata"
	UnapprovedStatement  = "unapproved_software_statement"
	RequestNotSupported  = "request_not_supported"
	TemporarilyNotServed = "temporarily_unavailable"
)

func refuse(word, message string) *Refusal { return &Refusal{Word: word, Message: message} }

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Connection is what somebody lets a client do, with what the client is.
type Connection = storage.Connection

// Connections lists the clients that an account lets act for it, newest
// first.
func (s *Service) Connections(ctx context.Context, account community.AccountID) (_ []*Connection, err error) {
	defer fault.Wrap(&err, "clients.Connections(%d)", account)
	return s.DB.Connections(ctx, account)
}

// Disconnect takes away what an account let a client do, and every token that
// the client has by it. One that is not the account's is NotFound.
func (s *Service) Disconnect(ctx context.Context, account community.AccountID, id community.PermitID) (err error) {
	defer fault.Wrap(&err, "clients.Disconnect(%d)", id)
	gone, err := s.DB.DeletePermit(ctx, account, id)
	if err == nil && !gone {
		return fault.New(fault.NotFound, "There is no such app.")
	}
	return err
}

// strayLife is how long a client is kept that nobody lets in.
const strayLife = 30 * 24 * time.Hour

// Tidy forgets codes and tokens that ended, and clients that nobody uses.
func (s *Service) Tidy(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "clients.Tidy")
	now := s.now()
	return s.DB.DropStaleClients(ctx, now, now.Add(-strayLife))
}
