package federation_test

import (
	"fmt"
	"maps"
	"net/http"
	"sort"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A strand is a thread on another server: a post p by lena in dogs, and
// somebody of a third server.
type strand struct {
	peer, third *fediverse.Peer
	dogs, lena  *fediverse.Actor
	nico        *fediverse.Actor
	post        map[string]any
}

func newStrand(t *testing.T) *strand {
	s := &strand{peer: fediverse.NewPeer(t, ""), third: fediverse.NewPeer(t, "")}
	s.dogs, s.lena, s.nico = s.peer.Group("dogs"), s.peer.Person("lena"), s.third.Person("nico")
	s.post = page(s.lena, "p", s.dogs.ID)
	return s
}

func (s *strand) id() string { return s.post["id"].(string) }

// note serves a comment and returns it.
func (s *strand) note(by *fediverse.Actor, name, to string, more ...map[string]any) map[string]any {
	n := reply(by, name, to)
	for _, m := range more {
		maps.Copy(n, m)
	}
	by.Peer.Serve("/comment/"+name, n)
	return n
}

// thread is what h has of p, by the names of comments and what they answer.
func (s *strand) thread(h *home) string {
	h.t.Helper()
	post, err := h.db.PostByIRI(h.t.Context(), s.id())
	if err != nil {
		h.t.Fatal(err)
	}
	name := func(iri string) string { return iri[strings.LastIndexByte(iri, '/')+1:] }
	byID := map[community.CommentID]string{0: "p"}
	var lines []string
	for _, c := range h.comments() {
		if c.PostID == post.ID {
			byID[c.ID] = name(c.IRI)
			lines = append(lines, name(c.IRI)+"<"+byID[c.ParentID])
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, " ")
}

// TestThreadsAreRead: whoever opens a thread of a group elsewhere sees its
// comments, in whichever shape its server lists them.
func TestThreadsAreRead(t *testing.T) {
	tests := []struct {
		name  string
		serve func(*testing.T, *strand)
		want  string
		n     int64
	}{
		{"Lemmy: a context of ids", func(_ *testing.T, s *strand) {
			s.post["context"] = s.id() + "/context"
			a := s.note(s.lena, "a", s.id())
			b := s.note(s.nico, "b", a["id"].(string))
			s.peer.Serve("/post/p/context", list(s.id()+"/context", s.id(), a["id"], b["id"]))
		}, "a<p b<a", 2},
		{"NodeBB: pages of ids, children before parents", func(_ *testing.T, s *strand) {
			s.post["context"] = s.peer.URL + "/topic/1"
			a := s.note(s.lena, "a", s.id())
			b := s.note(s.lena, "b", a["id"].(string))
			c := s.note(s.nico, "c", b["id"].(string))
			pages := map[string]map[string]any{
				"":       {"id": s.peer.URL + "/topic/1", "type": "OrderedCollection", "totalItems": 3, "first": s.peer.URL + "/topic/1?page=1"},
				"page=1": {"id": s.peer.URL + "/topic/1?page=1", "type": "OrderedCollectionPage", "next": s.peer.URL + "/topic/1?page=2", "orderedItems": []any{c["id"]}},
				"page=2": {"id": s.peer.URL + "/topic/1?page=2", "type": "OrderedCollectionPage", "orderedItems": []any{b["id"], a["id"]}},
			}
			s.peer.ServeFunc("/topic/1", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/activity+json")
				_, _ = w.Write(fediverse.JSON(t, pages[r.URL.RawQuery]))
			})
		}, "a<p b<a c<b", 3},
		{"whole objects of its own server, and one that it has no word for", func(_ *testing.T, s *strand) {
			s.post["context"] = s.id() + "/context"
			forged := reply(s.nico, "forged", s.id())
			s.peer.Serve("/post/p/context", list(s.id()+"/context", reply(s.lena, "a", s.id()), forged))
		}, "a<p", 1},
		{"activities (FEP-f228)", func(_ *testing.T, s *strand) {
			s.post["context"] = s.id() + "/context"
			a := reply(s.lena, "a", s.id())
			b := s.note(s.nico, "b", a["id"].(string))
			announce := map[string]any{"type": "Announce", "id": s.dogs.ID + "/a/1", "actor": s.dogs.ID, "object": createOf(b)}
			create := createOf(a)
			s.peer.Serve("/post/p/context", list(s.id()+"/context", create, announce))
		}, "a<p b<a", 2},
		{"Mastodon: replies, walked", func(_ *testing.T, s *strand) {
			replies := func(id string, own []any, next string) map[string]any {
				page := map[string]any{"type": "CollectionPage", "partOf": id, "items": own}
				if next != "" {
					page["next"] = next
				}
				return map[string]any{"replies": map[string]any{"id": id, "type": "Collection", "first": page}}
			}
			b, more := s.third.URL+"/comment/b", s.id()+"/replies?page=true"
			a := s.note(s.lena, "a", s.id(), replies(s.peer.URL+"/comment/a/replies", []any{}, ""))
			s.note(s.nico, "b", s.id(), map[string]any{"replies": b + "/replies"})
			c := s.note(s.nico, "c", b)
			s.third.Serve("/comment/b/replies", map[string]any{"id": b + "/replies", "type": "Collection", "items": c["id"]})
			maps.Copy(s.post, replies(s.id()+"/replies", []any{a["id"]}, more))
			s.peer.Serve("/post/p/replies", map[string]any{"id": more, "type": "CollectionPage", "items": []any{b}})
			s.post["context"] = "tag:peer,2026:conversation"
		}, "a<p b<p c<b", 3},
		{"what belongs elsewhere", func(_ *testing.T, s *strand) {
			s.post["context"] = s.id() + "/context"
			a := s.note(s.lena, "a", s.id())
			s.peer.Serve("/post/q", page(s.lena, "q", s.dogs.ID))
			other := s.note(s.lena, "x", s.peer.URL+"/post/q")
			s.peer.Serve("/post/p/context", list(s.id()+"/context",
				s.peer.URL+"/post/q", other["id"], s.peer.URL+"/none", 7, "", nil, s.dogs.ID, a["id"], "https://127.0.0.1:1/x"))
		}, "a<p", 1},
		{"circles", func(_ *testing.T, s *strand) {
			s.post["context"] = s.id() + "/context"
			a := s.note(s.lena, "a", s.peer.URL+"/comment/b")
			b := s.note(s.lena, "b", a["id"].(string))
			act := map[string]any{"id": s.peer.URL + "/act", "type": "Announce", "actor": s.dogs.ID, "object": s.peer.URL + "/act"}
			s.peer.Serve("/act", act)
			doc := list(s.id()+"/context", a["id"], b["id"], s.peer.URL+"/act", act)
			doc["first"], doc["next"] = s.id()+"/context", s.id()+"/context"
			s.peer.Serve("/post/p/context", doc)
		}, "", 0},
		{"nothing at all", func(_ *testing.T, s *strand) {}, "", 0},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := newStrand(t)
				test.serve(t, s)
				s.peer.Serve("/post/p", s.post)
				b := h.read(s.id(), "post p by lena", s.id())
				if b.State != community.BackfillDone || b.Fetched != test.n {
					t.Errorf("read: %+v", b)
				}
				if got := s.thread(h); got != test.want {
					t.Errorf("the thread is %q, want %q", got, test.want)
				}
			})
		}
	})
}

