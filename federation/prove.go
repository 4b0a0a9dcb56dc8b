package federation

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
	"drystone/storage"
)

// keyFresh is how long a key of ours is used from memory: another process may
// have replaced it.
const keyFresh = 10 * time.Second

// A pen is what an actor of ours makes proofs with.
type pen struct {
	id  string
	key ed25519.PrivateKey
	at  time.Time
}

// pens keeps those that were used lately. The zero value is ready.
type pens struct {
	mu   sync.Mutex
	pens map[community.ActorID]pen
}

func (p *pens) get(actor community.ActorID, now time.Time) (pen, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.pens[actor]
	return known, ok && now.Sub(known.at) < keyFresh
}

func (p *pens) put(actor community.ActorID, known pen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pens == nil || len(p.pens) >= mostKeys {
		p.pens = make(map[community.ActorID]pen)
	}
	p.pens[actor] = known
}

// prove adds the proof of a local actor to a document that it wrote
// (FEP-8b32), so that whoever passes it on needs not be believed.
func (s *Server) prove(ctx context.Context, db *storage.DB, by *community.Actor, document []byte, at time.Time) ([]byte, error) {
	p, ok := s.pens.get(by.ID, s.Now())
	if !ok {
		key, made, err := s.assertionKey(ctx, db, by)
		if err != nil {
			return nil, err
		}
		if p.key, err = httpsig.ParsePrivateEd25519(key.PrivateKey); err != nil {
			return nil, err
		}
		p.id, p.at = key.IRI, s.Now()
		if !made { // a transaction that made it may still be undone
			s.pens.put(by.ID, p)
		}
	}
	return proof.Add(document, p.key, p.id, at)
}

// assertionKey returns the key with which a local actor makes proofs. Actors
// get theirs when it is first asked for; of two who ask at once, both get the
// same one.
func (s *Server) assertionKey(ctx context.Context, db *storage.DB, a *community.Actor) (_ *community.ActorKey, made bool, _ error) {
	for range 2 {
		keys, err := db.ActorKeys(ctx, a.ID)
		if err != nil {
			return nil, false, err
		}
		for _, k := range keys {
			if k.Asserts && k.State == community.KeyCurrent {
				return k, made, nil
			}
		}
		fresh, err := s.newAssertionKey(a, a.IRI+"#ed25519-key")
		if err != nil {
			return nil, false, err
		}
		fresh.State, made = community.KeyCurrent, true
		if err := db.AddActorKey(ctx, fresh); err != nil {
			return nil, false, err
		}
	}
	return nil, false, fault.New(fault.Internal, "%s has no key to prove with", a.IRI)
}

// newAssertionKey makes an Ed25519 key for a local actor.
func (s *Server) newAssertionKey(a *community.Actor, name string) (*community.ActorKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if s.Seed != nil {
		copy(seed, s.Seed(strings.TrimSuffix(name, "#ed25519-key")))
	} else if _, err := rand.Read(seed); err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(seed)
	text, err := httpsig.MarshalPrivate(key)
	if err != nil {
		return nil, err
	}
	multikey, err := proof.Multikey(key.Public())
	if err != nil {
		return nil, err
	}
	return &community.ActorKey{
		ActorID: a.ID, IRI: name, Multikey: multikey, PrivateKey: text, Asserts: true, CreatedAt: s.now(),
	}, nil
}

// multikeys are the keys that a local actor lists under assertionMethod: the
// one that it makes proofs with, and those that were retired lately, of which
// the others know things that were signed or proved.
func (s *Server) multikeys(ctx context.Context, db *storage.DB, a *community.Actor) ([]as.Multikey, error) {
	if _, _, err := s.assertionKey(ctx, db, a); err != nil {
		return nil, err
	}
	keys, err := db.ActorKeys(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	var list []as.Multikey
	for _, k := range keys {
		if k.State == community.KeyCurrent || k.State == community.KeyRetired && s.Now().Sub(k.RetiredAt) < community.KeyOverlap {
			list = append(list, as.Multikey{ID: k.IRI, Controller: a.IRI, Multibase: k.Multikey})
		}
	}
	return list, nil
}
