package fediverse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A Microblog is a fake Mastodon or GoToSocial that does what they do with
// what it is sent: it fetches what a group boosts, shows it by its own rules,
// counts favourites of its people's posts, keeps reports, and refuses the
// rest (FEDERATION.md, sections 3, 4 and 13).
type Microblog struct {
	*site
	rules     rules
	accounts  map[string]*Account // its own people, by id
	following map[string]string   // by "person group": "asked", "accepted", or nothing
	followers map[string][]string // people elsewhere who follow somebody here, by whom they follow
	waiting   map[string]as.Doc   // Follows of those who approve by hand, by who asks
	statuses  map[string]*Status
	boosts    map[string]boost // by the id of the Announce
	likes     map[string]boost // favourites, by the id of the Like
	notices   []Notice
	reports   []as.Doc
	quotes    map[string]*Quote // by the id of what quotes
	gone      map[string]int    // actors elsewhere who deleted themselves, and how often they said so
	quoted    quoted            // how quotes of what is written here are answered
}

// rules are where Mastodon and GoToSocial differ.
type rules interface {
	// inbox says what is wrong with a delivery before its signature is read.
	inbox(d Delivery) (status int, why string)
	// boosted says what is missing in an Announce.
	boosted(doc as.Doc) error
	// show makes a status of an object.
	show(object as.Doc) *Status
	// id names an activity of somebody here about something.
	id(by *Account, kind, about string, n int) string
	// tombstone is the object of a Delete.
	tombstone(iri string) any
	// written is a document as it leaves.
	written(doc map[string]any) any
}

// A Status is a post as a microblog shows it.
type Status struct {
	ID, Author, InReplyTo string
	Content               string // HTML
	Warning               string // what has to be clicked away before the content is seen
	Edited                string
	Options               []Option
	Voters                int64

	mine *Writing // as it was written here
	told []string // to whom it was sent from here
}

// An Option is what can be chosen in a poll.
type Option struct {
	Text  string
	Votes int64
}

type boost struct{ by, status string }

// A Notice is something that somebody here is told.
type Notice struct{ To, Kind, From, Status string }

func newMicroblog(t testing.TB, software, instance string, r rules) *Microblog {
	t.Helper()
	m := &Microblog{
		site: newSite(t, software, instance), rules: r, accounts: map[string]*Account{}, following: map[string]string{},
		followers: map[string][]string{}, waiting: map[string]as.Doc{},
		statuses: map[string]*Status{}, boosts: map[string]boost{}, likes: map[string]boost{}, quotes: map[string]*Quote{}, gone: map[string]int{},
	}
	m.ReadAs(m.Instance)
	m.Answer(m.take)
	return m
}

// take decides about a delivery, as the inbox does that it came to.
func (m *Microblog) take(d Delivery) int {
	if status, why := m.rules.inbox(d); status != 0 {
		m.refuse(d, why)
		return status
	}
	if status, err := d.signed(); err != nil {
		m.refuse(d, err.Error())
		return status
	}
	if err := m.apply(m.t.Context(), d.Doc); err != nil {
		m.refuse(d, err.Error()) // neither of them says so to the sender
	}
	return http.StatusAccepted
}

func (m *Microblog) apply(ctx context.Context, doc as.Doc) error {
	if _, err := m.meet(ctx, doc.Actor()); err != nil && doc.Kind() != as.KindDelete {
		return err
	}
	handle := map[string]func(context.Context, as.Doc) error{
		as.KindAccept: m.accepted, as.KindReject: m.rejected, as.KindAnnounce: m.announced, as.KindCreate: m.created,
		as.KindUpdate: m.updated, as.KindDelete: m.deleted, as.KindLike: m.liked, as.KindUndo: m.undone,
		as.KindFollow: m.followed, as.KindFlag: m.flagged, as.KindBlock: m.ignored, as.KindMove: m.moved, as.KindQuoteRequest: m.quoteAsked,
	}[doc.Kind()]
	if handle == nil {
		return fmt.Errorf("a %s means nothing here", doc.Kind())
	}
	return handle(ctx, doc)
}

func (m *Microblog) ignored(context.Context, as.Doc) error { return nil }

// accepted and rejected match the Follow by what is embedded, or by its id.
func (m *Microblog) accepted(_ context.Context, doc as.Doc) error {
	return m.answered(doc, "accepted")
}

func (m *Microblog) rejected(_ context.Context, doc as.Doc) error { return m.answered(doc, "") }

