package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// AddCitation stores what something new quotes.
func (db *DB) AddCitation(ctx context.Context, c *community.Citation) (err error) {
	defer db.wrap(&err, "AddCitation(%s)", c.Name())
	_, err = db.write.NewInsert().Model(c).Returning("id").Exec(ctx)
	return err
}

// Citation returns the citation with id.
func (db *DB) Citation(ctx context.Context, id community.CitationID) (_ *community.Citation, err error) {
	defer db.wrap(&err, "Citation(%d)", id)
	return db.citationWhere(ctx, "id = ?", id)
}

// CitationIn returns what a post quotes, or what one of its comments does. A
// comment is enough to know its post by.
func (db *DB) CitationIn(ctx context.Context, post community.PostID, comment community.CommentID) (_ *community.Citation, err error) {
	defer db.wrap(&err, "CitationIn(%d, %d)", post, comment)
	if comment != 0 && post == 0 {
		c, err := db.Comment(ctx, comment)
		if err != nil {
			return nil, err
		}
		post = c.PostID
	}
	return db.citationWhere(ctx, "post_id = ? AND comment_id = ?", post, comment)
}

// CitationApprovedBy returns what was approved by what can be read at an
// address.
func (db *DB) CitationApprovedBy(ctx context.Context, approval string) (_ *community.Citation, err error) {
	defer db.wrap(&err, "CitationApprovedBy(%s)", approval)
	if approval == "" {
		return nil, fault.New(fault.NotFound, "Nothing is approved by no approval.")
	}
	return db.citationWhere(ctx, "approval = ?", approval)
}

func (db *DB) citationWhere(ctx context.Context, where string, args ...any) (*community.Citation, error) {
	c := new(community.Citation)
	if err := db.read.NewSelect().Model(c).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// SettleCitation stores what the author of something quoted says to it.
func (db *DB) SettleCitation(ctx context.Context, c *community.Citation) (err error) {
	defer db.wrap(&err, "SettleCitation(%d)", c.ID)
	_, err = db.write.NewUpdate().Model(c).WherePK().Column("state", "approval").Exec(ctx)
	return err
}

// DropCitation forgets what a post or comment quotes, and the approval of it
// if that is ours.
func (db *DB) DropCitation(ctx context.Context, post community.PostID, comment community.CommentID) (err error) {
	defer db.wrap(&err, "DropCitation(%d, %d)", post, comment)
	c, err := db.citationWhere(ctx, "post_id = ? AND comment_id = ?", post, comment)
	if err = db.classify(err); fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := db.write.NewDelete().Model((*community.Quote)(nil)).Where("iri = ? AND actor_id = ?", c.Approval, c.AuthorID).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model(c).WherePK().Exec(ctx)
	return err
}

// citationViews dresses what posts and comments quote for a reader, by what
// quotes. Only what was written here quotes: whoever asks leaves out the rest.
// Of what is not for everybody any more, nothing is shown, and nothing of whom
// the reader keeps away, or who keeps them away.
func (db *DB) citationViews(ctx context.Context, reader *community.Actor, sight *community.Sight, column string, ids []int64) (map[int64]*community.CitationView, error) {
	views := map[int64]*community.CitationView{}
	if len(ids) == 0 {
		return views, nil
	}
	var list []*community.Citation
	q := db.read.NewSelect().Model(&list).Where("? IN (?)", bun.Ident(column), bun.List(ids))
	if column == "post_id" {
		q = q.Where("comment_id = 0")
	}
	if err := q.Scan(ctx); err != nil || len(list) == 0 {
		return views, err
	}
	shown, err := db.quotedIn(ctx, list)
	if err != nil {
		return nil, err
	}
	veils, err := db.veils(ctx, sight, shown.actors)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		v := shown.view(c)
		if veils[c.QuotedID] != community.NoVeil {
			v.Post, v.Comment = nil, nil // or what a reader keeps away came in by a quote
		}
		v.Mine = reader != nil && reader.ID == c.AuthorID
		key := int64(c.PostID)
		if c.CommentID != 0 {
			key = int64(c.CommentID)
		}
		views[key] = v
	}
	return views, nil
}

// CitationView returns a citation with what is quoted.
func (db *DB) CitationView(ctx context.Context, c *community.Citation) (_ *community.CitationView, err error) {
	defer db.wrap(&err, "CitationView(%d)", c.ID)
	shown, err := db.quotedIn(ctx, []*community.Citation{c})
	if err != nil {
		return nil, err
	}
	return shown.view(c), nil
}

// quotedThings are what citations are about.
type quotedThings struct {
	posts    map[community.PostID]*community.Post
	comments map[community.CommentID]*community.Comment
	actors   map[community.ActorID]*community.Actor
}

func (db *DB) quotedIn(ctx context.Context, list []*community.Citation) (found quotedThings, err error) {
	var posts []community.PostID
	var comments []community.CommentID
	var actors []community.ActorID
	for _, c := range list {
		posts, actors = append(posts, c.QuotedPostID), append(actors, c.QuotedID)
		if c.QuotedCommentID != 0 {
			comments = append(comments, c.QuotedCommentID)
		}
	}
	if found.posts, err = db.Posts(ctx, unique(posts)); err != nil {
		return found, err
	}
	if found.comments, err = db.Comments(ctx, unique(comments)); err != nil {
		return found, err
	}
	for _, p := range found.posts {
		actors = append(actors, p.GroupID)
	}
	found.actors, err = db.Actors(ctx, unique(actors))
	return found, err
}

func (f quotedThings) view(c *community.Citation) *community.CitationView {
	v := &community.CitationView{Citation: c, Author: f.actors[c.QuotedID]}
	post, comment := f.posts[c.QuotedPostID], f.comments[c.QuotedCommentID]
	switch {
	case post == nil, v.Author == nil || v.Author.Gone():
		return v
	case c.QuotedCommentID == 0 && post.Hidden(), c.QuotedCommentID != 0 && (comment == nil || comment.Hidden()):
		return v
	}
	if group := f.actors[post.GroupID]; group != nil && group.Quotable() {
		v.Post, v.Comment = post, comment
	}
	return v
}
