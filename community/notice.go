package community

import (
	"strconv"
	"time"

	"drystone/fault"
)

// A NoticeTopic is what people choose ways for: a few kinds of notification
// together. The words are stored.
type NoticeTopic string

// The topics.
const (
	AboutReplies    NoticeTopic = "replies"
	AboutMentions   NoticeTopic = "mentions"   // and quotes
	AboutVotes      NoticeTopic = "votes"      // once a day, all together
	AboutFollows    NoticeTopic = "follows"    // who follows one, or asks to
	AboutWatched    NoticeTopic = "watched"    // threads and groups
	AboutGroups     NoticeTopic = "groups"     // one's own place in them
	AboutPolls      NoticeTopic = "polls"      // and answers that were chosen
	AboutModeration NoticeTopic = "moderation" // of oneself, and of what one wrote or reported
	AboutTasks      NoticeTopic = "tasks"      // what waits for those who look after something
	AboutSecurity   NoticeTopic = "security"
)

// NoticeTopics are all of them, as people are asked about them. Of the security
// of their account everybody is told.
var NoticeTopics = []NoticeTopic{
	AboutReplies, AboutMentions, AboutWatched, AboutVotes, AboutFollows, AboutPolls, AboutGroups, AboutModeration, AboutTasks,
}

var topics = map[NotificationKind]NoticeTopic{
	Reply: AboutReplies, Mention: AboutMentions, Quoted: AboutMentions,
	Voted: AboutVotes, Courted: AboutFollows, Followed: AboutFollows, LetIn: AboutFollows,
	Watched: AboutWatched, Posted: AboutWatched,
	Ended: AboutPolls, Chosen: AboutPolls,
	Flagged: AboutTasks, Applied: AboutTasks, Asked: AboutTasks, Review: AboutTasks, Claimed: AboutTasks,
	Admitted: AboutGroups, Refused: AboutGroups, GroupMoved: AboutGroups, RoleTaken: AboutGroups, Promoted: AboutGroups,
	Demoted: AboutGroups, Trusted: AboutGroups, Released: AboutGroups, Offered: AboutGroups, HandedOver: AboutGroups,
	NewKeeper: AboutGroups, Unclaimed: AboutGroups,
	Removal: AboutModeration, Carried: AboutModeration, AskedBack: AboutModeration, Welcomed: AboutModeration, TurnedAway: AboutModeration,
	Barred: AboutModeration, Readmitted: AboutModeration, Handled: AboutModeration, Stuck: AboutModeration, Warned: AboutModeration, Bared: AboutModeration,
	KeyCopied: AboutSecurity, CodeUsed: AboutSecurity, SecretChanged: AboutSecurity,
}

// Topic is what a kind of notification is chosen ways for as.
func (k NotificationKind) Topic() NoticeTopic {
	if topic := topics[k]; topic != "" {
		return topic
	}
	return AboutModeration
}

// AllTopics stands for every topic that people choose ways for.
const AllTopics = "*"

// TopicsOf are the topics that a word stands for: its own, or all.
func TopicsOf(word string) []NoticeTopic {
	if word == AllTopics {
		return NoticeTopics
	}
	for _, topic := range NoticeTopics {
		if word == string(topic) {
			return []NoticeTopic{topic}
		}
	}
	return nil
}

// KindsOf are the kinds of notification about some topics.
func KindsOf(list []NoticeTopic) []NotificationKind {
	kinds := []NotificationKind{}
	for _, topic := range list {
		for kind, of := range topics {
			if of == topic {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// A MailWay is when a letter tells of something. The words are stored.
type MailWay string

// The ways.
const (
	MailOff   MailWay = "off"
	MailDaily MailWay = "daily" // one letter a day, with what was not seen by then
	MailNow   MailWay = "now"
)

// A NoticeChoice is the ways that somebody chose for a topic.
type NoticeChoice struct {
	AccountID AccountID   `bun:",pk"`
	Topic     NoticeTopic `bun:",pk"`
	Page      bool        // on the page of notifications
	Push      bool        // to browsers that they allowed to ring
	Mail      MailWay
}

// UsualChoice is what holds until somebody chooses: the page tells all; what
// is meant for them rings, where they let it; and of that a letter tells once
// a day, if they have not seen it by then.
func UsualChoice(topic NoticeTopic) NoticeChoice {
	c := NoticeChoice{Topic: topic, Page: true, Mail: MailOff}
	switch topic {
	case AboutReplies, AboutMentions, AboutModeration, AboutTasks:
		c.Push, c.Mail = true, MailDaily
	case AboutFollows, AboutWatched, AboutSecurity:
		c.Push = true
	}
	return c
}

// Check reports what is wrong with a choice.
func (c NoticeChoice) Check() error {
	known := false
	for _, topic := range NoticeTopics {
		known = known || topic == c.Topic
	}
	switch {
	case c.Topic == AboutSecurity:
		return fault.Field("topic", "Of the security of your account you are always told.")
	case !known:
		return fault.Field("topic", "There is nothing called “%.40s” to be told of.", c.Topic)
	case c.Mail != MailOff && c.Mail != MailDaily && c.Mail != MailNow:
		return fault.Field("mail", "Mail is off, daily or now.")
	}
	return nil
}

// Silent reports whether nothing is told.
func (c NoticeChoice) Silent() bool { return !c.Page && !c.Push && c.Mail == MailOff }

// A WatchLevel is how much somebody wants to hear of a thread or group. The
// words are stored.
type WatchLevel string

// The levels.
const (
	WatchAll     WatchLevel = "all"     // of a thread: every comment; of a group: every post
	WatchReplies WatchLevel = "replies" // what concerns them, as usual
	WatchNothing WatchLevel = "nothing" // not even that
)

// CheckWatch reports what is wrong with a level.
func CheckWatch(level WatchLevel) error {
	if level != WatchAll && level != WatchReplies && level != WatchNothing {
		return fault.Field("level", "A thread or group is watched for all, replies or nothing.")
	}
	return nil
}

// bundles are the kinds of notification that are told together: those of a day
// that are about the same place.
var bundles = map[NotificationKind]func(*Notification) int64{
	Reply:    func(n *Notification) int64 { return int64(n.PostID) },
	Watched:  func(n *Notification) int64 { return int64(n.PostID) },
	Posted:   func(n *Notification) int64 { return int64(n.GroupID) },
	Followed: func(*Notification) int64 { return 0 },
	Courted:  func(*Notification) int64 { return 0 },
	Asked:    func(n *Notification) int64 { return int64(n.GroupID) },
	Applied:  func(*Notification) int64 { return 0 },
}

// Bundled names the bundle that a notification belongs to; empty: it stands
// alone.
func (n *Notification) Bundled() string {
	place := bundles[n.Kind]
	if place == nil {
		return ""
	}
	return string(n.Kind) + ":" + strconv.FormatInt(place(n), 10) + ":" + n.CreatedAt.UTC().Format(time.DateOnly)
}

// A VoteTally is how many upvotes something got that its author was not told of
// yet.
type VoteTally struct {
	AccountID AccountID `bun:",pk"`
	PostID    PostID    `bun:",pk"`
	CommentID CommentID `bun:",pk"` // 0: the post itself
	Many      int
	Since     time.Time
}

// A NoticeQuery asks for an account's notifications.
type NoticeQuery struct {
	Unread  bool // only what was not seen
	Bundled bool // what happened at the same place on a day, as one
	Page
}

// VotesEvery is how often somebody is told of votes, at most.
const VotesEvery = 24 * time.Hour
