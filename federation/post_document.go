package federation

import (
	"cmp"
	"context"
	"html"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

const (
	mostTeaser   = 500 // characters of a post's beginning in its summary
	mostMentions = 20  // people of one text who are told: beyond that it is spam
)

// page is a post by somebody here. Everybody is served the same: a Page, as
// Lemmy has it, with the teaser that Mastodon shows instead of the content of
// what it converts (FEDERATION.md, section 3). What is sensitive has its title
// for a warning instead, what has a poll is a Question, what happens
// somewhere an Event.
func (s *Server) page(post *community.Post, author, group *community.Actor, mentioned []*community.Actor, also beside) as.Page {
	content := s.outward(post.HTML)
	summary, sensitive := "", post.Sensitive || group.Sensitive
	beginning := teaser(content)
	if sensitive {
		summary, beginning = post.Title, ""
	}
	page := as.Page{
		ID: post.IRI, AttributedTo: author.IRI, To: everybodyIn(group), CC: cc(author, group, mentioned),
		Audience: group.IRI, Name: post.Title, Content: content, Summary: summary, Teaser: beginning, Source: s.source(post.Body),
		URL: cmp.Or(post.URL, post.IRI), Link: post.Link, Language: languageOf(post.Language),
		Sensitive: sensitive, Locked: !post.LockedAt.IsZero(),
		Context: s.contextOf(post, group), Replies: post.IRI + "/replies", Tag: append(s.mentions(append([]*community.Actor{group}, mentioned...)), s.hashtags(post.Title, post.Body)...),
		Published: post.CreatedAt, Updated: post.EditedAt, QuotedBy: quotedBy(author, group), Attachment: also.shows, Image: cover(also.shows),
		Asks: post.Question,
	}
	switch {
	case also.poll != nil:
		page = question(page, also.poll, also.poll.Closed(s.now()))
	case also.event != nil:
		page = happening(page, also.event, post.Body)
	}
	return as.Page(citing(as.Post(page), also.cited))
}

// outward is HTML of ours for readers elsewhere.
func (s *Server) outward(text string) string { return markup.Absolute(text, s.Origin) }

// teaser is the beginning of a post. A summary is HTML to whoever goes by the
// book, so what is plain text must be escaped.
func teaser(content string) string { return html.EscapeString(markup.Excerpt(content, mostTeaser)) }

// source is Markdown for readers elsewhere: what was uploaded here is at an
// address of ours.
func (s *Server) source(markdown string) *as.Source {
	if markdown == "" {
		return nil
	}
	return &as.Source{Content: strings.ReplaceAll(markdown, "]("+community.MediaPath, "]("+s.Origin+community.MediaPath)}
}

// languageOf is a language with its name in English, which Lemmy requires.
func languageOf(tag string) as.Language {
	t, err := language.Parse(tag)
	if err != nil || t == language.Und {
		return as.Language{}
	}
	return as.Language{Identifier: tag, Name: display.English.Tags().Name(t)}
}

// contextOf is the collection of a thread, if the thread is in a group of
// ours (FEP-7888: the context belongs to the group).
func (s *Server) contextOf(post *community.Post, group *community.Actor) string {
	if !group.Local() {
		return ""
	}
	return s.Origin + "/post/" + strconv.FormatInt(int64(post.ID), 10) + "/context"
}

// cc is who gets a copy of what is said in group: its author's followers, and
// who is mentioned; nobody of what is for members. People on Lemmy have no
// followers.
func cc(author, group *community.Actor, mentioned []*community.Actor) []string {
	list := []string{}
	if group.Closed() {
		return list
	}
	if all := followersOf(author); all != "" {
		list = append(list, all)
	}
	for _, a := range mentioned {
		list = append(list, a.IRI)
	}
	return list
}

// mentions are the tags by which a microblog knows whom to notify. The group
// is among them, as in Lemmy's, so that an answer from there names it too and
// reaches it.
func (s *Server) mentions(actors []*community.Actor) []as.Tag {
	tags := make([]as.Tag, len(actors))
	for i, a := range actors {
		host := a.Host
		if a.Local() {
			host = s.Host
		}
		tags[i] = as.Tag{Type: as.KindMention, Href: a.IRI, Name: "@" + a.Name + "@" + host}
	}
	return tags
}

// mentioned finds the people whom a text mentions, but for its author. Nobody
// is looked up elsewhere for it: only who is known here is told.
func (s *Server) mentioned(ctx context.Context, db *storage.DB, markdown string, author *community.Actor) ([]*community.Actor, error) {
	var found []*community.Actor
	seen := map[community.ActorID]bool{author.ID: true}
	for _, text := range markup.Mentions(markdown) {
		h, ok := community.ParseHandle(text, s.Host)
		if !ok {
			continue
		}
		a, err := db.ActorByHandle(ctx, h, people...)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if seen[a.ID] || a.Gone() {
			continue
		}
		seen[a.ID] = true
		if found = append(found, a); len(found) == mostMentions {
			break
		}
	}
	return found, nil
}

// ownPost finds the post that a path names. What its author deleted is gone;
// what a moderator removed is not there; and what lives elsewhere is
// there, for a peer that was given the address of our page about it.
func (s *Server) ownPost(r *http.Request) (*community.Post, error) {
	post, err := s.DB.Post(r.Context(), community.PostID(pathID(r)))
	if err == nil {
		err = s.clearedFor(r, post.GroupID)
	}
	switch {
	case err != nil:
		return nil, err
	case post.Hidden() && (post.DeletedAt.IsZero() || !s.ours(post.IRI)):
		return nil, fault.New(fault.NotFound, "This post was removed.")
	case post.Hidden():
		return nil, &tombstone{id: post.IRI, former: typeOf(post), at: post.DeletedAt}
	}
	return post, nil
}

// typeOf is what a post is to others.
func typeOf(post *community.Post) string {
	switch post.Kind {
	case community.PollPost:
		return as.KindQuestion
	case community.EventPost:
		return as.KindEvent
	}
	return as.KindPage
}

func (s *Server) getPost(r *http.Request) (document, error) {
	post, err := s.ownPost(r)
	if err != nil {
		return nil, err
	}
	if !s.ours(post.IRI) {
		return nil, &elsewhere{post.IRI}
	}
	actors, err := actorsOf(r.Context(), s.DB, []*community.Post{post})
	if err != nil {
		return nil, err
	}
	return s.wholePage(r.Context(), post, actors)
}

// wholePage is a post by somebody here, with whom it mentions.
func (s *Server) wholePage(ctx context.Context, post *community.Post, actors actorsByID) (as.Page, error) {
	author, group := actors[post.AuthorID], actors[post.GroupID]
	if author == nil || group == nil {
		return as.Page{}, fault.New(fault.NotFound, "This post has lost its author or group.")
	}
	mentioned, err := s.mentioned(ctx, s.DB, post.Body, author)
	if err != nil {
		return as.Page{}, err
	}
	also, err := besideOf(ctx, s.DB, post)
	if err != nil {
		return as.Page{}, err
	}
	return s.page(post, author, group, mentioned, also), nil
}

// pathID is the number in a path, 0 if it is none.
func pathID(r *http.Request) int64 {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != r.PathValue("id") {
		return 0
	}
	return id
}
