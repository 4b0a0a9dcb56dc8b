package federation

import (
	"cmp"
	"context"
	"net/http"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// answered is what a comment answers: a post, or another comment under it.
type answered struct {
	post   *community.Post
	parent *community.Comment // nil: the post itself
	author *community.Actor   // of what is answered; nil if unknown
	cited  *cited             // what the answer quotes
	shows  []as.Attachment    // what the answer shows
}

func (a answered) iri() string {
	if a.parent != nil {
		return a.parent.IRI
	}
	return a.post.IRI
}

// note is a comment by somebody here; Lemmy takes nothing but Notes for
// comments.
func (s *Server) note(c *community.Comment, answer answered, author, group *community.Actor, addressees []*community.Actor) as.Note {
	return as.Note(citing(as.Post{
		ID: c.IRI, AttributedTo: author.IRI, InReplyTo: answer.iri(), To: everybodyIn(group), CC: cc(author, group, addressees),
		Audience: group.IRI, Content: s.outward(c.HTML), Source: s.source(c.Body), URL: cmp.Or(c.URL, c.IRI),
		Language: languageOf(c.Language), Sensitive: answer.post.Sensitive || group.Sensitive,
		Context: s.contextOf(answer.post, group), Replies: c.IRI + "/replies", Tag: append(s.mentions(append([]*community.Actor{group}, addressees...)), s.hashtags("", c.Body)...),
		Published: c.CreatedAt, Updated: c.EditedAt, QuotedBy: quotedBy(author, group), Attachment: answer.shows,
	}, answer.cited))
}

// addressees are whom a comment is for: the author of what it answers, and
// whom it mentions.
func (s *Server) addressees(
	ctx context.Context, db *storage.DB, c *community.Comment, answer answered, author *community.Actor,
) ([]*community.Actor, error) {
	people, err := s.mentioned(ctx, db, c.Body, author)
	if err != nil || answer.author == nil || answer.author.ID == author.ID || answer.author.Gone() {
		return people, err
	}
	list := []*community.Actor{answer.author}
	for _, p := range people {
		if p.ID != answer.author.ID {
			list = append(list, p)
		}
	}
	return list, nil
}

// ownComment finds the comment that a path names, as ownPost does.
func (s *Server) ownComment(r *http.Request) (*community.Comment, error) {
	c, err := s.DB.Comment(r.Context(), community.CommentID(pathID(r)))
	if err == nil {
		err = s.clearedFor(r, c.GroupID)
	}
	switch {
	case err != nil:
		return nil, err
	case c.Hidden() && (c.DeletedAt.IsZero() || !s.ours(c.IRI)):
		return nil, fault.New(fault.NotFound, "This comment was removed.")
	case c.Hidden():
		return nil, &tombstone{id: c.IRI, former: as.KindNote, at: c.DeletedAt}
	}
	return c, nil
}

func (s *Server) getComment(r *http.Request) (document, error) {
	ctx := r.Context()
	c, err := s.ownComment(r)
	if err != nil {
		return nil, err
	}
	if !s.ours(c.IRI) {
		return nil, &elsewhere{c.IRI}
	}
	note, _, _, err := s.wholeNote(ctx, c)
	if err != nil {
		return nil, err
	}
	return note, nil
}

// wholeNote is a comment by somebody here, with whom it answers and mentions.
func (s *Server) wholeNote(ctx context.Context, c *community.Comment) (note as.Note, author, group *community.Actor, err error) {
	var answer answered
	if answer.post, err = s.DB.Post(ctx, c.PostID); err != nil {
		return note, nil, nil, err
	}
	by := answer.post.AuthorID
	if c.ParentID != 0 {
		if answer.parent, err = s.DB.Comment(ctx, c.ParentID); err != nil {
			return note, nil, nil, err
		}
		by = answer.parent.AuthorID
	}
	actors, err := s.DB.Actors(ctx, []community.ActorID{c.AuthorID, c.GroupID, by})
	if err != nil {
		return note, nil, nil, err
	}
	author, group = actors[c.AuthorID], actors[c.GroupID]
	if author == nil || group == nil {
		return note, nil, nil, fault.New(fault.NotFound, "This comment has lost its author or group.")
	}
	answer.author = actors[by]
	if answer.cited, err = citedIn(ctx, s.DB, c.PostID, c.ID); err != nil {
		return note, nil, nil, err
	}
	if answer.shows, err = shownIn(ctx, s.DB, c.PostID, c.ID); err != nil {
		return note, nil, nil, err
	}
	addressees, err := s.addressees(ctx, s.DB, c, answer, author)
	if err != nil {
		return note, nil, nil, err
	}
	return s.note(c, answer, author, group, addressees), author, group, nil
}
