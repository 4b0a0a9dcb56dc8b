package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// check reports settings of a provider that make no sense without each other,
// and names the provider after its host where nobody did.
func (p *Provider) check() error {
	switch {
	case p.Issuer == "" && (p.ClientID != "" || p.Secret != "" || len(p.Groups) > 0):
		return errors.New("DRYSTONE_OIDC_ISSUER: it is not set, so the other DRYSTONE_OIDC settings mean nothing")
	case p.Issuer != "" && p.ClientID == "":
		return errors.New("DRYSTONE_OIDC_CLIENT_ID: the provider knows this server by it, so it cannot be left out")
	case p.Issuer != "" && p.Name == "":
		if u, err := url.Parse(p.Issuer); err == nil {
			p.Name = u.Host
		}
	}
	return nil
}

func setIssuer(c *Config, value string) error {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q is not the address of a provider, such as https://id.example.org/realm", value)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return errors.New("a provider is reached by https; http is only for one on this machine")
	}
	c.Provider.Issuer = value
	return nil
}

func setClientID(c *Config, value string) error {
	c.Provider.ClientID = value
	return nil
}

func setClientSecret(c *Config, value string) error {
	c.Provider.Secret = value
	return nil
}

func setProviderName(c *Config, value string) error {
	if len([]rune(value)) > 80 {
		return errors.New("a name has at most 80 characters")
	}
	c.Provider.Name = value
	return nil
}

func setGroupsClaim(c *Config, value string) error {
	c.Provider.Claim = value
	return nil
}

// groupHere matches the name of a group of this server.
var groupHere = regexp.MustCompile(`^[A-Za-z0-9_]{2,30}$`)

func setGroups(c *Config, value string) error {
	groups := map[string][]string{}
	for pair := range strings.FieldsSeq(value) {
		there, here, found := strings.Cut(pair, "=")
		if !found || there == "" {
			return fmt.Errorf("%q is not THERE=HERE", pair)
		}
		there, err := url.PathUnescape(there)
		if err != nil {
			return fmt.Errorf("%q cannot be read; blanks and = in a name are written as %%XX", pair)
		}
		for name := range strings.SplitSeq(here, ",") {
			if !groupHere.MatchString(name) {
				return fmt.Errorf("%q is not the name of a group of this server", name)
			}
			groups[there] = append(groups[there], name)
		}
	}
	c.Provider.Groups = groups
	return nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
