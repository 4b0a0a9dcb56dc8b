package federation_test

import (
	"net/http"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// sync reads dogs again, with its moderators, some time later.
func (a *abroad) sync() {
	a.t.Helper()
	a.pass(25 * time.Hour)
	if b, err := a.fed.FreshenGroup(a.t.Context(), a.ann, a.group); err != nil || b.State != community.BackfillAsked {
		a.t.Fatal(b, err)
	}
	a.workAll()
}

// overtaken makes dogs list who moderates it while something happens that the
// list, on its way already, does not know of.
func (a *abroad) overtaken(happens func() error, list ...string) {
	a.lemmy.ServeFunc("/c/dogs/moderators", func(w http.ResponseWriter, _ *http.Request) {
		if err := happens(); err != nil {
			a.t.Error(err)
		}
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(fediverse.JSON(a.t, map[string]any{
			"id": a.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": list,
		}))
	})
}

// looks wants ann, who is a member of dogs, to moderate it or not.
func (a *abroad) looks(after string, moderates bool) {
	a.t.Helper()
	if m := a.member(a.group, a.ann); m.Moderates() != moderates || !m.Follows() || m.ModeratesSince.IsZero() == moderates {
		a.t.Errorf("after %s ann is %+v", after, m)
	}
}

// TestModeratorsAnnouncedAndListed: who moderates a group elsewhere is
// announced as it changes and listed by its server. The newer word counts.
func TestModeratorsAnnouncedAndListed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		mod := a.lemmy.Person("mod")
		a.announce(a.act("Add", mod, a.ann.IRI, "target", a.dogs.ID+"/moderators"))
		a.looks("an Add", true)

		ann := &fediverse.Actor{ID: a.ann.IRI}
		a.moderators(mod, ann)
		a.sync()
		a.looks("a list with her", true)
		if m := a.member(a.group, a.stored(mod)); !m.Moderates() {
			t.Errorf("who else is listed is %+v", m)
		}

		from := community.Origin{IRI: a.lemmy.URL + "/remove/1", Activity: []byte("{}"), Vouched: true}
		a.overtaken(func() error {
			return a.moderation.RemoveModerator(t.Context(), a.stored(mod), a.group, a.ann, from)
		}, mod.ID, a.ann.IRI)
		a.sync()
		a.looks("a Remove that overtook the list", false)

		from.IRI = a.lemmy.URL + "/add/2"
		a.overtaken(func() error {
			return a.moderation.AddModerator(t.Context(), a.stored(mod), a.group, a.ann, from)
		}, mod.ID)
		a.sync()
		a.looks("an Add that overtook the list", true)

		a.moderators(mod)
		a.sync()
		a.looks("a list without her", false)
		a.moderators(mod, ann)
		a.sync()
		a.looks("a list with her again", true)
	})
}
