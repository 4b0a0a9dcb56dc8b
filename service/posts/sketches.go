package posts

import (
	"context"
	"errors"
	"slices"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// KeepSketch stores what by is writing, with the uploads beside its text. Its
// version is the one that by saw, 0 for a new one: what was changed since, on
// another device, is a Conflict and stays as it is. The same words again
// change nothing.
func (s *Service) KeepSketch(ctx context.Context, by *community.Actor, sketch *community.Sketch, media []community.AttachmentID) (_ *community.SketchView, err error) {
	defer fault.Wrap(&err, "posts.KeepSketch(%s, %s)", by.Handle(), sketch.Key)
	if err := sketch.Check(); err != nil {
		return nil, err
	}
	if err := community.CheckAttachments(media); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error { return s.keepSketch(ctx, tx, by, sketch, media) })
	if err != nil {
		return nil, err
	}
	return s.Sketch(ctx, by, sketch.Key)
}

func (s *Service) keepSketch(ctx context.Context, tx *storage.DB, by *community.Actor, sketch *community.Sketch, media []community.AttachmentID) error {
	if err := tx.HoldSketches(ctx, by.ID); err != nil {
		return err
	}
	known, err := tx.Sketch(ctx, by.ID, sketch.Key)
	switch {
	case fault.Is(err, fault.NotFound):
		if err := s.mayBegin(ctx, tx, by, sketch); err != nil {
			return err
		}
		sketch.OwnerID, sketch.CreatedAt, sketch.Version = by.ID, s.now(), 1
	case err != nil:
		return err
	default:
		same, err := sameMedia(ctx, tx, known.ID, media)
		if err != nil || same && known.Same(sketch) {
			return err
		}
		if known.Version != sketch.Version {
			return fault.New(fault.Conflict, "You went on writing this on another device. Look at both, and keep the one you want.")
		}
		sketch.ID, sketch.OwnerID, sketch.CreatedAt, sketch.Version = known.ID, known.OwnerID, known.CreatedAt, known.Version+1
		sketch.PublishAt, sketch.GroupID, sketch.Trouble = known.PublishAt, known.GroupID, known.Trouble
	}
	sketch.UpdatedAt = s.now()
	if err := tx.SaveSketch(ctx, sketch); err != nil {
		return err
	}
	return s.keepUploads(ctx, tx, by, sketch, media)
}

// mayBegin reports why by cannot keep one sketch more: there are many, or they
// may not read what they answer.
func (s *Service) mayBegin(ctx context.Context, tx *storage.DB, by *community.Actor, sketch *community.Sketch) error {
	all, _, err := tx.CountSketches(ctx, by.ID)
	if err != nil {
		return err
	}
	if all >= community.MostSketches {
		return fault.New(fault.Conflict, "You keep %d drafts, and there is room for no more. Post some, or throw some away.", all)
	}
	if sketch.PostID == 0 {
		return nil
	}
	post, err := tx.Post(ctx, sketch.PostID)
	if err != nil {
		return err
	}
	if err := s.sees(ctx, tx, by, post.GroupID); err != nil {
		return err
	}
	_, err = s.parent(ctx, tx, post, sketch.ParentID)
	return err
}

func sameMedia(ctx context.Context, tx *storage.DB, sketch community.SketchID, media []community.AttachmentID) (bool, error) {
	shown, err := tx.SketchMedia(ctx, sketch)
	return slices.EqualFunc(shown, media, func(a *community.Attachment, id community.AttachmentID) bool { return a.ID == id }), err
}

// keepUploads has the uploads of a sketch wait for as long as it does. What is
// not there any more is left out: the words matter more.
func (s *Service) keepUploads(ctx context.Context, tx *storage.DB, by *community.Actor, sketch *community.Sketch, media []community.AttachmentID) error {
	found, err := tx.AttachmentsOf(ctx, by.ID, media)
	if err != nil {
		return err
	}
	media = slices.DeleteFunc(slices.Clone(media), func(id community.AttachmentID) bool {
		return !slices.ContainsFunc(found, func(a *community.Attachment) bool { return a.ID == id && a.PostID == 0 })
	})
	named, err := tx.UploadsNamed(ctx, by.ID, s.uploadsIn(markup.Render(sketch.Body)), 0, 0)
	if err != nil {
		return err
	}
	inside := make([]community.AttachmentID, 0, len(named))
	for _, a := range named {
		inside = append(inside, a.ID)
	}
	return tx.SetSketchUploads(ctx, sketch.ID, media, inside)
}

