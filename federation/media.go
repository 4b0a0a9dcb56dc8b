package federation

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"

	"drystone/community"
	"drystone/federation/as"
	"drystone/storage"
)

// attached are the pictures, films and sounds that an object shows beside its
// text. Everybody writes them otherwise: microblogs as Documents, NodeBB, Mbin
// and Lemmy as Images, and Lemmy a picture that a post is all about as a Link.
func attached(object as.Doc) []*community.Attachment {
	if object.Kind() == as.KindVideo {
		return nil // what is attached to a film describes its files
	}
	var list []*community.Attachment
	content := object.Text("content")
	for _, part := range object.Embeddeds("attachment") {
		kind, address := mediaOf(part)
		if kind == "" || strings.Contains(content, address) || slices.ContainsFunc(list, func(a *community.Attachment) bool { return a.Address == address }) {
			continue // NodeBB and Discourse show pictures in the text, too
		}
		width, _ := part.Int("width")
		height, _ := part.Int("height")
		list = append(list, &community.Attachment{
			Kind: kind, Address: address, MediaType: part.Text("mediaType"), Alt: firstOf(part.Text("name"), part.Text("summary")),
			Blurhash: part.Text("blurhash"), Width: side(width), Height: side(height),
		})
		if len(list) == community.MaxAttachments {
			break
		}
	}
	return list
}

// side is a width or height that can be one.
func side(n int64) int { return int(min(max(n, 0), 1<<20)) }

// endingsOf are how addresses of pictures end, where nothing else tells.
var endingsOf = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"}

// mediaOf is what an attachment shows, and where; nothing, if it leads to a
// page or a file.
func mediaOf(part as.Doc) (community.AttachmentKind, string) {
	address := webURL(firstOf(part.Ref("url"), part.Ref("href")))
	if address == "" {
		return "", ""
	}
	switch kind, _, _ := strings.Cut(part.Text("mediaType"), "/"); kind {
	case "image", "video", "audio":
		return community.AttachmentKind(kind), address
	}
	switch part.Kind() {
	case as.KindImage:
		return community.ImageAttachment, address
	case as.KindVideo:
		return community.VideoAttachment, address
	case as.KindAudio:
		return community.AudioAttachment, address
	}
	if u, err := url.Parse(address); err == nil && part.Text("mediaType") == "" && slices.Contains(endingsOf, strings.ToLower(path.Ext(u.Path))) {
		return community.ImageAttachment, address
	}
	return "", ""
}

// attachments are what a post or comment shows, as others are told. A film or a
// sound is a Document, as microblogs have it: who reads nothing but what they
// know may refuse the whole post for a type that they do not.
func attachments(list []*community.Attachment) []as.Attachment {
	var out []as.Attachment
	for _, a := range list {
		if a.Inline || !a.Local() {
			continue
		}
		kind := as.KindDocument
		if a.Kind == community.ImageAttachment {
			kind = as.KindImage
		}
		out = append(out, as.Attachment{
			Type: kind, URL: a.Address, MediaType: a.MediaType, Name: a.Alt, Blurhash: a.Blurhash, Width: a.Width, Height: a.Height,
		})
	}
	return out
}

// cover is the picture by which others show a post in their lists.
func cover(list []as.Attachment) *as.Image {
	at := slices.IndexFunc(list, func(a as.Attachment) bool { return a.Type == as.KindImage })
	if at < 0 {
		return nil
	}
	return &as.Image{URL: list[at].URL, MediaType: list[at].MediaType, Name: list[at].Name}
}

// shownIn is what a post shows, or a comment of it, as others are told.
func shownIn(ctx context.Context, db *storage.DB, post community.PostID, comment community.CommentID) ([]as.Attachment, error) {
	list, err := db.AttachmentsIn(ctx, post, comment)
	return attachments(list), err
}
