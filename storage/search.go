package storage

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"drystone/community"
)

// mostCandidates bounds how many matches are ordered: a word that is
// everywhere would otherwise cost as much as the whole table.
const mostCandidates = 5000

// mayBeFound are the posts or comments, called by an alias, that a reader may
// find by their words: those whose author and group did not ask to be left out
// (FEP-5feb), and what the reader wrote. Whoever may read a group that is not
// open may search it too.
func mayBeFound(alias string) string {
	return "(" + alias + ".author_id = ? OR NOT EXISTS (SELECT 1 FROM actors AS a WHERE a.id IN (" + alias + ".author_id, " + alias + ".group_id) AND NOT a.indexable AND a.visibility = ''))"
}

// SearchPosts returns the posts that hold every word and that viewer may read,
// newest first.
func (db *DB) SearchPosts(ctx context.Context, viewer community.ActorID, sight *community.Sight, text string, limit int) (_ []*community.Post, err error) {
	defer db.wrap(&err, "SearchPosts")
	words := Words(text)
	if len(words) == 0 {
		return nil, nil
	}
	where, arg := db.root.dialect.matchPosts(words)
	closed, viewers := closedTo(viewer)
	away, kept := sighted(sight, "p.author_id", "p.group_id", fromLists)
	args := append(append(append(append([]any{arg}, viewers...), mostCandidates, viewer), kept...), wider(sight, limit))
	var found []*community.Post
	err = db.read.NewRaw("SELECT "+feedColumns+" FROM posts AS p JOIN (SELECT p.id FROM posts AS p WHERE "+where+" AND p.group_id NOT IN "+closed+" LIMIT ?) AS hits ON hits.id = p.id"+
		" WHERE "+shown+" AND "+mayBeFound("p")+away+" ORDER BY p.id DESC LIMIT ?", args...).Scan(ctx, &found)
	found = slices.DeleteFunc(found, func(p *community.Post) bool {
		return sight.Hides(community.InFeeds, p.AuthorID, p.Title, p.Body, p.Link)
	})
	return found[:min(len(found), limit)], err
}

// wider is how many matches are read where words are left out of them.
func wider(sight *community.Sight, limit int) int {
	if sight.Has(community.InFeeds) {
		return 5 * limit
	}
	return limit
}

// SearchComments returns the comments that hold every word and that viewer may
// read, newest first.
func (db *DB) SearchComments(ctx context.Context, viewer community.ActorID, sight *community.Sight, text string, limit int) (_ []*community.Comment, err error) {
	defer db.wrap(&err, "SearchComments")
	words := Words(text)
	if len(words) == 0 {
		return nil, nil
	}
	where, arg := db.root.dialect.matchComments(words)
	closed, viewers := closedTo(viewer)
	away, kept := sighted(sight, "c.author_id", "c.group_id", fromLists)
	args := append(append(append(append([]any{arg}, viewers...), mostCandidates, viewer), kept...), wider(sight, limit))
	var found []*community.Comment
	err = db.read.NewRaw("SELECT c.* FROM comments AS c JOIN (SELECT c.id FROM comments AS c WHERE "+where+" AND c.group_id NOT IN "+closed+" LIMIT ?) AS hits ON hits.id = c.id"+
		" WHERE c.deleted_at IS NULL AND c.removed_at IS NULL AND "+mayBeFound("c")+away+" ORDER BY c.id DESC LIMIT ?", args...).Scan(ctx, &found)
	found = slices.DeleteFunc(found, func(c *community.Comment) bool {
		return sight.Hides(community.InFeeds, c.AuthorID, c.Body)
	})
	return found[:min(len(found), limit)], err
}

// Words splits what somebody typed into words of letters and digits, at most
// ten; whatever else they typed separates words and can steer no query
// language.
func Words(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
	return words[:min(len(words), 10)]
}
