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
