package portability

import (
	"context"
	"crypto/rand"
	"hash/crc32"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobExport is the job that writes the next part of an archive. Its body is
// the name of the export.
const JobExport = "export"

const (
	// partRows bounds what is read for one part of an archive.
	partRows = 500
	// stretch is how many posts, or comments, are looked through for votes at
	// once.
	stretch = 20_000
	// exportTries is how often a part is tried before the export has failed.
	exportTries = 4
	// firstLane keeps what runs long apart from the lanes of inboxes.
	firstLane, lanes = 1100, 8
)

// Begin starts to write an archive of all that is somebody's. The one before it
// is forgotten. While one is being written it is a Conflict.
func (s *Service) Begin(ctx context.Context, account *community.Account) (_ *community.Export, err error) {
	defer fault.Wrap(&err, "portability.Begin(%d)", account.ID)
	now := s.now()
	e := &community.Export{
		AccountID: account.ID, Name: rand.Text(), State: community.ExportRunning, CreatedAt: now, ExpiresAt: now.Add(community.KeepExport),
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if _, err := tx.HoldAccount(ctx, account.ID); err != nil {
			return err
		}
		last, err := tx.Export(ctx, account.ID)
		if err == nil && last.State == community.ExportRunning {
			return fault.New(fault.Conflict, "Your archive is being written already.")
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := tx.AddExport(ctx, e); err != nil {
			return err
		}
		return addNext(ctx, tx, e, now)
	})
	return e, err
}

// addNext stores the job that writes the next part.
func addNext(ctx context.Context, tx *storage.DB, e *community.Export, now time.Time) error {
	_, err := tx.AddJobs(ctx, []*community.Job{{
		Kind: JobExport, Lane: firstLane + int64(e.ID)%lanes, Sender: "export", Body: []byte(e.Name), RunAt: now, CreatedAt: now,
	}})
	return err
}

// Export returns the archive of an account, as far as it is written. It is
// NotFound where there is none.
func (s *Service) Export(ctx context.Context, account *community.Account) (_ *Progress, err error) {
	defer fault.Wrap(&err, "portability.Export(%d)", account.ID)
	e, err := s.DB.Export(ctx, account.ID)
	if err == nil && !s.now().Before(e.ExpiresAt) {
		err = fault.New(fault.NotFound, "expired")
	}
	if err != nil {
		return nil, noArchive(err)
	}
	files, err := s.DB.ExportFiles(ctx, e.ID)
	p := &Progress{Export: e, Files: len(s.files())}
	for _, f := range files {
		p.Size += f.Packed
	}
	return p, err
}

// Progress is how far an export has come.
type Progress struct {
	*community.Export
	Files int   // how many there will be
	Size  int64 // of what is written
}

func noArchive(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.NotFound, "There is no archive of yours here, or not any more.")
	}
	return err
}

// Forget deletes the archive of an account.
func (s *Service) Forget(ctx context.Context, account *community.Account) (err error) {
	defer fault.Wrap(&err, "portability.Forget(%d)", account.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.DropExport(ctx, account.ID) })
}

// Trim forgets what was kept for long enough.
func (s *Service) Trim(ctx context.Context) error {
	if err := s.DB.DropExpiredImports(ctx, s.now()); err != nil {
		return err
	}
	return s.DB.DropExpiredExports(ctx, s.now())
}

// WriteExport is the job that writes the next part of an archive. Each part is
// a transaction with a note of what comes next, so that a server that dies
// goes on from there.
func (s *Service) WriteExport(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "portability.WriteExport")
	e, err := s.DB.ExportNamed(ctx, string(job.Body))
	if err != nil || e.State != community.ExportRunning {
		return err // it was forgotten, or this is the second run of the last part
	}
	if err = s.writePart(ctx, e); err != nil && job.Attempts+1 >= exportTries && ctx.Err() == nil {
		e.State, e.Trouble, e.FinishedAt = community.ExportFailed, "Something went wrong here. Try again tomorrow, or ask who runs this server.", s.now()
		if saveErr := s.DB.SaveExport(ctx, e); saveErr != nil {
			return saveErr
		}
	}
	return err
}

