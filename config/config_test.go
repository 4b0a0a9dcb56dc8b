package config_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/config"
)

// env is an environment for Load.
type env map[string]string

func (e env) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

func TestLoadDefaults(t *testing.T) {
	got, err := config.Load("", env{}.lookup)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Host: "localhost:8080", Scheme: "http", Listen: ":8080",
		Database: "sqlite:data/drystone.db", Media: "file:data/media", Quota: 1000 << 20, Recording: 40 << 20, PictureCache: 2000 << 20,
		Name: "Drystone", Registrations: config.Open, Passwords: true,
		Provider:       config.Provider{Claim: "groups"},
		Limits:         1,
		Log:            config.Log{Level: slog.LevelInfo, Format: "text"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestLoadOneSetting(t *testing.T) {
	field := map[string]func(config.Config) any{
		"DRYSTONE_HOST":              func(c config.Config) any { return c.Host },
		"DRYSTONE_SCHEME":            func(c config.Config) any { return c.Scheme },
		"DRYSTONE_LISTEN":            func(c config.Config) any { return c.Listen },
		"DRYSTONE_DATABASE":          func(c config.Config) any { return c.Database },
		"DRYSTONE_MEDIA":             func(c config.Config) any { return c.Media },
		"DRYSTONE_SMTP":              func(c config.Config) any { return c.SMTP },
		"DRYSTONE_MAIL_FROM":         func(c config.Config) any { return c.MailFrom },
		"DRYSTONE_NAME":              func(c config.Config) any { return c.Name },
		"DRYSTONE_REGISTRATIONS":     func(c config.Config) any { return string(c.Registrations) },
		"DRYSTONE_LOG":               func(c config.Config) any { return c.Log.Level.String() + " " + c.Log.Format },
		"DRYSTONE_TRUSTED_PROXIES":   func(c config.Config) any { return join(c.TrustedProxies) },
		"DRYSTONE_PASSWORDS":         func(c config.Config) any { return strconv.FormatBool(c.Passwords) },
		"DRYSTONE_AUTHORIZED_FETCH":  func(c config.Config) any { return strconv.FormatBool(c.AuthorizedFetch) },
		"DRYSTONE_SHARED_SIGNATURES": func(c config.Config) any { return strconv.FormatBool(c.SharedSignatures) },
		"DRYSTONE_LEMMY_REMOVALS":    func(c config.Config) any { return strconv.FormatBool(c.LemmyRemovals) },
		"DRYSTONE_ALLOW_RANGES":      func(c config.Config) any { return join(c.AllowRanges) },
		"DRYSTONE_LIMITS":            func(c config.Config) any { return fmt.Sprint(c.Limits) },
		"DRYSTONE_METRICS":           func(c config.Config) any { return c.Metrics },
	}
	tests := []struct {
		name, value string
		want        string // the value read, or empty
		fault       string // what the error says, or empty
	}{
		{"DRYSTONE_HOST", "Example.ORG", "example.org", ""},
		{"DRYSTONE_HOST", "a.test:9000", "a.test:9000", ""},
		{"DRYSTONE_HOST", "127.0.0.1:9000", "127.0.0.1:9000", ""},
		{"DRYSTONE_HOST", "[::1]:9000", "[::1]:9000", ""},
		{"DRYSTONE_HOST", "xn--grn-hoa.example", "xn--grn-hoa.example", ""},
		{"DRYSTONE_HOST", "https://example.org/", "", "give only the name"},
		{"DRYSTONE_HOST", "grün.example", "", "xn-- form"},
		{"DRYSTONE_HOST", "example.org:http", "", "the port"},
		{"DRYSTONE_HOST", "-a.example", "", "is not a host name"},
		{"DRYSTONE_SCHEME", "HTTPS", "https", ""},
		{"DRYSTONE_SCHEME", "gopher", "", "neither https nor http"},
		{"DRYSTONE_PASSWORDS", "No", "false", ""},
		{"DRYSTONE_PASSWORDS", "perhaps", "", "neither"},
		{"DRYSTONE_LISTEN", "127.0.0.1:0", "127.0.0.1:0", ""},
		{"DRYSTONE_LISTEN", "8080", "", "such as :8080"},
		{"DRYSTONE_LISTEN", ":99999", "", "from 0 to 65535"},
		{"DRYSTONE_DATABASE", "sqlite:/var/lib/drystone/db", "sqlite:/var/lib/drystone/db", ""},
		{"DRYSTONE_DATABASE", "postgres:///x?host=/run", "postgres:///x?host=/run", ""},
		{"DRYSTONE_DATABASE", "sqlite:", "", "path of a file"},
		{"DRYSTONE_DATABASE", "mysql://x", "", "want sqlite:PATH or postgres://"},
		{"DRYSTONE_MEDIA", "s3://key:secret@host/bucket", "s3://key:secret@host/bucket", ""},
		{"DRYSTONE_MEDIA", "file:", "", "path of a directory"},
		{"DRYSTONE_MEDIA", "/srv/media", "", "want file:DIRECTORY"},
		{"DRYSTONE_SMTP", "smtps://u:p@mail.example:465", "smtps://u:p@mail.example:465", ""},
		{"DRYSTONE_SMTP", "mail.example:25", "", "want smtp://"},
		{"DRYSTONE_SMTP", "smtp://10.0.0.2?tls=optional", "smtp://10.0.0.2?tls=optional", ""},
		{"DRYSTONE_SMTP", "smtp://mail.example?tls=perhaps", "", "?tls= is required, optional or no"},
		{"DRYSTONE_SMTP", "smtps://mail.example?tls=no", "", "always uses TLS"},
		{"DRYSTONE_SMTP", "smtp://mail.example:99999", "", "is not a number from 0 to 65535"},
		{"DRYSTONE_MAIL_FROM", "Ärger <noreply@example.org>", "Ärger <noreply@example.org>", ""},
		{"DRYSTONE_MAIL_FROM", "noreply", "", "want an address"},
		{"DRYSTONE_NAME", " The  Allotment ", "The  Allotment", ""},
		{"DRYSTONE_NAME", strings.Repeat("ü", 81), "", "at most 80"},
		{"DRYSTONE_REGISTRATIONS", "Closed", "closed", ""},
		{"DRYSTONE_REGISTRATIONS", "maybe", "", "none of open, application, invite and closed"},
		{"DRYSTONE_REGISTRATIONS", "INVITE", "invite", ""},
		{"DRYSTONE_REGISTRATIONS", "application", "application", ""},
		{"DRYSTONE_LOG", "debug,json", "DEBUG json", ""},
		{"DRYSTONE_LOG", "json", "INFO json", ""},
		{"DRYSTONE_LOG", "loud", "", "neither a level"},
		{"DRYSTONE_TRUSTED_PROXIES", "10.1.2.3/8", "10.0.0.0/8", ""},
		{"DRYSTONE_ALLOW_RANGES", "127.0.0.1, fd00::/8", "127.0.0.1/32 fd00::/8", ""},
		{"DRYSTONE_ALLOW_RANGES", "localhost", "", "is not a network"},
		{"DRYSTONE_METRICS", "127.0.0.1:9090", "127.0.0.1:9090", ""},
		{"DRYSTONE_METRICS", "9090", "", "is not an address to listen on"},
		{"DRYSTONE_LIMITS", "2.5", "2.5", ""},
		{"DRYSTONE_LIMITS", "Off", "+Inf", ""},
		{"DRYSTONE_LIMITS", "0", "", "neither off nor a number"},
		{"DRYSTONE_LIMITS", "NaN", "", "neither off nor a number"},
		{"DRYSTONE_LIMITS", "Inf", "", "neither off nor a number"},
		{"DRYSTONE_AUTHORIZED_FETCH", "yes", "true", ""},
		{"DRYSTONE_AUTHORIZED_FETCH", "TRUE", "true", ""},
		{"DRYSTONE_AUTHORIZED_FETCH", "off", "false", ""},
		{"DRYSTONE_AUTHORIZED_FETCH", "maybe", "", "is neither yes nor no"},
		{"DRYSTONE_SHARED_SIGNATURES", "on", "true", ""},
		{"DRYSTONE_LEMMY_REMOVALS", "yes", "true", ""},
		{"DRYSTONE_LEMMY_REMOVALS", "admins", "", "is neither yes nor no"},
		{"DRYSTONE_SHARED_SIGNATURES", "2", "", "is neither yes nor no"},
		{"DRYSTONE_EXTRA_CA", "/nowhere/ca.pem", "", "cannot read the certificates"},
	}
	for _, test := range tests {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			c, err := config.Load("", env{test.name: test.value}.lookup)
			if test.fault != "" {
				if err == nil || !strings.Contains(err.Error(), test.name+": ") || !strings.Contains(err.Error(), test.fault) {
					t.Fatalf("Load = %v, want an error that names %s and says %q", err, test.name, test.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := field[test.name](c); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func join(list []netip.Prefix) string {
	var words []string
	for _, prefix := range list {
		words = append(words, prefix.String())
	}
	return strings.Join(words, " ")
}

func TestOrigin(t *testing.T) {
	tests := []struct{ host, scheme, want string }{
		{"localhost", "", "http://localhost"},
		{"localhost:8080", "", "http://localhost:8080"},
		{"localhost:8080", "https", "https://localhost:8080"},
		{"localhost.example", "", "https://localhost.example"},
		{"example.org", "", "https://example.org"},
		{"example.org", "http", "http://example.org"},
	}
	for _, test := range tests {
		c, err := config.Load("", env{"DRYSTONE_HOST": test.host, "DRYSTONE_SCHEME": test.scheme}.lookup)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Origin(); got != test.want {
			t.Errorf("host %q, scheme %q: Origin() = %q, want %q", test.host, test.scheme, got, test.want)
		}
	}
}

func TestLoadPrecedence(t *testing.T) {
	path := write(t, "DRYSTONE_NAME: from the file\nDRYSTONE_LISTEN: ':1'\nDRYSTONE_SMTP:\nDRYSTONE_ALLOW_RANGES:\n  - 10.0.0.0/8\n  - 127.0.0.1\n")
	variables := env{"DRYSTONE_LISTEN": ":2", "DRYSTONE_HOST": "env.example", "DRYSTONE_NAME": " "}
	c, err := config.Load(path, variables.lookup)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Host, c.Listen, c.Name, c.Database, join(c.AllowRanges), c.SMTP}
	want := []string{"env.example", ":2", "from the file", "sqlite:data/drystone.db", "10.0.0.0/8 127.0.0.1/32", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment, file, default (-want +got):\n%s", diff)
	}
}

func TestLoadFileFaults(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"a misspelt name", "# mine\nDRYSTONE_HOTS: a.example\n", "line 2: there is no setting DRYSTONE_HOTS"},
		{"no mapping", "- a\n", "is not a YAML file"},
		{"a nested value", "DRYSTONE_HOST: {a: b}\n", "want a plain value"},
		{"a nested list", "DRYSTONE_ALLOW_RANGES: [[a]]\n", "a list may only hold plain values"},
		{"a wrong value", "DRYSTONE_SCHEME: ftp\n", "DRYSTONE_SCHEME in "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load(write(t, test.content), env{}.lookup)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load = %v, want an error that says %q", err, test.want)
			}
		})
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), env{}.lookup); err == nil {
		t.Error("a missing file was accepted")
	}
	if _, err := config.Load(write(t, ""), env{}.lookup); err != nil {
		t.Errorf("an empty file was refused: %v", err)
	}
}

func TestLoadNamesEveryFaultAndNoSecret(t *testing.T) {
	_, err := config.Load("", env{
		"DRYSTONE_DATABASE": "postgres://u:hunter2%zz@h/db",
		"DRYSTONE_SMTP":     "imap://u:hunter2@h",
		"DRYSTONE_LOG":      "loud",
	}.lookup)
	if err == nil {
		t.Fatal("three faults were accepted")
	}
	for _, name := range []string{"DRYSTONE_DATABASE", "DRYSTONE_SMTP", "DRYSTONE_LOG"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password is in the message: %v", err)
	}
}

func TestExtraCA(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	good := write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	c, err := config.Load("", env{"DRYSTONE_EXTRA_CA": good}.lookup)
	if err != nil || c.ExtraCA != good {
		t.Errorf("Load = %q, %v; want %q", c.ExtraCA, err, good)
	}
	if _, err := config.Load("", env{"DRYSTONE_EXTRA_CA": write(t, "nothing")}.lookup); err == nil {
		t.Error("a file without a certificate was accepted")
	}
}

// An operator looks settings up in the manual, so the manual has them all.
func TestManualListsEverySetting(t *testing.T) {
	manual, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range config.Settings() {
		if !strings.Contains(string(manual), "`"+setting.Name+"`") {
			t.Errorf("docs/operating.md does not explain %s: %s", setting.Name, setting.Help)
		}
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drystone.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
