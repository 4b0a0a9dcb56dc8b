package accounts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
)

// group makes a group of this server, and one moderator of it.
func (w *world) group(t *testing.T, name string, moderators ...*Who) *community.Actor {
	t.Helper()
	g := &community.Actor{
		Kind: community.GroupKind, Name: name, IRI: "https://garden.test/c/" + name, CreatedAt: noon, UpdatedAt: noon,
	}
	if err := w.DB.AddActor(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	for _, m := range moderators {
		w.member(t, g, m.Actor, community.Moderator)
	}
	return g
}

func (w *world) member(t *testing.T, group, person *community.Actor, role community.Role) {
	t.Helper()
	m := &community.Membership{GroupID: group.ID, ActorID: person.ID, Role: role, State: community.Accepted, CreatedAt: noon}
	if role != community.Member {
		m.ModeratesSince = noon
	}
	if err := w.DB.SaveMembership(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := w.DB.CountMember(t.Context(), group.ID, 1); err != nil {
		t.Fatal(err)
	}
}

// elsewhere makes somebody of another server.
func (w *world) elsewhere(t *testing.T, name string) *community.Actor {
	t.Helper()
	peer := must(w.DB.PeerByHost(t.Context(), "away.test", noon))(t)
	a := &community.Actor{
		Kind: community.Person, Name: name, Host: "away.test", IRI: "https://away.test/u/" + name, PeerID: peer.ID,
		Inbox: "https://away.test/u/" + name + "/inbox", CreatedAt: noon, UpdatedAt: noon, FetchedAt: noon,
	}
	if err := w.DB.SaveRemoteActor(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

// farewells runs the jobs that end what is left of accounts, each as often as
// if the server had been killed before it could note that it was done.
func (w *world) farewells(t *testing.T, often int) (runs int) {
	t.Helper()
	lanes := make([]int64, departureLanes)
	for i := range lanes {
		lanes[i] = int64(i)
	}
	for range 100 {
		jobs := must(w.DB.DueJobs(t.Context(), lanes, w.now(), 10))(t)
		left := 0
		for _, job := range jobs {
			if job.Kind != JobDepart {
				continue
			}
			left++
			for range often {
				runs++
				if err := w.Depart(t.Context(), job); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.DB.FinishJobs(t.Context(), []community.JobID{job.ID}, w.now()); err != nil {
				t.Fatal(err)
			}
		}
		if left == 0 {
			return runs
		}
		often = 1 // who is killed again and again never ends
	}
	t.Fatal("the farewells do not end")
	return runs
}

// Nobody comes in any more, by whatever way, and nothing is left but a name
// that stays taken and the key with which the last word is signed.
func TestDeleteAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "ada") // the first is the administrator
		alice, bob := w.join(t, "alice"), w.join(t, "bob")
		garden, fan := w.group(t, "garden", alice, bob), w.elsewhere(t, "fan")
		browser, _, err := w.StartSession(t.Context(), alice, "Test/1.0")
		token, _, err2 := w.CreateToken(t.Context(), alice, TokenDraft{Name: "script", Scopes: community.AllScopes})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		follow := &community.Follow{FollowerID: fan.ID, TargetID: alice.Actor.ID, State: community.Accepted, CreatedAt: noon}
		note := &community.Notification{AccountID: alice.Account.ID, Kind: "reply", ActorID: bob.Actor.ID, CreatedAt: noon}
		for _, err := range []error{
			w.DB.SaveFollow(t.Context(), follow), w.DB.AddAudience(t.Context(), alice.Actor.ID, fan.PeerID), w.DB.AddNotification(t.Context(), note),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Delete(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		for kind, secret := range map[community.SessionKind]string{community.BrowserSession: browser, community.TokenSession: token} {
			_, err := w.BySecret(t.Context(), kind, secret)
			wantCode(t, err, fault.Unauthenticated)
		}
		_, err = w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.Unauthenticated)
		_, err = w.SignUp(t.Context(), SignUp{Name: "Alice", Password: password})
		wantCode(t, err, fault.Conflict)
		wantCode(t, w.Delete(t.Context(), alice, false), fault.NotFound)
		if list := must(w.DB.Moderators(t.Context(), garden.ID))(t); len(list) != 1 || list[0].ID != bob.Actor.ID {
			t.Errorf("the group is looked after by %v", list)
		}
		w.farewells(t, 2)
		if _, err := w.DB.Account(t.Context(), alice.Account.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the account is left: %v", err)
		}
		gone := must(w.DB.Actor(t.Context(), alice.Actor.ID))(t)
		if !gone.Gone() || gone.Title != "" || gone.Name != "alice" {
			t.Errorf("left is %+v", gone)
		}
		if f := must(w.DB.Follow(t.Context(), fan.ID, alice.Actor.ID))(t); f != nil {
			t.Errorf("somebody follows her still: %+v", f)
		}
		if list := must(w.DB.Listeners(t.Context(), alice.Actor.ID))(t); len(list) != 0 {
			t.Errorf("servers listen to her: %v", list)
		}
		if key := must(w.DB.Key(t.Context(), alice.Actor.ID))(t); key == "" {
			t.Error("nothing signs her farewell")
		}
		kinds := facts(t, w.DB)
		if kinds[len(kinds)-1] != community.PersonGone {
			t.Errorf("recorded %v", kinds)
		}
	})
}

// Who belongs to much leaves it a part at a time, and a part that is done
// twice counts once.
func TestDeleteAccountOfAMultitude(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "ada")
		alice := w.join(t, "alice")
		const many = departOnce + 3
		groups := make([]*community.Actor, many)
		for i := range groups {
			groups[i] = w.group(t, fmt.Sprintf("group%d", i))
			w.member(t, groups[i], alice.Actor, community.Member)
			note := &community.Notification{AccountID: alice.Account.ID, Kind: "reply", ActorID: alice.Actor.ID, CreatedAt: noon}
			if err := w.DB.AddNotification(t.Context(), note); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Delete(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		if runs := w.farewells(t, 2); runs < 3 {
			t.Errorf("all was done in %d parts", runs)
		}
		if _, err := w.DB.Account(t.Context(), alice.Account.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the account is left: %v", err)
		}
		if left := must(w.DB.Belonging(t.Context(), alice.Actor.ID, many))(t); len(left) != 0 {
			t.Errorf("%d memberships are left", len(left))
		}
		if _, err := w.DB.Fold(t.Context(), 5000); err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			if n := must(w.DB.Actor(t.Context(), g.ID))(t).MemberCount; n != 0 {
				t.Fatalf("%s has %d members", g.Name, n)
			}
		}
	})
}

