// Package saves is what people keep for later: posts and comments that they may
// read. It is theirs alone to see, so nothing is recorded for other servers or
// for whoever wrote it.
//
// What may be read belongs to groups; how a post is shown does not belong here.
package saves

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Keep has somebody keep a post or comment, and reports whether that is news.
// What they may not read is NotFound, as if it were not there.
func (s *Service) Keep(ctx context.Context, by *community.Actor, about community.Subject) (news bool, err error) {
	defer fault.Wrap(&err, "saves.Keep(%s, %v)", by.Handle(), about)
	if !by.Local() || by.Gone() {
		return false, fault.New(fault.Forbidden, "Only people of this server keep things here.")
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := tx.Matter(ctx, about, by.ID)
		if err != nil {
			return err
		}
		if !m.Group.ShownTo(by, m.Voter) {
			return community.Unseen()
		}
		if m.Hidden {
			return fault.New(fault.NotFound, "That is gone.")
		}
		n, err := tx.CountSaves(ctx, by.ID)
		if err != nil {
			return err
		}
		if n >= community.MostSaves {
			return fault.New(fault.Conflict, "You keep %d things, and there is room for no more. Let some go first.", n)
		}
		news, err = tx.AddSave(ctx, &community.Save{ActorID: by.ID, PostID: m.PostID, CommentID: m.CommentID, CreatedAt: s.now()})
		return err
	})
	return news, err
}

// Drop has somebody keep something no longer, whether or not they may still
// read it.
func (s *Service) Drop(ctx context.Context, by *community.Actor, about community.Subject) (err error) {
	defer fault.Wrap(&err, "saves.Drop(%s, %v)", by.Handle(), about)
	return s.DB.DropSave(ctx, by.ID, about)
}

// mostRounds bounds how often the list is read on to fill a page.
const mostRounds = 8

// List returns what somebody keeps, newest first, and the cursor of the next
// page. What is gone, what they may no longer read and what they keep away
// stays out; a page is filled with what follows, as far as that goes.
func (s *Service) List(ctx context.Context, reader *community.Actor, page community.Page) (list []*community.SavedView, next string, err error) {
	defer fault.Wrap(&err, "saves.List(%s)", reader.Handle())
	wanted := page.Limit
	for range mostRounds {
		page.Limit = wanted - len(list)
		var rows []*community.Save
		if rows, next, err = s.DB.Saves(ctx, reader.ID, page); err != nil {
			return nil, "", err
		}
		shown, err := s.views(ctx, reader, rows)
		if err != nil {
			return nil, "", err
		}
		list = append(list, shown...)
		if page.After = next; next == "" || len(list) == wanted {
			break
		}
	}
	return list, next, nil
}

func (s *Service) views(ctx context.Context, reader *community.Actor, rows []*community.Save) ([]*community.SavedView, error) {
	posts, comments, err := s.dressed(ctx, reader, rows)
	if err != nil {
		return nil, err
	}
	var list []*community.SavedView
	for _, row := range rows {
		v := &community.SavedView{Save: row}
		if row.CommentID != 0 {
			v.Comment = comments[row.CommentID]
		} else {
			v.Post = posts[row.PostID]
		}
		if v.Post != nil || v.Comment != nil {
			list = append(list, v)
		}
	}
	return list, nil
}

// dressed are the posts and comments of rows as reader sees them, but for those
// that are not for them.
func (s *Service) dressed(ctx context.Context, reader *community.Actor, rows []*community.Save) (map[community.PostID]*community.PostView, map[community.CommentID]*community.CommentView, error) {
	var postIDs []community.PostID
	var commentIDs []community.CommentID
	for _, row := range rows {
		if row.CommentID != 0 {
			commentIDs = append(commentIDs, row.CommentID)
		} else {
			postIDs = append(postIDs, row.PostID)
		}
	}
	foundPosts, err := s.DB.Posts(ctx, postIDs)
	if err != nil {
		return nil, nil, err
	}
	foundComments, err := s.DB.Comments(ctx, commentIDs)
	if err != nil {
		return nil, nil, err
	}
	postViews, err := s.DB.PostViews(ctx, reader, ordered(postIDs, foundPosts), s.now())
	if err != nil {
		return nil, nil, err
	}
	commentViews, err := s.DB.CommentViews(ctx, reader, ordered(commentIDs, foundComments), s.now())
	if err != nil {
		return nil, nil, err
	}
	posts, comments := map[community.PostID]*community.PostView{}, map[community.CommentID]*community.CommentView{}
	for _, v := range postViews {
		if !v.Hidden() && v.Veil == community.NoVeil {
			posts[v.ID] = v
		}
	}
	for _, v := range commentViews {
		if !v.Hidden() && v.Veil == community.NoVeil {
			comments[v.ID] = v
		}
	}
	return posts, comments, nil
}

// ordered are those of some things that were found, in the order of their ids.
func ordered[K comparable, T any](ids []K, found map[K]*T) (list []*T) {
	for _, id := range ids {
		if v := found[id]; v != nil {
			list = append(list, v)
		}
	}
	return list
}
