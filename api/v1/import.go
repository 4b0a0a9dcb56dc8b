package v1

import (
	"context"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"drystone/community"
	"drystone/fault"
	"drystone/service/portability"
)

// importRoutes is the part of the table of contents about bringing along what
// is one's own.
func (a *API) importRoutes() {
	const notFound, conflict = fault.NotFound, fault.Conflict

	s := section("My data")
	handle(a, s.get("/me/import", "getMyImport", "What I brought along, and what became of it").signedIn().fails(notFound), a.MyImport)
	a.uploadRoute(s.post("/me/import", "bringAlong", "Bring lists along from here, from Mastodon or from Lemmy").signedIn().creates().limited(a.limits.archive).fails(conflict, fault.TooLarge).
		says("Any of: the archive of such a server, the lists of Mastodon (following_accounts.csv and so on), the settings of Lemmy. They are read; nothing is done before it is started."))
	handle(a, s.post("/me/import/start", "startMyImport", "Do what the lists say").signedIn().limited(a.limits.write).fails(notFound, conflict).
		says("Line by line, and slowly where other servers are asked. After a fault of this server, it goes on where it was."), a.startImport)
	handle(a, s.get("/me/import/lines", "listMyImport", "What became of each line").signedIn().fails(notFound), a.ImportLines)
	do(a, s.delete("/me/import", "stopMyImport", "Stop and forget what I brought along").signedIn().
		says("What was done by then stays done."), a.stopImport)
}

// Import is what somebody brought along.
type Import struct {
	State      string        `json:"state" enum:"read,running,done,failed" doc:"read: nothing is done yet."`
	Replaces   bool          `json:"replaces" doc:"What is here and not in the lists goes."`
	Trouble    string        `json:"trouble,omitempty"`
	Total      int           `json:"total" doc:"How many lines there are."`
	Done       int           `json:"done" doc:"How many of them wait no more."`
	Retried    int           `json:"retried" doc:"How many were tried more than once."`
	Counts     []ImportCount `json:"counts" nullable:"false"`
	CreatedAt  time.Time     `json:"created_at"`
	FinishedAt *time.Time    `json:"finished_at"`
}

// ImportCount is how many lines of a kind had an outcome.
type ImportCount struct {
	Kind    community.LineKind `json:"kind" enum:"follow,join,leave,feed,list,block,hide,server,mute,lift,word,profile,picture,facet,saved,left"`
	Outcome string             `json:"outcome" enum:"waiting,joined,asked,already,done,failed,unsupported"`
	N       int                `json:"n"`
}

func outcomeWord(o community.Outcome) string {
	if o == community.Outstanding {
		return "waiting"
	}
	return string(o)
}

func importOf(p *portability.Plan) Import {
	im := Import{
		State: string(p.State), Replaces: p.Replaces, Trouble: p.Trouble, CreatedAt: instant(p.CreatedAt), FinishedAt: maybe(p.FinishedAt),
		Counts: []ImportCount{},
	}
	for _, c := range p.Counts {
		im.Counts = append(im.Counts, ImportCount{c.Kind, outcomeWord(c.Outcome), c.N})
		im.Total, im.Retried = im.Total+c.N, im.Retried+c.Tried
		if c.Outcome != community.Outstanding {
			im.Done += c.N
		}
	}
	return im
}

// MyImport answers what the caller brought along.
func (a *API) MyImport(ctx context.Context, c *Caller, _ *None) (Import, error) {
	p, err := a.Portability.Import(ctx, c.Who.Account)
	if err != nil {
		return Import{}, err
	}
	return importOf(p), nil
}

type startImportRequest struct {
	Body ImportStart
}

// ImportStart says how what was brought along is used.
type ImportStart struct {
	Replace bool `json:"replace,omitempty" doc:"What is here and not in the lists goes: groups are left, what one says of oneself is written over. Without, what is here stays."`
}

func (a *API) startImport(ctx context.Context, c *Caller, req *startImportRequest) (Import, error) {
	if err := a.Portability.Start(ctx, c.Who.Account, req.Body.Replace); err != nil {
		return Import{}, err
	}
	return a.MyImport(ctx, c, nil)
}

