package as

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse looks for documents that are taken and then break something, or
// that are not what encoding/json sees.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, seed := range []string{
		`{}`, `{"type":["as:Note",5],"id":1}`, `{"@context":{"id":"@id"},"to":[[{}]]}`, `{"a":"\ud800","a\\":"\""}`,
		`{"nameMap":{"en":{"@value":"x"}},"published":"2026-01-01T00:00:00Z"}`, `{"type":"View","object":{"type":"View"}}`, nest(10000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := Parse(t.Context(), body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("Parse takes %q", body)
		}
		checkWalk(t, body)
		exercise(t, doc)
		for _, raw := range doc.fields {
			out, err := Announce{ID: "https://a.test/1", Actor: "https://a.test/c", Object: raw}.Marshal()
			if err != nil || !json.Valid(out) {
				t.Fatalf("Announce of %q = %q, %v", raw, out, err)
			}
		}
	})
}
