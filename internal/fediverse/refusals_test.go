package fediverse_test

import (
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/internal/fediverse"
)

// A stranger is a group on a server that knows nothing of what its neighbours
// will not take, and one of its members.
type stranger struct {
	*fediverse.Peer
	group, member *fediverse.Actor
	post          string
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	p := fediverse.NewPeer(t, "lemmy")
	s := &stranger{Peer: p, group: p.Group("cats"), member: p.Person("mia")}
	s.post = p.Serve("/post/1", map[string]any{
		"@context": as.NS, "id": p.URL + "/post/1", "type": as.KindPage, "attributedTo": s.member.ID, "name": "Kittens", "summary": "Many.",
		"content": "<p>Secret.</p>", "to": []string{as.Public, s.group.ID}, "published": "2026-05-01T12:00:00Z",
	})
	return s
}

func (s *stranger) activity(kind, id string, by *fediverse.Actor, object any, to ...string) map[string]any {
	return map[string]any{
		"@context": as.NS, "id": s.URL + id, "type": kind, "actor": by.ID, "object": object, "to": to, "cc": []string{by.ID + "/followers"},
		"published": "2026-05-01T12:00:00Z",
	}
}

// refused sends something and says what the peer noted of it.
func refused(t *testing.T, by *fediverse.Actor, inbox string, activity any, status int, noted func() []string, why string) {
	t.Helper()
	before := len(noted())
	got, text := by.Send(t, inbox, activity)
	list := noted()[before:]
	if got != status || (why == "") != (len(list) == 0) || why != "" && !strings.Contains(list[0], why) {
		t.Errorf("%v was answered %d %s and noted as %q, want %d and %q", activity, got, text, list, status, why)
	}
}

// What the fakes are for is to say no: to what the real ones refuse, or take
// and never show.
func TestMicroblogsRefuse(t *testing.T) {
	for _, start := range []func(testing.TB) *fediverse.Microblog{fediverse.NewMastodon, fediverse.NewGoToSocial} {
		m, s := start(t), newStranger(t)
		m.Expect("") // everything
		alice := m.Account("alice")
		to := func(by *fediverse.Actor, activity any, why string) {
			t.Helper()
			refused(t, by, alice.Inbox, activity, http.StatusAccepted, m.Refusals, why)
		}
		to(s.group, s.activity("Announce", "/a/1", s.group, s.post, as.Public), "nobody here follows")
		alice.Follow(t, s.group.ID)
		follow := s.Await(t, "a Follow", fediverse.Kind(as.KindFollow))
		to(s.member, s.activity("Accept", "/a/2", s.member, follow.Doc.Bytes()), "it does not hold the Follow")
		to(s.group, map[string]any{"@context": as.NS, "id": s.URL + "/a/3", "type": "Accept", "actor": s.group.ID, "object": map[string]any{
			"id": follow.Doc.ID(), "type": "Follow", "actor": alice.ID, "object": s.group.ID,
		}}, "")
		if got := m.Follows(alice, s.group.ID); got != "accepted" {
			t.Errorf("alice's membership is %q", got)
		}
		to(s.group, s.activity("Announce", "/a/4", s.group, s.post, s.group.ID), "it is not public")
		create := s.activity("Create", "/a/5", s.member, s.post, as.Public)
		to(s.group, s.activity("Announce", "/a/6", s.group, create, as.Public), "Create")
		to(s.group, s.activity("Announce", "/a/7", s.group, s.URL+"/nothing", as.Public), "404")
		to(s.group, s.activity("Announce", "/a/8", s.group, s.post, as.Public), "")
		if got := m.Status(s.post); m.Boosted(s.group.ID, s.post) != 1 || strings.Contains(got.Content, "Secret.") == (m.Software == "mastodon") {
			t.Errorf("%s shows %+v", m.Software, got)
		}
		page := map[string]any{"id": s.post, "type": as.KindPage, "attributedTo": s.member.ID, "name": "Cats", "to": []string{as.Public}}
		to(s.member, s.activity("Update", "/a/9", s.member, page, as.Public), "does not say when")
		to(s.group, s.activity("Update", "/a/10", s.group, page, as.Public), "only the author edits")
		to(s.group, s.activity("Delete", "/a/11", s.group, s.post, as.Public), "only the author deletes")
		to(s.member, s.activity("Like", "/a/12", s.member, s.post, as.Public), "written here")
		to(s.member, s.activity("Dislike", "/a/13", s.member, s.post, as.Public), "means nothing here")
		to(s.member, s.activity("Flag", "/a/14", s.member, s.post, as.Public), "names no account")
		to(s.group, s.activity("Undo", "/a/15", s.group, s.activity("Announce", "/a/8", s.group, s.post), as.Public), "")
		if m.Boosted(s.group.ID, s.post) != 0 || m.Status(s.post) == nil {
			t.Error("an Undo of a boost takes the boost away, and nothing else")
		}
		eve := *s.member
		eve.Key = s.group.Key
		refused(t, &eve, alice.Inbox, s.activity("Delete", "/a/16", s.member, s.post), http.StatusUnauthorized, m.Refusals, "does not match")
	}
}

