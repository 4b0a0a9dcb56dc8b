package federation_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A tally is what became of everything that was recorded: by the shape of the
// activity, and by the software that sent it.
type tally struct {
	cells   map[string]map[string]map[string]bool // shape, software, outcome
	reasons map[string]map[string]bool            // reason, shapes
}

func newTally() *tally {
	return &tally{cells: map[string]map[string]map[string]bool{}, reasons: map[string]map[string]bool{}}
}

// software is what recorded a fixture, by its path.
func software(path string) string {
	parts := strings.Split(path, "/") // captures/gotosocial/…, fixtures/from-mbin/…, fixtures/from-lemmy/friendica/…
	name := strings.TrimPrefix(parts[1], "from-")
	if name == "lemmy" {
		return parts[2]
	}
	return name
}

// figure writes an activity as people do: Announce{Create{Page}}.
func figure(t *testing.T, body []byte) string {
	t.Helper()
	doc, err := as.Parse(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	return figureOf(doc)
}

func figureOf(doc as.Doc) string {
	inner := doc.Embeddeds("object")
	if doc.Actor() == "" {
		inner = nil // an object
	}
	switch {
	case len(inner) > 1:
		return fmt.Sprintf("%s{%s, …}", doc.Kind(), figureOf(inner[0]))
	case len(inner) == 1:
		return fmt.Sprintf("%s{%s}", doc.Kind(), figureOf(inner[0]))
	case doc.Kind() == as.KindAnnounce:
		return "Announce{id}"
	case doc.Kind() == "":
		return "…"
	}
	return doc.Kind()
}

func (t *tally) add(software, shape, outcome, reason string) {
	if t.cells[shape] == nil {
		t.cells[shape] = map[string]map[string]bool{}
	}
	if t.cells[shape][software] == nil {
		t.cells[shape][software] = map[string]bool{}
	}
	t.cells[shape][software][outcome] = true
	if reason != "" {
		if t.reasons[reason] == nil {
			t.reasons[reason] = map[string]bool{}
		}
		t.reasons[reason][shape] = true
	}
}

// outcome puts a reason into one of three words. What was known already was
// stored before.
func outcome(reason string) string {
	switch {
	case reason == "", strings.Contains(reason, "is known already"):
		return "stored"
	case refusal.MatchString(reason):
		return "refused"
	}
	return "ignored"
}

var (
	refusal   = regexp.MustCompile(`^40[013] |cannot|without its word|not public|is not by|another server|is no moderator|may not|banned`)
	addresses = regexp.MustCompile(`"?https?://[^ ]+|[a-zA-Z0-9_.~-]+@?127\.0\.0\.1:\d+|\d{3,}`)
	traces    = regexp.MustCompile(`^\d{3} |[a-z]+\.\w+\([^)]*\): |: sql: no rows in result set| inner_(kind|actor)=\S+`)
)

// plainReason is a reason without what differs from run to run.
func plainReason(reason string) string {
	reason = traces.ReplaceAllString(reason, "")
	reason = addresses.ReplaceAllString(reason, "…")
	return strings.TrimSpace(traces.ReplaceAllString(reason, ""))
}

// markdown writes the two tables of FEDERATION.md.
func (t *tally) markdown() string {
	var columns []string
	for _, row := range t.cells {
		for name := range row {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	slices.Sort(columns)
	var b strings.Builder
	fmt.Fprintf(&b, "| Activity | %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, shape := range slices.Sorted(maps.Keys(t.cells)) {
		fmt.Fprintf(&b, "| `%s` |", shape)
		for _, name := range columns {
			fmt.Fprintf(&b, " %s |", strings.Join(slices.Sorted(maps.Keys(t.cells[shape][name])), ", "))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| Why not stored | Of |\n|---|---|\n")
	reasons := slices.SortedFunc(maps.Keys(t.reasons), func(a, b string) int { return cmp.Compare(a, b) })
	for _, reason := range reasons {
		fmt.Fprintf(&b, "| %s | `%s` |\n", strings.ReplaceAll(reason, "|", "\\|"), strings.Join(slices.Sorted(maps.Keys(t.reasons[reason])), "`, `"))
	}
	return b.String()
}

// Marks around the generated part of FEDERATION.md.
const (
	tableBegin = "<!-- begin: written by go test ./federation -run TestFixtures -update -->\n"
	tableEnd   = "<!-- end -->\n"
)

// compare holds the tables in FEDERATION.md against what was seen, or writes
// them anew.
func (t *tally) compare(tb testing.TB) {
	tb.Helper()
	const path = "../FEDERATION.md"
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegin)
	written, after, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		tb.Fatalf("%s has no place for the tables", path)
	}
	want := t.markdown()
	if written == want {
		return
	}
	if flag.Lookup("update").Value.String() != "true" {
		tb.Errorf("%s says of recorded activities\n%s\nand this run\n%s\nwrite it anew with -update", path, written, want)
		return
	}
	if err := os.WriteFile(path, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil { //nolint:gosec // a document for everybody
		tb.Fatal(err)
	}
}
