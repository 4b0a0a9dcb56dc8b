package federation_test

import (
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// A citing is ann quoting what mia, of a Mastodon, wrote in ann's group.
type citing struct {
	*quoting
	hers  *community.Post // mia's
	anns  *community.Post
	asked string // the id of the QuoteRequest
}

func newCiting(t testing.TB, db *storage.DB) *citing {
	t.Helper()
	c := &citing{quoting: newQuoting(t, db)}
	c.hers = c.write("1", nil)
	post, err := c.posts.Publish(t.Context(), c.ann, c.cats, posts.Draft{Title: "About it", Quotes: &posts.Spot{Post: c.hers.ID}})
	if err != nil {
		t.Fatal(err)
	}
	c.anns = post
	c.last = c.outbox(c.last)
	request := c.masto.Await(t, "the request", fediverse.Kind(as.KindQuoteRequest))
	c.asked = request.Doc.ID()
	instrument, _ := request.Doc.Embedded("instrument")
	if request.Path != "/users/mia/inbox" || request.Doc.Actor() != c.ann.IRI || request.Doc.Ref("object") != c.hers.IRI ||
		instrument.ID() != post.IRI || instrument.Ref("quote") != c.hers.IRI || instrument.Has("quoteAuthorization") {
		t.Fatalf("mia is asked at %s: %s", request.Path, request.Body)
	}
	return c
}

// write has mia write a Note in ann's group.
func (c *citing) write(name string, policy any) *community.Post {
	c.t.Helper()
	id := c.mia.ID + "/statuses/" + name
	note := map[string]any{
		"type": "Note", "id": id, "attributedTo": c.mia.ID, "to": []string{public}, "cc": []string{c.cats.IRI}, "content": "<p>Hers " + name + "</p>",
	}
	if policy != nil {
		note["interactionPolicy"] = map[string]any{"canQuote": policy}
	}
	c.send(c.mia, map[string]any{
		"@context": as.NS, "type": "Create", "id": id + "/activity", "actor": c.mia.ID, "to": []string{public}, "cc": []string{c.cats.IRI}, "object": note,
	})
	post, err := c.db.PostByIRI(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return post
}

// stamp serves an approval at a path of a peer.
func (c *citing) stamp(on *fediverse.Peer, path string, change map[string]any) string {
	doc := map[string]any{
		"@context": as.NS, "type": "QuoteAuthorization", "id": on.URL + path, "attributedTo": c.mia.ID,
		"interactingObject": c.anns.IRI, "interactionTarget": c.hers.IRI,
	}
	for key, value := range change {
		doc[key] = value
	}
	return on.Serve(path, doc)
}

func (c *citing) says(kind, name string, by *fediverse.Actor, object, result any) map[string]any {
	doc := map[string]any{"@context": as.NS, "type": kind, "id": by.ID + "/says/" + name, "actor": by.ID, "object": object, "to": []string{c.ann.IRI}}
	if result != nil {
		doc["result"] = result
	}
	return doc
}

func (c *citing) want(what string, state community.CitationState, approval string) {
	c.t.Helper()
	now, err := c.db.CitationIn(c.t.Context(), c.anns.ID, 0)
	if err != nil || now.State != state || now.Approval != approval {
		c.t.Errorf("%s: the quote is %+v, %v", what, now, err)
	}
}

// TestWeQuoteWithApproval: asked, told yes, and told not any more.
func TestWeQuoteWithApproval(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCiting(t, db)
		c.want("asked", community.CitationPending, "")
		approval := c.stamp(c.masto, "/users/mia/stamps/1", nil)
		embedded := map[string]any{"type": "QuoteRequest", "id": c.asked, "actor": c.ann.IRI, "object": c.hers.IRI, "instrument": c.anns.IRI}
		c.send(c.mia, c.says("Accept", "yes", c.mia, embedded, approval))
		c.want("accepted", community.CitationAccepted, approval)
		if status, doc := c.get(c.anns.IRI); status != http.StatusOK || doc["quote"] != c.hers.IRI || doc["quoteAuthorization"] != approval || doc["quoteUrl"] != c.hers.IRI {
			t.Errorf("it is served as %d, %v", status, doc)
		}
		c.send(c.mia, c.says("Delete", "gone", c.mia, approval, nil))
		c.want("taken back", community.CitationRefused, "")
		if _, doc := c.get(c.anns.IRI); doc["quote"] != nil || doc["quoteUrl"] != nil || doc["quoteAuthorization"] != nil || !strings.Contains(toJSON(t, doc["content"]), c.hers.IRI) {
			t.Errorf("after that it is served as %v", doc)
		}
	})
}

// TestWeQuoteAndAreRefused: the words stay, with a link.
func TestWeQuoteAndAreRefused(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCiting(t, db)
		c.send(c.mia, c.says("Reject", "no", c.mia, c.asked, nil))
		c.want("refused", community.CitationRefused, "")
		if v, err := c.posts.Find(t.Context(), nil, c.anns.ID); err != nil || v.Title != "About it" {
			t.Errorf("the post is %+v, %v", v, err)
		}
	})
}

