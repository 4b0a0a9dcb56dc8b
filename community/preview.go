package community

import (
	"crypto/sha256"
	"encoding/binary"
	"net/url"
	"strings"
	"time"
)

// JobPreview asks the page that a post links to what it is about. Its body is
// the address.
const JobPreview = "preview"

// A Preview is what a page says about itself, for whoever sees a link to it.
type Preview struct {
	Key         string `bun:",pk"` // PictureKey of the address
	Address     string
	Title       string
	Description string
	Site        string
	Image       string // an address
	FetchedAt   time.Time
	RetryAt     time.Time // when it is asked again, if somebody still reads of it
}

// Bounds of previews, in characters.
const (
	maxPreviewTitle = 200
	maxPreviewText  = 300
	maxPreviewSite  = 80
)

// Say sets what a page says, cut to what we keep.
func (p *Preview) Say(title, description, site, image string) {
	line := func(text string, most int) string {
		return cut(strings.Join(strings.Fields(strings.Map(shownRune, clean(text))), " "), most)
	}
	p.Title, p.Description, p.Site = line(title, maxPreviewTitle), line(description, maxPreviewText), line(site, maxPreviewSite)
	if p.Image = image; checkLink("image", image) != nil {
		p.Image = ""
	}
}

// shownRune drops what turns the direction of what follows.
func shownRune(r rune) rune {
	if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
		return -1
	}
	return r
}

// Empty reports whether a page said nothing.
func (p *Preview) Empty() bool { return p == nil || p.Title == "" && p.Image == "" }

// PreviewJob asks what a link leads to, once a day at most; pages of one server
// are asked one after another. It is nil for what nobody is asked for: no link,
// one to this server, or one in a group that is not for everybody, of which
// nobody else learns what is read there.
func PreviewJob(link, origin string, group *Actor, now time.Time) *Job {
	u, err := url.Parse(link)
	if link == "" || err != nil || group.Closed() || strings.HasPrefix(link, origin+"/") {
		return nil
	}
	host := sha256.Sum256([]byte(strings.ToLower(u.Host)))
	return &Job{
		Kind: JobPreview, Key: []byte(PictureKey(link) + now.UTC().Format(time.DateOnly)), Body: []byte(link),
		Lane: int64(binary.BigEndian.Uint16(host[:2])) % 64, RunAt: now, CreatedAt: now,
	}
}
