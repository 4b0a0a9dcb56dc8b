package web

import (
	"fmt"
	"net/url"
	"strings"

	"drystone/api/v1"
	"drystone/community"
)

// peerStates says in one word how deliveries to a server go.
var peerStates = map[community.PeerState]string{
	community.PeerWell: "Well", community.PeerFailing: "Failing", community.PeerDormant: "Dormant", community.PeerPaused: "Paused",
}

// peerSigning says what was learned of how a server wants requests signed, or
// nothing where it takes what everybody takes.
func peerSigning(s v1.PeerSigning) string {
	var said []string
	if s.Scheme == "rfc9421" {
		said = append(said, "Signed by RFC 9421")
	}
	if s.PathOnly {
		said = append(said, "signed without the query")
	}
	if s.Unshared {
		said = append(said, "takes no shared signatures")
	}
	return strings.Join(said, ", ")
}

// peers lists other servers, for administrators.
func peers(p *page) error {
	state, words, cursor := p.choice("state", "", "failing", "dormant", "paused", "well"), p.query("q"), p.query("cursor")
	list, err := ask(p, address("/admin/peers", "state", state, "q", words, "cursor", cursor), p.site.API.Peers,
		v1.PeerQuery{State: state, Words: words, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	base := url.Values{}
	if words != "" {
		base.Set("q", words)
	}
	n := list.Counts
	states := tabs(base, "state", state, []string{"", "failing", "dormant", "paused", "well"}, []string{
		fmt.Sprintf("All (%d)", n.Well+n.Failing+n.Dormant+n.Paused), fmt.Sprintf("Failing (%d)", n.Failing),
		fmt.Sprintf("Dormant (%d)", n.Dormant), fmt.Sprintf("Paused (%d)", n.Paused), fmt.Sprintf("Well (%d)", n.Well),
	})
	if state != "" {
		base.Set("state", state)
	}
	p.Head.Title, p.Head.Hidden = "Other servers", true
	p.show("peers", "/admin/peers", struct {
		Peers  []v1.Peer
		Words  string
		State  string
		States []tab
		More   string
	}{list.Items, words, state, states, more(base, list.Next)})
	return nil
}
