package messages_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/messages"
	"drystone/storage"
)

// A house is four people, one of them elsewhere, and a group.
type house struct {
	*messages.Service
	t                  *testing.T
	db                 *storage.DB
	now                time.Time
	ann, bob, eve, rem *community.Actor
	garden             *community.Actor
}

func newHouse(t *testing.T, db *storage.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	h.Service = &messages.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return h.now }}
	h.ann, h.bob, h.eve = h.actor(community.Person, "ann", ""), h.actor(community.Person, "bob", ""), h.actor(community.Person, "eve", "")
	h.rem = h.actor(community.Person, "rem", "far.test")
	h.garden = h.actor(community.GroupKind, "garden", "")
	return h
}

func (h *house) actor(kind community.ActorKind, name, host string) *community.Actor {
	h.t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://here.test/" + name + host, CreatedAt: h.now, UpdatedAt: h.now}
	if err := h.db.AddActor(h.t.Context(), a); err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *house) send(by, to *community.Actor, body string) *community.Message {
	h.t.Helper()
	m, err := h.Send(h.t.Context(), by, to, letter(by, body))
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

var letters atomic.Int64

// letter is a draft, from elsewhere where its author lives there.
func letter(by *community.Actor, body string) messages.Draft {
	d := messages.Draft{Body: body}
	if !by.Local() {
		d.From, d.HTML = community.Origin{IRI: fmt.Sprintf("https://far.test/m/%d", letters.Add(1))}, "<p>"+body+"</p>"
	}
	return d
}

// reads is what somebody sees of a conversation, newest first.
func (h *house) reads(reader, other *community.Actor) (bodies []string) {
	h.t.Helper()
	list, _, err := h.List(h.t.Context(), reader, other, community.Page{Limit: 50})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range list {
		if body := m.Body; m.Deleted() {
			bodies = append(bodies, "deleted")
		} else {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

func (h *house) unread(who *community.Actor) int {
	h.t.Helper()
	n, err := h.Unread(h.t.Context(), who)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) want(what string, got, want any) {
	h.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (h *house) refused(what string, err error, code fault.Code) {
	h.t.Helper()
	if fault.CodeOf(err) != code {
		h.t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestAConversation(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h, ctx := newHouse(t, db), t.Context()
		first := h.send(h.ann, h.bob, "Hello *Bob*.")
		h.want("its HTML", first.HTML, "<p>Hello <em>Bob</em>.</p>\n")
		h.want("its id", strings.HasPrefix(first.IRI, "https://here.test/message/"), true)
		second := h.send(h.bob, h.ann, "Hello!")
		third := h.send(h.ann, h.bob, "How are you?")
		all := []string{"How are you?", "Hello!", "Hello *Bob*."}
		h.want("ann reads", h.reads(h.ann, h.bob), all)
		h.want("bob reads", h.reads(h.bob, h.ann), all)
		h.want("eve reads", h.reads(h.eve, h.ann), []string(nil))
		h.want("bob has not read", h.unread(h.bob), 2)
		if err := h.MarkRead(ctx, h.bob, h.ann, first.ID); err != nil {
			t.Fatal(err)
		}
		h.want("bob has not read now", h.unread(h.bob), 1)

		h.send(h.eve, h.ann, "And I?")
		list, next, err := h.Conversations(ctx, h.ann, community.Page{Limit: 1})
		if err != nil || len(list) != 1 || list[0].With.Name != "eve" || list[0].Unread != 1 || next == "" {
			t.Fatalf("the first page of ann's conversations: %+v %q %v", list, next, err)
		}
		list, next, err = h.Conversations(ctx, h.ann, community.Page{Limit: 1, After: next})
		if err != nil || len(list) != 1 || list[0].With.Name != "bob" || list[0].Last.ID != third.ID || next != "" {
			t.Fatalf("the second page of ann's conversations: %+v %q %v", list, next, err)
		}

		// Who may not.
		_, err = h.Edit(ctx, h.bob, first.ID, messages.Draft{Body: "x"})
		h.refused("bob edits ann's", err, fault.Forbidden)
		_, err = h.Edit(ctx, h.eve, first.ID, messages.Draft{Body: "x"})
		h.refused("eve edits ann's", err, fault.NotFound)
		h.refused("eve deletes ann's", h.Delete(ctx, h.eve, first.ID), fault.NotFound)
		_, err = h.Edit(ctx, h.ann, first.ID, messages.Draft{Body: " "})
		h.refused("nothing is left", err, fault.Invalid)

		h.now = h.now.Add(time.Minute)
		edited, err := h.Edit(ctx, h.ann, first.ID, messages.Draft{Body: "Hello."})
		if err != nil || edited.EditedAt.IsZero() {
			t.Fatalf("edited: %+v %v", edited, err)
		}
		if err := h.Delete(ctx, h.ann, third.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Delete(ctx, h.ann, second.ID); err != nil { // her copy
			t.Fatal(err)
		}
		h.want("ann reads in the end", h.reads(h.ann, h.bob), []string{"deleted", "Hello."})
		h.want("bob reads in the end", h.reads(h.bob, h.ann), []string{"deleted", "Hello!", "Hello."})
		h.want("bob has read all that is there", h.unread(h.bob), 0)
		kept, err := db.Message(ctx, third.ID)
		if err != nil || kept.Body != "" || kept.HTML != "" {
			t.Errorf("what ann deleted is still %+v %v", kept, err)
		}
		_, err = h.Edit(ctx, h.ann, third.ID, messages.Draft{Body: "x"})
		h.refused("what is deleted is edited", err, fault.NotFound)

		if err := h.Drop(ctx, h.ann, h.bob); err != nil {
			t.Fatal(err)
		}
		h.want("ann dropped it", h.reads(h.ann, h.bob), []string(nil))
		h.want("bob keeps it", len(h.reads(h.bob, h.ann)), 3)
	})
}

func TestWhoMayWrite(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h, ctx := newHouse(t, db), t.Context()
		try := func(by, to *community.Actor) error {
			_, err := h.Send(ctx, by, to, letter(by, "Hello"))
			return err
		}
		h.refused("to oneself", try(h.ann, h.ann), fault.Forbidden)
		h.refused("to a group", try(h.ann, h.garden), fault.Forbidden)
		_, err := h.Send(ctx, h.ann, h.bob, messages.Draft{Body: strings.Repeat("x", community.MaxMessage+1)})
		h.refused("too long", err, fault.Invalid)
		banned := *h.rem
		banned.BannedUntil = h.now.Add(time.Hour)
		h.refused("by who is banned", try(&banned, h.ann), fault.Forbidden)

		for range community.StrangersUnanswered {
			h.send(h.rem, h.ann, "Hey")
		}
		h.refused("a stranger floods", try(h.rem, h.ann), fault.RateLimited)
		h.send(h.rem, h.bob, "Hey") // others are others
		h.send(h.ann, h.rem, "What is it?")
		h.send(h.rem, h.ann, "Nothing")
		h.now = h.now.Add(25 * time.Hour)
		h.send(h.rem, h.bob, "Hey")

		for i := range community.StrangersReached {
			h.send(h.eve, h.actor(community.Person, fmt.Sprintf("p%d", i), ""), "Buy!")
		}
		h.refused("one writes to all", try(h.eve, h.ann), fault.RateLimited)

		open := func(o community.Openness) *community.Actor {
			a := *h.bob
			a.MessagesFrom = o
			return &a
		}
		h.refused("a stranger to who takes none of strangers", try(h.rem, open(community.FromKnown)), fault.Forbidden)
		h.send(h.bob, h.rem, "Yes?")
		h.refused("now they are known", try(h.rem, open(community.FromKnown)), fault.None)
		h.refused("to who takes none", try(h.rem, open(community.FromNobody)), fault.Forbidden)
	})
}

func TestFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h, ctx := newHouse(t, db), t.Context()
		d := messages.Draft{Body: "x", HTML: `<p onclick="a()">x</p><script>1</script>`, From: community.Origin{IRI: "https://far.test/m/a"}}
		m, err := h.Send(ctx, h.rem, h.ann, d)
		if err != nil || m.HTML != "<p>x</p>" || m.IRI != "https://far.test/m/a" {
			t.Fatalf("stored %+v %v", m, err)
		}
		_, err = h.Send(ctx, h.rem, h.ann, d)
		h.refused("it comes again", err, fault.Conflict)
		if _, err := h.Send(ctx, h.rem, h.bob, d); err != nil { // to two
			t.Error(err)
		}
		long := messages.Draft{Body: strings.Repeat("y", community.MaxMessage+9), HTML: "<p>" + strings.Repeat("y", community.MaxMessage+9) + "</p>", From: community.Origin{IRI: "https://far.test/m/b"}}
		if m, err = h.Send(ctx, h.rem, h.ann, long); err != nil || len(m.Body) != community.MaxMessage || len(m.HTML) > community.MaxMessage+20 {
			t.Errorf("what is too long became %d and %d, %v", len(m.Body), len(m.HTML), err)
		}
		_, err = h.Send(ctx, h.rem, h.ann, messages.Draft{From: community.Origin{IRI: "https://far.test/m/c"}, HTML: "<script>1</script>"})
		h.refused("nothing", err, fault.Invalid)

		if err := h.Delete(ctx, h.rem, m.ID); err != nil {
			t.Fatal(err)
		}
		h.want("deleted", h.reads(h.ann, h.rem)[0], "deleted")
		h.refused("ann brings it back", h.Restore(ctx, h.ann, m.ID), fault.Forbidden)
		if err := h.Restore(ctx, h.rem, m.ID); err != nil {
			t.Fatal(err)
		}
		h.want("restored", len(h.reads(h.ann, h.rem)[0]), community.MaxMessage)
		if err := h.Delete(ctx, h.rem, m.ID); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(community.KeepDeleted + time.Minute)
		if err := h.Trim(ctx); err != nil {
			t.Fatal(err)
		}
		h.refused("too late", h.Restore(ctx, h.rem, m.ID), fault.NotFound)
		kept, err := db.Message(ctx, m.ID)
		if err != nil || kept.Body != "" || kept.HTML != "" {
			t.Errorf("what was deleted long ago is still %.20s %v", kept.HTML, err)
		}
		// No fact holds any words.
		facts, err := db.Facts(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if len(f.Raw) > 0 || f.Reason != "" {
				t.Errorf("the fact %s holds words", f.Kind)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h, ctx := newHouse(t, db), t.Context()
		tell := func(who *community.Actor, iri string) bool {
			t.Helper()
			told, err := h.Refuse(ctx, h.garden, who, iri, "Because.")
			if err != nil {
				t.Fatal(err)
			}
			return told
		}
		h.want("the first", tell(h.rem, "https://far.test/1"), true)
		h.want("the same", tell(h.rem, "https://far.test/1"), false)
		for i := 2; i <= community.MostRefusals; i++ {
			h.want("another", tell(h.rem, fmt.Sprintf("https://far.test/%d", i)), true)
		}
		h.want("one too many", tell(h.rem, "https://far.test/9"), false)
		h.want("somebody here", tell(h.ann, "https://here.test/1"), false)
		h.now = h.now.Add(25 * time.Hour)
		h.want("the next day", tell(h.rem, "https://far.test/10"), true)
		banned := *h.rem
		banned.BannedUntil = community.Forever
		h.want("who is banned", tell(&banned, "https://far.test/11"), false)
	})
}
