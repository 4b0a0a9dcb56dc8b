package markup

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A mention is "@name", "@name@host", "!group" or "!group@host" in a text.
type mention struct {
	ast.BaseInline
	mark byte // '@' or '!'
	name string
	host string // lower case, or empty
}

var kindMention = ast.NewNodeKind("Mention")

func (*mention) Kind() ast.NodeKind { return kindMention }

func (m *mention) Dump(source []byte, level int) { ast.DumpHelper(m, source, level, nil, nil) }

// handle is the mention without its mark.
func (m *mention) handle() string {
	if m.host == "" {
		return m.name
	}
	return m.name + "@" + m.host
}

// String is the mention as it was written.
func (m *mention) String() string { return string(m.mark) + m.handle() }

// inLink reports whether a node is a link's text already.
func inLink(n ast.Node) bool {
	for node := n.Parent(); node != nil; node = node.Parent() {
		if kind := node.Kind(); kind == ast.KindLink || kind == ast.KindImage {
			return true
		}
	}
	return false
}

// handlePattern is a name, and perhaps a host: a domain, or localhost while
// trying things out, with a port perhaps.
var handlePattern = regexp.MustCompile(`^([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)` +
	`(?:@((?:[\pL\pN](?:[\pL\pN-]{0,61}[\pL\pN])?\.)+[\pL\pN](?:[\pL\pN-]{0,61}[\pL\pN])?|localhost)(:[0-9]{1,5})?)?`)

// maxHandle is the longest mention, in bytes.
const maxHandle = 256

type mentionParser struct{}

func (mentionParser) Trigger() []byte { return []byte{'@', '!'} }

func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if before := block.PrecendingCharacter(); !opensMention(before) {
		return nil
	}
	line, _ := block.PeekLine()
	if len(line) > maxHandle {
		line = line[:maxHandle]
	}
	found := handlePattern.FindSubmatch(line[1:])
	if found == nil {
		return nil
	}
	m := &mention{mark: line[0], name: string(found[1]), host: strings.ToLower(string(found[2]) + string(found[3]))}
	if m.host == "" && strings.ContainsAny(m.name, ".-") {
		// No name here has these: "@alice." ends a sentence. What follows
		// the name is text.
		m.name = m.name[:strings.IndexAny(m.name, ".-")]
	}
	length := 1 + len(found[0])
	if m.host == "" {
		length = 1 + len(m.name)
	}
	if after, _ := utf8.DecodeRune(line[length:]); length < len(line) && !closesMention(after) {
		return nil
	}
	block.Advance(length)
	return m
}

// opensMention reports whether a mention may follow a character: not in the
// middle of a word or an address.
func opensMention(before rune) bool {
	return !unicode.IsLetter(before) && !unicode.IsNumber(before) && !strings.ContainsRune(`@!/\_&#=`, before)
}

// closesMention reports whether a mention may end before a character.
func closesMention(after rune) bool {
	return !unicode.IsLetter(after) && !unicode.IsNumber(after) && !strings.ContainsRune(`@/_=-`, after)
}

func renderMention(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	m := node.(*mention)
	shown := m.String()
	path := "/u/"
	if m.mark == '!' {
		path = "/c/"
	}
	// A handle has no character that HTML or a path would have to escape.
	_, _ = w.WriteString(`<a href="` + path + m.handle() + `" class="mention">` + shown + `</a>`)
	return ast.WalkContinue, nil
}

// noNestedLinks makes text of the mentions and hashtags inside of links and
// pictures.
type noNestedLinks struct{}

func (noNestedLinks) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var nested []ast.Node
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if kind := node.Kind(); entering && (kind == kindMention || kind == kindHashtag) && inLink(node) {
			nested = append(nested, node)
		}
		return ast.WalkContinue, nil
	})
	for _, node := range nested {
		node.Parent().ReplaceChild(node.Parent(), node, ast.NewString([]byte(node.(fmt.Stringer).String())))
	}
}

// Mentions returns the people whom Markdown mentions, each once, in order:
// "alice" for somebody here, "bob@host" for others. A host that is this
// server's own stays; the caller knows its name. Groups are not people.
func Mentions(markdown string) []string {
	doc, _ := parseMarkdown(cut(markdown, maxInput))
	var handles []string
	seen := map[string]bool{}
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		m, ok := node.(*mention)
		if !ok || !entering || m.mark != '@' {
			return ast.WalkContinue, nil
		}
		if fold := strings.ToLower(m.handle()); !seen[fold] {
			seen[fold] = true
			handles = append(handles, m.handle())
		}
		return ast.WalkContinue, nil
	})
	return handles
}
