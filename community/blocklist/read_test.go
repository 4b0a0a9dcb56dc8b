package blocklist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/fault"
)

// said is a row as a line: what it is about, what it asks for, what becomes of
// it.
func said(r Row) string {
	words := []string{r.Key}
	if r.Key == "" {
		words[0] = "(" + r.Raw + ")"
	}
	if r.Kind != Domain {
		words[0] = string(r.Kind) + " " + words[0]
	}
	if r.Level != NoLevel {
		words = append(words, r.Level.String())
	}
	for _, l := range r.Limits {
		words = append(words, string(l))
	}
	if r.Change != "" {
		words = append(words, string(r.Change))
	}
	words = append(words, string(r.Verdict))
	if r.Reason != "" {
		words = append(words, string(r.Reason))
	}
	return strings.Join(words, " ")
}

func digestOf(host string) string {
	sum := sha256.Sum256([]byte(host))
	return hex.EncodeToString(sum[:])
}

var ground = NewGround([]string{"wall.drystone.social", "media.drystone.social"}, []string{"friends.social"}, []string{"hidden.social"})

const silence = "filter auto-unlisted prevent-trending"

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		list   string
		format Format
		how    Reading
		want   []string
	}{
		"Mastodon's export": {
			"#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n" +
				"bad.social,suspend,true,TRUE,\"spam,\nand more\",false\n" +
				"loud.social,silence,False,false,,\n" +
				"films.social,noop,true,false,,false\n" +
				"reports.social,silence,true,true,,true\n" +
				"fine.social,noop,false,false,,false\n",
			CSV,
			Reading{},
			[]string{
				"bad.social drop accepted", "loud.social " + silence + " accepted", "films.social filter reject-media accepted",
				"reports.social filter auto-unlisted ignore-reports prevent-trending reject-media accepted", "fine.social rejected no_opinion",
			},
		},
		"columns in another order, with a byte order mark and CRLF": {
			"\xEF\xBB\xBFseverity,private_comment,domain,obfuscate\r\nSuspend,\"ask, \"\"Eve\"\"\",bad.social,t\r\nsilence,,loud.social,0\r\n",
			CSV,
			Reading{},
			[]string{"bad.social drop accepted", "loud.social " + silence + " accepted"},
		},
		"four columns": {
			"domain,severity,public_comment,reject_media\nbad.social,suspend,,\nworse.social,suspend,x\n",
			CSV,
			Reading{},
			[]string{"bad.social drop accepted", "worse.social drop accepted"},
		},
		"what nobody understands": {
			"domain,severity,obfuscate\nbad.social,annihilate,false\nodd.social,suspend,perhaps\nloud.social,,\nmany.social,suspend,false,extra,cells\nbroken.social,\"suspend\n",
			CSV,
			Reading{},
			[]string{
				"bad.social held unknown_severity", "odd.social drop held unknown_value", "loud.social held unknown_severity",
				"(many.social) rejected malformed", "(broken.social,\"suspend) rejected malformed",
			},
		},
		"a quote that nobody closed": {
			"domain,severity,comment\nbad.social,suspend,\"spam\nworse.social,suspend,\"a, \"\"b\"\"\"\n\nlast.social,silence,\n",
			CSV,
			Reading{},
			[]string{"(bad.social,suspend,\"spam) rejected malformed", "worse.social drop accepted", "last.social " + silence + " accepted"},
		},
		"names only, under a header": {"#domain\nbad.social\ndomain\n", CSV, Reading{}, []string{"bad.social drop accepted", "(domain) drop rejected single_label"}},
		"no severities":              {"domain,comment\nbad.social,x\n", CSV, Reading{}, []string{"bad.social held unknown_severity"}},
		"a plain list": {
			"# remarks\nbad.social\n\nsub.bad.social\nwall.drystone.social\ndrystone.social\nfriends.social\nx.friends.social\ndni.canary.invalid\n",
			Plain,
			Reading{Ground: ground},
			[]string{
				"bad.social drop accepted", "sub.bad.social drop accepted", "wall.drystone.social drop held ours", "drystone.social drop held ours",
				"friends.social drop held excluded", "x.friends.social drop accepted", "(dni.canary.invalid) drop rejected canary",
			},
		},
		"a plain list that silences": {"loud.social\n", Plain, Reading{Means: Filter}, []string{"loud.social filter accepted"}},
		"a table without a header":   {"bad.social,suspend\n", Plain, Reading{}, []string{"bad.social held unknown_severity"}},
		"what is said twice": {
			"domain,severity\nbad.social,suspend\nBAD.social,suspend\nbad.social,silence\n",
			CSV,
			Reading{},
			[]string{"bad.social drop accepted", "bad.social drop rejected repeated", "bad.social " + silence + " held contradicts"},
		},
		"canaries": {
			"domain,severity,public_comment\ndni.invalid,suspend,iftas:canary\nbird.social,suspend,iftas:spam;iftas:canary\n",
			CSV,
			Reading{},
			[]string{"(dni.invalid) drop rejected canary", "bird.social drop rejected canary"},
		},
		"Mastodon's public list": {
			`[{"domain":"bad.social","digest":"` + digestOf("bad.social") + `","severity":"suspend","comment":"spam"},
			  {"domain":"hi**en.social","digest":"` + digestOf("hidden.social") + `","severity":"silence"},
			  {"domain":"un*nown.social","digest":"` + digestOf("unknown.social") + `","severity":"suspend"},
			  {"domain":"odd.social","digest":"x","severity":"shun"}, 7, {"digest":"y","severity":"suspend"}]`,
			MastodonAPI,
			Reading{Ground: ground},
			[]string{
				"bad.social drop accepted", "hidden.social " + silence + " accepted", "(un*nown.social) drop held starred",
				"odd.social held unknown_severity", "(7) rejected malformed", "() drop rejected empty",
			},
		},
		"GoToSocial's export": {
			`[{"domain":"bad.social","suspended_at":"2026-01-02T03:04:05.000Z","comment":"x"},{"domain":"worse.social","suspended_at":"2026-01-02T03:04:05.000Z"}]`,
			GoToSocial,
			Reading{},
			[]string{"bad.social drop accepted", "worse.social drop accepted"},
		},
		"an array of names": {`["bad.social", 5, "worse.social"]`, Plain, Reading{}, []string{"bad.social drop accepted", "(5) drop rejected malformed", "worse.social drop accepted"}},
		"PieFed's export": {
			`{"banned_instances":["bad.social"],"allowed_instances":["good.social"],"banned_domains":["ads.shop"],
			  "banned_tags":[{"name":"Spam","display_as":"Spam"}],"banned_users":["https://bad.social/u/eve"]}`,
			PieFed,
			Reading{},
			[]string{
				"bad.social drop accepted", "good.social accept accepted", "linkDomain ads.shop reject accepted", "hashtag spam reject accepted",
				"actor https://bad.social/u/eve reject accepted",
			},
		},
		"Lemmy's servers": {
			`{"federated_instances":{"linked":[{"domain":"fine.social"}],"allowed":[],"blocked":[{"id":1,"domain":"bad.social"}]}}`,
			Lemmy,
			Reading{},
			[]string{"bad.social drop accepted"},
		},
		"Mbin's servers": {`{"instances":["bad.social","www.odd.social"]}`, Mbin, Reading{}, []string{"bad.social drop accepted", "www.odd.social drop accepted"}},
		"Fediseer's censures": {
			`{"instances":[{"domain":"bad.social","censure_reasons":["spam"],"censure_evidence":["https://a.social/1"]}],"total":1}`,
			Fediseer,
			Reading{},
			[]string{"bad.social reject accepted"},
		},
		"Fediseer's hesitations": {`{"domains":["odd.social"]}`, Fediseer, Reading{Means: Filter}, []string{"odd.social filter accepted"}},
		"RapidBlock": {
			`{"@spec":"x","publishedAt":"2022-01-01T00:00:00Z","blocks":{"bad.social":{"isBlocked":true,"reason":"x","tags":["spam"]},"was.social":{"isBlocked":false}}}`,
			RapidBlock,
			Reading{},
			[]string{"bad.social drop accepted", "was.social rejected no_opinion"},
		},
		"Matrix's rules": {
			`[{"type":"m.policy.rule.server","state_key":"a","content":{"entity":"bad.social","recommendation":"m.ban","reason":"x"}},
			  {"type":"m.policy.rule.server","state_key":"b","content":{"entity":"*.bad.social","recommendation":"m.ban"}},
			  {"type":"m.policy.rule.user","state_key":"c","content":{"entity":"@eve:bad.social","recommendation":"m.ban"}},
			  {"type":"m.policy.rule.server","state_key":"gone.social","content":{}},
			  {"type":"m.policy.rule.server","state_key":"e","content":{"entity":"odd.social","recommendation":"org.opt"}}]`,
			Policy,
			Reading{},
			[]string{
				"bad.social drop accepted", "(*.bad.social) drop held starred", "(@eve:bad.social) rejected unsupported", "(gone.social) rejected no_opinion",
				"odd.social held unknown_severity",
			},
		},
		"FIRES's changes": {
			`{"type":"OrderedCollectionPage","next":"https://f.social/changes?since=1","orderedItems":[
			  {"id":"1","type":"Recommendation","entityKind":"domain","entityKey":"bad.social","recommendedPolicy":"drop","labels":["https://f.social/labels/spam"]},
			  {"id":"2","type":"Recommendation","entityKind":"Domain","entityKey":"loud.social","recommendedPolicy":"filter","recommendedFilters":["https://f.social/f#reject-media"]},
			  {"id":"3","type":"Recommendation","entityKind":"domain","entityKey":"odd.social","recommendedPolicy":"shun"},
			  {"id":"4","type":"Advisory","entityKind":"actor","entityKey":"https://bad.social/u/eve","labels":[{"id":"https://f.social/labels/bot"}]},
			  {"id":"5","type":"Retraction","entityKind":"domain","entityKey":"bad.social"},
			  {"id":"6","type":"Tombstone"}, {"type":"Tombstone"},
			  {"id":"7","type":"Opinion","entityKind":"domain","entityKey":"bad.social"},
			  {"id":"8","type":"Recommendation","entityKind":"weather","entityKey":"rain","recommendedPolicy":"drop"},
			  {"id":"9","type":"Recommendation","entityKind":"domain","entityKey":"bad.social","recommendedPolicy":"accept"}]}`,
			FIRES,
			Reading{},
			[]string{
				"bad.social drop Recommendation accepted", "loud.social filter reject-media Recommendation accepted", "odd.social Recommendation held unknown_severity",
				"actor https://bad.social/u/eve label Advisory accepted", "bad.social Retraction accepted", "() Tombstone accepted", "() Tombstone rejected malformed",
				"(bad.social) Opinion rejected unsupported", "(rain) Recommendation rejected unsupported", "bad.social accept Recommendation accepted",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := Read([]byte(c.list), c.how)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range list.Rows {
				got = append(got, said(r))
			}
			if diff := cmp.Diff(c.want, got); diff != "" || list.Format != c.format {
				t.Errorf("%s, want %s; rows (-want +got):\n%s", list.Format, c.format, diff)
			}
		})
	}
}

