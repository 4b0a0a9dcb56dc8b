package mail

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"

	gomail "github.com/wneessen/go-mail"

	"drystone/community"
	"drystone/fault"
)

// Send is the job that sends a letter. One that is too late, or that nobody
// needs any more, is dropped; one that the mail server does not take now is
// tried again until it is too late.
func (s *Service) Send(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "mail.Send")
	var letter community.Letter
	if err := json.Unmarshal(job.Body, &letter); err != nil {
		return fault.Because(err, fault.Invalid, "This is no letter.")
	}
	if !s.Works() || !s.Now().Before(letter.Until) {
		return fault.New(fault.Invalid, "It is too late for this letter.")
	}
	said, err := s.filled(ctx, letter)
	if err != nil {
		return err
	}
	message, err := s.message(letter, said)
	if err != nil {
		return err
	}
	err = s.server.send(ctx, message)
	if fault.Is(err, fault.Invalid) {
		s.Log.Warn("mail: given up", "letter", letter.Kind, "account", letter.AccountID, "reason", err)
	}
	if fault.Is(err, fault.Unavailable) && job.Attempts >= quickTries {
		return s.later(ctx, job, &letter, err)
	}
	return err
}

const (
	// quickTries are left to the queue, which waits a few seconds at first
	// and some minutes at last; laterTries is how long it is from then on.
	quickTries = 8
	laterTries = time.Hour
)

// later has a letter tried again beyond what the queue does by itself: a mail
// server may be down over night.
func (s *Service) later(ctx context.Context, job *community.Job, letter *community.Letter, why error) error {
	s.Log.Warn("mail: will try again", "job", job.ID, "reason", why)
	due, err := s.DB.LetterDue(ctx, letter, community.Timestamp(s.Now().Add(laterTries)))
	if err != nil {
		return err
	}
	again := *job
	again.ID, again.Error, again.RunAt = 0, "", due
	_, err = s.DB.AddJobs(ctx, []*community.Job{&again})
	return err
}

// What a template may say.
type said struct {
	Lang     string // that the letter is written in
	Instance string // the title of the server
	Host     string
	Name     string            // of the account that the letter is for; may be empty
	Link     string            // an address that nobody else may see; may be empty
	Hours    int               // that the link is good for
	When     string            // it was that this happened
	Words    map[string]string // of the letter
	Origin   string
	Items    []item // that it tells of
	More     int
	Leave    string // where whoever gets it ends letters like it; may be empty
}

// filled looks up what a letter needs beyond its words, and draws the secret
// of its link. What is gone is NotFound: nobody needs the letter.
func (s *Service) filled(ctx context.Context, letter community.Letter) (said, error) {
	what := said{Instance: oneLine(s.Name), Host: s.Host, Origin: s.Origin, More: letter.More}
	by, err := s.reader(ctx, letter, &what)
	if err != nil {
		return what, err
	}
	for _, one := range letter.Items {
		what.Items = append(what.Items, s.itemOf(one))
	}
	if what.Leave, err = s.leave(ctx, letter); err != nil {
		return what, err
	}
	if by.lang, err = speaks(by.lang, letter.Kind); err != nil {
		return what, err
	}
	what.Lang, what.When, what.Words = by.lang, by.when(letter.At), by.words(letter.Words)
	if letter.Path != "" {
		what.Link = s.Origin + letter.Path
	}
	if letter.LinkID != 0 {
		link, err := s.DB.Link(ctx, letter.LinkID)
		if err != nil {
			return what, err
		}
		if !s.Now().Before(link.ExpiresAt) {
			return what, fault.New(fault.NotFound, "The link is over.")
		}
		secret := newSecret()
		if err := s.DB.SealLink(ctx, link.ID, community.HashSecret(secret)); err != nil {
			return what, err
		}
		what.Link = s.Origin + link.Path(secret)
		what.Hours = int(link.ExpiresAt.Sub(letter.At).Round(time.Hour) / time.Hour)
	}
	return what, nil
}

// reader is who reads a letter, and notes what they are called.
func (s *Service) reader(ctx context.Context, letter community.Letter, what *said) (reader, error) {
	if letter.AccountID == 0 {
		return readerOf(nil), nil
	}
	account, err := s.DB.Account(ctx, letter.AccountID)
	if err != nil {
		return reader{}, err
	}
	actor, err := s.DB.Actor(ctx, account.ActorID)
	if err != nil {
		return reader{}, err
	}
	profile, err := s.DB.Profile(ctx, actor.ID)
	what.Name = actor.Name
	return readerOf(profile), err
}

// leave is where whoever gets a letter ends those like it; empty: nowhere.
func (s *Service) leave(ctx context.Context, letter community.Letter) (string, error) {
	if letter.Unsubscribe == "" || s.Unsubscribing == nil {
		return "", nil
	}
	token, err := s.Unsubscribing(ctx, letter.AccountID, letter.Unsubscribe)
	return s.Origin + "/unsubscribe?token=" + token, err
}

// newSecret draws 256 bits, for URLs.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// message is a letter as it is sent: to one address, and saying of itself that
// no person wrote it, so that none of the machines on its way answers.
func (s *Service) message(letter community.Letter, what said) (*gomail.Msg, error) {
	page, err := render(letter.Kind, what)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&s.from.Address)
	if err := m.To(letter.To); err != nil {
		return nil, fault.New(fault.Invalid, "The letter has no address that can be read.") // which err would repeat
	}
	m.Subject(page.subject)
	m.SetDateWithValue(s.Now().UTC())
	// A new one each time: the link of a second try is another.
	m.SetMessageIDWithValue(rand.Text() + "@" + s.from.domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader(gomail.HeaderContentLang, what.Lang)
	if what.Leave != "" { // RFC 8058
		m.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+what.Leave+">")
		m.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(gomail.TypeTextPlain, page.text)
	m.AddAlternativeString(gomail.TypeTextHTML, page.html)
	return m, nil
}
