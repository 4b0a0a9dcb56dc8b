package httpsig

import (
	"fmt"
	"time"

	"drystone/fault"
)

// A Reason is the kind of thing that is wrong with a signature, for metrics
// and for deciding whether another key might help.
type Reason string

// The reasons. Only BadSignature and BadAlgorithm may mean that the key has
// changed since it was fetched.
const (
	Missing      Reason = "missing"       // no Signature header
	Malformed    Reason = "malformed"     // cannot be read, or contradicts itself
	Uncovered    Reason = "uncovered"     // something that must be signed is not
	WrongHost    Reason = "wrong_host"    // meant for somebody else
	Stale        Reason = "stale"         // too old, too new, expired
	BadDigest    Reason = "bad_digest"    // the body is another one
	BadAlgorithm Reason = "bad_algorithm" // unknown, or not this key's
	BadKey       Reason = "bad_key"       // the key is unusable
	BadSignature Reason = "bad_signature" // the key did not sign this
)

// An Error says in plain words what is wrong with a signature. Its text has
// no secrets: it goes into the 401 answer and into the log.
type Error struct {
	Reason Reason
	fault  *fault.Error
}

// Error returns the sentence.
func (e *Error) Error() string { return e.fault.Error() }

// Unwrap gives the *fault.Error, whose code is Unauthenticated.
func (e *Error) Unwrap() error { return e.fault }

func fail(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, fault: fault.New(fault.Unauthenticated, format+".", args...)}
}

// spell writes a duration the way people say it, rounded down to its largest
// unit.
func spell(d time.Duration) string {
	n, unit := int64(d/time.Second), "second"
	switch {
	case d >= 48*time.Hour:
		n, unit = int64(d/(24*time.Hour)), "day"
	case d >= time.Hour:
		n, unit = int64(d/time.Hour), "hour"
	case d >= time.Minute:
		n, unit = int64(d/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
