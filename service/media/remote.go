package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Pictures of other servers are shown by this one: they learn of nobody who
// reads here, and they cannot show something else tomorrow to one reader alone.
// What is fetched is only ever what stands in something that was stored here,
// for those who may read that, and what is handed out is pixels that were made
// anew: no address makes this server fetch or say what it does not show anyway.

// A Fetched is what another server answered.
type Fetched struct {
	Body     []byte
	Etag     string // by which it knows this state of the file
	Same     bool   // nothing changed since the state that was asked about
	Picture  bool   // it is a picture, where a page was asked for
	Unlisted bool   // a page that does not want to be taken apart by programs
	URL      string // where it was in the end
}

// Fetch asks another server for a file, in a guarded way. Whoever asks again
// says what they have.
type Fetch func(ctx context.Context, address, etag string) (*Fetched, error)

const (
	fetchesAtOnce = 8
	fetchTime     = 15 * time.Second // until a picture is here, waiting included

	// A browser asks for a few things of one server at a time: whoever waited
	// long for pictures of one that does not answer could not even leave.
	patience = 6 * time.Second
	silence  = time.Minute // for which one that did not answer is asked for nothing else

	remoteLife  = 7 * 24 * time.Hour // until a picture is asked for again
	remoteUsed  = 24 * time.Hour     // how exactly is known when it was shown last
	remoteIdle  = 90 * 24 * time.Hour
	retrySoon   = 15 * time.Minute // after what may go better
	retryLater  = 24 * time.Hour   // after what will hardly
	sweepRemote = 200
)

var remoteFile = regexp.MustCompile(`^([0-9a-f]{32})(?:-(page|thumb|tiny))?\.webp$`)

// errNoPicture says nothing of why: who asks learns nothing about others.
func errNoPicture() error { return fault.New(fault.NotFound, "There is no such picture.") }

// Remote returns the file of a picture that is kept elsewhere and stands in an
// actor, a post or a comment, for a reader who may see that. closed says that
// not everybody may.
func (s *Service) Remote(ctx context.Context, reader *community.Actor, kind string, id int64, file string) (_ *File, closed bool, err error) {
	defer fault.Wrap(&err, "media.Remote(%s %d, %s)", kind, id, file)
	parts := remoteFile.FindStringSubmatch(file)
	if parts == nil || s.Picture == nil {
		return nil, false, errNoPicture()
	}
	shown, closed, err := s.shownIn(ctx, reader, kind, id)
	if err != nil {
		return nil, closed, err
	}
	at := slices.IndexFunc(shown, func(address string) bool { return community.PictureKey(address) == parts[1] })
	if at < 0 {
		return nil, closed, errNoPicture()
	}
	if own, ok := strings.CutPrefix(shown[at], s.Origin+community.MediaPath); ok {
		file, err := s.Open(ctx, own)
		return file, closed, err
	}
	name, err := s.cached(ctx, shown[at])
	if err != nil {
		return nil, closed, err
	}
	content, err := s.Store.Open(ctx, community.Sized(name, community.MediaSize(parts[2])))
	if fault.Is(err, fault.NotFound) { // swept at this moment
		err = errNoPicture()
	}
	if err != nil {
		return nil, closed, err
	}
	return &File{ReadSeekCloser: content, Kind: kindOf(name), Name: name}, closed, nil
}

// shownIn lists the addresses of the pictures of other servers that stand in
// something, and whether not everybody may see it.
func (s *Service) shownIn(ctx context.Context, reader *community.Actor, kind string, id int64) (addresses []string, closed bool, err error) {
	switch kind {
	case "actor":
		a, err := s.DB.Actor(ctx, community.ActorID(id))
		if err != nil || a.Gone() {
			return nil, false, err
		}
		return s.foreign(append(markup.Pictures(a.SummaryHTML), a.Icon, a.Image)), false, nil
	case "post":
		post, err := s.DB.Post(ctx, community.PostID(id))
		if err != nil || post.Hidden() {
			return nil, false, err
		}
		if addresses, err = s.previewPicture(ctx, post.Link); err != nil {
			return nil, false, err
		}
		return s.standing(ctx, reader, post.GroupID, post.ID, 0, append(addresses, markup.Pictures(post.HTML)...))
	case "comment":
		c, err := s.DB.Comment(ctx, community.CommentID(id))
		if err != nil || c.Hidden() {
			return nil, false, err
		}
		return s.standing(ctx, reader, c.GroupID, c.PostID, c.ID, markup.Pictures(c.HTML))
	}
	return nil, false, errNoPicture()
}

