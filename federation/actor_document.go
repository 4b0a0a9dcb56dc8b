package federation

import (
	"context"
	"mime"
	"net/http"
	"path"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// groupDocument is a group of ours as peers read it. The addresses are made
// from its id and not read from its row: they are the routes of documents.go.
func (s *Server) groupDocument(a *community.Actor) as.Group {
	actor := s.actorDocument(a)
	actor.Featured = a.IRI + "/featured"
	return as.Group{
		Actor: actor, Moderators: a.IRI + "/moderators", PostingRestrictedToMods: a.Restricted, Sensitive: a.Sensitive, Asks: a.Questions,
	}
}

// personDocument is a person or bot of ours. They have no featured posts:
// Lemmy refuses an actor whose collection another has too.
func (s *Server) personDocument(a *community.Actor) as.Person {
	actor := s.actorDocument(a)
	actor.Following = a.IRI + "/following"
	accepts := 3
	if a.MessagesFrom == community.FromNobody {
		accepts = 0
	}
	return as.Person{Actor: actor, Bot: a.Kind == community.Service, AcceptsMessages: accepts}
}

// instanceDocument is this server itself, which signs what nobody in
// particular asks for (FEP-d556, FEP-2677). Lemmy looks for it at the root of
// every host that it learns of.
func (s *Server) instanceDocument(a *community.Actor) as.Application {
	actor := s.actorDocument(a)
	actor.Name = s.Name
	actor.Inbox, actor.Outbox, actor.Followers = s.Origin+"/inbox", s.Origin+"/outbox", ""
	actor.Discoverable, actor.Indexable = false, false
	return as.Application{Actor: actor}
}

// described is an actor of ours with its keys, as peers read it.
func (s *Server) described(ctx context.Context, db *storage.DB, a *community.Actor) (document, error) {
	keys, err := s.multikeys(ctx, db, a)
	if err != nil {
		return nil, err
	}
	switch a.Kind {
	case community.GroupKind:
		d := s.groupDocument(a)
		d.Multikeys = keys
		return d, nil
	case community.FeedKind:
		d, err := s.feedDocument(ctx, db, a)
		d.Multikeys = keys
		return d, err
	case community.Application:
		d := s.instanceDocument(a)
		d.Multikeys = keys
		return d, nil
	}
	d := s.personDocument(a)
	d.Multikeys = keys
	if a.Leaving() {
		return d, nil
	}
	fields, err := db.ProfileFields(ctx, a.ID)
	d.Fields = propertyValues(fields)
	return d, err
}

// propertyValues are the lines of a profile as Mastodon writes them.
func propertyValues(fields []community.ProfileField) []as.PropertyValue {
	list := make([]as.PropertyValue, len(fields))
	for i, f := range fields {
		list[i] = as.PropertyValue{Name: f.Name, Value: f.HTML}
	}
	return list
}

// actorDocument is what all our actors have.
func (s *Server) actorDocument(a *community.Actor) as.Actor {
	doc := as.Actor{
		ID: a.IRI, PreferredUsername: a.Name, WebFinger: a.Name + "@" + s.Host, Name: a.DisplayName(), URL: a.PageURL(),
		Summary: s.outward(a.SummaryHTML), Inbox: a.IRI + "/inbox", Outbox: a.IRI + "/outbox", Followers: followersOf(a),
		SharedInbox: s.Origin + "/inbox", KeyID: keyIDOf(a), PublicKeyPEM: a.PublicKey,
		ApprovesFollowers: a.Locked, Discoverable: a.Discoverable, Indexable: a.Indexable,
		AlsoKnownAs: a.Aliases(), MovedTo: a.MovedTo, Published: a.CreatedAt, Updated: a.UpdatedAt,
	}
	if a.Leaving() {
		// Whoever may still come back keeps the name and the key, and shows
		// nothing else.
		doc.Name, doc.Summary, doc.Discoverable, doc.Indexable = a.Name, "", false, false
		return doc
	}
	if a.Summary != "" {
		doc.Source = &as.Source{Content: a.Summary}
	}
	if a.Icon != "" {
		doc.Icon = &as.Image{URL: a.Icon, MediaType: mime.TypeByExtension(path.Ext(a.Icon))}
	}
	if a.Image != "" {
		doc.Image = &as.Image{URL: a.Image, MediaType: mime.TypeByExtension(path.Ext(a.Image))}
	}
	return doc
}

// ownActor finds the local actor that a path names. What was deleted is
// Gone; a name that is of another kind is nobody.
func (s *Server) ownActor(r *http.Request, kinds ...community.ActorKind) (*community.Actor, error) {
	h, ok := community.ParseHandle(r.PathValue("name"), s.Host)
	if !ok {
		return nil, fault.New(fault.NotFound, "Nobody has such a name.")
	}
	a, err := s.DB.ActorByHandle(r.Context(), h, kinds...)
	switch {
	case err != nil:
		return nil, err
	case !a.KnownTo(nil):
		return nil, community.Unseen()
	case a.Gone():
		return nil, &tombstone{id: a.IRI, former: formerType(a), at: a.DeletedAt}
	case !a.Local():
		return nil, &elsewhere{a.IRI}
	}
	return a, nil
}

var people = []community.ActorKind{community.Person, community.Service}

func formerType(a *community.Actor) string {
	switch a.Kind {
	case community.GroupKind:
		return as.KindGroup
	case community.FeedKind:
		return as.KindFeed
	case community.Service:
		return as.KindService
	}
	return as.KindPerson
}

func (s *Server) getGroup(r *http.Request) (document, error) {
	a, err := s.ownActor(r, community.GroupKind)
	if err != nil {
		return nil, err
	}
	return s.described(r.Context(), s.DB, a)
}

func (s *Server) getPerson(r *http.Request) (document, error) {
	a, err := s.ownActor(r, people...)
	if err != nil {
		return nil, err
	}
	return s.described(r.Context(), s.DB, a)
}

func (s *Server) getInstance(r *http.Request) (document, error) {
	a, err := s.Accounts.Instance(r.Context())
	if err != nil {
		return nil, err
	}
	return s.described(r.Context(), s.DB, a)
}

type actorsByID map[community.ActorID]*community.Actor

// actorsOf loads the authors and groups of posts.
func actorsOf(ctx context.Context, db *storage.DB, posts []*community.Post) (actorsByID, error) {
	ids := set[community.ActorID]{}
	for _, p := range posts {
		ids.add(p.AuthorID)
		ids.add(p.GroupID)
	}
	return db.Actors(ctx, ids.list())
}
