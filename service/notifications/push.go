package notifications

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"drystone/community"
	"drystone/fault"
	"drystone/service/notifications/webpush"
	"drystone/storage"
)

// PushKey is the key by which browsers know that what rings is from here. It
// is made when it is first needed, and never again: browsers hold on to it.
func (s *Service) PushKey(ctx context.Context) (_ string, err error) {
	defer fault.Wrap(&err, "notifications.PushKey")
	key, err := s.pushKey(ctx)
	if err != nil {
		return "", err
	}
	return key.Public()
}

func (s *Service) pushKey(ctx context.Context) (*webpush.Key, error) {
	fresh, err := webpush.NewKey()
	if err != nil {
		return nil, err
	}
	der, err := s.DB.SecretOf(ctx, "push", fresh)
	if err != nil {
		return nil, err
	}
	return webpush.ParseKey(der)
}

// Rings reports whether a session's browser rings.
func (s *Service) Rings(ctx context.Context, session *community.Session) (_ bool, err error) {
	defer fault.Wrap(&err, "notifications.Rings(%d)", session.ID)
	list, err := s.DB.Pushes(ctx, session.AccountID)
	for _, p := range list {
		if p.SessionID == session.ID {
			return true, err
		}
	}
	return false, err
}

// RingIn has a session's browser ring from now on.
func (s *Service) RingIn(ctx context.Context, session *community.Session, b webpush.Browser) (err error) {
	defer fault.Wrap(&err, "notifications.RingIn(%d)", session.ID)
	if session.Kind != community.BrowserSession {
		return fault.New(fault.Forbidden, "Only a browser rings.")
	}
	if err := community.CheckEndpoint(b.Endpoint, s.Insecure); err != nil {
		return err
	}
	if err := b.Check(); err != nil {
		return fault.Because(err, fault.Invalid, "These are no keys of a browser.")
	}
	return s.DB.SavePush(ctx, &community.PushSubscription{
		AccountID: session.AccountID, SessionID: session.ID, Endpoint: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth, CreatedAt: community.Timestamp(s.Now()),
	})
}

// RingOut has it ring no more.
func (s *Service) RingOut(ctx context.Context, session *community.Session) (err error) {
	defer fault.Wrap(&err, "notifications.RingOut(%d)", session.ID)
	return s.DB.DropPushOf(ctx, session.ID)
}

// mostRings is how often a browser rings at once; of more it is told as one.
const mostRings = 3

// ring has an account's browsers ring for some notifications.
func (s *Service) ring(ctx context.Context, tx *storage.DB, account *community.Account, list []*community.Notification) error {
	if len(list) == 0 || s.Send == nil {
		return nil
	}
	browsers, err := tx.Pushes(ctx, account.ID)
	if err != nil || len(browsers) == 0 {
		return err
	}
	rings, err := s.rings(ctx, tx, list)
	if err != nil {
		return err
	}
	now := community.Timestamp(s.Now())
	var jobs []*community.Job
	for _, browser := range browsers {
		for _, r := range rings {
			body, err := json.Marshal(ringJob{browser.ID, r})
			if err != nil {
				return err
			}
			jobs = append(jobs, &community.Job{Kind: community.JobRing, Lane: browser.ID.Lane(), Body: body, RunAt: now, CreatedAt: now})
		}
	}
	_, err = tx.AddJobs(ctx, jobs)
	return err
}

type ringJob struct {
	Subscription community.PushID
	Ring         community.Ring
}

// rings are what browsers show of some notifications: who did what and, where
// everybody may read it, the title of the thread; never what was said.
func (s *Service) rings(ctx context.Context, tx *storage.DB, list []*community.Notification) ([]community.Ring, error) {
	byBundle := map[string]int{}
	var rings []community.Ring
	for _, n := range list {
		item, err := s.item(ctx, tx, n)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r := community.Ring{Title: ringTitle(item), Path: item.Path, Tag: "n" + strconv.FormatInt(int64(n.ID), 10)}
		if n.PostID != 0 {
			post, err := tx.Post(ctx, n.PostID)
			if err != nil {
				return nil, err
			}
			group, err := tx.Actor(ctx, post.GroupID)
			if err != nil {
				return nil, err
			}
			if !group.Closed() {
				r.Body = item.Title
			}
		}
		if n.Bundle != "" {
			r.Tag = n.Bundle
			if at, known := byBundle[n.Bundle]; known {
				rings[at] = r // the last stands for all
				continue
			}
			byBundle[n.Bundle] = len(rings)
		}
		rings = append(rings, r)
	}
	if len(rings) > mostRings {
		rings = []community.Ring{{Title: strconv.Itoa(len(list)) + " things concern you", Path: "/notifications", Tag: "many"}}
	}
	return rings, nil
}

var ringWords = map[community.NotificationKind]string{
	community.Reply: "answered you", community.Mention: "mentioned you", community.Quoted: "quoted you",
	community.Watched: "wrote in a thread that you watch", community.Posted: "wrote in a group that you watch",
	community.Followed: "follows you now", community.Courted: "asks to follow you", community.LetIn: "lets you follow them",
	community.Flagged: "reported something", community.Applied: "wants to join this server", community.Asked: "asks to join a group",
	community.Warned: "has a word of warning for you", community.Handled: "dealt with what you reported",
}

func ringTitle(item *community.LetterItem) string {
	words := ringWords[item.Kind]
	if words == "" {
		return "Something concerns you"
	}
	return item.Who + " " + words
}

// ringLife is how long a push service keeps what rings for a browser that is
// not there, in seconds.
const ringLife = 24 * 60 * 60

// Ring is the job that rings in a browser. A browser that is no more is
// forgotten.
func (s *Service) Ring(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "notifications.Ring")
	var what ringJob
	if err := json.Unmarshal(job.Body, &what); err != nil {
		return fault.Because(err, fault.Invalid, "This rings nowhere.")
	}
	p, err := s.DB.Push(ctx, what.Subscription)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(what.Ring)
	if err != nil {
		return err
	}
	body, err := webpush.Browser{Endpoint: p.Endpoint, P256dh: p.P256dh, Auth: p.Auth}.Encrypt(payload)
	if err != nil {
		return fault.Because(err, fault.Invalid, "This browser cannot be written to.")
	}
	key, err := s.pushKey(ctx)
	if err != nil {
		return err
	}
	from, err := key.Authorization(p.Endpoint, s.Origin+"/", s.Now())
	if err != nil {
		return err
	}
	status, err := s.Send(ctx, p.Endpoint, http.Header{
		"Authorization": {from}, "Content-Encoding": {"aes128gcm"}, "Ttl": {strconv.Itoa(ringLife)}, "Urgency": {"normal"},
	}, body)
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return s.DB.DropPush(ctx, p.ID)
	case status == http.StatusTooManyRequests || status >= 500:
		return fault.New(fault.Unavailable, "The push service answers %d.", status)
	case status >= 300:
		return fault.New(fault.Invalid, "The push service answers %d.", status)
	}
	return err
}
