package community

import "strconv"

// A LiveKind says what an open page is told. The words are the names of the
// events.
type LiveKind string

// What open pages are told.
const (
	LiveUnread  LiveKind = "unread"  // how much waits in the notifications
	LiveComment LiveKind = "comment" // something about a comment in a thread that is open
	LivePost    LiveKind = "post"    // something about a post in a feed or thread that is open
	LiveVotes   LiveKind = "votes"   // how a post or comment stands
	LiveReset   LiveKind = "reset"   // too much was missed: look at everything again
	LiveBye     LiveKind = "bye"     // whoever listened is not signed in any more
)

// A LiveEvent is one thing that open pages are told. It names what happened
// and where; what it says is got the usual way, by who may read it.
type LiveEvent struct {
	ID        FactID // where to go on from after a break; 0: it says nothing of that
	Kind      LiveKind
	What      FactKind // of LiveComment and LivePost: what became true
	GroupID   ActorID
	PostID    PostID
	CommentID CommentID
	ParentID  CommentID // what a comment answers, if not the post
	AuthorID  ActorID   // of a post or comment that is new
	Feeds     []string  // of LivePost: those of the open feeds that it is new in
	Unread    int       // of LiveUnread: notifications, and messages
	Messages  int
	Newest    NotificationID
	Score     int64 // of LiveVotes
	Ups       int64
	Downs     int64
}

// A LiveFeed is a feed that is open in a page, as the page calls it.
type LiveFeed struct {
	Name  string
	Home  bool    // what the listener joined or follows
	Local bool    // what is written in groups of this server
	Group ActorID // of one group
	List  ActorID // of the groups that a feed lists
}

// Bounds of what one listener may have open.
const (
	MaxLiveThreads = 20
	MaxLiveFeeds   = 20
)

// ParseFactID reads what a listener heard last; 0 where that is unknown.
func ParseFactID(text string) FactID {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return FactID(n)
}
