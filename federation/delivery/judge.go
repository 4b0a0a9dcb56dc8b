package delivery

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/guard"
)

// judge decides what the answer to one request means for the errand, for the
// peer and for how much is sent at once.
func (c *courier) judge(ctx context.Context, r result) {
	e := r.errand
	e.flying--
	c.flying--
	switch r.answer {
	case taken:
		c.thank(ctx, r)
	case refused:
		c.giveUp(ctx, r)
	case unsure:
		if e.tries++; e.tries >= unsureTries {
			c.giveUp(ctx, r)
			break
		}
		c.aside(r, e.tries+3)
	case broken:
		if e.tries == 0 {
			e.firstAt = c.taken
		}
		alone := c.breaksAlone(e)
		switch e.tries++; {
		case e.tries >= brokenTries && c.taken > e.firstAt:
			// It takes others, so it will never take this one.
			c.giveUp(ctx, r)
		case e.tries < brokenTries && alone && guard.RetryAfter(r.err) == 0:
			// GoToSocial fails over what it does not know: that is no reason to
			// keep the rest from it.
			c.aside(r, e.tries)
		default:
			c.stumble(r)
		}
	case busy, unreachable:
		c.stumble(r)
	case dropped:
		e.todo = append(e.todo, r.inbox)
	case ours:
		c.ownFault(ctx, r)
	}
	if e.opened && e.flying == 0 && len(e.todo) == 0 {
		c.close(e)
	}
	e.left = nil
	if !e.done {
		e.left = e.todo
	}
}

// thank notes a success: the window grows by one for a window of them.
func (c *courier) thank(ctx context.Context, r result) {
	c.taken++
	if c.streak++; c.streak >= c.window {
		c.window, c.streak = min(c.window+1, maxWindow), 0
	}
	if r.took > slow {
		c.narrow()
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	p := &c.peer
	if p.Fails > 0 {
		c.d.Log.InfoContext(ctx, "a peer takes deliveries again", "peer", p.Host, "after", p.Fails)
	}
	p.Fails, p.FailingSince, p.NextAttemptAt, p.LastError = 0, time.Time{}, time.Time{}, ""
	p.DeliveredAt = c.d.Now()
	c.unsaved++
	c.soil()
}

// breaksAlone reports whether the peer fails over this errand and, as far as is
// known, over no other: it has taken something since it last failed over
// another, or never did.
func (c *courier) breaksAlone(e *errand) bool {
	id := e.activity.ID
	alone := c.broke == 0 || c.broke == id || c.taken > c.brokeAt
	c.broke, c.brokeAt = id, c.taken
	return alone
}

// aside has only this errand wait, and its lane.
func (c *courier) aside(r result, failures int) {
	r.errand.notBefore = c.d.Now().Add(community.Backoff(failures))
	r.errand.todo = append(r.errand.todo, r.inbox)
}

// giveUp notes that an inbox will never take an errand.
func (c *courier) giveUp(ctx context.Context, r result) {
	c.d.Log.InfoContext(ctx, "a delivery is given up", "activity", r.errand.activity.IRI,
		"inbox", r.inbox, "tries", r.errand.tries+1, "error", r.err)
}

// stumble makes the courier wait for its peer, when all that is under way has
// come back.
func (c *courier) stumble(r result) {
	r.errand.todo = append(r.errand.todo, r.inbox)
	c.wait = max(c.wait, guard.RetryAfter(r.err))
	if c.trouble == nil {
		c.trouble = &r
		c.narrow()
	}
}

// narrow halves the window.
func (c *courier) narrow() { c.window, c.streak = max(1, c.window/2), 0 }

// ownFault is for an errand that failed before it left us. Without a key there
// is no saying it, ever; a busy database will be less busy.
func (c *courier) ownFault(ctx context.Context, r result) {
	if code := fault.CodeOf(r.err); code == fault.Unavailable || ctx.Err() != nil {
		r.errand.todo = append(r.errand.todo, r.inbox)
		c.trouble = &r
		return
	}
	c.d.Log.ErrorContext(ctx, "an activity cannot be sent", "activity", r.errand.activity.IRI, "error", r.err)
}
