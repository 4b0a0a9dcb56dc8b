package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// Ways returns what somebody chose for a topic, or what is usual, and how much
// they want to hear of a thread and of a group: each 0 where it is about none.
func (db *DB) Ways(ctx context.Context, account community.AccountID, topic community.NoticeTopic, post community.PostID, group community.ActorID) (_ community.NoticeChoice, _ community.WatchLevel, err error) {
	defer db.wrap(&err, "Ways(%d, %s)", account, topic)
	var rows []struct {
		Kind, Mail, Level string
		Page, Push        bool
	}
	err = db.read.NewRaw(`SELECT 'choice' AS kind, page, push, mail, '' AS level FROM notice_choices WHERE account_id = ? AND topic = ?
		UNION ALL SELECT 'post', FALSE, FALSE, '', level FROM post_watches WHERE post_id = ? AND account_id = ?
		UNION ALL SELECT 'group', FALSE, FALSE, '', level FROM group_watches WHERE group_id = ? AND account_id = ?`,
		account, topic, post, account, group, account).Scan(ctx, &rows)
	choice, level := community.UsualChoice(topic), community.WatchReplies
	choice.AccountID = account
	levels := map[string]community.WatchLevel{}
	for _, row := range rows {
		if row.Kind == "choice" {
			choice.Page, choice.Push, choice.Mail = row.Page, row.Push, community.MailWay(row.Mail)
		} else {
			levels[row.Kind] = community.WatchLevel(row.Level)
		}
	}
	for _, kind := range []string{"group", "post"} { // what is nearer counts
		if levels[kind] != "" {
			level = levels[kind]
		}
	}
	return choice, level, err
}

// Choices lists what somebody chose.
func (db *DB) Choices(ctx context.Context, account community.AccountID) (_ []community.NoticeChoice, err error) {
	defer db.wrap(&err, "Choices(%d)", account)
	var list []community.NoticeChoice
	err = db.read.NewSelect().Model(&list).Where("account_id = ?", account).OrderExpr("topic").Scan(ctx)
	return list, err
}

// SaveChoice stores what somebody chose.
func (db *DB) SaveChoice(ctx context.Context, choice *community.NoticeChoice) (err error) {
	defer db.wrap(&err, "SaveChoice(%d, %s)", choice.AccountID, choice.Topic)
	_, err = db.write.NewInsert().Model(choice).On("CONFLICT (account_id, topic) DO UPDATE").
		Set("page = EXCLUDED.page, push = EXCLUDED.push, mail = EXCLUDED.mail").Exec(ctx)
	return err
}

// WatchPost stores how much somebody wants to hear of a thread.
func (db *DB) WatchPost(ctx context.Context, account community.AccountID, post community.PostID, level community.WatchLevel) (err error) {
	defer db.wrap(&err, "WatchPost(%d, %d)", account, post)
	return db.watch(ctx, "post", account, int64(post), level)
}

// WatchGroup stores how much somebody wants to hear of a group.
func (db *DB) WatchGroup(ctx context.Context, account community.AccountID, group community.ActorID, level community.WatchLevel) (err error) {
	defer db.wrap(&err, "WatchGroup(%d, %d)", account, group)
	return db.watch(ctx, "group", account, int64(group), level)
}

func (db *DB) watch(ctx context.Context, what string, account community.AccountID, id int64, level community.WatchLevel) error {
	table, column := bun.Ident(what+"_watches"), bun.Ident(what+"_id")
	_, err := db.write.NewRaw("INSERT INTO ? (?, account_id, level) VALUES (?, ?, ?) ON CONFLICT (?, account_id) DO UPDATE SET level = EXCLUDED.level",
		table, column, id, account, level, column).Exec(ctx)
	return err
}

// Watches returns how much somebody wants to hear of a thread and of the group
// that it is in.
func (db *DB) Watches(ctx context.Context, account community.AccountID, post community.PostID, group community.ActorID) (ofPost, ofGroup community.WatchLevel, err error) {
	defer db.wrap(&err, "Watches(%d)", account)
	_, ofPost, err = db.Ways(ctx, account, "", post, 0)
	if err == nil {
		_, ofGroup, err = db.Ways(ctx, account, "", 0, group)
	}
	return ofPost, ofGroup, err
}

// A Watched thing is a thread or group, and how much somebody hears of it.
type Watched struct {
	IRI   string
	Level community.WatchLevel
}

// AllWatches lists the threads and groups of which somebody said how much they
// hear.
func (db *DB) AllWatches(ctx context.Context, account community.AccountID) (_ []Watched, err error) {
	defer db.wrap(&err, "AllWatches(%d)", account)
	var list []Watched
	err = db.read.NewRaw(`SELECT p.iri, w.level FROM post_watches AS w JOIN posts AS p ON p.id = w.post_id WHERE w.account_id = ?
		UNION ALL SELECT g.iri, w.level FROM group_watches AS w JOIN actors AS g ON g.id = w.group_id WHERE w.account_id = ? ORDER BY 1`, account, account).Scan(ctx, &list)
	return list, err
}

