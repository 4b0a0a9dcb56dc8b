package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"drystone/community"
	"drystone/service/peers"
)

// mostPeerMetrics bounds the servers that are named in metrics: those that do
// not go well, since the others have nothing to say.
const mostPeerMetrics = 1000

// serveMetrics answers Prometheus on an address of its own until ctx ends: the
// names of other servers are the operator's to know.
func serveMetrics(ctx context.Context, address string, s *peers.Service, log *slog.Logger) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("DRYSTONE_METRICS: %w", err)
	}
	server := &http.Server{Handler: metricsHandler(s, log), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	log.Info("metrics", "url", "http://"+listener.Addr().String()+"/metrics")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func metricsHandler(s *peers.Service, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &peerCollector{s: s, log: log},
	)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// A peerCollector counts other servers when it is asked.
type peerCollector struct {
	s   *peers.Service
	log *slog.Logger
}

var (
	peersByState = prometheus.NewDesc("drystone_peers", "Other servers, by how deliveries to them go.", []string{"state"}, nil)
	peerWaiting  = prometheus.NewDesc("drystone_peer_waiting",
		"Activities that a server to which deliveries do not go well has still to hear, counted up to 10000.", []string{"host", "state"}, nil)
	peerFails = prometheus.NewDesc("drystone_peer_failures", "Deliveries to such a server that failed in a row.", []string{"host", "state"}, nil)
)

// Describe implements prometheus.Collector.
func (c *peerCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- peersByState
	ch <- peerWaiting
	ch <- peerFails
}

// Collect implements prometheus.Collector.
func (c *peerCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.collect(ctx, ch); err != nil {
		c.log.Error("metrics: other servers", "error", err)
		ch <- prometheus.NewInvalidMetric(peersByState, err)
	}
}

func (c *peerCollector) collect(ctx context.Context, ch chan<- prometheus.Metric) error {
	counts, err := c.s.Overview(ctx)
	if err != nil {
		return err
	}
	for _, state := range community.PeerStates {
		ch <- prometheus.MustNewConstMetric(peersByState, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
	left := mostPeerMetrics
	for _, state := range community.PeerStates {
		query := community.PeerQuery{State: state, Page: community.Page{Limit: community.MaxLimit}}
		for again := state != community.PeerWell; again && left > 0; again = query.After != "" {
			list, next, err := c.s.List(ctx, query)
			if err != nil {
				return err
			}
			for _, v := range list[:min(len(list), left)] {
				ch <- prometheus.MustNewConstMetric(peerWaiting, prometheus.GaugeValue, float64(v.Waiting), v.Host, string(state))
				ch <- prometheus.MustNewConstMetric(peerFails, prometheus.GaugeValue, float64(v.Fails), v.Host, string(state))
			}
			left -= len(list)
			query.After = next
		}
	}
	return nil
}
