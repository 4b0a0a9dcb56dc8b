package web

import (
	"net/url"
	"slices"
	"strconv"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

var (
	reportStates = []string{"open", "resolved", "rejected", "withdrawn", "all"}
	reportLabels = []string{"Open", "Resolved", "Rejected", "Taken back", "All"}
)

// outcomes say what became of a report.
var outcomes = map[string]string{"open": "Open", "resolved": "Resolved", "rejected": "Rejected", "withdrawn": "Taken back"}

// A reportPage is what the pages of reports show: a list, or one.
type reportPage struct {
	Scopes, States []tab
	Reports        []v1.Report
	More           string
	One            bool
}

// desk refuses who is not signed in, and chooses the list of reports that
// somebody looks at first: of what they look after, or else their own.
func (p *page) desk() (string, error) {
	switch {
	case p.Me == nil:
		return "", fault.New(fault.Unauthenticated, "Sign in to see reports.")
	case p.Me.Moderates:
		return "mine", nil
	case slices.Contains(p.Me.May, community.SiteReports):
		return "server", nil
	}
	return "filed", nil
}

// reports is what people found wrong, as far as it concerns the visitor.
func reports(p *page) error {
	p.Head.Title, p.Head.Hidden = "Reports", true
	scope, err := p.desk()
	if err != nil {
		return err
	}
	for _, word := range []string{"mine", "server", "filed"} {
		if p.query("scope") == word {
			scope = word
		}
	}
	state, group, cursor := p.choice("state", reportStates...), p.query("group"), p.query("cursor")
	if p.query("state") == "" && scope == "filed" {
		state = "all" // one's own are looked for to see what became of them
	}
	counts, err := ask(p, address("/reports/counts"), p.site.API.ReportCounts, v1.None{})
	if err != nil {
		return err
	}
	where := address("/reports", "scope", scope, "state", state, "group", group, "cursor", cursor)
	list, err := ask(p, where, p.site.API.Reports, v1.ReportsQuery{Scope: scope, State: state, Group: group, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	base := url.Values{"scope": {scope}}
	if group != "" {
		base.Set("group", group)
	}
	data := reportPage{Scopes: p.scopes(scope, counts), States: tabs(base, "state", state, reportStates, reportLabels), Reports: list.Items}
	base.Set("state", state)
	data.More = more(base, list.Next)
	p.show("reports", "/reports", data)
	return nil
}

// scopes are the lists that the visitor has, with how many wait in each.
func (p *page) scopes(current string, counts v1.ReportCounts) []tab {
	var words, labels []string
	add := func(word, label string, waiting int) {
		if waiting > 0 {
			label += " (" + strconv.Itoa(waiting) + ")"
		}
		words, labels = append(words, word), append(labels, label)
	}
	if p.Me.Moderates {
		add("mine", "Your groups", counts.Mine)
	}
	if slices.Contains(p.Me.May, community.SiteReports) {
		add("server", "The whole server", counts.Server)
	}
	add("filed", "What you reported", counts.Filed)
	return tabs(nil, "scope", current, words, labels)
}

// report is one report, which a notification leads to.
func report(p *page) error {
	p.Head.Title, p.Head.Hidden = "A report", true
	if _, err := p.desk(); err != nil {
		return err
	}
	id, err := p.id()
	if err != nil {
		return err
	}
	it, err := ask(p, address("/reports/"+strconv.FormatInt(id, 10)), p.site.API.Report, v1.ReportPath{ID: id})
	if err != nil {
		return err
	}
	p.show("reports", "/reports/[id]", reportPage{Reports: []v1.Report{it}, One: true})
	return nil
}
