package v1

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"drystone/community"
	"drystone/fault"
	"drystone/service/live"
)

// StreamPath is where what happens can be listened to.
const StreamPath = Prefix + "/stream"

const (
	// heartbeat is how often a listener hears something although nothing
	// happens, so that nobody on the way takes the connection for dead.
	heartbeat = 20 * time.Second
	// patience is how long a listener may take to read what it is told.
	patience = 10 * time.Second
	// comeBack is how long a browser waits before it comes back, in
	// milliseconds.
	comeBack = 3000
)

const aboutStream = `Server-sent events over one connection, for as long as the caller likes and is signed in:

- unread: {"unread": 3, "messages": 0}, how much waits in the notifications and messages, each at most 100; at once, and whenever that changes.
- comment: {"what": "published", "post_id": 1, "comment_id": 9, "parent_id": null, "own": false}, about a comment in one of the threads asked for. What is published, edited, deleted, removed, restored, locked, unlocked, answer_chosen or answer_withdrawn.
- post: {"what": "published", "post_id": 1, "feeds": ["home"], "own": false}, a new post in feeds asked for; or about the post of a thread asked for, without feeds: edited, deleted, removed, restored, locked, unlocked, marked, unmarked, moved, poll_counted or poll_ended.
- votes: {"post_id": 1, "comment_id": null, "score": 3, "ups": 4, "downs": 1}, how something in a thread stands, once for all votes of some seconds.
- reset: too much was missed to tell it all; look at everything again.
- bye: the caller is not signed in any more, and the connection ends.

Events name things; what these hold is read as always. Whoever may not read something, or keeps it away, hears nothing of it. A listener that reads too slowly is dropped. After a break, Last-Event-ID (or the parameter after) brings what was missed. An account may listen 12 times at once.`

// StreamQuery asks to be told what happens.
type StreamQuery struct {
	Thread []int64  `query:"thread,explode" maxItems:"20" doc:"Posts whose threads are open. Those that the caller may not read stay silent."`
	Feed   []string `query:"feed,explode" maxItems:"20" doc:"Feeds that are open: home, local, all, c/GROUP for a group, or f/FEED for a list of groups." example:"home"`
	After  string   `query:"after" maxLength:"20" doc:"The id of the event that was heard last, where Last-Event-ID cannot be sent."`
	Last   string   `header:"Last-Event-ID" maxLength:"20"`
}

