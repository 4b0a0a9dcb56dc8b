package v1

import (
	"bytes"
	_ "embed" // the document below
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/fault"
)

const about = `Everything that the web pages of this server show and do, for programs.

Lists are {"items": [...], "next": "cursor"}: ask again with cursor=NEXT for what follows; there is no next at the end. ` +
	`Times are RFC 3339 in UTC. A group or person is addressed as name, or name@host when it lives elsewhere. ` +
	`Errors are problems (RFC 9457) whose code is for programs and whose detail is for people. ` +
	`Programs sign in with an API token as bearer token; browsers with the session cookie. ` +
	`A token is for some scopes; an operation that needs another answers with the code insufficient_scope.`

// format is how bodies are written and read. HTML is escaped inside strings,
// so that the same bytes can stand in a page.
var format = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		_, err := w.Write(JSON(v))
		return err
	},
	Unmarshal: func(text []byte, v any) error {
		if err := json.Unmarshal(text, v); err != nil {
			return err
		}
		// huma reads every body into an any first.
		if value, is := v.(*any); is && holdsNUL(*value) {
			return errors.New("a string holds the character U+0000, which is not text")
		}
		return nil
	},
}

// holdsNUL reports whether a string in value has a NUL, which Postgres keeps
// in no text.
func holdsNUL(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		return slices.ContainsFunc(v, holdsNUL)
	case map[string]any:
		for name, value := range v {
			if strings.ContainsRune(name, 0) || holdsNUL(value) {
				return true
			}
		}
	}
	return false
}

// JSON is v as the API writes it. The types of this package always have a
// form in JSON.
func JSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("api/v1: %T has no JSON: %w", v, err))
	}
	return text
}

// settings is how huma is set up here: no links to schemas in bodies, no
// pages of its own, problems in our shape.
func settings() huma.Config {
	c := huma.DefaultConfig("Drystone", "1")
	c.CreateHooks = nil
	c.Transformers = []huma.Transformer{ours}
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Info.Description = about
	c.Servers = []*huma.Server{{URL: Prefix}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "An API token, made by POST /tokens. What each operation needs of it is its scope; every scope includes read."},
		"basic": {Type: "http", Scheme: "basic", Description: "The name and an API token as the password, for programs that know nothing else. The password of the account does not work."},
		"oauth": {Type: "oauth2", Description: "An access token of OAuth 2.1, got with PKCE (S256). Where everything is stands in /.well-known/oauth-authorization-server.", Flows: &huma.OAuthFlows{
			AuthorizationCode: &huma.OAuthFlow{AuthorizationURL: "/oauth/authorize", TokenURL: "/oauth/token", RefreshURL: "/oauth/token", Scopes: scopeMeanings()},
		}},
		"cookie": {Type: "apiKey", In: "cookie", Name: "__Host-drystone", Description: "What signing in sets; called drystone on servers without TLS. Requests from pages of other sites are refused."},
	}
	return c
}

// hasBody reports whether requests of type Req have a body.
func hasBody[Req any]() bool {
	_, words := reflect.TypeFor[Req]().FieldByName("Body")
	_, file := reflect.TypeFor[Req]().FieldByName("RawBody")
	return words || file
}

// operation completes what huma is told of o: who may call it, and the
// problems it can answer with.
func (a *API) operation(o op, body bool) huma.Operation {
	codes := append([]fault.Code{fault.Internal, fault.Unavailable, fault.Unauthenticated, fault.Invalid, fault.RateLimited}, o.codes...)
	if o.Method != http.MethodGet {
		codes = append(codes, fault.Forbidden) // from another site's page
	}
	if o.needs != community.NoScope {
		codes = append(codes, insufficientScope)
	}
	set := map[int]bool{}
	for _, code := range codes {
		set[statuses[code]] = true
	}
	if body {
		for _, status := range []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType} {
			set[status] = true
		}
	}
	o.Responses = map[string]*huma.Response{}
	for _, status := range slices.Sorted(maps.Keys(set)) {
		o.Responses[strconv.Itoa(status)] = a.problemResponse(status)
	}
	o.Security = o.security()
	o.Middlewares = huma.Middlewares{a.gate(o)}
	return o.Operation
}

// problemResponse refers to the answer with a status that is a problem,
// which the document describes once.
func (a *API) problemResponse(status int) *huma.Response {
	parts := a.huma.OpenAPI().Components
	name := strings.ReplaceAll(http.StatusText(status), " ", "")
	if parts.Responses == nil {
		parts.Responses = map[string]*huma.Response{}
	}
	if parts.Responses[name] == nil {
		schema := parts.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
		parts.Responses[name] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{ProblemType: {Schema: schema}},
		}
	}
	return &huma.Response{Ref: "#/components/responses/" + name}
}

// Published is the API's OpenAPI document as it was committed, which a test
// holds against Document: no start has to write it again.
//
//go:embed openapi.json
var Published []byte

// Document writes the API's OpenAPI document.
func (a *API) Document() ([]byte, error) {
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	// huma's own shape of errors, which ours replaces.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	compact, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
