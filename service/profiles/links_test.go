package profiles

import (
	"context"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

const me = "https://here.example/u/alice"

func TestLeadsTo(t *testing.T) {
	for name, test := range map[string]struct {
		page string
		want bool
	}{
		"a link":                    {`<p><a rel="me" href="https://here.example/u/alice">me</a>`, true},
		"in the head":               {`<head><link href="https://here.example/u/alice" rel=me></head>`, true},
		"among other words":         {`<a class=x rel="nofollow ME noopener" href='https://here.example/u/alice/'>`, true},
		"with a place in the page":  {`<a rel=me href="https://here.example/u/alice#top">`, true},
		"in other letters":          {`<A REL=me HREF="HTTPS://HERE.example/u/Alice">`, true},
		"escaped":                   {`<a rel=me href="https://here.example&#47;u/alice">`, true},
		"without rel":               {`<a href="https://here.example/u/alice">`, false},
		"rel of something else":     {`<a rel="melon home" href="https://here.example/u/alice">`, false},
		"to somebody else":          {`<a rel=me href="https://here.example/u/alice2">`, false},
		"to another server":         {`<a rel=me href="https://there.example/u/alice">`, false},
		"only in words":             {`rel="me" href="https://here.example/u/alice"`, false},
		"in a comment":              {`<!-- <a rel=me href="https://here.example/u/alice"> -->`, false},
		"in a script":               {`<script>"<a rel=me href='https://here.example/u/alice'>"</script>`, false},
		"in a box for words":        {`<textarea><a rel=me href="https://here.example/u/alice"></textarea>`, false},
		"in another attribute":      {`<a rel=me title='href="https://here.example/u/alice"'>`, false},
		"the second href":           {`<a rel=me href="https://x.example" href="https://here.example/u/alice">`, false},
		"no page":                   {"", false},
		"bytes":                     {"\x00\xff<a rel=me href=\xff>", false},
		"a picture of a link":       {`<img rel=me href="https://here.example/u/alice">`, false},
		"the address of the server": {`<a rel=me href="https://here.example/">`, false},
	} {
		if got := LeadsTo([]byte(test.page), me); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzLeadsTo(f *testing.F) {
	for _, page := range []string{`<a rel=me href="https://here.example/u/alice">`, `<script><a`, `<!--`, "<a rel=me", "<link \x00"} {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		LeadsTo([]byte(page), me)
		if !LeadsTo([]byte(`<a rel=me href="`+me+`">`+page), me) {
			t.Error("what follows a link hides it")
		}
	})
}

// A web is pages by address, or why they cannot be read.
type web struct {
	mu    sync.Mutex
	pages map[string]string
	fails map[string]error
	asked map[string]int
}

func (w *web) fetch(_ context.Context, url string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[url]++
	if err := w.fails[url]; err != nil {
		return nil, err
	}
	page, found := w.pages[url]
	if !found {
		return nil, fault.New(fault.NotFound, "404")
	}
	return []byte(page), nil
}

type world struct {
	*Service
	*web
	at    time.Time
	alice *community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{
		at:  time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		web: &web{pages: map[string]string{}, fails: map[string]error{}, asked: map[string]int{}},
	}
	var err error
	w.Service, err = New(Options{DB: db, Origin: "https://here.example", Now: func() time.Time { return w.at }, Fetch: w.fetch})
	check(t, err)
	w.alice = w.actor(t, community.Person, "alice")
	return w
}

func (w *world) actor(t *testing.T, kind community.ActorKind, name string) *community.Actor {
	t.Helper()
	a := &community.Actor{Kind: kind, Name: name, IRI: "https://here.example/u/" + name, CreatedAt: w.now(), UpdatedAt: w.now()}
	check(t, w.DB.AddActor(t.Context(), a))
	return a
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// verified returns since when each line of alice's leads back.
func (w *world) verified(t *testing.T) (since []bool) {
	t.Helper()
	p, err := w.Of(t.Context(), w.alice)
	check(t, err)
	for _, f := range p.Fields {
		since = append(since, !f.VerifiedAt.IsZero())
	}
	return since
}

func (w *world) says(t *testing.T, want ...bool) {
	t.Helper()
	check(t, w.CheckLinks(t.Context()))
	got := w.verified(t)
	if len(got) != len(want) {
		t.Fatalf("%v lines", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("verified: %v, want %v", got, want)
			return
		}
	}
}

func (w *world) write(t *testing.T, values ...string) {
	t.Helper()
	fields := []community.ProfileField{}
	for _, v := range values {
		fields = append(fields, community.ProfileField{Name: "Page", Value: v})
	}
	_, err := w.Edit(t.Context(), w.alice, Change{Fields: fields})
	check(t, err)
}

func TestCheckLinks(t *testing.T) {
	const good, bad, down = "https://good.example/", "https://bad.example/", "https://down.example/"
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		link := `<a rel=me href="` + me + `">`
		w.pages[good], w.pages[bad] = link, "<p>Nothing here."
		w.fails[down] = fault.New(fault.Unavailable, "down")
		w.write(t, good, bad, down, "see "+good)
		w.says(t, true, false, false, false)

		// Nothing is asked again before a week is over, but what was down.
		w.pages[good], w.pages[bad] = "", link
		w.at = w.at.Add(7 * time.Hour)
		delete(w.fails, down)
		w.pages[down] = link
		w.says(t, true, false, true, false)
		if w.asked[good] != 1 || w.asked[bad] != 1 || w.asked[down] != 2 {
			t.Errorf("asked %v", w.asked)
		}
		// After it, what is gone from the page is gone from the profile.
		w.at = w.at.Add(7 * 24 * time.Hour)
		w.says(t, false, true, true, false)

		// A page that is down is believed for a while, and then no more.
		w.fails[down] = fault.New(fault.Unavailable, "down")
		for range 13 {
			w.at = w.at.Add(24 * time.Hour)
			w.says(t, w.verified(t)[0], true, true, false)
		}
		w.at = w.at.Add(48 * time.Hour)
		w.says(t, false, true, false, false)

		// Another order of the lines is no news; another address is.
		w.write(t, bad, "https://new.example/")
		if got := w.verified(t); !got[0] || got[1] {
			t.Errorf("after writing: %v", got)
		}
		w.says(t, true, false)
	})
}

// What was written while a page was read stays as it was written.
func TestLinksThatChangeMeanwhile(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.write(t, "https://good.example/")
	due, err := w.DB.DueLinks(t.Context(), w.now(), 10)
	check(t, err)
	w.write(t, "https://other.example/")
	w.pages["https://good.example/"] = `<a rel=me href="` + me + `">`
	check(t, w.checkLink(t.Context(), due[0]))
	if got := w.verified(t); got[0] {
		t.Error("a page that nobody looked at is verified")
	}
}

func TestEdit(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		facts := func() int {
			t.Helper()
			check(t, db.NumberFacts(t.Context()))
			list, err := db.Facts(t.Context(), 0, 100)
			check(t, err)
			for _, f := range list {
				if f.Kind != community.PersonEdited || f.ActorID != w.alice.ID {
					t.Errorf("fact %+v", f)
				}
			}
			return len(list)
		}
		locked := true
		for _, step := range []struct {
			name   string
			change Change
			want   fault.Code
			facts  int // in all
		}{
			{"nothing", Change{}, fault.None, 0},
			{"what is not for others", Change{Languages: []string{"en"}, Interests: []string{"walls"}, Quiet: &Hours{"UTC", 60, 120}}, fault.None, 0},
			{"a line", Change{Fields: []community.ProfileField{{Name: "a", Value: "b"}}}, fault.None, 1},
			{"the same line", Change{Fields: []community.ProfileField{{Name: " a", Value: "b "}}}, fault.None, 1},
			{"followers by approval", Change{Locked: &locked}, fault.None, 2},
			{"again", Change{Locked: &locked}, fault.None, 2},
			{"something wrong among what is right", Change{Interests: []string{"x"}, Fields: []community.ProfileField{{Name: "\u202e", Value: "b"}}}, fault.Invalid, 2},
		} {
			_, err := w.Edit(t.Context(), w.alice, step.change)
			if fault.CodeOf(err) != step.want {
				t.Errorf("%s: %v", step.name, err)
			}
			if got := facts(); got != step.facts {
				t.Errorf("%s: %d facts, want %d", step.name, got, step.facts)
			}
		}
		p, err := w.Of(t.Context(), w.alice)
		check(t, err)
		if p.Interests != "walls" || p.QuietTo != 120 || len(p.Fields) != 1 {
			t.Errorf("in the end: %+v", p)
		}
	})
}
