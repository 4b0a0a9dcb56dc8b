package federation

import (
	"context"
	"io"
	"net/http"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

const (
	// answerWithin is below the 10 s after which Lemmy gives up: whoever is
	// told to come again does better than whoever is left waiting.
	answerWithin = 9 * time.Second
	// drainBytes of a body that is too large are read and thrown away, since
	// a client that is still sending would not see the answer.
	drainBytes = 8 << 20
	// ownerStays is how long an inbox that was there is believed to be there.
	ownerStays = 5 * time.Second
	ownersMax  = 10_000
)

// inboxRoutes are the addresses that peers deliver to. All of them take the
// same; the personal ones tell whether their owner is there.
func (s *Server) inboxRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /inbox", func(w http.ResponseWriter, r *http.Request) { s.postInbox(w, r, "") })
	mux.HandleFunc("POST /u/{name}/inbox", func(w http.ResponseWriter, r *http.Request) {
		s.postInbox(w, r, r.PathValue("name"), community.Person, community.Service, community.Application)
	})
	mux.HandleFunc("POST /c/{name}/inbox", func(w http.ResponseWriter, r *http.Request) {
		s.postInbox(w, r, r.PathValue("name"), community.GroupKind)
	})
	mux.HandleFunc("POST /f/{name}/inbox", func(w http.ResponseWriter, r *http.Request) {
		s.postInbox(w, r, r.PathValue("name"), community.FeedKind)
	})
}

// answers are what an inbox says, by the code of what is wrong
// (FEDERATION.md, section 7). Peers give up on 400 to 404, come again after
// 503, and PieFed takes 410 for "gone forever".
var answers = map[fault.Code]int{
	fault.None:            http.StatusAccepted,
	fault.Conflict:        http.StatusAccepted,
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.CodeRequired:    http.StatusUnauthorized,
	fault.Unconfirmed:     http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.RateLimited:     http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusServiceUnavailable, // the database, as a rule: come again
}

// postInbox answers a delivery to the inbox of owner, or to the shared one.
// It answers 202 only once the activity is committed, or known, or of a kind
// that this server does not act on; then nothing is stored.
func (s *Server) postInbox(w http.ResponseWriter, r *http.Request, owner string, kinds ...community.ActorKind) {
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()

	body, err := readBody(r)
	status, kind, id := 0, "", ""
	switch {
	case err != nil:
	case !as.IsAS2ContentType(r.Header.Get("Content-Type")):
		status = http.StatusUnsupportedMediaType
		err = fault.New(fault.Invalid, "An inbox takes %s or the ld+json form of it, not %.80q.", as.ContentType, r.Header.Get("Content-Type"))
	default:
		err = s.hasOwner(ctx, owner, kinds)
	}
	if err == nil {
		var activity as.Doc
		if activity, err = as.Parse(ctx, body); err == nil {
			kind, id = activity.Kind(), activity.ID()
			err = s.accept(ctx, r, activity)
		}
	}
	if status == 0 {
		status = answers[fault.CodeOf(err)]
	}
	if err == nil {
		w.WriteHeader(status)
		return
	}
	if status >= http.StatusInternalServerError {
		s.Log.Warn("federation: inbox failed", "kind", kind, "id", id, "status", status, "error", err)
		w.Header().Set("Retry-After", "60")
	} else {
		s.Log.Info("federation: inbox refused", "kind", kind, "id", id, "status", status, "reason", err)
	}
	http.Error(w, reasonOf(err), status)
}

// readBody reads a body of at most as.MaxBytes.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, as.MaxBytes+1))
	if err != nil {
		return nil, fault.Because(err, fault.Invalid, "The body could not be read.")
	}
	if len(body) > as.MaxBytes {
		_, _ = io.CopyN(io.Discard, r.Body, drainBytes)
		return nil, fault.New(fault.TooLarge, "The body is larger than %d bytes, which is the most that an inbox takes.", as.MaxBytes)
	}
	return body, nil
}

// hasOwner reports, as an error, that an inbox is of nobody, or of who is gone for
// good. That is no 410, which PieFed takes for the end of a whole server.
func (s *Server) hasOwner(ctx context.Context, owner string, kinds []community.ActorKind) error {
	if owner == "" {
		return nil
	}
	key := string(kinds[0]) + owner
	if at, ok := s.owners.GetIfPresent(key); ok && s.now().Sub(at) < ownerStays {
		return nil
	}
	err := community.Unseen()
	actor := new(community.Actor)
	if h, ok := community.ParseHandle(owner, s.Host); ok && h == (community.Handle{Name: owner}) {
		actor, err = s.DB.ActorByHandle(ctx, h, kinds...)
	}
	if err == nil && !actor.KnownTo(nil) {
		err = community.Unseen()
	}
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.Because(err, fault.NotFound, "Nobody here is called %.100q.", owner)
	case err != nil:
		return err
	case actor.Gone():
		return fault.New(fault.NotFound, "%s is gone.", actor.Handle())
	}
	s.owners.Set(key, s.now())
	return nil
}

