package web

import (
	"net/http"
	"strconv"
	"strings"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

// Reporting without JavaScript: a page with a form, at the address of what is
// reported with /report behind it. The app has a dialog for this instead and
// never leads here, so it does not start on these pages.
//
// A form of another site cannot be sent here in somebody's name: their cookie
// stays behind (SameSite), and such requests are refused (sameSite, in api).

// maxForm bounds what a form sends.
const maxForm = 16 << 10

// A ground is what is wrong in a word, as in the app's dialog.
type ground struct{ Word, Label string }

var grounds = []ground{
	{"spam", "Spam or an advert"},
	{"unkind", "Unkind to somebody"},
	{"topic", "Off topic here"},
	{"law", "Against the law"},
	{"other", "Something else"},
}

// A complaintPage is the form, or the thanks for having sent it.
type complaintPage struct {
	About   string // post, comment or person
	Back    string // the page of what is reported
	Title   string // what it is called
	Author  v1.Actor
	Group   *v1.Actor // whose moderators can look; nil: the administrators do
	Here    string    // the name of this server
	Grounds []ground
	Ground  string // as it was chosen and written
	Text    string
	ToAdmin bool
	Wrong   string // why it was not sent
	Sent    bool
	Own     bool // there is nothing to report
	id      int64
}

// reportPost, reportComment and reportPerson are the forms.
func reportPost(p *page) error {
	id, err := p.id()
	if err != nil {
		return err
	}
	return complain(p, func(data *complaintPage) error {
		it, err := p.site.API.Post(p.ctx, p.caller, &v1.PostPath{ID: id})
		if err == nil && (it.Removed || it.Deleted) {
			err = fault.New(fault.NotFound, "This is gone already.")
		}
		data.About, data.id, data.Title, data.Author, data.Group = "post", id, postTitle(it), it.Author, &it.Group
		data.Back = "/post/" + strconv.FormatInt(id, 10)
		return err
	})
}

func reportComment(p *page) error {
	id, err := p.id()
	if err != nil {
		return err
	}
	return complain(p, func(data *complaintPage) error {
		found, err := p.site.API.Comment(p.ctx, p.caller, &v1.CommentQuery{CommentPath: v1.CommentPath{ID: id}})
		it := found.Comment
		if err == nil && (it.Removed || it.Deleted) {
			err = fault.New(fault.NotFound, "This is gone already.")
		}
		data.About, data.id, data.Title, data.Author, data.Group = "comment", id, postTitle(found.Post), it.Author, &found.Post.Group
		data.Back = "/comment/" + strconv.FormatInt(id, 10)
		return err
	})
}

func reportPerson(p *page) error {
	return complain(p, func(data *complaintPage) error {
		it, err := p.site.API.Person(p.ctx, p.caller, &v1.PersonPath{Person: p.c.Param("name")})
		data.About, data.Title, data.Author, data.Back = "person", displayName(it.Actor), it.Actor, "/u/"+it.Handle
		return err
	})
}

// complain shows the form for what find finds, or takes what was sent with it.
func complain(p *page, find func(*complaintPage) error) error {
	p.Head.Title, p.Head.Hidden, p.still = "Report", true, true
	p.alone = true
	if p.Me == nil {
		return fault.New(fault.Unauthenticated, "Sign in to report something.")
	}
	data := &complaintPage{Grounds: grounds, Here: p.Instance.Name}
	if err := find(data); err != nil {
		return err
	}
	data.Own, data.Sent = data.Author.ID == p.Me.ID, p.query("sent") != ""
	p.show("complaint", "", data)
	if p.c.Request().Method != http.MethodPost {
		return nil
	}
	return p.sendComplaint(data)
}

// sendComplaint takes the form. What is wrong with it is said above the form,
// which keeps what was written; what went well is told on a page that can be
// loaded again without sending anything.
func (p *page) sendComplaint(data *complaintPage) error {
	r := p.c.Request()
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	data.Ground, data.Text, data.ToAdmin = r.PostFormValue("ground"), r.PostFormValue("text"), r.PostFormValue("to") == "admins"
	reason, wrong := data.reason()
	if wrong == "" {
		to := community.ToModerators
		if data.ToAdmin || data.Group == nil {
			to = community.ToAdmins
		}
		err := p.site.API.Complain(p.ctx, p.caller, v1.Complaint{
			About: data.About, ID: data.id, Person: data.Author.Handle, Draft: v1.ReportDraft{Reason: reason, To: to},
		})
		if err == nil {
			p.redirect = data.Back + "/report?sent=1"
			return nil
		}
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.RateLimited) {
			return err
		}
		problem := v1.ProblemOf(err)
		wrong, p.status = problem.Detail, problem.Status
	} else {
		p.status = http.StatusUnprocessableEntity
	}
	data.Wrong, p.Head.Title = wrong, "Not sent: Report"
	return nil
}

// reason is what was chosen and written as whoever looks reads it, or what is
// missing.
func (d *complaintPage) reason() (reason, wrong string) {
	text := strings.TrimSpace(strings.ReplaceAll(d.Text, "\r\n", "\n"))
	for _, g := range d.Grounds {
		switch {
		case g.Word != d.Ground:
		case g.Word == "other" && text == "":
			return "", "Say in a few words what is wrong."
		case g.Word == "other":
			return text, ""
		case text == "":
			return g.Label, ""
		default:
			return g.Label + ": " + text, ""
		}
	}
	return "", "Choose what comes closest."
}
