package portability

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// fileMedia tells what the files below media/ are.
const fileMedia = "media.json"

// A sent file is one of the archive that somebody uploaded, as media.json has
// it.
type sentFile struct {
	File      string `json:"file"`
	Use       string `json:"use"`
	Alt       string `json:"alt,omitempty"`
	Missing   bool   `json:"missing,omitempty"` // it could not be found when the archive was fetched
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256,omitempty"`
	CreatedAt string `json:"created_at"`
}

// sendMedia writes the files that somebody uploaded, each as it is read from
// the store, and what they are. They are not written into the archive before
// somebody fetches it: they would be kept twice.
func (a *Archive) sendMedia(ctx context.Context, z *zip.Writer) error {
	if a.s.Open == nil {
		return nil
	}
	list := []sentFile{}
	for last := ""; ; {
		uploads, err := a.s.DB.Uploads(ctx, a.owner, last, partRows)
		if err != nil {
			return err
		}
		for _, u := range uploads {
			last = u.Name
			f, err := a.sendUpload(ctx, z, u)
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		if len(uploads) < partRows {
			break
		}
	}
	text, err := pretty(list)
	if err != nil {
		return err
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: fileMedia, Method: zip.Deflate, Modified: a.e.CreatedAt})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (a *Archive) sendUpload(ctx context.Context, z *zip.Writer, u *storage.Upload) (sentFile, error) {
	f := sentFile{File: uploadName(u), Use: u.Use, Alt: u.Alt, CreatedAt: stamp(u.CreatedAt)}
	body, err := a.s.Open(ctx, u.Name)
	if fault.Is(err, fault.NotFound) {
		f.Missing = true
		return f, nil
	}
	if err != nil {
		return f, err
	}
	defer body.Close()
	// It is packed already: pictures, films and sounds are.
	w, err := z.CreateHeader(&zip.FileHeader{Name: f.File, Method: zip.Store, Modified: u.CreatedAt})
	if err != nil {
		return f, err
	}
	sum := sha256.New()
	if f.Size, err = io.Copy(io.MultiWriter(w, sum), body); err != nil {
		return f, fmt.Errorf("%s: %w", u.Name, err)
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// uploadName is how a file is called in the archive: by what it is for where
// there is one of that.
func uploadName(u *storage.Upload) string {
	switch use := community.PictureUse(u.Use); use {
	case community.Avatar, community.Banner:
		return "media/" + string(use) + path.Ext(u.Name)
	}
	return "media/" + u.Name
}

// pictureOf tells what a picture of an archive is for, by its name: here, and
// in the archives of Mastodon.
func pictureOf(name string) (community.PictureUse, bool) {
	switch name {
	case "media/avatar.jpg", "media/avatar.png", "avatar.jpg", "avatar.jpeg", "avatar.png", "avatar.gif", "avatar.webp":
		return community.Avatar, true
	case "media/banner.jpg", "media/banner.png", "header.jpg", "header.jpeg", "header.png", "header.gif", "header.webp":
		return community.Banner, true
	}
	return "", false
}

// prepare makes the pictures that somebody brought along ready to be shown, and
// notes under which names. What is no picture is said in its line.
func (s *Service) prepare(ctx context.Context, r *reading) error {
	for _, l := range r.lines {
		if l.Kind != community.LinePicture {
			continue
		}
		if s.Actions.Prepare == nil {
			l.Outcome, l.Reason = community.Unsupported, "This server keeps no pictures."
			continue
		}
		name, err := s.Actions.Prepare(ctx, community.PictureUse(l.Target), r.pictures[community.PictureUse(l.Target)])
		switch {
		case fault.Is(err, fault.Invalid):
			l.Outcome, l.Reason = community.Failed, reasonOf(err)
		case err != nil:
			return err
		}
		l.Detail = name
	}
	return nil
}

// hang shows a picture that was brought along. One that is here already stays,
// unless what they brought replaces it.
func (s *Service) hang(ctx context.Context, im *community.Import, who *community.Actor, line *community.ImportLine) (community.Outcome, error) {
	use := community.PictureUse(line.Target)
	here, err := s.DB.Picture(ctx, who.ID, use)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err == nil && (here.Name == line.Detail || !im.Replaces) {
		return community.Already, nil
	}
	return community.Done, s.Actions.Show(ctx, who, use, line.Detail)
}
