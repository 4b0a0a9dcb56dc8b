package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/messages"
	"drystone/storage"
)

// The advisories of docs/security.md that are about what is not for
// everybody.

// GHSA-ccpr-m53r-mfwr (Mastodon): collections were kept as the first reader
// had seen them, and shown to those whom somebody had blocked. What a member
// reads is for no cache between us, nothing that a member was given makes us
// say more to others, and who is put out reads nothing the next moment.
func TestGHSA_ccpr_m53r_mfwr_WhatOneReadsIsNotKeptForAnother(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCellar(t, db, community.Private)
		eve := c.third.Person("eve")
		read := func(who *fediverse.Actor, path, tag string) *guard.Response {
			t.Helper()
			resp, err := who.Peer.Client.Get(t.Context(), c.URL+path, as.AcceptHeader, func(r *http.Request) error {
				if tag != "" {
					r.Header.Set("If-None-Match", tag)
				}
				return who.Sign(r, nil)
			})
			if resp == nil {
				t.Fatal(err)
			}
			return resp
		}
		nothing := func(name string, who *fediverse.Actor, path, tag string) {
			t.Helper()
			mark := c.log.mark()
			got, never := read(who, path, tag), read(who, "/post/987654321", tag)
			if got.Status != http.StatusNotFound || string(got.Body) != string(never.Body) {
				t.Errorf("%s for %s: %d %s", path, name, got.Status, got.Body)
			}
			for _, key := range []string{"Cache-Control", "Etag", "Vary", "Content-Type", "Content-Length"} {
				if got, want := got.Header.Get(key), never.Header.Get(key); got != want {
					t.Errorf("%s for %s: %s is %q, and of what never was %q", path, name, key, got, want)
				}
			}
			if _, ok := c.log.after(mark, "not shown", "path="+path, "reason="+who.ID+" is no member of "+c.group.IRI); !ok {
				t.Errorf("%s for %s: the log does not say why: %q", path, name, c.log.lines[mark:])
			}
		}
		paths := []string{"/c/cellar/outbox", "/c/cellar/featured", "/c/cellar/moderators", "/c/cellar/followers", fmt.Sprintf("/post/%d/replies", c.post.ID), fmt.Sprintf("/post/%d", c.post.ID)}
		tags := map[string]string{}
		for _, path := range paths {
			resp := read(c.mia, path, "")
			tags[path] = resp.Header.Get("Etag")
			if resp.Status != http.StatusOK || tags[path] == "" || !strings.HasPrefix(resp.Header.Get("Cache-Control"), "private") {
				t.Errorf("%s for a member: %d, %v", path, resp.Status, resp.Header)
			}
			if again := read(c.mia, path, tags[path]); again.Status != http.StatusNotModified {
				t.Errorf("%s for a member who has it: %d", path, again.Status)
			}
			nothing("a stranger", eve, path, "")
			nothing("a stranger who knows the tag", eve, path, tags[path])
		}
		c.check(c.groups.PutOut(t.Context(), c.ann, community.Handle{Name: "cellar"}, c.handle(c.mia)))
		for _, path := range paths {
			nothing("who was put out", c.mia, path, "")
			nothing("who was put out and has it", c.mia, path, tags[path])
		}
	})
}

// CVE-2024-23649 (Lemmy): anybody could report, and thereby read, a private
// message. What a Flag names is found only if its sender may see it.
func TestCVE_2024_23649_FlagOfAMessage(t *testing.T) {
	flaggedEach(t, func(f *flagged) {
		bea := f.person("bea")
		ours, err := f.messages.Send(f.t.Context(), f.ann, bea, messages.Draft{Body: "Between us"})
		if err != nil {
			f.t.Fatal(err)
		}
		theirs := letter(f.lena, "secret", f.ann.IRI)
		f.send(f.lena, theirs)
		f.wantLetters(f.ann, "bea: <p>Between us</p>", "lena: <p>Hello <b>there</b>.</p>")
		before := f.counts()
		for name, object := range map[string]any{
			"a message here": ours.IRI, "one of another server": theirs["object"].(map[string]any)["id"],
			"one of each": []any{ours.IRI, theirs["object"].(map[string]any)["id"]}, "a number": ours.ID,
			"its page": f.URL + "/messages/bea",
		} {
			flag := f.flag(f.nico, object, f.cats.IRI)
			f.send(f.nico, flag)
			f.dropped("kind=Flag", "id="+flag["id"].(string), "nothing that is known here")
			if after := f.counts(); after != before {
				f.t.Errorf("%s: there was %s and is %s", name, before, after)
			}
		}
		f.waits(0)
		// As Mastodon reports what is direct: it is about the author, and nobody
		// reads the message for it.
		flag := f.flag(f.nico, []any{f.ann.IRI, ours.IRI}, f.ann.IRI)
		f.send(f.nico, flag)
		r := f.waits(1)
		kept, err := f.db.Snapshots(f.t.Context(), r.CaseID)
		if err != nil {
			f.t.Fatal(err)
		}
		if r.TargetID != f.ann.ID || r.MessageID != 0 || len(kept) != 1 || strings.Contains(kept[0].HTML, "Between us") {
			f.t.Errorf("a Flag of ann and her message is %+v with %+v", r, kept)
		}
	})
}

// NodeBB took a number in attributedTo for one of its own people: posts, and
// messages between two, could be forged in the name of anybody.
func TestNodeBB_NumbersAreNobody(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		mallory := fediverse.NewPeer(t, "nodebb").Person("mallory")
		bea := h.person("bea")
		h.send(mallory, note(mallory, "hello", h.cats.IRI)) // is known
		before := h.contents()
		refused := func(name string, activity map[string]any, status int, says string) {
			t.Helper()
			body := fediverse.JSON(t, activity)
			h.refused(name, body, status, says, func(r *http.Request) {
				if err := mallory.Sign(r, body); err != nil {
					t.Error(err)
				}
			})
		}
		for i, author := range []any{1, "1", bea.ID, fmt.Sprint(bea.ID), "/uid/1", "/u/bea", h.URL + "/uid/1", bea.IRI, []any{1}, []any{[]any{bea.IRI}}, map[string]any{"id": 1}, map[string]any{"id": bea.IRI}, nil} {
			name := fmt.Sprintf("%d: %v", i, author)
			post, direct := note(mallory, fmt.Sprint("p", i), h.cats.IRI), letter(mallory, fmt.Sprint("m", i), h.ann.IRI)
			for _, forged := range []map[string]any{post, direct} {
				forged["object"].(map[string]any)["attributedTo"] = author
				refused(name, forged, http.StatusForbidden, "is not by "+mallory.ID)
			}
		}
		for i, actor := range []any{1, "1", "/uid/1", []any{1, mallory.ID, bea.IRI}} {
			forged := note(mallory, fmt.Sprint("a", i), h.cats.IRI)
			forged["actor"] = actor
			refused(fmt.Sprint("actor ", actor), forged, http.StatusBadRequest, "not exactly one actor")
		}
		if after := h.contents(); after != before {
			t.Errorf("there was %s and is %s", before, after)
		}
	})
}
