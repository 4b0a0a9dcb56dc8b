package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

// pngChunk is a part of a PNG.
func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// deflated is a PNG that says it has so many pixels, out of so many bytes of
// nothing.
func deflated(t *testing.T, width, height uint32, zeros int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for chunk := make([]byte, 1<<20); zeros > 0; zeros -= len(chunk) {
		_, err := z.Write(chunk[:min(zeros, len(chunk))])
		check(t, err)
	}
	check(t, z.Close())
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
	return append(append(out, pngChunk("IDAT", packed.Bytes())...), pngChunk("IEND", nil)...)
}

// endlessGIF is a GIF of one pixel's pictures, as many as are asked for.
func endlessGIF(pictures int) []byte {
	out := []byte("GIF89a\x20\x00\x20\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	one := []byte("\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00")
	out = append(out, bytes.Repeat(one, pictures)...)
	return append(out, 0x3b)
}

// Each of these is small, and would cost much to whoever believed it; none is
// taken, nothing is stored, and nobody waits for the answer.
func TestUploadBombs(t *testing.T) {
	photo := asJPEG(t, meadow(64, 64))
	scans := photo[:len(photo)-2]
	start := bytes.Index(photo, []byte("\xff\xda"))
	for range 100 {
		scans = append(scans, photo[start:len(photo)-2]...)
	}
	bombs := map[string][]byte{
		"a PNG of 60000 × 60000 pixels":           sized(asPNG(t, drawing(20, 20)), 60_000, 60_000),
		"a PNG of 2³¹ pixels each way":            sized(asPNG(t, drawing(20, 20)), 1<<31-1, 1<<31-1),
		"a PNG that unpacks to 400 MB":            deflated(t, 10_000, 10_000, 400<<20),
		"a PNG of 5000 × 5000 with little in it":  deflated(t, 5_000, 5_000, 1<<10),
		"a JPEG of a hundred scans":               append(scans, 0xff, 0xd9),
		"a GIF of 10⁵ pictures":                   endlessGIF(100_000),
		"a GIF of 65535 × 65535":                  append([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff"), endlessGIF(1)[19:]...),
		"a WebP that says 16384 × 16384":          asWebP(16384, 16384),
		"a drawing in SVG":                        []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"a drawing in SVG, with an XML prologue":  []byte(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg/>`),
		"a TIFF":                                  []byte("II*\x00\x08\x00\x00\x00"),
		"a BMP":                                   append([]byte("BM"), make([]byte, 100)...),
		"an ICO":                                  append([]byte("\x00\x00\x01\x00"), make([]byte, 100)...),
		"an AVIF":                                 append([]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf"), make([]byte, 100)...),
		"HTML after the word GIF89a":              []byte("GIF89a/*<html><script>*/=1;alert(1)//</script>"),
		"a script after the beginning of a JPEG":  []byte("\xff\xd8\xff\xe0/*<script>alert(1)</script>*/"),
		"an EBML file that is no WebM":            append([]byte("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"), make([]byte, 100)...),
		"bytes that begin like a frame of an MP3": append([]byte("\xff\xfb\x90\x00"), bytes.Repeat([]byte("<script>"), 200)...),
	}
	for name, at := range map[string]int{"half": len(photo) / 2, "a tenth": len(photo) / 10, "a few bytes": 30} {
		if name != "half" { // Go reads half of a JPEG as an error, too
			bombs["a JPEG cut short to "+name] = photo[:at]
		}
	}
	each(t, func(t *testing.T, w *world) {
		for name, file := range bombs {
			began := time.Now()
			if _, err := w.Upload(t.Context(), w.alice, file, ""); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%s takes %s", name, took)
			}
		}
		if use, err := w.DB.MediaUse(t.Context(), w.alice.ID); err != nil || use.Files != 0 {
			t.Errorf("%+v is kept, %v", use, err)
		}
	})
}

// A file that is two things at once is one thing here: what hides in a picture
// is not in any of the files that are made of it.
func TestUploadPolyglots(t *testing.T) {
	secret := []byte("<script>alert('polyglot')</script>PK\x03\x04")
	photo := asJPEG(t, meadow(64, 64))
	png := asPNG(t, drawing(40, 40))
	moving := animated(40, 40, asWebP(40, 40), asWebP(40, 40))
	each(t, func(t *testing.T, w *world) {
		for name, file := range map[string][]byte{
			"behind a JPEG":               append(bytes.Clone(photo), secret...),
			"in a remark of a JPEG":       segment(photo, 0xfe, secret),
			"in EXIF":                     segment(photo, 0xe1, append([]byte("Exif\x00\x00"), secret...)),
			"behind a PNG":                append(bytes.Clone(png), secret...),
			"in a text of a PNG":          append(append(bytes.Clone(png[:33]), pngChunk("tEXt", secret)...), png[33:]...),
			"behind a GIF that moves":     append(asGIF(t, 40, 30, 3), secret...),
			"behind a WebP that moves":    append(bytes.Clone(moving), secret...),
			"in XMP of a WebP that moves": withChunk(moving, "XMP ", secret),
			"in EXIF of such":             withChunk(moving, "EXIF", secret),
		} {
			a := w.upload(t, file, "")
			for _, stored := range community.Files(a.Name) {
				if content, there := w.file(t, stored); there && bytes.Contains(content, []byte("polyglot")) {
					t.Errorf("%s: it is in %s", name, stored)
				}
			}
		}
	})
}

// withChunk puts a part at the end of a WebP.
func withChunk(file []byte, kind string, body []byte) []byte {
	return riff(append(chunks(file[12:]), chunk{kind, body})...)
}
