package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/reports"
)

// A Report says that somebody finds something wrong, and what became of that.
// Its reporter sees less of it than those who look after the place.
type Report struct {
	ID          int64                 `json:"id"`
	State       community.ReportState `json:"state" enum:"open,resolved,rejected,withdrawn"`
	To          community.ReportScope `json:"to" enum:"moderators,admins" doc:"Who is asked to look."`
	Reason      string                `json:"reason" doc:"Plain text."`
	About       string                `json:"about" enum:"post,comment,message,person" doc:"What is reported."`
	Reporter    Actor                 `json:"reporter" doc:"An application stands for somebody on that server whom it does not name."`
	Group       *Actor                `json:"group" doc:"Where; null when it is the site's."`
	Target      Actor                 `json:"target" doc:"Whose words they are, or who it is about."`
	Post        *Post                 `json:"post,omitempty" doc:"What is reported, where that is a post that the caller may read."`
	Comment     *Comment              `json:"comment,omitempty" doc:"What is reported, where that is a comment that the caller may read."`
	ClaimedBy   *Actor                `json:"claimed_by" doc:"Who is looking into it."`
	HandledBy   *Actor                `json:"handled_by"`
	HandledAt   *time.Time            `json:"handled_at"`
	Note        string                `json:"note,omitempty" doc:"What the one who dealt with it said."`
	Warnings    int                   `json:"warnings" doc:"How many warnings the target has had, as far as the caller may know."`
	Waiting     int                   `json:"waiting" doc:"To who can handle it: how many reports about the same thing are open, this one among them. They are dealt with together."`
	Voices      []ReportVoice         `json:"voices" nullable:"false" doc:"To who can handle it: what each of those who reported the same says, the first 50."`
	AsReported  []Words               `json:"as_reported" nullable:"false" doc:"To who can handle it: the words as they were reported, where they are not so now, the first version first. They are kept for 30 days after the report is closed. Of a message, nothing else is shown."`
	CanHandle   bool                  `json:"can_handle"`
	CanWithdraw bool                  `json:"can_withdraw"`
	CreatedAt   time.Time             `json:"created_at"`
}

// A ReportVoice is what one of several people says who reported the same.
type ReportVoice struct {
	ID        int64                 `json:"id" doc:"Of their report."`
	Reporter  Actor                 `json:"reporter"`
	Reason    string                `json:"reason" doc:"Plain text."`
	State     community.ReportState `json:"state" enum:"open,resolved,rejected,withdrawn"`
	CreatedAt time.Time             `json:"created_at"`
}

// Words are what was reported as it was shown at a moment.
type Words struct {
	Title string    `json:"title" doc:"Of a post; of a person, their name."`
	HTML  string    `json:"html" doc:"Safe to show."`
	Link  string    `json:"link,omitempty"`
	At    time.Time `json:"at" doc:"When it was reported."`
}

func reportOf(v *community.ReportView) Report {
	r := Report{
		ID: int64(v.ID), State: v.State, To: v.Scope, Reason: v.Reason, About: kindOf(v.Report), Reporter: actorOf(v.Reporter), Group: actorOrNull(v.Group),
		Target: actorOf(v.Target), HandledAt: maybe(v.HandledAt), Warnings: v.Warnings, Waiting: v.Waiting,
		CanHandle: v.Can.Handle && v.Open(), CanWithdraw: v.Can.Withdraw, CreatedAt: instant(v.CreatedAt),
	}
	r.Voices, r.AsReported = voicesOf(v), wordsOf(v)
	if v.Post != nil {
		post := postOf(v.Post)
		r.Post = &post
	}
	if v.Comment != nil {
		comment := strayOf(v.Comment)
		r.Comment = &comment
	}
	if v.Can.Handle {
		r.ClaimedBy, r.HandledBy = actorOrNull(v.Claimer), actorOrNull(v.Handler)
	}
	if v.Can.Handle || v.Told {
		r.Note = v.Note
	}
	return r
}

