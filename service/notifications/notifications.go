// Package notifications tells people here what concerns them: answers to what
// they wrote, mentions, what moderators did to it or say of it, and, where
// people look after something, what others report.
//
// It is a reader of facts: nobody who writes a comment waits for it. Where
// people chose that, a letter or a browser tells of it, too (tell.go, push.go);
// how a letter is written and sent belongs to service/mail.
package notifications

import (
	"context"
	"net/http"
	"slices"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Now    func() time.Time
	Origin string // scheme://host of this server
	// Send posts to an address that a browser named, however it pleases
	// whoever keeps strangers from leading this server astray; nil: nothing
	// rings. The status of an answer counts, whatever the error.
	Send     func(ctx context.Context, url string, header http.Header, body []byte) (status int, err error)
	Insecure bool // browsers may name addresses without TLS, in development
}

// List returns an account's notifications, newest first, and the cursor of
// the next page.
func (s *Service) List(ctx context.Context, account *community.Account, query community.NoticeQuery) (_ []*community.NotificationView, next string, err error) {
	defer fault.Wrap(&err, "notifications.List(%d)", account.ID)
	list, next, err := s.DB.Notifications(ctx, account, s.Now(), query)
	if err != nil {
		return nil, "", err
	}
	var actorIDs []community.ActorID
	var postIDs []community.PostID
	var commentIDs []community.CommentID
	for _, n := range list {
		actorIDs, postIDs, commentIDs = append(actorIDs, n.ActorID, n.GroupID), append(postIDs, n.PostID), append(commentIDs, n.CommentID)
	}
	together := map[string][]community.ActorID{}
	if query.Bundled {
		if together, err = s.together(ctx, account, list, &actorIDs); err != nil {
			return nil, "", err
		}
	}
	actors, err := s.DB.Actors(ctx, actorIDs)
	if err != nil {
		return nil, "", err
	}
	posts, err := s.DB.Posts(ctx, postIDs)
	if err != nil {
		return nil, "", err
	}
	comments, err := s.DB.Comments(ctx, commentIDs)
	if err != nil {
		return nil, "", err
	}
	reports, warnings, err := s.items(ctx, list)
	if err != nil {
		return nil, "", err
	}
	quotes, err := s.quotes(ctx, list)
	if err != nil {
		return nil, "", err
	}
	grants, err := s.grants(ctx, list)
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.NotificationView, 0, len(list))
	for _, n := range list {
		v := &community.NotificationView{
			Notification: n, Actor: actors[n.ActorID], Post: posts[n.PostID], Comment: comments[n.CommentID],
			Group: actors[n.GroupID],
			Read:  n.Seen || n.ID <= account.ReadUpTo,
		}
		withOthers(v, together[n.Bundle], actors)
		switch n.Kind {
		case community.Flagged, community.Handled:
			v.Report = reports[community.ReportID(n.ItemID)]
		case community.Warned:
			v.Warning = warnings[community.WarningID(n.ItemID)]
		case community.Bared:
			decision, err := s.DB.Decision(ctx, community.DecisionID(n.ItemID))
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, "", err
			}
			if err == nil {
				v.Reason = decision.Reason
			}
		case community.Quoted:
			v.Quote = quotes[community.QuoteID(n.ItemID)]
		case community.Trusted, community.Released, community.Review:
			v.Grant = grants[community.GrantID(n.ItemID)]
		}
		views = append(views, v)
	}
	return views, next, nil
}

// Unread counts what an account has not seen, up to 100.
func (s *Service) Unread(ctx context.Context, account *community.Account) (_ int, err error) {
	defer fault.Wrap(&err, "notifications.Unread(%d)", account.ID)
	return s.DB.Unread(ctx, account, s.Now())
}

// MarkRead notes that an account saw its notifications up to one.
func (s *Service) MarkRead(ctx context.Context, account *community.Account, up community.NotificationID) (err error) {
	defer fault.Wrap(&err, "notifications.MarkRead(%d)", account.ID)
	if up <= 0 {
		return fault.Field("up_to", "Say up to which notification you have read.")
	}
	return s.DB.ReadUpTo(ctx, account.ID, up)
}

