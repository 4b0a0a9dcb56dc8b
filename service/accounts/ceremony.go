package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"drystone/community"
	"drystone/fault"
)

// Begun is a passkey ceremony that a browser is to go on with.
type Begun struct {
	Ceremony string // the secret that the finishing call brings back
	Options  any    // as JSON {"publicKey": {…}}, for navigator.credentials
}

// The kinds of ceremony: one never finishes as another.
const (
	signUpCeremony  = "sign-up"
	signInCeremony  = "sign-in"
	passkeyCeremony = "passkey"
	confirmCeremony = "confirm"
	workCeremony    = "work" // a challenge whose work was counted
)

const (
	// ceremonyLife is how long a browser may take.
	ceremonyLife = 5 * time.Minute
	// maxCredential is the longest answer of a browser, in bytes.
	maxCredential = 64 << 10
)

// newWebAuthn asks for passkeys that sign in alone: the authenticator knows
// whose they are (resident key) and made sure who uses them (user
// verification), by a PIN, a finger or a face. It may be of any make, so no
// attestation is asked for.
func newWebAuthn(o Options, rpID string) (*webauthn.WebAuthn, error) {
	resident := true
	timeout := webauthn.TimeoutConfig{Timeout: ceremonyLife, TimeoutUVD: ceremonyLife}
	return webauthn.New(&webauthn.Config{
		RPID: rpID, RPDisplayName: o.Name, RPOrigins: []string{o.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &resident,
			UserVerification: protocol.VerificationRequired,
		},
		// The time is checked by our clock, when a ceremony is taken.
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
	})
}

// passkeys returns what passkeys are done with; where the server is known by
// an address only, there are none.
func (s *Service) passkeys() (*webauthn.WebAuthn, error) {
	if s.web == nil {
		return nil, fault.New(fault.Forbidden, "Passkeys need a server with a domain name.")
	}
	return s.web, nil
}

// begin stores a ceremony and returns what the browser needs.
func (s *Service) begin(ctx context.Context, c community.Ceremony, session *webauthn.SessionData, options any) (*Begun, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return nil, err
	}
	secret := newSecret("")
	c.Hash, c.Data, c.ExpiresAt = hashSecret(secret), data, s.now().Add(ceremonyLife)
	if err := s.DB.AddCeremony(ctx, &c); err != nil {
		return nil, err
	}
	return &Begun{Ceremony: secret, Options: options}, nil
}

// take ends a ceremony, whatever comes of it, and returns what begin stored.
// One that is unknown, was used or took too long is Invalid.
func (s *Service) take(ctx context.Context, kind, secret string, credential []byte) (*community.Ceremony, webauthn.SessionData, error) {
	var session webauthn.SessionData
	c, err := s.DB.TakeCeremony(ctx, kind, hashSecret(secret))
	switch {
	case fault.Is(err, fault.NotFound), err == nil && !s.now().Before(c.ExpiresAt):
		return nil, session, fault.Because(err, fault.Invalid, "That took too long, or was done already. Start again.")
	case err != nil:
		return nil, session, err
	case len(credential) > maxCredential:
		return nil, session, fault.New(fault.TooLarge, "The passkey is too large.")
	}
	return c, session, json.Unmarshal(c.Data, &session)
}

// registered checks a browser's answer to a registration and returns the
// credential that it made. What does not hold is Invalid.
func (s *Service) registered(person person, session webauthn.SessionData, answer []byte) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, badPasskey(err)
	}
	credential, err := s.web.CreateCredential(person, session, parsed)
	if err != nil {
		return nil, badPasskey(err)
	}
	return credential, nil
}

func badPasskey(err error) error {
	bad := fault.Because(details(err), fault.Invalid, "The passkey could not be added. Start again.")
	bad.Field = "credential"
	return bad
}

// details puts what the library found, and hides from its error's text, into
// the error for the log.
func details(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		return errors.Join(err, errors.New(e.DevInfo))
	}
	return err
}

// A person is whoever a passkey is for, as the library sees them.
type person struct {
	handle      []byte // opaque; the authenticator keeps it with the passkey
	name, title string
	credentials []webauthn.Credential
}

func (p person) WebAuthnID() []byte                         { return p.handle }
func (p person) WebAuthnName() string                       { return p.name }
func (p person) WebAuthnDisplayName() string                { return p.title }
func (p person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

// A record is what community.Passkey keeps of a credential, as JSON. All
// passkeys of a person share a handle, so that an authenticator knows that
// they open the same door.
type record struct {
	Handle     []byte              `json:"handle"`
	Credential webauthn.Credential `json:"credential"`
}

func readRecord(p *community.Passkey) (record, error) {
	var r record
	err := json.Unmarshal(p.Credential, &r)
	return r, err
}
