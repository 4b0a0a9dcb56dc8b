// Package server is a whole Drystone for tests: its own database, the API,
// federation and everything that happens later, behind a true listener on
// loopback. Two of them in one process federate with each other as they would
// across the world.
//
// It is for tests only, and it decides nothing: what cmd/drystone wires from
// settings is wired here from a test.
package server

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/api"
	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation"
	"drystone/federation/guard"
	"drystone/frontend"
	"drystone/internal/carry"
	"drystone/internal/fediverse"
	"drystone/jobs"
	"drystone/service/accounts"
	"drystone/service/blocks"
	"drystone/service/clients"
	"drystone/service/consents"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/service/instance"
	"drystone/service/joining"
	"drystone/service/live"
	"drystone/service/mail"
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

// A Server is a running Drystone.
type Server struct {
	URL      string // "http://127.0.0.1:4711"
	Host     string // "127.0.0.1:4711", which is also its name in the fediverse
	DB       *storage.DB
	Accounts *accounts.Service
	Groups   *groups.Service
	Roles    *roles.Service

	t      testing.TB
	now    func() time.Time
	newKey func() (privatePEM, publicPEM string, err error)
}

// New starts a server on a migrated, empty database, with options of its
// federation changed by the test. It ends with the test.
func New(t testing.TB, dsn string, change ...func(*federation.Options)) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return Start{DB: db, Listener: listener, Now: time.Now, NewKey: fediverse.KeysFor(t)}.Run(t, change...)
}

// A Start is what a server is started with. One that was killed is started
// again with the same database and at the same address.
type Start struct {
	DB       *storage.DB // closed in the end
	Listener net.Listener
	Now      func() time.Time
	NewKey   func() (privatePEM, publicPEM string, err error)
	SMTP     string         // of a mail server; empty: no mail is sent
	ExtraCA  *x509.CertPool // whom it is trusted by
}

