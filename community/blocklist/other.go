package blocklist

import (
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxHashtag is how long a hashtag may be, in characters.
const MaxHashtag = 100

// otherName brings what is no host into one form.
func otherName(kind Kind, raw string) (key string, verdict Verdict, why Reason) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return "", Rejected, Empty
	}
	switch kind {
	case URL:
		return link(text)
	case MediaHash:
		return hash(strings.ToLower(text))
	case Hashtag:
		return hashtag(text)
	}
	return "", Rejected, Unsupported
}

// link is the address of a page: without what names a place in it, with the
// host in its one form.
func link(text string) (string, Verdict, Reason) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Host == "" {
		return "", Rejected, Malformed
	}
	host, verdict, why := Normalise(u.Host)
	if verdict == Rejected {
		return "", verdict, why
	}
	u.Scheme, u.Host, u.Fragment = "https", host, ""
	if u.Path == "" {
		u.Path = "/"
	}
	if why == PublicSuffix || why == PrivateSuffix { // one page below it is no suffix
		verdict, why = Accepted, ""
	}
	return u.String(), verdict, why
}

// hash is sha256:64 hex digits or pdq:64 hex digits.
func hash(text string) (string, Verdict, Reason) {
	name, digits, _ := strings.Cut(text, ":")
	if raw, err := hex.DecodeString(digits); err != nil || len(raw) != 32 {
		return "", Rejected, Malformed
	}
	if name != "sha256" && name != "pdq" {
		return "", Rejected, Unsupported
	}
	return text, Accepted, ""
}

// hashtag is a tag without its mark, as tags are compared.
func hashtag(text string) (string, Verdict, Reason) {
	name := cases.Fold().String(norm.NFKC.String(strings.TrimPrefix(text, "#")))
	if name == "" {
		return "", Rejected, Empty
	}
	if utf8.RuneCountInString(name) > MaxHashtag {
		return "", Rejected, Malformed
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' {
			return "", Rejected, Malformed
		}
	}
	return name, Accepted, ""
}
