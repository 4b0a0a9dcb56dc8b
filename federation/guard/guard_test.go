package guard

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"drystone/fault"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// open is the policy of tests: everything on loopback.
func open() Options {
	return Options{AllowRanges: loopback, AllowHTTP: true, AllowPorts: true, UserAgent: "drystone-test"}
}

func newClient(t *testing.T, options Options) *Client {
	t.Helper()
	c := New(options)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestGet(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "drystone-test" || r.Header.Get("Accept") != "text/x" || r.Header.Get("X-Signed") != "/a" {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "text/x; charset=utf-8")
		fmt.Fprint(w, "hello")
	})
	c := newClient(t, open())
	resp, err := c.Get(t.Context(), server.URL+"/a#fragment", "text/x", sign)
	if err != nil {
		t.Fatal(err)
	}
	if resp.URL != server.URL+"/a" || resp.Status != 200 || string(resp.Body) != "hello" || resp.ContentType != "text/x; charset=utf-8" {
		t.Errorf("Get = %+v", resp)
	}
}

// What production asks for is what FEDERATION.md, section 7, promises.
func TestDefaults(t *testing.T) {
	c := newClient(t, Options{})
	if o := c.options; o.Timeout != 10*time.Second || o.MaxBody != 1<<20 || o.AllowHTTP || o.AllowPorts || len(o.AllowRanges) > 0 || maxRedirects != 3 {
		t.Errorf("the defaults are %+v, and %d redirects", o, maxRedirects)
	}
}

// sign stands in for a signature: it says which path it was made for.
func sign(req *http.Request) error {
	req.Header.Set("X-Signed", req.URL.Path)
	return nil
}

func TestSignerFails(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") })
	want := errors.New("no key")
	_, err := newClient(t, open()).Get(t.Context(), server.URL, "x", func(*http.Request) error { return want })
	if !errors.Is(err, want) {
		t.Errorf("Get = %v", err)
	}
}

func TestRedirects(t *testing.T) {
	var signatures []string
	mux := http.NewServeMux()
	mux.HandleFunc("/n/{n}", func(w http.ResponseWriter, r *http.Request) {
		signatures = append(signatures, r.Header.Get("X-Signed"))
		var n int
		fmt.Sscan(r.PathValue("n"), &n)
		if n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/n/%d", n-1), http.StatusFound)
		}
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) })
	server := serve(t, mux.ServeHTTP)
	c := newClient(t, open())

	resp, err := c.Get(t.Context(), server.URL+"/n/3", "x", sign)
	if err != nil || resp.URL != server.URL+"/n/0" {
		t.Errorf("three redirects: %v, %v", resp, err)
	}
	if got := strings.Join(signatures, " "); got != "/n/3 /n/2 /n/1 /n/0" {
		t.Errorf("signed for %s", got)
	}
	for path, want := range map[string]fault.Code{"/n/4": fault.Forbidden, "/loop": fault.Forbidden, "/nowhere": fault.Invalid} {
		if _, err := c.Get(t.Context(), server.URL+path, "x", nil); fault.CodeOf(err) != want {
			t.Errorf("Get(%s) = %v, want %q", path, err, want)
		}
	}
	if _, err := c.Post(t.Context(), server.URL+"/loop", "x", []byte("{}"), nil); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Post = %v: a redirect was followed", err)
	}
}

// TestRedirectTargets sends a client of the outside away to where it may not
// go. Only the first server may be reached.
func TestRedirectTargets(t *testing.T) {
	inner := listen(t)
	for _, target := range []string{
		"http://127.0.0.2:" + inner.port + "/", "http://10.0.0.1/", "https://user@example.com/",
		"file:///etc/passwd", "gopher://127.0.0.1/", "//[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/meta-data/",
		"http://[fe80::1%25lo]/", "http://2130706433:" + inner.port + "/", "http://%zz/",
	} {
		t.Run(target, func(t *testing.T) {
			outer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(http.StatusFound)
			})
			options := open()
			options.AllowRanges = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			_, err := newClient(t, options).Get(t.Context(), outer.URL, "x", nil)
			if fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("Get = %v, want Forbidden", err)
			}
		})
	}
	inner.wantNone(t)
}

func TestDowngrade(t *testing.T) {
	plain := listen(t)
	secure := httptest.NewTLSServer(http.RedirectHandler("http://localhost:"+plain.port, http.StatusFound))
	t.Cleanup(secure.Close)
	options := open()
	options.AllowHTTP = false
	options.ExtraCA = x509.NewCertPool()
	options.ExtraCA.AddCert(secure.Certificate())
	if _, err := newClient(t, options).Get(t.Context(), secure.URL, "x", nil); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("Get = %v, want Forbidden", err)
	}
	plain.wantNone(t)
}

