package federation

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
)

const (
	keysMax  = 50_000
	keyStale = time.Hour        // another process may have learned of a change
	keyRetry = 10 * time.Minute // one fetch for a key that does not fit
)

// keyring holds the public keys of those who spoke to us lately, parsed.
type keyring struct {
	flight singleflight.Group
	keys   *otter.Cache[string, []publicKey] // by actor
	tried  *otter.Cache[string, time.Time]   // by actor: when they were last fetched for a key
}

// A publicKey is one that an actor signs requests with or, if it asserts,
// proves documents with.
type publicKey struct {
	id      string
	key     crypto.PublicKey
	asserts bool
	at      time.Time
}

func newKeyring() *keyring {
	return &keyring{
		keys:  otter.Must(&otter.Options[string, []publicKey]{MaximumSize: keysMax}),
		tried: otter.Must(&otter.Options[string, time.Time]{MaximumSize: keysMax}),
	}
}

// forget drops what is known of an actor's keys, because they changed.
func (k *keyring) forget(actor string) { k.keys.Invalidate(actor) }

// get returns the key of actor that is called id, unless it was read too long
// ago.
func (k *keyring) get(actor, id string, now time.Time) (publicKey, bool) {
	list, _ := k.keys.GetIfPresent(actor)
	for _, known := range list {
		if known.id == id && now.Sub(known.at) < keyStale {
			return known, true
		}
	}
	return publicKey{}, false
}

// put keeps a key, beside the others of its actor. Of two at once one may be
// lost, and is read again.
func (k *keyring) put(actor string, fresh publicKey) {
	list, _ := k.keys.GetIfPresent(actor)
	kept := []publicKey{fresh}
	for _, known := range list {
		if known.id != fresh.id && len(kept) < maxKeys {
			kept = append(kept, known)
		}
	}
	k.keys.Set(actor, kept)
}

// verify reports why a request was not signed by actor, now, for this server.
// The key has to be the one that the actor publishes as its own: what is
// signed with another's key is theirs, whatever it says (CVE-2025-54888).
func (s *Server) verify(ctx context.Context, r *http.Request, body []byte, actor string) error {
	sig, err := httpsig.Parse(r)
	if err != nil {
		return err
	}
	return s.verifyBy(ctx, sig, r, body, actor)
}

// verifyBy is verify for a signature that was read.
func (s *Server) verifyBy(ctx context.Context, sig httpsig.Signature, r *http.Request, body []byte, actor string) error {
	if s.ours(actor) {
		return fault.New(fault.Forbidden, "%s is of this server and does not speak from outside.", actor)
	}
	if !as.SameHost(sig.KeyID, actor) {
		return fault.New(fault.Unauthenticated, "The key %s is not of the server of %s.", sig.KeyID, actor)
	}
	want := httpsig.Expect{Host: s.Host, Scheme: s.scheme(), Now: s.Now()}
	known, fresh, err := s.keyOf(ctx, actor, sig.KeyID)
	if err != nil {
		return err
	}
	err = sig.Verify(r, body, known, want)
	if !mayHaveChanged(err) || fresh {
		return err
	}
	changed, fetchErr := s.fetchKey(ctx, actor, sig.KeyID)
	if fetchErr != nil {
		s.Log.Debug("federation: key not fetched again", "key", sig.KeyID, "reason", fetchErr)
		return err
	}
	return sig.Verify(r, body, changed.key, want)
}

// mayHaveChanged reports whether a signature was refused for a reason that
// could be a new key under the name of the old one, of another kind perhaps.
func mayHaveChanged(err error) bool {
	var wrong *httpsig.Error
	return errors.As(err, &wrong) && (wrong.Reason == httpsig.BadSignature || wrong.Reason == httpsig.BadAlgorithm)
}

// keyOf returns the key of actor that is called keyID: from memory, from the
// database, or from its server, in which case it is fresh.
func (s *Server) keyOf(ctx context.Context, actor, keyID string) (_ crypto.PublicKey, fresh bool, err error) {
	k, fresh, err := s.listedKey(ctx, actor, keyID)
	return k.key, fresh, err
}