func voicesOf(v *community.ReportView) []ReportVoice {
	voices := make([]ReportVoice, len(v.Voices))
	for i, one := range v.Voices {
		voices[i] = ReportVoice{
			ID: int64(one.ID), Reporter: actorOf(one.Reporter), Reason: one.Reason, State: one.State, CreatedAt: instant(one.CreatedAt),
		}
	}
	return voices
}

func wordsOf(v *community.ReportView) []Words {
	words := make([]Words, len(v.Words))
	for i, one := range v.Words {
		words[i] = Words{Title: one.Title, HTML: unpictured(one.HTML), Link: one.Link, At: instant(one.TakenAt)}
	}
	return words
}

// kindOf says what is reported.
func kindOf(r *community.Report) string {
	switch {
	case r.MessageID != 0:
		return "message"
	case r.CommentID != 0:
		return "comment"
	case r.PostID != 0:
		return "post"
	}
	return "person"
}

func actorOrNull(a *community.Actor) *Actor {
	if a == nil {
		return nil
	}
	actor := actorOf(a)
	return &actor
}

// ReportDraft is what somebody finds wrong.
type ReportDraft struct {
	Reason string                `json:"reason" doc:"Plain text, at most 1,000 characters." example:"This is an advert."`
	To     community.ReportScope `json:"to,omitempty" enum:"moderators,admins" doc:"moderators: of the group, wherever it lives. admins: of this server, and nobody else learns of it. What nobody moderates goes to the administrators."`
}

func (d ReportDraft) draft() reports.Draft {
	scope := d.To
	if scope == "" {
		scope = community.ToModerators
	}
	return reports.Draft{Reason: d.Reason, Scope: scope}
}

type reportPostRequest struct {
	PostPath
	Body ReportDraft
}

func (a *API) reportPost(ctx context.Context, c *Caller, req *reportPostRequest) (Report, error) {
	return a.file(ctx, c, community.Subject{Kind: community.SubjectPost, ID: req.ID}, req.Body.draft())
}

type reportCommentRequest struct {
	CommentPath
	Body ReportDraft
}

func (a *API) reportComment(ctx context.Context, c *Caller, req *reportCommentRequest) (Report, error) {
	return a.file(ctx, c, community.Subject{Kind: community.SubjectComment, ID: req.ID}, req.Body.draft())
}

type reportPersonRequest struct {
	PersonPath
	Body PersonReportDraft
}

// PersonReportDraft is what somebody finds wrong about a person.
type PersonReportDraft struct {
	ReportDraft
	Group string `json:"group,omitempty" doc:"Whose moderators shall look. Left out, the administrators do, here and, where the person lives elsewhere, there." example:"garden"`
}

func (a *API) reportPerson(ctx context.Context, c *Caller, req *reportPersonRequest) (Report, error) {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return Report{}, err
	}
	draft := req.Body.draft()
	if req.Body.Group != "" {
		g, err := a.findGroup(ctx, c, req.Body.Group)
		if err != nil {
			return Report{}, err
		}
		draft.Group = g.Actor
	}
	return a.file(ctx, c, community.Subject{Kind: community.SubjectActor, ID: int64(person.ID)}, draft)
}

// MessageReportDraft is what somebody finds wrong with a message that they got.
type MessageReportDraft struct {
	Reason string `json:"reason" doc:"Plain text, at most 1,000 characters." example:"This is an advert."`
	Share  bool   `json:"share,omitempty" doc:"Where its sender lives on another server: those who look after that server may read the message, too. Otherwise they learn which it was, and the reason."`
}

type reportMessageRequest struct {
	MessagePath
	Body MessageReportDraft
}

func (a *API) reportMessage(ctx context.Context, c *Caller, req *reportMessageRequest) (Report, error) {
	draft := reports.Draft{Reason: req.Body.Reason, Scope: community.ToAdmins, Quote: req.Body.Share}
	return a.file(ctx, c, community.Subject{Kind: community.SubjectMessage, ID: req.ID}, draft)
}

func (a *API) file(ctx context.Context, c *Caller, subject community.Subject, draft reports.Draft) (Report, error) {
	made, err := a.Options.Reports.File(ctx, c.Who.Actor, subject, draft)
	if err != nil {
		return Report{}, err
	}
	return a.report(ctx, c, made.ID)
}

