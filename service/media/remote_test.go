package media

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

// far is a server elsewhere with pictures.
type far struct {
	files map[string][]byte
	tags  map[string]string
	asked atomic.Int64
	err   error
	slow  chan struct{} // answers when it is closed
}

func (f *far) fetch(_ context.Context, address, etag string) (*Fetched, error) {
	f.asked.Add(1)
	if f.slow != nil {
		<-f.slow
	}
	if f.err != nil {
		return nil, f.err
	}
	file, there := f.files[address]
	if !there {
		return nil, fault.New(fault.NotFound, "far.test answered 404.")
	}
	if etag != "" && etag == f.tags[address] {
		return &Fetched{Same: true}, nil
	}
	return &Fetched{Body: file, Etag: f.tags[address], URL: address}, nil
}

const catAddress = "https://far.test/cat.jpg?a=1&b=2"

// remoteWorld has a group with a post from elsewhere that shows a cat.
func remoteWorld(t *testing.T, w *world) (*far, *community.Post) {
	t.Helper()
	f := &far{files: map[string][]byte{catAddress: asJPEG(t, meadow(1500, 1000))}, tags: map[string]string{}}
	w.Picture, w.Page, w.Cache, w.Patience = f.fetch, f.fetch, 100<<20, time.Hour
	post := &community.Post{GroupID: w.group.ID, AuthorID: w.alice.ID, Title: "Cat", HTML: `<p><img src="https://far.test/inline.png" alt=""></p>`, Kind: community.ImagePost, CreatedAt: w.now(), ArrivedAt: w.now()}
	check(t, w.DB.AddPost(t.Context(), post, origin+"/post/"))
	check(t, w.DB.AddAttachments(t.Context(), []*community.Attachment{{
		OwnerID: w.alice.ID, PostID: post.ID, Kind: community.ImageAttachment, Address: catAddress, CreatedAt: w.now(),
	}}))
	return f, post
}

func key(address string, size community.MediaSize) string {
	return community.Sized(community.PictureKey(address)+".webp", size)
}

func (w *world) remote(t *testing.T, id community.PostID, file string) (content []byte, err error) {
	t.Helper()
	found, _, err := w.Remote(t.Context(), nil, "post", int64(id), file)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out bytes.Buffer
	_, err = out.ReadFrom(found)
	check(t, err)
	return out.Bytes(), nil
}

func TestRemotePictures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, post := remoteWorld(t, w)
		f.tags[catAddress] = `"one"`
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if got, err := w.remote(t, post.ID, key(catAddress, community.ThumbSize)); err != nil || len(got) == 0 {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			})
		}
		wait.Wait()
		if n := f.asked.Load(); n != 1 {
			t.Errorf("far was asked %d times by 20 readers", n)
		}
		for _, size := range []community.MediaSize{community.FullSize, community.PageSize, community.TinySize} {
			if _, err := w.remote(t, post.ID, key(catAddress, size)); err != nil {
				t.Errorf("%q: %v", size, err)
			}
		}
		w.at = w.at.Add(8 * 24 * time.Hour)
		before, err := w.remote(t, post.ID, key(catAddress, ""))
		check(t, err)
		if n := f.asked.Load(); n != 2 {
			t.Errorf("asked %d times after a week", n)
		}
		f.files[catAddress], f.tags[catAddress] = asJPEG(t, meadow(300, 300)), `"two"`
		w.at = w.at.Add(8 * 24 * time.Hour)
		after, err := w.remote(t, post.ID, key(catAddress, ""))
		check(t, err)
		if bytes.Equal(before, after) {
			t.Error("what changed there stays here")
		}
		f.err = fault.New(fault.Unavailable, "far.test cannot be reached.")
		w.at = w.at.Add(8 * 24 * time.Hour)
		if still, err := w.remote(t, post.ID, key(catAddress, "")); err != nil || !bytes.Equal(still, after) {
			t.Errorf("while far is away: %d bytes, %v", len(still), err)
		}
	})
}

