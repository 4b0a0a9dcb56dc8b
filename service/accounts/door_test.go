package accounts

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// work asks for a challenge and does it.
func (w *world) work(t *testing.T, bits int) *community.Work {
	t.Helper()
	key := must(w.DB.DoorKey(t.Context(), noon))(t)
	c := community.NewChallenge(key, drawn(18), bits, w.now())
	done := c.Solve()
	return &done
}

// invite stores an invitation by somebody and returns its code.
func (w *world) invite(t *testing.T, by *Who, change func(*community.Invite)) string {
	t.Helper()
	code := newSecret("")
	i := &community.Invite{
		Hash: hashSecret(code), CreatorID: by.Actor.ID, Uses: 1, CreatedAt: w.now(), ExpiresAt: w.now().Add(time.Hour),
	}
	change(i)
	if err := w.DB.AddInvite(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	return code
}

// stored counts what a sign-up could leave behind.
func stored(t *testing.T, db *storage.DB) string {
	t.Helper()
	var counts []string
	for _, table := range []string{"actors", "accounts", "keys", "passkeys", "admissions", "arrivals", "introductions", "facts", "notifications"} {
		n, err := db.Bun().NewSelect().Table(table).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, fmt.Sprint(table, " ", n))
	}
	used := must(db.Bun().NewSelect().Table("invites").ColumnExpr("*").Where("used > 0").Count(t.Context()))(t)
	return strings.Join(counts, ", ") + fmt.Sprint(", invites used ", used)
}

