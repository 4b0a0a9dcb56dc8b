package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	const file = `
= bob 3d4h +31 -2
title: Slugs
link: https://slugs.example

They ate everything.

+++ 2h
Even the hose.

= alice 20m
note: this is text, and not a key

== troll@far.example +0 -9 removed: Selling things, again.
Buy!
`
	got, err := parse(file, func(i int) bool { return i == 0 })
	if err != nil {
		t.Fatal(err)
	}
	want := []*section{
		{
			depth: 1, name: "bob", words: []string{"3d4h", "+31", "-2"},
			keys: map[string]string{"title": "Slugs", "link": "https://slugs.example"},
			body: "They ate everything.", edit: "They ate everything.\n\nEven the hose.", editAt: 2 * time.Hour,
		},
		{depth: 1, name: "alice", words: []string{"20m"}, keys: map[string]string{}, body: "note: this is text, and not a key"},
		{
			depth: 2, name: "troll@far.example", words: []string{"+0", "-9"}, note: "Selling things, again.",
			keys: map[string]string{}, body: "Buy!",
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	after, heard, _, err := got[0].told()
	if after != 76*time.Hour || heard != (opinion{31, 2}) || err != nil {
		t.Errorf("told: %s, %v, %v", after, heard, err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"text before the first section", "Hello.\n= bob\n\nText.", "before the first section"},
		{"an edit without a time", "= bob\n\nText.\n+++ soon\nMore.", "no span of time"},
		{"a word that says nothing", "= bob 3d loudly\ntitle: T\n\nText.", `"loudly" after bob`},
		{"a number that is none", "= bob +many\ntitle: T\n\nText.", "invalid syntax"},
		{"an answer too deep", "= bob 3d\ntitle: T\n\nText.\n\n=== alice\nWhat?", "answers nothing"},
		{"an answer without words", "= bob 3d\ntitle: T\n\nText.\n\n= alice", "is nothing"},
		{"nothing", "", "no post"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parts, err := parse(test.file, func(i int) bool { return i == 0 })
			if err == nil {
				err = new(story).addThread("garden", parts)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := map[string]time.Duration{"25m": 25 * time.Minute, "3d4h": 76 * time.Hour, "1d2h3m": 26*time.Hour + 3*time.Minute}
	for text, want := range tests {
		if got, err := span(text); got != want || err != nil {
			t.Errorf("span(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"soon", "3", "h", "3d x", "-3d"} {
		if got, err := span(text); err == nil {
			t.Errorf("span(%q) = %s, want an error", text, got)
		}
	}
}

// What is later is never too late, whatever the luck.
func TestLater(t *testing.T) {
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, left := range []time.Duration{time.Second, time.Minute, time.Hour, 1000 * time.Hour} {
		sooner := 0
		for i := range 1000 {
			at := later(from, from.Add(left), 80*time.Minute, "test", string(rune(i)))
			if !at.After(from) || !at.Before(from.Add(left)) {
				t.Fatalf("%s later is %s", left, at.Sub(from))
			}
			if at.Sub(from) < time.Hour {
				sooner++
			}
		}
		if left > 100*time.Hour && (sooner < 400 || sooner > 650) {
			t.Errorf("%d of 1000 come within the hour, want about half", sooner)
		}
	}
}
