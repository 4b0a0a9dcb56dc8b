package live

import (
	"context"
	"slices"

	"drystone/community"
)

// batch is how many facts are looked at together.
const batch = 500

// look tells everybody what is new, and reports whether there was anything.
func (s *Service) look(ctx context.Context) (busy bool, err error) {
	all, fresh := s.listeners()
	if len(all) == 0 {
		s.awake = false
		return false, nil
	}
	if !s.awake {
		if err := s.wake(ctx); err != nil {
			return false, err
		}
	}
	if now := s.Now(); now.Sub(s.swept) >= sweep {
		s.swept = now
		if all, err = s.signedIn(ctx, all); err != nil {
			return false, err
		}
	}
	if err := s.greet(ctx, fresh); err != nil {
		return false, err
	}
	if err := s.DB.NumberFacts(ctx); err != nil {
		return false, err
	}
	facts, err := s.DB.Facts(ctx, s.at, batch)
	if err != nil {
		return false, err
	}
	if len(facts) > 0 {
		if err := s.tell(ctx, facts, all); err != nil {
			return false, err
		}
		s.remember(facts)
	}
	noticed, err := s.tellNotices(ctx, all)
	if err != nil {
		return false, err
	}
	return len(facts) > 0 || noticed, s.tellVotes(ctx, all)
}

// wake begins to follow the log, with its end in mind for those who come back.
func (s *Service) wake(ctx context.Context) error {
	if err := s.DB.NumberFacts(ctx); err != nil {
		return err
	}
	last, err := s.DB.NewestFact(ctx)
	if err != nil {
		return err
	}
	if s.noticed, err = s.DB.NewestNotice(ctx); err != nil {
		return err
	}
	s.from = max(0, last-remembered)
	s.recent, s.at = nil, s.from
	for s.at < last {
		facts, err := s.DB.Facts(ctx, s.at, batch)
		if err != nil {
			return err
		}
		if len(facts) == 0 {
			break
		}
		s.remember(facts)
	}
	s.at = max(s.at, last)
	clear(s.votes)
	s.awake, s.swept = true, s.Now()
	return nil
}

// remember keeps facts for those who come back, and forgets the oldest.
func (s *Service) remember(facts []community.Fact) {
	s.at = facts[len(facts)-1].ID
	for _, fact := range facts {
		if told(fact.Kind) || fact.Kind == community.VoteCast {
			fact.Raw = nil
			s.recent = append(s.recent, fact)
		}
	}
	if over := len(s.recent) - remembered; over > 0 {
		s.from = s.recent[over-1].ID
		s.recent = slices.Clone(s.recent[over:])
	}
}

// greet tells who has just come how much waits for them, and what they missed.
func (s *Service) greet(ctx context.Context, fresh []*Line) error {
	byAccount := map[community.AccountID][]*Line{}
	for _, l := range fresh {
		byAccount[l.Account.ID] = append(byAccount[l.Account.ID], l)
	}
	for id, lines := range byAccount {
		if err := s.tellUnread(ctx, id, lines); err != nil {
			return err
		}
	}
	for _, l := range fresh {
		if l.After == 0 || l.After >= s.at {
			continue
		}
		if missed, whole := s.missed(l.After); !whole {
			s.push(l, community.LiveEvent{ID: s.at, Kind: community.LiveReset})
		} else if err := s.tell(ctx, missed, []*Line{l}); err != nil {
			return err
		}
	}
	return nil
}

// missed are the facts after one, and whether all of them are remembered.
func (s *Service) missed(after community.FactID) ([]community.Fact, bool) {
	if after < s.from {
		return nil, false
	}
	first := slices.IndexFunc(s.recent, func(fact community.Fact) bool { return fact.ID > after })
	if first < 0 {
		return nil, true
	}
	return s.recent[first:], true
}

