package federation

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

const (
	mostThread = 500 // of a thread's comments, as many as Mastodon reads
	mostReads  = 100 // requests for one thread at a time, as many as Lemmy's for anything
	mostDepth  = 12  // of replies to replies that are asked for

	dayOld, weekOld = 24 * time.Hour, 7 * 24 * time.Hour
)

// FreshenThread has the comments of a post read again from where its group
// lives if that was long ago. What groups send follows them who joined: of
// what was said before, and in groups that nobody here has joined, nothing
// arrives by itself (lemmy#5596).
func (s *Server) FreshenThread(ctx context.Context, reader *community.Actor, post *community.Post) (_ *community.Backfill, err error) {
	defer fault.Wrap(&err, "federation.FreshenThread(%d)", post.ID)
	if post.Local || s.ours(post.IRI) {
		return nil, nil
	}
	if reader == nil || post.Hidden() {
		return s.DB.Backfill(ctx, post.IRI)
	}
	stale := 15 * time.Minute // the older a thread, the quieter
	switch age := s.now().Sub(post.CreatedAt); {
	case age > weekOld:
		stale = 24 * time.Hour
	case age > dayOld:
		stale = 2 * time.Hour
	}
	if stale, err = s.staleness(ctx, post.GroupID, stale); err != nil {
		return nil, err
	}
	return s.askToRead(ctx, jobThread, post.IRI, stale)
}

// freshenThing is FreshenThread for a post, or the post that a comment is on.
func (s *Server) freshenThing(ctx context.Context, reader *community.Actor, t thing) error {
	post := t.post
	if t.comment != nil {
		var err error
		if post, err = s.DB.Post(ctx, t.comment.PostID); err != nil {
			return err
		}
	}
	_, err := s.FreshenThread(ctx, reader, post)
	return err
}

// A threadReading is one turn at reading a thread.
type threadReading struct {
	*Server
	post  *community.Post
	b     *community.Backfill
	reads int // requests that are left
	taken int
}

// readThread is the job that reads the comments of a post of a group that
// lives elsewhere: by the thread's context (FEP-7888, FEP-f228), which lists
// all of them, or else, as with Mastodon, by the replies to each. What is
// known already is not asked for again. A long thread takes several turns,
// between which others have theirs.
func (s *Server) readThread(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.readThread(%s)", job.Sender)
	b, err := s.DB.Backfill(ctx, string(job.Body))
	if err != nil || b == nil {
		return err
	}
	post, err := s.DB.PostByIRI(ctx, b.IRI)
	if err != nil || post.Local || post.Hidden() {
		return s.endReading(ctx, job, b, err)
	}
	t := &threadReading{Server: s, post: post, b: b, reads: mostReads}
	before := b.Fetched
	err = t.read(ctx)
	if more := t.reads <= 0 && b.Fetched > before; err == nil && more {
		b.State = community.BackfillActive
		if err := s.DB.SaveBackfill(ctx, b); err != nil {
			return err
		}
		return addReading(ctx, s.DB, jobThread, b.IRI, s.now())
	}
	return s.endReading(ctx, job, b, err)
}

func (t *threadReading) read(ctx context.Context) error {
	object, err := t.object(ctx, t.post.IRI, t.post.Raw)
	if err != nil {
		return err
	}
	listed, err := t.byContext(ctx, object.Ref("context"))
	if listed || fault.Is(err, fault.Internal) {
		return err
	}
	return t.byReplies(ctx, object)
}

// object is a post or comment as its server has it: as it was received, or
// read again where that is not kept.
func (t *threadReading) object(ctx context.Context, iri string, raw []byte) (as.Doc, error) {
	if len(raw) > 0 {
		if doc, err := as.Parse(ctx, raw); err == nil {
			return doc, nil
		}
	}
	t.reads--
	return t.fetch(ctx, iri)
}

// byContext takes over what a thread's context lists, and reports whether
// there is one. One that did not change since is not sent again.
func (t *threadReading) byContext(ctx context.Context, address string) (listed bool, err error) {
	if as.Host(address) == "" || t.ours(address) {
		return false, nil
	}
	t.reads--
	got, err := t.getIf(ctx, address, t.b.Tag)
	if err != nil || got.same {
		return got.same, err
	}
	if !isCollection(got.doc) {
		return false, nil
	}
	t.b.Tag = ""
	var failed error
	err = t.pages(ctx, got, func(it item) bool {
		failed = t.take(ctx, it)
		return failed == nil && t.reads > 0 && t.taken < mostThread
	})
	if failed != nil {
		err = failed
	}
	if err == nil && t.reads > 0 {
		t.b.Tag = got.tag
	}
	return true, err
}

