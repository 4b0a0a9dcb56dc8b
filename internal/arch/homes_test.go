package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// homes says where a library lives, where that is smaller or larger than the
// one folder that any library may have.
var homes = map[string][]string{
	"github.com/labstack/echo":            {"api", "cmd"},
	"github.com/danielgtaylor/huma":       {"api"},
	"github.com/uptrace/bun":              {"storage", "migrations", "internal/testdb"},
	"github.com/jackc/pgx":                {"storage"},
	"modernc.org/sqlite":                  {"storage"},
	"github.com/go-fed/activity":          {"federation/as"},
	"github.com/go-fed/httpsig":           {"federation/httpsig"},
	"github.com/gowebpki/jcs":             {"federation/proof"},
	"github.com/dunglas/httpsfv":          {"federation/httpsig"},
	"github.com/go-webauthn/webauthn":     {"service/accounts"},
	"github.com/alexedwards/argon2id":     {"service/accounts"},
	"github.com/pquerna/otp":              {"service/accounts"},
	"github.com/boombuler/barcode":        {"service/accounts"},
	"github.com/wneessen/go-mail":         {"service/mail"},
	"github.com/yuin/goldmark":            {"community/markup"},
	"github.com/microcosm-cc/bluemonday":  {"community/markup"},
	"github.com/alecthomas/kong":          {"cmd"},
	"github.com/prometheus/client_golang": {"cmd"},
	"github.com/minio/minio-go":           {"storage/blobs"},
	"github.com/gen2brain/webp":           {"service/media"},
	"github.com/bbrks/go-blurhash":        {"service/media"},
	"golang.org/x/image":                  {"service/media"},
	"go.yaml.in/yaml":                     {"config"},
}

// common are as free as the standard library.
var common = []string{"golang.org/x", "github.com/google/uuid", "github.com/google/go-cmp", "pgregory.net/rapid"}

func TestOneLibraryOneHome(t *testing.T) {
	for _, breach := range homeless(packages(t)) {
		t.Error(breach)
	}
}

// homeless lists the imports of libraries outside their home. A library that
// homes does not name may live in one folder of the drawing, whichever.
func homeless(pkgs []*pkg) []string {
	var breaches []string
	lodgers := map[string][]string{} // library → folders
	for _, p := range pkgs {
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			library := libraryOf(path)
			switch home, named := homes[library]; {
			case library == "" || slices.Contains(common, library):
			case !named:
				if at := folder(p.ImportPath); !slices.Contains(lodgers[library], at) {
					lodgers[library] = append(lodgers[library], at)
				}
			case !withinAny(p.ImportPath, home):
				breaches = append(breaches, fmt.Sprintf("%s → %s: its home is %s", p.ImportPath, path, strings.Join(home, ", ")))
			}
		}
	}
	for library, folders := range lodgers {
		if len(folders) > 1 {
			slices.Sort(folders)
			breaches = append(breaches, fmt.Sprintf("%s lives in %s: one library, one home (or name its homes in internal/arch)", library, strings.Join(folders, ", ")))
		}
	}
	slices.Sort(breaches)
	return slices.Compact(breaches)
}

// libraryOf is the library that a package belongs to, or nothing for the
// standard library and for our own packages.
func libraryOf(path string) string {
	for name := range homes {
		if within(path, name) {
			return name
		}
	}
	for _, name := range common {
		if within(path, name) {
			return name
		}
	}
	parts := strings.SplitN(path, "/", 4)
	if !strings.Contains(parts[0], ".") {
		return ""
	}
	return strings.Join(parts[:min(3, len(parts))], "/")
}

func TestOneLibraryOneHomeBites(t *testing.T) {
	uses := func(from string, paths ...string) *pkg { return &pkg{ImportPath: from, Imports: paths} }
	tests := []struct {
		name string
		pkgs []*pkg
		want []string
	}{
		{"at home", []*pkg{uses("api/v1", "github.com/labstack/echo/v4/middleware"), uses("federation/as", "github.com/go-fed/activity/streams")}, nil},
		{"abroad", []*pkg{uses("federation", "github.com/labstack/echo/v4")}, []string{"federation → github.com/labstack/echo/v4: its home is api, cmd"}},
		{"one floor up", []*pkg{uses("federation", "github.com/go-fed/activity/pub")}, []string{"federation → github.com/go-fed/activity/pub: its home is federation/as"}},
		{"unnamed, in one folder", []*pkg{uses("api/v1", "example.org/a/b/c"), uses("api/web", "example.org/a/b")}, nil},
		{"unnamed, in two", []*pkg{uses("api/v1", "example.org/a/b/c"), uses("jobs", "example.org/a/b")}, []string{"example.org/a/b lives in api, jobs: one library, one home (or name its homes in internal/arch)"}},
		{"common", []*pkg{uses("api/v1", "golang.org/x/sync/errgroup"), uses("jobs", "golang.org/x/sync/errgroup", "net/http")}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, homeless(test.pkgs)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