func TestDoors(t *testing.T) {
	mode := func(m community.JoinMode) func(*community.Joining) {
		return func(j *community.Joining) { j.Mode = m }
	}
	with := func(m community.JoinMode, more func(*community.Joining)) func(*community.Joining) {
		return func(j *community.Joining) { j.Mode = m; more(j) }
	}
	asks := func(j *community.Joining) {
		j.Questions = []community.Question{{Text: "Who are you?", Required: true}, {Text: "Anything else?"}}
	}
	works := func(j *community.Joining) { j.Proof = 8 }
	tests := []struct {
		name  string
		joins func(*community.Joining)
		ask   func(t *testing.T, w *world, alice *Who) Entry
		title string
		email string
		want  fault.Code
		field string
		state community.AdmissionState // empty: they are in
	}{
		{name: "open", joins: mode(community.JoinOpen)},
		{name: "closed", joins: mode(community.JoinClosed), want: fault.Forbidden},
		{
			name: "closed, with an invitation", joins: mode(community.JoinClosed), want: fault.Forbidden,
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(*community.Invite) {})}
			},
		},
		{
			name: "rules that are accepted", joins: with(community.JoinOpen, func(j *community.Joining) { j.Rules = []string{"Be kind."} }),
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Accepts: true} },
		},
		{name: "rules that are not", joins: with(community.JoinOpen, func(j *community.Joining) { j.Rules = []string{"Be kind."} }), want: fault.Invalid, field: "accept_rules"},
		{name: "mail that cannot be confirmed, since none is sent", joins: with(community.JoinOpen, func(j *community.Joining) { j.RequireMail = true })},

		{name: "by invitation, without", joins: mode(community.JoinInvite), want: fault.Forbidden},
		{
			name: "by invitation", joins: mode(community.JoinInvite),
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(*community.Invite) {})}
			},
		},
		{
			name: "a code that nobody gave out", joins: mode(community.JoinInvite), want: fault.NotFound, field: "invite",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Invite: "guessed"} },
		},
		{
			name: "a code of 10,000 characters and NUL", joins: mode(community.JoinOpen), want: fault.NotFound, field: "invite",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Invite: "\x00" + strings.Repeat("x", 10_000)} },
		},
		{
			name: "an invitation that is over", joins: mode(community.JoinInvite), want: fault.NotFound, field: "invite",
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(i *community.Invite) { i.ExpiresAt = w.now() })}
			},
		},
		{
			name: "an invitation that is used up", joins: mode(community.JoinOpen), want: fault.NotFound, field: "invite",
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(i *community.Invite) { i.Uses, i.Used = 3, 3 })}
			},
		},
		{
			name: "an invitation that was taken back", joins: mode(community.JoinOpen), want: fault.NotFound, field: "invite",
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(i *community.Invite) { i.RevokedAt = noon })}
			},
		},

		{name: "by application, without answers", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers"},
		{
			name: "by application", joins: with(community.JoinApplication, asks), state: community.AdmissionWaiting,
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"Bob, a mason."}} },
		},
		{
			name: "by application, with an invitation", joins: with(community.JoinApplication, asks),
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(*community.Invite) {})}
			},
		},
		{
			name: "more answers than questions", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"a", "b", "c"}} },
		},
		{
			name: "an answer of 10,000 characters", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{strings.Repeat("x", 10_000)}} },
		},
		{
			name: "an answer with NUL", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"a\x00b"}} },
		},
		{
			name: "an answer that is no text", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"a\xffb"}} },
		},
		{
			name: "an answer that turns the text around", joins: with(community.JoinApplication, asks), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"a\u202Eb"}} },
		},
		{
			name: "an answer in Arabic", joins: with(community.JoinApplication, asks), state: community.AdmissionWaiting,
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Answers: []string{"أنا بنّاء"}} },
		},

		{name: "no work", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof"},
		{
			name: "work", joins: with(community.JoinOpen, works),
			ask: func(t *testing.T, w *world, _ *Who) Entry { return Entry{Work: w.work(t, 8)} },
		},
		{
			name: "work for another server", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof",
			ask: func(_ *testing.T, w *world, _ *Who) Entry {
				c := community.NewChallenge([]byte("another key"), drawn(18), 8, w.now())
				done := c.Solve()
				return Entry{Work: &done}
			},
		},
		{
			name: "less work than was asked for", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof",
			ask: func(t *testing.T, w *world, _ *Who) Entry {
				done := w.work(t, 8)
				done.Nonces = done.Nonces[:3]
				return Entry{Work: done}
			},
		},
		{
			name: "work that is none", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof",
			ask: func(t *testing.T, w *world, _ *Who) Entry {
				done := w.work(t, 20)
				return Entry{Work: &community.Work{Challenge: done.Challenge, Nonces: make([]uint32, 16)}}
			},
		},
		{
			name: "an easier challenge of their own making", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof",
			ask: func(t *testing.T, w *world, _ *Who) Entry {
				done := w.work(t, 8)
				done.Challenge = strings.Replace(done.Challenge, "w1.8.", "w1.0.", 1)
				return Entry{Work: done}
			},
		},
		{
			name: "work that took too long", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "proof",
			ask: func(t *testing.T, w *world, _ *Who) Entry {
				done := w.work(t, 8)
				w.wait(community.WorkLife)
				return Entry{Work: done}
			},
		},
		{
			name: "no work, with an invitation", joins: with(community.JoinOpen, works),
			ask: func(t *testing.T, w *world, alice *Who) Entry {
				return Entry{Invite: w.invite(t, alice, func(*community.Invite) {})}
			},
		},
		{
			name: "no work, but a review", joins: with(community.JoinOpen, works), state: community.AdmissionWaiting,
			ask: func(*testing.T, *world, *Who) Entry {
				return Entry{Review: true, Answers: []string{"My browser has no JavaScript."}}
			},
		},
		{
			name: "no work, and nothing to review", joins: with(community.JoinOpen, works), want: fault.Invalid, field: "answers",
			ask: func(*testing.T, *world, *Who) Entry { return Entry{Review: true} },
		},
		{name: "an imitation", joins: mode(community.JoinOpen), title: "Alicе", want: fault.Invalid, field: "title"},
	}
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				w.joins(test.joins)
				ask := SignUp{Name: fmt.Sprintf("bob_%c", 'a'+i%26) + strings.Repeat("x", i/26), Password: password, Email: test.email, Title: test.title}
				if test.ask != nil {
					ask.Entry = test.ask(t, w, alice)
				}
				before := stored(t, w.DB)
				made, err := w.SignUp(t.Context(), ask)
				wantCode(t, err, test.want)
				if e, ok := fault.As(err); ok && e.Field != test.field {
					t.Errorf("the error is about %q, want %q: %v", e.Field, test.field, err)
				}
				if err != nil {
					if after := stored(t, w.DB); after != before {
						t.Errorf("something was stored:\n%s\n%s", before, after)
					}
					return
				}
				w.isIn(t, made, test.state)
			})
		}
	})
}

