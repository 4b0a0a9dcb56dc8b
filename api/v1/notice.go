package v1

import (
	"context"
	"encoding/base64"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/service/notifications"
	"drystone/service/notifications/webpush"
)

// noticeRoutes is the part of the table of contents about how the caller is
// told of what concerns them.
func (a *API) noticeRoutes() {
	s := section("Me")
	do(a, s.post("/notifications/{id}/read", "readNotification", "Mark one notification as seen").signedIn().early().fails(fault.NotFound).
		says("With what is told together with it: what happened at the same place on that day, until then."), a.markSeen)
	handle(a, s.get("/me/notices", "listNotices", "How I am told of what concerns me").signedIn(), a.Notices)
	do(a, s.put("/me/notices/{topic}", "setNotice", "Say how I am told of something").signedIn().limited(a.limits.write).
		says("Of the security of my account I am always told."), a.setNotice)

	handle(a, s.get("/me/push", "getPush", "Whether this browser rings").signedIn(), a.push)
	do(a, s.put("/me/push", "setPush", "Have this browser ring").signedIn().limited(a.limits.write).
		says("Web push: what PushSubscription.toJSON() says, made with the key of GET /me/push. It rings as long as the session lasts."), a.setPush)
	do(a, s.delete("/me/push", "deletePush", "Have this browser ring no more").signedIn(), a.deletePush)

	s = section("Posts")
	handle(a, s.get("/posts/{id}/watch", "getPostWatch", "How much I hear of a thread").signedIn().fails(fault.NotFound), a.postWatch)
	do(a, s.put("/posts/{id}/watch", "watchPost", "Say how much I hear of a thread").signedIn().limited(a.limits.write).fails(fault.NotFound).
		says("all: of every comment; replies: of what concerns me; nothing: not even of that. What is said of a thread goes before what is said of its group."), a.watchPost)
	s = section("Groups")
	handle(a, s.get("/groups/{group}/watch", "getGroupWatch", "How much I hear of a group").signedIn().fails(fault.NotFound), a.groupWatch)
	do(a, s.put("/groups/{group}/watch", "watchGroup", "Say how much I hear of a group").signedIn().limited(a.limits.write).fails(fault.NotFound, fault.Forbidden).
		says("all: of every new post; replies: of what concerns me; nothing: not even of that."), a.watchGroup)
}

// NotificationsQuery asks for notifications.
type NotificationsQuery struct {
	Unread  bool `query:"unread" doc:"Only what was not seen."`
	Grouped bool `query:"grouped" doc:"What happened at the same place on a day as one, with others and people."`
	Paging
}

// Notifications lists what concerns the caller, newest first.
func (a *API) Notifications(ctx context.Context, c *Caller, q *NotificationsQuery) (List[Notification], error) {
	rows, next, err := a.Options.Notifications.List(ctx, c.Who.Account, community.NoticeQuery{Unread: q.Unread, Bundled: q.Grouped, Page: q.page()})
	return listOf(rows, next, notificationOf), err
}

type notificationPath struct {
	ID int64 `path:"id" example:"7"`
}

func (a *API) markSeen(ctx context.Context, c *Caller, req *notificationPath) error {
	return a.Options.Notifications.MarkSeen(ctx, c.Who.Account, community.NotificationID(req.ID))
}

// Notices is how somebody is told.
type Notices struct {
	Topics []Notice `json:"topics" nullable:"false"`
	Mail   bool     `json:"mail" doc:"Letters can reach them: this server sends mail, and they have a verified address."`
}

// A Notice is how somebody is told of one topic.
type Notice struct {
	Topic community.NoticeTopic `json:"topic" enum:"replies,mentions,watched,votes,follows,polls,groups,moderation,tasks"`
	NoticeWays
}

// NoticeWays are the ways to tell somebody.
type NoticeWays struct {
	Page bool              `json:"page" doc:"On the page of notifications, which is told of at once."`
	Push bool              `json:"push" doc:"In browsers that were allowed to ring; not in quiet hours."`
	Mail community.MailWay `json:"mail" enum:"off,daily,now" doc:"daily: one letter a day, of what was not seen by then; now: a letter each time. Not in quiet hours."`
}

// Notices answers how the caller is told of what concerns them.
func (a *API) Notices(ctx context.Context, c *Caller, _ *struct{}) (Notices, error) {
	list, err := a.Options.Notifications.Choices(ctx, c.Who.Account)
	if err != nil {
		return Notices{}, err
	}
	return Notices{Mail: a.Options.Notifications.Mails(c.Who.Account), Topics: each(list, func(choice community.NoticeChoice) Notice {
		return Notice{choice.Topic, NoticeWays{choice.Page, choice.Push, choice.Mail}}
	})}, nil
}

type setNoticeRequest struct {
	Topic string `path:"topic" maxLength:"40" example:"replies"`
	Body  NoticeWays
}

