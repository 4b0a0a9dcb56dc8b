package fediverse_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
)

// A tale is what happens to a victim: people of two other servers and ann here
// write, vote and think better of it.
type tale struct {
	*victim
	lemmy, mbin      *fediverse.Peer
	lena, mara, nora *fediverse.Actor
	fans             []*fediverse.Actor
	cats             string
	group            int64
}

func newTale(t *testing.T, dsn string) *tale {
	t.Helper()
	s := &tale{victim: newVictim(t, dsn), lemmy: fediverse.NewPeer(t, "lemmy"), mbin: fediverse.NewPeer(t, "mbin")}
	s.lena, s.mara, s.nora = s.lemmy.Person("lena"), s.mbin.Person("mara"), s.mbin.Person("nora")
	for i := range 6 {
		s.fans = append(s.fans, s.lemmy.Person(fmt.Sprintf("fan%d", i)))
	}
	s.cats = s.URL + "/c/cats"
	s.group = s.number("actors WHERE iri = '" + s.cats + "'")
	return s
}

// play tells the tale to its end and returns what became of it.
func (s *tale) play(point string) string {
	s.t.Helper()
	s.live(point)
	s.joins(s.lena)
	s.joins(s.mara)
	s.write()
	s.vote()
	s.regret()
	s.until("the end of all work", func() bool {
		s.unfinished = s.left()
		return s.unfinished == ""
	})
	s.end()
	return s.outcome()
}

// write: ann and lena publish, and everybody answers.
func (s *tale) write() {
	s.publish("How are your cats?")
	s.send(s.lena, "Create", s.page("Mine sleeps"))
	s.until("lena's post", func() bool { return s.has("posts WHERE title = 'Mine sleeps'") })
	s.send(s.lena, "Create", s.note(s.lena, "answer", s.iri("posts WHERE title = 'How are your cats?'")))
	s.comment("Wake it", s.number("posts WHERE title = 'Mine sleeps'"))
	s.until("lena's answer", func() bool { return s.has("comments WHERE body = 'answer'") })
	s.send(s.mara, "Create", s.note(s.mara, "reply", s.iri("comments WHERE body = 'answer'")))
	s.until("mara's reply", func() bool { return s.has("comments WHERE body = 'reply'") })
}

// vote: many at once, so that the server takes them together.
func (s *tale) vote() {
	ours, theirs := s.iri("posts WHERE title = 'How are your cats?'"), s.iri("posts WHERE title = 'Mine sleeps'")
	var wg sync.WaitGroup
	for i, fan := range s.fans {
		wg.Go(func() {
			kind := "Like"
			if i == 0 {
				kind = "Dislike"
			}
			s.send(fan, kind, ours)
		})
	}
	wg.Go(func() { s.send(s.mara, "Like", ours) })
	wg.Go(func() { s.send(s.nora, "Dislike", theirs) })
	wg.Wait()
	s.until("ann's vote", func() bool {
		return s.call("PUT", fmt.Sprintf("/posts/%d/vote", s.number("posts WHERE title = 'Mine sleeps'")), map[string]int{"value": 1})
	})
}

// regret: what was said is changed and taken back.
func (s *tale) regret() {
	ours := s.iri("posts WHERE title = 'How are your cats?'")
	changed := s.page("Mine sleeps")
	changed["name"], changed["updated"] = "Mine is awake", "2026-05-01T00:00:00Z"
	s.send(s.lena, "Update", changed)
	s.send(s.mara, "Undo", s.activity(s.mara, "Like", ours))
	answer := s.iri("comments WHERE body = 'answer'")
	s.send(s.lena, "Delete", answer)
	s.until("lena's change", func() bool { return s.has("posts WHERE title = 'Mine is awake'") })
	s.until("lena's regret", func() bool { return s.has("comments WHERE iri = '" + answer + "' AND deleted_at IS NOT NULL") })
	s.until("mara's regret", func() bool {
		return !s.has("votes v JOIN actors a ON a.id = v.actor_id WHERE a.name = 'mara' AND v.value <> 0")
	})
	s.joins(s.nora)
}

// joins: somebody follows the group, and hears that they may.
func (s *tale) joins(who *fediverse.Actor) {
	s.t.Helper()
	s.send(who, "Follow", s.cats)
	s.until("the Accept for "+who.Name, func() bool {
		return slices.ContainsFunc(who.Peer.Deliveries(), func(d fediverse.Delivery) bool {
			inner, _ := d.Doc.Embedded("object")
			return d.Doc.Kind() == as.KindAccept && inner.Actor() == who.ID
		})
	})
}

func (s *tale) publish(title string) {
	s.t.Helper()
	s.until(title, func() bool {
		return s.has("posts WHERE title = '"+title+"'") || s.call("POST", "/groups/cats/posts", map[string]string{"title": title})
	})
}

func (s *tale) comment(text string, post int64) {
	s.t.Helper()
	s.until(text, func() bool {
		return s.has("comments WHERE body = '"+text+"'") || s.call("POST", fmt.Sprintf("/posts/%d/comments", post), map[string]string{"body": text})
	})
}

