// Package posts is the use cases around what people write: posts, the
// comments under them, and the feeds and threads in which they are read.
//
// Votes belong to service/votes, removals to service/moderation. The API and federation call the same
// methods; a Draft or Change says whether something came from elsewhere.
package posts

import (
	"bytes"
	"context"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// A Draft is a post or comment that somebody wrote. The second part is only
// for what was written on another server.
type Draft struct {
	Title     string // posts only
	Body      string // Markdown
	Link      string // posts only
	Language  string
	Sensitive bool
	Question  *bool                    // posts only; nil: as posts are in the group
	Poll      *community.Poll          // posts only
	Event     *community.Event         // posts only
	Quotes    *Spot                    // what it quotes; only of what is written here
	Media     []community.AttachmentID // what its author uploaded to be shown with it
	Sketch    string                   // the key of the sketch that it was until now, which is forgotten

	From      community.Origin
	Kind      community.PostKind // of a film: the rest is seen
	Duration  int64              // of a film, in seconds
	HTML      string             // as received, not yet sanitised
	URL       string             // the page for people
	CreatedAt time.Time
	Raw       []byte                  // the object as received
	Attached  []*community.Attachment // what it shows
	Tags      []string                // its hashtags
	Standing  bool                    // it was read in its thread elsewhere, whose group took it already
}

// Publish adds a post to group on behalf of by. An id that is known already
// changes nothing: the known post is returned.
func (s *Service) Publish(ctx context.Context, by, group *community.Actor, draft Draft) (_ *community.Post, err error) {
	defer fault.Wrap(&err, "posts.Publish(%s in %s)", by.Handle(), group.Handle())
	kind, err := s.fitted(by, &draft)
	if err != nil {
		return nil, err
	}
	draft.Kind = showing(kind, len(draft.Media)+len(draft.Attached) > 0)
	post := s.newPost(by, group, draft)
	if err := s.check(by, post); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if known, err := known(ctx, draft.From.IRI, tx.PostByIRI); err != nil || known != nil {
			post = known
			return err
		}
		m, err := tx.Membership(ctx, group.ID, by.ID)
		if err != nil {
			return err
		}
		if err := by.MayBegin(group); err != nil {
			return err
		}
		if err := group.MayStartIn(by, m); err != nil {
			return err
		}
		if err := s.welcome(ctx, tx, by, group); err != nil {
			return err
		}
		if err := m.MayStart(group, s.now()); err != nil {
			return err
		}
		if err := tx.AddPost(ctx, post, s.Origin+"/post/"); err != nil {
			return err
		}
		if err := s.attach(ctx, tx, by, group, post, draft); err != nil {
			return err
		}
		if err := tx.CountPost(ctx, post, 1); err != nil {
			return err
		}
		if err := markActive(ctx, tx, by, post.ArrivedAt); err != nil {
			return err
		}
		if err := finished(ctx, tx, by, draft.Sketch); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.PostPublished, by, post, draft.From))
	})
	return post, err
}

func (s *Service) newPost(by, group *community.Actor, draft Draft) *community.Post {
	now := s.now()
	post := &community.Post{
		IRI: draft.From.IRI, GroupID: group.ID, AuthorID: by.ID, Kind: draft.Kind, Duration: draft.Duration,
		Title: draft.Title, Body: draft.Body, Link: draft.Link, URL: draft.URL, Language: draft.Language,
		Sensitive: draft.Sensitive, Question: draft.Kind.Asks(draft.Question, group), Local: group.Local(), Raw: draft.Raw,
		HTML: dress(by, draft.Body, draft.HTML), CreatedAt: birth(draft.CreatedAt, now), ArrivedAt: now,
	}
	post.Born = community.Hours(post.CreatedAt)
	post.Stirred = post.Born
	post.Rank()
	return post
}

// check holds local authors to our rules. What came from elsewhere was
// written by other rules: it is cut to fit instead.
func (s *Service) check(by *community.Actor, post *community.Post) error {
	if by.Local() {
		return post.Check()
	}
	post.Fit()
	return nil
}

// dress returns the HTML to show: rendered from Markdown for our authors,
// sanitised for others.
func dress(by *community.Actor, markdown, received string) string {
	if by.Local() {
		return markup.Render(markdown)
	}
	return markup.Sanitize(received)
}

