package federation

import (
	"context"
	"crypto/rsa"
	"net/http"
	"sync"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
)

// mostKeys bounds the keys kept in memory: about 20 MB.
const mostKeys = 5000

// A signingKey is what one of our actors signs with.
type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

// signers keeps the parsed keys of those who spoke lately, since parsing one
// costs more than signing with it. The zero value is ready.
type signers struct {
	mu   sync.Mutex
	keys map[community.ActorID]signingKey
}

func (k *signers) get(actor community.ActorID) (signingKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[actor]
	return key, ok
}

func (k *signers) put(actor community.ActorID, key signingKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil || len(k.keys) >= mostKeys {
		k.keys = make(map[community.ActorID]signingKey)
	}
	k.keys[actor] = key
}

// signer returns the key of one of our actors, and the id under which peers
// find its public half.
func (s *Server) signer(ctx context.Context, actor community.ActorID) (keyID string, _ *rsa.PrivateKey, err error) {
	defer fault.Wrap(&err, "federation.signer(%d)", actor)
	if known, ok := s.signers.get(actor); ok {
		return known.id, known.key, nil
	}
	a, err := s.DB.Actor(ctx, actor)
	if err != nil {
		return "", nil, err
	}
	text, err := s.DB.Key(ctx, actor)
	if err != nil {
		return "", nil, err
	}
	key, err := httpsig.ParsePrivate(text)
	if err != nil {
		return "", nil, err
	}
	s.signers.put(actor, signingKey{keyIDOf(a), key})
	return keyIDOf(a), key, nil
}

// keyIDOf is the id of a local actor's key. Lemmy wants a fragment; and a
// deleted actor, whose row names no key any more, still has to say so.
func keyIDOf(a *community.Actor) string {
	if a.KeyID != "" {
		return a.KeyID
	}
	return a.IRI + "#main-key"
}

// sign returns what signs a request for one of our actors in a style. Body is
// what the request will send, nil for a GET.
func (s *Server) sign(actor community.ActorID, body []byte, style httpsig.Style) guard.Signer {
	return func(req *http.Request) error {
		id, key, err := s.signer(req.Context(), actor)
		if err != nil {
			return err
		}
		return style.Sign(req, body, id, key, s.Now())
	}
}
