package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/service/reports"
	"drystone/storage"
)

// onlookers are who may look into a closed group of alice's: nobody in
// particular, somebody who has nothing to do with it, somebody who asks to
// join, a member, the moderator, and the administrator of the server, whose
// powers are no key to other people's conversations.
var onlookers = []string{"nobody", "dave", "erin", "bob", "alice", "ada"}

// lookers are those of them who may.
var lookers = map[community.Visibility][]string{
	community.Private:   {"bob", "alice"},
	community.LocalOnly: {"dave", "erin", "bob", "alice", "ada"},
}

// shows says what an address shows to those who may look into the group: the
// words of its post, of the comment, the name of the group, or none of them.
type shows struct {
	path  string // where the address is not clear from the route
	words []string
	known bool // it names the group itself, which whoever may ask to join knows
}

const (
	postWords    = "Quartz cellar"
	commentWords = "Feldspar answer"
	closedName   = "vault"
)

// readable is what can be read. A route that is missing here fails the test:
// who may see what it shows?
var readable = map[string]shows{
	"/api/v1/me/email":        {},
	"/admin/people":           {},
	"/api/v1/admin/people":    {},
	"/recover":                {},
	"/recover/reset":          {},
	"/verify":                 {},
	"/unsubscribe":            {},
	"/settings/notifications": {},

	"/api/v1/instance":                        {},
	"/api/v1/openapi.json":                    {},
	"/api/v1/groups":                          {path: "/api/v1/groups?q=vault", known: true},
	"/api/v1/complete":                        {path: "/api/v1/complete?q=!vault", known: true},
	"/api/v1/groups/:group":                   {known: true},
	"/api/v1/groups/:group/aliases":           {},
	"/api/v1/groups/:group/posts":             {words: []string{postWords}},
	"/api/v1/groups/:group/requests":          {},
	"/api/v1/groups/:group/responses":         {},
	"/api/v1/questions":                       {path: "/api/v1/questions?want=chosen", words: []string{postWords}},
	"/questions":                              {path: "/questions?want=chosen&view=all", words: []string{postWords}},
	"/api/v1/groups/:group/members":           {},
	"/api/v1/groups/:group/bans":              {},
	"/api/v1/groups/:group/log":               {path: "/api/v1/groups/vault/log", words: []string{postWords}},
	"/api/v1/bans":                            {},
	"/api/v1/admin/peers":                     {},
	"/api/v1/admin/roles":                     {},
	"/api/v1/permissions":                     {},
	"/api/v1/groups/:group/roles":             {path: "/api/v1/groups/vault/roles"},
	"/api/v1/admin/peers/:host":               {path: "/api/v1/admin/peers/peer.example"},
	"/api/v1/feeds":                           {},
	"/api/v1/tags/:tag":                       {path: "/api/v1/tags/vaulted"},
	"/api/v1/tags/:tag/posts":                 {path: "/api/v1/tags/vaulted/posts", words: []string{postWords}},
	"/t/:name":                                {path: "/t/vaulted", words: []string{postWords}},
	"/api/v1/feeds/:feed":                     {path: "/api/v1/feeds/growing@peer.example", known: true},
	"/api/v1/feeds/:feed/posts":               {path: "/api/v1/feeds/growing@peer.example/posts", words: []string{postWords}},
	"/feeds":                                  {},
	"/feeds/new":                              {},
	"/saved":                                  {},
	"/drafts":                                 {},
	"/f/:name":                                {path: "/f/growing@peer.example", words: []string{postWords}, known: true},
	"/api/v1/feed":                            {path: "/api/v1/feed?sort=new", words: []string{postWords}},
	"/api/v1/posts/:id":                       {words: []string{postWords}},
	"/api/v1/posts/:id/history":               {words: []string{postWords}},
	"/api/v1/comments/:id/history":            {words: []string{commentWords}},
	"/api/v1/posts/:id/comments":              {words: []string{commentWords}},
	"/api/v1/posts/:id/comments/new":          {path: "/api/v1/posts/{id}/comments/new?after=0", words: []string{commentWords}},
	"/api/v1/comments/:id":                    {words: []string{postWords, commentWords}},
	"/api/v1/comments/:id/replies":            {path: "/api/v1/comments/{top}/replies", words: []string{commentWords}},
	"/api/v1/people/:person":                  {},
	"/api/v1/people/:person/posts":            {words: []string{postWords}},
	"/api/v1/people/:person/comments":         {words: []string{commentWords}},
	"/api/v1/search":                          {path: "/api/v1/search?q=quartz", words: []string{postWords}},
	"/api/v1/resolve":                         {path: "/api/v1/resolve?q=x"},            // federation's: see its test
	"/api/v1/intent":                          {path: "/api/v1/intent?account=x&uri=y"}, // federation's, and asks only elsewhere
	"/api/v1/me":                              {},
	"/api/v1/me/aliases":                      {},
	"/api/v1/me/export":                       {},
	"/api/v1/me/import":                       {},
	"/api/v1/me/import/lines":                 {},
	"/api/v1/me/export/:archive":              {}, // one's own: see TestArchivesAreForTheirOwners
	"/api/v1/me/blocks":                       {},
	"/api/v1/me/taste":                        {},
	"/api/v1/me/mutes":                        {},
	"/api/v1/notifications":                   {},
	"/api/v1/notifications/unread":            {},
	"/api/v1/me/notices":                      {},
	"/api/v1/me/push":                         {},
	"/api/v1/posts/:id/watch":                 {},
	"/api/v1/groups/:group/watch":             {},
	"/api/v1/stream":                          {}, // see TestWhoHearsNothing
	"/api/v1/conversations":                   {}, // between two people: see TestMessages
	"/api/v1/conversations/:person":           {path: "/api/v1/conversations/bob"},
	"/api/v1/reports":                         {path: "/api/v1/reports?scope=server&state=all"},
	"/api/v1/reports/counts":                  {},
	"/api/v1/reports/:id":                     {path: "/api/v1/reports/1"}, // and see TestClosedReports
	"/api/v1/people/:person/warnings":         {path: "/api/v1/people/bob/warnings"},
	"/api/v1/quotes":                          {}, // of one's own words, by what everybody may read
	"/api/v1/me/identities":                   {},
	"/api/v1/me/apps":                         {},
	"/oauth/authorize":                        {},
	"/.well-known/oauth-authorization-server": {},
	"/.well-known/oauth-protected-resource":   {},
	"/oidc/start":                             {},
	"/oidc/callback":                          {},
	"/oidc/join":                              {},
	"/api/v1/passkeys":                        {},
	"/api/v1/sessions":                        {},
	"/api/v1/tokens":                          {},
	"/":                                       {path: "/?view=all&sort=new", words: []string{postWords}},
	"/explore":                                {path: "/explore?q=vault", known: true},
	"/c/:name":                                {path: "/c/vault", words: []string{postWords}, known: true},
	"/c/:name/log":                            {path: "/c/vault/log", words: []string{postWords}},
	"/c/:name/keep":                           {},
	"/c/:name/members":                        {path: "/c/vault/members"},
	"/u/:name":                                {path: "/u/bob", words: []string{postWords}},
	"/post/:name":                             {path: "/post/{id}", words: []string{postWords, commentWords}},
	"/comment/:name":                          {path: "/comment/{comment}", words: []string{postWords, commentWords}},
	"/post/:name/report":                      {path: "/post/{id}/report", words: []string{postWords}},
	"/comment/:name/report":                   {path: "/comment/{comment}/report", words: []string{postWords}},
	"/u/:name/report":                         {path: "/u/bob/report"},
	"/search":                                 {path: "/search?q=feldspar", words: []string{commentWords}},
	"/admin/roles":                            {},
	"/c/:name/roles":                          {path: "/c/vault/roles"},
	"/admin/bans":                             {},
	"/admin/joining":                          {},
	"/invite/:code":                           {path: "/invite/guessed"},
	"/settings/invites":                       {},
	"/admin/peers":                            {},
	"/notifications":                          {},
	"/messages":                               {},
	"/messages/:name":                         {path: "/messages/bob"},
	"/reports":                                {path: "/reports?scope=server&state=all"},
	"/reports/:name":                          {path: "/reports/1"},
	"/login":                                  {},
	"/authorize_interaction":                  {},
	"/join":                                   {},
	"/submit":                                 {},
	"/settings":                               {},
	"/settings/security":                      {},
	"/settings/apps":                          {},
	"/settings/quotes":                        {},
	"/settings/data":                          {},
	"/settings/appearance":                    {},
	"/settings/followers":                     {},
	"/groups/new":                             {},
	"/.atom":                                  {},
	"/.rss":                                   {},
	"/index.atom":                             {},
	"/index.rss":                              {},
	"/all.atom":                               {},
	"/all.rss":                                {},
	"/local.atom":                             {},
	"/local.rss":                              {},
	"/search.atom":                            {path: "/search.atom?q=quartz"},
	"/search.rss":                             {path: "/search.rss?q=feldspar"},
	"/robots.txt":                             {},
	"/sitemap.xml":                            {},
	"/sitemap/:part":                          {path: "/sitemap/posts-1.xml"},
	"/oembed":                                 {path: "/oembed?url=https%3A%2F%2Fstone.example%2Fpost%2F{id}"},
	"/embed/post/:name":                       {path: "/embed/post/{id}?answers=5"},
	"/embed/comment/:name":                    {path: "/embed/comment/{comment}"},
	"/manifest.webmanifest":                   {},
	"/healthz":                                {},
	"/readyz":                                 {},
	"/_app/*":                                 {path: "/_app/immutable/post.js"},
	"/favicon.svg":                            {},
	"/theme.js":                               {},
	"/settings/privacy":                       {},
	"/settings/blocks":                        {},
	"/api/v1/me/consents":                     {},
	"/api/v1/me/saved":                        {},
	"/api/v1/me/drafts":                       {},
	"/api/v1/me/drafts/:key":                  {},
	"/api/v1/me/insights":                     {},
	"/api/v1/me/views":                        {},
	"/api/v1/admin/orphans":                   {},
	"/api/v1/groups/:group/keeping":           {path: "/api/v1/groups/vault/keeping"},
	"/api/v1/groups/:group/facet":             {path: "/api/v1/groups/vault/facet"}, // one's own
	"/api/v1/me/facets":                       {},
	"/api/v1/me/followers":                    {},
	"/api/v1/me/followers/requests":           {},
	"/api/v1/me/following":                    {},
	"/settings/following":                     {},
	"/api/v1/me/profile":                      {},
	"/media/*":                                {path: "/media/none"},
	"/media/remote/:kind/:id/:file":           {path: "/media/remote/post/{id}/none.webp"}, // and see TestRemoteIsNoOpenProxy
	"/api/v1/media/:id":                       {path: "/api/v1/media/1"},                   // one's own
	"/api/v1/me/media":                        {},
	"/api/v1/admin/joining":                   {},
	"/api/v1/admin/applications":              {},
	"/api/v1/admin/invites":                   {},
	"/api/v1/joining":                         {},
	"/api/v1/invites/:code":                   {path: "/api/v1/invites/guessed"}, // its group is told to whom its moderator gave the code
	"/api/v1/me/application":                  {},
	"/api/v1/me/invites":                      {},
	"/api/v1/me/security":                     {},
}

