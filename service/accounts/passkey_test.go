package accounts

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
)

// joinByPasskey makes an account with a passkey and no password.
func (w *world) joinByPasskey(t *testing.T, name string) (*Who, *authenticator) {
	t.Helper()
	key := newAuthenticator(t)
	begun := must(w.BeginSignUp(t.Context(), SignUp{Name: name}))(t)
	return must(w.FinishSignUp(t.Context(), begun.Ceremony, key.create(t, begun), ""))(t), key
}

func TestPasskeySignUp(t *testing.T) {
	tests := []struct {
		name   string
		change func(*testing.T, *world, *authenticator)
		want   fault.Code
	}{
		{"as it should be", nil, fault.None},
		{"from another origin", func(_ *testing.T, _ *world, a *authenticator) { a.origin = "https://evil.test" }, fault.Invalid},
		{"for another server", func(_ *testing.T, _ *world, a *authenticator) { a.rpID = "evil.test" }, fault.Invalid},
		{"without verifying the user", func(_ *testing.T, _ *world, a *authenticator) { a.flags = userPresent }, fault.Invalid},
		{"without a user", func(_ *testing.T, _ *world, a *authenticator) { a.flags = userVerified }, fault.Invalid},
		{"too late", func(_ *testing.T, w *world, _ *authenticator) { w.wait(5 * time.Minute) }, fault.Invalid},
		{"just in time", func(_ *testing.T, w *world, _ *authenticator) { w.wait(5*time.Minute - time.Second) }, fault.None},
		{"closed meanwhile", func(_ *testing.T, w *world, _ *authenticator) {
			w.joins(func(j *community.Joining) { j.Mode = community.JoinClosed })
		}, fault.Forbidden},
		{"name taken meanwhile", func(t *testing.T, w *world, _ *authenticator) { w.join(t, "ALICE") }, fault.Conflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				begun := must(w.BeginSignUp(t.Context(), SignUp{Name: "Alice"}))(t)
				key := newAuthenticator(t)
				if test.change != nil {
					test.change(t, w, key)
				}
				made, err := w.FinishSignUp(t.Context(), begun.Ceremony, key.create(t, begun), "Laptop")
				wantCode(t, err, test.want)
				if err != nil {
					return
				}
				list := must(w.Passkeys(t.Context(), made))(t)
				if made.Actor.Name != "Alice" || len(list) != 1 || list[0].Name != "Laptop" || !bytes.Equal(list[0].CredentialID, key.id) {
					t.Errorf("made %+v with %+v", made.Actor, list)
				}
				if got := facts(t, w.DB); !slices.Equal(got, []community.FactKind{community.PersonJoined}) {
					t.Errorf("facts %v", got)
				}
			})
		})
	}
}

func TestPasskeySignUpAsksForWhatItNeeds(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	for name, want := range map[string]fault.Code{"": fault.Invalid, "root": fault.Invalid, "alice": fault.None} {
		_, err := w.BeginSignUp(t.Context(), SignUp{Name: name})
		wantCode(t, err, want)
	}
	key := read(t, must(w.BeginSignUp(t.Context(), SignUp{Name: "Alice"}))(t)).PublicKey
	if key.RP.ID != "garden.test" || key.User.Name != "Alice" || key.Attestation != "none" ||
		key.AuthenticatorSelection.ResidentKey != "required" || key.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("registration asks for %+v", key)
	}
	key = read(t, must(w.BeginSignIn(t.Context()))(t)).PublicKey
	if key.RPID != "garden.test" || key.UserVerification != "required" || len(key.AllowCredentials) != 0 {
		t.Errorf("sign-in asks for %+v", key)
	}
}

