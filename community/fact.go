package community

import "time"

// FactID is a fact's place in the order in which readers see facts.
type FactID int64

// FactKind says what became true. The words are stored.
type FactKind string

// The facts.
const (
	GroupCreated     FactKind = "group_created"
	GroupEdited      FactKind = "group_edited"
	GroupClosed      FactKind = "group_closed"      // by the server that it lives on
	PersonJoined     FactKind = "person_joined"     // signed up here
	AdmissionFiled   FactKind = "admission_filed"   // somebody applies to come here; ItemID is the admission
	AdmissionReplied FactKind = "admission_replied" // and answered what they were asked
	ApplicantAsked   FactKind = "admission_asked"   // TargetID is asked more
	PersonAdmitted   FactKind = "person_admitted"   // TargetID may come in
	PersonTurnedAway FactKind = "person_turned_away"
	JoiningSettled   FactKind = "joining_settled" // how people come here; only a Decision
	InviteRevoked    FactKind = "invite_revoked"  // by an administrator; ItemID is the invitation; only a Decision
	PersonEdited     FactKind = "person_edited"
	PersonGone       FactKind = "person_gone"  // somebody deleted themselves; Value 1, of ours: with all they wrote
	ActorMoved       FactKind = "actor_moved"  // a person or group lives at TargetID now
	MemberMoved      FactKind = "member_moved" // TargetID was taken along to GroupID, where ActorID, their group, lives now
	RoleMoved        FactKind = "role_moved"   // what TargetID was in GroupID, ActorID is: they moved
	MemberAsked      FactKind = "member_asked" // a local person follows a remote group
	MemberJoined     FactKind = "member_joined"
	MemberLeft       FactKind = "member_left"
	MemberRefused    FactKind = "member_refused"
	MemberRequested  FactKind = "member_requested" // of a group of ours that is private
	MemberAdmitted   FactKind = "member_admitted"  // by a moderator
	MemberPutOut     FactKind = "member_put_out"   // by a moderator
	MemberUnknown    FactKind = "member_unknown"   // a group elsewhere counts somebody here who never joined
	FollowerJoined   FactKind = "follower_joined"  // of a person or feed; Value 1: of a person, and they did not before
	FollowerLeft     FactKind = "follower_left"
	FollowerAsked    FactKind = "follower_asked"    // of a person who approves followers by hand
	FollowerAdmitted FactKind = "follower_admitted" // by that person, ActorID and GroupID; TargetID follows
	FollowerRefused  FactKind = "follower_refused"  // the same; later too, which ends a follow
	PersonFollowed   FactKind = "person_followed"   // a local person asks to follow GroupID, a person elsewhere
	PersonUnfollowed FactKind = "person_unfollowed" // and follows them no more
	FollowGranted    FactKind = "follow_granted"    // GroupID, a person elsewhere, lets TargetID follow them
	FeedFollowed     FactKind = "feed_followed"     // a local person follows GroupID, a feed
	FeedLeft         FactKind = "feed_left"
	FeedCreated      FactKind = "feed_created" // here; GroupID is the feed
	FeedEdited       FactKind = "feed_edited"
	FeedGrew         FactKind = "feed_grew"   // it lists the group TargetID now
	FeedShrank       FactKind = "feed_shrank" // and no more
	FeedEnded        FactKind = "feed_ended"
	PostPublished    FactKind = "post_published"
	PostEdited       FactKind = "post_edited"
	PostDeleted      FactKind = "post_deleted" // by its author
	PostRemoved      FactKind = "post_removed" // by a moderator
	PostRestored     FactKind = "post_restored"
	CommentPublished FactKind = "comment_published"
	CommentEdited    FactKind = "comment_edited"
	CommentDeleted   FactKind = "comment_deleted"
	CommentRemoved   FactKind = "comment_removed"
	CommentRestored  FactKind = "comment_restored"
	VoteCast         FactKind = "vote_cast"
	KeysRotated      FactKind = "keys_rotated" // an operator wants an actor of ours to have new keys; Value 1: the old ones are not safe
	PollVoted        FactKind = "poll_voted"   // ItemID is the option; for its author's server only
	PollCounted      FactKind = "poll_counted" // its counts are to be told, or were by its author
	PollEnded        FactKind = "poll_ended"
	AnswerChosen     FactKind = "answer_chosen"
	AnswerWithdrawn  FactKind = "answer_withdrawn"

	// Between two people, ActorID and TargetID; ItemID is the message.
	MessageSent    FactKind = "message_sent"
	MessageEdited  FactKind = "message_edited"
	MessageDeleted FactKind = "message_deleted"

	// ActorID does not want to hear from TargetID, and has their server told;
	// ItemID is the block.
	PersonBlocked   FactKind = "person_blocked"
	PersonUnblocked FactKind = "person_unblocked"

	ConsentGiven     FactKind = "consent_given" // Reason is the purpose
	ConsentWithdrawn FactKind = "consent_withdrawn"

	ScheduleFailed FactKind = "schedule_failed" // TargetID's own: what was to be published in GroupID stays a draft, ItemID; Reason says why

	WritingRefused FactKind = "writing_refused" // TargetID is told why GroupID does not show IRI

	// TargetID asked to quote what ActorID wrote; IRI is the request.
	QuoteApproved FactKind = "quote_approved" // ItemID is the quote; Value 1: a new one
	QuoteRefused  FactKind = "quote_refused"
	// ActorID took back that TargetID may quote them; IRI is the approval.
	QuoteTakenBack FactKind = "quote_taken_back"

	// What ActorID wrote quotes TargetID; ItemID is the citation.
	QuoteAsked   FactKind = "quote_asked"   // of another server
	QuoteSettled FactKind = "quote_settled" // it may now, or may not any more

	// Relays (ItemID), by the server's own actor.
	RelayJoined   FactKind = "relay_joined"
	RelayQuit     FactKind = "relay_quit"
	RelayFollowed FactKind = "relay_followed" // the relay followed us

	// Decisions of moderators, beside removals; ItemID is the Decision.
	PostLocked       FactKind = "post_locked"
	PostUnlocked     FactKind = "post_unlocked"
	CommentLocked    FactKind = "comment_locked"
	CommentUnlocked  FactKind = "comment_unlocked"
	PostFeatured     FactKind = "post_featured"
	PostUnfeatured   FactKind = "post_unfeatured"
	PostMarked       FactKind = "post_marked" // as sensitive
	PostUnmarked     FactKind = "post_unmarked"
	PostMoved        FactKind = "post_moved"   // with its thread, from GroupID to TargetID
	PostArrived      FactKind = "post_arrived" // the same in the log of the group that it came to; never recorded as a fact
	ModeratorAdded   FactKind = "moderator_added"
	ModeratorRemoved FactKind = "moderator_removed"
	MemberBanned     FactKind = "member_banned" // from a group; Value 1: with all they wrote there
	MemberUnbanned   FactKind = "member_unbanned"
	PersonBanned     FactKind = "person_banned" // from a server
	PersonUnbanned   FactKind = "person_unbanned"
	AvatarTaken      FactKind = "avatar_taken" // from TargetID, for this server
	BannerTaken      FactKind = "banner_taken"
	WayInChanged     FactKind = "way_in_changed"    // somebody's own account; Reason says what, as letters do
	GroupOffered     FactKind = "group_offered"     // by its owner, to TargetID; no decision
	GroupHandedOver  FactKind = "group_handed_over" // TargetID owns it now
	GroupClaimed     FactKind = "group_claimed"     // TargetID looks after it now, whom ActorID of this server chose
	ClaimFiled       FactKind = "claim_filed"       // ItemID is the claim; no decision
	ClaimRefused     FactKind = "claim_refused"     // of TargetID; no decision
	RoleGiven        FactKind = "role_given"        // ItemID is the grant, from here on
	RoleRenewed      FactKind = "role_renewed"      // it ends at another time
	RoleEnded        FactKind = "role_ended"
	RoleExpired      FactKind = "role_expired"
	RoleDue          FactKind = "role_due"     // TargetID is to look again whether ActorID should have it; no decision
	ReportFiled      FactKind = "report_filed" // ItemID is the report's; Value says whom it is news to
	ReportHandled    FactKind = "report_handled"
	ReportWithdrawn  FactKind = "report_withdrawn" // by its reporter
	PersonWarned     FactKind = "person_warned"    // ItemID is the warning's
)

