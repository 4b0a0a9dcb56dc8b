package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed content
var content embed.FS

// A story is everything that moves in.
type story struct {
	servers []*server
	people  []*person // of this server
	groups  []*group
	threads []*thread
	desk    []*paper
	door    []*knock
	feeds   []*feed
}

// A server is a neighbour, and who lives there.
type server struct {
	host, software, version string
	people                  []*person // who write
	readers                 []string  // who only read and vote
}

// A person is somebody, here or on a server.
type person struct {
	name, title, bio string
	admin            bool
	joined           time.Duration // how long ago
	groups           []string      // handles of groups they joined
}

// A group is one of ours, or one of a server.
type group struct {
	handle, title, summary string
	owner                  string
	moderators             []string
	founded                time.Duration // how long ago
}

// A thread is a post with its answers.
type thread struct {
	group, by             string
	title, link, language string
	text
	poll    *poll   // nil: none
	date    *date   // nil: nothing happens
	moved   *moving // nil: it stays where it is
	age     time.Duration
	heard   opinion
	answers []*answer // each after the one that it answers
}

// A poll is what people can choose between.
type poll struct {
	options []option
	several bool
	open    time.Duration
}

// An option is one thing to choose, and how many do.
type option struct {
	text  string
	votes int
}

// An answer is one comment of a thread.
type answer struct {
	by     string
	parent *answer // nil: the post
	text
	after   time.Duration // how long after what it answers; 0: by chance
	heard   opinion
	deleted bool
	chosen  bool   // who asked says that it answers the post
	removed string // the moderators' reason
}

// A text is what somebody wrote, and what they made of it later.
type text struct {
	body, edit string
	editAfter  time.Duration
}

func load() (*story, error) {
	s := new(story)
	read := map[string]func(*section) error{
		"content/people.md":  s.addPerson,
		"content/groups.md":  s.addGroup,
		"content/servers.md": s.addServer,
		"content/desk.md":    s.addPaper,
		"content/door.md":    s.addKnock,
		"content/feeds.md":   s.addFeed,
	}
	err := fs.WalkDir(content, "content", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		bytes, err := content.ReadFile(name)
		if err != nil {
			return err
		}
		add, apart := read[name]
		sections, err := parse(string(bytes), func(i int) bool { return apart || i == 0 })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !apart {
			add = func(*section) error { return nil }
			err = s.addThread(path.Base(path.Dir(name)), sections)
		}
		for _, part := range sections {
			if err == nil {
				err = add(part)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	return s, err
}

func (s *story) addPerson(part *section) error {
	p, err := personOf(part)
	s.people = append(s.people, p)
	return err
}

func personOf(part *section) (*person, error) {
	p := &person{name: part.name, title: part.keys["name"], bio: part.body, admin: part.keys["admin"] == "yes", groups: part.list("groups")}
	var err error
	p.joined, err = span(part.keys["joined"])
	return p, err
}

func (s *story) addGroup(part *section) error {
	g := &group{
		handle: part.name, title: part.keys["title"], summary: part.body,
		owner: part.keys["owner"], moderators: part.list("moderators"),
	}
	var err error
	g.founded, err = span(part.keys["founded"])
	s.groups = append(s.groups, g)
	return err
}

// addServer reads a server, or, one level deeper, somebody who lives there.
func (s *story) addServer(part *section) error {
	if part.depth == 1 {
		s.servers = append(s.servers, &server{
			host: part.name, software: part.keys["software"], version: part.keys["version"], readers: part.list("readers"),
		})
		return nil
	}
	p, err := personOf(part)
	last := s.servers[len(s.servers)-1]
	last.people = append(last.people, p)
	return err
}

// pollOf reads the poll of a post: "poll: 7d" or "poll: 7d several", and
// "options: Saturday +12 | Sunday +3".
func pollOf(head *section) (*poll, error) {
	words := head.list("poll")
	if len(words) == 0 {
		return nil, nil
	}
	p := &poll{several: len(words) > 1 && words[1] == "several"}
	var err error
	if p.open, err = span(words[0]); err != nil {
		return nil, err
	}
	for _, one := range strings.Split(head.keys["options"], "|") {
		text, votes, found := strings.Cut(one, "+")
		o := option{text: strings.TrimSpace(text)}
		if found {
			if o.votes, err = strconv.Atoi(strings.TrimSpace(votes)); err != nil {
				return nil, err
			}
		}
		p.options = append(p.options, o)
	}
	return p, nil
}

func (s *story) addThread(group string, parts []*section) error {
	if len(parts) == 0 {
		return fmt.Errorf("there is no post")
	}
	head := parts[0]
	age, heard, _, err := head.told()
	if err != nil {
		return err
	}
	t := &thread{
		group: group, by: head.name, title: head.keys["title"], link: head.keys["link"], language: head.keys["language"],
		text: text{head.body, head.edit, head.editAt}, age: age, heard: heard,
	}
	if t.language == "" {
		t.language = "en"
	}
	if t.poll, err = pollOf(head); err != nil {
		return err
	}
	if t.date, err = dateOf(head); err != nil {
		return err
	}
	if t.moved, err = movingOf(head); err != nil {
		return err
	}
	var above []*answer // the last answer of each depth
	for _, part := range parts[1:] {
		after, heard, flags, err := part.told()
		if err != nil {
			return err
		}
		if part.depth > len(above)+1 || part.body == "" {
			return fmt.Errorf("what %s answers to %q is nothing, or answers nothing", part.name, t.title)
		}
		a := &answer{
			by: part.name, text: text{part.body, part.edit, part.editAt},
			after: after, heard: heard, deleted: flags["deleted"], chosen: flags["answer"], removed: part.note,
		}
		if part.depth > 1 {
			a.parent = above[part.depth-2]
		}
		above = append(above[:part.depth-1], a)
		t.answers = append(t.answers, a)
	}
	s.threads = append(s.threads, t)
	return nil
}

// local reports whether a handle is somebody or something of this server.
func local(handle string) bool { return !strings.Contains(handle, "@") }
