package markup

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// A cleaner writes HTML anew from the tokens of some other HTML: well nested,
// bounded, with only what may be shown. It does not build a tree, so that
// neither depth nor the repairs of HTML's tree builder can surprise; and what
// it writes, it would write again in the same way.
type cleaner struct {
	out     strings.Builder
	limit   int  // of out, in bytes
	local   bool // our own text: relative links stay
	full    bool // limit reached: only open elements are still ended
	open    []entry
	shown   int    // entries of open that were written
	closing int    // bytes that ending all of open will take
	unseen  string // the element whose content is skipped, or ""
	nested  int    // how many of it are open

	headings []int // offsets in out of the digits in h1 … h6
	highest  byte  // the smallest of those digits
}

// An entry is an element that was begun and not ended. Those that are not
// shown are kept so that their end tags find them.
type entry struct {
	name  string
	shown bool
}

// maxOpen bounds the elements open at once, shown or not, so that finding one
// is quick. What is begun beyond it is ignored.
const maxOpen = 256

// clean returns source as well-formed HTML of allowed elements, at most limit
// bytes of it.
func clean(source string, limit int, local bool) string {
	c := &cleaner{limit: limit, local: local, highest: '9'}
	tokens := html.NewTokenizer(strings.NewReader(source))
	for !c.full {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		switch token := tokens.Token(); kind {
		case html.TextToken:
			c.text(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			c.start(token, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			c.end(token.Data)
		}
	}
	c.endTo(0)
	return c.lowered()
}

// lowered returns what was written, with its headings moved down until the
// highest is an h3, but none below h6.
func (c *cleaner) lowered() string {
	text := c.out.String()
	if c.highest >= '3' {
		return text
	}
	lower := []byte(text)
	for _, at := range c.headings {
		lower[at] = min(lower[at]+'3'-c.highest, '6')
	}
	return string(lower)
}

// text writes text, as much of it as fits.
func (c *cleaner) text(data string) {
	if c.unseen != "" {
		return
	}
	data = html.EscapeString(strings.Map(printable, data))
	if room := c.limit - c.out.Len() - c.closing; len(data) > room {
		c.full = true
		data = cut(data, room)
		if amp := strings.LastIndexByte(data, '&'); amp >= 0 && !strings.Contains(data[amp:], ";") {
			data = data[:amp]
		}
	}
	c.out.WriteString(data)
}

// printable drops the characters that are not text.
func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// start begins an element.
func (c *cleaner) start(token html.Token, selfClosing bool) {
	name := token.Data
	if c.unseen != "" {
		if name == c.unseen && !selfClosing {
			c.nested++
		}
		return
	}
	if unseen[name] {
		if !selfClosing {
			c.unseen, c.nested = name, 1
		}
		return
	}
	if other, ok := renamed[name]; ok {
		name = other
	}
	el, ok := elements[name]
	if !ok {
		return
	}
	if name == "img" {
		c.image(token)
		return
	}
	c.makeRoom(name, el)
	if el.role == void {
		if name == "hr" || c.parent() != "table" {
			c.write("<"+name+">", 0)
		}
		return
	}
	if len(c.open) < maxOpen {
		c.begin(name, el, token)
	}
}

// begin writes the start of an element that has content, if it may be here,
// and notes that it is open.
func (c *cleaner) begin(name string, el element, token html.Token) {
	attrs, has := c.attributes(name, el, token)
	shown := c.shown < maxDepth && (el.needs == "" || has) && (name != "span" || attrs != "") &&
		(len(el.parents) == 0 || slices.Contains(el.parents, c.parent()))
	if shown {
		at := c.out.Len()
		ending := len("</>") + len(name)
		if !c.write("<"+name+attrs+">", ending) {
			return
		}
		c.shown++
		c.closing += ending
		c.heading(name, at+len("<h"))
	}
	c.open = append(c.open, entry{name, shown})
}

// write writes a tag that will need ending more bytes later, if both fit.
func (c *cleaner) write(tag string, ending int) bool {
	if c.out.Len()+c.closing+len(tag)+ending > c.limit {
		c.full = true
		return false
	}
	c.out.WriteString(tag)
	return true
}

// heading notes where a heading's digit was written.
func (c *cleaner) heading(name string, at int) {
	if isHeading(name) {
		c.headings = append(c.headings, at)
		c.highest = min(c.highest, name[1])
	}
}

func isHeading(name string) bool {
	return len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
}

// makeRoom ends what cannot stay open around a new element.
func (c *cleaner) makeRoom(name string, el element) {
	if el.role == block || name == "hr" {
		c.endNearest(cells, "p")
		if isHeading(name) && isHeading(c.parent()) {
			c.endNearest(nil, c.parent())
		}
	}
	for _, other := range el.ends {
		c.endNearest(el.scope, other)
	}
}

// endNearest ends the nearest shown element called name and all inside it,
// unless one of scope is nearer.
func (c *cleaner) endNearest(scope []string, name string) {
	for i := len(c.open) - 1; i >= 0; i-- {
		if !c.open[i].shown {
			continue
		}
		if c.open[i].name == name {
			c.endTo(i)
			return
		}
		if slices.Contains(scope, c.open[i].name) {
			return
		}
	}
}

// parent is the element that is being written into, or "".
func (c *cleaner) parent() string {
	for i := len(c.open) - 1; i >= 0; i-- {
		if c.open[i].shown {
			return c.open[i].name
		}
	}
	return ""
}

// end ends an element that the source ends, and all inside it. An end without
// a start is ignored, and so is one that would reach out of a table's cell.
func (c *cleaner) end(name string) {
	if c.unseen != "" {
		if name == c.unseen {
			if c.nested--; c.nested == 0 {
				c.unseen = ""
			}
		}
		return
	}
	if other, ok := renamed[name]; ok {
		name = other
	}
	ofTable := name == "table" || slices.Contains(tableParts, name)
	for i := len(c.open) - 1; i >= 0; i-- {
		open := c.open[i]
		if open.name == name || isHeading(name) && isHeading(open.name) {
			c.endTo(i)
			return
		}
		if open.shown && (open.name == "table" || !ofTable && slices.Contains(cells, open.name)) {
			return
		}
	}
}

// endTo ends all open elements from the i-th on, the innermost first.
func (c *cleaner) endTo(i int) {
	for len(c.open) > i {
		last := c.open[len(c.open)-1]
		c.open = c.open[:len(c.open)-1]
		if !last.shown {
			continue
		}
		tag := "</" + last.name + ">"
		c.heading(last.name, c.out.Len()+len("</h"))
		c.out.WriteString(tag)
		c.shown--
		c.closing -= len(tag)
	}
}
