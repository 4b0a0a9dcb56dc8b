package v1

import (
	"context"
	"time"

	"drystone/community"
)

// A Notification tells the caller of something that concerns them.
type Notification struct {
	ID        int64                      `json:"id"`
	Kind      community.NotificationKind `json:"kind" enum:"reply,mention,watched,posted,votes,moderation,thread_moved,join_request,join_accepted,join_refused,follow_request,follow,follow_accepted,application,application_asked,application_accepted,application_refused,banned,unbanned,moderator,no_moderator,passkey_copied,recovery_code_used,password_changed,group_moved,moved_in,role_moved,poll,answer,quote,report,report_handled,warning,picture_taken,group_offered,group_handed_over,group_claimed,claim,claim_refused,role,role_ended,role_review,schedule_failed"`
	Actor     Actor                      `json:"actor" doc:"Who did it."`
	Post      *NotedPost                 `json:"post,omitempty"`
	Comment   *NotedComment              `json:"comment,omitempty"`
	Group     *Actor                     `json:"group,omitempty" doc:"Where it is about a group as a whole, and where a thread was moved to. A ban without one is from this server."`
	Quote     *NotedQuote                `json:"quote,omitempty" doc:"Of kind quote, as long as it stands."`
	Report    *NotedReport               `json:"report,omitempty"`
	Warning   *NotedWarning              `json:"warning,omitempty"`
	Reason    string                     `json:"reason,omitempty" doc:"Of kind picture_taken: why."`
	Role      *NotedRole                 `json:"role,omitempty" doc:"That one was given, or that is to be looked at again."`
	Others    int                        `json:"others,omitempty" doc:"How many people did the same beside the actor, where what happened at one place is told as one."`
	People    []Actor                    `json:"people,omitempty" doc:"Some of these others, the last first."`
	Votes     int                        `json:"votes,omitempty" doc:"Of kind votes: how many upvotes."`
	Things    int                        `json:"things,omitempty" doc:"Of kind votes: on how many posts and comments more than the one named."`
	CreatedAt time.Time                  `json:"created_at"`
	Read      bool                       `json:"read"`
}

// A NotedPost is the post that a notification is about.
type NotedPost struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// A NotedComment is the comment that a notification is about.
type NotedComment struct {
	ID   int64  `json:"id"`
	URL  string `json:"url"`
	HTML string `json:"html"`
}

// A NotedQuote is the quote that a notification is about.
type NotedQuote struct {
	ID  int64  `json:"id"`
	URL string `json:"url" doc:"What quotes."`
}

// A NotedReport is the report that a notification is about.
type NotedReport struct {
	ID    int64                 `json:"id"`
	State community.ReportState `json:"state" enum:"open,resolved,rejected,withdrawn"`
	Note  string                `json:"note,omitempty" doc:"To its reporter: what the one who dealt with it said."`
}

// A NotedWarning is the warning that a notification brings.
type NotedWarning struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason" doc:"Plain text."`
}

// A NotedRole is the role that a notification is about.
type NotedRole struct {
	Name   string     `json:"name"`
	EndsAt *time.Time `json:"ends_at" doc:"Null: until somebody ends it."`
}

func notificationOf(v *community.NotificationView) Notification {
	n := Notification{
		ID: int64(v.ID), Kind: v.Kind, Actor: actorOf(v.Actor), CreatedAt: instant(v.CreatedAt), Read: v.Read, Reason: v.Reason,
	}
	n.Others, n.People = v.Others, each(v.People, actorOf)
	if v.Kind == community.Voted {
		n.Votes, n.Things = v.Many, int(v.ItemID)
	}
	// Words that were taken back or down since are not told on.
	if p := v.Post; p != nil {
		n.Post = &NotedPost{ID: int64(p.ID), Title: p.Title, URL: p.IRI}
		if p.Hidden() {
			n.Post.Title = ""
		}
	}
	if c := v.Comment; c != nil {
		n.Comment = &NotedComment{ID: int64(c.ID), URL: c.IRI, HTML: pictured("comment", int64(c.ID), c.HTML)}
		if c.Hidden() {
			n.Comment.HTML = ""
		}
	}
	if v.Group != nil {
		group := actorOf(v.Group)
		n.Group = &group
	}
	if q := v.Quote; q != nil {
		n.Quote = &NotedQuote{ID: int64(q.ID), URL: q.Instrument}
	}
	if r := v.Report; r != nil {
		n.Report = &NotedReport{ID: int64(r.ID), State: r.State}
		if v.Kind == community.Handled && r.Told {
			n.Report.Note = r.Note
		}
	}
	if g := v.Grant; g != nil {
		n.Role = &NotedRole{Name: g.Role.Name, EndsAt: maybe(g.EndsAt)}
	}
	if w := v.Warning; w != nil {
		n.Warning = &NotedWarning{ID: int64(w.ID), Reason: w.Reason}
	}
	return n
}

type readRequest struct {
	Body ReadUpTo
}

// ReadUpTo says what was seen.
type ReadUpTo struct {
	UpTo int64 `json:"up_to" doc:"The newest notification that was seen."`
}

// MarkRead marks what was told until one notification as seen, for a form.
func (a *API) MarkRead(ctx context.Context, c *Caller, upTo int64) error {
	return a.Options.Notifications.MarkRead(ctx, c.Who.Account, community.NotificationID(upTo))
}

func (a *API) markRead(ctx context.Context, c *Caller, req *readRequest) error {
	return a.MarkRead(ctx, c, req.Body.UpTo)
}
