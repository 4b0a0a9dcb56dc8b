package federation

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/federation/guard"
	"drystone/federation/httpsig"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The ways in short.
var (
	usual   = way{}
	modern  = way{Style: httpsig.Style{Scheme: httpsig.Message}}
	bare    = way{Style: httpsig.Style{PathOnly: true}}
	bareNew = way{Style: httpsig.Style{Scheme: httpsig.Message, PathOnly: true}}
	joint   = way{shared: true}
)

func takes(ways ...way) func(way) int {
	return says(http.StatusUnauthorized, ways...)
}

// says is a server that takes some ways and answers others with a status.
func says(status int, ways ...way) func(way) int {
	return func(w way) int {
		for _, known := range ways {
			if w == known {
				return 0
			}
		}
		return status
	}
}

// TestKnocking is in which ways a server is asked that takes only some of
// them, one request after the other.
func TestKnocking(t *testing.T) {
	type step struct {
		name   string
		visit  visit
		after  time.Duration // since the step before
		server func(way) int // what it answers, 0 for a success
		want   []way         // how it was asked
		answer int           // what comes of it
	}
	fetch, search, delivery, sharing := visit{}, visit{query: true}, visit{delivery: true}, visit{delivery: true, shared: true}
	everything := func(way) int { return 0 }
	tests := []struct {
		name  string
		steps []step
	}{
		{"takes everything", []step{
			{"a fetch", fetch, 0, everything, []way{usual}, 0},
			{"a delivery", delivery, 0, everything, []way{usual}, 0},
		}},
		{"only RFC 9421", []step{
			{"once", fetch, 0, takes(modern), []way{usual, modern}, 0},
			{"remembered", delivery, 0, takes(modern), []way{modern}, 0},
			{"for long", fetch, 100 * time.Hour, takes(modern), []way{modern}, 0},
			{"until it changes", delivery, 0, takes(usual), []way{modern, usual}, 0},
			{"again", delivery, 0, takes(usual), []way{usual}, 0},
		}},
		{"only RFC 9421, and says 400", []step{
			{"once", delivery, 0, says(400, modern), []way{usual, modern}, 0},
			{"remembered", delivery, 0, says(400, modern), []way{modern}, 0},
		}},
		{"only RFC 9421, and says 403", []step{
			{"once", delivery, 0, says(403, modern), []way{usual, modern}, 0},
		}},
		{"what was asked for is not there", []step{
			{"known to us", fetch, 0, says(404), []way{usual}, 404},
			{"told to who signs so", fetch, 0, func(w way) int {
				if w == modern {
					return 404
				}
				return 401
			}, []way{usual, modern}, 404},
			{"remembered", fetch, 0, takes(modern), []way{modern}, 0},
		}},
		{"refuses us", []step{
			{"both ways", delivery, 0, says(403), []way{usual, modern}, 403},
			{"then only one", delivery, 0, says(403), []way{usual}, 403},
			{"401 too", delivery, 0, says(401), []way{usual}, 401},
			{"for a while", delivery, knockAgain + time.Second, says(403), []way{usual, modern}, 403},
		}},
		{"has proved itself", []step{
			{"takes it", delivery, 0, takes(usual), []way{usual}, 0},
			{"means it", delivery, 0, says(403), []way{usual}, 403},
			{"and this", delivery, 0, says(400), []way{usual}, 400},
			{"401 is about the signature", delivery, 0, says(401), []way{usual, modern}, 401},
		}},
		{"reading proves nothing of deliveries", []step{
			{"a fetch", fetch, 0, everything, []way{usual}, 0},
			{"a delivery", delivery, 0, says(403, modern), []way{usual, modern}, 0},
		}},
		{"knows paths only", []step{
			{"without a query all is well", fetch, 0, takes(usual, bare), []way{usual}, 0},
			{"once", search, 0, takes(bare), []way{usual, bare}, 0},
			{"remembered", search, 0, takes(bare), []way{bare}, 0},
			{"until it changes", search, 0, takes(usual), []way{bare, usual}, 0},
		}},
		{"wants all of it, and says 401", []step{
			{"RFC 9421 with a query", search, 0, takes(modern), []way{usual, bare, modern}, 0},
			{"remembered", search, 0, takes(modern), []way{modern}, 0},
			{"without it", search, 0, takes(bareNew), []way{modern, bareNew}, 0},
		}},
		{"breaks down meanwhile", []step{
			{"which says nothing", delivery, 0, func(w way) int {
				if w == usual {
					return 401
				}
				return 503
			}, []way{usual, modern}, 503},
			{"so it is asked again", delivery, 0, takes(modern), []way{usual, modern}, 0},
		}},
		{"is down", []step{
			{"at once", delivery, 0, says(500), []way{usual}, 500},
		}},
		{"takes shared signatures", []step{
			{"those", sharing, 0, everything, []way{joint}, 0},
			{"not for what is for one", delivery, 0, everything, []way{usual}, 0},
			{"not for what is for one, still", delivery, 0, takes(joint), []way{usual, modern}, 401},
			{"nor while it is angry", sharing, 0, takes(usual), []way{usual}, 0},
			{"later", sharing, knockAgain + time.Second, takes(joint), []way{joint}, 0},
		}},
		{"takes no shared signatures", []step{
			{"once", sharing, 0, takes(usual), []way{joint, usual}, 0},
			{"remembered", sharing, 0, takes(usual), []way{usual}, 0},
			{"for long", sharing, 100 * time.Hour, takes(usual), []way{usual}, 0},
		}},
		{"takes no shared signatures, and says 403 after many others", []step{
			{"others", delivery, 0, takes(usual), []way{usual}, 0},
			{"this one", sharing, 0, says(403, usual), []way{joint, usual}, 0},
		}},
		{"means it, shared or not", []step{
			{"others", delivery, 0, takes(usual), []way{usual}, 0},
			{"this one", sharing, 0, says(403), []way{joint, usual}, 403},
		}},
		{"wants RFC 9421, with which nothing is shared", []step{
			{"once", sharing, 0, takes(modern), []way{joint, usual, modern}, 0},
			{"remembered", sharing, 0, takes(modern), []way{modern}, 0},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				now := noon
				m := testManners(db, &now)
				for _, step := range test.steps {
					now = now.Add(step.after)
					if step.after > mannersStale { // as if the server had begun again
						m = testManners(db, &now)
					}
					got, answer := ask(t, m, step.visit, step.server)
					if diff := cmp.Diff(step.want, got, cmp.AllowUnexported(way{})); diff != "" || answer != step.answer {
						t.Fatalf("%s: answered %d, want %d (-want +got):\n%s", step.name, answer, step.answer, diff)
					}
				}
			})
		})
	}
}

