package live

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
)

// aboutComments and aboutPosts are the facts that open pages are told of.
var (
	aboutComments = []community.FactKind{
		community.CommentPublished, community.CommentEdited, community.CommentDeleted, community.CommentRemoved, community.CommentRestored,
		community.CommentLocked, community.CommentUnlocked, community.AnswerChosen, community.AnswerWithdrawn,
	}
	aboutPosts = []community.FactKind{
		community.PostPublished, community.PostEdited, community.PostDeleted, community.PostRemoved, community.PostRestored,
		community.PostLocked, community.PostUnlocked, community.PostMarked, community.PostUnmarked, community.PostMoved,
		community.PollCounted, community.PollEnded,
	}
)

// aboutMessages are those of which whoever got one is told how many wait.
var aboutMessages = []community.FactKind{community.MessageSent, community.MessageDeleted}

func told(kind community.FactKind) bool {
	return slices.Contains(aboutComments, kind) || slices.Contains(aboutPosts, kind)
}

// tell tells lines of facts.
func (s *Service) tell(ctx context.Context, facts []community.Fact, lines []*Line) error {
	for _, fact := range facts {
		var err error
		switch {
		case slices.Contains(aboutMessages, fact.Kind):
			err = s.tellOfMessage(ctx, fact, lines)
		case fact.PostID == 0:
		case fact.Kind == community.VoteCast:
			if slices.ContainsFunc(lines, func(l *Line) bool { return l.threads[fact.PostID] }) {
				s.vote(fact)
			}
		case slices.Contains(aboutComments, fact.Kind):
			err = s.tellComment(ctx, fact, lines)
		case slices.Contains(aboutPosts, fact.Kind):
			err = s.tellPost(ctx, fact, lines)
		}
		if err := s.unlessGone(err); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellOfMessage(ctx context.Context, fact community.Fact, lines []*Line) error {
	var theirs []*Line
	for _, l := range lines {
		if l.Actor.ID == fact.TargetID {
			theirs = append(theirs, l)
		}
	}
	if len(theirs) == 0 {
		return nil
	}
	theirs, err := s.signedIn(ctx, theirs)
	if err != nil || len(theirs) == 0 {
		return err
	}
	return s.tellUnread(ctx, theirs[0].Account.ID, theirs)
}

// unlessGone is err, unless what it is about is gone: then there is nobody to
// tell, or nothing.
func (s *Service) unlessGone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func (s *Service) tellComment(ctx context.Context, fact community.Fact, lines []*Line) error {
	lines = inThread(lines, fact.PostID)
	if len(lines) == 0 {
		return nil
	}
	event := community.LiveEvent{
		ID: fact.ID, Kind: community.LiveComment, What: fact.Kind,
		GroupID: fact.GroupID, PostID: fact.PostID, CommentID: fact.CommentID,
	}
	post, err := s.DB.Post(ctx, fact.PostID)
	if err != nil {
		return err
	}
	event.GroupID = post.GroupID // it may have been moved meanwhile
	if fact.CommentID != 0 {
		c, err := s.DB.Comment(ctx, fact.CommentID)
		if err != nil {
			return err
		}
		event.ParentID, event.AuthorID = c.ParentID, c.AuthorID
		if lines, err = s.meeting(ctx, lines, c.AuthorID, 0, community.InThreads, c.Body); err != nil {
			return err
		}
	}
	return s.tellReaders(ctx, event, lines)
}

func (s *Service) tellPost(ctx context.Context, fact community.Fact, lines []*Line) error {
	begun := fact.Kind == community.PostPublished
	event := community.LiveEvent{ID: fact.ID, Kind: community.LivePost, What: fact.Kind, PostID: fact.PostID}
	here, feeds := inThread(lines, fact.PostID), lines[:0:0]
	if begun {
		feeds = slices.DeleteFunc(slices.Clone(lines), func(l *Line) bool { return len(l.Feeds) == 0 })
	}
	if len(here) == 0 && len(feeds) == 0 {
		return nil
	}
	post, err := s.DB.Post(ctx, fact.PostID)
	if err != nil {
		return err
	}
	event.GroupID, event.AuthorID = post.GroupID, post.AuthorID
	if err := s.tellReaders(ctx, event, here); err != nil || post.Hidden() || len(feeds) == 0 {
		return err
	}
	feeds, err = s.meeting(ctx, feeds, post.AuthorID, post.GroupID, community.InFeeds, post.Title, post.Body, post.Link)
	if err != nil {
		return err
	}
	return s.tellFeeds(ctx, event, feeds)
}

// tellFeeds tells of a new post those in whose open feeds it is.
func (s *Service) tellFeeds(ctx context.Context, event community.LiveEvent, lines []*Line) error {
	lines, err := s.allowed(ctx, event.GroupID, lines)
	if err != nil || len(lines) == 0 {
		return err
	}
	group, err := s.DB.Actor(ctx, event.GroupID)
	if err != nil {
		return err
	}
	home, err := s.DB.MembersAmong(ctx, group.ID, event.AuthorID, people(lines))
	if err != nil {
		return err
	}
	lists, err := s.DB.FeedsWith(ctx, group.ID)
	if err != nil {
		return err
	}
	for _, l := range lines {
		mine := event
		for _, f := range l.Feeds {
			var in bool
			switch {
			case f.Home:
				in = home[l.Actor.ID]
			case f.Local:
				in = group.Local()
			case f.Group != 0:
				in = f.Group == group.ID
			case f.List != 0:
				in = slices.Contains(lists, f.List)
			default:
				in = true
			}
			if in {
				mine.Feeds = append(mine.Feeds[:len(mine.Feeds):len(mine.Feeds)], f.Name)
			}
		}
		if len(mine.Feeds) > 0 {
			s.push(l, mine)
		}
	}
	return nil
}

// tellThread tells those who have the thread of an event open.
func (s *Service) tellThread(ctx context.Context, event community.LiveEvent, lines []*Line) error {
	return s.tellReaders(ctx, event, inThread(lines, event.PostID))
}

// tellReaders tells those of lines who may read in the group of an event.
func (s *Service) tellReaders(ctx context.Context, event community.LiveEvent, lines []*Line) error {
	lines, err := s.allowed(ctx, event.GroupID, lines)
	for _, l := range lines {
		s.push(l, event)
	}
	return err
}

// allowed are those of lines who may read in a group, and are still signed in.
func (s *Service) allowed(ctx context.Context, group community.ActorID, lines []*Line) ([]*Line, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	lines, err := s.signedIn(ctx, lines)
	if err != nil {
		return nil, err
	}
	g, err := s.DB.Actor(ctx, group)
	if err != nil {
		return nil, err
	}
	readers, err := s.DB.ReadersAmong(ctx, g, people(lines))
	return slices.DeleteFunc(lines, func(l *Line) bool { return !readers[l.Actor.ID] }), err
}

// meeting are those of lines who meet what author says: who keep neither them
// away, nor the group (in lists, where it is not 0), nor any of the words.
func (s *Service) meeting(ctx context.Context, lines []*Line, author, group community.ActorID, in community.Place, texts ...string) ([]*Line, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	found, err := s.DB.Actors(ctx, []community.ActorID{author, group})
	if err != nil || found[author] == nil {
		return nil, err
	}
	now, ids := s.Now(), people(lines)
	away, err := s.DB.HidersAmong(ctx, found[author], found[group], ids, now)
	if err != nil {
		return nil, err
	}
	wordy, err := s.DB.WordyAmong(ctx, ids, now)
	if err != nil {
		return nil, err
	}
	for id := range wordy {
		sight, err := s.DB.Sight(ctx, id, now)
		if err != nil {
			return nil, err
		}
		if sight.Hides(in, author, texts...) {
			away[id] = true
		}
	}
	delete(away, author)
	return slices.DeleteFunc(slices.Clone(lines), func(l *Line) bool { return away[l.Actor.ID] }), nil
}

// inThread are those of lines who have a thread open.
func inThread(lines []*Line, id community.PostID) []*Line {
	var list []*Line
	for _, l := range lines {
		if l.threads[id] {
			list = append(list, l)
		}
	}
	return list
}

// people are whose lines these are, each once.
func people(lines []*Line) []community.ActorID {
	ids := make([]community.ActorID, len(lines))
	for i, l := range lines {
		ids[i] = l.Actor.ID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
