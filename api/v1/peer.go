package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// A Peer is another server, as administrators see it.
type Peer struct {
	Host          string              `json:"host" example:"lemmy.example"`
	Software      string              `json:"software,omitempty" example:"lemmy"`
	Version       string              `json:"version,omitempty"`
	State         community.PeerState `json:"state" enum:"well,failing,dormant,paused" doc:"failing: tried again, later and later. dormant: failed for three days; only a sign of life, or a retry, wakes it."`
	Followers     int64               `json:"followers" doc:"People there who follow groups or people here."`
	Following     int64               `json:"following" doc:"Memberships of people here in groups there, and follows of people there."`
	Waiting       int64               `json:"waiting" doc:"Activities that it has still to hear; counted up to 10,000."`
	VouchedVotes  int64               `json:"vouched_votes" doc:"Votes that count because its groups announced them."`
	Fails         int                 `json:"fails" doc:"Deliveries that failed in a row."`
	FailingSince  *time.Time          `json:"failing_since"`
	NextAttemptAt *time.Time          `json:"next_attempt_at"`
	LastError     string              `json:"last_error,omitempty"`
	DeliveredAt   *time.Time          `json:"delivered_at" doc:"When it last took something."`
	ReceivedAt    *time.Time          `json:"received_at" doc:"When it last sent something."`
	PausedAt      *time.Time          `json:"paused_at"`
	Signing       PeerSigning         `json:"signing" doc:"How it wants our requests signed, as far as we learned."`
	KnownSince    time.Time           `json:"known_since"`
}

// PeerSigning is how a server wants requests signed. Where it refused ours for
// it, other ways were tried; this is what worked last.
type PeerSigning struct {
	Scheme   string `json:"scheme" enum:"cavage,rfc9421" doc:"cavage: draft-cavage-http-signatures-12, which nearly everybody takes, and with which we begin."`
	PathOnly bool   `json:"path_only" doc:"It signs the path of a request without its query."`
	Unshared bool   `json:"unshared" doc:"It refuses a signature that other servers got too."`
}

func signingOf(p *community.Peer) PeerSigning {
	scheme := "cavage"
	if p.Signing == community.SignRFC9421 {
		scheme = "rfc9421"
	}
	return PeerSigning{scheme, p.PathOnly, p.Unshared}
}

func (a *API) peerOf(v *community.PeerView) Peer {
	return Peer{
		Host: v.Host, Software: v.Software, Version: v.Version, State: v.State(a.Now()),
		Followers: v.Followers, Following: v.Following, Waiting: v.Waiting, VouchedVotes: v.Vouched, Fails: v.Fails,
		FailingSince: maybe(v.FailingSince), NextAttemptAt: maybe(v.NextAttemptAt), LastError: v.LastError,
		DeliveredAt: maybe(v.DeliveredAt), ReceivedAt: maybe(v.ReceivedAt), PausedAt: maybe(v.PausedAt), KnownSince: instant(v.CreatedAt),
		Signing: signingOf(v.Peer),
	}
}

// PeerQuery is how peers are asked for.
type PeerQuery struct {
	State string `query:"state" enum:"well,failing,dormant,paused" doc:"Only those in this state."`
	Words string `query:"q" maxLength:"100" doc:"Part of a host."`
	Paging
}

// Peers is a page of peers, and how many there are in each state.
type Peers struct {
	List[Peer]
	Counts PeerCounts `json:"counts"`
}

// PeerCounts counts all servers by state.
type PeerCounts struct {
	Well    int64 `json:"well"`
	Failing int64 `json:"failing"`
	Dormant int64 `json:"dormant"`
	Paused  int64 `json:"paused"`
}