// Sketch returns what reader is writing under a key.
func (s *Service) Sketch(ctx context.Context, reader *community.Actor, key string) (_ *community.SketchView, err error) {
	defer fault.Wrap(&err, "posts.Sketch(%s, %s)", reader.Handle(), key)
	sketch, err := s.DB.Sketch(ctx, reader.ID, key)
	if err != nil {
		return nil, err
	}
	v := &community.SketchView{Sketch: sketch}
	if v.Media, err = s.DB.SketchMedia(ctx, sketch.ID); err != nil {
		return nil, err
	}
	return v, s.tellSubjects(ctx, reader, []*community.SketchView{v})
}

// Sketches lists what reader is writing, or of that what is an answer in a
// thread (0: all), what they wrote last first. Uploads are not shown with it.
func (s *Service) Sketches(ctx context.Context, reader *community.Actor, thread community.PostID) (_ []*community.SketchView, err error) {
	defer fault.Wrap(&err, "posts.Sketches(%s)", reader.Handle())
	list, err := s.DB.Sketches(ctx, reader.ID, thread)
	if err != nil {
		return nil, err
	}
	views := make([]*community.SketchView, 0, len(list))
	for _, sketch := range list {
		views = append(views, &community.SketchView{Sketch: sketch})
	}
	return views, s.tellSubjects(ctx, reader, views)
}

// tellSubjects adds the posts that sketches answer or quote, as far as reader
// may read them.
func (s *Service) tellSubjects(ctx context.Context, reader *community.Actor, views []*community.SketchView) error {
	var ids []community.PostID
	for _, v := range views {
		ids = append(ids, v.PostID)
		if quote := v.Besides().Quote; quote != nil {
			ids = append(ids, quote.Post)
		}
	}
	found, err := s.DB.Posts(ctx, ids)
	if err != nil {
		return err
	}
	list := make([]*community.Post, 0, len(found))
	for _, post := range found {
		list = append(list, post)
	}
	readable := map[community.PostID]*community.Post{}
	shown, err := s.DB.PostViews(ctx, reader, list, s.now())
	if err != nil {
		return err
	}
	for _, v := range shown {
		if !v.Hidden() && v.Veil != community.VeilBlocked {
			readable[v.ID] = v.Post
		}
	}
	for _, v := range views {
		v.Post = readable[v.PostID]
		if quote := v.Besides().Quote; quote != nil {
			if v.Quote = readable[quote.Post]; v.Quote == nil {
				continue
			}
			v.Cited = v.Quote.IRI
			if quote.Comment == 0 {
				continue
			}
			c, err := s.DB.Comment(ctx, quote.Comment)
			if err := unlessAbsent(err); err != nil {
				return err
			}
			if v.Cited = ""; err == nil && !c.Hidden() {
				v.Cited = c.IRI
			}
		}
	}
	return nil
}

// DropSketch forgets what by was writing under a key.
func (s *Service) DropSketch(ctx context.Context, by *community.Actor, key string) (err error) {
	defer fault.Wrap(&err, "posts.DropSketch(%s, %s)", by.Handle(), key)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldSketches(ctx, by.ID); err != nil {
			return err
		}
		return tx.DropSketch(ctx, by.ID, key)
	})
}

// finished forgets the sketch of what was just published.
func finished(ctx context.Context, tx *storage.DB, by *community.Actor, key string) error {
	if key == "" || !by.Local() {
		return nil
	}
	if err := tx.HoldSketches(ctx, by.ID); err != nil {
		return err
	}
	return tx.DropSketch(ctx, by.ID, key)
}