// birth is when something was written: never later than now, whatever its
// server says, and never before the fediverse.
func birth(claimed, now time.Time) time.Time {
	if claimed.IsZero() || claimed.After(now) || claimed.Before(community.Epoch.AddDate(-15, 0, 0)) {
		return now
	}
	return community.Timestamp(claimed)
}

// known looks for something by its id in the fediverse; nil if it is new.
func known[T any](ctx context.Context, iri string, find func(context.Context, string) (*T, error)) (*T, error) {
	if iri == "" {
		return nil, nil
	}
	found, err := find(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return found, err
}

// markActive notes that somebody of this server wrote something.
func markActive(ctx context.Context, tx *storage.DB, by *community.Actor, now time.Time) error {
	if !by.Local() {
		return nil
	}
	return tx.MarkActive(ctx, by.ID, now)
}

func (s *Service) fact(kind community.FactKind, by *community.Actor, post *community.Post, from community.Origin) community.Fact {
	return community.Fact{Kind: kind, ActorID: by.ID, GroupID: post.GroupID, PostID: post.ID, Raw: from.Activity, At: s.now()}
}

// A Change says what becomes of a post or comment; nil leaves a field as it
// is. The second part is only for what was changed on another server.
type Change struct {
	Title     *string
	Body      *string
	Link      *string
	Language  *string
	Sensitive *bool
	Question  *bool                     // posts only
	Beside    *Draft                    // what a post is beside its text
	Media     *[]community.AttachmentID // what is shown with it

	From     community.Origin
	Attached *[]*community.Attachment
	HTML     *string
	Raw      []byte
}

// Edit changes a post; only its author may.
func (s *Service) Edit(ctx context.Context, by *community.Actor, id community.PostID, change Change) (_ *community.Post, err error) {
	defer fault.Wrap(&err, "posts.Edit(%d)", id)
	var post *community.Post
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if post, err = tx.HoldPost(ctx, id); err != nil {
			return err
		}
		if err := s.sees(ctx, tx, by, post.GroupID); err != nil {
			return err
		}
		if err := s.mayEdit(ctx, tx, by, post.GroupID, post.AuthorID, post.Hidden()); err != nil {
			return err
		}
		if change.again(by, post.Raw) {
			return nil
		}
		before := post.Version()
		kind, err := s.edit(by, post, &change)
		if err != nil {
			return err
		}
		if err := s.remember(ctx, tx, before, post.Version()); err != nil {
			return err
		}
		if err := tx.EditPost(ctx, post); err != nil {
			return err
		}
		if change.Beside != nil {
			if err := s.reattach(ctx, tx, post, *change.Beside); err != nil {
				return err
			}
		}
		if err := s.reillustrate(ctx, tx, by, frame{post: id, html: post.HTML}, change); err != nil {
			return err
		}
		if err := retag(ctx, tx, by, post, change); err != nil {
			return err
		}
		if change.Link != nil {
			group, err := tx.Actor(ctx, post.GroupID)
			if err != nil {
				return err
			}
			if err := s.lookAt(ctx, tx, group, post.Link); err != nil {
				return err
			}
		}
		return tx.Record(ctx, s.fact(kind, by, post, change.From))
	})
	return post, err
}

// again reports whether somebody elsewhere says to the letter what is known:
// an activity that came twice, or whose work was cut short, is told once.
func (c Change) again(by *community.Actor, known []byte) bool {
	return !by.Local() && len(c.Raw) > 0 && bytes.Equal(c.Raw, known)
}

// edit changes a post, and says what that was: where its words stay the same,
// its author only told the counts of a poll.
func (s *Service) edit(by *community.Actor, post *community.Post, change *Change) (community.FactKind, error) {
	before := *post
	change.apply(by, post)
	if change.Beside != nil {
		if by.Local() {
			if err := staysWhatItIs(post, change.Beside); err != nil {
				return "", err
			}
		}
		kind, err := s.fitted(by, change.Beside)
		if err != nil {
			return "", err
		}
		post.Duration = change.Beside.Duration
		if kind != "" {
			post.Kind = kind
		}
	}
	post.Kind = change.showing(post.Kind)
	if err := s.check(by, post); err != nil {
		return "", err
	}
	post.Question = post.Kind.Asks(&post.Question, nil)
	if change.Beside != nil && change.Beside.Poll != nil && before.Title == post.Title && before.HTML == post.HTML &&
		before.Link == post.Link && before.Sensitive == post.Sensitive {
		return community.PollCounted, nil
	}
	post.EditedAt = s.now()
	return community.PostEdited, nil
}

