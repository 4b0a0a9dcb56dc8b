package guard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"drystone/fault"
)

// refuse is an error about something that the guard does not do.
func refuse(format string, args ...any) error {
	return fault.New(fault.Forbidden, "Refused: "+format+".", args...)
}

// networkError is for what went wrong below HTTP. What the guard refused
// while dialling stays refused; all else may go better next time.
func networkError(u *url.URL, err error) error {
	if refused, ok := fault.As(err); ok {
		return fault.Because(err, refused.Code, "%s", refused.Message)
	}
	return fault.Because(err, fault.Unavailable, "%s cannot be reached.", u.Host)
}

// A StatusError is an answer that is no success.
type StatusError struct {
	URL        string
	Status     int
	RetryAfter time.Duration // what a 429 or 503 asked for; 0 if nothing
	fault      *fault.Error
}

// Error says which host answered what.
func (e *StatusError) Error() string { return e.fault.Error() }

// Unwrap gives the *fault.Error that carries the code.
func (e *StatusError) Unwrap() error { return e.fault }

// RetryAfter returns how long the peer asked us to wait, or 0.
func RetryAfter(err error) time.Duration {
	var status *StatusError
	if errors.As(err, &status) {
		return status.RetryAfter
	}
	return 0
}

// Err is nil for a success, and else a *StatusError.
func (resp *Response) Err() error {
	if resp.Status >= 200 && resp.Status < 300 {
		return nil
	}
	host := resp.URL
	if u, err := url.Parse(resp.URL); err == nil {
		host = u.Host
	}
	e := &StatusError{URL: resp.URL, Status: resp.Status}
	e.fault = fault.New(codeOf(resp.Status), "%s answered %d %s.", host, resp.Status, http.StatusText(resp.Status))
	if resp.Status == http.StatusTooManyRequests || resp.Status == http.StatusServiceUnavailable {
		e.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return e
}

// codeOf says what a status means for a job: to drop it or to try again.
func codeOf(status int) fault.Code {
	switch {
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return fault.Unavailable
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.NotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.Forbidden
	}
	return fault.Invalid
}

// maxRetryAfter keeps a peer from silencing us for a year.
const maxRetryAfter = 24 * time.Hour

// parseRetryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	var wait time.Duration
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
