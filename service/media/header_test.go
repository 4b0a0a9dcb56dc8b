package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
)

// drawing is a picture with a red corner, a blue one, and grey between.
func drawing(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(100 + x%8), uint8(100 + y%8), 100, 255})
			if x < w/2 && y < h/2 {
				m.Set(x, y, color.RGBA{255, 0, 0, 255})
			}
			if x >= w/2 && y >= h/2 {
				m.Set(x, y, color.RGBA{0, 0, 255, 255})
			}
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	var out bytes.Buffer
	check(t, jpeg.Encode(&out, m, nil))
	return out.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	var out bytes.Buffer
	check(t, png.Encode(&out, m))
	return out.Bytes()
}

func asGIF(t testing.TB, w, h, pictures int) []byte {
	g := &gif.GIF{Config: image.Config{Width: w, Height: h}}
	for range pictures {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 1)
	}
	var out bytes.Buffer
	check(t, gif.EncodeAll(&out, g))
	return out.Bytes()
}

// asWebP writes a WebP of one colour by hand: a lossless bitstream (RFC 9649,
// 3) in which every code has one symbol.
func asWebP(w, h int) []byte {
	var bits []byte
	var n uint
	put := func(value uint32, count uint) {
		for i := range count {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(value>>i&1) << (n % 8)
			n++
		}
	}
	put(uint32(w-1), 14)
	put(uint32(h-1), 14)
	put(0, 1+3) // no transparency, version
	put(0, 1)   // no transform
	put(0, 1)   // no colour cache
	put(0, 1)   // one group of codes
	for _, symbol := range []uint32{200, 30, 60, 255} {
		put(1, 1) // simple
		put(0, 1) // one symbol
		put(1, 1) // of eight bits
		put(symbol, 8)
	}
	put(1, 1)
	put(0, 1)
	put(0, 1) // of one bit
	put(0, 1)
	return riff(chunk{"VP8L", append([]byte{0x2f}, bits...)})
}

func riff(list ...chunk) []byte {
	var body []byte
	for _, c := range list {
		body = append(append(body, c.kind...), binary.LittleEndian.AppendUint32(nil, uint32(len(c.body)))...)
		body = append(body, c.body...)
		if len(c.body)%2 == 1 {
			body = append(body, 0)
		}
	}
	file := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body)+4))...)
	return append(append(file, "WEBP"...), body...)
}

// animated puts the pictures of WebP files into one.
func animated(w, h int, files ...[]byte) []byte {
	extended := make([]byte, 10)
	extended[0] = 2
	putUint24(extended[4:], uint32(w-1))
	putUint24(extended[7:], uint32(h-1))
	list := []chunk{{"VP8X", extended}, {"ANIM", make([]byte, 6)}}
	for _, file := range files {
		list = append(list, chunk{"ANMF", append(make([]byte, 16), file[12:]...)})
	}
	return riff(list...)
}

// exif is a directory with one entry: how the camera was held.
func exif(orientation byte) []byte {
	return []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0}
}

// segment puts a segment behind the beginning of a JPEG.
func segment(file []byte, marker byte, body []byte) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, marker}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), file[2:]...)
}

func held(file []byte, orientation byte) []byte {
	return segment(file, 0xe1, append([]byte("Exif\x00\x00"), exif(orientation)...))
}

