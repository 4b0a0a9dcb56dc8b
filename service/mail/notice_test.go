package mail_test

import (
	"context"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/postbox"
	"drystone/internal/testdb"
	"drystone/service/mail"
)

// Letters of notifications say who did what and where to look, quote what was
// said as text, and bring the way to end them in one step.
func TestLettersOfNotifications(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), postbox.Options{}, func(o *mail.Options) {
		o.Unsubscribing = func(_ context.Context, account community.AccountID, topic string) (string, error) {
			return "token-" + topic, nil
		}
	})
	one := community.LetterItem{Kind: community.Reply, Who: "Bo\r\nBcc: x@evil.test", Others: 2, Title: "Stones & <b>walls</b>", Text: "Flat ones.\n\n<script>alert(1)</script>", Path: "/comment/7"}
	w.must(w.send(community.Letter{Kind: community.NoticeLetter, AccountID: w.alice.ID, Unsubscribe: "replies", Items: []community.LetterItem{one}}))
	m := w.got()
	if want := "Bo Bcc: x@evil.test and 2 more answered you: “Stones & <b>walls</b>”"; m.Subject != want {
		t.Errorf("subject %q", m.Subject)
	}
	const leave = "https://garden.test/unsubscribe?token=token-replies"
	for name, want := range map[string]string{"List-Unsubscribe": "<" + leave + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Bcc": ""} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, want := range []string{"> Flat ones. <script>alert(1)</script>", "https://garden.test/comment/7", leave} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<b>walls") || !strings.Contains(m.HTML, `href="https://garden.test/comment/7"`) || !strings.Contains(m.HTML, leave) {
		t.Errorf("the page says\n%s", m.HTML)
	}
}

// Every kind that somebody is told of has words of its own, or those for all.
func TestTheLetterOfTheDay(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), postbox.Options{})
	var items []community.LetterItem
	for _, kind := range community.KindsOf(community.NoticeTopics) {
		items = append(items, community.LetterItem{Kind: kind, Who: "Bo", Group: "Garden", Title: "T", Many: 2, Path: "/notifications"})
	}
	w.must(w.send(community.Letter{Kind: community.DigestLetter, AccountID: w.alice.ID, Items: items, More: 3}))
	m := w.got()
	if m.Subject != "What concerns you on garden.test" || strings.Count(m.Text, "https://garden.test/notifications") != len(items) || !strings.Contains(m.Text, "3 in all") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	if strings.Contains(m.Text, "{{") || strings.Contains(m.Text, "<no value>") || m.Header.Get("List-Unsubscribe") != "" {
		t.Errorf("%s", m.Text)
	}
}
