package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// SetVote stores a vote and returns the one it replaced, with value 0 if
// there was none. Two votes by one actor at once are told apart: each is
// counted against the one before it.
func (db *DB) SetVote(ctx context.Context, vote *community.Vote) (_ community.Vote, err error) {
	defer db.wrap(&err, "SetVote(%d %d by %d)", vote.Kind, vote.SubjectID, vote.ActorID)
	for range 10 {
		before := *vote
		err := db.write.NewSelect().Model(&before).WherePK().Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			added, err := one(db.write.NewInsert().Model(vote).On("CONFLICT DO NOTHING").Exec(ctx))
			if err != nil || added {
				return community.Vote{}, err
			}
			continue
		}
		if err != nil {
			return community.Vote{}, err
		}
		changed, err := one(db.write.NewUpdate().Model(vote).WherePK().
			Column("value", "iri", "created_at").Where("value = ?", before.Value).Exec(ctx))
		if err != nil || changed {
			return before, err
		}
	}
	return community.Vote{}, fault.New(fault.Unavailable, "That vote was changed by somebody else at the same moment.")
}

// VotesBy returns what actor thinks of each of the subjects of one kind.
func (db *DB) VotesBy(ctx context.Context, actor community.ActorID, kind community.SubjectKind, ids []int64) (_ map[int64]int, err error) {
	defer db.wrap(&err, "VotesBy(%d)", actor)
	found := map[int64]int{}
	if actor == 0 || len(ids) == 0 {
		return found, nil
	}
	var votes []community.Vote
	if err := db.read.NewSelect().Model(&votes).
		Where("kind = ? AND actor_id = ? AND subject_id IN (?)", kind, actor, bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, v := range votes {
		found[v.SubjectID] = v.Value
	}
	return found, nil
}