// A Fact is one thing that became true, recorded in the transaction that made
// it true. Everything that happens later (federation, notifications, search,
// …) is a reader of facts. Only the fields that the kind needs are set.
type Fact struct {
	ID        FactID // the position that readers save
	Kind      FactKind
	ActorID   ActorID   // who did it
	GroupID   ActorID   `bun:",nullzero"` // the group, or the person followed
	PostID    PostID    `bun:",nullzero"`
	CommentID CommentID `bun:",nullzero"`
	TargetID  ActorID   `bun:",nullzero"` // whom it was done to
	ItemID    int64     `bun:",nullzero"` // the report, message, poll option, … that it is about
	Until     time.Time `bun:",nullzero"` // when it ends by itself
	Value     int       // a vote's new value
	Previous  int       // and the one before
	IRI       string    // of the Follow, Like or Dislike that this is about; the host whose ban it is
	Reason    string    // what a moderator said
	Raw       []byte    // the activity as received, when somebody elsewhere did it
	At        time.Time
}

// An Origin tells a use case how something reached us from another server.
// The zero Origin is something done here.
type Origin struct {
	IRI      string // the id of the thing made: a post, a comment, a follow, a vote
	Activity []byte // the activity as received
	Via      PeerID // the server on whose word it is taken; none if who did it said so

	Vouched bool // the server of a group elsewhere stands for it that who did it moderates there
	Admin   bool // who did it administers the server that they live on
}

// Here reports whether the thing was done on this server.
func (o Origin) Here() bool { return o.IRI == "" && o.Activity == nil }
