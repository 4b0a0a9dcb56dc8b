package notifications_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/service/notifications/webpush"
	"drystone/service/posts"
	"drystone/storage"
)

// A pusher is a push service and the browser behind it, which reads what it
// gets as browsers do.
type pusher struct {
	t      *testing.T
	key    *ecdh.PrivateKey
	auth   []byte
	answer int
	rung   []community.Ring
}

func newPusher(t *testing.T) *pusher {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &pusher{t: t, key: key, auth: []byte("sixteen bytes..."), answer: http.StatusCreated}
}

func (p *pusher) browser() webpush.Browser {
	return webpush.Browser{Endpoint: "https://push.test/abc", P256dh: p.key.PublicKey().Bytes(), Auth: p.auth}
}

func (p *pusher) send(_ context.Context, url string, header http.Header, body []byte) (int, error) {
	p.t.Helper()
	if url != "https://push.test/abc" || !strings.HasPrefix(header.Get("Authorization"), "vapid t=") || header.Get("Content-Encoding") != "aes128gcm" || header.Get("TTL") == "" {
		p.t.Errorf("to %s with %v", url, header)
	}
	if p.answer >= 300 {
		return p.answer, fault.New(fault.Unavailable, "no")
	}
	salt, point, sealed := body[:16], body[21:21+65], body[21+65:]
	theirs, err := ecdh.P256().NewPublicKey(point)
	p.check(err)
	shared, err := p.key.ECDH(theirs)
	p.check(err)
	secret, err := hkdf.Key(sha256.New, shared, p.auth, "WebPush: info\x00"+string(p.key.PublicKey().Bytes())+string(point), 32)
	p.check(err)
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	p.check(err)
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	p.check(err)
	block, err := aes.NewCipher(key)
	p.check(err)
	opener, err := cipher.NewGCM(block)
	p.check(err)
	plain, err := opener.Open(nil, nonce, sealed, nil)
	p.check(err)
	var ring community.Ring
	p.check(json.Unmarshal(plain[:len(plain)-1], &ring)) // 2 ends the last record
	p.rung = append(p.rung, ring)
	return p.answer, nil
}

func (p *pusher) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// rings does the jobs that wait to ring, and returns how many there were.
func (w *world) rings(t *testing.T, notes *notifications.Service) (n int, last error) {
	t.Helper()
	lanes, err := w.db.DueLanes(t.Context(), noon.Add(1000*time.Hour))
	w.check(t, err)
	jobs, err := w.db.DueJobs(t.Context(), lanes, noon.Add(1000*time.Hour), 100)
	w.check(t, err)
	for _, job := range jobs {
		if job.Kind != community.JobRing {
			continue
		}
		last = notes.Ring(t.Context(), job)
		w.check(t, w.db.FinishJobs(t.Context(), []community.JobID{job.ID}, noon))
		n++
	}
	return n, last
}

func TestBrowsersRing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx, p := newWorld(t, db), t.Context(), newPusher(t)
		w.notes.Send, w.notes.Origin = p.send, "https://here.test"
		session := &community.Session{AccountID: w.accounts["ada"].ID, Kind: community.BrowserSession, Hash: []byte("a"), CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
		w.check(t, db.AddSession(ctx, session))
		first, err := w.notes.PushKey(ctx)
		w.check(t, err)
		if again, err := w.notes.PushKey(ctx); err != nil || again != first {
			t.Errorf("the key changes, %v", err)
		}
		w.check(t, w.notes.RingIn(ctx, session, p.browser()))
		if on, err := w.notes.Rings(ctx, session); err != nil || !on {
			t.Errorf("it rings: %v, %v", on, err)
		}
		post := w.asks(t, "bo", "mod")
		w.check(t, w.notes.Tell(ctx))
		if n, err := w.rings(t, w.notes); n != 1 || err != nil {
			t.Fatalf("%d rings, %v", n, err)
		}
		if r := p.rung[0]; r.Title != "mod answered you" || r.Body != post.Title || !strings.HasPrefix(r.Path, "/comment/") || strings.Contains(r.Body, "Flat") {
			t.Errorf("it shows %+v", r)
		}

		// What is said in a closed group stays there.
		w.garden.Visibility = community.LocalOnly
		w.check(t, db.EditActor(ctx, w.garden))
		_, err = w.posts.Comment(ctx, w.people["bo"], post.ID, 0, posts.Draft{Body: "Psst, @ada"})
		w.check(t, err)
		w.read(t)
		w.check(t, w.notes.Tell(ctx))
		if n, err := w.rings(t, w.notes); n == 0 || err != nil || p.rung[len(p.rung)-1].Body != "" {
			t.Errorf("of a closed group it shows %+v, %v", p.rung[len(p.rung)-1], err)
		}

		// A push service that has no time is asked again, one that does not know
		// the browser any more never.
		for _, test := range []struct {
			answer int
			want   fault.Code
			stays  bool
		}{{503, fault.Unavailable, true}, {429, fault.Unavailable, true}, {400, fault.Invalid, true}, {410, fault.None, false}} {
			p.answer = test.answer
			_, err = w.posts.Comment(ctx, w.people["bo"], post.ID, 0, posts.Draft{Body: "More"})
			w.check(t, err)
			w.read(t)
			w.check(t, w.notes.Tell(ctx))
			if n, err := w.rings(t, w.notes); n == 0 || fault.CodeOf(err) != test.want {
				t.Errorf("%d: %v", test.answer, err)
			}
			if on, err := w.notes.Rings(ctx, session); err != nil || on != test.stays {
				t.Errorf("after %d it rings: %v, %v", test.answer, on, err)
			}
		}

		// With the session the browser falls silent.
		w.check(t, w.notes.RingIn(ctx, session, p.browser()))
		_, err = db.DeleteSession(ctx, session.AccountID, session.ID)
		w.check(t, err)
		if list, err := db.Pushes(ctx, session.AccountID); err != nil || len(list) != 0 {
			t.Errorf("after signing out %d ring, %v", len(list), err)
		}
	})
}

func TestBrowsersThatDoNotRing(t *testing.T) {
	w, p := newWorld(t, testdb.SQLite(t)), newPusher(t)
	session := &community.Session{AccountID: w.accounts["ada"].ID, Kind: community.BrowserSession, Hash: []byte("a"), CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	w.check(t, w.db.AddSession(t.Context(), session))
	token := *session
	token.Kind = community.TokenSession
	if err := w.notes.RingIn(t.Context(), &token, p.browser()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a program: %v", err)
	}
	for _, endpoint := range []string{"", "http://push.test/", "ftp://push.test/", "https://", "https://a:b@push.test/", "https://push.test/" + strings.Repeat("a", 2000), "\x00\u202e"} {
		b := p.browser()
		b.Endpoint = endpoint
		if err := w.notes.RingIn(t.Context(), session, b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40q: %v", endpoint, err)
		}
	}
	b := p.browser()
	b.P256dh = b.P256dh[1:]
	if err := w.notes.RingIn(t.Context(), session, b); !fault.Is(err, fault.Invalid) {
		t.Errorf("half a key: %v", err)
	}
}
