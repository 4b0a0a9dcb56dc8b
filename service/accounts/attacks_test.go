package accounts

import (
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
)

// The attacks on signing in, by their names; see docs/security.md.

// A passkey that signed on another origin's page opens nothing here: neither
// to sign in, nor to sign up, nor to add one, nor to confirm.
func TestAttackWrongOrigin(t *testing.T) {
	for _, origin := range []string{
		"https://evil.test", "http://garden.test", "https://garden.test.evil.test", "https://garden.test:8443", "https://www.garden.test", "null", "",
	} {
		everyCeremony(t, func(a *authenticator) { a.origin = origin })
	}
}

// Nor does one that was made for another server, though the page was ours.
func TestAttackWrongRPID(t *testing.T) {
	for _, id := range []string{"evil.test", "test", "www.garden.test", "https://garden.test", ""} {
		everyCeremony(t, func(a *authenticator) { a.rpID = id })
	}
}

// everyCeremony tries all four, with an authenticator that something is wrong
// with.
func everyCeremony(t *testing.T, spoil func(*authenticator)) {
	t.Helper()
	w := newWorld(t, testdb.SQLite(t))
	alice, key := w.joinByPasskey(t, "alice")
	_, alice = w.enter(t, alice)
	bad, other := *key, newAuthenticator(t)
	spoil(&bad)
	spoil(other)

	begun := must(w.BeginSignIn(t.Context()))(t)
	_, err := w.FinishSignIn(t.Context(), begun.Ceremony, bad.get(t, begun))
	wantCode(t, err, fault.Unauthenticated)
	begun = must(w.BeginConfirm(t.Context(), alice))(t)
	_, _, err = w.Confirm(t.Context(), alice, Proof{Ceremony: begun.Ceremony, Credential: bad.get(t, begun)})
	wantCode(t, err, fault.Forbidden)
	begun = must(w.BeginPasskey(t.Context(), alice))(t)
	_, err = w.FinishPasskey(t.Context(), alice, begun.Ceremony, other.create(t, begun), "")
	wantCode(t, err, fault.Invalid)
	begun = must(w.BeginSignUp(t.Context(), SignUp{Name: "bob"}))(t)
	_, err = w.FinishSignUp(t.Context(), begun.Ceremony, other.create(t, begun), "")
	wantCode(t, err, fault.Invalid)
	if list := must(w.Passkeys(t.Context(), alice))(t); len(list) != 1 || !list[0].LastUsedAt.IsZero() {
		t.Errorf("alice has the passkeys %+v", list)
	}
}

// What a browser answered once is good for nothing again: not to the same
// ceremony, not to another of its kind, not to one of another kind.
func TestAttackReplayedCeremony(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, key := w.joinByPasskey(t, "alice")
		_, alice = w.enter(t, alice)
		begun := must(w.BeginSignIn(t.Context()))(t)
		answer := key.get(t, begun)
		must(w.FinishSignIn(t.Context(), begun.Ceremony, answer))(t)
		_, err := w.FinishSignIn(t.Context(), begun.Ceremony, answer)
		wantCode(t, err, fault.Invalid)
		_, err = w.FinishSignIn(t.Context(), must(w.BeginSignIn(t.Context()))(t).Ceremony, answer)
		wantCode(t, err, fault.Unauthenticated)
		_, _, err = w.Confirm(t.Context(), alice, Proof{Ceremony: must(w.BeginConfirm(t.Context(), alice))(t).Ceremony, Credential: answer})
		wantCode(t, err, fault.Forbidden)

		proof := w.proof(t, alice, key)
		_, err = w.FinishSignIn(t.Context(), proof.Ceremony, proof.Credential)
		wantCode(t, err, fault.Invalid)
	})
}

// An authenticator whose counter goes back is a copy, or the copied one. It is
// refused, whatever it is used for, and its owner hears of it.
func TestAttackClonedAuthenticator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, key := w.joinByPasskey(t, "alice")
		_, alice = w.enter(t, alice)
		copied := *key
		for range 3 {
			begun := must(w.BeginSignIn(t.Context()))(t)
			must(w.FinishSignIn(t.Context(), begun.Ceremony, key.get(t, begun)))(t)
		}
		before := must(w.Passkeys(t.Context(), alice))(t)[0]

		begun := must(w.BeginSignIn(t.Context()))(t)
		_, err := w.FinishSignIn(t.Context(), begun.Ceremony, copied.get(t, begun))
		wantCode(t, err, fault.Unauthenticated)
		_, _, err = w.Confirm(t.Context(), alice, w.proof(t, alice, &copied))
		wantCode(t, err, fault.Forbidden)

		if got := notes(t, w.DB); !slices.Equal(got, []string{community.PasskeyCopied, community.PasskeyCopied}) {
			t.Errorf("alice is told %q", got)
		}
		if after := must(w.Passkeys(t.Context(), alice))(t)[0]; !slices.Equal(before.Credential, after.Credential) {
			t.Error("the copy changed what is known of the passkey")
		}
		_, _, err = w.Confirm(t.Context(), alice, w.proof(t, alice, key))
		wantCode(t, err, fault.None)
	})
}

