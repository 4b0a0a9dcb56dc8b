package federation

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestWebFinger(t *testing.T) {
	tests := []struct {
		name, resource string
		status         int
		golden         string
	}{
		{"a person", "acct:alice@home.test", 200, "webfinger_person"},
		{"written otherwise", "acct:ALICE@Home.Test", 200, "webfinger_person"},
		{"without acct:", "alice@home.test", 200, "webfinger_person"},
		{"as people write it", "@alice@home.test", 200, "webfinger_person"},
		{"by id", "https://home.test/u/alice", 200, "webfinger_person"},
		{"a group", "acct:garden@home.test", 200, "webfinger_group"},
		{"a group by id", "https://home.test/c/garden", 200, "webfinger_group"},
		{"the instance", "https://home.test/", 200, "webfinger_instance"},
		{"the instance without a slash", "https://home.test", 200, "webfinger_instance"},
		{"the instance by name", "acct:home.test@home.test", 200, "webfinger_instance"},
		{"nobody", "acct:nobody@home.test", 404, ""},
		{"somebody elsewhere", "acct:mia@masto.test", 404, ""},
		{"the id of somebody elsewhere", "https://masto.test/users/mia", 404, ""},
		{"an id of the wrong kind", "https://home.test/c/alice", 404, ""},
		{"a post", "https://home.test/post/7", 404, ""},
		{"somebody deleted", "acct:left@home.test", 410, ""},
		{"no host", "acct:alice", 404, ""},
		{"another scheme", "mailto:alice@home.test", 404, ""},
		{"nothing", "", 400, ""},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		for _, test := range tests {
			resp := request(t, s, http.MethodGet, "/.well-known/webfinger?resource="+url.QueryEscape(test.resource), "Accept: */*")
			if resp.Code != test.status {
				t.Errorf("%s: %d", test.name, resp.Code)
				continue
			}
			if resp.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: pages elsewhere may not ask", test.name)
			}
			if test.golden != "" {
				if kind := resp.Header().Get("Content-Type"); kind != "application/jrd+json" {
					t.Errorf("%s: %s", test.name, kind)
				}
				golden(t, test.golden, resp.Body.Bytes())
			}
		}
	})
}

// Mastodon takes the first self link, Lemmy tries the last one first: there
// must be one, and it must lead to an actor that leads back.
func TestWebFingerLeadsBack(t *testing.T) {
	s := outWorld(t, testdb.SQLite(t))
	for _, name := range []string{"alice", "garden", "robot", "home.test"} {
		var answer descriptor
		resp := request(t, s, http.MethodGet, "/.well-known/webfinger?rel=self&resource=acct:"+name+"@home.test")
		if err := json.Unmarshal(resp.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if len(answer.Links) != 1 || answer.Links[0].Rel != "self" {
			t.Fatalf("%s has links %+v", name, answer.Links)
		}
		var actor struct{ ID, PreferredUsername, WebFinger string }
		path := strings.TrimPrefix(answer.Links[0].Href, "https://home.test")
		if err := json.Unmarshal(request(t, s, http.MethodGet, path).Body.Bytes(), &actor); err != nil {
			t.Fatal(err)
		}
		if actor.ID != answer.Links[0].Href || "acct:"+actor.PreferredUsername+"@home.test" != answer.Subject || "acct:"+actor.WebFinger != answer.Subject {
			t.Errorf("%s leads to %+v", answer.Subject, actor)
		}
	}
}

func TestHostMeta(t *testing.T) {
	s := outServer(t, testdb.SQLite(t))
	const want = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">` +
		`<Link rel="lrdd" type="application/jrd+json" template="https://home.test/.well-known/webfinger?resource={uri}"></Link></XRD>`
	resp := request(t, s, http.MethodGet, "/.well-known/host-meta", "Accept: application/xrd+xml, application/xml, text/xml")
	if got := resp.Body.String(); got != want || !strings.HasPrefix(resp.Header().Get("Content-Type"), "application/xrd+xml") {
		t.Errorf("%s: %s", resp.Header().Get("Content-Type"), got)
	}
	for path, accept := range map[string]string{"/.well-known/host-meta.json": "*/*", "/.well-known/host-meta": "application/json"} {
		golden(t, "host_meta", request(t, s, http.MethodGet, path, "Accept: "+accept).Body.Bytes())
	}
}

func TestNodeInfo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		golden(t, "nodeinfo_links", request(t, s, http.MethodGet, "/.well-known/nodeinfo").Body.Bytes())
		golden(t, "nodeinfo_2.1", request(t, s, http.MethodGet, "/nodeinfo/2.1").Body.Bytes())
		resp := request(t, s, http.MethodGet, "/nodeinfo/2.0")
		golden(t, "nodeinfo_2.0", resp.Body.Bytes())
		if kind := resp.Header().Get("Content-Type"); kind != `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.0#"` {
			t.Errorf("Content-Type %q", kind)
		}
		if resp := request(t, s, http.MethodGet, "/nodeinfo/3.0"); resp.Code != http.StatusNotFound {
			t.Errorf("an unknown version: %d", resp.Code)
		}
	})
}

func TestNodeInfoCountsNowAndThen(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	now := noon
	s.Now = func() time.Time { return now }
	people := func() int64 {
		c, err := s.usage.get(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return c.people
	}
	before := people()
	testdb.Add(t, db, ownTestActor(199, community.Person, "u", "new", ""))
	if people() != before {
		t.Error("counted again at once")
	}
	now = now.Add(countAgain)
	if people() != before+1 {
		t.Error("not counted again")
	}
}
