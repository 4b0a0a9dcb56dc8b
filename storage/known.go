package storage

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
)

// memory is what a batch remembers; nil is what is not there. Outside of a
// batch all of it is nil, and nothing is remembered.
type memory struct {
	actors      map[community.ActorID]*community.Actor
	actorIRIs   map[string]*community.Actor
	posts       map[community.PostID]*community.Post
	postIRIs    map[string]*community.Post
	comments    map[community.CommentID]*community.Comment
	commentIRIs map[string]*community.Comment
	members     map[bond]*community.Membership
	votes       map[ballot]*community.Vote
	accounts    map[community.ActorID]*community.Account
	activities  map[string]*community.Activity
	kept        map[community.PostID]*community.Post
	closed      map[community.ActorID]*bool // groups that only some may read
}

// A bond is what an actor is to a group.
type bond struct{ group, actor community.ActorID }

// A ballot is somebody's vote on something.
type ballot struct {
	subject community.Subject
	actor   community.ActorID
}

func (k *memory) forget() {
	*k = memory{
		actors: map[community.ActorID]*community.Actor{}, actorIRIs: map[string]*community.Actor{},
		posts: map[community.PostID]*community.Post{}, postIRIs: map[string]*community.Post{},
		comments: map[community.CommentID]*community.Comment{}, commentIRIs: map[string]*community.Comment{},
		members: map[bond]*community.Membership{}, votes: map[ballot]*community.Vote{},
		accounts: map[community.ActorID]*community.Account{}, activities: map[string]*community.Activity{},
		kept: map[community.PostID]*community.Post{}, closed: map[community.ActorID]*bool{},
	}
}

func (db *DB) known() *memory {
	if db.batch == nil {
		return &memory{}
	}
	return &db.batch.known
}

// remembered returns a copy of what a batch remembers, or asks and remembers.
func remembered[K comparable, V any](key K, m map[K]*V, ask func() (*V, error)) (*V, error) {
	if v, ok := m[key]; ok {
		if v == nil {
			return nil, sql.ErrNoRows
		}
		found := *v
		return &found, nil
	}
	v, err := ask()
	if m == nil || err != nil && !errors.Is(err, sql.ErrNoRows) {
		return v, err
	}
	if err != nil {
		m[key] = nil
		return nil, err
	}
	found := *v
	m[key] = &found
	return v, nil
}

func (b *batch) addPost(p *community.Post) {
	row := *p
	b.posts = append(b.posts, &row)
	b.known.posts[p.ID], b.known.postIRIs[p.IRI] = &row, &row
	b.wrote++
}

func (b *batch) addComment(c *community.Comment) {
	row := *c
	b.comments = append(b.comments, &row)
	b.known.comments[c.ID], b.known.commentIRIs[c.IRI] = &row, &row
	b.wrote++
}

// setVote lets a vote wait if it is known to be the first.
func (b *batch) setVote(ctx context.Context, vote *community.Vote) (before community.Vote, err error) {
	key := ballot{community.Subject{Kind: vote.Kind, ID: vote.SubjectID}, vote.ActorID}
	row := *vote
	if known, ok := b.known.votes[key]; ok && known == nil {
		b.votes = append(b.votes, &row)
		b.wrote++
	} else {
		if err := b.flush(ctx); err != nil {
			return before, err
		}
		if before, err = b.tx.setVote(ctx, vote); err != nil {
			return before, err
		}
		b.wrote++
	}
	b.known.votes[key] = &row
	return before, nil
}

// Expected is what is going to be asked for in a batch.
type Expected struct {
	Actors   []string // by their ids in the fediverse, as the next two
	Things   []string // posts or comments, known or new
	Pairs    []Pair   // of the actors and things above
	Posts    []community.PostID
	Comments []community.CommentID // with their posts and parents
	Said     []string              // activities of ours
}

// A Pair is somebody who is about to act on a thing.
type Pair struct {
	Actor, Thing string
	Votes        bool
}