// A Watcher is somebody who wants to hear of all that happens somewhere.
type Watcher struct {
	AccountID  community.AccountID
	ActorID    community.ActorID
	Page, Push bool
	Mail       community.MailWay
}

// Watchers lists up to most who want to hear of every comment under a post,
// with the ways that they chose.
func (db *DB) Watchers(ctx context.Context, post community.PostID, most int) (_ []Watcher, err error) {
	defer db.wrap(&err, "Watchers(%d)", post)
	return db.watchers(ctx, "post", int64(post), most)
}

// GroupWatchers lists up to most who want to hear of every post in a group.
func (db *DB) GroupWatchers(ctx context.Context, group community.ActorID, most int) (_ []Watcher, err error) {
	defer db.wrap(&err, "GroupWatchers(%d)", group)
	return db.watchers(ctx, "group", int64(group), most)
}

func (db *DB) watchers(ctx context.Context, what string, id int64, most int) ([]Watcher, error) {
	usual := community.UsualChoice(community.AboutWatched)
	var list []Watcher
	err := db.read.NewRaw(`SELECT w.account_id, a.actor_id, coalesce(c.page, ?) AS page, coalesce(c.push, ?) AS push, coalesce(c.mail, ?) AS mail
		FROM ? AS w JOIN accounts AS a ON a.id = w.account_id LEFT JOIN notice_choices AS c ON c.account_id = w.account_id AND c.topic = ?
		WHERE w.? = ? AND w.level = ? ORDER BY w.account_id LIMIT ?`,
		usual.Page, usual.Push, usual.Mail, bun.Ident(what+"_watches"), community.AboutWatched, bun.Ident(what+"_id"), id, community.WatchAll, most).Scan(ctx, &list)
	return list, err
}

// VotedAuthors says whose post or comment somebody voted on, of those who have
// an account here.
func (db *DB) VotedAuthors(ctx context.Context, posts []community.PostID, comments []community.CommentID) (_ map[community.PostID]Watcher, _ map[community.CommentID]Watcher, err error) {
	defer db.wrap(&err, "VotedAuthors")
	ofPosts, ofComments := map[community.PostID]Watcher{}, map[community.CommentID]Watcher{}
	var rows []struct {
		ID        int64
		AccountID community.AccountID
		ActorID   community.ActorID
	}
	if len(posts) > 0 {
		err = db.read.NewRaw("SELECT p.id, a.id AS account_id, a.actor_id FROM posts AS p JOIN accounts AS a ON a.actor_id = p.author_id WHERE p.id IN (?)", bun.List(posts)).Scan(ctx, &rows)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			ofPosts[community.PostID(row.ID)] = Watcher{AccountID: row.AccountID, ActorID: row.ActorID}
		}
	}
	if len(comments) > 0 {
		rows = nil
		err = db.read.NewRaw("SELECT c.id, a.id AS account_id, a.actor_id FROM comments AS c JOIN accounts AS a ON a.actor_id = c.author_id WHERE c.id IN (?)", bun.List(comments)).Scan(ctx, &rows)
		for _, row := range rows {
			ofComments[community.CommentID(row.ID)] = Watcher{AccountID: row.AccountID, ActorID: row.ActorID}
		}
	}
	return ofPosts, ofComments, err
}

// Tally counts upvotes that authors were not told of yet.
func (db *DB) Tally(ctx context.Context, tallies []*community.VoteTally) (err error) {
	defer db.wrap(&err, "Tally(%d)", len(tallies))
	if len(tallies) == 0 {
		return nil
	}
	_, err = db.write.NewInsert().Model(&tallies).On("CONFLICT (account_id, post_id, comment_id) DO UPDATE").
		Set("many = vote_tally.many + EXCLUDED.many").Exec(ctx)
	return err
}

// TalliesDue lists up to most accounts that wait since before to be told of
// votes.
func (db *DB) TalliesDue(ctx context.Context, before time.Time, most int) (_ []community.AccountID, err error) {
	defer db.wrap(&err, "TalliesDue")
	var ids []community.AccountID
	err = db.read.NewRaw("SELECT account_id FROM vote_tallies WHERE since < ? GROUP BY account_id ORDER BY account_id LIMIT ?", before, most).Scan(ctx, &ids)
	return ids, err
}

// TakeTallies returns what was counted for an account, and begins anew.
func (db *DB) TakeTallies(ctx context.Context, account community.AccountID) (_ []community.VoteTally, err error) {
	defer db.wrap(&err, "TakeTallies(%d)", account)
	var list []community.VoteTally
	err = db.write.NewDelete().Model(&list).Where("account_id = ?", account).Returning("*").Scan(ctx, &list)
	return list, err
}
