package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInspectABlocklist(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.csv")
	list := "#domain,#severity\nBad.social,suspend\nb\u200bad.social,suspend\nwall.drystone.social,suspend\ncdn.shop,silence\n"
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DRYSTONE_HOST": "wall.drystone.social", "DRYSTONE_DATABASE": "sqlite:/nowhere/at/all.db"}
	code, out, errs := command(t, env, "", "blocklist", "inspect", "--json", "--own", "cdn.shop", file)
	if code != 0 {
		t.Fatal(code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	want := []string{
		`{"row":2,"raw":"Bad.social","kind":"domain","key":"bad.social","level":"drop","verdict":"accepted","reason":""}`,
		"{\"row\":3,\"raw\":\"b\u200bad.social\",\"kind\":\"domain\",\"key\":\"bad.social\",\"level\":\"drop\",\"verdict\":\"held\",\"reason\":\"hidden_characters\"}",
		`{"row":4,"raw":"wall.drystone.social","kind":"domain","key":"wall.drystone.social","level":"drop","verdict":"held","reason":"ours"}`,
		`{"row":5,"raw":"cdn.shop","kind":"domain","key":"cdn.shop","level":"filter","limits":["auto-unlisted","prevent-trending"],"verdict":"held","reason":"ours"}`,
	}
	for i, line := range want {
		if lines[i] != line {
			t.Errorf("line %d = %s\nwant %s", i, lines[i], line)
		}
	}
	var counts inspectedList
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &counts); err != nil || counts.Rows != 4 || counts.Accepted != 1 || counts.Held != 3 || counts.Reasons["ours"] != 2 {
		t.Errorf("%+v, %v", counts, err)
	}

	code, out, _ = command(t, env, list, "blocklist", "inspect", "-")
	if code != 0 || !strings.Contains(out, `"b\u200bad.social"`) || !strings.Contains(out, "characters that cannot be seen") || !strings.HasSuffix(out, "4 rows (csv): 2 accepted, 2 held, 0 rejected.\n") {
		t.Errorf("%d %s", code, out)
	}
	for name, args := range map[string][]string{"no such file": {"/nowhere"}, "no such level": {"--means", "shun", file}} {
		if code, _, errs := command(t, env, "", append([]string{"blocklist", "inspect"}, args...)...); code == 0 || errs == "" {
			t.Errorf("%s: %d %q", name, code, errs)
		}
	}
	if code, _, errs := command(t, env, "<html>", "blocklist", "inspect", "-"); code == 0 || !strings.Contains(errs, "web page") {
		t.Errorf("a web page: %d %q", code, errs)
	}
}

func TestDiffOfBlocklists(t *testing.T) {
	before, after := "domain,severity\nbad.social,suspend\nloud.social,silence\nwas.social,suspend\n", filepath.Join(t.TempDir(), "after.csv")
	if err := os.WriteFile(after, []byte("domain,severity\nloud.social,suspend\nbad.social,suspend\nnew.social,suspend\nodd.social,shun\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "~ loud.social  filter auto-unlisted prevent-trending → drop\n+ new.social  drop\n+ odd.social   (held: unknown_severity)\n- was.social  drop\n" +
		"2 came, 1 went. This is an ordinary update.\n"
	if got := must(t, nil, before, "blocklist", "diff", "-", after); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if err := os.WriteFile(after, []byte("domain,severity\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := must(t, nil, before, "blocklist", "diff", "-", after); !strings.Contains(got, "0 came, 3 went. An update to this would be held: nothing is left") {
		t.Error(got)
	}
}
