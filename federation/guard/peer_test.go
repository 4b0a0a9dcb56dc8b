package guard

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"drystone/fault"
)

// TestSlow: whatever a peer is slow with, and however long, the call ends.
func TestSlow(t *testing.T) {
	tests := []struct{ name, head string }{
		{"no answer", ""},
		{"slow headers", "HTTP/1.1 200 OK\r\nX-A: b\r\n"},
		{"slow body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := drip(t, test.head)
			options := open()
			options.Timeout = 200 * time.Millisecond
			_, err := newClient(t, options).Get(t.Context(), "http://"+address, "x", nil)
			if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("Get = %v, want Unavailable", err)
			}
		})
	}
}

// drip serves head and then a byte now and then, for ever.
func drip(t *testing.T, head string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				http.ReadRequest(bufio.NewReader(conn))
				io.WriteString(conn, head)
				for head != "" {
					if _, err := io.WriteString(conn, "x"); err != nil {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
				time.Sleep(3 * time.Second)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, open()).Get(ctx, "http://127.0.0.1:1", "x", nil)
	if !errors.Is(err, context.Canceled) || fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Get = %v", err)
	}
}

// TestStaleConnection: a peer that closes a connection while a POST is under
// way on it, as NodeBB does after five idle seconds, gets the POST again.
func TestStaleConnection(t *testing.T) {
	tests := []struct {
		name     string
		first    int // requests answered on the first connection
		everyone bool
		want     fault.Code
		sent     int32
	}{
		{"a reused connection dies", 1, false, fault.None, 3},
		{"a new connection dies", 0, true, fault.Unavailable, 1},
		{"both die", 1, true, fault.Unavailable, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var requests, connections atomic.Int32
			address := hangUp(t, func(conn net.Conn) {
				answer := 1 << 20
				if connections.Add(1) == 1 {
					answer = test.first
				} else if test.everyone {
					answer = 0
				}
				in := bufio.NewReader(conn)
				for ; ; answer-- {
					req, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					io.Copy(io.Discard, req.Body)
					requests.Add(1)
					if answer <= 0 {
						return
					}
					io.WriteString(conn, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
				}
			})
			c := newClient(t, open())
			if test.first > 0 {
				if _, err := c.Post(t.Context(), "http://"+address, "x", []byte("{}"), nil); err != nil {
					t.Fatal(err)
				}
			}
			_, err := c.Post(t.Context(), "http://"+address, "x", []byte("{}"), nil)
			if fault.CodeOf(err) != test.want || requests.Load() != test.sent {
				t.Errorf("Post = %v after %d requests, want %q after %d", err, requests.Load(), test.want, test.sent)
			}
		})
	}
}

// hangUp serves every connection with handle and then closes it.
func hangUp(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}
