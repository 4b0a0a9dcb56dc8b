package limit_test

import (
	"testing"
	"time"

	"drystone/api/limit"
)

func TestTake(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l := limit.New(limit.Rule{Name: "vote", Burst: 3, Window: time.Minute}, func() time.Time { return now })
	steps := []struct {
		after   time.Duration
		key     string
		allowed bool
		header  string
	}{
		{0, "a", true, `"vote";r=2;t=20`},
		{0, "a", true, `"vote";r=1;t=40`},
		{0, "a", true, `"vote";r=0;t=60`},
		{0, "a", false, `"vote";r=0;t=20`},
		{0, "b", true, `"vote";r=2;t=20`},
		{19 * time.Second, "a", false, `"vote";r=0;t=1`},
		{time.Second, "a", true, `"vote";r=0;t=60`},
		{time.Hour, "a", true, `"vote";r=2;t=20`},
	}
	for i, step := range steps {
		now = now.Add(step.after)
		v := l.Take(step.key)
		if v.Allowed != step.allowed || v.Header() != step.header {
			t.Errorf("step %d: Take(%s) = %v %s, want %v %s", i, step.key, v.Allowed, v.Header(), step.allowed, step.header)
		}
	}
	if got, want := l.Take("c").Policy(), `"vote";q=3;w=60`; got != want {
		t.Errorf("Policy = %s, want %s", got, want)
	}
}
