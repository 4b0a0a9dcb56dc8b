package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddPost stores a new post and sets its id. A post of ours has no id in the
// fediverse yet: it becomes prefix followed by the number. A post that is
// known by its id already is a Conflict.
func (db *DB) AddPost(ctx context.Context, post *community.Post, prefix string) (err error) {
	defer db.wrap(&err, "AddPost(%s)", post.IRI)
	return db.InTx(ctx, func(tx *DB) error {
		id, err := tx.reserve(ctx, "posts")
		if err != nil {
			return err
		}
		post.ID = community.PostID(id)
		if post.IRI == "" {
			post.IRI = prefix + strconv.FormatInt(id, 10)
		}
		if post.Crowd, err = tx.crowd(ctx, post.GroupID, post.Born); err != nil {
			return err
		}
		post.Rank()
		if tx.batch != nil {
			tx.batch.addPost(post)
		} else if _, err = tx.write.NewInsert().Model(post).Exec(ctx); err != nil {
			return err
		}
		return tx.count(ctx, delta{Kind: community.SubjectActor, SubjectID: int64(post.GroupID), Field: listed})
	})
}

// Post returns the post with id.
func (db *DB) Post(ctx context.Context, id community.PostID) (_ *community.Post, err error) {
	defer db.wrap(&err, "Post(%d)", id)
	return remembered(id, db.known().posts, func() (*community.Post, error) { return db.postWhere(ctx, "id = ?", id) })
}

// HoldPost returns the post with id and makes other transactions that hold it
// wait for the end of this one.
func (db *DB) HoldPost(ctx context.Context, id community.PostID) (_ *community.Post, err error) {
	defer db.wrap(&err, "HoldPost(%d)", id)
	if err := db.hold(ctx, "post:%d", id); err != nil {
		return nil, err
	}
	return db.postWhere(ctx, "id = ?", id)
}

// KeepPost returns the post with id for whom its group matters: it moves to no
// other until the end of the transaction. Any number may keep it at once.
func (db *DB) KeepPost(ctx context.Context, id community.PostID) (_ *community.Post, err error) {
	defer db.wrap(&err, "KeepPost(%d)", id)
	return remembered(id, db.known().kept, func() (*community.Post, error) {
		post := new(community.Post)
		return post, db.write.NewRaw("SELECT * FROM posts WHERE id = ? "+db.root.dialect.forKeyShare(), id).Scan(ctx, post)
	})
}

// PostByIRI returns the post with an id in the fediverse.
func (db *DB) PostByIRI(ctx context.Context, iri string) (_ *community.Post, err error) {
	defer db.wrap(&err, "PostByIRI(%s)", iri)
	return remembered(iri, db.known().postIRIs, func() (*community.Post, error) { return db.postWhere(ctx, "iri = ?", iri) })
}

func (db *DB) postWhere(ctx context.Context, where string, args ...any) (*community.Post, error) {
	post := new(community.Post)
	if err := db.read.NewSelect().Model(post).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return post, nil
}

// Posts returns the posts with ids, by id.
func (db *DB) Posts(ctx context.Context, ids []community.PostID) (_ map[community.PostID]*community.Post, err error) {
	defer db.wrap(&err, "Posts(%d ids)", len(ids))
	found := map[community.PostID]*community.Post{}
	if len(ids) == 0 {
		return found, nil
	}
	var posts []*community.Post
	if err := db.read.NewSelect().Model(&posts).ExcludeColumn("raw").Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, p := range posts {
		found[p.ID] = p
	}
	return found, nil
}

// EditPost stores what its author changed.
func (db *DB) EditPost(ctx context.Context, post *community.Post) (err error) {
	defer db.wrap(&err, "EditPost(%d)", post.ID)
	_, err = db.write.NewUpdate().Model(post).WherePK().
		Column("kind", "title", "body", "html", "link", "language", "sensitive", "duration", "question", "raw", "edited_at").Exec(ctx)
	return err
}

// SetAnswer stores which comment answers a post; 0: none.
func (db *DB) SetAnswer(ctx context.Context, id community.PostID, answer community.CommentID) (err error) {
	defer db.wrap(&err, "SetAnswer(%d, %d)", id, answer)
	post := &community.Post{ID: id, AnswerID: answer}
	_, err = db.write.NewUpdate().Model(post).WherePK().Column("answer_id").Exec(ctx)
	return err
}

