package guard

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// transport is a connection pool whose every connection passed the guard.
func (c *Client) transport() *http.Transport {
	step := min(c.options.Timeout, 5*time.Second)
	dialer := &net.Dialer{Timeout: step, ControlContext: c.control, Resolver: c.options.Resolver}
	t := &http.Transport{
		Proxy:                  nil, // a proxy would dial where we cannot look
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    step,
		ResponseHeaderTimeout:  c.options.Timeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           1024, // a delivery to every follower of a busy group
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	if c.options.ExtraCA != nil {
		t.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, 2*step)
			defer cancel()
			return dialTLS(ctx, dialer, address, c.options.ExtraCA)
		}
	}
	return t
}

// control is asked about every address after its name was resolved and just
// before it is dialled, so a name that changes its mind between a check and
// the request (DNS rebinding) gains nothing.
func (c *Client) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse("%s is no address", address)
	}
	return c.checkAddr(target.Addr())
}

// dialTLS connects like the transport would, but trusts extra beside the
// system's roots. A pool cannot be merged into another, hence the
// verification is done here, in full: chain and host name.
func dialTLS(ctx context.Context, dialer *net.Dialer, address string, extra *x509.CertPool) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, &tls.Config{
		ServerName:         host,
		NextProtos:         []string{"h2", "http/1.1"},
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection below does not skip it
		VerifyConnection: func(state tls.ConnectionState) error {
			return verify(state.PeerCertificates, host, extra)
		},
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return conn, nil
}

// verify checks a chain against the system's roots, then against extra.
func verify(chain []*x509.Certificate, host string, extra *x509.CertPool) error {
	options := x509.VerifyOptions{DNSName: host, Intermediates: x509.NewCertPool()}
	for _, cert := range chain[1:] {
		options.Intermediates.AddCert(cert)
	}
	_, err := chain[0].Verify(options)
	if err == nil {
		return nil
	}
	options.Roots = extra
	if _, again := chain[0].Verify(options); again == nil {
		return nil
	}
	return err
}
