package main

import "drystone/fault"

type demoCommand struct{}

// Run fills an empty database.
func (demoCommand) Run(*program) error { return fault.New(fault.Unavailable, "on its way") }