// alsoRead are addresses that a route answers beside its usual ones.
var alsoRead = []string{
	"/c/vault.atom", "/f/growing@peer.example.atom", "/u/bob.atom", "/t/vaulted.atom", "/t/vaulted.rss", "/post/{id}.atom", "/c/vault.rss", "/c/vault.ics", "/post/{id}.ics", "/f/growing@peer.example.rss", "/u/bob.rss", "/post/{id}.rss", "/u/bob?tab=comments", "/api/v1/feed?view=local&sort=top", "/api/v1/feed?view=home",
	"/reports?scope=mine&state=all", "/reports?scope=filed&state=all", "/api/v1/reports?scope=mine&state=all",
}

// Who may see this? Every address that can be read is asked for by everybody,
// and shows what is said in a closed group to whoever may read there and to
// nobody else; by its id, to all others, it is as if it had never been.
func TestWhoMaySee(t *testing.T) {
	for _, visibility := range []community.Visibility{community.Private, community.LocalOnly} {
		t.Run(string(visibility), func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				v := newVault(t, db, visibility)
				routes, err := api.Reads(v.options)
				v.check(err)
				for _, route := range routes {
					want, ok := readable[route]
					if !ok {
						t.Errorf("%s is not in the table: who may see what it shows?", route)
						continue
					}
					if want.path == "" {
						want.path = route
					}
					v.look(want)
				}
				for _, path := range alsoRead {
					v.look(shows{path: path, words: nil})
				}
			})
		})
	}
}

