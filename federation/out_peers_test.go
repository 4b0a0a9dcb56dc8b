package federation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// What each peer requires of what it reads (FEDERATION.md, sections 1 and 3).
// Every golden of ours is held to all of them.
var requirements = []struct {
	peer, what string
	of         func(as.Doc) bool // the documents that it is about
	ok         func(as.Doc) bool
}{
	{"all", "an id and a type", isAny, func(d as.Doc) bool { return as.Host(d.ID()) != "" && d.Kind() != "" }},
	{"Mastodon, Discourse", "the ActivityStreams context", isOutermost, func(d as.Doc) bool {
		return strings.Contains(string(d.RawOf("@context")), `"`+as.NS+`"`)
	}},

	{"Lemmy", "actors: name, inbox, outbox", isActor, func(d as.Doc) bool {
		return d.Text("preferredUsername") != "" && as.SameHost(d.Ref("inbox"), d.ID()) && as.SameHost(d.Ref("outbox"), d.ID())
	}},
	{"Mastodon, GoToSocial", "a key whose owner is the actor", isActor, func(d as.Doc) bool {
		key, ok := d.Embedded("publicKey")
		return ok && key.Ref("owner") == d.ID() && strings.HasPrefix(key.Text("publicKeyPem"), "-----BEGIN PUBLIC KEY-----")
	}},
	{"Lemmy", "a key id with a fragment", isActor, func(d as.Doc) bool {
		key, _ := d.Embedded("publicKey")
		return strings.HasPrefix(key.ID(), d.ID()+"#")
	}},
	{"GoToSocial", "a shared inbox on the same host", isActor, func(d as.Doc) bool {
		endpoints, ok := d.Embedded("endpoints")
		return ok && as.SameHost(endpoints.Ref("sharedInbox"), d.ID())
	}},
	{"Mastodon", "a webfinger that is the name and the host", isActor, func(d as.Doc) bool {
		return d.Text("webfinger") == d.Text("preferredUsername")+"@"+as.Host(d.ID())
	}},
	{"Lemmy", "groups: moderators, featured and followers of their own", isGroup, func(d as.Doc) bool {
		return d.Ref("attributedTo") == d.ID()+"/moderators" && d.Ref("featured") == d.ID()+"/featured" && d.Ref("followers") == d.ID()+"/followers"
	}},
	{"Lemmy", "groups that are open and listed", isGroup, func(d as.Doc) bool {
		private, said := d.Bool("manuallyApprovesFollowers")
		listed, _ := d.Bool("discoverable")
		return said && !private && listed
	}},

	{"Lemmy", "to and cc in whatever goes through a group", isSent, func(d as.Doc) bool {
		return strings.HasPrefix(string(d.RawOf("to")), "[") && strings.HasPrefix(string(d.RawOf("cc")), "[")
	}},
	{"Lemmy", "an audience that is addressed", func(d as.Doc) bool { return isOurs(d) && d.Ref("audience") != "" && d.Kind() != as.KindWarn }, func(d as.Doc) bool {
		return slices.Contains(d.Refs("to"), d.Ref("audience")) || d.Actor() == d.Ref("audience")
	}},
	{"Lemmy", "object, author and actor on one host", isAuthors, func(d as.Doc) bool {
		object, ok := d.Embedded("object")
		return ok && as.SameHost(object.ID(), d.ID()) && as.SameHost(d.Actor(), d.ID()) &&
			(as.IsActor(object.Kind()) || object.Ref("attributedTo") == d.Actor())
	}},
	{"Lemmy", "a Delete of an id", func(d as.Doc) bool { return isKind(as.KindDelete)(d) && !endsFeed(d) }, func(d as.Doc) bool { return strings.HasPrefix(string(d.RawOf("object")), `"`) }},
	{"PieFed", "the end of a feed by who kept it, or by itself", endsFeed, func(d as.Doc) bool {
		return strings.HasPrefix(d.Actor(), "https://home.test/u/") || d.Actor() == d.Ref("object")
	}},
	{"PieFed", "ids within what a feed lists, and where", isListing, func(d as.Doc) bool {
		object, ok := d.Embedded("object")
		target, also := d.Embedded("target")
		return ok && also && object.Kind() == as.KindGroup && target.Kind() == as.KindCollection && target.ID() == d.Actor()+"/following"
	}},
	{"Lemmy, PieFed", "a feed that one person keeps, with a list", func(d as.Doc) bool { return isActor(d) && d.Kind() == as.KindFeed }, func(d as.Doc) bool {
		return string(d.RawOf("attributedTo")) == `"`+d.Ref("attributedTo")+`"` && d.Ref("following") == d.ID()+"/following"
	}},
	{"Lemmy, PieFed", "what a feed lists: ids, in no order", func(d as.Doc) bool { return isOutermost(d) && strings.HasSuffix(d.ID(), "f/shelf/following") }, func(d as.Doc) bool {
		n, counted := d.Int("totalItems")
		return d.Kind() == as.KindCollection && counted && int(n) == len(d.Refs("items")) && len(d.Embeddeds("items")) == 0
	}},
	{"Lemmy, Mbin, PieFed", "the Follow within its answer", isKind(as.KindAccept, as.KindReject), func(d as.Doc) bool {
		follow, ok := d.Embedded("object")
		return ok && follow.Kind() == as.KindFollow && follow.ID() != "" && slices.Contains(d.Refs("to"), follow.Actor())
	}},
	{"Mastodon, GoToSocial", "an Announce in public, to followers, with a time", isKind(as.KindAnnounce), func(d as.Doc) bool {
		return d.IsPublic() && slices.Contains(d.Refs("cc"), d.Actor()+"/followers") && !d.Time("published").IsZero()
	}},
	{"Mastodon", "an Update that says when", isKind(as.KindUpdate), func(d as.Doc) bool {
		object, ok := d.Embedded("object")
		// Counts of a poll change without it: with a new time it would look
		// edited.
		return ok && (!object.Time("updated").IsZero() || object.Kind() == as.KindQuestion)
	}},
	{"Mastodon, PieFed", "a vote in a poll: an option, what it answers, one address, no time", isVote, func(d as.Doc) bool {
		return d.Ref("inReplyTo") != "" && len(d.Refs("to")) == 1 && !d.IsPublic() && !d.Has("published") && !d.Has("content")
	}},
	{"Mastodon, GoToSocial, PieFed", "a poll whose options are Notes with counts", isKind(as.KindQuestion), func(d as.Doc) bool {
		for _, o := range append(d.Embeddeds("oneOf"), d.Embeddeds("anyOf")...) {
			replies, ok := o.Embedded("replies")
			if _, counted := replies.Int("totalItems"); !ok || !counted || o.Kind() != as.KindNote || o.Text("name") == "" {
				return false
			}
		}
		_, counted := d.Int("votersCount")
		return counted && d.Has("oneOf") != d.Has("anyOf") && !d.Has("summary") && strings.HasPrefix(d.Text("content"), "<p><strong>")
	}},
	{"all", "an Undo of what the same actor did", isKind(as.KindUndo), func(d as.Doc) bool {
		undone, ok := d.Embedded("object")
		return ok && undone.Actor() == d.Actor() && undone.Kind() != as.KindUndo
	}},

	{"NodeBB", "one author, as a string", isObject, func(d as.Doc) bool { return string(d.RawOf("attributedTo")) == `"`+d.Ref("attributedTo")+`"` }},
	{"Lemmy", "objects: to and cc, with the group and Public", isObject, func(d as.Doc) bool {
		return strings.HasPrefix(string(d.RawOf("to")), "[") && strings.HasPrefix(string(d.RawOf("cc")), "[") &&
			slices.Contains(d.Refs("to"), d.Ref("audience")) && d.IsPublic()
	}},
	{"GoToSocial, Mastodon", "objects: a time and a page", isObject, func(d as.Doc) bool {
		return !d.Time("published").IsZero() && d.Ref("url") != ""
	}},
	{"Mastodon", "the author's followers in a copy", isObject, func(d as.Doc) bool {
		return slices.Contains(d.Refs("cc"), d.Ref("attributedTo")+"/followers")
	}},
	{"Mastodon", "a Mention for everybody who gets a copy, and for the group", isObject, func(d as.Doc) bool {
		for _, iri := range append(d.Refs("cc"), d.Ref("audience")) {
			if !strings.HasSuffix(iri, "/followers") && !slices.Contains(d.Mentions(), iri) {
				return false
			}
		}
		return true
	}},
	{"Lemmy", "a language with a name", func(d as.Doc) bool { return isObject(d) && d.Has("language") }, func(d as.Doc) bool {
		language, ok := d.Embedded("language")
		return ok && language.Text("identifier") != "" && language.Text("name") != ""
	}},
	{"Lemmy", "a Page with a title that answers nothing", isKind(as.KindPage), func(d as.Doc) bool {
		return d.Text("name") != "" && !d.Has("inReplyTo")
	}},
	{"Lemmy", "a Note that answers something", isNote, func(d as.Doc) bool { return d.Ref("inReplyTo") != "" && !d.Has("name") }},
	{"Mastodon", "a Note without a summary, which would be a warning", isNote, func(d as.Doc) bool { return !d.Has("summary") }},
	{"Lemmy", "followers: a Collection of none", func(d as.Doc) bool { return isOutermost(d) && strings.HasSuffix(d.ID(), "/followers") }, func(d as.Doc) bool {
		_, counted := d.Int("totalItems")
		return d.Kind() == as.KindCollection && counted && string(d.RawOf("items")) == "[]"
	}},
	{"PieFed", "replies that are not ordered", func(d as.Doc) bool { return isOutermost(d) && strings.HasSuffix(d.ID(), "/replies") }, func(d as.Doc) bool {
		return d.Kind() == as.KindCollection && !d.Has("orderedItems")
	}},
	{"Lemmy", "moderators: ids", func(d as.Doc) bool { return strings.HasSuffix(d.ID(), "/moderators") }, func(d as.Doc) bool {
		return len(d.Refs("orderedItems")) > 0 && len(d.Embeddeds("orderedItems")) == 0
	}},
}

