package profiles

import (
	"bytes"
	"context"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/sync/errgroup"

	"drystone/community"
	"drystone/fault"
)

const (
	// lookAgain is how long it takes until a page is looked at again.
	lookAgain = 7 * 24 * time.Hour
	// lookSoon is the same where it could not be reached.
	lookSoon = 6 * time.Hour
	// believed is how long a page that cannot be reached still counts.
	believed = 14 * 24 * time.Hour

	linksOnce = 20 // looked at by one call of CheckLinks
	linksWide = 4  // at the same time
	maxLinks  = 5_000
)

// CheckLinks looks at pages that people say are theirs: does one lead back to
// the profile, by a link that says rel=me? It runs again and again, and looks
// at each page once a week.
func (s *Service) CheckLinks(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "profiles.CheckLinks")
	due, err := s.DB.DueLinks(ctx, s.now(), linksOnce)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(linksWide)
	for _, f := range due {
		group.Go(func() error { return s.checkLink(ctx, f) })
	}
	return group.Wait()
}

func (s *Service) checkLink(ctx context.Context, f community.ProfileField) error {
	person, err := s.DB.Actor(ctx, f.ActorID)
	if err != nil {
		return err
	}
	page, fetchErr := s.Fetch(ctx, f.Link)
	if err := ctx.Err(); err != nil {
		return err // the server ends; it is looked at when there is time
	}
	now := s.now()
	switch {
	case fault.Is(fetchErr, fault.Unavailable):
		f.CheckAt = now.Add(lookSoon)
		if f.CheckedAt.Before(now.Add(-believed)) {
			f.VerifiedAt = time.Time{}
		}
	case fetchErr != nil || !LeadsTo(page, person.IRI, person.PageURL()):
		f.CheckAt, f.CheckedAt, f.VerifiedAt = now.Add(lookAgain), now, time.Time{}
	default:
		f.CheckAt, f.CheckedAt = now.Add(lookAgain), now
		if f.VerifiedAt.IsZero() {
			f.VerifiedAt = now
		}
	}
	return s.DB.SaveLink(ctx, f)
}

// LeadsTo reports whether a page has a link to one of the targets that says
// rel=me (microformats.org/wiki/rel-me): in its head or its text.
func LeadsTo(page []byte, targets ...string) bool {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	tokens.SetMaxBuf(1 << 20)
	for links := 0; links < maxLinks; {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := tokens.TagName()
			if tag := string(name); !more || tag != "a" && tag != "link" {
				continue
			}
			links++
			if leads(tokens, targets) {
				return true
			}
		}
	}
	return false
}

// leads reports whether the tag that tokens stand at leads to a target. Of an
// attribute that is there twice, the first counts, as in browsers.
func leads(tokens *html.Tokenizer, targets []string) bool {
	attributes := map[string]string{}
	for {
		key, value, more := tokens.TagAttr()
		if _, twice := attributes[string(key)]; !twice {
			attributes[string(key)] = string(value)
		}
		if !more {
			break
		}
	}
	me := false
	for _, word := range strings.Fields(attributes["rel"]) {
		me = me || strings.EqualFold(word, "me")
	}
	if !me {
		return false
	}
	href := canonical(attributes["href"])
	for _, target := range targets {
		if href != "" && strings.EqualFold(href, canonical(target)) {
			return true
		}
	}
	return false
}

// canonical leaves out of an address what does not tell profiles apart.
func canonical(address string) string {
	address, _, _ = strings.Cut(strings.TrimSpace(address), "#")
	return strings.TrimSuffix(address, "/")
}
