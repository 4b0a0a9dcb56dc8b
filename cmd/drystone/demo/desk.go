package demo

import (
	"context"
	"fmt"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/messages"
	"drystone/service/reports"
)

// A paper is something that only some people read: a report, a warning or a
// letter.
type paper struct {
	kind, by      string
	about, answer string // a thread, and who answered in it; nothing: the post
	to            string // of a letter; of a report "site" for the administrators
	body          string
	age           time.Duration
}

// addPaper reads "= report wren 9h", with "about:", "answer:" and "to:".
func (s *story) addPaper(part *section) error {
	if len(part.words) != 2 || part.body == "" {
		return fmt.Errorf("what is said by a %s is not said by anybody, or at no time, or nothing", part.name)
	}
	p := &paper{kind: part.name, by: part.words[0], about: part.keys["about"], answer: part.keys["answer"], to: part.keys["to"], body: part.body}
	var err error
	p.age, err = span(part.words[1])
	s.desk = append(s.desk, p)
	return err
}

// deskwork plans what people say to moderators and to each other.
func (m *move) deskwork(plan *timeline, desk []*paper) {
	for _, p := range desk {
		plan.add(m.ago(p.age), func(ctx context.Context) error {
			by, err := m.actor(p.by)
			if err != nil {
				return err
			}
			switch p.kind {
			case "report":
				return m.report(ctx, by, p)
			case "warning":
				return m.warn(ctx, by, p)
			case "letter":
				to, err := m.actor(p.to)
				if err != nil {
					return err
				}
				return m.write(ctx, by, to, p.body)
			}
			return fault.New(fault.Internal, "A %s is nothing that the demo knows.", p.kind)
		})
	}
}

// write sends a letter, by somebody who has read what they were sent.
func (m *move) write(ctx context.Context, by, to *community.Actor, body string) error {
	before, _, err := m.Messages.List(ctx, by, to, community.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(before) > 0 {
		if err := m.Messages.MarkRead(ctx, by, to, before[0].ID); err != nil {
			return err
		}
	}
	_, err = m.Messages.Send(ctx, by, to, messages.Draft{Body: body})
	return err
}

// subject is what a paper is about.
func (m *move) subject(p *paper) (*said, error) {
	key := p.about
	if p.answer != "" {
		key += "\n" + p.answer
	}
	if s := m.said[key]; s != nil {
		return s, nil
	}
	return nil, fault.New(fault.Internal, "Nothing was said in %q by %q when a %s is about it.", p.about, p.answer, p.kind)
}

func (m *move) report(ctx context.Context, by *community.Actor, p *paper) error {
	about, err := m.subject(p)
	if err != nil {
		return err
	}
	scope := community.ToModerators
	if p.to == "site" {
		scope = community.ToAdmins
	}
	subject := about.post.Subject
	if about.comment != nil {
		subject = about.comment.Subject
	}
	_, err = m.Reports.File(ctx, by, subject(), reports.Draft{Reason: p.body, Scope: scope})
	return err
}

// warn is about an answer, whose author is warned.
func (m *move) warn(ctx context.Context, by *community.Actor, p *paper) error {
	about, err := m.subject(p)
	if err != nil {
		return err
	}
	target, err := m.actor(p.answer)
	if err != nil {
		return err
	}
	group, err := m.tx.Actor(ctx, about.comment.GroupID)
	if err != nil {
		return err
	}
	_, err = m.Reports.Warn(ctx, by, target, reports.Warning{
		Group: group, Post: about.comment.PostID, Comment: about.comment.ID, Reason: p.body,
	})
	return err
}
