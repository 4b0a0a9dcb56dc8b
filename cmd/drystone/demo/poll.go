package demo

import (
	"context"
	"time"

	"drystone/community"
)

// asked is the poll as its author publishes it.
func (p *poll) asked(at time.Time) *community.Poll {
	if p == nil {
		return nil
	}
	asked := &community.Poll{Multiple: p.several, ClosesAt: community.Timestamp(at.Add(p.open))}
	for _, o := range p.options {
		asked.Options = append(asked.Options, community.PollOption{Text: o.text})
	}
	return asked
}

// polled plans the votes in the poll of a thread. Where several options can be
// chosen, those who vote first choose from each that still lacks votes. Who
// joined only later, or may not write there, does not vote.
func (m *move) polled(plan *timeline, t *thread, key string, at time.Time, post func() community.PostID) {
	if t.poll == nil {
		return
	}
	left := make([]int, len(t.poll.options))
	for i, o := range t.poll.options {
		left[i] = o.votes
	}
	until := at.Add(t.poll.open)
	if m.Now.Before(until) {
		until = m.Now
	}
	for _, handle := range m.shuffled(key + "/poll") {
		chosen := t.poll.choice(left, key, handle)
		if len(chosen) == 0 {
			return
		}
		plan.add(later(at, until, 10*time.Hour, key, handle, "poll"), func(ctx context.Context) error {
			by := m.actors[handle]
			if by == nil {
				return nil
			}
			poll, err := m.tx.Poll(ctx, post())
			if err != nil {
				return err
			}
			var options []community.OptionID
			for _, i := range chosen {
				options = append(options, poll.Options[i].ID)
			}
			return m.Posts.VotePoll(ctx, by, poll.PostID, options, m.origin(by, by.IRI+"#votes/"+number(key+handle, 1e9)))
		})
	}
}

// choice is what somebody chooses of the options that lack votes, and counts
// it.
func (p *poll) choice(left []int, key, handle string) (chosen []int) {
	sum := 0
	for _, n := range left {
		sum += n
	}
	if sum == 0 {
		return nil
	}
	at := int(chance(key, handle, "choice") * float64(sum))
	for i, n := range left {
		if at >= 0 && at < n || p.several && n > 0 && chance(key, handle, p.options[i].text) < 0.5 {
			chosen = append(chosen, i)
			left[i]--
		}
		at -= n
	}
	return chosen
}
