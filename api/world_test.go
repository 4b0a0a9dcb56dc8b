package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"drystone/api"
	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/clients"
	"drystone/service/consents"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/instance"
	"drystone/service/joining"
	"drystone/service/live"
	"drystone/service/media"
	"drystone/service/messages"
	"drystone/service/moderation"
	"drystone/service/notifications"
	"drystone/service/peers"
	"drystone/service/portability"
	"drystone/service/posts"
	"drystone/service/profiles"
	"drystone/service/readings"
	"drystone/service/reports"
	"drystone/service/roles"
	"drystone/service/saves"
	"drystone/service/search"
	"drystone/service/views"
	"drystone/service/votes"
	"drystone/storage"
	"drystone/storage/blobs"
)

const (
	origin   = "https://stone.example"
	password = "a wall of dry stone"
)

// shell is a web app as the frontend's build leaves it.
const shell = `<!doctype html><html><head><script src="/theme.js"></script><!--ds-head--></head>` +
	`<body><!--ds-body--><div id="app"><script>start()</script></div></body></html>`

// A world is a whole server on a real database, and the people in it: alice
// owns garden, where bob wrote a post and carol answered it; dave does not
// know of any of it, and ada administers the server.
type world struct {
	t       *testing.T
	db      *storage.DB
	handler http.Handler
	logs    *bytes.Buffer

	accounts   *accounts.Service
	groups     *groups.Service
	posts      *posts.Service
	votes      *votes.Service
	moderation *moderation.Service
	reports    *reports.Service
	roles      *roles.Service
	feeds      *feeds.Service
	instance   *instance.Service
	joining    *joining.Service
	messages   *messages.Service
	blocks     *blocks.Service
	clients    *clients.Service
	live       *live.Service // it runs where a test runs it

	who    map[string]*accounts.Who
	tokens map[string]string

	garden    *community.Actor
	meadow    *community.Actor // where threads are moved to
	post      *community.Post
	comment   *community.Comment
	keys      int // passkeys made
	strangers int

	option, answer int64 // of the newest poll, and the newest comment
}

// in is the world for a subtest.
func (w *world) in(t *testing.T) *world {
	c := *w
	c.t = t
	return &c
}

type setting func(*api.Options)

