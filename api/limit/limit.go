// Package limit says how often somebody may do something: a rate and a burst,
// remembered in memory by GCRA, which keeps one instant a key.
//
// It knows nothing of HTTP but the two headers that tell clients how they
// stand. Who counts as somebody is the caller's business. Every process keeps
// its own memory: with n processes a limit is at most n times as wide, which is
// enough against floods and guessing, and costs no shared store.
package limit

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// A Rule allows Burst actions at once and Burst more every Window.
type Rule struct {
	Name   string
	Burst  int
	Window time.Duration
}

// mostKeys bounds what a limiter remembers. Whoever has more addresses than
// this is not held by limits on addresses.
const mostKeys = 1 << 17

// A Limiter holds one rule against any number of keys.
type Limiter struct {
	rule Rule
	now  func() time.Time

	mu    sync.Mutex
	due   map[string]time.Time // when a key's allowance is whole again
	swept time.Time
}

// New returns a limiter for rule.
func New(rule Rule, now func() time.Time) *Limiter {
	return &Limiter{rule: rule, now: now, due: map[string]time.Time{}, swept: now()}
}

// A Verdict is whether an action is allowed, and how its key stands.
type Verdict struct {
	Allowed bool
	Left    int           // actions that are allowed right now
	Wait    time.Duration // until the next one is, or until all are
	rule    Rule
}

// Take counts one action of key.
func (l *Limiter) Take(key string) Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, each := l.now(), l.rule.Window/time.Duration(l.rule.Burst)
	l.sweep(now)
	due := l.due[key]
	if due.Before(now) {
		due = now
	}
	next := due.Add(each)
	if over := next.Sub(now) - l.rule.Window; over > 0 {
		return Verdict{Wait: over, rule: l.rule}
	}
	l.makeRoom(key)
	l.due[key] = next
	left := int((l.rule.Window - next.Sub(now)) / each)
	return Verdict{Allowed: true, Left: left, Wait: next.Sub(now), rule: l.rule}
}

// sweep forgets the keys whose allowance is whole, once a window.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < l.rule.Window {
		return
	}
	l.swept = now
	for key, due := range l.due {
		if due.Before(now) {
			delete(l.due, key)
		}
	}
}

// makeRoom forgets some other key when there is no room for a new one.
func (l *Limiter) makeRoom(key string) {
	if _, known := l.due[key]; known || len(l.due) < mostKeys {
		return
	}
	for other := range l.due {
		delete(l.due, other)
		return
	}
}

// Network is under what limits count an address. Of an IPv6 address only the
// network counts, because whoever has one address has all of it.
func Network(address string) string {
	if a, err := netip.ParseAddr(address); err == nil && a.Unmap().Is6() {
		if network, err := a.WithZone("").Prefix(64); err == nil {
			return "from " + network.String()
		}
	}
	return "from " + address
}

// Seconds is Wait in whole seconds, rounded up, as headers want it.
func (v Verdict) Seconds() int { return int((v.Wait + time.Second - 1) / time.Second) }

// Header is the RateLimit field (draft-ietf-httpapi-ratelimit-headers).
func (v Verdict) Header() string {
	return fmt.Sprintf("%q;r=%d;t=%d", v.rule.Name, v.Left, v.Seconds())
}

// Policy is the RateLimit-Policy field.
func (v Verdict) Policy() string {
	return fmt.Sprintf("%q;q=%d;w=%d", v.rule.Name, v.rule.Burst, int(v.rule.Window.Seconds()))
}
