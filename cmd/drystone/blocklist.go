package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"drystone/community/blocklist"
	"drystone/fault"
)

type blocklistCommand struct {
	Inspect inspectCommand `cmd:"" help:"Say of every row of a list, of whatever known format, what would become of it. Needs no database and changes nothing."`
	Diff    diffCommand    `cmd:"" help:"Say what is different between two lists, and whether an update from one to the other would be taken in by itself. Needs no database."`
}

type inspectCommand struct {
	File  string   `arg:"" help:"The list; - for standard input."`
	JSON  bool     `help:"Write a JSON object for each row and one with the counts at the end."`
	Means string   `help:"What a list asks for that does not say so: accept, label, filter, reject or drop." placeholder:"LEVEL"`
	Own   []string `help:"A host besides this server's own that no list may decide about, such as that of its media." placeholder:"HOST"`
}

// An inspected row is what is said of one.
type inspectedRow struct {
	Row     int               `json:"row"`
	Raw     string            `json:"raw"`
	Kind    blocklist.Kind    `json:"kind"`
	Key     string            `json:"key"`
	Level   string            `json:"level"`
	Limits  []blocklist.Limit `json:"limits,omitempty"`
	Change  blocklist.Change  `json:"change,omitempty"`
	Verdict blocklist.Verdict `json:"verdict"`
	Reason  blocklist.Reason  `json:"reason"`
}

// An inspectedList is what is said of all of them.
type inspectedList struct {
	Format   blocklist.Format         `json:"format"`
	Rows     int                      `json:"rows"`
	Accepted int                      `json:"accepted"`
	Held     int                      `json:"held"`
	Rejected int                      `json:"rejected"`
	Canaries int                      `json:"canaries"`
	Reasons  map[blocklist.Reason]int `json:"reasons"`
}

// Run reads the list and prints what would become of it.
func (c inspectCommand) Run(p *program) error {
	means := blocklist.ParseLevel(strings.ToLower(c.Means))
	if c.Means != "" && means == blocklist.NoLevel {
		return fault.Field("means", "%q is no level: accept, label, filter, reject or drop.", c.Means)
	}
	list, err := readList(p, c.File, means, c.Own)
	if err != nil {
		return err
	}
	if c.JSON {
		return inspectJSON(p.out, list)
	}
	return inspectText(p.out, list)
}

// readList reads the list in a file, - for standard input.
func readList(p *program, name string, means blocklist.Level, own []string) (*blocklist.List, error) {
	in := p.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fault.Because(err, fault.NotFound, "%s cannot be opened.", name)
		}
		defer file.Close()
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, blocklist.MaxBytes+1))
	if err != nil {
		return nil, fault.Because(err, fault.Unavailable, "%s cannot be read.", name)
	}
	host, _, _ := strings.Cut(p.config.Host, ":")
	return blocklist.Read(content, blocklist.Reading{Means: means, Ground: blocklist.NewGround(append(own, host), nil, nil)})
}

func countsOf(list *blocklist.List) inspectedList {
	all := inspectedList{
		Format: list.Format, Rows: len(list.Rows), Canaries: list.Canaries, Reasons: map[blocklist.Reason]int{},
		Accepted: list.Count(blocklist.Accepted), Held: list.Count(blocklist.Held), Rejected: list.Count(blocklist.Rejected),
	}
	for i := range list.Rows {
		if why := list.Rows[i].Reason; why != "" {
			all.Reasons[why]++
		}
	}
	return all
}

func inspectJSON(out io.Writer, list *blocklist.List) error {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for i := range list.Rows {
		r := &list.Rows[i]
		err := lines.Encode(inspectedRow{r.Number, r.Raw, r.Kind, r.Key, r.Level.String(), r.Limits, r.Change, r.Verdict, r.Reason})
		if err != nil {
			return err
		}
	}
	return lines.Encode(countsOf(list))
}

// inspectText prints what somebody has to look at, and the counts.
func inspectText(out io.Writer, list *blocklist.List) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range list.Rows {
		r := &list.Rows[i]
		if r.Verdict == blocklist.Accepted {
			continue
		}
		about := fmt.Sprintf("%q", r.Raw) // what is hidden in it shows
		if _, err := fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", r.Number, about, r.Verdict, r.Reason.Says()); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	all := countsOf(list)
	_, err := fmt.Fprintf(out, "%d rows (%s): %d accepted, %d held, %d rejected.\n", all.Rows, all.Format, all.Accepted, all.Held, all.Rejected)
	return err
}

type diffCommand struct {
	Before string `arg:"" help:"The list as it was; - for standard input."`
	After  string `arg:"" help:"The list as it is."`
}

// trips says of each trip what it means.
var trips = map[blocklist.Trip]string{
	blocklist.NoTrip:     "This is an ordinary update.",
	blocklist.Emptied:    "An update to this would be held: nothing is left of the list.",
	blocklist.CanaryGone: "An update to this would be held: the row is missing that shows that the list is whole.",
	blocklist.Shrunk:     "An update to this would be held: too much went at once.",
	blocklist.Burst:      "An update to this would be held: too much came at once.",
}

// Run prints a line for everything that came (+), went (-) or changed (~).
// What is rejected in both lists is in neither.
func (c diffCommand) Run(p *program) error {
	var lists [2]*blocklist.List
	for i, name := range []string{c.Before, c.After} {
		list, err := readList(p, name, blocklist.NoLevel, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		lists[i] = list
	}
	before, after := meanings(lists[0]), meanings(lists[1])
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, about := range slices.Sorted(maps.Keys(all)) {
		was, had := before[about]
		is, has := after[about]
		var line string
		switch {
		case !had:
			line = "+ " + about + "  " + is
		case !has:
			line = "- " + about + "  " + was
		case was != is:
			line = "~ " + about + "  " + was + " → " + is
		default:
			continue
		}
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	d := blocklist.Compare(blocklist.SnapshotOf(lists[0]), blocklist.SnapshotOf(lists[1]))
	_, err := fmt.Fprintf(p.out, "%d came, %d went. %s\n", d.Came, d.Gone, trips[d.Trip])
	return err
}

// meanings are what a list asks for, by what it is about.
func meanings(list *blocklist.List) map[string]string {
	all := map[string]string{}
	for i := range list.Rows {
		r := &list.Rows[i]
		if r.Verdict == blocklist.Rejected || r.Key == "" {
			continue
		}
		about := r.Key
		if r.Kind != blocklist.Domain {
			about = string(r.Kind) + " " + r.Key
		}
		if _, found := all[about]; found {
			continue
		}
		words := []string{r.Level.String()}
		for _, l := range r.Limits {
			words = append(words, string(l))
		}
		if r.Verdict == blocklist.Held {
			words = append(words, "(held: "+string(r.Reason)+")")
		}
		all[about] = strings.Join(words, " ")
	}
	return all
}
