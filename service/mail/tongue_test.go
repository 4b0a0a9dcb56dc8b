package mail_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/postbox"
	"drystone/internal/testdb"
	"drystone/storage"
)

// reads has alice say which languages she reads, and where she lives.
func (w *world) reads(languages, zone string) {
	w.t.Helper()
	w.must(w.db.SaveProfile(w.t.Context(), &community.Profile{ActorID: w.alice.ActorID, Languages: languages, Zone: zone, UpdatedAt: noon}))
}

// Every language has every letter, each of which asks for the same words.
func TestEveryLanguageHasEveryLetter(t *testing.T) {
	words := regexp.MustCompile(`\.(Words\.\w+|Name|Host|When|Hours|Items|More|Origin)\b|"[a-z_]+"|\{\{define "\w+"\}\}`)
	asks := func(path string) []string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			return nil
		}
		list := words.FindAllString(string(text), -1)
		slices.Sort(list)
		return slices.Compact(list)
	}
	english, err := filepath.Glob("templates/*.*")
	if err != nil || len(english) < 10 {
		t.Fatal(english, err)
	}
	for _, path := range english {
		name := filepath.Base(path)
		if name == "layout.html" {
			continue
		}
		for _, lang := range []string{"de", "fr", "es"} {
			other := filepath.Join("templates", lang, name)
			if want, got := asks(path), asks(other); !slices.Equal(want, got) {
				t.Errorf("%s knows\n%q, the English one\n%q", other, got, want)
			}
		}
	}
}

// everyLetter is each letter in each of the ways that it can be written.
func everyLetter(word string) []community.Letter {
	var all []community.Letter
	add := func(kind community.LetterKind, path string, words map[string]string) {
		all = append(all, community.Letter{Kind: kind, Path: path, Words: words})
	}
	for _, change := range []map[string]string{{"asked": "yes"}, {"removed": "yes"}, {}} {
		add(community.AddressChanged, "", change)
	}
	add(community.AddressTaken, "", nil)
	add(community.ConfirmAddress, "/verify", map[string]string{"joins": "yes"})
	add(community.ConfirmAddress, "/verify", nil)
	add(community.ResetAccess, "/recover", nil)
	add(community.NewSignIn, "", map[string]string{"agent": word})
	add(community.LeavingSoon, "", map[string]string{"until": "2026-05-31T22:30:00Z"})
	add(community.LeavingSoon, "", map[string]string{"until": "2026-05-31T22:30:00Z", "again": "yes"})
	for _, what := range []string{
		community.PasswordChanged, community.PasswordRemoved, community.PasskeyAdded, community.PasskeyRemoved,
		community.CodesTurnedOn, community.CodesTurnedOff, community.RecoveryCodeUsed, community.RecoveryCodesMade,
		community.PasskeyCopied, community.AppConnected, community.TokenMade, community.LinkMade, community.LinkUsed,
		community.AdminMade, community.AdminEnded,
	} {
		for _, ended := range []string{"", "browsers", "apps", "all"} {
			add(community.AccessChanged, "", map[string]string{"what": what, "name": word, "ended": ended})
		}
	}
	for _, what := range []string{community.ApplicantLetIn, community.ApplicantTurnedAway, community.ApplicantAskedBack} {
		add(community.AdmissionDecided, "/join", map[string]string{"what": what, "text": word})
	}
	for _, what := range []community.FactKind{community.RoleGiven, community.RoleRenewed, community.RoleEnded, community.RoleExpired} {
		add(community.RoleDecided, "", map[string]string{"what": string(what), "role": word, "group": word, "until": "2026-05-31T22:30:00Z"})
		add(community.RoleDecided, "", map[string]string{"what": string(what), "role": word})
	}
	add(community.GroupHandover, "/c/walls", map[string]string{"by": word, "group": word, "until": "2026-05-31T22:30:00Z"})
	return all
}

// Every letter is whole in every language and in both forms, whatever people
// call themselves and what is theirs.
func TestEveryLetterInEveryLanguage(t *testing.T) {
	const hostile = "</p><script>alert(1)</script>\r\nBcc: eve@evil.test\n\n{{.Host}} \u202eeman\u200f\u2066\x00 “é”"
	const clean = "</p><script>alert(1)</script> Bcc: eve@evil.test {{.Host}} eman “é”"
	bodies := map[string]string{}
	for _, lang := range []string{"en", "de", "fr", "es"} {
		w := newWorld(t, testdb.SQLite(t), postbox.Options{})
		w.reads(lang, "Europe/Berlin")
		for i, letter := range everyLetter(hostile) {
			letter.AccountID = w.alice.ID
			letter.At = noon
			w.must(w.db.PostLetter(t.Context(), letter))
			jobs := w.waiting()
			w.must(w.Send(t.Context(), jobs[0]))
			w.must(w.db.FinishJobs(t.Context(), []community.JobID{jobs[0].ID}, noon))
			m, err := w.box.Letters()[i].Read()
			w.must(err)
			if m.Header.Get("Content-Language") != lang || !strings.Contains(m.HTML, `<html lang="`+lang+`"`) || m.Header.Get("Bcc") != "" {
				t.Errorf("%s in %s says of itself %q", letter.Kind, lang, m.Header)
			}
			text := strings.Join(strings.Fields(m.Text), " ")
			if strings.Contains(text, "<script") != strings.Contains(text, clean) || strings.Contains(m.HTML, "<script") {
				t.Errorf("%s in %s says\n%s\n%s", letter.Kind, lang, m.Text, m.HTML)
			}
			for _, form := range []string{m.Subject, text, m.HTML} {
				form = strings.ReplaceAll(form, "{{.Host}}", "")
				if form == "" || strings.Contains(form, "<no value>") || strings.Contains(form, "{{") || strings.ContainsAny(form, "\u202e\u2066\x00") {
					t.Errorf("%s in %s says\n%s", letter.Kind, lang, form)
				}
			}
			body, _, _ := strings.Cut(text, " -- ")
			if other := bodies[body]; other != "" && other != lang {
				t.Errorf("%s is in %s what it is in %s:\n%s", letter.Kind, lang, other, body)
			}
			bodies[body] = lang
			if m.Link() != "" && !strings.Contains(m.HTML, "<br><a") {
				t.Errorf("%s in %s does not say what to do without the button", letter.Kind, lang)
			}
		}
	}
}

