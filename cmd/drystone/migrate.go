package main

import (
	"fmt"

	"drystone/migrations"
	"drystone/storage"
)

type migrateCommand struct {
	List bool `help:"Only list the steps, and which are done."`
}

// Run brings the database up to date and prints the steps.
func (c migrateCommand) Run(p *program) error {
	db, err := storage.Open(p.ctx, p.config.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	if c.List {
		return list(p, db)
	}
	applied, err := migrations.Apply(p.ctx, db.Bun())
	if err != nil {
		return err
	}
	for _, name := range applied {
		fmt.Fprintln(p.out, "applied", name)
	}
	if len(applied) == 0 {
		fmt.Fprintln(p.out, "The database is up to date.")
	}
	return nil
}

func list(p *program, db *storage.DB) error {
	steps, err := migrations.Status(p.ctx, db.Bun())
	if err != nil {
		return err
	}
	for _, step := range steps {
		state := "to do"
		if !step.AppliedAt.IsZero() {
			state = "done " + step.AppliedAt.UTC().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(p.out, "%-40s %s\n", step.Name, state)
	}
	return nil
}
