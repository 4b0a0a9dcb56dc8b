package guard

import (
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drystone/fault"
)

var quiet = log.New(io.Discard, "", 0)

// A counter is a listener on all of loopback that counts who comes.
type counter struct {
	port  string
	count atomic.Int32
}

func listen(t *testing.T) *counter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	c := &counter{port: port}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.count.Add(1)
			conn.Close()
		}
	}()
	return c
}

// wantNone asserts that nobody came, after a while for those on their way.
func (c *counter) wantNone(t *testing.T) {
	t.Helper()
	time.Sleep(50 * time.Millisecond)
	if n := c.count.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// hostile are URLs that no client of the outside may connect to. PORT is a
// port that somebody listens on.
var hostile = []struct{ name, url string }{
	{"loopback", "https://127.0.0.1:PORT/"},
	{"all of loopback", "https://127.9.8.7:PORT/"},
	{"this network", "https://0.0.0.0:PORT/"},
	{"decimal", "https://2130706433:PORT/"},
	{"octal", "https://0177.0.0.1:PORT/"},
	{"octal in one", "https://017700000001:PORT/"},
	{"hexadecimal", "https://0x7f.0x0.0x0.0x1:PORT/"},
	{"hexadecimal in one", "https://0x7f000001:PORT/"},
	{"short", "https://127.1:PORT/"},
	{"padded", "https://127.000.000.001:PORT/"},
	{"full-width", "https://127.0.0.1:PORT/"},
	{"circled", "https://①②⑦.⓪.⓪.①:PORT/"},
	{"a final dot", "https://localhost.:PORT/"},
	{"a final dot on an address", "https://127.0.0.1.:PORT/"},
	{"IPv6 loopback", "https://[::1]:PORT/"},
	{"IPv6 unspecified", "https://[::]:PORT/"},
	{"mapped", "https://[::ffff:127.0.0.1]:PORT/"},
	{"mapped in hex", "https://[::ffff:7f00:1]:PORT/"},
	{"compatible", "https://[::127.0.0.1]:PORT/"},
	{"translated", "https://[::ffff:0:127.0.0.1]:PORT/"},
	{"NAT64", "https://[64:ff9b::7f00:1]:PORT/"},
	{"local NAT64", "https://[64:ff9b:1::7f00:1]:PORT/"},
	{"6to4", "https://[2002:7f00:1::]:PORT/"},
	{"Teredo", "https://[2001:0:7f00:1::]:PORT/"},
	{"a zone", "https://[fe80::1%25lo]:PORT/"},
	{"unique local", "https://[fd00::1]:PORT/"},
	{"private", "https://192.168.0.1/"},
	{"metadata", "https://169.254.169.254/latest/meta-data/"},
	{"a name of this machine", "https://localhost:PORT/"},
	{"below localhost", "https://x.localhost:PORT/"},
	{"encoded", "https://%6c%6f%63alhost:PORT/"},
	{"one label", "https://intranet/"},
	{"multicast DNS", "https://printer.local/"},
	{"internal", "https://metadata.google.internal/"},
	{"http", "http://example.com/"},
	{"a port", "https://example.com:22/"},
	{"the usual port, spelled out", "https://example.com:443/"},
	{"an empty port", "https://example.com:/"},
	{"a user", "https://example.com@127.0.0.1:PORT/"},
	{"a password", "https://u:p@example.com/"},
	{"a backslash", `https://example.com\@127.0.0.1:PORT/`},
	{"a newline", "https://example.com/\r\nHost: x"},
	{"a slash in the host", "https://example.com%2f.evil.test/"},
	{"an empty label", "https://example..com/"},
	{"no host", "https:///etc/passwd"},
	{"no slashes", "https:127.0.0.1:PORT"},
	{"a file", "file:///etc/passwd"},
	{"gopher", "gopher://127.0.0.1:PORT/_x"},
	{"no scheme", "127.0.0.1:PORT"},
	{"relative", "/inbox"},
	{"nothing", ""},
	{"endless", "https://example.com/" + strings.Repeat("a", 3000)},
}

func TestHostile(t *testing.T) {
	trap := listen(t)
	c := newClient(t, Options{Timeout: 2 * time.Second})
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			target := strings.ReplaceAll(test.url, "PORT", trap.port)
			if u, err := c.CheckURL(target); err == nil {
				t.Errorf("CheckURL(%s) = %s", target, u)
			}
			if _, err := c.Get(t.Context(), target, "x", nil); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("Get(%s) = %v, want Forbidden", target, err)
			}
			if _, err := c.Post(t.Context(), target, "x", nil, nil); fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("Post(%s) = %v, want Forbidden", target, err)
			}
		})
	}
	trap.wantNone(t)
}