// A Complaint is a report as a page without JavaScript sends it.
type Complaint struct {
	About  string // post, comment or person
	ID     int64
	Person string
	Draft  ReportDraft
}

// Complain makes a report of a post, a comment or a person, as the operations
// above do.
func (a *API) Complain(ctx context.Context, c *Caller, it Complaint) error {
	if c.Who == nil {
		return fault.New(fault.Unauthenticated, "Sign in first.")
	}
	if err := count(a.limits.write, c); err != nil {
		return err
	}
	var err error
	switch it.About {
	case "post":
		_, err = a.reportPost(ctx, c, &reportPostRequest{PostPath{ID: it.ID}, it.Draft})
	case "comment":
		_, err = a.reportComment(ctx, c, &reportCommentRequest{CommentPath{ID: it.ID}, it.Draft})
	default:
		_, err = a.reportPerson(ctx, c, &reportPersonRequest{PersonPath{Person: it.Person}, PersonReportDraft{ReportDraft: it.Draft}})
	}
	return err
}

func (a *API) report(ctx context.Context, c *Caller, id community.ReportID) (Report, error) {
	v, err := a.Options.Reports.Find(ctx, c.Who.Actor, id)
	if err != nil {
		return Report{}, err
	}
	return reportOf(v), nil
}

// ReportsQuery asks for reports.
type ReportsQuery struct {
	Scope string `query:"scope" enum:"mine,server,filed" default:"mine" doc:"mine: of the groups that the caller moderates; server: all that this server knows, for administrators; filed: by the caller."`
	State string `query:"state" enum:"open,resolved,rejected,withdrawn,all" default:"open"`
	Group string `query:"group" doc:"Only those of one group." example:"garden"`
	Paging
}

// Reports lists reports, newest first.
func (a *API) Reports(ctx context.Context, c *Caller, q *ReportsQuery) (List[Report], error) {
	query := community.ReportQuery{Of: community.ReportsOf(q.Scope), Page: q.page()}
	if q.State != "all" {
		query.State = community.ReportState(q.State)
	}
	if q.Group != "" {
		g, err := a.findGroup(ctx, c, q.Group)
		if err != nil {
			return List[Report]{}, err
		}
		query.Group = g.ID
	}
	rows, next, err := a.Options.Reports.List(ctx, c.Who.Actor, query)
	return listOf(rows, next, reportOf), err
}

// ReportCounts says how many reports wait.
type ReportCounts struct {
	Mine   int `json:"mine" doc:"Open reports in the groups that the caller moderates, counted to 100, like the others."`
	Server int `json:"server" doc:"All open reports that this server knows; 0 to who does not administer it."`
	Filed  int `json:"filed" doc:"Those of the caller's own that nobody has answered yet."`
}

// ReportCounts counts the open reports in each of the caller's lists.
func (a *API) ReportCounts(ctx context.Context, c *Caller, _ *None) (ReportCounts, error) {
	counts, err := a.Options.Reports.Counts(ctx, c.Who.Actor)
	return ReportCounts(counts), err
}

// ReportPath names a report.
type ReportPath struct {
	ID int64 `path:"id" example:"3"`
}

func (p ReportPath) id() community.ReportID { return community.ReportID(p.ID) }

// Report answers one report.
func (a *API) Report(ctx context.Context, c *Caller, req *ReportPath) (Report, error) {
	v, err := a.Options.Reports.Find(ctx, c.Who.Actor, req.id())
	if err != nil {
		return Report{}, err
	}
	if v.Can.Handle {
		if err := a.looked(ctx, c, community.ReportScreen, v.Group, v.Target); err != nil {
			return Report{}, err
		}
	}
	return reportOf(v), nil
}

func (a *API) withdrawReport(ctx context.Context, c *Caller, req *ReportPath) error {
	return a.Options.Reports.Withdraw(ctx, c.Who.Actor, req.id(), community.Origin{})
}

type resolveReportRequest struct {
	ReportPath
	Body Resolution
}

