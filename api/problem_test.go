package api_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"drystone/api"
	"drystone/internal/testdb"
	"drystone/storage"
)

// codes are how problems name their statuses.
var codes = map[int]string{
	400: "invalid", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "invalid", 409: "conflict",
	413: "too_large", 415: "invalid", 422: "invalid", 429: "rate_limited", 500: "internal", 503: "unavailable",
}

// isProblem checks the shape of a problem, and that it is about a part of the
// request, where that is said.
func isProblem(t *testing.T, r *reply, location string) {
	t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q", got)
	}
	p := r.json()
	if p["status"] != float64(r.StatusCode) || p["title"] != http.StatusText(r.StatusCode) || p["code"] != codes[r.StatusCode] || p["type"] != "about:blank" {
		t.Errorf("the problem is %s", r.text)
	}
	if detail, _ := p["detail"].(string); detail == "" {
		t.Errorf("the problem has no detail: %s", r.text)
	}
	if location == "" {
		return
	}
	errors, _ := p["errors"].([]any)
	for _, e := range errors {
		if e.(object)["location"] == location && e.(object)["message"] != "" {
			return
		}
	}
	t.Errorf("no error is about %s: %s", location, r.text)
}

func TestProblems(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	tests := []struct {
		name         string
		method, path string
		body         any
		changes      []change
		status       int
		location     string
	}{
		{"no such address", http.MethodGet, "/api/v1/nothing", nil, nil, 404, ""},
		{"no such API", http.MethodGet, "/api", nil, nil, 404, ""},
		{"no such method", http.MethodPut, "/api/v1/feed", nil, nil, 405, ""},
		{"no JSON", http.MethodPost, "/api/v1/groups", "{name:", nil, 400, "body"},
		{"an empty body", http.MethodPost, "/api/v1/groups", "", nil, 400, ""},
		{"a list for an object", http.MethodPost, "/api/v1/groups", "[]", nil, 422, "body"},
		{"a form", http.MethodPost, "/api/v1/groups", "name=x", []change{header("Content-Type", "application/x-www-form-urlencoded")}, 415, "body"},
		{"plain text", http.MethodPost, "/api/v1/groups", `{"name":"xx"}`, []change{header("Content-Type", "text/plain")}, 415, "body"},
		{"too much", http.MethodPost, "/api/v1/groups", `{"name":"` + strings.Repeat("x", 256<<10) + `"}`, nil, 413, ""},
		{"an id that is no number", http.MethodGet, "/api/v1/posts/abc", nil, nil, 422, "path.id"},
		{"a sort that nobody knows", http.MethodGet, "/api/v1/feed?sort=best", nil, nil, 422, "query.sort"},
		{"a page too long", http.MethodGet, "/api/v1/feed?limit=101", nil, nil, 422, "query.limit"},
		{"no page at all", http.MethodGet, "/api/v1/feed?limit=0", nil, nil, 422, "query.limit"},
		{"a cursor that was made up", http.MethodGet, "/api/v1/feed?cursor=xyz", nil, nil, 422, "query.cursor"},
		{"a group that is not", http.MethodGet, "/api/v1/groups/nowhere", nil, nil, 404, ""},
		{"a group that cannot be", http.MethodGet, "/api/v1/groups/a@b@c", nil, nil, 404, ""},
		{"a person for a group", http.MethodGet, "/api/v1/groups/alice", nil, nil, 404, ""},
		{"a post that is not", http.MethodGet, "/api/v1/posts/999", nil, nil, 404, ""},
		{"one's own feed of nobody", http.MethodGet, "/api/v1/feed?view=home", nil, []change{w.as("nobody")}, 401, ""},
		{"an address without a resolver", http.MethodGet, "/api/v1/resolve?q=x@y.example", nil, nil, 503, ""},
		{"nothing to resolve", http.MethodGet, "/api/v1/resolve", nil, nil, 422, "query.q"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			changes := append([]change{w.as("alice")}, test.changes...)
			if test.status == 401 {
				changes = test.changes
			}
			isProblem(t, w.do(test.method, test.path, test.body, changes...).is(test.status), test.location)
		})
	}
}

