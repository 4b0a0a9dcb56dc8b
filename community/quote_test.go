package community_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func TestWhoMayQuote(t *testing.T) {
	later := noon.Add(time.Hour)
	open, members, here := &community.Actor{Kind: community.GroupKind}, &community.Actor{Visibility: community.Private}, &community.Actor{Visibility: community.LocalOnly}
	far := &community.Actor{Kind: community.Person, Name: "far", Host: "far.test"}
	banned := &community.Actor{Kind: community.Person, Name: "bad", Host: "far.test", BannedUntil: later}
	within := &community.Membership{State: community.Accepted}
	for _, test := range []struct {
		name  string
		group *community.Actor
		by    *community.Actor
		m     *community.Membership
		ban   *community.SiteBan
		want  fault.Code
	}{
		{"anybody", open, far, nil, nil, fault.None},
		{"a member", open, far, within, nil, fault.None},
		{"nobody in a private group, not even a member", members, far, within, nil, fault.NotFound},
		{"nobody in a group of one server", here, far, nil, nil, fault.NotFound},
		{"who is banned where it is private learns nothing", members, banned, nil, nil, fault.NotFound},
		{"who is banned from the server", open, banned, nil, nil, fault.Forbidden},
		{"who is banned from the group", open, far, &community.Membership{BannedUntil: later}, nil, fault.Forbidden},
		{"who was", open, far, &community.Membership{BannedUntil: noon}, nil, fault.None},
		{"who is banned from the group's server", open, far, nil, &community.SiteBan{Until: later}, fault.Forbidden},
	} {
		if err := test.group.MayBeQuotedBy(test.by, test.m, test.ban, noon); fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
