package accounts

import (
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func TestTokenDrafts(t *testing.T) {
	tests := []struct {
		name  string
		draft TokenDraft
		want  fault.Code
	}{
		{"for reading", TokenDraft{Name: "x", Scopes: "read"}, fault.None},
		{"for a day", TokenDraft{Name: "x", Scopes: "read", Expires: noon.Add(24 * time.Hour)}, fault.None},
		{"for nothing", TokenDraft{Name: "x"}, fault.Invalid},
		{"for what there is not", TokenDraft{Name: "x", Scopes: "read everything"}, fault.Invalid},
		{"ended already", TokenDraft{Name: "x", Scopes: "read", Expires: noon}, fault.Invalid},
		{"for a century", TokenDraft{Name: "x", Scopes: "read", Expires: noon.AddDate(100, 0, 0)}, fault.Invalid},
		{"without a name", TokenDraft{Name: "\u200b", Scopes: "read"}, fault.Invalid},
		{"with 10,000 letters", TokenDraft{Name: strings.Repeat("x", 10_000), Scopes: "read"}, fault.Invalid},
	}
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				secret, session, err := w.CreateToken(t.Context(), alice, test.draft)
				wantCode(t, err, test.want)
				if err != nil {
					return
				}
				found := must(w.BySecret(t.Context(), community.TokenSession, secret))(t)
				if found.Session.Scopes != test.draft.Scopes || !found.Session.ExpiresAt.Equal(test.draft.Expires) || session.ID != found.Session.ID {
					t.Errorf("kept %+v", found.Session)
				}
			})
		}
	})
}

// A token ends when it was said to, however much it is used.
func TestTokenEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		secret, _, err := w.CreateToken(t.Context(), alice, TokenDraft{Name: "x", Scopes: "read", Expires: noon.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		for range 59 {
			w.wait(time.Minute)
			must(w.BySecret(t.Context(), community.TokenSession, secret))(t)
		}
		w.wait(time.Minute)
		_, err = w.BySecret(t.Context(), community.TokenSession, secret)
		wantCode(t, err, fault.Unauthenticated)
		if err := w.DB.DropExpired(t.Context(), w.now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if left := must(w.DB.Sessions(t.Context(), alice.Account.ID, community.TokenSession))(t); len(left) != 0 {
			t.Errorf("what ended is kept: %v", left)
		}
	})
}

// A token cannot become more than it is by making another.
func TestTokenMakesNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret, _, err := w.CreateToken(t.Context(), w.join(t, "alice"), TokenDraft{Name: "x", Scopes: "write account"})
		if err != nil {
			t.Fatal(err)
		}
		narrow := must(w.BySecret(t.Context(), community.TokenSession, secret))(t)
		for scopes, want := range map[community.Scopes]fault.Code{
			"read": fault.None, "account": fault.None, "write account": fault.None,
			"administer": fault.Forbidden, "read messages": fault.Forbidden, community.AllScopes: fault.Forbidden,
		} {
			_, _, err := w.CreateToken(t.Context(), narrow, TokenDraft{Name: "more", Scopes: scopes})
			wantCode(t, err, want)
		}
	})
}

func TestByPassword(t *testing.T) {
	const password = "a wall of dry stone"
	each(t, func(t *testing.T, w *world) {
		alice, bob := must(w.Create(t.Context(), SignUp{Name: "alice", Password: password}))(t), w.join(t, "bob")
		token := func(who *Who) string {
			secret, _, err := w.CreateToken(t.Context(), who, TokenDraft{Name: "mail program", Scopes: "read"})
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		hers, his := token(alice), token(bob)
		cookie, _, err := w.StartSession(t.Context(), alice, "Browser/1")
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			what, name, secret string
			want               fault.Code
		}{
			{"her own", "alice", hers, fault.None},
			{"in capitals", "ALICE", hers, fault.None},
			{"with the host", "@alice@" + w.Host, hers, fault.None},
			{"somebody else's", "alice", his, fault.Unauthenticated},
			{"another host", "alice@elsewhere.example", hers, fault.Unauthenticated},
			{"without a name", "", hers, fault.Unauthenticated},
			{"a name that is none", "alice\x00\u202e", hers, fault.Unauthenticated},
			{"the password of the account", "alice", password, fault.Unauthenticated},
			{"the cookie", "alice", cookie, fault.Unauthenticated},
			{"nothing", "alice", "", fault.Unauthenticated},
		}
		for _, test := range tests {
			t.Run(test.what, func(t *testing.T) {
				found, err := w.ByPassword(t.Context(), test.name, test.secret)
				wantCode(t, err, test.want)
				if err == nil && found.Actor.ID != alice.Actor.ID {
					t.Errorf("found %s", found.Actor.Name)
				}
			})
		}
	})
}