// Nothing is fetched that does not stand in what is named, nor for who may not
// see that.
func TestRemoteIsNoOpenProxy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, post := remoteWorld(t, w)
		f.files["https://other.test/x.jpg"] = f.files[catAddress]
		for name, ask := range map[string]struct {
			kind, file string
			id         int64
		}{
			"something else":   {"post", key("https://other.test/x.jpg", ""), int64(post.ID)},
			"another post":     {"post", key(catAddress, ""), int64(post.ID) + 1},
			"another kind":     {"actor", key(catAddress, ""), int64(w.alice.ID)},
			"no kind":          {"server", key(catAddress, ""), 1},
			"no name":          {"post", "../../../etc/passwd", int64(post.ID)},
			"an address":       {"post", catAddress, int64(post.ID)},
			"another size":     {"post", community.PictureKey(catAddress) + "-huge.webp", int64(post.ID)},
			"a file that is":   {"post", community.PictureKey(catAddress) + ".jpg", int64(post.ID)},
			"an encoded query": {"post", "cat.jpg%3Fa=1%26b=2", int64(post.ID)},
		} {
			if _, _, err := w.Remote(t.Context(), w.alice, ask.kind, ask.id, ask.file); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.group.Visibility = community.Private
		if _, err := w.DB.Bun().NewUpdate().Model(w.group).WherePK().Column("visibility").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.remote(t, post.ID, key(catAddress, "")); !fault.Is(err, fault.NotFound) {
			t.Errorf("for a stranger, from a private group: %v", err)
		}
		if n := f.asked.Load(); n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}

// A server that fails is left alone for a while, and one that an operator holds
// back altogether.
func TestRemoteFailures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, post := remoteWorld(t, w)
		const inline = "https://far.test/inline.png"
		for name, file := range map[string][]byte{"nothing": nil, "a page": []byte("<html>"), "a drawing": []byte("<svg/>"), "a bomb": sized(asPNG(t, drawing(20, 20)), 60_000, 60_000)} {
			if f.files[inline] = file; file == nil {
				delete(f.files, inline)
			}
			before := f.asked.Load()
			for range 3 {
				if _, err := w.remote(t, post.ID, key(inline, "")); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if n := f.asked.Load() - before; n != 1 {
				t.Errorf("%s was asked for %d times", name, n)
			}
			w.at = w.at.Add(25 * time.Hour)
		}
		peer, err := w.DB.PeerByHost(t.Context(), "far.test", w.now())
		check(t, err)
		peer.PausedAt, peer.TouchedAt = w.now(), w.now()
		check(t, w.DB.TouchPeer(t.Context(), peer))
		before := f.asked.Load()
		if _, err := w.remote(t, post.ID, key(catAddress, "")); err == nil || f.asked.Load() != before {
			t.Errorf("held back, and yet asked: %v", err)
		}
	})
}

// Nobody waits long for a server that takes its time; what it sends in the end
// is there for the next one.
func TestRemoteTakesItsTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, post := remoteWorld(t, w)
		f.slow, w.Patience = make(chan struct{}), time.Millisecond
		for range 2 {
			if _, err := w.remote(t, post.ID, key(catAddress, "")); !fault.Is(err, fault.Unavailable) {
				t.Fatalf("a picture that does not come: %v", err)
			}
		}
		close(f.slow)
		w.Patience = time.Hour
		if _, err := w.remote(t, post.ID, key(catAddress, "")); err != nil || f.asked.Load() != 1 {
			t.Errorf("after a while: %v, asked %d times", err, f.asked.Load())
		}
	})
}

// Of a server that does not answer one picture is asked for and not each of
// them, and after a while again.
func TestRemoteThatIsSilent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, post := remoteWorld(t, w)
		f.err = fault.New(fault.Unavailable, "far.test does not answer.")
		for _, address := range []string{catAddress, "https://far.test/inline.png"} {
			if _, err := w.remote(t, post.ID, key(address, "")); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", address, err)
			}
		}
		if n := f.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		f.err, w.at = nil, w.at.Add(time.Hour)
		if _, err := w.remote(t, post.ID, key(catAddress, "")); err != nil {
			t.Error(err)
		}
	})
}

