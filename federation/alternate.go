package federation

import (
	"bytes"
	"context"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"drystone/fault"
	"drystone/federation/as"
)

// maxPageTokens bounds how much of a page is read for its head: what a page
// links to itself as stands near its beginning.
const maxPageTokens = 2000

// alternate returns the address of the ActivityStreams document of a page for
// people. People paste what their browser shows, and not every server answers
// there to who asks for a document: some name it in a Link header (RFC 8288),
// others in the page's head. What is found there is an address like any other:
// fetch decides whether it may be believed.
func (s *Server) alternate(ctx context.Context, page string) (_ string, err error) {
	defer fault.Wrap(&err, "federation.alternate(%s)", page)
	if err := s.fetched.spend(as.Host(page), s.now()); err != nil {
		return "", err
	}
	resp, err := s.Client.Get(ctx, page, "text/html, application/xhtml+xml", nil)
	if err != nil {
		return "", err
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return "", fault.Because(err, fault.Invalid, "%.200q is no address.", resp.URL)
	}
	href := headerAlternate(resp.Header.Values("Link"))
	if href == "" && strings.Contains(resp.ContentType, "html") {
		href = pageAlternate(resp.Body)
	}
	at, err := base.Parse(href)
	if href == "" || err != nil || as.Host(at.String()) == "" || at.String() == page {
		return "", fault.New(fault.NotFound, "The page at %.200s shows nothing of the fediverse.", page)
	}
	return at.String(), nil
}

// headerAlternate returns the target of the first link that is an
// ActivityStreams alternate, as it is written.
func headerAlternate(headers []string) string {
	for _, header := range headers {
		for _, link := range outsideQuotes(header, ',') {
			target, params, ok := strings.Cut(strings.TrimSpace(link), ">")
			if !ok || !strings.HasPrefix(target, "<") {
				continue
			}
			var rel, media string
			for _, param := range outsideQuotes(params, ';') {
				key, value, _ := strings.Cut(strings.TrimSpace(param), "=")
				switch strings.ToLower(strings.TrimSpace(key)) {
				case "rel":
					rel = unquoted(value)
				case "type":
					media = unquoted(value)
				}
			}
			if isAlternate(rel, media) {
				return target[1:]
			}
		}
	}
	return ""
}

// outsideQuotes splits text at what stands outside of quotes and of <>.
func outsideQuotes(text string, at rune) []string {
	quoted, pointed, escaped := false, false, false
	return strings.FieldsFunc(text, func(r rune) bool {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"' && !pointed:
			quoted = !quoted
		case !quoted && (r == '<' || r == '>'):
			pointed = r == '<'
		}
		return r == at && !quoted && !pointed
	})
}

func unquoted(value string) string {
	value = strings.TrimSpace(value)
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	return strings.ReplaceAll(value[1:len(value)-1], `\"`, `"`)
}

func isAlternate(rel, media string) bool {
	for _, word := range strings.Fields(rel) {
		if strings.EqualFold(word, "alternate") {
			return as.IsAS2ContentType(media)
		}
	}
	return false
}

// pageAlternate returns the href of the first such link in a page.
func pageAlternate(page []byte) string {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for range maxPageTokens {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if token.Data != "link" {
				continue
			}
			found := map[string]string{}
			for _, a := range token.Attr {
				found[a.Key] = a.Val
			}
			if isAlternate(found["rel"], found["type"]) && found["href"] != "" {
				return found["href"]
			}
		}
	}
	return ""
}