// take stores one thing that a thread lists, unless it is known or belongs
// elsewhere.
func (t *threadReading) take(ctx context.Context, it item) error {
	t.taken++
	if _, err := t.find(ctx, it.id); err == nil || t.ours(it.id) || !fault.Is(err, fault.NotFound) {
		return ignore(err)
	}
	if it.doc.IsZero() {
		if t.reads--; t.reads < 0 {
			return nil
		}
		doc, err := t.fetch(ctx, it.id)
		if err != nil {
			return ignore(err)
		}
		it.doc = doc
	}
	if kind := it.doc.Kind(); kind == as.KindCreate || kind == as.KindAnnounce {
		return t.take(ctx, listedIn(it.doc))
	}
	if it.doc.Ref("inReplyTo") == "" {
		return nil // another thread
	}
	var made int64 // with the comments between it and the post
	if _, err := t.adopt(ctx, &received{stands: true, made: &made}, it.doc, maxAncestors); err != nil {
		return t.settle(ctx, err, it.doc, true)
	}
	return t.count(ctx, made)
}

// listedIn is what a listed activity is about in the end: whole if it is of
// the server that said so, else by its id.
func listedIn(activity as.Doc) item {
	it := item{id: activity.Ref("object")}
	object, ok := activity.Embedded("object")
	switch {
	case ok && as.SameHost(object.ID(), activity.ID()):
		it.doc = object
	case ok && object.Has("object"):
		it.id = object.Ref("object")
	}
	return it
}

// count notes that more is here, and now and then tells whoever waits.
func (t *threadReading) count(ctx context.Context, made int64) error {
	before := t.b.Fetched / progressAfter
	t.b.Fetched += made
	if t.b.Fetched/progressAfter == before {
		return nil
	}
	t.b.State = community.BackfillActive
	return t.DB.SaveBackfill(ctx, t.b)
}

// A branch is an object whose replies are to be read.
type branch struct {
	object as.Doc
	depth  int
}

// byReplies walks the replies to a post, and the replies to those, nearest
// first.
func (t *threadReading) byReplies(ctx context.Context, post as.Doc) error {
	queue := []branch{{post, 0}}
	for len(queue) > 0 && t.reads > 0 && t.taken < mostThread {
		next := queue[0]
		queue = queue[1:]
		ids, err := t.replies(ctx, next.object)
		if err != nil {
			return err
		}
		for _, it := range ids {
			if t.reads <= 0 {
				return nil
			}
			if err := t.take(ctx, it); err != nil {
				return err
			}
			if object, ok := t.comment(ctx, it.id); ok && next.depth < mostDepth {
				queue = append(queue, branch{object, next.depth + 1})
			}
		}
	}
	return nil
}

// replies lists what an object's server knows to answer it. A server that
// does not say is not asked twice in a turn, and is no failure.
func (t *threadReading) replies(ctx context.Context, object as.Doc) ([]item, error) {
	collection := loaded{from: object.ID()}
	var embedded bool
	if collection.doc, embedded = object.Embedded("replies"); !embedded {
		address := object.Ref("replies")
		if !as.SameHost(address, object.ID()) {
			return nil, nil
		}
		t.reads--
		var err error
		if collection, err = t.getIf(ctx, address, ""); err != nil {
			return nil, ignore(err)
		}
	}
	if !isCollection(collection.doc) {
		return nil, nil
	}
	var items []item
	t.reads-- // for its pages, which are few as a rule
	err := t.pages(ctx, collection, func(it item) bool {
		items = append(items, it)
		return len(items) < mostThread
	})
	return items, ignore(err)
}

// comment returns a comment of this thread that is here, as it was received.
func (t *threadReading) comment(ctx context.Context, iri string) (as.Doc, bool) {
	c, err := t.DB.CommentByIRI(ctx, iri)
	if err != nil || c.PostID != t.post.ID || t.ours(iri) || len(c.Raw) == 0 {
		return as.Doc{}, false
	}
	doc, err := as.Parse(ctx, c.Raw)
	return doc, err == nil
}

// ignore keeps only the errors that are ours: what others cannot show us is
// left out.
func ignore(err error) error {
	if fault.Is(err, fault.Internal) {
		return err
	}
	return nil
}
