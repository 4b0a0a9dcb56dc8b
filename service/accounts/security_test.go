package accounts

import (
	"slices"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
)

func TestSetPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, alice := w.enter(t, w.join(t, "alice"))
		there, _ := w.enter(t, alice)
		const other = "nine copes under lime"
		for _, bad := range []string{"", "short", "password123", "alice-alice", "garden.test", "The Garden!", strings.Repeat("x", 1025)} {
			wantCode(t, w.SetPassword(t.Context(), alice, bad, Ends{}), fault.Invalid)
		}
		must(w.SignIn(t.Context(), "alice", password))(t)
		if err := w.SetPassword(t.Context(), alice, other, Ends{}); err != nil {
			t.Fatal(err)
		}
		_, err := w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.Unauthenticated)
		must(w.SignIn(t.Context(), "alice", other))(t)
		must(w.BySecret(t.Context(), community.BrowserSession, there))(t)

		if err := w.SetPassword(t.Context(), alice, password, Ends{Browsers: true}); err != nil {
			t.Fatal(err)
		}
		must(w.BySecret(t.Context(), community.BrowserSession, here))(t)
		_, err = w.BySecret(t.Context(), community.BrowserSession, there)
		wantCode(t, err, fault.Unauthenticated)
		// Programs go on, until their end is asked for.
		token, _, err := w.CreateToken(t.Context(), alice, TokenDraft{Name: "mail", Scopes: "read"})
		must(w.BySecret(t.Context(), community.TokenSession, must(token, err)(t)))(t)
		if err := w.SetPassword(t.Context(), alice, other, Ends{Browsers: true}); err != nil {
			t.Fatal(err)
		}
		must(w.BySecret(t.Context(), community.TokenSession, token))(t)
		if err := w.SetPassword(t.Context(), alice, password, Ends{Apps: true}); err != nil {
			t.Fatal(err)
		}
		_, err = w.BySecret(t.Context(), community.TokenSession, token)
		wantCode(t, err, fault.Unauthenticated)
		must(w.BySecret(t.Context(), community.BrowserSession, here))(t)
		if got := notes(t, w.DB); !slices.Equal(got, slices.Repeat([]string{community.PasswordChanged}, 4)) {
			t.Errorf("told %q", got)
		}
	})
}

// An address makes a bad password, too.
func TestPasswordsFromAddresses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	_, err := w.SignUp(t.Context(), SignUp{Name: "alice", Email: "wonderful.liddell@mail.test", Password: "Wonderful-Liddell-1"})
	wantCode(t, err, fault.Invalid)
	must(w.SignUp(t.Context(), SignUp{Name: "alice", Email: "wonderful.liddell@mail.test", Password: "wonderful stones of lime"}))(t)
}

func TestRemovePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		w.withCodes(t, alice)
		wantCode(t, w.RemovePassword(t.Context(), alice), fault.Forbidden)
		begun := must(w.BeginPasskey(t.Context(), alice))(t)
		key := newAuthenticator(t)
		only := must(w.FinishPasskey(t.Context(), alice, begun.Ceremony, key.create(t, begun), ""))(t)
		if err := w.RemovePassword(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.RemovePassword(t.Context(), alice), fault.NotFound)
		_, err := w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.Unauthenticated)
		begun = must(w.BeginSignIn(t.Context()))(t)
		must(w.FinishSignIn(t.Context(), begun.Ceremony, key.get(t, begun)))(t)
		wantCode(t, w.DeletePasskey(t.Context(), alice, only.ID), fault.Forbidden)

		// The codes stood beside the password; one that comes later starts anew.
		alice = must(w.Find(t.Context(), "alice"))(t)
		if is := must(w.Security(t.Context(), alice))(t); is.Codes || is.Password || is.RecoveryCodes != community.RecoveryCodes {
			t.Errorf("alice is guarded by %+v", is)
		}
		if err := w.SetPassword(t.Context(), alice, password, Ends{}); err != nil {
			t.Fatal(err)
		}
		must(w.SignIn(t.Context(), "alice", password))(t)
	})
}

// Where the operator turned passwords off, none opens anything, and whoever
// has only that comes in by a recovery code.
func TestPasswordsOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, alice := w.enter(t, w.join(t, "alice"))
		w.PasswordsOff = true
		_, err := w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.Forbidden)
		_, err = w.SignUp(t.Context(), SignUp{Name: "bob", Password: password})
		wantCode(t, err, fault.Forbidden)
		_, err = w.Create(t.Context(), SignUp{Name: "bob", Password: password})
		wantCode(t, err, fault.Forbidden)
		wantCode(t, w.SetPassword(t.Context(), alice, password, Ends{}), fault.Forbidden)
		_, _, err = w.Confirm(t.Context(), alice, Proof{Password: password})
		wantCode(t, err, fault.Forbidden)
		_, err = w.BeginCodes(t.Context(), alice)
		wantCode(t, err, fault.Forbidden)

		codes := must(w.RenewRecoveryCodes(t.Context(), alice))(t)
		in := must(w.RecoverByCode(t.Context(), "alice", "", codes[0]))(t)
		begun := must(w.BeginPasskey(t.Context(), in))(t)
		key := newAuthenticator(t)
		only := must(w.FinishPasskey(t.Context(), in, begun.Ceremony, key.create(t, begun), ""))(t)
		wantCode(t, w.DeletePasskey(t.Context(), in, only.ID), fault.Forbidden) // the password is no way in
	})
}

func TestRenamePasskey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, _ := w.joinByPasskey(t, "alice")
		bob := w.join(t, "bob")
		key := must(w.Passkeys(t.Context(), alice))(t)[0]
		if got := must(w.RenamePasskey(t.Context(), alice, key.ID, "  Old\u202e phone\n"))(t); got.Name != "Old phone" || got.ID != key.ID {
			t.Errorf("renamed to %+v", got)
		}
		for _, bad := range []string{"", " \u200b\u202e", strings.Repeat("x", 81), strings.Repeat("x", 10_000)} {
			_, err := w.RenamePasskey(t.Context(), alice, key.ID, bad)
			wantCode(t, err, fault.Invalid)
		}
		_, err := w.RenamePasskey(t.Context(), bob, key.ID, "mine")
		wantCode(t, err, fault.NotFound)
		if got := must(w.Passkeys(t.Context(), alice))(t)[0]; got.Name != "Old phone" || !slices.Equal(got.Credential, key.Credential) {
			t.Errorf("it is %+v", got)
		}
	})
}

func TestEndOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, alice := w.enter(t, w.join(t, "alice"))
		there, _ := w.enter(t, alice)
		bobs, _ := w.enter(t, w.join(t, "bob"))
		token := must(w.tokenOf(t, alice.Account.ID))(t)
		if ended := must(w.EndOtherSessions(t.Context(), alice))(t); ended != 1 {
			t.Errorf("ended %d", ended)
		}
		for secret, want := range map[string]fault.Code{here: fault.None, there: fault.Unauthenticated, bobs: fault.None} {
			_, err := w.BySecret(t.Context(), community.BrowserSession, secret)
			wantCode(t, err, want)
		}
		if tokens := must(w.Sessions(t.Context(), alice, community.TokenSession))(t); len(tokens) != 1 {
			t.Errorf("%d tokens are left", len(tokens))
		}
		if ended := must(w.EndOtherSessions(t.Context(), token))(t); ended != 1 {
			t.Errorf("a token ended %d", ended)
		}
	})
}