func TestExtraCA(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	tests := []struct {
		name string
		pool *x509.CertPool
		url  string
		want fault.Code
	}{
		{"trusted", pool, server.URL, fault.None},
		{"not trusted", nil, server.URL, fault.Unavailable},
		{"another authority", x509.NewCertPool(), server.URL, fault.Unavailable},
		{"another name", pool, strings.Replace(server.URL, "127.0.0.1", "127.0.0.2", 1), fault.Unavailable},
		{"another name that resolves", pool, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), fault.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			options := open()
			options.ExtraCA = test.pool
			resp, err := newClient(t, options).Get(t.Context(), test.url, "x", nil)
			if fault.CodeOf(err) != test.want {
				t.Fatalf("Get = %v, want %q", err, test.want)
			}
			if err == nil && string(resp.Body) != "HTTP/2.0" {
				t.Errorf("spoke %s", resp.Body)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		status int
		header string
		want   fault.Code
		retry  time.Duration
	}{
		{200, "", fault.None, 0},
		{202, "", fault.None, 0},
		{304, "", fault.Invalid, 0},
		{400, "", fault.Invalid, 0},
		{401, "", fault.Forbidden, 0},
		{403, "", fault.Forbidden, 0},
		{404, "", fault.NotFound, 0},
		{408, "", fault.Unavailable, 0},
		{410, "", fault.NotFound, 0},
		{429, "120", fault.Unavailable, 2 * time.Minute},
		{429, "soon", fault.Unavailable, 0},
		{429, "-5", fault.Unavailable, 0},
		{500, "120", fault.Unavailable, 0},
		{501, "", fault.Unavailable, 0},
		{503, "99999999", fault.Unavailable, 24 * time.Hour},
		{503, time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), fault.Unavailable, 0},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.status, test.header), func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.header != "" {
					w.Header().Set("Retry-After", test.header)
				}
				w.WriteHeader(test.status)
			})
			resp, err := newClient(t, open()).Post(t.Context(), server.URL, "x", []byte("{}"), nil)
			if fault.CodeOf(err) != test.want || RetryAfter(err) != test.retry {
				t.Errorf("Post = %v (retry after %s), want %q and %s", err, RetryAfter(err), test.want, test.retry)
			}
			if resp == nil || resp.Status != test.status {
				t.Errorf("Post = %+v, want the answer too", resp)
			}
		})
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := parseRetryAfter("Thu, 01 Jan 2026 00:01:00 GMT", at); got != time.Minute {
		t.Errorf("Retry-After of a date = %s", got)
	}
}

func TestBodies(t *testing.T) {
	bomb := new(bytes.Buffer)
	zip := gzip.NewWriter(bomb)
	io.CopyN(zip, zeros{}, 8<<20)
	zip.Close()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    fault.Code
	}{
		{"just enough", func(w http.ResponseWriter, _ *http.Request) { io.CopyN(w, zeros{}, 1<<20) }, fault.None},
		{"one byte too much", func(w http.ResponseWriter, _ *http.Request) { io.CopyN(w, zeros{}, 1<<20+1) }, fault.Invalid},
		{"endless", func(w http.ResponseWriter, _ *http.Request) { io.Copy(w, zeros{}) }, fault.Invalid},
		{"a bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		}, fault.Invalid},
		{"another coding", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			w.Write(bomb.Bytes())
		}, fault.Invalid},
		{"not really gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "plain")
		}, fault.Unavailable},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "plain")
		}, fault.Unavailable},
		{"many headers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, fault.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, test.handler)
			_, err := newClient(t, open()).Get(t.Context(), server.URL, "x", nil)
			if fault.CodeOf(err) != test.want {
				t.Errorf("Get = %v, want %q", err, test.want)
			}
		})
	}
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestContentType(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = r.URL.Query()["type"]
		w.Write(nil)
	})
	for query, want := range map[string]string{
		"?type=text/html":          "text/html",
		"?type=a/b&type=image/png": "", // two opinions are none
	} {
		resp, err := newClient(t, open()).Get(t.Context(), server.URL+query, "x", nil)
		if err != nil || resp.ContentType != want {
			t.Errorf("Get(%s) = %+v, %v, want %q", query, resp, err, want)
		}
	}
}
