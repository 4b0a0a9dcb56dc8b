package delivery

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/httpsig"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What a delivery costs besides its signature, its body's way over the network
// and the peer: one activity in each of 20 lanes, to as many servers as it
// takes.
func BenchmarkDeliver(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *storage.DB{"sqlite": testdb.SQLite, "postgres": testdb.Postgres} {
		b.Run(name, func(b *testing.B) {
			const activities = 20
			s := newStage(b, open(b))
			for n := range max(1, b.N/activities) {
				host := "peer" + strconv.Itoa(n) + ".test"
				s.follow(host, "ann", "https://"+host+"/inbox")
				s.runs(host, "lemmy")
			}
			// As a database does by itself in time.
			if _, err := s.db.Bun().ExecContext(b.Context(), "ANALYZE"); err != nil {
				b.Fatal(err)
			}
			d := s.delivery()
			var arrived atomic.Int64
			done := make(chan struct{})
			want := int64(max(1, b.N/activities) * activities)
			d.Post = func(context.Context, string, Parcel) error {
				if arrived.Add(1) == want {
					close(done)
				}
				return nil
			}
			stop := s.run(d)
			b.ReportAllocs()
			b.ResetTimer()
			for n := range activities {
				s.sayIn(community.Activity{Lane: int64(n), Audience: s.group.ID})
			}
			<-done
			b.StopTimer()
			stop()
		})
	}
}

// What a signature costs, to compare.
func BenchmarkSignature(b *testing.B) {
	key, body := testKey(), make([]byte, 3000)
	req, err := http.NewRequest(http.MethodPost, "https://peer.test/inbox", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := httpsig.Sign(req, body, "https://here.test/c/garden#main-key", key, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