// openOnly are requirements that nothing in a group for members only can meet,
// nor is asked to.
var openOnly = []string{
	"groups that are open and listed", "an Announce in public, to followers, with a time",
	"objects: to and cc, with the group and Public", "the author's followers in a copy",
}

func isAny(as.Doc) bool         { return true }
func isOutermost(d as.Doc) bool { return d.Has("@context") }
func isOurs(d as.Doc) bool      { return as.Host(d.ID()) == "home.test" }
func isActor(d as.Doc) bool     { return isOurs(d) && as.IsActor(d.Kind()) && d.Has("@context") }
func isGroup(d as.Doc) bool     { return isOurs(d) && d.Kind() == as.KindGroup && d.Has("@context") }
func isVote(d as.Doc) bool      { return isOurs(d) && d.Kind() == as.KindNote && d.Has("name") }
func isNote(d as.Doc) bool      { return isOurs(d) && d.Kind() == as.KindNote && !isVote(d) }
func endsFeed(d as.Doc) bool {
	object, ok := d.Embedded("object")
	return isKind(as.KindDelete)(d) && ok && object.Kind() == as.KindFeed
}

func isListing(d as.Doc) bool {
	return isKind(as.KindAdd, as.KindRemove)(d) && strings.HasPrefix(d.Actor(), "https://home.test/f/")
}

