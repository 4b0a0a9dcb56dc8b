package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddQuote stores an approval and reports whether it is new: what quotes may
// have one already, and then q is that.
func (db *DB) AddQuote(ctx context.Context, q *community.Quote) (added bool, err error) {
	defer db.wrap(&err, "AddQuote(%d %d by %s)", q.PostID, q.CommentID, q.Instrument)
	added, err = one(db.write.NewInsert().Model(q).On("CONFLICT (post_id, comment_id, instrument) DO NOTHING").Returning("NULL").Exec(ctx))
	if err != nil {
		return false, err
	}
	known := new(community.Quote)
	err = db.write.NewSelect().Model(known).
		Where("post_id = ? AND comment_id = ? AND instrument = ?", q.PostID, q.CommentID, q.Instrument).Scan(ctx)
	*q = *known
	return added, err
}

// Quote returns the quote with id.
func (db *DB) Quote(ctx context.Context, id community.QuoteID) (_ *community.Quote, err error) {
	defer db.wrap(&err, "Quote(%d)", id)
	q := new(community.Quote)
	return q, db.read.NewSelect().Model(q).Where("id = ?", id).Scan(ctx)
}

// QuoteByIRI returns the quote whose approval is called iri.
func (db *DB) QuoteByIRI(ctx context.Context, iri string) (_ *community.Quote, err error) {
	defer db.wrap(&err, "QuoteByIRI(%s)", iri)
	q := new(community.Quote)
	return q, db.read.NewSelect().Model(q).Where("iri = ?", iri).Scan(ctx)
}

// QuotesAmong says which quotes are meant: those of a thread, of what somebody
// wrote, or of what was said in a group. One of them is set.
type QuotesAmong struct {
	Post   community.PostID
	Author community.ActorID
	Group  community.ActorID
}

func (a QuotesAmong) where(q *bun.SelectQuery) *bun.SelectQuery {
	switch {
	case a.Post != 0:
		return q.Where("q.post_id = ?", a.Post)
	case a.Author != 0:
		return q.Where("q.author_id = ?", a.Author)
	}
	return q.Where("q.group_id = ?", a.Group)
}

// StaleQuotes lists those approvals that stand for what is not to be seen any
// more, oldest first.
func (db *DB) StaleQuotes(ctx context.Context, among QuotesAmong) (_ []*community.Quote, err error) {
	defer db.wrap(&err, "StaleQuotes(%v)", among)
	var list []*community.Quote
	q := db.read.NewSelect().Model(&list).ModelTableExpr("quotes AS q").ColumnExpr("q.*").
		Join("JOIN posts AS p ON p.id = q.post_id").
		Join("JOIN actors AS g ON g.id = q.group_id").
		Join("LEFT JOIN comments AS c ON c.id = q.comment_id").
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("q.comment_id = 0 AND (p.deleted_at IS NOT NULL OR p.removed_at IS NOT NULL)").
				WhereOr("c.deleted_at IS NOT NULL OR c.removed_at IS NOT NULL").
				WhereOr("g.visibility <> ?", community.Open)
		})
	return list, among.where(q).OrderExpr("q.id").Scan(ctx)
}

// DropQuote forgets an approval.
func (db *DB) DropQuote(ctx context.Context, id community.QuoteID) (err error) {
	defer db.wrap(&err, "DropQuote(%d)", id)
	_, err = db.write.NewDelete().Model((*community.Quote)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// DropQuotesIn forgets the approvals for something to quote anything, whose
// author is gone with it or took it back.
func (db *DB) DropQuotesIn(ctx context.Context, by community.ActorID, instrument string) (dropped bool, err error) {
	defer db.wrap(&err, "DropQuotesIn(%s)", instrument)
	n, err := affected(db.write.NewDelete().Model((*community.Quote)(nil)).Where("instrument = ? AND actor_id = ?", instrument, by).Exec(ctx))
	return n > 0, err
}

// DropQuotesBy forgets the approvals for somebody to quote anything.
func (db *DB) DropQuotesBy(ctx context.Context, by community.ActorID) (err error) {
	defer db.wrap(&err, "DropQuotesBy(%d)", by)
	_, err = db.write.NewDelete().Model((*community.Quote)(nil)).Where("actor_id = ?", by).Exec(ctx)
	return err
}

// Quotes returns the quotes with ids, by id.
func (db *DB) Quotes(ctx context.Context, ids []community.QuoteID) (_ map[community.QuoteID]*community.Quote, err error) {
	defer db.wrap(&err, "Quotes(%d ids)", len(ids))
	found := map[community.QuoteID]*community.Quote{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Quote
	if err := db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, q := range list {
		found[q.ID] = q
	}
	return found, nil
}

// QuotesOf lists who quotes what somebody wrote, newest first, and returns the
// cursor of the next page.
func (db *DB) QuotesOf(ctx context.Context, author community.ActorID, page community.Page) (_ []*community.QuoteView, next string, err error) {
	defer db.wrap(&err, "QuotesOf(%d)", author)
	var list []*community.Quote
	q := db.read.NewSelect().Model(&list).Where("author_id = ?", author)
	next, err = newest(ctx, q, &list, "id", page, func(q *community.Quote) int64 { return int64(q.ID) })
	if err != nil {
		return nil, "", err
	}
	var people []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, q := range list {
		people, posts, comments = append(people, q.ActorID), append(posts, q.PostID), append(comments, q.CommentID)
	}
	by, err := db.Actors(ctx, unique(people))
	if err != nil {
		return nil, "", err
	}
	about, err := db.Posts(ctx, unique(posts))
	if err != nil {
		return nil, "", err
	}
	answers, err := db.Comments(ctx, unique(comments))
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.QuoteView, 0, len(list))
	for _, q := range list {
		views = append(views, &community.QuoteView{Quote: q, By: by[q.ActorID], Post: about[q.PostID], Comment: answers[q.CommentID]})
	}
	return views, next, nil
}
