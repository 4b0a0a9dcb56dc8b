package live_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/live"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A hall is a service that runs, a thread, and somebody who may listen.
type hall struct {
	*live.Service
	t       *testing.T
	db      *storage.DB
	wish    live.Wish
	comment community.CommentID
}

func newHall(t *testing.T, db *storage.DB) *hall {
	t.Helper()
	h := &hall{t: t, db: db, Service: &live.Service{DB: db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }}}
	ctx := t.Context()
	person := &community.Actor{Kind: community.Person, Name: "ada", IRI: "https://here.test/u/ada", CreatedAt: noon, UpdatedAt: noon}
	group := &community.Actor{Kind: community.GroupKind, Name: "garden", IRI: "https://here.test/c/garden", CreatedAt: noon, UpdatedAt: noon}
	h.check(db.AddActor(ctx, person))
	h.check(db.AddActor(ctx, group))
	account := &community.Account{ActorID: person.ID, CreatedAt: noon}
	h.check(db.AddAccount(ctx, account))
	session := &community.Session{AccountID: account.ID, Kind: community.BrowserSession, Hash: []byte("x"), CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	h.check(db.AddSession(ctx, session))
	post := &community.Post{GroupID: group.ID, AuthorID: person.ID, Title: "T", CreatedAt: noon, ArrivedAt: noon}
	h.check(db.AddPost(ctx, post, "https://here.test"))
	c := &community.Comment{PostID: post.ID, GroupID: group.ID, AuthorID: person.ID, CreatedAt: noon, ArrivedAt: noon}
	h.check(db.AddComment(ctx, c, nil, "https://here.test"))
	h.comment = c.ID
	h.wish = live.Wish{Account: account, Actor: person, Session: session.ID, Threads: []community.PostID{post.ID}}
	return h
}

func (h *hall) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// opens runs the service until the test ends.
func (h *hall) opens() (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	return func() {
		cancel()
		h.check(<-done)
	}
}

// listen asks until the service runs.
func (h *hall) listen(wish live.Wish) *live.Line {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		line, err := h.Open(wish)
		if !fault.Is(err, fault.Unavailable) || time.Now().After(deadline) {
			h.check(err)
			return line
		}
	}
}

// says records that the comment was changed, many times.
func (h *hall) says(times int) {
	h.t.Helper()
	h.check(h.db.InTx(h.t.Context(), func(tx *storage.DB) error {
		for range times {
			err := tx.Record(h.t.Context(), community.Fact{
				Kind: community.CommentEdited, ActorID: h.wish.Actor.ID, PostID: h.wish.Threads[0], CommentID: h.comment, At: noon,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// next is the next event, of no kind when the line has ended.
func (h *hall) next(line *live.Line) community.LiveEvent {
	h.t.Helper()
	select {
	case event := <-line.Events():
		return event
	case <-time.After(20 * time.Second):
		h.t.Fatal("nothing was told")
	}
	return community.LiveEvent{}
}

// Whoever reads too slowly is dropped, and nobody else notices; whoever comes
// back after too long is told so. Nothing runs on in the end.
func TestLines(t *testing.T) {
	h := newHall(t, testdb.SQLite(t))
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stop := h.opens()
	reads, sleeps := h.listen(h.wish), h.listen(h.wish)
	if e := h.next(reads); e.Kind != community.LiveUnread || h.Listening() != 2 {
		t.Errorf("first heard %+v, of %d listeners", e, h.Listening())
	}
	var last community.LiveEvent
	for range 4 {
		h.says(40)
		for range 40 {
			last = h.next(reads)
		}
	}
	if last.Kind != community.LiveComment || last.What != community.CommentEdited {
		t.Errorf("heard %+v", last)
	}
	heard := 0
	for range sleeps.Events() {
		heard++
	}
	if heard == 0 || heard > 100 || h.Listening() != 1 {
		t.Errorf("whoever does not read has %d events, %d listen", heard, h.Listening())
	}
	sleeps.Close() // for the second time

	reads.Close()
	h.says(2500)
	wish := h.wish
	wish.After = 1
	back := h.listen(wish)
	if e := h.next(back); e.Kind != community.LiveUnread {
		t.Errorf("heard %+v", e)
	}
	if e := h.next(back); e.Kind != community.LiveReset {
		t.Errorf("heard %+v after a long time", e)
	}
	stop()
	for range back.Events() {
	}
	if _, err := h.Open(h.wish); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after the end: %v", err)
	}
}

func TestMostLines(t *testing.T) {
	h := newHall(t, testdb.SQLite(t))
	h.Most = 1
	defer h.opens()()
	first := h.listen(h.wish)
	if _, err := h.Open(h.wish); !fault.Is(err, fault.Unavailable) {
		t.Errorf("one more: %v", err)
	}
	first.Close()
	h.listen(h.wish).Close()
}
