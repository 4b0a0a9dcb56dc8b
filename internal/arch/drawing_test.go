package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything is for those who wire the house or watch it from outside.
const everything = "everything"

// allowed is the drawing: which folders may import which. A folder includes the
// folders below it.
var allowed = map[string][]string{
	"cmd":        {everything},
	"config":     {},
	"fault":      {},
	"community":  {"fault"},
	"storage":    {"fault", "community"},
	"migrations": {},
	"service":    {"fault", "community", "storage"},
	"jobs":       {"fault", "community", "storage"},
	"api":        {"fault", "community", "service"},
	"federation": {"fault", "community", "service", "storage", "jobs"},
	"frontend":   {},

	"internal/arch":      {},
	"internal/testdb":    {"migrations", "storage"},
	"internal/fediverse": {everything},
	"internal/postbox":   {},
	"internal/bench":     {everything},
	"internal/carry":     {"fault", "community", "service"}, // what an import does, for cmd and internal/fediverse
}

// allowedInTests may be imported by any test besides what its package may: a
// test has to say what is already there.
var allowedInTests = []string{"internal/testdb", "internal/fediverse", "internal/postbox", "storage", "migrations", "community", "fault"}

// pure are packages below a folder that are held to more than it: they import
// nothing of ours at all.
var pure = []string{"community/markup"}

func TestArrows(t *testing.T) {
	for _, breach := range brokenArrows(packages(t)) {
		t.Error(breach)
	}
}

// brokenArrows lists the imports that the drawing does not have.
func brokenArrows(pkgs []*pkg) []string {
	var breaches []string
	for _, p := range pkgs {
		from := folder(p.ImportPath)
		if _, drawn := allowed[from]; !drawn {
			breaches = append(breaches, fmt.Sprintf("%s is not in the drawing (allowed, in internal/arch)", p.ImportPath))
			continue
		}
		for _, path := range ours(p.Imports) {
			if why := refuse(p.ImportPath, path, false); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s → %s: %s", p.ImportPath, path, why))
			}
		}
		for _, path := range ours(slices.Concat(p.TestImports, p.XTestImports)) {
			if why := refuse(p.ImportPath, path, true); why != "" {
				breaches = append(breaches, fmt.Sprintf("tests of %s → %s: %s", p.ImportPath, path, why))
			}
		}
	}
	return breaches
}

// refuse says why the package from may not import the package to, or nothing.
func refuse(from, to string, test bool) string {
	switch a, b := folder(from), folder(to); {
	case from == to:
		return ""
	case a == "service" && b == "service":
		if slice(from) != slice(to) && !test { // a reader of facts is tried with the slice that records them
			return "a slice of service never knows another; share rules through community, data through storage"
		}
		return ""
	case test && withinAny(to, allowedInTests):
		return ""
	case slices.Contains(pure, from) && !test:
		return from + " imports nothing of ours"
	case a == b, allowed[a] != nil && slices.Contains(allowed[a], everything), slices.Contains(allowed[a], b):
		return ""
	case len(allowed[a]) == 0:
		return a + " imports nothing of ours"
	default:
		return fmt.Sprintf("%s may import only %s", a, strings.Join(allowed[a], ", "))
	}
}

// folder is the row of the drawing that a package belongs to.
func folder(path string) string {
	parts := strings.SplitN(path, "/", 3)
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// slice is the slice of service that a package belongs to.
func slice(path string) string {
	return strings.Join(strings.SplitN(path, "/", 3)[:min(2, strings.Count(path, "/")+1)], "/")
}

// ours are the imports that are packages of this module, named as pkg names
// them.
func ours(imports []string) []string {
	var list []string
	for _, path := range imports {
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			list = append(list, rest)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// The test above is worth something only if it bites.
func TestArrowsBite(t *testing.T) {
	production := func(from, to string) *pkg {
		return &pkg{ImportPath: from, Imports: []string{"fmt", module + "/" + to}}
	}
	test := func(from, to string) *pkg {
		return &pkg{ImportPath: from, XTestImports: []string{"testing", module + "/" + to}}
	}
	tests := []struct {
		pkg  *pkg
		want string // the breach, or nothing
	}{
		{production("cmd/drystone", "federation/as"), ""},
		{production("api/v1", "service/posts"), ""},
		{production("api/v1", "api/web"), ""},
		{production("api/v1", "storage"), "api/v1 → storage: api may import only fault, community, service"},
		{production("service/posts", "storage"), ""},
		{production("service/posts", "service/votes"), "service/posts → service/votes: a slice of service never knows another; share rules through community, data through storage"},
		{production("service/accounts/passkeys", "service/accounts"), ""},
		{production("service/posts", "jobs"), "service/posts → jobs: service may import only fault, community, storage"},
		{production("storage", "migrations"), "storage → migrations: storage may import only fault, community"},
		{production("config", "fault"), "config → fault: config imports nothing of ours"},
		{production("community", "community/markup"), ""},
		{production("community/markup", "community"), "community/markup → community: community/markup imports nothing of ours"},
		{production("storage", "internal/testdb"), "storage → internal/testdb: storage may import only fault, community"},
		{production("internal/testdb", "storage"), ""},
		{production("helpers", "fault"), "helpers is not in the drawing (allowed, in internal/arch)"},
		{test("api/v1", "internal/testdb"), ""},
		{test("api/v1", "storage"), ""},
		{test("federation", "internal/fediverse"), ""},
		{test("service/posts", "service/groups"), ""},
		{test("api/v1", "federation"), "tests of api/v1 → federation: api may import only fault, community, service"},
	}
	for _, test := range tests {
		var want []string
		if test.want != "" {
			want = []string{test.want}
		}
		if diff := cmp.Diff(want, brokenArrows([]*pkg{test.pkg})); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.pkg, diff)
		}
	}
}
