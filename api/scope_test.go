package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/accounts"
)

// needs are the scopes of operations that follow neither from the method nor
// from the address, and of some that do.
var needs = map[string]community.Scope{
	"signIn": community.NoScope, "recoverSession": community.NoScope, "signOut": community.NoScope, "signUp": community.NoScope,

	"getMe": "read", "listFeed": "read", "getPost": "read", "search": "read", "previewMarkdown": "read", "listDecisions": "read",
	"listNotifications": "read", "listQuotes": "read",

	"createPost": "write", "votePost": "write", "joinGroup": "write", "createGroup": "write", "reportPost": "write",
	"takeBackQuote": "write", "readNotifications": "write", "chooseAnswer": "write",

	"listConversations": "messages", "getConversation": "messages", "sendMessage": "messages", "readConversation": "messages",
	"editMessage": "messages", "deleteMessage": "messages", "dropConversation": "messages", "reportMessage": "messages",

	"editGroup": "moderate", "removePost": "moderate", "banMember": "moderate", "listBans": "moderate", "addModerator": "moderate",
	"listReports": "moderate", "getReport": "moderate", "resolveReport": "moderate", "warnPerson": "moderate",
	"listMembers": "moderate", "acceptRequest": "moderate", "stayGroup": "moderate",

	"listPeers": "administer", "pausePeer": "administer", "listSiteBans": "administer", "unbanPerson": "administer",

	"editMe": "account", "getMyAliases": "account", "listSessions": "account",
	"endSession": "account", "listTokens": "account", "endToken": "account", "listPasskeys": "account",
	"listApps": "account", "disconnectApp": "account",
	"renamePasskey": "account", "getSecurity": "account", "endOtherSessions": "account",
}

// token makes a token of somebody's for some scopes.
func (w *world) token(name string, scopes community.Scopes) change {
	w.t.Helper()
	_, err := w.db.Bun().NewDelete().Table("sessions").Where("name = 'narrow'").Exec(w.t.Context())
	w.check(err)
	secret, _, err := w.accounts.CreateToken(w.t.Context(), w.who[name], accounts.TokenDraft{Name: "narrow", Scopes: scopes})
	w.check(err)
	return header("Authorization", "Bearer "+secret)
}

// Every operation is tried with a token for each scope alone: it answers to
// those that hold what the document says it needs, and to no others. What no
// token is good for is in TestDangerousNeedsConfirmation.
func TestScopes(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	seen := map[string]community.Scope{}
	for _, op := range operations(t, w) {
		if op.inPerson() {
			continue
		}
		needed := documented(t, op)
		seen[op.ID] = needed
		path := "/api/v1" + strings.NewReplacer("{group}", "garden", "{person}", "bob", "{topic}", "replies", "{host}", "peer.example",
			"{feed}", "growing", "{id}", "987654").Replace(op.path)
		for _, scope := range community.AllScopes.List() {
			got := w.do(op.method, path, nil, w.token("bob", community.Scopes(scope)))
			refused := got.StatusCode == http.StatusForbidden && strings.Contains(got.text, `"insufficient_scope"`)
			if want := !community.Scopes(scope).Include(needed); refused != want {
				t.Errorf("%s (%s %s) with %s is refused: %t, want %t: %d %.200s", op.ID, op.method, path, scope, refused, want, got.StatusCode, got.text)
			}
			if says := got.Header.Get("WWW-Authenticate"); refused && says != `Bearer error="insufficient_scope", scope="`+string(needed)+`"` {
				t.Errorf("%s: WWW-Authenticate is %q", op.ID, says)
			}
		}
	}
	for id, want := range needs {
		if got, known := seen[id]; !known || got != want {
			t.Errorf("%s needs %q (there is one: %t), want %q", id, got, known, want)
		}
	}
}

// documented is the one scope that the document says op needs of a token.
func documented(t *testing.T, op operation) community.Scope {
	t.Helper()
	for _, way := range op.Security {
		switch list, is := way["token"]; {
		case is && len(list) == 0:
			return community.NoScope
		case is && len(list) == 1 && slices.Contains(community.AllScopes.List(), community.Scope(list[0])):
			return community.Scope(list[0])
		}
	}
	t.Errorf("%s: the document says security %v", op.ID, op.Security)
	return community.NoScope
}

