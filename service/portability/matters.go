package portability

import (
	"context"

	"drystone/community"
)

// written are the rows of a part of a list, each a JSON on a line of its own,
// with what they name. naming says what a row's id is and whom and what it
// names, and say what the archive has of it.
func written[T, R any](ctx context.Context, s *Service, list []T, err error, naming func(T) naming, say func(T, *names) R) ([][]byte, int64, bool, error) {
	if err != nil {
		return nil, 0, false, err
	}
	known, err := s.names(ctx, each(list, naming))
	if err != nil {
		return nil, 0, false, err
	}
	rows, err := compact(list, func(row T) R { return say(row, known) })
	last, more := after(list, func(row T) int64 { return naming(row).id })
	return rows, last, more, err
}

func each[T, R any](list []T, of func(T) R) []R {
	out := make([]R, len(list))
	for i, v := range list {
		out[i] = of(v)
	}
	return out
}

// naming is the id of a row, and whom and what the row names.
type naming struct {
	id      int64
	post    community.PostID
	comment community.CommentID
	people  []community.ActorID
}

// names are the ids, as other servers know them, of what rows name.
type names struct {
	actors   map[community.ActorID]*community.Actor
	posts    map[community.PostID]*community.Post
	comments map[community.CommentID]*community.Comment
}

func (s *Service) names(ctx context.Context, rows []naming) (n *names, err error) {
	var people []community.ActorID
	var posts []community.PostID
	var comments []community.CommentID
	for _, r := range rows {
		people, posts, comments = append(people, r.people...), append(posts, r.post), append(comments, r.comment)
	}
	n = new(names)
	if n.actors, err = s.DB.Actors(ctx, unique(people)); err != nil {
		return nil, err
	}
	if n.posts, err = s.DB.Posts(ctx, unique(posts)); err != nil {
		return nil, err
	}
	n.comments, err = s.DB.Comments(ctx, unique(comments))
	return n, err
}

func (n *names) who(id community.ActorID) string {
	if a := n.actors[id]; a != nil {
		return a.IRI
	}
	return ""
}

func (n *names) post(id community.PostID) string {
	if p := n.posts[id]; p != nil {
		return p.IRI
	}
	return ""
}

func (n *names) comment(id community.CommentID) string {
	if c := n.comments[id]; c != nil {
		return c.IRI
	}
	return ""
}

// told is something that somebody was told.
type told struct {
	Kind      string `json:"kind"`
	By        string `json:"by,omitempty"`
	Group     string `json:"group,omitempty"`
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	CreatedAt string `json:"created_at"`
}

func (s *Service) notifications(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.KeptNotifications(ctx, x.account.ID, from, partRows)
	return written(ctx, s, list, err, func(n *community.Notification) naming {
		return naming{int64(n.ID), n.PostID, n.CommentID, []community.ActorID{n.ActorID, n.GroupID}}
	}, func(n *community.Notification, known *names) told {
		by := known.who(n.ActorID)
		if unsigned[n.Kind] {
			by = ""
		}
		return told{string(n.Kind), by, known.who(n.GroupID), known.post(n.PostID), known.comment(n.CommentID), stamp(n.CreatedAt)}
	})
}

// unsigned are notifications of what moderators did: who of them is not for
// those about whom it was decided.
var unsigned = map[community.NotificationKind]bool{
	community.Removal: true, community.Carried: true, community.Refused: true, community.Admitted: true, community.Barred: true,
	community.Readmitted: true, community.Promoted: true, community.Demoted: true, community.Handled: true, community.Warned: true,
	community.Bared:   true,
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
	return written(ctx, s, list, err, func(r *community.Report) naming {
		return naming{int64(r.ID), r.PostID, r.CommentID, []community.ActorID{r.TargetID, r.GroupID}}
	}, func(r *community.Report, known *names) filed {
		f := filed{
			r.IRI, known.who(r.TargetID), known.who(r.GroupID), known.post(r.PostID), known.comment(r.CommentID),
			r.Reason, string(r.State), "", stamp(r.CreatedAt), stamp(r.HandledAt),
		}
		if r.Told {
			f.Answer = r.Note
		}
		return f
	})
}

type decided struct {
	Kind      string `json:"kind"`
	About     string `json:"about,omitempty"` // only in what they decided themselves
	Group     string `json:"group,omitempty"`
	Server    string `json:"server,omitempty"`
	Post      string `json:"post,omitempty"`
	Comment   string `json:"comment,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Role      string `json:"role,omitempty"`
	Until     string `json:"until,omitempty"`
	CreatedAt string `json:"created_at"`
}

func decisionNames(d *community.Decision) naming {
	return naming{int64(d.ID), d.PostID, d.CommentID, []community.ActorID{d.GroupID, d.TargetID}}
}

func decisionOf(d *community.Decision, known *names) decided {
	return decided{
		string(d.Kind), "", known.who(d.GroupID), d.Host, known.post(d.PostID), known.comment(d.CommentID), d.Reason, d.Role,
		stamp(d.Until), stamp(d.CreatedAt),
	}
}

func warningNames(w *community.Warning) naming {
	return naming{int64(w.ID), w.PostID, w.CommentID, []community.ActorID{w.GroupID, w.TargetID}}
}

func warningOf(w *community.Warning, known *names) decided {
	return decided{
		"warning", "", known.who(w.GroupID), "", known.post(w.PostID), known.comment(w.CommentID), w.Reason, "", "", stamp(w.CreatedAt),
	}
}

// decisions are told without who decided, as in the log that everybody reads.
func (s *Service) decisions(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.DecisionsAbout(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, decisionNames, decisionOf)
}

func (s *Service) warnings(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.WarningsTo(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, warningNames, warningOf)
}

// decreed is what somebody decided for a group or for this server.
func (s *Service) decreed(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.DecisionsBy(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, decisionNames, func(d *community.Decision, known *names) decided {
		out := decisionOf(d, known)
		out.About = known.who(d.TargetID)
		return out
	})
}

// warned is what somebody told others as a moderator.
func (s *Service) warned(ctx context.Context, x *exporting, from int64) ([][]byte, int64, bool, error) {
	list, err := s.DB.WarningsBy(ctx, x.who.ID, from, partRows)
	return written(ctx, s, list, err, warningNames, func(w *community.Warning, known *names) decided {
		out := warningOf(w, known)
		out.About = known.who(w.TargetID)
		return out
	})
}
