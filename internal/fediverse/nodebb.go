package fediverse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A NodeBB is a fake NodeBB: a forum whose categories are groups. It takes
// what groups announce, reading everything from where it lives first, and
// counts, moderates and answers as the real one was seen to (FEDERATION.md,
// section 13).
type NodeBB struct {
	*site
	users     map[string]*ForumUser // by id, like all below
	joined    map[string]string     // by "user group": "asked", "accepted"
	followers map[string][]string   // of a category: actors elsewhere
	posts     map[string]*ForumPost
	votes     map[string]map[string]int // of a post, by actor
	seen      map[string]bool           // activities
	reports   []as.Doc
}

// A ForumPost is a topic or a reply.
type ForumPost struct {
	ID, Author, Title, Content, Parent string
	Category                           string // or the group elsewhere
	Deleted                            bool
}

// NewNodeBB starts a fake NodeBB.
func NewNodeBB(t testing.TB) *NodeBB {
	t.Helper()
	n := &NodeBB{
		site: newSite(t, "nodebb", "/actor"), users: map[string]*ForumUser{}, joined: map[string]string{},
		followers: map[string][]string{}, posts: map[string]*ForumPost{}, votes: map[string]map[string]int{}, seen: map[string]bool{},
	}
	n.Instance.Name = n.Host
	n.dress(n.Instance)
	n.RememberKeys(false) // for six hours
	n.Answer(n.take)
	return n
}

// dress gives an actor NodeBB's way to sign, and its key its name.
func (n *NodeBB) dress(a *Actor) {
	a.KeyID, a.Algorithm = a.ID+"#key", "rsa-sha256"
	a.Headers = []string{"(request-target)", "host", "date", "digest"}
}

var inboxOfNodeBB = regexp.MustCompile(`^(/uid/\d+|/category/\d+)?/inbox$`)

// take decides about a delivery. What it answers is what NodeBB was seen to.
func (n *NodeBB) take(d Delivery) int {
	status, err := n.judge(d)
	if err != nil {
		n.refuse(d, err.Error())
	}
	return status
}

func (n *NodeBB) judge(d Delivery) (int, error) {
	form := d.Header.Get("Content-Type")
	switch {
	case !inboxOfNodeBB.MatchString(d.Path):
		return http.StatusNotFound, errors.New("there is no inbox at " + d.Path)
	case form != as.ContentType && form != `application/ld+json; profile="`+as.NS+`"`:
		return http.StatusNotFound, errors.New("it is " + form)
	case d.KeyID == "":
		return http.StatusUnauthorized, d.Signature
	case d.Signature != nil:
		return http.StatusBadRequest, d.Signature
	}
	if status, err := d.signed(); err != nil {
		return status, err
	}
	n.mu.Lock()
	again := n.seen[d.Doc.ID()]
	n.seen[d.Doc.ID()] = true
	n.mu.Unlock()
	if again {
		return http.StatusOK, nil
	}
	if err := n.apply(n.t.Context(), d.Doc, ""); err != nil {
		if errors.Is(err, errDepends) {
			return http.StatusFailedDependency, err
		}
		return http.StatusAccepted, err
	}
	return http.StatusAccepted, nil
}

// errDepends is for what cannot be read where it lives.
var errDepends = errors.New("its Create cannot be read")

// unknownToNodeBB are activities that it takes and does nothing with.
var unknownToNodeBB = []string{
	as.KindLock, as.KindAdd, as.KindRemove, as.KindBlock, as.KindChooseAnswer, as.KindResolve, as.KindWarn,
}

// apply does what an activity says; via is the group that announced it.
func (n *NodeBB) apply(ctx context.Context, doc as.Doc, via string) error {
	object := doc.Ref("object")
	switch kind := doc.Kind(); kind {
	case as.KindFollow:
		return n.followed(ctx, doc)
	case as.KindAccept, as.KindReject:
		return n.answered(doc)
	case as.KindAnnounce:
		return n.announced(ctx, doc)
	case as.KindCreate:
		return n.created(ctx, doc)
	case as.KindUpdate:
		return n.updated(ctx, doc)
	case as.KindDelete:
		return n.deleted(doc, via)
	case as.KindLike, as.KindDislike:
		return n.voted(doc.Actor(), object, map[string]int{as.KindLike: 1, as.KindDislike: -1}[kind])
	case as.KindUndo:
		return n.undone(doc)
	case as.KindMove:
		return n.moved(ctx, doc, via)
	case as.KindFlag:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.reports = append(n.reports, doc)
		return nil
	default:
		if slices.Contains(unknownToNodeBB, kind) {
			return nil
		}
		return fmt.Errorf("a %s means nothing here", kind)
	}
}

