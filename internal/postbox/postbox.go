// Package postbox is a mail server for tests: it speaks real SMTP on loopback,
// with STARTTLS or TLS from the first byte, asks for a password if it is told
// to, keeps what it takes, and fails in every way that real ones do.
//
// It is for tests only, and delivers nothing to anybody.
package postbox

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options are how a Box behaves.
type Options struct {
	Listen         string // "127.0.0.1:0" by default
	User, Password string // asked for if there is a user
	NoTLS          bool   // offers no STARTTLS
	Direct         bool   // TLS from the first byte
	// Answer is asked before a command is obeyed, with the whole line: "" for
	// the greeting, "." for the end of a letter. What it returns is answered
	// instead, such as "450 4.2.1 later"; Hang never answers, Drop hangs up.
	Answer func(line string) string
}

// What Answer may return beside an answer.
const (
	Hang = "hang"
	Drop = "drop"
)

// A Letter is what a Box took.
type Letter struct {
	From      string   `json:"from"` // of the envelope
	To        []string `json:"to"`
	Encrypted bool     `json:"encrypted"`
	User      string   `json:"user,omitempty"` // who signed in
	Source    []byte   `json:"-"`              // headers and all
}

// A Box takes mail until it is closed.
type Box struct {
	Options
	URL string         // for DRYSTONE_SMTP, with the user and password
	CA  *x509.CertPool // whom its certificate is by
	PEM []byte         // the same, for a file

	listener net.Listener
	tls      *tls.Config
	wg       sync.WaitGroup
	over     chan struct{}

	mu      sync.Mutex
	letters []*Letter
	came    chan struct{} // closed when the next letter comes
	open    map[net.Conn]bool
}

// Open starts a Box.
func Open(o Options) (*Box, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	b := &Box{Options: o, over: make(chan struct{}), came: make(chan struct{}), open: map[net.Conn]bool{}}
	var err error
	if b.tls, b.PEM, err = certificate(); err != nil {
		return nil, err
	}
	b.CA = x509.NewCertPool()
	b.CA.AppendCertsFromPEM(b.PEM)
	if b.listener, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, err
	}
	b.URL = b.url()
	b.wg.Go(b.accept)
	return b, nil
}

func (b *Box) url() string {
	u := url.URL{Scheme: "smtp", Host: b.listener.Addr().String()}
	if b.Direct {
		u.Scheme = "smtps"
	}
	if b.User != "" {
		u.User = url.UserPassword(b.User, b.Password)
	}
	return u.String()
}

// Close hangs up on everybody.
func (b *Box) Close() {
	close(b.over)
	_ = b.listener.Close()
	b.mu.Lock()
	for conn := range b.open {
		_ = conn.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// Letters is what was taken so far, oldest first.
func (b *Box) Letters() []*Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*Letter(nil), b.letters...)
}

// Next returns letter number n, from 0, once it has come; nil if it has not
// within a time.
func (b *Box) Next(n int, within time.Duration) *Letter {
	late := time.NewTimer(within)
	defer late.Stop()
	for {
		b.mu.Lock()
		came := b.came
		if n < len(b.letters) {
			defer b.mu.Unlock()
			return b.letters[n]
		}
		b.mu.Unlock()
		select {
		case <-came:
		case <-late.C:
			return nil
		}
	}
}

func (b *Box) take(l *Letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, l)
	close(b.came)
	b.came = make(chan struct{})
}

func (b *Box) accept() {
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.mu.Lock()
		b.open[conn] = true
		b.mu.Unlock()
		b.wg.Go(func() {
			defer func() {
				_ = conn.Close()
				b.mu.Lock()
				delete(b.open, conn)
				b.mu.Unlock()
			}()
			t := &talk{box: b, conn: conn}
			if b.Direct {
				t.conn, t.letter.Encrypted = tls.Server(conn, b.tls), true
			}
			t.run()
		})
	}
}

// A talk is one connection.
type talk struct {
	box    *Box
	conn   net.Conn
	in     *bufio.Reader
	letter Letter // the one being handed over
}