// Expect loads what is going to be asked for, in a few queries. Raw documents
// are left out. Outside of a batch it does nothing.
func (db *DB) Expect(ctx context.Context, e Expected) (err error) {
	defer db.wrap(&err, "Expect(%d actors, %d things)", len(e.Actors), len(e.Things))
	if db.batch == nil {
		return nil
	}
	b := db.batch
	if err := b.flush(ctx); err != nil {
		return err
	}
	for _, load := range []func(context.Context, Expected) error{b.expectActors, b.expectComments, b.expectPosts, b.expectBonds, b.expectVotes, b.expectSaid} {
		if err := load(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) expectActors(ctx context.Context, e Expected) error {
	var list []*community.Actor
	if len(e.Actors) > 0 {
		if err := b.tx.read.NewSelect().Model(&list).Where("iri IN (?)", bun.List(e.Actors)).Scan(ctx); err != nil {
			return err
		}
	}
	for _, iri := range e.Actors {
		b.known.actorIRIs[iri] = nil
	}
	for _, a := range list {
		b.known.actors[a.ID], b.known.actorIRIs[a.IRI] = a, a
	}
	return nil
}

func (b *batch) expectComments(ctx context.Context, e Expected) error {
	ids := e.Comments
	for round := 0; len(ids) > 0 && round < 2; round++ { // they, and their parents
		list, err := b.loadComments(ctx, "id IN (?)", bun.List(ids))
		if err != nil {
			return err
		}
		ids = nil
		for _, c := range list {
			if _, ok := b.known.comments[c.ParentID]; c.ParentID != 0 && !ok {
				ids = append(ids, c.ParentID)
			}
		}
	}
	if len(e.Things) == 0 {
		return nil
	}
	for _, iri := range e.Things {
		b.known.commentIRIs[iri] = nil
	}
	_, err := b.loadComments(ctx, "iri IN (?)", bun.List(e.Things))
	return err
}

func (b *batch) loadComments(ctx context.Context, where string, list any) (rows []*community.Comment, err error) {
	if err := b.tx.read.NewSelect().Model(&rows).ExcludeColumn("raw").Where(where, list).Scan(ctx); err != nil {
		return nil, err
	}
	for _, c := range rows {
		b.known.comments[c.ID], b.known.commentIRIs[c.IRI] = c, c
	}
	return rows, nil
}

// expectPosts loads the posts that are expected and those of the comments.
func (b *batch) expectPosts(ctx context.Context, e Expected) error {
	wanted := map[community.PostID]bool{}
	for _, id := range e.Posts {
		wanted[id] = true
	}
	for _, c := range b.known.comments {
		if c != nil {
			wanted[c.PostID] = true
		}
	}
	for _, iri := range e.Things {
		b.known.postIRIs[iri] = nil
	}
	var ids []community.PostID
	for id := range wanted {
		if id != 0 && b.known.posts[id] == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 {
		if err := b.loadPosts(ctx, "id IN (?)", bun.List(ids)); err != nil {
			return err
		}
	}
	if len(e.Things) == 0 {
		return nil
	}
	return b.loadPosts(ctx, "iri IN (?)", bun.List(e.Things))
}

func (b *batch) loadPosts(ctx context.Context, where string, list any) error {
	var rows []*community.Post
	if err := b.tx.read.NewSelect().Model(&rows).ExcludeColumn("raw").Where(where, list).Scan(ctx); err != nil {
		return err
	}
	for _, p := range rows {
		b.known.posts[p.ID], b.known.postIRIs[p.IRI] = p, p
	}
	return nil
}

// thing finds what was expected by its id in the fediverse.
func (k *memory) thing(iri string) (subject community.Subject, group community.ActorID, ok bool) {
	if p := k.postIRIs[iri]; p != nil {
		return p.Subject(), p.GroupID, true
	}
	if c := k.commentIRIs[iri]; c != nil {
		return c.Subject(), c.GroupID, true
	}
	return community.Subject{}, 0, false
}

// expectBonds loads what the actors of the pairs are to the groups of the
// things.
func (b *batch) expectBonds(ctx context.Context, e Expected) error {
	var rows []string
	var args []any
	for _, pair := range e.Pairs {
		actor := b.known.actorIRIs[pair.Actor]
		_, group, ok := b.known.thing(pair.Thing)
		if actor == nil || !ok {
			continue
		}
		key := bond{group, actor.ID}
		if _, done := b.known.members[key]; done {
			continue
		}
		b.known.members[key] = nil
		rows, args = append(rows, "(?, ?)"), append(args, group, actor.ID)
	}
	if len(rows) == 0 {
		return nil
	}
	var list []*community.Membership
	err := b.tx.read.NewRaw("WITH w (g, a) AS (VALUES "+strings.Join(rows, ", ")+
		") SELECT m.* FROM w JOIN memberships AS m ON m.group_id = w.g AND m.actor_id = w.a", args...).Scan(ctx, &list)
	if err == nil {
		err = b.tx.endow(ctx, list...)
	}
	for _, m := range list {
		b.known.members[bond{m.GroupID, m.ActorID}] = m
	}
	return err
}

// expectVotes loads the votes that the pairs cast before.
func (b *batch) expectVotes(ctx context.Context, e Expected) error {
	var rows []string
	var args []any
	for _, pair := range e.Pairs {
		actor := b.known.actorIRIs[pair.Actor]
		subject, _, ok := b.known.thing(pair.Thing)
		if !pair.Votes || actor == nil || !ok {
			continue
		}
		key := ballot{subject, actor.ID}
		if _, done := b.known.votes[key]; done {
			continue
		}
		b.known.votes[key] = nil
		rows, args = append(rows, "(?, ?, ?)"), append(args, subject.Kind, subject.ID, actor.ID)
	}
	if len(rows) == 0 {
		return nil
	}
	var list []*community.Vote
	err := b.tx.read.NewRaw("WITH w (k, s, a) AS (VALUES "+strings.Join(rows, ", ")+
		") SELECT v.* FROM w JOIN votes AS v ON v.kind = w.k AND v.subject_id = w.s AND v.actor_id = w.a", args...).Scan(ctx, &list)
	for _, v := range list {
		row := *v
		b.known.votes[ballot{community.Subject{Kind: v.Kind, ID: v.SubjectID}, v.ActorID}] = &row
	}
	return err
}

func (b *batch) expectSaid(ctx context.Context, e Expected) error {
	var list []*community.Activity
	if len(e.Said) > 0 {
		if err := b.tx.read.NewSelect().Model(&list).Where("iri IN (?)", bun.List(e.Said)).Scan(ctx); err != nil {
			return err
		}
	}
	for _, iri := range e.Said {
		b.known.activities[iri] = nil
	}
	for _, a := range list {
		b.known.activities[a.IRI] = a
	}
	return nil
}