// sized changes the size that a PNG says it has.
func sized(file []byte, w, h uint32) []byte {
	out := bytes.Clone(file)
	binary.BigEndian.PutUint32(out[16:], w)
	binary.BigEndian.PutUint32(out[20:], h)
	return out
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadHeader(t *testing.T) {
	photo := asJPEG(t, drawing(120, 80))
	tests := []struct {
		name string
		file []byte
		want header
	}{
		{"a JPEG", photo, header{format: jpegFormat, width: 120, height: 80, orientation: 1}},
		{"held sideways", held(photo, 6), header{format: jpegFormat, width: 120, height: 80, orientation: 6}},
		{"held in no way", held(photo, 77), header{format: jpegFormat, width: 120, height: 80, orientation: 1}},
		{"a PNG", asPNG(t, drawing(33, 44)), header{format: pngFormat, width: 33, height: 44, orientation: 1}},
		{"a GIF", asGIF(t, 50, 60, 3), header{format: gifFormat, width: 50, height: 60, orientation: 1}},
		{"a WebP", asWebP(70, 20), header{format: webpFormat, width: 70, height: 20, orientation: 1}},
		{"a WebP that moves", animated(70, 20, asWebP(70, 20), asWebP(70, 20)), header{format: webpFormat, width: 70, height: 20, orientation: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, err := readHeader(test.file)
			check(t, err)
			check(t, h.check())
			if h.format != test.want.format || h.width != test.want.width || h.height != test.want.height || h.orientation != test.want.orientation {
				t.Errorf("read %+v, want %+v", h, test.want)
			}
			if _, err := paint(h, community.Avatar, test.file); err != nil {
				t.Errorf("and it cannot be painted: %v", err)
			}
		})
	}
}

// What is refused is refused before a pixel of it is read.
func TestImageBombs(t *testing.T) {
	small := asPNG(t, drawing(20, 20))
	photo := asJPEG(t, drawing(64, 64))
	scan := photo[bytes.Index(photo, []byte{0xff, 0xda}) : len(photo)-2]
	scans := append([]byte{}, photo[:len(photo)-2]...)
	for range maxScans + 1 {
		scans = append(scans, scan...)
	}
	huge := func(w, h uint16) []byte {
		out := bytes.Clone(photo)
		at := bytes.Index(out, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(out[at+5:], h)
		binary.BigEndian.PutUint16(out[at+7:], w)
		return out
	}
	gifBomb := asGIF(t, 20, 20, 1)
	binary.LittleEndian.PutUint16(gifBomb[6:], 65535)
	binary.LittleEndian.PutUint16(gifBomb[8:], 65535)
	for name, file := range map[string][]byte{
		"a PNG of 4 billion by 4 billion": sized(small, 1<<32-1, 1<<32-1),
		"a PNG of 40000 by 40000":         sized(small, 40000, 40000),
		"a PNG as thin as a hair":         sized(small, 30000, 20),
		"a JPEG of 65535 by 65535":        huge(65535, 65535),
		"a GIF of 65535 by 65535":         gifBomb,
		"a WebP of 16384 by 16384":        asWebP(16384, 16384),
		"a WebP that says it is larger":   animated(16000, 16000, asWebP(20, 20)),
		"a WebP that says it is smaller":  animated(20, 20, asWebP(16000, 16000)),
		"a JPEG with a scan too many":     append(scans, 0xff, 0xd9),
		"a GIF of two thousand pictures":  asGIF(t, 20, 20, 2000),
		"a WebP of two thousand":          animated(20, 20, slicesOf(asWebP(20, 20), 2000)...),
		"a picture of one pixel":          asPNG(t, drawing(1, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			h, err := readHeader(file)
			if err == nil {
				err = h.check()
			}
			refused(t, err)
		})
	}
}

func slicesOf(file []byte, n int) [][]byte {
	var list [][]byte
	for range n {
		list = append(list, file)
	}
	return list
}

func refused(t *testing.T, err error) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != fault.Invalid || e.Field != "picture" || e.Message == "" {
		t.Errorf("it is not refused in plain words: %v", err)
	}
}

func TestNoPictures(t *testing.T) {
	photo, flat := asJPEG(t, drawing(64, 64)), asPNG(t, drawing(64, 64))
	for name, file := range map[string][]byte{
		"nothing":                  {},
		"SVG":                      []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"SVG behind a declaration": []byte(`<?xml version="1.0"?><svg/>`),
		"HTML":                     []byte("<!doctype html><script>alert(1)</script>"),
		"a program":                []byte("\x7fELF\x02\x01\x01"),
		"PDF":                      []byte("%PDF-1.7"),
		"BMP":                      []byte("BM\x00\x00\x00\x00\x00\x00"),
		"words":                    []byte("a picture, honestly"),
		"HTML that begins as GIF":  []byte("GIF89a/*<script>*/=1;alert(1)//"),
		"a JPEG cut after 4 bytes": photo[:4],
		"half a JPEG":              photo[:len(photo)/2],
		"half a PNG":               flat[:len(flat)/2],
		"a PNG without pixels":     flat[:33],
		"half a GIF":               asGIF(t, 64, 64, 1)[:30],
		"half a WebP":              asWebP(64, 64)[:22],
		"an empty WebP":            riff(),
		"a WebP of other chunks":   riff(chunk{"ICCP", []byte("x")}, chunk{"EXIF", exif(3)}),
		"a JPEG with two sizes":    segment(photo, 0xc0, photo[bytes.Index(photo, []byte{0xff, 0xc0})+4:][:15]),
		"too many bytes":           append(bytes.Clone(photo), make([]byte, MaxUpload)...),
		"a PNG with a broken sum":  bytes.Replace(flat, []byte("IDAT"), []byte("IDAU"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			h, err := readHeader(file)
			if err == nil {
				err = h.check()
			}
			if err == nil {
				_, err = paint(h, community.Avatar, file)
			}
			refused(t, err)
		})
	}
}

func FuzzHeader(f *testing.F) {
	photo := asJPEG(f, drawing(40, 30))
	for _, file := range [][]byte{
		photo, held(photo, 8), asPNG(f, drawing(20, 20)), asGIF(f, 20, 20, 2), asWebP(30, 20), animated(30, 20, asWebP(30, 20)),
		riff(chunk{"VP8X", make([]byte, 10)}, chunk{"ALPH", []byte{0}}, chunk{"VP8 ", []byte("\x00\x00\x00\x9d\x01\x2a\x10\x00\x10\x00")}),
		[]byte(strings.Repeat("\xff\xd8", 40)),
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := readHeader(file)
		if err != nil {
			refused(t, err)
			return
		}
		if err := h.check(); err != nil {
			refused(t, err)
			return
		}
		if h.width*h.height > 300*300 {
			return // fair, and slow
		}
		p, err := paint(h, community.Avatar, file)
		if err != nil {
			refused(t, err)
			return
		}
		for _, out := range [][]byte{p.large, p.small} {
			m, _, err := image.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatalf("what was painted cannot be read: %v", err)
			}
			if b := m.Bounds(); b.Dx() > 400 || b.Dy() > 400 || b.Dx() != b.Dy() {
				t.Errorf("painted %v", b)
			}
		}
	})
}
