package accounts

import (
	"context"
	"strings"
	"time"
	"unicode"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

const (
	// tokenPrefix lets people, and programs that look for leaked secrets,
	// recognise an API token.
	tokenPrefix = "dst_"
	// touchEvery is how often the use of a session is noted at most.
	touchEvery = time.Minute
	// maxAgent and maxLabel bound the names of sessions, and of tokens and
	// passkeys, in characters.
	maxAgent = 200
	maxLabel = 80
	// maxTokens is how many tokens one account may have.
	maxTokens = 100
	// maxTokenLife is how far away a token's end may be.
	maxTokenLife = 10 * 365 * 24 * time.Hour
)

// StartSession signs a browser in. The secret is for its cookie and is not
// kept; agent is what the browser calls itself. The session lasts for
// community.SessionLife after its last use. It is confirmed: who begins one
// just proved who they are.
func (s *Service) StartSession(ctx context.Context, who *Who, agent string) (secret string, _ *community.Session, err error) {
	defer fault.Wrap(&err, "accounts.StartSession(%d)", who.Account.ID)
	now := s.now()
	return s.addSession(ctx, "", &community.Session{
		AccountID: who.Account.ID, Kind: community.BrowserSession, Name: label(agent, maxAgent),
		CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(community.SessionLife), ConfirmedAt: now, Via: who.Via,
	})
}

// A TokenDraft is what a new token is to be.
type TokenDraft struct {
	Name    string
	Scopes  community.Scopes
	Expires time.Time // zero: when it is revoked
}

// CreateToken makes a token with which a program acts for who, until it is
// revoked or ends. The secret is shown once and is not kept. An empty or too
// long name is Invalid, and so are no scopes and an end that is past; more
// scopes than who is signed in with are Forbidden.
func (s *Service) CreateToken(ctx context.Context, who *Who, draft TokenDraft) (secret string, _ *community.Session, err error) {
	defer fault.Wrap(&err, "accounts.CreateToken(%d)", who.Account.ID)
	name, err := checkLabel("name", draft.Name, "")
	if err != nil {
		return "", nil, err
	}
	scopes, err := community.ParseScopes(string(draft.Scopes))
	if err != nil {
		return "", nil, err
	}
	if who.Session != nil && !who.Session.Powers().Cover(scopes) {
		return "", nil, fault.New(fault.Forbidden, "A token cannot make another that may do more than itself.")
	}
	now := s.now()
	if !draft.Expires.IsZero() && !draft.Expires.After(now) {
		return "", nil, fault.Field("expires_at", "That is past already. Choose a later end, or none.")
	}
	if draft.Expires.After(now.Add(maxTokenLife)) {
		return "", nil, fault.Field("expires_at", "Choose an end within ten years, or none.")
	}
	tokens, err := s.Sessions(ctx, who, community.TokenSession)
	if err != nil {
		return "", nil, err
	}
	if len(tokens) >= maxTokens {
		return "", nil, fault.New(fault.Forbidden, "You have %d tokens. Revoke one that you no longer use.", len(tokens))
	}
	session := &community.Session{
		AccountID: who.Account.ID, Kind: community.TokenSession, Name: name, CreatedAt: now, Scopes: scopes,
		ExpiresAt: community.Timestamp(draft.Expires),
	}
	secret = newSecret(tokenPrefix)
	session.Hash = hashSecret(secret)
	return secret, session, s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		return tx.PostLetter(ctx, community.Letter{
			Kind: community.AccessChanged, AccountID: who.Account.ID, By: who.Actor.ID, At: now,
			Words: map[string]string{"what": community.TokenMade, "name": name},
		})
	})
}

func (s *Service) addSession(ctx context.Context, prefix string, session *community.Session) (string, *community.Session, error) {
	secret := newSecret(prefix)
	session.Hash = hashSecret(secret)
	if err := s.DB.AddSession(ctx, session); err != nil {
		return "", nil, err
	}
	return secret, session, nil
}

