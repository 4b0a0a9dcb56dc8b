package v1

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
)

// insufficientScope is the code for programs whose token is not for this
// (RFC 6750 section 3.1). It is said by gate alone.
const insufficientScope fault.Code = "insufficient_scope"

// sectionScopes are the sections whose operations need a scope of their own,
// unless they say another.
var sectionScopes = map[section]community.Scope{
	"Messages":          community.ScopeMessages,
	"Moderation":        community.ScopeModerate,
	"Roles":             community.ScopeModerate,
	"Other servers":     community.ScopeAdminister,
	"Signing up and in": community.NoScope,
}

// scopeOf is what an operation needs that says nothing of it: what its
// section needs, else what its address says, else to read or to write.
func (s section) scopeOf(method, path string) community.Scope {
	scope, named := sectionScopes[s]
	switch {
	case named:
		return scope
	case strings.HasPrefix(path, "/admin/"):
		return community.ScopeAdminister
	case strings.HasPrefix(path, "/me/"), path == "/me" && method != http.MethodGet:
		return community.ScopeAccount
	case method == http.MethodGet:
		return community.ScopeRead
	default:
		return community.ScopeWrite
	}
}

// scope says what a program's token must be good for.
func (o op) scope(needed community.Scope) op { o.needs = needed; return o }

// May reports whether the caller may ask for what needs scope: a program is
// held to its token, a browser and a stranger are not.
func (c *Caller) May(scope community.Scope) bool {
	return c.Who == nil || c.Who.Session == nil || c.Who.Session.May(scope)
}

// within refuses a program whose token is not for what o does, and tells it
// which scope is.
func (o op) within(c *Caller) error {
	if o.proven || c.May(o.needs) {
		return nil
	}
	c.header("WWW-Authenticate", fmt.Sprintf("Bearer error=%q, scope=%q", insufficientScope, o.needs))
	return fault.New(insufficientScope, "This program was not allowed to do that: it lacks the scope %q.", o.needs)
}

// challenge tells a program that it needs a token, or another one, and where
// it learns how to get one (RFC 6750 section 3, RFC 9728 section 5.1).
func (a *API) challenge(c *Caller) string {
	says := "Bearer resource_metadata=\"" + a.Origin + "/.well-known/oauth-protected-resource\""
	if c.shown {
		says += `, error="invalid_token"`
	}
	return says
}

// security is who may call o, for the document.
func (o op) security() []map[string][]string {
	token := []string{}
	if o.needs != community.NoScope {
		token = append(token, string(o.needs))
	}
	if o.proven {
		return []map[string][]string{{"cookie": {}}} // no token is a proof
	}
	known := []map[string][]string{{"token": token}, {"basic": token}, {"oauth": token}, {"cookie": {}}}
	if o.private {
		return known
	}
	return slices.Insert(known, 0, map[string][]string{})
}

// scopeMeanings are all scopes with what they mean, for the document.
func scopeMeanings() map[string]string {
	meanings := map[string]string{}
	for _, scope := range community.AllScopes.List() {
		meanings[string(scope)] = scope.Means()
	}
	return meanings
}
