//go:build profile

package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// A program built with the tag "profile" writes where its CPU time goes, from
// the first SIGUSR1 to the next, into the file called like itself with ".prof".
// The benchmark asks for it; what people run has none of this.
func init() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for {
			<-signals
			self, err := os.Executable()
			if err != nil {
				continue
			}
			file, err := os.Create(self + ".prof")
			if err != nil {
				continue
			}
			if err := pprof.StartCPUProfile(file); err != nil {
				continue
			}
			<-signals
			pprof.StopCPUProfile()
			_ = file.Close()
		}
	}()
}
