package mail

import (
	"strings"
	texttemplate "text/template"

	"drystone/community"
)

// An item is a notification that a letter tells of, for its template. What
// people wrote is one line of text, whatever it was.
type item struct {
	Kind, Who, Group, Title, Text, Link string
	Others, Many                        int
}

func (s *Service) itemOf(one community.LetterItem) item {
	return item{
		Kind: string(one.Kind), Who: oneLine(one.Who), Group: oneLine(one.Group), Title: oneLine(one.Title), Text: oneLine(one.Text),
		Link: s.Origin + one.Path, Others: one.Others, Many: one.Many,
	}
}

// What a letter says of one item.
type told struct{ Line, Text, Link string }

// itemsOf has the template say something of each item, in its part item.
func itemsOf(t *texttemplate.Template, what said) ([]told, error) {
	var list []told
	for _, one := range what.Items {
		var b strings.Builder
		if err := t.ExecuteTemplate(&b, "item", one); err != nil {
			return nil, err
		}
		list = append(list, told{oneLine(b.String()), one.Text, one.Link})
	}
	return list, nil
}

// indent marks lines as somebody else's words, as mail programs do.
func indent(text string) string {
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}
