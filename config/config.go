// Package config holds the settings of a server as one typed struct, read from
// DRYSTONE_* variables, from a YAML file that uses the same names, and from
// defaults that suit a first start on a laptop.
//
// It is the only package that knows where settings come from; the rest of the
// program is handed the fields it needs. What a setting means beyond its shape
// (whether the database answers, whether the bucket exists) is for the package
// that uses it to find out. Nothing of ours is imported here.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
)

// A Config is everything that an operator may choose. Load makes valid ones;
// the zero value is not one.
type Config struct {
	// Host is the public name, as it appears in addresses and handles. It
	// cannot be changed once other servers know it.
	Host string
	// Scheme is https, or http where there is no TLS in front of the server.
	// Unless set, it is https, except that it is http when Host is localhost,
	// with or without a port.
	Scheme string
	// Listen is the address that the server listens on.
	Listen string
	// Metrics is the address on which Prometheus is answered, or empty.
	Metrics string
	// Database is sqlite:PATH or a postgres:// URL. It may hold a password.
	Database string
	// Media is file:DIRECTORY or an s3:// URL. It may hold a password.
	Media string
	// Quota is how many bytes the uploads of one person may take.
	Quota int64
	// Recording is how many bytes one film or sound may have; 0: none is taken.
	Recording int64
	// PictureCache is how many bytes pictures of other servers may take here.
	PictureCache int64
	// SMTP is an smtp:// or smtps:// URL, or empty: then no mail is sent.
	SMTP string
	// MailFrom is the address that mail is from, with or without a name, or
	// empty: noreply at Host.
	MailFrom string
	// AllowRanges are private networks that federation may talk to although
	// they are private. Empty in production.
	AllowRanges []netip.Prefix
	// ExtraCA names a PEM file of certificate authorities to trust besides the
	// system's own, or is empty.
	ExtraCA string
	// Name is the title of the instance, for people.
	Name string
	// Registrations says who may sign up.
	Registrations Registrations
	// Provider is a company's own sign-in, or has no Issuer.
	Provider Provider
	// Passwords lets people sign in with passwords, beside passkeys.
	Passwords bool
	// AuthorizedFetch shows ActivityPub documents only to servers that sign
	// their requests.
	AuthorizedFetch bool
	// SharedSignatures lets one signature serve all servers that hear a public
	// announcement of a group.
	SharedSignatures bool
	// LemmyRemovals lets whoever lives on a Lemmy server take down what is
	// written there, as Lemmy itself does.
	LemmyRemovals bool
	// Log says how much is logged, and in which form.
	Log Log
	// Limits is how many times as wide as usual the limits are on how often
	// people may do something; +Inf: there are none.
	Limits float64
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// Registrations says who may make an account.
type Registrations string

// Who may make an account, until an administrator settles something else in
// the server itself: everybody, whom an administrator lets in who read what
// they said, whom somebody invited, or nobody.
const (
	Open        Registrations = "open"
	Application Registrations = "application"
	Invite      Registrations = "invite"
	Closed      Registrations = "closed"
)

// A Provider is where people of a company sign in (OpenID Connect).
type Provider struct {
	Issuer   string              // the address that the provider's metadata names
	ClientID string              // what the provider calls this server
	Secret   string              // empty for a public client
	Name     string              // what people call the provider
	Claim    string              // where the groups stand that somebody is in; dots lead into objects
	Groups   map[string][]string // what a group is called there → the groups here, by name
}

// A Log is how the server writes its log.
type Log struct {
	Level  slog.Level
	Format string // text or json
}

// Origin is the start of every address of this server: scheme://host, without
// a slash at the end.
func (c Config) Origin() string { return c.Scheme + "://" + c.Host }

// A Setting describes one variable, for help texts and manuals.
type Setting struct {
	Name    string // DRYSTONE_HOST
	Default string // as one would write it
	Help    string // one line

	set func(c *Config, value string) error
}

// Settings lists every variable, in the order in which people meet them.
func Settings() []Setting {
	return []Setting{
		{"DRYSTONE_HOST", "localhost:8080", "The public name, without a port in production. It can never be changed later.", setHost},
		{"DRYSTONE_SCHEME", "", "https, or http for development. By default https, except http when the host is localhost.", setScheme},
		{"DRYSTONE_LISTEN", ":8080", "The address to listen on.", setListen},
		{"DRYSTONE_DATABASE", "sqlite:data/drystone.db", "sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME.", setDatabase},
		{"DRYSTONE_MEDIA", "file:data/media", "Where uploads are kept: file:DIRECTORY, or s3://KEY:SECRET@HOST/BUCKET.", setMedia},
		{"DRYSTONE_MEDIA_QUOTA", "1000", "How many MB the uploads of one person may take together.", setQuota},
		{"DRYSTONE_MEDIA_RECORDING", "40", "How many MB one film or sound may have; 0: only pictures are taken.", setRecording},
		{"DRYSTONE_PICTURE_CACHE", "2000", "How many MB pictures of other servers may take, which are shown by this one; 0: none are shown.", setPictureCache},
		{"DRYSTONE_SMTP", "", "smtp:// or smtps://USER:PASSWORD@HOST:PORT. Without it no mail is sent.", setSMTP},
		{"DRYSTONE_MAIL_FROM", "", "The address that mail is from, by default noreply@ the host. May have a name: Example <noreply@example.org>.", setMailFrom},
		{"DRYSTONE_NAME", "Drystone", "The title of this instance.", setName},
		{"DRYSTONE_REGISTRATIONS", "open", "Who may sign up: open (everybody), application, invite or closed. What an administrator settles at /admin/joining takes its place.", setRegistrations},
		{"DRYSTONE_OIDC_ISSUER", "", "The address of a company's OpenID Connect provider, with which its people sign in.", setIssuer},
		{"DRYSTONE_OIDC_CLIENT_ID", "", "What that provider calls this server.", setClientID},
		{"DRYSTONE_OIDC_CLIENT_SECRET", "", "The secret that it shares with this server. It may be left out for a public client.", setClientSecret},
		{"DRYSTONE_OIDC_NAME", "", "What people call the provider. By default the name of its host.", setProviderName},
		{"DRYSTONE_OIDC_GROUPS_CLAIM", "groups", "Where the provider says in which groups somebody is; dots lead into objects, as in realm_access.roles.", setGroupsClaim},
		{"DRYSTONE_OIDC_GROUPS", "", "Who is in which group here: THERE=HERE,HERE … with the provider's name of a group and those of groups of this server.", setGroups},
		{"DRYSTONE_PASSWORDS", "yes", "no: nobody signs up, signs in or comes back by a password; there are only passkeys.", setPasswords},
		{"DRYSTONE_AUTHORIZED_FETCH", "no", "yes: show ActivityPub documents only to servers that sign their requests.", setAuthorizedFetch},
		{"DRYSTONE_SHARED_SIGNATURES", "no", "yes: sign what groups announce once for all servers, where they take it.", setSharedSignatures},
		{"DRYSTONE_LEMMY_REMOVALS", "no", "yes: let anybody on a Lemmy server take down what its people wrote, as Lemmy does, and not its administrators alone.", setLemmyRemovals},
		{"DRYSTONE_LOG", "info text", "A level (debug, info, warn, error) and a format (text, json); either may be left out.", setLog},
		{"DRYSTONE_METRICS", "", "An address on which Prometheus may ask for metrics, such as 127.0.0.1:9090. Nobody else should reach it.", setMetrics},
		{"DRYSTONE_LIMITS", "1", "How many times as wide as usual limits on people and programs are, such as 2 or 0.5; off: there are none.", setLimits},
		{"DRYSTONE_TRUSTED_PROXIES", "127.0.0.0/8 ::1", "Networks of the reverse proxies whose X-Forwarded-For is believed.", setTrustedProxies},
		{"DRYSTONE_ALLOW_RANGES", "", "Private networks that federation may talk to, for development and tests. Empty in production.", setAllowRanges},
		{"DRYSTONE_EXTRA_CA", "", "A PEM file of certificate authorities to trust besides the system's.", setExtraCA},
	}
}

// Load reads the settings: from env, else from the YAML file at path (none if
// path is empty), else the defaults. Variables that are set to nothing count as
// not set.
//
// The error names every setting that is wrong, not only the first.
func Load(path string, env func(string) (string, bool)) (Config, error) {
	file, err := readFile(path)
	if err != nil {
		return Config{}, err
	}

	var c Config
	var wrong []error
	for _, setting := range Settings() {
		value, source := lookUp(setting, env, file)
		if value == "" {
			continue
		}
		if err := setting.set(&c, value); err != nil {
			wrong = append(wrong, fmt.Errorf("%s%s: %w", setting.Name, source, err))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return Config{}, err
	}
	if c.Scheme == "" {
		c.Scheme = defaultScheme(c.Host)
	}
	if err := c.Provider.check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// lookUp finds the value of a setting and, for error messages, where it stood.
func lookUp(setting Setting, env func(string) (string, bool), file settingsFile) (value, source string) {
	if value, _ := env(setting.Name); strings.TrimSpace(value) != "" {
		return strings.TrimSpace(value), ""
	}
	if value := strings.TrimSpace(file.values[setting.Name]); value != "" {
		return value, " in " + file.path
	}
	return setting.Default, ""
}

// defaultScheme is http for a server that can only be reached from its own
// machine, because nobody gives localhost a certificate.
func defaultScheme(host string) string {
	if host == "localhost" || strings.HasPrefix(host, "localhost:") {
		return "http"
	}
	return "https"
}