// WithdrawPost forgets what an author deletes, and uncounts it where it was
// shown; done is false for what was deleted before. Whether a moderator
// removed it stays as it is, even when that is decided at the same moment.
func (db *DB) WithdrawPost(ctx context.Context, post *community.Post, at time.Time) (done bool, err error) {
	defer db.wrap(&err, "WithdrawPost(%d)", post.ID)
	if err := db.dropVersions(ctx, post.ID, 0); err != nil {
		return false, err
	}
	post.DeletedAt, post.Title, post.Body, post.HTML, post.Link, post.Raw = at, "", "", "", "", nil
	done, err = rewrite(ctx, db, post, "deleted_at IS NULL", "deleted_at", "title", "body", "html", "link", "raw")
	if err != nil || !done || !post.RemovedAt.IsZero() {
		return done, err
	}
	return true, db.CountPost(ctx, post, -1)
}

// RevivePost stores again, with its words, what was deleted, and counts it
// where it is shown; done is false for what is not deleted.
func (db *DB) RevivePost(ctx context.Context, post *community.Post) (done bool, err error) {
	defer db.wrap(&err, "RevivePost(%d)", post.ID)
	post.DeletedAt = time.Time{}
	done, err = rewrite(ctx, db, post, "deleted_at IS NOT NULL", "deleted_at", "title", "body", "html", "link", "raw")
	if err != nil || !done || !post.RemovedAt.IsZero() {
		return done, err
	}
	return true, db.CountPost(ctx, post, 1)
}

// rewrite stores columns of a post or comment for which a condition holds,
// and learns from the row what others may have changed since it was read: the
// group that it is in and whether it is removed.
func rewrite(ctx context.Context, db *DB, row any, where string, columns ...string) (done bool, err error) {
	n, err := affected(db.write.NewUpdate().Model(row).WherePK().Where(where).Column(columns...).Returning("group_id, removed_at").Exec(ctx))
	return n > 0, err
}

// ModeratePost stores what moderators decide about a post that stays.
func (db *DB) ModeratePost(ctx context.Context, post *community.Post) (err error) {
	defer db.wrap(&err, "ModeratePost(%d)", post.ID)
	_, err = db.write.NewUpdate().Model(post).WherePK().Column("locked_at", "featured_at", "sensitive").Exec(ctx)
	return err
}

// StirPost moves a post up the active order, because it was answered at an
// hour that counts. Nobody waits for the post: it is folded in like a count.
func (db *DB) StirPost(ctx context.Context, id community.PostID, hours float64) (err error) {
	defer db.wrap(&err, "StirPost(%d)", id)
	return db.count(ctx, delta{Kind: community.SubjectPost, SubjectID: int64(id), Field: stirred, Amount: int64(hours * 3600)})
}

// Featured lists the posts that a group's moderators put on top.
func (db *DB) Featured(ctx context.Context, group community.ActorID) (_ []*community.Post, err error) {
	defer db.wrap(&err, "Featured(%d)", group)
	var posts []*community.Post
	err = db.read.NewSelect().Model(&posts).
		Where("group_id = ? AND featured_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL", group).
		OrderExpr("featured_at DESC, id DESC").Limit(50).Scan(ctx)
	return posts, err
}

// CountLocalPosts counts posts by people of this server, comments apart. What
// they say in closed groups does not count: see CountPost.
func (db *DB) CountLocalPosts(ctx context.Context) (posts, comments int64, err error) {
	defer db.wrap(&err, "CountLocalPosts")
	err = db.read.NewRaw("SELECT coalesce(sum(post_count), 0), coalesce(sum(comment_count), 0) FROM actors WHERE host = '' AND kind IN ('person', 'service')").
		Scan(ctx, &posts, &comments)
	return posts, comments, err
}

// CountLocal counts the people of this server, and its groups that everybody
// may read.
func (db *DB) CountLocal(ctx context.Context) (people, groups int64, err error) {
	defer db.wrap(&err, "CountLocal")
	err = db.read.NewRaw(`SELECT coalesce(sum(CASE WHEN kind = 'person' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN kind = 'group' AND visibility = '' THEN 1 ELSE 0 END), 0)
		FROM actors WHERE host = '' AND deleted_at IS NULL`).Scan(ctx, &people, &groups)
	return people, groups, err
}
