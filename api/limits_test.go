package api_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/internal/testdb"
)

// Every answer says how its caller stands, whatever was asked for.
func TestEveryOperationIsLimited(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	for _, op := range operations(t, w) {
		r := w.do(op.method, "/api/v1"+target(w, op), w.filled(rights[op.ID].body, "dave"), fresh(w, "dave"))
		if r.StatusCode < http.StatusBadRequest && r.Header.Get("RateLimit") == "" {
			t.Errorf("%s: no RateLimit in %v", op.ID, r.Header)
		}
		if !strings.Contains(op.responses(), "429") {
			t.Errorf("%s: the document does not say that it is limited: %s", op.ID, op.responses())
		}
	}
}

// Each account has its own measure, and all at one address have one together,
// so that many accounts are no way around it.
func TestLimitsByAccountAndAddress(t *testing.T) {
	now := time.Now() // and no later: what was used comes back with time
	still := func(o *api.Options) { o.Now = func() time.Time { return now } }
	w := newWorld(t, testdb.SQLite(t), still, func(o *api.Options) { o.Limits = 0.01 }) // 12 reads a minute
	for i := range 11 {
		w.person(fmt.Sprintf("many%d", i))
	}
	at := func(address string) change { return func(r *http.Request) { r.RemoteAddr = address + ":1" } }
	read := func(name, address string) *reply { return w.get("/api/v1/groups", w.as(name), at(address)) }
	for i := range 10 {
		name := fmt.Sprintf("many%d", i)
		for range 12 {
			read(name, "198.51.100.1").is(http.StatusOK)
		}
		if got := read(name, "198.51.100.2").is(http.StatusTooManyRequests).Header.Get("RateLimit-Policy"); !strings.HasPrefix(got, `"read";q=12;`) {
			t.Errorf("%s is held by %s", name, got)
		}
	}
	r := read("many10", "198.51.100.1").is(http.StatusTooManyRequests)
	if got := r.Header.Get("RateLimit-Policy"); !strings.HasPrefix(got, `"read-address";q=120;`) || r.Header.Get("Retry-After") == "" {
		t.Errorf("the eleventh account is held by %s: %v", got, r.Header)
	}
	read("many10", "198.51.100.3").is(http.StatusOK)

	// Looking for words has a narrower measure, on pages too. One is all there is.
	w = newWorld(t, testdb.SQLite(t), still, func(o *api.Options) { o.Limits = 0.02 })
	w.get("/search?q=stone", at("198.51.100.1")).is(http.StatusOK)
	w.get("/api/v1/search?q=stone", at("198.51.100.1")).is(http.StatusTooManyRequests)
	w.get("/search?q=wall", at("198.51.100.1")).is(http.StatusTooManyRequests)
	w.get("/search", at("198.51.100.1")).is(http.StatusOK)
}

func TestLimitsOff(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Limits = math.Inf(1) })
	for range 70 {
		if r := w.get("/api/v1/search?q=stone").is(http.StatusOK); r.Header.Get("RateLimit") != "" {
			t.Fatalf("limited: %v", r.Header)
		}
	}
}
