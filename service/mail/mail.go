// Package mail writes and sends the letters that other slices post: see
// community.Letter and storage.PostLetter.
//
// A letter is a job, so that a mail server that does not answer holds up
// nobody: it is rendered here from the templates, in plain text and in HTML,
// and handed to the operator's mail server by SMTP. Why a letter is sent, and
// what its link is good for, belongs to those who post it. No address is ever
// logged, and no secret is stored: a link's is drawn while its letter is
// written.
package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"drystone/community"
	"drystone/storage"
)

// Options are what a Service needs.
type Options struct {
	DB      *storage.DB
	SMTP    string         // an smtp:// or smtps:// URL; empty: no mail is sent
	From    string         // an address, with or without a name; empty: noreply at Host
	Name    string         // the title of the instance
	Host    string         // its public name
	Origin  string         // scheme://host, without a slash at the end
	ExtraCA *x509.CertPool // whom to trust; nil: whom the system trusts
	// Unsubscribing is what a link carries by which somebody ends letters about
	// a topic; nil: no letter is posted that needs it.
	Unsubscribing func(ctx context.Context, account community.AccountID, topic string) (string, error)
	Log           *slog.Logger
	Now           func() time.Time
}

// A Service sends letters. Make one with New.
type Service struct {
	Options
	from   sender
	server *server // nil: no mail is sent
}

// New returns a Service, and has letters that are posted kept for it if it can
// send any.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Host == "" || o.Origin == "" || o.Log == nil || o.Now == nil {
		return nil, errors.New("mail: DB, Host, Origin, Log and Now are required")
	}
	s := &Service{Options: o}
	var err error
	if s.from, err = senderOf(o); err != nil {
		return nil, err
	}
	if o.SMTP != "" {
		if s.server, err = serverOf(o); err != nil {
			return nil, err
		}
	}
	o.DB.SendLetters(s.Works())
	return s, nil
}

// Works reports whether this server sends mail.
func (s *Service) Works() bool { return s.server != nil }
