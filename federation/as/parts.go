package as

import "time"

// These are the small things inside of actors and posts. They are written as
// plain objects: go-fed has no type for half of them, and does not know that
// they shall stay in arrays.

// An Image is an avatar, a banner or a preview.
type Image struct {
	URL       string
	MediaType string
	Name      string // what it shows, for those who cannot see it
}

func (i *Image) object() map[string]any {
	return object(KindImage, "url", i.URL, "mediaType", i.MediaType, "name", i.Name)
}

// A Source is the text that an author wrote, before it became HTML.
type Source struct {
	Content   string
	MediaType string // text/markdown if empty
}

func (s *Source) object() map[string]any {
	media := s.MediaType
	if media == "" {
		media = "text/markdown"
	}
	return map[string]any{"content": s.Content, "mediaType": media}
}

// A Language is written the way Lemmy and PeerTube do.
type Language struct {
	Identifier string // BCP 47
	Name       string // in English
}

func (l Language) object() map[string]any {
	return map[string]any{"identifier": l.Identifier, "name": l.Name}
}

// A Tag is a Mention (Href, Name), a Hashtag (Href, Name), an Emoji (ID, Name,
// Icon) or Lemmy's CommunityPostTag (ID, PreferredUsername, Name).
type Tag struct {
	Type              string
	ID                string
	Href              string
	Name              string
	PreferredUsername string
	Icon              *Image
}

func (t Tag) object() map[string]any {
	fields := object(t.Type, "id", t.ID, "href", t.Href, "name", t.Name, "preferredUsername", t.PreferredUsername)
	if t.Icon != nil {
		fields["icon"] = t.Icon.object()
	}
	return fields
}

// An Attachment of a post: a Link has an Href, everything else a URL.
type Attachment struct {
	Type          string // KindLink, KindImage, KindDocument, KindVideo, KindAudio
	Href          string
	URL           string
	MediaType     string
	Name          string
	Blurhash      string
	Width, Height int
}

func (a Attachment) object() map[string]any {
	fields := object(a.Type,
		"href", a.Href, "url", a.URL, "mediaType", a.MediaType, "name", a.Name, "blurhash", a.Blurhash)
	if a.Width > 0 && a.Height > 0 {
		fields["width"], fields["height"] = a.Width, a.Height
	}
	return fields
}

// A PropertyValue is a line of a profile (Mastodon). The value is HTML.
type PropertyValue struct {
	Name, Value string
}

func (p PropertyValue) object() map[string]any {
	return map[string]any{"type": KindPropertyValue, "name": p.Name, "value": p.Value}
}

// object builds a small object, leaving out what is empty.
func object(kind string, pairs ...string) map[string]any {
	fields := map[string]any{"type": kind}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fields[pairs[i]] = pairs[i+1]
		}
	}
	return fields
}

// objects turns a list of parts into an array, never nil.
func objects[T interface{ object() map[string]any }](parts []T) []any {
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part.object()
	}
	return list
}

// timestamp is RFC 3339 in UTC with whole seconds.
func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// A Multikey is a public key by itself.
type Multikey struct {
	ID         string
	Controller string // whose it is
	Multibase  string
}

func (k Multikey) object() map[string]any {
	return object("Multikey", "id", k.ID, "controller", k.Controller, "publicKeyMultibase", k.Multibase)
}