func (s *tale) page(title string) map[string]any {
	return map[string]any{
		"id": s.lemmy.URL + "/post/1", "type": "Page", "attributedTo": s.lena.ID, "name": title, "audience": s.cats,
		"to": []string{s.cats, as.Public}, "published": "2026-04-30T08:00:00Z",
	}
}

func (s *tale) note(by *fediverse.Actor, text, to string) map[string]any {
	return map[string]any{
		"id": by.Peer.URL + "/comment/" + text, "type": "Note", "attributedTo": by.ID, "content": "<p>" + text + "</p>", "inReplyTo": to,
		"source": map[string]any{"content": text, "mediaType": "text/markdown"}, "audience": s.cats, "to": []string{as.Public},
		"published": "2026-04-30T09:00:00Z",
	}
}

// activity is what somebody says, with an id that does not depend on when.
func (s *tale) activity(by *fediverse.Actor, kind string, object any) map[string]any {
	return map[string]any{
		"@context": as.NS, "id": by.ID + "/" + strings.ToLower(kind), "type": kind, "actor": by.ID, "object": object,
		"to": []string{as.Public}, "cc": []string{s.cats},
	}
}

// send delivers an activity, again and again until it is taken.
func (s *tale) send(by *fediverse.Actor, kind string, object any) {
	s.t.Helper()
	activity := s.activity(by, kind, object)
	if doc, ok := object.(map[string]any); ok && kind == "Create" {
		activity["id"] = fmt.Sprint(doc["id"], "/create")
	}
	body := fediverse.JSON(s.t, activity)
	s.until(kind+" by "+by.Name, func() bool {
		ctx, cancel := context.WithTimeout(s.t.Context(), 15*time.Second)
		defer cancel()
		resp, err := by.Peer.Client.Post(ctx, s.URL+"/inbox", as.ContentType, body, func(req *http.Request) error {
			return by.Sign(req, body)
		})
		if resp != nil && resp.Status >= 400 && resp.Status < 500 {
			s.t.Errorf("%s by %s is answered %d: %s", kind, by.Name, resp.Status, resp.Body)
		}
		return err == nil
	})
}

// has reports whether a query finds anything.
func (s *tale) has(from string) bool {
	s.t.Helper()
	var n int
	if err := s.db.Bun().NewRaw("SELECT count(*) FROM "+from).Scan(s.t.Context(), &n); err != nil {
		s.t.Fatal(from, err)
	}
	return n > 0
}

func (s *tale) iri(from string) (iri string) {
	s.t.Helper()
	if err := s.db.Bun().NewRaw("SELECT iri FROM "+from).Scan(s.t.Context(), &iri); err != nil {
		s.t.Fatal(from, err)
	}
	return iri
}

func (s *tale) number(from string) (id int64) {
	s.t.Helper()
	if err := s.db.Bun().NewRaw("SELECT id FROM "+from).Scan(s.t.Context(), &id); err != nil {
		s.t.Fatal(from, err)
	}
	return id
}

// left names something that is left to do.
func (s *tale) left() string {
	s.t.Helper()
	for _, left := range []string{
		"jobs WHERE done_at IS NULL", "deltas", "facts WHERE id IS NULL",
		"facts WHERE id > (SELECT min(position) FROM cursors WHERE name LIKE 'facts:%')",
	} {
		if s.has(left) {
			return left
		}
	}
	return s.missing()
}

// missing names what one of the other servers is to hear and has not heard.
func (s *tale) missing() string {
	for _, peer := range []*fediverse.Peer{s.lemmy, s.mbin} {
		heard := map[string]bool{}
		for _, d := range peer.Deliveries() {
			heard[string(d.Body)] = heard[string(d.Body)] || d.Signature == nil
		}
		for _, a := range s.log() {
			if s.isFor(a, peer) && !heard[string(a.Body)] {
				return a.IRI
			}
		}
	}
	return ""
}

func (s *tale) log() []*community.Activity {
	s.t.Helper()
	list, err := s.db.ActivitiesAfter(s.t.Context(), 0, 10_000)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *tale) isFor(a *community.Activity, peer *fediverse.Peer) bool {
	if a.PeerID != 0 {
		p, err := s.db.Peer(s.t.Context(), a.PeerID)
		return err == nil && p.Host == peer.Host
	}
	return int64(a.Audience) == s.group && (a.Form == 0 || a.Form&community.Forms(peer.Software) != 0)
}

