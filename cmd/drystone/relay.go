package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"drystone/community"
	"drystone/service/relays"
)

type relayCommand struct {
	List  relayList  `cmd:"" help:"List the relays that this server is subscribed to."`
	Join  relayJoin  `cmd:"" help:"Subscribe to a relay: send it public posts, and look at what it names."`
	Leave relayLeave `cmd:"" help:"End a subscription."`
}

type relayList struct{}

// Run lists relays.
func (relayList) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	list, err := p.relays(h).List(p.ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RELAY\tSTYLE\tSTATE\tSINCE")
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Address, r.Style, r.State, r.CreatedAt.Format(time.DateOnly))
	}
	return table.Flush()
}

func (p *program) relays(h *house) *relays.Service {
	return &relays.Service{DB: h.db, Origin: p.config.Origin(), Now: time.Now}
}

type relayAddress struct {
	Address string `arg:"" help:"The relay's inbox (https://relay.example/inbox), or its actor (https://relay.example/actor)."`
}

// asServer does something about a relay in the name of this server.
func (p *program) asServer(do func(context.Context, *house, *community.Actor) error) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	server, err := h.accounts.Instance(p.ctx)
	if err != nil {
		return err
	}
	return do(p.ctx, h, server)
}

type relayJoin struct{ relayAddress }

// Run subscribes.
func (c relayJoin) Run(p *program) error {
	return p.asServer(func(ctx context.Context, h *house, server *community.Actor) error {
		fediverse, err := p.neighbours(h)
		if err != nil {
			return err
		}
		relay, err := fediverse.RelayAt(ctx, c.Address)
		if err != nil {
			return err
		}
		if err := p.relays(h).Subscribe(ctx, server, relay); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s is asked once the server runs; drystone relay list says what it answered.\n", c.Address)
		return nil
	})
}

type relayLeave struct{ relayAddress }

// Run unsubscribes.
func (c relayLeave) Run(p *program) error {
	return p.asServer(func(ctx context.Context, h *house, server *community.Actor) error {
		if err := p.relays(h).Leave(ctx, server, c.Address); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "This server is no longer subscribed to %s.\n", c.Address)
		return nil
	})
}
