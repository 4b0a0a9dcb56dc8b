package accounts

import (
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func TestBySecret(t *testing.T) {
	const browser, token = community.BrowserSession, community.TokenSession
	tests := []struct {
		name   string
		made   community.SessionKind
		asked  community.SessionKind
		before func(*testing.T, *world, *Who, *community.Session)
		want   fault.Code
	}{
		{"a browser", browser, browser, nil, fault.None},
		{"a token", token, token, nil, fault.None},
		{"a token as a cookie", token, browser, nil, fault.Unauthenticated},
		{"a cookie as a token", browser, token, nil, fault.Unauthenticated},
		{"a browser, much later", browser, browser, wait(community.SessionLife - time.Second), fault.None},
		{"a browser, too late", browser, browser, wait(community.SessionLife), fault.Unauthenticated},
		{"a token, years later", token, token, wait(5 * 365 * 24 * time.Hour), fault.None},
		{"ended", browser, browser, func(t *testing.T, w *world, who *Who, s *community.Session) {
			if err := w.EndSession(t.Context(), who, s.ID); err != nil {
				t.Error(err)
			}
		}, fault.Unauthenticated},
		{"a token of somebody who left", token, token, func(t *testing.T, w *world, who *Who, _ *community.Session) {
			if err := w.DB.DeleteActor(t.Context(), who.Actor.ID, noon); err != nil {
				t.Error(err)
			}
		}, fault.Unauthenticated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				alice := w.join(t, "alice")
				secret, session, err := w.CreateToken(t.Context(), alice, TokenDraft{Name: "script", Scopes: community.AllScopes})
				if test.made == browser {
					secret, session, err = w.StartSession(t.Context(), alice, "Test/1.0")
				}
				if err != nil {
					t.Fatal(err)
				}
				if test.before != nil {
					test.before(t, w, alice, session)
				}
				got, err := w.BySecret(t.Context(), test.asked, secret)
				wantCode(t, err, test.want)
				if err == nil && (got.Actor.Name != "alice" || got.Account.ID != alice.Account.ID || got.Session.ID != session.ID) {
					t.Errorf("got %+v", got)
				}
				for _, other := range []string{"", secret + "x", secret[:len(secret)-1], tokenPrefix} {
					_, err := w.BySecret(t.Context(), test.asked, other)
					wantCode(t, err, fault.Unauthenticated)
				}
			})
		})
	}
}

func wait(d time.Duration) func(*testing.T, *world, *Who, *community.Session) {
	return func(_ *testing.T, w *world, _ *Who, _ *community.Session) { w.wait(d) }
}

// A browser that is used stays signed in; that it is used is noted once a
// minute.
func TestSessionSlides(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		secret, _, err := w.StartSession(t.Context(), alice, "Test/1.0")
		if err != nil {
			t.Fatal(err)
		}
		used := func() time.Time {
			t.Helper()
			must(w.BySecret(t.Context(), community.BrowserSession, secret))(t)
			return must(w.Sessions(t.Context(), alice, community.BrowserSession))(t)[0].LastUsedAt
		}
		w.wait(59 * time.Second)
		if got := used(); !got.Equal(noon) {
			t.Errorf("noted at %v, although it was noted at noon", got)
		}
		w.wait(time.Second)
		if got := used(); !got.Equal(noon.Add(time.Minute)) {
			t.Errorf("last used at %v", got)
		}
		for range 4 {
			w.wait(community.SessionLife * 2 / 3)
			used()
		}
		w.wait(community.SessionLife)
		_, err = w.BySecret(t.Context(), community.BrowserSession, secret)
		wantCode(t, err, fault.Unauthenticated)
		if left := must(w.Sessions(t.Context(), alice, community.BrowserSession))(t); len(left) != 0 {
			t.Errorf("expired sessions are listed: %v", left)
		}
	})
}

func TestSessionsAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, bob := w.join(t, "alice"), w.join(t, "bob")
		secret, session, err := w.CreateToken(t.Context(), alice, TokenDraft{Name: " my script ", Scopes: "read"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(secret, "dst_") || len(secret) != len("dst_")+43 || session.Name != "my script" {
			t.Errorf("token %q called %q", secret, session.Name)
		}
		if strings.Contains(string(session.Hash), secret) || len(session.Hash) != 32 {
			t.Error("the secret is kept")
		}
		wantCode(t, w.EndSession(t.Context(), bob, session.ID), fault.NotFound)
		if list := must(w.Sessions(t.Context(), bob, community.TokenSession))(t); len(list) != 0 {
			t.Errorf("bob sees %v", list)
		}
		if list := must(w.Sessions(t.Context(), alice, community.TokenSession))(t); len(list) != 1 {
			t.Errorf("alice sees %v", list)
		}
		for name, want := range map[string]fault.Code{
			"": fault.Invalid, "\x00": fault.Invalid,
			strings.Repeat("ä", 80): fault.None, strings.Repeat("x", 81): fault.Invalid,
		} {
			_, _, err := w.CreateToken(t.Context(), alice, TokenDraft{Name: name, Scopes: "read"})
			wantCode(t, err, want)
		}
		_, started, err := w.StartSession(t.Context(), alice, strings.Repeat("ä", 500)+"\xff\n")
		if err != nil || len([]rune(started.Name)) != 200 {
			t.Errorf("agent %q, %v", started.Name, err)
		}
	})
}
