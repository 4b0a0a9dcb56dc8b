package api_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/roles"
	"drystone/storage"
)

var update = flag.Bool("update", false, "write docs/permissions.md anew")

const permissionsFile = "../docs/permissions.md"

// A holder is a column of the matrix: who asks, and what they may do that not
// everybody may.
type holder struct {
	short, name string
	who         string
	may         community.Permissions
	like        string // who they are like but for that
}

// holders are the columns, with the short words at their heads.
func holders() []holder {
	list := []holder{
		{short: "out", name: "Somebody who is not signed in", who: "nobody"},
		{short: "str", name: "A stranger: signed in, and nothing to the group", who: "dave"},
		{short: "mem", name: "A member of the group", who: "p_mem"},
		{short: "aut", name: "The author of what it is about, or whose it is", who: "bob"},
	}
	for _, role := range community.GroupRoles() {
		list = append(list, holder{role.Key[:3], "A member with the role " + role.Name, "p_" + role.Key[:3], role.Permissions(), "mem"})
	}
	list = append(list,
		holder{"mod", "A moderator", "p_mod", community.ModeratorPermissions(), "mem"},
		holder{"own", "The owner of the group", "alice", community.OwnerPermissions(), "mem"})
	for _, role := range community.SiteRoles() {
		list = append(list, holder{role.Key[:3], "Somebody with the role " + role.Name + " on this server", "p_" + role.Key[:3], role.Permissions(), "str"})
	}
	return append(list, holder{"srv", "An administrator of this server", "ada", community.AdminPermissions(), "str"})
}

// people puts the holders into the world who are not there yet.
func (w *world) people() {
	w.t.Helper()
	ctx, alice := w.t.Context(), w.who["alice"].Actor
	for _, h := range holders() {
		if w.who[h.who] != nil || h.who == "nobody" {
			continue
		}
		person := w.person(h.who).Actor
		if h.like == "mem" || h.short == "mem" {
			_, err := w.groups.Join(ctx, person, w.garden, community.Origin{})
			w.check(err)
		}
	}
	w.check(w.moderation.AddModerator(ctx, alice, w.garden, w.who["p_mod"].Actor, community.Origin{}))
	for _, role := range community.GroupRoles() {
		_, err := w.roles.Give(ctx, alice, w.who["p_"+role.Key[:3]].Actor, roles.Place{Group: w.garden}, roles.Gift{Role: role.Key})
		w.check(err)
	}
	for _, role := range community.SiteRoles() {
		_, err := w.roles.Give(ctx, w.who["ada"].Actor, w.who["p_"+role.Key[:3]].Actor, roles.Place{}, roles.Gift{Role: role.Key})
		w.check(err)
	}
}

// An answer says whether somebody may.
type verdict string

const (
	may     verdict = "●"
	refused verdict = "○" // they may, and this one time something else was wrong
	never   verdict = "–"
	unknown verdict = "·"
	signIn  verdict = " "
)

func verdictOf(status int) verdict {
	switch {
	case status < 300:
		return may
	case status == 401:
		return signIn
	case status == 403:
		return never
	case status == 404:
		return unknown
	}
	return refused
}

// yes reports whether somebody may.
func (v verdict) yes() bool { return v == may || v == refused }

// A row is an operation, and what each of the holders gets.
type row struct {
	op   operation
	gets []verdict
}

