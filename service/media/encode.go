package media

import (
	"bytes"
	"image"

	"github.com/bbrks/go-blurhash"
	"github.com/gen2brain/webp"

	"drystone/community"
)

// webpQuality is that of the WebP we write.
const webpQuality = 80

// A rendition is a picture made anew in every size that is shown.
type rendition struct {
	width, height int // of the largest
	blurhash      string
	files         map[community.MediaSize][]byte
}

// widths are how wide, and for the largest how high, pictures are.
var widths = []struct {
	size  community.MediaSize
	width int
}{{community.FullSize, 2048}, {community.PageSize, 1024}, {community.ThumbSize, 400}, {community.TinySize, 96}}

// render makes the files of a picture in some sizes, each out of the one
// before. Where the picture is no larger than the next size anyway, the file
// stays the same.
func render(source image.Image, orientation int, sizes ...community.MediaSize) (*rendition, error) {
	r := &rendition{files: map[community.MediaSize][]byte{}}
	at, made := source, []byte(nil)
	for _, w := range widths {
		wanted := false
		for _, size := range sizes {
			wanted = wanted || size == w.size
		}
		if !wanted {
			continue
		}
		scaled := boxed(at, orientation, w.width)
		if made == nil || scaled.Rect.Size() != at.Bounds().Size() {
			var err error
			if made, err = encodeWebP(scaled); err != nil {
				return nil, err
			}
		}
		if r.width == 0 {
			r.width, r.height = scaled.Rect.Dx(), scaled.Rect.Dy()
		}
		r.files[w.size] = made
		at, orientation = scaled, 1
	}
	var err error
	r.blurhash, err = blurred(at)
	return r, err
}

// boxed is a picture that fits into a square, upright. Nothing is made larger
// than it was.
func boxed(source image.Image, orientation, side int) *image.RGBA {
	size := source.Bounds().Size()
	width, height := size.X, size.Y
	if most := max(width, height); most > side {
		width, height = max(1, width*side/most), max(1, height*side/most)
	}
	whole := image.Rect(0, 0, width, height)
	if done, ok := source.(*image.RGBA); ok && orientation == 1 && done.Rect == whole {
		return done
	}
	return turned(scaled(source, source.Bounds(), whole), orientation)
}

// blurred is the blurhash of a picture, of a small copy: nobody sees the
// difference.
func blurred(picture image.Image) (string, error) {
	small := onWhite(boxed(picture, 1, 32))
	across, down := 4, 3
	if small.Rect.Dy() > small.Rect.Dx() {
		across, down = 3, 4
	}
	return blurhash.Encode(across, down, small)
}

// encodeWebP writes a picture. What encodes it takes colours that transparency
// did not darken.
func encodeWebP(picture *image.RGBA) ([]byte, error) {
	var from image.Image = picture
	if !picture.Opaque() {
		plain := image.NewNRGBA(picture.Rect)
		for i := 0; i < len(picture.Pix); i += 4 {
			a := int(picture.Pix[i+3])
			plain.Pix[i+3] = byte(a)
			for c := range 3 {
				if a > 0 {
					plain.Pix[i+c] = byte(min(255, int(picture.Pix[i+c])*255/a))
				}
			}
		}
		from = plain
	}
	var out bytes.Buffer
	err := webp.Encode(&out, from, webp.Options{Quality: webpQuality, Method: 4})
	return out.Bytes(), err
}
