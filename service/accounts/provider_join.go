package accounts

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Newcomer is somebody whom the provider vouches for and who has no account
// yet.
type Newcomer struct {
	Called string // what the provider calls them
	Name   string // a name that they may want
	Title  string
	Next   string
}

// expect remembers a newcomer until they chose a name: it can never be changed,
// so nobody chooses it for them.
func (s *Service) expect(ctx context.Context, said *claims) (*Arrival, error) {
	data, err := json.Marshal(struct {
		*claims
		Groups []string `json:"groups"`
	}{said, said.Groups})
	if err != nil {
		return nil, err
	}
	secret := newSecret("")
	err = s.DB.AddCeremony(ctx, &community.Ceremony{
		Hash: hashSecret(secret), Kind: joinCeremony, Data: data, ExpiresAt: s.now().Add(joinLife),
	})
	return &Arrival{Join: secret, Next: said.Next}, err
}

// Newcomer returns who holds the secret of an Arrival that is to be joined.
func (s *Service) Newcomer(ctx context.Context, secret string) (_ *Newcomer, err error) {
	defer fault.Wrap(&err, "accounts.Newcomer")
	_, said, err := s.newcomer(ctx, secret)
	if err != nil {
		return nil, err
	}
	return &Newcomer{Called: said.called(), Name: s.freeName(ctx, said), Title: label(said.Name, community.MaxActorTitle), Next: said.Next}, nil
}

func (s *Service) newcomer(ctx context.Context, secret string) (*community.Ceremony, *claims, error) {
	if s.Provider == nil {
		return nil, nil, lostJourney(nil)
	}
	c, err := s.DB.Ceremony(ctx, joinCeremony, hashSecret(secret))
	switch {
	case fault.Is(err, fault.NotFound), err == nil && !s.now().Before(c.ExpiresAt):
		return nil, nil, lostJourney(err)
	case err != nil:
		return nil, nil, err
	}
	var said claims
	var more struct {
		Groups []string `json:"groups"`
	}
	if err := json.Unmarshal(c.Data, &said); err != nil {
		return nil, nil, err
	}
	err = json.Unmarshal(c.Data, &more)
	said.Groups = more.Groups
	return c, &said, err
}

// JoinByProvider makes the account of a newcomer under the name that they
// chose. Whether registrations are open does not matter: the provider says who
// belongs here. It fails as SignUp does about the name, and can be tried again.
func (s *Service) JoinByProvider(ctx context.Context, secret, name string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.JoinByProvider(%s)", name)
	c, said, err := s.newcomer(ctx, secret)
	if err != nil {
		return nil, err
	}
	if err := s.checkName(ctx, name); err != nil {
		return nil, err
	}
	ask := SignUp{Name: name, Title: label(said.Name, community.MaxActorTitle)}
	if said.Verified && community.CheckEmail(said.Email) == nil {
		ask.Email = said.Email
	}
	made, err := s.add(ctx, ask, "", s.byProvider(ctx), func(tx *storage.DB, who *Who) error {
		if _, err := tx.TakeCeremony(ctx, joinCeremony, c.Hash); err != nil {
			return lostJourney(err)
		}
		err := tx.AddIdentity(ctx, s.identity(who.Account.ID, said))
		if fault.Is(err, fault.Conflict) {
			return fault.Because(err, fault.Conflict, "You have an account here already. Sign in again.")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	made.Via = viaProvider + said.SessionID
	return made, s.place(ctx, made, said.Groups)
}

// freeName proposes a name by what the provider calls somebody; empty where
// nothing comes of it.
func (s *Service) freeName(ctx context.Context, said *claims) string {
	for _, called := range []string{said.Username, said.Email, said.Name} {
		called, _, _ = strings.Cut(called, "@")
		name := strings.Trim(strings.Map(func(r rune) rune {
			switch {
			case r == '_' || r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
				return r
			case strings.ContainsRune(".- ", r):
				return '_'
			}
			return -1
		}, called), "_")
		if name = name[:min(len(name), community.MaxName)]; s.checkName(ctx, name) == nil {
			return name
		}
	}
	return ""
}

// place brings somebody into the groups that the provider says they belong to,
// and out of those in which they were only by its word. What a group refuses
// (a ban) does not keep anybody from signing in.
func (s *Service) place(ctx context.Context, who *Who, there []string) error {
	want := map[string]bool{}
	for _, group := range there {
		for _, name := range s.Provider.Groups[group] {
			want[name] = true
		}
	}
	have, err := s.DB.Enrolments(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	for _, name := range have {
		if want[name] {
			continue
		}
		if err := s.Provider.Withdraw(ctx, who.Actor, name); err != nil {
			return err
		}
		if err := s.DB.DropEnrolment(ctx, who.Account.ID, name); err != nil {
			return err
		}
	}
	for name := range want {
		// First that we do it, so that what was half done is undone.
		if err := s.DB.AddEnrolment(ctx, who.Account.ID, name); err != nil {
			return err
		}
		err := s.Provider.Enrol(ctx, who.Actor, name)
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
			return err
		}
	}
	return nil
}

// EndedByProvider signs out whom the provider signed out, and the apps that
// they let in while they were signed in by its word: a token of OpenID
// Connect Back-Channel Logout says who. One that does not hold is Invalid.
func (s *Service) EndedByProvider(ctx context.Context, token string) (err error) {
	defer fault.Wrap(&err, "accounts.EndedByProvider")
	p, err := s.provider(ctx)
	if err != nil {
		return err
	}
	asking, cancel := s.Provider.asking(ctx)
	defer cancel()
	said, err := s.verifier(p).VerifyLogout(asking, token)
	if err != nil {
		return fault.Because(err, fault.Invalid, "This is no logout token for this server.")
	}
	end := func(account community.AccountID) error {
		return s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.EndSessionsVia(ctx, account, viaProvider, said.SessionID) })
	}
	if said.Subject == "" {
		return end(0)
	}
	identity, err := s.DB.Identity(ctx, s.Provider.Issuer, said.Subject)
	if fault.Is(err, fault.NotFound) {
		return nil // nobody here
	}
	if err != nil {
		return err
	}
	return end(identity.AccountID)
}