// MarkSeen notes that an account saw one notification, with what is told
// together with it.
func (s *Service) MarkSeen(ctx context.Context, account *community.Account, id community.NotificationID) (err error) {
	defer fault.Wrap(&err, "notifications.MarkSeen(%d, %d)", account.ID, id)
	return s.DB.SeeNotification(ctx, account.ID, id)
}

// Read turns facts into notifications, in the reader's transaction.
func (s *Service) Read(ctx context.Context, tx *storage.DB, facts []community.Fact) (err error) {
	defer fault.Wrap(&err, "notifications.Read(%d facts)", len(facts))
	var expected storage.Expected
	for _, fact := range facts {
		switch fact.Kind {
		case community.CommentPublished, community.CommentRemoved:
			expected.Comments = append(expected.Comments, fact.CommentID)
		case community.PostPublished, community.PostRemoved:
			expected.Posts = append(expected.Posts, fact.PostID)
		}
	}
	if err := tx.Expect(ctx, expected); err != nil {
		return err
	}
	if err := s.tally(ctx, tx, facts); err != nil {
		return err
	}
	for _, fact := range facts {
		err := s.read(ctx, tx, fact)
		if err != nil && !fault.Is(err, fault.NotFound) { // gone meanwhile: nobody to tell
			return err
		}
	}
	return nil
}

func (s *Service) read(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	switch fact.Kind {
	case community.CommentPublished:
		return s.answered(ctx, tx, fact)
	case community.PostPublished:
		post, err := tx.Post(ctx, fact.PostID)
		if err != nil {
			return err
		}
		told := map[community.ActorID]bool{}
		if err := s.mentioned(ctx, tx, fact, post.Body, told); err != nil {
			return err
		}
		return s.spread(ctx, tx, fact, community.Posted, told, post.Title, post.Body, post.Link)
	case community.PostRemoved:
		post, err := tx.Post(ctx, fact.PostID)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, fact, post.AuthorID, community.Removal)
	case community.PostMoved:
		return s.carried(ctx, tx, fact)
	case community.CommentRemoved:
		c, err := tx.Comment(ctx, fact.CommentID)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, fact, c.AuthorID, community.Removal)
	case community.AdmissionFiled, community.AdmissionReplied:
		return s.applied(ctx, tx, fact)
	case community.MemberRequested:
		return s.asked(ctx, tx, fact)
	case community.FollowerAsked:
		return s.tell(ctx, tx, fact, fact.GroupID, community.Courted)
	case community.FollowerJoined, community.FollowerLeft, community.FollowGranted, community.FollowerAdmitted:
		return s.followed(ctx, tx, fact)
	case community.MemberAdmitted:
		return s.tellOfGroup(ctx, tx, fact, fact.TargetID, fact.GroupID, community.Admitted)
	case community.MemberMoved:
		return s.tellOfGroup(ctx, tx, fact, fact.TargetID, fact.ActorID, community.GroupMoved)
	case community.RoleMoved:
		return s.tellModerators(ctx, tx, fact)
	case community.MemberRefused:
		return s.tellOfGroup(ctx, tx, fact, fact.TargetID, fact.GroupID, community.Refused)
	case community.ReportFiled:
		return s.filed(ctx, tx, fact)
	case community.ReportHandled:
		return s.handled(ctx, tx, fact)
	case community.PersonWarned:
		return s.tell(ctx, tx, fact, fact.TargetID, community.Warned)
	case community.GroupClaimed:
		return s.newKeeper(ctx, tx, fact)
	case community.ClaimFiled:
		return s.claimed(ctx, tx, fact)
	case community.RoleDue:
		return s.note(ctx, tx, fact, fact.TargetID, community.Review)
	case community.ScheduleFailed:
		fact.GroupID = 0 // they may see it no more, and are told all the same
		return s.note(ctx, tx, fact, fact.TargetID, community.Stuck)
	case community.PollEnded:
		return s.ended(ctx, tx, fact)
	case community.AnswerChosen:
		return s.tell(ctx, tx, fact, fact.TargetID, community.Chosen)
	case community.QuoteApproved:
		return s.quoted(ctx, tx, fact)
	case community.WayInChanged:
		if kind := graveChanges[fact.Reason]; kind != "" {
			return s.note(ctx, tx, fact, fact.TargetID, kind)
		}
		return nil
	}
	if kind := verdictsOnApplicants[fact.Kind]; kind != "" {
		return s.tell(ctx, tx, fact, fact.TargetID, kind)
	}
	if kind := verdicts[fact.Kind]; kind != "" && fact.IRI == "" {
		return s.tell(ctx, tx, fact, fact.TargetID, kind)
	}
	return nil
}

