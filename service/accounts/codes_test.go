package accounts

import (
	"encoding/base64"
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"

	"drystone/internal/testdb"
)

// An app shows codes for a secret, by the world's clock.
func (w *world) shows(t *testing.T, setup *Setup) string {
	t.Helper()
	return must(hotp.GenerateCode(setup.Secret, uint64(w.now().Unix()/stepLength)))(t)
}

// withCodes sets an app up for somebody, and returns it with recovery codes.
func (w *world) withCodes(t *testing.T, who *Who) (*Setup, []string) {
	t.Helper()
	setup := must(w.BeginCodes(t.Context(), who))(t)
	recovery := must(w.ConfirmCodes(t.Context(), who, w.shows(t, setup)))(t)
	w.wait(stepLength * time.Second)
	return setup, recovery
}

// A password that needs a code beside it opens nothing alone.
func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		setup := must(w.BeginCodes(t.Context(), alice))(t)
		must(w.SignIn(t.Context(), "alice", password))(t) // nothing is set up yet

		_, err := w.ConfirmCodes(t.Context(), alice, "000000x")
		wantCode(t, err, fault.Invalid)
		recovery := must(w.ConfirmCodes(t.Context(), alice, " "+w.shows(t, setup)[:3]+" "+w.shows(t, setup)[3:]))(t)
		if len(recovery) != community.RecoveryCodes {
			t.Errorf("%d recovery codes", len(recovery))
		}
		_, err = w.ConfirmCodes(t.Context(), alice, w.shows(t, setup))
		wantCode(t, err, fault.Conflict)
		_, err = w.BeginCodes(t.Context(), alice)
		wantCode(t, err, fault.Conflict)

		w.wait(time.Minute)
		_, err = w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.CodeRequired)
		_, err = w.SignInWithCode(t.Context(), "alice", password+"!", w.shows(t, setup))
		wantCode(t, err, fault.Unauthenticated)
		_, err = w.SignInWithCode(t.Context(), "alice", password, "12345")
		wantCode(t, err, fault.Unauthenticated)
		must(w.SignInWithCode(t.Context(), "alice", password, w.shows(t, setup)))(t)

		is := must(w.Security(t.Context(), alice))(t)
		if !is.Codes || is.RecoveryCodes != community.RecoveryCodes || !is.CodesSince.Equal(noon) || !is.Password || !is.Passwords {
			t.Errorf("alice is guarded by %+v", is)
		}
		if err := w.RemoveCodes(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.RemoveCodes(t.Context(), alice), fault.NotFound)
		must(w.SignIn(t.Context(), "alice", password))(t)
	})
}

// Clocks differ, by half a minute and no more.
func TestCodesOfOtherClocks(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	alice := w.join(t, "alice")
	setup, _ := w.withCodes(t, alice)
	w.wait(time.Hour)
	for _, test := range []struct {
		steps int
		want  fault.Code
	}{{-2, fault.Unauthenticated}, {2, fault.Unauthenticated}, {-1, fault.None}, {1, fault.None}, {0, fault.Unauthenticated}} { // a later one was used
		code := must(hotp.GenerateCode(setup.Secret, uint64(w.now().Unix()/stepLength+int64(test.steps))))(t)
		_, err := w.SignInWithCode(t.Context(), "alice", password, code)
		if got := fault.CodeOf(err); got != test.want {
			t.Errorf("%d steps away: %v, want %q", test.steps, err, test.want)
		}
	}
}

func TestCodesNeedAPassword(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	keyed, _ := w.joinByPasskey(t, "keyed")
	_, err := w.BeginCodes(t.Context(), keyed)
	wantCode(t, err, fault.Forbidden)
	_, err = w.ConfirmCodes(t.Context(), keyed, "123456")
	wantCode(t, err, fault.NotFound)
}

