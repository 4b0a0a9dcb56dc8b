package federation_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/votes"
	"drystone/storage"
)

// Whatever happens, in whatever order and at the same time, what is counted is
// what there is: people of this server write, vote, delete, take back, join,
// moderate and leave, people of another do the same by their activities, and
// the counters are folded meanwhile.
func TestCountersAgainstARecount(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		c := newCrowd(t, db)
		var workers, folder sync.WaitGroup
		done := make(chan struct{})
		folder.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := db.Fold(context.WithoutCancel(t.Context()), 50); err != nil {
					t.Errorf("Fold = %v", err)
				}
			}
		})
		recounted := 10_000
		if detector && strings.HasSuffix(t.Name(), "/sqlite") {
			recounted = 2_000 // where one transaction writes at a time, and the detector costs most
		}
		share, afar := recounted*9/40, recounted/10
		for n := range 4 {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(uint64(n), 42))
				for range share {
					c.here(random)
				}
			})
		}
		random := rand.New(rand.NewPCG(99, 42))
		for range afar / 20 {
			for range 20 {
				c.elsewhere(random)
			}
			c.work()
		}
		workers.Wait()
		for c.waiting() > 0 && !t.Failed() {
			c.work()
		}
		close(done)
		folder.Wait()
		for {
			n, err := db.Fold(t.Context(), 1000)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		c.recount()
		if recounted == 10_000 {
			c.everything()
		}
	})
}

// A crowd is people of two servers in the groups of one.
type crowd struct {
	*home
	accounts *accounts.Service
	votes    *votes.Service
	groups3  []*community.Actor // ann moderates them
	people   []*community.Actor // of this server
	far      []*fediverse.Actor
	said     map[string][]string // by somebody elsewhere: what they wrote
	n        int

	mu   sync.Mutex
	gone map[community.ActorID]bool
	did  map[string]int // what was done, and not refused
}

