package web

import (
	"net/http"
	"net/url"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

// What the visitor agrees to, what is known of them and who looked. Each
// purpose has a form of its own, which works without JavaScript.

// purposeTexts say what each purpose is, in the words of the app.
var purposeTexts = map[community.Purpose][2]string{
	community.Listed:        {"Be listed", "You are shown in lists of people, here and elsewhere. Your whole handle always finds you."},
	community.Searched:      {"Be found by your words", "What you write can be found by its words, here, elsewhere and by search engines."},
	community.CheckIns:      {"Be asked how you are", "When you are away for longer than ever before, somebody who looks after a group may be asked to write to you. It changes nothing else."},
	community.Bridging:      {"Count between whom you connect", "How much you answer across groups can be counted, so that those who bring people together are noticed. There is no ranking."},
	community.Benchmarks:    {"Count in comparisons of groups", "Groups compare figures about many people, never about fewer than twenty."},
	community.Visits:        {"Count your visits", "How many people read here each day can be counted. Not what you read."},
	community.Curation:      {"Let your posts be carried on", "Your public posts can be in a digest or a collection of their group, with your name."},
	community.Expertise:     {"Be asked about what you know", "When a question fits what you say you know, you may be invited to answer it."},
	community.Introductions: {"Be introduced to others", "Somebody may propose that you and another person meet. Both of you decide each time."},
	community.Attestations:  {"Let others state what you did", "A group may give you a signed statement of your work, which you can show elsewhere or drop."},
}

var screenTexts = map[community.Screen]string{
	community.MembersScreen: "looked at the list of members", community.RequestsScreen: "looked at who asks to join",
	community.BansScreen: "looked at the list of bans", community.ReportScreen: "looked at a report about you",
	community.WarningsScreen: "looked at your warnings", community.PeopleScreen: "looked at your account",
}

var viewerTexts = map[string]string{
	"moderator": "A moderator", "owner": "The owner", community.ViewedByTrusted: "Somebody trusted with a role", community.ViewedByAdmin: "An administrator",
}

var computedTexts = map[string]string{
	"posts": "Posts", "comments": "Comments", "followers": "Followers", "active": "The day on which you last wrote or voted",
}

// A consentRow is one purpose with its words.
type consentRow struct {
	v1.Consent
	Name, Text string
}

// A viewRow is one look with its words.
type viewRow struct {
	v1.View
	Who, What string
}

// A countRow is one thing that is computed, with its words.
type countRow struct {
	Name  string
	Value any
}

// privacy shows what is known of the visitor, and takes what they agree to.
func privacy(p *page) error {
	p.Head.Title, p.Head.Hidden = "Privacy", true
	if p.Me == nil {
		return plain("/settings/privacy", "Privacy")(p)
	}
	if p.c.Request().Method == http.MethodPost {
		return p.sayConsent()
	}
	consents, err := ask(p, address("/me/consents"), p.site.API.Consents, v1.None{})
	if err != nil {
		return err
	}
	known, err := ask(p, address("/me/insights"), p.site.API.Insights, v1.None{})
	if err != nil {
		return err
	}
	cursor := p.query("cursor")
	seen, err := ask(p, address("/me/views", "cursor", cursor), p.site.API.Views, v1.Paging{Cursor: cursor})
	if err != nil {
		return err
	}
	data := struct {
		Consents []consentRow
		Known    v1.Insights
		Computed []countRow
		Views    []viewRow
		More     string
	}{Known: known, More: more(url.Values{}, seen.Next)}
	for _, c := range consents.Items {
		data.Consents = append(data.Consents, consentRow{c, purposeTexts[c.Purpose][0], purposeTexts[c.Purpose][1]})
	}
	for _, c := range known.Computed {
		data.Computed = append(data.Computed, countRow{computedTexts[c.Key], c.Value})
	}
	for _, v := range seen.Items {
		data.Views = append(data.Views, viewRow{v, viewerTexts[v.Role], screenTexts[v.Screen]})
	}
	p.show("privacy", "/settings/privacy", data)
	return nil
}

// sayConsent takes the form of one purpose.
func (p *page) sayConsent() error {
	if err := p.readForm(); err != nil {
		return err
	}
	r := p.c.Request()
	req := &v1.ConsentRequest{Purpose: r.PostFormValue("purpose"), Body: v1.ConsentWish{Allowed: r.PostFormValue("allowed") == "yes"}}
	if _, err := p.site.API.SetConsent(p.ctx, p.caller, req); err != nil {
		return err
	}
	p.redirect = "/settings/privacy"
	return nil
}

// readForm reads what a form of the visitor's sent.
func (p *page) readForm() error {
	r := p.c.Request()
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	return nil
}
