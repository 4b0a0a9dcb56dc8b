package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"drystone/api"
	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/config"
	"drystone/federation"
	"drystone/federation/httpsig"
	"drystone/frontend"
	"drystone/internal/carry"
	"drystone/jobs"
	"drystone/migrations"
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

// A house is the program with its rooms wired together.
type house struct {
	db            *storage.DB
	accounts      *accounts.Service
	feeds         *feeds.Service
	groups        *groups.Service
	media         *media.Service
	profiles      *profiles.Service
	posts         *posts.Service
	votes         *votes.Service
	moderation    *moderation.Service
	reports       *reports.Service
	roles         *roles.Service
	saves         *saves.Service
	readings      *readings.Service
	messages      *messages.Service
	blocks        *blocks.Service
	consents      *consents.Service
	views         *views.Service
	notifications *notifications.Service
	live          *live.Service
	search        *search.Service
	instance      *instance.Service
	joining       *joining.Service
	peers         *peers.Service
	clients       *clients.Service
	mail          *mail.Service
	portability   *portability.Service
}

// open opens the database, brings it up to date and wires the services. now
// is the clock that they go by.
func (p *program) open(now func() time.Time) (*house, error) {
	db, err := storage.Open(p.ctx, p.config.Database)
	if err != nil {
		return nil, err
	}
	applied, err := migrations.Apply(p.ctx, db.Bun())
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	for _, name := range applied {
		p.log.Info("migrated", "step", name)
	}
	h, err := p.wire(db, now)
	if err != nil {
		_ = db.Close()
	}
	return h, err
}

func (p *program) wire(db *storage.DB, now func() time.Time) (*house, error) {
	c := p.config
	circle := &groups.Service{DB: db, Origin: c.Origin(), Now: now, NewKey: newKey}
	company, err := provider(c, circle)
	if err != nil {
		return nil, err
	}
	bell, err := ringer(c)
	if err != nil {
		return nil, err
	}
	notes := &notifications.Service{DB: db, Now: now, Origin: c.Origin(), Send: bell, Insecure: c.Scheme == "http"}
	post, err := p.postOffice(db, notes, now)
	if err != nil {
		return nil, err
	}
	about := &instance.Service{
		DB: db, Name: c.Name, Host: c.Host, Version: version, Start: community.JoinMode(c.Registrations), Mail: post.Works(), Now: now,
	}
	people, err := accounts.New(accounts.Options{
		DB: db, Origin: c.Origin(), Host: c.Host, Name: c.Name, Now: now, NewKey: newKey,
		Provider: company, PasswordsOff: !c.Passwords, Enter: circle.Introduce,
		Joining: func(ctx context.Context, db *storage.DB) (*community.Joining, error) {
			j, err := about.Joining(ctx, db)
			if err != nil {
				return nil, err
			}
			return j.Wider(c.Limits), nil
		},
	})
	if err != nil {
		return nil, err
	}
	lives, err := biographer(c, db, now)
	if err != nil {
		return nil, err
	}
	pictures, err := gallery(c, db, circle, now)
	if err != nil {
		return nil, err
	}
	return &house{
		db:            db,
		mail:          post,
		media:         pictures,
		profiles:      lives,
		accounts:      people,
		feeds:         &feeds.Service{DB: db, Origin: c.Origin(), Now: now, NewKey: newKey},
		groups:        circle,
		posts:         &posts.Service{DB: db, Origin: c.Origin(), Now: now},
		votes:         &votes.Service{DB: db, Origin: c.Origin(), Now: now},
		moderation:    &moderation.Service{DB: db, Now: now},
		reports:       &reports.Service{DB: db, Origin: c.Origin(), Now: now},
		roles:         &roles.Service{DB: db, Now: now},
		saves:         &saves.Service{DB: db, Now: now},
		readings:      &readings.Service{DB: db, Now: now},
		messages:      &messages.Service{DB: db, Origin: c.Origin(), Now: now},
		blocks:        &blocks.Service{DB: db, Host: c.Host, Now: now},
		consents:      &consents.Service{DB: db, Now: now},
		views:         &views.Service{DB: db, Now: now},
		notifications: notes,
		live:          &live.Service{DB: db, Log: p.log, Now: now},
		search:        &search.Service{DB: db, Host: c.Host, Now: now},
		instance:      about,
		joining:       &joining.Service{DB: db, Now: now, Joining: about.Joining},
		peers:         &peers.Service{DB: db, Now: now},
		portability:   &portability.Service{DB: db, Origin: c.Origin(), Host: c.Host, Name: c.Name, Now: now},
		clients:       &clients.Service{DB: db, Origin: c.Origin(), Host: c.Host, Name: c.Name, Now: now},
	}, nil
}

