// Package guard is the HTTP client for every request that a stranger can
// steer: actor documents, WebFinger, deliveries, previews. It decides where
// such a request may go and how much it may cost.
//
// What an answer means does not belong here, nor do signatures: a caller
// hands in a function that signs a request, and reads the body itself. A
// request to an address that only the operator can choose (an object store, a
// mail server) needs no guard.
package guard

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// The defaults of Options, and what no option changes.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMaxBody = 1 << 20

	maxRedirects   = 3
	maxHeaderBytes = 64 << 10
	maxURL         = 2048
	// NodeBB closes idle connections after 5 s, and a POST sent into a
	// closing connection is lost.
	idleTimeout = 4 * time.Second
)

// Options says what a Client may do beyond fetching https URLs of public
// hosts. The zero value is what production wants.
type Options struct {
	AllowRanges []netip.Prefix // special or private addresses that may be dialled
	AllowHTTP   bool           // http:// too
	AllowPorts  bool           // explicit ports too
	ExtraCA     *x509.CertPool // trusted beside the system's roots
	UserAgent   string
	Timeout     time.Duration // for a whole call, redirects and body included; 10 s if zero
	MaxBody     int64         // bytes of a decompressed body; 1 MiB if zero
	Resolver    *net.Resolver // finds the addresses of names; the system's if nil
}

// A Client makes requests under one policy. It is safe for concurrent use.
// Its connections are its own: none is ever reused by a Client with another
// policy.
type Client struct {
	options Options
	reusing *http.Transport // keeps connections alive
	fresh   *http.Transport // never does; for the one retry of Post
}

// New returns a client with its own pool of connections.
func New(options Options) *Client {
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxBody <= 0 {
		options.MaxBody = DefaultMaxBody
	}
	c := &Client{options: options}
	c.reusing = c.transport()
	c.fresh = c.transport()
	c.fresh.DisableKeepAlives = true
	return c
}

// Close drops the idle connections.
func (c *Client) Close() {
	c.reusing.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// A Response is an answer that was read to its end.
type Response struct {
	URL         string // where the answer came from, after redirects
	Status      int
	Header      http.Header
	Body        []byte
	ContentType string // the Content-Type header, empty if there are several
}

// A Signer signs a request that is about to be sent; nil sends it unsigned.
type Signer = func(*http.Request) error

// Get fetches rawURL, following up to three redirects, each of them checked
// like the first URL and signed anew. An answer other than 2xx is returned
// together with a *StatusError.
func (c *Client) Get(ctx context.Context, rawURL, accept string, sign Signer) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()

	target := rawURL
	for hop := 0; ; hop++ {
		u, err := c.CheckURL(target)
		if err != nil {
			return nil, err
		}
		resp, err := c.send(ctx, c.reusing, call{
			method: http.MethodGet, url: u, header: "Accept", value: accept, sign: sign,
		})
		if err != nil {
			return nil, err
		}
		next, err := redirect(resp, u)
		if err != nil {
			return resp, err
		}
		if next == "" {
			return resp, resp.Err()
		}
		if hop == maxRedirects {
			return resp, refuse("%s redirects more than %d times", rawURL, maxRedirects)
		}
		target = next
	}
}

// Post sends body to rawURL. A redirect is not followed, as it would turn the
// delivery into something that was not signed: it is an error like a 4xx.
//
// If a connection that had been kept alive turns out to be dead before any
// byte of the answer, the request is sent again on a new one, once. The peer
// may then see it twice, which an inbox must bear anyway.
func (c *Client) Post(ctx context.Context, rawURL, contentType string, body []byte, sign Signer) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()

	u, err := c.CheckURL(rawURL)
	if err != nil {
		return nil, err
	}
	post := call{
		method: http.MethodPost, url: u, header: "Content-Type", value: contentType, body: body, sign: sign,
	}
	resp, err := c.send(ctx, c.reusing, post)
	if isStale(err) {
		resp, err = c.send(ctx, c.fresh, post)
	}
	if err != nil {
		return nil, err
	}
	return resp, resp.Err()
}

// redirect returns the absolute URL that resp sends the client to, or "".
func redirect(resp *Response, from *url.URL) (string, error) {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", nil
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return "", nil
	}
	next, err := from.Parse(location)
	if err != nil {
		return "", refuse("%s redirects to something that is no URL", from)
	}
	return next.String(), nil
}
