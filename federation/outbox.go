package federation

import (
	"context"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/jobs"
	"drystone/storage"
)

// tellers says which facts the fediverse hears of, and how. Facts that are
// missing here concern nobody elsewhere.
var tellers = map[community.FactKind]func(*teller, context.Context, community.Fact) error{
	community.PostPublished:    (*teller).postPublished,
	community.PostEdited:       (*teller).postEdited,
	community.PostDeleted:      (*teller).postDeleted,
	community.PostRemoved:      (*teller).postRemoved,
	community.PostRestored:     (*teller).postRestored,
	community.CommentPublished: (*teller).commentPublished,
	community.CommentEdited:    (*teller).commentEdited,
	community.CommentDeleted:   (*teller).commentDeleted,
	community.CommentRemoved:   (*teller).commentRemoved,
	community.CommentRestored:  (*teller).commentRestored,
	community.VoteCast:         (*teller).voteCast,
	community.PollVoted:        (*teller).pollVoted,
	community.PollCounted:      (*teller).pollCounted,
	community.PollEnded:        (*teller).pollCounted,
	community.AnswerChosen:     (*teller).answerChosen,
	community.AnswerWithdrawn:  (*teller).answerWithdrawn,
	community.MemberAsked:      (*teller).memberAsked,
	community.MemberLeft:       (*teller).memberLeft,
	community.MemberJoined:     (*teller).memberJoined,
	community.MemberRefused:    (*teller).memberRefused,
	community.MemberAdmitted:   (*teller).memberJoined,
	community.MemberPutOut:     (*teller).memberRefused,
	community.MemberUnknown:    (*teller).memberLeft,
	community.FollowerJoined:   (*teller).followerJoined,
	community.FollowerAdmitted: (*teller).followerJoined,
	community.FollowerRefused:  (*teller).memberRefused,
	community.PersonFollowed:   (*teller).personFollowed,
	community.PersonUnfollowed: (*teller).personUnfollowed,
	community.FeedFollowed:     (*teller).feedFollowed,
	community.FeedLeft:         (*teller).feedLeft,
	community.FeedEdited:       (*teller).feedEdited,
	community.FeedGrew:         (*teller).feedGrew,
	community.FeedShrank:       (*teller).feedShrank,
	community.FeedEnded:        (*teller).feedEnded,
	community.GroupEdited:      (*teller).groupEdited,
	community.PersonEdited:     (*teller).personEdited,
	community.PersonGone:       (*teller).personGone,
	community.KeysRotated:      (*teller).keysRotated,
	community.PostLocked:       (*teller).locked,
	community.PostUnlocked:     (*teller).unlocked,
	community.CommentLocked:    (*teller).locked,
	community.CommentUnlocked:  (*teller).unlocked,
	community.PostFeatured:     (*teller).postFeatured,
	community.PostUnfeatured:   (*teller).postUnfeatured,
	community.PostMarked:       (*teller).postMarked,
	community.PostUnmarked:     (*teller).postMarked,
	community.PostMoved:        (*teller).postMoved,
	community.ModeratorAdded:   (*teller).moderatorAdded,
	community.ModeratorRemoved: (*teller).moderatorRemoved,
	community.MemberBanned:     (*teller).memberBanned,
	community.MemberUnbanned:   (*teller).memberUnbanned,
	community.PersonBanned:     (*teller).personBanned,
	community.PersonUnbanned:   (*teller).personUnbanned,
	community.ActorMoved:       (*teller).actorMoved,
	community.ReportFiled:      (*teller).reportFiled,
	community.ReportWithdrawn:  (*teller).reportWithdrawn,
	community.ReportHandled:    (*teller).reportHandled,
	community.PersonWarned:     (*teller).personWarned,
	community.MessageSent:      (*teller).messageSent,
	community.MessageEdited:    (*teller).messageEdited,
	community.MessageDeleted:   (*teller).messageDeleted,
	community.WritingRefused:   (*teller).writingRefused,
	community.PersonBlocked:    (*teller).personBlocked,
	community.PersonUnblocked:  (*teller).personUnblocked,
	community.QuoteApproved:    (*teller).quoteAnswered,
	community.QuoteRefused:     (*teller).quoteAnswered,
	community.QuoteTakenBack:   (*teller).quoteTakenBack,
	community.QuoteAsked:       (*teller).quoteAsked,
	community.QuoteSettled:     (*teller).quoteSettled,
	community.RelayJoined:      (*teller).relayJoined,
	community.RelayQuit:        (*teller).relayQuit,
	community.RelayFollowed:    (*teller).relayFollowed,
}

// Readers are what this package makes of facts.
func (s *Server) Readers() []jobs.Reader {
	return []jobs.Reader{{Name: "facts:federation", Handle: s.outbox}}
}

