package as

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"drystone/fault"
)

// The limits of a document. Mastodon's advisory GHSA-gg8q-rcg7-p79g is about
// having none; an outbox of fifty posts stays well below these.
const (
	MaxBytes = 1 << 20
	maxDepth = 32
	maxItems = 1000  // in one array, or members of one object
	maxTotal = 10000 // values altogether
)

// A scanner walks over a document once, without building anything, to find
// out whether building is worth it. It relies on nothing: what it walks over
// may not even be JSON, which is found out after it.
type scanner struct {
	body     []byte
	stack    []frame
	total    int
	objects  int
	keys     map[member]struct{}
	contexts []json.RawMessage
}

// A frame is an array or object that is open.
type frame struct {
	start   int
	object  int    // number of the object, 0 for an array
	key     string // of the member that is being read, if wantKey is false
	wantKey bool
	items   int
	context bool // the value of an @context, or inside of one
	foreign bool // inside the value of an extension
}

type member struct {
	object int
	key    string
}

// scan checks the limits, duplicate keys and keywords of body. It returns the
// values of all @context keys in it.
func scan(body []byte) ([]json.RawMessage, error) {
	switch {
	case len(body) > MaxBytes:
		return nil, fault.New(fault.Invalid, "The document is larger than %d bytes.", MaxBytes)
	case !utf8.Valid(body):
		return nil, fault.New(fault.Invalid, "The document is not valid UTF-8.")
	case !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")):
		return nil, fault.New(fault.Invalid, "The document is not a JSON object.")
	}
	s := &scanner{body: body, stack: make([]frame, 0, 8), keys: make(map[member]struct{}, 64)}
	for i := 0; i < len(body); {
		next, err := s.step(i)
		if err != nil {
			return nil, err
		}
		i = next
	}
	return s.contexts, nil
}

// step reads the token at i and returns where the next one may begin.
func (s *scanner) step(i int) (int, error) {
	switch s.body[i] {
	case ' ', '\t', '\r', '\n', ':':
		return i + 1, nil
	case ',':
		if n := len(s.stack); n > 0 {
			s.stack[n-1].wantKey = s.stack[n-1].object > 0
		}
		return i + 1, nil
	case '{', '[':
		return i + 1, s.push(i)
	case '}', ']':
		return i + 1, s.pop(i + 1)
	case '"':
		end := endOfString(s.body, i)
		if n := len(s.stack); n > 0 && s.stack[n-1].wantKey {
			return end, s.name(s.body[i:end])
		}
		return end, s.value()
	}
	return endOfLiteral(s.body, i), s.value()
}

// value counts a value, be it of an array or of an object.
func (s *scanner) value() error {
	s.total++
	if s.total > maxTotal {
		return fault.New(fault.Invalid, "The document has more than %d values.", maxTotal)
	}
	if n := len(s.stack); n > 0 {
		top := &s.stack[n-1]
		if top.items++; top.items > maxItems {
			return fault.New(fault.Invalid, "The document has a list of more than %d elements.", maxItems)
		}
	}
	return nil
}

func (s *scanner) push(i int) error {
	if err := s.value(); err != nil {
		return err
	}
	if len(s.stack) == maxDepth {
		return fault.New(fault.Invalid, "The document is nested more than %d deep.", maxDepth)
	}
	f := frame{start: i}
	if n := len(s.stack); n > 0 {
		outer := s.stack[n-1]
		f.context = outer.context || outer.key == "@context"
		f.foreign = outer.foreign || strings.Contains(outer.key, ":")
	}
	if s.body[i] == '{' {
		s.objects++
		f.object, f.wantKey = s.objects, true
	}
	s.stack = append(s.stack, f)
	return nil
}

func (s *scanner) pop(end int) error {
	n := len(s.stack)
	if n == 0 {
		return notJSON()
	}
	f := s.stack[n-1]
	s.stack = s.stack[:n-1]
	outermost := n == 1 || !s.stack[n-2].context
	if f.context && outermost {
		s.contexts = append(s.contexts, s.body[f.start:end])
	}
	return nil
}

// name checks the key of a member.
func (s *scanner) name(quoted []byte) error {
	top := &s.stack[len(s.stack)-1]
	top.wantKey = false
	key, ok := unquote(quoted)
	if !ok {
		return notJSON()
	}
	top.key = key
	if _, twice := s.keys[member{top.object, key}]; twice {
		return fault.New(fault.Invalid, "The document has the key %.100q twice in one object.", key)
	}
	s.keys[member{top.object, key}] = struct{}{}
	if !top.context && isRefused(key, top.foreign) {
		return fault.New(fault.Invalid, "The document uses the keyword %s, which is not accepted here.", key)
	}
	return nil
}

// isRefused tells the keywords that let a JSON-LD processor see another
// document than we do. Friendica writes @type inside of "vcard:hasAddress":
// in extensions that nobody here reads, names do no harm.
func isRefused(key string, foreign bool) bool {
	switch key {
	case "@graph", "@included", "@reverse", "@nest":
		return true
	case "@id", "@type":
		return !foreign
	}
	return false
}

// endOfString returns the index after the string that begins at i.
func endOfString(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(body)
}

// endOfLiteral returns the index after a number, true, false or null.
func endOfLiteral(body []byte, i int) int {
	if n := bytes.IndexAny(body[i:], " \t\r\n,:{}[]\""); n > 0 {
		return i + n
	}
	return len(body)
}

// unquote reads a JSON string.
func unquote(quoted []byte) (string, bool) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", false
	}
	if !bytes.ContainsRune(quoted, '\\') {
		return string(quoted[1 : len(quoted)-1]), true
	}
	var text string
	err := json.Unmarshal(quoted, &text)
	return text, err == nil
}