// What an app scans is a picture that nobody else has to be asked for.
func TestCodePicture(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	setup := must(w.BeginCodes(t.Context(), w.join(t, "alice")))(t)
	if !strings.HasPrefix(setup.URI, "otpauth://totp/garden.test:alice?") || !strings.Contains(setup.URI, "secret="+setup.Secret) || len(setup.Secret) < 32 {
		t.Errorf("set up by %+v", setup)
	}
	data, is := strings.CutPrefix(setup.Picture, "data:image/svg+xml;base64,")
	svg := must(base64.StdEncoding.DecodeString(data))(t)
	var drawing struct {
		XMLName xml.Name `xml:"svg"`
		Box     string   `xml:"viewBox,attr"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &drawing); !is || err != nil || len(drawing.Paths) != 2 || strings.Count(drawing.Paths[1].D, "M") < 300 {
		t.Errorf("the picture is %s (%v)", svg, err)
	}
}

// Ten codes, each good once, for who lost their app or their passkey.
func TestRecovery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		_, codes := w.withCodes(t, alice)
		keyed, _ := w.joinByPasskey(t, "keyed")
		keyedCodes := must(w.RenewRecoveryCodes(t.Context(), keyed))(t)
		tests := []struct {
			name, who, password, code string
			want                      fault.Code
		}{
			{"the password and a code", "alice", password, codes[0], fault.None},
			{"as people write it", " @Alice", password, strings.ToUpper(strings.ReplaceAll(codes[1], "-", " ")), fault.None},
			{"a code without the password", "alice", "", codes[2], fault.Unauthenticated},
			{"the password without a code", "alice", password, "", fault.Unauthenticated},
			{"somebody else's code", "alice", password, keyedCodes[0], fault.Unauthenticated},
			{"made up", "alice", password, "aaaa-bbbb-cccc-dddd", fault.Unauthenticated},
			{"an app's code", "alice", password, "123456", fault.Unauthenticated},
			{"nobody", "zoe", password, codes[2], fault.Unauthenticated},
			{"who has no password", "keyed", "", keyedCodes[1], fault.None},
			{"who has no password, with one", "keyed", password, keyedCodes[2], fault.None},
		}
		for _, test := range tests {
			_, err := w.RecoverByCode(t.Context(), test.who, test.password, test.code)
			if got := fault.CodeOf(err); got != test.want {
				t.Errorf("%s: %v, want %q", test.name, err, test.want)
			}
		}
		must(w.SignInWithCode(t.Context(), "alice", password, codes[3]))(t)
		if left := must(w.Security(t.Context(), alice))(t).RecoveryCodes; left != 7 {
			t.Errorf("%d codes are left", left)
		}
		renewed := must(w.RenewRecoveryCodes(t.Context(), alice))(t)
		if slices.Contains(renewed, codes[4]) || len(renewed) != community.RecoveryCodes {
			t.Errorf("renewed %d codes", len(renewed))
		}
		_, err := w.RecoverByCode(t.Context(), "alice", password, codes[4])
		wantCode(t, err, fault.Unauthenticated)
		must(w.RecoverByCode(t.Context(), "alice", password, renewed[4]))(t)
	})
}

// Only hashes of recovery codes are kept.
func TestRecoveryCodesAreNotKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		codes := must(w.RenewRecoveryCodes(t.Context(), alice))(t)
		for _, kept := range must(w.DB.RecoveryCodes(t.Context(), alice.Account.ID))(t) {
			for _, code := range codes {
				if strings.Contains(string(kept.Hash), community.FoldCode(code)) || len(kept.Hash) != 32 {
					t.Errorf("kept %q of %q", kept.Hash, code)
				}
			}
		}
	})
}

// Two who come with one code at once: one comes in.
func TestCodesTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		setup, recovery := w.withCodes(t, alice)
		for _, code := range []string{w.shows(t, setup), recovery[0]} {
			errs := make(chan error, 4)
			for range cap(errs) {
				go func() { _, err := w.SignInWithCode(t.Context(), "alice", password, code); errs <- err }()
			}
			in := 0
			for range cap(errs) {
				if <-errs == nil {
					in++
				}
			}
			if in != 1 {
				t.Errorf("%d came in by %q", in, code)
			}
		}
	})
}

func TestConfirmByCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, alice := w.enter(t, w.join(t, "alice"))
		_, _, err := w.Confirm(t.Context(), alice, Proof{Code: "123456"})
		wantCode(t, err, fault.Forbidden)
		setup, recovery := w.withCodes(t, alice)
		for _, test := range []struct {
			code string
			want fault.Code
		}{{w.shows(t, setup), fault.None}, {w.shows(t, setup), fault.Forbidden}, {recovery[0], fault.None}, {recovery[0], fault.Forbidden}, {"x", fault.Forbidden}} {
			_, _, err := w.Confirm(t.Context(), alice, Proof{Code: test.code})
			wantCode(t, err, test.want)
		}
	})
}

// What belongs to an account goes with it.
func TestCodesGoWithTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "ada")
		alice := w.join(t, "alice")
		w.withCodes(t, alice)
		if err := w.Delete(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		_, err := w.DB.Authenticator(t.Context(), alice.Account.ID)
		wantCode(t, err, fault.NotFound)
		if left := must(w.DB.RecoveryCodes(t.Context(), alice.Account.ID))(t); len(left) != 0 {
			t.Errorf("%d recovery codes are left", len(left))
		}
	})
}

// notes lists what facts say about the ways into accounts.
func notes(t *testing.T, db *storage.DB) (list []string) {
	t.Helper()
	if err := db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range must(db.Facts(t.Context(), 0, 100))(t) {
		if f.Kind == community.WayInChanged {
			list = append(list, f.Reason)
		}
	}
	return list
}
