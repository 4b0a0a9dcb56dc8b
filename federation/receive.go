package federation

import (
	"context"
	"log/slog"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// A received is an activity, and whose word it is taken on.
type received struct {
	doc    as.Doc
	actor  string           // who says it
	via    *community.Actor // the remote group that announced it; nil if the actor signed it
	object as.Doc           // its object as its origin has it, where the announcer is not believed
	proven bool             // it holds a proof by its actor: the announcer's word is not needed
	asked  bool             // somebody here looked for it: any group will do
	stands bool             // it was read in its thread elsewhere
	made   *int64           // counts the comments that come of it, if anybody wants to know
}

// origin is what a use case is told of it; iri is the id of what it makes.
func (r *received) origin(iri string) community.Origin {
	o := community.Origin{IRI: iri, Activity: r.doc.Bytes()}
	if r.via != nil && !r.proven {
		o.Via = r.via.PeerID
	}
	return o
}

// patience is how long an activity waits for something that it needs, such as
// the post that it answers.
const patience = 2 * time.Hour

// A handler says what an activity of some kind means. Handlers only translate:
// who may speak, which use case, which values.
type handler func(*Server, context.Context, *received) error

// handlers returns those that there are, by kind.
func handlers() map[string]handler {
	return map[string]handler{
		as.KindCreate:       (*Server).create,
		as.KindUpdate:       (*Server).update,
		as.KindDelete:       (*Server).delete,
		as.KindLike:         (*Server).vote,
		as.KindEmojiReact:   (*Server).vote,
		as.KindDislike:      (*Server).vote,
		as.KindUndo:         (*Server).undo,
		as.KindFollow:       (*Server).follow,
		as.KindAccept:       (*Server).acceptFollow,
		as.KindReject:       (*Server).rejectFollow,
		as.KindAnnounce:     (*Server).announce,
		as.KindLock:         (*Server).lock,
		as.KindAdd:          (*Server).add,
		as.KindRemove:       (*Server).remove,
		as.KindBlock:        (*Server).block,
		as.KindMove:         (*Server).move,
		as.KindPollVote:     (*Server).pollVote,
		as.KindChooseAnswer: (*Server).chooseAnswer,
		as.KindFlag:         (*Server).flag,
		as.KindResolve:      (*Server).resolveFlag,
		as.KindWarn:         (*Server).warn,
		as.KindQuoteRequest: (*Server).quoteRequest,
	}
}

// unhandled says why activities of a kind are dropped. They are answered 202,
// because the sender did nothing wrong and should not try again.
func unhandled(kind string) error {
	why := "the type is unknown"
	if as.Known(kind) {
		why = "activities of this type mean nothing here"
	}
	return fault.New(fault.Invalid, "%.60q: %s.", kind, why)
}

// receive is the job that says what a stored activity meant.
func (s *Server) receive(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.receive(%d)", job.ID)
	doc, err := as.Parse(ctx, job.Body)
	if err != nil {
		return err
	}
	late := s.now().Sub(job.CreatedAt) > patience
	r := &received{doc: doc, actor: doc.Actor()}
	why := s.dispatch(ctx, r)
	if worthTelling(r, why) {
		s.tellWhy(ctx, r)
	}
	return s.settle(ctx, why, doc, late)
}

// dispatch finds the handler.
func (s *Server) dispatch(ctx context.Context, r *received) error {
	handle := s.handlers[r.doc.Kind()]
	if handle == nil {
		return unhandled(r.doc.Kind())
	}
	return handle(s, ctx, r)
}

// settle decides between trying again and dropping, by the error's code
// (STYLE.md, errors), and names what is dropped.
func (s *Server) settle(ctx context.Context, err error, doc as.Doc, late bool) error {
	switch code := fault.CodeOf(err); {
	case code == fault.None:
		return nil
	case code == fault.Internal, code == fault.Unavailable && !late, code == fault.RateLimited && !late:
		return err
	}
	s.logDrop(ctx, doc, err)
	return nil
}

// logDrop names an activity that changes nothing and why. What somebody may
// not do is worth an operator's look; what is not here, or here already, is
// not.
func (s *Server) logDrop(ctx context.Context, doc as.Doc, err error) {
	level := slog.LevelInfo
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		level = slog.LevelDebug
	}
	args := []any{"kind", doc.Kind(), "id", doc.ID(), "actor", doc.Actor(), "reason", err}
	if inner, ok := doc.Embedded("object"); ok && inner.Actor() != "" {
		args = append(args, "inner_kind", inner.Kind(), "inner_actor", inner.Actor())
	}
	s.Log.Log(ctx, level, "federation: activity dropped", args...)
}

// undo takes back what its inner activity said. It is the inner one's actor
// who may.
func (s *Server) undo(ctx context.Context, r *received) error {
	inner, err := s.inner(ctx, r)
	if err != nil {
		return err
	}
	switch inner.Kind() {
	case as.KindLike, as.KindDislike, as.KindEmojiReact:
		return s.undoVote(ctx, r, inner)
	case as.KindChooseAnswer:
		return s.undoAnswer(ctx, r, inner)
	case as.KindFollow:
		return s.undoFollow(ctx, r, inner)
	case as.KindDelete:
		return s.undoDelete(ctx, r, inner)
	case as.KindAnnounce:
		return s.undoAnnounce(ctx, r, inner)
	case as.KindLock:
		return s.undoLock(ctx, r, inner)
	case as.KindBlock:
		return s.undoBlock(ctx, r, inner)
	case as.KindFlag:
		return s.undoFlag(ctx, r, inner)
	}
	return fault.New(fault.Invalid, "Undo of %.60q: nothing was done that could be taken back.", inner.Kind())
}

// inner returns the activity that r is about: embedded, as nearly everybody
// does, or fetched by its id. It must be of the same actor.
func (s *Server) inner(ctx context.Context, r *received) (as.Doc, error) {
	inner, ok := r.doc.Embedded("object")
	if !ok {
		id := r.doc.Ref("object")
		if !as.SameHost(id, r.actor) {
			return inner, fault.New(fault.Forbidden, "%s cannot take back %.200q.", r.actor, id)
		}
		var err error
		if inner, err = s.fetch(ctx, id); err != nil {
			return inner, err
		}
	}
	if inner.Actor() != r.actor {
		return inner, fault.New(fault.Forbidden, "%s cannot take back what %.200q did.", r.actor, inner.Actor())
	}
	return inner, nil
}
