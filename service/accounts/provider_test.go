package accounts

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/fediverse/provider"
)

// A company is a provider, and the groups in which it put people.
type company struct {
	*provider.Provider
	w      *world
	groups map[string][]string // by person
}

func newCompany(t *testing.T, w *world) *company {
	t.Helper()
	c := &company{Provider: provider.New(t, w.Now), w: w, groups: map[string][]string{}}
	w.Provider = &Provider{
		Issuer: c.URL, ClientID: provider.ClientID, Secret: provider.Secret, Name: "Quarry Ltd", Claim: "realm.groups",
		Groups: map[string][]string{"masons": {"walls", "tools"}, "carters": {"roads"}, "banned": {"closed"}},
		Client: &http.Client{},
		Enrol: func(_ context.Context, person *community.Actor, group string) error {
			if group == "closed" {
				return fault.New(fault.Forbidden, "banned")
			}
			if !slices.Contains(c.groups[person.Name], group) {
				c.groups[person.Name] = append(c.groups[person.Name], group)
			}
			return nil
		},
		Withdraw: func(_ context.Context, person *community.Actor, group string) error {
			c.groups[person.Name] = slices.DeleteFunc(c.groups[person.Name], func(g string) bool { return g == group })
			return nil
		},
	}
	return c
}

// worker is what a provider says of somebody.
func worker(subject string, groups ...string) map[string]any {
	return map[string]any{
		"sub": subject, "sid": "s-" + subject, "name": "Anna Stein", "preferred_username": "anna.stein@quarry.example",
		"email": subject + "@quarry.example", "email_verified": true, "realm": map[string]any{"groups": groups},
	}
}

// visit goes to the provider and returns what comes back.
func (c *company) visit(t *testing.T, by *Who) Return {
	t.Helper()
	left := must(c.w.BeginProvider(t.Context(), by, "/c/walls"))(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(left.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back := must(resp.Location())(t)
	if got := back.Scheme + "://" + back.Host + back.Path; got != c.w.Origin+CallbackPath {
		t.Fatalf("the provider sends people to %s", got)
	}
	q := back.Query()
	return Return{Secret: left.Secret, State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Issuer: q.Get("iss")}
}

func (c *company) arrive(t *testing.T) *Arrival {
	t.Helper()
	return must(c.w.FinishProvider(t.Context(), c.visit(t, nil)))(t)
}

func TestProviderJoinsAndSignsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		w.joins(func(j *community.Joining) { j.Mode = community.JoinClosed }) // the provider says who belongs here
		c.SignIn(worker("17", "masons", "banned", "others"))

		arrival := c.arrive(t)
		if arrival.Who != nil || arrival.Join == "" || arrival.Next != "/c/walls" {
			t.Fatalf("somebody new = %+v", arrival)
		}
		newcomer := must(w.Newcomer(t.Context(), arrival.Join))(t)
		want := &Newcomer{Called: "17@quarry.example", Name: "anna_stein", Title: "Anna Stein", Next: "/c/walls"}
		if diff := cmp.Diff(want, newcomer); diff != "" {
			t.Errorf("newcomer (-want +got):\n%s", diff)
		}
		_, err := w.JoinByProvider(t.Context(), arrival.Join, "no name!")
		wantCode(t, err, fault.Invalid)
		anna := must(w.JoinByProvider(t.Context(), arrival.Join, "anna"))(t)
		if anna.Actor.Title != "Anna Stein" || anna.Account.Email != "17@quarry.example" || anna.Account.PasswordHash != "" {
			t.Errorf("made %+v, %+v", anna.Actor, anna.Account)
		}
		_, err = w.JoinByProvider(t.Context(), arrival.Join, "anna2")
		wantCode(t, err, fault.Invalid)
		if diff := cmp.Diff([]string{"tools", "walls"}, slices.Sorted(slices.Values(c.groups["anna"]))); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}

		// The next time they are in, in the groups that they belong to now.
		c.SignIn(worker("17", "carters"))
		again := c.arrive(t)
		if again.Who == nil || again.Who.Account.ID != anna.Account.ID || again.Next != "/c/walls" {
			t.Fatalf("somebody known = %+v", again)
		}
		if diff := cmp.Diff([]string{"roads"}, c.groups["anna"]); diff != "" {
			t.Errorf("groups later (-want +got):\n%s", diff)
		}
		if list := must(w.Identities(t.Context(), anna))(t); len(list) != 1 || list[0].Name != "17@quarry.example" {
			t.Errorf("identities = %+v", list)
		}
	})
}

