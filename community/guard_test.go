package community_test

import (
	"testing"

	"drystone/community"
)

// An account is as safe as the weakest way into it.
func TestGuard(t *testing.T) {
	for name, test := range map[string]struct {
		ways community.Ways
		want community.Guard
	}{
		"passkeys alone":             {community.Ways{Passkeys: 2}, community.ByPasskey},
		"a password beside passkeys": {community.Ways{Passkeys: 2, Password: true}, community.ByPassword},
		"both, and codes":            {community.Ways{Passkeys: 1, Password: true, Codes: true}, community.ByPasswordAndCode},
		"a password alone":           {community.Ways{Password: true}, community.ByPassword},
		"the company alone":          {community.Ways{Company: true}, community.ByCompany},
		"the company and a passkey":  {community.Ways{Company: true, Passkeys: 1}, community.ByCompany},
		"codes without a password":   {community.Ways{Codes: true, Passkeys: 1}, community.ByPasskey},
		"nothing":                    {community.Ways{}, community.ByNothing},
	} {
		if got := test.ways.Guard(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