// A vault is a world with a closed group of alice's in it, in which bob wrote
// and carol, who has left, answered; erin asks to join.
type vault struct {
	*world
	options    api.Options
	visibility community.Visibility
	group      *community.Actor
	secret     *community.Post
	top, below *community.Comment
}

func newVault(t *testing.T, db *storage.DB, visibility community.Visibility) *vault {
	t.Helper()
	v := &vault{visibility: visibility}
	v.world = newWorld(t, db, func(o *api.Options) { v.options = *o }).settle()
	v.person("erin")
	ctx := t.Context()
	g, err := v.groups.Create(ctx, v.who["alice"].Actor, groups.Draft{Name: closedName, Title: "The vault", Visibility: visibility})
	v.check(err)
	v.group = g.Actor
	v.check(db.AddFeedGroup(ctx, &community.FeedGroup{FeedID: v.feed("growing").ID, GroupID: g.ID, CreatedAt: g.CreatedAt}))
	handle := community.Handle{Name: closedName}
	for _, name := range []string{"bob", "carol", "erin"} {
		_, err := v.groups.Join(ctx, v.who[name].Actor, g.Actor, community.Origin{})
		v.check(err)
		if visibility == community.Private && name != "erin" {
			v.check(v.groups.Admit(ctx, v.who["alice"].Actor, handle, community.Handle{Name: name}))
		}
	}
	bob, carol := v.who["bob"].Actor, v.who["carol"].Actor
	v.secret, err = v.posts.Publish(ctx, bob, g.Actor, posts.Draft{Title: postWords, Body: "For @dave and @erin and @ada: " + postWords + " #vaulted", Question: new(true)})
	v.check(err)
	v.top, err = v.posts.Comment(ctx, carol, v.secret.ID, 0, posts.Draft{Body: "For @dave: first"})
	v.check(err)
	v.below, err = v.posts.Comment(ctx, bob, v.secret.ID, v.top.ID, posts.Draft{Body: "For @dave: " + commentWords})
	v.check(err)
	v.check(v.moderation.FeaturePost(ctx, v.who["alice"].Actor, v.secret.ID, community.Origin{})) // for the log
	v.check(v.moderation.UnfeaturePost(ctx, v.who["alice"].Actor, v.secret.ID, community.Origin{}))
	_, err = v.reports.File(ctx, bob, v.top.Subject(), reports.Draft{Reason: "Off topic", Scope: community.ToModerators})
	v.check(err)
	_, err = v.reports.Warn(ctx, v.who["alice"].Actor, bob, reports.Warning{Group: g.Actor, Reason: "Shorter, please"})
	v.check(err)
	v.tell()
	v.check(v.groups.Leave(ctx, carol, g.Actor, community.Origin{}))
	return v
}

