package federation

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// Where an account's own server lets it act on what it saw elsewhere: as
// OStatus had it, which Mastodon, Lemmy and most others answer to, and by
// FEP-3b86, which names what is to be done.
const (
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	relIntent    = "https://w3id.org/fep/3b86/"

	interactPath = "/authorize_interaction?uri="
)

// intents are the links by which other servers send our people home to act.
func (s *Server) intents() []descriptorLink {
	at := s.Origin + interactPath
	return []descriptorLink{
		{Rel: relSubscribe, Template: at + "{uri}"},
		{Rel: relIntent + "Object", Template: at + "{object}"},
		{Rel: relIntent + "Follow", Template: at + "{object}"},
		{Rel: relIntent + "Like", Template: at + "{object}&do=like"},
		{Rel: relIntent + "Create", Template: s.Origin + "/submit?title={name}&body={content}&answers={inReplyTo}"},
	}
}

// Intent returns the address at which somebody with an account elsewhere acts
// on uri from there. It is on the server that they named and nowhere else:
// whoever answers for it sends nobody on to a third.
func (s *Server) Intent(ctx context.Context, account, uri string) (_ string, err error) {
	defer fault.Wrap(&err, "federation.Intent(%.100s)", account)
	handle, ok := community.ParseHandle(account, s.Host)
	if !ok || handle.Host == "" {
		return "", fault.Field("account", "Write your whole address, like @you@your.server. If your account is here, sign in.")
	}
	if as.Host(uri) == "" || len(uri) > maxURL {
		return "", fault.Field("uri", "%.100q is no address.", uri)
	}
	answer, err := s.webFinger(ctx, handle)
	if err != nil {
		return "", s.unresolved(account, err)
	}
	for _, wanted := range []string{relIntent + "Object", relSubscribe} {
		for _, link := range answer.Links {
			if link.Rel != wanted {
				continue
			}
			// The proposal has it in href by now; OStatus, and who came first,
			// in template.
			if at, ok := s.fill(cmp.Or(link.Template, link.Href), uri, handle.Host); ok {
				return at, nil
			}
		}
	}
	return "", fault.New(fault.NotFound, "%s does not say how. Copy the address, and paste it into the search there.", handle.Host)
}

// fill puts uri into a template, if that leads to host in a way that browsers
// may be sent.
func (s *Server) fill(template, uri, host string) (string, bool) {
	filled := template
	for _, name := range []string{"{uri}", "{object}"} {
		filled = strings.ReplaceAll(filled, name, url.QueryEscape(uri))
	}
	if filled == template || as.Host(filled) != as.Host("https://"+host) {
		return "", false
	}
	u, err := s.Client.CheckURL(filled)
	return filled, err == nil && u != nil
}
