package mail

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// A line is one connection to the mail server, which may be cut while somebody
// speaks over it.
type line struct {
	server *server

	mu   sync.Mutex
	conn net.Conn
	cut  bool
}

// dial connects, with TLS where it is to begin at once. A connection that
// comes after the line was cut is of no use.
func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: stepTime}
	dial := plain.DialContext
	if l.server.direct {
		dial = (&tls.Dialer{NetDialer: plain, Config: l.server.tls}).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn = conn
	if l.cut {
		_ = conn.Close()
	}
	return conn, nil
}

// close cuts the line.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	if l.conn != nil {
		_ = l.conn.Close()
	}
}