// accept checks an activity in the order in which checks get dearer, and
// stores it. A repetition is verified like everything else: a signature costs
// 30 µs, and whoever did not sign shall not learn what has arrived.
func (s *Server) accept(ctx context.Context, r *http.Request, activity as.Doc) error {
	if err := checkEnvelope(activity); err != nil {
		return err
	}
	known, err := s.leavesUnknown(ctx, activity)
	if err != nil || known {
		return err
	}
	if err := s.verify(ctx, r, activity.Bytes(), activity.Actor()); err != nil {
		if activity, err = s.forwarded(ctx, r, activity, err); err != nil {
			return err
		}
	}
	if err := s.peerSpoke(ctx, as.Host(activity.Actor())); err != nil {
		return err
	}
	if err := checkOrigin(activity); err != nil {
		return err
	}
	if s.handlers[activity.Kind()] != nil {
		if err := s.intake.add(ctx, activity); err != nil {
			return err
		}
		s.noteSynchronization(ctx, r, activity.Actor())
		return nil
	}
	if err := s.welcome(ctx, activity); err != nil {
		return err
	}
	s.logDrop(ctx, activity, unhandled(activity.Kind()))
	return nil
}

// welcome reports that who speaks is banned from this server. What comes by
// itself and is to be stored is asked about together; see intake.
func (s *Server) welcome(ctx context.Context, activity as.Doc) error {
	if !bansBind(activity) {
		return nil
	}
	banned, err := s.DB.BannedHere(ctx, s.now(), activity.Actor())
	if err == nil && banned[activity.Actor()] {
		err = errBanned(activity)
	}
	return err
}

// bansBind reports whether an activity is refused from who is banned. They may
// still take back what they wrote.
func bansBind(activity as.Doc) bool { return activity.Kind() != as.KindDelete }

func errBanned(activity as.Doc) error {
	return fault.New(fault.Forbidden, "%s is banned from this server.", activity.Actor())
}

// checkEnvelope demands what no activity can do without.
func checkEnvelope(activity as.Doc) error {
	switch {
	case activity.Kind() == "":
		return fault.New(fault.Invalid, "The activity has no type.")
	case as.Host(activity.ID()) == "":
		return fault.New(fault.Invalid, "The activity has no id.")
	case len(activity.Refs("actor")) != 1 || as.Host(activity.Actor()) == "":
		return fault.New(fault.Invalid, "The activity has not exactly one actor.")
	}
	return nil
}

// leavesUnknown reports whether somebody whom we do not know says that they
// are gone. Servers tell everybody, their keys are gone with them, and there
// is nothing to do; so nothing is fetched (FEDERATION.md, section 7).
func (s *Server) leavesUnknown(ctx context.Context, activity as.Doc) (bool, error) {
	actor := activity.Actor()
	if activity.Kind() != as.KindDelete || activity.Ref("object") != actor || s.ours(actor) {
		return false, nil
	}
	_, err := s.DB.ActorByIRI(ctx, actor)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return false, err
}

// checkOrigin holds what is said to who says it: a server speaks for the ids
// of its own host and of no other (FEP-fe34). What is created or changed is
// its author's (CVE-2024-37903); what is deleted elsewhere must be a
// moderator's removal, which has a summary.
func checkOrigin(activity as.Doc) error {
	actor := activity.Actor()
	if !as.SameHost(activity.ID(), actor) {
		return fault.New(fault.Forbidden, "The id %s is not of the server of %s.", activity.ID(), actor)
	}
	object := activity.Ref("object")
	switch activity.Kind() {
	case as.KindCreate, as.KindUpdate:
		doc, ok := activity.Embedded("object")
		if ok && activity.Kind() == as.KindUpdate && !wrote(doc, actor) {
			return nil // a moderator's, who changes nothing but marks: see mark
		}
		if !as.SameHost(object, actor) {
			return fault.New(fault.Forbidden, "%s cannot speak for %.200q.", actor, object)
		}
		if ok && activity.Kind() == as.KindCreate && !wrote(doc, actor) {
			return fault.New(fault.Forbidden, "%s is not by %s.", object, actor)
		}
	case as.KindDelete:
		if !activity.Has("summary") && !as.SameHost(object, actor) {
			return fault.New(fault.Forbidden, "%s cannot delete %.200q.", actor, object)
		}
	}
	return nil
}
