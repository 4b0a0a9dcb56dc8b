// Package blobs is where uploaded files are kept: in a directory, or in an
// object store that speaks S3. A file is written once under a name that is made
// of what is in it, so it is never changed and may be copied at any time.
//
// What a file is and who may see it belongs to those who store it; which files
// there are stands in the database.
package blobs

import (
	"context"
	"io"
	"regexp"
	"strings"

	"drystone/fault"
)

// A Store keeps files by name. A name has letters, digits, dashes and one dot.
type Store interface {
	// Put stores a file of a media type. Storing it again changes nothing.
	Put(ctx context.Context, name, kind string, content []byte) error
	// Open reads a file from wherever it is asked to; NotFound where there is
	// none.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete forgets a file. One that is not there is forgotten already.
	Delete(ctx context.Context, name string) error
	// Ready reports why files cannot be stored.
	Ready(ctx context.Context) error
}

// Open returns the store at an address: file:DIRECTORY, which is made where it
// is missing, or s3://KEY:SECRET@HOST/BUCKET.
func Open(address string) (Store, error) {
	if directory, ok := strings.CutPrefix(address, "file:"); ok {
		return openFiles(directory)
	}
	return openS3(address)
}

var nameForm = regexp.MustCompile(`^[a-z0-9]{3,64}(-[a-z]{1,16})?\.[a-z0-9]{1,8}$`)

// ValidName reports whether a name can be one of a file here.
func ValidName(name string) bool { return nameForm.MatchString(name) }

func check(name string) error {
	if !ValidName(name) {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	return nil
}
