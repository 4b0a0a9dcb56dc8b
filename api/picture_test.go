package api_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/roles"
	"drystone/storage"
)

// picture is a PNG of one colour.
func picture(w *world, width, height int, c color.Color) string {
	w.t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	w.check(png.Encode(&out, m))
	return out.String()
}

func TestPictures(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		// A wrong type does no harm, nor does one that is missing.
		shown := w.do(http.MethodPut, "/api/v1/me/avatar", picture(w, 500, 400, color.White), w.as("bob"), header("Content-Type", "text/html")).is(http.StatusOK).json()
		icon := shown["icon"].(string)
		if !strings.HasPrefix(icon, origin+"/media/") || shown["icon_small"] == icon {
			t.Fatalf("PUT = %v", shown)
		}
		w.do(http.MethodPut, "/api/v1/me/banner", picture(w, 900, 300, color.Black), w.as("bob"), header("Content-Type", "")).is(http.StatusOK)
		bob := w.get("/api/v1/people/bob").is(http.StatusOK).json()
		if bob["icon"] != icon || bob["icon_small"] != shown["icon_small"] || !strings.HasPrefix(bob["image"].(string), origin+"/media/") {
			t.Errorf("GET /people/bob = %v", bob)
		}
		if post := w.get("/api/v1/feed").json()["items"].([]any)[0].(object); post["author"].(object)["icon_small"] != shown["icon_small"] {
			t.Errorf("beside a post: %v", post["author"])
		}
		for _, address := range []string{icon, shown["icon_small"].(string), bob["image"].(string)} {
			r := w.get(strings.TrimPrefix(address, origin)).is(http.StatusOK)
			if kind := r.Header.Get("Content-Type"); kind != "image/png" && kind != "image/jpeg" {
				t.Errorf("%s is %s", address, kind)
			}
		}
		w.do(http.MethodDelete, "/api/v1/me/avatar", nil, w.as("bob")).is(http.StatusNoContent)
		if bob := w.get("/api/v1/people/bob").json(); bob["icon"] != nil || bob["image"] == nil {
			t.Errorf("afterwards bob shows %v and %v", bob["icon"], bob["image"])
		}

		w.do(http.MethodPut, "/api/v1/groups/garden/banner", picture(w, 900, 300, color.Black), w.as("alice")).is(http.StatusOK)
		if g := w.get("/api/v1/groups/garden").json(); g["image"] == nil || g["icon"] != nil {
			t.Errorf("the group shows %v and %v", g["icon"], g["image"])
		}
		isProblem(t, w.do(http.MethodPut, "/api/v1/groups/garden/avatar", picture(w, 90, 90, color.Black), w.as("bob")).is(http.StatusForbidden), "")
	})
}

// Whatever is handed out is a picture and nothing else, to whoever asks how.
func TestPicturesAreHandedOutSafely(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	address := w.do(http.MethodPut, "/api/v1/me/avatar", picture(w, 100, 100, color.White), w.as("alice")).is(http.StatusOK).json()["icon"].(string)
	path := strings.TrimPrefix(address, origin)
	whole := w.get(path).is(http.StatusOK)
	for name, want := range map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "default-src 'none'; sandbox; frame-ancestors 'none'",
		"Cache-Control":                "public, max-age=31536000, immutable",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Accept-Ranges":                "bytes",
	} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	part := w.get(path, header("Range", "bytes=4-7")).is(http.StatusPartialContent)
	if part.text != whole.text[4:8] {
		t.Errorf("bytes 4 to 7 are %q", part.text)
	}
	w.get(path, header("If-None-Match", whole.Header.Get("ETag"))).is(http.StatusNotModified)
	if head := w.do(http.MethodHead, path, nil).is(http.StatusOK); head.Header.Get("Content-Length") == "" {
		t.Error("HEAD does not say how long it is")
	}
	w.get(path, header("Accept", "application/activity+json")).is(http.StatusOK)
	for _, bad := range []string{"/media/", "/media/../drystone.db", "/media/%2e%2e/x", "/media/0000000000000000.jpg", path + ".svg", path + "/x"} {
		w.get(bad).is(http.StatusNotFound)
	}
}

