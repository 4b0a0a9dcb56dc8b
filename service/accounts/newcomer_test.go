package accounts

import (
	"context"
	"slices"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// withDoor is a world in which newcomers have to confirm an address. Alice was
// here before, and reads no mail.
func withDoor(t *testing.T, change func(*community.Joining), f func(t *testing.T, w *world, alice *Who)) {
	t.Helper()
	withMail(t, func(t *testing.T, w *world) {
		alice := w.join(t, "alice")
		w.joins(func(j *community.Joining) { j.RequireMail = true; change(j) })
		f(t, w, alice)
	})
}

func asItIs(*community.Joining) {}

// comes makes an account with an address.
func (w *world) comes(t *testing.T, name string, entry Entry) *Who {
	t.Helper()
	return must(w.SignUp(t.Context(), SignUp{Name: name, Password: password, Email: name + "@mail.test", Entry: entry}))(t)
}

func (w *world) wantKind(t *testing.T, name string, want community.ActorKind) *Who {
	t.Helper()
	who := must(w.Find(t.Context(), name))(t)
	if who.Actor.Kind != want {
		t.Errorf("%s is %q, want %q", name, who.Actor.Kind, want)
	}
	return who
}

func TestAnAddressIsConfirmedFirst(t *testing.T) {
	withDoor(t, asItIs, func(t *testing.T, w *world, alice *Who) {
		before := stored(t, w.DB)
		_, err := w.SignUp(t.Context(), SignUp{Name: "bob", Password: password})
		wantCode(t, err, fault.Invalid)
		_, err = w.BeginSignUp(t.Context(), SignUp{Name: "bob"})
		wantCode(t, err, fault.Invalid)
		if after := stored(t, w.DB); after != before {
			t.Errorf("something was stored:\n%s\n%s", before, after)
		}
		bob := w.comes(t, "bob", Entry{})
		letter := w.wantLetters(t, "confirm_address to bob@mail.test")[0]
		if letter.Words["joins"] == "" {
			t.Error("the letter does not say what it is for")
		}
		wantCode(t, bob.Actor.MaySpeak(w.now()), fault.Forbidden)
		_, err = w.Person(t.Context(), community.Handle{Name: "bob"})
		wantCode(t, err, fault.NotFound)
		_, err = w.DB.ActorByIRI(t.Context(), bob.Actor.IRI)
		wantCode(t, err, fault.NotFound)
		if slices.Contains(facts(t, w.DB)[1:], community.PersonJoined) {
			t.Error("they joined before they are in")
		}
		must(w.SignIn(t.Context(), "bob", password))(t)
		wantCode(t, w.setEmail(t, bob, ""), fault.Invalid) // or nobody could ever confirm one

		proved := must(w.Verify(t.Context(), w.open(t, letter)))(t)
		if proved.Actor.Kind != community.Person || !slices.Contains(facts(t, w.DB)[1:], community.PersonJoined) {
			t.Errorf("verified, and is %+v", proved.Actor)
		}
		w.wantKind(t, "bob", community.Person)
		w.wait(2 * community.UnverifiedKept)
		if err := w.EndWaits(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.wantKind(t, "bob", community.Person)
		if err := w.wantKind(t, "alice", community.Person).Actor.MaySpeak(w.now()); err != nil || alice.Account.VerifiedEmail() != "" {
			t.Errorf("who was here before is asked: %v", err)
		}
	})
}

// Who gives another address confirms that, and one that is somebody else's
// lets nobody in.
func TestAnotherAddressIsConfirmedFirst(t *testing.T) {
	withDoor(t, asItIs, func(t *testing.T, w *world, _ *Who) {
		bob := w.comes(t, "bob", Entry{})
		w.wantLetters(t, "confirm_address to bob@mail.test")
		if err := w.setEmail(t, bob, "robert@mail.test"); err != nil {
			t.Fatal(err)
		}
		letter := w.wantLetters(t, "confirm_address to robert@mail.test")[0]
		must(w.Verify(t.Context(), w.open(t, letter)))(t)
		w.wantKind(t, "bob", community.Person)

		must(w.SignUp(t.Context(), SignUp{Name: "carol", Password: password, Email: "robert@mail.test"}))(t)
		w.wantLetters(t, "address_taken to robert@mail.test")
		w.wantKind(t, "carol", community.Newcomer)
	})
}

func TestApplicantsConfirmToo(t *testing.T) {
	entry := Entry{Answers: []string{"A mason."}}
	withDoor(t, func(j *community.Joining) { j.Mode = community.JoinApplication }, func(t *testing.T, w *world, alice *Who) {
		decide := func(who *Who, state community.AdmissionState) {
			t.Helper()
			a := must(w.DB.AdmissionOf(t.Context(), who.Actor.ID))(t)
			a.State, a.DecidedBy, a.DecidedAt = state, alice.Actor.ID, w.now()
			if err := w.DB.SaveAdmission(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			name  string
			state community.AdmissionState
			want  community.ActorKind
		}{
			{"bob", community.AdmissionWaiting, community.Applicant},
			{"carol", community.AdmissionAccepted, community.Person},
			{"dave", community.AdmissionRefused, community.Applicant},
		} {
			who := w.comes(t, test.name, entry)
			letter := w.wantLetters(t, "confirm_address to "+test.name+"@mail.test")[0]
			w.wantKind(t, test.name, community.Newcomer)
			if test.state != community.AdmissionWaiting {
				decide(who, test.state)
			}
			must(w.Verify(t.Context(), w.open(t, letter)))(t)
			w.wantKind(t, test.name, test.want)
		}
	})
}

// Who was invited joins their group once they are in, and one who never
// confirmed leaves nothing: neither their name nor their place is used up.
func TestInvitedNewcomers(t *testing.T) {
	withDoor(t, func(j *community.Joining) { j.Mode = community.JoinInvite }, func(t *testing.T, w *world, alice *Who) {
		group := &community.Actor{Kind: community.GroupKind, Name: "walls", IRI: "https://garden.test/c/walls", CreatedAt: w.now(), UpdatedAt: w.now()}
		if err := w.DB.AddActor(t.Context(), group); err != nil {
			t.Fatal(err)
		}
		var entered []string
		w.Enter = func(_ context.Context, _ *storage.DB, newcomer, into, inviter *community.Actor) error {
			entered = append(entered, newcomer.Name+" "+into.Name+" "+inviter.Name)
			return nil
		}
		code := w.invite(t, alice, func(i *community.Invite) { i.Uses, i.GroupID, i.ExpiresAt = 2, group.ID, w.now().Add(30*24*time.Hour) })
		w.comes(t, "bob", Entry{Invite: code})
		w.comes(t, "carol", Entry{Invite: code})
		_, err := w.SignUp(t.Context(), SignUp{Name: "dave", Password: password, Email: "dave@mail.test", Entry: Entry{Invite: code}})
		wantCode(t, err, fault.NotFound)
		if len(entered) != 0 {
			t.Errorf("entered too early: %v", entered)
		}
		letter := w.letters(t)[0]
		must(w.Verify(t.Context(), w.open(t, letter)))(t)
		if !slices.Equal(entered, []string{"bob walls alice"}) {
			t.Errorf("entered: %v", entered)
		}

		w.wait(community.UnverifiedKept - time.Minute)
		end := func() {
			t.Helper()
			if err := w.EndWaits(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		end()
		w.wantKind(t, "carol", community.Newcomer)
		w.wait(2 * time.Minute)
		end()
		_, err = w.Find(t.Context(), "carol")
		wantCode(t, err, fault.NotFound)
		w.wantKind(t, "bob", community.Person)
		w.comes(t, "carol", Entry{Invite: code}) // her name, and her place, can be had again
	})
}

// Nobody waits for ever for what nobody asks any more.
func TestTheHostChangesTheirMind(t *testing.T) {
	withDoor(t, asItIs, func(t *testing.T, w *world, _ *Who) {
		w.comes(t, "bob", Entry{})
		w.DB.SendLetters(false)
		if err := w.EndWaits(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.wantKind(t, "bob", community.Newcomer) // of this very moment
		w.wait(time.Second)
		if err := w.EndWaits(t.Context()); err != nil {
			t.Fatal(err)
		}
		if who := w.wantKind(t, "bob", community.Person); who.Account.VerifiedEmail() != "" {
			t.Error("their address is verified by nobody")
		}
	})
}

// Who is not in yet goes at once, with their name.
func TestNewcomersDeleteThemselves(t *testing.T) {
	withDoor(t, asItIs, func(t *testing.T, w *world, _ *Who) {
		before := stored(t, w.DB)
		bob := w.comes(t, "bob", Entry{})
		if err := w.Leave(t.Context(), bob, true); err != nil {
			t.Fatal(err)
		}
		if after := stored(t, w.DB); after != before {
			t.Errorf("something stays:\n%s\n%s", before, after)
		}
		w.comes(t, "bob", Entry{})
	})
}

func TestCompaniesVouchForAddresses(t *testing.T) {
	withDoor(t, asItIs, func(t *testing.T, w *world, _ *Who) {
		c := newCompany(t, w)
		for _, test := range []struct {
			name     string
			verified bool
			want     community.ActorKind
		}{{"erin", true, community.Person}, {"frank", false, community.Newcomer}} {
			said := worker(test.name)
			said["email_verified"] = test.verified
			c.SignIn(said)
			arrival := c.arrive(t)
			made := must(w.JoinByProvider(t.Context(), arrival.Join, test.name))(t)
			w.wantKind(t, test.name, test.want)
			if got := made.Account.VerifiedEmail() != ""; got != test.verified {
				t.Errorf("%s: verified is %v", test.name, got)
			}
		}
		if letters := w.letters(t); len(letters) != 0 {
			t.Errorf("asks whom nobody has to ask: %v", said(letters))
		}
	})
}
