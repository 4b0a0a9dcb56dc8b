package markup

import (
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// A role is what an element is to the elements around it.
type role int

const (
	inline role = iota
	block       // ends a paragraph
	void        // has no content and no end
)

// An element is one that may be shown.
type element struct {
	role    role
	parents []string // where it makes sense; anywhere if empty
	// ends are the elements that it ends when one of them is still open,
	// looked for up to the nearest of scope.
	ends, scope []string
	attrs       map[string]*regexp.Regexp // beside those of every element
	classes     *regexp.Regexp            // each class must match
	needs       string                    // without this attribute it says nothing
}

var (
	language   = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$`)
	direction  = regexp.MustCompile(`^(ltr|rtl|auto)$`)
	alignment  = regexp.MustCompile(`^(left|center|right)$`)
	span       = regexp.MustCompile(`^[1-9][0-9]?$`)
	number     = regexp.MustCompile(`^-?[0-9]{1,9}$`)
	size       = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	anything   = regexp.MustCompile(`^[^\x00]{0,1000}$`)
	footnoteID = regexp.MustCompile(`^n[0-9a-f]{8}-fn(ref[0-9]{0,4})?:[0-9]{1,4}$`)
	linkRole   = regexp.MustCompile(`^doc-(noteref|backlink)$`)
	notesRole  = regexp.MustCompile(`^doc-endnotes$`)
	outbound   = regexp.MustCompile(`^` + rel + `$`)
	lazy       = regexp.MustCompile(`^lazy$`)

	everywhere = map[string]*regexp.Regexp{"dir": direction, "lang": language}

	tableParts = []string{"caption", "thead", "tbody", "tfoot", "tr", "td", "th"}
	cells      = []string{"td", "th"}
)

// rel is what a link that leaves the server carries: it earns its target no
// rank, gives it no handle on our page, and says who wrote it.
const rel = "nofollow noopener ugc"

// elements is everything that may be shown. The names and attributes here are
// what bluemonday is told, too.
var elements = listElements()

func listElements() map[string]element {
	list := map[string]element{
		"a": {
			needs: "href", ends: []string{"a"}, scope: cells,
			classes: regexp.MustCompile(`^(mention|u-url|hashtag|footnote-ref|footnote-backref)$`),
			attrs:   map[string]*regexp.Regexp{"href": anything, "role": linkRole, "rel": outbound},
		},
		"img": {role: void, needs: "src", classes: regexp.MustCompile(`^emoji$`), attrs: map[string]*regexp.Regexp{
			"src": anything, "alt": anything, "width": size, "height": size, "loading": lazy,
		}},
		"span": {classes: regexp.MustCompile(`^(h-card|invisible|ellipsis|mention)$`)},
		"code": {classes: regexp.MustCompile(`^language-[A-Za-z0-9+#_.-]{1,30}$`)},
		"sup":  {attrs: map[string]*regexp.Regexp{"id": footnoteID}},
		"abbr": {attrs: map[string]*regexp.Regexp{"title": anything}},
		"div": {
			role: block, classes: regexp.MustCompile(`^footnotes$`),
			attrs: map[string]*regexp.Regexp{"role": notesRole},
		},
		"ol": {role: block, attrs: map[string]*regexp.Regexp{"start": number}},
		"li": {
			role: block, parents: []string{"ul", "ol"}, ends: []string{"li"}, scope: []string{"ul", "ol"},
			attrs: map[string]*regexp.Regexp{"id": footnoteID},
		},
		"dt":      {role: block, parents: []string{"dl"}, ends: []string{"dt", "dd"}, scope: []string{"dl"}},
		"dd":      {role: block, parents: []string{"dl"}, ends: []string{"dt", "dd"}, scope: []string{"dl"}},
		"summary": {role: block, parents: []string{"details"}},
		"caption": {role: block, parents: []string{"table"}, ends: tableParts, scope: []string{"table"}},
		"tr": {
			role: block, parents: []string{"table", "thead", "tbody", "tfoot"},
			ends: []string{"tr", "td", "th", "caption"}, scope: []string{"table"},
		},
		"br": {role: void}, "wbr": {role: void}, "hr": {role: void},
	}
	cell := map[string]*regexp.Regexp{"colspan": span, "rowspan": span, "align": alignment}
	for _, name := range cells {
		list[name] = element{role: block, parents: []string{"tr"}, ends: cells, scope: []string{"table"}, attrs: cell}
	}
	for _, name := range []string{"thead", "tbody", "tfoot"} {
		list[name] = element{role: block, parents: []string{"table"}, ends: tableParts, scope: []string{"table"}}
	}
	for _, name := range strings.Fields("strong b em i u s del ins mark small sub kbd samp var q cite dfn ruby rt rp bdi bdo") {
		list[name] = element{}
	}
	for _, name := range strings.Fields("p blockquote pre ul dl table details figure figcaption h1 h2 h3 h4 h5 h6") {
		list[name] = element{role: block}
	}
	return list
}

// renamed are elements that look like another that may be shown.
var renamed = map[string]string{
	"section": "div", "article": "div", "header": "div", "footer": "div", "main": "div", "aside": "div", "nav": "div",
	"address": "div", "center": "div", "form": "div", "fieldset": "div", "legend": "div", "hgroup": "div", "body": "div",
	"dir": "ul", "menu": "ul", "strike": "s", "tt": "code", "acronym": "abbr", "image": "img",
}

// unseen are elements whose content is not text for people.
var unseen = setOf("script style template noscript iframe noembed noframes object applet svg math head title " +
	"textarea select xmp plaintext canvas frameset")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// policy is the last word on every text: even if clean were wrong, nothing
// passes that is not listed.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	for name, el := range elements {
		p.AllowElements(name)
		if el.needs == "" {
			p.AllowNoAttrs().OnElements(name)
		}
		for attr, match := range el.attrs {
			p.AllowAttrs(attr).Matching(match).OnElements(name)
		}
		if el.classes != nil {
			one := strings.TrimSuffix(strings.TrimPrefix(el.classes.String(), "^"), "$")
			p.AllowAttrs("class").Matching(regexp.MustCompile(`^` + one + `( ` + one + `)*$`)).OnElements(name)
		}
	}
	for attr, match := range everywhere {
		p.AllowAttrs(attr).Matching(match).Globally()
	}
	return p
}

// finish is the last step of everything that is shown.
func finish(html string) string { return policy.Sanitize(html) }

// allowed reports whether an attribute may be on an element with this value.
func (el element) allowed(attr, value string) bool {
	match := el.attrs[attr]
	if match == nil {
		match = everywhere[attr]
	}
	return match != nil && match.MatchString(value)
}

// shownClasses returns the classes of value that may be on the element.
func (el element) shownClasses(value string) string {
	if el.classes == nil {
		return ""
	}
	classes := strings.Fields(value)
	classes = slices.DeleteFunc(classes, func(class string) bool { return !el.classes.MatchString(class) })
	return strings.Join(classes, " ")
}
