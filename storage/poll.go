package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// AddPoll stores the poll of a new post and sets its options' ids.
func (db *DB) AddPoll(ctx context.Context, poll *community.Poll) (err error) {
	defer db.wrap(&err, "AddPoll(%d)", poll.PostID)
	if _, err := db.write.NewInsert().Model(poll).Exec(ctx); err != nil {
		return err
	}
	return db.addOptions(ctx, poll)
}

func (db *DB) addOptions(ctx context.Context, poll *community.Poll) error {
	for i := range poll.Options {
		poll.Options[i].ID, poll.Options[i].PostID, poll.Options[i].Position = 0, poll.PostID, i
	}
	_, err := db.write.NewInsert().Model(&poll.Options).Returning("id").Exec(ctx)
	return err
}

// Poll returns the poll of a post.
func (db *DB) Poll(ctx context.Context, id community.PostID) (_ *community.Poll, err error) {
	defer db.wrap(&err, "Poll(%d)", id)
	polls, err := db.Polls(ctx, []community.PostID{id})
	if err != nil {
		return nil, err
	}
	if polls[id] == nil {
		return nil, fault.New(fault.NotFound, "There is no poll in this post.")
	}
	return polls[id], nil
}

// PollsAmong returns which of posts are polls, or were until they were taken
// down.
func (db *DB) PollsAmong(ctx context.Context, ids []community.PostID) (_ map[community.PostID]bool, err error) {
	defer db.wrap(&err, "PollsAmong(%d ids)", len(ids))
	found := map[community.PostID]bool{}
	if len(ids) == 0 {
		return found, nil
	}
	var polls []community.PostID
	err = db.read.NewSelect().Table("posts").Column("id").Where("id IN (?) AND kind = ?", bun.List(ids), community.PollPost).Scan(ctx, &polls)
	for _, id := range polls {
		found[id] = true
	}
	return found, err
}

// Polls returns the polls of posts, by post.
func (db *DB) Polls(ctx context.Context, ids []community.PostID) (_ map[community.PostID]*community.Poll, err error) {
	defer db.wrap(&err, "Polls(%d ids)", len(ids))
	found := map[community.PostID]*community.Poll{}
	if len(ids) == 0 {
		return found, nil
	}
	var polls []*community.Poll
	if err := db.read.NewSelect().Model(&polls).Where("post_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, p := range polls {
		found[p.PostID] = p
	}
	var options []community.PollOption
	if err := db.read.NewSelect().Model(&options).Where("post_id IN (?)", bun.List(ids)).OrderExpr("post_id, position").Scan(ctx); err != nil {
		return nil, err
	}
	for _, o := range options {
		if p := found[o.PostID]; p != nil {
			p.Options = append(p.Options, o)
		}
	}
	return found, nil
}

// PollVotesBy returns what somebody chose in each of several polls.
func (db *DB) PollVotesBy(ctx context.Context, actor community.ActorID, ids []community.PostID) (_ map[community.PostID][]community.OptionID, err error) {
	defer db.wrap(&err, "PollVotesBy(%d)", actor)
	found := map[community.PostID][]community.OptionID{}
	if actor == 0 || len(ids) == 0 {
		return found, nil
	}
	var votes []community.PollVote
	if err := db.read.NewSelect().Model(&votes).Where("actor_id = ? AND post_id IN (?)", actor, bun.List(ids)).
		OrderExpr("post_id, option_id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, v := range votes {
		found[v.PostID] = append(found[v.PostID], v.OptionID)
	}
	return found, nil
}

// AddPollVotes stores what somebody chose and counts it; first says that they
// had chosen nothing yet. Whoever calls it holds the post.
func (db *DB) AddPollVotes(ctx context.Context, poll *community.Poll, by community.ActorID, chosen []community.OptionID, first bool, now time.Time) (err error) {
	defer db.wrap(&err, "AddPollVotes(%d by %d)", poll.PostID, by)
	votes := make([]community.PollVote, len(chosen))
	for i, id := range chosen {
		votes[i] = community.PollVote{PostID: poll.PostID, ActorID: by, OptionID: id, CreatedAt: now}
	}
	if _, err := db.write.NewInsert().Model(&votes).Exec(ctx); err != nil {
		return err
	}
	if _, err := db.write.NewUpdate().Model((*community.PollOption)(nil)).Set("votes = votes + 1").
		Where("id IN (?)", bun.List(chosen)).Exec(ctx); err != nil {
		return err
	}
	voters := 0
	if first {
		voters = 1
	}
	q := db.write.NewUpdate().Model((*community.Poll)(nil)).Where("post_id = ?", poll.PostID).Set("voters = voters + ?", voters)
	if poll.Ours { // others tell of theirs
		q = q.Set("changed_at = ?", now)
	}
	_, err = q.Exec(ctx)
	return err
}

