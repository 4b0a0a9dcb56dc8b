package main

import (
	"fmt"
	"text/tabwriter"
	"time"
)

type peerCommand struct {
	Votes        peerVotes        `cmd:"" help:"List the servers on whose word votes count."`
	DiscardVotes peerDiscardVotes `cmd:"" help:"Forget the votes that a server's groups passed on."`
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