// TestApprovalsThatAreNone: nobody but the author approves, refuses or takes
// back, and only of what they were asked.
func TestApprovalsThatAreNone(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCiting(t, db)
		eve, other := c.masto.Person("eve"), fediverse.NewPeer(t, "mastodon")
		oda := other.Person("oda")
		good := c.stamp(c.masto, "/users/mia/stamps/good", nil)
		for name, activity := range map[string]map[string]any{
			"by a neighbour":            c.says("Accept", "1", eve, c.asked, good),
			"by a stranger":             c.says("Accept", "2", oda, c.asked, good),
			"a neighbour's no":          c.says("Reject", "3", eve, c.asked, nil),
			"a stamp of another host":   c.says("Accept", "4", c.mia, c.asked, c.stamp(other, "/stamps/1", nil)),
			"a stamp that is elsewhere": c.says("Accept", "5", c.mia, c.asked, c.stamp(c.masto, "/stamps/5", map[string]any{"id": other.URL + "/stamps/5"})),
			"for another object":        c.says("Accept", "6", c.mia, c.asked, c.stamp(c.masto, "/stamps/6", map[string]any{"interactionTarget": c.mia.ID + "/statuses/2"})),
			"for what another quotes":   c.says("Accept", "7", c.mia, c.asked, c.stamp(c.masto, "/stamps/7", map[string]any{"interactingObject": c.anns.IRI + "0"})),
			"a neighbour's stamp":       c.says("Accept", "8", c.mia, c.asked, c.stamp(c.masto, "/stamps/8", map[string]any{"attributedTo": eve.ID})),
			"no stamp":                  c.says("Accept", "9", c.mia, c.asked, c.stamp(c.masto, "/stamps/9", map[string]any{"type": "Note"})),
			"a stamp that is not there": c.says("Accept", "10", c.mia, c.asked, c.masto.URL+"/stamps/10"),
			"nothing":                   c.says("Accept", "11", c.mia, c.asked, nil),
			"our own address":           c.says("Accept", "12", c.mia, c.asked, c.URL+"/quotes/post-1"),
			"another request":           c.says("Accept", "13", c.mia, c.asked+"0", good),
			"no request":                c.says("Accept", "14", c.mia, c.URL+"/activities/quoterequest/x", good),
		} {
			c.send(by(c, eve, oda, activity), activity)
			c.want(name, community.CitationPending, "")
			if _, ok := c.log.find("activity dropped", "id="+activity["id"].(string)+" ", "reason="); !ok {
				t.Errorf("%s: nothing was dropped", name)
			}
		}
		c.send(c.mia, c.says("Accept", "yes", c.mia, c.asked, good))
		c.want("accepted", community.CitationAccepted, good)
		c.send(eve, c.says("Delete", "15", eve, good, nil))
		c.want("deleted by a neighbour", community.CitationAccepted, good)
		if status, _ := oda.Send(t, c.inbox(), c.says("Delete", "16", oda, good, nil)); status != http.StatusForbidden {
			t.Errorf("a stranger's Delete is answered %d", status)
		}
	})
}

// by is who sends an activity.
func by(c *citing, eve, oda *fediverse.Actor, activity map[string]any) *fediverse.Actor {
	for _, a := range []*fediverse.Actor{eve, oda} {
		if activity["actor"] == a.ID {
			return a
		}
	}
	return c.mia
}

// TestWhomNotToAsk: what somebody published says who may quote it.
func TestWhomNotToAsk(t *testing.T) {
	c := newCiting(t, testdb.SQLite(t))
	for name, test := range map[string]struct {
		policy any
		want   fault.Code
	}{
		"a": {nil, fault.Invalid}, // their server knows nothing of it
		"b": {map[string]any{"automaticApproval": as.Public}, fault.None},
		"c": {map[string]any{"manualApproval": []string{as.Public}}, fault.None},
		"d": {map[string]any{"automaticApproval": []string{c.mia.ID}}, fault.Invalid},
		"e": {map[string]any{}, fault.Invalid},
		"f": {map[string]any{"automaticApproval": []string{c.mia.ID + "/followers"}, "manualApproval": []string{}}, fault.Invalid},
		"g": {map[string]any{"automaticApproval": []string{c.mia.ID + "/following"}}, fault.None}, // only her server knows
		"h": {map[string]any{"manualApproval": []string{c.ann.IRI}}, fault.None},
		"i": {map[string]any{"always": []string{"as:Public"}}, fault.None}, // GoToSocial before
	} {
		post := c.write("policy-"+name, test.policy)
		err := c.fed.MayAskToQuote(t.Context(), c.ann, post.Subject())
		if fault.CodeOf(err) != test.want {
			t.Errorf("%s, %v: %v", name, test.policy, err)
		}
	}
	if err := c.fed.MayAskToQuote(t.Context(), c.ann, c.anns.Subject()); err != nil {
		t.Errorf("one's own: %v", err)
	}
}

// TestWhatQuotedIsDeleted: an approval ends with what it was for, whether that
// is known here or not, and only by who quoted.
func TestWhatQuotedIsDeleted(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		q := newQuoting(t, db)
		eve := q.masto.Person("eve")
		post := q.publish("Of everybody", q.cats)
		note := q.quotes(post.IRI, "1")
		accept := q.answer(q.request(post.IRI, note, "1"))
		id := note["id"].(string)
		gone := func(by *fediverse.Actor, name string) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Delete", "id": by.ID + "/gone/" + name, "actor": by.ID, "to": []string{public}, "object": map[string]any{"type": "Tombstone", "id": id}}
		}
		q.send(eve, gone(eve, "1"))
		q.wantApproval(accept.Ref("result"), post.IRI, id)
		q.send(q.mia, gone(q.mia, "1"))
		if status, _ := q.get(accept.Ref("result")); status != http.StatusNotFound {
			t.Errorf("the approval of what is gone is %d", status)
		}
	})
}
