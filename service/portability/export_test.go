package portability_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/portability"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newService is a service on a database with the account of ann, who was told
// something so many times.
func newService(t *testing.T, db *storage.DB, told int) (*portability.Service, *community.Account) {
	t.Helper()
	who := &community.Actor{
		Kind: community.Person, Name: "ann", Fold: "ann", IRI: "https://home.test/u/ann", CreatedAt: noon, UpdatedAt: noon,
	}
	testdb.Add(t, db, who)
	account := &community.Account{ActorID: who.ID, CreatedAt: noon}
	testdb.Add(t, db, account)
	for range told {
		testdb.Add(t, db, &community.Notification{AccountID: account.ID, Kind: community.Reply, ActorID: who.ID, CreatedAt: noon})
	}
	none := func(n int) ([]json.RawMessage, error) { return make([]json.RawMessage, n), nil }
	return &portability.Service{
		DB: db, Origin: "https://home.test", Host: "home.test", Name: "Home", Now: func() time.Time { return noon },
		Papers: portability.Papers{
			Person:   func(context.Context, *community.Actor) (json.RawMessage, error) { return json.RawMessage(`{}`), nil },
			Posts:    func(_ context.Context, list []*community.Post) ([]json.RawMessage, error) { return none(len(list)) },
			Comments: func(_ context.Context, list []*community.Comment) ([]json.RawMessage, error) { return none(len(list)) },
			Messages: func(_ context.Context, list []*community.Message) ([]json.RawMessage, error) { return none(len(list)) },
		},
	}, account
}

// jobs are those that wait, as the server would find them after it was killed.
func jobs(t *testing.T, db *storage.DB, kind string) []*community.Job {
	t.Helper()
	var list []*community.Job
	err := db.Bun().NewSelect().Model(&list).Where("kind = ? AND done_at IS NULL", kind).OrderExpr("id").Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Wherever the server dies, the archive is whole in the end, and nothing is in
// it twice.
func TestAnArchiveSurvivesBeingKilled(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		const told = 1203
		s, account := newService(t, db, told)
		ctx := t.Context()
		if _, err := s.Begin(ctx, account); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Begin(ctx, account); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second one beside it: %v", err)
		}
		steps := 0
		for p, err := s.Export(ctx, account); p.State == community.ExportRunning; p, err = s.Export(ctx, account) {
			if err != nil {
				t.Fatal(err)
			}
			list := jobs(t, db, portability.JobExport)
			again := *s // a server that was started anew knows nothing
			job := list[len(list)-1]
			if err := again.WriteExport(ctx, job); err != nil {
				t.Fatalf("step %d: %v", steps, err)
			}
			// It died before it noted that the job was done.
			if err := again.WriteExport(ctx, job); err != nil && !fault.Is(err, fault.Conflict) {
				t.Fatalf("step %d again: %v", steps, err)
			}
			if steps++; steps > 100 {
				t.Fatal("it does not end")
			}
		}
		p, err := s.Export(ctx, account)
		if err != nil || p.State != community.ExportReady {
			t.Fatalf("it is %+v, %v", p, err)
		}
		archive, err := s.Archive(ctx, account, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(contents(t, archive)["notifications.json"], &list); err != nil || len(list) != told {
			t.Errorf("%d notifications are in it, %v", len(list), err)
		}
	})
}

func contents(t *testing.T, archive *portability.Archive) map[string][]byte {
	t.Helper()
	var body bytes.Buffer
	if err := archive.Send(t.Context(), &body); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(body.Bytes()), int64(body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestArchivesEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s, account := newService(t, db, 1)
		ctx := t.Context()
		e, err := s.Begin(ctx, account)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Archive(ctx, account, e.Name); !fault.Is(err, fault.Conflict) {
			t.Errorf("before it is written: %v", err)
		}
		for p, _ := s.Export(ctx, account); p.State == community.ExportRunning; p, _ = s.Export(ctx, account) {
			list := jobs(t, db, portability.JobExport)
			if err := s.WriteExport(ctx, list[len(list)-1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Archive(ctx, &community.Account{ID: account.ID + 1}, e.Name); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		later := noon.Add(community.KeepExport + time.Second)
		s.Now = func() time.Time { return later }
		if _, err := s.Archive(ctx, account, e.Name); !fault.Is(err, fault.NotFound) {
			t.Errorf("after a week: %v", err)
		}
		if err := s.Trim(ctx); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"exports", "export_files", "export_parts"} {
			if n, err := db.Bun().NewSelect().Table(table).Count(ctx); err != nil || n != 0 {
				t.Errorf("%d rows of %s are left, %v", n, table, err)
			}
		}
	})
}

func TestAnArchiveThatCannotBeWritten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s, account := newService(t, db, 1)
		ctx := t.Context()
		s.Papers.Person = func(context.Context, *community.Actor) (json.RawMessage, error) { return nil, errors.New("boom") }
		if _, err := s.Begin(ctx, account); err != nil {
			t.Fatal(err)
		}
		job := jobs(t, db, portability.JobExport)[0]
		for ; job.Attempts < 4; job.Attempts++ {
			if err := s.WriteExport(ctx, job); err == nil {
				t.Error("nobody hears of it")
			}
		}
		p, err := s.Export(ctx, account)
		if err != nil || p.State != community.ExportFailed || strings.Contains(p.Trouble, "boom") || p.Trouble == "" {
			t.Errorf("it is %+v, %v", p, err)
		}
		if _, err := s.Begin(ctx, account); err != nil {
			t.Errorf("another try: %v", err)
		}
	})
}
