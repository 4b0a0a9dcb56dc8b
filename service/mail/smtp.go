package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"drystone/fault"
)

const (
	// stepTime is how long the mail server may take for one step, sendTime
	// for a whole letter.
	stepTime = 30 * time.Second
	sendTime = 90 * time.Second
)

// A server is the mail server that takes our letters.
type server struct {
	host, port     string
	user, password string
	tls            *tls.Config
	direct         bool             // TLS from the first byte
	policy         gomail.TLSPolicy // else whether it is begun by STARTTLS
	name           string           // as which we greet it
}

// serverOf reads the setting. Passwords are not in the errors.
func serverOf(o Options) (*server, error) {
	u, err := url.Parse(o.SMTP)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("mail: the address of the mail server cannot be read")
	}
	s := &server{
		host: u.Hostname(), port: u.Port(), user: u.User.Username(), direct: u.Scheme == "smtps",
		tls:    &tls.Config{ServerName: u.Hostname(), RootCAs: o.ExtraCA, MinVersion: tls.VersionTLS12},
		policy: gomail.TLSMandatory, name: greeting(o.Host),
	}
	s.password, _ = u.User.Password()
	switch word := u.Query().Get("tls"); {
	case s.direct && word != "":
		return nil, errors.New("mail: smtps:// always uses TLS; leave out ?tls=")
	case s.direct, word == "optional", word == "" && loopback(s.host):
		s.policy = gomail.TLSOpportunistic // which is only asked for what is not yet encrypted
	case word == "no":
		s.policy = gomail.NoTLS
	case word != "" && word != "required":
		return nil, errors.New("mail: ?tls= is required, optional or no")
	}
	if s.port == "" {
		s.port = "587"
		if s.direct {
			s.port = "465"
		}
	}
	return s, nil
}

// greeting is a name that mail servers take: a host, or an address in
// brackets.
func greeting(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case err != nil:
		return host
	case ip.Is6():
		return "[IPv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}

// loopback reports whether a host is this machine, where nobody listens in.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// A refusal is why a letter was not taken. It holds nothing that the mail
// server wrote, because that often names the addressee.
type refusal struct {
	step   string
	code   int    // of SMTP; 0: it did not answer
	status string // the enhanced status code, if there is one
}

func (r refusal) Error() string {
	if r.code == 0 {
		return r.step + ": no answer"
	}
	return strings.TrimSpace(fmt.Sprintf("%s: %d %s", r.step, r.code, r.status))
}

// send hands over a letter. The error is Invalid when the server will never
// take it, and Unavailable when it may later.
func (s *server) send(ctx context.Context, letter *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	line := &line{server: s}
	defer line.close()
	// Whatever hangs ends with the connection.
	defer context.AfterFunc(ctx, line.close)()
	client, err := s.client(line)
	if err != nil {
		return err
	}
	talk, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fault.Because(err, fault.Unavailable, "The mail server does not let us in")
	}
	err = client.SendWithSMTPClient(talk, letter)
	if letter.IsDelivered() {
		_ = client.CloseWithSMTPClient(talk) // it has the letter
		return nil
	}
	return refused(letter, err)
}

// refused is what an error of sending means for the letter. Only what the
// server has against the addressee or the words is for good; what it has
// against us is for the operator to set right.
func refused(letter *gomail.Msg, err error) error {
	var e *gomail.SendError
	if letter.HasSendError() {
		err = letter.SendError()
	}
	if !errors.As(err, &e) {
		return fault.Because(refusal{step: "connection"}, fault.Unavailable, "The mail server did not take the letter")
	}
	why := refusal{step: e.Reason.String(), code: e.ErrorCode(), status: e.EnhancedStatusCode()}
	switch e.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		if why.code >= 500 {
			return fault.Because(why, fault.Invalid, "The mail server refused the letter")
		}
	case gomail.ErrGetRcpts, gomail.ErrGetSender, gomail.ErrNoUnencoded:
		return fault.Because(why, fault.Invalid, "The letter cannot be sent")
	}
	return fault.Because(why, fault.Unavailable, "The mail server did not take the letter")
}

// client makes what speaks SMTP over line.
func (s *server) client(line *line) (*gomail.Client, error) {
	port, err := strconv.Atoi(s.port)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(stepTime), gomail.WithHELO(s.name),
		gomail.WithTLSPolicy(s.policy), gomail.WithTLSConfig(s.tls), gomail.WithDialContextFunc(line.dial),
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password), s.auth())
	}
	return gomail.NewClient(s.host, options...)
}

// auth is how we say who we are. A password goes in the clear only to this
// machine, or where the operator wants no TLS at all.
func (s *server) auth() gomail.Option {
	kinds := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1}
	if s.policy == gomail.NoTLS {
		return gomail.WithOpportunisticSMTPAuth(append(kinds, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)...)
	}
	return gomail.WithOpportunisticSMTPAuth(append(kinds, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)...)
}

// A sender is who our letters are from.
type sender struct {
	netmail.Address
	domain string // of message ids
}

// senderOf reads who letters are from, the instance at its host unless the
// operator says otherwise.
func senderOf(o Options) (sender, error) {
	domain := o.Host
	if name, _, err := net.SplitHostPort(o.Host); err == nil {
		domain = name
	}
	from := sender{Address: netmail.Address{Name: oneLine(o.Name), Address: "noreply@" + domain}}
	if o.From != "" {
		address, err := netmail.ParseAddress(o.From)
		if err != nil {
			return sender{}, errors.New("mail: the address that mail is from cannot be read")
		}
		from.Address.Address = address.Address
		if address.Name != "" {
			from.Name = oneLine(address.Name)
		}
	}
	from.domain = from.Address.Address[strings.LastIndex(from.Address.Address, "@")+1:]
	return from, nil
}
