package fediverse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// letters are the messages between somebody and another, oldest first.
func letters(t *testing.T, who *server.User, other string) (all []v1.Message) {
	t.Helper()
	var thread v1.Thread
	who.Call(t, "GET", "/conversations/"+other, nil, &thread)
	for i := len(thread.Items) - 1; i >= 0; i-- {
		all = append(all, thread.Items[i])
	}
	return all
}

func seeLetter(t *testing.T, who *server.User, other, what string, is func(v1.Message) bool) v1.Message {
	t.Helper()
	var found v1.Message
	server.Eventually(t, what, func() (bool, any) {
		if status, text := who.Try(t, "GET", "/conversations/"+other, nil); status != http.StatusOK {
			return false, string(text)
		}
		all := letters(t, who, other)
		for _, m := range all {
			if is(m) {
				found = m
				return true, nil
			}
		}
		return false, all
	})
	return found
}

// Two people on two servers write to each other, change their minds, and
// nobody else on either server reads any of it.
func TestMessagesTravel(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		ann, bob, eve, mallory := a.User("ann"), b.User("bob"), a.User("eve"), b.User("mallory")
		toBob, toAnn := "bob@"+b.Host, "ann@"+a.Host
		ann.Call(t, "GET", "/resolve?q=@"+toBob, nil, nil)

		var sent v1.Message
		ann.Call(t, "POST", "/conversations/"+toBob+"/messages", v1.MessageDraft{Body: "The *Zanzibar* seeds?"}, &sent)
		got := seeLetter(t, bob, toAnn, "ann's message", func(m v1.Message) bool { return !m.Mine })
		if got.Body != "The *Zanzibar* seeds?" || !strings.Contains(got.HTML, "<em>Zanzibar</em>") || got.Read {
			t.Errorf("bob sees %+v", got)
		}
		bob.Call(t, "POST", "/conversations/"+toAnn+"/messages", v1.MessageDraft{Body: "Yes, please."}, nil)
		seeLetter(t, ann, toBob, "bob's answer", func(m v1.Message) bool { return m.Body == "Yes, please." && !m.Mine })

		ann.Call(t, "PATCH", fmt.Sprintf("/messages/%d", sent.ID), v1.MessageDraft{Body: "The Zanzibar beans?"}, nil)
		seeLetter(t, bob, toAnn, "ann's edit", func(m v1.Message) bool { return m.ID == got.ID && m.Body == "The Zanzibar beans?" && m.EditedAt != nil })

		for _, who := range []*server.User{eve, mallory} {
			for _, path := range []string{"/conversations", "/conversations/" + toAnn, "/conversations/" + toBob, "/search?q=Zanzibar", "/feed?view=all"} {
				if _, text := who.Try(t, "GET", path, nil); strings.Contains(string(text), "Zanzibar") {
					t.Errorf("%s reads it at %s: %s", who.Name, path, text)
				}
			}
			for _, id := range []int64{sent.ID, got.ID} {
				if status, _ := who.Try(t, "PATCH", fmt.Sprintf("/messages/%d", id), v1.MessageDraft{Body: "Mine!"}); status != http.StatusNotFound {
					t.Errorf("%s changes message %d: %d", who.Name, id, status)
				}
				if status, _ := who.Try(t, "DELETE", fmt.Sprintf("/messages/%d", id), nil); status != http.StatusNotFound {
					t.Errorf("%s deletes message %d: %d", who.Name, id, status)
				}
			}
		}
		ann.Call(t, "DELETE", fmt.Sprintf("/messages/%d", sent.ID), nil, nil)
		seeLetter(t, bob, toAnn, "the message taken back", func(m v1.Message) bool { return m.ID == got.ID && m.Deleted && m.Body == "" && m.HTML == "" })

		// Who takes none is not written to any more.
		nobody := "nobody"
		bob.Call(t, "PATCH", "/me", v1.MeChange{MessagesFrom: &nobody}, nil)
		ann.Call(t, "POST", "/conversations/"+toBob+"/messages", v1.MessageDraft{Body: "Are you there?"}, nil)
		ann.Call(t, "POST", "/conversations/"+toBob+"/messages", v1.MessageDraft{Body: "Hello?"}, nil)
		bob.Call(t, "PATCH", "/me", v1.MeChange{MessagesFrom: ptr("everybody")}, nil)
		ann.Call(t, "POST", "/conversations/"+toBob+"/messages", v1.MessageDraft{Body: "Now then."}, nil)
		seeLetter(t, bob, toAnn, "a message once they are taken again", func(m v1.Message) bool { return m.Body == "Now then." })
	})
}

func ptr[T any](v T) *T { return &v }

// Messages have the form that their reader's server knows: ChatMessage for
// Mbin and its like, a direct Note that mentions its reader for Mastodon. Both
// are read here.
func TestMessagesInTheFormsOfOthers(t *testing.T) {
	for software, kind := range map[string]string{"mbin": "ChatMessage", "mastodon": as.KindNote} {
		t.Run(software, func(t *testing.T) {
			home := server.New(t, testdb.SQLiteDSN(t))
			ann, eve := home.User("ann"), home.User("eve")
			peer := fediverse.NewPeer(t, software)
			lena := peer.Person("lena")
			toLena := "lena@" + strings.TrimPrefix(peer.URL, "http://")
			me := home.URL + "/u/ann"
			object := map[string]any{
				"id": peer.URL + "/message/1", "type": kind, "attributedTo": lena.ID, "to": []string{me}, "content": "<p>Do you have <b>twine</b>?</p>",
				"published": "2026-11-01T10:00:00Z", "tag": []any{map[string]any{"type": "Mention", "href": me, "name": "@ann"}},
			}
			send(t, lena, home, map[string]any{
				"@context": as.NS, "id": peer.URL + "/activities/1", "type": "Create", "actor": lena.ID, "to": []string{me}, "object": object,
			})
			seeLetter(t, ann, toLena, "lena's message", func(m v1.Message) bool {
				return strings.Contains(m.HTML, "<strong>twine</strong>") || strings.Contains(m.HTML, "<b>twine</b>")
			})

			ann.Call(t, "POST", "/conversations/"+toLena+"/messages", v1.MessageDraft{Body: "A *whole* ball."}, nil)
			heard := peer.Await(t, "the answer", fediverse.Kind("Create"))
			said, _ := heard.Doc.Embedded("object")
			if said.Kind() != kind || said.IsPublic() || heard.Doc.IsPublic() || said.Ref("to") != lena.ID || len(said.Audience()) != 1 {
				t.Errorf("lena's server heard %s", heard.Body)
			}
			if status, text, err := lena.Get(t.Context(), said.ID()); err != nil || status != http.StatusNotFound {
				t.Errorf("a message can be fetched: %d %s %v", status, text, err)
			}
			if _, text := eve.Try(t, "GET", "/conversations/"+toLena, nil); strings.Contains(string(text), "twine") {
				t.Errorf("eve reads it: %s", text)
			}
		})
	}
}
