// Package search finds posts, comments, groups, feeds and people by words, within
// what the reader may see and their authors let be found, and completes names.
// Finding things on other servers by their address belongs to federation.
package search

import (
	"context"
	"slices"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use case needs.
type Service struct {
	DB   *storage.DB
	Host string // of this server, as handles name it
	Now  func() time.Time
}

// A Query is what somebody looks for.
type Query struct {
	*community.Search
	Only string // "posts", "comments", "groups", "feeds" or "people"; empty: all of them
	Sort community.FindSort
	Page community.Page
}

// A Highlight says where the words are in what was found.
type Highlight struct {
	Title   []community.Span // in the title of a post
	Excerpt string           // a part of the text, without its formatting
	Spans   []community.Span // in the excerpt
}

// Results are what was found, at most the limit of each kind.
type Results struct {
	Posts    []*community.PostView
	Comments []*community.CommentView
	Groups   []*community.Group
	Feeds    []*community.Feed
	People   []*community.Actor

	PostHighlights    []Highlight // of each post
	CommentHighlights []Highlight
	PostCount         Count
	CommentCount      Count
	Next              string // only where one kind is asked for
	Troubles          []string
}

// A Count is how many there are: more than N, if More.
type Count struct {
	N    int
	More bool
}

// Search finds what a query asks for. Nothing to look for finds nothing.
func (s *Service) Search(ctx context.Context, reader *community.Actor, q Query) (_ *Results, err error) {
	defer fault.Wrap(&err, "search.Search")
	found := &Results{Troubles: q.Troubles}
	if q.Empty() {
		return found, nil
	}
	viewer := community.ActorID(0)
	if reader != nil {
		viewer = reader.ID
	}
	sight, err := s.DB.Sight(ctx, viewer, s.Now())
	if err != nil {
		return nil, err
	}
	find := storage.FindQuery{Search: q.Search, Sort: q.Sort, Viewer: viewer, Sight: sight, Page: q.Page}
	nobody, err := s.filters(ctx, reader, &find, found)
	if err != nil {
		return nil, err
	}
	if !nobody && q.wants("posts") && q.WantsPosts() {
		if err := s.posts(ctx, reader, find, found); err != nil {
			return nil, err
		}
	}
	find.Comments = true
	if !nobody && q.wants("comments") && q.WantsComments() {
		if err := s.comments(ctx, reader, find, found); err != nil {
			return nil, err
		}
	}
	if q.filtered() || q.Page.After != "" {
		return found, nil // only what was written has an author and a date
	}
	return found, s.named(ctx, reader, q, sight, found)
}

func (q *Query) wants(kind string) bool { return q.Only == "" || q.Only == kind }

// filtered reports whether only what was written can be meant.
func (q *Query) filtered() bool {
	return len(q.Authors)+len(q.Groups)+len(q.Kinds)+len(q.Languages)+len(q.Sites) > 0 || q.Mine || !q.After.IsZero() || !q.Before.IsZero() || q.Text == ""
}

// filters looks up whom and what a query names. It reports whether nobody can
// be meant. Who may not know of a group hears the same as if there were none.
func (s *Service) filters(ctx context.Context, reader *community.Actor, find *storage.FindQuery, found *Results) (nobody bool, err error) {
	q := find.Search
	for _, name := range q.Authors {
		if name == "me" && reader != nil {
			find.Authors = append(find.Authors, reader.ID)
			continue
		}
		a, err := s.called(ctx, name, community.Person, community.Service)
		if err != nil {
			return false, err
		}
		if a == nil {
			found.Troubles = append(found.Troubles, "Nobody called "+name+" is known here.")
			continue
		}
		find.Authors = append(find.Authors, a.ID)
	}
	for _, name := range q.Groups {
		g, err := s.called(ctx, name, community.GroupKind)
		if err != nil {
			return false, err
		}
		if g != nil && g.Closed() {
			if may, err := s.DB.MayRead(ctx, reader, g.ID); err != nil {
				return false, err
			} else if !may {
				g = nil
			}
		}
		if g == nil {
			found.Troubles = append(found.Troubles, "There is no group called "+name+" that you can read in.")
			continue
		}
		find.Groups = append(find.Groups, g.ID)
	}
	nobody = len(q.Authors) > 0 && len(find.Authors) == 0 || len(q.Groups) > 0 && len(find.Groups) == 0
	if !q.Mine || nobody {
		return nobody, nil
	}
	if reader == nil {
		found.Troubles = append(found.Troubles, "Sign in to search in your groups.")
		return true, nil
	}
	mine, err := s.DB.JoinedIDs(ctx, reader.ID)
	if len(find.Groups) > 0 {
		mine = slices.DeleteFunc(mine, func(id community.ActorID) bool { return !slices.Contains(find.Groups, id) })
	}
	find.Groups = mine
	return len(mine) == 0, err
}

// called returns who has a handle, nil if nobody.
func (s *Service) called(ctx context.Context, name string, kinds ...community.ActorKind) (*community.Actor, error) {
	h, ok := community.ParseHandle(name, s.Host)
	if !ok {
		return nil, nil
	}
	a, err := s.DB.ActorByHandle(ctx, h, kinds...)
	if fault.Is(err, fault.NotFound) || err == nil && a.Gone() {
		return nil, nil
	}
	return a, err
}

func (s *Service) posts(ctx context.Context, reader *community.Actor, find storage.FindQuery, found *Results) error {
	hits, err := s.DB.Find(ctx, find)
	if err != nil {
		return err
	}
	ids := make([]community.PostID, len(hits.IDs))
	for i, id := range hits.IDs {
		ids[i] = community.PostID(id)
	}
	rows, err := s.DB.Posts(ctx, ids)
	if err != nil {
		return err
	}
	list := make([]*community.Post, 0, len(ids))
	for _, id := range ids {
		if p := rows[id]; p != nil && !find.Sight.Hides(community.InFeeds, p.AuthorID, p.Title, p.Body, p.Link) {
			list = append(list, p)
		}
	}
	found.PostCount, found.Next = Count{hits.Count, hits.More}, hits.Next
	if found.Posts, err = s.DB.PostViews(ctx, reader, list, s.Now()); err != nil {
		return err
	}
	for _, p := range found.Posts {
		h := highlight(hits.Matches, p.HTML)
		h.Title = hits.Matches.Spans(p.Title)
		found.PostHighlights = append(found.PostHighlights, h)
	}
	return nil
}

func (s *Service) comments(ctx context.Context, reader *community.Actor, find storage.FindQuery, found *Results) error {
	hits, err := s.DB.Find(ctx, find)
	if err != nil {
		return err
	}
	ids := make([]community.CommentID, len(hits.IDs))
	for i, id := range hits.IDs {
		ids[i] = community.CommentID(id)
	}
	rows, err := s.DB.Comments(ctx, ids)
	if err != nil {
		return err
	}
	list := make([]*community.Comment, 0, len(ids))
	for _, id := range ids {
		if c := rows[id]; c != nil && !find.Sight.Hides(community.InFeeds, c.AuthorID, c.Body) {
			list = append(list, c)
		}
	}
	found.CommentCount = Count{hits.Count, hits.More}
	if len(hits.IDs) > 0 && len(found.Posts) == 0 {
		found.Next = hits.Next
	}
	if found.Comments, err = s.DB.CommentViews(ctx, reader, list, s.Now()); err != nil {
		return err
	}
	for _, c := range found.Comments {
		found.CommentHighlights = append(found.CommentHighlights, highlight(hits.Matches, c.HTML))
	}
	return nil
}

// excerptLength is about as many bytes as are shown of a text.
const excerptLength = 240

// named finds groups, feeds and people.
func (s *Service) named(ctx context.Context, reader *community.Actor, q Query, sight *community.Sight, found *Results) (err error) {
	text := strings.TrimSpace(q.Text)
	b := community.Beginning{Sight: sight, Limit: q.Page.Limit, Name: community.FoldName(text)}
	handle, is := community.ParseHandle(text, s.Host)
	if is {
		b.Name, b.Host = community.FoldName(handle.Name), handle.Host
	}
	if reader != nil {
		b.Viewer = reader.ID
	}
	terms := slices.Clone(q.Terms)
	if last := len(terms) - 1; last >= 0 && !terms[last].Exact && !terms[last].Not {
		terms[last].Prefix = true
	}
	if q.wants("people") && !strings.HasPrefix(text, "!") {
		if found.People, err = s.DB.FindActors(ctx, terms, b); err != nil {
			return err
		}
	}
	if q.wants("groups") && !strings.HasPrefix(text, "@") {
		b.Groups = true
		groups, err := s.DB.FindActors(ctx, terms, b)
		if err != nil {
			return err
		}
		if found.Groups, err = s.DB.GroupViews(ctx, reader, groups); err != nil {
			return err
		}
	}
	if q.wants("feeds") {
		found.Feeds, err = s.DB.SearchFeeds(ctx, text, handle, q.Page.Limit)
	}
	return err
}

// Index keeps the words of what changed since, and goes on with reading
// everything again, if that was asked for; it is done again and again.
func (s *Service) Index(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "search.Index")
	const most = 200
	for ctx.Err() == nil {
		n, err := s.DB.IndexWords(ctx, most)
		if err != nil || n == 0 {
			return err
		}
	}
	return ctx.Err()
}
