package portability

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"

	"drystone/community"
	"drystone/fault"
)

// packed is text as a piece of a deflated stream.
func packed(text string, last bool) ([]byte, error) {
	var body bytes.Buffer
	w, err := flate.NewWriter(&body, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	end := w.Flush
	if last {
		end = w.Close
	}
	if err := end(); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// An Archive is one that is whole and can be fetched.
type Archive struct {
	File string // a name for it

	s     *Service
	e     *community.Export
	files []*community.ExportFile
	owner community.ActorID
}

// Archive finds the archive called name of an account. It is NotFound where
// there is none of theirs, and a Conflict while it is not whole.
func (s *Service) Archive(ctx context.Context, account *community.Account, name string) (_ *Archive, err error) {
	defer fault.Wrap(&err, "portability.Archive(%d)", account.ID)
	e, err := s.ready(ctx, account, name)
	if err != nil {
		return nil, err
	}
	files, err := s.DB.ExportFiles(ctx, e.ID)
	return &Archive{File: fmt.Sprintf("%s-%s.zip", s.fileHost(), e.FinishedAt.Format("2006-01-02")), s: s, e: e, files: files, owner: account.ActorID}, err
}

// Send writes the archive as a ZIP, a piece at a time.
func (a *Archive) Send(ctx context.Context, to io.Writer) (err error) {
	defer fault.Wrap(&err, "portability.Archive.Send(%d)", a.e.ID)
	z := zip.NewWriter(to)
	for _, f := range a.files {
		if err := a.s.writeFile(ctx, z, a.e, f); err != nil {
			return err
		}
	}
	if err := a.sendMedia(ctx, z); err != nil {
		return err
	}
	return z.Close()
}

// ready finds the archive of an account that can be fetched now.
func (s *Service) ready(ctx context.Context, account *community.Account, name string) (*community.Export, error) {
	e, err := s.DB.ExportNamed(ctx, name)
	if err != nil {
		return nil, noArchive(err)
	}
	switch {
	case e.AccountID != account.ID, !s.now().Before(e.ExpiresAt):
		return nil, noArchive(fault.New(fault.NotFound, "not theirs"))
	case e.State != community.ExportReady:
		return nil, fault.New(fault.Conflict, "Your archive is not written yet.")
	}
	return e, nil
}

func (s *Service) writeFile(ctx context.Context, z *zip.Writer, e *community.Export, f *community.ExportFile) error {
	w, err := z.CreateRaw(&zip.FileHeader{
		Name: f.Name, Method: zip.Deflate, Modified: e.CreatedAt, CRC32: f.CRC,
		CompressedSize64: uint64(f.Packed), UncompressedSize64: uint64(f.Size), //nolint:gosec // lengths
	})
	if err != nil {
		return err
	}
	for part := range f.Parts {
		body, err := s.DB.ExportPart(ctx, e.ID, f.File, part)
		if err != nil {
			return err
		}
		if _, err := w.Write(body); err != nil {
			return fault.Because(err, fault.Unavailable, "The archive could not be sent.")
		}
	}
	return nil
}

// fileHost is the server's name as part of the name of a file.
func (s *Service) fileHost() string {
	clean := []byte(s.Host)
	for i, c := range clean {
		if c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			clean[i] = '-'
		}
	}
	return string(clean)
}
