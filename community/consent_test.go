package community_test

import (
	"testing"
	"time"

	"drystone/community"
)

// What may be done with what is known of whom: the one rule, over every
// purpose, for those here and elsewhere, whatever they said.
func TestWhatConsentsAllow(t *testing.T) {
	here := &community.Actor{Kind: community.Person, Discoverable: true, Indexable: true}
	far := &community.Actor{Kind: community.Person, Host: "far.test", Discoverable: true, Indexable: true}
	shy := &community.Actor{Kind: community.Person, Host: "far.test", Discoverable: true}
	said := func(p community.Purpose, value bool) community.Consents {
		return community.Consents{p: {Purpose: p, Value: value}}
	}
	for _, aim := range community.Aims() {
		p := aim.Purpose
		if p == community.Listed || p == community.Searched {
			continue
		}
		for name, c := range map[string]struct {
			said community.Consents
			who  *community.Actor
			want bool
		}{
			"here, nothing said":                          {nil, here, aim.Basis == community.Objection},
			"here, agreed":                                {said(p, true), here, true},
			"here, objected":                              {said(p, false), here, false},
			"elsewhere, nothing said":                     {nil, far, false},
			"elsewhere, agreed":                           {said(p, true), far, true},
			"elsewhere, objected":                         {said(p, false), far, false},
			"elsewhere, agreed, and their server says no": {said(p, true), shy, false},
			"a group":                                     {said(p, true), &community.Actor{Kind: community.GroupKind, Discoverable: true, Indexable: true}, false},
			"gone":                                        {said(p, true), &community.Actor{Kind: community.Person, DeletedAt: time.Now()}, false},
			"nobody":                                      {said(p, true), nil, false},
		} {
			if got := c.said.Allows(p, c.who); got != c.want {
				t.Errorf("%s, %s: %v", p, name, got)
			}
		}
		if said(community.Attestations+"x", true).Allows(community.Purpose("x"), here) {
			t.Error("an unknown purpose is allowed")
		}
	}
	if c := said(community.Listed, true); c.Allows(community.Listed, &community.Actor{Kind: community.Person}) || !c.Allows(community.Searched, shy) == shy.Indexable {
		t.Error("who is listed and found is not what their server says")
	}
}

// Nothing is computed about people without a purpose that they know, but for
// counts of what everybody sees.
func TestComputationsHaveAPurpose(t *testing.T) {
	for _, c := range community.Computations() {
		if aim, err := community.AimOf(c.Purpose); c.Purpose != "" && (err != nil || !aim.Used) {
			t.Errorf("%s is computed for %q: %v", c.Key, c.Purpose, err)
		}
	}
}