// TestThreadsAreAskedForOnce: a context that did not change is not sent
// again, what is known is not read again, and a long thread takes turns.
func TestThreadsAreAskedForOnce(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	s := newStrand(t)
	s.post["context"], s.post["commentsEnabled"] = s.id()+"/context", false
	s.peer.Serve("/post/p", s.post)
	const many = 230
	ids := []any{s.id()}
	for i := range many {
		ids = append(ids, s.note(s.lena, fmt.Sprint("n", i), s.id())["id"])
	}
	sent := 0
	s.peer.ServeFunc("/post/p/context", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		sent++
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(fediverse.JSON(t, list(s.id()+"/context", ids...)))
	})
	if b := h.read(s.id(), "post p by lena", s.id()); b.Fetched != many || b.State != community.BackfillDone {
		t.Fatalf("read: %+v", b)
	}
	if n := len(s.peer.Requests("/comment/")); n != many || sent != 3 {
		t.Errorf("%d comments were read in %d turns", n, sent)
	}
	post, err := h.db.PostByIRI(t.Context(), s.id())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // it is old enough to be asked for daily
		h.pass(13 * time.Hour)
		if _, err := h.fed.FreshenThread(t.Context(), h.ann, post); err != nil {
			t.Fatal(err)
		}
		h.workAll()
	}
	if n := len(s.peer.Requests("/post/p/context")); n != 4 || sent != 3 {
		t.Errorf("the context was asked for %d times and sent %d times", n, sent)
	}
	if n := len(s.peer.Requests("/comment/")); n != many {
		t.Errorf("comments were read %d times", n)
	}
}
