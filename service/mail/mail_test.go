package mail_test

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/postbox"
	"drystone/internal/testdb"
	"drystone/service/mail"
	"drystone/storage"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// A world is a server with a mail server beside it, and somebody who reads
// mail.
type world struct {
	*mail.Service
	t     *testing.T
	db    *storage.DB
	box   *postbox.Box
	alice *community.Account
	log   *strings.Builder
	clock time.Time
}

func newWorld(t *testing.T, db *storage.DB, o postbox.Options, change ...func(*mail.Options)) *world {
	t.Helper()
	box, err := postbox.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	w := &world{t: t, db: db, box: box, log: new(strings.Builder), clock: noon}
	options := mail.Options{
		DB: db, SMTP: box.URL, ExtraCA: box.CA, Name: "Gärten & Höfe", Host: "garden.test", Origin: "https://garden.test",
		Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: func() time.Time { return w.clock },
	}
	for _, f := range change {
		f(&options)
	}
	if w.Service, err = mail.New(options); err != nil {
		t.Fatal(err)
	}
	actor := &community.Actor{Kind: community.Person, Name: "alice", IRI: "https://garden.test/u/alice", CreatedAt: noon, UpdatedAt: noon}
	w.must(db.AddActor(t.Context(), actor))
	w.alice = &community.Account{ActorID: actor.ID, CreatedAt: noon}
	w.alice.SetEmail("alice@mail.test", noon)
	w.must(db.AddAccount(t.Context(), w.alice))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// post posts a letter and returns the jobs that wait because of it.
func (w *world) post(letter community.Letter) []*community.Job {
	w.t.Helper()
	letter.At = w.clock
	w.must(w.db.PostLetter(w.t.Context(), letter))
	return w.waiting()
}

func (w *world) waiting() []*community.Job {
	w.t.Helper()
	lanes, err := w.db.DueLanes(w.t.Context(), w.clock.Add(48*time.Hour))
	w.must(err)
	jobs, err := w.db.DueJobs(w.t.Context(), lanes, w.clock.Add(48*time.Hour), 10)
	w.must(err)
	return jobs
}

// send posts a letter and sends it at once.
func (w *world) send(letter community.Letter) error {
	w.t.Helper()
	jobs := w.post(letter)
	if len(jobs) != 1 {
		w.t.Fatalf("%d letters wait, want 1", len(jobs))
	}
	return w.Send(w.t.Context(), jobs[0])
}

// got is what the mail server has, read as mail programs do.
func (w *world) got() *postbox.Message {
	w.t.Helper()
	letters := w.box.Letters()
	if len(letters) != 1 {
		w.t.Fatalf("%d letters came, want 1", len(letters))
	}
	m, err := letters[0].Read()
	w.must(err)
	return m
}

func (w *world) wantCode(err error, want fault.Code) {
	w.t.Helper()
	if got := fault.CodeOf(err); got != want {
		w.t.Errorf("error %v has code %q, want %q", err, got, want)
	}
}

func (w *world) link(kind community.LinkKind) *community.AccountLink {
	w.t.Helper()
	link := &community.AccountLink{
		Kind: kind, AccountID: w.alice.ID, Address: "alice@mail.test", CreatedAt: w.clock, ExpiresAt: w.clock.Add(time.Hour),
	}
	w.must(w.db.AddLink(w.t.Context(), link))
	return link
}

func TestALetterArrives(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, postbox.Options{User: "garden", Password: "let me in"})
		link := w.link(community.ResetLink)
		jobs := w.post(community.Letter{Kind: community.ResetAccess, AccountID: w.alice.ID, LinkID: link.ID})
		w.must(w.Send(t.Context(), jobs[0]))

		letter, m := w.box.Letters()[0], w.got()
		if !letter.Encrypted || letter.User != "garden" || letter.From != "noreply@garden.test" || strings.Join(letter.To, " ") != "alice@mail.test" {
			t.Errorf("handed over as %+v", letter)
		}
		for name, want := range map[string]string{
			"From": `=?utf-8?b?R8OkcnRlbiAmIEjDtmZl?= <noreply@garden.test>`, "To": "<alice@mail.test>",
			"Subject": "Get back into your account", "Date": "Fri, 01 May 2026 12:00:00 +0000",
			"Auto-Submitted": "auto-generated", "Content-Language": "en", "Mime-Version": "1.0", "Cc": "", "Bcc": "",
		} {
			if got := m.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if id := m.Header.Get("Message-ID"); !regexp.MustCompile(`^<[A-Z0-9]{20,}@garden\.test>$`).MatchString(id) {
			t.Errorf("Message-ID: %q", id)
		}
		address := m.Link()
		secret, ok := strings.CutPrefix(address, "https://garden.test/recover/reset?token=")
		if !ok || len(secret) < 40 || strings.Count(m.HTML, `href="`+address+`"`) != 2 {
			t.Fatalf("the link is %q in\n%s\n%s", address, m.Text, m.HTML)
		}
		// Only the hash of the secret is known to the database.
		found, err := db.TakeLink(t.Context(), community.ResetLink, community.HashSecret(secret))
		if err != nil || found.ID != link.ID {
			t.Errorf("the link opens %+v, %v", found, err)
		}
		if strings.Contains(string(jobs[0].Body), secret) {
			t.Error("the job knew the secret")
		}
	})
}

