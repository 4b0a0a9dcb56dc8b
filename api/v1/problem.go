package v1

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drystone/fault"
)

// A Problem is what an error looks like from outside (RFC 9457).
type Problem struct {
	Type   string         `json:"type" doc:"What kind of problem, as an address; about:blank where the status says it all." example:"about:blank"`
	Title  string         `json:"title" doc:"The same for every problem of this status." example:"Not Found"`
	Status int            `json:"status" doc:"The HTTP status." example:"404"`
	Detail string         `json:"detail" doc:"What went wrong this time, in words for the person who asked." example:"There is no group called garden here."`
	Code   fault.Code     `json:"code" doc:"The same for programs." enum:"invalid,unauthenticated,forbidden,not_found,code_required,confirmation_required,conflict,too_large,rate_limited,unavailable,internal,insufficient_scope"`
	Errors []ProblemField `json:"errors,omitempty" nullable:"false" doc:"Which parts of the request are wrong."`
}

// A ProblemField says what is wrong with one part of a request.
type ProblemField struct {
	Location string `json:"location,omitempty" doc:"Where: body.FIELD, query.NAME or path.NAME." example:"body.title"`
	Message  string `json:"message" example:"A post needs a title."`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// Error is the detail: a Problem holds nothing that people may not read.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of problems.
func (p *Problem) ContentType(string) string { return ProblemType }

// ProblemType is the media type of problems.
const ProblemType = "application/problem+json"

// statuses says how each code is answered.
var statuses = map[fault.Code]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.CodeRequired:    http.StatusUnauthorized,
	fault.Unconfirmed:     http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.RateLimited:     http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
	insufficientScope:     http.StatusForbidden,
}

// codeOf says which code a status has that was not ours to begin with: the
// router's, or one of huma's.
func codeOf(status int) fault.Code {
	if status == http.StatusForbidden {
		return fault.Forbidden // of those that share it, the one that says least
	}
	for code, s := range statuses {
		if s == status && code != fault.CodeRequired {
			return code
		}
	}
	if status >= http.StatusInternalServerError {
		return fault.Internal
	}
	return fault.Invalid
}

// internalDetail is all that people learn of our bugs.
const internalDetail = "Something broke on this server. It has been written down; please try again later."

// ProblemOf is what people may know of err. Of an internal error that is
// nothing but that it happened.
func ProblemOf(err error) *Problem { return problemIn("body", err) }

// problemIn is ProblemOf for a request whose fields are in the body, or in
// the query.
func problemIn(place string, err error) *Problem {
	code := fault.CodeOf(err)
	status, known := statuses[code]
	if !known {
		code, status = fault.Internal, http.StatusInternalServerError
	}
	p := StatusProblem(status, "")
	p.Code = code
	if coded, ok := fault.As(err); ok && code != fault.Internal {
		if coded.Message != "" {
			p.Detail = coded.Message
		}
		if coded.Field != "" {
			p.Errors = []ProblemField{{Location: place + "." + coded.Field, Message: p.Detail}}
		}
	}
	return p
}

// StatusProblem is the problem that a bare status stands for.
func StatusProblem(status int, detail string) *Problem {
	if detail == "" {
		detail = http.StatusText(status) + "."
	}
	if status == http.StatusInternalServerError {
		detail = internalDetail
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: codeOf(status)}
}

// StatusLeft is how an answer is counted that nobody waited for. Proxies say
// the same; no standard does.
const StatusLeft = 499

// Left reports whether whoever asked went away before the answer: what fails
// because of that is nobody's fault, and nothing to write down.
func Left(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

func leftProblem() *Problem {
	return &Problem{Type: "about:blank", Title: "Client Closed Request", Status: StatusLeft, Detail: "Nobody waited for the answer.", Code: fault.Invalid}
}

// details are friendlier words for what huma refuses.
var details = map[int]string{
	http.StatusBadRequest:            "The request could not be read: its body is not the JSON that was expected.",
	http.StatusUnprocessableEntity:   "Some of the request is not as it should be.",
	http.StatusRequestEntityTooLarge: "The request is too large: at most 256 KiB are accepted.",
	http.StatusUnsupportedMediaType:  "Send application/json.",
	http.StatusRequestTimeout:        "The request took too long to arrive.",
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// ours turns what huma says about a request into our own shape. The values it
// found are left out: a password is such a value.
func ours(hc huma.Context, _ string, v any) (any, error) {
	m, is := v.(*huma.ErrorModel)
	if !is {
		return v, nil
	}
	p := StatusProblem(m.Status, details[m.Status])
	if o := hc.Operation(); m.Status == http.StatusRequestEntityTooLarge && o != nil && o.MaxBodyBytes > maxBody+1 {
		p.Detail = fmt.Sprintf("The file is too large: at most %d MB are accepted.", o.MaxBodyBytes>>20)
	}
	for _, e := range m.Errors {
		field := ProblemField{Location: e.Location, Message: e.Message}
		if found := missing.FindStringSubmatch(e.Message); found != nil {
			field.Location = strings.TrimPrefix(e.Location+"."+found[1], ".")
			field.Message = "This is needed."
		}
		p.Errors = append(p.Errors, field)
	}
	if len(p.Errors) == 1 && m.Status == http.StatusUnprocessableEntity {
		p.Detail = strings.TrimPrefix(p.Errors[0].Location, "body.") + ": " + p.Errors[0].Message
	}
	return p, nil
}
