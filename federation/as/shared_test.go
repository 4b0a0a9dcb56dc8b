package as

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPeers parses what ten kinds of server really sent: all of it must be
// taken, and be usable without go-fed.
func TestPeers(t *testing.T) {
	const root = "../../../shared"
	documents := 0
	for _, dir := range []string{"fixtures", "captures"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			file, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, body := range documentsIn(dir, file) {
				documents++
				checkPeer(t, path, body)
			}
			return nil
		})
		if os.IsNotExist(err) {
			t.Skipf("the fixtures were absent: ../shared/%s is not there", dir)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d documents", documents)
}

// documentsIn returns the file itself, or the bodies inside of a capture.
func documentsIn(dir string, file []byte) [][]byte {
	if dir == "fixtures" {
		return [][]byte{file}
	}
	var capture struct {
		Body     *string `json:"body"`
		Response string  `json:"response_text"`
	}
	if json.Unmarshal(file, &capture) != nil {
		return nil
	}
	var bodies [][]byte
	if capture.Body != nil && strings.HasPrefix(*capture.Body, "{") {
		bodies = append(bodies, []byte(*capture.Body))
	}
	if strings.HasPrefix(capture.Response, "{") {
		bodies = append(bodies, []byte(capture.Response))
	}
	return bodies
}

func checkPeer(t *testing.T, path string, body []byte) {
	t.Helper()
	doc, err := Parse(t.Context(), body)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	checkWalk(t, body)
	exercise(t, doc)
	if doc.Has("type") && !Known(doc.Kind()) {
		t.Errorf("%s: unknown kind %q", path, doc.Kind())
	}
	if doc.Has("id") && doc.ID() == "" {
		t.Errorf("%s: id %s", path, doc.RawOf("id"))
	}
}

// exercise calls everything there is on doc and on what is inside of it.
func exercise(t *testing.T, doc Doc) {
	t.Helper()
	_, _, _, _ = doc.Kind(), doc.Audience(), doc.IsPublic(), doc.Language()
	doc.Type(t.Context())
	for key := range doc.fields {
		doc.Text(key)
		doc.Bool(key)
		doc.Int(key)
		doc.Time(key)
		if one, ok := doc.Embedded(key); ok && one.ID() != "" && one.ID() != doc.Ref(key) {
			t.Errorf("Embedded and Ref of %s differ: %s", key, doc.RawOf(key))
		}
		for _, inner := range doc.Embeddeds(key) {
			exercise(t, inner)
		}
	}
}
