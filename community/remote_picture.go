package community

import "time"

// A RemotePicture is a picture that is kept elsewhere, as far as it was
// fetched to be shown here.
type RemotePicture struct {
	Key       string `bun:",pk"` // PictureKey of the address
	Address   string
	Name      string // of the largest file here; empty: there was nothing to show
	Size      int64  // of all files
	Etag      string
	FetchedAt time.Time
	UsedAt    time.Time // about
	RetryAt   time.Time // when it is asked for again, if somebody wants to see it
}
