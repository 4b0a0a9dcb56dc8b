package portability_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/service/portability"
)

func upload(name, text string) portability.Upload {
	return portability.Upload{Name: name, Body: strings.NewReader(text), Size: int64(len(text))}
}

// zipped is an archive of files: a name, its content, and so on.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// line is what a test wants to see of a line.
func line(l *community.ImportLine) string {
	text := fmt.Sprintf("%s:%d %s %s", l.File, l.Line, l.Kind, l.Target)
	if l.Detail != "" {
		text += " (" + l.Detail + ")"
	}
	if l.Host != "" {
		text += " at " + l.Host
	}
	if l.Outcome != "" {
		text += " " + string(l.Outcome)
	}
	return text
}

func TestReading(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{
			"Mastodon's list of accounts", "following_accounts.csv", "Account address,Show boosts,Notify on new posts,Languages\ngolang@lemmy.example,true,false,\n\"eve@m.example\",false,true,\"de, en\"\n",
			[]string{"following_accounts.csv:2 follow golang@lemmy.example at lemmy.example", "following_accounts.csv:3 follow eve@m.example at m.example"},
		},
		{
			"with a mark at its beginning, other line ends, and under another name", "my list.csv", "\ufeffAccount address,Show boosts\r\n@eve@m.example,true\r\n",
			[]string{"my list.csv:2 follow @eve@m.example at m.example"},
		},
		{
			"blocked accounts have no header", "blocked_accounts.csv", "eve@m.example\nbob@home.test\n",
			[]string{"blocked_accounts.csv:1 block eve@m.example at m.example", "blocked_accounts.csv:2 block bob@home.test"},
		},
		{"muted accounts", "mutes.csv", "Account address,Hide notifications\neve@m.example,true\n", []string{"mutes.csv:2 mute eve@m.example at m.example"}},
		{
			"servers", "blocked_domains.csv", "Bad.Example\nnot a server\n",
			[]string{"blocked_domains.csv:1 server bad.example", "blocked_domains.csv:2 server not a server failed"},
		},
		{"lists", "lists.csv", "Green,garden@l.example\n", []string{"lists.csv:1 list garden@l.example (Green) at l.example"}},
		{"bookmarks", "bookmarks.csv", "https://m.example/1\n", []string{"bookmarks.csv:1 saved https://m.example/1 at m.example"}},
		{
			"our groups", "groups.csv", "Group address,Role,State,Since,URL\ngarden@l.example,member,accepted,2026-11-23T12:00:00Z,https://l.example/c/garden\n",
			[]string{"groups.csv:2 join garden@l.example (https://l.example/c/garden) at l.example"},
		},
		{
			"what is no address", "follows.csv", "Account address,Show boosts\neve@@m,true\njavascript://x,true\neve@m.example/..,true\n",
			[]string{"follows.csv:2 follow eve@@m failed", "follows.csv:3 follow javascript://x failed", "follows.csv:4 follow eve@m.example/.. failed"},
		},
		{
			"Lemmy 0.19", "settings.json", `{"display_name":"Eve","bio":null,"settings":{"id":3},"followed_communities":["https://l.example/c/a"],"blocked_communities":["https://l.example/c/b"],"blocked_users":["https://l.example/u/x"],"blocked_instances":["bad.example"],"saved_comments":["https://l.example/comment/1"]}`,
			[]string{
				"settings.json:0 profile title (Eve)", "settings.json:0 join https://l.example/c/a at l.example", "settings.json:0 hide https://l.example/c/b at l.example",
				"settings.json:0 block https://l.example/u/x at l.example", "settings.json:0 server bad.example", "settings.json:0 saved https://l.example/comment/1 at l.example",
			},
		},
		{
			"Lemmy 1.0", "settings.json", `{"followed_communities":[],"blocked_instances_communities":["a.example"],"blocked_instances_persons":["a.example","b.example"],"blocking_keywords":["spam"]}`,
			[]string{"settings.json:0 server a.example", "settings.json:0 server b.example", "settings.json:0 word spam"},
		},
		{
			"what is kept away", "blocks.json", `[{"kind":"person","mute":true,"target":"https://l.example/u/x","note":"why"},{"kind":"words","words":"a b","places":3}]`,
			[]string{`blocks.json:0 mute https://l.example/u/x ({"kind":"person","mute":true,"note":"why"}) at l.example`, `blocks.json:0 word a b ({"kind":"words","mute":false,"places":3})`},
		},
		{
			"an archive", "all.zip", zipped(t, "following_accounts.csv", "Account address,Show boosts\na@m.example,true\n", "lists/feeds.csv", "List name,Account address\nX,b@l.example\n",
				"outbox.json", "{}", "settings.json", `{"title":"T","messages_from":"known"}`, "lemmy_settings.json", `{"display_name":"T","followed_communities":[]}`),
			[]string{
				"following_accounts.csv:2 follow a@m.example at m.example", "lists/feeds.csv:2 list b@l.example (X) at l.example", "settings.json:0 profile title (T)",
				"settings.json:0 profile discoverable (false)", "settings.json:0 profile indexable (false)", "settings.json:0 profile messages_from (known)",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines, err := portability.Read("home.test", []portability.Upload{upload(test.file, test.text)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lines {
				got = append(got, line(l))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotRead(t *testing.T) {
	const header = "Account address,Show boosts\n"
	bomb := zipped(t, "following_accounts.csv", strings.Repeat("a", 21<<20))
	tests := []struct {
		name, file, text string
		code             fault.Code
		says             string
	}{
		{"nothing", "follows.csv", "", fault.Invalid, "nothing"},
		{"only a header", "follows.csv", header, fault.Invalid, "nothing"},
		{"another list", "shopping.csv", "milk,2\n", fault.Invalid, "shopping.csv: we cannot tell"},
		{"another alphabet", "follows.csv", header + "\xe4\xf6\xfc@m.example,true\n", fault.Invalid, "follows.csv, line 2: it is not text in UTF-8"},
		{"UTF-16", "follows.csv", "\xff\xfeA\x00c\x00", fault.Invalid, "follows.csv, line 1"},
		{"NUL", "follows.csv", header + "a@m.example,true\na\x00b@m.example,true\n", fault.Invalid, "follows.csv, line 3"},
		{"broken quotes", "follows.csv", header + "\"a@m.example,true\n", fault.Invalid, "follows.csv, line"},
		{"a long value", "follows.csv", header + strings.Repeat("a", 10_000) + "@m.example,true\n", fault.Invalid, "follows.csv, line 2: a value is longer"},
		{"no value", "follows.csv", header + ",true\n", fault.Invalid, "follows.csv, line 2: there is nothing under \"Account address\""},
		{"too many lines", "follows.csv", header + strings.Repeat("a@m.example,true\n", 20_001), fault.TooLarge, "20000"},
		{"a large file", "follows.csv", strings.Repeat("a", 21<<20), fault.TooLarge, "20 MB"},
		{"broken JSON", "settings.json", "{\n\"followed_communities\": [,]}", fault.Invalid, "settings.json, line 2: it is not written as JSON"},
		{"other JSON", "package.json", `{"name":"x"}`, fault.Invalid, "package.json: we cannot tell"},
		{"JSON of other kinds", "settings.json", `{"followed_communities":{"a":1}}`, fault.Invalid, "settings.json: a value in it is of another kind"},
		{"deep JSON", "settings.json", strings.Repeat(`{"a":`, 100_000), fault.Invalid, "settings.json"},
		{"NUL as JSON spells it", "settings.json", `{"display_name":"a\u0000b","followed_communities":[]}`, fault.Invalid, "settings.json: there are characters"},
		{"what is kept away in a new way", "blocks.json", `[{"kind":"planet"}]`, fault.Invalid, "entry 1"},
		{"a bomb", "all.zip", bomb, fault.TooLarge, "unpacked"},
		{"a way out", "all.zip", zipped(t, "../../etc/groups.csv", "x"), fault.Invalid, "leads out of it"},
		{"a way from the root", "all.zip", zipped(t, "/etc/groups.csv", "x"), fault.Invalid, "leads out of it"},
		{"a way on Windows", "all.zip", zipped(t, `..\groups.csv`, "x"), fault.Invalid, "leads out of it"},
		{"half an archive", "all.zip", zipped(t, "groups.csv", "x")[:40], fault.Invalid, "all.zip: it looks like a ZIP, but it is damaged"},
		{"an archive in an archive", "all.zip", zipped(t, "inner.csv", bomb), fault.Invalid, "inner.csv"},
		{"a name that misleads", "\u202egnp.csv\x00", "x", fault.Invalid, "gnp.csv:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := portability.Read("home.test", []portability.Upload{upload(test.file, test.text)})
			got, ok := fault.As(err)
			if !ok || got.Code != test.code || !strings.Contains(got.Message, test.says) {
				t.Errorf("Read = %v, want %s with %q", err, test.code, test.says)
			}
			if ok && test.code == fault.Invalid && got.Field != "files" {
				t.Errorf("the field is %q", got.Field)
			}
		})
	}
}

// Archives of many small files that unpack to much are refused as well.
func TestABombInPieces(t *testing.T) {
	var files []string
	for i := range 8 {
		files = append(files, fmt.Sprintf("%d/blocked_domains.csv", i), strings.Repeat(strings.Repeat("a", 1000)+".example\n", 10_000))
	}
	_, err := portability.Read("home.test", []portability.Upload{upload("all.zip", zipped(t, files...))})
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("Read = %v", err)
	}
}

// FuzzRead reads what strangers give as lists. Nothing that is read holds what
// a database would choke on, and what is refused is refused in words.
func FuzzRead(f *testing.F) {
	f.Add("following_accounts.csv", "Account address,Show boosts\na@m.example,true\n")
	f.Add("lists.csv", "\"Green, or \"\"so\"\"\",garden@l.example\n")
	f.Add("settings.json", `{"followed_communities":["https://l.example/c/a"],"display_name":"x"}`)
	f.Add("settings.json", `{"messages_from":"known","follows_feeds":["https://a.example/f/x"]}`)
	f.Add("all.zip", zipped(f, "groups.csv", "Group address,URL\na@l.example,https://l.example/c/a\n", "lists/feeds.csv", "X,b@l.example\n"))
	f.Fuzz(func(t *testing.T, name, text string) {
		lines, err := portability.Read("home.test", []portability.Upload{upload(name, text)})
		if err != nil {
			coded, ok := fault.As(err)
			if !ok || coded.Code != fault.Invalid && coded.Code != fault.TooLarge {
				t.Errorf("it is refused as %v", err)
			}
			if !utf8.ValidString(coded.Message) || strings.ContainsRune(coded.Message, 0) {
				t.Errorf("it is refused in %q", coded.Message)
			}
			return
		}
		for _, l := range lines {
			for _, text := range []string{l.File, l.Target, l.Detail, l.Host, l.Reason} {
				if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
					t.Errorf("line %+v holds what is no text", l)
				}
			}
			if l.Kind == "" || l.Target == "" {
				t.Errorf("line %+v asks for nothing", l)
			}
			if _, err := json.Marshal(l); err != nil {
				t.Error(err)
			}
		}
	})
}
