package accounts

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
)

// withMail is a world on both databases in which mail is sent.
func withMail(t *testing.T, f func(t *testing.T, w *world)) {
	each(t, func(t *testing.T, w *world) {
		w.DB.SendLetters(true)
		f(t, w)
	})
}

// letters returns what was posted since the last time, as "kind to address".
func (w *world) letters(t *testing.T) (list []community.Letter) {
	t.Helper()
	lanes := must(w.DB.DueLanes(t.Context(), w.now()))(t)
	var done []community.JobID
	for _, job := range must(w.DB.DueJobs(t.Context(), lanes, w.now(), 100))(t) {
		switch job.Kind {
		case JobRecover:
			if err := w.SendWayIn(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			defer func() { list = append(list, w.letters(t)...) }()
		case community.JobLetter:
			var letter community.Letter
			if err := json.Unmarshal(job.Body, &letter); err != nil {
				t.Fatal(err)
			}
			list = append(list, letter)
		}
		done = append(done, job.ID)
	}
	if err := w.DB.FinishJobs(t.Context(), done, w.now()); err != nil {
		t.Fatal(err)
	}
	return list
}

func said(letters []community.Letter) []string {
	list := []string{}
	for _, l := range letters {
		text := string(l.Kind) + " to " + l.To
		for _, word := range []string{"what", "asked", "changed", "removed", "ended"} {
			if l.Words[word] != "" {
				text += " " + strings.TrimSuffix(word+":"+l.Words[word], ":yes")
			}
		}
		list = append(list, text)
	}
	return list
}

func (w *world) wantLetters(t *testing.T, want ...string) []community.Letter {
	t.Helper()
	letters := w.letters(t)
	if diff := cmp.Diff(append([]string{}, want...), said(letters)); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	return letters
}

// open writes a letter as service/mail does, and returns the secret of its
// link.
func (w *world) open(t *testing.T, letter community.Letter) string {
	t.Helper()
	secret := newSecret("")
	if err := w.DB.SealLink(t.Context(), letter.LinkID, hashSecret(secret)); err != nil {
		t.Fatal(err)
	}
	return secret
}

// reads makes an account whose owner showed that they read mail.
func (w *world) reads(t *testing.T, name string) *Who {
	t.Helper()
	address := name + "@mail.test"
	made := must(w.SignUp(t.Context(), SignUp{Name: name, Password: password, Email: address}))(t)
	letters := w.wantLetters(t, "confirm_address to "+address)
	must(w.Verify(t.Context(), w.open(t, letters[0])))(t)
	w.wantLetters(t)
	made.Account = must(w.DB.Account(t.Context(), made.Account.ID))(t)
	return made
}

func (w *world) email(t *testing.T, who *Who) Email {
	t.Helper()
	return must(w.Email(t.Context(), who))(t)
}

func (w *world) setEmail(t *testing.T, who *Who, address string) error {
	t.Helper()
	_, err := w.Edit(t.Context(), who, Change{Email: &address})
	return err
}

func TestChangingAVerifiedAddress(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		if err := w.setEmail(t, alice, "new@mail.test"); err != nil {
			t.Fatal(err)
		}
		letters := w.wantLetters(t, "confirm_address to new@mail.test", "address_changed to alice@mail.test asked")
		want := Email{Address: "alice@mail.test", Verified: true, Pending: "new@mail.test", Works: true}
		if got := w.email(t, alice); got != want {
			t.Errorf("until it is confirmed: %+v", got)
		}
		secret := w.open(t, letters[0])
		shown := must(w.Link(t.Context(), community.VerifyLink, secret))(t)
		if shown.Actor.Name != "alice" || shown.Link.Address != "new@mail.test" {
			t.Errorf("the link is about %+v", shown.Link)
		}
		_, err := w.Link(t.Context(), community.ResetLink, secret)
		wantCode(t, err, fault.NotFound)
		must(w.Verify(t.Context(), secret))(t)
		w.wantLetters(t, "address_changed to alice@mail.test changed")
		if got := w.email(t, alice); got != (Email{Address: "new@mail.test", Verified: true, Works: true}) {
			t.Errorf("afterwards: %+v", got)
		}
		_, err = w.Verify(t.Context(), secret)
		wantCode(t, err, fault.NotFound) // once

		if err := w.setEmail(t, alice, ""); err != nil {
			t.Fatal(err)
		}
		w.wantLetters(t, "address_changed to new@mail.test removed")
		if got := w.email(t, alice); got != (Email{Works: true}) {
			t.Errorf("without one: %+v", got)
		}
	})
}