// An exporting is what the writers of files are given.
type exporting struct {
	account *community.Account
	who     *community.Actor
	file    *community.ExportFile
}

// writePart reads up to partRows rows, and stores what the archive says of
// them.
func (s *Service) writePart(ctx context.Context, e *community.Export) error {
	files := s.files()
	if e.File >= len(files) {
		return s.finish(ctx, e)
	}
	f := files[e.File]
	x, err := s.exporting(ctx, e, f.name)
	if err != nil {
		return err
	}
	rows, last, more, err := f.stages[e.Stage](ctx, x, e.After)
	if err != nil {
		return err
	}
	before := *e
	e.After, e.Rows = last, e.Rows+int64(len(rows))
	var text strings.Builder
	if x.file.Parts == 0 {
		text.WriteString(f.head)
	}
	for _, row := range rows {
		if x.file.Rows > 0 {
			text.WriteString(f.between)
		}
		text.Write(row)
		x.file.Rows++
	}
	if !more {
		e.Stage, e.After = e.Stage+1, 0
	}
	ends := e.Stage == len(f.stages)
	if ends {
		e.File, e.Stage = e.File+1, 0
		text.WriteString(f.tail(x.file.Rows))
	}
	part, err := x.append(text.String(), ends)
	if err != nil {
		return err
	}
	return s.savePart(ctx, &before, e, x.file, part)
}

// savePart stores a part, unless somebody else did meanwhile.
func (s *Service) savePart(ctx context.Context, before, e *community.Export, file *community.ExportFile, part *community.ExportPart) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		held, err := tx.HoldExport(ctx, e.Name)
		if err != nil {
			return err
		}
		if held.State != before.State || held.File != before.File || held.Stage != before.Stage || held.After != before.After {
			return fault.New(fault.Conflict, "This part is written.")
		}
		if err := tx.AddExportPart(ctx, part); err != nil {
			return err
		}
		if err := tx.SaveExportFile(ctx, file); err != nil {
			return err
		}
		if err := tx.SaveExport(ctx, e); err != nil {
			return err
		}
		return addNext(ctx, tx, e, s.now())
	})
}

func (s *Service) finish(ctx context.Context, e *community.Export) error {
	e.State, e.FinishedAt = community.ExportReady, s.now()
	e.ExpiresAt = e.FinishedAt.Add(community.KeepExport)
	return s.DB.SaveExport(ctx, e)
}

func (s *Service) exporting(ctx context.Context, e *community.Export, name string) (*exporting, error) {
	account, err := s.DB.Account(ctx, e.AccountID)
	if err != nil {
		return nil, err
	}
	who, err := s.DB.Actor(ctx, account.ActorID)
	if err != nil {
		return nil, err
	}
	x := &exporting{account: account, who: who, file: &community.ExportFile{ExportID: e.ID, File: e.File, Name: name}}
	written, err := s.DB.ExportFiles(ctx, e.ID)
	if n := len(written); err == nil && n > 0 && written[n-1].File == e.File {
		x.file = written[n-1]
	}
	return x, err
}

// append packs text as the next part of the file. Each part is deflated by
// itself and ends on a whole byte, so that the parts of a file are one stream,
// however often the server was started meanwhile.
func (x *exporting) append(text string, last bool) (*community.ExportPart, error) {
	body, err := packed(text, last)
	if err != nil {
		return nil, err
	}
	part := &community.ExportPart{ExportID: x.file.ExportID, File: x.file.File, Part: x.file.Parts, Body: body}
	x.file.CRC = crc32.Update(x.file.CRC, crc32.IEEETable, []byte(text))
	x.file.Size += int64(len(text))
	x.file.Packed += int64(len(body))
	x.file.Parts++
	return part, nil
}
