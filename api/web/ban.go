package web

import (
	"net/url"

	"drystone/api/v1"
)

// siteBans lists who is banned from this server, for administrators.
func siteBans(p *page) error {
	cursor := p.query("cursor")
	list, err := ask(p, address("/bans", "cursor", cursor), p.site.API.SiteBans, v1.Paging{Cursor: cursor})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Hidden = "Banned from this server", true
	p.show("bans", "/admin/bans", struct {
		Bans []v1.Ban
		More string
	}{list.Items, more(url.Values{}, list.Next)})
	return nil
}
