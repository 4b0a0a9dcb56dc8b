package federation_test

import (
	"context"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
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

// A home is a server of ours on loopback with ann, who owns the group cats,
// and everything that it logs.
type home struct {
	t          testing.TB
	db         *storage.DB
	fed        *federation.Server
	URL        string
	ann        *community.Actor
	cats       *community.Actor
	groups     *groups.Service
	posts      *posts.Service
	moderation *moderation.Service
	reports    *reports.Service
	messages   *messages.Service
	blocks     *blocks.Service
	log        *logbook
	stop       func() // ends what runs, though not the answers

	mu    sync.Mutex
	later time.Duration // how far this server's clock is ahead
}

// logbook remembers what is logged.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (b *logbook) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *logbook) WithGroup(string) slog.Handler            { return b }
func (b *logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
	return nil
}

// find returns the first line that holds all parts.
func (b *logbook) find(parts ...string) (string, bool) { return b.after(0, parts...) }

// mark is where what is logged from now on begins.
func (b *logbook) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.lines)
}

// after is find among what was logged after a mark.
func (b *logbook) after(mark int, parts ...string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, line := range b.lines[mark:] {
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue next
			}
		}
		return line, true
	}
	return "", false
}

// homeKey is the one key of all our actors: they are never confused here, and
// making one takes long.
var homeKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := httpsig.GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
})

func newHomeKey() (private, public string, err error) {
	if private, err = httpsig.MarshalPrivate(homeKey()); err != nil {
		return "", "", err
	}
	public, err = httpsig.PublicPEM(&homeKey().PublicKey)
	return private, public, err
}

func newHome(t testing.TB, db *storage.DB) *home {
	t.Helper()
	return newHomeBehind(t, db, fediverse.Options())
}

// newHomeBehind is a home whose requests pass a guard with these options.
func newHomeBehind(t testing.TB, db *storage.DB, options guard.Options) *home {
	t.Helper()
	h := &home{t: t, db: db, log: &logbook{}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	h.URL = server.URL
	host := strings.TrimPrefix(h.URL, "http://")

	who, err := accounts.New(accounts.Options{DB: db, Origin: h.URL, Host: host, Now: h.now, NewKey: newHomeKey})
	if err != nil {
		t.Fatal(err)
	}
	h.groups = &groups.Service{DB: db, Origin: h.URL, Now: h.now, NewKey: newHomeKey}
	h.moderation = &moderation.Service{DB: db, Now: h.now}
	h.messages = &messages.Service{DB: db, Origin: h.URL, Now: h.now}
	h.blocks = &blocks.Service{DB: db, Host: "home.test", Now: h.now}
	h.posts = &posts.Service{DB: db, Origin: h.URL, Now: h.now}
	h.reports = &reports.Service{DB: db, Origin: h.URL, Now: h.now}
	client := guard.New(options)
	h.fed = federation.New(federation.Options{
		DB: db, Accounts: who, Groups: h.groups, Posts: h.posts, Votes: &votes.Service{DB: db, Origin: h.URL, Now: h.now},
		Moderation: h.moderation, Reports: h.reports, Messages: h.messages, Blocks: h.blocks,
		Client: client, Origin: h.URL, Host: host, Name: "Home", Version: "test", Log: slog.New(h.log), Now: h.now,
	})
	handler = h.fed.Handler()

	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = h.fed.Run(ctx) })
	h.stop = func() {
		stop()
		running.Wait()
	}
	t.Cleanup(func() {
		h.stop()
		server.Close()
		client.Close()
	})
	ann, err := who.Create(t.Context(), accounts.SignUp{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	cats, err := h.groups.Create(t.Context(), ann.Actor, groups.Draft{Name: "cats", Title: "Cats"})
	if err != nil {
		t.Fatal(err)
	}
	h.ann, h.cats = ann.Actor, cats.Actor
	return h
}

func (h *home) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.later)
}

// pass lets time pass for this server.
func (h *home) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.later += d
}

// inbox is the shared one.
func (h *home) inbox() string { return h.URL + "/inbox" }

// waiting returns how many jobs are stored and not done.
func (h *home) waiting() int {
	h.t.Helper()
	n, err := h.db.Bun().NewSelect().Model((*community.Job)(nil)).Where("done_at IS NULL").Count(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return int(n)
}

// work does the jobs that are due, once each, and returns their errors.
func (h *home) work() []error {
	h.t.Helper()
	ctx := h.t.Context()
	lanes, err := h.db.DueLanes(ctx, h.now())
	if err != nil {
		h.t.Fatal(err)
	}
	var errs []error
	for _, lane := range lanes {
		list, err := h.db.DueJobs(ctx, []int64{lane}, h.now(), 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(h.t.Name())%2 == 0 { // both ways must come to the same
			list = h.together(list)
		}
		for _, job := range list {
			var err error
			if job.Kind != community.JobPreview { // service/media's
				err = h.fed.Jobs()[job.Kind](ctx, job)
			}
			if code := fault.CodeOf(err); code == fault.Unavailable || code == fault.Internal {
				errs = append(errs, err)
				continue
			}
			if err := h.db.FinishJobs(ctx, []community.JobID{job.ID}, h.now()); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return errs
}

// together does the first jobs of a lane in one transaction, as far as that
// goes, and returns the others.
func (h *home) together(list []*community.Job) (left []*community.Job) {
	h.t.Helper()
	err := h.db.InBatch(h.t.Context(), func(ctx context.Context, tx *storage.DB) error {
		do, err := h.fed.Together()["inbox"](ctx, tx, list)
		left = list
		for err == nil && len(left) > 0 && left[0].Kind == "inbox" {
			before := tx.Written()
			var done bool
			if done, err = do(ctx, left[0]); err != nil || !done {
				if tx.Written() > before {
					h.t.Logf("%s cannot be done together: %v", left[0].Body, err)
				}
				break
			}
			if err = tx.FinishJobs(ctx, []community.JobID{left[0].ID}, h.now()); err == nil {
				left = left[1:]
			}
		}
		return err
	})
	if err != nil {
		return list
	}
	return left
}

// send delivers to the shared inbox, wants 202 and does what came of it.
func (h *home) send(from *fediverse.Actor, activity any) {
	h.t.Helper()
	if status, text := from.Send(h.t, h.inbox(), activity); status != http.StatusAccepted {
		h.t.Fatalf("the inbox answered %d: %s", status, text)
	}
	if errs := h.work(); len(errs) > 0 {
		h.t.Fatalf("jobs failed: %v", errs)
	}
}

// feed returns the posts of a group, oldest first.
func (h *home) feed(group *community.Actor) []*community.Post {
	h.t.Helper()
	var list []*community.Post
	if err := h.db.Bun().NewSelect().Model(&list).Where("group_id = ?", group.ID).OrderExpr("id").Scan(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return list
}

// comments returns all comments, oldest first.
func (h *home) comments() []*community.Comment {
	h.t.Helper()
	var list []*community.Comment
	if err := h.db.Bun().NewSelect().Model(&list).OrderExpr("id").Scan(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return list
}

// dropped wants a line that says that something was dropped and why.
func (h *home) dropped(parts ...string) {
	h.t.Helper()
	if _, ok := h.log.find(append([]string{"activity dropped", "reason="}, parts...)...); !ok {
		h.t.Errorf("nothing was logged as dropped with %q; the log is:\n%s", parts, strings.Join(h.log.lines, "\n"))
	}
}
