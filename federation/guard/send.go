package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"drystone/fault"
)

// A call is one request: one hop of Get, one attempt of Post.
type call struct {
	method        string
	url           *url.URL
	header, value string // Accept or Content-Type
	body          []byte
	sign          Signer
}

// request builds and signs the request of c, anew for every attempt.
func (c call) request(ctx context.Context, userAgent string) (*http.Request, error) {
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url.String(), body)
	if err != nil {
		return nil, refuse("%s is no URL to send a request to", c.url)
	}
	req.Header.Set(c.header, c.value)
	req.Header.Set("User-Agent", userAgent)
	if c.sign != nil {
		if err := c.sign(req); err != nil {
			return nil, fmt.Errorf("guard: signing the request to %s: %w", c.url, err)
		}
	}
	return req, nil
}

// errStale marks a failure of a connection that had been kept alive.
type errStale struct{ error }

func (e errStale) Unwrap() error { return e.error }

func isStale(err error) bool {
	var stale errStale
	return errors.As(err, &stale)
}

// send makes one round trip and reads the answer.
func (c *Client) send(ctx context.Context, via *http.Transport, what call) (*Response, error) {
	var reused, answered atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { reused.Store(info.Reused) },
		GotFirstResponseByte: func() { answered.Store(true) },
	})
	req, err := what.request(ctx, c.options.UserAgent)
	if err != nil {
		return nil, err
	}
	// A transport follows no redirects and keeps no cookies.
	answer, err := via.RoundTrip(req)
	if err != nil {
		err = networkError(what.url, err)
		if reused.Load() && !answered.Load() && ctx.Err() == nil {
			err = errStale{err}
		}
		return nil, err
	}
	defer answer.Body.Close()
	body, err := c.read(answer)
	if err != nil {
		return nil, err
	}
	resp := &Response{URL: what.url.String(), Status: answer.StatusCode, Header: answer.Header, Body: body}
	if types := answer.Header.Values("Content-Type"); len(types) == 1 {
		resp.ContentType = types[0]
	}
	return resp, nil
}

// read reads a body up to the limit. The transport undoes gzip as it is
// read, so the limit holds for what a small body unpacks to.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	from := answer.Request.URL
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, fault.New(fault.Invalid, "%s answered in the coding %q, which was not asked for.", from.Host, coding)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.options.MaxBody+1))
	if err != nil {
		return nil, networkError(from, err)
	}
	if int64(len(body)) > c.options.MaxBody {
		return nil, fault.New(fault.Invalid, "The answer of %s is larger than %d bytes.", from.Host, c.options.MaxBody)
	}
	return body, nil
}
