package posts

import (
	"context"
	"math"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Comment adds an answer to a post, or to one of its comments (0: to the post
// itself). An id that is known already changes nothing.
func (s *Service) Comment(ctx context.Context, by *community.Actor, id community.PostID, parent community.CommentID, draft Draft) (_ *community.Comment, err error) {
	defer fault.Wrap(&err, "posts.Comment(%s on %d)", by.Handle(), id)
	c := s.newComment(by, id, draft)
	if by.Local() {
		if err := c.Check(); err != nil {
			return nil, err
		}
	} else {
		c.Fit()
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if known, err := known(ctx, draft.From.IRI, tx.CommentByIRI); err != nil || known != nil {
			c = known
			return err
		}
		return s.comment(ctx, tx, by, c, parent, draft)
	})
	return c, err
}

func (s *Service) newComment(by *community.Actor, id community.PostID, draft Draft) *community.Comment {
	now := s.now()
	c := &community.Comment{
		IRI: draft.From.IRI, PostID: id, AuthorID: by.ID, Body: draft.Body, URL: draft.URL, Language: draft.Language,
		HTML: dress(by, draft.Body, draft.HTML), Raw: draft.Raw, CreatedAt: birth(draft.CreatedAt, now), ArrivedAt: now,
	}
	c.Born = community.Hours(c.CreatedAt)
	c.Rank()
	return c
}

func (s *Service) comment(ctx context.Context, tx *storage.DB, by *community.Actor, c *community.Comment, parentID community.CommentID, draft Draft) error {
	post, err := tx.KeepPost(ctx, c.PostID)
	if err != nil {
		return err
	}
	parent, err := s.parent(ctx, tx, post, parentID)
	if err != nil {
		return err
	}
	if standing := draft.Standing && !post.Local; !standing {
		if err := s.mayAnswer(ctx, tx, by, post); err != nil {
			return err
		}
		if err := mayAnswerBelow(ctx, tx, post, parent); err != nil {
			return err
		}
		if err := s.mayAnswerTo(ctx, tx, by, post, parent); err != nil {
			return err
		}
	}
	c.GroupID = post.GroupID
	if err := tx.AddComment(ctx, c, parent, s.Origin+"/comment/"); err != nil {
		return err
	}
	if err := s.illustrate(ctx, tx, by, frame{c.PostID, c.ID, c.HTML}, draft); err != nil {
		return err
	}
	if err := s.citeIn(ctx, tx, by, c, draft.Quotes); err != nil {
		return err
	}
	if err := tx.CountComment(ctx, c, 1); err != nil {
		return err
	}
	if hours := math.Min(c.Born, post.Born+community.NecroHours); hours > post.Stirred && by.ID != post.AuthorID {
		if err := tx.StirPost(ctx, post.ID, hours); err != nil {
			return err
		}
	}
	if err := markActive(ctx, tx, by, c.ArrivedAt); err != nil {
		return err
	}
	if err := finished(ctx, tx, by, draft.Sketch); err != nil {
		return err
	}
	return tx.Record(ctx, s.commentFact(community.CommentPublished, by, c, draft.From))
}

// citeIn is cite for a new comment.
func (s *Service) citeIn(ctx context.Context, tx *storage.DB, by *community.Actor, c *community.Comment, spot *Spot) error {
	if spot == nil {
		return nil
	}
	group, err := tx.Actor(ctx, c.GroupID)
	if err != nil {
		return err
	}
	return s.cite(ctx, tx, by, group, &community.Citation{PostID: c.PostID, CommentID: c.ID}, c.IRI, spot)
}

// parent loads the comment that is answered, and holds it to its thread.
func (s *Service) parent(ctx context.Context, tx *storage.DB, post *community.Post, id community.CommentID) (*community.Comment, error) {
	if id == 0 {
		return nil, nil
	}
	parent, err := tx.Comment(ctx, id)
	if err != nil {
		return nil, err
	}
	if parent.PostID != post.ID {
		return nil, fault.Field("parent_id", "Comment %d is in another thread.", id)
	}
	return parent, nil
}

// mayAnswerBelow reports why nobody may answer a comment: it is locked, or
// something above it is.
func mayAnswerBelow(ctx context.Context, tx *storage.DB, post *community.Post, parent *community.Comment) error {
	if parent == nil {
		return nil
	}
	if err := parent.MayAnswer(); err != nil {
		return err
	}
	locks, err := tx.LocksIn(ctx, []community.PostID{post.ID})
	if err != nil {
		return err
	}
	return locks[post.ID].MayAnswer(parent.Path)
}

// mayAnswerTo reports why by does not answer whoever wrote what is answered:
// one of the two blocked the other. What somebody elsewhere answers is in the
// thread already, everywhere else; here it is kept from who blocked them.
func (s *Service) mayAnswerTo(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post, parent *community.Comment) error {
	author := post.AuthorID
	if parent != nil {
		author = parent.AuthorID
	}
	if !by.Local() || author == by.ID {
		return nil
	}
	other, err := tx.Actor(ctx, author)
	if err != nil {
		return err
	}
	between, err := tx.Between(ctx, by, other, s.now())
	if err != nil {
		return err
	}
	return between.Bars("answer", other)
}

func (s *Service) mayAnswer(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post) error {
	group, err := tx.Actor(ctx, post.GroupID)
	if err != nil {
		return err
	}
	if err := s.welcome(ctx, tx, by, group); err != nil {
		return err
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	if err := group.Admits(by, m); err != nil {
		return err
	}
	if err := post.MayAnswer(); err != nil {
		return err
	}
	return m.MayPost(group, s.now())
}

func (s *Service) commentFact(kind community.FactKind, by *community.Actor, c *community.Comment, from community.Origin) community.Fact {
	return community.Fact{
		Kind: kind, ActorID: by.ID, GroupID: c.GroupID, PostID: c.PostID, CommentID: c.ID, Raw: from.Activity, At: s.now(),
	}
}

// EditComment changes a comment; only its author may.
func (s *Service) EditComment(ctx context.Context, by *community.Actor, id community.CommentID, change Change) (_ *community.Comment, err error) {
	defer fault.Wrap(&err, "posts.EditComment(%d)", id)
	var c *community.Comment
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if c, err = tx.HoldComment(ctx, id); err != nil {
			return err
		}
		if err := s.sees(ctx, tx, by, c.GroupID); err != nil {
			return err
		}
		if err := s.mayEdit(ctx, tx, by, c.GroupID, c.AuthorID, c.Hidden()); err != nil {
			return err
		}
		if change.again(by, c.Raw) {
			return nil
		}
		before := c.Version()
		if err := change.applyComment(by, c); err != nil {
			return err
		}
		if err := s.remember(ctx, tx, before, c.Version()); err != nil {
			return err
		}
		c.EditedAt = s.now()
		if err := tx.EditComment(ctx, c); err != nil {
			return err
		}
		if err := s.reillustrate(ctx, tx, by, frame{c.PostID, c.ID, c.HTML}, change); err != nil {
			return err
		}
		return tx.Record(ctx, s.commentFact(community.CommentEdited, by, c, change.From))
	})
	return c, err
}

