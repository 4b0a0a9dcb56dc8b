package accounts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
)

func TestSignUp(t *testing.T) {
	tests := []struct {
		name  string
		ask   SignUp
		want  fault.Code
		field string
	}{
		{"with a name and a password", SignUp{Name: "Carol", Password: password}, fault.None, ""},
		{"with everything", SignUp{Name: "dan_2", Title: " Dan ", Email: "dan@example.org", Password: password}, fault.None, ""},
		{"asking for power", SignUp{Name: "eve", Password: password, Admin: true}, fault.None, ""},
		{"no name", SignUp{Password: password}, fault.Invalid, "name"},
		{"a name with a space", SignUp{Name: "d d", Password: password}, fault.Invalid, "name"},
		{"a reserved name", SignUp{Name: "Admin", Password: password}, fault.Invalid, "name"},
		{"a name that is taken", SignUp{Name: "alice", Password: password}, fault.Conflict, "name"},
		{"a name that is taken in another case", SignUp{Name: "ALICE", Password: password}, fault.Conflict, "name"},
		{"no password", SignUp{Name: "carol"}, fault.Invalid, "password"},
		{"a short password", SignUp{Name: "carol", Password: "short"}, fault.Invalid, "password"},
		{"a long password", SignUp{Name: "carol", Password: strings.Repeat("x", 2000)}, fault.Invalid, "password"},
		{"the name as password", SignUp{Name: "carol_carol", Password: "Carol_Carol"}, fault.Invalid, "password"},
		{"a bad address", SignUp{Name: "frank", Password: password, Email: "frank"}, fault.Invalid, "email"},
		{"a long title", SignUp{Name: "frank", Password: password, Title: strings.Repeat("x", 100)}, fault.Invalid, "title"},
	}
	each(t, func(t *testing.T, w *world) {
		if !w.join(t, "Alice").Account.Admin {
			t.Error("the first account is not the administrator's")
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				made, err := w.SignUp(t.Context(), test.ask)
				wantCode(t, err, test.want)
				if e, ok := fault.As(err); ok && e.Field != test.field {
					t.Errorf("the error is about %q, want %q", e.Field, test.field)
				}
				if err == nil && made.Account.Admin {
					t.Error("a second administrator")
				}
			})
		}
	})
}

func TestSignUpStores(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "Alice")
		found := must(w.Find(t.Context(), "aLiCe"))(t)
		actor, account := found.Actor, found.Account
		want := community.Actor{
			ID: actor.ID, Kind: community.Person, Name: "Alice", Fold: "alice", Skeleton: "alice",
			IRI: "https://garden.test/u/Alice", URL: "https://garden.test/u/Alice",
			Inbox: "https://garden.test/u/Alice/inbox", Outbox: "https://garden.test/u/Alice/outbox",
			Followers: "https://garden.test/u/Alice/followers", SharedInbox: "https://garden.test/inbox",
			KeyID: "https://garden.test/u/Alice#main-key", PublicKey: "public 1",
			CreatedAt: noon, UpdatedAt: noon,
		}
		if diff := cmp.Diff(&want, actor); diff != "" {
			t.Errorf("the actor differs (-want +got):\n%s", diff)
		}
		if key := must(w.DB.Key(t.Context(), actor.ID))(t); key != "private 1" {
			t.Errorf("key %q", key)
		}
		if match, err := argon2id.ComparePasswordAndHash(password, account.PasswordHash); !match {
			t.Errorf("the stored hash %q does not match: %v", account.PasswordHash, err)
		}
		if got := facts(t, w.DB); !slices.Equal(got, []community.FactKind{community.PersonJoined}) {
			t.Errorf("facts %v", got)
		}
	})
}

func TestClosedRegistrations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.joins(func(j *community.Joining) { j.Mode = community.JoinClosed })
		_, err := w.SignUp(t.Context(), SignUp{Name: "alice", Password: password})
		wantCode(t, err, fault.Forbidden)
		_, err = w.BeginSignUp(t.Context(), SignUp{Name: "alice"})
		wantCode(t, err, fault.Forbidden)

		made := must(w.Create(t.Context(), SignUp{Name: "alice", Admin: true}))(t)
		if !made.Account.Admin || made.Account.PasswordHash != "" {
			t.Errorf("made %+v", made.Account)
		}
		_, err = w.Create(t.Context(), SignUp{Name: "bob", Password: "short"})
		wantCode(t, err, fault.Invalid)
	})
}

