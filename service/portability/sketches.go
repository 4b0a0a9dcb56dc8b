package portability

import (
	"context"

	"drystone/community"
)

// drafted is something that somebody is still writing.
type drafted struct {
	Answers   string           `json:"answers,omitempty"`
	Group     string           `json:"group,omitempty"`
	Title     string           `json:"title,omitempty"`
	Body      string           `json:"body"`
	Link      string           `json:"link,omitempty"`
	Language  string           `json:"language,omitempty"`
	Sensitive bool             `json:"sensitive,omitempty"`
	Beside    community.Beside `json:"beside,omitzero"`
	PublishAt string           `json:"publish_at,omitempty"`
	Began     string           `json:"began_at"`
	Changed   string           `json:"changed_at"`
}

func draftedOf(k *community.Sketch, known *names) drafted {
	d := drafted{
		Answers: known.comment(k.ParentID), Group: k.GroupName, Title: k.Title, Body: k.Body, Link: k.Link, Language: k.Language, Sensitive: k.Sensitive,
		Beside: k.Besides(), PublishAt: stamp(k.PublishAt), Began: stamp(k.CreatedAt), Changed: stamp(k.UpdatedAt),
	}
	if d.Answers == "" {
		d.Answers = known.post(k.PostID)
	}
	return d
}

func (s *Service) drafts(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.SketchesAfter(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(k *community.Sketch) naming { return naming{int64(k.ID), k.PostID, k.ParentID, nil} }, draftedOf)
}