// Whoever thinks better of it writes the old address again.
func TestAChangeOfMindEndsTheLink(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		if err := w.setEmail(t, alice, "new@mail.test"); err != nil {
			t.Fatal(err)
		}
		secret := w.open(t, w.letters(t)[0])
		if err := w.setEmail(t, alice, "alice@mail.test"); err != nil {
			t.Fatal(err)
		}
		_, err := w.Verify(t.Context(), secret)
		wantCode(t, err, fault.NotFound)
		w.wantLetters(t)
	})
}

// Somebody who writes another's address learns nothing: the answer is the
// same, and it is its owner who hears of it.
func TestNobodyLearnsWhoseAnAddressIs(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		w.reads(t, "alice")
		eve := w.reads(t, "eve")
		if err := w.setEmail(t, eve, "Alice@Mail.test"); err != nil {
			t.Fatal(err)
		}
		w.wantLetters(t, "address_taken to alice@mail.test", "address_changed to eve@mail.test asked")
		free := w.reads(t, "free")
		if err := w.setEmail(t, free, "nobodys@mail.test"); err != nil {
			t.Fatal(err)
		}
		w.letters(t)
		taken, open := w.email(t, eve), w.email(t, free)
		taken.Address, taken.Pending, open.Address, open.Pending = "", "", "", ""
		if taken != open {
			t.Errorf("an address that is taken shows as %+v, another as %+v", taken, open)
		}
		if err := w.AskAgain(t.Context(), eve); err != nil {
			t.Error(err)
		}
		w.wantLetters(t, "address_taken to alice@mail.test")

		// The same for somebody who only just comes.
		must(w.SignUp(t.Context(), SignUp{Name: "mallory", Password: password, Email: "alice@mail.test"}))(t)
		w.wantLetters(t, "address_taken to alice@mail.test")
	})
}

// Two who were both asked cannot both have it, however it is written.
func TestAnAddressIsOneAccounts(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		for _, name := range []string{"alice", "eve"} {
			must(w.SignUp(t.Context(), SignUp{Name: name, Password: password, Email: "A@mail.test"}))(t)
		}
		letters := w.wantLetters(t, "confirm_address to A@mail.test", "confirm_address to A@mail.test")
		first, second := w.open(t, letters[0]), w.open(t, letters[1])
		must(w.Verify(t.Context(), first))(t)
		_, err := w.Verify(t.Context(), second)
		wantCode(t, err, fault.Conflict)
		if account := must(w.DB.AccountByEmail(t.Context(), "a@MAIL.test"))(t); account.ID != letters[0].AccountID {
			t.Errorf("it belongs to %d", account.ID)
		}
	})
}

func TestALinkEnds(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		must(w.SignUp(t.Context(), SignUp{Name: "alice", Password: password, Email: "a@mail.test"}))(t)
		letter := w.letters(t)[0]
		_, err := w.Verify(t.Context(), "")
		wantCode(t, err, fault.NotFound) // it has no secret before its letter is written
		secret := w.open(t, letter)
		w.wait(community.VerifyLife)
		_, err = w.Verify(t.Context(), secret)
		wantCode(t, err, fault.NotFound)
		if err := w.DB.DropExpired(t.Context(), w.now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = w.DB.Link(t.Context(), letter.LinkID)
		wantCode(t, err, fault.NotFound)
	})
}

// Nobody's mail is flooded in our name.
func TestLettersThatAreAskedForAreBounded(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := must(w.SignUp(t.Context(), SignUp{Name: "alice", Password: password, Email: "a@mail.test"}))(t)
		for range community.MaxVerifiesFor - 1 {
			if err := w.AskAgain(t.Context(), alice); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, w.AskAgain(t.Context(), alice), fault.RateLimited)
		bob := must(w.SignUp(t.Context(), SignUp{Name: "bob", Password: password, Email: "A@mail.test"}))(t) // is let in all the same
		wantCode(t, w.AskAgain(t.Context(), bob), fault.RateLimited)
		if n := len(w.letters(t)); n != community.MaxVerifiesFor {
			t.Errorf("%d letters went to the address", n)
		}
		for i := range community.MaxVerifies {
			if err := w.setEmail(t, bob, strings.Repeat("b", i+1)+"@mail.test"); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, w.setEmail(t, bob, "last@mail.test"), fault.RateLimited)
		if n := len(w.letters(t)); n != community.MaxVerifies {
			t.Errorf("%d letters were asked for by the account", n)
		}
		w.wait(community.VerifyLife)
		if err := w.AskAgain(t.Context(), alice); err != nil {
			t.Error(err)
		}
	})
}