func newCrowd(t *testing.T, db *storage.DB) *crowd {
	t.Helper()
	h := newHome(t, db)
	c := &crowd{home: h, said: map[string][]string{}, gone: map[community.ActorID]bool{}, did: map[string]int{}}
	c.votes = &votes.Service{DB: db, Origin: h.URL, Now: h.now}
	var err error
	c.accounts, err = accounts.New(accounts.Options{DB: db, Origin: h.URL, Host: strings.TrimPrefix(h.URL, "http://"), Now: h.now, NewKey: newHomeKey})
	if err != nil {
		t.Fatal(err)
	}
	c.groups3 = []*community.Actor{h.cats}
	for _, name := range []string{"dogs", "birds"} {
		g, err := h.groups.Create(t.Context(), h.ann, groups.Draft{Name: name, Title: name})
		if err != nil {
			t.Fatal(err)
		}
		c.groups3 = append(c.groups3, g.Actor)
	}
	for i := range 12 {
		who, err := c.accounts.Create(t.Context(), accounts.SignUp{Name: fmt.Sprintf("person%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		c.people = append(c.people, who.Actor)
	}
	peer := fediverse.NewPeer(t, "mastodon")
	for i := range 4 {
		who := peer.Person(fmt.Sprintf("far%d", i))
		h.send(who, map[string]any{"@context": as.NS, "type": "Follow", "id": who.ID + "/f", "actor": who.ID, "object": h.cats.IRI})
		c.far = append(c.far, who)
	}
	return c
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// one is a random row of a table, whatever became of it; 0 where it is empty.
func (c *crowd) one(r *rand.Rand, table string) int64 {
	var most, id int64
	if err := c.db.Bun().NewRaw("SELECT coalesce(max(id), 0) FROM "+table).Scan(c.t.Context(), &most); err != nil || most == 0 {
		return 0
	}
	// Newer ones are more likely: what is talked about is what is new.
	at := most - int64(float64(most)*math.Pow(r.Float64(), 3))
	if err := c.db.Bun().NewRaw("SELECT coalesce(max(id), 0) FROM "+table+" WHERE id <= ?", at).Scan(c.t.Context(), &id); err != nil {
		c.t.Errorf("a row of %s: %v", table, err)
	}
	return id
}

// here does something by somebody of this server.
func (c *crowd) here(r *rand.Rand) {
	ctx := c.t.Context()
	who := pick(r, c.people)
	c.mu.Lock()
	gone := c.gone[who.ID]
	c.mu.Unlock()
	if gone || r.IntN(10) == 0 {
		who = c.ann
	}
	group := pick(r, c.groups3)
	post, comment := community.PostID(c.one(r, "posts")), community.CommentID(c.one(r, "comments"))
	var name string
	var err error
	switch n := r.IntN(100); {
	case n < 10 || post == 0:
		name = "publish"
		_, err = c.posts.Publish(ctx, who, group, posts.Draft{Title: "A thing", Body: "Some *words*."})
	case n < 30 || comment == 0:
		name = "comment"
		_, err = c.posts.Comment(ctx, who, post, 0, posts.Draft{Body: "An answer."})
	case n < 45:
		name, err = "answer", c.answer(who, comment)
	case n < 55:
		name = "vote on a post"
		_, err = c.votes.Cast(ctx, who, community.Subject{Kind: community.SubjectPost, ID: int64(post)}, r.IntN(3)-1, community.Origin{})
	case n < 65:
		name = "vote on a comment"
		_, err = c.votes.Cast(ctx, who, community.Subject{Kind: community.SubjectComment, ID: int64(comment)}, r.IntN(3)-1, community.Origin{})
	case n < 72:
		name, err = c.takeBack(r, post, comment)
	case n < 78:
		name = "join"
		_, err = c.groups.Join(ctx, who, group, community.Origin{})
	case n < 81:
		name, err = "leave", c.groups.Leave(ctx, who, group, community.Origin{})
	case n < 83:
		name, err = "follow", c.groups.Follow(ctx, who, pick(r, c.people), community.Origin{})
	case n < 84:
		name, err = "unfollow", c.groups.Unfollow(ctx, who, pick(r, c.people), community.Origin{})
	default:
		name, err = c.moderate(r, group, post, comment)
	}
	c.note(name, err)
}

// note counts what was done. Much is refused, since it makes no sense; nothing
// may fall over.
func (c *crowd) note(name string, err error) {
	switch code := fault.CodeOf(err); {
	case err == nil:
		c.mu.Lock()
		c.did[name]++
		c.mu.Unlock()
	case code == fault.Internal || code == fault.Unavailable:
		c.t.Errorf("%s: %v", name, err)
	}
}

func (c *crowd) answer(who *community.Actor, to community.CommentID) error {
	parent, err := c.db.Comment(c.t.Context(), to)
	if err != nil {
		return err
	}
	_, err = c.posts.Comment(c.t.Context(), who, parent.PostID, to, posts.Draft{Body: "An answer to that."})
	return err
}

// takeBack deletes what its author wrote, or brings it back.
func (c *crowd) takeBack(r *rand.Rand, post community.PostID, comment community.CommentID) (string, error) {
	ctx := c.t.Context()
	by := func(id community.ActorID) *community.Actor {
		a, err := c.db.Actor(ctx, id)
		if err != nil {
			c.t.Errorf("author %d: %v", id, err)
			return c.ann
		}
		return a
	}
	title, words := "A thing again", "Some *words*, again."
	if r.IntN(2) == 0 {
		p, err := c.db.Post(ctx, post)
		if err != nil {
			return "", err
		}
		if !p.DeletedAt.IsZero() {
			return "revive", c.posts.Revive(ctx, by(p.AuthorID), post, posts.Change{Title: &title, Body: &words})
		}
		return "delete", c.posts.Delete(ctx, by(p.AuthorID), post, community.Origin{})
	}
	if r.IntN(3) == 0 { // what was deleted is rare among so many
		err := c.db.Bun().NewRaw("SELECT id FROM comments WHERE deleted_at IS NOT NULL ORDER BY random() LIMIT 1").Scan(ctx, &comment)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return "", err
		}
	}
	o, err := c.db.Comment(ctx, comment)
	if err != nil {
		return "", err
	}
	if !o.DeletedAt.IsZero() {
		return "revive a comment", c.posts.ReviveComment(ctx, by(o.AuthorID), comment, posts.Change{Body: &words})
	}
	return "delete a comment", c.posts.DeleteComment(ctx, by(o.AuthorID), comment, community.Origin{})
}

// moderate is what ann does.
func (c *crowd) moderate(r *rand.Rand, group *community.Actor, post community.PostID, comment community.CommentID) (string, error) {
	ctx, whom := c.t.Context(), pick(r, c.people)
	removal := moderation.Removal{Reason: "Off topic", Replies: r.IntN(2) == 0}
	switch n := r.IntN(32); {
	case n < 6:
		return "remove", c.moderation.RemovePost(ctx, c.ann, post, removal, community.Origin{})
	case n < 12:
		return "restore", c.moderation.RestorePost(ctx, c.ann, post, community.Origin{})
	case n < 17:
		return "remove a comment", c.moderation.RemoveComment(ctx, c.ann, comment, removal, community.Origin{})
	case n < 22:
		return "restore a comment", c.moderation.RestoreComment(ctx, c.ann, comment, community.Origin{})
	case n < 23:
		return "ban", c.moderation.BanMember(ctx, c.ann, group, whom, community.Ban{Reason: "Rude", Remove: r.IntN(2) == 0}, community.Origin{})
	case n < 27:
		return "unban", c.moderation.UnbanMember(ctx, c.ann, group, whom, r.IntN(2) == 0, community.Origin{})
	case n < 30:
		return "move", c.moderation.MovePost(ctx, c.ann, post, moderation.ThreadMove{To: group, Reason: "Fits better"}, community.Origin{})
	case n < 31:
		to := pick(r, []community.Visibility{community.Open, community.Open, community.Private})
		_, err := c.groups.Edit(ctx, c.ann, community.Handle{Name: group.Name}, groups.Change{Visibility: &to})
		return "open or close", err
	default:
		return "leave for good", c.leave(r, whom)
	}
}

// leave ends the account of some few.
func (c *crowd) leave(r *rand.Rand, whom *community.Actor) error {
	c.mu.Lock()
	stay := c.gone[whom.ID] || len(c.gone) > 3 || r.IntN(8) > 0
	if !stay {
		c.gone[whom.ID] = true
	}
	c.mu.Unlock()
	if stay {
		return fault.New(fault.Conflict, "They stay.")
	}
	account, err := c.db.AccountOf(c.t.Context(), whom.ID)
	if err != nil {
		return err
	}
	return c.accounts.Delete(c.t.Context(), &accounts.Who{Account: account, Actor: whom}, r.IntN(2) == 0)
}

// work does what waits, by the federation and by the accounts.
func (c *crowd) work() {
	ctx := c.t.Context()
	for _, kind := range []string{accounts.JobDepart} {
		var list []*community.Job
		if err := c.db.Bun().NewSelect().Model(&list).Where("kind = ? AND done_at IS NULL", kind).Scan(ctx); err != nil {
			c.t.Fatal(err)
		}
		for _, job := range list {
			c.note("depart", c.accounts.Depart(ctx, job))
			if err := c.db.FinishJobs(ctx, []community.JobID{job.ID}, c.now()); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	if errs := c.home.work(); len(errs) > 0 {
		c.t.Errorf("jobs failed: %v", errs)
	}
}

// elsewhere sends an activity of somebody of the other server.
func (c *crowd) elsewhere(r *rand.Rand) {
	who, group := pick(r, c.far), pick(r, c.groups3)
	ctx := c.t.Context()
	var target string
	if r.IntN(2) == 0 {
		if p, err := c.db.Post(ctx, community.PostID(c.one(r, "posts"))); err == nil {
			target = p.IRI
		}
	} else if o, err := c.db.Comment(ctx, community.CommentID(c.one(r, "comments"))); err == nil {
		target = o.IRI
	}
	c.n++
	id := fmt.Sprintf("%s/%d", who.ID, c.n)
	activity := map[string]any{"@context": as.NS, "id": id, "actor": who.ID}
	act := func(kind string, object any) { activity["type"], activity["object"] = kind, object }
	note := map[string]any{
		"type": "Note", "id": id + "/note", "attributedTo": who.ID, "to": []string{as.Public}, "cc": []string{group.IRI},
		"content": "<p>Words from afar</p>", "published": c.now().UTC().Format(time.RFC3339),
		"tag": []map[string]any{{"type": "Mention", "href": group.IRI, "name": "@" + group.Name}},
	}
	mine := c.said[who.ID]
	switch n := r.IntN(20); {
	case n < 3 || target == "":
		act("Create", note)
		c.said[who.ID] = append(mine, id+"/note")
	case n < 9:
		note["inReplyTo"] = target
		act("Create", note)
		c.said[who.ID] = append(mine, id+"/note")
	case n < 12:
		act("Like", target)
	case n < 13:
		act("Dislike", target)
	case n < 15:
		act("Undo", map[string]any{"type": "Like", "id": id + "/like", "actor": who.ID, "object": target})
	case n < 17 && len(mine) > 0:
		act("Delete", pick(r, mine))
	case n < 18:
		act("Undo", map[string]any{"type": "Follow", "id": id + "/f", "actor": who.ID, "object": group.IRI})
	default:
		act("Follow", group.IRI)
	}
	if status, text := who.Send(c.t, c.inbox(), activity); status >= 300 {
		c.t.Errorf("the inbox answered %d to %v: %s", status, activity, text)
	}
}

// recount compares every counter with what there is.
func (c *crowd) recount() {
	c.t.Helper()
	ctx := c.t.Context()
	var (
		list     []*community.Post
		comments []*community.Comment
		actors   []*community.Actor
		cast     []*community.Vote
		members  []*community.Membership
		follows  []*community.Follow
	)
	for _, rows := range []any{&list, &comments, &actors, &cast, &members, &follows} {
		if err := c.db.Bun().NewSelect().Model(rows).Scan(ctx); err != nil {
			c.t.Fatal(err)
		}
	}
	ups, downs := map[community.Subject]int64{}, map[community.Subject]int64{}
	for _, v := range cast {
		s := community.Subject{Kind: v.Kind, ID: v.SubjectID}
		switch v.Value {
		case 1:
			ups[s]++
		case -1:
			downs[s]++
		}
	}
	closed := map[community.ActorID]bool{}
	for _, a := range actors {
		closed[a.ID] = a.Closed()
	}
	wrote := map[community.ActorID]storage.Counted{} // by person and by group
	tally := func(id community.ActorID, posts, comments int64) {
		n := wrote[id]
		wrote[id] = storage.Counted{Posts: n.Posts + posts, Comments: n.Comments + comments, Members: n.Members}
	}
	byID, answers, below := map[community.CommentID]*community.Comment{}, map[community.PostID]int64{}, map[community.CommentID]int64{}
	for _, o := range comments {
		byID[o.ID] = o
	}
	for _, o := range comments {
		if o.Hidden() {
			continue
		}
		answers[o.PostID]++
		for up := byID[o.ParentID]; up != nil; up = byID[up.ParentID] {
			below[up.ID]++
		}
		tally(o.GroupID, 0, 1)
		if !closed[o.GroupID] {
			tally(o.AuthorID, 0, 1)
		}
	}
	for _, p := range list {
		s := p.Subject()
		want := *p
		want.Score = ups[s] - downs[s]
		want.Rank()
		if p.Ups != ups[s] || p.Downs != downs[s] || p.Score != want.Score || p.CommentCount != answers[p.ID] || math.Abs(p.HotGroup-want.HotGroup) > 1e-6 || math.Abs(p.HotAll-want.HotAll) > 1e-6 {
			c.t.Errorf("post %d counts %d up, %d down, %d comments, hot %v and %v; there are %d, %d, %d, hot %v and %v", p.ID,
				p.Ups, p.Downs, p.CommentCount, p.HotGroup, p.HotAll, ups[s], downs[s], answers[p.ID], want.HotGroup, want.HotAll)
		}
		if p.Hidden() {
			continue
		}
		tally(p.GroupID, 1, 0)
		if !closed[p.GroupID] {
			tally(p.AuthorID, 1, 0)
		}
	}
	for _, o := range comments {
		s := o.Subject()
		want := *o
		want.Score = ups[s] - downs[s]
		want.Rank()
		if o.Ups != ups[s] || o.Downs != downs[s] || o.Score != want.Score || o.ReplyCount != below[o.ID] || math.Abs(o.Hot-want.Hot) > 1e-6 {
			c.t.Errorf("comment %d counts %d up, %d down, %d below, hot %v; there are %d, %d, %d, hot %v",
				o.ID, o.Ups, o.Downs, o.ReplyCount, o.Hot, ups[s], downs[s], below[o.ID], want.Hot)
		}
	}
	belong := map[community.ActorID]int64{}
	for _, m := range members {
		if m.State == community.Accepted {
			belong[m.GroupID]++
		}
	}
	for _, f := range follows {
		if f.State == community.Accepted {
			belong[f.TargetID]++
		}
	}
	for _, a := range actors {
		n := wrote[a.ID]
		if a.PostCount != n.Posts || a.CommentCount != n.Comments || a.MemberCount != belong[a.ID] {
			c.t.Errorf("%s counts %d posts, %d comments, %d members or followers; there are %d, %d, %d",
				a.Handle(), a.PostCount, a.CommentCount, a.MemberCount, n.Posts, n.Comments, belong[a.ID])
		}
	}
	c.t.Logf("%d posts, %d comments, %d votes, %d members; done: %v", len(list), len(comments), len(cast), len(members), c.did)
}

// everything wants each kind of thing to have been done.
func (c *crowd) everything() {
	c.t.Helper()
	for _, name := range []string{
		"publish", "comment", "answer", "vote on a post", "vote on a comment", "delete", "revive", "delete a comment", "revive a comment", "join", "leave",
		"remove", "restore", "remove a comment", "restore a comment", "ban", "unban", "move", "open or close", "leave for good", "depart",
	} {
		if c.did[name] == 0 {
			c.t.Errorf("nobody did this: %s", name)
		}
	}
}