// Resolution is how a report ends.
type Resolution struct {
	State        community.ReportState `json:"state" enum:"resolved,rejected" doc:"resolved: something was done about it; rejected: nothing needed to be done."`
	Note         string                `json:"note,omitempty" doc:"Plain text, at most 1,000 characters."`
	TellReporter bool                  `json:"tell_reporter,omitempty" doc:"The reporter learns the outcome, and reads the note."`
}

func (a *API) resolveReport(ctx context.Context, c *Caller, req *resolveReportRequest) (Report, error) {
	err := a.Options.Reports.Handle(ctx, c.Who.Actor, req.id(), reports.Verdict{
		State: req.Body.State, Note: req.Body.Note, Tell: req.Body.TellReporter,
	})
	if err != nil {
		return Report{}, err
	}
	return a.report(ctx, c, req.id())
}

func (a *API) claimReport(ctx context.Context, c *Caller, req *ReportPath) (Report, error) {
	if err := a.Options.Reports.Claim(ctx, c.Who.Actor, req.id(), true); err != nil {
		return Report{}, err
	}
	return a.report(ctx, c, req.id())
}

func (a *API) unclaimReport(ctx context.Context, c *Caller, req *ReportPath) (Report, error) {
	if err := a.Options.Reports.Claim(ctx, c.Who.Actor, req.id(), false); err != nil {
		return Report{}, err
	}
	return a.report(ctx, c, req.id())
}

// reportRoutes is the part of the table of contents about what is wrong.
func (a *API) reportRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict

	s := section("Reports")
	const again = "Reporting again what nobody has dealt with changes nothing."
	handle(a, s.post("/posts/{id}/reports", "reportPost", "Say that something is wrong with a post").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden).says(again), a.reportPost)
	handle(a, s.post("/comments/{id}/reports", "reportComment", "Say that something is wrong with a comment").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden).says(again), a.reportComment)
	handle(a, s.post("/people/{person}/reports", "reportPerson", "Say that something is wrong with a person").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden).says(again), a.reportPerson)
	handle(a, s.post("/messages/{id}/reports", "reportMessage", "Say that something is wrong with a message that you got").scope(community.ScopeMessages).signedIn().creates().limited(a.limits.write).fails(notFound, forbidden).
		says("The administrators of this server read this one message, and nothing else of the conversation. "+again), a.reportMessage)
	handle(a, s.get("/reports", "listReports", "List reports").scope(community.ScopeModerate).signedIn().fails(notFound, forbidden).
		says("Those about the same thing are one item, which one of them stands for, but each of the caller's own is one."), a.Reports)
	handle(a, s.get("/reports/counts", "countReports", "Count what is reported and waits").scope(community.ScopeModerate).signedIn(), a.ReportCounts)
	handle(a, s.get("/reports/{id}", "getReport", "Read a report").scope(community.ScopeModerate).signedIn().fails(notFound), a.Report)
	do(a, s.delete("/reports/{id}", "withdrawReport", "Take your report back").signedIn().fails(notFound, forbidden, conflict), a.withdrawReport)
	handle(a, s.post("/reports/{id}/resolution", "resolveReport", "Say what became of a report").scope(community.ScopeModerate).signedIn().fails(notFound, forbidden, conflict).
		says("And of all that others reported of the same thing: each of them is told, if the reporter is."), a.resolveReport)
	handle(a, s.put("/reports/{id}/claim", "claimReport", "Say that you look into a report").scope(community.ScopeModerate).signedIn().fails(notFound, forbidden, conflict).
		says("So that nobody else has to. A claim binds nobody and ends after a day."), a.claimReport)
	handle(a, s.delete("/reports/{id}/claim", "unclaimReport", "Leave a report to others").scope(community.ScopeModerate).signedIn().fails(notFound, forbidden, conflict), a.unclaimReport)
	handle(a, s.post("/people/{person}/warnings", "warnPerson", "Warn somebody").scope(community.ScopeModerate).signedIn().creates().limited(a.limits.write).fails(notFound, forbidden), a.warnPerson)
	handle(a, s.get("/people/{person}/warnings", "listWarnings", "List the warnings that somebody was given").scope(community.ScopeModerate).signedIn().fails(notFound).
		says("One's own; to others those of the groups that they moderate, and to administrators all."), a.warnings)
}