// TestDialled lets hostile URLs through to the dialler, as a name that
// resolves to such an address would be, under a policy of which every other
// rule is off.
func TestDialled(t *testing.T) {
	trap := listen(t)
	options := Options{
		AllowHTTP: true, AllowPorts: true, Timeout: time.Second,
		AllowRanges: []netip.Prefix{netip.MustParsePrefix("10.99.0.0/16")}, // allows local names
	}
	c := newClient(t, options)
	for _, name := range []string{"localhost", "x.localhost", "LOCALHOST"} {
		_, err := c.Get(t.Context(), "http://"+name+":"+trap.port, "x", nil)
		// Where x.localhost is not resolved, it is not reached either.
		if code := fault.CodeOf(err); code != fault.Forbidden && (name != "x.localhost" || code != fault.Unavailable) {
			t.Errorf("Get(%s) = %v, want Forbidden", name, err)
		}
	}
	for _, address := range []string{
		"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[fe80::1%lo]", "255.255.255.255", "0.0.0.0",
	} {
		if conn, err := c.reusing.DialContext(t.Context(), "tcp", address+":"+trap.port); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("dialling %s = %v, %v, want Forbidden", address, conn, err)
		}
	}
	trap.wantNone(t)
}

func TestAddresses(t *testing.T) {
	strict := New(Options{})
	mapped := New(Options{AllowRanges: loopback})
	tests := []struct {
		addr           string
		public, asTest bool
	}{
		{"1.1.1.1", true, true},
		{"::ffff:1.1.1.1", true, true},
		{"2606:4700::1111", true, true},
		{"2a00:1450::1", true, true},
		{"127.0.0.1", false, true},
		{"::ffff:127.0.0.1", false, true},
		{"::1", false, true},
		{"::1%lo", false, false},
		{"10.1.2.3", false, false},
		{"100.64.0.1", false, false},
		{"100.128.0.1", true, true},
		{"172.15.255.255", true, true},
		{"172.16.0.1", false, false},
		{"172.31.255.255", false, false},
		{"192.0.0.8", false, false},
		{"192.0.2.1", false, false},
		{"198.18.0.1", false, false},
		{"198.51.100.1", false, false},
		{"203.0.113.1", false, false},
		{"224.0.0.1", false, false},
		{"240.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"64:ff9b::8.8.8.8", false, false},
		{"64:ff9b:1::1", false, false},
		{"100::1", false, false},
		{"2001::1", false, false},
		{"2001:db8::1", false, false},
		{"2002:808:808::1", false, false},
		{"3fff::1", false, false},
		{"4000::1", false, false},
		{"5f00::1", false, false},
		{"fc00::1", false, false},
		{"fe80::1", false, false},
		{"fec0::1", false, false},
		{"ff02::1", false, false},
	}
	for _, test := range tests {
		t.Run(test.addr, func(t *testing.T) {
			addr := netip.MustParseAddr(test.addr)
			if got := strict.checkAddr(addr) == nil; got != test.public {
				t.Errorf("strict: %v, want %v", got, test.public)
			}
			if got := mapped.checkAddr(addr) == nil; got != test.asTest {
				t.Errorf("with loopback allowed: %v, want %v", got, test.asTest)
			}
		})
	}
	if strict.checkAddr(netip.Addr{}) == nil {
		t.Error("no address is public")
	}
}

func TestCheckURL(t *testing.T) {
	strict, dev := New(Options{}), New(open())
	tests := []struct {
		name   string
		client *Client
		url    string
		want   string // empty if it is refused
	}{
		{"plain", strict, "https://example.com/u/ada?a=b", "https://example.com/u/ada?a=b"},
		{"upper-case", strict, "HTTPS://Example.COM/U", "https://example.com/U"},
		{"a fragment", strict, "https://example.com/u#main-key", "https://example.com/u"},
		{"an international name", strict, "https://bücher.example/", "https://xn--bcher-kva.example/"},
		{"an underscore", strict, "https://a_b.example/", "https://a_b.example/"},
		{"an encoded path", strict, "https://a.example/n/https%3A%2F%2Fb", "https://a.example/n/https%3A%2F%2Fb"},
		{"digits, not in the last label", strict, "https://1.2.3.4.example/", "https://1.2.3.4.example/"},
		{"a public address", strict, "https://1.1.1.1/", ""},
		{"development", dev, "http://localhost:8080/c/go", "http://localhost:8080/c/go"},
		{"an allowed address", dev, "http://[::1]:8080/", "http://[::1]:8080/"},
		{"an address that is not allowed", dev, "http://10.0.0.1/", ""},
		{"a number, even then", dev, "http://2130706433/", ""},
		{"a user, even then", dev, "http://u@localhost/", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := test.client.CheckURL(test.url)
			if err != nil && (test.want != "" || fault.CodeOf(err) != fault.Forbidden) {
				t.Errorf("CheckURL = %v", err)
			}
			if err == nil && u.String() != test.want {
				t.Errorf("CheckURL = %s, want %q", u, test.want)
			}
		})
	}
}