// BySecret returns who holds the secret of a session of one kind, and notes
// that it was used. A secret that is unknown, revoked or expired, or whose
// owner is gone, is Unauthenticated.
func (s *Service) BySecret(ctx context.Context, kind community.SessionKind, secret string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.BySecret(%s)", kind)
	session, err := s.DB.SessionByHash(ctx, kind, hashSecret(secret))
	if err != nil {
		return nil, signedOut(err)
	}
	now := s.now()
	if session.Expired(now) {
		return nil, signedOut(fault.New(fault.NotFound, "expired"))
	}
	found, err := who(ctx, s.DB, session.AccountID)
	if err != nil {
		return nil, signedOut(err)
	}
	found.Session = session
	if now.Sub(session.LastUsedAt) >= touchEvery {
		return found, s.touch(ctx, session, now)
	}
	return found, nil
}

// LooksLikeToken reports whether text is in the form of a token's secret.
func LooksLikeToken(text string) bool { return strings.HasPrefix(text, tokenPrefix) }

// ByPassword returns who is called name and holds the secret of a token, as a
// program sends it that knows only names and passwords. The password of the
// account is none. Whatever is wrong is Unauthenticated, with the same words.
func (s *Service) ByPassword(ctx context.Context, name, secret string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.ByPassword(%s)", name)
	found, err := s.BySecret(ctx, community.TokenSession, secret)
	if err == nil {
		handle, ok := community.ParseHandle(name, s.Host)
		if !ok || handle.Host != "" || community.FoldName(handle.Name) != community.FoldName(found.Actor.Name) {
			err = fault.New(fault.Unauthenticated, "the token is somebody else's")
		}
	}
	if fault.Is(err, fault.Unauthenticated) {
		return nil, fault.Because(err, fault.Unauthenticated, "The name and the app password do not fit. The password of an account does not work here: make an app password in the settings.")
	}
	return found, err
}

// touch notes that a session is used now; a browser's then lasts longer.
func (s *Service) touch(ctx context.Context, session *community.Session, now time.Time) error {
	session.LastUsedAt = now
	if session.Kind == community.BrowserSession {
		session.ExpiresAt = now.Add(community.SessionLife)
	}
	err := s.DB.TouchSession(ctx, session.ID, session.LastUsedAt, session.ExpiresAt)
	if err == nil && session.AuthorizationID != 0 {
		err = s.DB.TouchPermit(ctx, session.AuthorizationID, now)
	}
	if fault.Is(err, fault.Unavailable) {
		return nil // it is still good, and the next use will be noted
	}
	return err
}

// signedOut is the answer to a secret that is good for nothing.
func signedOut(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.Unauthenticated, "You are not signed in, or not any more.")
	}
	return err
}

// Sessions lists the sessions of one kind that still sign in, newest first.
func (s *Service) Sessions(ctx context.Context, who *Who, kind community.SessionKind) (_ []*community.Session, err error) {
	defer fault.Wrap(&err, "accounts.Sessions(%d)", who.Account.ID)
	all, err := s.DB.Sessions(ctx, who.Account.ID, kind)
	if err != nil {
		return nil, err
	}
	now, live := s.now(), all[:0]
	for _, session := range all {
		if !session.Expired(now) {
			live = append(live, session)
		}
	}
	return live, nil
}

// EndSession signs a browser out, or revokes a token. One that is not who's
// is NotFound.
func (s *Service) EndSession(ctx context.Context, who *Who, id community.SessionID) (err error) {
	defer fault.Wrap(&err, "accounts.EndSession(%d)", id)
	ended, err := s.DB.DeleteSession(ctx, who.Account.ID, id)
	if err == nil && !ended {
		return fault.New(fault.NotFound, "There is no such session.")
	}
	return err
}

// label is a name given by a program: what is printable of it, and not more
// than most characters.
func label(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	return strings.TrimSpace(text)
}

// checkLabel returns a name that somebody gave to a thing of theirs, or
// instead of an empty one. Without either it is Invalid.
func checkLabel(field, text, instead string) (string, error) {
	clean := label(text, maxLabel+1)
	switch {
	case clean == "" && instead == "":
		return "", fault.Field(field, "Give it a name, so that you will recognise it.")
	case clean == "":
		return instead, nil
	case len([]rune(clean)) > maxLabel:
		return "", fault.Field(field, "A name has at most %d characters.", maxLabel)
	}
	return clean, nil
}
