package main

import (
	"context"
	"fmt"
	"time"

	"drystone/cmd/drystone/demo"
	"drystone/storage"
)

type demoCommand struct{}

// Run fills an empty database with an invented community.
func (demoCommand) Run(p *program) error {
	started, clock := time.Now(), new(demo.Clock)
	silent := *p
	silent.config.SMTP = "" // nobody invented reads mail
	h, err := silent.open(clock.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	keys := demo.Ahead(ctx, newKey)
	result, err := demo.Fill(ctx, demo.Options{
		DB: h.db, Origin: p.config.Origin(), Now: started, Clock: clock,
		Wire: func(tx *storage.DB) (demo.Services, error) {
			h, err := silent.wire(tx, clock.Now)
			if err != nil {
				return demo.Services{}, err
			}
			h.accounts.NewKey, h.groups.NewKey = keys, keys
			return h.inhabited(), nil
		},
		Progress: func(line string) { fmt.Fprintln(p.out, line) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, `
Here live %d people in %d groups now, with %d posts, %d comments and %d votes (%.1f s).
It is demonstration data: everybody in it is invented, and so are the servers
that some of them live on. Do not use this database for anything else.

  %s
  sign in as alice, who administers the server and moderates garden, or as bob
  password: %s
`, result.People, result.Groups, result.Posts, result.Comments, result.Votes, time.Since(started).Seconds(), p.config.Origin(), demo.Password)
	return nil
}

// inhabited are the services by which the demo moves in: those of the house.
func (h *house) inhabited() demo.Services {
	return demo.Services{
		Accounts: h.accounts, Groups: h.groups, Posts: h.posts, Votes: h.votes, Moderation: h.moderation,
		Reports: h.reports, Messages: h.messages, Feeds: h.feeds, Notifications: h.notifications,
		Instance: h.instance, Joining: h.joining,
	}
}
