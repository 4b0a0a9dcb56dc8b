package federation

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/guard"
)

const (
	askAgain     = 24 * time.Hour  // NodeInfo is asked for again after this
	discoverTime = 6 * time.Second // for both requests of it
	refreshAtMax = 100             // servers asked in one turn of the schedule
	spokeEvery   = time.Minute
)

// heard is what we noticed of peers lately, in RAM.
type heard struct {
	asking singleflight.Group
	mu     sync.Mutex
	spoke  map[string]time.Time // by host: when its sign of life was stored
}

func newHeard() *heard { return &heard{spoke: map[string]time.Time{}} }

// due reports whether a sign of life of host is to be stored, at most once a
// minute.
func (h *heard) due(host string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.spoke[host]; ok && now.Sub(last) < spokeEvery {
		return false
	}
	if len(h.spoke) > 100_000 {
		clear(h.spoke)
	}
	h.spoke[host] = now
	return true
}

// peerSpoke notes a signed activity from host: a sign of life that starts
// deliveries again (FEDERATION.md, section 9).
func (s *Server) peerSpoke(ctx context.Context, host string) error {
	now := s.now()
	if !s.heard.due(host, now) {
		return nil
	}
	peer, err := s.DB.PeerByHost(ctx, host, now)
	if err != nil {
		return err
	}
	if err := s.DB.PeerSpoke(ctx, peer.ID, now); err != nil {
		return err
	}
	s.delivery.Wake(peer.ID)
	return nil
}

// peerOf returns the server called host, knowing what it runs: its NodeInfo
// is asked for at the first need and again after a day. A server that does
// not say keeps what was known.
func (s *Server) peerOf(ctx context.Context, host string) (_ *community.Peer, err error) {
	defer fault.Wrap(&err, "federation.peerOf(%s)", host)
	peer, err := s.DB.PeerByHost(ctx, host, s.now())
	if err != nil || s.now().Sub(peer.CheckedAt) < askAgain {
		return peer, err
	}
	if s.indoors != nil {
		return nil, s.indoors.errElsewhere()
	}
	return s.discover(ctx, peer)
}

// discover asks a server what it runs and stores the answer, or that there
// was none.
func (s *Server) discover(ctx context.Context, peer *community.Peer) (*community.Peer, error) {
	found, err, _ := s.heard.asking.Do(peer.Host, func() (any, error) {
		p := *peer
		software, version, err := s.nodeInfo(ctx, p.Host)
		if err != nil {
			s.Log.Debug("federation: no nodeinfo", "peer", p.Host, "reason", err)
		} else {
			p.Software, p.Version = software, version
		}
		p.CheckedAt = s.now()
		return &p, s.DB.SavePeerSoftware(ctx, &p)
	})
	if err != nil {
		return nil, err
	}
	return found.(*community.Peer), nil
}

// refreshPeers asks the servers that we heard of lately for their NodeInfo.
func (s *Server) refreshPeers(ctx context.Context) error {
	peers, err := s.DB.Peers(ctx)
	if err != nil {
		return err
	}
	asked := 0
	now := s.now()
	for _, peer := range peers {
		quiet := now.Sub(peer.ReceivedAt) > 7*askAgain && now.Sub(peer.DeliveredAt) > 7*askAgain
		if quiet && !peer.CheckedAt.IsZero() || now.Sub(peer.CheckedAt) < askAgain {
			continue
		}
		if asked++; asked > refreshAtMax {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := s.discover(ctx, peer); err != nil {
			return err
		}
	}
	return nil
}

// nodeInfo asks what host runs (NodeInfo 2.0 and 2.1; FEP-f1d5).
func (s *Server) nodeInfo(ctx context.Context, host string) (software, version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, discoverTime)
	defer cancel()

	var index struct {
		Links []struct{ Rel, Href string }
	}
	if err := s.getJSON(ctx, host, "/.well-known/nodeinfo", "application/json", &index); err != nil {
		return "", "", err
	}
	var address string
	for _, link := range index.Links {
		newest := strings.HasSuffix(link.Rel, "/schema/2.1")
		if as.Host(link.Href) == host && (newest || strings.HasSuffix(link.Rel, "/schema/2.0") && address == "") {
			address = link.Href
		}
	}
	if address == "" {
		return "", "", fault.New(fault.NotFound, "%s links to no NodeInfo that we read.", host)
	}
	resp, err := s.Client.Get(ctx, address, "application/json", nil)
	if err != nil {
		return "", "", err
	}
	var info struct {
		Software struct{ Name, Version string }
	}
	if err := json.Unmarshal(resp.Body, &info); err != nil {
		return "", "", fault.Because(err, fault.Invalid, "The NodeInfo of %s is not what it should be.", host)
	}
	return clip(strings.ToLower(info.Software.Name), 64), clip(info.Software.Version, 64), nil
}

// getJSON reads a JSON document at a path of host, by https or, where
// development allows it, http.
func (s *Server) getJSON(ctx context.Context, host, path, accept string, into any) error {
	resp, err := s.getAt(ctx, host, path, accept)
	if err != nil {
		return err
	}
	return fromJSON(resp, host, into)
}

// readJSON reads a JSON document from an address that somebody gave us.
func (s *Server) readJSON(ctx context.Context, address, accept string, into any) error {
	host := as.Host(address)
	if err := s.fetched.spend(host, s.now()); err != nil {
		return err
	}
	resp, err := s.Client.Get(ctx, address, accept, nil)
	if err != nil {
		return err
	}
	return fromJSON(resp, host, into)
}

func fromJSON(resp *guard.Response, host string, into any) error {
	if err := json.Unmarshal(resp.Body, into); err != nil {
		return fault.Because(err, fault.Invalid, "What %s answered is not what it should be.", host)
	}
	return nil
}

// getAt reads what is at a path of host.
func (s *Server) getAt(ctx context.Context, host, path, accept string) (*guard.Response, error) {
	resp, err := s.Client.Get(ctx, "https://"+host+path, accept, nil)
	if err == nil {
		return resp, nil
	}
	plain := "http://" + host + path
	if _, refused := s.Client.CheckURL(plain); refused != nil {
		return nil, err
	}
	return s.Client.Get(ctx, plain, accept, nil)
}

// clip cuts text to at most n characters of what people can read.
func clip(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}
