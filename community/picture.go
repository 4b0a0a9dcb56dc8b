package community

import (
	"path"
	"strings"
	"time"
)

// PictureUse is what a picture of an actor is for. The words are stored.
type PictureUse string

// The uses.
const (
	Avatar PictureUse = "avatar" // small and square, beside a name
	Banner PictureUse = "banner" // wide, over a page; it only decorates
)

// A Picture is one that somebody here uploaded for themselves or for a group.
type Picture struct {
	ActorID   ActorID    `bun:",pk"`
	Use       PictureUse `bun:",pk"`
	Name      string     // of its file
	CreatedAt time.Time
}

// MediaPath is where files that were uploaded are handed out, below the origin.
const MediaPath = "/media/"

// SmallFile is the name of the smaller file of a picture, which is made of the
// larger one's.
func SmallFile(name string) string {
	ending := path.Ext(name)
	return strings.TrimSuffix(name, ending) + "-small" + ending
}

// SmallIcon is the address of a small form of the actor's picture, for beside
// their name; of one kept elsewhere there is none but itself.
func (a *Actor) SmallIcon() string {
	if !a.Local() || !strings.Contains(a.Icon, MediaPath) {
		return a.Icon
	}
	return SmallFile(a.Icon)
}
