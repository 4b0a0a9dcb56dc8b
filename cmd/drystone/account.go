package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

type accountCommand struct {
	Create  accountCreate  `cmd:"" help:"Make an account."`
	Recover accountRecover `cmd:"" help:"Make new recovery codes for somebody who lost every way in, and print them, this once."`
	Reset   accountReset   `cmd:"" help:"Print a link that lets somebody into their account, once."`
	Admin   accountAdmin   `cmd:"" help:"Let somebody administer the server, or no longer."`
	Delete  accountDelete  `cmd:"" help:"Delete an account, in 14 days or now. Its name stays taken."`
}

type accountCreate struct {
	Name          string `arg:"" help:"The name, as it will be in addresses."`
	Email         string `help:"An address for mail."`
	PasswordStdin bool   `help:"Read the password from standard input, one line. Without it, the account gets recovery codes, and its owner makes a passkey."`
	Admin         bool   `help:"Let it administer the server."`
}

// Run makes an account, whether or not registrations are open.
func (c accountCreate) Run(p *program) error {
	password := ""
	if c.PasswordStdin {
		line, err := bufio.NewReader(p.in).ReadString('\n')
		if err != nil && line == "" {
			return fault.New(fault.Invalid, "There was no password on standard input.")
		}
		if password = strings.TrimRight(line, "\r\n"); password == "" {
			return fault.New(fault.Invalid, "The password on standard input is empty.")
		}
	}
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Create(p.ctx, accounts.SignUp{Name: c.Name, Email: c.Email, Password: password, Admin: c.Admin})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Made the account %s: %s\n", who.Actor.Name, who.Actor.IRI)
	if password != "" {
		return nil
	}
	return recoverBy(p, h, who)
}

type accountRecover struct {
	Name string `arg:"" help:"Whose account it is."`
}

// Run gives somebody new recovery codes, who lost every other way in.
func (c accountRecover) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Find(p.ctx, c.Name)
	if err != nil {
		return err
	}
	return recoverBy(p, h, who)
}

// recoverBy makes recovery codes and says what they are for.
func recoverBy(p *program, h *house, who *accounts.Who) error {
	codes, err := h.accounts.RenewRecoveryCodes(p.ctx, who)
	if err != nil {
		return err
	}
	needs := ""
	if who.Account.PasswordHash != "" && !h.accounts.PasswordsOff {
		needs = " and the password"
	}
	fmt.Fprintf(p.out, "Each of these codes lets %s in once, with the name%s, at %s/login?lost=1. "+
		"Make a passkey there. They are not shown again:\n\n%s\n", who.Actor.Name, needs, h.accounts.Origin, strings.Join(codes, "\n"))
	return nil
}

type accountDelete struct {
	Name      string `arg:"" help:"Whose account it is."`
	Now       bool   `help:"At once. Without, in 14 days, until when they can sign in and come back."`
	WithPosts bool   `help:"Take down all that they wrote, too. Without, it stays, under a deleted account."`
}

// Run ends an account. What hangs on it is cleared away, and other servers are
// told, by the server when it runs.
func (c accountDelete) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Find(p.ctx, c.Name)
	if err != nil {
		return err
	}
	if !c.Now {
		if err := h.accounts.Leave(p.ctx, who, c.WithPosts); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "The account %s will be deleted in 14 days. It is signed out everywhere; who signs in until then can come back.\n", who.Actor.Name)
		return nil
	}
	if err := h.accounts.Delete(p.ctx, who, c.WithPosts); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Deleted the account %s. Other servers hear of it from the running server.\n", who.Actor.Name)
	return nil
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make an API token and print it, this once."`
}

type tokenCreate struct {
	Account string `arg:"" help:"Whose token it is."`
	Name    string `help:"What it is for." default:"command line"`
	Scope   string `help:"What it may do: read, write, messages, moderate, administer, account; several with commas between. Without it, everything."`
	Days    int    `help:"After how many days it ends by itself. Without it, when it is revoked."`
}

// Run makes a token. It is the last word that is printed.
func (c tokenCreate) Run(p *program) error {
	scopes := community.AllScopes
	if c.Scope != "" {
		var err error
		if scopes, err = community.ParseScopes(strings.ReplaceAll(c.Scope, ",", " ")); err != nil {
			return err
		}
	}
	var expires time.Time
	if c.Days != 0 {
		expires = time.Now().AddDate(0, 0, c.Days)
	}
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Find(p.ctx, c.Account)
	if err != nil {
		return err
	}
	secret, _, err := h.accounts.CreateToken(p.ctx, who, accounts.TokenDraft{Name: c.Name, Scopes: scopes, Expires: expires})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, secret)
	return nil
}

type accountReset struct {
	Name string `arg:"" help:"Whose account it is."`
}

// Run prints a link. It is the last word that is printed.
func (c accountReset) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Find(p.ctx, c.Name)
	if err != nil {
		return err
	}
	link, until, err := h.accounts.HandOut(p.ctx, nil, who)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Whoever has this link gets into the account %s once, until %s:\n%s\n", who.Actor.Name, until.Format(time.RFC1123), link)
	return nil
}

type accountAdmin struct {
	Name string `arg:"" help:"Whose account it is."`
	End  bool   `help:"They no longer administer it. Somebody has to."`
}

// Run says who administers the server.
func (c accountAdmin) Run(p *program) error {
	h, err := p.open(time.Now)
	if err != nil {
		return err
	}
	defer h.db.Close()
	who, err := h.accounts.Find(p.ctx, c.Name)
	if err != nil {
		return err
	}
	if err := h.accounts.SetAdmin(p.ctx, nil, who, !c.End); err != nil {
		return err
	}
	is := "administers"
	if c.End {
		is = "no longer administers"
	}
	fmt.Fprintf(p.out, "%s %s the server.\n", who.Actor.Name, is)
	return nil
}
