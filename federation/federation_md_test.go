package federation

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var links = regexp.MustCompile(`\]\((federation/[^)#]*)\)`)

// FEDERATION.md shows every document that we write, and no file that is not
// there.
func TestFederationMDIsComplete(t *testing.T) {
	text, err := os.ReadFile("../FEDERATION.md")
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, match := range links.FindAllStringSubmatch(string(text), -1) {
		path := filepath.Join("..", match[1])
		if _, err := os.Stat(path); err != nil {
			t.Errorf("it links to %s: %v", match[1], err)
		}
		linked = append(linked, path)
	}
	written, err := filepath.Glob("testdata/out/*.json")
	if err != nil || len(written) == 0 {
		t.Fatalf("%d goldens, %v", len(written), err)
	}
	for _, file := range written {
		if !slices.Contains(linked, filepath.Join("..", "federation", file)) {
			t.Errorf("it does not show %s", file)
		}
	}
}

var proposals = regexp.MustCompile(`/fep-([0-9a-f]{4})\.md`)

// NodeInfo tells of every proposal that FEDERATION.md says we follow, and of no
// other.
func TestCapabilitiesAreThoseOfFederationMD(t *testing.T) {
	text, err := os.ReadFile("../FEDERATION.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Supported FEPs")
	table, _, _ = strings.Cut(table, "\n## ")
	var want []string
	for _, match := range proposals.FindAllStringSubmatch(table, -1) {
		want = append(want, "fep-"+match[1])
	}
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), capabilities); diff != "" {
		t.Errorf("capabilities (-FEDERATION.md +NodeInfo):\n%s", diff)
	}
}