// An address proves nothing: whoever has it at the provider may be somebody
// else here.
func TestProviderNeverTiesByAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		must(w.SignUp(t.Context(), SignUp{Name: "boss", Password: password, Email: "17@quarry.example"}))(t)
		c.SignIn(worker("17"))
		if arrival := c.arrive(t); arrival.Who != nil {
			t.Errorf("signed in as %s", arrival.Who.Actor.Name)
		}
	})
}

func TestProviderTiesAnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		bob, eve := w.join(t, "bob"), w.join(t, "eve")
		c.SignIn(worker("17", "masons"))
		if arrival := must(w.FinishProvider(t.Context(), c.visit(t, bob)))(t); !arrival.Tied || arrival.Who != nil {
			t.Errorf("tied = %+v", arrival)
		}
		if !slices.Contains(c.groups["bob"], "walls") {
			t.Errorf("groups = %v", c.groups)
		}
		_, err := w.FinishProvider(t.Context(), c.visit(t, eve)) // the same person there
		wantCode(t, err, fault.Conflict)
		c.SignIn(worker("18"))
		_, err = w.FinishProvider(t.Context(), c.visit(t, bob)) // another one
		wantCode(t, err, fault.Conflict)
		c.SignIn(worker("17"))
		if in := c.arrive(t).Who; in == nil || in.Account.ID != bob.Account.ID {
			t.Errorf("signed in = %+v", in)
		}
		if err := w.Untie(t.Context(), bob); err != nil {
			t.Error(err)
		}
		wantCode(t, w.Untie(t.Context(), bob), fault.NotFound)
		if arrival := c.arrive(t); arrival.Who != nil {
			t.Error("still tied")
		}
	})
}

func TestProviderIsTheOnlyWayIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		c.SignIn(worker("17"))
		anna := must(w.JoinByProvider(t.Context(), c.arrive(t).Join, "anna"))(t)
		wantCode(t, w.Untie(t.Context(), anna), fault.Forbidden)
		if list := must(w.Identities(t.Context(), anna))(t); len(list) != 1 {
			t.Errorf("identities = %v", list)
		}
	})
}

func TestProviderIsNotBelievedBlindly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		c.SignIn(worker("17"))
		must(w.JoinByProvider(t.Context(), c.arrive(t).Join, "anna"))(t)
		other := provider.New(t, w.Now)

		for _, test := range []struct {
			name string
			bend func(claims, head map[string]any)
			back func(*Return)
			want fault.Code
		}{
			{"another audience", func(claims, _ map[string]any) { claims["aud"] = "somebody else" }, nil, fault.Forbidden},
			{"another issuer", func(claims, _ map[string]any) { claims["iss"] = other.URL }, nil, fault.Forbidden},
			{"another nonce", func(claims, _ map[string]any) { claims["nonce"] = "x" }, nil, fault.Forbidden},
			{"expired", func(claims, _ map[string]any) { claims["exp"] = w.Now().Add(-time.Minute).Unix() }, nil, fault.Forbidden},
			{"not signed", func(_, head map[string]any) { head["alg"] = "none" }, nil, fault.Forbidden},
			{"signed by another key", func(_, head map[string]any) { head["kid"] = "two" }, nil, fault.Forbidden},
			{"another state (CSRF)", nil, func(r *Return) { r.State = "x" }, fault.Invalid},
			{"another browser", nil, func(r *Return) { r.Secret = "x" }, fault.Invalid},
			{"another provider (mix-up)", nil, func(r *Return) { r.Issuer = other.URL }, fault.Invalid},
			{"another code", nil, func(r *Return) { r.Code = "x" }, fault.Forbidden},
			{"refused there", nil, func(r *Return) { r.Code, r.Error = "", "access_denied" }, fault.Forbidden},
		} {
			t.Run(test.name, func(t *testing.T) {
				c.Bend(test.bend)
				r := c.visit(t, nil)
				if test.back != nil {
					test.back(&r)
				}
				_, err := w.FinishProvider(t.Context(), r)
				wantCode(t, err, test.want)
				c.Bend(nil)
				_, err = w.FinishProvider(t.Context(), r) // a journey is made once
				if err == nil && test.name != "another browser" {
					t.Error("the journey goes on")
				}
			})
		}
		t.Run("too late", func(t *testing.T) {
			r := c.visit(t, nil)
			w.wait(joinLife)
			_, err := w.FinishProvider(t.Context(), r)
			wantCode(t, err, fault.Invalid)
		})
	})
}

func TestProviderTellsGroupsWhenAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		person := worker("17")
		delete(person, "realm")
		c.SignIn(person)
		c.Tell(map[string]any{"realm": map[string]any{"groups": "carters"}})
		must(w.JoinByProvider(t.Context(), c.arrive(t).Join, "anna"))(t)
		if diff := cmp.Diff([]string{"roads"}, c.groups["anna"]); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		c.Tell(map[string]any{"sub": "18", "realm": map[string]any{"groups": "masons"}})
		_, err := w.FinishProvider(t.Context(), c.visit(t, nil))
		wantCode(t, err, fault.Forbidden)
	})
}

func TestProviderSignsOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCompany(t, w)
		c.SignIn(worker("17"))
		anna := must(w.JoinByProvider(t.Context(), c.arrive(t).Join, "anna"))(t)
		start := func(who *Who) string {
			secret, _, err := w.StartSession(t.Context(), who, "x")
			return must(secret, err)(t)
		}
		there, here := start(anna), start(must(w.Find(t.Context(), "anna"))(t))
		in := func(secret string) bool {
			_, err := w.BySecret(t.Context(), community.BrowserSession, secret)
			return err == nil
		}
		for _, wrong := range []string{"", "x", c.LogoutToken("18", "")} {
			err := w.EndedByProvider(t.Context(), wrong)
			if wrong == "" || wrong == "x" {
				wantCode(t, err, fault.Invalid)
			} else if err != nil {
				t.Error(err)
			}
		}
		c.Bend(func(claims, _ map[string]any) { delete(claims, "events") })
		wantCode(t, w.EndedByProvider(t.Context(), c.LogoutToken("17", "")), fault.Invalid)
		c.Bend(nil)
		if !in(there) || !in(here) {
			t.Fatal("signed out by a wrong token")
		}
		if err := w.EndedByProvider(t.Context(), c.LogoutToken("17", "s-17")); err != nil {
			t.Fatal(err)
		}
		if in(there) || !in(here) {
			t.Errorf("the provider's session is in: %v, another: %v", in(there), in(here))
		}
		there = start(anna)
		if err := w.EndedByProvider(t.Context(), c.LogoutToken("", "s-17")); err != nil || in(there) || !in(here) {
			t.Errorf("by the session alone: %v", err)
		}
	})
}

func TestProviderDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.BeginProvider(t.Context(), nil, "/")
		wantCode(t, err, fault.NotFound)
		c := newCompany(t, w)
		issuer := c.URL
		w.Provider.Issuer = issuer + "/nowhere"
		_, err = w.BeginProvider(t.Context(), nil, "/")
		wantCode(t, err, fault.Unavailable)
		w.Provider.Issuer = issuer // it is back
		if left := must(w.BeginProvider(t.Context(), nil, "/"))(t); must(url.Parse(left.URL))(t).Host == "" {
			t.Errorf("left = %+v", left)
		}
	})
}