func TestWhereLettersGo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, postbox.Options{})
		letter := community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID, At: noon}

		undone := errors.New("undone")
		err := db.InTx(t.Context(), func(tx *storage.DB) error {
			w.must(tx.PostLetter(t.Context(), letter))
			return undone
		})
		if !errors.Is(err, undone) || len(w.waiting()) != 0 {
			t.Errorf("what was undone left %d letters, %v", len(w.waiting()), err)
		}

		w.alice.SetEmail("alice@mail.test", time.Time{})
		w.must(db.SaveAccount(t.Context(), w.alice))
		if n := len(w.post(letter)); n != 0 {
			t.Errorf("%d letters go to an address that nobody confirmed", n)
		}
		letter.To = "old@mail.test"
		if n := len(w.post(letter)); n != 1 {
			t.Errorf("%d letters go to the address that was named", n)
		}

		silent, err := mail.New(mail.Options{DB: db, Host: "garden.test", Origin: "https://garden.test", Log: slog.Default(), Now: time.Now})
		if err != nil || silent.Works() {
			t.Fatalf("without a mail server: %v, %v", silent.Works(), err)
		}
		if n := len(w.post(letter)); n != 1 {
			t.Errorf("%d letters wait where no mail is sent", n)
		}
		w.wantCode(db.PostLetter(t.Context(), letter), fault.None)
		for name, wrong := range map[string]community.Letter{
			"nobody":         {Kind: community.NewSignIn, At: noon},
			"no kind":        {AccountID: w.alice.ID, At: noon},
			"no time":        {Kind: community.NewSignIn, AccountID: w.alice.ID},
			"too many words": {Kind: community.NewSignIn, AccountID: w.alice.ID, At: noon, Words: map[string]string{"agent": strings.Repeat("a", 8001)}},
		} {
			db.SendLetters(true)
			if err := db.PostLetter(t.Context(), wrong); err == nil {
				t.Errorf("%s: it was posted", name)
			}
		}
	})
}

