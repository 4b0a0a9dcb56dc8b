package federation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// advisories are what docs/security.md has to have a line for.
var advisories = strings.Fields(`
	CVE-2024-23832 CVE-2024-25623 CVE-2024-25636 CVE-2024-37903 CVE-2023-36460 CVE-2023-36459 CVE-2023-42451
	CVE-2026-22245 GHSA-vwhj-3g83-v276 GHSA-crr4-7rm4-8gpw GHSA-xx55-4rrg-8xg6
	CVE-2026-46349 CVE-2026-48028 GHSA-9rfg-v8g9-9367 CVE-2026-50128 CVE-2026-23961 CVE-2026-33869 GHSA-8h43-rcqj-wpc6
	GHSA-gg8q-rcg7-p79g GHSA-ccpr-m53r-mfwr GHSA-gwhw-gcjx-72v8
	CVE-2025-25194 CVE-2026-33693 CVE-2026-29178 CVE-2024-23649
	CVE-2023-49079 CVE-2024-52591 CVE-2026-28431 CVE-2026-28432 CVE-2025-54888 CVE-2026-50131 NodeBB CVE-2025-30741
`)

var (
	advisoryID = regexp.MustCompile(`CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3}|NodeBB`)
	testLink   = regexp.MustCompile(`\[(Test\w+)\]\(\.\./([^)]+_test\.go)\)`)
)

// docs/security.md names a test for each advisory, which is there and is named
// after it, itself or one of its cases.
func TestSecurityMDNamesTests(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		for _, link := range testLink.FindAllStringSubmatch(line, -1) {
			if namesIn(t, filepath.Join("..", link[2]), link[1]) == "" {
				t.Errorf("there is no %s in %s", link[1], link[2])
			}
		}
		cells := strings.Split(line, "|")
		if len(cells) != 6 || strings.HasPrefix(cells[1], "-") || strings.TrimSpace(cells[1]) == "Advisory" {
			continue
		}
		ids, links := advisoryID.FindAllString(cells[1], -1), testLink.FindAllStringSubmatch(cells[4], -1)
		if len(ids) == 0 || len(links) == 0 {
			t.Errorf("this line names no advisory or no test: %s", line)
		}
		names := ""
		for _, link := range links {
			found := namesIn(t, filepath.Join("..", link[2]), link[1])
			if found == "" {
				t.Errorf("there is no %s in %s", link[1], link[2])
			}
			names += found
		}
		for _, id := range ids {
			if !strings.Contains(names, plainly(id)) {
				t.Errorf("none of the tests of %s is named after it", id)
			}
			covered[id] = true
		}
	}
	for _, id := range advisories {
		if !covered[id] {
			t.Errorf("there is no line for %s", id)
		}
	}
}

// plainly is an id as it can be part of the name of a function.
func plainly(id string) string { return strings.NewReplacer("-", "", "_", "").Replace(id) }

// namesIn returns the name of a test, and all text in it that could be that of
// a case; nothing if there is no such test.
func namesIn(t *testing.T, file, test string) string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return ""
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Name.Name != test || f.Recv != nil {
			continue
		}
		names := plainly(test) + "\n"
		ast.Inspect(f, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				names += plainly(text.Value) + "\n"
			}
			return true
		})
		return names
	}
	return ""
}