func (c Change) apply(by *community.Actor, post *community.Post) {
	set(&post.Title, c.Title)
	set(&post.Body, c.Body)
	set(&post.Link, c.Link)
	set(&post.Language, c.Language)
	set(&post.Sensitive, c.Sensitive)
	set(&post.Question, c.Question)
	if c.Raw != nil {
		post.Raw = c.Raw
	}
	if by.Local() {
		post.HTML = markup.Render(post.Body)
	} else if c.HTML != nil {
		post.HTML = markup.Sanitize(*c.HTML)
	}
}

// showing is the kind of a post after a change of what is shown with it.
func (c Change) showing(kind community.PostKind) community.PostKind {
	switch {
	case c.Media != nil:
		return showing(kind, len(*c.Media) > 0)
	case c.Attached != nil:
		return showing(kind, len(*c.Attached) > 0)
	}
	return kind
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// sees reports, as an error, that what is said in a group is not for by.
func (s *Service) sees(ctx context.Context, db *storage.DB, by *community.Actor, group community.ActorID) error {
	g, err := db.Actor(ctx, group)
	if err != nil || !g.Closed() {
		return err
	}
	m, err := db.Membership(ctx, group, by.ID)
	if err != nil {
		return err
	}
	return g.Admits(by, m)
}

// shown reports, as an error, that reader may not read in a group.
func (s *Service) shown(ctx context.Context, reader *community.Actor, group community.ActorID) error {
	may, err := s.DB.MayRead(ctx, reader, group)
	if err == nil && !may {
		err = community.Unseen()
	}
	return err
}

// mayEdit reports why by may not change what author wrote.
func (s *Service) mayEdit(ctx context.Context, tx *storage.DB, by *community.Actor, group, author community.ActorID, hidden bool) error {
	if hidden {
		return fault.New(fault.NotFound, "That is gone.")
	}
	if by.ID != author {
		return fault.New(fault.Forbidden, "Only its author can change this.")
	}
	g, err := tx.Actor(ctx, group)
	if err != nil {
		return err
	}
	m, err := tx.Membership(ctx, group, by.ID)
	if err != nil {
		return err
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return err
	}
	return m.MayPost(g, s.now())
}

// welcome reports why by may say nothing at all, or nothing in the groups of
// another server.
func (s *Service) welcome(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	if err := by.MaySpeak(s.now()); err != nil || group.Local() || !by.Local() {
		return err
	}
	ban, err := tx.SiteBan(ctx, by.ID, group.Host)
	if err != nil {
		return err
	}
	return ban.MayPost(group, s.now())
}

// Delete withdraws a post; only its author may. Its words are forgotten, its
// thread stays.
func (s *Service) Delete(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.Delete(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		if by.ID != post.AuthorID {
			if err := s.sees(ctx, tx, by, post.GroupID); err != nil {
				return err
			}
			return fault.New(fault.Forbidden, "Only its author can delete this.")
		}
		if post, err = s.withdraw(ctx, tx, id); err != nil || post == nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.PostDeleted, by, post, from))
	})
}

// Find returns a post as reader (nil: signed out) sees it. What was deleted
// or removed is there, without its words.
func (s *Service) Find(ctx context.Context, reader *community.Actor, id community.PostID) (_ *community.PostView, err error) {
	defer fault.Wrap(&err, "posts.Find(%d)", id)
	post, err := s.DB.Post(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.DB.PostViews(ctx, reader, []*community.Post{post}, s.now())
	if err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, community.Unseen()
	}
	return views[0], s.lookAgain(ctx, views[0])
}

// idOf is a reader's id, 0 for somebody who is not signed in.
func idOf(reader *community.Actor) community.ActorID {
	if reader == nil {
		return 0
	}
	return reader.ID
}
