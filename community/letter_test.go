package community_test

import (
	"testing"
	"time"

	"drystone/community"
)

// Letters wait for quiet hours to end, but those about the safety of an
// account do not, nor those that would be too late.
func TestLettersKeepQuietHours(t *testing.T) {
	night := time.Date(2026, 5, 1, 22, 30, 0, 0, time.UTC) // half past midnight in Berlin
	morning := time.Date(2026, 5, 2, 5, 0, 0, 0, time.UTC)
	sleeper := &community.Profile{Zone: "Europe/Berlin", QuietFrom: 22 * 60, QuietTo: 7 * 60}
	for name, test := range map[string]struct {
		kind    community.LetterKind
		profile *community.Profile
		until   time.Time
		want    time.Time
	}{
		"a role":                  {community.RoleDecided, sleeper, night.Add(community.LetterLife), morning},
		"an application":          {community.AdmissionDecided, sleeper, night.Add(community.LetterLife), morning},
		"a group":                 {community.GroupHandover, sleeper, night.Add(community.LetterLife), morning},
		"a password":              {community.AccessChanged, sleeper, night.Add(community.LetterLife), night},
		"a new browser":           {community.NewSignIn, sleeper, night.Add(community.LetterLife), night},
		"a link":                  {community.ResetAccess, sleeper, night.Add(community.LetterLife), night},
		"an address":              {community.ConfirmAddress, sleeper, night.Add(community.LetterLife), night},
		"the end of an account":   {community.LeavingSoon, sleeper, night.Add(community.LetterLife), night},
		"too late in the morning": {community.RoleDecided, sleeper, morning, night},
		"nobody sleeps":           {community.RoleDecided, &community.Profile{Zone: "Europe/Berlin"}, night.Add(community.LetterLife), night},
		"nobody knows":            {community.RoleDecided, nil, night.Add(community.LetterLife), night},
	} {
		letter := community.Letter{Kind: test.kind, Until: test.until}
		if got := letter.Due(test.profile, night); !got.Equal(test.want) {
			t.Errorf("%s: due at %s, want %s", name, got, test.want)
		}
	}
}
