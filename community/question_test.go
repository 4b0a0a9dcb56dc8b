package community

import (
	"testing"
	"time"
)

func TestWhatAsks(t *testing.T) {
	yes, no := true, false
	asking, plain := &Actor{Questions: true}, &Actor{}
	for _, test := range []struct {
		kind  PostKind
		said  *bool
		group *Actor
		want  bool
	}{
		{TextPost, nil, plain, false},
		{TextPost, nil, asking, true},
		{TextPost, &no, asking, false},
		{LinkPost, &yes, plain, true},
		{PollPost, nil, asking, false},
		{PollPost, &yes, asking, false},
		{EventPost, nil, asking, false},
		{TextPost, nil, nil, false},
	} {
		if got := test.kind.Asks(test.said, test.group); got != test.want {
			t.Errorf("%s asks %v in %+v: %v", test.kind, test.said, test.group, got)
		}
	}
	if PollPost.CheckQuestion(&yes) == nil || EventPost.CheckQuestion(&yes) == nil || TextPost.CheckQuestion(&yes) != nil || PollPost.CheckQuestion(&no) != nil {
		t.Error("polls and events alone cannot be questions")
	}
}

func TestMedianOf(t *testing.T) {
	for _, test := range []struct {
		list []time.Duration
		want time.Duration
	}{{nil, 0}, {[]time.Duration{7}, 7}, {[]time.Duration{9, 1, 5}, 5}, {[]time.Duration{9, 1, 5, 3}, 4}} {
		if got := MedianOf(test.list); got != test.want {
			t.Errorf("MedianOf(%v) = %v, want %v", test.list, got, test.want)
		}
	}
}
