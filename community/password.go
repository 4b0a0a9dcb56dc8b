package community

import (
	_ "embed" // the list of passwords that everybody tries
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"drystone/fault"
)

// MinPassword and MaxPassword bound a password: its characters, and its bytes.
const (
	MinPassword = 10
	MaxPassword = 1024
)

// CheckPassword reports why a password cannot be used by the person called
// name. about is what else is near at hand to somebody who guesses: their
// address, the name of the server.
func CheckPassword(name, password string, about ...string) error {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return fault.Field("password", "A password needs at least %d characters.", MinPassword)
	case len(password) > MaxPassword:
		return fault.Field("password", "A password has at most %d bytes.", MaxPassword)
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return fault.Field("password", "The password holds something that is not text.")
	}
	folded := foldPassword(password)
	near := nearWords(append([]string{name}, about...))
	switch {
	case made(folded, near):
		return fault.Field("password", "The password is made of your name, your address or the name of this server. Others would try that first.")
	case monotonous(folded), made(folded, commonPasswords()):
		return fault.Field("password", "This is among the first passwords that others would try. Several words that have nothing to do with each other are better.")
	case made(folded, merged(near, commonPasswords())):
		return fault.Field("password", "The password is made of your name and of a word that everybody tries. Others would try that first.")
	}
	return nil
}

//go:embed common_passwords.txt
var commonText string

// commonPasswords are the words of which most passwords are made that were
// ever stolen and published.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		set[foldPassword(word)] = true
	}
	return set
})

// looksLike are characters that people write for letters.
var looksLike = strings.NewReplacer("0", "o", "1", "i", "!", "i", "|", "i", "3", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "+", "t")

// foldPassword is a password as it is compared: without regard to case, to
// marks on letters and to how letters are encoded.
func foldPassword(password string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(password))
}

// nearWords are the words in names and addresses that are long enough to be
// recognised.
func nearWords(texts []string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		text = foldPassword(text)
		parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, part := range append(parts, text, strings.Join(parts, "")) {
			if utf8.RuneCountInString(part) >= 3 {
				set[part] = true
			}
		}
	}
	return set
}

func merged(a, b map[string]bool) map[string]bool {
	all := make(map[string]bool, len(a)+len(b))
	for word := range a {
		all[word] = true
	}
	for word := range b {
		all[word] = true
	}
	return all
}

// mostCommon is how many known words may make up a password that is refused:
// more of them, in any order, are hard to guess again.
const mostCommon = 3

// made reports whether a folded password is nothing but a few of words, with
// digits and signs around and between them, and signs for their letters.
func made(folded string, words map[string]bool) bool {
	text, meant := []rune(folded), []rune(looksLike.Replace(folded)) // of the same length
	if len(text) > 200 {
		return false // and would take a while
	}
	const never = mostCommon + 1
	fewest := make([]int, len(text)+1) // of words that make up the text up to there
	for end := 1; end <= len(text); end++ {
		fewest[end] = never
		if !unicode.IsLetter(text[end-1]) {
			fewest[end] = fewest[end-1]
		}
		for begin := max(0, end-40); begin < end; begin++ {
			if n := fewest[begin] + 1; n < fewest[end] && (words[string(text[begin:end])] || words[string(meant[begin:end])]) {
				fewest[end] = n
			}
		}
	}
	n := fewest[len(text)]
	return n >= 1 && n <= mostCommon
}

// rows are what fingers run along.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "1234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "yxcvbnm",
	"azertyuiop", "qsdfghjklm", "wxcvbn", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol", "q1w2e3r4t5y6u7i8o9p0",
}

// monotonous reports whether a folded password is one character or a few over
// and over, or runs of neighbours.
func monotonous(folded string) bool {
	text := []rune(folded)
	for unit := 1; unit <= 5; unit++ {
		same := true
		for i := unit; i < len(text) && same; i++ {
			same = text[i] == text[i-unit]
		}
		if same {
			return true
		}
	}
	jumps := 0
	for i := 1; i < len(text); i++ {
		if !neighbours(text[i-1], text[i]) {
			jumps++
		}
	}
	return jumps <= len(text)/6
}

// neighbours reports whether two characters follow each other in one of rows,
// in either direction.
func neighbours(a, b rune) bool {
	if a == b {
		return true
	}
	there, back := string([]rune{a, b}), string([]rune{b, a})
	for _, row := range rows {
		if strings.Contains(row, there) || strings.Contains(row, back) {
			return true
		}
	}
	return false
}
