package v1

import (
	"context"

	"drystone/community/markup"
)

// An Instance is what anybody may know about this server.
type Instance struct {
	Name          string `json:"name" example:"Stonefield"`
	Host          string `json:"host" example:"example.org"`
	Version       string `json:"version"`
	Registrations string `json:"registrations" enum:"open,application,invite,closed" doc:"Who may sign up: everybody, whom somebody lets in who read what they said, whom somebody invited, nobody. GET /joining says more."`
	Mail          bool   `json:"mail" doc:"Whether the server can send mail."`
	Provider      string `json:"provider,omitempty" doc:"The name of a company's sign-in that works here, at /oidc/start?next=PATH." example:"Quarry Ltd"`
	Passwords     bool   `json:"passwords" doc:"Whether people may sign in with passwords; without, they use passkeys."`
	Empty         bool   `json:"empty" doc:"No group lives here yet."`
	People        int64  `json:"people"`
	Groups        int64  `json:"groups"`
	Posts         int64  `json:"posts"`
}

// Instance tells about this server.
func (a *API) Instance(ctx context.Context, _ *Caller, _ *None) (Instance, error) {
	about, err := a.Options.Instance.About(ctx)
	if err != nil {
		return Instance{}, err
	}
	return Instance{
		Name: about.Name, Host: about.Host, Version: about.Version, Registrations: string(about.Mode),
		Mail: about.Mail, Passwords: !a.Accounts.PasswordsOff, Provider: a.Accounts.ProviderName(), Empty: about.Empty, People: about.People, Groups: about.Groups, Posts: about.Posts,
	}, nil
}

type previewRequest struct {
	Body Draft
}

// A Draft is Markdown.
type Draft struct {
	Body string `json:"body" example:"*Hello*"`
}

// Rendered is what Markdown looks like.
type Rendered struct {
	HTML string `json:"html" doc:"Safe to show." example:"<p><em>Hello</em></p>"`
}

func (a *API) preview(_ context.Context, _ *Caller, req *previewRequest) (Rendered, error) {
	return Rendered{HTML: unpictured(markup.Render(req.Body.Body))}, nil
}