// Peers lists other servers.
func (a *API) Peers(ctx context.Context, c *Caller, q *PeerQuery) (Peers, error) {
	if err := c.may(community.SitePeers, a.Now()); err != nil {
		return Peers{}, err
	}
	counts, err := a.Options.Peers.Overview(ctx)
	if err != nil {
		return Peers{}, err
	}
	rows, next, err := a.Options.Peers.List(ctx, community.PeerQuery{State: community.PeerState(q.State), Words: q.Words, Page: q.page()})
	return Peers{
		List: listOf(rows, next, a.peerOf),
		Counts: PeerCounts{
			Well: counts[community.PeerWell], Failing: counts[community.PeerFailing],
			Dormant: counts[community.PeerDormant], Paused: counts[community.PeerPaused],
		},
	}, err
}

// PeerPath names another server.
type PeerPath struct {
	Host string `path:"host" maxLength:"260" example:"lemmy.example"`
}

// may reports why the caller may not do for this server what p names.
func (c *Caller) may(p community.Permission, now time.Time) error {
	if c.Who == nil {
		return fault.New(fault.Unauthenticated, "Sign in first.")
	}
	if err := c.Who.Actor.MaySpeak(now); err != nil {
		return err
	}
	return c.Who.Account.Needs(p, now)
}

func (a *API) peer(ctx context.Context, c *Caller, req *PeerPath) (Peer, error) {
	if err := c.may(community.SitePeers, a.Now()); err != nil {
		return Peer{}, err
	}
	v, err := a.Options.Peers.Find(ctx, req.Host)
	if err != nil {
		return Peer{}, err
	}
	return a.peerOf(v), nil
}

// onPeer is an operation that does something about a server, and answers how
// it then stands.
func (a *API) onPeer(do func(context.Context, string) error) func(context.Context, *Caller, *PeerPath) (Peer, error) {
	return func(ctx context.Context, c *Caller, req *PeerPath) (Peer, error) {
		if err := c.may(community.SitePeers, a.Now()); err != nil {
			return Peer{}, err
		}
		if err := do(ctx, req.Host); err != nil {
			return Peer{}, err
		}
		return a.peer(ctx, c, req)
	}
}

// Discarded says how many votes were forgotten.
type Discarded struct {
	Votes int `json:"votes"`
}

func (a *API) discardVotes(ctx context.Context, c *Caller, req *PeerPath) (Discarded, error) {
	if err := c.may(community.SitePeers, a.Now()); err != nil {
		return Discarded{}, err
	}
	n, err := a.Votes.Discard(ctx, req.Host)
	return Discarded{n}, err
}

func (a *API) peerRoutes() {
	const notFound, forbidden = fault.NotFound, fault.Forbidden
	s, p := section("Other servers"), a.Options.Peers
	handle(a, s.get("/admin/peers", "listPeers", "List other servers, and how deliveries to them go").signedIn().fails(forbidden), a.Peers)
	handle(a, s.get("/admin/peers/{host}", "getPeer", "How deliveries to a server go").signedIn().fails(notFound, forbidden), a.peer)
	handle(a, s.post("/admin/peers/{host}/retry", "retryPeer", "Try the next delivery at once").signedIn().fails(notFound, forbidden), a.onPeer(p.Retry))
	handle(a, s.put("/admin/peers/{host}/pause", "pausePeer", "Hold deliveries to a server back").signedIn().fails(notFound, forbidden).
		says("What it is to hear is kept for 30 days."), a.onPeer(p.Pause))
	handle(a, s.delete("/admin/peers/{host}/pause", "resumePeer", "Deliver to a server again").signedIn().fails(notFound, forbidden), a.onPeer(p.Resume))
	handle(a, s.delete("/admin/peers/{host}", "forgetPeer", "Let go of a server that will not come back").confirmed().fails(notFound, forbidden).
		says("Its people follow nobody here any more, and nothing is kept for it. What they wrote stays."), a.onPeer(p.Forget))
	handle(a, s.delete("/admin/peers/{host}/votes", "discardVotes", "Forget the votes that a server's groups passed on").signedIn().fails(notFound, forbidden), a.discardVotes)
}