func (a *API) setNotice(ctx context.Context, c *Caller, req *setNoticeRequest) error {
	return a.Options.Notifications.Choose(ctx, c.Who.Account, community.NoticeChoice{
		Topic: community.NoticeTopic(req.Topic), Page: req.Body.Page, Push: req.Body.Push, Mail: req.Body.Mail,
	})
}

// Watch is how much somebody hears of a thread or group.
type Watch struct {
	Level community.WatchLevel `json:"level" enum:"all,replies,nothing"`
}

func (a *API) postWatch(ctx context.Context, c *Caller, req *PostPath) (Watch, error) {
	post, err := a.Posts.Find(ctx, c.Reader(), req.id())
	if err != nil {
		return Watch{}, err
	}
	level, _, err := a.Options.Notifications.Watched(ctx, c.Who.Account, post.ID, post.GroupID)
	return Watch{level}, err
}

type watchPostRequest struct {
	PostPath
	Body Watch
}

func (a *API) watchPost(ctx context.Context, c *Caller, req *watchPostRequest) error {
	return a.Options.Notifications.WatchPost(ctx, c.Who.Actor, c.Who.Account, req.id(), req.Body.Level)
}

func (a *API) groupWatch(ctx context.Context, c *Caller, req *GroupPath) (Watch, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Watch{}, err
	}
	_, level, err := a.Options.Notifications.Watched(ctx, c.Who.Account, 0, g.ID)
	return Watch{level}, err
}

type watchGroupRequest struct {
	GroupPath
	Body Watch
}

func (a *API) watchGroup(ctx context.Context, c *Caller, req *watchGroupRequest) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.Options.Notifications.WatchGroup(ctx, c.Who.Actor, c.Who.Account, g.ID, req.Body.Level)
}

// A Farewell is what a letter's link ends, in words.
type Farewell struct{ Name, About string }

// topicWords are topics in the words of a page.
var topicWords = map[community.NoticeTopic]string{
	community.AboutReplies: "answers", community.AboutMentions: "mentions and quotes", community.AboutVotes: "votes",
	community.AboutFollows: "who follows you", community.AboutWatched: "threads and groups that you watch", community.AboutGroups: "your place in groups",
	community.AboutPolls: "polls", community.AboutModeration: "moderation", community.AboutTasks: "what waits for you as a moderator",
}

func farewellOf(u *notifications.Unsubscription) Farewell {
	about := "what concerns you"
	if len(u.Topics) == 1 {
		about = topicWords[u.Topics[0]]
	}
	return Farewell{u.Actor.Name, about}
}

// Unsubscription says what a letter's link ends, for a page.
func (a *API) Unsubscription(ctx context.Context, c *Caller, token string) (Farewell, error) {
	if err := count(a.limits.read, c); err != nil {
		return Farewell{}, err
	}
	u, err := a.Options.Notifications.Unsubscription(ctx, token)
	if err != nil {
		return Farewell{}, err
	}
	return farewellOf(u), nil
}

// Unsubscribe ends it.
func (a *API) Unsubscribe(ctx context.Context, c *Caller, token string) (Farewell, error) {
	if err := count(a.limits.change, c); err != nil {
		return Farewell{}, err
	}
	u, err := a.Options.Notifications.Unsubscribe(ctx, token)
	if err != nil {
		return Farewell{}, err
	}
	return farewellOf(u), nil
}

// Push is whether a browser rings.
type Push struct {
	Key string `json:"key" doc:"The applicationServerKey: base64url without padding."`
	On  bool   `json:"on" doc:"This session's browser rings."`
}

func (a *API) push(ctx context.Context, c *Caller, _ *struct{}) (p Push, err error) {
	if p.Key, err = a.Options.Notifications.PushKey(ctx); err != nil {
		return Push{}, err
	}
	p.On, err = a.Options.Notifications.Rings(ctx, c.Who.Session)
	return p, err
}

type setPushRequest struct {
	Body PushDraft
}

// PushDraft is with what a browser rings.
type PushDraft struct {
	Endpoint string   `json:"endpoint" maxLength:"2000"`
	Keys     PushKeys `json:"keys"`
}

// PushKeys are a browser's keys, in base64url.
type PushKeys struct {
	P256dh string `json:"p256dh" maxLength:"200"`
	Auth   string `json:"auth" maxLength:"100"`
}

func (a *API) setPush(ctx context.Context, c *Caller, req *setPushRequest) error {
	b := webpush.Browser{Endpoint: req.Body.Endpoint}
	var err error
	if b.P256dh, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(req.Body.Keys.P256dh, "=")); err == nil {
		b.Auth, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(req.Body.Keys.Auth, "="))
	}
	if err != nil {
		return fault.Field("keys", "These are no keys of a browser.")
	}
	return a.Options.Notifications.RingIn(ctx, c.Who.Session, b)
}

func (a *API) deletePush(ctx context.Context, c *Caller, _ *struct{}) error {
	return a.Options.Notifications.RingOut(ctx, c.Who.Session)
}
