package fediverse

import (
	"crypto/rsa"
	"sync"
	"testing"

	"drystone/federation/httpsig"
)

// pool is the keys that actors get, made when the first test needs so many:
// making one takes long. Each test begins with the first.
var pool struct {
	sync.Mutex
	keys []func() (*rsa.PrivateKey, error)
	by   map[string]int // how many each test has got
}

// nextKey returns a key that no other actor of the test has.
func nextKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := slot(t.Name())()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func slot(test string) func() (*rsa.PrivateKey, error) {
	pool.Lock()
	defer pool.Unlock()
	if pool.by == nil {
		pool.by = map[string]int{}
	}
	n := pool.by[test]
	pool.by[test]++
	if n == len(pool.keys) {
		pool.keys = append(pool.keys, sync.OnceValues(httpsig.GenerateKey))
	}
	return pool.keys[n]
}

// KeysFor returns what makes keys for the actors of a server: each is one that
// no other actor of the test has, a peer's neither.
func KeysFor(t testing.TB) func() (privatePEM, publicPEM string, err error) {
	name := t.Name()
	return func() (privatePEM, publicPEM string, err error) {
		key, err := slot(name)()
		if err != nil {
			return "", "", err
		}
		if privatePEM, err = httpsig.MarshalPrivate(key); err != nil {
			return "", "", err
		}
		publicPEM, err = httpsig.PublicPEM(&key.PublicKey)
		return privatePEM, publicPEM, err
	}
}
