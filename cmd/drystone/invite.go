package main

import (
	"fmt"
	"time"

	"drystone/service/joining"
)

type inviteCommand struct {
	Create inviteCreate `cmd:"" help:"Make an invitation and print its link, this once."`
}

type inviteCreate struct {
	By    string `help:"Who invites, by default the first administrator." placeholder:"NAME"`
	Uses  int    `help:"How many may come by it." default:"1"`
	Days  int    `help:"For how many days it is good." default:"7"`
	Group string `help:"A group of this server that they join at once." placeholder:"NAME"`
	Note  string `help:"A note, which they read."`
}

// Run makes an invitation. Its link is the last line that is printed.
func (c inviteCreate) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	by, err := h.accounts.FirstAdmin(p.ctx)
	if c.By != "" {
		by, err = h.accounts.Find(p.ctx, c.By)
	}
	if err != nil {
		return err
	}
	code, _, err := h.joining.Invite(p.ctx, by.Actor, joining.Draft{
		Group: c.Group, Note: c.Note, Uses: c.Uses, ExpiresAt: time.Now().Add(time.Duration(c.Days) * 24 * time.Hour),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, p.config.Origin()+"/invite/"+code)
	return nil
}
