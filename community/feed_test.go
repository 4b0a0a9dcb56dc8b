package community_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func TestMayKeep(t *testing.T) {
	feed := &community.Actor{Kind: community.FeedKind, IRI: "https://a.example/m/x", Name: "x", Host: "a.example"}
	source := &community.FeedSource{Owners: "https://a.example/u/gus\nhttps://a.example/u/ida"}
	for iri, want := range map[string]fault.Code{
		feed.IRI: fault.None, "https://a.example/u/gus": fault.None, "https://a.example/u/ida": fault.None,
		"https://a.example/u/eve": fault.Forbidden, "https://a.example/u/gu": fault.Forbidden, "": fault.Forbidden,
	} {
		if got := fault.CodeOf(source.MayKeep(feed, iri)); got != want {
			t.Errorf("MayKeep(%q) = %v, want %v", iri, got, want)
		}
	}
	if err := feed.MaySpeak(time.Now()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a feed may speak: %v", err)
	}
}

func TestMayFeed(t *testing.T) {
	for name, test := range map[string]struct {
		actor community.Actor
		want  fault.Code
	}{
		"a group":                 {community.Actor{Kind: community.GroupKind}, fault.None},
		"a private one":           {community.Actor{Kind: community.GroupKind, Visibility: community.Private}, fault.None},
		"one of this server only": {community.Actor{Kind: community.GroupKind, Visibility: community.LocalOnly}, fault.NotFound},
		"one that was closed":     {community.Actor{Kind: community.GroupKind, DeletedAt: time.Now()}, fault.NotFound},
		"a person":                {community.Actor{Kind: community.Person}, fault.Invalid},
		"a feed":                  {community.Actor{Kind: community.FeedKind}, fault.Invalid},
	} {
		if got := fault.CodeOf(test.actor.MayFeed()); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestMayList(t *testing.T) {
	for name, test := range map[string]struct {
		actor community.Actor
		want  fault.Code
	}{
		"a group":                 {community.Actor{Kind: community.GroupKind}, fault.None},
		"a private one":           {community.Actor{Kind: community.GroupKind, Visibility: community.Private}, fault.Forbidden},
		"one of this server only": {community.Actor{Kind: community.GroupKind, Visibility: community.LocalOnly}, fault.Forbidden},
		"one that moved":          {community.Actor{Kind: community.GroupKind, MovedTo: "https://a.example/c/x"}, fault.Forbidden},
		"one that was closed":     {community.Actor{Kind: community.GroupKind, DeletedAt: time.Now()}, fault.NotFound},
		"a person":                {community.Actor{Kind: community.Person}, fault.Invalid},
	} {
		if got := fault.CodeOf(test.actor.MayList()); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
