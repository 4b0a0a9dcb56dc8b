package federation

import (
	"sync"
	"time"
)

// A memo remembers answers for a while, and not too many of them. It is for
// what is asked at every activity and changes at few.
type memo[K comparable, V any] struct {
	keep time.Duration
	most int
	now  func() time.Time

	mu     sync.Mutex
	m      map[K]memory[V]
	forgot int // so that an answer from before is not remembered after
}

type memory[V any] struct {
	value V
	until time.Time
}

// get returns what is remembered, or asks. Errors are not remembered.
func (m *memo[K, V]) get(key K, ask func() (V, error)) (V, error) {
	now := m.now()
	m.mu.Lock()
	known, ok := m.m[key]
	forgot := m.forgot
	m.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.value, nil
	}
	value, err := ask()
	if err != nil {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgot != forgot {
		return value, nil
	}
	if m.m == nil || len(m.m) >= m.most {
		m.m = map[K]memory[V]{}
	}
	m.m[key] = memory[V]{value, now.Add(m.keep)}
	return value, nil
}

// forget makes the next get ask.
func (m *memo[K, V]) forget(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgot++
	delete(m.m, key)
}