// What the mail server has against the letter ends it, what it has against us
// or against the moment does not, and nothing of it names the addressee.
func TestWhatTheMailServerAnswers(t *testing.T) {
	at := func(command, answer string) func(string) string {
		return func(line string) string {
			if strings.HasPrefix(line, command) && (command != "" || line == "") {
				return answer
			}
			return ""
		}
	}
	tests := []struct {
		name   string
		answer func(string) string
		want   fault.Code
	}{
		{"nobody of that name", at("RCPT", "550 5.1.1 <alice@mail.test> is unknown"), fault.Invalid},
		{"come back later", at("RCPT", "451 4.7.1 <alice@mail.test> is greylisted"), fault.Unavailable},
		{"the box is full", at("RCPT", "452 4.2.2 alice@mail.test is full"), fault.Unavailable},
		{"not these words", at(".", "554 5.7.1 spam for alice@mail.test"), fault.Invalid},
		{"not these words now", at(".", "451 4.3.0 try again"), fault.Unavailable},
		{"not from us", at("MAIL", "553 5.1.8 not your address"), fault.Unavailable},
		{"too busy", at("", "421 4.3.2 too busy"), fault.Unavailable},
		{"it hangs up", at("DATA", postbox.Drop), fault.Unavailable},
		{"it hangs up at once", at("", postbox.Drop), fault.Unavailable},
		{"it talks nonsense", at("MAIL", "nonsense"), fault.Unavailable},
		{"no good bye", at("QUIT", postbox.Drop), fault.None},
		{"no reset afterwards", at("RSET", "500 5.5.1 no"), fault.None},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testdb.SQLite(t), postbox.Options{Answer: test.answer})
			err := w.send(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID})
			w.wantCode(err, test.want)
			if err != nil && strings.Contains(err.Error(), "alice@") || strings.Contains(w.log.String(), "alice@") {
				t.Errorf("the address is told: %v\n%s", err, w.log)
			}
			if test.want == fault.Invalid != strings.Contains(w.log.String(), "given up") {
				t.Errorf("the log says %q", w.log)
			}
		})
	}
}

func TestAMailServerThatHangs(t *testing.T) {
	var once sync.Once
	hung := make(chan struct{})
	w := newWorld(t, testdb.SQLite(t), postbox.Options{Answer: func(line string) string {
		if strings.HasPrefix(line, "RCPT") {
			once.Do(func() { close(hung) })
			return postbox.Hang
		}
		return ""
	}})
	jobs := w.post(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		<-hung
		stop()
	}()
	w.wantCode(w.Send(ctx, jobs[0]), fault.Unavailable)
}

func TestWhomWeTalkTo(t *testing.T) {
	to := func(smtp func(string) string) func(*mail.Options) {
		return func(o *mail.Options) { o.SMTP = smtp(o.SMTP) }
	}
	strict := to(func(url string) string { return url + "?tls=required" })
	stranger := func(o *mail.Options) { o.ExtraCA = x509.NewCertPool() }
	tests := []struct {
		name   string
		box    postbox.Options
		change []func(*mail.Options)
		want   fault.Code
		clear  bool
	}{
		{"STARTTLS", postbox.Options{}, []func(*mail.Options){strict}, fault.None, false},
		{"none is offered", postbox.Options{NoTLS: true}, []func(*mail.Options){strict}, fault.Unavailable, false},
		{"none is offered on this machine", postbox.Options{NoTLS: true, User: "u", Password: "p"}, nil, fault.None, true},
		{"a stranger's certificate", postbox.Options{}, []func(*mail.Options){strict, stranger}, fault.Unavailable, false},
		{"a stranger's certificate on this machine", postbox.Options{}, []func(*mail.Options){stranger}, fault.Unavailable, false},
		{"TLS at once", postbox.Options{Direct: true, User: "u", Password: "p"}, nil, fault.None, false},
		{"TLS at once by a stranger", postbox.Options{Direct: true}, []func(*mail.Options){stranger}, fault.Unavailable, false},
		{"the operator wants none", postbox.Options{}, []func(*mail.Options){to(func(url string) string { return url + "?tls=no" })}, fault.None, true},
		{"a wrong password", postbox.Options{User: "u", Password: "p"}, []func(*mail.Options){to(func(url string) string { return strings.Replace(url, "u:p", "u:q", 1) })}, fault.Unavailable, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testdb.SQLite(t), test.box, test.change...)
			w.wantCode(w.send(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID}), test.want)
			letters := w.box.Letters()
			if (len(letters) == 1) != (test.want == fault.None) {
				t.Errorf("%d letters came", len(letters))
			}
			for _, letter := range letters {
				if letter.Encrypted == test.clear {
					t.Errorf("encrypted: %v", letter.Encrypted)
				}
			}
		})
	}
}

