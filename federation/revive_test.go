package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/storage"
)

// TestAuthorsTakeTheirDeletionBack: Lemmy and PieFed let people delete what
// they wrote and think better of it.
func TestAuthorsTakeTheirDeletionBack(t *testing.T) {
	tests := []struct {
		name string
		play func(a *abroad, mine, note map[string]any)
		back bool
		said string // why not
	}{
		{"both come back", func(*abroad, map[string]any, map[string]any) {}, true, ""},
		{"they are still gone at home", func(a *abroad, mine, note map[string]any) {
			a.lemmy.Gone("/post/mine")
			a.lemmy.Gone("/comment/note")
		}, false, "410 Gone"},
		{"they are of somebody else by now", func(a *abroad, mine, note map[string]any) {
			mine["attributedTo"], note["attributedTo"] = a.lemmy.URL+"/u/eve", a.lemmy.URL+"/u/eve"
		}, false, "is not by"},
		{"they are not public any more", func(a *abroad, mine, note map[string]any) {
			mine["to"], note["to"] = []string{a.lena.ID + "/followers"}, []string{a.lena.ID + "/followers"}
		}, false, "is not public"},
		{"she was banned meanwhile", func(a *abroad, _, _ map[string]any) {
			ban := community.Ban{Reason: "spam"}
			if err := a.moderation.BanMember(a.t.Context(), a.ann, a.cats, a.stored(a.lena), ban, community.Origin{}); err != nil {
				a.t.Fatal(err)
			}
		}, false, "banned"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				a := newAbroad(t, db)
				mine := page(a.lena, "mine", a.cats.IRI)
				a.send(a.lena, a.signed("Create", a.lena, mine))
				note := reply(a.lena, "note", mine["id"].(string))
				a.send(a.lena, a.signed("Create", a.lena, note))
				gone := []map[string]any{a.signed("Delete", a.lena, note["id"]), a.signed("Delete", a.lena, mine["id"])}
				a.send(a.lena, gone[0])
				a.send(a.lena, gone[1])
				if p := a.feed(a.cats)[0]; p.DeletedAt.IsZero() || p.Title != "" || a.comments()[0].DeletedAt.IsZero() {
					t.Fatalf("not deleted: %+v", p)
				}

				mine["name"] = "thought better of it"
				test.play(a, mine, note)
				if test.said != "410 Gone" {
					a.lemmy.Serve("/post/mine", mine)
					a.lemmy.Serve("/comment/note", note)
				}
				a.send(a.lena, a.signed("Undo", a.lena, gone[1]))
				a.send(a.lena, a.signed("Undo", a.lena, gone[0]))
				p, c := a.feed(a.cats)[0], a.comments()[0]
				back := p.DeletedAt.IsZero() && p.Title == "thought better of it" && c.DeletedAt.IsZero() && c.Body != ""
				if back != test.back || p.DeletedAt.IsZero() != test.back || c.DeletedAt.IsZero() != test.back {
					t.Errorf("they are %q (%v) and %q (%v)", p.Title, p.DeletedAt, c.Body, c.DeletedAt)
				}
				if !test.back {
					a.dropped(`kind=Undo`, test.said)
				}
			})
		})
	}
}

// signed is act, as it is sent by itself.
func (a *abroad) signed(kind string, actor *fediverse.Actor, object any) map[string]any {
	doc := a.act(kind, actor, object)
	doc["@context"] = "https://www.w3.org/ns/activitystreams"
	return doc
}

// TestNobodyElseTakesADeletionBack: neither a stranger nor a moderator, who
// could only put words into somebody's mouth; and an author does not bring
// back what a moderator removed.
func TestNobodyElseTakesADeletionBack(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	mine := page(a.lena, "mine", a.cats.IRI)
	a.lemmy.Serve("/post/mine", mine)
	a.send(a.lena, a.signed("Create", a.lena, mine))
	p := a.feed(a.cats)[0]
	if err := a.moderation.RemovePost(t.Context(), a.ann, p.ID, moderation.Removal{Reason: "spam"}, community.Origin{}); err != nil {
		t.Fatal(err)
	}
	a.send(a.lena, a.signed("Undo", a.lena, a.signed("Delete", a.lena, mine["id"])))
	if !a.again(p).Hidden() {
		t.Error("an author brought back what a moderator removed")
	}
	a.send(a.lena, a.signed("Delete", a.lena, mine["id"]))
	a.send(a.nico, a.signed("Undo", a.nico, a.signed("Delete", a.nico, mine["id"])))
	if a.again(p).DeletedAt.IsZero() {
		t.Error("a stranger brought it back")
	}
	a.send(a.lena, a.signed("Undo", a.lena, a.signed("Delete", a.lena, mine["id"])))
	if got := a.again(p); !got.DeletedAt.IsZero() || !got.Hidden() {
		t.Errorf("what was deleted and removed is %+v", got)
	}
}

// TestDeletionsTakenBackInAGroupElsewhere: the group's word is enough for that
// it was taken back, but the words are those of its author's server.
func TestDeletionsTakenBackInAGroupElsewhere(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	mine := page(a.nico, "mine", a.dogs.ID)
	a.third.Serve("/post/mine", mine)
	a.announce(a.act("Create", a.nico, mine))
	p := a.one()
	a.third.Gone("/post/mine")
	gone := a.act("Delete", a.nico, mine["id"])
	a.announce(gone)
	if a.again(p).DeletedAt.IsZero() {
		t.Fatal("it is not deleted")
	}
	a.third.Serve("/post/mine", mine)
	a.announce(a.act("Undo", a.nico, gone))
	if got := a.again(p); got.Hidden() || got.Title != p.Title {
		t.Errorf("it is %+v", got)
	}
}
