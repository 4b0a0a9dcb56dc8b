package api_test

import (
	"bytes"
	"fmt"
	"image/color"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// upload sends a file by a form, called and said to be what it is not.
func (w *world) upload(who, file, alt string) *reply {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "page.html")
	w.check(err)
	_, err = part.Write([]byte(file))
	w.check(err)
	w.check(form.WriteField("alt", alt))
	w.check(form.Close())
	return w.do(http.MethodPost, "/api/v1/media", body.String(), w.as(who), header("Content-Type", form.FormDataContentType()))
}

func (w *world) uploaded(who, file, alt string) object {
	w.t.Helper()
	return w.upload(who, file, alt).is(http.StatusCreated).json()
}

// film is the beginning of a film, and no more of it.
const film = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42<script>alert(1)</script>"

func TestMedia(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		up := w.uploaded("bob", picture(w, 600, 300, color.White), "A white wall")
		path := fmt.Sprintf("/api/v1/media/%v", up["id"])
		if up["kind"] != "image" || up["width"] != 600.0 || up["height"] != 300.0 || up["alt"] != "A white wall" || up["blurhash"] == "" || up["media_type"] != "image/webp" {
			t.Errorf("uploaded: %v", up)
		}
		file := w.get(strings.TrimPrefix(up["url"].(string), origin)).is(http.StatusOK)
		for name, want := range map[string]string{
			"Content-Type": "image/webp", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'", "Content-Disposition": "inline",
		} {
			if got := file.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		w.get(path, w.as("alice")).is(http.StatusNotFound)
		w.do(http.MethodPatch, path, object{"alt": "Mine"}, w.as("alice")).is(http.StatusNotFound)
		if alt := w.do(http.MethodPatch, path, object{"alt": "A wall"}, w.as("bob")).is(http.StatusOK).json()["alt"]; alt != "A wall" {
			t.Errorf("described as %v", alt)
		}
		isProblem(t, w.do(http.MethodPatch, path, object{"alt": strings.Repeat("x", 10_000)}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.alt")
		w.do(http.MethodPatch, path, `{"alt":"a\u0000b"}`, w.as("bob")).is(http.StatusBadRequest)

		post := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Walls", "media": []any{up["id"]}}, w.as("bob")).is(http.StatusCreated).json()
		shown := post["media"].([]any)
		if post["kind"] != "image" || len(shown) != 1 || shown[0].(object)["alt"] != "A wall" {
			t.Errorf("posted: %v", post)
		}
		w.do(http.MethodDelete, path, nil, w.as("bob")).is(http.StatusConflict)
		isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Again", "media": []any{up["id"]}}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.media")
		isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Stolen", "media": []any{up["id"]}}, w.as("alice")).is(http.StatusUnprocessableEntity), "body.media")
		isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Twice", "media": []any{7, 7}}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.media")

		at := fmt.Sprintf("/api/v1/posts/%v", post["id"])
		other := w.uploaded("bob", picture(w, 30, 30, color.Black), "")
		both := w.do(http.MethodPatch, at, object{"media": []any{other["id"], up["id"]}}, w.as("bob")).is(http.StatusOK).json()["media"].([]any)
		if len(both) != 2 || both[0].(object)["id"] != other["id"] {
			t.Errorf("in another order: %v", both)
		}
		if kept := w.do(http.MethodPatch, at, object{"body": "With words."}, w.as("bob")).is(http.StatusOK).json()["media"].([]any); len(kept) != 2 {
			t.Errorf("other words leave %v", kept)
		}
		plain := w.do(http.MethodPatch, at, object{"media": []any{}}, w.as("bob")).is(http.StatusOK).json()
		if len(plain["media"].([]any)) != 0 || plain["kind"] != "text" {
			t.Errorf("without: %v", plain)
		}
		w.get(path, w.as("bob")).is(http.StatusNotFound)
	})
}

// What is shown in the text itself is as little forgotten as what is shown
// beside it, and what is deleted is forgotten at once.
func TestMediaInText(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		up := w.uploaded("bob", picture(w, 40, 30, color.White), "")
		post := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Inside", "body": fmt.Sprintf("Look: ![a wall](%s)", up["url"])}, w.as("bob")).is(http.StatusCreated).json()
		if post["kind"] != "text" || len(post["media"].([]any)) != 0 || !strings.Contains(post["html"].(string), "<img src=") {
			t.Errorf("posted: %v", post)
		}
		if use, err := db.MediaUse(t.Context(), w.who["bob"].Actor.ID); err != nil || use.Unclaimed != 0 || use.Files != 1 {
			t.Errorf("bob uses %+v, %v", use, err)
		}
		second := w.uploaded("bob", film, "A film")
		made := w.do(http.MethodPost, fmt.Sprintf("/api/v1/posts/%v/comments", post["id"]), object{"body": "A film!", "media": []any{second["id"]}}, w.as("bob")).is(http.StatusCreated).json()
		if m := made["media"].([]any); len(m) != 1 || m[0].(object)["kind"] != "video" {
			t.Errorf("the comment shows %v", m)
		}
		w.do(http.MethodDelete, fmt.Sprintf("/api/v1/comments/%v", made["id"]), nil, w.as("bob")).is(http.StatusNoContent)
		w.do(http.MethodDelete, fmt.Sprintf("/api/v1/posts/%v", post["id"]), nil, w.as("bob")).is(http.StatusNoContent)
		if use := w.get("/api/v1/me/media", w.as("bob")).is(http.StatusOK).json(); use["files"] != 0.0 || use["bytes"] != 0.0 {
			t.Errorf("afterwards bob uses %v", use)
		}
	})
}

// Films are played a part at a time, and are nothing but films.
func TestRecordings(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	up := w.uploaded("bob", film, "")
	if up["kind"] != "video" || up["media_type"] != "video/mp4" || !strings.HasSuffix(up["url"].(string), ".mp4") {
		t.Fatalf("uploaded: %v", up)
	}
	part := w.get(strings.TrimPrefix(up["url"].(string), origin), header("Range", "bytes=4-11")).is(http.StatusPartialContent)
	if part.has("ftypisom"); part.Header.Get("Content-Type") != "video/mp4" || part.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(part.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a part comes with %v", part.Header)
	}
	for name, file := range map[string]string{
		"a page": "<!doctype html><script>alert(1)</script>", "a drawing": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
		"a program": "MZ\x90\x00", "nothing": "", "an archive": "PK\x03\x04", "a paper": "%PDF-1.7",
	} {
		if r := w.upload("bob", file, ""); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	w.upload("bob", film+strings.Repeat("x", 2<<20), "").is(http.StatusUnprocessableEntity).has("Films and sounds may have 1 MB")
	w.upload("bob", strings.Repeat("x", 12<<20), "")
	w.do(http.MethodPost, "/api/v1/media", "no form", w.as("bob"), header("Content-Type", "multipart/form-data; boundary=x")).is(http.StatusUnprocessableEntity)
}
