// Package memo remembers answers to what is asked often and changes seldom: for
// a while, and not too many. What has to be remembered for good, or by all
// processes, is storage's.
package memo

import (
	"sync"
	"time"
)

// A Memo remembers answers by a key. Nobody may copy one.
type Memo[K comparable, V any] struct {
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

// New returns a Memo that keeps up to most answers, each as long as keep.
func New[K comparable, V any](keep time.Duration, most int, now func() time.Time) *Memo[K, V] {
	return &Memo[K, V]{keep: keep, most: most, now: now}
}

// Get returns what is remembered, or asks. Errors are not remembered, nor is an
// answer that was asked for before somebody said to forget.
func (m *Memo[K, V]) Get(key K, ask func() (V, error)) (V, error) {
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

// Forget makes the next Get ask.
func (m *Memo[K, V]) Forget(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgot++
	delete(m.m, key)
}
