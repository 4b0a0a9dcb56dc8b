package fediverse_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Ann moves from a to b. She is in groups on a, one of them private, on b and
// on a Lemmy; people on a, on b and on a Mastodon follow her.
func TestMovingBetweenTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		m := &mover{
			lemmy: fediverse.NewLemmy(t), masto: fediverse.NewMastodon(t),
			ann: a.User("ann"), cleo: a.User("cleo"), anna: b.User("anna"), bob: b.User("bob"),
		}
		for _, scene := range []struct {
			name string
			play func(*testing.T)
		}{
			{"settle", m.settle},
			{"be expected", m.beExpected},
			{"move", m.move},
			{"be followed", m.beFollowed},
			{"be offered", m.beOffered},
			{"belong", m.belong},
			{"look back", m.lookBack},
		} {
			if !t.Run(scene.name, scene.play) {
				return
			}
		}
	})
}

// A mover is ann of a, who is anna of b in the end.
type mover struct {
	lemmy           *fediverse.Neighbour
	masto           *fediverse.Microblog
	max             *fediverse.Account
	birds           *fediverse.Actor
	ann, cleo       *server.User // on a
	anna, bob       *server.User // on b
	garden, private string       // on a
	meadow          string       // on b
}

func (m *mover) old() string   { return m.ann.Server.URL + "/u/ann" }
func (m *mover) fresh() string { return m.anna.Server.URL + "/u/anna" }

// belongs waits until somebody is in a group in a way; "" is not at all.
func belongs(t *testing.T, u *server.User, group, want string) {
	t.Helper()
	server.Eventually(t, u.Name+" in "+group+": "+want, func() (bool, any) {
		var g v1.Group
		u.Call(t, "GET", "/groups/"+group, nil, &g)
		is := ""
		if g.Membership != nil && g.Membership.State != community.Absent {
			is = string(g.Membership.State)
		}
		return is == want, g
	})
}

func counted(t *testing.T, u *server.User, group string, want int64) {
	t.Helper()
	server.Eventually(t, "the members of "+group, func() (bool, any) {
		var g v1.Group
		u.Call(t, "GET", "/groups/"+group, nil, &g)
		return g.Members == want, g
	})
}

func (m *mover) settle(t *testing.T) {
	m.cleo.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden"}, nil)
	m.cleo.Call(t, "POST", "/groups", v1.GroupDraft{Name: "council", Visibility: string(community.Private)}, nil)
	m.bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "meadow"}, nil)
	m.birds = m.lemmy.Community("birds", m.lemmy.Account("nora"))
	m.garden, m.private, m.meadow = "garden@"+m.ann.Server.Host, "council@"+m.ann.Server.Host, "meadow@"+m.bob.Server.Host
	for _, there := range []string{m.meadow, "birds@" + m.lemmy.Host} {
		m.ann.Call(t, "GET", "/resolve?q=!"+there, nil, nil)
	}
	for _, group := range []string{"garden", "council", m.meadow, "birds@" + m.lemmy.Host} {
		m.ann.Call(t, "PUT", "/groups/"+group+"/membership", nil, nil)
	}
	m.cleo.Call(t, "PUT", "/groups/council/requests/ann", nil, nil)
	for _, group := range []string{"garden", "council", m.meadow, "birds@" + m.lemmy.Host} {
		belongs(t, m.ann, group, "accepted")
	}
	m.ann.Call(t, "PUT", "/people/cleo/follow", nil, nil)
	// Who looks after a group goes on to.
	m.bob.Call(t, "PUT", "/groups/meadow/moderators/ann@"+m.ann.Server.Host, nil, nil)

	m.cleo.Call(t, "PUT", "/people/ann/follow", nil, nil)
	m.bob.Call(t, "GET", "/resolve?q=@ann@"+m.ann.Server.Host, nil, nil)
	m.bob.Call(t, "PUT", "/people/ann@"+m.ann.Server.Host+"/follow", nil, nil)
	how(t, m.bob, "ann@"+m.ann.Server.Host, "accepted")
	m.max = m.masto.Account("max")
	m.max.Follow(t, m.masto.Resolve(t, "ann@"+m.ann.Server.Host))
	server.Eventually(t, "max's follow", func() (bool, any) {
		state := m.masto.Follows(m.max, m.old())
		return state == "accepted", state
	})
}

// Nobody moves where they are not expected.
func (m *mover) beExpected(t *testing.T) {
	move := v1.Destination{Target: "@anna@" + m.anna.Server.Host}
	if status, text := m.ann.Try(t, "POST", "/me/move", move); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "Add "+m.old()) {
		t.Fatalf("unexpected, she is answered %d: %s", status, text)
	}
	var list v1.Aliases
	m.anna.Call(t, "PUT", "/me/aliases", v1.Aliases{Aliases: []string{"@ann@" + m.ann.Server.Host}}, &list)
	if !slices.Equal(list.Aliases, []string{m.old()}) {
		t.Fatalf("anna is also %v", list.Aliases)
	}
	if _, text := readAs(t, m.old()+"/following"); strings.Contains(text, "garden") {
		t.Errorf("a stranger is shown what she follows: %s", text)
	}
}

