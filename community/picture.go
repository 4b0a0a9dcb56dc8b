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

// SmallIcon is where a page of ours shows a small form of the actor's picture
// from, for beside their name.
func (a *Actor) SmallIcon() string {
	switch {
	case !a.Local():
		return HandedOn("actor", int64(a.ID), a.Icon, TinySize)
	case !strings.Contains(a.Icon, MediaPath):
		return a.Icon
	}
	return SmallFile(a.Icon)
}

// ShownIcon is where a page of ours shows the actor's picture from.
func (a *Actor) ShownIcon() string { return a.shown(a.Icon, ThumbSize) }

// ShownImage is where a page of ours shows the actor's wide picture from.
func (a *Actor) ShownImage() string { return a.shown(a.Image, FullSize) }

func (a *Actor) shown(address string, size MediaSize) string {
	if a.Local() {
		return address
	}
	return HandedOn("actor", int64(a.ID), address, size)
}
