package posts

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/storage"
)

// tagsOf are the hashtags of a post: of somebody here, those in its title and
// text; of others, those that their server says it has.
func tagsOf(by *community.Actor, post *community.Post, said []string) []*community.PostTag {
	if by.Local() {
		said = append(markup.HashtagsInLine(post.Title), markup.Hashtags(post.Body)...)
	}
	var tags []*community.PostTag
	seen := map[string]bool{}
	for _, name := range said {
		name = strings.TrimPrefix(strings.ToValidUTF8(name, ""), "#")
		fold := markup.FoldHashtag(name)
		if fold == "" || seen[fold] {
			continue
		}
		seen[fold] = true
		if tags = append(tags, &community.PostTag{Tag: fold, Name: name}); len(tags) == community.MostTags {
			break
		}
	}
	return tags
}

// retag stores the hashtags of a post that was changed.
func retag(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post, change Change) error {
	if by.Local() {
		return tx.SetTags(ctx, post, tagsOf(by, post, nil))
	}
	if change.Beside == nil {
		return nil
	}
	return tx.SetTags(ctx, post, tagsOf(by, post, change.Beside.Tags))
}
