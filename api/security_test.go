package api_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/storage"
)

// appCode is what an app shows for a secret (RFC 6238), so many steps from
// now.
func (w *world) appCode(secret string, steps int64) string {
	w.t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	w.check(err)
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, time.Now().Unix()/30+steps)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// A password, a code beside it, codes on paper, and without any of them again.
func TestSecurity(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		up := w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated).cookie("__Host-drystone")
		here := header("Cookie", up.Name+"="+up.Value)
		is := func(want object) {
			t.Helper()
			got := w.get("/api/v1/me/security", here).is(http.StatusOK).json()
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s is %v, want %v", name, got[name], value)
				}
			}
		}
		is(object{"passwords": true, "password": true, "authenticator": false, "authenticator_at": nil, "recovery_codes": 0.0, "recovery_at": nil, "passkeys": 0.0})

		isProblem(t, w.do(http.MethodPut, "/api/v1/me/password", object{"password": "password123"}, here).is(http.StatusUnprocessableEntity), "body.password")
		const other = "nine copes under lime"
		token := func() change {
			c := w.do(http.MethodPost, "/api/v1/tokens", object{"name": "mail", "scopes": []string{"read"}}, here).is(http.StatusCreated).json()
			return header("Authorization", "Bearer "+c["token"].(string))
		}
		mail := token()
		w.do(http.MethodPut, "/api/v1/me/password", object{"password": other, "end_others": true, "end_apps": false}, here).is(http.StatusNoContent)
		w.get("/api/v1/me", mail).is(http.StatusOK)
		w.do(http.MethodPut, "/api/v1/me/password", object{"password": other, "end_others": true}, here).is(http.StatusNoContent)
		w.get("/api/v1/me", mail).is(http.StatusUnauthorized)
		w.do(http.MethodDelete, "/api/v1/me/password", nil, here).is(http.StatusForbidden).has("Add a passkey first")

		setup := w.do(http.MethodPost, "/api/v1/me/authenticator", object{}, here).is(http.StatusOK).json()
		secret := setup["secret"].(string)
		if uri, err := url.Parse(setup["uri"].(string)); err != nil || uri.Query().Get("secret") != secret || !strings.HasPrefix(setup["picture"].(string), "data:image/svg+xml;base64,") {
			t.Errorf("set up by %v", setup)
		}
		isProblem(t, w.do(http.MethodPut, "/api/v1/me/authenticator", object{"code": "nonsense"}, here).is(http.StatusUnprocessableEntity), "body.code")
		first := w.appCode(secret, 0)
		codes := w.do(http.MethodPut, "/api/v1/me/authenticator", object{"code": first}, here).is(http.StatusOK).json()["codes"].([]any)
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		is(object{"authenticator": true, "recovery_codes": 10.0})

		in := func(code string) *reply {
			body := object{"name": "erin", "password": other}
			if code != "" {
				body["code"] = code
			}
			return w.do(http.MethodPost, "/api/v1/session", body)
		}
		if r := in("").is(http.StatusUnauthorized).has(`"code_required"`); len(r.Cookies()) > 0 {
			t.Error("a password alone gets a cookie")
		}
		in(first).is(http.StatusUnauthorized).has(`"unauthenticated"`)
		in(w.appCode(secret, 1)).is(http.StatusOK)
		in(codes[0].(string)).is(http.StatusOK)
		in(codes[0].(string)).is(http.StatusUnauthorized)
		recovery := object{"name": "erin", "password": other, "code": codes[1]}
		w.do(http.MethodPost, "/api/v1/session/recovery", recovery).is(http.StatusOK).has(`"erin"`)
		w.do(http.MethodPost, "/api/v1/session/recovery", recovery).is(http.StatusUnauthorized)
		is(object{"recovery_codes": 8.0})

		// By the form, in two steps.
		fields := url.Values{"username": {"erin"}, "password": {other}}
		w.form("/login", fields).is(http.StatusUnauthorized).has(`name="code"`, "Enter the code", `value="erin"`).lacks(other)
		fields.Set("code", codes[2].(string))
		r := w.form("/login", fields).is(http.StatusSeeOther)
		if r.cookie("__Host-drystone") == nil || r.Header.Get("Location") != "/" {
			t.Errorf("the form answers %v", r.Header)
		}

		w.forget()
		w.do(http.MethodPost, "/api/v1/me/recovery-codes", object{}, here).is(http.StatusForbidden).has(`"confirmation_required"`)
		c := w.do(http.MethodPost, "/api/v1/session/confirm", object{"code": codes[3]}, here).is(http.StatusOK).cookie("__Host-drystone")
		here = header("Cookie", c.Name+"="+c.Value)
		fresh := w.do(http.MethodPost, "/api/v1/me/recovery-codes", object{}, here).is(http.StatusOK).json()["codes"].([]any)
		in(codes[4].(string)).is(http.StatusUnauthorized)
		in(fresh[0].(string)).is(http.StatusOK)

		w.do(http.MethodDelete, "/api/v1/me/authenticator", nil, here).is(http.StatusNoContent)
		in("").is(http.StatusOK)
		is(object{"authenticator": false, "recovery_codes": 9.0})

		others := w.get("/api/v1/sessions", here).is(http.StatusOK).json()["items"].([]any)
		w.do(http.MethodDelete, "/api/v1/sessions", nil, here).is(http.StatusNoContent)
		if left := w.get("/api/v1/sessions", here).is(http.StatusOK).json()["items"].([]any); len(others) < 4 || len(left) != 1 || left[0].(object)["current"] != true {
			t.Errorf("of %d sessions %v are left", len(others), left)
		}
	})
}

