package portability

import (
	"context"

	"drystone/community"
)

// keeping is something that somebody keeps for later.
type keeping struct {
	Post    string `json:"post"`
	Comment string `json:"comment,omitempty"`
	SavedAt string `json:"saved_at"`
}

func keepingOf(k *community.Save, known *names) keeping {
	return keeping{known.post(k.PostID), known.comment(k.CommentID), stamp(k.CreatedAt)}
}

func saveNames(k *community.Save) naming { return naming{int64(k.ID), k.PostID, k.CommentID, nil} }

func (s *Service) saves(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.SavesAfter(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, saveNames, keepingOf)
}

// savedIRIs are the ids of what somebody keeps, a part at a time.
func (s *Service) savedIRIs(ctx context.Context, who community.ActorID, from int64) (posts, comments []string, last int64, more bool, err error) {
	list, err := s.DB.SavesAfter(ctx, who, from, partRows)
	if err != nil {
		return nil, nil, 0, false, err
	}
	known, err := s.names(ctx, each(list, saveNames))
	if err != nil {
		return nil, nil, 0, false, err
	}
	for _, k := range list {
		switch v := keepingOf(k, known); {
		case k.CommentID != 0 && v.Comment != "":
			comments = append(comments, v.Comment)
		case k.CommentID == 0 && v.Post != "":
			posts = append(posts, v.Post)
		}
	}
	last, more = after(list, func(k *community.Save) int64 { return int64(k.ID) })
	return posts, comments, last, more, nil
}

func (s *Service) bookmarks(ctx context.Context, x *exporting, from int64) (rows [][]byte, _ int64, _ bool, err error) {
	list, err := s.DB.SavesAfter(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	known, err := s.names(ctx, each(list, saveNames))
	if err != nil {
		return nil, 0, false, err
	}
	for _, k := range list {
		v := keepingOf(k, known)
		if k.CommentID != 0 {
			v.Post = v.Comment
		}
		if v.Post != "" {
			rows = append(rows, record(v.Post))
		}
	}
	last, more := after(list, func(k *community.Save) int64 { return int64(k.ID) })
	return rows, last, more, nil
}
