package delivery

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"drystone/community"
)

// TestOneSignatureForAll: whoever asks within half a minute gets the same, and
// a new key or an old date make a new one.
func TestOneSignatureForAll(t *testing.T) {
	var s sharedSignatures
	never, noon := func() bool { return false }, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	a := &community.Activity{ID: 1, Body: []byte("{}")}
	sign := func(keyID string, at time.Time) string {
		signature, err := s.of(a, never).sign(a, keyID, testKey(), at)
		if err != nil {
			t.Error(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/inbox", nil)
		signature.Sign(r)
		return r.Header.Get("Date") + r.Header.Get("Signature")
	}
	first := sign("k", noon)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if again := sign("k", noon.Add(time.Duration(i)*time.Second/2)); again != first {
				t.Errorf("another signature after %d half seconds", i)
			}
		})
	}
	wg.Wait()
	for name, other := range map[string]string{
		"later": sign("k", noon.Add(shareFor)), "by another key": sign("l", noon.Add(shareFor)), "by a clock set back": sign("k", noon.Add(-time.Second)),
	} {
		if other == first {
			t.Errorf("%s it is the same signature", name)
		}
	}
	for id := range community.ActivityID(2 * sharesMax) {
		s.of(&community.Activity{ID: id, Body: []byte("{}")}, never)
	}
	if len(s.m) > sharesMax {
		t.Errorf("%d activities are kept", len(s.m))
	}
}