func (t *talk) run() {
	t.in = bufio.NewReader(t.conn)
	hello := t.instead("")
	if hello == "" {
		hello = "220 postbox.test ESMTP"
	}
	if !t.say(hello) {
		return
	}
	for {
		line, err := t.in.ReadString('\n')
		if err != nil || !t.obey(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// say answers, and reports whether to go on.
func (t *talk) say(answer string) bool {
	switch answer {
	case Hang:
		<-t.box.over
		return false
	case Drop:
		return false
	}
	_, err := io.WriteString(t.conn, strings.ReplaceAll(answer, "\n", "\r\n")+"\r\n")
	return err == nil && !strings.HasPrefix(answer, "221")
}

// instead is what the test has answered to a line, or nothing.
func (t *talk) instead(line string) string {
	if t.box.Answer == nil {
		return ""
	}
	return t.box.Answer(line)
}

// obey does a command, unless it is answered otherwise.
func (t *talk) obey(line string) bool {
	if own := t.instead(line); own != "" {
		return t.say(own)
	}
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return t.say(t.extensions())
	case "HELO", "NOOP":
		return t.say("250 yes")
	case "RSET":
		t.letter.From, t.letter.To = "", nil
		return t.say("250 yes")
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		return t.auth(rest)
	case "MAIL":
		if t.box.User != "" && t.letter.User == "" {
			return t.say("530 5.7.0 sign in first")
		}
		t.letter.From, t.letter.To = address(rest), nil
		return t.say("250 2.1.0 yes")
	case "RCPT":
		t.letter.To = append(t.letter.To, address(rest))
		return t.say("250 2.1.5 yes")
	case "DATA":
		return t.data()
	case "QUIT":
		return t.say("221 bye")
	}
	return t.say("502 5.5.2 what")
}

// address is what stands between the angle brackets.
func address(rest string) string {
	_, rest, _ = strings.Cut(rest, "<")
	text, _, _ := strings.Cut(rest, ">")
	return text
}

func (t *talk) extensions() string {
	all := []string{"postbox.test", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"}
	if !t.letter.Encrypted && !t.box.NoTLS {
		all = append(all, "STARTTLS")
	}
	if t.box.User != "" && (t.letter.Encrypted || t.box.NoTLS) {
		all = append(all, "AUTH PLAIN")
	}
	text := ""
	for i, word := range all {
		if i < len(all)-1 {
			text += "250-" + word + "\n"
			continue
		}
		text += "250 " + word
	}
	return text
}

func (t *talk) startTLS() bool {
	if t.letter.Encrypted || t.box.NoTLS {
		return t.say("502 5.5.1 no")
	}
	if !t.say("220 go on") {
		return false
	}
	secure := tls.Server(t.conn, t.box.tls)
	if secure.Handshake() != nil {
		return false
	}
	t.conn, t.in = secure, bufio.NewReader(secure)
	t.letter = Letter{Encrypted: true}
	return true
}

func (t *talk) auth(rest string) bool {
	kind, proof, _ := strings.Cut(rest, " ")
	said, err := base64.StdEncoding.DecodeString(proof)
	if !strings.EqualFold(kind, "PLAIN") || err != nil || t.box.User == "" {
		return t.say("504 5.5.4 no")
	}
	if string(said) != "\x00"+t.box.User+"\x00"+t.box.Password {
		return t.say("535 5.7.8 that is not your password")
	}
	t.letter.User = t.box.User
	return t.say("235 2.7.0 hello")
}

func (t *talk) data() bool {
	if len(t.letter.To) == 0 {
		return t.say("503 5.5.1 to whom")
	}
	if !t.say("354 go on") {
		return false
	}
	text, err := io.ReadAll(textproto.NewReader(t.in).DotReader())
	if err != nil {
		return false
	}
	if own := t.instead("."); own != "" {
		return t.say(own)
	}
	taken := t.letter
	taken.Source = text
	t.box.take(&taken)
	return t.say(fmt.Sprintf("250 2.0.0 taken, %d bytes", len(text)))
}