// What is GoToSocial's alone: no shared inbox, particular types, and nothing
// for whoever does not sign.
func TestGoToSocialRefuses(t *testing.T) {
	m, s := fediverse.NewGoToSocial(t), newStranger(t)
	m.Expect("")
	alice := m.Account("alice")
	block := s.activity("Block", "/a/1", s.member, alice.ID)
	refused(t, s.member, m.URL+"/inbox", block, http.StatusNotFound, m.Refusals, "no inbox")
	s.member.ContentType = "application/json"
	refused(t, s.member, alice.Inbox, block, http.StatusNotAcceptable, m.Refusals, "application/json")
	s.member.ContentType = as.ContentType + "; charset=utf-8"
	refused(t, s.member, alice.Inbox, block, http.StatusAccepted, m.Refusals, "")
	for path, want := range map[string]int{"/users/alice": http.StatusUnauthorized, "/users/alice/main-key": http.StatusOK} {
		resp, err := m.Client.Get(t.Context(), m.URL+path, as.AcceptHeader, nil)
		if resp == nil || resp.Status != want {
			t.Errorf("an unsigned GET of %s: %+v, %v", path, resp, err)
		}
	}
	if status, body, err := s.member.Get(t.Context(), alice.ID); status != http.StatusOK || err != nil {
		t.Errorf("a signed GET is answered %d %s, %v", status, body, err)
	}
}

// NodeBB is exact about types, reads what it is told of, and remembers.
func TestNodeBBRefuses(t *testing.T) {
	n, s := fediverse.NewNodeBB(t), newStranger(t)
	n.Expect("")
	nina, birds := n.User(2, "nina"), n.Category(7, "birds")
	inbox := n.URL + "/inbox"
	follow := s.activity("Follow", "/a/1", s.member, birds.ID)
	s.member.ContentType = as.ContentType + "; charset=utf-8"
	refused(t, s.member, inbox, follow, http.StatusNotFound, n.Refusals, "charset")
	s.member.ContentType = ""
	refused(t, s.member, inbox, follow, http.StatusAccepted, n.Refusals, "")
	s.Await(t, "an Accept", fediverse.Kind(as.KindAccept))
	refused(t, s.member, inbox, follow, http.StatusOK, n.Refusals, "") // seen already
	eve := *s.member
	eve.Key = s.group.Key
	refused(t, &eve, inbox, follow, http.StatusBadRequest, n.Refusals, "does not match")
	refused(t, s.group, inbox, follow, http.StatusForbidden, n.Refusals, "signed with")

	nina.Join(t, s.group.ID)
	asked := s.Await(t, "a Follow", fediverse.Kind(as.KindFollow))
	refused(t, s.group, nina.Inbox, s.activity("Accept", "/a/2", s.group, asked.Doc.RawOf("object")), http.StatusAccepted, n.Refusals, "nobody here asked")
	refused(t, s.group, nina.Inbox, map[string]any{"@context": as.NS, "id": s.URL + "/a/3", "type": "Accept", "actor": s.group.ID, "object": map[string]any{
		"id": asked.Doc.ID(), "type": "Follow", "actor": nina.ID, "object": s.group.ID,
	}}, http.StatusAccepted, n.Refusals, "")
	create := s.activity("Create", "/a/4", s.member, s.post, as.Public)
	refused(t, s.group, inbox, s.activity("Announce", "/a/5", s.group, create, as.Public), http.StatusFailedDependency, n.Refusals, "cannot be read")
	s.Serve("/a/4", create)
	refused(t, s.group, inbox, s.activity("Announce", "/a/6", s.group, create, as.Public), http.StatusAccepted, n.Refusals, "")
	if got := n.Post(s.post); got == nil || got.Title != "Kittens" {
		t.Errorf("the topic is %+v", got)
	}
	s.Serve("/post/2", map[string]any{"@context": as.NS, "id": s.URL + "/post/2", "type": "Note", "attributedTo": []string{s.member.ID, s.group.ID}, "to": as.Public})
	refused(t, s.group, inbox, s.activity("Announce", "/a/7", s.group, s.URL+"/post/2", as.Public), http.StatusAccepted, n.Refusals, "is by [")
}
