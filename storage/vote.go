package storage

import (
	"context"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// A Matter is a post or comment that somebody is about to vote on, with what
// decides whether they may.
type Matter struct {
	Subject   community.Subject
	PostID    community.PostID
	CommentID community.CommentID // none: the post itself
	Hidden    bool
	Group     *community.Actor
	Voter     *community.Membership // nil for who is nothing to the group
}

// Matter loads what is needed to vote on a subject.
func (db *DB) Matter(ctx context.Context, subject community.Subject, voter community.ActorID) (_ *Matter, err error) {
	defer db.wrap(&err, "Matter(%v)", subject)
	m := &Matter{Subject: subject}
	var group community.ActorID
	switch subject.Kind {
	case community.SubjectPost:
		post, err := db.Post(ctx, community.PostID(subject.ID))
		if err != nil {
			return nil, err
		}
		m.PostID, m.Hidden, group = post.ID, post.Hidden(), post.GroupID
	case community.SubjectComment:
		c, err := db.Comment(ctx, community.CommentID(subject.ID))
		if err != nil {
			return nil, err
		}
		m.PostID, m.CommentID, m.Hidden, group = c.PostID, c.ID, c.Hidden(), c.GroupID
	default:
		return nil, fault.New(fault.Invalid, "Only posts and comments are voted on.")
	}
	if m.Group, err = db.Actor(ctx, group); err != nil {
		return nil, err
	}
	m.Voter, err = db.Membership(ctx, group, voter)
	return m, err
}

// SetVote stores a vote and returns the one it replaced, with value 0 if
// there was none. Two votes by one actor at once are told apart: each is
// counted against the one before it.
func (db *DB) SetVote(ctx context.Context, vote *community.Vote) (_ community.Vote, err error) {
	defer db.wrap(&err, "SetVote(%d %d by %d)", vote.Kind, vote.SubjectID, vote.ActorID)
	if b := db.batch; b != nil {
		return b.setVote(ctx, vote)
	}
	return db.setVote(ctx, vote)
}

func (db *DB) setVote(ctx context.Context, vote *community.Vote) (community.Vote, error) {
	// Nearly every vote is somebody's first on a thing.
	added, err := one(db.write.NewInsert().Model(vote).On("CONFLICT DO NOTHING").Exec(ctx))
	if err != nil || added {
		return community.Vote{}, err
	}
	for range 10 {
		before := *vote
		if err := db.write.NewSelect().Model(&before).WherePK().Scan(ctx); err != nil {
			return community.Vote{}, err
		}
		if vote.Via != 0 && vote.Value == before.Value {
			return before, nil // what others say does not make it any less the voter's own
		}
		changed, err := one(db.write.NewUpdate().Model(vote).WherePK().
			Column("value", "iri", "via", "created_at").Where("value = ?", before.Value).Exec(ctx))
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

// A Voucher is a server whose groups announced votes that were taken on its
// word.
type Voucher struct {
	PeerID community.PeerID
	Host   string
	Votes  int64
	Others int64 // of them, by people of other servers than that
}

// Vouchers lists the servers on whose word votes count now, the one with the
// most first.
func (db *DB) Vouchers(ctx context.Context) (_ []Voucher, err error) {
	defer db.wrap(&err, "Vouchers")
	var list []Voucher
	err = db.read.NewRaw("SELECT p.id AS peer_id, p.host, count(*) AS votes, sum(CASE WHEN a.host = p.host THEN 0 ELSE 1 END) AS others"+
		" FROM votes AS v JOIN peers AS p ON p.id = v.via JOIN actors AS a ON a.id = v.actor_id"+
		" WHERE v.via <> 0 AND v.value <> 0 GROUP BY p.id, p.host ORDER BY votes DESC, p.id").Scan(ctx, &list)
	return list, err
}

// DropVouched deletes up to limit of the votes that were taken on a server's
// word, and returns them. Nothing is counted by this.
func (db *DB) DropVouched(ctx context.Context, peer community.PeerID, limit int) (_ []community.Vote, err error) {
	defer db.wrap(&err, "DropVouched(%d)", peer)
	var dropped []community.Vote
	err = db.write.NewRaw("DELETE FROM votes WHERE via = ? AND via <> 0 AND (kind, subject_id, actor_id) IN"+
		" (SELECT kind, subject_id, actor_id FROM votes WHERE via = ? AND via <> 0 ORDER BY kind, subject_id, actor_id LIMIT ?) RETURNING *", peer, peer, limit).Scan(ctx, &dropped)
	return dropped, err
}
