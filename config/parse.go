package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// The functions below each read one setting. Their errors complete the
// sentence "DRYSTONE_X: …" and never repeat a value that may hold a password.

// hostName matches a name or an address, without a port: what other servers can
// write behind the @ of a handle.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)

func setHost(c *Config, value string) error {
	value = strings.ToLower(value)
	if strings.Contains(value, "/") {
		return fmt.Errorf("%q is an address; give only the name, such as example.org", value)
	}
	name := value
	if host, port, err := net.SplitHostPort(value); err == nil {
		if err := checkPort(port); err != nil {
			return err
		}
		name = host
	}
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil && ip.Is6() {
		c.Host = value
		return nil
	}
	if !hostName.MatchString(name) || len(name) > 253 {
		return fmt.Errorf("%q is not a host name; names with other letters are written in their xn-- form", value)
	}
	c.Host = value
	return nil
}

func setScheme(c *Config, value string) error {
	value = strings.ToLower(value)
	if value != "https" && value != "http" {
		return fmt.Errorf("%q is neither https nor http", value)
	}
	c.Scheme = value
	return nil
}

func setListen(c *Config, value string) error { return setAddress(&c.Listen, value) }

func setMetrics(c *Config, value string) error { return setAddress(&c.Metrics, value) }

func setAddress(into *string, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		return fmt.Errorf("%q is not an address to listen on, such as :8080 or 127.0.0.1:8080", value)
	}
	*into = value
	return checkPort(port)
}

func checkPort(port string) error {
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("the port %q is not a number from 0 to 65535", port)
	}
	return nil
}

func setDatabase(c *Config, value string) error {
	switch scheme, rest, _ := strings.Cut(value, ":"); scheme {
	case "sqlite":
		if rest == "" {
			return errors.New("sqlite: needs the path of a file behind it")
		}
	case "postgres", "postgresql":
		if _, err := url.Parse(value); err != nil {
			return errors.New("this postgres:// URL cannot be read; special characters in the password are written as %XX")
		}
	default:
		return errors.New("want sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")
	}
	c.Database = value
	return nil
}

func setMedia(c *Config, value string) error {
	switch scheme, rest, _ := strings.Cut(value, ":"); scheme {
	case "file":
		if rest == "" {
			return errors.New("file: needs the path of a directory behind it")
		}
	case "s3":
		if u, err := url.Parse(value); err != nil || u.Host == "" {
			return errors.New("this s3:// URL cannot be read; special characters in the secret are written as %XX")
		}
	default:
		return errors.New("want file:DIRECTORY or s3://…")
	}
	c.Media = value
	return nil
}

func setQuota(c *Config, value string) error { return setMegabytes(&c.Quota, value) }

func setRecording(c *Config, value string) error { return setMegabytes(&c.Recording, value) }

func setPictureCache(c *Config, value string) error { return setMegabytes(&c.PictureCache, value) }

// setMegabytes reads a number of MB, at most a few TB of them.
func setMegabytes(into *int64, value string) error {
	n, err := strconv.ParseUint(value, 10, 22)
	if err != nil {
		return fmt.Errorf("%q is not a number of MB, such as 1000", value)
	}
	*into = int64(n) << 20
	return nil
}

func setSMTP(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return errors.New("want smtp://USER:PASSWORD@HOST:PORT or smtps://…; special characters in the password are written as %XX")
	}
	if port := u.Port(); port != "" {
		if err := checkPort(port); err != nil {
			return err
		}
	}
	switch word := u.Query().Get("tls"); {
	case u.Scheme == "smtps" && word != "":
		return errors.New("smtps:// always uses TLS; leave out ?tls=")
	case word != "" && word != "required" && word != "optional" && word != "no":
		return errors.New("?tls= is required, optional or no")
	}
	c.SMTP = value
	return nil
}

func setMailFrom(c *Config, value string) error {
	if _, err := mail.ParseAddress(value); err != nil {
		return errors.New("want an address such as noreply@example.org, or Name <noreply@example.org>")
	}
	c.MailFrom = value
	return nil
}

func setLimits(c *Config, value string) error {
	if strings.EqualFold(value, "off") {
		c.Limits = math.Inf(1)
		return nil
	}
	wide, err := strconv.ParseFloat(value, 64)
	if err != nil || !(wide >= 0.01 && wide <= 1000) {
		return fmt.Errorf("%q is neither off nor a number from 0.01 to 1000", value)
	}
	c.Limits = wide
	return nil
}

func setName(c *Config, value string) error {
	if len([]rune(value)) > 80 {
		return errors.New("a title has at most 80 characters")
	}
	c.Name = value
	return nil
}

func setRegistrations(c *Config, value string) error {
	switch r := Registrations(strings.ToLower(value)); r {
	case Open, Application, Invite, Closed:
		c.Registrations = r
		return nil
	default:
		return fmt.Errorf("%q is none of open, application, invite and closed", value)
	}
}

func setLog(c *Config, value string) error {
	log := Log{Level: slog.LevelInfo, Format: "text"}
	for _, word := range words(value) {
		switch word = strings.ToLower(word); word {
		case "text", "json":
			log.Format = word
		case "debug", "info", "warn", "error":
			if err := log.Level.UnmarshalText([]byte(word)); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q is neither a level (debug, info, warn, error) nor a format (text, json)", word)
		}
	}
	c.Log = log
	return nil
}

func setTrustedProxies(c *Config, value string) (err error) {
	c.TrustedProxies, err = networks(value)
	return err
}

func setAllowRanges(c *Config, value string) (err error) {
	c.AllowRanges, err = networks(value)
	return err
}

// networks reads a list such as "10.0.0.0/8, ::1"; an address alone is the
// network that holds only itself.
func networks(value string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, word := range words(value) {
		if ip, err := netip.ParseAddr(word); err == nil {
			list = append(list, netip.PrefixFrom(ip.Unmap().WithZone(""), ip.Unmap().BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", word)
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}

func setExtraCA(c *Config, value string) error {
	pem, err := os.ReadFile(value)
	if err != nil {
		return fmt.Errorf("cannot read the certificates: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate in PEM form", value)
	}
	c.ExtraCA = value
	return nil
}

// words splits a list at commas and spaces.
func words(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

func setAuthorizedFetch(c *Config, value string) error {
	return setSwitch(&c.AuthorizedFetch, value)
}

func setPasswords(c *Config, value string) error { return setSwitch(&c.Passwords, value) }

func setSharedSignatures(c *Config, value string) error {
	return setSwitch(&c.SharedSignatures, value)
}

func setLemmyRemovals(c *Config, value string) error {
	return setSwitch(&c.LemmyRemovals, value)
}

// setSwitch reads yes and no, in the words that people use for them.
func setSwitch(into *bool, value string) error {
	switch strings.ToLower(value) {
	case "yes", "true", "on", "1":
		*into = true
	case "no", "false", "off", "0":
		*into = false
	default:
		return fmt.Errorf("%q is neither yes nor no", value)
	}
	return nil
}