func (a *API) streamRoutes() {
	s := section("Me")
	o := s.get("/stream", "listen", "Hear what happens, as it happens").signedIn().says(aboutStream)
	operation := a.operation(o, false)
	operation.Responses["200"] = &huma.Response{
		Description: "OK", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	huma.Register(a.huma, operation, func(ctx context.Context, req *StreamQuery) (*huma.StreamResponse, error) {
		c := callerIn(ctx)
		line, err := a.listen(ctx, c, req)
		if err != nil {
			return nil, a.refuse(ctx, o, c, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer line.Close()
			ec := humaecho.Unwrap(hc)
			pour(ec.Request().Context(), ec.Response(), line)
		}}, nil
	})
	handle(a, s.get("/notifications/unread", "countUnread", "How much waits in my notifications").signedIn(), a.unread)
}

// Unread is how much waits.
type Unread struct {
	Unread   int `json:"unread" doc:"Notifications, at most 100."`
	Messages int `json:"messages" doc:"At most 100."`
}

func (a *API) unread(ctx context.Context, c *Caller, _ *struct{}) (Unread, error) {
	n, err := a.Options.Notifications.Unread(ctx, c.Who.Account)
	if err != nil {
		return Unread{}, err
	}
	messages, err := a.Messages.Unread(ctx, c.Who.Actor)
	return Unread{n, messages}, err
}

// listen begins to tell the caller.
func (a *API) listen(ctx context.Context, c *Caller, req *StreamQuery) (*live.Line, error) {
	if c.Who.Session == nil {
		return nil, fault.New(fault.Forbidden, "Only a session can listen.")
	}
	wish := live.Wish{
		Account: c.Who.Account, Actor: c.Who.Actor, Session: c.Who.Session.ID,
		After: max(community.ParseFactID(req.Last), community.ParseFactID(req.After)),
	}
	for _, id := range req.Thread {
		wish.Threads = append(wish.Threads, community.PostID(id))
	}
	for _, name := range req.Feed {
		feed, err := a.liveFeed(ctx, c, name)
		if err != nil {
			return nil, err
		}
		if feed != nil {
			wish.Feeds = append(wish.Feeds, *feed)
		}
	}
	return a.Live.Open(wish)
}

// liveFeed is the feed that a page calls name, nil for one that is not there:
// other pages that share the connection go on hearing theirs.
func (a *API) liveFeed(ctx context.Context, c *Caller, name string) (*community.LiveFeed, error) {
	feed := &community.LiveFeed{Name: name, Home: name == "home", Local: name == "local"}
	if feed.Home || feed.Local || name == "all" {
		return feed, nil
	}
	kind, which, _ := strings.Cut(name, "/")
	var err error
	switch kind {
	case "c":
		var g *community.Group
		if g, err = a.findGroup(ctx, c, which); err == nil {
			feed.Group = g.ID
		}
	case "f":
		var f *community.Feed
		if f, err = a.findFeed(ctx, c, which); err == nil {
			feed.List = f.ID
		}
	default:
		return nil, fault.Field("feed", "A feed is home, local, all, c/GROUP or f/FEED.")
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return nil, nil //nolint:nilnil // see above
	}
	return feed, err
}

// pour writes what a line is told until one of both sides ends.
func pour(ctx context.Context, w http.ResponseWriter, line *live.Line) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it until it is full
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the request has been read
	write := func(text string) bool {
		// The server's own limit is for answers that end.
		_ = control.SetWriteDeadline(time.Now().Add(patience))
		_, err := io.WriteString(w, text)
		return err == nil && control.Flush() == nil
	}
	w.WriteHeader(http.StatusOK)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ok := write("retry: " + strconv.Itoa(comeBack) + "\n\n"); ok; {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			ok = write(":\n\n")
		case event, more := <-line.Events():
			ok = more && write(eventText(event, line.Actor.ID))
		}
	}
}

// eventText is an event as it is written.
func eventText(e community.LiveEvent, listener community.ActorID) string {
	var text strings.Builder
	if e.ID != 0 {
		fmt.Fprintf(&text, "id: %d\n", e.ID)
	}
	fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", e.Kind, JSON(liveData(e, listener)))
	return text.String()
}

type (
	liveUnread struct {
		Unread   int `json:"unread"`
		Messages int `json:"messages"`
	}
	liveComment struct {
		What      string `json:"what"`
		PostID    int64  `json:"post_id"`
		CommentID *int64 `json:"comment_id"`
		ParentID  *int64 `json:"parent_id"`
		Own       bool   `json:"own"`
	}
	livePost struct {
		What   string   `json:"what"`
		PostID int64    `json:"post_id"`
		Feeds  []string `json:"feeds,omitempty"`
		Own    bool     `json:"own"`
	}
	liveVotes struct {
		PostID    int64  `json:"post_id"`
		CommentID *int64 `json:"comment_id"`
		Score     int64  `json:"score"`
		Ups       int64  `json:"ups"`
		Downs     int64  `json:"downs"`
	}
)

func liveData(e community.LiveEvent, listener community.ActorID) any {
	what, own := liveWhat(e.What), e.AuthorID == listener
	switch e.Kind {
	case community.LiveUnread:
		return liveUnread{e.Unread, e.Messages}
	case community.LiveComment:
		return liveComment{what, int64(e.PostID), idOrNone(e.CommentID), idOrNone(e.ParentID), own}
	case community.LivePost:
		return livePost{what, int64(e.PostID), e.Feeds, own}
	case community.LiveVotes:
		return liveVotes{int64(e.PostID), idOrNone(e.CommentID), e.Score, e.Ups, e.Downs}
	}
	return struct{}{}
}

// liveWhat is what became true, without saying again of what.
func liveWhat(kind community.FactKind) string {
	what := strings.TrimPrefix(string(kind), "comment_")
	return strings.TrimPrefix(what, "post_")
}

func idOrNone[ID ~int64](id ID) *int64 {
	if id == 0 {
		return nil
	}
	n := int64(id)
	return &n
}
