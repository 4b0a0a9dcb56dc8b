package v1

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/portability"
)

// dataRoutes is the part of the table of contents about taking along what is
// one's own.
func (a *API) dataRoutes() {
	const notFound, conflict = fault.NotFound, fault.Conflict

	s := section("My data")
	handle(a, s.get("/me/export", "getMyExport", "How far the archive of everything of mine is").signedIn(), a.MyExport)
	handle(a, s.post("/me/export", "exportMe", "Have an archive of everything of mine written").parting().signedIn().creates().limited(a.limits.archive).fails(conflict).
		says("It is written in the background and kept for 7 days, for nobody but the caller."), a.ExportMe)
	do(a, s.delete("/me/export", "deleteMyExport", "Delete my archive").parting().signedIn(), a.ForgetExport)
	a.archiveRoute(s.get("/me/export/{archive}", "getMyArchive", "Fetch the archive of everything of mine").signedIn().limited(a.limits.archive).fails(notFound, conflict).
		says("A ZIP with a README.txt that explains every file."))
}

// Export is how far an archive is.
type Export struct {
	State      string     `json:"state" enum:"none,running,ready,failed"`
	Archive    string     `json:"archive,omitempty" doc:"Under which it is fetched once it is ready."`
	FilesDone  int        `json:"files_done"`
	Files      int        `json:"files" doc:"How many files there will be."`
	Rows       int64      `json:"rows" doc:"How many things are in it so far."`
	Size       int64      `json:"size" doc:"In bytes, so far."`
	Trouble    string     `json:"trouble,omitempty"`
	CreatedAt  *time.Time `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
	ExpiresAt  *time.Time `json:"expires_at" doc:"When it is deleted."`
}

func exportOf(p *portability.Progress) Export {
	return Export{
		State: string(p.State), Archive: p.Name, FilesDone: p.File, Files: p.Files, Rows: p.Rows, Size: p.Size, Trouble: p.Trouble,
		CreatedAt: maybe(p.CreatedAt), FinishedAt: maybe(p.FinishedAt), ExpiresAt: maybe(p.ExpiresAt),
	}
}

// MyExport answers how far the caller's archive is.
func (a *API) MyExport(ctx context.Context, c *Caller, _ *None) (Export, error) {
	p, err := a.Portability.Export(ctx, c.Who.Account)
	if fault.Is(err, fault.NotFound) {
		return Export{State: "none"}, nil
	}
	if err != nil {
		return Export{}, err
	}
	return exportOf(p), nil
}

// ExportMe begins an archive.
func (a *API) ExportMe(ctx context.Context, c *Caller, _ *None) (Export, error) {
	if _, err := a.Portability.Begin(ctx, c.Who.Account); err != nil {
		return Export{}, err
	}
	return a.MyExport(ctx, c, nil)
}

// ForgetExport deletes the caller's archive.
func (a *API) ForgetExport(ctx context.Context, c *Caller, _ *None) error {
	return a.Portability.Forget(ctx, c.Who.Account)
}

// ArchivePath names an archive.
type ArchivePath struct {
	Archive string `path:"archive" maxLength:"64"`
}

// sendTime is how long a client may take for a piece of an archive.
const sendTime = time.Minute

// archiveRoute mounts the one operation that answers with a file.
func (a *API) archiveRoute(o op) {
	described := a.operation(o, false)
	described.Responses["200"] = &huma.Response{
		Description: "A ZIP.", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}
	huma.Register(a.huma, described, func(ctx context.Context, req *ArchivePath) (*huma.StreamResponse, error) {
		c := callerIn(ctx)
		archive, err := a.Portability.Archive(ctx, c.Who.Account, req.Archive)
		if err == nil {
			err = mayTakeAll(c)
		}
		if err != nil {
			return nil, a.refuse(ctx, o, c, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) { a.send(hc, o, c, archive) }}, nil
	})
}

// mayTakeAll keeps a program from reading in the archive what it may not read
// by itself.
func mayTakeAll(c *Caller) error {
	for _, needed := range []community.Scope{community.ScopeRead, community.ScopeMessages} {
		if !c.May(needed) {
			return fault.New(insufficientScope, "The archive has everything in it: this program would need the scopes read, messages and account.")
		}
	}
	return nil
}

func (a *API) send(hc huma.Context, o op, c *Caller, archive *portability.Archive) {
	hc.SetHeader("Content-Type", "application/zip")
	hc.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", archive.File))
	w := humaecho.Unwrap(hc).Response()
	if err := archive.Send(hc.Context(), &patient{w: w, now: a.Now}); err != nil {
		_ = a.refuse(hc.Context(), o, c, err) // written down; the client has half of it
		panic(http.ErrAbortHandler)
	}
}

// patient gives a client time for each piece, however long all of them take.
type patient struct {
	w   http.ResponseWriter
	now func() time.Time
}

func (p *patient) Write(piece []byte) (int, error) {
	// Where the connection has no deadlines there is none to be put off.
	_ = http.NewResponseController(p.w).SetWriteDeadline(p.now().Add(sendTime))
	return p.w.Write(piece)
}

// A LeavingForm is what a browser without JavaScript sends to have an account
// deleted: the proof comes with it.
type LeavingForm struct {
	Password, Code string
	WithPosts      bool
}

// LeaveByForm has the caller's account deleted in two weeks. Where that is
// refused after they proved who they are, the secret is that of their session
// from now on.
func (a *API) LeaveByForm(ctx context.Context, c *Caller, form LeavingForm) (secret string, err error) {
	if err := count(a.limits.signIn, c); err != nil {
		return "", err
	}
	secret, _, err = a.Accounts.Confirm(ctx, c.Who, accounts.Proof{Password: form.Password, Code: form.Code})
	if err != nil {
		return "", err
	}
	return secret, a.Accounts.Leave(ctx, c.Who, form.WithPosts)
}

// ComeBack has a caller who was leaving stay.
func (a *API) ComeBack(ctx context.Context, c *Caller) error { return a.Accounts.Return(ctx, c.Who) }
