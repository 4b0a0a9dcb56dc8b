package blobs

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drystone/fault"
)

// realStore names the variable with the address of a bucket, s3://KEY:SECRET@HOST/BUCKET,
// of a store that was begun for the tests (CONTRIBUTING.md).
const realStore = "DRYSTONE_TEST_S3"

// each runs a test on a directory and on an object store; on a real one, too,
// where there is one.
func each(t *testing.T, test func(t *testing.T, s Store)) {
	t.Helper()
	t.Run("files", func(t *testing.T) { test(t, open(t, "file:"+t.TempDir())) })
	t.Run("s3", func(t *testing.T) {
		fake := &bucket{t: t, objects: map[string]object{}}
		web := httptest.NewServer(fake)
		t.Cleanup(web.Close)
		test(t, open(t, "s3://key:secret@"+strings.TrimPrefix(web.URL, "http://")+"/pictures/below?tls=no"))
	})
	if address := os.Getenv(realStore); address != "" {
		t.Run("a real s3", func(t *testing.T) { test(t, open(t, address+"/"+strings.ToLower(rand.Text())+"?tls=no")) })
	}
}

func open(t *testing.T, address string) Store {
	t.Helper()
	s, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const name = "0123456789abcdef.jpg"

func TestKeeps(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if err := s.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(ctx, name); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a file that is not there: %v", err)
		}
		content := bytes.Repeat([]byte("a picture "), 1000)
		for range 2 { // again changes nothing
			if err := s.Put(ctx, name, "image/jpeg", content); err != nil {
				t.Fatal(err)
			}
		}
		file, err := s.Open(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, content) {
			t.Errorf("read %d bytes, %v; want %d", len(got), err, len(content))
		}
		if at, err := file.Seek(-8, io.SeekEnd); err != nil || at != int64(len(content)-8) {
			t.Errorf("sought to %d, %v", at, err)
		}
		if got, err := io.ReadAll(file); err != nil || string(got) != "picture " {
			t.Errorf("the end is %q, %v", got, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := s.Delete(ctx, name); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open(ctx, name); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a file that was deleted: %v", err)
		}
	})
}

func TestNamesThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, s Store) {
		for _, bad := range []string{"", ".", "..", "../x.jpg", "/etc/passwd", "a/b.jpg", "abc", "abc.jpg.exe/", "ABC.jpg", "abc\x00.jpg", "abc.jpg\n", ".hidden.jpg", strings.Repeat("a", 100) + ".jpg"} {
			if err := s.Put(t.Context(), bad, "image/jpeg", nil); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("Put(%q) = %v", bad, err)
			}
			if _, err := s.Open(t.Context(), bad); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("Open(%q) = %v", bad, err)
			}
			if err := s.Delete(t.Context(), bad); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("Delete(%q) = %v", bad, err)
			}
		}
	})
}

func TestFilesStayInside(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, name), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	inside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(inside, name[:2])); err != nil {
		t.Fatal(err)
	}
	s := open(t, "file:"+inside)
	if f, err := s.Open(t.Context(), name); err == nil {
		_ = f.Close()
		t.Error("a link led outside")
	}
	if err := s.Put(t.Context(), name, "image/jpeg", []byte("new")); err == nil {
		t.Error("a link was written through")
	}
}

func TestNothingHalfWritten(t *testing.T) {
	directory := t.TempDir()
	s := open(t, "file:"+directory)
	// What is in the way of the file keeps it from its place.
	if err := os.MkdirAll(filepath.Join(directory, name[:2], name, "x"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), name, "image/jpeg", []byte("x")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Put = %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "ftp://x", "s3://bucket", "s3://host/bucket", "s3://key@host/bucket", "s3://:s@host/bucket", "s3://key:topsecret@host", "s3://key:topsecret@host/%zz"} {
		_, err := Open(bad)
		if err == nil {
			t.Errorf("Open(%q) opens", bad)
		} else if strings.Contains(err.Error(), "topsecret") {
			t.Errorf("Open(%q) repeats the secret: %v", bad, err)
		}
	}
}

func TestS3Refuses(t *testing.T) {
	fake := &bucket{t: t, objects: map[string]object{}}
	web := httptest.NewServer(fake)
	defer web.Close()
	host := strings.TrimPrefix(web.URL, "http://")
	for what, address := range map[string]string{
		"another bucket": "s3://key:secret@" + host + "/elsewhere?tls=no",
		"a wrong key":    "s3://other:secret@" + host + "/pictures?tls=no",
	} {
		s := open(t, address)
		if err := s.Ready(t.Context()); fault.CodeOf(err) != fault.Unavailable || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: Ready = %v", what, err)
		}
		if err := s.Put(t.Context(), name, "image/jpeg", []byte("x")); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%s: Put = %v", what, err)
		}
	}
}

// What lies in the bucket says itself what it is, should it be handed out from
// there.
func TestS3Says(t *testing.T) {
	fake := &bucket{t: t, objects: map[string]object{}}
	web := httptest.NewServer(fake)
	defer web.Close()
	s := open(t, "s3://key:secret@"+strings.TrimPrefix(web.URL, "http://")+"/pictures/below?tls=no")
	if err := s.Put(t.Context(), name, "image/jpeg", []byte("x")); err != nil {
		t.Fatal(err)
	}
	o := fake.objects["below/"+name]
	if o.kind != "image/jpeg" || !strings.Contains(o.cache, "immutable") || string(o.content) != "x" {
		t.Errorf("stored %+v", o)
	}
}