// What they wrote to others alone is theirs to take along, or to leave.
func TestDeleteAccountWithMessages(t *testing.T) {
	for _, all := range []bool{false, true} {
		t.Run(fmt.Sprintf("all %v", all), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.join(t, "ada")
				alice, bob := w.join(t, "alice"), w.join(t, "bob")
				for _, pair := range [][2]*Who{{alice, bob}, {bob, alice}} {
					m := &community.Message{
						SenderID: pair[0].Actor.ID, RecipientID: pair[1].Actor.ID, Body: "by " + pair[0].Actor.Name,
						HTML: "<p>x</p>", CreatedAt: noon,
					}
					if err := w.DB.AddMessage(t.Context(), m, "https://garden.test/message/"); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Delete(t.Context(), alice, all); err != nil {
					t.Fatal(err)
				}
				w.farewells(t, 2)
				list, _, err := w.DB.MessagesBetween(t.Context(), bob.Actor.ID, alice.Actor.ID, community.Page{Limit: 10})
				if err != nil || len(list) != 2 {
					t.Fatalf("bob sees %v, %v", list, err)
				}
				if list[0].Body != "by bob" || (list[1].Body == "") != all || list[1].DeletedAt.IsZero() == all {
					t.Errorf("bob sees %+v and %+v", list[0], list[1])
				}
			})
		})
	}
}