func isSent(d as.Doc) bool {
	object, _ := d.Embedded("object")
	return isOurs(d) && d.Has("actor") && !isVote(object)
}

func isObject(d as.Doc) bool {
	return isNote(d) || isKind(as.KindPage, as.KindQuestion)(d)
}

// isAuthors leaves out what a moderator says of somebody else's post.
func isAuthors(d as.Doc) bool {
	object, ok := d.Embedded("object")
	marks := d.Kind() == as.KindUpdate && ok && !as.IsActor(object.Kind()) && object.Ref("attributedTo") != d.Actor()
	return isCreate(d) && !marks
}

func isCreate(d as.Doc) bool {
	return isOurs(d) && (d.Kind() == as.KindCreate || d.Kind() == as.KindUpdate) && !strings.HasSuffix(d.Ref("audience"), d.Actor())
}

func isKind(kinds ...string) func(as.Doc) bool {
	return func(d as.Doc) bool { return isOurs(d) && slices.Contains(kinds, d.Kind()) }
}

// inside is a document and every activity, object and item within it.
func inside(d as.Doc) []as.Doc {
	list := []as.Doc{d}
	for _, key := range []string{"object", "orderedItems"} {
		for _, inner := range d.Embeddeds(key) {
			list = append(list, inside(inner)...)
		}
	}
	return list
}

func TestPeersReadWhatWeWrite(t *testing.T) {
	files, err := filepath.Glob("testdata/out/*.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	used := make([]int, len(requirements))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if strings.HasPrefix(name, "webfinger") || strings.HasPrefix(name, "nodeinfo") || strings.HasPrefix(name, "host_meta") {
			continue // no ActivityStreams
		}
		if strings.HasSuffix(name, "t_quote.json") {
			continue // microblogs alone ask to quote: see TestQuotesAreAnswered
		}
		if strings.Contains(name, "message") || name == "create_refusal.json" {
			continue // in no group, and read by other code: see TestMessagesBecomeActivities
		}
		whole, err := as.Parse(t.Context(), content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, d := range inside(whole) {
			for i, r := range requirements {
				closed := (strings.Contains(name, "_private") || name == "announce_received_poll_vote.json") && slices.Contains(openOnly, r.what) // a vote is for its poll's author alone
				// Relays read it, and announce the id in their own name.
				relays := strings.Contains(name, "_to_relay") && r.what == "an Announce in public, to followers, with a time"
				if !r.of(d) || closed || relays || strings.HasPrefix(name, "tombstone") && i > 1 {
					continue
				}
				if strings.Contains(name, "_private") && isOurs(d) && d.IsPublic() {
					t.Errorf("%s: %s %s is public", name, d.Kind(), d.ID())
				}
				used[i]++
				if !r.ok(d) {
					t.Errorf("%s: %s %s: %s wants %s", name, d.Kind(), d.ID(), r.peer, r.what)
				}
			}
		}
	}
	for i, r := range requirements {
		if used[i] == 0 {
			t.Errorf("nothing was held to what %s wants: %s", r.peer, r.what)
		}
	}
}