// signedIn ends the lines of sessions that ended, and returns the others.
func (s *Service) signedIn(ctx context.Context, lines []*Line) ([]*Line, error) {
	ids, seen := make([]community.SessionID, 0, len(lines)), make(map[community.SessionID]bool, len(lines))
	for _, l := range lines {
		if !seen[l.Session] {
			ids, seen[l.Session] = append(ids, l.Session), true
		}
	}
	alive, err := s.DB.SessionsAlive(ctx, ids, s.Now())
	if err != nil {
		return nil, err
	}
	rest := lines[:0:0]
	for _, l := range lines {
		if alive[l.Session] {
			rest = append(rest, l)
			continue
		}
		s.push(l, community.LiveEvent{Kind: community.LiveBye})
		s.end(l)
	}
	return rest, nil
}

// tellNotices tells those who were notified of something how much waits.
func (s *Service) tellNotices(ctx context.Context, all []*Line) (bool, error) {
	notices, err := s.DB.Notices(ctx, s.noticed, batch)
	if err != nil || len(notices) == 0 {
		return false, err
	}
	s.noticed = notices[len(notices)-1].ID
	whose := map[community.AccountID]bool{}
	for _, n := range notices {
		whose[n.AccountID] = true
	}
	theirs := map[community.AccountID][]*Line{}
	for _, l := range all {
		if whose[l.Account.ID] {
			theirs[l.Account.ID] = append(theirs[l.Account.ID], l)
		}
	}
	for id, lines := range theirs {
		if lines, err = s.signedIn(ctx, lines); err != nil {
			return false, err
		}
		if err := s.tellUnread(ctx, id, lines); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *Service) tellUnread(ctx context.Context, id community.AccountID, lines []*Line) error {
	account, err := s.DB.Account(ctx, id)
	if err != nil {
		return s.unlessGone(err)
	}
	unread, err := s.DB.Unread(ctx, account, s.Now())
	if err != nil {
		return err
	}
	messages, err := s.DB.UnreadMessages(ctx, account.ActorID, s.Now())
	if err != nil {
		return err
	}
	for _, l := range lines {
		s.push(l, community.LiveEvent{Kind: community.LiveUnread, Unread: unread, Messages: messages, ID: l.first(s.at)})
	}
	return nil
}

// first is what a line that begins goes on from after a break.
func (l *Line) first(at community.FactID) community.FactID {
	if l.After == 0 {
		l.After = at
		return at
	}
	return 0
}

// A voted thing is a post, or a comment.
type voted struct {
	post    community.PostID
	comment community.CommentID
}

// vote notes that a thing was voted on. How it stands is told a little later,
// once for all votes: counts are added up meanwhile.
func (s *Service) vote(fact community.Fact) {
	key := voted{fact.PostID, fact.CommentID}
	if _, known := s.votes[key]; !known {
		s.votes[key] = s.Now()
	}
}

// tellVotes tells how things stand that were voted on a little while ago.
func (s *Service) tellVotes(ctx context.Context, all []*Line) error {
	var posts []community.PostID
	var comments []community.CommentID
	due := map[voted]bool{}
	for key, since := range s.votes {
		if s.Now().Sub(since) < fold {
			continue
		}
		delete(s.votes, key)
		due[key] = true
		posts = append(posts, key.post)
		if key.comment != 0 {
			comments = append(comments, key.comment)
		}
	}
	if len(due) == 0 {
		return nil
	}
	foundPosts, err := s.DB.Posts(ctx, posts)
	if err != nil {
		return err
	}
	foundComments, err := s.DB.Comments(ctx, comments)
	if err != nil {
		return err
	}
	for key := range due {
		event := community.LiveEvent{Kind: community.LiveVotes, PostID: key.post, CommentID: key.comment}
		post, comment := foundPosts[key.post], foundComments[key.comment]
		switch {
		case post == nil || key.comment != 0 && comment == nil:
			continue
		case key.comment != 0:
			event.Score, event.Ups, event.Downs = comment.Score, comment.Ups, comment.Downs
		default:
			event.Score, event.Ups, event.Downs = post.Score, post.Ups, post.Downs
		}
		event.GroupID = post.GroupID
		if err := s.tellThread(ctx, event, all); err != nil {
			return err
		}
	}
	return nil
}