// Run starts the server. It ends with the test.
func (o Start) Run(t testing.TB, change ...func(*federation.Options)) *Server {
	t.Helper()
	listener, db := o.Listener, o.DB
	s := &Server{Host: listener.Addr().String(), URL: "http://" + listener.Addr().String(), DB: db, t: t, now: o.Now, newKey: o.NewKey}
	handler, later := s.wire(o, change)

	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range later {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	wg.Go(func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		stop()
		wg.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// wire puts the rooms together and returns what answers requests and what
// runs beside it.
func (s *Server) wire(o Start, change []func(*federation.Options)) (http.Handler, []func(context.Context) error) {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	now := s.now
	about := &instance.Service{DB: s.DB, Name: s.Host, Host: s.Host, Version: "test", Mail: o.SMTP != "", Now: now}
	s.Groups = &groups.Service{DB: s.DB, Origin: s.URL, Now: now, NewKey: s.newKey}
	var err error
	s.Accounts, err = accounts.New(accounts.Options{
		PasswordCost: cheap, DB: s.DB, Origin: s.URL, Host: s.Host, Name: s.Host, Now: now, NewKey: s.newKey, Joining: about.Joining, Enter: s.Groups.Introduce,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Accounts.Instance(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	notes, telling := &notifications.Service{DB: s.DB, Now: now}, &live.Service{DB: s.DB, Log: log, Now: now}
	post, err := mail.New(mail.Options{
		DB: s.DB, SMTP: o.SMTP, ExtraCA: o.ExtraCA, Name: s.Host, Host: s.Host, Origin: s.URL, Log: log, Now: now, Unsubscribing: notes.Unsubscribing,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Roles = &roles.Service{DB: s.DB, Now: now}
	writing := &posts.Service{DB: s.DB, Origin: s.URL, Now: now}
	voting := &votes.Service{DB: s.DB, Origin: s.URL, Now: now}
	moderating := &moderation.Service{DB: s.DB, Now: now}
	reporting := &reports.Service{DB: s.DB, Origin: s.URL, Now: now}
	writingTo := &messages.Service{DB: s.DB, Origin: s.URL, Now: now}
	keeping, agreed := &blocks.Service{DB: s.DB, Host: s.Host, Now: now}, &consents.Service{DB: s.DB, Now: now}
	client := guard.New(fediverse.Options())
	s.t.Cleanup(client.Close)
	lives := s.biographer(client)
	options := federation.Options{
		DB: s.DB, Accounts: s.Accounts, Groups: s.Groups, Posts: writing, Votes: voting, Moderation: moderating, Reports: reporting, Messages: writingTo, Blocks: keeping, Client: client,
		Origin: s.URL, Host: s.Host, Name: s.Host, Version: "test", Open: about.Open, Log: log, Now: now,
	}
	for _, f := range change {
		f(&options)
	}
	neighbours := federation.New(options)
	following := &feeds.Service{DB: s.DB, Origin: s.URL, Now: now, NewKey: s.newKey}
	pictures, seen := s.gallery(client), &views.Service{DB: s.DB, Now: now}
	slices := carry.Slices{
		Accounts: s.Accounts, Groups: s.Groups, Feeds: following, Blocks: keeping, Media: pictures, Profiles: lives, Saves: &saves.Service{DB: s.DB, Now: now}, Find: neighbours.Locate, Followed: neighbours.FollowedBy, Resolve: neighbours.Resolve,
	}
	carrying := &portability.Service{
		DB: s.DB, Origin: s.URL, Host: s.Host, Name: s.Host, Now: now, Papers: neighbours.Papers(), Pace: time.Millisecond,
		Actions: slices.Actions(), Open: slices.Open, Documents: []portability.Document{portability.Views(seen.Of)},
	}
	pages, err := api.New(api.Options{
		Options: v1.Options{
			Accounts: s.Accounts, Groups: s.Groups, Media: pictures, Profiles: lives, Feeds: following, Posts: writing, Votes: voting, Moderation: moderating, Reports: reporting, Messages: writingTo, Blocks: keeping, Notifications: notes, Live: telling,
			Consents: agreed, Views: seen,
			Roles: s.Roles, Saves: slices.Saves, Readings: &readings.Service{DB: s.DB, Now: now},
			Search: s.finder(), Resolver: neighbours,
			Peers: &peers.Service{DB: s.DB, Now: now}, Portability: carrying,
			Clients:  &clients.Service{DB: s.DB, Origin: s.URL, Host: s.Host, Name: s.Host, Now: now},
			Instance: about, Joining: &joining.Service{DB: s.DB, Now: now, Joining: about.Joining},
			Origin: s.URL, Log: log, Now: now,
		},
		Name: s.Host, Build: frontend.Build(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	turn := func(ctx context.Context) error { return writing.TurnPolls(ctx, 0) }
	handlers := neighbours.Jobs()
	handlers[community.JobLetter], handlers[community.JobPreview] = post.Send, pictures.LookAt
	handlers[portability.JobExport], handlers[portability.JobImport] = carrying.WriteExport, carrying.GoOn
	handlers[portability.JobOffer], handlers[consents.JobPurge] = carrying.Offer, agreed.Forget
	runner := &jobs.Runner{
		DB: s.DB, Log: log, Now: options.Now,
		Readers:   append(neighbours.Readers(), jobs.Reader{Name: "facts:notifications", Handle: notes.Read}, jobs.Reader{Name: "facts:portability", Handle: carrying.Read}, jobs.Reader{Name: "facts:consents", Handle: agreed.Read}),
		Handlers:  handlers,
		Together:  neighbours.Together(),
		Schedules: append(neighbours.Schedules(), often("fold", s.fold), often("search", s.finder().Index), often("polls", turn), often("scheduled", writing.PublishDue), often("blocks", keeping.Expire), often("links", lives.CheckLinks), often("tell", notes.Tell)),
	}
	return divided(neighbours, pages), []func(context.Context) error{neighbours.Run, runner.Run, telling.Run}
}

// divided gives federation what is federation's, and the pages the rest.
func divided(neighbours *federation.Server, pages http.Handler) http.Handler {
	activities := neighbours.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if neighbours.Handles(r) {
			activities.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// biographer keeps what people say about themselves.
func (s *Server) biographer(client *guard.Client) *profiles.Service {
	lives, err := profiles.New(profiles.Options{
		DB: s.DB, Origin: s.URL, Now: s.now,
		Fetch: func(ctx context.Context, url string) ([]byte, error) {
			resp, err := client.Get(ctx, url, "text/html", nil)
			if err != nil {
				return nil, err
			}
			return resp.Body, nil
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return lives
}

// gallery keeps pictures where the test ends with them.
func (s *Server) gallery(client *guard.Client) *media.Service {
	store, err := blobs.Open("file:" + s.t.TempDir())
	if err != nil {
		s.t.Fatal(err)
	}
	fetch := func(ctx context.Context, address, _ string) (*media.Fetched, error) {
		resp, err := client.Get(ctx, address, "*/*", nil)
		if err != nil {
			return nil, err
		}
		return &media.Fetched{Body: resp.Body, URL: resp.URL}, nil
	}
	pictures, err := media.New(media.Options{
		DB: s.DB, Store: store, Origin: s.URL, Now: s.now, MayEdit: s.Groups.MayEdit, Quota: 100 << 20, Recording: 1 << 20,
		Picture: fetch, Page: fetch, Cache: 100 << 20,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return pictures
}

func (s *Server) finder() *search.Service {
	return &search.Service{DB: s.DB, Host: s.Host, Now: time.Now}
}

func (s *Server) fold(ctx context.Context) error {
	_, err := s.DB.Fold(ctx, 5000)
	return err
}

// cheap is what a password's hash costs here.
var cheap = accounts.Cost{Memory: 64, Rounds: 1}

// often is what happens all the time, and in tests more often than outside.
func often(name string, run func(context.Context) error) jobs.Schedule {
	return jobs.Schedule{Name: name, Every: 100 * time.Millisecond, Run: run}
}

// A User is somebody with an account on a Server, who uses its API: in a
// browser, where they have just proved who they are, or with a token.
type User struct {
	Server  *Server
	Name    string
	session string
	token   string
}

// User makes an account.
func (s *Server) User(name string) *User {
	s.t.Helper()
	who, err := s.Accounts.Create(s.t.Context(), accounts.SignUp{Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	session, _, err := s.Accounts.StartSession(s.t.Context(), who, "test")
	if err != nil {
		s.t.Fatal(err)
	}
	token, _, err := s.Accounts.CreateToken(s.t.Context(), who, accounts.TokenDraft{Name: "test", Scopes: community.AllScopes})
	if err != nil {
		s.t.Fatal(err)
	}
	return &User{Server: s, Name: name, session: session, token: token}
}

// Token is what a program of the user's calls the API with.
func (u *User) Token() string { return u.token }

// Depart ends the user's account, without the grace that people have.
func (u *User) Depart(t testing.TB, all bool) {
	t.Helper()
	who, err := u.Server.Accounts.Find(t.Context(), u.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Server.Accounts.Delete(t.Context(), who, all); err != nil {
		t.Fatal(err)
	}
}

// Call calls the API, with a body unless it is nil, and reads the answer into
// into unless that is nil. Any answer but a success ends the test.
func (u *User) Call(t testing.TB, method, path string, body, into any) {
	t.Helper()
	status, text := u.Try(t, method, path, body)
	if status >= 300 {
		t.Fatalf("%s: %s %s answered %d: %s", u.Name, method, path, status, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %s %s: %v", u.Name, method, path, err)
	}
}

// Try calls the API and returns whatever it answers.
func (u *User) Try(t testing.TB, method, path string, body any) (status int, text []byte) {
	t.Helper()
	var reader io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, u.Server.URL+v1.Prefix+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "drystone", Value: u.session})
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, bytes.TrimSpace(text)
}

// Eventually calls see until it says that it has seen what it should, and
// ends the test with what it said last when it has not after half a minute.
func Eventually(t testing.TB, what string, see func() (ok bool, saw any)) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		ok, saw := see()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := json.Marshal(saw)
			t.Fatalf("%s did not happen; last seen: %s", what, strings.TrimSpace(string(text)))
		}
		time.Sleep(20 * time.Millisecond)
	}
}
