package demo

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// settleDown does at once what a server does later: it folds the counters,
// tells people what concerns them, and lets the reader that announces things
// to the fediverse pass by all of it.
func (m *move) settleDown(ctx context.Context) error {
	const most = 5000
	if err := m.Posts.TurnPolls(ctx, 0); err != nil {
		return err
	}
	for {
		n, err := m.tx.Fold(ctx, most)
		if err != nil {
			return err
		}
		if n < most {
			break
		}
	}
	if err := m.read(ctx, "facts:notifications", m.Notifications.Read); err != nil {
		return err
	}
	nothing := func(context.Context, *storage.DB, []community.Fact) error { return nil }
	if err := m.read(ctx, "facts:federation", nothing); err != nil {
		return err
	}
	for _, name := range []string{"alice", "bob"} {
		if err := m.readMail(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// read takes a reader past every fact. A server that runs on this database
// holds the reader's lease; it is taken from it, and when the server notices
// it takes the lease back and goes on after the demo.
func (m *move) read(ctx context.Context, name string, handle func(context.Context, *storage.DB, []community.Fact) error) error {
	const worker = "demo"
	end := m.Now.AddDate(1, 0, 0)
	if held, err := m.tx.Lease(ctx, name, worker, end, end); err != nil {
		return err
	} else if !held {
		return fault.New(fault.Unavailable, "The server that uses this database does not let go of %s. Stop it and try again.", name)
	}
	start, err := m.tx.Position(ctx, name)
	if err != nil {
		return err
	}
	position := start
	for {
		if err := m.tx.NumberFacts(ctx); err != nil {
			return err
		}
		facts, err := m.tx.Facts(ctx, position, 1000)
		if err != nil {
			return err
		}
		if len(facts) == 0 {
			break
		}
		if err := handle(ctx, m.tx, facts); err != nil {
			return err
		}
		position = facts[len(facts)-1].ID
	}
	if position > start {
		if err := m.tx.Advance(ctx, name, worker, position); err != nil {
			return err
		}
	}
	return m.tx.Release(ctx, name, worker)
}

// readMail marks what somebody was told before yesterday as seen.
func (m *move) readMail(ctx context.Context, name string) error {
	who, err := m.Accounts.Find(ctx, name)
	if err != nil {
		return err
	}
	page := community.Page{Limit: community.MaxLimit}
	for {
		list, next, err := m.tx.Notifications(ctx, who.Account, m.Now, community.NoticeQuery{Page: page})
		if err != nil {
			return err
		}
		for _, n := range list {
			if m.Now.Sub(n.CreatedAt) > 30*time.Hour {
				return m.Notifications.MarkRead(ctx, who.Account, n.ID)
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}
