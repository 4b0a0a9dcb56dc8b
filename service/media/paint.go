package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"drystone/community"
)

// painted is a picture made anew: two files of one kind.
type painted struct {
	name         string // of the larger file, after what is in it
	kind         string // media type
	large, small []byte
}

// A frame is the shape of a kind of picture: the largest size of one, and how
// wide its smaller file may be.
type frame struct{ width, height, small int }

var frames = map[community.PictureUse]frame{
	community.Avatar: {400, 400, 96},
	community.Banner: {1500, 500, 640},
}

// quality is that of the JPEGs we write: nobody sees the difference to more.
const quality = 85

// paint reads an upload whose header was checked, cuts its middle to shape, and
// makes both files. Banners only decorate: what is transparent in them becomes
// white. An avatar is written in whichever of PNG and JPEG is smaller, unless
// some of it is transparent.
func paint(h *header, use community.PictureUse, upload []byte) (_ *painted, err error) {
	defer func() {
		// Whatever a stranger's file does to a decoder, it is the file.
		if p := recover(); p != nil {
			err = errors.Join(errDamaged, fmt.Errorf("panic: %v", p))
		}
	}()
	source, err := h.decode(upload)
	if err != nil {
		return nil, errDamaged
	}
	f := frames[use]
	large := fit(source, h.orientation, f.width, f.height)
	small := large
	if size := large.Rect.Size(); size.X > f.small {
		small = fit(large, 1, f.small, f.small*size.Y/size.X)
	}
	if use == community.Banner {
		large, small = onWhite(large), onWhite(small)
	}
	p := &painted{kind: "image/jpeg"}
	p.large, err = encodeJPEG(large)
	if err != nil {
		return nil, err
	}
	if use == community.Avatar {
		lossless, err := encodePNG(large)
		if err != nil {
			return nil, err
		}
		if !large.Opaque() || len(lossless) <= len(p.large) {
			p.kind, p.large = "image/png", lossless
		}
	}
	encode, ending := encodeJPEG, ".jpg"
	if p.kind == "image/png" {
		encode, ending = encodePNG, ".png"
	}
	if p.small, err = encode(small); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(p.large)
	p.name = hex.EncodeToString(sum[:16]) + ending
	return p, nil
}

// decode reads the pixels: of an animation, its first picture.
func (h *header) decode(upload []byte) (image.Image, error) {
	switch h.format {
	case jpegFormat:
		return jpeg.Decode(bytes.NewReader(upload))
	case pngFormat:
		return png.Decode(bytes.NewReader(upload))
	case gifFormat:
		return gif.Decode(bytes.NewReader(upload))
	}
	return webp.Decode(bytes.NewReader(h.still))
}

// fit cuts the middle of a picture to the proportions of width and height,
// makes it at most that large, and turns it upright. Nothing is made larger
// than it was.
func fit(source image.Image, orientation, width, height int) *image.RGBA {
	if orientation >= 5 { // it lies on its side
		width, height = height, width
	}
	b := source.Bounds()
	cut := image.Rect(0, 0, b.Dx(), b.Dx()*height/width)
	if cut.Dy() > b.Dy() {
		cut = image.Rect(0, 0, b.Dy()*width/height, b.Dy())
	}
	cut.Max.X, cut.Max.Y = max(cut.Max.X, 1), max(cut.Max.Y, 1)
	size := image.Rect(0, 0, min(width, cut.Dx()), min(height, cut.Dy()))
	cut = cut.Add(b.Min).Add(image.Pt((b.Dx()-cut.Dx())/2, (b.Dy()-cut.Dy())/2))

	return turned(scaled(source, cut, size), orientation)
}

// scaled is a part of a picture in a smaller size.
func scaled(source image.Image, cut, size image.Rectangle) *image.RGBA {
	source, cut = shrunk(source, cut, size)
	out := image.NewRGBA(size)
	draw.CatmullRom.Scale(out, size, source, cut, draw.Src, nil)
	return out
}

// shrunk averages squares of pixels, where a picture is many times as large as
// it is to become: the fine step that follows would take too much for it.
func shrunk(source image.Image, cut, size image.Rectangle) (image.Image, image.Rectangle) {
	side := min(cut.Dx()/size.Dx(), cut.Dy()/size.Dy()) / 2
	if side < 2 {
		return source, cut
	}
	out := image.NewRGBA(image.Rect(0, 0, cut.Dx()/side, cut.Dy()/side))
	strip := image.NewRGBA(image.Rect(0, 0, out.Rect.Dx()*side, side))
	for y := range out.Rect.Dy() {
		stddraw.Draw(strip, strip.Rect, source, cut.Min.Add(image.Pt(0, y*side)), stddraw.Src)
		row := out.Pix[y*out.Stride:]
		for x := range out.Rect.Dx() {
			average(row[4*x:4*x+4], strip, x*side, side)
		}
	}
	return out, out.Rect
}

// average sets a pixel to what a square of a strip looks like from afar.
func average(pixel []byte, strip *image.RGBA, left, side int) {
	var sum [4]int
	for y := range side {
		line := strip.Pix[y*strip.Stride+4*left:]
		for i, v := range line[:4*side] {
			sum[i%4] += int(v)
		}
	}
	for i := range pixel {
		pixel[i] = byte(sum[i] / (side * side))
	}
}

// turned applies EXIF's orientation.
func turned(in *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			default:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}

func onWhite(in *image.RGBA) *image.RGBA {
	out := image.NewRGBA(in.Rect)
	stddraw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, stddraw.Src)
	stddraw.Draw(out, out.Rect, in, in.Rect.Min, stddraw.Over)
	return out
}

func encodeJPEG(in *image.RGBA) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, onWhite(in), &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

func encodePNG(in *image.RGBA) ([]byte, error) {
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, in)
	return out.Bytes(), err
}