// provider is a company's sign-in, nil where none is set. The operator chose
// its address, so it may be a private one.
func provider(c config.Config, circle *groups.Service) (*accounts.Provider, error) {
	if c.Provider.Issuer == "" {
		return nil, nil
	}
	pool, err := authorities(c.ExtraCA)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 15 * time.Second, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	return &accounts.Provider{
		Issuer: c.Provider.Issuer, ClientID: c.Provider.ClientID, Secret: c.Provider.Secret, Name: c.Provider.Name,
		Claim: c.Provider.Claim, Groups: c.Provider.Groups, Client: &http.Client{Transport: transport, Timeout: 30 * time.Second},
		Enrol: circle.Enrol, Withdraw: circle.Withdraw,
	}, nil
}

// postOffice makes what sends mail, if the operator named a mail server.
func (p *program) postOffice(db *storage.DB, notes *notifications.Service, now func() time.Time) (*mail.Service, error) {
	c := p.config
	pool, err := authorities(c.ExtraCA)
	if err != nil {
		return nil, err
	}
	return mail.New(mail.Options{
		DB: db, SMTP: c.SMTP, From: c.MailFrom, Name: c.Name, Host: c.Host, Origin: c.Origin(), ExtraCA: pool, Log: p.log, Now: now,
		Unsubscribing: notes.Unsubscribing,
	})
}

// gallery is where pictures that people upload hang.
func gallery(c config.Config, db *storage.DB, groups *groups.Service, now func() time.Time) (*media.Service, error) {
	store, err := blobs.Open(c.Media)
	if err != nil {
		return nil, fmt.Errorf("DRYSTONE_MEDIA: %w", err)
	}
	picture, page, err := fetches(c)
	if err != nil {
		return nil, err
	}
	return media.New(media.Options{
		DB: db, Store: store, Origin: c.Origin(), Now: now, MayEdit: groups.MayEdit, Quota: c.Quota, Recording: c.Recording,
		Picture: picture, Page: page, Cache: c.PictureCache,
	})
}

// newKey makes the key pair with which a new actor signs.
func newKey() (privatePEM, publicPEM string, err error) {
	key, err := httpsig.GenerateKey()
	if err != nil {
		return "", "", err
	}
	if privatePEM, err = httpsig.MarshalPrivate(key); err != nil {
		return "", "", err
	}
	publicPEM, err = httpsig.PublicPEM(&key.PublicKey)
	return privatePEM, publicPEM, err
}

// neighbours makes this server's side of the fediverse.
func (p *program) neighbours(h *house) (*federation.Server, error) {
	c := p.config
	client, err := wary(c)
	if err != nil {
		return nil, err
	}
	return federation.New(federation.Options{
		DB: h.db, Accounts: h.accounts, Groups: h.groups, Posts: h.posts, Votes: h.votes, Moderation: h.moderation,
		Reports: h.reports, Messages: h.messages, Blocks: h.blocks, Client: client,
		Origin: c.Origin(), Host: c.Host, Name: c.Name, Version: version, Open: h.instance.Open,
		AuthorizedFetch: c.AuthorizedFetch, SharedSignatures: c.SharedSignatures, LemmyRemovals: c.LemmyRemovals, Log: p.log, Now: time.Now,
	}), nil
}

// authorities are those of the system and of a PEM file; nil without a file.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("DRYSTONE_EXTRA_CA: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("DRYSTONE_EXTRA_CA: %s holds no certificate", path)
	}
	return pool, nil
}

// handler answers every request: federation what is federation's, the API and
// the pages the rest.
func (p *program) handler(h *house, fediverse *federation.Server) (http.Handler, error) {
	c := p.config
	pages, err := api.New(api.Options{
		Options: v1.Options{
			Accounts: h.accounts, Groups: h.groups, Media: h.media, Profiles: h.profiles, Feeds: h.feeds, Posts: h.posts, Votes: h.votes, Moderation: h.moderation,
			Reports: h.reports, Messages: h.messages, Blocks: h.blocks, Consents: h.consents, Views: h.views, Notifications: h.notifications, Live: h.live,
			Search: h.search, Instance: h.instance, Joining: h.joining, Peers: h.peers, Portability: h.portability, Clients: h.clients, Resolver: fediverse,
			Origin: c.Origin(), Secure: c.Scheme == "https", Log: p.log, Now: time.Now, Limits: c.Limits,
			Roles: h.roles, Saves: h.saves, Readings: h.readings,
		},
		Name: c.Name, Build: frontend.Build(), TrustedProxies: c.TrustedProxies,
	})
	if err != nil {
		return nil, err
	}
	activities := fediverse.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The same address is a page and an ActivityPub document.
		w.Header().Add("Vary", "Accept")
		if fediverse.Handles(r) {
			activities.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	}), nil
}