// isIn fails the test unless somebody is here, or waits.
func (w *world) isIn(t *testing.T, made *Who, state community.AdmissionState) {
	t.Helper()
	_, err := w.Person(t.Context(), community.Handle{Name: made.Actor.Name})
	_, byIRI := w.DB.ActorByIRI(t.Context(), made.Actor.IRI)
	if state == "" {
		if err != nil || byIRI != nil || made.Actor.MaySpeak(w.now()) != nil {
			t.Errorf("they are not in: %v, %v", err, byIRI)
		}
		return
	}
	wantCode(t, err, fault.NotFound)
	wantCode(t, byIRI, fault.NotFound)
	wantCode(t, made.Actor.MaySpeak(w.now()), fault.Forbidden)
	if a := must(w.DB.AdmissionOf(t.Context(), made.Actor.ID))(t); a.State != state || len(a.Answers) == 0 || a.Answers[0].Text == "" {
		t.Errorf("the application is %+v", a)
	}
	found := must(w.SignIn(t.Context(), made.Actor.Name, password))(t)
	if found.Actor.Kind != community.Applicant {
		t.Errorf("signed in as %+v", found.Actor)
	}
}

// Whoever comes first keeps the house, and applies to nobody.
func TestFirstApplies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.joins(func(j *community.Joining) {
			j.Mode, j.Rules, j.Proof, j.RequireMail = community.JoinApplication, []string{"Be kind."}, 20, true
		})
		made := w.join(t, "alice")
		if !made.Account.Admin || made.Actor.Kind != community.Person {
			t.Errorf("made %+v %+v", made.Actor, made.Account)
		}
	})
}

func TestWorkCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(t, "alice")
		w.joins(func(j *community.Joining) { j.Proof = 8 })
		done := w.work(t, 8)
		_, err := w.SignUp(t.Context(), SignUp{Name: "alice", Password: password, Entry: Entry{Work: done}})
		wantCode(t, err, fault.Conflict) // which costs nobody their work
		must(w.SignUp(t.Context(), SignUp{Name: "bob", Password: password, Entry: Entry{Work: done}}))(t)
		_, err = w.SignUp(t.Context(), SignUp{Name: "carol", Password: password, Entry: Entry{Work: done}})
		wantCode(t, err, fault.Invalid)
		_, err = w.BeginSignUp(t.Context(), SignUp{Name: "carol", Entry: Entry{Work: done}})
		wantCode(t, err, fault.Invalid)
	})
}

// Of many who come by the last use of an invitation at once, one gets in.
func TestLastUse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.joins(func(j *community.Joining) { j.Mode = community.JoinInvite })
		alice := must(w.Create(t.Context(), SignUp{Name: "alice", Admin: true}))(t)
		code := w.invite(t, alice, func(i *community.Invite) { i.Uses = 2 })
		errs := make([]error, 6)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.SignUp(context.Background(), SignUp{Name: fmt.Sprintf("guest_%c", 'a'+i), Password: password, Entry: Entry{Invite: code}})
			})
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else {
				wantCode(t, err, fault.NotFound)
			}
		}
		if in != 2 {
			t.Errorf("%d came in", in)
		}
		if people := must(w.DB.Introductions(t.Context(), []community.InviteID{1}))(t); len(people) != 2 {
			t.Errorf("%d introductions", len(people))
		}
	})
}

