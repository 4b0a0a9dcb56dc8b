package memo_test

import (
	"testing"
	"time"

	"drystone/federation/memo"
)

func TestForgetsWhatWasAskedBefore(t *testing.T) {
	m := memo.New[int, string](time.Minute, 10, time.Now)
	_, _ = m.Get(1, func() (string, error) {
		m.Forget(1) // while the question is under way
		return "old", nil
	})
	if got, _ := m.Get(1, func() (string, error) { return "new", nil }); got != "new" {
		t.Errorf("got %q, want the new answer", got)
	}
}