func TestHostileAddresses(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		for _, address := range []string{
			"no address", "a@b.test\r\nBcc: eve@evil.test", "a@b.test, eve@evil.test", "Eve <eve@evil.test>", "\u202ea@b.test\x00",
			strings.Repeat("a", 10_000) + "@b.test", "<a@b.test>", "a\u200b b@c.test",
		} {
			err := w.setEmail(t, alice, address)
			wantCode(t, err, fault.Invalid)
			if e, ok := fault.As(err); !ok || e.Field != "email" {
				t.Errorf("%q: %v does not name the field", address, err)
			}
		}
		w.wantLetters(t)
	})
}

func TestWithoutMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		alice := must(w.SignUp(t.Context(), SignUp{Name: "alice", Password: password, Email: "a@mail.test"}))(t)
		if err := w.setEmail(t, alice, "b@mail.test"); err != nil {
			t.Fatal(err)
		}
		if got := w.email(t, alice); got != (Email{Address: "b@mail.test"}) {
			t.Errorf("it is %+v", got)
		}
		wantCode(t, w.AskAgain(t.Context(), alice), fault.Conflict)
		wantCode(t, w.AskRecovery(t.Context(), "alice"), fault.Conflict)
		w.wantLetters(t)
	})
}

func TestResetByMail(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		cookie, _, err := w.StartSession(t.Context(), alice, "Browser/1")
		if err != nil {
			t.Fatal(err)
		}
		token := must(w.tokenOf(t, alice.Account.ID))(t)
		w.wantLetters(t, "access_changed to alice@mail.test what:token_made")
		for _, asked := range []string{" @Alice ", "ALICE@mail.test", "alice@garden.test"} {
			if err := w.AskRecovery(t.Context(), asked); err != nil {
				t.Errorf("%q: %v", asked, err)
			}
		}
		const letter = "reset_access to alice@mail.test"
		letters := w.wantLetters(t, letter, letter, letter)
		if err := w.AskRecovery(t.Context(), "alice"); err != nil {
			t.Error(err)
		}
		w.wantLetters(t) // three in an hour are enough

		secret, other := w.open(t, letters[0]), w.open(t, letters[1])
		_, err = w.Reset(t.Context(), secret, "short", "")
		wantCode(t, err, fault.Invalid)
		const fresh = "another wall of stone"
		must(w.Reset(t.Context(), secret, fresh, ""))(t)
		w.wantLetters(t, "access_changed to alice@mail.test what:password_changed ended:all")

		must(w.SignIn(t.Context(), "alice", fresh))(t)
		_, err = w.SignIn(t.Context(), "alice", password)
		wantCode(t, err, fault.Unauthenticated)
		_, err = w.BySecret(t.Context(), community.BrowserSession, cookie)
		wantCode(t, err, fault.Unauthenticated)
		if left := must(w.DB.Sessions(t.Context(), alice.Account.ID, community.TokenSession))(t); len(left) != 0 || token.Session == nil {
			t.Errorf("%d tokens are still good", len(left))
		}
		for _, used := range []string{secret, other} {
			_, err = w.Reset(t.Context(), used, fresh, "")
			wantCode(t, err, fault.NotFound)
		}
		w.wait(community.ResetLife)
		if err := w.AskRecovery(t.Context(), "alice"); err != nil {
			t.Error(err)
		}
		late := w.open(t, w.wantLetters(t, letter)[0])
		w.wait(community.ResetLife)
		_, err = w.Reset(t.Context(), late, fresh, "")
		wantCode(t, err, fault.NotFound)
	})
}

// Whoever asks for an account gets the same answer, after the same work, and
// mail goes only to an address that its owner confirmed.
func TestRecoveryTellsNothing(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		w.reads(t, "alice")
		must(w.SignUp(t.Context(), SignUp{Name: "bob", Password: password, Email: "bob@mail.test"}))(t)
		w.join(t, "carol")
		w.letters(t)
		gone := w.reads(t, "gone")
		if err := w.Delete(t.Context(), gone, false); err != nil {
			t.Fatal(err)
		}
		w.letters(t)
		for _, asked := range []string{
			"bob", "bob@mail.test", "carol", "gone", "gone@mail.test", "nobody", "nobody@mail.test", "alice@elsewhere.test",
			"!garden", "@", "' OR 1=1 --", strings.Repeat("x", 300),
		} {
			if err := w.AskRecovery(t.Context(), asked); err != nil {
				t.Errorf("%q: %v", asked, err)
			}
			w.wantLetters(t)
		}
		for _, asked := range []string{"", "  ", strings.Repeat("x", 10_000), "a\x00b", "alice\u202e", "alice\u200b", "alice\nbob"} {
			err := w.AskRecovery(t.Context(), asked)
			wantCode(t, err, fault.Invalid)
			if e, ok := fault.As(err); !ok || e.Field != "name" {
				t.Errorf("%q: %v does not name the field", asked, err)
			}
		}
	})
}

