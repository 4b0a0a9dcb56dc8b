package federation

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// Resolve finds what query names: the address of a post, comment, group or
// person, here or anywhere, or a handle. What is not known here is fetched
// for a reader who is signed in; a post or comment is stored if its group can
// be told.
func (s *Server) Resolve(ctx context.Context, reader *community.Actor, query string) (_ *community.Resolved, err error) {
	query = strings.TrimSpace(query)
	defer fault.Wrap(&err, "federation.Resolve(%.200s)", query)
	var found any
	if strings.Contains(query, "://") {
		found, err = s.resolveURL(ctx, reader, query)
	} else {
		found, err = s.resolveHandle(ctx, reader, query)
	}
	if err != nil {
		return nil, s.unresolved(query, err)
	}
	return s.resolved(ctx, reader, found)
}

// unresolved tells the person who asked that nothing was found, in one way
// for everything that a stranger's server did wrong, and the operator what it
// was: somebody may be trying where this server can be made to go.
func (s *Server) unresolved(query string, err error) error {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Forbidden, fault.Conflict:
		s.Log.Info("federation: lookup refused", "query", clip(query, 200), "reason", err)
		return fault.Because(err, fault.NotFound, "Nothing that can be shown here was found at %.200s.", query)
	}
	return err
}

// resolved is a thing or an actor as reader sees it.
func (s *Server) resolved(ctx context.Context, reader *community.Actor, found any) (_ *community.Resolved, err error) {
	r := new(community.Resolved)
	switch v := found.(type) {
	case thing:
		if err := s.freshenThing(ctx, reader, v); err != nil {
			return nil, err
		}
		if v.comment != nil {
			r.Comment, err = s.Posts.FindComment(ctx, reader, v.comment.ID)
		} else {
			r.Post, err = s.Posts.Find(ctx, reader, v.post.ID)
		}
		return r, err
	case *community.Actor:
		if v.Gone() && !v.IsGroup() || v.Kind == community.Application {
			return nil, fault.New(fault.NotFound, "There is nobody to see at %s.", v.IRI)
		}
		if v.IsFeed() {
			return s.resolvedFeed(ctx, reader, v)
		}
		if !v.IsGroup() {
			if reader != nil {
				err = s.acquaint(ctx, v)
			}
			r.Person = v
			return r, err
		}
		if _, err := s.FreshenGroup(ctx, reader, v); err != nil {
			return nil, err
		}
		r.Group, err = s.Groups.Find(ctx, reader, community.Handle{Name: v.Name, Host: v.Host})
		return r, err
	}
	return nil, fault.New(fault.Internal, "resolved to a %T", found)
}

// resolvedFeed is a feed as reader sees it.
func (s *Server) resolvedFeed(ctx context.Context, reader, feed *community.Actor) (_ *community.Resolved, err error) {
	if _, err := s.FreshenFeed(ctx, reader, feed); err != nil {
		return nil, err
	}
	r := new(community.Resolved)
	r.Feed, err = s.feedService().Find(ctx, reader, community.Handle{Name: feed.Name, Host: feed.Host})
	return r, err
}

func (s *Server) resolveURL(ctx context.Context, reader *community.Actor, address string) (any, error) {
	if s.ours(address) {
		return s.resolveOurs(ctx, address)
	}
	found, err := s.find(ctx, address)
	if !fault.Is(err, fault.NotFound) {
		return found, err
	}
	actor, err := s.DB.ActorByIRI(ctx, address)
	if !fault.Is(err, fault.NotFound) {
		return actor, err
	}
	if reader == nil {
		return nil, fault.New(fault.NotFound, "That is not known here. Sign in to have it looked up.")
	}
	doc, err := s.fetch(ctx, address)
	if code := fault.CodeOf(err); code == fault.Invalid || code == fault.NotFound || code == fault.Forbidden {
		doc, err = s.behind(ctx, address, err)
	}
	if err != nil {
		return nil, err
	}
	if object, ok := doc.Embedded("object"); ok && doc.Kind() == as.KindCreate {
		return s.obtain(ctx, &received{asked: true}, object.ID(), maxAncestors)
	}
	if as.IsActor(doc.Kind()) {
		return s.saveActor(ctx, doc)
	}
	return s.adopt(ctx, &received{asked: true}, doc, maxAncestors)
}