// listedKey is keyOf, with what the key is for.
func (s *Server) listedKey(ctx context.Context, actor, keyID string) (_ publicKey, fresh bool, err error) {
	if k, ok := s.keyring.get(actor, keyID, s.Now()); ok {
		return k, false, nil
	}
	k, err := s.storedKey(ctx, actor, keyID)
	if k.key != nil || err != nil {
		return k, false, err
	}
	k, err = s.fetchKey(ctx, actor, keyID)
	return k, true, err
}

// storedKey returns the key from the database; none if it is not there.
func (s *Server) storedKey(ctx context.Context, actor, keyID string) (publicKey, error) {
	a, err := s.DB.ActorByIRI(ctx, actor)
	if fault.Is(err, fault.NotFound) {
		return publicKey{}, nil
	}
	if err != nil {
		return publicKey{}, err
	}
	if a.Local() {
		return publicKey{}, fault.New(fault.Forbidden, "%s is of this server and does not speak from outside.", actor)
	}
	return s.keyIn(ctx, a, keyID)
}

// keyIn returns the key called keyID of an actor as it is stored, and keeps it
// in memory; none if the actor has no such key. The one in the actor's row is
// what nearly everybody signs with.
func (s *Server) keyIn(ctx context.Context, a *community.Actor, keyID string) (_ publicKey, err error) {
	k := publicKey{id: keyID, at: s.Now()}
	if a.KeyID == keyID && a.PublicKey != "" {
		if k.key, err = httpsig.ParsePublicKey(a.PublicKey); err != nil {
			return publicKey{}, err
		}
		s.keyring.put(a.IRI, k)
		return k, nil
	}
	others, err := s.DB.ActorKeys(ctx, a.ID)
	if err != nil {
		return publicKey{}, err
	}
	for _, other := range others {
		if other.IRI != keyID {
			continue
		}
		if k.key, err = proof.ParseMultikey(other.Multikey); err != nil {
			return publicKey{}, err
		}
		k.asserts = other.Asserts
		s.keyring.put(a.IRI, k)
		return k, nil
	}
	return publicKey{}, nil
}

// fetchKey reads the actor again for its key. All who wait for it share one
// fetch, and what was found, or not found, is believed for ten minutes,
// whatever name a key is given: a forged request must not buy a request to
// somebody else.
func (s *Server) fetchKey(ctx context.Context, actor, keyID string) (k publicKey, err error) {
	found, err, _ := s.keyring.flight.Do(actor, func() (any, error) {
		return s.fetchOwner(context.WithoutCancel(ctx), actor)
	})
	if err != nil {
		return k, err
	}
	owner := found.(*community.Actor)
	if owner.IRI == actor {
		k, err = s.keyIn(ctx, owner, keyID)
	}
	if err == nil && k.key == nil {
		err = fault.New(fault.Unauthenticated, "The key %s does not belong to %s.", keyID, actor)
	}
	return k, err
}

// fetchOwner reads an actor whose key we do not know from its server, or
// returns what the last time showed.
func (s *Server) fetchOwner(ctx context.Context, actor string) (*community.Actor, error) {
	now, name := s.Now(), "key of "+actor
	if err := s.fetched.missed(name, now); err != nil {
		return nil, err
	}
	if at, ok := s.keyring.tried.GetIfPresent(actor); ok && now.Sub(at) < keyRetry {
		return s.DB.ActorByIRI(ctx, actor)
	}
	owner, err := s.fetchActor(ctx, actor)
	switch {
	case fault.Is(err, fault.Unavailable), fault.Is(err, fault.Internal):
		return nil, err // not the sender's fault: they shall try again
	case err != nil:
		err = fault.Because(err, fault.Unauthenticated, "The key of %s cannot be had: %s", actor, reasonOf(err))
		s.fetched.note(name, err, now)
		return nil, err
	}
	s.keyring.tried.Set(actor, now)
	return owner, nil
}

// reasonOf is what an error tells people, without our own trace.
func reasonOf(err error) string {
	if e, ok := fault.As(err); ok && e.Message != "" {
		return e.Message
	}
	return "something went wrong here"
}
