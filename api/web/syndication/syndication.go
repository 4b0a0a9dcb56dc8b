// Package syndication writes lists for feed readers: as Atom (RFC 4287, with
// the threads of RFC 4685) and as RSS 2.0. What is in a list, and who may read
// it, is decided before; nothing here asks for anything.
package syndication

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"time"
)

// The media types of the two.
const (
	AtomType = "application/atom+xml; charset=utf-8"
	RSSType  = "application/rss+xml; charset=utf-8"
)

// A Feed is a list, newest first.
type Feed struct {
	ID       string // never changes
	Title    string
	About    string
	Link     string // its page
	Self     string // where this very document is
	Language string
	Icon     string
	Author   string // whose entries these are where an entry does not say
	Entries  []*Entry
}

// An Entry is something that somebody wrote.
type Entry struct {
	ID        string // never changes
	Title     string
	Link      string
	About     string // where it leads, for a link
	Author    Author
	Group     Group
	Language  string
	Summary   string // plain text
	HTML      string // all of it, safe, with whole addresses
	Published time.Time
	Updated   time.Time // not before Published
	Files     []File
	Replies   string // where the feed of its answers is
	Count     int64  // how many these are
	ReplyTo   string // the ID of what it answers
	ReplyPage string // and where that is
}

// An Author is who wrote it.
type Author struct{ Name, Page string }

// A Group is where it was written.
type Group struct{ Name, Title string }

// A File is a picture, film or sound beside it.
type File struct {
	URL, Type, Title string
	Size             int64 // in bytes; 0: not known
}

// Updated is when anything in the feed last changed. One that has nothing in
// it yet never did.
func (f *Feed) Updated() time.Time {
	last := time.Unix(0, 0).UTC()
	for _, e := range f.Entries {
		if e.changed().After(last) {
			last = e.changed()
		}
	}
	return last.UTC().Truncate(time.Second)
}

// changed is when the entry last did.
func (e *Entry) changed() time.Time {
	if e.Updated.Before(e.Published) {
		return e.Published
	}
	return e.Updated
}

func write(document any) ([]byte, error) {
	out := bytes.NewBufferString(xml.Header)
	encoder := xml.NewEncoder(out)
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return append(out.Bytes(), '\n'), nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// number is n, or nothing where it is not known.
func number(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