// SavePoll stores what a poll's author says of it: its counts and its end.
func (db *DB) SavePoll(ctx context.Context, poll *community.Poll) (err error) {
	defer db.wrap(&err, "SavePoll(%d)", poll.PostID)
	if _, err := db.write.NewUpdate().Model(poll).WherePK().Column("voters", "closes_at", "ended_at").Exec(ctx); err != nil {
		return err
	}
	for i := range poll.Options {
		if _, err := db.write.NewUpdate().Model(&poll.Options[i]).WherePK().Column("votes").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// DropPoll forgets the poll of a post, and what people chose in it.
func (db *DB) DropPoll(ctx context.Context, id community.PostID) (err error) {
	defer db.wrap(&err, "DropPoll(%d)", id)
	for _, model := range []any{(*community.PollVote)(nil), (*community.PollOption)(nil), (*community.Poll)(nil)} {
		if _, err := db.write.NewDelete().Model(model).Where("post_id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// PollVoters lists the people of this server who voted in a poll.
func (db *DB) PollVoters(ctx context.Context, id community.PostID) (_ []community.ActorID, err error) {
	defer db.wrap(&err, "PollVoters(%d)", id)
	var voters []community.ActorID
	err = db.read.NewRaw(`SELECT DISTINCT v.actor_id FROM poll_votes AS v JOIN accounts AS a ON a.actor_id = v.actor_id
		WHERE v.post_id = ? ORDER BY v.actor_id`, id).Scan(ctx, &voters)
	return voters, err
}

// PollsToTell lists polls that we count, whose counts changed and were told
// last before a time.
func (db *DB) PollsToTell(ctx context.Context, before time.Time, limit int) (_ []community.PostID, err error) {
	defer db.wrap(&err, "PollsToTell")
	var ids []community.PostID
	err = db.read.NewSelect().Model((*community.Poll)(nil)).Column("post_id").
		Where("changed_at IS NOT NULL AND told_at <= ?", before).
		OrderExpr("told_at, post_id").Limit(int64(limit)).Scan(ctx, &ids)
	return ids, err
}

// PollsToEnd lists polls that are over and whose end was not noticed yet;
// those of other servers a while later.
func (db *DB) PollsToEnd(ctx context.Context, now time.Time, limit int) (_ []community.PostID, err error) {
	defer db.wrap(&err, "PollsToEnd")
	var ids []community.PostID
	err = db.read.NewSelect().Model((*community.Poll)(nil)).Column("post_id").
		Where("ended_at IS NULL AND closes_at IS NOT NULL AND closes_at <= ? AND (ours OR closes_at <= ?)", now, now.Add(-community.PollGrace)).
		OrderExpr("closes_at, post_id").Limit(int64(limit)).Scan(ctx, &ids)
	return ids, err
}

// PollTold stores that the counts are told, or that the end was noticed, and
// when.
func (db *DB) PollTold(ctx context.Context, poll *community.Poll) (err error) {
	defer db.wrap(&err, "PollTold(%d)", poll.PostID)
	_, err = db.write.NewUpdate().Model(poll).WherePK().Column("told_at", "changed_at", "ended_at").Exec(ctx)
	return err
}

// pollViews dresses the polls among posts for a reader.
func (db *DB) pollViews(ctx context.Context, reader *community.Actor, posts []*community.Post, now time.Time) (map[community.PostID]*community.PollView, error) {
	ids := ofKind(posts, community.PollPost)
	polls, err := db.Polls(ctx, ids)
	if err != nil || len(polls) == 0 {
		return nil, err
	}
	var mine map[community.PostID][]community.OptionID
	if reader != nil {
		if mine, err = db.PollVotesBy(ctx, reader.ID, ids); err != nil {
			return nil, err
		}
	}
	views := make(map[community.PostID]*community.PollView, len(polls))
	for id, poll := range polls {
		v := &community.PollView{Poll: poll, Mine: map[community.OptionID]bool{}, Closed: poll.Closed(now)}
		for _, option := range mine[id] {
			v.Mine[option] = true
		}
		views[id] = v
	}
	return views, nil
}

func ofKind(posts []*community.Post, kind community.PostKind) []community.PostID {
	var ids []community.PostID
	for _, p := range posts {
		if p.Kind == kind {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
