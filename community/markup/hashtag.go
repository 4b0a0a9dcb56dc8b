package markup

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// MaxHashtag is the longest hashtag, in characters.
const MaxHashtag = 100

// HashtagPath is where the pages of hashtags are: the folded tag follows.
const HashtagPath = "/t/"

// A hashtag is "#word" in a text.
type hashtag struct {
	ast.BaseInline
	name string // as it was written, without its mark
}

var kindHashtag = ast.NewNodeKind("Hashtag")

func (*hashtag) Kind() ast.NodeKind { return kindHashtag }

func (h *hashtag) Dump(source []byte, level int) { ast.DumpHelper(h, source, level, nil, nil) }

// String is the hashtag as it was written.
func (h *hashtag) String() string { return "#" + h.name }

type hashtagParser struct{}

func (hashtagParser) Trigger() []byte { return []byte{'#'} }

func (hashtagParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if before := block.PrecendingCharacter(); !opensMention(before) || unicode.IsMark(before) {
		return nil
	}
	line, _ := block.PeekLine()
	name := leadingHashtag(string(line[1:min(len(line), 1+4*(MaxHashtag+1))]))
	if name == "" {
		return nil
	}
	block.Advance(1 + len(name))
	return &hashtag{name: name}
}

// leadingHashtag is the hashtag that a text, without its mark, begins with, or
// "": letters of any script, digits and "_", and not only digits, which are
// the numbers of things.
func leadingHashtag(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return !inHashtag(r) })
	name := text
	if end >= 0 {
		name = text[:end]
		if after, _ := utf8.DecodeRuneInString(text[end:]); after == '#' || after == utf8.RuneError {
			return ""
		}
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsMark(first) || FoldHashtag(name) == "" {
		return ""
	}
	return name
}

func inHashtag(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// FoldHashtag is the form under which hashtags are compared, of a name with or
// without its mark, or "" for what is none.
func FoldHashtag(name string) string {
	name = strings.TrimPrefix(name, "#")
	if len(name) > 4*MaxHashtag {
		return ""
	}
	fold := norm.NFC.String(strings.ToLower(norm.NFKC.String(name)))
	if utf8.RuneCountInString(fold) > MaxHashtag || strings.ContainsFunc(fold, func(r rune) bool { return !inHashtag(r) }) ||
		!strings.ContainsFunc(fold, unicode.IsLetter) {
		return ""
	}
	return fold
}

func renderHashtag(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	h := node.(*hashtag)
	// A hashtag has no character that HTML would have to escape.
	_, _ = w.WriteString(`<a href="` + hashtagAddress(h.name) + `" class="hashtag">` + h.String() + `</a>`)
	return ast.WalkContinue, nil
}

// ownHashtag is the address of our page of a hashtag that a link from
// elsewhere leads to, or "": others end the address of theirs with the tag.
func ownHashtag(link html.Token) string {
	address, marked := "", false
	for _, attr := range link.Attr {
		switch attr.Key {
		case "class":
			marked = marked || slices.Contains(strings.Fields(attr.Val), "hashtag")
		case "href":
			if address == "" {
				address = attr.Val
			}
		}
	}
	u, text := parseURL(address)
	if !marked || u == nil || u.Host == "" && !strings.HasPrefix(text, HashtagPath) {
		return ""
	}
	return hashtagAddress(path.Base(u.Path))
}

// hashtagAddress is where the page of a hashtag is, or "" for what is none.
func hashtagAddress(name string) string {
	fold := FoldHashtag(name)
	if fold == "" {
		return ""
	}
	return HashtagPath + url.PathEscape(fold)
}

// Hashtags returns the hashtags in Markdown as they were written, without
// their marks, each once, in order.
func Hashtags(markdown string) []string {
	if !strings.Contains(markdown, "#") {
		return nil
	}
	doc, _ := parseMarkdown(cut(markdown, maxInput))
	var names []string
	seen := map[string]bool{}
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := node.(*hashtag); ok && entering && !seen[FoldHashtag(h.name)] {
			seen[FoldHashtag(h.name)] = true
			names = append(names, h.name)
		}
		return ast.WalkContinue, nil
	})
	return names
}

// HashtagsInLine is Hashtags of a line of plain text, such as a title.
func HashtagsInLine(line string) []string {
	var names []string
	before := ' '
	for i, r := range line {
		if r == '#' && opensMention(before) && !unicode.IsMark(before) {
			if name := leadingHashtag(line[i+1:]); name != "" {
				names = append(names, name)
			}
		}
		before = r
	}
	return names
}
