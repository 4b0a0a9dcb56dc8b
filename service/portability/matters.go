package portability

import (
	"context"

	"drystone/community"
)

// told is something that somebody was told.
type told struct {
	Kind      string `json:"kind"`
	By        string `json:"by,omitempty"`
	Group     string `json:"group,omitempty"`
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	CreatedAt string `json:"created_at"`
}

// iris finds the ids of posts and comments.
func (s *Service) iris(ctx context.Context, posts []community.PostID, comments []community.CommentID) (
	post func(community.PostID) string, comment func(community.CommentID) string, err error,
) {
	ps, err := s.DB.Posts(ctx, posts)
	if err != nil {
		return nil, nil, err
	}
	cs, err := s.DB.Comments(ctx, comments)
	post = func(id community.PostID) string {
		if p := ps[id]; p != nil {
			return p.IRI
		}
		return ""
	}
	comment = func(id community.CommentID) string {
		if c := cs[id]; c != nil {
			return c.IRI
		}
		return ""
	}
	return post, comment, err
}

func (s *Service) notifications(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.KeptNotifications(ctx, x.account.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	var people []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, n := range list {
		people, posts, comments = append(people, n.ActorID, n.GroupID), append(posts, n.PostID), append(comments, n.CommentID)
	}
	who, err := s.who(ctx, people...)
	if err != nil {
		return nil, 0, false, err
	}
	post, comment, err := s.iris(ctx, posts, comments)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(n *community.Notification) told {
		by := who(n.ActorID)
		if unsigned[n.Kind] {
			by = ""
		}
		return told{string(n.Kind), by, who(n.GroupID), post(n.PostID), comment(n.CommentID), stamp(n.CreatedAt)}
	})
	last, more := after(list, func(n *community.Notification) int64 { return int64(n.ID) })
	return rows, last, more, err
}

// unsigned are notifications of what moderators did: who of them is not for
// those about whom it was decided.
var unsigned = map[community.NotificationKind]bool{
	community.Removal: true, community.Carried: true, community.Refused: true, community.Admitted: true, community.Barred: true,
	community.Readmitted: true, community.Promoted: true, community.Demoted: true, community.Handled: true, community.Warned: true,
	community.Flagged: true,
}

type filed struct {
	ID        string `json:"id"`
	About     string `json:"about"`
	Group     string `json:"group,omitempty"`
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	Reason    string `json:"reason"`
	State     string `json:"state"`
	Answer    string `json:"answer,omitempty"`
	CreatedAt string `json:"created_at"`
	HandledAt string `json:"handled_at,omitempty"`
}

func (s *Service) reports(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.FiledReports(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	var people []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, r := range list {
		people, posts, comments = append(people, r.TargetID, r.GroupID), append(posts, r.PostID), append(comments, r.CommentID)
	}
	who, err := s.who(ctx, people...)
	if err != nil {
		return nil, 0, false, err
	}
	post, comment, err := s.iris(ctx, posts, comments)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(r *community.Report) filed {
		f := filed{r.IRI, who(r.TargetID), who(r.GroupID), post(r.PostID), comment(r.CommentID), r.Reason, string(r.State), "", stamp(r.CreatedAt), stamp(r.HandledAt)}
		if r.Told {
			f.Answer = r.Note
		}
		return f
	})
	last, more := after(list, func(r *community.Report) int64 { return int64(r.ID) })
	return rows, last, more, err
}

type decided struct {
	Kind      string `json:"kind"`
	Group     string `json:"group,omitempty"`
	Server    string `json:"server,omitempty"`
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Until     string `json:"until,omitempty"`
	CreatedAt string `json:"created_at"`
}

// decisions are told without who decided, as in the log that everybody reads.
func (s *Service) decisions(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.DecisionsAbout(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	var groups []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, d := range list {
		groups, posts, comments = append(groups, d.GroupID), append(posts, d.PostID), append(comments, d.CommentID)
	}
	who, err := s.who(ctx, groups...)
	if err != nil {
		return nil, 0, false, err
	}
	post, comment, err := s.iris(ctx, posts, comments)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(d *community.Decision) decided {
		return decided{string(d.Kind), who(d.GroupID), d.Host, post(d.PostID), comment(d.CommentID), d.Reason, stamp(d.Until), stamp(d.CreatedAt)}
	})
	last, more := after(list, func(d *community.Decision) int64 { return int64(d.ID) })
	return rows, last, more, err
}

func (s *Service) warnings(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.WarningsTo(ctx, x.who.ID, from, partRows)
	if err != nil {
		return nil, 0, false, err
	}
	var groups []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, w := range list {
		groups, posts, comments = append(groups, w.GroupID), append(posts, w.PostID), append(comments, w.CommentID)
	}
	who, err := s.who(ctx, groups...)
	if err != nil {
		return nil, 0, false, err
	}
	post, comment, err := s.iris(ctx, posts, comments)
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(w *community.Warning) decided {
		return decided{"warning", who(w.GroupID), "", post(w.PostID), comment(w.CommentID), w.Reason, "", stamp(w.CreatedAt)}
	})
	last, more := after(list, func(w *community.Warning) int64 { return int64(w.ID) })
	return rows, last, more, err
}