// behind returns the document of a page for people; why is what kept the page
// itself from being one.
func (s *Server) behind(ctx context.Context, page string, why error) (as.Doc, error) {
	address, err := s.alternate(ctx, page)
	if err != nil {
		return as.Doc{}, fmt.Errorf("%w (and %w)", err, why)
	}
	return s.fetch(ctx, address)
}

// resolveOurs finds what an address of this server shows. Remote actors and
// posts have a page here too, under their handle or our number.
func (s *Server) resolveOurs(ctx context.Context, address string) (any, error) {
	address, _, _ = strings.Cut(withoutFragment(address), "?")
	kind, name, ok := s.local(strings.TrimSuffix(address, "/"))
	nothing := fault.New(fault.NotFound, "There is nothing at %.200s.", address)
	if !ok {
		return nil, nothing
	}
	number, numErr := strconv.ParseInt(name, 10, 64)
	handle, isHandle := community.ParseHandle(name, s.Host)
	switch {
	case kind == localGroup && isHandle:
		return s.DB.ActorByHandle(ctx, handle, community.GroupKind)
	case kind == localFeed && isHandle:
		return s.DB.ActorByHandle(ctx, handle, community.FeedKind)
	case kind == localPerson && isHandle:
		return s.DB.ActorByHandle(ctx, handle, community.Person, community.Service)
	case kind == localPost && numErr == nil:
		post, err := s.DB.Post(ctx, community.PostID(number))
		return thing{post: post}, err
	case kind == localComment && numErr == nil:
		comment, err := s.DB.Comment(ctx, community.CommentID(number))
		return thing{comment: comment}, err
	}
	return nil, nothing
}

// resolveFeed finds "~feed@host".
func (s *Server) resolveFeed(ctx context.Context, reader *community.Actor, handle community.Handle) (*community.Actor, error) {
	feed, err := s.DB.ActorByHandle(ctx, handle, community.FeedKind)
	if fault.Is(err, fault.NotFound) && handle.Host != "" && reader != nil {
		feed, err = s.lookupFeed(ctx, handle)
	}
	if err != nil {
		return nil, fault.Because(err, fault.CodeOf(err), "No feed called %s was found.", handle)
	}
	return feed, nil
}

// resolveHandle finds "!group@host", "@person@host", or either without its
// mark, when a group is looked for first, and a feed last.
func (s *Server) resolveHandle(ctx context.Context, reader *community.Actor, query string) (*community.Actor, error) {
	handle, ok := community.ParseHandle(query, s.Host)
	if !ok {
		return nil, fault.New(fault.NotFound, "%.200q is neither an address nor a handle.", query)
	}
	if strings.HasPrefix(query, "~") {
		return s.resolveFeed(ctx, reader, handle)
	}
	wanted, others := []community.ActorKind{community.GroupKind}, []community.ActorKind{community.Person, community.Service, community.FeedKind}
	if strings.HasPrefix(query, "@") && handle.Host != "" {
		wanted, others = others, wanted
	}
	actor, err := s.DB.ActorByHandle(ctx, handle, wanted...)
	if !fault.Is(err, fault.NotFound) {
		return actor, err
	}
	if handle.Host != "" && reader != nil {
		// Two actors there may share the name: the other kind will do only
		// if its server says so.
		if actor, err = s.lookup(ctx, handle, wanted[0] == community.GroupKind); err == nil {
			return actor, nil
		}
	}
	if known, dbErr := s.DB.ActorByHandle(ctx, handle, others...); !fault.Is(dbErr, fault.NotFound) {
		return known, dbErr
	}
	return nil, fault.Because(err, fault.CodeOf(err), "Nobody called %s was found.", handle)
}
