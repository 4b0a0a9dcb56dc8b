package delivery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"drystone/fault"
	"drystone/federation/guard"
)

// An answer is what came of one delivery (FEDERATION.md, section 9).
type answer int

const (
	taken       answer = iota // the peer has it
	refused                   // it will never take it, or our guard will not send it
	unsure                    // it may take it in a while: it could not fetch what it needs
	busy                      // it asks us to come back later
	broken                    // it failed over it
	unreachable               // it did not answer
	dropped                   // we were interrupted
	ours                      // something went wrong on our side
)

// The limits of patience with one activity, where the peer takes others.
const (
	unsureTries = 4
	brokenTries = 10
)

// answerOf judges the error of a delivery.
func answerOf(err error) answer {
	if err == nil {
		return taken
	}
	var status *guard.StatusError
	if errors.As(err, &status) {
		return answerOfStatus(status.Status)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return dropped
	case fault.Is(err, fault.Unavailable):
		return unreachable
	case fault.Is(err, fault.Forbidden):
		return refused // by the guard
	case fault.Is(err, fault.Invalid):
		return unsure // an answer that the guard could not read to its end
	}
	return ours
}

func answerOfStatus(status int) answer {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return busy
	case http.StatusUnauthorized, http.StatusFailedDependency:
		// 401: it may not have been able to fetch our key. 424: NodeBB, which
		// could not fetch what a group announced.
		return unsure
	}
	if status >= 500 {
		return broken
	}
	return refused
}

// A result is what a courier hears of one request.
type result struct {
	errand *errand
	inbox  string
	answer answer
	err    error
	took   time.Duration
}
