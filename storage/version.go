package storage

import (
	"context"

	"drystone/community"
)

// AddVersion keeps what a post or comment said. Where that is very much, what
// it said between the first and the latest is forgotten.
func (db *DB) AddVersion(ctx context.Context, v *community.Version) (err error) {
	defer db.wrap(&err, "AddVersion(%d, %d)", v.PostID, v.CommentID)
	if _, err := db.write.NewInsert().Model(v).Returning("id").Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewRaw(`DELETE FROM versions WHERE post_id = ? AND comment_id = ?
		AND id <= (SELECT id FROM versions WHERE post_id = ? AND comment_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
		AND id > (SELECT min(id) FROM versions WHERE post_id = ? AND comment_id = ?)`,
		v.PostID, v.CommentID, v.PostID, v.CommentID, community.MostVersions-1, v.PostID, v.CommentID).Exec(ctx)
	return err
}

// Versions lists what a post, or a comment of it, said before, the latest
// first.
func (db *DB) Versions(ctx context.Context, post community.PostID, comment community.CommentID) (list []*community.Version, err error) {
	defer db.wrap(&err, "Versions(%d, %d)", post, comment)
	err = db.read.NewSelect().Model(&list).Where("post_id = ? AND comment_id = ?", post, comment).OrderExpr("id DESC").Scan(ctx)
	return list, err
}

// VersionsBy lists what somebody's posts and comments said before, as the lists
// of belongings.go.
func (db *DB) VersionsBy(ctx context.Context, author community.ActorID, after int64, most int) (list []*community.Version, err error) {
	defer db.wrap(&err, "VersionsBy(%d)", author)
	return list, part(ctx, db, &list, "author_id = ?", author, after, most)
}

// dropVersions forgets what a post, or a comment of it, said before.
func (db *DB) dropVersions(ctx context.Context, post community.PostID, comment community.CommentID) error {
	_, err := db.write.NewDelete().Model((*community.Version)(nil)).Where("post_id = ? AND comment_id = ?", post, comment).Exec(ctx)
	return err
}
