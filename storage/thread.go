package storage

import (
	"context"

	"drystone/community"
)

// MoveThread puts a post that is shown, and everything under it, into another
// group, and counts it there and no more where it was. It stands on top of
// neither. What was reported in it and nobody looked at waits for those who
// moderate it now; who quotes it has quoted the group it is in.
//
// Whoever answers at the same moment has answered before, and moves along, or
// is held up until the thread has moved: see KeepPost.
func (db *DB) MoveThread(ctx context.Context, post *community.Post, to community.ActorID) (err error) {
	defer db.wrap(&err, "MoveThread(%d, %d)", post.ID, to)
	from := post.GroupID
	var held []int64
	if err := db.write.NewRaw("SELECT id FROM posts WHERE id = ? "+db.root.dialect.forUpdate(), post.ID).Scan(ctx, &held); err != nil {
		return err
	}
	if err := db.queue(ctx, "comments", "post_id = ?", post.ID); err != nil {
		return err
	}
	if _, err := db.write.NewRaw("UPDATE posts SET group_id = ?, featured_at = NULL WHERE id = ?", to, post.ID).Exec(ctx); err != nil {
		return err
	}
	var shown []int64
	if err := db.write.NewRaw(`UPDATE comments SET group_id = ? WHERE post_id = ? AND group_id <> ?
		RETURNING CASE WHEN deleted_at IS NULL AND removed_at IS NULL THEN 1 ELSE 0 END`, to, post.ID, to).Scan(ctx, &shown); err != nil {
		return err
	}
	if _, err := db.write.NewRaw("UPDATE reports SET group_id = ? WHERE state = 'open' AND group_id = ? AND post_id = ?", to, from, post.ID).Exec(ctx); err != nil {
		return err
	}
	if _, err := db.write.NewRaw("UPDATE quotes SET group_id = ? WHERE post_id = ?", to, post.ID).Exec(ctx); err != nil {
		return err
	}
	var answers int64
	for _, n := range shown {
		answers += n
	}
	if err := db.count(ctx, moved(from, -1, -answers)...); err != nil {
		return err
	}
	at := int64(post.CreatedAt.Sub(community.Epoch).Seconds())
	list := append(moved(to, 1, answers), delta{Kind: community.SubjectActor, SubjectID: int64(to), Field: posted, Amount: at})
	return db.count(ctx, list...)
}

// moved counts the posts and comments that a group got or lost.
func moved(group community.ActorID, threads, answers int64) []delta {
	var list []delta
	for field, n := range map[counter]int64{posts: threads, comments: answers} {
		if n != 0 {
			list = append(list, delta{Kind: community.SubjectActor, SubjectID: int64(group), Field: field, Amount: n})
		}
	}
	return list
}