// The language that somebody knows best decides, the clock on their wall, and
// that it is the next day there already.
func TestWhoReadsALetter(t *testing.T) {
	late := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	for _, test := range []struct{ languages, zone, lang, when, day string }{
		{"", "", "en", "31 December 2026, 23:30 (UTC)", "31 December 2026"},
		{"de fr", "Europe/Berlin", "de", "1. Januar 2027 um 00:30 Uhr (Europe/Berlin)", "1. Januar 2027"},
		{"de-CH", "America/New_York", "de", "31. Dezember 2026 um 18:30 Uhr (America/New_York)", "31. Dezember 2026"},
		{"fr", "Asia/Kathmandu", "fr", "1er janvier 2027 à 05:15 (Asia/Kathmandu)", "1er janvier 2027"},
		{"es-419 en", "", "es", "31 de diciembre de 2026 a las 23:30 (UTC)", "31 de diciembre de 2026"},
		{"ja de", "Asia/Tokyo", "en", "1 January 2027, 08:30 (Asia/Tokyo)", "1 January 2027"},
	} {
		w := newWorld(t, testdb.SQLite(t), postbox.Options{})
		w.clock = late
		w.reads(test.languages, test.zone)
		w.must(w.send(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID, Words: map[string]string{"agent": "2026-12-31T23:30:00Z"}}))
		m := w.got()
		text := strings.Join(strings.Fields(m.Text), " ")
		if m.Header.Get("Content-Language") != test.lang || !strings.Contains(text, test.when) || !strings.Contains(text, "2026-12-31T23:30:00Z") {
			t.Errorf("%q in %q reads\n%s", test.languages, test.zone, m.Text)
		}
		w.must(w.db.FinishJobs(t.Context(), []community.JobID{w.waiting()[0].ID}, late))
		w.must(w.send(community.Letter{Kind: community.LeavingSoon, AccountID: w.alice.ID, Words: map[string]string{"until": "2026-12-31T23:30:00Z"}}))
		m, err := w.box.Letters()[1].Read()
		w.must(err)
		if text := strings.Join(strings.Fields(m.Text), " "); !strings.Contains(text, test.day) || strings.Contains(text, "T23:30") {
			t.Errorf("%q in %q reads\n%s", test.languages, test.zone, m.Text)
		}
	}
}

// What is posted in somebody's quiet hours is due when they end, and so is
// what is tried again; what is about safety is due at once.
func TestLettersWaitForTheMorning(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, postbox.Options{Answer: func(line string) string {
			if strings.HasPrefix(line, "RCPT") {
				return "451 4.3.0 not now"
			}
			return ""
		}})
		w.must(db.SaveProfile(t.Context(), &community.Profile{
			ActorID: w.alice.ActorID, Zone: "Europe/Berlin", QuietFrom: 12 * 60, QuietTo: 16 * 60, UpdatedAt: noon, // 10 to 14 UTC
		}))
		role := community.Letter{Kind: community.RoleDecided, AccountID: w.alice.ID, Words: map[string]string{"what": string(community.RoleGiven), "role": "Gardener"}}
		end := noon.Add(2 * time.Hour)
		if jobs := w.post(role); len(jobs) != 1 || !jobs[0].RunAt.Equal(end) {
			t.Fatalf("waiting: %+v", jobs)
		}
		job := w.waiting()[0]
		job.Attempts = 8
		w.must(w.Send(t.Context(), job))
		w.must(db.FinishJobs(t.Context(), []community.JobID{job.ID}, noon))
		if jobs := w.waiting(); len(jobs) != 1 || !jobs[0].RunAt.Equal(end) {
			t.Errorf("tried again: %+v", jobs)
		}
		w.must(db.FinishJobs(t.Context(), []community.JobID{w.waiting()[0].ID}, noon))
		if jobs := w.post(community.Letter{Kind: community.NewSignIn, AccountID: w.alice.ID}); len(jobs) != 1 || !jobs[0].RunAt.Equal(noon) {
			t.Errorf("waiting: %+v", jobs)
		}
	})
}