// followed lets everybody follow a category, and says so.
func (n *NodeBB) followed(ctx context.Context, doc as.Doc) error {
	n.mu.Lock()
	_, ok := n.followers[doc.Ref("object")]
	if ok && !slices.Contains(n.followers[doc.Ref("object")], doc.Actor()) {
		n.followers[doc.Ref("object")] = append(n.followers[doc.Ref("object")], doc.Actor())
	}
	n.mu.Unlock()
	if !ok {
		return errors.New("what is followed is no category")
	}
	category := n.actor(doc.Ref("object"))
	return n.tell(ctx, category, map[string]any{
		"@context": as.NS, "id": category.ID + "#activity/accept:follow/" + fmt.Sprint(n.next()), "type": as.KindAccept, "actor": category.ID,
		"object": map[string]any{"id": doc.ID(), "type": as.KindFollow, "actor": doc.Actor(), "object": category.ID}, "to": []string{doc.Actor()},
	}, doc.Actor())
}

func (n *NodeBB) actor(iri string) *Actor {
	n.Peer.mu.Lock()
	defer n.Peer.mu.Unlock()
	return n.actors[strings.TrimPrefix(iri, n.URL)]
}

// tell sends an activity from within an inbox, which has no test to end.
func (n *NodeBB) tell(ctx context.Context, by *Actor, activity map[string]any, to ...string) error {
	for _, iri := range to {
		actor, err := n.meet(ctx, iri)
		if err != nil {
			return err
		}
		body := JSON(n.t, activity)
		sign := func(req *http.Request) error { return by.Sign(req, body) }
		if _, err := n.Client.Post(ctx, actor.Ref("inbox"), as.ContentType, body, sign); err != nil {
			return err
		}
	}
	return nil
}

func (n *NodeBB) answered(doc as.Doc) error {
	follow, _ := doc.Embedded("object")
	n.mu.Lock()
	defer n.mu.Unlock()
	key := follow.Actor() + " " + doc.Actor()
	if n.joined[key] == "" || follow.Ref("object") != doc.Actor() {
		return errors.New("nobody here asked for that")
	}
	if n.joined[key] = "accepted"; doc.Kind() == as.KindReject {
		delete(n.joined, key)
	}
	return nil
}

// announced does what a group that somebody here follows announces. Every
// object is read from where it lives, and of a Create the activity too.
func (n *NodeBB) announced(ctx context.Context, doc as.Doc) error {
	n.mu.Lock()
	follows := false
	for key, state := range n.joined {
		follows = follows || strings.HasSuffix(key, " "+doc.Actor()) && state == "accepted"
	}
	n.mu.Unlock()
	if !follows {
		return errors.New("nobody here follows who announces it")
	}
	inner, embedded := doc.Embedded("object")
	switch {
	case !embedded || inner.Actor() == "":
		_, err := n.assert(ctx, doc.Ref("object"))
		return err
	case as.Host(inner.ID()) == n.Host:
		return nil // what was said here, coming back
	case inner.Kind() == as.KindCreate:
		create, err := n.read(ctx, inner.ID())
		if err != nil {
			return fmt.Errorf("%w: %w", errDepends, err)
		}
		_, err = n.assert(ctx, create.Ref("object"))
		return err
	}
	return n.apply(ctx, inner, doc.Actor())
}

// created takes what somebody elsewhere says in a category, and lets the
// category announce it; and what answers something here.
func (n *NodeBB) created(ctx context.Context, doc as.Doc) error {
	post, err := n.assert(ctx, doc.Ref("object"))
	if err != nil || !strings.HasPrefix(post.Category, n.URL) {
		return err
	}
	return n.announce(ctx, post, doc.Bytes())
}

// announce has a category tell its followers of a new post: of a topic twice.
func (n *NodeBB) announce(ctx context.Context, post *ForumPost, create []byte) error {
	n.mu.Lock()
	followers := slices.Clone(n.followers[post.Category])
	n.mu.Unlock()
	category := n.actor(post.Category)
	if post.Parent == "" && as.Host(post.ID) == n.Host {
		if err := n.tell(ctx, category, n.announcement(category, post.ID, n.object(post)), followers...); err != nil {
			return err
		}
	}
	return n.tell(ctx, category, n.announcement(category, post.ID, rawJSON(create)), followers...)
}

