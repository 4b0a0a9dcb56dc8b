package federation

import (
	"cmp"
	"context"
	"crypto/rsa"
	"net/http"
	"slices"
	"sync"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
)

// mostKeys bounds the keys kept in memory: about 20 MB.
const mostKeys = 5000

// A signingKey is what one of our actors signs with.
type signingKey struct {
	id   string
	pem  string
	key  *rsa.PrivateKey
	last community.ActivityID // of a retired key: the last activity that it signs
}

// signingKeys are the retired keys of an actor that still sign something, in
// the order in which they were retired, and the one that signs everything
// since.
type signingKeys struct {
	list []signingKey
	at   time.Time
}

// For is the key with which an activity is signed: the one that was the
// actor's when it was said. So an Update that brings a new key is signed with
// the old one, for whoever hears it when. Zero is something that is not in
// the log: a GET.
func (k signingKeys) For(activity community.ActivityID) signingKey {
	for _, key := range k.list {
		if activity != 0 && activity <= key.last {
			return key
		}
	}
	return k.list[len(k.list)-1]
}

// signers keeps the parsed keys of those who spoke lately, since parsing one
// costs more than signing with it. The zero value is ready.
type signers struct {
	mu   sync.Mutex
	keys map[community.ActorID]signingKeys
}

func (k *signers) get(actor community.ActorID) (signingKeys, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys, ok := k.keys[actor]
	return keys, ok
}

func (k *signers) put(actor community.ActorID, keys signingKeys) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil || len(k.keys) >= mostKeys {
		k.keys = make(map[community.ActorID]signingKeys)
	}
	k.keys[actor] = keys
}

// signer returns the key with which one of our actors signs an activity (0: a
// GET), and the id under which peers find its public half.
func (s *Server) signer(ctx context.Context, actor community.ActorID, activity community.ActivityID) (keyID string, _ *rsa.PrivateKey, err error) {
	defer fault.Wrap(&err, "federation.signer(%d)", actor)
	known, ok := s.signers.get(actor)
	if !ok || s.Now().Sub(known.at) >= keyFresh {
		if known, err = s.signingKeys(ctx, actor, known); err != nil {
			return "", nil, err
		}
		s.signers.put(actor, known)
	}
	key := known.For(activity)
	return key.id, key.key, nil
}

// signingKeys reads an actor's keys. What was parsed before is not parsed
// again.
func (s *Server) signingKeys(ctx context.Context, actor community.ActorID, before signingKeys) (signingKeys, error) {
	a, err := s.DB.Actor(ctx, actor)
	if err != nil {
		return signingKeys{}, err
	}
	name, text, err := s.DB.NamedKey(ctx, actor)
	if err != nil {
		return signingKeys{}, err
	}
	others, err := s.DB.ActorKeys(ctx, actor)
	if err != nil {
		return signingKeys{}, err
	}
	keys := signingKeys{at: s.Now()}
	for _, k := range others {
		if !k.Asserts && k.State == community.KeyRetired && s.Now().Sub(k.RetiredAt) < community.KeyOverlap {
			keys.list = append(keys.list, signingKey{id: k.IRI, pem: k.PrivateKey, last: k.LastActivity})
		}
	}
	slices.SortFunc(keys.list, func(a, b signingKey) int { return cmp.Compare(a.last, b.last) })
	keys.list = append(keys.list, signingKey{id: firstOf(name, keyIDOf(a)), pem: text})
	for i := range keys.list {
		k := &keys.list[i]
		for _, known := range before.list {
			if known.pem == k.pem {
				k.key = known.key
			}
		}
		if k.key == nil {
			if k.key, err = httpsig.ParsePrivate(k.pem); err != nil {
				return signingKeys{}, err
			}
		}
	}
	return keys, nil
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
		id, key, err := s.signer(req.Context(), actor, 0)
		if err != nil {
			return err
		}
		return style.Sign(req, body, id, key, s.Now())
	}
}
