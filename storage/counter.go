package storage

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// A counter is a number kept beside a subject. The values are stored.
type counter int16

const (
	ups      counter = 1
	downs    counter = 2
	comments counter = 3 // of a post; of everything below a comment; by a person
	members  counter = 4
	posts    counter = 5
	posted   counter = 6 // of a group: not a count but an instant; the newest stays
	stirred  counter = 7 // of a post: likewise
	listed   counter = 8 // of a group: not a count but that its heads are to be renewed
	answered counter = 9 // of a post: not a count; when it was first answered is to be looked for
)

// delta is a change of a counter that is not folded in yet.
type delta struct {
	bun.BaseModel `bun:"table:deltas"`
	ID            int64 `bun:",pk,autoincrement"`
	Kind          community.SubjectKind
	SubjectID     int64
	Field         counter
	Amount        int64
}

// count appends changes of counters. Nobody waits for the row counted.
func (db *DB) count(ctx context.Context, deltas ...delta) error {
	if len(deltas) == 0 {
		return nil
	}
	if b := db.batch; b != nil {
		b.deltas = append(b.deltas, deltas...)
		b.wrote++
		return nil
	}
	_, err := db.write.NewInsert().Model(&deltas).Exec(ctx)
	return err
}

// CountVote counts the difference that a vote made.
func (db *DB) CountVote(ctx context.Context, s community.Subject, before, after int) (err error) {
	defer db.wrap(&err, "CountVote(%v)", s)
	var list []delta
	for value, field := range map[int]counter{1: ups, -1: downs} {
		amount := int64(0)
		if after == value {
			amount++
		}
		if before == value {
			amount--
		}
		if amount != 0 {
			list = append(list, delta{Kind: s.Kind, SubjectID: s.ID, Field: field, Amount: amount})
		}
	}
	return db.count(ctx, list...)
}

// CountPost counts a post in its group and for its author; amount is 1, or -1
// when it is gone. In a closed group it counts there and nowhere else, not
// even as a sign of life: numbers would tell of what may not be read.
func (db *DB) CountPost(ctx context.Context, post *community.Post, amount int64) (err error) {
	defer db.wrap(&err, "CountPost(%d)", post.ID)
	list := []delta{{Kind: community.SubjectActor, SubjectID: int64(post.GroupID), Field: posts, Amount: amount}}
	closed, err := db.closed(ctx, post.GroupID)
	if err != nil {
		return err
	}
	if closed {
		return db.count(ctx, list...)
	}
	list = append(list, delta{Kind: community.SubjectActor, SubjectID: int64(post.AuthorID), Field: posts, Amount: amount})
	if amount > 0 {
		at := int64(post.CreatedAt.Sub(community.Epoch).Seconds())
		list = append(list, delta{Kind: community.SubjectActor, SubjectID: int64(post.GroupID), Field: posted, Amount: at})
	}
	return db.count(ctx, list...)
}

// CountComment counts a comment under its post, under everything above it,
// in its group and, where everybody may read it, for its author.
func (db *DB) CountComment(ctx context.Context, c *community.Comment, amount int64) (err error) {
	defer db.wrap(&err, "CountComment(%d)", c.ID)
	above, err := db.AncestorIDs(ctx, c)
	if err != nil {
		return err
	}
	list := []delta{
		{Kind: community.SubjectPost, SubjectID: int64(c.PostID), Field: comments, Amount: amount},
		{Kind: community.SubjectActor, SubjectID: int64(c.GroupID), Field: comments, Amount: amount},
	}
	closed, err := db.closed(ctx, c.GroupID)
	if err != nil {
		return err
	}
	if !closed {
		list = append(list, delta{Kind: community.SubjectActor, SubjectID: int64(c.AuthorID), Field: comments, Amount: amount})
	}
	for _, id := range above {
		list = append(list, delta{Kind: community.SubjectComment, SubjectID: int64(id), Field: comments, Amount: amount})
	}
	first, err := db.clocks(ctx, c)
	if err != nil {
		return err
	}
	if first {
		list = append(list, delta{Kind: community.SubjectPost, SubjectID: int64(c.PostID), Field: answered, Amount: 1})
	}
	return db.count(ctx, list...)
}

// CountMember counts a member of a group or a follower of a person.
func (db *DB) CountMember(ctx context.Context, actor community.ActorID, amount int64) (err error) {
	defer db.wrap(&err, "CountMember(%d)", actor)
	return db.count(ctx, delta{Kind: community.SubjectActor, SubjectID: int64(actor), Field: members, Amount: amount})
}

