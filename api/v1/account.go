package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/service/accounts"
)

// Me is the caller's own account and actor.
type Me struct {
	Actor
	AccountID int64  `json:"account_id"`
	Email     string `json:"email,omitempty"`
	Admin     bool   `json:"admin"`

	May []community.Permission `json:"may,omitempty" nullable:"false" doc:"What the caller may do for this server as a whole; for an administrator everything."`

	Unread         int  `json:"unread" doc:"Notifications not yet seen, counted to 100."`
	Moderates      bool `json:"moderates" doc:"Whether I look after some group."`
	UnreadMessages int  `json:"unread_messages" doc:"Messages not yet read, counted to 100."`
	OpenReports    int  `json:"open_reports" doc:"Reports that wait for me, counted to 100."`
	Passkeys       int  `json:"passkeys" doc:"How many passkeys the account has."`
	HasPassword    bool `json:"has_password"`
	Waiting        bool `json:"waiting,omitempty" doc:"The application is not accepted yet: the account can read, and nothing else. See GET /me/application."`

	Unverified bool `json:"unverified,omitempty" doc:"The mail address has to be confirmed first: until then the account can read, and nothing else. See GET /me/email."`

	Discoverable bool `json:"discoverable" doc:"May be listed, here and elsewhere."`
	Indexable    bool `json:"indexable" doc:"What the caller writes may be found by its words, here and elsewhere."`

	LeavesAt *time.Time `json:"leaves_at,omitempty" doc:"When the account will be deleted, as the caller asked."`

	MessagesFrom string `json:"messages_from" enum:"everybody,known,nobody" doc:"From whom the caller takes messages; known are people to whom they wrote."`
}

func (a *API) me(ctx context.Context, who *accounts.Who) (Me, error) {
	unread, err := a.Options.Notifications.Unread(ctx, who.Account)
	if err != nil {
		return Me{}, err
	}
	desk, err := a.Options.Reports.Desk(ctx, who.Account)
	if err != nil {
		return Me{}, err
	}
	letters, err := a.Messages.Unread(ctx, who.Actor)
	if err != nil {
		return Me{}, err
	}
	passkeys, err := a.Accounts.Passkeys(ctx, who)
	if err != nil {
		return Me{}, err
	}
	return Me{
		Actor: actorOf(who.Actor), AccountID: int64(who.Account.ID), Email: who.Account.Email, Admin: who.Account.Admin, May: who.Account.Powers(a.Now()),
		Unread: unread, UnreadMessages: letters, Moderates: desk.Moderates, OpenReports: desk.Open, Passkeys: len(passkeys), HasPassword: who.Account.PasswordHash != "" && !a.Accounts.PasswordsOff,
		Waiting: who.Actor.Kind == community.Applicant, Unverified: who.Actor.Kind == community.Newcomer,
		Discoverable: who.Actor.Discoverable, Indexable: who.Actor.Indexable,
		MessagesFrom: opennessWord(who.Actor.MessagesFrom),
		LeavesAt:     maybe(who.Actor.LeavesAt),
	}, nil
}

// Me answers who is signed in.
// The mail address is not for programs that only read and write.
func (a *API) Me(ctx context.Context, c *Caller, _ *None) (Me, error) {
	me, err := a.me(ctx, c.Who)
	if !c.May(community.ScopeAccount) {
		me.Email = ""
	}
	return me, err
}

type signUpRequest struct {
	Body SignUp
}

// SignUp is what a new account needs.
type SignUp struct {
	Name     string `json:"name" doc:"Letters a to z, digits and underscores; it cannot be changed later." example:"alice"`
	Password string `json:"password" doc:"At least 10 characters." writeOnly:"true"`
	Entry
}

func (a *API) signUp(ctx context.Context, c *Caller, req *signUpRequest) (Me, error) {
	if err := a.allowed(ctx, c); err != nil {
		return Me{}, err
	}
	who, err := a.Accounts.SignUp(ctx, req.Body.signUp(c, req.Body.Name, req.Body.Password))
	if err != nil {
		return Me{}, err
	}
	return a.start(ctx, c, who)
}

type editMeRequest struct {
	Body MeChange
}

// MeChange is what one may change about oneself; what is left out stays.
type MeChange struct {
	Title   *string `json:"title,omitempty"`
	Summary *string `json:"summary,omitempty" doc:"Markdown."`
	Email   *string `json:"email,omitempty" doc:"Empty takes it away."`

	Discoverable *bool `json:"discoverable,omitempty" doc:"May be listed, here and elsewhere. The whole handle always finds somebody."`
	Indexable    *bool `json:"indexable,omitempty" doc:"What the caller writes may be found by its words, here, elsewhere and by search engines."`

	MessagesFrom *string `json:"messages_from,omitempty" enum:"everybody,known,nobody" doc:"From whom the caller takes messages."`
}

func (a *API) editMe(ctx context.Context, c *Caller, req *editMeRequest) (Me, error) {
	// Whoever has the address of an account has a way into it.
	if to := req.Body.Email; to != nil && *to != c.Who.Account.Email {
		if err := a.mustBeConfirmed(c); err != nil {
			return Me{}, err
		}
	}
	change := accounts.Change{
		Title: req.Body.Title, Summary: req.Body.Summary, Email: req.Body.Email,
		Discoverable: req.Body.Discoverable, Indexable: req.Body.Indexable,
	}
	if word := req.Body.MessagesFrom; word != nil {
		openness := opennessOf(*word)
		change.MessagesFrom = &openness
	}
	who, err := a.Accounts.Edit(ctx, c.Who, change)
	if err != nil {
		return Me{}, err
	}
	return a.me(ctx, who)
}

type deleteMeRequest struct {
	Body Leaving
}

func (a *API) returnMe(ctx context.Context, c *Caller, _ *None) (Me, error) {
	if err := a.Accounts.Return(ctx, c.Who); err != nil {
		return Me{}, err
	}
	return a.me(ctx, c.Who)
}

// Leaving says how to delete an account.
type Leaving struct {
	WithPosts bool `json:"with_posts,omitempty" doc:"Take down all that the caller wrote, too. Without, it stays, under a deleted account."`
}

func (a *API) deleteMe(ctx context.Context, c *Caller, req *deleteMeRequest) error {
	if err := a.Accounts.Leave(ctx, c.Who, req.Body.WithPosts); err != nil {
		return err
	}
	c.header("Set-Cookie", a.SessionCookie("").String())
	return nil
}
