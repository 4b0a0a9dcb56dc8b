package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/instance"
	"drystone/service/joining"
)

// A knock is something that happens at the door of the server: somebody
// settles how people come in, invites, comes, applies, or decides about who
// applied.
type knock struct {
	kind, by string
	keys     map[string]string
	lines    []string // each line of a list: questions, or the answers to them
	body     string
	age      time.Duration
	lasts    time.Duration // of an invitation
	number   int           // of its uses; of the work that browsers do
}

// addKnock reads "= applies rosa 6d" with "name:" and "mail:" and an answer to
// each question in a list; "= invite alice 12d" with "note:", "group:",
// "uses:" and "lasts:"; "= comes linnea 11d" with the note of an "invite:".
func (s *story) addKnock(part *section) (err error) {
	if len(part.words) != 2 {
		return fmt.Errorf("what %s at the door, nobody does, or at no time", part.name)
	}
	k := &knock{kind: part.name, by: part.words[0], keys: part.keys, body: part.body}
	if k.age, err = span(part.words[1]); err != nil {
		return err
	}
	if k.lasts, err = span(part.keys["lasts"]); err != nil {
		return err
	}
	if number := part.keys["uses"] + part.keys["proof"]; number != "" {
		if k.number, err = strconv.Atoi(number); err != nil {
			return err
		}
	}
	for line := range strings.SplitSeq("\n"+part.body, "\n- ") {
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\n  ", "\n")); line != "" {
			k.lines = append(k.lines, line)
		}
	}
	s.door = append(s.door, k)
	return nil
}

// doorwork plans what happens at the door.
func (m *move) doorwork(plan *timeline, door []*knock) {
	codes := map[string]string{}           // of invitations, by their notes
	filed := map[string]*community.Actor{} // applicants, by name
	does := map[string]func(context.Context, *knock) error{
		"settle":  m.settleDoor,
		"invite":  func(ctx context.Context, k *knock) error { return m.invite(ctx, k, codes) },
		"comes":   func(ctx context.Context, k *knock) error { return m.comes(ctx, k, codes[k.keys["invite"]], filed) },
		"applies": func(ctx context.Context, k *knock) error { return m.comes(ctx, k, "", filed) },
	}
	for _, kind := range []string{"accepts", "refuses", "asks"} {
		does[kind] = func(ctx context.Context, k *knock) error { return m.decides(ctx, k, filed[k.keys["whom"]]) }
	}
	for _, k := range door {
		plan.add(m.ago(k.age), func(ctx context.Context) error {
			if do := does[k.kind]; do != nil {
				return do(ctx, k)
			}
			return fault.New(fault.Internal, "%q is nothing that the demo knows at the door.", k.kind)
		})
	}
}

// settleDoor has an administrator settle how people come in.
func (m *move) settleDoor(ctx context.Context, k *knock) error {
	by, err := m.actor(k.by)
	if err != nil {
		return err
	}
	mode := community.JoinMode(k.keys["mode"])
	change := instance.Change{Mode: &mode, Proof: &k.number}
	if inviters := community.Inviters(k.keys["inviters"]); inviters != "" {
		change.Inviters = &inviters
	}
	if len(k.lines) > 0 {
		var questions []community.Question
		for _, line := range k.lines {
			questions = append(questions, community.Question{Text: line, Required: true})
		}
		change.Questions = &questions
	}
	_, err = m.Instance.Settle(ctx, by, change)
	return err
}

func (m *move) invite(ctx context.Context, k *knock, codes map[string]string) error {
	by, err := m.actor(k.by)
	if err != nil {
		return err
	}
	code, _, err := m.Joining.Invite(ctx, by, joining.Draft{
		Group: k.keys["group"], Note: k.keys["note"], Uses: k.number, ExpiresAt: m.Clock.at.Add(k.lasts),
	})
	codes[k.keys["note"]] = code
	return err
}

// comes has somebody make an account by themselves: by an invitation, or with
// an application that waits.
func (m *move) comes(ctx context.Context, k *knock, code string, filed map[string]*community.Actor) error {
	who, err := m.Accounts.SignUp(ctx, accounts.SignUp{
		Name: k.by, Title: k.keys["name"], Password: Password, Email: k.keys["mail"],
		Entry: accounts.Entry{Invite: code, Answers: k.lines, Listed: true, Searched: true},
	})
	if err != nil {
		return err
	}
	if code == "" {
		filed[k.by] = who.Actor
		return nil
	}
	m.done.People++
	m.actors[k.by] = who.Actor
	return nil
}

// decides has a reviewer decide about an application, or ask something back.
func (m *move) decides(ctx context.Context, k *knock, whom *community.Actor) error {
	by, err := m.actor(k.by)
	if err != nil {
		return err
	}
	if whom == nil {
		return fault.New(fault.Internal, "Nobody called %q applied when %s decides.", k.keys["whom"], k.by)
	}
	a, err := m.Joining.Mine(ctx, whom)
	if err != nil {
		return err
	}
	switch k.kind {
	case "accepts":
		m.done.People++
		_, err = m.Joining.Accept(ctx, by, a.ID)
	case "refuses":
		_, err = m.Joining.Refuse(ctx, by, a.ID, k.body)
	default:
		_, err = m.Joining.Ask(ctx, by, a.ID, k.body)
	}
	return err
}