func TestPasskeySignIn(t *testing.T) {
	tests := []struct {
		name   string
		change func(*testing.T, *world, *authenticator)
		want   fault.Code
	}{
		{"as it should be", nil, fault.None},
		{"from another origin", func(_ *testing.T, _ *world, a *authenticator) { a.origin = "https://garden.test.evil.test" }, fault.Unauthenticated},
		{"for another server", func(_ *testing.T, _ *world, a *authenticator) { a.rpID = "evil.test" }, fault.Unauthenticated},
		{"without verifying the user", func(_ *testing.T, _ *world, a *authenticator) { a.flags = userPresent }, fault.Unauthenticated},
		{"by a key that is not known", func(_ *testing.T, _ *world, a *authenticator) { a.id = drawn(32) }, fault.Unauthenticated},
		{"signed by another key", func(t *testing.T, _ *world, a *authenticator) { a.key = newAuthenticator(t).key }, fault.Unauthenticated},
		{"for another account", func(t *testing.T, w *world, a *authenticator) {
			_, bobs := w.joinByPasskey(t, "bob")
			a.handle = bobs.handle
		}, fault.Unauthenticated},
		{"without saying for whom", func(_ *testing.T, _ *world, a *authenticator) { a.handle = nil }, fault.Unauthenticated},
		{"too late", func(_ *testing.T, w *world, _ *authenticator) { w.wait(5 * time.Minute) }, fault.Invalid},
		{"by somebody who left", func(t *testing.T, w *world, _ *authenticator) {
			if err := w.DB.DeleteActor(t.Context(), must(w.Find(t.Context(), "alice"))(t).Actor.ID, noon); err != nil {
				t.Error(err)
			}
		}, fault.Unauthenticated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				alice, key := w.joinByPasskey(t, "alice")
				begun := must(w.BeginSignIn(t.Context()))(t)
				w.wait(time.Second)
				if test.change != nil {
					test.change(t, w, key)
				}
				got, err := w.FinishSignIn(t.Context(), begun.Ceremony, key.get(t, begun))
				wantCode(t, err, test.want)
				if err != nil {
					return
				}
				if got.Account.ID != alice.Account.ID {
					t.Errorf("signed in as %+v", got.Account)
				}
				if used := must(w.Passkeys(t.Context(), alice))(t)[0].LastUsedAt; !used.Equal(noon.Add(time.Second)) {
					t.Errorf("last used at %v", used)
				}
			})
		})
	}
}

func TestCeremoniesAreUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, key := w.joinByPasskey(t, "alice")
		begun := must(w.BeginSignIn(t.Context()))(t)
		answer := key.get(t, begun)
		must(w.FinishSignIn(t.Context(), begun.Ceremony, answer))(t)
		_, err := w.FinishSignIn(t.Context(), begun.Ceremony, answer)
		wantCode(t, err, fault.Invalid)

		// The same answer does not fit another ceremony: its challenge is
		// another.
		second := must(w.BeginSignIn(t.Context()))(t)
		_, err = w.FinishSignIn(t.Context(), second.Ceremony, answer)
		wantCode(t, err, fault.Unauthenticated)
		// And that attempt ended the ceremony.
		_, err = w.FinishSignIn(t.Context(), second.Ceremony, key.get(t, second))
		wantCode(t, err, fault.Invalid)

		// A ceremony of one kind does not finish as another.
		adding := must(w.BeginPasskey(t.Context(), alice))(t)
		_, err = w.FinishSignIn(t.Context(), adding.Ceremony, key.get(t, adding))
		wantCode(t, err, fault.Invalid)
		_, err = w.FinishSignUp(t.Context(), adding.Ceremony, newAuthenticator(t).create(t, adding), "")
		wantCode(t, err, fault.Invalid)
	})
}

func TestCopiedPasskeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, key := w.joinByPasskey(t, "alice")
		signIn := func() error {
			begun := must(w.BeginSignIn(t.Context()))(t)
			_, err := w.FinishSignIn(t.Context(), begun.Ceremony, key.get(t, begun))
			return err
		}
		for _, test := range []struct {
			counter uint32 // before it is raised by one
			want    fault.Code
		}{{0, fault.None}, {1, fault.None}, {9, fault.None}, {4, fault.Unauthenticated}, {9, fault.Unauthenticated}, {10, fault.None}} {
			key.counter = test.counter
			wantCode(t, signIn(), test.want)
		}
	})
}

func TestAddPasskey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, first := w.joinByPasskey(t, "alice")
		bob := w.join(t, "bob")

		begun := must(w.BeginPasskey(t.Context(), alice))(t)
		if known := read(t, begun).PublicKey.ExcludeCredentials; len(known) != 1 || known[0].ID != b64(first.id) {
			t.Errorf("known passkeys %v", known)
		}
		second := newAuthenticator(t)
		answer := second.create(t, begun)
		_, err := w.FinishPasskey(t.Context(), bob, begun.Ceremony, answer, "")
		wantCode(t, err, fault.Invalid) // alice began it

		begun = must(w.BeginPasskey(t.Context(), alice))(t)
		added := must(w.FinishPasskey(t.Context(), alice, begun.Ceremony, second.create(t, begun), " Phone "))(t)
		if added.Name != "Phone" || !bytes.Equal(second.handle, first.handle) {
			t.Errorf("added %q for %x, want %x", added.Name, second.handle, first.handle)
		}
		for _, key := range []*authenticator{first, second} {
			begun := must(w.BeginSignIn(t.Context()))(t)
			if got := must(w.FinishSignIn(t.Context(), begun.Ceremony, key.get(t, begun)))(t); got.Account.ID != alice.Account.ID {
				t.Errorf("signed in as %+v", got.Account)
			}
		}

		// Somebody else's credential cannot be added to bob's account.
		begun = must(w.BeginPasskey(t.Context(), bob))(t)
		_, err = w.FinishPasskey(t.Context(), bob, begun.Ceremony, first.create(t, begun), "")
		wantCode(t, err, fault.Conflict)

		begun = must(w.BeginPasskey(t.Context(), bob))(t)
		_, err = w.FinishPasskey(t.Context(), bob, begun.Ceremony, newAuthenticator(t).create(t, begun), strings.Repeat("x", 81))
		wantCode(t, err, fault.Invalid)
	})
}

