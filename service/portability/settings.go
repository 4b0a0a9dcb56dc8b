package portability

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Settings are what somebody says of themselves and wants, as settings.json
// has it.
type Settings struct {
	Name         string   `json:"name"`
	Address      string   `json:"address"`
	Title        string   `json:"title"`
	Summary      string   `json:"summary"`
	Email        string   `json:"email,omitempty"`
	Discoverable bool     `json:"discoverable"`
	Indexable    bool     `json:"indexable"`
	MessagesFrom string   `json:"messages_from"`
	Aliases      []string `json:"also_known_as"`
	MovedTo      string   `json:"moved_to,omitempty"`
	Admin        bool     `json:"admin,omitempty"`
	Feeds        []string `json:"follows_feeds"`

	Fields    []Line   `json:"fields"`
	Languages []string `json:"languages"`
	Interests []string `json:"interests"`
	Quiet     *Quiet   `json:"quiet,omitempty"`
	Locked    *bool    `json:"approves_followers"`

	Told    []Told  `json:"told"`    // how they want to be told, of what that is not as usual
	Watched []Watch `json:"watches"` // threads and groups

	CreatedAt string `json:"created_at"`
}

// Told are the ways in which somebody wants to be told of a topic.
type Told struct {
	Topic string `json:"topic"`
	Page  bool   `json:"page"`
	Push  bool   `json:"push"`
	Mail  string `json:"mail"`
}

// A Watch is how much somebody wants to hear of a thread or group.
type Watch struct {
	What  string `json:"what"` // its address
	Level string `json:"level"`
}