// carried tells whoever began a thread that it was moved, and to which group.
func (s *Service) carried(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	post, err := tx.Post(ctx, fact.PostID)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, fact, post.AuthorID, community.Carried)
}

// quoted tells an author who quotes them, once for each quote.
func (s *Service) quoted(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	if fact.Value == 0 {
		return nil
	}
	author := fact.ActorID
	fact.ActorID = fact.TargetID
	return s.tell(ctx, tx, fact, author, community.Quoted)
}

// ended tells whoever made a poll or voted in it that it is over.
func (s *Service) ended(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	voters, err := tx.PollVoters(ctx, fact.PostID)
	if err != nil {
		return err
	}
	if !slices.Contains(voters, fact.ActorID) {
		voters = append(voters, fact.ActorID)
	}
	for _, whom := range voters {
		if err := s.note(ctx, tx, fact, whom, community.Ended); err != nil {
			return err
		}
	}
	return nil
}

// verdicts are what moderators and admins decide about people, and that an
// account of somebody's own moved to the one here. What other
// servers decide about who is welcome on them, they tell their own.
var verdicts = map[community.FactKind]community.NotificationKind{
	community.ActorMoved:       community.MovedIn,
	community.MemberBanned:     community.Barred,
	community.PersonBanned:     community.Barred,
	community.AvatarTaken:      community.Bared,
	community.BannerTaken:      community.Bared,
	community.MemberUnbanned:   community.Readmitted,
	community.PersonUnbanned:   community.Readmitted,
	community.ModeratorAdded:   community.Promoted,
	community.ModeratorRemoved: community.Demoted,
	community.GroupOffered:     community.Offered,
	community.GroupHandedOver:  community.HandedOver,
	community.ClaimRefused:     community.Unclaimed,
	community.RoleGiven:        community.Trusted,
	community.RoleRenewed:      community.Trusted,
	community.RoleEnded:        community.Released,
	community.RoleExpired:      community.Released,
}

// graveChanges are those of the ways into an account of which its owner finds
// a word here, too: others could be behind them.
var graveChanges = map[string]community.NotificationKind{
	community.PasskeyCopied:    community.KeyCopied,
	community.RecoveryCodeUsed: community.CodeUsed,
	community.PasswordChanged:  community.SecretChanged,
}

// answered tells whoever was answered, and whoever else the answer mentions.
func (s *Service) answered(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	c, err := tx.Comment(ctx, fact.CommentID)
	if err != nil {
		return err
	}
	post, err := tx.Post(ctx, c.PostID)
	if err != nil {
		return err
	}
	whom := post.AuthorID
	if c.ParentID != 0 {
		parent, err := tx.Comment(ctx, c.ParentID)
		if err != nil {
			return err
		}
		whom = parent.AuthorID
	}
	if err := s.tell(ctx, tx, fact, whom, community.Reply); err != nil {
		return err
	}
	told := map[community.ActorID]bool{whom: true}
	if err := s.mentioned(ctx, tx, fact, c.Body, told); err != nil {
		return err
	}
	fact.GroupID = post.GroupID
	return s.spread(ctx, tx, fact, community.Watched, told, c.Body)
}

// mostMentions bounds whom one text can call.
const mostMentions = 20