// tell lets notifications be made.
func (v *vault) tell() {
	v.t.Helper()
	ctx := v.t.Context()
	v.check(v.db.NumberFacts(ctx))
	facts, err := v.db.Facts(ctx, 0, 1000)
	v.check(err)
	notes := &notifications.Service{DB: v.db, Now: v.options.Now}
	v.check(v.db.InTx(ctx, func(tx *storage.DB) error { return notes.Read(ctx, tx, facts) }))
}

func (v *vault) fill(path string, post, comment, top any) string {
	path = strings.NewReplacer("{id}", fmt.Sprint(post), "{comment}", fmt.Sprint(comment), "{top}", fmt.Sprint(top),
		":group", closedName, ":person", "bob").Replace(path)
	if strings.HasPrefix(path, "/api/v1/comments") {
		return strings.ReplaceAll(path, ":id", fmt.Sprint(comment))
	}
	return strings.ReplaceAll(path, ":id", fmt.Sprint(post))
}

// look has everybody ask for an address.
func (v *vault) look(want shows) {
	v.t.Helper()
	path := v.fill(want.path, v.secret.ID, v.below.ID, v.top.ID)
	const none = 987654321
	never := v.fill(want.path, none, none, none)
	for _, who := range onlookers {
		got := v.get(path, v.as(who))
		may := slices.Contains(lookers[v.visibility], who)
		if got.StatusCode == http.StatusInternalServerError {
			v.t.Errorf("%s falls over for %s: %.300s", path, who, got.text)
		}
		for _, words := range []string{postWords, commentWords} {
			seen := strings.Contains(got.text, words)
			if seen && !may {
				v.t.Errorf("%s shows %q to %s", path, words, who)
			}
			if !seen && may && slices.Contains(want.words, words) {
				v.t.Errorf("%s does not show %q to %s: %d %.300s", path, words, who, got.StatusCode, got.text)
			}
		}
		knows := v.visibility == community.Private || who != "nobody"
		if named := strings.Contains(got.text, "The vault"); want.known && named != knows || named && !knows {
			v.t.Errorf("%s names the group to %s: %v, want %v", path, who, named, knows)
		}
		if may || path == never {
			continue
		}
		absent := v.get(never, v.as(who))
		if got.StatusCode != absent.StatusCode || v.plain(got.text) != v.plain(absent.text) {
			v.t.Errorf("%s tells %s from what never was: %d %.400s\n%d %.400s", path, who, got.StatusCode, got.text, absent.StatusCode, absent.text)
		}
	}
}

