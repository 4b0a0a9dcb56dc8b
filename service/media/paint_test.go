package media

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"

	"drystone/community"
)

func painting(t *testing.T, use community.PictureUse, file []byte) (*painted, image.Image, image.Image) {
	t.Helper()
	h, err := readHeader(file)
	check(t, err)
	check(t, h.check())
	p, err := paint(h, use, file)
	check(t, err)
	large, _, err := image.Decode(bytes.NewReader(p.large))
	check(t, err)
	small, _, err := image.Decode(bytes.NewReader(p.small))
	check(t, err)
	return p, large, small
}

func TestShapes(t *testing.T) {
	tests := []struct {
		name         string
		use          community.PictureUse
		w, h         int
		large, small image.Point
	}{
		{"a wide avatar", community.Avatar, 800, 450, image.Pt(400, 400), image.Pt(96, 96)},
		{"a tall avatar", community.Avatar, 100, 2000, image.Pt(100, 100), image.Pt(96, 96)},
		{"a small avatar stays small", community.Avatar, 50, 60, image.Pt(50, 50), image.Pt(50, 50)},
		{"a banner", community.Banner, 1600, 1000, image.Pt(1500, 500), image.Pt(640, 213)},
		{"a narrow banner", community.Banner, 300, 300, image.Pt(300, 100), image.Pt(300, 100)},
		{"the smallest banner", community.Banner, 16, 16, image.Pt(16, 5), image.Pt(16, 5)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, large, small := painting(t, test.use, asPNG(t, drawing(test.w, test.h)))
			if large.Bounds().Size() != test.large || small.Bounds().Size() != test.small {
				t.Errorf("painted %v and %v, want %v and %v", large.Bounds().Size(), small.Bounds().Size(), test.large, test.small)
			}
		})
	}
}

// However a camera was held, the red corner comes out where it was seen: top
// left, with blue across from it.
func TestOrientation(t *testing.T) {
	upright := drawing(200, 200)
	for o := 1; o <= 8; o++ {
		// The picture as a camera that was held so would write it.
		back := map[int]int{6: 8, 8: 6}[o]
		if back == 0 {
			back = o
		}
		_, large, _ := painting(t, community.Avatar, held(asJPEG(t, turned(upright, back)), byte(o)))
		r, _, b, _ := large.At(20, 20).RGBA()
		r2, _, b2, _ := large.At(180, 180).RGBA()
		if r>>8 < 200 || b>>8 > 60 || r2>>8 > 60 || b2>>8 < 200 {
			t.Errorf("orientation %d: %v top left, %v bottom right", o, large.At(20, 20), large.At(180, 180))
		}
	}
}

// Nothing of a file survives but what is seen of it.
func TestOnlyPixelsSurvive(t *testing.T) {
	photo := asJPEG(t, drawing(200, 200))
	secrets := []string{"GPS 52.52 13.40", "<script>alert(1)</script>", "PK\x03\x04", "Serial 4711"}
	photo = segment(photo, 0xe1, append(append([]byte("Exif\x00\x00"), exif(1)...), secrets[0]...))
	photo = segment(photo, 0xfe, []byte(secrets[1]))
	photo = segment(photo, 0xed, []byte(secrets[3]))
	photo = append(photo, secrets[2]...) // a JPEG that is also a zip
	for _, use := range []community.PictureUse{community.Avatar, community.Banner} {
		p, _, _ := painting(t, use, photo)
		for _, secret := range append(secrets, "Exif", "GPS") {
			if strings.Contains(string(p.large), secret) || strings.Contains(string(p.small), secret) {
				t.Errorf("%s: %q survives", use, secret)
			}
		}
	}
}

func TestTransparency(t *testing.T) {
	m := drawing(100, 100)
	for y := range 50 {
		for x := range 100 {
			m.Set(x, y, color.Transparent)
		}
	}
	p, large, _ := painting(t, community.Avatar, asPNG(t, m))
	if _, _, _, a := large.At(50, 10).RGBA(); p.kind != "image/png" || a != 0 {
		t.Errorf("an avatar becomes %s, and %v where nothing was", p.kind, large.At(50, 10))
	}
	p, large, _ = painting(t, community.Banner, asPNG(t, m))
	if r, g, b, _ := large.At(50, 5).RGBA(); p.kind != "image/jpeg" || r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
		t.Errorf("a banner becomes %s, and %v where nothing was", p.kind, large.At(50, 5))
	}
}

func TestNames(t *testing.T) {
	one, _, _ := painting(t, community.Avatar, asPNG(t, drawing(100, 100)))
	same, _, _ := painting(t, community.Avatar, asPNG(t, drawing(100, 100)))
	other, _, _ := painting(t, community.Avatar, asPNG(t, drawing(101, 101)))
	if one.name != same.name || one.name == other.name {
		t.Errorf("named %s, %s and %s", one.name, same.name, other.name)
	}
}

// A large photo is made small without what is thin in it going to waste: every
// pixel of it counts.
func TestLargePhotos(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 1700, 1600))
	for i := range m.Pix {
		m.Pix[i] = byte(i % 2 * 255) // black and white in turns
	}
	_, large, _ := painting(t, community.Avatar, asPNG(t, m))
	if r, _, _, _ := large.At(200, 200).RGBA(); r>>8 < 115 || r>>8 > 140 {
		t.Errorf("black and white in turns become %d, which is not grey", r>>8)
	}
}
