package v1

import (
	"context"
	"slices"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/clients"
)

// An App is a program that the caller lets act for them.
type App struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name" doc:"As it calls itself." example:"Pebble for Android"`
	Home       string     `json:"home,omitempty" doc:"Its page, as it says." example:"https://pebble.example/"`
	Places     []string   `json:"places" nullable:"false" doc:"Where it has people sent back to: hosts, or schemes of programs on their own device." example:"[\"pebble.example\"]"`
	Scopes     []string   `json:"scopes" nullable:"false" doc:"What it may do." example:"[\"read\", \"write\"]"`
	CreatedAt  time.Time  `json:"created_at" doc:"When it was let in."`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func appOf(c *clients.Connection) App {
	app := App{
		ID: int64(c.ID), Name: c.Name, Home: c.URI, Places: []string{}, Scopes: strings.Fields(string(c.Scopes)),
		CreatedAt: instant(c.CreatedAt), LastUsedAt: maybe(c.LastUsedAt),
	}
	for _, address := range strings.Fields(c.Redirects) {
		if place := community.PlaceOf(address); !slices.Contains(app.Places, place) {
			app.Places = append(app.Places, place)
		}
	}
	return app
}

// appRoutes is the part of the table of contents about programs of others.
func (a *API) appRoutes() {
	s := section("Me")
	handle(a, s.get("/me/apps", "listApps", "The apps that I let act for me").signedIn(), a.apps)
	do(a, s.delete("/me/apps/{id}", "disconnectApp", "Disconnect an app").signedIn().fails(fault.NotFound).
		says("With everything that it holds: it has to ask again."), a.disconnect)
}

func (a *API) apps(ctx context.Context, c *Caller, _ *None) (List[App], error) {
	rows, err := a.Clients.Connections(ctx, c.Who.Account.ID)
	return listOf(rows, "", appOf), err
}

func (a *API) disconnect(ctx context.Context, c *Caller, req *sessionRequest) error {
	return a.Clients.Disconnect(ctx, c.Who.Account.ID, community.PermitID(req.ID))
}

// Sure reports whether the caller's browser showed lately who sits there, as
// what an app asks for may need it.
func (a *API) Sure(c *Caller) bool { return c.Who != nil && a.mustBeConfirmed(c) == nil }

// Approve lets an app have what it asks for, and returns its code.
func (a *API) Approve(ctx context.Context, c *Caller, r *clients.Request) (string, error) {
	if err := count(a.limits.write, c); err != nil {
		return "", err
	}
	via := ""
	if c.Who.Session != nil {
		via = c.Who.Session.Via
	}
	return a.Clients.Approve(ctx, c.Who.Account.ID, via, r)
}
