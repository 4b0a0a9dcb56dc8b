// Package media is the files that people upload: pictures of themselves and of
// the groups that they look after, and pictures, films and sounds for what they
// write. It decides what is taken, makes every picture anew in the sizes that
// are shown, keeps it in a store, and forgets it when nobody shows it any more.
//
// Pictures that strangers upload are never handed out as they came: only pixels
// survive, so that nothing hides in a file that is also a picture, and nobody
// tells where a photo was taken. Films and sounds stay as they are; what they
// are is found out by looking, and a browser may do nothing but play them. What
// a post is beside its files belongs to service/posts.
package media

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
	"drystone/storage/blobs"
)

// MaxUpload is the largest file that is taken, in bytes.
const MaxUpload = 8 << 20

// Options are what a Service needs.
type Options struct {
	DB     *storage.DB
	Store  blobs.Store
	Origin string // scheme://host, without a slash at the end
	Now    func() time.Time
	// MayEdit reports why somebody may not change a group, inside of a
	// transaction.
	MayEdit func(ctx context.Context, tx *storage.DB, by, group *community.Actor) error

	Quota     int64 // bytes that the uploads of one person may take
	Recording int64 // bytes that one film or sound may have; 0: none are taken

	Picture Fetch // of other servers; nil: none are shown
	Page    Fetch // likewise; or what stands in for one
	Cache   int64 // bytes that pictures of other servers may take
	// Patience is how long somebody waits for a picture of another server, 6 s
	// if zero.
	Patience time.Duration
}

// A Service is the use cases around uploaded pictures. Make one with New.
type Service struct {
	Options
	easel    *semaphore.Weighted
	asking   *semaphore.Weighted // of other servers
	fetching singleflight.Group
	silent   quiet
}

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Store == nil || o.Origin == "" || o.Now == nil || o.MayEdit == nil {
		return nil, errors.New("media: all options are required")
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	// One at a time: a picture may take hundreds of megabytes while it is
	// read, and whoever uploads can wait a second.
	return &Service{Options: o, easel: semaphore.NewWeighted(1), asking: semaphore.NewWeighted(fetchesAtOnce)}, nil
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// paint makes the files of a picture, when it is its turn.
func (s *Service) paint(ctx context.Context, use community.PictureUse, upload []byte) (*painted, error) {
	header, err := readHeader(upload)
	if err != nil {
		return nil, err
	}
	if err := header.check(); err != nil {
		return nil, err
	}
	if err := s.easel.Acquire(ctx, 1); err != nil {
		return nil, fault.Because(err, fault.Unavailable, "Many pictures are being read just now. Try again in a moment.")
	}
	defer s.easel.Release(1)
	return paint(header, use, upload)
}
