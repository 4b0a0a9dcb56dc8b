package federation

import (
	"context"
	"errors"
	"fmt"
	"html"
	"slices"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/posts"
)

// create handles Create of a post, or of an answer to one.
func (s *Server) create(ctx context.Context, r *received) error {
	if object, ok := r.doc.Embedded("object"); ok && isBallot(object) {
		return s.ballot(ctx, r, object)
	}
	if letter, ok := s.letterIn(ctx, r); ok {
		return s.message(ctx, r, letter)
	}
	object, err := s.written(ctx, r)
	if err != nil {
		return err
	}
	if _, err := s.find(ctx, object.ID()); !fault.Is(err, fault.NotFound) {
		if err == nil {
			err = fault.New(fault.Conflict, "%s is known already.", object.ID())
		}
		return err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	if object.Ref("inReplyTo") != "" {
		if _, err = s.answer(ctx, r, by, object, maxAncestors); !s.begins(ctx, r, object, err) {
			return err
		}
	}
	_, err = s.publish(ctx, r, by, object)
	return err
}

// begins reports whether an answer that has no place here, since what it
// answers is in no group, begins a thread: somebody on a microblog turns from
// their conversation to a group of ours, and asks it (FEDERATION.md, section 3).
func (s *Server) begins(ctx context.Context, r *received, object as.Doc, why error) bool {
	if !errors.Is(why, errNoGroup) || r.via != nil {
		return false
	}
	group, err := s.groupFor(ctx, r, object)
	return err == nil && group.Local()
}

// written returns the object of a Create or Update: embedded, or from its
// origin. It must be of the actor, who must be its author.
func (s *Server) written(ctx context.Context, r *received) (object as.Doc, err error) {
	object, embedded := r.doc.Embedded("object")
	switch {
	case !r.object.IsZero():
		object = r.object
	case !embedded:
		if object, err = s.fetch(ctx, r.doc.Ref("object")); err != nil {
			return object, err
		}
	}
	if !as.SameHost(object.ID(), r.actor) || !wrote(object, r.actor) {
		return object, fault.New(fault.Forbidden, "%s is not by %s.", object.ID(), r.actor)
	}
	if err := postable(object); err != nil {
		return object, err
	}
	_, err = s.confinedTo(ctx, r, object)
	return object, err
}

// wrote reports whether object names actor as its author.
func wrote(object as.Doc, actor string) bool {
	return slices.Contains(object.Refs("attributedTo"), actor)
}

// kindsOfPost are the types that are posts or comments here.
var kindsOfPost = []string{as.KindPage, as.KindNote, as.KindArticle, as.KindQuestion, as.KindEvent, as.KindVideo}

// postable reports why an object cannot be a post or comment.
func postable(object as.Doc) error {
	switch {
	case object.Kind() == as.KindTombstone:
		return fault.New(fault.NotFound, "%s is gone.", object.ID())
	case !slices.Contains(kindsOfPost, object.Kind()):
		return fault.New(fault.Invalid, "A %.60q is no post.", object.Kind())
	case isBallot(object):
		return fault.New(fault.Invalid, "A vote in a poll is no comment.")
	}
	return nil
}

// isPublic reports whether everybody may read an object: followers-only and
// direct Notes and private messages stay out. A public activity does not make
// its object public (CVE-2024-37903), unless that leaves out whom it is for:
// Discourse addresses the activity alone.
func isPublic(object, activity as.Doc) bool {
	if object.Has("to") || object.Has("cc") {
		return object.IsPublic()
	}
	return activity.IsPublic() || object.Ref("audience") != ""
}

// publish stores an object as a post in the group that it is meant for. Who
// may begin threads in a group elsewhere is that group's to say, and by
// announcing this it did.
func (s *Server) publish(ctx context.Context, r *received, by *community.Actor, object as.Doc) (*community.Post, error) {
	group, err := s.groupFor(ctx, r, object)
	if err != nil {
		return nil, err
	}
	if err := s.fits(ctx, r, object, group); err != nil {
		return nil, err
	}
	if r.via != nil && group.Restricted {
		open := *group
		open.Restricted = false
		group = &open
	}
	return s.Posts.Publish(ctx, by, group, s.draft(r, object))
}

// draft is what an object says, in our words.
func (s *Server) draft(r *received, object as.Doc) posts.Draft {
	event := eventIn(object)
	content, source := text(object)
	content, source = headless(event, content, source)
	sensitive, _ := object.Bool("sensitive")
	var kind community.PostKind
	if object.Kind() == as.KindVideo {
		kind = community.VideoPost
	}
	leads, shows := link(object), attached(object)
	if leads == "" && len(shows) == 0 && object.Has("attachment") {
		s.Log.Debug("federation: attachments left out", "id", object.ID(), "reason", "they have no address that people can be sent to")
	}
	return posts.Draft{
		Kind: kind, Poll: s.pollIn(object), Event: event, Duration: duration(object),
		Title: title(object), Body: source, Link: leads, Language: clip(object.Language(), 35),
		Sensitive: sensitive || warning(object) != "",
		From:      r.origin(object.ID()), HTML: content, URL: pageURL(object),
		Question: asks(object), CreatedAt: object.Time("published"), Raw: object.Bytes(), Standing: r.stands, Attached: shows, Tags: hashtagsIn(object),
	}
}

// asks is whether an object says that it asks something, or nil: then it does
// if all do in its group.
func asks(object as.Doc) *bool {
	if yes, said := object.Bool("questionAnswer"); said {
		return &yes
	}
	return nil
}

// title is the name, or the first line of a Note without the mentions that it
// begins with (FEDERATION.md, section 3).
func title(object as.Doc) string {
	if name := object.Text("name"); name != "" {
		return plain(name)
	}
	content, _ := text(object)
	return firstOf(markup.FirstLine(content, community.MaxTitle), warning(object), firstAttachmentName(object))
}

// warning is the content warning, which microblogs write into summary. In
// what has a title, summary is a summary.
func warning(object as.Doc) string {
	if object.Has("name") || object.Kind() != as.KindNote && object.Kind() != as.KindQuestion {
		return ""
	}
	return object.Text("summary")
}

// text returns what is shown, as HTML that is not yet sanitised and with the
// content warning before it, and what it was written as: the Markdown where
// its author's server gives it, plain text elsewhere.
func text(object as.Doc) (content, source string) {
	content = object.Text("content")
	switch object.Text("mediaType") {
	case "text/markdown": // PeerTube
		content = markup.Render(content)
	case "text/plain":
		content = "<p>" + html.EscapeString(content) + "</p>"
	}
	content = withQuote(object, untitled(object, content))
	if cw := warning(object); cw != "" {
		content = fmt.Sprintf("<p><strong>%s</strong></p>%s", html.EscapeString(cw), content)
	}
	return content, sourceOf(object, content)
}

// sourceOf is what content was written as.
func sourceOf(object as.Doc, content string) string {
	if given, ok := object.Embedded("source"); ok && given.Text("mediaType") == "text/markdown" {
		if source := given.Text("content"); source != "" {
			return source
		}
	}
	return markup.Text(content)
}

// link is what a post is about: the first link among the attachments, or else
// the first file. Pictures, films and sounds are shown: see attached. A film's
// own page is what a Video is about.
func link(object as.Doc) string {
	if object.Kind() == as.KindVideo || object.Kind() == as.KindEvent {
		return pageURL(object)
	}
	attachments := object.Embeddeds("attachment")
	for _, a := range attachments {
		if kind, _ := mediaOf(a); kind != "" {
			continue
		}
		if u := webURL(a.Ref("href")); u != "" && a.Kind() == as.KindLink {
			return u
		}
	}
	for _, a := range attachments {
		if kind, _ := mediaOf(a); kind != "" {
			continue
		}
		if u := webURL(firstOf(a.Ref("url"), a.Ref("href"))); u != "" {
			return u
		}
	}
	return ""
}

func firstAttachmentName(object as.Doc) string {
	for _, a := range object.Embeddeds("attachment") {
		if name := firstOf(a.Text("name"), a.Text("summary")); name != "" {
			return name
		}
	}
	return ""
}

// update handles Update of a post, a comment or an actor. What is not known
// is taken for new: an Update may be the first that we see of it.
func (s *Server) update(ctx context.Context, r *received) error {
	if object, ok := r.doc.Embedded("object"); ok && as.IsActor(object.Kind()) {
		return s.updateActor(ctx, r, object)
	}
	if letter, ok := s.letterIn(ctx, r); ok {
		return s.editMessage(ctx, r, letter)
	}
	if marking, err := s.marking(ctx, r); err != nil || marking {
		if err != nil {
			return err
		}
		return s.mark(ctx, r)
	}
	object, err := s.written(ctx, r)
	if err != nil {
		return err
	}
	found, err := s.find(ctx, object.ID())
	if fault.Is(err, fault.NotFound) {
		if err := s.noMessage(ctx, object.ID()); err != nil {
			return err
		}
		return s.create(ctx, r)
	}
	if err != nil {
		return err
	}
	by, change, err := s.changed(ctx, r, found, object)
	if err != nil {
		return err
	}
	if found.comment != nil {
		_, err = s.Posts.EditComment(ctx, by, found.comment.ID, change)
		return err
	}
	_, err = s.Posts.Edit(ctx, by, found.post.ID, change)
	return err
}

// changed is what the author of something says of it now.
func (s *Server) changed(ctx context.Context, r *received, found thing, object as.Doc) (by *community.Actor, change posts.Change, err error) {
	if err := found.within(r); err != nil {
		return nil, change, err
	}
	if err := s.fitsIn(ctx, r, object, found.group()); err != nil {
		return nil, change, err
	}
	if by, err = s.actor(ctx, r.actor); err != nil {
		return nil, change, err
	}
	d := s.draft(r, object)
	change = posts.Change{Body: &d.Body, HTML: &d.HTML, From: d.From, Raw: d.Raw, Attached: &d.Attached}
	if found.comment == nil {
		change.Title, change.Link, change.Sensitive, change.Question, change.Beside = &d.Title, &d.Link, &d.Sensitive, d.Question, &d
	}
	return by, change, nil
}

// delete handles Delete: by an author, or, with a summary or by somebody
// else, a moderator's removal; or somebody deletes themselves, or a
// group is closed.
func (s *Server) delete(ctx context.Context, r *received) error {
	id := r.doc.Ref("object")
	if yes, err := s.deleteFeed(ctx, r, id); yes {
		return err
	}
	if id == r.actor {
		return s.deleteActor(ctx, r)
	}
	found, err := s.find(ctx, id)
	if fault.Is(err, fault.NotFound) {
		if yes, err := s.closing(ctx, r, id); yes {
			return err
		}
		if yes, err := s.deleteMessage(ctx, r, id); yes {
			return err
		}
		if yes, err := s.deleteQuote(ctx, r, id); yes {
			return err
		}
	}
	if err != nil {
		return err
	}
	if err := found.within(r); err != nil {
		return err
	}
	by, err := s.anybody(ctx, r.actor) // their own words are theirs to take back, banned or not
	if err != nil {
		return err
	}
	if found.author() != by.ID {
		return s.takeDown(ctx, r, found)
	}
	from := r.origin(r.doc.ID())
	if found.comment != nil {
		return s.Posts.DeleteComment(ctx, by, found.comment.ID, from)
	}
	return s.Posts.Delete(ctx, by, found.post.ID, from)
}
