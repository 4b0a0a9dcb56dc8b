package blobs

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"

	"drystone/fault"
)

// files keeps files in a directory, those whose names begin alike in one folder
// of it. Nothing outside of the directory can be reached by any name.
type files struct{ root *os.Root }

func openFiles(directory string) (Store, error) {
	if err := os.MkdirAll(directory, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return &files{root}, nil
}

func place(name string) (folder, path string) { return name[:2], name[:2] + "/" + name }

// Put writes a file beside its place, and moves it there once it is whole and
// on the disk: whoever reads never sees half of it, whatever happens meanwhile.
func (s *files) Put(_ context.Context, name, _ string, content []byte) (err error) {
	defer fault.Wrap(&err, "blobs.Put(%s)", name)
	if err := check(name); err != nil {
		return err
	}
	folder, path := place(name)
	if err := s.root.MkdirAll(folder, 0o750); err != nil {
		return unavailable(err)
	}
	temporary := folder + "/." + rand.Text()
	if err := s.write(temporary, content); err != nil {
		_ = s.root.Remove(temporary) // perhaps there is none
		return unavailable(err)
	}
	if err := s.root.Rename(temporary, path); err != nil {
		return unavailable(err)
	}
	return s.settle(folder)
}

func (s *files) write(path string, content []byte) error {
	file, err := s.root.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// settle makes the name of a file last, not only what is in it.
func (s *files) settle(folder string) error {
	directory, err := s.root.Open(folder)
	if err != nil {
		return unavailable(err)
	}
	defer directory.Close()
	return unavailable(directory.Sync())
}

func (s *files) Open(_ context.Context, name string) (_ io.ReadSeekCloser, err error) {
	defer fault.Wrap(&err, "blobs.Open(%s)", name)
	if err := check(name); err != nil {
		return nil, err
	}
	_, path := place(name)
	file, err := s.root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Because(err, fault.NotFound, "There is no such file.")
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return file, nil
}

func (s *files) Delete(_ context.Context, name string) (err error) {
	defer fault.Wrap(&err, "blobs.Delete(%s)", name)
	if err := check(name); err != nil {
		return err
	}
	_, path := place(name)
	if err := s.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

// Ready reports why nothing can be written.
func (s *files) Ready(context.Context) error {
	name := "." + rand.Text()
	if err := s.write(name, nil); err != nil {
		return unavailable(err)
	}
	return s.root.Remove(name)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Because(err, fault.Unavailable, "Files cannot be read or stored just now. Try again later.")
}
