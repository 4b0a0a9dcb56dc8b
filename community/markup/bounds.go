package markup

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// What is here keeps short texts from becoming long work.

const (
	// maxBlocks is how deep quotes, lists and spoilers nest.
	maxBlocks = 32
	// maxTable bounds the cells of a table: a short row is filled up to the
	// width of the first, so that little text could become many cells.
	maxTable = 10_000
	// maxLinks bounds the bytes of all link addresses and titles together: a
	// long reference can be repeated in three characters.
	maxLinks = 400_000
	// maxMarks bounds the brackets, and the marks of emphasis, that are tried
	// in one paragraph: each may be compared with all before it.
	maxMarks = 1000
)

// bounded is a buffer that refuses to grow beyond most bytes.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, fmt.Errorf("markup: more than %d bytes of HTML", b.most)
	}
	return b.Buffer.Write(p)
}

// shallow is a parser of blocks that opens none below maxBlocks others.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if len(pc.OpenedBlocks()) >= maxBlocks {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// smallTables leaves tables that would be too large as text.
type smallTables struct{ parser.ParagraphTransformer }

func (t smallTables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, widest := node.Lines(), 0
	for i := range lines.Len() {
		line := lines.At(i)
		widest = max(widest, bytes.Count(line.Value(reader.Source()), []byte("|"))+1)
	}
	if widest*lines.Len() <= maxTable {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// fewReferences leaves a paragraph of more than maxMarks references as text:
// each is cut off from the front of all others.
type fewReferences struct{ parser.ParagraphTransformer }

func (r fewReferences) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, references := node.Lines(), 0
	for i := range lines.Len() {
		line := lines.At(i)
		if bytes.HasPrefix(line.Value(reader.Source()), []byte("[")) {
			references++
		}
	}
	if references <= maxMarks {
		r.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// shortLinks empties the links of a document beyond maxLinks.
type shortLinks struct{}

func (shortLinks) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	left := maxLinks
	_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Link:
			if left -= len(n.Destination) + len(n.Title); left < 0 {
				n.Destination, n.Title = nil, nil
			}
		case *ast.Image:
			if left -= len(n.Destination) + len(n.Title); left < 0 {
				n.Destination, n.Title = nil, nil
			}
		}
		return ast.WalkContinue, nil
	})
}

// counted is a parser of inline marks that is tried maxMarks times in a block.
type counted struct {
	parser.InlineParser
	key parser.ContextKey
}

func newCounted(p parser.InlineParser) counted { return counted{p, parser.NewContextKey()} }

func (c counted) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	tried, _ := pc.Get(c.key).(int)
	if tried >= maxMarks {
		return nil
	}
	pc.Set(c.key, tried+1)
	return c.InlineParser.Parse(parent, block, pc)
}

// CloseBlock begins to count anew.
func (c counted) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	pc.Set(c.key, nil)
	if closer, ok := c.InlineParser.(parser.CloseBlocker); ok {
		closer.CloseBlock(parent, block, pc)
	}
}
