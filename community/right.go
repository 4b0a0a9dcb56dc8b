package community

import (
	"time"

	"drystone/fault"
)

// What a reader may do with something that was written, decided from what
// they are to its group. A nil reader is somebody who is not signed in.

// PostRights tells what reader, with membership m in the post's group, may do
// with it.
func PostRights(reader *Actor, m *Membership, group *Actor, p *Post, now time.Time) Can {
	if reader == nil {
		return Can{}
	}
	can := written(reader, m, group, p.AuthorID, p.Hidden(), p.DeletedAt, now)
	can.Reply = can.Vote && p.MayAnswer() == nil
	can.Answer = can.Vote && MayChooseAnswer(reader, m, p, now) == nil
	may := standing(reader, m, group, p.Hidden(), now)
	can.Feature, can.Mark, can.Move = may(FeaturePosts), may(MarkPosts), may(MoveThreads)
	can.Moderate = can.Moderate || can.Feature || can.Mark || can.Move
	return can
}

// MayChooseAnswer reports why reader, with membership m in the post's group,
// may not say which comment answers the post.
func MayChooseAnswer(reader *Actor, m *Membership, p *Post, now time.Time) error {
	if p.Hidden() {
		return fault.New(fault.NotFound, "This post is gone.")
	}
	if reader.ID != p.AuthorID && !m.May(ChooseAnswers, now) {
		return fault.New(fault.Forbidden, "Only who asked, or a moderator, can say what answers this.")
	}
	return nil
}

// CommentRights is PostRights for a comment on post, in whose thread there
// are locks.
func CommentRights(reader *Actor, m *Membership, group *Actor, post *Post, c *Comment, locks Locks, now time.Time) Can {
	if reader == nil {
		return Can{}
	}
	can := written(reader, m, group, c.AuthorID, c.Hidden(), c.DeletedAt, now)
	can.Reply = can.Vote && (post == nil || post.MayAnswer() == nil) && c.MayAnswer() == nil && locks.MayAnswer(c.Path) == nil
	return can
}

func written(reader *Actor, m *Membership, group *Actor, author ActorID, hidden bool, deleted time.Time, now time.Time) Can {
	mine := reader.ID == author
	open := m.MayPost(group, now) == nil && reader.MaySpeak(now) == nil
	removes := open && m.May(RemoveContent, now)
	may := standing(reader, m, group, hidden, now)
	can := Can{
		Edit:   mine && !hidden && open,
		Delete: mine && deleted.IsZero(),
		Remove: removes && deleted.IsZero(),
		Vote:   !hidden && open,
		See:    removes,
		Lock:   may(LockThreads),
		Ban:    may(BanMembers),
		Warn:   may(WarnMembers),
	}
	can.Moderate = can.Lock || can.Ban || can.Warn
	return can
}

// standing tells what reader may do about something that is shown in a group.
func standing(reader *Actor, m *Membership, group *Actor, hidden bool, now time.Time) func(Permission) bool {
	open := !hidden && m != nil && m.MayPost(group, now) == nil && reader.MaySpeak(now) == nil
	return func(p Permission) bool { return open && m.May(p, now) }
}