// plain is what an answer says but for the number that was asked for.
func (v *vault) plain(text string) string {
	for _, id := range []any{v.secret.ID, v.below.ID, v.top.ID, 987654321} {
		text = strings.ReplaceAll(text, fmt.Sprintf("/%v", id), "/N")
	}
	return text
}

// letsGo are the operations by which somebody lets go of what may have gone out
// of their sight since: they say that it is done, also of what never was.
var letsGo = map[string]bool{"unsavePost": true, "unreadPost": true, "unsaveComment": true}

// Nor can who may not see do anything there: by id nothing is there, and in
// the group itself only members write.
func TestWhoMayTakePart(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		v := newVault(t, db, community.Private)
		for _, op := range operations(t, v.world) {
			if op.method == http.MethodGet || !strings.Contains(op.path, "{id}") || strings.HasPrefix(op.path, "/admin/") || strings.HasPrefix(op.path, "/tokens") ||
				strings.HasPrefix(op.path, "/sessions") || strings.HasPrefix(op.path, "/passkeys") || strings.HasPrefix(op.path, "/reports") ||
				strings.HasPrefix(op.path, "/messages") || strings.HasPrefix(op.path, "/conversations") {
				continue
			}
			right, known := rights[op.ID]
			if !known {
				t.Errorf("%s is not in the table of rights", op.ID)
			}
			for _, who := range []string{"dave", "erin", "ada"} {
				id := any(v.secret.ID)
				if strings.HasPrefix(op.path, "/comments") {
					id = v.below.ID
				}
				path := "/api/v1" + strings.ReplaceAll(op.path, "{id}", fmt.Sprint(id))
				got := v.do(op.method, path, v.filled(right.body, who), fresh(v.world, who))
				absent := v.do(op.method, "/api/v1"+strings.ReplaceAll(op.path, "{id}", "987654321"), v.filled(right.body, who), fresh(v.world, who))
				want := http.StatusNotFound
				if letsGo[op.ID] {
					want = http.StatusNoContent
				}
				if got.StatusCode != want || got.StatusCode != absent.StatusCode || got.text != absent.text {
					t.Errorf("%s (%s %s) as %s = %d, want %d as for what never was (%d): %.300s\n%.300s", op.ID, op.method, path, who, got.StatusCode, want, absent.StatusCode, got.text, absent.text)
				}
			}
		}
		isProblem(t, v.do("POST", "/api/v1/groups/vault/posts", object{"title": "x"}, v.as("erin")).is(http.StatusForbidden), "")
		v.do("POST", "/api/v1/groups/vault/posts", object{"title": "x"}, v.as("bob")).is(http.StatusCreated)
	})
}