// countedIn says where what is folded in already is: for each kind the columns
// in the order of Counted.
var countedIn = map[community.SubjectKind]string{
	community.SubjectPost:    "SELECT id, ups, downs, comment_count AS comments, 0 AS members, 0 AS posts FROM posts",
	community.SubjectComment: "SELECT id, ups, downs, reply_count AS comments, 0 AS members, 0 AS posts FROM comments",
	community.SubjectActor:   "SELECT id, 0 AS ups, 0 AS downs, comment_count AS comments, member_count AS members, post_count AS posts FROM actors",
}

// Counters returns what is counted for subjects of one kind, folded in or not,
// by id. It is read at one instant: of a row and of its changes, read one after
// the other, one would miss or double what is folded in between.
func (db *DB) Counters(ctx context.Context, kind community.SubjectKind, ids []int64) (_ map[int64]Counted, err error) {
	defer db.wrap(&err, "Counters(%d)", len(ids))
	if len(ids) == 0 {
		return map[int64]Counted{}, nil
	}
	var rows []struct {
		ID int64
		Counted
	}
	err = db.read.NewRaw(countedIn[kind]+` WHERE id IN (?) UNION ALL SELECT subject_id,
		CASE WHEN field = ? THEN amount ELSE 0 END, CASE WHEN field = ? THEN amount ELSE 0 END, CASE WHEN field = ? THEN amount ELSE 0 END,
		CASE WHEN field = ? THEN amount ELSE 0 END, CASE WHEN field = ? THEN amount ELSE 0 END
		FROM deltas WHERE kind = ? AND subject_id IN (?)`,
		bun.List(ids), ups, downs, comments, members, posts, kind, bun.List(ids)).Scan(ctx, &rows)
	found := make(map[int64]Counted, len(ids))
	for _, r := range rows {
		c := found[r.ID]
		found[r.ID] = Counted{c.Ups + r.Ups, c.Downs + r.Downs, c.Comments + r.Comments, c.Members + r.Members, c.Posts + r.Posts}
	}
	return found, err
}

// Counted is what is counted for a subject.
type Counted struct{ Ups, Downs, Comments, Members, Posts int64 }

// change is all that happened to one subject's counters.
type change struct {
	ups, downs, comments, members, posts, posted, stirred, answered int64

	listed bool // a group's posts are not those that they were
}

// appeal is community.Appeal in SQL, of a score that is given as text.
func appeal(score string) string {
	return "(CASE WHEN " + score + " >= 0 THEN ln(log10(" + score + " + 2.0)) ELSE ln(log10(2.0)) - ln(1.0 - " + score + ") END)"
}

// contention is community.Contention in SQL.
func contention(ups, downs string) string {
	less, more := "CASE WHEN "+ups+" < "+downs+" THEN "+ups+" ELSE "+downs+" END", "CASE WHEN "+ups+" < "+downs+" THEN "+downs+" ELSE "+ups+" END"
	return "(CASE WHEN " + ups + " > 0 AND " + downs + " > 0 THEN power(" + ups + " + " + downs + " + 0.0, (" + less + ") * 1.0 / (" + more + ")) ELSE 0 END)"
}

// Fold moves up to limit changes of counters into the rows that they count,
// with the ranks that depend on them, and returns how many there were. Any
// number of callers may fold at once; each change is folded once.
func (db *DB) Fold(ctx context.Context, limit int) (n int, err error) {
	defer db.wrap(&err, "Fold")
	err = db.InTx(ctx, func(tx *DB) error {
		var taken []delta
		if err := tx.write.NewRaw("DELETE FROM deltas WHERE id IN (SELECT id FROM deltas ORDER BY id LIMIT ? "+
			db.root.dialect.skipLocked()+") RETURNING *", limit).Scan(ctx, &taken); err != nil {
			return err
		}
		n = len(taken)
		changes := sum(taken)
		for _, kind := range sortedKeys(changes) {
			if err := tx.fold(ctx, kind, changes[kind]); err != nil {
				return err
			}
		}
		return tx.foldHeads(ctx, changes)
	})
	return n, err
}

