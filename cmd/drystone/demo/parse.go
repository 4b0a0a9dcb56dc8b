package demo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The files in content are read like this. A section begins with a line of
// one or more "=" and a name; how many tells how deep an answer is. Lines of
// "key: value" may follow in a section that has them, up to a blank line. The
// rest is Markdown. A line "+++ 2h" in a text means that what follows it was
// added two hours later. "answer" after a name says that what follows answers
// the post; "poll: 7d" and "options: Yes +4 | No +1" below a title ask. "event:
// +9d 18:30 3h Europe/London" says on which day, counted from today, by which
// clock and for how long something happens, at a "place:" or "online:"; "moved:
// 6h garden Why" that a thread is in another group from then on.
//
//	= bob 3d +31 -2
//	title: Slugs
//
//	They ate everything.
//
//	= alice 20m
//	Even the **chives**?
//
//	== bob
//	Even the chives.

// A section is one part of a file.
type section struct {
	depth  int      // 1 for "="
	name   string   // the first word of its line
	words  []string // the other words
	note   string   // what follows "removed:" in its line
	keys   map[string]string
	body   string
	edit   string        // what the body became
	editAt time.Duration // how long after; 0: never
}

var (
	sectionLine = regexp.MustCompile(`^(=+) (\S+)(.*)$`)
	keyLine     = regexp.MustCompile(`^([a-z]+): +(.+)$`)
	editLine    = regexp.MustCompile(`^\+\+\+ (\S+)$`)
)

// parse reads a file. Whether sections have keys is for the caller to say,
// since an answer may well begin with a word and a colon; the first section
// of a thread has them in any case.
func parse(text string, keys func(i int) bool) ([]*section, error) {
	var list []*section
	var lines []string
	finish := func() error {
		if len(list) == 0 {
			if strings.TrimSpace(strings.Join(lines, "")) != "" {
				return fmt.Errorf("there is text before the first section")
			}
			return nil
		}
		return list[len(list)-1].fill(lines, keys(len(list)-1))
	}
	for line := range strings.SplitSeq(text, "\n") {
		found := sectionLine.FindStringSubmatch(line)
		if found == nil {
			lines = append(lines, line)
			continue
		}
		if err := finish(); err != nil {
			return nil, err
		}
		lines = nil
		head, note, _ := strings.Cut(found[3], "removed:")
		list = append(list, &section{
			depth: len(found[1]), name: found[2], words: strings.Fields(head), note: strings.TrimSpace(note),
		})
	}
	return list, finish()
}

// fill reads what is below a section's first line.
func (s *section) fill(lines []string, keys bool) error {
	s.keys = map[string]string{}
	for keys && len(lines) > 0 {
		found := keyLine.FindStringSubmatch(lines[0])
		if found == nil {
			break
		}
		s.keys[found[1]] = strings.TrimSpace(found[2])
		lines = lines[1:]
	}
	for i, line := range lines {
		if found := editLine.FindStringSubmatch(line); found != nil {
			after, err := span(found[1])
			if err != nil {
				return err
			}
			s.editAt = after
			s.body = strings.TrimSpace(strings.Join(lines[:i], "\n"))
			s.edit = s.body + "\n\n" + strings.TrimSpace(strings.Join(lines[i+1:], "\n"))
			return nil
		}
	}
	s.body = strings.TrimSpace(strings.Join(lines, "\n"))
	return nil
}

// list is the words of a key.
func (s *section) list(key string) []string { return strings.Fields(s.keys[key]) }

var spanPart = regexp.MustCompile(`^(\d+)([dhm])`)

// span reads "3d4h" or "25m".
func span(text string) (time.Duration, error) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}
	var sum time.Duration
	rest := text
	for rest != "" {
		found := spanPart.FindStringSubmatch(rest)
		if found == nil {
			return 0, fmt.Errorf("%q is no span of time such as 3d4h or 25m", text)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * units[found[2]]
		rest = rest[len(found[0]):]
	}
	return sum, nil
}

// opinion is how a text was received: words such as "+12" and "-3". What is
// not said is -1.
type opinion struct{ ups, downs int }

// told reads the words after a section's name: a span of time (0 where there
// is none), an opinion, and flags.
func (s *section) told() (after time.Duration, heard opinion, flags map[string]bool, err error) {
	heard, flags = opinion{-1, -1}, map[string]bool{}
	for _, word := range s.words {
		switch {
		case word[0] == '+':
			heard.ups, err = strconv.Atoi(word[1:])
		case word[0] == '-':
			heard.downs, err = strconv.Atoi(word[1:])
		case word[0] >= '0' && word[0] <= '9':
			after, err = span(word)
		case word == "deleted" || word == "answer":
			flags[word] = true
		default:
			err = fmt.Errorf("%q after %s says nothing", word, s.name)
		}
		if err != nil {
			return 0, heard, nil, err
		}
	}
	return after, heard, flags, nil
}
