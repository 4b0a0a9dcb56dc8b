package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

type serveCommand struct{}

// stopWithin is how long requests and deliveries get to end in good order.
const stopWithin = 10 * time.Second

// Run serves until it is told to stop.
func (serveCommand) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	if _, err := h.accounts.Instance(p.ctx); err != nil {
		return err
	}
	fediverse, err := p.neighbours(h)
	if err != nil {
		return err
	}
	handler, err := p.handler(h, fediverse)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", p.config.Listen)
	if err != nil {
		return fmt.Errorf("DRYSTONE_LISTEN: %w", err)
	}
	p.greet(h, listener.Addr())

	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: 64 << 10,
	}
	server.RegisterOnShutdown(h.live.Close) // or those who listen would hold it up
	// What happens later stops after the requests that cause it.
	later, stopLater := context.WithCancel(context.WithoutCancel(p.ctx))
	defer stopLater()
	var work errgroup.Group
	work.Go(func() error { return p.runner(h, fediverse).Run(later) })
	work.Go(func() error { return fediverse.Run(later) })
	work.Go(func() error { return h.live.Run(later) })
	if p.config.Metrics != "" {
		work.Go(func() error { return serveMetrics(later, p.config.Metrics, h.peers, p.log) })
	}
	work.Go(func() error {
		<-p.ctx.Done()
		ctx, cancel := context.WithTimeout(later, stopWithin)
		defer cancel()
		err := server.Shutdown(ctx)
		stopLater()
		return err
	})
	work.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			stopLater()
			return err
		}
		return nil
	})
	return work.Wait()
}

// greet says where the server is, and what to do first.
func (p *program) greet(h *house, at net.Addr) {
	p.log.Info("serving", "url", p.config.Origin(), "listen", at.String(), "version", version)
	about, err := h.instance.About(p.ctx)
	if err == nil && about.People == 0 && about.Empty {
		p.log.Info("nobody lives here yet: the first to sign up becomes the administrator; \"drystone demo\" moves a whole community in",
			"sign_up", p.config.Origin()+"/join")
	}
}