// outbox is a reader of facts: it appends to the log of activities what the
// fediverse is to hear of them. All it does is in tx, so a batch that fails
// leaves nothing behind and is read again; one odd fact does not fail it.
func (s *Server) outbox(ctx context.Context, tx *storage.DB, facts []community.Fact) (err error) {
	defer fault.Wrap(&err, "federation.outbox(%d facts)", len(facts))
	t := &teller{s: s, tx: tx, heard: map[community.ActorID]bool{}}
	if err := t.gather(ctx, facts); err != nil {
		return err
	}
	if err := tx.Expect(ctx, storage.Expected{Said: t.mayHaveSaid(facts)}); err != nil {
		return err
	}
	for _, f := range facts {
		tell := tellers[f.Kind]
		if tell == nil || t.hushed(f) {
			continue
		}
		err := tell(t, ctx, f)
		if err == nil {
			err = t.revokeQuotes(ctx, f)
		}
		switch fault.CodeOf(err) {
		case fault.None:
		case fault.NotFound, fault.Invalid:
			s.Log.Error("federation: cannot tell of a fact", "fact", f.ID, "kind", f.Kind, "error", err)
		case fault.Conflict:
			// To the runner of readers a Conflict means that somebody else
			// reads; nobody would ever hear of this one.
			return fault.Because(err, fault.Internal, "An id was given to two activities")
		default:
			return err
		}
	}
	return nil
}

// A teller turns one batch of facts into activities. What the facts name is
// loaded once for all of them.
type teller struct {
	s        *Server
	tx       *storage.DB
	actors   map[community.ActorID]*community.Actor
	posts    map[community.PostID]*community.Post
	comments map[community.CommentID]*community.Comment
	polls    map[community.PostID]bool  // of those that were not loaded, because only votes are about them
	heard    map[community.ActorID]bool // whether anybody elsewhere follows a group
}

// gather loads what the facts are about. A vote by somebody elsewhere, which
// is most of what a busy group hears, needs no more than its actors, and
// whether it is in the thread of a poll, of which Lemmy knows nothing.
func (t *teller) gather(ctx context.Context, facts []community.Fact) (err error) {
	actors, posts, comments := set[community.ActorID]{}, set[community.PostID]{}, set[community.CommentID]{}
	voted := set[community.PostID]{}
	for _, f := range facts {
		actors.add(f.ActorID)
		actors.add(f.GroupID)
		actors.add(f.TargetID)
	}
	if t.actors, err = t.tx.Actors(ctx, actors.list()); err != nil {
		return err
	}
	for _, f := range facts {
		if by := t.actors[f.ActorID]; f.Kind == community.VoteCast && by != nil && !by.Local() {
			voted.add(f.PostID)
			continue
		}
		posts.add(f.PostID)
		comments.add(f.CommentID)
	}
	if t.posts, err = t.tx.Posts(ctx, posts.list()); err != nil {
		return err
	}
	if t.polls, err = t.tx.PollsAmong(ctx, voted.list()); err != nil {
		return err
	}
	if t.comments, err = t.tx.Comments(ctx, comments.list()); err != nil {
		return err
	}
	if err := t.gatherParents(ctx); err != nil {
		return err
	}
	return t.gatherAuthors(ctx)
}

func (t *teller) gatherParents(ctx context.Context) error {
	parents := set[community.CommentID]{}
	for _, c := range t.comments {
		if t.comments[c.ParentID] == nil {
			parents.add(c.ParentID)
		}
	}
	found, err := t.tx.Comments(ctx, parents.list())
	for id, c := range found {
		t.comments[id] = c
	}
	return err
}

func (t *teller) gatherAuthors(ctx context.Context) error {
	missing := set[community.ActorID]{}
	want := func(id community.ActorID) {
		if t.actors[id] == nil {
			missing.add(id)
		}
	}
	for _, p := range t.posts {
		want(p.AuthorID)
		want(p.GroupID)
	}
	for _, c := range t.comments {
		want(c.AuthorID)
	}
	found, err := t.tx.Actors(ctx, missing.list())
	for id, a := range found {
		t.actors[id] = a
	}
	return err
}

// mayHaveSaid lists the ids of what is said of the facts once, to see what was
// said already.
func (t *teller) mayHaveSaid(facts []community.Fact) (ids []string) {
	for _, f := range facts {
		name := fmt.Sprintf("post-%d", f.PostID)
		switch f.Kind {
		case community.CommentPublished:
			name = fmt.Sprintf("comment-%d", f.CommentID)
		case community.PostPublished:
			ids = append(ids, t.s.activityIRI(as.KindAnnounce, name))
		default:
			continue
		}
		ids = append(ids, t.s.activityIRI(as.KindCreate, name), t.s.activityIRI(as.KindAnnounce, "create-"+name))
	}
	return ids
}

// set collects ids, without zero.
type set[T comparable] map[T]struct{}

func (s set[T]) add(id T) {
	var zero T
	if id != zero {
		s[id] = struct{}{}
	}
}

func (s set[T]) list() []T {
	ids := make([]T, 0, len(s))
	for id := range s {
		ids = append(ids, id)
	}
	return ids
}
