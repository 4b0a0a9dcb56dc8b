package delivery

import (
	"context"
	"crypto/rsa"
	"net/http"

	"drystone/community"
)

// A Parcel is an activity on its way to one inbox, with what it is signed with.
type Parcel struct {
	Activity *community.Activity
	KeyID    string
	Key      *rsa.PrivateKey
	Members  string // see Options.Members

	d *Delivery
}

// parcel prepares an activity for a peer.
func (d *Delivery) parcel(ctx context.Context, a *community.Activity, peer community.PeerID) (p Parcel, err error) {
	p = Parcel{Activity: a, d: d}
	if p.KeyID, p.Key, err = d.Key(ctx, a.ActorID, a.ID); err != nil || d.Members == nil {
		return p, err
	}
	p.Members, err = d.Members(ctx, a, peer)
	return p, err
}

// Shared reports whether the parcel may go with the signature that other
// inboxes get: see SignShared.
func (p Parcel) Shared(ctx context.Context) bool { return p.share(ctx).may }

func (p Parcel) share(ctx context.Context) *sharedSignature {
	return p.d.shared.of(p.Activity, func() bool { return p.d.Shares != nil && p.d.Shares(ctx, p.Activity) })
}

// SignShared signs a request with the one signature that serves every inbox
// for half a minute (docs/adr/0007).
func (p Parcel) SignShared(req *http.Request) error {
	signature, err := p.share(req.Context()).sign(p.Activity, p.KeyID, p.Key, p.d.Now())
	if err != nil {
		return err
	}
	signature.Sign(req)
	return nil
}

// InTurn calls sign when its turn has come: a signature is all CPU, and more at
// once than there are processors would only delay the rest of the server.
func (p Parcel) InTurn(sign func() error) error {
	done := make(chan error, 1)
	p.d.signing <- func() { done <- sign() }
	return <-done
}
