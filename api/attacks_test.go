package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The attacks on who is signed in, by their names; see docs/security.md. Those
// on passkeys, codes and passwords themselves are in service/accounts, session
// fixation in confirm_test.go.

// form sends fields as a browser without JavaScript does.
func (w *world) form(path string, fields url.Values, changes ...change) *reply {
	w.t.Helper()
	return w.do(http.MethodPost, path, fields.Encode(), append([]change{header("Content-Type", "application/x-www-form-urlencoded")}, changes...)...)
}

// A page of another site can make a browser send a form, or text that happens
// to be JSON, and it must do nothing: neither for somebody who is signed in,
// nor to sign somebody in as somebody else.
func TestAttackCSRF(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "mallory", "password": password}).is(http.StatusCreated)
	mine, with := w.browser("bob")
	post := strconv.Itoa(int(w.post.ID))
	in := url.Values{"username": {"mallory"}, "password": {password}, "next": {"/"}}
	tricks := map[string][]change{
		"another site":                {header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example")},
		"a neighbouring host":         {header("Sec-Fetch-Site", "same-site"), header("Origin", "https://evil.stone.example")},
		"an old browser":              {header("Origin", "https://evil.example")},
		"a sandbox":                   {header("Origin", "null")},
		"an origin that begins alike": {header("Origin", origin+".evil.example")},
		"another port":                {header("Origin", origin+":8443")},
		"without TLS":                 {header("Origin", "http://stone.example")},
	}
	for name, trick := range tricks {
		trick = append(slices.Clone(trick), with)
		for what, r := range map[string]*reply{
			"a form that signs in":       w.form("/login", in, trick...),
			"a form that reports":        w.form("/post/"+post+"/report", url.Values{"ground": {"spam"}}, trick...),
			"JSON that signs in":         w.do(http.MethodPost, "/api/v1/session", object{"name": "mallory", "password": password}, trick...),
			"JSON that recovers":         w.do(http.MethodPost, "/api/v1/session/recovery", object{"name": "mallory", "code": "x"}, trick...),
			"JSON as text":               w.do(http.MethodPost, "/api/v1/groups", `{"name":"evil"}`, append(trick, header("Content-Type", "text/plain"))...),
			"JSON as a form":             w.do(http.MethodPost, "/api/v1/groups", `{"name":"evil"}`, append(trick, header("Content-Type", "application/x-www-form-urlencoded"))...),
			"JSON that takes a password": w.do(http.MethodDelete, "/api/v1/me/password", nil, trick...),
			"JSON that signs out":        w.do(http.MethodDelete, "/api/v1/sessions", nil, trick...),
		} {
			if c := r.cookie("__Host-drystone"); r.StatusCode != http.StatusForbidden || c != nil && c.Value != mine {
				t.Errorf("%s from %s: %d %v %.200s", what, name, r.StatusCode, r.Cookies(), r.text)
			}
		}
	}
	// What is not JSON is no request, wherever it is from.
	w.do(http.MethodPost, "/api/v1/groups", "name=evil", with, header("Content-Type", "application/x-www-form-urlencoded")).is(http.StatusUnsupportedMediaType)
	w.get("/api/v1/groups/evil").is(http.StatusNotFound)
	w.get("/api/v1/me", with).is(http.StatusOK).has(`"bob"`)
	w.form("/login", in, header("Sec-Fetch-Site", "same-origin"), header("Origin", origin)).is(http.StatusSeeOther)
}

// No answer of any kind may be shown in a frame of another page.
func TestAttackClickjacking(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	_, with := w.browser("bob")
	post := strconv.Itoa(int(w.post.ID))
	answers := map[string]*reply{
		"a page":                   w.get("/"),
		"a page of mine":           w.get("/settings/security", with),
		"the door":                 w.get("/login"),
		"a form":                   w.get("/post/"+post+"/report", with),
		"a form that fails":        w.form("/login", url.Values{"username": {"bob"}, "password": {"x"}}),
		"a page that is not there": w.get("/nowhere/at/all"),
		"a refused page":           w.form("/login", nil, header("Origin", "https://evil.example")),
		"a redirection":            w.form("/login", url.Values{}, header("Accept", "text/html")),
		"JSON":                     w.get("/api/v1/me", with),
		"a problem":                w.get("/api/v1/me"),
		"no operation":             w.get("/api/v1/nothing"),
		"the document":             w.get("/api/v1/openapi.json"),
		"a file of the app":        w.get("/theme.js"),
		"another":                  w.get("/_app/immutable/post.js"),
		"no file":                  w.get("/_app/immutable/none.js"),
		"a feed":                   w.get("/c/garden.atom"),
		"robots":                   w.get("/robots.txt"),
		"a manifest":               w.get("/manifest.webmanifest"),
		"health":                   w.get("/healthz"),
	}
	for name, r := range answers {
		if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s (%d): Content-Security-Policy is %q", name, r.StatusCode, policy)
		}
		if old := r.Header.Get("X-Frame-Options"); old != "DENY" {
			t.Errorf("%s (%d): X-Frame-Options is %q", name, r.StatusCode, old)
		}
	}
}

