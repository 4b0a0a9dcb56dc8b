package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"drystone/api/v1"
	"drystone/fault"
)

// A keepingPage is what the visitor keeps away, of one kind, and the forms for
// it, which work without JavaScript.
type keepingPage struct {
	Kind  string // people, groups, servers or words
	Tabs  []tab
	Rows  []keptRow
	More  string // of the list that goes on
	Wrong string
}

// A keptRow is something that is kept away.
type keptRow struct {
	v1.Block
	Blocked bool
	Name    string
}

var keptKinds = []struct{ Kind, Word, Label string }{
	{"people", "person", "People"}, {"groups", "group", "Groups"}, {"servers", "server", "Servers"}, {"words", "words", "Words"},
}

// keeping shows what the visitor keeps away, and takes the forms.
func keeping(p *page) error {
	p.Head.Title, p.Head.Hidden = "Blocks and mutes", true
	if p.Me == nil {
		return plain("/settings/blocks", "Blocks and mutes")(p)
	}
	data := &keepingPage{Kind: p.choice("kind", "people", "groups", "servers", "words")}
	if p.c.Request().Method == http.MethodPost {
		done, err := p.takeKeeping(data)
		if err != nil || done {
			return err
		}
	}
	for _, k := range keptKinds {
		data.Tabs = append(data.Tabs, tab{Href: "/settings/blocks?kind=" + k.Kind, Label: k.Label, Current: k.Kind == data.Kind})
		if k.Kind != data.Kind {
			continue
		}
		if err := p.kept(data, k.Word); err != nil {
			return err
		}
	}
	p.show("keeping", "/settings/blocks", data)
	return nil
}

// kept reads what is kept away, as the app asks for it.
func (p *page) kept(data *keepingPage, word string) error {
	cursor, mutes := p.query("cursor"), p.query("list") == "mutes"
	var blocked v1.List[v1.Block]
	var err error
	after := map[bool]string{mutes: cursor}
	if data.Kind != "words" && !mutes {
		blocked, err = ask(p, address("/me/blocks", "kind", word, "cursor", after[false], "limit", "100"), p.site.API.ListBlocks,
			v1.BlocksQuery{Kind: word, Paging: v1.Paging{Cursor: after[false], Limit: 100}})
		if err != nil {
			return err
		}
	}
	muted, err := ask(p, address("/me/mutes", "kind", word, "cursor", after[true], "limit", "100"), p.site.API.ListMutes,
		v1.BlocksQuery{Kind: word, Paging: v1.Paging{Cursor: after[true], Limit: 100}})
	if err != nil {
		return err
	}
	for _, b := range blocked.Items {
		data.Rows = append(data.Rows, keptOf(b, true))
	}
	next := url.Values{"kind": {data.Kind}}
	if blocked.Next != "" {
		data.More = more(next, blocked.Next)
		return nil
	}
	for _, b := range muted.Items {
		data.Rows = append(data.Rows, keptOf(b, false))
	}
	next.Set("list", "mutes")
	data.More = more(next, muted.Next)
	return nil
}

func keptOf(b v1.Block, blocked bool) keptRow {
	row := keptRow{Block: b, Blocked: blocked, Name: b.Host + b.Words}
	if b.Target != nil {
		row.Name = b.Target.Handle
	}
	return row
}

// takeKeeping takes a form, and reports that it was done. What is wrong with
// it is said above the forms.
func (p *page) takeKeeping(data *keepingPage) (done bool, err error) {
	if err := p.readForm(); err != nil {
		return false, err
	}
	err = p.keep(data.Kind)
	switch {
	case err == nil:
		p.redirect = "/settings/blocks?kind=" + data.Kind
		return true, nil
	case fault.Is(err, fault.Internal), fault.Is(err, fault.Unavailable):
		return false, err
	}
	problem := v1.ProblemOf(err)
	data.Wrong, p.status = problem.Detail, problem.Status
	return false, nil
}

func (p *page) keep(kind string) error {
	form := p.c.Request().PostForm
	mute := form.Get("how") != "block"
	path := v1.BlockPath{Kind: kind, Name: form.Get("name")}
	until := untilOf(form.Get("days"))
	switch {
	case kind == "words" && form.Get("do") == "take":
		id, err := strconv.ParseInt(form.Get("id"), 10, 64)
		if err != nil {
			return fault.Field("id", "There are no such words.")
		}
		return p.site.API.UnmuteWords(p.ctx, p.caller, &v1.MutedWordsPath{ID: id})
	case form.Get("do") == "take":
		return p.site.API.Release(p.ctx, p.caller, &path, mute)
	case kind == "words":
		return p.site.API.MuteWords(p.ctx, p.caller, v1.MutedWords{
			Words: form.Get("words"), Whole: form.Get("whole") != "", Places: form["places"], Until: until, Note: form.Get("note"),
		})
	}
	_, err := p.site.API.Keep(p.ctx, p.caller, &v1.BlockRequest{BlockPath: path, Body: v1.BlockWish{Until: until, Note: form.Get("note")}}, mute)
	return err
}

// untilOf is when something ends that is wanted for some days; nil is never.
func untilOf(days string) *time.Time {
	n, err := strconv.Atoi(days)
	if err != nil || n <= 0 || n > 3660 {
		return nil
	}
	until := time.Now().Add(time.Duration(n) * 24 * time.Hour)
	return &until
}