// Programs that know only names and passwords send an app password, and never
// become a browser by it. The password of the account opens nothing for them.
func TestAppPasswords(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
	erin, err := w.accounts.Find(t.Context(), "erin")
	w.check(err)
	secret, _, err := w.accounts.CreateToken(t.Context(), erin, accounts.TokenDraft{Name: "reader", Scopes: "read"})
	w.check(err)
	basic := func(name, secret string) change {
		return func(r *http.Request) { r.SetBasicAuth(name, secret) }
	}
	w.get("/api/v1/me", basic("erin", secret)).is(http.StatusOK).has(`"erin"`)
	w.do(http.MethodPatch, "/api/v1/me", object{"title": "x"}, basic("erin", secret)).is(http.StatusForbidden).has("insufficient_scope")
	w.get("/api/v1/me", basic("erin", password)).is(http.StatusUnauthorized).lacks(password)
	w.get("/api/v1/me", basic("alice", secret)).is(http.StatusUnauthorized)
	w.get("/api/v1/me", header("Authorization", "Basic !")).is(http.StatusUnauthorized)

	// What signing in answers to it is no session.
	in := w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": secret}).is(http.StatusOK).has(`"erin"`)
	if set := in.Header.Values("Set-Cookie"); len(set) != 0 {
		t.Errorf("an app password gets the cookie %v", set)
	}
	w.do(http.MethodPost, "/api/v1/session", object{"name": "mallory", "password": secret}).is(http.StatusUnauthorized)
	w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": "dst_" + password}).is(http.StatusUnauthorized)
	if in := w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password}).is(http.StatusOK); in.cookie("__Host-drystone") == nil {
		t.Errorf("a password gets the cookies %v", in.Cookies())
	}

	// One that ends, and the answer tells when.
	w.who["erin"] = erin
	sure := w.sure("erin")
	made := w.do(http.MethodPost, "/api/v1/tokens", object{"name": "short", "scopes": []string{"read"}, "expires_at": "2999-01-01T00:00:00Z"}, sure)
	isProblem(t, made.is(http.StatusUnprocessableEntity), "body.expires_at")
	made = w.do(http.MethodPost, "/api/v1/tokens", object{"name": "short", "expires_at": time.Now().Add(time.Hour).Format(time.RFC3339)}, sure)
	if made.is(http.StatusCreated).json()["expires_at"] == nil {
		t.Errorf("the token is %s", made.text)
	}
}

// What a narrow token is kept from beside operations: one's mail address,
// pages, and tokens that may do more.
func TestNarrowTokens(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	address := "bob@mail.example"
	_, err := w.accounts.Edit(t.Context(), w.who["bob"], accounts.Change{Email: &address})
	w.check(err)
	reading := w.token("bob", "read write")
	w.get("/api/v1/me", reading).is(http.StatusOK).lacks(address)
	w.get("/messages", reading).is(http.StatusForbidden)
	w.get("/", reading).is(http.StatusForbidden)
	w.get("/messages", w.as("bob")).is(http.StatusOK)

	account := w.token("bob", "account")
	w.get("/api/v1/me", account).is(http.StatusOK).has(address)
	w.do(http.MethodPost, "/api/v1/tokens", object{"name": "more"}, account).is(http.StatusForbidden).has("A token may not do this")
	sure := w.sure("bob")
	isProblem(t, w.do(http.MethodPost, "/api/v1/tokens", object{"name": "none", "scopes": []string{}}, sure).is(http.StatusUnprocessableEntity), "body.scopes")
	w.do(http.MethodPost, "/api/v1/tokens", object{"name": "other", "scopes": []string{"everything"}}, sure).is(http.StatusUnprocessableEntity)
	made := w.do(http.MethodPost, "/api/v1/tokens", object{"name": "same", "scopes": []string{"account"}}, sure).is(http.StatusCreated).has(`"scopes":["account"]`).json()
	w.do(http.MethodPost, "/api/v1/groups", object{"name": "mine"}, header("Authorization", "Bearer "+made["token"].(string))).
		is(http.StatusForbidden).has(`"code":"insufficient_scope"`, "write")
}
