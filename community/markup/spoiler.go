package markup

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A spoiler is a part of a text that is shown on demand, as Lemmy writes it:
//
//	::: spoiler Title
//	what is hidden
//	:::
//
// Inside another, the outer one has more colons.
type spoiler struct {
	ast.BaseBlock
	colons int
	title  string
}

var kindSpoiler = ast.NewNodeKind("Spoiler")

func (*spoiler) Kind() ast.NodeKind { return kindSpoiler }

func (s *spoiler) Dump(source []byte, level int) { ast.DumpHelper(s, source, level, nil, nil) }

var spoilerStart = regexp.MustCompile(`^ {0,3}(:{3,})[ \t]*spoiler(?:[ \t]+([^\n]*?))?[ \t]*\n?$`)

type spoilerParser struct{}

func (spoilerParser) Trigger() []byte { return []byte{':'} }

func (spoilerParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	found := spoilerStart.FindSubmatch(line)
	if found == nil {
		return nil, parser.NoChildren
	}
	s := &spoiler{colons: len(found[1]), title: string(found[2])}
	if s.title == "" {
		s.title = "Spoiler"
	}
	toLineEnd(reader, line, segment)
	return s, parser.HasChildren
}

func (spoilerParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	line, segment := reader.PeekLine()
	end := bytes.TrimSpace(line)
	if len(end) >= node.(*spoiler).colons && len(bytes.Trim(end, ":")) == 0 {
		toLineEnd(reader, line, segment)
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

// toLineEnd moves the reader behind the line's text, before its newline.
func toLineEnd(reader text.Reader, line []byte, segment text.Segment) {
	newline := 0
	if bytes.HasSuffix(line, []byte("\n")) {
		newline = 1
	}
	reader.Advance(segment.Stop - segment.Start - newline + segment.Padding)
}

func (spoilerParser) Close(ast.Node, text.Reader, parser.Context) {}

func (spoilerParser) CanInterruptParagraph() bool { return true }

func (spoilerParser) CanAcceptIndentedLine() bool { return false }

func renderSpoiler(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<details><summary>")
		_, _ = w.Write(util.EscapeHTML([]byte(node.(*spoiler).title)))
		_, _ = w.WriteString("</summary>\n")
	} else {
		_, _ = w.WriteString("</details>\n")
	}
	return ast.WalkContinue, nil
}