func (s *Service) mentioned(ctx context.Context, tx *storage.DB, fact community.Fact, body string, told map[community.ActorID]bool) error {
	mentions := markup.Mentions(body)
	for _, text := range mentions[:min(len(mentions), mostMentions)] {
		h, ok := community.ParseHandle(text, "")
		if !ok || h.Host != "" {
			continue
		}
		actor, err := tx.ActorByHandle(ctx, h, community.Person, community.Service)
		if fault.Is(err, fault.NotFound) || err == nil && told[actor.ID] {
			continue
		}
		if err != nil {
			return err
		}
		told[actor.ID] = true
		if err := s.tell(ctx, tx, fact, actor.ID, community.Mention); err != nil {
			return err
		}
	}
	return nil
}

// tell adds a notification for whom, if they have an account here and did not
// do the thing themselves.
func (s *Service) tell(ctx context.Context, tx *storage.DB, fact community.Fact, whom community.ActorID, kind community.NotificationKind) error {
	if whom == fact.ActorID {
		return nil
	}
	return s.note(ctx, tx, fact, whom, kind)
}

// note is tell for what nobody in particular did.
func (s *Service) note(ctx context.Context, tx *storage.DB, fact community.Fact, whom community.ActorID, kind community.NotificationKind) error {
	account, err := tx.AccountOf(ctx, whom)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if kind != community.Flagged && kind != community.Handled && kind != community.Warned { // whom these are for is decided
		if sees, err := s.sees(ctx, tx, whom, fact.GroupID); err != nil || !sees {
			return err // a mention of somebody outside a closed group
		}
	}
	if kept, err := s.keptAway(ctx, tx, whom, fact, kind); err != nil || kept {
		return err
	}
	n := &community.Notification{
		AccountID: account.ID, Kind: kind, ActorID: fact.ActorID, PostID: fact.PostID, CommentID: fact.CommentID,
		ItemID: fact.ItemID, CreatedAt: fact.At,
	}
	switch {
	case kind == community.Carried:
		n.GroupID = fact.TargetID
	case fact.TargetID != 0 && fact.PostID == 0:
		n.GroupID = fact.GroupID
	}
	return s.add(ctx, tx, n, fact.GroupID)
}

// add tells somebody in the ways that they chose, if any.
func (s *Service) add(ctx context.Context, tx *storage.DB, n *community.Notification, group community.ActorID) error {
	if tell, err := s.ways(ctx, tx, n, group); err != nil || !tell {
		return err
	}
	return tx.AddNotification(ctx, n)
}

func (s *Service) sees(ctx context.Context, tx *storage.DB, whom, group community.ActorID) (bool, error) {
	if group == 0 {
		return true, nil // it is about no group
	}
	actor, err := tx.Actor(ctx, whom)
	if err != nil {
		return false, err
	}
	return tx.MayRead(ctx, actor, group)
}

// asked tells those who let people into a group that somebody wants to join.
func (s *Service) asked(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	moderators, err := tx.Trusted(ctx, fact.GroupID, community.AdmitMembers, s.Now())
	if err != nil {
		return err
	}
	for _, m := range moderators {
		if err := s.tellOfGroup(ctx, tx, fact, m.ID, fact.ActorID, community.Asked); err != nil {
			return err
		}
	}
	return nil
}

// tellOfGroup adds a notification about a group as a whole. by is who is shown
// to have done it: what moderators decide, the group did.
func (s *Service) tellOfGroup(ctx context.Context, tx *storage.DB, fact community.Fact, whom, by community.ActorID, kind community.NotificationKind) error {
	if whom == 0 {
		return nil // nobody decided: see Join
	}
	account, err := tx.AccountOf(ctx, whom)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.add(ctx, tx, &community.Notification{
		AccountID: account.ID, Kind: kind, ActorID: by, GroupID: fact.GroupID, CreatedAt: fact.At,
	}, fact.GroupID)
}

// tellModerators tells who moderates a group that one of them has another
// account now.
func (s *Service) tellModerators(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	moderators, err := tx.Moderators(ctx, fact.GroupID)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		if !m.Local() || m.ID == fact.ActorID {
			continue
		}
		if err := s.tellOfGroup(ctx, tx, fact, m.ID, fact.ActorID, community.RoleTaken); err != nil {
			return err
		}
	}
	return nil
}
