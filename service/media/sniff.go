package media

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"

	"drystone/community"
)

// A sort says what a file is, as far as it is handed out.
type sort struct {
	kind   community.AttachmentKind
	media  string // media type
	ending string
}

// endings are the only media types that are ever handed out, by the endings of
// files.
var endings = map[string]string{
	".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".ogv": "video/ogg",
	".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav",
}

// kindOf is the media type of a file by its name; empty: it is not handed out.
func kindOf(name string) string { return endings[path.Ext(name)] }

func sorted(kind community.AttachmentKind, ending string) *sort {
	return &sort{kind, endings[ending], ending}
}

// recording finds out by the bytes of a file which kind of film or sound it
// is, nil where it is none that browsers play.
func recording(file []byte) *sort {
	switch {
	case len(file) >= 16 && string(file[4:8]) == "ftyp":
		return isoMedia(file)
	case bytes.HasPrefix(file, []byte("\x1a\x45\xdf\xa3")):
		if bytes.Contains(file[:min(len(file), 64)], []byte("\x42\x82\x84webm")) {
			return sorted(community.VideoAttachment, ".webm")
		}
	case bytes.HasPrefix(file, []byte("OggS\x00")):
		return ogg(file)
	case bytes.HasPrefix(file, []byte("fLaC\x00")):
		return sorted(community.AudioAttachment, ".flac")
	case len(file) >= 16 && string(file[:4]) == "RIFF" && string(file[8:16]) == "WAVEfmt ":
		return sorted(community.AudioAttachment, ".wav")
	case isMP3(file):
		return sorted(community.AudioAttachment, ".mp3")
	}
	return nil
}

// isoMedia tells the files apart that begin with a list of brands. Pictures
// are written so, too, and are not played.
func isoMedia(file []byte) *sort {
	length := int(binary.BigEndian.Uint32(file))
	if length < 16 || length > 1024 || length > len(file) {
		return nil
	}
	brand := string(file[8:12])
	switch {
	case brand == "M4A " || brand == "M4B ":
		return sorted(community.AudioAttachment, ".m4a")
	case brand == "qt  ":
		return sorted(community.VideoAttachment, ".mov")
	case slices.Contains([]string{"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash", "3gp4", "3gp5", "mmp4"}, brand):
		return sorted(community.VideoAttachment, ".mp4")
	}
	return nil
}

// ogg looks at what the first page of a file holds.
func ogg(file []byte) *sort {
	if len(file) < 27 || len(file) < 27+int(file[26])+8 {
		return nil
	}
	switch body := file[27+int(file[26]):]; {
	case bytes.HasPrefix(body, []byte("OpusHead")), bytes.HasPrefix(body, []byte("\x01vorbis")), bytes.HasPrefix(body, []byte("\x7fFLAC")):
		return sorted(community.AudioAttachment, ".ogg")
	case bytes.HasPrefix(body, []byte("\x80theora")), bytes.HasPrefix(body, []byte("fishead\x00")):
		return sorted(community.VideoAttachment, ".ogv")
	}
	return nil
}

// isMP3 reports whether a file begins with a tag or a frame of MPEG audio, and
// another frame stands where the first ends: a few bytes alone are no proof.
func isMP3(file []byte) bool {
	at := 0
	if len(file) >= 10 && string(file[:3]) == "ID3" {
		size := int(file[6]&127)<<21 | int(file[7]&127)<<14 | int(file[8]&127)<<7 | int(file[9]&127)
		at = 10 + size
	}
	first := mp3Frame(file, at)
	return first > 0 && (at+first >= len(file) || mp3Frame(file, at+first) > 0)
}

var (
	mp3Rates   = [4]int{44100, 48000, 32000, 0}
	mp3Bits    = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	mp3BitsLow = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
)

// mp3Frame is how long the frame of layer III is that begins at a place; 0:
// none does.
func mp3Frame(file []byte, at int) int {
	if at < 0 || at+4 > len(file) || file[at] != 0xff || file[at+1]&0xe6 != 0xe2 {
		return 0
	}
	version, bits, rate := file[at+1]>>3&3, file[at+2]>>4, mp3Rates[file[at+2]>>2&3]
	if version == 1 || rate == 0 {
		return 0
	}
	kbit, slots := mp3Bits[bits], 144
	switch version {
	case 2: // MPEG 2
		kbit, slots, rate = mp3BitsLow[bits], 72, rate/2
	case 0: // MPEG 2.5
		kbit, slots, rate = mp3BitsLow[bits], 72, rate/4
	}
	if kbit == 0 {
		return 0
	}
	return slots*kbit*1000/rate + int(file[at+2]>>1&1)
}
