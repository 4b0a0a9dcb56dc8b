package main

import (
	"context"
	"fmt"
	"time"
)

// startPart measures how long the program takes to answer on a database that
// is there, and what it holds when nothing happens.
func startPart(ctx context.Context, s settings, targets []*target) error {
	for _, t := range targets {
		t, err := t.fresh(ctx, "start")
		if err != nil {
			return err
		}
		if err := t.db.Close(); err != nil {
			return err
		}
		server, err := serverOn(s, t)
		if err != nil {
			return err
		}
		var took, memory, idle series
		// The first start makes the instance's key.
		for round := range s.rounds + 1 {
			start, err := server.start(ctx)
			if err != nil {
				return err
			}
			if round > 0 {
				took.add(float64(start.Microseconds()) / 1000)
				cpu := server.cpu()
				time.Sleep(5 * time.Second)
				memory.add(server.resident())
				idle.add(float64((server.cpu() - cpu).Microseconds()) / 5000)
			}
			if err := server.stop(); err != nil {
				return err
			}
		}
		fmt.Printf("start      %-9s %v ms until the first good answer; idle after 5 s: %v MB, %v ms CPU a second\n", t.name, took, memory, idle)
	}
	fmt.Println()
	return nil
}
