package media

import (
	"bytes"
	"encoding/binary"
)

// A chunk is a part of a RIFF file, in which WebP is written.
type chunk struct {
	kind string
	body []byte
}

// chunks reads the parts that are whole.
func chunks(file []byte) []chunk {
	var list []chunk
	for len(file) >= 8 {
		length := int64(binary.LittleEndian.Uint32(file[4:]))
		if 8+length > int64(len(file)) {
			break
		}
		list = append(list, chunk{string(file[:4]), file[8 : 8+length]})
		file = file[min(8+length+length&1, int64(len(file))):]
	}
	return list
}

// webpHeader reads what a WebP holds. Its still is the first picture by itself,
// since what reads WebP here knows no animation.
func webpHeader(file []byte) (*header, error) {
	h := &header{format: webpFormat, depth: 8, orientation: 1}
	var first []chunk
	for _, c := range chunks(file[12:]) {
		switch c.kind {
		case "VP8X":
			if len(c.body) < 10 {
				return nil, errDamaged
			}
			h.larger(1+int(uint24(c.body[4:])), 1+int(uint24(c.body[7:])))
		case "EXIF":
			exif, _ := bytes.CutPrefix(c.body, []byte("Exif\x00\x00"))
			h.orientation = orientationOf(exif)
		case "ANMF":
			if len(c.body) < 16 {
				return nil, errDamaged
			}
			h.frames++
			if h.frames == 1 {
				first = drawn(chunks(c.body[16:]))
			}
		case "VP8 ", "VP8L", "ALPH":
			if h.frames == 0 {
				first = append(first, c)
			}
		}
	}
	if h.frames == 0 {
		h.frames = 1
	}
	width, height, ok := bitstreamSize(first)
	if !ok {
		return nil, errDamaged
	}
	h.larger(width, height)
	h.still = still(first, width, height)
	return h, nil
}

// larger notes a size; what is read must fit into the largest.
func (h *header) larger(width, height int) {
	h.width, h.height = max(h.width, width), max(h.height, height)
}

// drawn are the chunks that hold a picture.
func drawn(list []chunk) []chunk {
	var kept []chunk
	for _, c := range list {
		if c.kind == "VP8 " || c.kind == "VP8L" || c.kind == "ALPH" {
			kept = append(kept, c)
		}
	}
	return kept
}

// bitstreamSize reads the size of the picture itself (RFC 9649, 2.5 and 3.4).
func bitstreamSize(list []chunk) (width, height int, ok bool) {
	for _, c := range list {
		b := c.body
		switch {
		case c.kind == "VP8 " && len(b) >= 10 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a:
			return int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff), true
		case c.kind == "VP8L" && len(b) >= 5 && b[0] == 0x2f:
			bits := binary.LittleEndian.Uint32(b[1:])
			return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1, true
		}
	}
	return 0, 0, false
}

// still writes the chunks of one picture as a file of their own.
func still(list []chunk, width, height int) []byte {
	var body bytes.Buffer
	write := func(kind string, content []byte) {
		body.WriteString(kind)
		body.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(content))))
		body.Write(content)
		if len(content)%2 == 1 {
			body.WriteByte(0)
		}
	}
	var alpha, picture *chunk
	for i, c := range list {
		switch {
		case c.kind == "ALPH" && alpha == nil && picture == nil:
			alpha = &list[i]
		case c.kind != "ALPH" && picture == nil:
			picture = &list[i]
		}
	}
	if alpha != nil && picture.kind == "VP8 " {
		extended := make([]byte, 10)
		extended[0] = 1 << 4 // it has transparency
		putUint24(extended[4:], uint32(width-1))
		putUint24(extended[7:], uint32(height-1))
		write("VP8X", extended)
		write("ALPH", alpha.body)
	}
	write(picture.kind, picture.body)

	file := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(body.Len()+4))...)
	return append(append(file, "WEBP"...), body.Bytes()...)
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

func putUint24(b []byte, v uint32) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }
