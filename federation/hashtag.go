package federation

import (
	"net/url"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/federation/as"
)

// hashtagsIn are the names of the hashtags that an object says it has.
func hashtagsIn(object as.Doc) []string {
	var names []string
	for _, tag := range object.Embeddeds("tag") {
		if tag.Kind() == as.KindHashtag && len(names) < community.MostTags {
			names = append(names, tag.Text("name"))
		}
	}
	return names
}

// hashtags are the tags of what people here wrote, which lead to our page of
// each: microblogs find by them what their people look for. A line has them
// too, such as a title.
func (s *Server) hashtags(line, markdown string) []as.Tag {
	var tags []as.Tag
	seen := map[string]bool{}
	for _, name := range append(markup.HashtagsInLine(line), markup.Hashtags(markdown)...) {
		fold := markup.FoldHashtag(name)
		if seen[fold] || len(tags) == community.MostTags {
			continue
		}
		seen[fold] = true
		href := s.Origin + markup.HashtagPath + url.PathEscape(fold)
		tags = append(tags, as.Tag{Type: as.KindHashtag, Href: href, Name: "#" + strings.TrimPrefix(name, "#")})
	}
	return tags
}
