package community

import "time"

// ExportID names an export.
type ExportID int64

// ExportState is how far an export has come. The words are stored.
type ExportState string

// The states.
const (
	ExportRunning ExportState = "running"
	ExportReady   ExportState = "ready"
	ExportFailed  ExportState = "failed"
)

// An Export is everything that is somebody's, to take with them: an archive
// that is written a part at a time. Each account has one at most.
type Export struct {
	ID         ExportID `bun:",pk,autoincrement"`
	AccountID  AccountID
	Name       string // drawn; its address
	State      ExportState
	File       int   // which of its files is being written
	Stage      int   // of that file
	After      int64 // the last row that is written
	Rows       int64 // written so far, in all files
	Trouble    string
	CreatedAt  time.Time
	FinishedAt time.Time `bun:",nullzero"`
	ExpiresAt  time.Time
}

// KeepExport is how long an archive can be fetched.
const KeepExport = 7 * 24 * time.Hour

// An ExportFile is one file of an archive, as far as it is written: its parts
// are one deflated stream.
type ExportFile struct {
	ExportID ExportID `bun:",pk"`
	File     int      `bun:",pk"`
	Name     string
	Rows     int64
	Parts    int
	CRC      uint32 `bun:"crc"`
	Size     int64
	Packed   int64
}

// An ExportPart is a piece of a file.
type ExportPart struct {
	ExportID ExportID `bun:",pk"`
	File     int      `bun:",pk"`
	Part     int      `bun:",pk"`
	Body     []byte
}