func TestArrivals(t *testing.T) {
	tests := []struct {
		name, address string
		want          fault.Code
	}{
		{"the first", "192.0.2.1", fault.None},
		{"the second from there", "192.0.2.1", fault.None},
		{"the third", "192.0.2.1", fault.RateLimited},
		{"the third, written otherwise", "::ffff:192.0.2.1", fault.RateLimited},
		{"a neighbour", "192.0.2.9", fault.None},
		{"too many neighbours", "192.0.2.10", fault.RateLimited},
		{"another network", "192.0.3.10", fault.None},
		{"of the sixth version", "2001:db8:1:1::1", fault.None},
		{"the same house", "2001:db8:1:1:9999::1", fault.None},
		{"once more", "2001:db8:1:1:aaaa::1", fault.RateLimited},
		{"another house", "2001:db8:1:2::1", fault.None},
		{"too many houses", "2001:db8:1:3::1", fault.RateLimited},
		{"another street", "2001:db8:2:3::1", fault.None},
		{"from nowhere", "", fault.None},
		{"from the same machine", "127.0.0.1", fault.None},
		{"and again", "127.0.0.1", fault.None},
		{"and again, in another way", "::1", fault.None},
		{"from the office", "192.168.4.4", fault.None},
		{"again", "192.168.4.4", fault.None},
		{"and again, by the third", "192.168.4.4", fault.None},
	}
	each(t, func(t *testing.T, w *world) {
		w.join(t, "alice")
		w.joins(func(j *community.Joining) { j.PerAddress, j.PerNetwork = 2, 3 })
		for i, test := range tests {
			_, err := w.SignUp(t.Context(), SignUp{Name: fmt.Sprintf("bob_%c", 'a'+i), Password: password, Entry: Entry{Address: test.address}})
			if fault.CodeOf(err) != test.want {
				t.Errorf("%s (%s): %v, want %q", test.name, test.address, err, test.want)
			}
		}
		limits := must(w.Allowances(t.Context(), "192.0.2.1"))(t)
		if len(limits) != 2 || limits[0].Left != 0 || limits[1].Left != 0 || !limits[0].Until.Equal(noon.Add(24*time.Hour)) {
			t.Errorf("what is left: %+v", limits)
		}
		w.wait(25 * time.Hour)
		must(w.SignUp(t.Context(), SignUp{Name: "tomorrow", Password: password, Entry: Entry{Address: "192.0.2.1"}}))(t)
	})
}

// Without work, only so many may wait.
func TestUnprovenQueue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		w.joins(func(j *community.Joining) { j.Proof = 8 })
		for i := range mostUnproven {
			a := &community.Actor{Kind: community.Applicant, Name: fmt.Sprint("waiting_", i), IRI: fmt.Sprint("https://garden.test/u/waiting_", i), CreatedAt: noon, UpdatedAt: noon}
			a.Fold, a.Skeleton = a.Name, fmt.Sprint(i)
			must(w.DB.Bun().NewInsert().Model(a).Returning("id").Exec(t.Context()))(t)
			if err := w.DB.AddAdmission(t.Context(), &community.Admission{ActorID: a.ID, State: community.AdmissionWaiting, Unproven: true, CreatedAt: noon}); err != nil {
				t.Fatal(err)
			}
		}
		ask := SignUp{Name: "bob", Password: password, Entry: Entry{Review: true, Answers: []string{"Me"}}}
		_, err := w.SignUp(t.Context(), ask)
		wantCode(t, err, fault.Unavailable)
		ask.Invite = w.invite(t, alice, func(*community.Invite) {})
		must(w.SignUp(t.Context(), ask))(t)
	})
}

// A passkey takes its time, and the door may be shut meanwhile.
func TestPasskeyAtTheDoor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		w.joins(func(j *community.Joining) { j.Mode, j.Proof = community.JoinApplication, 8 })
		ask := SignUp{Name: "bob", Title: "Bob", Email: "bob@example.org", Entry: Entry{Work: w.work(t, 8), Answers: []string{"A mason."}}}
		begun := must(w.BeginSignUp(t.Context(), ask))(t)
		made := must(w.FinishSignUp(t.Context(), begun.Ceremony, newAuthenticator(t).create(t, begun), ""))(t)
		if made.Actor.Kind != community.Applicant || made.Actor.Title != "Bob" || made.Account.Email != "bob@example.org" {
			t.Errorf("made %+v %+v", made.Actor, made.Account)
		}
		if a := must(w.DB.AdmissionOf(t.Context(), made.Actor.ID))(t); a.Unproven || a.Answers[0].Text != "A mason." {
			t.Errorf("the application is %+v", a)
		}

		code := w.invite(t, alice, func(*community.Invite) {})
		begun = must(w.BeginSignUp(t.Context(), SignUp{Name: "carol", Entry: Entry{Invite: code}}))(t)
		must(w.SignUp(t.Context(), SignUp{Name: "dan", Password: password, Entry: Entry{Invite: code}}))(t)
		before := stored(t, w.DB)
		_, err := w.FinishSignUp(t.Context(), begun.Ceremony, newAuthenticator(t).create(t, begun), "")
		wantCode(t, err, fault.NotFound)
		if after := stored(t, w.DB); after != before {
			t.Errorf("something was stored:\n%s\n%s", before, after)
		}
	})
}