// Two people who are the first at once do not both become administrators,
// and do not both get the name.
func TestSignUpTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		names := []string{"ann", "Ann", "ben", "cleo", "dora", "Ben"}
		made := make([]*Who, len(names))
		errs := make([]error, len(names))
		var wg sync.WaitGroup
		for i, name := range names {
			wg.Go(func() { made[i], errs[i] = w.SignUp(context.Background(), SignUp{Name: name, Password: password}) })
		}
		wg.Wait()
		admins, refused := 0, 0
		for i := range names {
			if errs[i] != nil {
				wantCode(t, errs[i], fault.Conflict)
				refused++
			} else if made[i].Account.Admin {
				admins++
			}
		}
		if admins != 1 || refused != 2 {
			t.Errorf("%d administrators and %d refused, want 1 and 2", admins, refused)
		}
	})
}

func TestSignIn(t *testing.T) {
	tests := []struct {
		name, who, password string
		want                fault.Code
	}{
		{"right", "alice", password, fault.None},
		{"another case, and a mark", " @ALICE ", password, fault.None},
		{"the whole handle", "alice@garden.test", password, fault.None},
		{"a wrong password", "alice", password + "!", fault.Unauthenticated},
		{"no password", "alice", "", fault.Unauthenticated},
		{"a password too long to be one", "alice", strings.Repeat("x", 5000), fault.Unauthenticated},
		{"nobody", "zoe", password, fault.Unauthenticated},
		{"no name", "", password, fault.Unauthenticated},
		{"somebody elsewhere", "alice@elsewhere.test", password, fault.Unauthenticated},
		{"only tokens", "robot", "", fault.Unauthenticated},
		{"gone", "gone", password, fault.Unauthenticated},
	}
	each(t, func(t *testing.T, w *world) {
		alice, gone := w.join(t, "alice"), w.join(t, "gone")
		must(w.Create(t.Context(), SignUp{Name: "robot"}))(t)
		if err := w.DB.DeleteActor(t.Context(), gone.Actor.ID, noon); err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got, err := w.SignIn(t.Context(), test.who, test.password)
				wantCode(t, err, test.want)
				if err == nil && got.Account.ID != alice.Account.ID {
					t.Errorf("signed in as %+v", got.Account)
				}
				if e, ok := fault.As(err); ok && e.Message != "The name or the password is wrong." {
					t.Errorf("it says %q", e.Message)
				}
			})
		}
	})
}

// The hash that no password has must cost as much as any other.
func TestHashOfNothing(t *testing.T) {
	hash := hashOfNothing(passwordCost)
	got, _, _, err := argon2id.DecodeHash(hash)
	if err != nil || *got != *passwordCost {
		t.Errorf("parameters %+v, %v; want %+v", got, err, passwordCost)
	}
	if passwordCost.Memory != 64*1024 {
		t.Errorf("a hash takes %d KiB", passwordCost.Memory)
	}
}

func TestHashersWait(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	if err := w.hashers.Acquire(t.Context(), maxHashers); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.hashPassword(ctx, password)
	wantCode(t, err, fault.Unavailable)
	w.hashers.Release(maxHashers)
	if _, err := w.hashPassword(t.Context(), password); err != nil {
		t.Error(err)
	}
}

func TestEdit(t *testing.T) {
	tests := []struct {
		name   string
		change Change
		want   fault.Code
		facts  int
	}{
		{"nothing", Change{}, fault.None, 0},
		{"the same", Change{Title: ptr(""), Email: ptr("")}, fault.None, 0},
		{"title and summary", Change{Title: ptr(" Alice "), Summary: ptr("I *like* walls. @bob")}, fault.None, 1},
		{"an address", Change{Email: ptr("alice@example.org")}, fault.None, 0},
		{"a bad address", Change{Title: ptr("New"), Email: ptr("nonsense")}, fault.Invalid, 0},
		{"a long summary", Change{Summary: ptr(strings.Repeat("x", 20_000))}, fault.Invalid, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				alice := w.join(t, "alice")
				alice.Session = &community.Session{ID: 7}
				edited, err := w.Edit(t.Context(), alice, test.change)
				wantCode(t, err, test.want)
				if got := len(facts(t, w.DB)) - 1; got != test.facts {
					t.Errorf("%d facts, want %d", got, test.facts)
				}
				stored := must(w.Find(t.Context(), "alice"))(t)
				if err != nil {
					if stored.Actor.Title != "" || stored.Account.Email != "" {
						t.Errorf("stored in spite of the error: %+v %+v", stored.Actor, stored.Account)
					}
					return
				}
				if edited.Session != alice.Session {
					t.Error("the session is lost")
				}
				edited.Session = nil
				if diff := cmp.Diff(stored, edited); diff != "" {
					t.Errorf("stored and returned differ:\n%s", diff)
				}
				if test.facts > 0 && (stored.Actor.Title != "Alice" ||
					stored.Actor.SummaryHTML != `<p>I <em>like</em> walls. <a href="/u/bob" class="mention">@bob</a></p>`+"\n") {
					t.Errorf("title %q, summary %q", stored.Actor.Title, stored.Actor.SummaryHTML)
				}
			})
		})
	}
}

func TestPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "alice")
		gone := w.join(t, "gone")
		if err := w.DB.DeleteActor(t.Context(), gone.Actor.ID, noon); err != nil {
			t.Fatal(err)
		}
		must(w.Instance(t.Context()))(t)
		for name, want := range map[string]fault.Code{
			"ALICE": fault.None, "gone": fault.NotFound, "nobody": fault.NotFound, "garden.test": fault.NotFound,
		} {
			_, err := w.Person(t.Context(), community.Handle{Name: name})
			wantCode(t, err, want)
		}
		_, err := w.Find(t.Context(), "gone")
		wantCode(t, err, fault.NotFound)
	})
}

func TestInstance(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		actors := make([]*community.Actor, 8)
		var wg sync.WaitGroup
		for i := range actors {
			wg.Go(func() {
				var err error
				if actors[i], err = w.Instance(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		first := actors[0]
		if first == nil || first.IRI != "https://garden.test/" || first.Kind != community.Application || first.Name != "garden.test" {
			t.Fatalf("instance %+v", first)
		}
		for _, actor := range actors {
			if diff := cmp.Diff(first, actor); diff != "" {
				t.Errorf("another instance:\n%s", diff)
			}
		}
		public, private := first.PublicKey, must(w.DB.Key(t.Context(), first.ID))(t)
		if strings.TrimPrefix(public, "public") != strings.TrimPrefix(private, "private") {
			t.Errorf("the keys %q and %q are no pair", public, private)
		}
	})
}

func TestNewNeedsItsOptions(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("New takes nothing")
	}
	w := newWorld(t, testdb.SQLite(t))
	w.NewKey = func() (string, string, error) { return "", "", errors.New("no key") }
	_, err := w.SignUp(t.Context(), SignUp{Name: "alice", Password: password})
	wantCode(t, err, fault.Internal)
}

// Nobody here is taken for somebody else by their name, nor for those who look
// after the server by their title; and nothing is stored of who tried.
func TestImpersonation(t *testing.T) {
	tests := []struct {
		name  string
		ask   SignUp
		want  fault.Code
		field string
	}{
		{"a name that looks like another", SignUp{Name: "b0b"}, fault.Conflict, "name"},
		{"a name with a line in it", SignUp{Name: "bob_"}, fault.Conflict, "name"},
		{"a name that looks like a reserved one", SignUp{Name: "adm1n"}, fault.Invalid, "name"},
		{"a name that looks like the administrator's", SignUp{Name: "4nna"}, fault.Invalid, "name"},
		{"the administrator's title in other letters", SignUp{Name: "carl", Title: "Аnna Stone"}, fault.Invalid, "title"},
		{"a title that turns the text around", SignUp{Name: "carl", Title: "Carl \u202E"}, fault.Invalid, "title"},
		{"a title that cannot be seen", SignUp{Name: "carl", Title: "Ca\u200Brl"}, fault.Invalid, "title"},
		{"a title in Thai", SignUp{Name: "carl", Title: "ราชา"}, fault.None, ""},
	}
	each(t, func(t *testing.T, w *world) {
		must(w.SignUp(t.Context(), SignUp{Name: "anna", Title: "Anna Stone", Password: password}))(t)
		bob := w.join(t, "bob")
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				before := len(facts(t, w.DB))
				test.ask.Password = password
				_, err := w.SignUp(t.Context(), test.ask)
				wantCode(t, err, test.want)
				if e, ok := fault.As(err); ok && e.Field != test.field {
					t.Errorf("the error is about %q, want %q", e.Field, test.field)
				}
				if err != nil && len(facts(t, w.DB)) != before {
					t.Error("something was stored")
				}
			})
		}
		_, err := w.Edit(t.Context(), bob, Change{Title: ptr("Αnna Stone")})
		wantCode(t, err, fault.Invalid)
		if stored := must(w.Find(t.Context(), "bob"))(t); stored.Actor.Title != "" {
			t.Errorf("bob is called %q", stored.Actor.Title)
		}
	})
}