func TestALetterThatIsTooLate(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), postbox.Options{})
	job := w.post(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID})[0]
	w.clock = noon.Add(community.LetterLife)
	w.wantCode(w.Send(t.Context(), job), fault.Invalid)

	w.clock = noon
	link := w.link(community.ResetLink)
	jobs := w.post(community.Letter{Kind: community.ResetAccess, AccountID: w.alice.ID, LinkID: link.ID})
	w.clock = noon.Add(time.Hour)
	w.wantCode(w.Send(t.Context(), jobs[1]), fault.NotFound)

	w.clock = noon
	w.must(w.db.EndLinks(t.Context(), w.alice.ID, community.ResetLink))
	w.wantCode(w.Send(t.Context(), jobs[1]), fault.NotFound)
	if n := len(w.box.Letters()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

// The queue gives up after some hours; a mail server may be down for longer.
func TestALetterOutlastsANight(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), postbox.Options{Answer: func(line string) string {
		if strings.HasPrefix(line, "RCPT") {
			return "451 4.3.0 not now"
		}
		return ""
	}})
	job := w.post(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID})[0]
	job.Attempts = 8
	w.wantCode(w.Send(t.Context(), job), fault.None)
	w.must(w.db.FinishJobs(t.Context(), []community.JobID{job.ID}, noon))
	again := w.waiting()
	if len(again) != 1 || !again[0].RunAt.Equal(noon.Add(time.Hour)) || again[0].Attempts != 8 || string(again[0].Body) != string(job.Body) {
		t.Errorf("waiting: %+v", again)
	}
}

// A second try brings a link that works, and the first one's is over: it may
// have been taken although the answer was lost.
func TestASecondTryHasALinkOfItsOwn(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), postbox.Options{})
	link := w.link(community.VerifyLink)
	job := w.post(community.Letter{Kind: community.ConfirmAddress, AccountID: w.alice.ID, To: "alice@mail.test", LinkID: link.ID})[0]
	var secrets []string
	for i := range 2 {
		w.must(w.Send(t.Context(), job))
		m, err := w.box.Letters()[i].Read()
		w.must(err)
		_, secret, _ := strings.Cut(m.Link(), "token=")
		secrets = append(secrets, secret)
	}
	_, err := w.db.TakeLink(t.Context(), community.VerifyLink, community.HashSecret(secrets[0]))
	w.wantCode(err, fault.NotFound)
	_, err = w.db.TakeLink(t.Context(), community.ResetLink, community.HashSecret(secrets[1]))
	w.wantCode(err, fault.NotFound) // it is for something else
	_, err = w.db.TakeLink(t.Context(), community.VerifyLink, community.HashSecret(secrets[1]))
	w.wantCode(err, fault.None)
	_, err = w.db.TakeLink(t.Context(), community.VerifyLink, community.HashSecret(secrets[1]))
	w.wantCode(err, fault.NotFound) // once
}

