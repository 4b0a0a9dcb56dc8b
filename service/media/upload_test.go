package media

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"testing"
	"time"

	"golang.org/x/image/webp"

	gen "github.com/gen2brain/webp"

	"drystone/community"
	"drystone/fault"
)

// meadow is a picture with something in it.
func meadow(width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			out.SetRGBA(x, y, color.RGBA{byte(x * 255 / width), byte(y * 255 / height), byte((x ^ y) & 127), 255})
		}
	}
	return out
}

// No build of ours looks for a library of C.
func TestWebPIsOurOwn(t *testing.T) {
	if gen.Dynamic() == nil {
		t.Fatal("a library of this machine encodes WebP")
	}
}

func (w *world) upload(t *testing.T, file []byte, alt string) *community.Attachment {
	t.Helper()
	a, err := w.Upload(t.Context(), w.alice, file, alt)
	check(t, err)
	return a
}

func (w *world) file(t *testing.T, name string) ([]byte, bool) {
	t.Helper()
	f, err := w.Open(t.Context(), name)
	if fault.Is(err, fault.NotFound) {
		return nil, false
	}
	check(t, err)
	defer f.Close()
	var out bytes.Buffer
	_, err = out.ReadFrom(f)
	check(t, err)
	return out.Bytes(), true
}

func TestUploadOfAPicture(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.upload(t, held(asJPEG(t, meadow(3000, 1500)), 6), "  A meadow  ")
		if a.Kind != community.ImageAttachment || a.Width != 1024 || a.Height != 2048 || a.Alt != "A meadow" || a.MediaType != "image/webp" || len(a.Blurhash) < 20 || a.Moves || a.ID == 0 || a.PostID != 0 {
			t.Errorf("it is %+v", a)
		}
		if a.Address != origin+community.MediaPath+a.Name {
			t.Errorf("it is at %s", a.Address)
		}
		var size int64
		for name, want := range map[string]image.Point{
			a.Name: {1024, 2048}, community.Sized(a.Name, community.PageSize): {512, 1024}, community.Sized(a.Name, community.ThumbSize): {200, 400},
		} {
			content, there := w.file(t, name)
			if !there || bytes.Contains(content, []byte("Exif")) {
				t.Fatalf("%s: there %t, or with what a camera said", name, there)
			}
			size += int64(len(content))
			shown, err := webp.Decode(bytes.NewReader(content))
			check(t, err)
			if got := shown.Bounds().Size(); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
		if a.Size != size {
			t.Errorf("it counts for %d bytes of %d", a.Size, size)
		}
		use, err := w.DB.MediaUse(t.Context(), w.alice.ID)
		check(t, err)
		if use.Files != 1 || use.Bytes != size || use.Unclaimed != 1 {
			t.Errorf("alice uses %+v", use)
		}
	})
}

// A small picture is not made larger, and its sizes share one file's content.
func TestUploadOfASmallPicture(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.upload(t, asJPEG(t, meadow(64, 48)), "")
		full, _ := w.file(t, a.Name)
		thumb, _ := w.file(t, community.Sized(a.Name, community.ThumbSize))
		if a.Width != 64 || len(full) == 0 || !bytes.Equal(full, thumb) {
			t.Errorf("%+v, of %d and %d bytes", a, len(full), len(thumb))
		}
	})
}

// What moves goes on moving, without what hides in it.
func TestUploadOfAnAnimation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		file := asGIF(t, 40, 30, 5)
		secret := []byte("<script>alert(1)</script>")
		remark := append(append([]byte{0x21, 0xfe, byte(len(secret))}, secret...), 0)
		at := 13 + paletteSize(file[10])
		hidden := append(append(append(bytes.Clone(file[:at]), remark...), file[at:]...), secret...)
		a := w.upload(t, hidden, "")
		content, there := w.file(t, a.Name)
		if !there || !a.Moves || a.MediaType != "image/gif" || bytes.Contains(content, secret) {
			t.Fatalf("%+v: %q", a, content)
		}
		g, err := gif.DecodeAll(bytes.NewReader(content))
		check(t, err)
		if len(g.Image) != 5 || g.Delay[1] != 1 || g.LoopCount != 0 {
			t.Errorf("%d pictures, %v, %d times", len(g.Image), g.Delay, g.LoopCount)
		}
		if _, there := w.file(t, community.Sized(a.Name, community.ThumbSize)); !there {
			t.Error("there is no still of it")
		}
	})
}

func TestUploadIsBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Quota = 100 << 10
		film := append([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42"), make([]byte, 60<<10)...)
		if a := w.upload(t, film, ""); a.Kind != community.VideoAttachment || a.MediaType != "video/mp4" || a.Size != int64(len(film)) {
			t.Errorf("a film is %+v", a)
		}
		film[40] = 1
		if _, err := w.Upload(t.Context(), w.alice, film, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("beyond the quota: %v", err)
		}
		w.Quota, w.Recording = 1<<20, 1<<10
		if _, err := w.Upload(t.Context(), w.alice, film, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("a long film: %v", err)
		}
		elsewhere := &community.Actor{ID: w.alice.ID, Kind: community.Person, Name: "eve", Host: "far.test"}
		if _, err := w.Upload(t.Context(), elsewhere, asJPEG(t, meadow(20, 20)), ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("from elsewhere: %v", err)
		}
	})
}

// What nobody shows within a day is forgotten, files and all.
func TestUnclaimedUploads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.upload(t, asJPEG(t, meadow(40, 40)), ""), w.upload(t, asJPEG(t, meadow(50, 40)), "")
		b.PostID = 77
		check(t, w.DB.SaveAttachment(t.Context(), b))
		w.at = w.at.Add(23 * time.Hour)
		check(t, w.Sweep(t.Context()))
		if _, there := w.file(t, a.Name); !there {
			t.Error("it is gone before its day is over")
		}
		w.at = w.at.Add(2 * time.Hour)
		check(t, w.Sweep(t.Context()))
		if _, there := w.file(t, a.Name); there {
			t.Error("it is still there")
		}
		if _, there := w.file(t, community.Sized(a.Name, community.PageSize)); there {
			t.Error("a size of it is still there")
		}
		if _, there := w.file(t, b.Name); !there {
			t.Error("what is shown is gone")
		}
	})
}

func TestDescribe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.upload(t, asJPEG(t, meadow(40, 40)), "")
		changed, err := w.Describe(t.Context(), w.alice, a.ID, " Grass ")
		check(t, err)
		if changed.Alt != "Grass" {
			t.Errorf("it is described as %q", changed.Alt)
		}
		bob := w.actor(t, community.Person, "bob")
		if _, err := w.Describe(t.Context(), bob, a.ID, "Mine"); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		for _, alt := range []string{"a\x00b", string(bytes.Repeat([]byte("x"), community.MaxAlt+1))} {
			if _, err := w.Describe(t.Context(), w.alice, a.ID, alt); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v", alt, err)
			}
		}
	})
}

// BenchmarkUpload is a photo of 12 million pixels, made anew in three sizes.
func BenchmarkUpload(b *testing.B) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, meadow(4000, 3000), nil); err != nil {
		b.Fatal(err)
	}
	h, err := readHeader(file.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := prepareImage(h, file.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}

// Who goes takes what they uploaded along: all of it with their words, or what
// they never showed. The files go at the next look.
func TestUploadsOfWhoGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		shown, unshown := w.upload(t, asJPEG(t, meadow(40, 40)), ""), w.upload(t, asJPEG(t, meadow(50, 40)), "")
		shown.PostID = 77
		check(t, w.DB.SaveAttachment(t.Context(), shown))
		check(t, w.DB.DropUploadsOf(t.Context(), w.alice.ID, false, w.now()))
		gone, err := w.Prune(t.Context())
		check(t, err)
		_, first := w.file(t, shown.Name)
		_, second := w.file(t, unshown.Name)
		if gone != 1 || !first || second {
			t.Errorf("%d went; shown: %t, unshown: %t", gone, first, second)
		}
		check(t, w.DB.DropUploadsOf(t.Context(), w.alice.ID, true, w.now()))
		_, err = w.Prune(t.Context())
		check(t, err)
		if _, there := w.file(t, shown.Name); there {
			t.Error("what they showed is still there")
		}
	})
}

// What a moderator removes can be brought back with its pictures for a month.
func TestUploadsInWhatWasRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		post := &community.Post{GroupID: w.group.ID, AuthorID: w.alice.ID, Title: "Gone", Kind: community.ImagePost, CreatedAt: w.now(), ArrivedAt: w.now(), RemovedAt: w.now()}
		check(t, w.DB.AddPost(t.Context(), post, origin+"/post/"))
		a := w.upload(t, asJPEG(t, meadow(40, 40)), "")
		a.PostID = post.ID
		check(t, w.DB.SaveAttachment(t.Context(), a))
		began := w.at
		for _, days := range []time.Duration{29, 31} {
			w.at = began.Add(days * 24 * time.Hour)
			_, err := w.Prune(t.Context())
			check(t, err)
			if _, there := w.file(t, a.Name); there != (days < 30) {
				t.Errorf("after %d days: there %t", days, there)
			}
		}
	})
}
