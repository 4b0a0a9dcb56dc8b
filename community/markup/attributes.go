package markup

import (
	"strings"

	"golang.org/x/net/html"
)

// attributes returns those of a start tag that may be shown, ready to write,
// and whether the one that the element needs is among them.
func (c *cleaner) attributes(name string, el element, token html.Token) (_ string, has bool) {
	var out strings.Builder
	leaves := false
	seen := map[string]bool{}
	ours := ""
	if name == "a" && !c.local {
		ours = ownHashtag(token)
	}
	for _, attr := range token.Attr {
		if seen[attr.Key] || attr.Namespace != "" {
			continue // a browser takes the first
		}
		seen[attr.Key] = true
		value := strings.Map(printable, attr.Val)
		switch attr.Key {
		case "class":
			if value = el.shownClasses(value); value == "" {
				continue
			}
		case "href":
			if value = linkURL(attr.Val, c.local); ours != "" {
				value = ours
			}
			if value == "" {
				continue
			}
			leaves = external(value)
		case "rel":
			continue // ours follows
		}
		if attr.Key != "class" && !el.allowed(attr.Key, value) {
			continue
		}
		has = has || attr.Key == el.needs
		writeAttribute(&out, attr.Key, value)
	}
	if leaves && name == "a" {
		writeAttribute(&out, "rel", rel)
	}
	return out.String(), has
}

func writeAttribute(out *strings.Builder, key, value string) {
	out.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

// image writes a picture, or its alternative text where the picture cannot be
// shown.
func (c *cleaner) image(token html.Token) {
	values := map[string]string{}
	for _, attr := range token.Attr {
		if _, seen := values[attr.Key]; !seen {
			values[attr.Key] = strings.Map(printable, attr.Val)
		}
	}
	alt := values["alt"]
	if !anything.MatchString(alt) {
		alt = string([]rune(alt)[:1000])
	}
	src := imageURL(values["src"], c.local)
	if src == "" || c.parent() == "table" {
		c.text(alt)
		return
	}
	el := elements["img"]
	var out strings.Builder
	writeAttribute(&out, "src", src)
	writeAttribute(&out, "alt", alt)
	for _, key := range []string{"width", "height"} {
		if value, ok := values[key]; ok && el.allowed(key, value) {
			writeAttribute(&out, key, value)
		}
	}
	if class := el.shownClasses(values["class"]); class != "" {
		writeAttribute(&out, "class", class)
	}
	writeAttribute(&out, "loading", "lazy")
	c.write("<img"+out.String()+">", 0)
}
