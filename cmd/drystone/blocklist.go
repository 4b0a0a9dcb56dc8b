package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"drystone/community/blocklist"
	"drystone/fault"
)

type blocklistCommand struct {
	Inspect inspectCommand `cmd:"" help:"Say of every row of a list, of whatever known format, what would become of it. Needs no database and changes nothing."`
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
	in := p.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return fault.Because(err, fault.NotFound, "%s cannot be opened.", c.File)
		}
		defer file.Close()
		in = file
	}
	content, err := io.ReadAll(io.LimitReader(in, blocklist.MaxBytes+1))
	if err != nil {
		return fault.Because(err, fault.Unavailable, "%s cannot be read.", c.File)
	}
	host, _, _ := strings.Cut(p.config.Host, ":")
	list, err := blocklist.Read(content, blocklist.Reading{Means: means, Ground: blocklist.NewGround(append(c.Own, host), nil, nil)})
	if err != nil {
		return err
	}
	if c.JSON {
		return inspectJSON(p.out, list)
	}
	return inspectText(p.out, list)
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