func TestSweepRemote(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, post := remoteWorld(t, w)
		_, err := w.remote(t, post.ID, key(catAddress, ""))
		check(t, err)
		check(t, w.SweepRemote(t.Context()))
		p, err := w.DB.RemotePicture(t.Context(), community.PictureKey(catAddress))
		check(t, err)
		if _, there := w.file(t, p.Name); !there {
			t.Error("what was just shown is gone")
		}
		w.Cache = 10
		check(t, w.SweepRemote(t.Context()))
		if _, there := w.file(t, p.Name); there {
			t.Error("more is kept than may be")
		}
		if _, err := w.DB.RemotePicture(t.Context(), p.Key); !fault.Is(err, fault.NotFound) {
			t.Errorf("the row: %v", err)
		}
	})
}

const pageText = `<html><head><title>Plain
 title</title><meta property="og:title" content="Walls &amp; gates&#8238;x"><meta property="og:description" content="<b>How</b> to">
<meta property="og:image" content="/pic.jpg"><meta property="og:site_name" content="Walls"><meta property="og:title" content="Second"></head><body><meta property="og:description" content="no"></body></html>`

func TestPreviews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f, _ := remoteWorld(t, w)
		for address, page := range map[string]string{
			"https://far.test/a": pageText, "https://far.test/b": `<title>Only this</title>`,
			"https://far.test/c": `<meta name="robots" content="noindex, nofollow"><title>Leave me alone</title>`, "https://far.test/d": "\xff\xfe\x00",
			"https://far.test/e": `<meta property="og:title" content="x"><meta property="og:image" content="javascript:alert(1)">`,
		} {
			f.files[address] = []byte(page)
		}
		f.files["https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fyoutu.be%2Fx"] = []byte(`{"title":"A film","author_name":"Ann","provider_name":"YouTube","thumbnail_url":"https://i.ytimg.com/x.jpg","html":"<script>alert(1)</script>"}`)
		for address, want := range map[string]community.Preview{
			"https://far.test/a":   {Title: "Walls & gatesx", Description: "<b>How</b> to", Site: "Walls", Image: "https://far.test/pic.jpg"},
			"https://far.test/b":   {Title: "Only this"},
			"https://far.test/c":   {},
			"https://far.test/d":   {},
			"https://far.test/e":   {Title: "x"},
			"https://far.test/404": {},
			"https://youtu.be/x":   {Title: "A film", Description: "Ann", Site: "YouTube", Image: "https://i.ytimg.com/x.jpg"},
		} {
			job := community.PreviewJob(address, origin, w.group, w.now())
			check(t, w.LookAt(t.Context(), job))
			got, err := w.DB.Preview(t.Context(), address)
			check(t, err)
			if got.Title != want.Title || got.Description != want.Description || got.Site != want.Site || got.Image != want.Image {
				t.Errorf("%s: %+v", address, got)
			}
			before := f.asked.Load()
			if check(t, w.LookAt(t.Context(), job)); f.asked.Load() != before {
				t.Errorf("%s is asked again at once", address)
			}
		}
		if community.PreviewJob(origin+"/post/1", origin, w.group, w.now()) != nil {
			t.Error("this server asks itself")
		}
		w.group.Visibility = community.Private
		if community.PreviewJob("https://far.test/a", origin, w.group, w.now()) != nil {
			t.Error("others learn what is read in a private group")
		}
	})
}

func TestUnwilling(t *testing.T) {
	for text, want := range map[string]bool{"": false, "index,follow": false, "NoIndex": true, "nofollow, nosnippet": true, "none": true, "max-snippet:0": true, "max-snippet:50": false, "noindexing": false} {
		if Unwilling(text) != want {
			t.Errorf("%q", text)
		}
	}
}
