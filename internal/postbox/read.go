package postbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// A Message is a letter as its reader sees it.
type Message struct {
	Header  mail.Header `json:"header"`
	Subject string      `json:"subject"` // decoded
	Text    string      `json:"text"`
	HTML    string      `json:"html"`
}

// Read reads a letter as a mail program does. A letter that is not made as it
// should be is an error.
func (l *Letter) Read() (*Message, error) {
	raw, err := mail.ReadMessage(bytes.NewReader(l.Source))
	if err != nil {
		return nil, err
	}
	m := &Message{Header: raw.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject")); err != nil {
		return nil, err
	}
	kind, params, err := mime.ParseMediaType(raw.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return nil, fmt.Errorf("postbox: a letter of type %q, %w", kind, err)
	}
	parts := multipart.NewReader(raw.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := decoded(part)
		if err != nil {
			return nil, err
		}
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			m.Text = text
		case "text/html":
			m.HTML = text
		default:
			return nil, fmt.Errorf("postbox: a part of type %q", kind)
		}
	}
}

func decoded(part *multipart.Part) (string, error) {
	var in io.Reader = part
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		in = quotedprintable.NewReader(part)
	case "base64":
		in = base64.NewDecoder(base64.StdEncoding, part)
	}
	text, err := io.ReadAll(in)
	return strings.ReplaceAll(string(text), "\r\n", "\n"), err
}

var link = regexp.MustCompile(`(?m)^https?://\S+$`)

// Link is the address that a letter brings, on a line of its own, or nothing.
func (m *Message) Link() string { return link.FindString(m.Text) }