// Whom others need first sees to it that somebody takes their place; a refusal
// changes nothing.
func TestDeleteAccountThatIsNeeded(t *testing.T) {
	tests := []struct {
		name  string
		ready func(*testing.T, *world, *Who, *Who) // ada, the administrator, and bob
		who   string
		says  string // empty: they may go
	}{
		{"the only administrator", func(*testing.T, *world, *Who, *Who) {}, "ada", "ada is the only administrator of this server. Make somebody else one first."},
		{"one of two", func(t *testing.T, w *world, _, bob *Who) {
			bob.Account.Admin = true
			if err := w.DB.SaveAccount(t.Context(), bob.Account); err != nil {
				t.Fatal(err)
			}
		}, "ada", ""},
		{"the only one who is left of two", func(t *testing.T, w *world, _, _ *Who) {
			other := must(w.Create(t.Context(), SignUp{Name: "olga", Admin: true}))(t)
			if err := w.Delete(t.Context(), other, false); err != nil {
				t.Fatal(err)
			}
		}, "ada", "only administrator"},
		{"the only moderator", func(t *testing.T, w *world, ada, bob *Who) {
			w.group(t, "garden", bob)
			w.group(t, "bread", ada, bob)
			w.group(t, "cats", bob)
		}, "bob", "bob is the only moderator of garden, cats. Make somebody else a moderator there first."},
		{"the other moderator is gone", func(t *testing.T, w *world, _, bob *Who) {
			fan := w.elsewhere(t, "fan")
			w.member(t, w.group(t, "garden", bob), fan, community.Moderator)
			if err := w.DB.DeleteActor(t.Context(), fan.ID, noon); err != nil {
				t.Fatal(err)
			}
		}, "bob", "only moderator of garden"},
		{"the other moderator lives elsewhere", func(t *testing.T, w *world, _, bob *Who) {
			w.member(t, w.group(t, "garden", bob), w.elsewhere(t, "fan"), community.Moderator)
		}, "bob", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				people := map[string]*Who{"ada": w.join(t, "ada"), "bob": w.join(t, "bob")}
				test.ready(t, w, people["ada"], people["bob"])
				before := len(facts(t, w.DB))
				err := w.Delete(t.Context(), people[test.who], true)
				if test.says == "" {
					wantCode(t, err, fault.None)
					return
				}
				wantCode(t, err, fault.Conflict)
				if e, _ := fault.As(err); e == nil || !strings.Contains(e.Message, test.says) {
					t.Errorf("refused with %v", err)
				}
				if _, err := w.SignIn(t.Context(), test.who, password); err != nil {
					t.Errorf("they cannot sign in any more: %v", err)
				}
				if after := len(facts(t, w.DB)); after != before {
					t.Errorf("%d facts were recorded", after-before)
				}
			})
		})
	}
}

// Two administrators who leave at once do not both leave.
func TestTheLastTwoAdministratorsLeave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada := w.join(t, "ada")
		bob := must(w.Create(t.Context(), SignUp{Name: "bob", Admin: true}))(t)
		done := make(chan error, 2)
		for _, who := range []*Who{ada, bob} {
			go func() { done <- w.Delete(t.Context(), who, false) }()
		}
		first, second := <-done, <-done
		if (first == nil) == (second == nil) {
			t.Errorf("they were answered %v and %v", first, second)
		}
	})
}

// Somebody who is still there, or lives elsewhere, is not cleared away.
func TestDepartOnlyFromTheGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice, fan := w.join(t, "alice"), w.elsewhere(t, "fan")
		for _, id := range []community.ActorID{alice.Actor.ID, fan.ID} {
			body := must(json.Marshal(departure{Actor: id}))(t)
			wantCode(t, w.Depart(t.Context(), &community.Job{Kind: JobDepart, Body: body}), fault.Forbidden)
		}
		wantCode(t, w.Depart(t.Context(), &community.Job{Kind: JobDepart, Body: []byte("?")}), fault.Invalid)
	})
}

// The feeds that somebody kept end with their account: nobody could change
// them any more.
func TestDeleteAccountWithFeeds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "ada") // the first is the administrator
		alice, bob := w.join(t, "alice"), w.join(t, "bob")
		var feeds []*community.Actor
		for name, keeper := range map[string]*Who{"hers": alice, "his": bob} {
			feed := &community.Actor{Kind: community.FeedKind, Name: name, IRI: "https://garden.test/f/" + name, Title: name, CreatedAt: noon, UpdatedAt: noon}
			if err := w.DB.AddActor(t.Context(), feed); err != nil {
				t.Fatal(err)
			}
			source := &community.FeedSource{ActorID: feed.ID, Following: feed.IRI + "/following", Attributed: keeper.Actor.IRI, Owners: keeper.Actor.IRI}
			if err := w.DB.SaveFeedSource(t.Context(), source); err != nil {
				t.Fatal(err)
			}
			feeds = append(feeds, feed)
		}
		if err := w.Delete(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		for _, feed := range feeds {
			now := must(w.DB.Actor(t.Context(), feed.ID))(t)
			if now.Gone() != (now.Name == "hers") || now.Gone() && now.Title != "" {
				t.Errorf("%s became %+v", feed.Name, now)
			}
		}
		if err := w.DB.NumberFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, f := range must(w.DB.Facts(t.Context(), 0, 100))(t) {
			if f.Kind == community.FeedEnded && f.ActorID == alice.Actor.ID {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%d feeds are said to have ended, want 1", told)
		}
	})
}
