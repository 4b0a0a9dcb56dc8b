package v1

import (
	"math"
	"strconv"
	"time"

	"drystone/api/limit"
	"drystone/fault"
)

// limits are how often somebody may do a kind of work. People never meet them;
// programs that flood or guess do. Deliveries of other servers are not counted
// here: federation has its own measure.
type limits struct {
	read, search, ask       *kind // what only reads: everything, by words, of other servers
	complete                *kind // one a letter that somebody types
	change                  *kind // what changes something and has no kind of its own
	write, vote             *kind
	archive, upload, media  *kind // exports and imports; pictures of people; files to show
	signUp, signIn, recover *kind
	challenge, invite       *kind // work before signing up; codes that are tried
	name, code              *kind // guesses of one account's password, and of its codes, from anywhere
}

// neighbours is how many people of one address, or network, may do at once
// what one of them may: an office, a school, or somebody with many accounts.
const neighbours = 10

// newLimits makes limits wide times as wide as usual.
func newLimits(now func() time.Time, wide float64) limits {
	rule := func(name string, burst int, window time.Duration) *kind {
		return newKind(limit.Rule{Name: name, Burst: burst, Window: window}, wide, now)
	}
	return limits{
		read:     rule("read", 1200, time.Minute),
		search:   rule("search", 60, time.Minute),
		complete: rule("complete", 300, time.Minute),
		ask:      rule("resolve", 60, time.Minute),
		change:   rule("change", 600, 5*time.Minute),
		write:    rule("write", 120, 2*time.Minute),
		vote:     rule("vote", 300, time.Minute),
		archive:  rule("archive", 20, time.Hour),
		upload:   rule("upload", 20, 10*time.Minute),
		media:    rule("media", 60, 10*time.Minute),
		signUp:   rule("sign-up", 30, time.Hour),
		signIn:   rule("sign-in", 30, 5*time.Minute),

		challenge: rule("challenge", 60, time.Hour),
		invite:    rule("invite", 60, 10*time.Minute),
		name:      rule("sign-in-name", 20, 15*time.Minute),
		code:      rule("code", 10, time.Hour), // so that a million codes take years
		recover:   rule("recover", 10, time.Hour),
	}
}

// A kind is a kind of work, with how often each may do it and how often all at
// one address together. A nil kind is not limited.
type kind struct{ each, together *limit.Limiter }

func newKind(rule limit.Rule, wide float64, now func() time.Time) *kind {
	switch {
	case math.IsInf(wide, 1):
		return nil
	case wide > 0:
		rule.Burst = max(1, int(float64(rule.Burst)*wide))
	}
	shared := rule
	shared.Name, shared.Burst = rule.Name+"-address", rule.Burst*neighbours
	return &kind{each: limit.New(rule, now), together: limit.New(shared, now)}
}

// take counts one action of c and returns what binds them more.
func (k *kind) take(c *Caller) limit.Verdict {
	v := k.each.Take(c.key())
	if c.Who == nil || !v.Allowed {
		return v
	}
	if all := k.together.Take(c.network()); !all.Allowed || all.Left < v.Left {
		return all
	}
	return v
}

// count asks k whether c may go on, and tells c how they stand.
func count(k *kind, c *Caller) error {
	if k == nil {
		return nil
	}
	v := k.take(c)
	c.header("RateLimit", v.Header())
	c.header("RateLimit-Policy", v.Policy())
	if v.Allowed {
		return nil
	}
	c.header("Retry-After", strconv.Itoa(v.Seconds()))
	return fault.New(fault.RateLimited, "That was a lot at once. Try again in %d seconds.", v.Seconds())
}

// key is whom limits count: the account, else the network.
func (c *Caller) key() string {
	if c.Who != nil {
		return c.Who.Actor.Name
	}
	return c.network()
}

// network is where somebody calls from.
func (c *Caller) network() string { return limit.Network(c.Address) }
