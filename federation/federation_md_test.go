package federation

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
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
