package fediverse

import (
	"crypto/rsa"
	"sync"
	"testing"

	"drystone/federation/httpsig"
)

// pool is the keys that actors get: making one takes long, and no test needs
// more than a few that differ.
var pool = func() (slots [16]func() (*rsa.PrivateKey, error)) {
	for i := range slots {
		slots[i] = sync.OnceValues(httpsig.GenerateKey)
	}
	return slots
}()

// taken is how many keys each test has got.
var taken = struct {
	sync.Mutex
	by map[string]int
}{by: map[string]int{}}

// nextKey returns a key that no other actor of the test has, for the first
// sixteen of them.
func nextKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	taken.Lock()
	n := taken.by[t.Name()]
	taken.by[t.Name()]++
	taken.Unlock()
	key, err := pool[n%len(pool)]()
	if err != nil {
		t.Fatal(err)
	}
	return key
}
