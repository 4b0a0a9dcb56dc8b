package as

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Text returns a text: a string, an object with @value, or the first such
// in an array. If there is none, it looks into the language map (nameMap for
// name, and so on) for the document's own language or else the first entry.
// NUL characters, which no database column takes, are left out.
func (d Doc) Text(key string) string {
	for _, raw := range elements(d.fields[key]) {
		if text, ok := asText(raw); ok {
			return text
		}
	}
	own, first := "", ""
	members(d.fields[key+"Map"], func(language string, raw json.RawMessage) {
		text, ok := asText(raw)
		if ok && first == "" {
			first = text
		}
		if ok && language == d.statedLanguage() {
			own = text
		}
	})
	if own != "" {
		return own
	}
	return first
}

func asText(raw json.RawMessage) (string, bool) {
	text, ok := unquote(raw)
	if !ok && len(raw) > 0 && raw[0] == '{' {
		text, ok = unquote(open(raw).fields["@value"])
	}
	return strings.ReplaceAll(text, "\x00", ""), ok
}

// Language returns the BCP 47 tag of what d is written in: Lemmy's and
// PeerTube's language, or the only key of a language map, as Mastodon writes.
// "und" counts as nothing said.
func (d Doc) Language() string {
	if language := d.statedLanguage(); language != "" {
		return language
	}
	for _, key := range []string{"contentMap", "nameMap", "summaryMap"} {
		only, count := "", 0
		members(d.fields[key], func(language string, _ json.RawMessage) { only, count = language, count+1 })
		if count == 1 {
			return asLanguage(only)
		}
	}
	return ""
}

func (d Doc) statedLanguage() string {
	list := elements(d.fields["language"])
	if len(list) == 0 {
		return ""
	}
	tag, ok := unquote(list[0])
	if !ok {
		tag, _ = unquote(open(list[0]).fields["identifier"])
	}
	return asLanguage(tag)
}

func asLanguage(tag string) string {
	odd := strings.ContainsFunc(tag, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
	if odd || len(tag) < 2 || len(tag) > 35 || tag == "und" {
		return ""
	}
	return tag
}

// scalar returns the only element of key, unpacked from @value.
func (d Doc) scalar(key string) json.RawMessage {
	list := elements(d.fields[key])
	if len(list) != 1 {
		return nil
	}
	if list[0][0] == '{' {
		return open(list[0]).fields["@value"]
	}
	return list[0]
}

// Bool returns a boolean, and whether there is one.
func (d Doc) Bool(key string) (value, ok bool) {
	switch text := strings.Trim(string(d.scalar(key)), `"`); text {
	case "true", "false":
		return text == "true", true
	}
	return false, false
}

// Int returns a whole number, and whether there is one.
func (d Doc) Int(key string) (value int64, ok bool) {
	text := strings.Trim(string(d.scalar(key)), `"`)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// timeLayouts are RFC 3339, which ActivityStreams asks for, and what is left
// of it elsewhere. A time without a zone is taken as UTC.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02"}

// Time returns a moment in UTC, or the zero time.
func (d Doc) Time(key string) time.Time {
	text, ok := unquote(d.scalar(key))
	if !ok || len(text) > 64 {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
			return t.UTC()
		}
	}
	return time.Time{}
}