func TestReadKeepsWhatRowsSay(t *testing.T) {
	list, err := Read([]byte("#domain,#severity,#public_comment,#private_comment\nbad.social,suspend,iftas:spam;iftas:hate,ask Eve\n\"two\nlines.social\",suspend,,\nlast.social,suspend,x,\n"), Reading{})
	if err != nil {
		t.Fatal(err)
	}
	first, last := list.Rows[0], list.Rows[2]
	if first.Comment != "iftas:spam;iftas:hate" || first.Private != "ask Eve" || !cmp.Equal(first.Labels, []string{"iftas:spam", "iftas:hate"}) || first.Number != 2 || last.Number != 5 {
		t.Errorf("rows = %+v", list.Rows)
	}
	if list.Count(Accepted) != 2 || list.Count(Rejected) != 1 || list.Count(Held) != 0 {
		t.Errorf("%+v", list.Rows)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		list string
		code fault.Code
	}{
		"nothing":                  {"", fault.Invalid},
		"white space":              {" \n\t", fault.Invalid},
		"a web page":               {"<!doctype html><p>bad.social</p>", fault.Invalid},
		"no text":                  {"bad.social\n\xff\xfe", fault.Invalid},
		"JSON that ends too early": {`[{"domain":"bad.social","severity":"sus`, fault.Invalid},
		"an object of anything":    {`{"error":"Not found"}`, fault.Invalid},
		"a list of numbers":        {`[1,2]`, fault.Invalid},
		"remarks only":             {"# nothing\n", fault.Invalid},
		"too much":                 {strings.Repeat(" ", MaxBytes+1), fault.TooLarge},
		"too many":                 {strings.Repeat("a.social\n", MaxRows+1), fault.TooLarge},
	} {
		list, err := Read([]byte(c.list), Reading{})
		if fault.CodeOf(err) != c.code || list != nil {
			t.Errorf("%s: %v, %v; want %s", name, list, err, c.code)
		}
	}
}

