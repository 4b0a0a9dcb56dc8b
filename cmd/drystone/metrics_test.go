package main

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drystone/internal/testdb"
	"drystone/service/peers"
	"drystone/storage"
)

func TestMetricsNameTheServersThatDoNotGoWell(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		now := time.Now().UTC()
		for host, failing := range map[string]bool{"well.test": false, "failing.test": true} {
			p, err := db.PeerByHost(t.Context(), host, now)
			if err != nil {
				t.Fatal(err)
			}
			if failing {
				p.Fails, p.FailingSince, p.TouchedAt = 3, now, now
				if err := db.TouchPeer(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
		}
		handler := metricsHandler(&peers.Service{DB: db, Now: time.Now}, slog.New(slog.DiscardHandler))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), "GET", "/metrics", nil))
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.Code != 200 {
			t.Fatal(answer.Code, err)
		}
		for _, line := range []string{
			`drystone_peers{state="well"} 1`, `drystone_peers{state="failing"} 1`, `drystone_peers{state="paused"} 0`,
			`drystone_peer_failures{host="failing.test",state="failing"} 3`, `drystone_peer_waiting{host="failing.test",state="failing"} 0`,
			"go_goroutines ",
		} {
			if !strings.Contains(string(body), line) {
				t.Errorf("the metrics lack %s", line)
			}
		}
		if strings.Contains(string(body), "well.test") {
			t.Error("a server to which deliveries go well is named")
		}
	})
}