// Asking, being let in, being refused, and being put out.
func TestJoiningAPrivateGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		v := newVault(t, db, community.Private)
		asks := func(want ...string) {
			t.Helper()
			list := v.get("/api/v1/groups/vault/requests", v.as("alice")).is(http.StatusOK).json()["items"].([]any)
			var names []string
			for _, m := range list {
				names = append(names, m.(object)["actor"].(object)["handle"].(string))
			}
			if !slices.Equal(names, want) {
				t.Errorf("who asks = %v, want %v", names, want)
			}
		}
		kinds := func(who string) (list []string) {
			v.t.Helper()
			for _, n := range v.get("/api/v1/notifications", v.as(who)).is(http.StatusOK).json()["items"].([]any) {
				list = append(list, n.(object)["kind"].(string))
			}
			return list
		}
		asks("erin")
		if got := v.get("/api/v1/groups/vault", v.as("alice")).json()["asking"]; got != 1.0 {
			t.Errorf("asking = %v", got)
		}
		if got := v.get("/api/v1/groups/vault", v.as("erin")).json(); got["readable"] != false || got["members"] != 0.0 || got["membership"].(object)["state"] != "pending" {
			t.Errorf("erin sees %v", got)
		}
		if !slices.Contains(kinds("alice"), "join_request") {
			t.Errorf("alice was not told: %v", kinds("alice"))
		}
		v.do("PUT", "/api/v1/groups/vault/membership", nil, v.as("dave")).is(http.StatusOK).has("pending")
		asks("dave", "erin")
		v.do("DELETE", "/api/v1/groups/vault/requests/dave", nil, v.as("alice")).is(http.StatusNoContent)
		v.do("PUT", "/api/v1/groups/vault/requests/erin", nil, v.as("alice")).is(http.StatusNoContent)
		v.do("PUT", "/api/v1/groups/vault/requests/erin", nil, v.as("alice")).is(http.StatusNoContent) // again: nothing new
		v.do("PUT", "/api/v1/groups/vault/requests/ada", nil, v.as("alice")).is(http.StatusNotFound)
		asks()
		v.tell()
		if !slices.Contains(kinds("erin"), "join_accepted") || !slices.Contains(kinds("dave"), "join_refused") {
			t.Errorf("erin was told %v and dave %v", kinds("erin"), kinds("dave"))
		}
		v.get(fmt.Sprintf("/api/v1/posts/%d", v.secret.ID), v.as("erin")).is(http.StatusOK).has(postWords)
		v.get("/api/v1/groups/vault/members", v.as("alice")).is(http.StatusOK).has("erin", "bob")
		v.do("DELETE", "/api/v1/groups/vault/members/alice", nil, v.as("alice")).is(http.StatusForbidden)
		v.do("DELETE", "/api/v1/groups/vault/members/erin", nil, v.as("alice")).is(http.StatusNoContent)
		v.get(fmt.Sprintf("/api/v1/posts/%d", v.secret.ID), v.as("erin")).is(http.StatusNotFound)
	})
}

// A group may close, and what was said in it is not opened to others later.
func TestChangingVisibility(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		change := func(who, group, to string, want int) {
			t.Helper()
			w.do("PATCH", "/api/v1/groups/"+group, object{"visibility": to}, w.as(who)).is(want)
		}
		change("bob", "garden", "private", http.StatusForbidden)
		change("alice", "garden", "local", http.StatusUnprocessableEntity)
		change("alice", "garden", "private", http.StatusOK)
		w.get(fmt.Sprintf("/api/v1/posts/%d", w.post.ID)).is(http.StatusNotFound)
		w.get("/api/v1/feed").is(http.StatusOK).lacks("Seedlings")
		change("alice", "garden", "public", http.StatusUnprocessableEntity)
		w.do("POST", "/api/v1/groups", object{"name": "attic", "visibility": "private"}, w.as("dave")).is(http.StatusCreated).has(`"visibility":"private"`)
		w.do("POST", "/api/v1/groups/attic/posts", object{"title": "My own"}, w.as("dave")).is(http.StatusCreated)
		change("dave", "attic", "public", http.StatusOK)
		w.get("/api/v1/feed").is(http.StatusOK).has("My own")
		w.do("POST", "/api/v1/groups", object{"name": "other", "visibility": "secret"}, w.as("dave")).is(http.StatusUnprocessableEntity)
	})
}

// A report in a closed group shows its moderators what it is about. To who
// cannot read there it does not exist, and an administrator, who is not asked,
// learns that it is there and not what was said.
func TestClosedReports(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		v := newVault(t, db, community.Private)
		for _, name := range []string{"alice", "bob"} {
			v.get("/api/v1/reports/1", v.as(name)).is(http.StatusOK).has("For @dave: first")
		}
		v.get("/api/v1/reports/1", v.as("ada")).is(http.StatusOK).has("Off topic").lacks("For @dave: first")
		v.check(v.groups.Leave(t.Context(), v.who["bob"].Actor, v.group, community.Origin{}))
		v.get("/api/v1/reports/1", v.as("bob")).is(http.StatusOK).has("Off topic").lacks("For @dave: first")
		for _, name := range []string{"dave", "erin"} {
			v.get("/api/v1/reports/1", v.as(name)).is(http.StatusNotFound)
			for _, path := range []string{fmt.Sprintf("/api/v1/posts/%d/reports", v.secret.ID), fmt.Sprintf("/api/v1/comments/%d/reports", v.top.ID)} {
				v.do(http.MethodPost, path, object{"reason": "Show me"}, v.as(name)).is(http.StatusNotFound)
			}
		}
	})
}
