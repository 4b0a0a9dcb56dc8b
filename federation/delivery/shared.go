package delivery

import (
	"crypto/rsa"
	"sync"
	"time"

	"drystone/community"
	"drystone/federation/httpsig"
)

const (
	// shareFor is how long a shared signature is sent on: it is dated, and a
	// date that is always fresh is one thing less to wonder about.
	shareFor  = 30 * time.Second
	sharesMax = 2000
)

// sharedSignatures keeps the signatures that serve every inbox, by activity. An activity
// that may not have one is kept too, so that it is read once (docs/adr/0007).
type sharedSignatures struct {
	mu sync.Mutex
	m  map[community.ActivityID]*sharedSignature
}

// A sharedSignature is what is sent of one activity to all who take it.
type sharedSignature struct {
	may bool

	mu        sync.Mutex
	keyID     string
	at        time.Time
	signature httpsig.Shared
}

// of returns the share of an activity.
func (s *sharedSignatures) of(a *community.Activity, may func() bool) *sharedSignature {
	s.mu.Lock()
	known := s.m[a.ID]
	s.mu.Unlock()
	if known != nil {
		return known
	}
	made := &sharedSignature{may: may()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.m[a.ID]; known != nil {
		return known
	}
	if s.m == nil || len(s.m) >= sharesMax {
		s.m = map[community.ActivityID]*sharedSignature{}
	}
	s.m[a.ID] = made
	return made
}

// sign returns the signature, making it if there is none or it is old. Whoever
// comes meanwhile waits for it: the point is to make one.
func (s *sharedSignature) sign(a *community.Activity, keyID string, key *rsa.PrivateKey, now time.Time) (httpsig.Shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.at); s.keyID == keyID && age >= 0 && age < shareFor {
		return s.signature, nil
	}
	made, err := httpsig.Share(a.Body, keyID, key, now)
	if err != nil {
		return made, err
	}
	s.keyID, s.at, s.signature = keyID, now, made
	return made, nil
}
