package media

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Animations are kept as they move: making every picture of them anew would
// cost too much. What is not part of the pictures is left out: where they were
// made, remarks, and whatever hides behind their end.

// moving returns an animation without what is not shown, or nothing where the
// file holds a single picture.
func (h *header) moving(file []byte) []byte {
	switch {
	case h.frames < 2:
		return nil
	case h.format == gifFormat:
		return barrenGIF(file)
	case h.format == webpFormat:
		return barrenWebP(file)
	}
	return nil
}

// barrenGIF copies the screen, the pictures, how long each stays and how often
// all are shown.
func barrenGIF(file []byte) []byte {
	start := 13 + paletteSize(file[10])
	if start > len(file) {
		return nil
	}
	out := slices.Clone(file[:start])
	for at := start; at+2 < len(file); {
		var end int
		keep := true
		switch file[at] {
		case 0x21:
			end = afterBlocks(file, at+2)
			loops := file[at+1] == 0xff && bytes.HasPrefix(file[at+2:], []byte("\x0bNETSCAPE2.0")) && end-at == 19
			keep = file[at+1] == 0xf9 && end-at == 8 || loops
		case 0x2c:
			if at+10 > len(file) {
				return append(out, 0x3b)
			}
			end = afterBlocks(file, at+10+paletteSize(file[at+9])+1)
		default:
			return append(out, 0x3b)
		}
		if end > len(file) {
			break // cut short: what is whole is shown
		}
		if keep {
			out = append(out, file[at:end]...)
		}
		at = end
	}
	return append(out, 0x3b)
}

// barrenWebP copies the chunks that are shown.
func barrenWebP(file []byte) []byte {
	const extras = 0x20 | 0x08 | 0x04 // a colour profile, EXIF, XMP
	var body []byte
	for _, c := range chunks(file[12:]) {
		content := c.body
		switch c.kind {
		case "VP8X":
			content = slices.Clone(content)
			content[0] &^= extras
		case "ANIM":
		case "ANMF":
			content = barrenFrame(content)
		default:
			continue
		}
		body = appendChunk(body, c.kind, content)
	}
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(body)+4))...)
	return append(append(out, "WEBP"...), body...)
}

// barrenFrame copies of one picture of an animation what is drawn.
func barrenFrame(content []byte) []byte {
	out := slices.Clone(content[:16])
	for _, c := range drawn(chunks(content[16:])) {
		out = appendChunk(out, c.kind, c.body)
	}
	return out
}

func appendChunk(to []byte, kind string, content []byte) []byte {
	to = append(append(to, kind...), binary.LittleEndian.AppendUint32(nil, uint32(len(content)))...)
	if to = append(to, content...); len(content)%2 == 1 {
		to = append(to, 0)
	}
	return to
}