func TestPicturesRefused(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	bomb := []byte(picture(w, 20, 20, color.White))
	copy(bomb[16:], "\x00\x00\xff\xff\x00\x00\xff\xff")
	for _, body := range map[string]string{
		"SVG":             "<svg xmlns='http://www.w3.org/2000/svg'/>",
		"a bomb":          string(bomb),
		"half a picture":  picture(w, 90, 90, color.White)[:60],
		"very few pixels": picture(w, 2, 2, color.White),
	} {
		for _, path := range []string{"/api/v1/me/avatar", "/api/v1/me/banner"} {
			r := w.do(http.MethodPut, path, body, w.as("alice"), header("Content-Type", "image/png")).is(http.StatusUnprocessableEntity)
			isProblem(t, r, "body.picture")
		}
	}
	r := w.do(http.MethodPut, "/api/v1/me/avatar", strings.Repeat("x", 8<<20+1), w.as("alice")).is(http.StatusRequestEntityTooLarge)
	r.has("8 MB")
	if me := w.get("/api/v1/people/alice").json(); me["icon"] != nil || me["image"] != nil {
		t.Errorf("something is shown all the same: %v", me)
	}
}

// What somebody shows can be taken away by those who see to that, with a reason
// that they read; and by nobody else.
func TestTakenPictures(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const take = "/api/v1/people/bob/pictures/take"
		avatar := object{"picture": "avatar", "reason": "No flags, please."}
		icon := w.do(http.MethodPut, "/api/v1/me/avatar", picture(w, 500, 400, color.White), w.as("bob")).is(http.StatusOK).json()["icon"].(string)
		w.do(http.MethodPut, "/api/v1/me/banner", picture(w, 900, 300, color.Black), w.as("bob")).is(http.StatusOK)

		for _, who := range []string{"alice", "bob", "carol"} {
			w.do(http.MethodPost, take, avatar, w.as(who)).is(http.StatusForbidden)
		}
		for _, reason := range []string{"", "  ", strings.Repeat("x", 10_000)} {
			isProblem(t, w.do(http.MethodPost, take, object{"picture": "avatar", "reason": reason}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.reason")
		}
		if w.get("/api/v1/people/bob").json()["icon"] != icon {
			t.Error("taken away without a reason that can be told")
		}
		w.do(http.MethodPost, take, object{"picture": "hat", "reason": "x"}, w.as("ada")).is(http.StatusUnprocessableEntity)
		w.do(http.MethodPost, "/api/v1/people/nobody/pictures/take", avatar, w.as("ada")).is(http.StatusNotFound)

		w.do(http.MethodPost, take, avatar, w.as("ada")).is(http.StatusNoContent)
		w.do(http.MethodPost, take, avatar, w.as("ada")).is(http.StatusNoContent) // there is none any more
		if bob := w.get("/api/v1/people/bob").json(); bob["icon"] != nil || bob["image"] == nil {
			t.Errorf("bob shows %v and %v", bob["icon"], bob["image"])
		}
		w.tell(new(int64))
		w.get("/api/v1/notifications", w.as("bob")).is(http.StatusOK).has(`"kind":"picture_taken"`, "No flags, please.")

		// An administrator's is not for a role to take.
		_, err := w.roles.Give(t.Context(), w.who["ada"].Actor, w.who["carol"].Actor, roles.Place{}, roles.Gift{Role: community.Safety})
		w.check(err)
		w.do(http.MethodPut, "/api/v1/me/avatar", picture(w, 500, 400, color.White), w.as("ada")).is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/people/ada/pictures/take", avatar, w.as("carol")).is(http.StatusForbidden).has("administers")
		w.do(http.MethodPost, take, object{"picture": "banner", "reason": "x"}, w.as("carol")).is(http.StatusNoContent)
	})
}

// What somebody elsewhere shows is kept away here until they show another,
// whatever their server says meanwhile.
func TestTakenPicturesOfOthers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		now := community.Timestamp(time.Now())
		peer, err := db.PeerByHost(t.Context(), "peer.example", now)
		w.check(err)
		far := &community.Actor{
			Kind: community.Person, Name: "faye", Host: "peer.example", IRI: "https://peer.example/u/faye", PeerID: peer.ID,
			Inbox: "https://peer.example/inbox", CreatedAt: now, UpdatedAt: now, FetchedAt: now,
		}
		shows := func(icon string, want bool) {
			t.Helper()
			far.Icon = icon
			w.check(db.SaveRemoteActor(t.Context(), far))
			got, _ := w.get("/api/v1/people/faye@peer.example").is(http.StatusOK).json()["icon"].(string)
			if strings.HasPrefix(got, "/media/remote/actor/") != want || !want && got != "" {
				t.Errorf("%s is shown as %q, want it shown: %t", icon, got, want)
			}
		}
		shows("https://peer.example/1.png", true)
		w.do(http.MethodPost, "/api/v1/people/faye@peer.example/pictures/take", object{"picture": "avatar", "reason": "No."}, w.as("ada")).is(http.StatusNoContent)
		shows("https://peer.example/1.png", false)
		shows("https://peer.example/2.png", true)
		shows("https://peer.example/1.png", false)
	})
}