// outcome is everything that the tale left behind, but for times and numbers.
func (s *tale) outcome() string {
	s.t.Helper()
	var lines []string
	for _, query := range []string{
		`SELECT 'post ' || p.title || ' by ' || a.name || ' in ' || g.name || ': ' || p.ups || '/' || p.downs || ', ' || p.comment_count || ' comments'
			FROM posts p JOIN actors a ON a.id = p.author_id JOIN actors g ON g.id = p.group_id`,
		`SELECT 'comment ' || c.body || ' by ' || a.name || ' under ' || p.title || ' at ' || c.depth || ': ' || c.ups || '/' || c.downs || ', '
			|| c.reply_count || ' replies' || CASE WHEN c.deleted_at IS NULL THEN '' ELSE ', deleted' END
			FROM comments c JOIN actors a ON a.id = c.author_id JOIN posts p ON p.id = c.post_id`,
		`SELECT 'vote by ' || a.name || ' on ' || v.kind || ' ' || coalesce(p.title, c.body, '') || ': ' || v.value FROM votes v JOIN actors a ON a.id = v.actor_id
			LEFT JOIN posts p ON v.kind = 1 AND p.id = v.subject_id LEFT JOIN comments c ON v.kind = 2 AND c.id = v.subject_id WHERE v.value <> 0`,
		`SELECT 'member ' || a.name || ' of ' || g.name || ': ' || m.role || ', ' || m.state
			FROM memberships m JOIN actors a ON a.id = m.actor_id JOIN actors g ON g.id = m.group_id`,
		`SELECT 'actor ' || a.name || ': ' || a.member_count || ' members, ' || a.post_count || ' posts, ' || a.comment_count || ' comments' FROM actors a
			WHERE a.host <> '' OR a.name IN ('ann', 'cats')`,
		`SELECT 'notification ' || n.kind || ' of ' || a.name || ' to ' || n.account_id || ' about ' || coalesce(p.title, '') || '/' || coalesce(c.body, '')
			FROM notifications n JOIN actors a ON a.id = n.actor_id LEFT JOIN posts p ON p.id = n.post_id LEFT JOIN comments c ON c.id = n.comment_id`,
		`SELECT 'parked ' || j.kind || ': ' || j.error FROM jobs j WHERE j.parked_at IS NOT NULL`,
	} {
		var rows []string
		if err := s.db.Bun().NewRaw(query).Scan(s.t.Context(), &rows); err != nil {
			s.t.Fatal(query, err)
		}
		lines = append(lines, rows...)
	}
	for _, a := range s.log() {
		lines = append(lines, s.said(a))
	}
	for _, peer := range []*fediverse.Peer{s.lemmy, s.mbin} {
		s.checkHeard(peer)
	}
	slices.Sort(lines)
	// A Follow is accepted as often as it is heard; being accepted again
	// changes nothing.
	lines = slices.CompactFunc(lines, func(a, b string) bool { return a == b && strings.Contains(a, ": Accept Follow") })
	return strings.Join(lines, "\n")
}

// said is an activity of the log in words.
func (s *tale) said(a *community.Activity) string {
	s.t.Helper()
	doc, err := as.Parse(s.t.Context(), slices.Clone(a.Body))
	if err != nil {
		s.t.Fatal(err)
	}
	words := fmt.Sprintf("said in form %d: %s", a.Form, doc.Kind())
	for inner, ok := doc.Embedded("object"); ok; inner, ok = inner.Embedded("object") {
		words += " " + inner.Kind() + " " + inner.Text("name")
		if inner.Actor() != "" {
			words += "by " + inner.Actor()[strings.LastIndexByte(inner.Actor(), '/')+1:]
		}
	}
	return words
}

// checkHeard looks at what a server heard: each activity of the log that is
// for it, in the order of its lane, and nothing else; what it heard again had
// the same id. Who could not fetch our key, because we were dead, heard
// nothing.
func (s *tale) checkHeard(peer *fediverse.Peer) {
	s.t.Helper()
	place, ids := map[string]*community.Activity{}, map[string]bool{}
	for _, a := range s.log() {
		if !s.isFor(a, peer) {
			continue
		}
		doc, err := as.Parse(s.t.Context(), slices.Clone(a.Body))
		if err != nil || place[string(a.Body)] != nil || ids[doc.ID()] {
			s.t.Errorf("%s is said twice, or not at all: %v", a.IRI, err)
		}
		place[string(a.Body)], ids[doc.ID()] = a, true
	}
	newest, seen, again := map[int64]community.ActivityID{}, map[community.ActivityID]bool{}, 0
	for _, d := range peer.Deliveries() {
		a := place[string(d.Body)]
		switch {
		case a == nil:
			s.t.Errorf("%s heard what is not for it: %s", peer.Software, d.Body)
			continue
		case d.Signature != nil && s.died.Load() == 0:
			s.t.Errorf("%s heard what is not signed: %v", peer.Software, d.Signature)
		case seen[a.ID]:
			again++
		case a.ID < newest[a.Lane]:
			s.t.Errorf("%s heard %s after what was said later in its thread", peer.Software, a.IRI)
		}
		seen[a.ID] = true
		newest[a.Lane] = max(newest[a.Lane], a.ID)
	}
	if left := s.missing(); left != "" {
		s.t.Errorf("%s was not heard by everybody", left)
	}
	if again > 0 {
		s.t.Logf("%s heard %d of %d again", peer.Software, again, len(place))
	}
}
