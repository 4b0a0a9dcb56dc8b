package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"drystone/community"
)

type mediaCommand struct {
	Usage mediaUsage `cmd:"" help:"Count the files that people uploaded, and the pictures of other servers that are kept here."`
	Prune mediaPrune `cmd:"" help:"Delete at once what nobody shows any more, and pictures of other servers beyond what they may take. The server does so by itself, by and by."`
}

type mediaUsage struct {
	Account string `arg:"" optional:"" help:"Count the uploads of this account alone."`
}

// Run counts files.
func (u mediaUsage) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	var owner community.ActorID
	if u.Account != "" {
		who, err := h.accounts.Find(p.ctx, u.Account)
		if err != nil {
			return err
		}
		owner = who.Actor.ID
	}
	use, err := h.db.MediaUse(p.ctx, owner)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tFILES\tMB\tOF WHICH SHOWN NOWHERE YET")
	fmt.Fprintf(table, "uploads\t%d\t%.1f\t%d\n", use.Files, megabytes(use.Bytes), use.Unclaimed)
	if owner == 0 {
		files, bytes, err := h.db.RemoteUse(p.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "pictures of other servers\t%d\t%.1f\t\n", files, megabytes(bytes))
	}
	return table.Flush()
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

type mediaPrune struct{}

// Run deletes what is not needed.
func (mediaPrune) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	uploads, err := h.media.Prune(p.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "deleted the files of %d pictures, films and sounds that nobody shows\n", uploads)
	before, _, err := h.db.RemoteUse(p.ctx)
	if err != nil {
		return err
	}
	if err := h.media.SweepRemote(p.ctx); err != nil {
		return err
	}
	after, bytes, err := h.db.RemoteUse(p.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "deleted %d pictures of other servers; %d stay, with %.1f MB\n", before-after, after, megabytes(bytes))
	return nil
}