// No bytes that a client can send break a database.
func TestStrangeWords(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for _, word := range []string{"%00", "%ff%fe", "%25", "%5C", "'", "%22", "%F0%9F%8C%B1", "%E2%80%AE", "a%00b", "%zz", strings.Repeat("x", 3000), "..", "%2e%2e%2f"} {
			for _, path := range []string{
				"/api/v1/groups/%s", "/api/v1/groups?q=%s", "/api/v1/groups/%s/posts", "/api/v1/people/%s", "/api/v1/search?q=%s", "/api/v1/feed?cursor=%s",
				"/api/v1/posts/1/comments?cursor=%s", "/api/v1/groups?cursor=%s", "/c/%s", "/u/%s", "/search?q=%s", "/explore?q=%s", "/post/%s", "/?cursor=%s", "/c/%s.atom", "/_app/%s", "/%s",
			} {
				request := "GET " + strings.Replace(path, "%s", word, 1) + " HTTP/1.1\r\nHost: stone.example\r\n\r\n"
				r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
				if err != nil {
					continue // net/http refuses it by itself
				}
				r = r.WithContext(t.Context())
				r.RemoteAddr = "192.0.2.1:1"
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, r)
				if rec.Code >= http.StatusInternalServerError {
					t.Errorf("%q = %d %.300s", request, rec.Code, rec.Body)
				}
			}
		}
		for _, text := range []string{`a\u0000b`, "\xff\xfe", `\ud800`} {
			for path, body := range map[string]string{
				"POST /api/v1/session": `{"name":"%s","password":"%s"}`, "POST /api/v1/groups": `{"name":"xx","title":"%s","summary":"%s"}`,
				"POST /api/v1/groups/garden/posts": `{"title":"t%s","body":"%s","language":"%s"}`, "POST /api/v1/posts/1/comments": `{"body":"c%s"}`,
				"POST /api/v1/posts/1/removal": `{"reason":"%s"}`, "PATCH /api/v1/me": `{"title":"%s","summary":"%s"}`, "POST /api/v1/tokens": `{"name":"t%s"}`,
				"POST /api/v1/signup/passkey/begin": `{"name":"%s"}`, "POST /api/v1/signup/passkey/finish": `{"ceremony":"%s","credential":{"id":"%s"},"passkey_name":"%s"}`,
				"POST /api/v1/markdown/preview": `{"body":"%s"}`,
			} {
				method, path, _ := strings.Cut(path, " ")
				r := w.do(method, path, strings.ReplaceAll(body, "%s", text), w.as("alice"))
				if r.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s %s with %q = %d %s", method, path, text, r.StatusCode, r.text)
				}
			}
		}
	})
}

// The text of our own errors is for the log.
func TestInternalErrorsSayNothing(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	if _, err := w.db.Bun().ExecContext(t.Context(), "ALTER TABLE posts RENAME TO stolen"); err != nil {
		t.Fatal(err)
	}
	r := w.get("/api/v1/posts/1").is(http.StatusInternalServerError).lacks("posts", "SQL", "no such table")
	isProblem(t, r, "")
	page := w.get("/post/1").is(http.StatusInternalServerError).lacks("SQL", "no such table")
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("an error may be cached: %v", page.Header)
	}
	if got := strings.Count(w.logs.String(), "no such table"); got != 2 {
		t.Errorf("the log has %d lines about it, want one for each request:\n%s", got, w.logs)
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} })
	from := func(address string) change { return header("X-Forwarded-For", address) }
	try := func(changes ...change) *reply {
		return w.do(http.MethodPost, "/api/v1/session", object{"name": "nobody"}, changes...)
	}
	for range 30 {
		r := try(from("198.51.100.1")).is(http.StatusUnprocessableEntity)
		if r.Header.Get("RateLimit") == "" || r.Header.Get("RateLimit-Policy") == "" {
			t.Fatalf("no RateLimit: %v", r.Header)
		}
	}
	r := try(from("198.51.100.1")).is(http.StatusTooManyRequests)
	isProblem(t, r, "")
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	try(from("198.51.100.2")).is(http.StatusUnprocessableEntity)
	// What the client itself wrote in front does not count.
	try(from("203.0.113.9, 198.51.100.1")).is(http.StatusTooManyRequests)
	// Neither does anything from somebody who is no proxy of ours.
	direct := func(r *http.Request) { r.RemoteAddr = "198.51.100.1:99" }
	try(from("203.0.113.10"), direct).is(http.StatusTooManyRequests)
}

func TestIPv6CountsByNetwork(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	at := func(address string) change { return func(r *http.Request) { r.RemoteAddr = address } }
	for i := range 31 {
		want := http.StatusUnprocessableEntity
		if i == 30 {
			want = http.StatusTooManyRequests
		}
		w.do(http.MethodPost, "/api/v1/session", object{}, at("[2001:db8::"+string("0123456789abcdef"[i%16])+"]:1")).is(want)
	}
}

func TestHead(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	for _, path := range []string{"/", "/post/1", "/api/v1/feed", "/favicon.svg"} {
		r, err := http.Head(server.URL + path) //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s = %d", path, r.StatusCode)
		}
	}
}

func TestHealth(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.get("/healthz").is(http.StatusOK)
	w.get("/readyz").is(http.StatusOK)
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	w.get("/healthz").is(http.StatusOK)
	w.get("/readyz").is(http.StatusServiceUnavailable)
}

// Whoever goes away before the answer is no trouble: nothing that is asked of
// the server is written down as its failure.
func TestWhoGoesAwayIsNoFailure(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		away := func(r *http.Request) {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			*r = *r.WithContext(ctx)
		}
		for _, path := range []string{"/api/v1/notifications/unread", "/api/v1/feed", "/api/v1/posts/1", "/", "/post/1", "/c/garden.atom"} {
			w.logs.Reset()
			w.get(path, w.as("bob"), away)
			if said := w.logs.String(); strings.Contains(said, "level=WARN") || strings.Contains(said, "level=ERROR") || strings.Contains(said, "status=5") {
				t.Errorf("%s: %s", path, said)
			}
		}
	})
}