func testManners(db *storage.DB, now *time.Time) *manners {
	return newManners(Options{DB: db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return *now }})
}

// statusError is what the guard says of a server that answers with a status; 0
// is a success.
func statusError(status int) error {
	if status == 0 {
		return nil
	}
	resp := guard.Response{URL: "https://peer.test/inbox", Status: status}
	return resp.Err()
}

// ask makes a request to a server and returns how it was signed, each time,
// and what came of it: a status, or 0.
func ask(t *testing.T, m *manners, v visit, server func(way) int) (ways []way, answer int) {
	t.Helper()
	v.host = "peer.test"
	err := m.knock(t.Context(), v, func(w way) error {
		ways = append(ways, w)
		return statusError(server(w))
	})
	var failure *guard.StatusError
	if errors.As(err, &failure) {
		return ways, failure.Status
	}
	if err != nil {
		t.Fatal(err)
	}
	return ways, 0
}

// TestRefusedElsewhere: who redirects us is not who refuses us.
func TestRefusedElsewhere(t *testing.T) {
	now := noon
	m := testManners(testdb.SQLite(t), &now)
	asked := 0
	err := m.knock(t.Context(), visit{host: "other.test"}, func(way) error {
		asked++
		return statusError(401)
	})
	if err == nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// TestKnockingTogether: many requests to one server learn the same, and who
// comes last does not unlearn it.
func TestKnockingTogether(t *testing.T) {
	now := noon
	m := testManners(testdb.SQLite(t), &now)
	begun, refused := make(chan struct{}), make(chan struct{})
	slow := make(chan []way)
	go func() {
		ways, _ := ask(t, m, visit{}, func(w way) int {
			if w == usual { // the request that was under way all the time
				close(begun)
				<-refused
			}
			return 401
		})
		slow <- ways
	}()
	<-begun
	if ways, answer := ask(t, m, visit{}, takes(modern)); answer != 0 || len(ways) != 2 {
		t.Errorf("asked %v, answered %d", ways, answer)
	}
	close(refused)
	<-slow
	if ways, answer := ask(t, m, visit{}, takes(modern)); answer != 0 || len(ways) != 1 {
		t.Errorf("afterwards asked %v, answered %d", ways, answer)
	}
}
