package community

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"drystone/fault"
)

// AttachmentID names an attachment.
type AttachmentID int64

// AttachmentKind is what an attachment is for people. The words are stored and
// part of the API.
type AttachmentKind string

// The kinds.
const (
	ImageAttachment AttachmentKind = "image"
	VideoAttachment AttachmentKind = "video"
	AudioAttachment AttachmentKind = "audio"
)

// Bounds of attachments.
const (
	MaxAttachments = 12    // of one post or comment
	MaxAlt         = 1_500 // characters, as on Mastodon
	// UnclaimedLife is how long what was uploaded waits to be shown.
	UnclaimedLife = 24 * time.Hour
	// RemovedLife is how long the files of what moderators removed stay, so that
	// it can be brought back whole.
	RemovedLife = 30 * 24 * time.Hour
)

// An Attachment is a picture, a film or a sound in a post or comment. Those
// that were uploaded here have a name; others are kept elsewhere.
type Attachment struct {
	ID        AttachmentID `bun:",pk,autoincrement"`
	OwnerID   ActorID      // who uploaded it, or wrote what it is in
	PostID    PostID       `bun:",nullzero"` // of the comment too; none: it is not shown yet
	CommentID CommentID    // 0: it is in the post itself
	Place     int          // among the others
	Inline    bool         // it stands in the text, and not beside it
	Kind      AttachmentKind
	MediaType string
	Name      string `bun:",nullzero"` // of its file here
	Address   string // where everybody finds it
	Size      int64  // in bytes
	Width     int
	Height    int
	Moves     bool   // a picture that is an animation
	Blurhash  string // what a picture looks like from afar
	Alt       string // what it shows, for those who cannot see or hear it
	CreatedAt time.Time
}

// Local reports whether the file is here.
func (a *Attachment) Local() bool { return a.Name != "" }

// A MediaSize is one of the files of a picture. The words end its name.
type MediaSize string

// The sizes: how wide pictures at most are in them.
const (
	FullSize  MediaSize = ""      // 2048 pixels
	PageSize  MediaSize = "page"  // 1024 pixels: a column of text
	ThumbSize MediaSize = "thumb" // 400 pixels: a list
	TinySize  MediaSize = "tiny"  // 96 pixels: beside a name
)

// Sized is the name of the file of a picture in a size. Animations move in
// their largest size alone.
func Sized(name string, size MediaSize) string {
	if size == FullSize {
		return name
	}
	return strings.TrimSuffix(name, path.Ext(name)) + "-" + string(size) + ".webp"
}

// Files are the names that files of an upload or a picture can have.
func Files(name string) []string {
	return []string{name, SmallFile(name), Sized(name, PageSize), Sized(name, ThumbSize), Sized(name, TinySize)}
}

// Shown is where a page of ours shows an attachment from: nobody's browser is
// sent to another server for a picture. Films and sounds of others are not
// shown by us: there is only where they are.
func (a *Attachment) Shown(size MediaSize) string {
	switch {
	case a.Local() && a.Kind != ImageAttachment:
		return MediaPath + a.Name
	case a.Local():
		return MediaPath + Sized(a.Name, size)
	case a.Kind != ImageAttachment:
		return ""
	case a.CommentID != 0:
		return HandedOn("comment", int64(a.CommentID), a.Address, size)
	}
	return HandedOn("post", int64(a.PostID), a.Address, size)
}

// RemotePath is where pictures that are kept elsewhere are handed out.
const RemotePath = MediaPath + "remote/"

// HandedOn is where a picture that is kept at an address elsewhere is
// handed out. It says in what the picture stands, so that nothing else is ever
// fetched, whatever address somebody makes up.
func HandedOn(kind string, id int64, address string, size MediaSize) string {
	if address == "" {
		return ""
	}
	return RemotePath + kind + "/" + strconv.FormatInt(id, 10) + "/" + Sized(PictureKey(address)+".webp", size)
}

// PictureKey stands for the address of a picture that is kept elsewhere.
func PictureKey(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16])
}

// CheckAlt reports what is wrong with the description of an attachment, and
// returns it without space around it.
func CheckAlt(alt string) (string, error) {
	alt = strings.TrimSpace(alt)
	return alt, checkText("alt", "The description", alt, MaxAlt)
}

// CheckAttachments reports why a post or comment cannot show a list of
// uploads.
func CheckAttachments(ids []AttachmentID) error {
	if len(ids) > MaxAttachments {
		return fault.Field("media", "%d pictures are too many for one text; at most %d are shown together.", len(ids), MaxAttachments)
	}
	sorted := slices.Sorted(slices.Values(ids))
	if len(slices.Compact(sorted)) != len(ids) {
		return fault.Field("media", "The same upload is there twice.")
	}
	return nil
}

// Fit cuts what another server says of an attachment to what we keep, and
// reports whether anything is left to show.
func (a *Attachment) Fit() bool {
	const mostSide = 65_535
	if checkLink("url", a.Address) != nil || a.Address == "" {
		return false
	}
	a.Alt = cut(strings.TrimSpace(clean(a.Alt)), MaxAlt)
	a.MediaType = cut(clean(a.MediaType), 100)
	if !isBlurhash(a.Blurhash) {
		a.Blurhash = ""
	}
	if a.Width <= 0 || a.Height <= 0 || a.Width > mostSide || a.Height > mostSide {
		a.Width, a.Height = 0, 0
	}
	return true
}

// isBlurhash reports whether a text has the form of a blurhash: how many
// components there are decides how long it is.
func isBlurhash(text string) bool {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
	if len(text) < 6 {
		return false
	}
	for i := range len(text) {
		if strings.IndexByte(digits, text[i]) < 0 {
			return false
		}
	}
	size := strings.IndexByte(digits, text[0])
	return len(text) == 4+2*(size%9+1)*(size/9+1)
}

// A MediaUse is how much somebody uploaded, or everybody.
type MediaUse struct {
	Files     int64
	Bytes     int64
	Unclaimed int64 // of the files: shown nowhere yet
}