// runner is everything that happens later.
func (p *program) runner(h *house, fediverse *federation.Server) *jobs.Runner {
	h.portability.Papers = fediverse.Papers()
	carrying := carry.Slices{
		Accounts: h.accounts, Groups: h.groups, Feeds: h.feeds, Blocks: h.blocks, Media: h.media, Profiles: h.profiles,
		Saves: h.saves, Find: fediverse.Locate, Followed: fediverse.FollowedBy, Resolve: fediverse.Resolve,
	}
	h.portability.Actions, h.portability.Open = carrying.Actions(), carrying.Open
	h.portability.Documents = []portability.Document{portability.Views(h.views.Of)}
	return &jobs.Runner{
		DB: h.db, Log: p.log, Now: time.Now,
		Readers: append(fediverse.Readers(),
			jobs.Reader{Name: "facts:notifications", Handle: h.notifications.Read},
			jobs.Reader{Name: "facts:portability", Handle: h.portability.Read},
			jobs.Reader{Name: "facts:consents", Handle: h.consents.Read}),
		Handlers: h.later(fediverse),
		Together: fediverse.Together(),
		Schedules: append(fediverse.Schedules(),
			jobs.Schedule{Name: "fold", Every: time.Second, Run: h.fold},
			jobs.Schedule{Name: "search", Every: time.Second, Run: h.search.Index},
			jobs.Schedule{Name: "polls", Every: 30 * time.Second, Run: func(ctx context.Context) error {
				return h.posts.TurnPolls(ctx, 3*time.Minute) // as often as Mastodon
			}},
			jobs.Schedule{Name: "scheduled", Every: 5 * time.Second, Run: h.posts.PublishDue},
			jobs.Schedule{Name: "tell", Every: 2 * time.Second, Run: h.notifications.Tell},
			jobs.Schedule{Name: "digests", Every: time.Minute, Run: h.notifications.Digest},
			jobs.Schedule{Name: "votes", Every: 10 * time.Minute, Run: h.notifications.TellVotes},
			jobs.Schedule{Name: "links", Every: 30 * time.Second, Run: h.profiles.CheckLinks},
			jobs.Schedule{Name: "media", Every: 10 * time.Minute, Run: h.media.Sweep},
			jobs.Schedule{Name: "pictures", Every: time.Hour, Run: h.media.SweepRemote},
			jobs.Schedule{Name: "roles", Every: time.Minute, Run: h.roles.Tend},
			jobs.Schedule{Name: "views", Every: 6 * time.Hour, Run: h.views.Trim},
			jobs.Schedule{Name: "readings", Every: 24 * time.Hour, Run: h.readings.Trim},
			jobs.Schedule{Name: "blocks", Every: time.Minute, Run: h.blocks.Expire},
			jobs.Schedule{Name: "joining", Every: time.Hour, Run: h.joining.Forget},
			jobs.Schedule{Name: "archives", Every: time.Hour, Run: h.portability.Trim},
			jobs.Schedule{Name: "newcomers", Every: 10 * time.Minute, Run: h.accounts.EndWaits},
			jobs.Schedule{Name: "graces", Every: 10 * time.Minute, Run: h.accounts.EndGraces},
			jobs.Schedule{Name: "expire", Every: time.Hour, Run: h.expire},
			jobs.Schedule{Name: "facts", Every: time.Hour, Run: func(ctx context.Context) error {
				return h.db.TrimFacts(ctx, time.Now().Add(-7*24*time.Hour))
			}},
		),
	}
}

// later are the handlers of every kind of job.
func (h *house) later(fediverse *federation.Server) map[string]jobs.Handler {
	all := fediverse.Jobs()
	all[community.JobLetter] = h.mail.Send
	all[community.JobPreview] = h.media.LookAt
	all[community.JobRing] = h.notifications.Ring
	all[portability.JobExport] = h.portability.WriteExport
	all[portability.JobImport] = h.portability.GoOn
	all[portability.JobOffer] = h.portability.Offer
	all[consents.JobPurge] = h.consents.Forget
	return all
}

// expire forgets what nobody can use any more.
func (h *house) expire(ctx context.Context) error {
	return errors.Join(h.db.DropExpired(ctx, time.Now()), h.clients.Tidy(ctx))
}

// fold moves what was counted in the last second into the rows counted.
func (h *house) fold(ctx context.Context) error {
	const most = 5000
	for {
		n, err := h.db.Fold(ctx, most)
		if err != nil || n < most {
			return err
		}
	}
}
