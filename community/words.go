package community

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxToken bounds the words that are looked for, in bytes; longer ones are cut.
const MaxToken = 60

// A Token is a word of a text as search sees it.
type Token struct {
	Word       string
	Start, End int  // its bytes in the text
	Part       bool // of writing that puts no spaces between words
}

// Tokens splits a text into the words that search compares: in small letters,
// without the marks on Latin, Greek and Cyrillic ones. What is written without
// spaces, as Chinese and Japanese are, becomes overlapping pairs of characters,
// and the last character by itself, so that any part of it can be looked for.
// Both databases are given these words and take nothing apart themselves.
func Tokens(text string) []Token {
	var list []Token
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !searched(r) {
			i += size
			continue
		}
		start, dense := i, unspaced(r)
		for i < len(text) {
			r, size = utf8.DecodeRuneInString(text[i:])
			if !searched(r) || unspaced(r) != dense && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Cf, r) {
				break
			}
			i += size
		}
		if dense {
			list = append(list, pairs(text[start:i], start)...)
		} else if word := foldWord(text[start:i]); word != "" {
			list = append(list, Token{Word: word, Start: start, End: i})
		}
	}
	return list
}

// searched reports whether a character is part of a word. What cannot be seen
// parts nothing.
func searched(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == 0x200B || r == 0x200C || r == 0x200D || r == 0x00AD)
}

// unspaced reports whether a character is of a writing without spaces, or, for
// Korean, of one that hangs what other languages part from a word on it.
func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) || r == 'ー'
}

// pairs takes a run of such characters apart.
func pairs(run string, start int) []Token {
	var at []int
	for i := range run {
		at = append(at, i)
	}
	at = append(at, len(run))
	var list []Token
	for i := range len(at) - 1 {
		end := at[min(i+2, len(at)-1)]
		if word := foldWord(run[at[i]:end]); word != "" {
			list = append(list, Token{Word: word, Start: start + at[i], End: start + end, Part: true})
		}
	}
	return list
}

// foldWord is a word as it is compared.
func foldWord(word string) string {
	if plainASCII(word) {
		return cutWord(strings.ToLower(word))
	}
	var b strings.Builder
	bare := false     // the letter before is of a script whose marks are dropped
	cyrillic := false // and is of that one, where a breve makes й, another letter, of и
	for _, r := range norm.NFKD.String(strings.ToLower(word)) {
		switch {
		case unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Mn, r):
			if !bare || cyrillic && r == 0x0306 {
				b.WriteRune(r)
			}
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			cyrillic = unicode.Is(unicode.Cyrillic, r)
			bare = cyrillic || unicode.In(r, unicode.Latin, unicode.Greek)
			if whole, is := wholeLetters[r]; is {
				b.WriteString(whole)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return cutWord(norm.NFKC.String(strings.ToLower(b.String())))
}

// wholeLetters are letters that no mark makes, as people without them on their
// keyboards write them.
var wholeLetters = map[rune]string{'ß': "ss", 'ø': "o", 'đ': "d", 'ł': "l", 'æ': "ae", 'œ': "oe", 'ı': "i", 'þ': "th", 'ð': "d", 'ς': "σ"}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func cutWord(s string) string {
	if len(s) <= MaxToken {
		return s
	}
	end := MaxToken
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