// foldHeads renews what the groups keep of their best posts (headColumns),
// where one came, went, moved or got another rank. It comes last: whoever
// waits for a group's row here holds all other rows that they change, and sees
// what was changed before when their turn comes.
func (db *DB) foldHeads(ctx context.Context, changes map[community.SubjectKind]map[int64]*change) error {
	groups := map[int64]bool{}
	for id, c := range changes[community.SubjectActor] {
		groups[id] = groups[id] || c.listed
	}
	for part := range slices.Chunk(sortedKeys(changes[community.SubjectPost]), foldRows) {
		var in []int64
		if err := db.write.NewRaw("SELECT DISTINCT group_id FROM posts WHERE id IN (?)", bun.List(part)).Scan(ctx, &in); err != nil {
			return err
		}
		for _, id := range in {
			groups[id] = true
		}
	}
	maps.DeleteFunc(groups, func(_ int64, changed bool) bool { return !changed })
	for part := range slices.Chunk(sortedKeys(groups), foldRows) {
		if err := db.renewHeads(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func sum(taken []delta) map[community.SubjectKind]map[int64]*change {
	all := map[community.SubjectKind]map[int64]*change{}
	for _, d := range taken {
		if all[d.Kind] == nil {
			all[d.Kind] = map[int64]*change{}
		}
		c := all[d.Kind][d.SubjectID]
		if c == nil {
			c = new(change)
			all[d.Kind][d.SubjectID] = c
		}
		switch d.Field {
		case ups:
			c.ups += d.Amount
		case downs:
			c.downs += d.Amount
		case comments:
			c.comments += d.Amount
		case members:
			c.members += d.Amount
		case posts:
			c.posts += d.Amount
			c.listed = true
		case posted:
			c.posted = max(c.posted, d.Amount)
		case stirred:
			c.stirred = max(c.stirred, d.Amount)
		case listed:
			c.listed = true
		case answered:
			c.answered = 1
		}
	}
	return all
}

// foldInto says how each kind of subject takes its changes. The new score is
// written out, because a SET reads the row as it was.
var foldInto = map[community.SubjectKind]string{
	community.SubjectPost: `UPDATE posts SET ups = posts.ups + d.ups, downs = posts.downs + d.downs, score = posts.score + d.ups - d.downs,
		comment_count = posts.comment_count + d.comments,
		hot_group = ` + appeal("(posts.score + d.ups - d.downs)") + ` + 0.2 * posts.born,
		hot_all = ` + appeal("(posts.score + d.ups - d.downs)") + ` + 0.6 * posts.born,
		active = ` + appeal("(posts.score + d.ups - d.downs)") + ` + 0.2 * CASE WHEN d.stirred > posts.stirred THEN d.stirred ELSE posts.stirred END,
		stirred = CASE WHEN d.stirred > posts.stirred THEN d.stirred ELSE posts.stirred END,
		scaled = ` + appeal("(posts.score + d.ups - d.downs)") + ` + 0.2 * posts.born - posts.crowd,
		controversial = ` + contention("(posts.ups + d.ups)", "(posts.downs + d.downs)") + `,
		answered = CASE WHEN d.answered = 0 THEN posts.answered ELSE coalesce((SELECT min(c.born) FROM comments AS c
			WHERE c.post_id = posts.id AND c.author_id <> posts.author_id AND c.deleted_at IS NULL AND c.removed_at IS NULL), 0) END
		FROM d WHERE posts.id = d.id`,
	community.SubjectComment: `UPDATE comments SET ups = comments.ups + d.ups, downs = comments.downs + d.downs,
		score = comments.score + d.ups - d.downs, reply_count = comments.reply_count + d.comments,
		hot = ` + appeal("(comments.score + d.ups - d.downs)") + ` + 0.2 * comments.born
		FROM d WHERE comments.id = d.id`,
	community.SubjectActor: `UPDATE actors SET member_count = actors.member_count + d.members, post_count = actors.post_count + d.posts,
		comment_count = actors.comment_count + d.comments,
		posted = CASE WHEN d.posted > actors.posted THEN d.posted ELSE actors.posted END
		FROM d WHERE actors.id = d.id`,
}

// counted is where the subjects of each kind are.
var counted = map[community.SubjectKind]string{
	community.SubjectPost: "posts", community.SubjectComment: "comments", community.SubjectActor: "actors",
}

// queue makes transactions that change many rows of a table do so in the order
// of their ids, so that no two ever wait for each other in a circle. Which rows
// a statement touches first is for a database to choose.
func (db *DB) queue(ctx context.Context, table, where string, args ...any) error {
	order := db.root.dialect.inOrder()
	if order == "" {
		return nil
	}
	_, err := db.write.NewRaw("SELECT id FROM "+table+" WHERE "+where+" "+order, args...).Exec(ctx)
	return err
}

// foldRows is how many rows one statement folds into.
const foldRows = 400

// fold applies the changes of one kind of subject, in slices that neither
// database finds too long, in the order of ids so that two folders never wait
// for each other in a circle.
func (db *DB) fold(ctx context.Context, kind community.SubjectKind, changes map[int64]*change) error {
	for part := range slices.Chunk(sortedKeys(changes), foldRows) {
		var args []any
		for _, id := range part {
			c := changes[id]
			args = append(args, id, c.ups, c.downs, c.comments, c.members, c.posts, c.posted, float64(c.stirred)/3600, c.answered)
		}
		if err := db.queue(ctx, counted[kind], "id IN (?)", bun.List(part)); err != nil {
			return err
		}
		rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")
		_, err := db.write.NewRaw("WITH d (id, ups, downs, comments, members, posts, posted, stirred, answered) AS (VALUES "+rows+") "+foldInto[kind], args...).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
