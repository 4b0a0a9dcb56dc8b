package federation

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/delivery"
	"drystone/federation/guard"
	"drystone/federation/memo"
	"drystone/jobs"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/groups"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/service/votes"
	"drystone/storage"
)

// Options is what a Server needs.
type Options struct {
	DB         *storage.DB
	Accounts   *accounts.Service
	Groups     *groups.Service
	Posts      *posts.Service
	Votes      *votes.Service
	Moderation *moderation.Service
	Reports    *reports.Service
	Messages   *messages.Service
	Blocks     *blocks.Service
	Client     *guard.Client // for every request that a stranger can steer

	Origin  string // scheme://host of this server
	Host    string // the host of Origin, as peers write it
	Name    string // what people call this server
	Version string
	// Open tells whether anybody may sign up; nil: nobody.
	Open func(context.Context) (bool, error)

	AuthorizedFetch  bool // documents are for those who sign (authorized.go)
	SharedSignatures bool // one signature for many inboxes (package delivery)
	LemmyRemovals    bool // anybody of a Lemmy server may take down what its people wrote (admins.go)

	Log *slog.Logger
	Now func() time.Time

	// For tests, in which nothing is left to chance: the seed of an actor's
	// Ed25519 key, and the random part of ids. Both may be nil.
	Seed  func(actor string) []byte
	NewID func() string
}

// A Server is this server's side of the fediverse.
type Server struct {
	Options
	handlers map[string]handler              // receive.go
	intake   *intake                         // intake.go
	keyring  *keyring                        // verify.go
	fetched  *fetched                        // fetch.go
	heard    *heard                          // peers.go
	manners  *manners                        // manners.go
	signers  signers                         // keys.go
	pens     pens                            // prove.go
	usage    usage                           // nodeinfo.go
	delivery *delivery.Delivery              // delivery.go
	admins   *adminsOf                       // admins.go
	owners   *otter.Cache[string, time.Time] // inbox.go: inboxes that were there at a time
	indoors  *indoors                        // together.go; nil but in a transaction
}

// New returns a server. It does nothing by itself: see Handler, Jobs,
// Readers, Schedules and Run.
func New(o Options) *Server {
	s := &Server{Options: o, handlers: handlers()}
	s.intake = newIntake(o.DB, o.Log, s.now)
	s.keyring = newKeyring()
	s.fetched = newFetched()
	s.heard = newHeard()
	s.owners = otter.Must(&otter.Options[string, time.Time]{MaximumSize: ownersMax})
	s.manners = newManners(o)
	s.admins = memo.New[string, []string](adminsFresh, adminsMax, s.now)
	s.delivery = delivery.New(s.deliveryOptions())
	return s
}

// now is the time as both databases will give it back.
func (s *Server) now() time.Time { return community.Timestamp(s.Now()) }

// scheme is how peers reach this server: https, or http in development.
func (s *Server) scheme() string {
	scheme, _, _ := strings.Cut(s.Origin, "://")
	return scheme
}

// Handler answers the requests that Handles claims.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.inboxRoutes(mux)
	s.documentRoutes(mux)
	return mux
}

// Handles reports whether a request is for this package and not for the pages
// or the API that share its addresses: inboxes, discovery and collections
// always, what has a page for people too only when an ActivityStreams
// document is asked for by name.
func (s *Server) Handles(r *http.Request) bool {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case ownRoots[parts[0]]:
		return true
	case parts[0] == ".well-known":
		return len(parts) == 2 && wellKnown[parts[1]]
	case len(parts) == 3 && shared[parts[0]]:
		return collections[parts[2]]
	case r.URL.Path == "/", len(parts) == 2 && shared[parts[0]]:
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		return reads && as.Accepts(r.Header.Get("Accept"))
	}
	return false
}

// What Handles looks for: roots that are this package's alone, those that
// have pages too, what hangs below them and has none, and the addresses of
// RFC 8615 that are federation's (change-password is not).
var (
	ownRoots    = map[string]bool{"inbox": true, "outbox": true, "nodeinfo": true, "activities": true, localQuote: true}
	shared      = map[string]bool{localPerson: true, localGroup: true, localFeed: true, localPost: true, localComment: true}
	collections = map[string]bool{
		"inbox": true, "outbox": true, "followers": true, "following": true, "featured": true, "moderators": true, "context": true,
		"replies": true, "followers_synchronization": true,
	}
	wellKnown = map[string]bool{"webfinger": true, "host-meta": true, "host-meta.json": true, "nodeinfo": true}
)

// Jobs are the handlers of this package's durable work.
func (s *Server) Jobs() map[string]jobs.Handler {
	return map[string]jobs.Handler{
		jobInbox:       s.receive,
		jobBackfill:    s.backfill,
		jobSynchronize: s.synchronize,
		jobThread:      s.readThread,
		jobForget:      s.forgetWords,
		jobFeed:        s.readFeed,
		jobMove:        s.takeAlong,

		accounts.JobDepart:  s.Accounts.Depart,
		accounts.JobRecover: s.Accounts.SendWayIn,
	}
}

// Together are the jobs that can share a transaction.
func (s *Server) Together() map[string]jobs.Together {
	return map[string]jobs.Together{jobInbox: s.together}
}

// Schedules are what this package does again and again.
func (s *Server) Schedules() []jobs.Schedule {
	return []jobs.Schedule{
		{Name: "federation:nodeinfo", Every: 10 * time.Minute, Run: s.refreshPeers},
		{Name: "federation:trim", Every: 6 * time.Hour, Run: s.trim},
	}
}

// How long we remember what arrived and what we said. NodeBB keeps ids for 7
// days and Lemmy delivers again for at least 3: whatever comes twice within
// this time is known.
const (
	keepJobs       = 10 * 24 * time.Hour
	keepActivities = 30 * 24 * time.Hour
)

// trim forgets what nobody will ask for again.
func (s *Server) trim(ctx context.Context) error {
	if err := s.DB.TrimJobs(ctx, s.now().Add(-keepJobs)); err != nil {
		return err
	}
	if err := s.DB.TrimBackfills(ctx, s.now().Add(-keepActivities)); err != nil {
		return err
	}
	if err := s.DB.ForgetRetiredKeys(ctx, s.now().Add(-community.KeyOverlap)); err != nil {
		return err
	}
	if err := s.Messages.Trim(ctx); err != nil {
		return err
	}
	if err := s.Reports.Trim(ctx); err != nil {
		return err
	}
	return s.DB.TrimActivities(ctx, s.now().Add(-keepActivities))
}

// Run stores what arrives and delivers what is said, until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.intake.run(ctx) })
	wg.Go(func() { s.deliver(ctx) })
	wg.Wait()
	return nil
}
