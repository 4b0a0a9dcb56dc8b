package media

import (
	"bytes"
	"encoding/binary"

	"drystone/fault"
)

// A format is how a picture is written.
type format string

const (
	jpegFormat format = "JPEG"
	pngFormat  format = "PNG"
	gifFormat  format = "GIF"
	webpFormat format = "WebP"
)

// A header is what a file says of the picture in it, read without decoding it:
// what it would cost is known before it is paid.
type header struct {
	format        format
	width, height int
	depth         int // bytes that a pixel takes while it is read
	frames        int // pictures in an animation
	scans         int // times that a JPEG goes over the whole picture
	orientation   int // EXIF: 1 to 8
	still         []byte
}

const (
	maxPixels = 40_000_000
	maxSide   = 16_384
	minSide   = 16
	maxMemory = 320 << 20 // bytes, while it is read
	maxFrames = 1_000
	maxScans  = 64
)

// complaint is what is wrong with an upload.
func complaint(format string, args ...any) error { return fault.Field("picture", format, args...) }

var errDamaged = complaint("The file is damaged or cut short.")

// check reports why the picture is not taken.
func (h *header) check() error {
	if h.width < minSide || h.height < minSide {
		return complaint("The picture is too small: it has %d × %d pixels and needs at least %d each way.", h.width, h.height, minSide)
	}
	return h.bounded()
}

// bounded reports why the picture costs too much to read.
func (h *header) bounded() error {
	pixels := int64(h.width) * int64(h.height)
	switch {
	case h.width > maxSide || h.height > maxSide, pixels > maxPixels, pixels*int64(h.depth) > maxMemory:
		return complaint("The picture is too large: %d × %d pixels. Make it smaller first, such as 2000 pixels wide.", h.width, h.height)
	case h.frames > maxFrames, h.scans > maxScans:
		return complaint("The picture is put together in an unusual way. Save it anew with another program first.")
	}
	return nil
}

// readHeader finds out what a file is by looking into it: what a browser or a
// name says of it is no help.
func readHeader(file []byte) (*header, error) {
	switch {
	case len(file) == 0:
		return nil, complaint("Choose a picture.")
	case len(file) > MaxUpload:
		return nil, complaint("The file is larger than %d MB.", MaxUpload>>20)
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return jpegHeader(file)
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return pngHeader(file)
	case bytes.HasPrefix(file, []byte("GIF87a")), bytes.HasPrefix(file, []byte("GIF89a")):
		return gifHeader(file)
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return webpHeader(file)
	}
	return nil, complaint("This is not a picture that can be read here. JPEG, PNG, GIF and WebP can.")
}

// jpegHeader walks over the segments of a JPEG. Every scan counts: a small file
// may ask for thousands, each of which goes over the whole picture.
func jpegHeader(file []byte) (*header, error) {
	h := &header{format: jpegFormat, frames: 1, orientation: 1}
	for at := 2; ; {
		for at < len(file) && file[at] != 0xff {
			at++
		}
		for at < len(file) && file[at] == 0xff {
			at++
		}
		if at >= len(file) {
			break
		}
		marker := file[at]
		at++
		if marker == 0xd9 { // the end
			break
		}
		if marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 {
			continue // stands alone, or is a byte of a scan
		}
		if at+2 > len(file) {
			break
		}
		length := int(binary.BigEndian.Uint16(file[at:]))
		if length < 2 || at+length > len(file) {
			break
		}
		if err := h.jpegSegment(marker, file[at+2:at+length]); err != nil {
			return nil, err
		}
		at += length
	}
	if h.width == 0 || h.scans == 0 {
		return nil, errDamaged
	}
	return h, nil
}

func (h *header) jpegSegment(marker byte, body []byte) error {
	switch marker {
	case 0xc0, 0xc1, 0xc2: // baseline, extended, progressive
		if len(body) < 6 || h.width != 0 {
			return errDamaged
		}
		h.height, h.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
		h.depth = 4
		if marker == 0xc2 {
			h.depth += 4 * int(body[5]) // it is put together from all scans
		}
		if h.width == 0 || h.height == 0 {
			return errDamaged
		}
	case 0xda:
		h.scans++
	case 0xe1:
		if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
			h.orientation = orientationOf(exif)
		}
	}
	return nil
}

func pngHeader(file []byte) (*header, error) {
	if len(file) < 33 || string(file[12:16]) != "IHDR" {
		return nil, errDamaged
	}
	width, height := binary.BigEndian.Uint32(file[16:]), binary.BigEndian.Uint32(file[20:])
	if width == 0 || height == 0 || width > 1<<30 || height > 1<<30 {
		return nil, errDamaged
	}
	h := &header{format: pngFormat, width: int(width), height: int(height), depth: 4, frames: 1, orientation: 1}
	if file[24] == 16 {
		h.depth = 8
	}
	for at := 8; at+8 <= len(file); {
		length := int64(binary.BigEndian.Uint32(file[at:]))
		end := int64(at) + 8 + length
		if end > int64(len(file)) {
			break
		}
		if string(file[at+4:at+8]) == "eXIf" {
			h.orientation = orientationOf(file[at+8 : end])
		}
		at = int(end) + 4
	}
	return h, nil
}

// gifHeader counts the pictures of a GIF. Only the first is shown, and it is
// never larger than the screen that the file asks for.
func gifHeader(file []byte) (*header, error) {
	if len(file) < 13 {
		return nil, errDamaged
	}
	h := &header{format: gifFormat, depth: 2, orientation: 1}
	h.width, h.height = int(binary.LittleEndian.Uint16(file[6:])), int(binary.LittleEndian.Uint16(file[8:]))
	at := 13 + paletteSize(file[10])
	for at < len(file) {
		switch file[at] {
		case 0x21: // an extension
			at = afterBlocks(file, at+2)
		case 0x2c: // a picture
			if at+10 > len(file) {
				return h.anyFrame()
			}
			h.frames++
			at = afterBlocks(file, at+10+paletteSize(file[at+9])+1)
		default:
			return h.anyFrame()
		}
	}
	return h.anyFrame()
}

func (h *header) anyFrame() (*header, error) {
	if h.frames == 0 || h.width == 0 || h.height == 0 {
		return nil, errDamaged
	}
	return h, nil
}

// paletteSize is how many bytes of colours follow flags of a GIF.
func paletteSize(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// afterBlocks is where the blocks that begin at a place of a GIF end.
func afterBlocks(file []byte, at int) int {
	for at < len(file) && file[at] != 0 {
		at += int(file[at]) + 1
	}
	return at + 1
}

// orientationOf reads how a camera was held from EXIF: a TIFF whose first
// directory has it under 0x0112.
func orientationOf(exif []byte) int {
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	directory := exif[at:]
	for i := range int(order.Uint16(directory)) {
		entry := 2 + 12*i
		if entry+12 > len(directory) {
			break
		}
		if order.Uint16(directory[entry:]) != 0x0112 {
			continue
		}
		if o := int(order.Uint16(directory[entry+8:])); o >= 1 && o <= 8 {
			return o
		}
		break
	}
	return 1
}