// planned is the post that a sketch would be if it was published now.
func (s *Service) planned(ctx context.Context, tx *storage.DB, sketch *community.Sketch) (Draft, error) {
	if sketch.PostID != 0 {
		return Draft{}, fault.New(fault.Invalid, "This draft is an answer. Send it where you began it.")
	}
	media, err := tx.SketchMedia(ctx, sketch.ID)
	if err != nil {
		return Draft{}, err
	}
	b := sketch.Besides()
	draft := Draft{
		Title: sketch.Title, Body: sketch.Body, Link: sketch.Link, Language: sketch.Language, Sensitive: sketch.Sensitive,
		Poll: b.Poll.Poll(s.now()), Event: b.Event.Event(), Sketch: sketch.Key,
	}
	if b.Quote != nil {
		draft.Quotes = &Spot{b.Quote.Post, b.Quote.Comment}
	}
	for _, a := range media {
		draft.Media = append(draft.Media, a.ID)
	}
	return draft, nil
}

// within is the service in a transaction.
func (s *Service) within(tx *storage.DB) *Service {
	inner := *s
	inner.DB = tx
	return &inner
}

// PublishSketch publishes what by was writing under a key, now.
func (s *Service) PublishSketch(ctx context.Context, by, group *community.Actor, key string) (post *community.Post, err error) {
	defer fault.Wrap(&err, "posts.PublishSketch(%s, %s)", by.Handle(), key)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldSketches(ctx, by.ID); err != nil {
			return err
		}
		sketch, err := tx.Sketch(ctx, by.ID, key)
		if err != nil {
			return err
		}
		post, err = s.publishSketch(ctx, tx, by, group, sketch)
		return err
	})
	return post, err
}

func (s *Service) publishSketch(ctx context.Context, tx *storage.DB, by, group *community.Actor, sketch *community.Sketch) (*community.Post, error) {
	draft, err := s.planned(ctx, tx, sketch)
	if err != nil {
		return nil, err
	}
	return s.within(tx).Publish(ctx, by, group, draft)
}

// errRehearsed undoes what was only tried.
var errRehearsed = errors.New("this was only tried")

// Schedule has what by is writing under a key published in a group at a time:
// by the same rules as anything, which are asked now and, since much may have
// changed by then, again when the time has come.
func (s *Service) Schedule(ctx context.Context, by, group *community.Actor, key string, at time.Time) (err error) {
	defer fault.Wrap(&err, "posts.Schedule(%s, %s)", by.Handle(), key)
	at = community.Timestamp(at)
	if err := community.CheckPublishAt(at, s.now()); err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		sketch, err := tx.Sketch(ctx, by.ID, key)
		if err != nil {
			return err
		}
		if _, err := s.publishSketch(ctx, tx, by, group, sketch); err != nil {
			return err
		}
		return errRehearsed
	})
	if err != nil && !errors.Is(err, errRehearsed) {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldSketches(ctx, by.ID); err != nil {
			return err
		}
		sketch, err := tx.Sketch(ctx, by.ID, key)
		if err != nil {
			return err
		}
		if _, scheduled, err := tx.CountSketches(ctx, by.ID); err != nil || sketch.PublishAt.IsZero() && scheduled >= community.MostScheduled {
			if err != nil {
				return err
			}
			return fault.New(fault.Conflict, "%d posts of yours wait to be published. That is as many as can.", scheduled)
		}
		sketch.PublishAt, sketch.GroupID, sketch.Trouble, sketch.UpdatedAt = at, group.ID, "", s.now()
		return tx.SaveSketch(ctx, sketch)
	})
}

// Unschedule keeps what by had scheduled under a key as a draft.
func (s *Service) Unschedule(ctx context.Context, by *community.Actor, key string) (err error) {
	defer fault.Wrap(&err, "posts.Unschedule(%s, %s)", by.Handle(), key)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldSketches(ctx, by.ID); err != nil {
			return err
		}
		sketch, err := tx.Sketch(ctx, by.ID, key)
		if err != nil {
			return err
		}
		sketch.PublishAt, sketch.GroupID, sketch.UpdatedAt = time.Time{}, 0, s.now()
		return tx.SaveSketch(ctx, sketch)
	})
}