// told is how somebody wants to be told of what concerns them.
func (s *Service) told(ctx context.Context, account community.AccountID) (told []Told, watched []Watch, err error) {
	choices, err := s.DB.Choices(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	watches, err := s.DB.AllWatches(ctx, account)
	return each(choices, func(c community.NoticeChoice) Told { return Told{string(c.Topic), c.Page, c.Push, string(c.Mail)} }),
		each(watches, func(w storage.Watched) Watch { return Watch{w.IRI, string(w.Level)} }), err
}

func (s *Service) settings(ctx context.Context, x *exporting) ([]byte, error) {
	feeds, err := s.DB.FeedsOf(ctx, x.who.ID)
	if err != nil {
		return nil, err
	}
	kept := Settings{
		Name: x.who.Name, Address: s.address(x.who), Title: x.who.Title, Summary: x.who.Summary, Email: x.account.Email,
		Discoverable: x.who.Discoverable, Indexable: x.who.Indexable, MessagesFrom: opennessWord(x.who.MessagesFrom),
		Aliases: x.who.Aliases(), MovedTo: x.who.MovedTo, Admin: x.account.Admin, CreatedAt: stamp(x.account.CreatedAt),
	}
	for _, f := range feeds {
		kept.Feeds = append(kept.Feeds, f.IRI)
	}
	said, err := s.said(ctx, x.who)
	if err != nil {
		return nil, err
	}
	kept.Fields, kept.Languages, kept.Interests, kept.Quiet, kept.Locked = said.Fields, said.Languages, said.Interests, said.Quiet, said.Locked
	if kept.Told, kept.Watched, err = s.told(ctx, x.account.ID); err != nil {
		return nil, err
	}
	return pretty(kept)
}

// A Line is one of a profile.
type Line struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Quiet are hours in which somebody wants to be left alone, in minutes after
// midnight.
type Quiet struct {
	Zone string `json:"zone"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// said is what somebody says of themselves beside their actor.
func (s *Service) said(ctx context.Context, who *community.Actor) (p Profile, err error) {
	known, err := s.DB.Profile(ctx, who.ID)
	if err != nil {
		return p, err
	}
	lines, err := s.DB.ProfileFields(ctx, who.ID)
	p = Profile{
		Fields:    each(lines, func(f community.ProfileField) Line { return Line{f.Name, f.Value} }),
		Languages: append([]string{}, known.LanguageList()...), Interests: append([]string{}, known.InterestList()...), Locked: &who.Locked,
	}
	if known.Zone != "" {
		p.Quiet = &Quiet{known.Zone, known.QuietFrom, known.QuietTo}
	}
	return p, err
}

// more are those of the things that somebody says of themselves that are more
// than a word, as lines of an import: what they are to be, as JSON.
func (s *Settings) more() (map[string]*string, error) {
	out := map[string]*string{}
	for name, value := range map[string]any{"fields": s.Fields, "languages": s.Languages, "interests": s.Interests, "quiet": s.Quiet} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		if word := string(text); !slices.Contains([]string{"null", "[]"}, word) {
			out[name] = &word
		}
	}
	return out, nil
}

// profileFields are the targets of lines about what somebody says of
// themselves, in the order in which they are done.
var profileFields = []string{
	"title", "summary", "discoverable", "indexable", "messages_from", "approves_followers", "fields", "languages", "interests", "quiet",
}

// setProfile takes one field over. What somebody said here already stays,
// unless what they brought replaces it.
func (s *Service) setProfile(ctx context.Context, im *community.Import, who *community.Actor, line *community.ImportLine) (community.Outcome, error) {
	said, err := s.said(ctx, who)
	if err != nil {
		return "", err
	}
	change, same, empty, err := asked(who, said, line)
	if err != nil {
		return "", err
	}
	if same || !empty && !im.Replaces {
		return community.Already, nil
	}
	return community.Done, s.Actions.Profile(ctx, who, change)
}

// asked is what a line asks for, whether it is so already, and whether nothing
// was said about it here. A choice with two sides is never unsaid: the newer
// one holds.
func asked(who *community.Actor, said Profile, line *community.ImportLine) (change Profile, same, empty bool, err error) {
	value, yes := line.Detail, line.Detail == "true"
	switch line.Target {
	case "title":
		return Profile{Title: &value}, who.Title == value, who.Title == "", nil
	case "summary":
		return Profile{Summary: &value}, who.Summary == value, who.Summary == "", nil
	case "discoverable":
		return Profile{Discoverable: &yes}, who.Discoverable == yes, true, nil
	case "indexable":
		return Profile{Indexable: &yes}, who.Indexable == yes, true, nil
	case "approves_followers":
		return Profile{Locked: &yes}, who.Locked == yes, true, nil
	case "messages_from":
		open := community.Openness(strings.TrimSuffix(value, "everybody"))
		return Profile{MessagesFrom: &open}, who.MessagesFrom == open, true, nil
	case "fields":
		same, err = wanted(line, &change.Fields, said.Fields)
		return change, same, len(said.Fields) == 0, err
	case "languages":
		same, err = wanted(line, &change.Languages, said.Languages)
		return change, same, len(said.Languages) == 0, err
	case "interests":
		same, err = wanted(line, &change.Interests, said.Interests)
		return change, same, len(said.Interests) == 0, err
	case "quiet":
		same, err = wanted(line, &change.Quiet, said.Quiet)
		return change, same, said.Quiet == nil, err
	}
	return change, false, false, fault.New(fault.Invalid, "This line cannot be read any more.")
}

// wanted reads what a line asks for into a place, and reports whether it is
// what there is.
func wanted[T any](line *community.ImportLine, into *T, here T) (same bool, err error) {
	if err := json.Unmarshal([]byte(line.Detail), into); err != nil {
		return false, fault.Because(err, fault.Invalid, "This line cannot be read any more.")
	}
	text, err := json.Marshal(here)
	return string(text) == line.Detail, err
}

// facet is how somebody appears in one group.
type facet struct {
	Group   string `json:"group"` // its id
	Address string `json:"address"`
	Title   string `json:"title,omitempty"`
	Bio     string `json:"bio,omitempty"`
}

func (s *Service) facets(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.FacetsOf(ctx, x.who.ID)
	if err != nil {
		return nil, 0, false, err
	}
	list = slices.DeleteFunc(list, func(f *community.FacetView) bool { return f.Group == nil })
	rows, err := compact(list, func(f *community.FacetView) facet { return facet{f.Group.IRI, s.address(f.Group), f.Title, f.Bio} })
	return rows, 0, false, err
}

// fromFacets reads how somebody appeared in groups elsewhere.
func (r *reading) fromFacets(name, text string) error {
	var list []facet
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return wrong(name, jsonLine(text, err), "this is no list of how somebody appears in groups.")
	}
	for i, f := range list {
		if len(f.Group) > mostCell {
			return wrong(name, 0, "entry %d is too long.", i+1)
		}
		detail, err := json.Marshal(facet{Title: f.Title, Bio: f.Bio})
		if err != nil {
			return wrong(name, 0, "entry %d cannot be read.", i+1)
		}
		if err := r.add(r.checked(community.ImportLine{File: name, Kind: community.LineFacet, Target: f.Group, Detail: string(detail)})); err != nil {
			return err
		}
	}
	return nil
}

// appear has somebody appear in a group as they did elsewhere, once they belong
// to it.
func (s *Service) appear(ctx context.Context, im *community.Import, who, group *community.Actor, line *community.ImportLine) (community.Outcome, error) {
	var f facet
	if err := json.Unmarshal([]byte(line.Detail), &f); err != nil {
		return "", fault.Because(err, fault.Invalid, "This line cannot be read any more.")
	}
	if !group.IsGroup() {
		return community.Unsupported, fault.New(fault.Invalid, "%s is no group.", group.Handle())
	}
	here, err := s.DB.Facet(ctx, group.ID, who.ID)
	if err != nil {
		return "", err
	}
	if here != nil && (!im.Replaces || here.Title == f.Title && here.Bio == f.Bio) {
		return community.Already, nil
	}
	m, err := s.DB.Membership(ctx, group.ID, who.ID)
	if err != nil {
		return "", err
	}
	if m != nil && m.State == community.Pending {
		return "", fault.New(fault.Unavailable, "%s did not let you in yet.", group.DisplayName())
	}
	if err := s.Actions.Appear(ctx, who, group, f.Title, f.Bio); err != nil {
		return "", fmt.Errorf("appear: %w", err)
	}
	return community.Done, nil
}

// opennessWord says from whom messages are taken in a word that is never
// empty.
func opennessWord(o community.Openness) string {
	if o == community.FromEverybody {
		return "everybody"
	}
	return string(o)
}