// nexts are addresses that somebody is to go to, as a link says, and where they
// go, by whichever door they come in.
var nexts = map[string]string{
	"": "/", "/": "/", "/c/garden?sort=new": "/c/garden?sort=new", "/post/1#comment-2": "/post/1#comment-2", "/c/a%2Fb": "/c/a%2Fb",
	"https://evil.example": "/", "//evil.example": "/", "///evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/\t/evil.example": "/",
	"/\n/evil.example": "/", "javascript:alert(1)": "/", "evil.example": "/", "@evil.example": "/", ".evil.example": "/", "https:evil.example": "/",
	"https:///evil.example": "/", "/..//evil.example": "/evil.example", "/./\\evil.example": "/", "/a/../..//evil.example": "/evil.example", "/%2F%2Fevil.example": "/%2F%2Fevil.example",
	"https://stone.example@evil.example/": "/", "https://stone.example.evil.example/": "/", "/login?next=//evil.example": "/", "/join": "/",
	"\x00/": "/", "/\x7f/evil.example": "/", "/\v/evil.example": "/", "%zz": "/", "/%zz": "/", "garden": "/", "/c/garden?sort=new#top": "/c/garden?sort=new#top", "/" + strings.Repeat("a", 5000): "/",
}

// Where somebody goes after signing in is of this site, whatever the address
// bar says.
func TestAttackOpenRedirect(t *testing.T) {
	now := time.Now()
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) {
		o.Now = func() time.Time { now = now.Add(time.Hour); return now } // so often one name is not asked for at once
	})
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
	for next, want := range nexts {
		r := w.form("/login", url.Values{"username": {"erin"}, "password": {password}, "next": {next}})
		if got := r.is(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
		page := w.get("/login?" + url.Values{"next": {next}}.Encode())
		if page.StatusCode == http.StatusOK && !strings.Contains(page.text, `name="next" value="`+strings.ReplaceAll(want, "&", "&amp;")+`"`) {
			t.Errorf("next=%q is not %q in the form", next, want)
		}
	}
}

// Nobody learns from an answer whether there is an account, whichever door
// they try; see TestAttackUserEnumeration in service/accounts for the work.
func TestAttackUserEnumeration(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
		w.person("keyed") // has no password
		tries := map[string]func(name string) *reply{
			"signing in": func(name string) *reply {
				return w.do(http.MethodPost, "/api/v1/session", object{"name": name, "password": "a wrong one"})
			},
			"with a code": func(name string) *reply {
				return w.do(http.MethodPost, "/api/v1/session", object{"name": name, "password": "a wrong one", "code": "123456"})
			},
			"recovering": func(name string) *reply {
				return w.do(http.MethodPost, "/api/v1/session/recovery", object{"name": name, "password": "a wrong one", "code": "aaaa-bbbb-cccc-dddd"})
			},
			"by the form": func(name string) *reply {
				return w.form("/login", url.Values{"username": {name}, "password": {"a wrong one"}})
			},
			"by the other form": func(name string) *reply {
				return w.form("/login", url.Values{"username": {name}, "code": {"aaaa-bbbb-cccc-dddd"}, "lost": {"1"}})
			},
		}
		for what, try := range tries {
			say := func(name string) string {
				r := try(name).is(http.StatusUnauthorized)
				headers := ""
				for _, h := range []string{"WWW-Authenticate", "Set-Cookie", "Content-Type", "Cache-Control", "Retry-After"} {
					headers += h + "=" + r.Header.Get(h) + "\n"
				}
				return headers + strings.ReplaceAll(r.text, `"`+name+`"`, `"NAME"`)
			}
			if a, b, c := say("erin"), say("nobody"), say("keyed"); a != b || b != c {
				t.Errorf("%s: an account is answered\n%s\nnone\n%s\nand one without a password\n%s", what, a, b, c)
			}
		}
	})
}

// Browsers that came by TLS once never come without it.
func TestHSTS(t *testing.T) {
	const header = "Strict-Transport-Security"
	w := newWorld(t, testdb.SQLite(t))
	for _, path := range []string{"/", "/login", "/api/v1/me", "/api/v1/instance", "/theme.js", "/nowhere", "/healthz"} {
		if got := w.get(path).Header.Get(header); got != "max-age=31536000" {
			t.Errorf("%s: %s is %q", path, header, got)
		}
	}
	plain := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Secure, o.Origin = false, "http://stone.example" })
	if got := plain.get("/").Header.Get(header); got != "" {
		t.Errorf("without TLS: %s is %q", header, got)
	}
}

// Guessing at one name ends soon, from however many addresses, whether or not
// there is one; and its owner still comes in by a passkey.
func TestGuessesOfOneName(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
	from := func(i int) change {
		return func(r *http.Request) { r.RemoteAddr = "203.0.113." + strconv.Itoa(i) + ":1234" }
	}
	for _, names := range [][]string{{"erin", "ERIN", " @erin ", "erin@stone.example"}, {"nobody", "Nobody"}} {
		last := 0
		for i := range 21 {
			r := w.do(http.MethodPost, "/api/v1/session", object{"name": names[i%len(names)], "password": "a wrong one"}, from(i))
			if last = r.StatusCode; last == http.StatusTooManyRequests && (r.Header.Get("Retry-After") == "" || i < 20) {
				t.Errorf("try %d as %s: %d %v", i, names[0], last, r.Header)
			}
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("the last try as %s is answered %d", names[0], last)
		}
	}
	w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password}, from(99)).is(http.StatusTooManyRequests)
	w.do(http.MethodPost, "/api/v1/session/recovery", object{"name": "erin", "password": password, "code": "x"}, from(99)).is(http.StatusTooManyRequests)
	w.form("/login", url.Values{"username": {"erin"}, "password": {password}}, from(99)).is(http.StatusTooManyRequests).has("Use a passkey")
	w.do(http.MethodPost, "/api/v1/session/passkey/begin", object{}, from(99)).is(http.StatusOK)
	w.do(http.MethodPost, "/api/v1/session", object{"name": "frank", "password": "a wrong one"}, from(99)).is(http.StatusUnauthorized)
}
