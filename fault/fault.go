// Package fault is how an error is told to its three readers: a code for
// machines, a message for the person who asked, and a cause for us.
//
// The API turns the code into a status, the job queue into "retry" or "drop",
// federation into an answer for the peer; nobody else decides. What the codes
// mean for each of them lives with those readers, not here.
package fault

import (
	"errors"
	"fmt"
)

// A Code says what kind of thing went wrong.
type Code string

// The codes. A new one needs an answer in api, jobs and federation.
const (
	None            Code = ""                      // no error
	Invalid         Code = "invalid"               // change the request and try again
	Unauthenticated Code = "unauthenticated"       // say who you are first
	CodeRequired    Code = "code_required"         // the password was right; say the code that belongs to it, too
	Forbidden       Code = "forbidden"             // not yours to do
	Unconfirmed     Code = "confirmation_required" // prove again that it is you, then try again
	NotFound        Code = "not_found"             // or hidden: we never say which
	Conflict        Code = "conflict"              // someone got there first
	TooLarge        Code = "too_large"             // send less
	RateLimited     Code = "rate_limited"          // send it later
	Unavailable     Code = "unavailable"           // try again later, unchanged
	Internal        Code = "internal"              // our bug
)

// An Error speaks to two readers: Message is shown to the person who asked,
// Err goes to the log and nowhere else. Field names the part of the request
// that is wrong, as the API's JSON names it, or is empty.
type Error struct {
	Code    Code
	Field   string
	Message string
	Err     error
}

// Error is the line for the log: the cause if there is one, else the message.
func (e *Error) Error() string {
	if e.Err != nil && e.Message != "" {
		return e.Message + ": " + e.Err.Error()
	}
	if e.Err != nil {
		return e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error whose formatted message people may read.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Field returns an Invalid error about one named part of a request.
func Field(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// About names the part of a request that an error is about.
func (e *Error) About(field string) *Error {
	e.Field = field
	return e
}

// Because returns an error with a code and a message for people, and cause
// for the log.
func Because(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: cause}
}

// Wrap puts an operation in front of *err, keeping its code. It is meant to
// be deferred at the top of an exported function:
//
//	defer fault.Wrap(&err, "storage.Feed(%d)", group)
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}

// CodeOf returns the code of the first Error in err's chain, None for nil and
// Internal for an error that carries no code.
func CodeOf(err error) Code {
	if err == nil {
		return None
	}
	if e, ok := As(err); ok {
		return e.Code
	}
	return Internal
}

// As finds the first Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is reports whether err carries code.
func Is(err error, code Code) bool { return CodeOf(err) == code }
