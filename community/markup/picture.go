package markup

import (
	"html"
	"regexp"
	"strings"
)

// shownPicture is how the cleaner writes a picture: src is the first attribute,
// and a quote is always escaped elsewhere, so that it is found in tags alone.
var shownPicture = regexp.MustCompile(`<img src="([^"]*)"`)

// mostPictures bounds the pictures of one text that are shown.
const mostPictures = 200

// Pictures are the addresses of the pictures in HTML that Render or Sanitize
// returned.
func Pictures(text string) []string {
	var list []string
	for _, found := range shownPicture.FindAllStringSubmatch(text, mostPictures) {
		list = append(list, html.UnescapeString(found[1]))
	}
	return list
}

// wholePicture is the same to its end, with the words for those who cannot see
// it.
var wholePicture = regexp.MustCompile(`<img src="([^"]*)" alt="([^"]*)"[^>]*>`)

// Through returns such HTML with every picture of another server asked for
// where way says, so that nobody's browser is sent there. An empty way leaves
// the words for those who cannot see it.
func Through(text string, way func(address string) string) string {
	if !strings.Contains(text, "<img") {
		return text
	}
	return wholePicture.ReplaceAllStringFunc(text, func(tag string) string {
		parts := wholePicture.FindStringSubmatch(tag)
		address := html.UnescapeString(parts[1])
		if ownPath(address) {
			return tag
		}
		if to := way(address); to != "" {
			return `<img src="` + html.EscapeString(to) + tag[len(`<img src="`)+len(parts[1]):]
		}
		return parts[2]
	})
}
