package portability

import (
	"context"

	"drystone/community"
)

// version is what somebody wrote before they changed it.
type version struct {
	Post       string `json:"post"`
	Comment    string `json:"comment,omitempty"`
	Title      string `json:"title,omitempty"`
	Body       string `json:"body"`
	Link       string `json:"link,omitempty"`
	WrittenAt  string `json:"written_at"`
	ReplacedAt string `json:"replaced_at"`
}

func versionOf(v *community.Version, known *names) version {
	return version{known.post(v.PostID), known.comment(v.CommentID), v.Title, v.Body, v.Link, stamp(v.WrittenAt), stamp(v.ReplacedAt)}
}

func (s *Service) versions(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.VersionsBy(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, func(v *community.Version) naming { return naming{v.ID, v.PostID, v.CommentID, nil} }, versionOf)
}
