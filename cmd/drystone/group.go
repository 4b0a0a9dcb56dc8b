package main

import (
	"fmt"
	"time"

	"drystone/service/accounts"
	"drystone/service/groups"
)

type groupCommand struct {
	Create groupCreate `cmd:"" help:"Make a group."`
}

type groupCreate struct {
	Name      string `arg:"" help:"The name, as it will be in addresses."`
	Title     string `help:"The name that people read."`
	Summary   string `help:"What it is about, in Markdown."`
	Moderator string `help:"The account that will own and moderate it; by default the first administrator."`
}

// Run makes a group.
func (c groupCreate) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	owner, err := c.owner(p, h)
	if err != nil {
		return err
	}
	group, err := h.groups.Create(p.ctx, owner.Actor, groups.Draft{Name: c.Name, Title: c.Title, Summary: c.Summary})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Made the group %s, moderated by %s: %s\n", group.Name, owner.Actor.Name, group.IRI)
	return nil
}

func (c groupCreate) owner(p *program, h *house) (*accounts.Who, error) {
	if c.Moderator == "" {
		return h.accounts.FirstAdmin(p.ctx)
	}
	return h.accounts.Find(p.ctx, c.Moderator)
}
