package portability

import (
	"context"

	"drystone/community"
)

// visited is a post that somebody read.
type visited struct {
	Post    string `json:"post"`
	Through string `json:"through,omitempty"`
	ReadAt  string `json:"read_at"`
}

func visitedOf(r *community.Reading, known *names) visited {
	return visited{known.post(r.PostID), known.comment(r.Through), stamp(r.ReadAt)}
}

func readingNames(r *community.Reading) naming {
	return naming{int64(r.PostID), r.PostID, r.Through, nil}
}

func (s *Service) readings(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.ReadingsAfter(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, readingNames, visitedOf)
}
