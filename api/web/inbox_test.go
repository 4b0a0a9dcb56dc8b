package web

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// The page without JavaScript says what the app says.
func TestNoticeWords(t *testing.T) {
	text, err := os.ReadFile("../../frontend/src/lib/i18n/notifications.json")
	if err != nil {
		t.Fatal(err)
	}
	var app map[string]any
	if err := json.Unmarshal(text, &app); err != nil {
		t.Fatal(err)
	}
	for name, words := range noticeWords {
		if app["inbox."+name] != words {
			t.Errorf("%s is %q here and %q there", name, words, app["inbox."+name])
		}
	}
	page := []string{"title", "read", "others", "all", "unread", "filter", "fresh", "choose", "none", "older", "new", "votes", "report"}
	for key := range app {
		name := strings.TrimPrefix(key, "inbox.")
		stem, _, _ := strings.Cut(name, ".")
		if _, here := noticeWords[name]; !here && strings.HasPrefix(key, "inbox.") && !slices.Contains(page, stem) {
			t.Errorf("%s has no words here", name)
		}
	}
}
