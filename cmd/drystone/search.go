package main

import (
	"fmt"
	"time"

	"drystone/storage"
)

type searchCommand struct {
	Rebuild rebuildCommand `cmd:"" help:"Read the words of everything again. What was interrupted goes on where it was; so does the server, by itself."`
}

type rebuildCommand struct {
	Anew bool `help:"Begin from the beginning, even if another rebuild has not come to its end."`
}

// Run reads all words again and tells how far it has come. The server may run
// meanwhile.
func (c rebuildCommand) Run(p *program) error {
	db, err := storage.Open(p.ctx, p.config.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.RebuildWords(p.ctx, c.Anew); err != nil {
		return err
	}
	all, err := db.UnreadWords(p.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d to read.\n", all)
	const most = 500
	told := time.Now()
	for done := 0; ; {
		n, err := db.IndexWords(p.ctx, most)
		if err != nil {
			return err
		}
		if n == 0 {
			fmt.Fprintln(p.out, "All words are known.")
			return nil
		}
		if done += n; time.Since(told) > 2*time.Second {
			told = time.Now()
			fmt.Fprintf(p.out, "%d of about %d\n", done, max(all, int64(done)))
		}
	}
}