func (c Change) applyComment(by *community.Actor, comment *community.Comment) error {
	set(&comment.Body, c.Body)
	if c.Raw != nil {
		comment.Raw = c.Raw
	}
	if by.Local() {
		comment.HTML = markup.Render(comment.Body)
		return comment.Check()
	}
	if c.HTML != nil {
		comment.HTML = markup.Sanitize(*c.HTML)
	}
	comment.Fit()
	return nil
}

// DeleteComment withdraws a comment; only its author may. Its words are
// forgotten, the answers to it stay.
func (s *Service) DeleteComment(ctx context.Context, by *community.Actor, id community.CommentID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.DeleteComment(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		if by.ID != c.AuthorID {
			if err := s.sees(ctx, tx, by, c.GroupID); err != nil {
				return err
			}
			return fault.New(fault.Forbidden, "Only its author can delete this.")
		}
		if c, err = s.withdrawComment(ctx, tx, id); err != nil || c == nil {
			return err
		}
		return tx.Record(ctx, s.commentFact(community.CommentDeleted, by, c, from))
	})
}

// FindComment returns a comment as reader sees it.
func (s *Service) FindComment(ctx context.Context, reader *community.Actor, id community.CommentID) (_ *community.CommentView, err error) {
	defer fault.Wrap(&err, "posts.FindComment(%d)", id)
	c, err := s.DB.Comment(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.DB.CommentViews(ctx, reader, []*community.Comment{c}, s.now())
	if err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, community.Unseen()
	}
	return views[0], nil
}

// Since lists what came into a thread after a comment, by id, in the order in
// which it came.
func (s *Service) Since(ctx context.Context, reader *community.Actor, id community.PostID, after community.CommentID, most int) (_ []*community.CommentView, err error) {
	defer fault.Wrap(&err, "posts.Since(%d, %d)", id, after)
	post, err := s.DB.Post(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.shown(ctx, reader, post.GroupID); err != nil {
		return nil, err
	}
	list, err := s.DB.CommentsSince(ctx, id, after, most)
	if err != nil {
		return nil, err
	}
	return s.DB.CommentViews(ctx, reader, list, s.now())
}

// mostAncestors bounds how far up the context of a comment is shown.
const mostAncestors = 20

// Ancestors returns the comments above one, the topmost first, at most the
// nearest twenty.
func (s *Service) Ancestors(ctx context.Context, reader *community.Actor, id community.CommentID) (_ []*community.CommentView, err error) {
	defer fault.Wrap(&err, "posts.Ancestors(%d)", id)
	c, err := s.DB.Comment(ctx, id)
	if err != nil {
		return nil, err
	}
	above, err := s.DB.Ancestors(ctx, c, mostAncestors)
	if err != nil {
		return nil, err
	}
	return s.DB.CommentViews(ctx, reader, above, s.now())
}

// CommentsBy lists what an actor wrote in answer to others, newest first.
func (s *Service) CommentsBy(ctx context.Context, reader *community.Actor, author community.ActorID, page community.Page) (_ []*community.CommentView, next string, err error) {
	defer fault.Wrap(&err, "posts.CommentsBy(%d)", author)
	sight, err := s.DB.Sight(ctx, idOf(reader), s.now())
	if err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.CommentsBy(ctx, idOf(reader), author, sight, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.DB.CommentViews(ctx, reader, list, s.now())
	return views, next, err
}
