package federation

import (
	"encoding/json"
	"net/http"
	"slices"

	"drystone/fault"
)

// What shown does not ask of anybody, by pattern. Whoever checks a signature
// of ours reads the server's actor first: if that asked for a signature too,
// two servers that ask would wait for each other for ever.
var (
	readByAll = map[string]bool{"GET /{$}": true, "GET /outbox": true}
	haveKeys  = map[string]bool{"GET /c/{name}": true, "GET /u/{name}": true, "GET /f/{name}": true}
)

// shown gets a document for r. Unless AuthorizedFetch is set, or the document
// asks by itself, everybody may read it. If it is, who reads has to sign; but
// NodeBB reads keys without signing, and looks with an unsigned HEAD whether
// an address is a document (FEDERATION.md, sections 6 and 13): an actor shows
// to all what it takes to check its signatures and answer it, and there is
// nothing to read in a HEAD.
func (s *Server) shown(r *http.Request, get func(*http.Request) (document, error)) (document, error) {
	if !s.AuthorizedFetch || readByAll[r.Pattern] {
		return get(r)
	}
	who, err := s.reader(r)
	switch {
	case err != nil:
		return nil, err
	case who != nil, r.Method == http.MethodHead:
		return get(r)
	case haveKeys[r.Pattern]:
		full, err := get(r)
		return keysOnly{full}, err
	}
	return nil, fault.New(fault.Unauthenticated, "This server shows documents to servers that sign their requests, and this one is not signed.")
}

// keysOnly is an actor's document without what is about the person or group.
type keysOnly struct{ document }

// publicParts are what remains.
var publicParts = []string{
	"@context", "id", "type", "preferredUsername", "inbox", "outbox", "endpoints", "publicKey", "assertionMethod",
}

// Marshal writes what remains.
func (k keysOnly) Marshal() ([]byte, error) {
	body, err := k.document.Marshal()
	if err != nil {
		return nil, err
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(body, &parts); err != nil {
		return nil, err
	}
	for name := range parts {
		if !slices.Contains(publicParts, name) {
			delete(parts, name)
		}
	}
	return json.Marshal(parts)
}