func (m *mover) move(t *testing.T) {
	m.ann.Call(t, "POST", "/me/move", v1.Destination{Target: "@anna@" + m.anna.Server.Host}, nil)
	server.Eventually(t, "b's word that ann moved", func() (bool, any) {
		var p v1.Person
		m.bob.Call(t, "GET", "/people/ann@"+m.ann.Server.Host, nil, &p)
		return p.MovedTo == m.fresh(), p
	})
	toldOf(t, m.anna, "moved_in", "ann@"+m.ann.Server.Host, true)
}

// Who followed her does where she lives now, wherever they live.
func (m *mover) beFollowed(t *testing.T) {
	how(t, m.cleo, "anna@"+m.anna.Server.Host, "accepted")
	how(t, m.cleo, "ann", "")
	how(t, m.bob, "anna", "accepted")
	how(t, m.bob, "ann@"+m.ann.Server.Host, "")
	server.Eventually(t, "that max goes along", func() (bool, any) {
		is, was := m.masto.Follows(m.max, m.fresh()), m.masto.Follows(m.max, m.old())
		return is == "accepted" && was == "", []string{is, was}
	})
	server.Eventually(t, "her followers", func() (bool, any) {
		var p v1.Person
		m.bob.Call(t, "GET", "/people/anna", nil, &p)
		return p.Followers == 3, p
	})
}

// What she followed is offered to her, and to nobody else; nothing happens
// before she says so.
func (m *mover) beOffered(t *testing.T) {
	server.Eventually(t, "the offer", func() (bool, any) {
		status, text := m.anna.Try(t, "GET", "/me/import", nil)
		var im v1.Import
		_ = json.Unmarshal(text, &im)
		return status == http.StatusOK && im.State == string(community.ImportRead) && im.Total >= 5, string(text)
	})
	if _, text := readAs(t, m.old()+"/following"); strings.Contains(text, "council") || strings.Contains(text, "birds") {
		t.Errorf("a stranger is shown what she follows: %s", text)
	}
	m.anna.Call(t, "POST", "/me/import/start", v1.ImportStart{}, nil)
	server.Eventually(t, "the end of it", func() (bool, any) {
		var im v1.Import
		m.anna.Call(t, "GET", "/me/import", nil, &im)
		return im.State == string(community.ImportDone), im
	})
}

// She belongs to all of it by her new name, without being asked again, and in
// none of it twice where one of the two servers counts.
func (m *mover) belong(t *testing.T) {
	for _, group := range []string{m.garden, m.private, "meadow", "birds@" + m.lemmy.Host} {
		belongs(t, m.anna, group, "accepted")
	}
	how(t, m.anna, "cleo@"+m.cleo.Server.Host, "accepted")
	for _, group := range []string{"garden", "council", m.meadow} {
		belongs(t, m.ann, group, "")
	}
	counted(t, m.cleo, "garden", 2)
	counted(t, m.cleo, "council", 2)
	counted(t, m.bob, "meadow", 2)
	holds(t, m.lemmy, m.birds.ID, "anna's Follow", func(r *fediverse.Room) bool { return r.Followers[m.fresh()] != "" })
	server.Eventually(t, "that she looks after the meadow", func() (bool, any) {
		var g v1.Group
		m.anna.Call(t, "GET", "/groups/meadow", nil, &g)
		return g.Membership != nil && g.Membership.Role == community.Moderator, g.Membership
	})
	var post v1.Post
	m.anna.Call(t, "POST", "/groups/"+m.private+"/posts", v1.PostDraft{Title: "From my new house"}, &post)
	seePost(t, m.cleo, "/groups/council/posts", func(p v1.Post) bool { return p.URL == post.URL })
}

// The old account says where she is, to people and to servers, begins nothing,
// and does not move on.
func (m *mover) lookBack(t *testing.T) {
	var p v1.Person
	m.cleo.Call(t, "GET", "/people/ann", nil, &p)
	if p.MovedTo != m.fresh() {
		t.Errorf("the old profile says that she lives at %q", p.MovedTo)
	}
	if status, text := readAs(t, m.old()); status != http.StatusOK || !strings.Contains(text, `"movedTo":"`+m.fresh()+`"`) {
		t.Errorf("the old account answers %d: %s", status, text)
	}
	if _, text := readAs(t, m.fresh()); !strings.Contains(text, `"alsoKnownAs":["`+m.old()+`"]`) {
		t.Errorf("the new account says %s", text)
	}
	if status, text := m.ann.Try(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Still here"}); status != http.StatusForbidden {
		t.Errorf("the old account posts: %d %s", status, text)
	}
	m.bob.Call(t, "GET", "/people/ann@"+m.ann.Server.Host, nil, nil)
}

// readAs asks for a document as anybody may.
func readAs(t *testing.T, address string) (status int, text string) {
	t.Helper()
	return read(t, nil, address)
}
