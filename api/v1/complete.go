package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// findingRoutes is the part of the table of contents about what is looked for.
func (a *API) findingRoutes() {
	s := section("Finding")
	handle(a, s.get("/search", "search", "Find posts, comments, groups and people by words"), a.Search)
	handle(a, s.get("/complete", "complete", "Complete the name of a person or group while it is typed").limited(a.limits.complete), a.complete)
	handle(a, s.get("/resolve", "resolve", "Find what an address or handle from anywhere stands for").limited(a.limits.ask).fails(fault.NotFound), a.resolve)
	handle(a, s.get("/intent", "getIntent", "Where an account elsewhere acts on something from its own server").limited(a.limits.ask).fails(fault.NotFound), a.intent)
}

// A Completion is what somebody may have been about to write.
type Completion struct {
	Text  string `json:"text" doc:"What to write." example:"@alice@example.org"`
	Actor Actor  `json:"actor" doc:"The person or group that it names."`
}

// Completions are those, the likeliest first.
type Completions struct {
	Items []Completion `json:"items" nullable:"false"`
}

type completeRequest struct {
	Query string `query:"q" required:"true" maxLength:"200" doc:"The beginning of a name, with its mark: @ for people, ! for groups." example:"@al"`
	Limit int    `query:"limit" default:"8" minimum:"1" maximum:"20"`
}

func (a *API) complete(ctx context.Context, c *Caller, req *completeRequest) (Completions, error) {
	limit := req.Limit
	if limit == 0 {
		limit = 8
	}
	found, err := a.Options.Search.Complete(ctx, c.Reader(), req.Query, limit)
	if err != nil {
		return Completions{}, err
	}
	return Completions{Items: each(found, completionOf)}, nil
}

func completionOf(a *community.Actor) Completion {
	mark := "@"
	if a.IsGroup() {
		mark = "!"
	}
	return Completion{Text: mark + a.Handle(), Actor: actorOf(a)}
}
