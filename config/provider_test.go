package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/config"
)

func TestLoadProvider(t *testing.T) {
	full := env{
		"DRYSTONE_OIDC_ISSUER": "https://id.example.org/realm", "DRYSTONE_OIDC_CLIENT_ID": "drystone",
		"DRYSTONE_OIDC_CLIENT_SECRET": "s3cret", "DRYSTONE_OIDC_GROUPS_CLAIM": "realm_access.roles",
		"DRYSTONE_OIDC_GROUPS": "masons=walls,tools All%20staff=townhall masons=garden",
	}
	with := func(changes ...string) env {
		e := env{}
		for k, v := range full {
			e[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			e[changes[i]] = changes[i+1]
		}
		return e
	}
	c, err := config.Load("", full.lookup)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Provider{
		Issuer: "https://id.example.org/realm", ClientID: "drystone", Secret: "s3cret", Name: "id.example.org", Claim: "realm_access.roles",
		Groups: map[string][]string{"masons": {"walls", "tools", "garden"}, "All staff": {"townhall"}},
	}
	if diff := cmp.Diff(want, c.Provider); diff != "" {
		t.Errorf("provider (-want +got):\n%s", diff)
	}
	if c, err = config.Load("", with("DRYSTONE_OIDC_NAME", "Quarry Ltd", "DRYSTONE_OIDC_ISSUER", "http://localhost:9000").lookup); err != nil || c.Provider.Name != "Quarry Ltd" {
		t.Errorf("on this machine = %+v, %v", c.Provider, err)
	}
	for name, test := range map[string]struct {
		env  env
		says string
	}{
		"no client id":     {with("DRYSTONE_OIDC_CLIENT_ID", ""), "DRYSTONE_OIDC_CLIENT_ID: "},
		"no issuer":        {with("DRYSTONE_OIDC_ISSUER", ""), "DRYSTONE_OIDC_ISSUER: it is not set"},
		"no address":       {with("DRYSTONE_OIDC_ISSUER", "id.example.org"), "is not the address of a provider"},
		"a query":          {with("DRYSTONE_OIDC_ISSUER", "https://id.example.org/?x=1"), "is not the address of a provider"},
		"in the clear":     {with("DRYSTONE_OIDC_ISSUER", "http://id.example.org"), "reached by https"},
		"no pair":          {with("DRYSTONE_OIDC_GROUPS", "masons"), "is not THERE=HERE"},
		"elsewhere":        {with("DRYSTONE_OIDC_GROUPS", "masons=walls@far.example"), "is not the name of a group"},
		"unreadable":       {with("DRYSTONE_OIDC_GROUPS", "%zz=walls"), "cannot be read"},
		"no name of group": {with("DRYSTONE_OIDC_GROUPS", "masons=walls,"), "is not the name of a group"},
		"too long a name":  {with("DRYSTONE_OIDC_NAME", strings.Repeat("x", 81)), "at most 80"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", test.env.lookup)
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("Load = %v, want it to say %q", err, test.says)
			}
		})
	}
}