// standing adds what a text shows to the pictures in it, if reader may read it.
func (s *Service) standing(ctx context.Context, reader *community.Actor, group community.ActorID, post community.PostID, comment community.CommentID, addresses []string) ([]string, bool, error) {
	may, err := s.DB.MayRead(ctx, reader, group)
	if err == nil && !may {
		err = errNoPicture()
	}
	if err != nil {
		return nil, true, err
	}
	g, err := s.DB.Actor(ctx, group)
	if err != nil {
		return nil, true, err
	}
	list, err := s.DB.AttachmentsIn(ctx, post, comment)
	if err != nil {
		return nil, true, err
	}
	for _, a := range list {
		if a.Kind == community.ImageAttachment {
			addresses = append(addresses, a.Address)
		}
	}
	return s.foreign(addresses), g.Closed(), nil
}

// foreign leaves the addresses on other servers, and of uploads here that
// somebody wrote in full.
func (s *Service) foreign(addresses []string) []string {
	return slices.DeleteFunc(addresses, func(address string) bool {
		return !strings.HasPrefix(address, "http") ||
			strings.HasPrefix(address, s.Origin+"/") && !strings.HasPrefix(address, s.Origin+community.MediaPath)
	})
}

// cached returns the name of the files of a picture that is kept elsewhere,
// and fetches it first where that is needed.
func (s *Service) cached(ctx context.Context, address string) (string, error) {
	key, now := community.PictureKey(address), s.now()
	known, err := s.DB.RemotePicture(ctx, key)
	switch {
	case fault.Is(err, fault.NotFound):
		known = &community.RemotePicture{Key: key, Address: address}
	case err != nil:
		return "", err
	case now.Before(known.RetryAt) && known.Name == "":
		return "", errNoPicture()
	case now.Before(known.RetryAt):
		if now.Sub(known.UsedAt) > remoteUsed {
			return known.Name, s.DB.UseRemotePicture(ctx, key, now)
		}
		return known.Name, nil
	}
	// Many ask at the same moment, and one fetch serves them all. It goes on
	// when the one who was first does not wait for it.
	onItsWay := func(cause error) error {
		return fault.Because(cause, fault.Unavailable, "The picture is still on its way. Try again in a moment.")
	}
	fetch := s.fetching.DoChan(key, func() (any, error) { return s.refresh(context.WithoutCancel(ctx), known) })
	select {
	case <-ctx.Done():
		return "", onItsWay(ctx.Err())
	case <-time.After(s.Patience):
		return "", onItsWay(nil)
	case found := <-fetch:
		name, _ := found.Val.(string)
		if found.Err == nil && name == "" {
			return "", errNoPicture()
		}
		return name, found.Err
	}
}

// refresh fetches a picture and notes what came of it. Where nothing came, what
// was there before is shown on.
func (s *Service) refresh(ctx context.Context, known *community.RemotePicture) (string, error) {
	now := s.now()
	old := known.Name
	known.FetchedAt, known.UsedAt, known.RetryAt = now, now, now.Add(remoteLife)
	made, err := s.fetchPicture(ctx, known)
	switch {
	case err == nil && made != nil:
		known.Name, known.Size = made.attachment.Name, made.attachment.Size
		for file, content := range made.files {
			if err := s.Store.Put(ctx, file, kindOf(file), content); err != nil {
				return old, err
			}
		}
	case err != nil:
		known.RetryAt = now.Add(retrySoon)
		if code := fault.CodeOf(err); code == fault.NotFound || code == fault.Forbidden || code == fault.Invalid {
			known.RetryAt = now.Add(retryLater)
		}
	}
	if err := s.DB.SaveRemotePicture(ctx, known); err != nil {
		return old, err
	}
	if old != "" && old != known.Name {
		return known.Name, s.unstore(ctx, old)
	}
	return known.Name, nil
}