// Somebody who lost their passkey comes in by mail, and adds another.
func TestComingInByALink(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice, _ := w.joinByPasskey(t, "alice")
		if err := w.setEmail(t, alice, "alice@mail.test"); err != nil {
			t.Fatal(err)
		}
		must(w.Verify(t.Context(), w.open(t, w.letters(t)[0])))(t)
		lost, _, err := w.StartSession(t.Context(), alice, "Lost/1")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.AskRecovery(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		secret := w.open(t, w.letters(t)[0])
		back := must(w.ComeInByLink(t.Context(), secret, ""))(t)
		if back.Account.ID != alice.Account.ID {
			t.Errorf("let in as %d", back.Account.ID)
		}
		w.wantLetters(t, "access_changed to alice@mail.test what:link_used ended:all")
		_, err = w.BySecret(t.Context(), community.BrowserSession, lost)
		wantCode(t, err, fault.Unauthenticated)
		_, err = w.ComeInByLink(t.Context(), secret, "")
		wantCode(t, err, fault.NotFound)
	})
}

func TestAnAdministratorHandsOutALink(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		ada := w.reads(t, "ada")
		bob := w.join(t, "bob")
		address, until, err := w.HandOut(t.Context(), ada, bob)
		if err != nil || !until.Equal(w.now().Add(community.HandedLife)) {
			t.Fatalf("%s until %s, %v", address, until, err)
		}
		u := must(url.Parse(address))(t)
		if u.Host != "garden.test" || u.Path != "/recover/reset" {
			t.Errorf("it leads to %s", u)
		}
		w.wantLetters(t) // bob has no mail
		if _, _, err := w.HandOut(t.Context(), nil, ada); err != nil {
			t.Fatal(err)
		}
		w.wantLetters(t, "access_changed to ada@mail.test what:link_made")
		// Whoever helps others in gains nothing by it.
		_, _, err = w.HandOut(t.Context(), bob, ada)
		wantCode(t, err, fault.Forbidden)
		now := w.now()
		bob.Account.Grants = []*community.RoleGrant{{StartsAt: now, Role: &community.NamedRole{Permits: string(community.SiteAccounts)}}}
		_, _, err = w.HandOut(t.Context(), bob, ada)
		wantCode(t, err, fault.Forbidden)
		_, _, err = w.HandOut(t.Context(), bob, w.join(t, "carol"))
		wantCode(t, err, fault.None)

		must(w.Reset(t.Context(), u.Query().Get("token"), "another wall of stone", ""))(t)
		must(w.SignIn(t.Context(), "bob", "another wall of stone"))(t)
	})
}

func TestANewBrowserIsTold(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice, bob := w.reads(t, "alice"), w.reads(t, "bob")
		see := func(who *Who, browser string) string {
			t.Helper()
			return must(w.Recognise(t.Context(), who, browser, "Browser/1\r\n<b>"))(t)
		}
		first := see(alice, "")
		w.wantLetters(t) // the one that she joined with
		if again := see(alice, first); again != first {
			t.Error("a browser that is known gets another secret")
		}
		w.wantLetters(t)
		second := see(alice, "")
		letters := w.wantLetters(t, "new_sign_in to alice@mail.test")
		if letters[0].Words["agent"] != "Browser/1<b>" {
			t.Errorf("it is called %q", letters[0].Words["agent"])
		}
		see(alice, second)
		w.wantLetters(t)
		if kept := see(bob, first); kept != first {
			t.Error("two accounts do not share a browser")
		}
		w.wantLetters(t)
		if made := see(alice, "guessed"); made == "guessed" {
			t.Error("a secret is taken that is not ours")
		}
		w.wantLetters(t, "new_sign_in to alice@mail.test")
		w.wait(community.BrowserLife + time.Hour)
		if err := w.DB.DropExpired(t.Context(), w.now()); err != nil {
			t.Fatal(err)
		}
		see(alice, first)
		w.wantLetters(t) // all are forgotten, as on the first day
	})
}

