package mail

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	texttemplate "text/template"
	"unicode"

	"drystone/community"
)

// A letter is written once in each language, as plain text, in
// templates/KIND.tmpl for English and in templates/LANGUAGE/KIND.tmpl for
// others, in the parts subject, body (paragraphs, with an empty line between),
// button (what its link is called; none without a link) and foot (why they got
// this). What all letters of a language say is in common.words. Both forms of
// a letter are made of that: what people chose themselves can only ever be
// text.
//
//go:embed templates
var files embed.FS

// letters are the templates of every language, each by its kind.
var letters = sync.OnceValues(func() (map[string]map[community.LetterKind]*texttemplate.Template, error) {
	all := map[string]map[community.LetterKind]*texttemplate.Template{}
	for lang := range tongues {
		var err error
		if all[lang], err = lettersIn(lang); err != nil {
			return nil, err
		}
	}
	return all, nil
})

func lettersIn(lang string) (map[community.LetterKind]*texttemplate.Template, error) {
	place := "templates"
	if lang != english {
		place += "/" + lang
	}
	entries, err := files.ReadDir(place)
	if err != nil {
		return nil, err
	}
	all := map[community.LetterKind]*texttemplate.Template{}
	for _, entry := range entries {
		kind, isLetter := strings.CutSuffix(entry.Name(), ".tmpl")
		if !isLetter {
			continue
		}
		t, err := texttemplate.New(kind).Option("missingkey=zero").ParseFS(files, place+"/common.words", place+"/"+entry.Name())
		if err != nil {
			return nil, err
		}
		all[community.LetterKind(kind)] = t
	}
	return all, nil
}

// speaks is the language that a letter is written in for who reads lang.
func speaks(lang string, kind community.LetterKind) (string, error) {
	all, err := letters()
	if err != nil || all[lang][kind] != nil {
		return lang, err
	}
	return english, nil
}

// layout is how every letter looks in HTML.
var layout = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(files, "templates/layout.html")
})

// A page is a letter in both its forms.
type page struct{ subject, text, html string }

// A sheet is what the layout is filled with.
type sheet struct {
	said
	Subject    string
	Paragraphs []string
	Button     string
	Foot       string
	Told       []told // of each item, what the letter says
	Copy       string // what to do where the button does nothing
	Enough     string // what the link is called that ends letters like it
}

// render writes a letter.
func render(kind community.LetterKind, what said) (page, error) {
	all, err := letters()
	if err != nil {
		return page{}, err
	}
	t := all[what.Lang][kind]
	if t == nil {
		return page{}, fmt.Errorf("mail: there is no template for %q in %q", kind, what.Lang)
	}
	parts := map[string]string{}
	for _, name := range []string{"subject", "body", "button", "foot", "copy", "enough"} {
		if parts[name], err = part(t, name, what); err != nil {
			return page{}, err
		}
	}
	s := sheet{
		said: what, Subject: oneLine(parts["subject"]), Button: oneLine(parts["button"]), Foot: oneLine(parts["foot"]),
		Copy: oneLine(parts["copy"]), Enough: oneLine(parts["enough"]),
	}
	for paragraph := range strings.SplitSeq(parts["body"], "\n\n") {
		if paragraph = oneLine(paragraph); paragraph != "" {
			s.Paragraphs = append(s.Paragraphs, paragraph)
		}
	}
	if s.Told, err = itemsOf(t, what); err != nil {
		return page{}, err
	}
	html, err := s.html()
	return page{subject: s.Subject, text: s.text(), html: html}, err
}

func part(t *texttemplate.Template, name string, what said) (string, error) {
	if t.Lookup(name) == nil {
		return "", nil
	}
	var b strings.Builder
	err := t.ExecuteTemplate(&b, name, what)
	return b.String(), err
}

// text is the letter for those who read plain text.
func (s sheet) text() string {
	var b strings.Builder
	for _, paragraph := range s.Paragraphs {
		b.WriteString(wrap(paragraph) + "\n\n")
	}
	for _, one := range s.Told {
		b.WriteString(wrap(one.Line) + "\n")
		if one.Text != "" {
			b.WriteString(indent(wrap(one.Text)) + "\n")
		}
		b.WriteString(one.Link + "\n\n")
	}
	if s.Link != "" {
		b.WriteString(s.Button + ":\n" + s.Link + "\n\n")
	}
	b.WriteString("-- \n" + s.Instance + " · " + s.Host + "\n")
	if s.Foot != "" {
		b.WriteString(wrap(s.Foot) + "\n")
	}
	if s.Leave != "" {
		b.WriteString(s.Enough + ": " + s.Leave + "\n")
	}
	return b.String()
}

func (s sheet) html() (string, error) {
	t, err := layout()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, s)
	return b.String(), err
}

// width is how long a line of plain text is, in characters.
const width = 72

// wrap breaks a paragraph into lines.
func wrap(text string) string {
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(text) {
		long := len([]rune(word))
		switch {
		case n == 0:
		case n+1+long > width:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += long
	}
	return b.String()
}

// oneLine is text without what breaks a line, or leads the eye astray: control
// characters and those that turn the direction of what follows.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}