// What people chose themselves is text, whatever it is, and never a header,
// markup, or a paragraph of its own.
func TestHostileWords(t *testing.T) {
	const hostile = "a\r\nBcc: eve@evil.test\r\n\r\n<script>alert(1)</script>\n\nClick \u202ehere\u2028\x00“now”"
	w := newWorld(t, testdb.SQLite(t), postbox.Options{}, func(o *mail.Options) { o.Name = "Gärten\r\nBcc: eve@evil.test" })
	w.must(w.send(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID, Words: map[string]string{"agent": hostile}}))
	letter, m := w.box.Letters()[0], w.got()
	if len(letter.To) != 1 || m.Header.Get("Bcc") != "" {
		t.Errorf("it went to %v", letter.To)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Gärten Bcc: eve@evil.test" || from[0].Address != "noreply@garden.test" {
		t.Errorf("it is from %v, %v", from, err)
	}
	const clean = "“a Bcc: eve@evil.test <script>alert(1)</script> Click here “now””"
	if !strings.Contains(strings.ReplaceAll(m.Text, "\n", " "), clean) {
		t.Errorf("the text says\n%s", m.Text)
	}
	if strings.Contains(m.HTML, "<script") || !strings.Contains(m.HTML, "&lt;script&gt;") {
		t.Errorf("the page says\n%s", m.HTML)
	}
	for _, address := range []string{"a@b.test\r\nRCPT TO:<eve@evil.test>", "a@b.test, eve@evil.test", "<a@b.test> eve", ""} {
		jobs := w.post(community.Letter{Kind: community.NewSignIn, To: address, AccountID: w.alice.ID})
		if address == "" {
			continue
		}
		w.wantCode(w.Send(t.Context(), jobs[len(jobs)-1]), fault.Invalid)
	}
	if n := len(w.box.Letters()); n != 1 {
		t.Errorf("%d letters came", n)
	}
}

func TestEveryLetterReadsWell(t *testing.T) {
	var letters []community.Letter
	for _, kind := range []community.LetterKind{
		community.AddressTaken, community.AddressChanged, community.NewSignIn,
	} {
		letters = append(letters, community.Letter{Kind: kind, Words: map[string]string{"agent": "Firefox"}})
	}
	for _, what := range []string{
		community.PasswordChanged, community.PasswordRemoved, community.PasskeyAdded, community.PasskeyRemoved,
		community.CodesTurnedOn, community.CodesTurnedOff, community.RecoveryCodeUsed, community.RecoveryCodesMade, community.PasskeyCopied,
		community.AppConnected, community.TokenMade,
	} {
		letters = append(letters, community.Letter{Kind: community.AccessChanged, Words: map[string]string{"what": what, "name": "Phone"}})
	}
	for _, what := range []string{community.ApplicantLetIn, community.ApplicantTurnedAway, community.ApplicantAskedBack} {
		letters = append(letters, community.Letter{Kind: community.AdmissionDecided, Path: "/join", Words: map[string]string{"what": what, "text": "Which walls?"}})
	}
	for _, what := range []community.FactKind{community.RoleGiven, community.RoleRenewed, community.RoleEnded, community.RoleExpired} {
		letters = append(letters, community.Letter{Kind: community.RoleDecided, Words: map[string]string{"what": string(what), "role": "Gardener", "until": "2 May 2026"}})
	}
	letters = append(letters, community.Letter{Kind: community.GroupHandover, Path: "/c/walls", Words: map[string]string{"by": "Bob", "group": "Walls", "until": "2 May 2026"}})
	subjects := map[string]bool{}
	for _, letter := range letters {
		w := newWorld(t, testdb.SQLite(t), postbox.Options{})
		letter.AccountID = w.alice.ID
		w.must(w.send(letter))
		m := w.got()
		if subjects[m.Subject] || m.Subject == "" || m.Subject == "Your way in was changed" {
			t.Errorf("%v: subject %q", letter, m.Subject)
		}
		subjects[m.Subject] = true
		for _, text := range []string{m.Text, m.HTML} {
			if !strings.Contains(text, "alice") || !strings.Contains(text, "garden.test") || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
				t.Errorf("%s says\n%s", letter.Kind, text)
			}
		}
		for line := range strings.Lines(m.Text) {
			if len([]rune(line)) > 73 {
				t.Errorf("%s has the long line %q", letter.Kind, line)
			}
		}
	}
}
