package markup

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is CommonMark with GitHub's tables, strikethrough, task lists and
// bare links, footnotes, Lemmy's spoilers, mentions and hashtags; without HTML.
var markdown = newMarkdown()

func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blockParsers()...),
			parser.WithInlineParsers(
				util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
				util.Prioritized(parser.NewCodeSpanParser(), 100),
				util.Prioritized(newCounted(parser.NewLinkParser()), 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300),
				util.Prioritized(mentionParser{}, 400),
				util.Prioritized(hashtagParser{}, 400),
				util.Prioritized(newCounted(parser.NewEmphasisParser()), 500),
				util.Prioritized(newCounted(extension.NewStrikethroughParser()), 500),
				util.Prioritized(extension.NewLinkifyParser(
					extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), 999),
			),
			parser.WithParagraphTransformers(
				util.Prioritized(fewReferences{parser.LinkReferenceParagraphTransformer}, 100),
				util.Prioritized(smallTables{extension.NewTableParagraphTransformer()}, 200),
			),
			parser.WithASTTransformers(
				util.Prioritized(extension.NewTableASTTransformer(), 0),
				util.Prioritized(shortLinks{}, 1000),
				util.Prioritized(noNestedLinks{}, 1000),
			),
		)),
		goldmark.WithExtensions(extension.NewFootnote(
			extension.WithFootnoteIDPrefixFunction(footnotePrefix))),
		goldmark.WithRendererOptions(
			html.WithHardWraps(),
			renderer.WithNodeRenderers(
				util.Prioritized(extension.NewTableHTMLRenderer(
					extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), 500),
				util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
				util.Prioritized(ours{}, 100),
			),
		),
	)
}

// blockParsers are CommonMark's without HTML, with spoilers.
func blockParsers() []util.PrioritizedValue {
	return []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(shallow{parser.NewListParser()}, 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
		util.Prioritized(shallow{spoilerParser{}}, 850),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
}

// footnoteKey is where a document's meta data keeps the prefix of its
// footnotes.
const footnoteKey = "footnotes"

// renderMarkdown returns source as HTML that is not yet clean.
func renderMarkdown(source string) string {
	doc, bytes := parseMarkdown(source)
	// Several texts share a page, so that each has footnotes of its own.
	sum := sha256.Sum256(bytes)
	doc.AddMeta(footnoteKey, []byte("n"+hex.EncodeToString(sum[:4])+"-"))
	out := &bounded{most: 2 * maxRendered}
	// The only error is that there was too much: the beginning is shown.
	_ = markdown.Renderer().Render(out, bytes, doc)
	return cut(out.String(), out.most)
}

func parseMarkdown(source string) (*ast.Document, []byte) {
	bytes := []byte(source)
	return markdown.Parser().Parse(text.NewReader(bytes)).(*ast.Document), bytes
}

func footnotePrefix(node ast.Node) []byte {
	prefix, _ := node.OwnerDocument().Meta()[footnoteKey].([]byte)
	return prefix
}

// ours renders the nodes that are ours, or that we show differently.
type ours struct{}

func (ours) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(extast.KindTaskCheckBox, renderTask)
	reg.Register(kindMention, renderMention)
	reg.Register(kindHashtag, renderHashtag)
	reg.Register(kindSpoiler, renderSpoiler)
}

func renderTask(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		box := "☐ "
		if node.(*extast.TaskCheckBox).IsChecked {
			box = "☑ "
		}
		_, _ = w.WriteString(box)
	}
	return ast.WalkContinue, nil
}