func newWorld(t *testing.T, db *storage.DB, settings ...setting) *world {
	t.Helper()
	key := func() (string, string, error) { return "private", "public", nil }
	w := &world{t: t, db: db, logs: new(bytes.Buffer), who: map[string]*accounts.Who{}, tokens: map[string]string{}}
	var err error
	w.instance = &instance.Service{DB: db, Name: "Stone", Host: "stone.example", Version: "test", Now: time.Now}
	w.joining = &joining.Service{DB: db, Now: time.Now, Joining: w.instance.Joining}
	w.groups = &groups.Service{DB: db, Origin: origin, Now: time.Now, NewKey: key}
	w.joins(func(*community.Joining) {})
	w.accounts, err = accounts.New(accounts.Options{
		PasswordCost: accounts.Cost{Memory: 64, Rounds: 1},
		DB:           db, Origin: origin, Host: "stone.example", Name: "Stone", Now: time.Now, NewKey: key,
		Joining: w.instance.Joining, Enter: w.groups.Introduce,
	})
	w.check(err)
	lives, err := profiles.New(profiles.Options{
		DB: db, Origin: origin, Now: time.Now,
		Fetch: func(context.Context, string) ([]byte, error) {
			return nil, fault.New(fault.Unavailable, "nobody is asked here")
		},
	})
	w.check(err)
	store, err := blobs.Open("file:" + t.TempDir())
	w.check(err)
	pictures, err := media.New(media.Options{DB: db, Store: store, Origin: origin, Now: time.Now, MayEdit: w.groups.MayEdit, Quota: 100 << 20, Recording: 1 << 20})
	w.check(err)
	w.posts = &posts.Service{DB: db, Origin: origin, Now: time.Now}
	w.feeds = &feeds.Service{DB: db, Origin: origin, Now: time.Now, NewKey: key}
	w.reports = &reports.Service{DB: db, Origin: origin, Now: time.Now}
	w.roles = &roles.Service{DB: db, Now: time.Now}
	w.votes = &votes.Service{DB: db, Origin: origin, Now: time.Now}
	w.moderation = &moderation.Service{DB: db, Now: time.Now}
	w.blocks = &blocks.Service{DB: db, Host: "stone.example", Now: time.Now}
	w.clients = &clients.Service{DB: db, Origin: origin, Host: "stone.example", Name: "Stone", Now: time.Now}
	w.messages = &messages.Service{DB: db, Origin: origin, Now: time.Now}
	w.live = &live.Service{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	o := api.Options{
		Options: v1.Options{
			Accounts: w.accounts, Groups: w.groups, Media: pictures, Profiles: lives, Posts: w.posts, Votes: w.votes, Moderation: w.moderation, Reports: w.reports,
			Roles:         w.roles,
			Readings:      &readings.Service{DB: db, Now: time.Now},
			Saves:         &saves.Service{DB: db, Now: time.Now},
			Feeds:         w.feeds,
			Notifications: &notifications.Service{DB: db, Now: time.Now},
			Live:          w.live,
			Messages:      w.messages,
			Blocks:        w.blocks,
			Consents:      &consents.Service{DB: db, Now: time.Now},
			Views:         &views.Service{DB: db, Now: time.Now},
			Search:        &search.Service{DB: db, Now: time.Now},
			Peers:         &peers.Service{DB: db, Now: time.Now},
			Portability:   &portability.Service{DB: db, Origin: origin, Host: "stone.example", Name: "Stone", Now: time.Now},
			Clients:       w.clients,
			Instance:      w.instance, Joining: w.joining,
			Origin: origin, Secure: true, Now: time.Now,
			Log: slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		Name: "Stone", Build: build(),
	}
	for _, set := range settings {
		set(&o)
	}
	w.handler, err = api.New(o)
	w.check(err)
	return w
}

// joins settles how people come here: everybody at once, without work, until
// change says otherwise.
func (w *world) joins(change func(*community.Joining)) {
	w.t.Helper()
	j := community.NewJoining(community.JoinOpen)
	j.Proof, j.PerAddress, j.PerNetwork = 0, 0, 0
	change(&j)
	w.check(w.db.SaveJoining(w.t.Context(), &j, time.Now()))
}

func build() fs.FS {
	return fstest.MapFS{
		"index.html":               {Data: []byte(shell)},
		"preload.json":             {Data: []byte(`{"/post/[id]": ["/_app/immutable/post.js"]}`)},
		"theme.js":                 {Data: []byte("theme()")},
		"favicon.svg":              {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		"_app/immutable/post.js":   {Data: []byte(strings.Repeat("post();", 500))},
		"_app/immutable/br.css":    {Data: []byte("plain")},
		"_app/immutable/br.css.br": {Data: []byte("brotli")},
	}
}

// settle puts people, a group, a post and an answer into the world.
func (w *world) settle() *world {
	w.t.Helper()
	for _, name := range []string{"ada", "alice", "bob", "carol", "dave"} {
		w.person(name)
	}
	ctx := w.t.Context()
	g, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "garden", Title: "Gardening", Summary: "For *growers*."})
	w.check(err)
	w.garden = g.Actor
	w.post, err = w.posts.Publish(ctx, w.who["bob"].Actor, w.garden, posts.Draft{Title: "Seedlings", Body: "Tomatoes to **give**."})
	w.check(err)
	w.comment, err = w.posts.Comment(ctx, w.who["carol"].Actor, w.post.ID, 0, posts.Draft{Body: "Count me in"})
	w.check(err)
	return w
}

// person makes an account and a token for it.
func (w *world) person(name string) *accounts.Who {
	w.t.Helper()
	who, err := w.accounts.Create(w.t.Context(), accounts.SignUp{
		Name: name, Admin: name == "ada", Entry: accounts.Entry{Listed: true, Searched: true}, // as whoever is asked may say
	})
	w.check(err)
	secret, _, err := w.accounts.CreateToken(w.t.Context(), who, accounts.TokenDraft{Name: "test", Scopes: community.AllScopes})
	w.check(err)
	w.who[name], w.tokens[name] = who, secret
	return who
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// A change is made to a request before it is sent.
type change func(*http.Request)

func header(name, value string) change {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// as sends a request with somebody's token; nobody has none.
func (w *world) as(name string) change {
	return func(r *http.Request) {
		if token := w.tokens[name]; token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
	}
}

// do sends a request. A body that is text is sent as it is, anything else as
// JSON.
func (w *world) do(method, path string, body any, changes ...change) *reply {
	w.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		w.check(err)
		content = bytes.NewReader(text)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, origin+path, content)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	if strings.Contains(path, "search") { // a moment later
		w.check((&search.Service{DB: w.db}).Index(w.t.Context()))
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return &reply{w.t, rec.Result(), rec.Body.String()}
}

func (w *world) get(path string, changes ...change) *reply {
	w.t.Helper()
	return w.do(http.MethodGet, path, nil, changes...)
}

type reply struct {
	t *testing.T
	*http.Response
	text string
}

// is fails the test unless the reply has a status.
func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("status %d, want %d: %.600s", r.StatusCode, status, r.text)
	}
	return r
}

// json reads the reply as JSON.
func (r *reply) json() map[string]any {
	r.t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(r.text), &value); err != nil {
		r.t.Fatalf("not JSON: %v: %.300s", err, r.text)
	}
	return value
}

// has fails the test unless the text holds all parts.
func (r *reply) has(parts ...string) *reply {
	r.t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.text, part) {
			r.t.Errorf("the reply lacks %q:\n%.3000s", part, r.text)
		}
	}
	return r
}

// lacks fails the test if the text holds any of parts.
func (r *reply) lacks(parts ...string) *reply {
	r.t.Helper()
	for _, part := range parts {
		if strings.Contains(r.text, part) {
			r.t.Errorf("the reply has %q:\n%.3000s", part, r.text)
		}
	}
	return r
}

// cookie returns a cookie that the reply sets.
func (r *reply) cookie(name string) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}
