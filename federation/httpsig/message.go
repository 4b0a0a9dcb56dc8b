package httpsig

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// The derived components of RFC 9421, section 2.2, that say something of a
// request and take no parameters.
const (
	methodPart    = "@method"
	targetPart    = "@target-uri"
	authorityPart = "@authority"
	schemePart    = "@scheme"
	requestPart   = "@request-target"
	pathPart      = "@path"
	queryPart     = "@query"
)

var derived = []string{methodPart, targetPart, authorityPart, schemePart, requestPart, pathPart, queryPart}

// parseMessage reads Signature-Input and Signature as RFC 9421 has them, in
// the profile that Mastodon set: one signature, whose creation is told.
func parseMessage(req *http.Request) (Signature, error) {
	label, input, err := only(req, "Signature-Input")
	if err != nil {
		return Signature{}, err
	}
	signed, value, err := only(req, "Signature")
	if err != nil {
		return Signature{}, err
	}
	list, isList := input.(httpsfv.InnerList)
	item, isItem := value.(httpsfv.Item)
	if !isList || !isItem || label != signed {
		return Signature{}, fail(Malformed, "The Signature header has no signature for the Signature-Input %q", label)
	}
	s := Signature{Scheme: Message}
	if s.signature, isItem = item.Value.([]byte); !isItem || len(s.signature) == 0 {
		return s, fail(Malformed, "The signature %q is not base64 between colons", label)
	}
	if s.Headers, err = components(list.Items); err != nil {
		return s, err
	}
	if err := s.readParams(list.Params); err != nil {
		return s, err
	}
	// Section 2.3: what is signed is the list as it was understood, so neither
	// spaces nor the order of anything can be changed on the way.
	if s.params, err = httpsfv.Marshal(list); err != nil {
		return s, fail(Malformed, "The Signature-Input cannot be read")
	}
	return s, nil
}

// only reads a header that is a dictionary with one member.
func only(req *http.Request, name string) (label string, _ httpsfv.Member, err error) {
	lines := req.Header.Values(name)
	switch {
	case len(lines) == 0:
		return "", nil, fail(Missing, "The request has a Signature-Input and no Signature")
	case len(lines) > 1:
		return "", nil, fail(Malformed, "There are %d %s headers; exactly one is allowed", len(lines), name)
	case len(lines[0]) > maxHeader:
		return "", nil, fail(Malformed, "The %s header is longer than %d bytes", name, maxHeader)
	}
	dictionary, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil {
		return "", nil, fail(Malformed, "The %s header is not a dictionary as RFC 9421 has it", name)
	}
	if labels := dictionary.Names(); len(labels) != 1 {
		return "", nil, fail(Malformed, "The %s header holds %d signatures; exactly one is allowed", name, len(labels))
	}
	label = dictionary.Names()[0]
	member, _ := dictionary.Get(label)
	return label, member, nil
}

// components reads what is covered. Parameters change what a component means
// (;req, ;bs, ;key, …), no peer uses any, and one that was ignored would be a
// hole: they are refused.
func components(items []httpsfv.Item) ([]string, error) {
	if len(items) > maxCovered {
		return nil, fail(Malformed, "The signature covers more than %d components", maxCovered)
	}
	var names []string
	for _, item := range items {
		name, ok := item.Value.(string)
		switch {
		case !ok || !isComponent(name):
			return nil, fail(Malformed, "The signature covers %.100q, which is no component of a request", item.Value)
		case item.Params != nil && len(item.Params.Names()) > 0:
			return nil, fail(Malformed, "The component %q has parameters, which are not supported", name)
		}
		names = append(names, name)
	}
	return names, checkCovered(names)
}

func isComponent(name string) bool {
	if strings.HasPrefix(name, "@") {
		return slices.Contains(derived, name)
	}
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~") == ""
}

// readParams reads the parameters of the signature (section 2.3). Those that
// mean nothing to us (nonce, tag) are covered all the same.
func (s *Signature) readParams(params *httpsfv.Params) error {
	if params == nil || len(params.Names()) > maxParams {
		return fail(Malformed, "The signature has no or more than %d parameters", maxParams)
	}
	for _, name := range params.Names() {
		value, _ := params.Get(name)
		ok := true
		switch name {
		case "keyid":
			s.KeyID, ok = value.(string)
		case "alg":
			s.Algorithm, ok = value.(string)
			ok = ok && s.Algorithm != ""
		case "created":
			s.Created, ok = seconds(value)
		case "expires":
			s.Expires, ok = seconds(value)
		}
		if !ok {
			return fail(Malformed, "The parameter %s cannot be read", name)
		}
	}
	switch {
	case s.KeyID == "":
		return fail(Malformed, "The signature names no keyid")
	case s.Created.IsZero():
		return fail(Malformed, "The signature does not say when it was created")
	}
	return nil
}

// seconds reads seconds since 1970. Zero is no time: it would be taken for
// none.
func seconds(value any) (time.Time, bool) {
	n, ok := value.(int64)
	return time.Unix(n, 0).UTC(), ok && n > 0
}

// partsOf are the derived components of req as this server knows them. Its
// name and scheme are what it is told they are: behind a proxy a request does
// not show the scheme.
func partsOf(req *http.Request, scheme, host string, query bool) map[string]string {
	_, uri, _ := strings.Cut(requestTarget(req, query), " ")
	path, search, _ := strings.Cut(uri, "?")
	host = strings.ToLower(host)
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	host = strings.TrimSuffix(host, port)
	return map[string]string{
		methodPart: req.Method, targetPart: scheme + "://" + host + uri, authorityPart: host, schemePart: scheme,
		requestPart: uri, pathPart: path, queryPart: "?" + search,
	}
}

// messageBase is what gets signed (section 2.5). It reports the first covered
// header that is not there.
func messageBase(req *http.Request, s Signature, parts map[string]string) (text, absent string) {
	var b strings.Builder
	for _, name := range s.Headers {
		value, isPart := parts[name]
		if !isPart {
			list := values(req, name)
			if len(list) == 0 {
				return "", name
			}
			for i, line := range list {
				if i > 0 {
					value += ", "
				}
				value += strings.TrimSpace(line)
			}
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	b.WriteString(`"@signature-params": ` + s.params)
	return b.String(), ""
}
