package demo

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/moderation"
	"drystone/service/posts"
)

// thread plans a post, its answers, and what becomes of them.
func (m *move) thread(plan *timeline, t *thread) {
	key := t.group + "/" + t.title
	at := m.ago(t.age)
	post := new(community.Post)
	plan.add(at, func(ctx context.Context) (err error) {
		by, group, err := m.both(t.by, t.group)
		if err != nil {
			return err
		}
		draft := posts.Draft{Title: t.title, Body: t.body, Link: t.link, Language: t.language}
		m.asSent(by, "post", key, &draft)
		draft.Poll, draft.Event = t.poll.asked(at), t.date.event(m.Now)
		if asks := strings.HasSuffix(t.title, "?") && draft.Poll == nil && draft.Event == nil; asks {
			draft.Question = &asks
		}
		m.done.Posts++
		post, err = m.Posts.Publish(ctx, by, group, draft)
		m.said[key] = &said{post: post}
		return err
	})
	if t.edit != "" {
		plan.add(at.Add(t.editAfter), func(ctx context.Context) error {
			by, err := m.actor(t.by)
			if err != nil {
				return err
			}
			_, err = m.Posts.Edit(ctx, by, post.ID, m.change(by, post.IRI, t.edit))
			return err
		})
	}
	m.carried(plan, t, at, func() community.PostID { return post.ID })
	m.polled(plan, t, key, at, func() community.PostID { return post.ID })
	m.received(plan, &matter{
		key: key, by: t.by, at: at, until: m.Now, heard: t.heard.or(key, 3, 15),
		subject: func() community.Subject { return post.Subject() },
	})
	m.answers(plan, t, key, at, func() community.PostID { return post.ID })
}

// said is an answer with the time at which it is made and, once it is, the
// comment that it became.
type said struct {
	*answer
	at      time.Time
	post    *community.Post // instead of an answer
	comment *community.Comment
}

func (m *move) answers(plan *timeline, t *thread, key string, start time.Time, post func() community.PostID) {
	all := map[*answer]*said{nil: {at: start, comment: new(community.Comment)}}
	for i, a := range t.answers {
		above := all[a.parent]
		key := fmt.Sprintf("%s/%d", key, i)
		s := &said{answer: a, at: above.at.Add(a.after)}
		if a.after == 0 {
			s.at = later(above.at, m.Now, 80*time.Minute, key)
		}
		all[a] = s
		plan.add(s.at, func(ctx context.Context) error {
			by, err := m.actor(a.by)
			if err != nil {
				return err
			}
			draft := posts.Draft{Body: a.body, Language: t.language}
			m.asSent(by, "comment", key, &draft)
			m.done.Comments++
			s.comment, err = m.Posts.Comment(ctx, by, post(), above.comment.ID, draft)
			m.said[t.group+"/"+t.title+"\n"+a.by] = s
			return err
		})
		m.aftermath(plan, t, s, key)
	}
}

// aftermath plans what becomes of an answer.
func (m *move) aftermath(plan *timeline, t *thread, s *said, key string) {
	until := m.Now
	if s.edit != "" {
		plan.add(s.at.Add(s.editAfter), func(ctx context.Context) error {
			by, err := m.actor(s.by)
			if err != nil {
				return err
			}
			_, err = m.Posts.EditComment(ctx, by, s.comment.ID, m.change(by, s.comment.IRI, s.edit))
			return err
		})
	}
	if s.deleted {
		until = later(s.at, m.Now, 2*time.Hour, key, "deleted")
		plan.add(until, func(ctx context.Context) error {
			by, err := m.actor(s.by)
			if err != nil {
				return err
			}
			return m.Posts.DeleteComment(ctx, by, s.comment.ID, m.origin(by, s.comment.IRI+"#delete"))
		})
	}
	if s.removed != "" {
		until = later(s.at, m.Now, time.Hour, key, "removed")
		plan.add(until, func(ctx context.Context) error { return m.remove(ctx, t.group, s) })
	}
	if s.chosen {
		plan.add(later(s.at, m.Now, 3*time.Hour, key, "chosen"), func(ctx context.Context) error {
			by, err := m.actor(t.by)
			if err != nil {
				return err
			}
			return m.Posts.ChooseAnswer(ctx, by, s.comment.PostID, s.comment.ID, m.origin(by, s.comment.IRI+"#answer"))
		})
	}
	typical := 4.0
	if s.parent != nil {
		typical = 2.0
	}
	m.received(plan, &matter{
		key: key, by: s.by, at: s.at, until: until, heard: s.heard.or(key, 0, typical),
		subject: func() community.Subject { return s.comment.Subject() },
	})
}

// remove lets the first moderator of a group take a comment out.
func (m *move) remove(ctx context.Context, group string, s *said) error {
	by, err := m.moderatorOf(ctx, group)
	if err != nil {
		return err
	}
	return m.Moderation.RemoveComment(ctx, by, s.comment.ID, moderation.Removal{Reason: s.removed}, community.Origin{})
}

// moderatorOf is the first moderator of a group.
func (m *move) moderatorOf(ctx context.Context, group string) (*community.Actor, error) {
	g, err := m.actor(group)
	if err != nil {
		return nil, err
	}
	moderators, err := m.tx.Moderators(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	if len(moderators) == 0 {
		return nil, fault.New(fault.Internal, "Nobody moderates %s.", group)
	}
	return moderators[0], nil
}

// or fills in what was not told of an opinion: few are praised by many, and
// most displease nobody.
func (o opinion) or(key string, least int, typical float64) opinion {
	if o.ups < 0 {
		o.ups = least + int(-math.Log(1-chance(key, "ups"))*typical)
	}
	if o.downs < 0 {
		o.downs = int(math.Pow(chance(key, "downs"), 9) * 3.2)
	}
	return o
}

// A matter is what people vote on, from one time until another.
type matter struct {
	key, by   string
	at, until time.Time
	heard     opinion
	subject   func() community.Subject
}

// received plans the votes on a matter. Those who joined only later do not
// vote, so that there may be fewer than was told.
func (m *move) received(plan *timeline, x *matter) {
	ups, downs := x.heard.ups, x.heard.downs
	for _, handle := range m.shuffled(x.key) {
		value := 1
		switch {
		case handle == x.by:
			continue
		case downs > 0 && !microblog(m.softwareOf(handle)): // microblogs only like
			downs, value = downs-1, -1
		case ups > 0:
			ups--
		case downs > 0: // a microblog, and nothing left that it could say
			continue
		default:
			return
		}
		plan.add(later(x.at, x.until, 6*time.Hour, x.key, handle), func(ctx context.Context) error {
			by := m.actors[handle]
			if by == nil {
				return nil
			}
			m.done.Votes++
			vote := m.origin(by, "https://"+by.Host+"/activities/like/"+number(x.key+handle, 1e9))
			_, err := m.Votes.Cast(ctx, by, x.subject(), value, vote)
			return err
		})
	}
}
