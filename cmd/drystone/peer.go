package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"drystone/community"
	"drystone/service/peers"
)

type peerCommand struct {
	List         peerList         `cmd:"" help:"List other servers, and how deliveries to them go."`
	Retry        peerRetry        `cmd:"" help:"Try the next delivery to a server at once."`
	Pause        peerPause        `cmd:"" help:"Hold deliveries to a server back."`
	Resume       peerResume       `cmd:"" help:"Deliver to a server again."`
	Forget       peerForget       `cmd:"" help:"Let go of a server that will not come back."`
	Votes        peerVotes        `cmd:"" help:"List the servers on whose word votes count."`
	DiscardVotes peerDiscardVotes `cmd:"" help:"Forget the votes that a server's groups passed on."`
}

type peerList struct {
	State string `enum:",well,failing,dormant,paused" default:"" help:"Only those in this state (well, failing, dormant or paused)."`
}

// Run lists servers.
func (c peerList) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVER\tSOFTWARE\tSTATE\tFOLLOWERS\tWAITING\tLAST ERROR")
	query := community.PeerQuery{State: community.PeerState(c.State), Page: community.Page{Limit: community.MaxLimit}}
	for {
		list, next, err := h.peers.List(p.ctx, query)
		if err != nil {
			return err
		}
		for _, v := range list {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\n", v.Host, v.Software, v.State(time.Now()), v.Followers, v.Waiting, v.LastError)
		}
		if next == "" {
			return table.Flush()
		}
		query.After = next
	}
}

// A peerHost is the server that a command is about.
type peerHost struct {
	Host string `arg:"" help:"The server, as in its addresses: lemmy.example."`
}

// do does something about the server and says so.
func (c peerHost) do(p *program, what func(*peers.Service) func(context.Context, string) error, done string) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	if err := what(h.peers)(p.ctx, c.Host); err != nil {
		return err
	}
	fmt.Fprintf(p.out, done+"\n", c.Host)
	return nil
}

type peerRetry struct{ peerHost }

// Run has a server tried again.
func (c peerRetry) Run(p *program) error {
	return c.do(p, func(s *peers.Service) func(context.Context, string) error { return s.Retry }, "%s is tried again at once.")
}

type peerPause struct{ peerHost }

// Run holds deliveries back.
func (c peerPause) Run(p *program) error {
	return c.do(p, func(s *peers.Service) func(context.Context, string) error { return s.Pause }, "Deliveries to %s are held back.")
}

type peerResume struct{ peerHost }

// Run ends a pause.
func (c peerResume) Run(p *program) error {
	return c.do(p, func(s *peers.Service) func(context.Context, string) error { return s.Resume }, "Deliveries to %s go on.")
}

type peerForget struct{ peerHost }

// Run forgets a server.
func (c peerForget) Run(p *program) error {
	return c.do(p, func(s *peers.Service) func(context.Context, string) error { return s.Forget },
		"Nobody on %s follows anybody here any more, and nothing waits for it. What its people wrote stays.")
}

type peerVotes struct{}

// Run lists on whose word how many votes count.
func (peerVotes) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	list, err := h.db.Vouchers(p.ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVER\tVOTES\tBY PEOPLE ELSEWHERE")
	for _, v := range list {
		fmt.Fprintf(table, "%s\t%d\t%d\n", v.Host, v.Votes, v.Others)
	}
	return table.Flush()
}

type peerDiscardVotes struct {
	Host string `arg:"" help:"The server, as in its addresses: lemmy.example."`
}

// Run discards votes. A server that is running shows the new scores within a
// second or two.
func (c peerDiscardVotes) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	n, err := h.votes.Discard(p.ctx, c.Host)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Forgot %d votes that were taken on the word of %s.\n", n, c.Host)
	return nil
}