func (m *Microblog) answered(doc as.Doc, state string) error {
	follow, ok := doc.Embedded("object")
	if follow.Kind() == as.KindQuoteRequest {
		return m.quoteAnswered(doc, follow)
	}
	if !ok || follow.Kind() != as.KindFollow || follow.Ref("object") != doc.Actor() || follow.ID() == "" {
		return errors.New("it does not hold the Follow of its actor")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := follow.Actor() + " " + doc.Actor()
	if m.following[key] == "" {
		return errors.New("nobody here asked")
	}
	m.following[key] = state
	return nil
}

// announced shows a boost. The object is read from where it lives, whatever
// is embedded.
func (m *Microblog) announced(ctx context.Context, doc as.Doc) error {
	if err := m.rules.boosted(doc); err != nil {
		return err
	}
	if !m.followedHere(doc.Actor()) {
		return errors.New("nobody here follows who boosts it")
	}
	status, err := m.status(ctx, doc.Ref("object"))
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.boosts[doc.ID()] = boost{doc.Actor(), status.ID}
	return nil
}

func (m *Microblog) followedHere(iri string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, state := range m.following {
		if strings.HasSuffix(key, " "+iri) && state == "accepted" {
			return true
		}
	}
	return false
}

// status finds a status, fetching what is not here.
func (m *Microblog) status(ctx context.Context, iri string) (*Status, error) {
	m.mu.Lock()
	known := m.statuses[iri]
	m.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if as.Host(iri) == m.Host {
		return nil, fmt.Errorf("%s is not here", iri)
	}
	object, err := m.read(ctx, iri)
	if err != nil {
		return nil, err
	}
	return m.keep(ctx, object)
}

// statusKinds are what microblogs show.
var statusKinds = []string{as.KindNote, as.KindQuestion, as.KindPage, as.KindArticle, as.KindVideo, as.KindEvent}

// keep stores an object as a status, by its rules.
func (m *Microblog) keep(ctx context.Context, object as.Doc) (*Status, error) {
	authors := object.Refs("attributedTo")
	if len(authors) != 1 || !as.SameHost(authors[0], object.ID()) || !slices.Contains(statusKinds, object.Kind()) {
		return nil, fmt.Errorf("%s is a %s by %v, and no status", object.ID(), object.Kind(), authors)
	}
	if !object.IsPublic() && !m.direct(object) {
		return nil, fmt.Errorf("%s is not public", object.ID())
	}
	if _, err := m.meet(ctx, authors[0]); err != nil {
		return nil, err
	}
	status := m.rules.show(object)
	status.ID, status.Author, status.InReplyTo, status.Edited = object.ID(), authors[0], object.Ref("inReplyTo"), object.Text("updated")
	status.Options, status.Voters = options(object)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.statuses[status.ID] = status
	return status, nil
}

// direct reports whether an object is a message to people here alone: to each
// of whom it names, and to nobody else.
func (m *Microblog) direct(object as.Doc) bool {
	to, named := object.Audience(), object.Mentions()
	return object.Kind() == as.KindNote && len(to) > 0 && !slices.ContainsFunc(to, func(iri string) bool {
		return m.person(iri) == nil || !slices.Contains(named, iri)
	})
}

func options(object as.Doc) (list []Option, voters int64) {
	for _, o := range append(object.Embeddeds("oneOf"), object.Embeddeds("anyOf")...) {
		option := Option{Text: o.Text("name")}
		if replies, ok := o.Embedded("replies"); ok {
			option.Votes, _ = replies.Int("totalItems")
		}
		list = append(list, option)
	}
	voters, _ = object.Int("votersCount")
	return list, voters
}

// created takes what concerns somebody here: by whom they follow, naming
// them, or answering them.
func (m *Microblog) created(ctx context.Context, doc as.Doc) error {
	object, ok := doc.Embedded("object")
	if !ok || object.Ref("attributedTo") != doc.Actor() {
		return errors.New("it is not by its actor")
	}
	m.mu.Lock()
	parent := m.statuses[object.Ref("inReplyTo")]
	m.mu.Unlock()
	if object.Text("name") != "" && object.Text("content") == "" && parent != nil && parent.mine != nil {
		return m.voted(doc.Actor(), object.Text("name"), parent)
	}
	var concerned []*Account
	for _, iri := range object.Mentions() {
		if a := m.person(iri); a != nil {
			concerned = append(concerned, a)
		}
	}
	if len(concerned) == 0 && !m.followedHere(doc.Actor()) && (parent == nil || parent.mine == nil) {
		return errors.New("it concerns nobody here")
	}
	status, err := m.keep(ctx, object)
	if err != nil {
		return err
	}
	kind := "mention"
	if !object.IsPublic() {
		kind = "message"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range concerned {
		m.notices = append(m.notices, Notice{a.ID, kind, doc.Actor(), status.ID})
	}
	return nil
}

func (m *Microblog) person(iri string) *Account {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.accounts[iri]
}

// voted counts a vote in a poll of somebody here, who tells all again.
func (m *Microblog) voted(_, option string, poll *Status) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range poll.Options {
		if poll.Options[i].Text == option {
			poll.Options[i].Votes++
			poll.Voters++
			return nil
		}
	}
	return fmt.Errorf("the poll has no option %q", option)
}

// updated changes what its author changed. Without the time of the edit only
// the counts of a poll are read.
func (m *Microblog) updated(ctx context.Context, doc as.Doc) error {
	object, ok := doc.Embedded("object")
	if ok && as.IsActor(object.Kind()) && object.ID() == doc.Actor() {
		m.mu.Lock()
		delete(m.met, doc.Actor())
		m.mu.Unlock()
		_, err := m.meet(ctx, doc.Actor())
		return err
	}
	m.mu.Lock()
	known := m.statuses[object.ID()]
	m.mu.Unlock()
	switch {
	case !ok || object.Ref("attributedTo") != doc.Actor():
		return errors.New("only the author edits")
	case known == nil:
		return errors.New("what is edited is not known here")
	case object.Text("updated") == "" && object.Kind() != as.KindQuestion:
		return errors.New("it does not say when it was edited")
	}
	_, err := m.keep(ctx, object)
	return err
}

// deleted forgets what its author deleted. A group cannot delete what its
// members wrote.
func (m *Microblog) deleted(_ context.Context, doc as.Doc) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	iri := doc.Ref("object")
	if isFarewell(doc) {
		m.buried(iri)
		return nil
	}
	known := m.statuses[iri]
	if known == nil {
		return m.quoteRevoked(iri, doc.Actor())
	}
	if known.Author != doc.Actor() {
		return errors.New("only the author deletes")
	}
	delete(m.statuses, iri)
	for id, b := range m.boosts {
		if b.status == iri {
			delete(m.boosts, id)
		}
	}
	return nil
}