func TestPeople(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		w.reads(t, "ada")
		must(w.SignUp(t.Context(), SignUp{Name: "bob", Title: "Bob_the 100%", Password: password, Email: "b@mail.test"}))(t)
		w.join(t, "carol")
		leaving := w.join(t, "leaving")
		if err := w.Delete(t.Context(), leaving, false); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			words string
			want  string
		}{
			{"", "carol bob ada"},
			{"  CAR ", "carol"},
			{"@bob", "bob"},
			{"100%", "bob"},
			{"_the", "bob"},
			{"%", "bob"},
			{"B@mail.test", "bob"},
			{"@mail.test", ""},
			{"leaving", ""},
			{"\u202e", ""},
			{strings.Repeat("x", 10_000), ""},
		}
		for _, test := range tests {
			list, _, err := w.People(t.Context(), test.words, community.Page{Limit: 10})
			names := []string{}
			for _, v := range list {
				names = append(names, v.Actor.Name)
			}
			if got := strings.Join(names, " "); err != nil || got != test.want {
				t.Errorf("%q finds %q, %v; want %q", test.words, got, err, test.want)
			}
		}
		list, next, err := w.People(t.Context(), "", community.Page{Limit: 2})
		if err != nil || len(list) != 2 || next == "" {
			t.Fatalf("%d, %q, %v", len(list), next, err)
		}
		list, next, err = w.People(t.Context(), "", community.Page{Limit: 2, After: next})
		if err != nil || len(list) != 1 || next != "" || list[0].Actor.Name != "ada" || list[0].VerifiedEmail() == "" {
			t.Errorf("%d, %q, %v", len(list), next, err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		ada, bob := w.reads(t, "ada"), w.reads(t, "bob")
		wantCode(t, w.SetAdmin(t.Context(), nil, ada, false), fault.Conflict)
		wantCode(t, w.SetAdmin(t.Context(), ada, bob, false), fault.None)
		w.wantLetters(t)
		wantCode(t, w.SetAdmin(t.Context(), bob, bob, true), fault.Forbidden)
		wantCode(t, w.SetAdmin(t.Context(), ada, bob, true), fault.None)
		w.wantLetters(t, "access_changed to bob@mail.test what:admin_made")
		wantCode(t, w.SetAdmin(t.Context(), bob, ada, false), fault.None)
		w.wantLetters(t, "access_changed to ada@mail.test what:admin_ended")
		wantCode(t, w.SetAdmin(t.Context(), nil, bob, false), fault.Conflict)
		if list := must(w.DB.FirstAdmin(t.Context()))(t); list.ID != bob.Account.ID {
			t.Errorf("%d administers", list.ID)
		}
	})
}

// Mail is one proof: what asks for two goes on asking. A link that an
// administrator handed out is for those who lost both.
func TestALinkByMailNeedsACodeToo(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		setup, _ := w.withCodes(t, alice)
		w.letters(t)
		if err := w.AskRecovery(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		secret := w.open(t, w.letters(t)[0])
		if shown := must(w.Link(t.Context(), community.ResetLink, secret))(t); !shown.Code {
			t.Error("the page does not ask for a code")
		}
		const fresh = "another wall of stone"
		_, err := w.Reset(t.Context(), secret, fresh, "")
		wantCode(t, err, fault.CodeRequired)
		_, err = w.ComeInByLink(t.Context(), secret, "")
		wantCode(t, err, fault.CodeRequired)
		_, err = w.ComeInByLink(t.Context(), secret, "000000")
		wantCode(t, err, fault.Unauthenticated)
		must(w.SignInWithCode(t.Context(), "alice", password, w.shows(t, setup)))(t) // nothing happened yet
		w.wait(time.Minute)
		must(w.Reset(t.Context(), secret, fresh, w.shows(t, setup)))(t)

		address, _, err := w.HandOut(t.Context(), nil, alice)
		if err != nil {
			t.Fatal(err)
		}
		_, handed, _ := strings.Cut(address, "token=")
		must(w.ComeInByLink(t.Context(), handed, ""))(t)
	})
}

// Where no passwords are taken, a link lets its owner in to add a passkey.
func TestALinkWithoutPasswords(t *testing.T) {
	withMail(t, func(t *testing.T, w *world) {
		alice := w.reads(t, "alice")
		w.PasswordsOff = true
		if err := w.AskRecovery(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		secret := w.open(t, w.letters(t)[0])
		_, err := w.Reset(t.Context(), secret, "another wall of stone", "")
		wantCode(t, err, fault.Forbidden)
		if back := must(w.ComeInByLink(t.Context(), secret, ""))(t); back.Account.ID != alice.Account.ID {
			t.Errorf("let in as %d", back.Account.ID)
		}
	})
}
