package notifications

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// tally counts the upvotes in some facts for those who wrote what was voted
// on. They are told once a day: see TellVotes.
func (s *Service) tally(ctx context.Context, tx *storage.DB, facts []community.Fact) error {
	var posts []community.PostID
	var comments []community.CommentID
	for _, fact := range facts {
		switch {
		case fact.Kind != community.VoteCast || upvotes(fact) == 0:
		case fact.CommentID != 0:
			comments = append(comments, fact.CommentID)
		default:
			posts = append(posts, fact.PostID)
		}
	}
	if len(posts)+len(comments) == 0 {
		return nil
	}
	ofPosts, ofComments, err := tx.VotedAuthors(ctx, posts, comments)
	if err != nil {
		return err
	}
	var tallies []*community.VoteTally
	known := map[[2]int64]*community.VoteTally{}
	for _, fact := range facts {
		if fact.Kind != community.VoteCast || upvotes(fact) == 0 {
			continue
		}
		author, here := ofPosts[fact.PostID]
		if fact.CommentID != 0 {
			author, here = ofComments[fact.CommentID]
		}
		if !here || author.ActorID == fact.ActorID {
			continue
		}
		key := [2]int64{int64(fact.PostID), int64(fact.CommentID)}
		if known[key] == nil {
			known[key] = &community.VoteTally{AccountID: author.AccountID, PostID: fact.PostID, CommentID: fact.CommentID, Since: fact.At}
			tallies = append(tallies, known[key])
		}
		known[key].Many += upvotes(fact)
	}
	return tx.Tally(ctx, tallies)
}

// upvotes is how many upvotes more there are after a vote.
func upvotes(fact community.Fact) int {
	return max(0, fact.Value) - max(0, fact.Previous)
}

// mostTold bounds how many are told of votes in one go.
const mostTold = 200

// TellVotes tells those who were voted up since yesterday, once for all of it.
func (s *Service) TellVotes(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "notifications.TellVotes")
	due, err := s.DB.TalliesDue(ctx, s.Now().Add(-community.VotesEvery), mostTold)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.tellOfVotes(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellOfVotes(ctx context.Context, tx *storage.DB, id community.AccountID) error {
	list, err := tx.TakeTallies(ctx, id)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(t community.VoteTally) bool { return t.Many <= 0 }) // taken back meanwhile
	if len(list) == 0 {
		return nil
	}
	account, err := tx.Account(ctx, id)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b community.VoteTally) int { return b.Many - a.Many })
	n := &community.Notification{
		AccountID: id, Kind: community.Voted, ActorID: account.ActorID, PostID: list[0].PostID, CommentID: list[0].CommentID,
		ItemID: int64(len(list) - 1), CreatedAt: community.Timestamp(s.Now()),
	}
	for _, t := range list {
		n.Many += t.Many
	}
	return s.add(ctx, tx, n, 0)
}