// liked counts a favourite of what was written here, and of nothing else.
func (m *Microblog) liked(_ context.Context, doc as.Doc) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.statuses[doc.Ref("object")]
	if known == nil || known.mine == nil {
		return errors.New("favourites are for what was written here")
	}
	m.likes[doc.ID()] = boost{doc.Actor(), known.ID}
	m.notices = append(m.notices, Notice{known.Author, "favourite", doc.Actor(), known.ID})
	return nil
}

// undone takes back what the inner activity of the same actor did.
func (m *Microblog) undone(_ context.Context, doc as.Doc) error {
	inner, _ := doc.Embedded("object")
	if inner.Actor() != doc.Actor() {
		return errors.New("it is not of the same actor")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch inner.Kind() {
	case as.KindAnnounce:
		if _, ok := m.boosts[inner.ID()]; !ok && m.statuses[inner.Ref("object")] != nil {
			return fmt.Errorf("no boost is called %s", inner.ID())
		}
		delete(m.boosts, inner.ID())
	case as.KindLike:
		for id, like := range m.likes {
			if like == (boost{doc.Actor(), inner.Ref("object")}) {
				delete(m.likes, id)
			}
		}
	case as.KindFollow:
		whom := inner.Ref("object")
		m.followers[whom] = slices.DeleteFunc(m.followers[whom], func(iri string) bool { return iri == doc.Actor() })
		delete(m.waiting, doc.Actor()+" "+whom)
	case as.KindBlock, as.KindFlag:
	default:
		return fmt.Errorf("the Undo of a %s means nothing here", inner.Kind())
	}
	return nil
}

// flagged keeps a report. It must name the account, and its posts beside it.
func (m *Microblog) flagged(_ context.Context, doc as.Doc) error {
	objects := doc.Refs("object")
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(objects, func(iri string) bool { return m.accounts[iri] != nil }) {
		return errors.New("it names no account of this server")
	}
	if doc.Text("content") == "" {
		return errors.New("the reason is not in content")
	}
	m.reports = append(m.reports, doc)
	return nil
}

// Follows is how far somebody here has come in following: "", "asked" or
// "accepted".
func (m *Microblog) Follows(who *Account, group string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.following[who.ID+" "+group]
}

// Boosted counts how often somebody's timeline shows a status as boosted by a
// group.
func (m *Microblog) Boosted(group, status string) (times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.boosts {
		if b == (boost{group, status}) {
			times++
		}
	}
	return times
}

// Status is a status as it is shown; nil if it is not here.
func (m *Microblog) Status(iri string) *Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.statuses[iri]
	if known == nil {
		return nil
	}
	shown := *known
	shown.Options = slices.Clone(known.Options)
	return &shown
}

// Favourites are who likes a status that was written here.
func (m *Microblog) Favourites(iri string) (by []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, like := range m.likes {
		if like.status == iri {
			by = append(by, like.by)
		}
	}
	return by
}

// Notices are what somebody here was told.
func (m *Microblog) Notices(who *Account) (list []Notice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.notices {
		if n.To == who.ID {
			list = append(list, n)
		}
	}
	return list
}

// Reports are what moderators here were told by others.
func (m *Microblog) Reports() []as.Doc {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.reports)
}

// Name is what somebody elsewhere is called here.
func (m *Microblog) Name(iri string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.met[iri].Text("name")
}