// A code that was seen over a shoulder is used already.
func TestAttackReplayedCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		setup := must(w.BeginCodes(t.Context(), alice))(t)
		first := w.shows(t, setup)
		must(w.ConfirmCodes(t.Context(), alice, first))(t)
		_, err := w.SignInWithCode(t.Context(), "alice", password, first) // it was used to set the app up
		wantCode(t, err, fault.Unauthenticated)

		w.wait(time.Minute)
		code := w.shows(t, setup)
		must(w.SignInWithCode(t.Context(), "alice", password, code))(t)
		_, err = w.SignInWithCode(t.Context(), "alice", password, code)
		wantCode(t, err, fault.Unauthenticated)
		_, session := w.enter(t, alice)
		_, _, err = w.Confirm(t.Context(), session, Proof{Code: code})
		wantCode(t, err, fault.Forbidden)
		w.wait(stepLength * time.Second) // its time is not over, but it was used
		_, err = w.SignInWithCode(t.Context(), "alice", password, code)
		wantCode(t, err, fault.Unauthenticated)
	})
}

// Nor is a recovery code good twice, and its owner hears that it was used.
func TestAttackReplayedRecoveryCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		_, codes := w.withCodes(t, alice)
		must(w.RecoverByCode(t.Context(), "alice", password, codes[0]))(t)
		_, err := w.RecoverByCode(t.Context(), "alice", password, codes[0])
		wantCode(t, err, fault.Unauthenticated)
		_, err = w.SignInWithCode(t.Context(), "alice", password, codes[0])
		wantCode(t, err, fault.Unauthenticated)
		if got := notes(t, w.DB); !slices.Equal(got, []string{community.CodesTurnedOn, community.RecoveryCodeUsed}) {
			t.Errorf("alice is told %q", got)
		}
	})
}

// Nobody learns from the words of a refusal, nor from how much was computed
// for it, whether somebody has an account, a password, or codes.
func TestAttackUserEnumeration(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "alice")
		w.withCodes(t, w.join(t, "coded"))
		w.joinByPasskey(t, "keyed")
		w.withCodes(t, w.join(t, "gone"))
		gone := must(w.Find(t.Context(), "gone"))(t)
		if err := w.Delete(t.Context(), gone, false); err != nil {
			t.Fatal(err)
		}
		const wrong, code = "a wrong password", "aaaa-bbbb-cccc-dddd"
		names := []string{"alice", "coded", "keyed", "gone", "nobody", "", "alice@elsewhere.test", "a\u202eb", strings.Repeat("x", 10_000), "no\x00body"}
		for what, try := range map[string]func(name string) error{
			"signing in":           func(name string) error { _, err := w.SignIn(t.Context(), name, wrong); return err },
			"without a password":   func(name string) error { _, err := w.SignIn(t.Context(), name, ""); return err },
			"with too long a one":  func(name string) error { _, err := w.SignIn(t.Context(), name, strings.Repeat("x", 5000)); return err },
			"signing in by a code": func(name string) error { _, err := w.SignInWithCode(t.Context(), name, wrong, "123456"); return err },
			"recovering":           func(name string) error { _, err := w.RecoverByCode(t.Context(), name, wrong, code); return err },
			"recovering, no words": func(name string) error { _, err := w.RecoverByCode(t.Context(), name, "", code); return err },
		} {
			words := ""
			for _, name := range names {
				before := w.hashed.Load()
				err := try(name)
				wantCode(t, err, fault.Unauthenticated)
				e, _ := fault.As(err)
				if words == "" {
					words = e.Message
				}
				if e == nil || e.Message != words || e.Field != "" {
					t.Errorf("%s as %.20q says %v, and %q to others", what, name, err, words)
				}
				if hashes := w.hashed.Load() - before; hashes != 1 {
					t.Errorf("%s as %.20q computes %d hashes", what, name, hashes)
				}
			}
		}
	})
}