func TestDeletePasskey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, _ := w.joinByPasskey(t, "alice")
		bob := w.join(t, "bob") // has a password
		add := func(who *Who) community.PasskeyID {
			begun := must(w.BeginPasskey(t.Context(), who))(t)
			return must(w.FinishPasskey(t.Context(), who, begun.Ceremony, newAuthenticator(t).create(t, begun), ""))(t).ID
		}
		only := must(w.Passkeys(t.Context(), alice))(t)[0].ID
		wantCode(t, w.DeletePasskey(t.Context(), alice, only), fault.Forbidden)
		wantCode(t, w.DeletePasskey(t.Context(), bob, only), fault.NotFound)

		second := add(alice)
		errs := make(chan error, 2)
		for _, id := range []community.PasskeyID{only, second} {
			go func() { errs <- w.DeletePasskey(t.Context(), alice, id) }()
		}
		if codes := []fault.Code{fault.CodeOf(<-errs), fault.CodeOf(<-errs)}; !slices.Contains(codes, fault.None) || !slices.Contains(codes, fault.Forbidden) {
			t.Errorf("deleting both at once: %q", codes)
		}
		if left := must(w.Passkeys(t.Context(), alice))(t); len(left) != 1 {
			t.Errorf("%d passkeys are left", len(left))
		}
		wantCode(t, w.DeletePasskey(t.Context(), bob, add(bob)), fault.None)
	})
}

// What a browser sends is anything at all.
func TestMalformedCredentials(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	_, key := w.joinByPasskey(t, "alice")
	begun := must(w.BeginSignIn(t.Context()))(t)
	var good map[string]any
	if err := json.Unmarshal(key.get(t, begun), &good); err != nil {
		t.Fatal(err)
	}
	good["response"].(map[string]any)["authenticatorData"] = "AAAA"
	for _, bad := range [][]byte{nil, []byte("null"), []byte("{}"), []byte("[1]"), must(json.Marshal(good))(t), []byte(`{"id":"a","rawId":"!"}`)} {
		begun := must(w.BeginSignIn(t.Context()))(t)
		_, err := w.FinishSignIn(t.Context(), begun.Ceremony, bad)
		wantCode(t, err, fault.Unauthenticated)
		begun = must(w.BeginSignUp(t.Context(), SignUp{Name: "bob"}))(t)
		_, err = w.FinishSignUp(t.Context(), begun.Ceremony, bad, "")
		wantCode(t, err, fault.Invalid)
	}
	begun = must(w.BeginSignIn(t.Context()))(t)
	_, err := w.FinishSignIn(t.Context(), begun.Ceremony, make([]byte, maxCredential+1))
	wantCode(t, err, fault.TooLarge)
}

// A server that is known by its address only has no passkeys; all else works.
func TestNoPasskeysWithoutADomain(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	o := w.Options
	o.Host, o.Origin = "127.0.0.1:8080", "http://127.0.0.1:8080"
	svc := must(New(o))(t)
	_, err := svc.BeginSignIn(t.Context())
	wantCode(t, err, fault.Forbidden)
	_, err = svc.BeginSignUp(t.Context(), SignUp{Name: "alice"})
	wantCode(t, err, fault.Forbidden)
	_, err = svc.FinishSignIn(t.Context(), "x", nil)
	wantCode(t, err, fault.Invalid)

	o.Host, o.Origin = "localhost:8080", "http://localhost:8080"
	begun := must(must(New(o))(t).BeginSignIn(t.Context()))(t)
	if got := read(t, begun).PublicKey.RPID; got != "localhost" {
		t.Errorf("the relying party is %q", got)
	}
}