// assert makes a post here of one elsewhere. It looks with a HEAD that is not
// signed first, and takes no author but one.
func (n *NodeBB) assert(ctx context.Context, iri string) (*ForumPost, error) {
	n.mu.Lock()
	known := n.posts[iri]
	n.mu.Unlock()
	if known != nil {
		return known, nil
	}
	object, err := n.look(ctx, iri)
	if err != nil {
		return nil, err
	}
	post := &ForumPost{
		ID: iri, Author: object.Ref("attributedTo"), Title: object.Text("name"), Content: object.Text("content"), Parent: object.Ref("inReplyTo"),
	}
	if _, err := n.meet(ctx, post.Author); err != nil {
		return nil, err
	}
	for _, audience := range object.Audience() {
		n.mu.Lock()
		_, local := n.followers[audience]
		n.mu.Unlock()
		if local || post.Category == "" && object.Ref("audience") == audience {
			post.Category = audience
		}
	}
	if post.Parent != "" {
		parent, err := n.assert(ctx, post.Parent)
		if err != nil {
			return nil, err
		}
		post.Category = parent.Category
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.posts[iri] = post
	return post, nil
}

// look reads an object that could be a post.
func (n *NodeBB) look(ctx context.Context, iri string) (as.Doc, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, iri, nil)
	if err != nil {
		return as.Doc{}, err
	}
	req.Header.Set("Accept", as.AcceptHeader)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return as.Doc{}, err
	}
	if err := resp.Body.Close(); err != nil {
		return as.Doc{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return as.Doc{}, fmt.Errorf("a HEAD of %s is answered %d", iri, resp.StatusCode)
	}
	object, err := n.read(ctx, iri)
	if err != nil {
		return object, err
	}
	if by := string(object.RawOf("attributedTo")); !strings.HasPrefix(by, `"`) || !as.SameHost(object.Ref("attributedTo"), iri) {
		return object, fmt.Errorf("%s is by %s", iri, by)
	}
	if !slices.Contains(statusKinds, object.Kind()) {
		return object, fmt.Errorf("%s is a %s", iri, object.Kind())
	}
	return object, nil
}

// updated reads a post again.
func (n *NodeBB) updated(ctx context.Context, doc as.Doc) error {
	if object, ok := doc.Embedded("object"); ok && as.IsActor(object.Kind()) {
		return nil
	}
	object, err := n.look(ctx, doc.Ref("object"))
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	post := n.posts[object.ID()]
	if post == nil {
		return errors.New("what is edited is not known here")
	}
	post.Title, post.Content = object.Text("name"), object.Text("content")
	return nil
}

// deleted takes the word of the object's own host, or of a group of it.
func (n *NodeBB) deleted(doc as.Doc, via string) error {
	iri := doc.Ref("object")
	n.mu.Lock()
	defer n.mu.Unlock()
	post := n.posts[iri]
	switch {
	case post == nil:
		return nil
	case !as.SameHost(doc.Actor(), iri) && !as.SameHost(via, iri):
		return errors.New("another host cannot delete it")
	}
	post.Deleted = true
	return nil
}

func (n *NodeBB) voted(by, iri string, value int) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.posts[iri] == nil {
		return errors.New("what is voted on is not known here")
	}
	if n.votes[iri] == nil {
		n.votes[iri] = map[string]int{}
	}
	if n.votes[iri][by] = value; value == 0 {
		delete(n.votes[iri], by)
	}
	return nil
}

func (n *NodeBB) undone(doc as.Doc) error {
	inner, ok := doc.Embedded("object")
	if !ok || inner.Actor() != doc.Actor() {
		return errors.New("it is not of the same actor")
	}
	switch kind := inner.Kind(); kind {
	case as.KindLike, as.KindDislike:
		return n.voted(inner.Actor(), inner.Ref("object"), 0)
	case as.KindFollow:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.followers[inner.Ref("object")] = slices.DeleteFunc(n.followers[inner.Ref("object")], func(iri string) bool { return iri == inner.Actor() })
		return nil
	case as.KindDelete, as.KindFlag:
		return nil
	default:
		if slices.Contains(unknownToNodeBB, kind) {
			return nil
		}
		return fmt.Errorf("the Undo of a %s means nothing here", kind)
	}
}

// Post is a post as it stands here; nil if it is not here.
func (n *NodeBB) Post(iri string) *ForumPost {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := n.posts[iri]
	if known == nil {
		return nil
	}
	post := *known
	return &post
}

// Score is the sum of the votes on a post.
func (n *NodeBB) Score(iri string) (sum int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, value := range n.votes[iri] {
		sum += value
	}
	return sum
}

// Joined is how far somebody here has come in joining a group elsewhere.
func (n *NodeBB) Joined(who *ForumUser, group string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.joined[who.ID+" "+group]
}

// Followers are who follows a category.
func (n *NodeBB) Followers(category *Actor) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.followers[category.ID])
}

// Reports are what moderators here were told by others.
func (n *NodeBB) Reports() []as.Doc {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.reports)
}