// Whatever a list is, every row of it has a verdict, one that does not count
// has a reason that is known, and one that counts has a name and a level.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"#domain,#severity\nbad.social,suspend\n", "bad.social\n*.x.social\n", `[{"domain":"bad.social","severity":"silence","digest":"x"}]`,
		`{"banned_tags":[{"name":"x"}],"banned_users":[1,null,{}]}`, `{"type":"Collection","orderedItems":[{"type":"Tombstone","id":"1"},[]]}`,
		`{"federated_instances":{"blocked":[{"domain":null}]}}`, `{"blocks":{"a":null},"@spec":1}`, `{"instances":[{"domain":5}]}`, `[{"type":"m.policy.rule.server"}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := Read(content, Reading{Ground: ground})
		if err != nil {
			return
		}
		for _, r := range list.Rows {
			switch {
			case r.Verdict != Accepted && r.Reason.Says() == "":
				t.Fatalf("no reason for %+v", r)
			case r.Verdict == Accepted && r.Reason != "":
				t.Fatalf("accepted with a reason: %+v", r)
			case r.Verdict == Accepted && r.Change != Buries && r.Change != Retracts && r.Change != Advises && (r.Key == "" || r.Level == NoLevel):
				t.Fatalf("accepted without a name or level: %+v", r)
			case r.Kind == Domain && r.Verdict == Accepted && r.Key != "" && ground.Forbids(r.Key) != "":
				t.Fatalf("accepted about us: %+v", r)
			}
		}
		if n := list.Count(Accepted) + list.Count(Held) + list.Count(Rejected); n != len(list.Rows) {
			t.Fatalf("%d of %d rows have a verdict", n, len(list.Rows))
		}
	})
}

func TestCompare(t *testing.T) {
	state := func(from, to, canaries int) Snapshot {
		s := Snapshot{Keys: map[string]bool{}, Canaries: canaries}
		for i := from; i < to; i++ {
			s.Keys[fmt.Sprint(i)] = true
		}
		return s
	}
	for name, c := range map[string]struct {
		last, next Snapshot
		want       Difference
	}{
		"the first time":                 {Snapshot{}, state(0, 5000, 1), Difference{Came: 5000}},
		"nothing new":                    {state(0, 100, 1), state(0, 100, 1), Difference{}},
		"a list that was emptied":        {state(0, 34, 0), state(0, 0, 0), Difference{Gone: 34, Trip: Emptied}},
		"a canary that is gone":          {state(0, 100, 1), state(0, 100, 0), Difference{Trip: CanaryGone}},
		"four of twenty are gone":        {state(0, 20, 0), state(4, 20, 0), Difference{Gone: 4}},
		"five of a hundred are gone":     {state(0, 100, 0), state(5, 100, 0), Difference{Gone: 5, Trip: Shrunk}},
		"five of a thousand are gone":    {state(0, 1000, 0), state(5, 1000, 0), Difference{Gone: 5}},
		"some gone and some new":         {state(0, 1000, 0), state(9, 1010, 0), Difference{Gone: 9, Came: 10}},
		"twenty-five more than ten":      {state(0, 10, 0), state(0, 35, 0), Difference{Came: 25}},
		"twenty-six more than ten":       {state(0, 10, 0), state(0, 36, 0), Difference{Came: 26, Trip: Burst}},
		"a quarter more than a thousand": {state(0, 1000, 0), state(0, 1250, 0), Difference{Came: 250}},
		"and one":                        {state(0, 1000, 0), state(0, 1251, 0), Difference{Came: 251, Trip: Burst}},
	} {
		if got := Compare(c.last, c.next); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
