package main

import (
	"fmt"
	"time"

	"drystone/community"
)

type keyCommand struct {
	Rotate keyRotate `cmd:"" help:"Give a person, a group or the server new keys."`
}

type keyRotate struct {
	Name        string `arg:"" help:"The name of the person or group; for the server itself, its host."`
	Compromised bool   `help:"Somebody else may have the old keys: stop using them at once."`
}

// Run asks for new keys. The server that runs makes them and tells others.
func (c keyRotate) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	actor, err := h.accounts.Rotate(p.ctx, c.Name, c.Compromised)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s gets new keys within seconds, or when the server next runs.\n", actor.IRI)
	if c.Compromised {
		fmt.Fprintln(p.out, "The old ones are dropped at once. Servers that look for new keys late, as Mbin does, may not hear this actor for a while.")
		return nil
	}
	fmt.Fprintf(p.out, "The old ones stay published until %s. Servers that look for new keys late, as Mbin does, may not hear this actor for a while.\n",
		time.Now().Add(community.KeyOverlap).UTC().Format(time.RFC1123))
	return nil
}
