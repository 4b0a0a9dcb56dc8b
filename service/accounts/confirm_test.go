package accounts

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

// enter signs somebody in, in a browser of theirs.
func (w *world) enter(t *testing.T, who *Who) (secret string, _ *Who) {
	t.Helper()
	secret, session, err := w.StartSession(t.Context(), who, "Browser/1")
	if err != nil {
		t.Fatal(err)
	}
	return secret, &Who{Actor: who.Actor, Account: who.Account, Session: session}
}

// proof is what an authenticator answers when who is to prove who they are.
func (w *world) proof(t *testing.T, who *Who, a *authenticator) Proof {
	t.Helper()
	begun := must(w.BeginConfirm(t.Context(), who))(t)
	return Proof{Ceremony: begun.Ceremony, Credential: a.get(t, begun)}
}

// It takes the password or the passkey of the account itself.
func TestConfirm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, alice := w.enter(t, w.join(t, "alice"))
		keyed, key := w.joinByPasskey(t, "keyed")
		other, others := w.joinByPasskey(t, "other")
		_, keyed = w.enter(t, keyed)
		token := must(w.tokenOf(t, keyed.Account.ID))(t)
		mine := w.proof(t, keyed, key)
		tests := []struct {
			name  string
			who   *Who
			proof Proof
			want  fault.Code
		}{
			{"the password", alice, Proof{Password: password}, fault.None},
			{"another password", alice, Proof{Password: password + "!"}, fault.Forbidden},
			{"too much of a password", alice, Proof{Password: strings.Repeat("x", community.MaxPassword+1)}, fault.Forbidden},
			{"nothing", alice, Proof{}, fault.Invalid},
			{"a password where there is none", keyed, Proof{Password: password}, fault.Invalid},
			{"the passkey", keyed, mine, fault.None},
			{"the same answer again", keyed, mine, fault.Invalid},
			{"somebody else's passkey", keyed, w.proof(t, keyed, others), fault.Forbidden},
			{"somebody else's ceremony", keyed, w.proof(t, other, others), fault.Invalid},
			{"a ceremony that nobody began", keyed, Proof{Ceremony: "made up", Credential: []byte("{}")}, fault.Invalid},
			{"with a token", token, Proof{Password: password}, fault.Forbidden},
			{"without a session", other, w.proof(t, other, others), fault.Forbidden},
		}
		for _, test := range tests {
			_, _, err := w.Confirm(t.Context(), test.who, test.proof)
			if got := fault.CodeOf(err); got != test.want {
				t.Errorf("%s: error %v has code %q, want %q", test.name, err, got, test.want)
			}
		}
		_, err := w.BeginConfirm(t.Context(), alice)
		wantCode(t, err, fault.Forbidden) // she has no passkey
		begun := must(w.BeginSignIn(t.Context()))(t)
		_, _, err = w.Confirm(t.Context(), keyed, Proof{Ceremony: begun.Ceremony, Credential: key.get(t, begun)})
		wantCode(t, err, fault.Invalid) // that was for signing in
	})
}

// tokenOf is somebody as a program of theirs is them.
func (w *world) tokenOf(t *testing.T, id community.AccountID) (*Who, error) {
	t.Helper()
	found := must(who(t.Context(), w.DB, id))(t)
	secret, _, err := w.CreateToken(t.Context(), found, TokenDraft{Name: "program", Scopes: community.AllScopes})
	if err != nil {
		return nil, err
	}
	return w.BySecret(t.Context(), community.TokenSession, secret)
}

// A proof is good for a while, in the session that gave it and in no other.
func TestConfirmationEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		secret, _ := w.enter(t, alice)
		other, _ := w.enter(t, alice)
		confirmed := func(secret string) bool {
			return must(w.BySecret(t.Context(), community.BrowserSession, secret))(t).Session.Confirmed(w.now())
		}
		if !confirmed(secret) {
			t.Error("who has just signed in is not confirmed")
		}
		w.wait(community.ConfirmationLife)
		if confirmed(secret) {
			t.Error("a proof does not end")
		}
		here := must(w.BySecret(t.Context(), community.BrowserSession, secret))(t)
		secret, _, err := w.Confirm(t.Context(), here, Proof{Password: password})
		if err != nil || !confirmed(secret) {
			t.Errorf("the proof is not kept: %v", err)
		}
		if confirmed(other) {
			t.Error("the other session is confirmed, too")
		}
		if token := must(w.tokenOf(t, alice.Account.ID))(t); token.Session.Confirmed(w.now()) {
			t.Error("a token is confirmed")
		}
		w.wait(community.ConfirmationLife - time.Second)
		if !confirmed(secret) {
			t.Error("the proof ended too early")
		}
	})
}

// Whoever knew the secret of a session before its owner proved who they are
// gains nothing by the proof: the old secret is good for nothing.
func TestSessionFixation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before, alice := w.enter(t, w.join(t, "alice"))
		after, session, err := w.Confirm(t.Context(), alice, Proof{Password: password})
		if err != nil || after == before || session.ID != alice.Session.ID || bytes.Equal(session.Hash, alice.Session.Hash) {
			t.Fatalf("confirmed as %q, %+v, %v", after, session, err)
		}
		_, err = w.BySecret(t.Context(), community.BrowserSession, before)
		wantCode(t, err, fault.Unauthenticated)
		must(w.BySecret(t.Context(), community.BrowserSession, after))(t)

		// One that was ended meanwhile does not come back.
		if err := w.EndSession(t.Context(), alice, session.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = w.Confirm(t.Context(), alice, Proof{Password: password})
		wantCode(t, err, fault.Unauthenticated)
	})
}
