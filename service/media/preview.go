package media

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"drystone/community"
	"drystone/fault"
)

const (
	previewLife  = 30 * 24 * time.Hour // until a page that somebody still reads of is asked again
	previewSoon  = 6 * time.Hour       // after what may go better
	previewLater = 14 * 24 * time.Hour // after what will hardly, or a page that wants to be left alone
	maxHead      = 512 << 10           // bytes of a page that are looked at
	maxTokens    = 5_000
)

// providers are services whose pages say little to programs, and that answer
// the question for a title and a picture instead (oEmbed). What they would have
// others put into their pages is never looked at.
var providers = []struct {
	hosts    []string
	endpoint string
}{
	{[]string{"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"}, "https://www.youtube.com/oembed"},
	{[]string{"vimeo.com", "www.vimeo.com", "player.vimeo.com"}, "https://vimeo.com/api/oembed.json"},
	{[]string{"soundcloud.com", "www.soundcloud.com"}, "https://soundcloud.com/oembed"},
	{[]string{"open.spotify.com"}, "https://open.spotify.com/oembed"},
	{[]string{"flickr.com", "www.flickr.com", "flic.kr"}, "https://www.flickr.com/services/oembed/"},
	{[]string{"ted.com", "www.ted.com"}, "https://www.ted.com/services/v1/oembed.json"},
	{[]string{"codepen.io"}, "https://codepen.io/api/oembed"},
}

// LookAt is a job: it asks the page that posts link to what it is about.
func (s *Service) LookAt(ctx context.Context, job *community.Job) (err error) {
	address := string(job.Body)
	defer fault.Wrap(&err, "media.LookAt(%s)", address)
	now := s.now()
	p, err := s.DB.Preview(ctx, address)
	switch {
	case fault.Is(err, fault.NotFound):
		p = &community.Preview{Key: community.PictureKey(address), Address: address}
	case err != nil:
		return err
	case now.Before(p.RetryAt):
		return nil // asked meanwhile
	}
	found, askErr := s.ask(ctx, address)
	if err := ctx.Err(); err != nil {
		return err // the server ends; it is asked when there is time
	}
	p.FetchedAt, p.RetryAt = now, now.Add(previewLife)
	switch {
	case askErr == nil && found.unwilling:
		p.Say("", "", "", "")
		p.RetryAt = now.Add(previewLater)
	case askErr == nil:
		p.Say(found.title, found.description, found.site, found.image)
	case fault.Is(askErr, fault.Unavailable):
		p.RetryAt = now.Add(previewSoon) // what was known stays until then
	default:
		p.RetryAt = now.Add(previewLater)
	}
	return s.DB.SavePreview(ctx, p)
}

// About is what a page says about itself.
type about struct {
	title, description, site, image string
	unwilling                       bool // it asks programs to leave it alone
}

// ask finds out what is at an address.
func (s *Service) ask(ctx context.Context, address string) (*about, error) {
	u, err := url.Parse(address)
	if err != nil || s.Page == nil {
		return nil, fault.New(fault.Invalid, "%q is no address of a page.", address)
	}
	if err := s.askable(ctx, address); err != nil {
		return nil, err
	}
	for _, p := range providers {
		if slices.Contains(p.hosts, strings.ToLower(u.Host)) {
			return s.askProvider(ctx, p.endpoint, address)
		}
	}
	got, err := s.Page(ctx, address, "")
	if err != nil {
		return nil, err
	}
	if got.Picture {
		return &about{image: address}, nil
	}
	base := u
	if last, err := url.Parse(got.URL); err == nil && got.URL != "" {
		base = last
	}
	a := readAbout(got.Body, base)
	a.unwilling = a.unwilling || got.Unlisted
	return a, nil
}

// askProvider asks for a title and a picture, and takes nothing else.
func (s *Service) askProvider(ctx context.Context, endpoint, address string) (*about, error) {
	got, err := s.Page(ctx, endpoint+"?"+url.Values{"format": {"json"}, "url": {address}}.Encode(), "")
	if err != nil {
		return nil, err
	}
	var said struct {
		Title     string `json:"title"`
		Author    string `json:"author_name"`
		Provider  string `json:"provider_name"`
		Thumbnail string `json:"thumbnail_url"`
	}
	if err := json.Unmarshal(got.Body, &said); err != nil {
		return nil, fault.Because(err, fault.Invalid, "%s did not answer in JSON.", endpoint)
	}
	return &about{title: said.Title, description: said.Author, site: said.Provider, image: said.Thumbnail}, nil
}

// readAbout reads the head of a page: what it says to whoever links to it
// (OpenGraph), else its title and description.
func readAbout(page []byte, base *url.URL) *about {
	said := map[string]string{}
	tokens := html.NewTokenizer(bytes.NewReader(page[:min(len(page), maxHead)]))
	tokens.SetMaxBuf(64 << 10)
	inTitle := false
	for range maxTokens {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		switch {
		case kind == html.TextToken && inTitle && said["title"] == "":
			said["title"] = token.Data
		case kind == html.StartTagToken && token.DataAtom == atom.Title:
			inTitle = true
		case kind == html.EndTagToken && token.DataAtom == atom.Title:
			inTitle = false
		case token.DataAtom == atom.Meta:
			meta(said, token)
		case kind == html.StartTagToken && token.DataAtom == atom.Body:
			return summed(said, base)
		}
	}
	return summed(said, base)
}

// meta notes what one tag says; of several that say the same the first counts.
func meta(said map[string]string, token html.Token) {
	var name, content string
	for _, a := range token.Attr {
		switch a.Key {
		case "property", "name":
			if name == "" {
				name = strings.ToLower(strings.TrimSpace(a.Val))
			}
		case "content":
			content = a.Val
		}
	}
	if name != "" && strings.TrimSpace(content) != "" && said[name] == "" {
		said[name] = content
	}
}

func summed(said map[string]string, base *url.URL) *about {
	first := func(names ...string) string {
		for _, name := range names {
			if said[name] != "" {
				return said[name]
			}
		}
		return ""
	}
	a := &about{
		title: first("og:title", "twitter:title", "title"), description: first("og:description", "twitter:description", "description"),
		site: first("og:site_name", "application-name"), unwilling: Unwilling(said["robots"]),
	}
	if image := first("og:image:secure_url", "og:image:url", "og:image", "twitter:image"); image != "" {
		if u, err := base.Parse(strings.TrimSpace(image)); err == nil {
			a.image = u.String()
		}
	}
	return a
}

// Unwilling reports whether what a page says to robots, in its head or before
// it, means that nothing of it shall be shown elsewhere.
func Unwilling(robots string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(robots), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		if word == "noindex" || word == "nosnippet" || word == "none" || word == "max-snippet:0" {
			return true
		}
	}
	return false
}

// previewPicture is the picture by which a page is shown where it is linked to.
func (s *Service) previewPicture(ctx context.Context, link string) ([]string, error) {
	if link == "" {
		return nil, nil
	}
	p, err := s.DB.Preview(ctx, link)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{p.Image}, nil
}