func (a *API) stopImport(ctx context.Context, c *Caller, _ *None) error {
	return a.Portability.Stop(ctx, c.Who.Account)
}

// ImportQuery asks for lines of an import.
type ImportQuery struct {
	Troubled bool `query:"troubled" doc:"Only lines that could not be done."`
	After    int  `query:"after" minimum:"0" doc:"Lines after the one with this number."`
}

// ImportLine is one line of what was brought along.
type ImportLine struct {
	N       int                `json:"n"`
	File    string             `json:"file"`
	Line    int                `json:"line" doc:"Of the file; 0 where it has none."`
	Kind    community.LineKind `json:"kind" enum:"follow,join,leave,feed,list,block,hide,server,mute,lift,word,profile,picture,facet,saved,left"`
	Target  string             `json:"target"`
	Outcome string             `json:"outcome" enum:"waiting,joined,asked,already,done,failed,unsupported"`
	Reason  string             `json:"reason,omitempty" doc:"Why not."`
	Tries   int                `json:"tries"`
}

// ImportPage is a page of lines.
type ImportPage struct {
	Items []ImportLine `json:"items" nullable:"false"`
	More  bool         `json:"more" doc:"Ask again with after."`
}

const importPage = 100

// ImportLines lists what became of lines.
func (a *API) ImportLines(ctx context.Context, c *Caller, q *ImportQuery) (ImportPage, error) {
	var outcomes []community.Outcome
	if q.Troubled {
		outcomes = []community.Outcome{community.Failed, community.Unsupported}
	}
	lines, err := a.Portability.Lines(ctx, c.Who.Account, outcomes, q.After, importPage+1)
	if err != nil {
		return ImportPage{}, err
	}
	p := ImportPage{Items: []ImportLine{}, More: len(lines) > importPage}
	for _, l := range lines[:min(len(lines), importPage)] {
		p.Items = append(p.Items, ImportLine{l.N, l.File, l.Line, l.Kind, l.Target, outcomeWord(l.Outcome), l.Reason, l.Attempts})
	}
	return p, nil
}

type bringRequest struct {
	RawBody multipart.Form
}

// bringTime is how long files may take to arrive.
const bringTime = 5 * time.Minute

// uploadRoute mounts the one operation that takes files.
func (a *API) uploadRoute(o op) {
	described := a.operation(o, true)
	described.BodyReadTimeout, described.MaxBodyBytes = bringTime, portability.MostUpload
	described.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Required: []string{"files"},
			Properties: map[string]*huma.Schema{"files": {Type: "array", Items: &huma.Schema{Type: "string", Format: "binary"}}},
		}}},
	}
	described.Middlewares = append(described.Middlewares, bounded)
	huma.Register(a.huma, described, func(ctx context.Context, req *bringRequest) (*answer[Import], error) {
		c := callerIn(ctx)
		defer func() { _ = req.RawBody.RemoveAll() }()
		im, err := a.receive(ctx, c, req.RawBody.File["files"])
		if err != nil {
			return nil, a.refuse(ctx, o, c, err)
		}
		return &answer[Import]{im}, nil
	})
}

// bounded keeps a body from being longer than what is taken, and gives it the
// time that it needs.
func bounded(hc huma.Context, next func(huma.Context)) {
	ec := humaecho.Unwrap(hc)
	r := ec.Request()
	r.Body = http.MaxBytesReader(ec.Response(), r.Body, portability.MostUpload)
	// Where the connection has no deadlines there is none to be put off.
	_ = http.NewResponseController(ec.Response()).SetReadDeadline(time.Now().Add(bringTime))
	next(hc)
}

func (a *API) receive(ctx context.Context, c *Caller, files []*multipart.FileHeader) (Import, error) {
	uploads := make([]portability.Upload, 0, len(files))
	for _, f := range files {
		body, err := f.Open()
		if err != nil {
			return Import{}, err
		}
		defer body.Close()
		uploads = append(uploads, portability.Upload{Name: f.Filename, Body: body, Size: f.Size})
	}
	p, err := a.Portability.Receive(ctx, c.Who.Account, c.Who.Actor, uploads)
	if err != nil {
		return Import{}, err
	}
	return importOf(p), nil
}
