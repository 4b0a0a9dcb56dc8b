package as

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drystone/fault"

	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, body string) Doc {
	t.Helper()
	doc, err := Parse(t.Context(), []byte(body))
	if err != nil {
		t.Fatalf("Parse(%.200s) = %v", body, err)
	}
	return doc
}

func parseFile(t testing.TB, name string) Doc {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(body))
}

func nest(depth int) string {
	return `{"a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}"
}

func list(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }

func wide(keys int) string {
	var b strings.Builder
	for i := range keys {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	return "{" + b.String()[1:] + "}"
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, body string }{
		{"nothing", ""},
		{"space", "  "},
		{"null", "null"},
		{"an array", `[{"id":"https://a.test/1"}]`},
		{"a string", `"https://a.test/1"`},
		{"half an object", `{"id":`},
		{"an open string", `{"id":"a`},
		{"an open escape", `{"id":"\`},
		{"two documents", `{} {}`},
		{"a tail", `{"a":1}x`},
		{"too many braces", `{"a":1}}`},
		{"mixed brackets", `{"a":[1}]`},
		{"a trailing comma", `{"a":1,}`},
		{"no comma", `{"a":1 "b":2}`},
		{"a bare word", `{"a":bare}`},
		{"invalid UTF-8", "{\"a\":\"\xff\"}"},
		{"too large", `{"a":"` + strings.Repeat("x", MaxBytes) + `"}`},
		{"33 deep", nest(33)},
		{"10000 deep", nest(10000)},
		{"10000 deep and not closed", strings.Repeat(`{"a":[`, 5000)},
		{"a long array", `{"a":` + list(1001) + `}`},
		{"a wide object", wide(1001)},
		{"too many values", `{"a":[` + strings.TrimSuffix(strings.Repeat(list(900)+",", 12), ",") + `]}`},
		{"a duplicate key", `{"id":"https://a.test/1","id":"https://b.test/1"}`},
		{"a duplicate key in disguise", `{"id":"https://a.test/1","\u0069d":"https://b.test/1"}`},
		{"a duplicate key below", `{"object":[{"x":{"actor":1,"actor":2}}]}`},
		{"@graph", `{"@graph":[{"id":"https://a.test/1"}]}`},
		{"@graph below", `{"object":{"@graph":[]}}`},
		{"@graph in disguise", `{"@\u0067raph":[]}`},
		{"@included", `{"@included":[]}`},
		{"@reverse", `{"@reverse":{"object":{}}}`},
		{"@reverse in an extension", `{"x:y":{"@reverse":{}}}`},
		{"@nest", `{"@nest":{"actor":"https://b.test/1"}}`},
		{"@id", `{"@id":"https://b.test/1","id":"https://a.test/1"}`},
		{"@type", `{"object":{"@type":"Note"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, err := Parse(t.Context(), []byte(test.body))
			if fault.CodeOf(err) != fault.Invalid || !doc.IsZero() {
				t.Errorf("Parse = %v, want Invalid", err)
			}
		})
	}
}

func TestParseTakes(t *testing.T) {
	tests := []struct{ name, body string }{
		{"an empty object", "{}"},
		{"space around", " \r\n{ \"a\" : [ ] }\t"},
		{"32 deep", nest(32)},
		{"a full array", `{"a":` + list(1000) + `}`},
		{"the same key in several objects", `{"id":"1","object":{"id":"2","tag":[{"id":"3"},{"id":"4"}]}}`},
		{"brackets in strings", `{"a":"[[[{{{\"}]","b\"{":"\\"}`},
		{"@value", `{"content":{"@value":"x","@language":"en"}}`},
		{"@type in an extension", `{"vcard:hasAddress":{"@type":"vcard:Home"}}`},
		{"numbers of all kinds", `{"a":[-1,1.5e300,12345678901234567890]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if doc := parse(t, test.body); string(doc.Bytes()) != test.body {
				t.Errorf("Bytes = %s", doc.Bytes())
			}
		})
	}
}

func TestContexts(t *testing.T) {
	tests := []struct {
		name, context string
		ok            bool
	}{
		{"a URL", `"https://www.w3.org/ns/activitystreams"`, true},
		{"terms of others", `[{"toot":"http://joinmastodon.org/ns#","featured":{"@id":"toot:featured","@type":"@id"}}]`, true},
		{"@vocab and @language", `{"@vocab":"_:","@language":"en"}`, true},
		{"a word as itself", `{"actor":{"@id":"as:actor","@type":"@id"},"to":{"@type":"@id"}}`, true},
		{"id and type as themselves", `{"id":"@id","type":"@type"}`, true},
		{"Hashtag", `{"Hashtag":"as:Hashtag"}`, true},
		{"a type of its own", `{"ChatMessage":"litepub:ChatMessage"}`, true},
		{"the security vocabulary", `{"publicKey":{"@id":"https://w3id.org/security#publicKey"}}`, true},
		{"another meaning of actor", `{"actor":"https://evil.test/x"}`, false},
		{"another meaning of object", `["https://www.w3.org/ns/activitystreams",{"object":{"@id":"as:target"}}]`, false},
		{"another meaning of a type", `{"Create":"as:Delete"}`, false},
		{"actor under another name", `{"akteur":"as:actor"}`, false},
		{"actor by its IRI", `{"akteur":{"@id":"https://www.w3.org/ns/activitystreams#actor"}}`, false},
		{"actor by another prefix", `[{"x":"https://www.w3.org/ns/activitystreams#"},{"akteur":"x:actor"}]`, false},
		{"id under another name", `{"uri":"@id"}`, false},
		{"type under another name", `{"kind":{"@id":"@type"}}`, false},
		{"id as type", `{"id":"@type"}`, false},
		{"graph under another name", `{"things":"@graph"}`, false},
		{"reverse", `{"objectOf":{"@reverse":"as:object"}}`, false},
		{"actor taken away", `{"actor":null}`, false},
		{"the prefix as", `{"as":"https://evil.test/"}`, false},
		{"scoped", `{"x":{"@id":"https://x.test/x","@context":{"actor":"https://evil.test/"}}}`, false},
		{"deep in a scope", `{"x":{"@id":"y:z","@context":[{"q":{"@id":"y:q","@context":{"uri":"@id"}}}]}}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, body := range []string{
				`{"@context":` + test.context + `,"id":"https://a.test/1"}`,
				`{"object":[{"@context":` + test.context + `}]}`,
			} {
				_, err := Parse(t.Context(), []byte(body))
				if (err == nil) != test.ok || (err != nil && fault.CodeOf(err) != fault.Invalid) {
					t.Errorf("Parse(%s) = %v, want ok %v", body, err, test.ok)
				}
			}
		})
	}
}

// TestContextCost: a context built to be slow is not. Each part of it is read
// once, whatever the others say.
func TestContextCost(t *testing.T) {
	cost := func(parts int) float64 {
		one := strings.TrimSuffix(strings.Repeat(`{"a":"b:c","d":"e:f","g":"h:i"},`, parts), ",")
		return testing.AllocsPerRun(5, func() { parse(t, `{"@context":[`+one+`]}`) })
	}
	if few, many := cost(240), cost(960); many > 5*few {
		t.Errorf("%v allocations for 240 parts, %v for 960", few, many)
	}
}

// TestByteTrue: what is embedded can be taken out as it came.
func TestByteTrue(t *testing.T) {
	inner := "{ \"id\":\"https://a.test/1\",\n\t\"n\": 1.50, \"big\":12345678901234567890, \"s\":\"\\u00e9\\/\" }"
	doc := parse(t, `{"object": `+inner+` , "list":[ 1 , `+inner+`]}`)
	if got := string(doc.RawOf("object")); got != inner {
		t.Errorf("RawOf = %s", got)
	}
	embedded, ok := doc.Embedded("object")
	if !ok || string(embedded.Bytes()) != inner {
		t.Errorf("Embedded = %s, %v", embedded.Bytes(), ok)
	}
	if got := doc.Embeddeds("list"); len(got) != 1 || string(got[0].Bytes()) != inner {
		t.Errorf("Embeddeds = %v", got)
	}
}

// TestWalk compares our walk with encoding/json's.
func TestWalk(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkWalk(t, body)
	}
}

func checkWalk(t *testing.T, body []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	got := open(body).fields
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members of %.200s differ (-want +got):\n%s", body, diff)
	}
	for key, raw := range want {
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil || len(items) == 0 {
			continue
		}
		var present []json.RawMessage
		for _, item := range items {
			if string(item) != "null" {
				present = append(present, item)
			}
		}
		if diff := cmp.Diff(present, elements(got[key])); diff != "" {
			t.Errorf("elements of %s differ (-want +got):\n%s", key, diff)
		}
	}
}