// Guessing at codes ends long before a million tries, for whoever has the
// password and for whoever sits at the screen.
func TestGuessesOfCodes(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
	in := func() *reply {
		return w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password, "code": "123456"})
	}
	up := in().is(http.StatusOK).cookie("__Host-drystone") // it needs none yet
	here := header("Cookie", up.Name+"="+up.Value)
	secret := w.do(http.MethodPost, "/api/v1/me/authenticator", object{}, here).is(http.StatusOK).json()["secret"].(string)
	w.do(http.MethodPut, "/api/v1/me/authenticator", object{"code": w.appCode(secret, 0)}, here).is(http.StatusOK)
	for range 4 {
		in().is(http.StatusUnauthorized)
		w.do(http.MethodPost, "/api/v1/session/confirm", object{"code": "123456"}, here).is(http.StatusForbidden)
	}
	in().is(http.StatusTooManyRequests)
	w.do(http.MethodPost, "/api/v1/session/confirm", object{"code": "123456"}, here).is(http.StatusTooManyRequests)
	w.do(http.MethodPost, "/api/v1/session/confirm", object{"password": password}, here).is(http.StatusOK)
}

// Where the operator turned passwords off, no door takes one.
func TestPasswordsOff(t *testing.T) {
	db := testdb.SQLite(t)
	w := newWorld(t, db, func(o *api.Options) { o.Accounts.PasswordsOff = true })
	w.person("keyed")
	if got := w.get("/api/v1/instance").is(http.StatusOK).json()["passwords"]; got != false {
		t.Errorf("passwords = %v", got)
	}
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusForbidden)
	w.do(http.MethodPost, "/api/v1/session", object{"name": "keyed", "password": password}).is(http.StatusForbidden)
	w.do(http.MethodPut, "/api/v1/me/password", object{"password": password}, w.sure("keyed")).is(http.StatusForbidden)
	w.get("/login").is(http.StatusOK).has("takes no passwords").lacks(`name="password"`)
	w.form("/login", url.Values{"username": {"keyed"}, "password": {password}}).is(http.StatusForbidden)
	codes, err := w.accounts.RenewRecoveryCodes(t.Context(), w.who["keyed"])
	w.check(err)
	page := w.get("/login?lost=1&next=/c/garden").is(http.StatusOK).has(`name="code"`, `name="lost"`, `value="/c/garden"`).lacks(`name="password"`)
	if page.Header.Get("Cache-Control") == "" {
		t.Error("the page may be kept")
	}
	r := w.form("/login", url.Values{"username": {"keyed"}, "code": {codes[0]}, "lost": {"1"}, "next": {"/c/garden"}}).is(http.StatusSeeOther)
	if to := r.Header.Get("Location"); to != "/settings/security" { // where a new passkey is made
		t.Errorf("a recovery code leads to %q", to)
	}
}

// What is said about a passkey is its owner's to say, in any words that can be
// shown.
func TestRenamePasskey(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	for _, name := range []string{"alice", "bob"} {
		w.person(name)
	}
	path := fmt.Sprintf("/api/v1/passkeys/%d", w.passkey("alice").ID)
	if got := w.do(http.MethodPatch, path, object{"name": "The old 📱"}, w.as("alice")).is(http.StatusOK).json()["name"]; got != "The old 📱" {
		t.Errorf("it is called %q", got)
	}
	for _, name := range []string{"", " ", "\u202e", "\u200b\u200b", strings.Repeat("x", 81), strings.Repeat("x", 10_000)} {
		isProblem(t, w.do(http.MethodPatch, path, object{"name": name}, w.as("alice")).is(http.StatusUnprocessableEntity), "body.name")
	}
	w.do(http.MethodPatch, path, `{"name":"a\u0000b"}`, w.as("alice")).is(http.StatusBadRequest)
	w.do(http.MethodPatch, path, object{"name": "mine"}, w.as("bob")).is(http.StatusNotFound)
	w.get("/api/v1/passkeys", w.as("alice")).is(http.StatusOK).has("The old 📱")
}

// Names, passwords and codes are anything at all, and none of it is told
// again.
func TestHostileSignIn(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	_, err := w.accounts.SignUp(t.Context(), accounts.SignUp{Name: "erin", Password: password})
	w.check(err)
	for _, text := range []string{"\u202eniere", "e\u200brin", strings.Repeat("x", 10_000), "\u0065\u0301rin", "<script>alert(1)</script>", "erin'--", "ｅｒｉｎ２"} {
		for path, body := range map[string]object{
			"/api/v1/session":          {"name": text, "password": text, "code": text},
			"/api/v1/session/recovery": {"name": text, "password": text, "code": text},
		} {
			w.do(http.MethodPost, path, body).is(http.StatusUnauthorized).lacks(text)
		}
		if len(text) > 5000 {
			continue // more than a form may hold
		}
		w.form("/login", url.Values{"username": {text}, "password": {"secret " + text}, "code": {text}}).is(http.StatusUnauthorized).lacks("secret", "<script>alert")
	}
	w.do(http.MethodPost, "/api/v1/session", `{"name":"er\u0000in","password":"x"}`).is(http.StatusBadRequest)
	if w.form("/login", url.Values{"username": {"er\x00in"}, "password": {"x"}}).StatusCode != http.StatusUnauthorized {
		t.Error("a name with a NUL is not simply wrong")
	}
	w.form("/login", url.Values{"username": {"erin"}, "password": {strings.Repeat("x", 20<<10)}}).is(http.StatusUnprocessableEntity)
	if strings.Contains(w.logs.String(), password) {
		t.Error("the log has a password")
	}
}