// fetchPicture asks for a picture and makes its files; nil where it is the one
// that we have.
func (s *Service) fetchPicture(ctx context.Context, known *community.RemotePicture) (*prepared, error) {
	if err := s.askable(ctx, known.Address); err != nil {
		return nil, err
	}
	got, err := s.askFor(ctx, known)
	if err != nil || got.Same {
		return nil, err
	}
	header, err := readHeader(got.Body)
	if err != nil {
		return nil, err
	}
	if err := header.bounded(); err != nil {
		return nil, err
	}
	if err := s.easel.Acquire(ctx, 1); err != nil {
		return nil, fault.Because(err, fault.Unavailable, "Many pictures are being read just now.")
	}
	defer s.easel.Release(1)
	r, err := header.render(got.Body, community.FullSize, community.PageSize, community.ThumbSize, community.TinySize)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(known.Key), r.files[community.FullSize]...))
	p := &prepared{files: map[string][]byte{}}
	p.attachment.Name = "remote" + hex.EncodeToString(sum[:16]) + ".webp" // no upload is called so
	for size, content := range r.files {
		p.files[community.Sized(p.attachment.Name, size)] = content
		p.attachment.Size += int64(len(content))
	}
	known.Etag = got.Etag
	return p, nil
}

// askFor asks for a picture, within a time, waiting for a turn included.
func (s *Service) askFor(ctx context.Context, known *community.RemotePicture) (*Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	if err := s.asking.Acquire(ctx, 1); err != nil {
		return nil, fault.Because(err, fault.Unavailable, "Many pictures are being fetched just now.")
	}
	defer s.asking.Release(1)
	if s.silent.holds(hostOf(known.Address), s.now()) {
		return nil, fault.New(fault.Unavailable, "That server did not answer a moment ago.")
	}
	etag := known.Etag
	if known.Name == "" {
		etag = ""
	}
	got, err := s.Picture(ctx, known.Address, etag)
	if fault.Is(err, fault.Unavailable) {
		s.silent.note(hostOf(known.Address), s.now())
	}
	return got, err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// quiet remembers for a while which servers did not answer, so that one that is
// gone is not waited for once for each of its pictures.
type quiet struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (q *quiet) holds(host string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return now.Before(q.until[host])
}

func (q *quiet) note(host string, now time.Time) {
	const most = 1000 // rather forget all than grow
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.until == nil || len(q.until) >= most {
		q.until = map[string]time.Time{}
	}
	q.until[host] = now.Add(silence)
}

// askable reports why a server is not asked for anything: its operator's peer
// is held back here.
func (s *Service) askable(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errNoPicture()
	}
	peer, err := s.DB.PeerNamed(ctx, u.Host)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil && peer.Paused() {
		err = fault.New(fault.Forbidden, "%s is asked for nothing: an operator holds it back.", u.Host)
	}
	return err
}

// unstore deletes the files of a picture that is kept elsewhere.
func (s *Service) unstore(ctx context.Context, name string) error {
	for _, file := range community.Files(name) {
		if err := s.Store.Delete(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// SweepRemote deletes pictures of other servers that nobody looked at for long,
// and, where all together take more than they may, those that were looked at
// the longest ago.
func (s *Service) SweepRemote(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "media.SweepRemote")
	for {
		_, total, err := s.DB.RemoteUse(ctx)
		if err != nil {
			return err
		}
		before := s.now().Add(-remoteIdle)
		if total > s.Cache {
			before = s.now()
		}
		list, err := s.DB.IdleRemotePictures(ctx, before, sweepRemote)
		if err != nil {
			return err
		}
		for _, p := range list {
			if total <= s.Cache && s.now().Sub(p.UsedAt) < remoteIdle {
				return nil
			}
			if err := s.forgetRemote(ctx, p); err != nil {
				return err
			}
			total -= p.Size
		}
		if len(list) < sweepRemote {
			return nil
		}
	}
}

func (s *Service) forgetRemote(ctx context.Context, p *community.RemotePicture) error {
	if p.Name != "" {
		if err := s.unstore(ctx, p.Name); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return tx.DropRemotePicture(ctx, p.Key) })
}