// matrix has every holder ask for every operation.
func matrix(t *testing.T, db *storage.DB) []row {
	t.Helper()
	w := newWorld(t, db).settle()
	w.people()
	var rows []row
	for _, op := range operations(t, w) {
		right, known := rights[op.ID]
		if !known {
			continue // TestRights says so
		}
		r := row{op: op}
		var path string
		for _, h := range holders() {
			if path == "" { // what somebody may not do changes nothing
				if strings.Contains(op.path, "{feed}") {
					w.clearFeeds()
				}
				path = "/api/v1" + target(w, op)
				prepare(w, op)
			}
			got := w.do(op.method, path, w.filled(right.body, h.who), fresh(w, h.who))
			r.gets = append(r.gets, verdictOf(got.StatusCode))
			if op.method != "GET" && verdictOf(got.StatusCode).yes() {
				path = ""
			}
			if op.ID == "leaveGroup" && h.who != "nobody" && h.like != "str" && h.who != "dave" {
				_, err := w.groups.Join(t.Context(), w.who[h.who].Actor, w.garden, community.Origin{})
				w.check(err)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// clearFeeds ends the feeds that bob keeps: one person keeps only so many.
func (w *world) clearFeeds() {
	w.t.Helper()
	bob := w.who["bob"].Actor
	list, err := w.feeds.Kept(w.t.Context(), bob, nil)
	w.check(err)
	for _, feed := range list {
		w.check(w.feeds.Delete(w.t.Context(), bob, community.Handle{Name: feed.Name}))
	}
}

// Who holds a role may what its permissions let them do, and for all else no
// more than anybody; and the document for people says so.
func TestPermissions(t *testing.T) {
	written := make(chan string, 2)
	t.Run("matrix", func(t *testing.T) {
		try := func(t *testing.T, db *storage.DB) {
			rows := matrix(t, db)
			if !*update {
				judge(t, rows)
			}
			written <- document(rows)
		}
		if *update {
			try(t, testdb.SQLite(t))
			return
		}
		testdb.Each(t, try)
	})
	close(written)
	for text := range written {
		if *update {
			if err := os.WriteFile(permissionsFile, []byte(text), 0o644); err != nil { //nolint:gosec // it is for everybody to read
				t.Fatal(err)
			}
			continue
		}
		known, err := os.ReadFile(permissionsFile)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(known), text); diff != "" {
			t.Errorf("docs/permissions.md is not what is so; go test ./api -run TestPermissions -update writes it (-known +so):\n%s", diff)
		}
	}
}

// judge compares every cell with what the permissions say.
func judge(t *testing.T, rows []row) {
	t.Helper()
	columns := holders()
	at := func(short string) int {
		return slices.IndexFunc(columns, func(h holder) bool { return h.short == short })
	}
	asked := map[community.Permission]bool{}
	for _, p := range alsoAsked {
		asked[p] = true
	}
	for _, r := range rows {
		needs := asks[r.op.ID]
		for _, p := range needs {
			asked[p] = true
		}
		for i, h := range columns {
			if h.like == "" {
				continue
			}
			like := r.gets[at(h.like)]
			want := like.yes() || slices.ContainsFunc(needs, h.may.Has)
			if r.gets[i].yes() != want && !exceptional(r.op.ID, h) {
				t.Errorf("%s as %s: %q, want a right: %t (it asks for %v)", r.op.ID, h.name, r.gets[i], want, needs)
			}
		}
	}
	for _, a := range append(community.GroupAllowances(), community.SiteAllowances()...) {
		if a.Later == asked[a.Permission] {
			t.Errorf("%s: later is %t, and it is asked for: %t", a.Permission, a.Later, asked[a.Permission])
		}
	}
}

// document is what people read.
func document(rows []row) string {
	var b strings.Builder
	b.WriteString(preface)
	for _, h := range holders() {
		b.WriteString("| " + h.short + " | " + h.name + " |\n")
	}
	b.WriteString(legend)
	sections := map[string][]row{}
	var names []string
	for _, r := range rows {
		name := r.op.Tags[0]
		if sections[name] == nil {
			names = append(names, name)
		}
		sections[name] = append(sections[name], r)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString("\n### " + name + "\n\n| |")
		for _, h := range holders() {
			b.WriteString(" " + h.short + " |")
		}
		b.WriteString("\n|---|" + strings.Repeat(":-:|", len(holders())) + "\n")
		for _, r := range sections[name] {
			b.WriteString("| " + r.op.Summary + " (`" + r.op.ID + "`) |")
			for _, v := range r.gets {
				b.WriteString(" " + string(v) + " |")
			}
			b.WriteString("\n")
		}
	}
	b.WriteString(bundles())
	return b.String()
}

const preface = `# Who may do what

Written by a test (` + "`go test ./api -run TestPermissions -update`" + `), which has everybody below ask for everything that the API offers, and compares what they get with what their roles permit. What somebody of another server may do in a group of ours follows from the same roles: [FEDERATION.md](../FEDERATION.md) says how it reaches us. How roles are given, for how long and by whom, is in [moderating.md](moderating.md).

## Who asks

| | |
|---|---|
`

const legend = `
● may · ○ may, and in this trial something else was wrong with it, such as a name that was taken · – may not · **·** is told that there is no such thing · blank: has to sign in first

## What the API offers
`

// bundles are the permissions, and who has them.
func bundles() string {
	var b strings.Builder
	section := func(title string, list []community.Allowance, columns []holder) {
		b.WriteString("\n## " + title + "\n\n| May |")
		for _, h := range columns {
			b.WriteString(" " + h.short + " |")
		}
		b.WriteString("\n|---|" + strings.Repeat(":-:|", len(columns)) + "\n")
		for _, a := range list {
			does := a.Does
			if a.Later {
				does += " *(nothing asks for it yet)*"
			}
			b.WriteString("| " + does + " (`" + string(a.Permission) + "`) |")
			for _, h := range columns {
				mark := " "
				if h.may.Has(a.Permission) {
					mark = "●"
				}
				b.WriteString(" " + mark + " |")
			}
			b.WriteString("\n")
		}
	}
	var group, site []holder
	for _, h := range holders() {
		switch h.like {
		case "mem":
			group = append(group, h)
		case "str":
			site = append(site, h)
		}
	}
	section("What roles permit in a group", community.GroupAllowances(), group)
	section("What roles permit on this server", community.SiteAllowances(), site)
	return b.String()
}
