package federation

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// How long others may show a document without asking again. Short: a peer
// that was told of a change fetches at once, and must not get the old one.
const (
	freshDocument  = 30 * time.Second
	freshDiscovery = 10 * time.Minute
)

// documents are the addresses of ActivityStreams documents. Who may read what
// is for s.shown to say, and in private groups for s.cleared.
func (s *Server) documents() map[string]func(*http.Request) (document, error) {
	return map[string]func(*http.Request) (document, error){
		"/{$}":                    s.getInstance,
		"/outbox":                 s.getInstanceOutbox,
		"/c/{name}":               s.getGroup,
		"/c/{name}/outbox":        s.getGroupOutbox,
		"/c/{name}/followers":     s.getGroupFollowers,
		"/c/{name}/featured":      s.getFeatured,
		"/c/{name}/moderators":    s.getModerators,
		pathSynchronization:       s.getSynchronization,
		"/u/{name}":               s.getPerson,
		"/u/{name}/outbox":        s.getPersonOutbox,
		"/u/{name}/followers":     s.getPersonFollowers,
		"/u/{name}/following":     s.getFollowing,
		"/f/{name}":               s.getFeed,
		"/f/{name}/outbox":        s.getFeedOutbox,
		"/f/{name}/followers":     s.getFeedFollowers,
		"/f/{name}/following":     s.getFeedFollowing,
		"/post/{id}":              s.getPost,
		"/post/{id}/context":      s.getContext,
		"/post/{id}/replies":      s.getPostReplies,
		"/comment/{id}":           s.getComment,
		"/comment/{id}/replies":   s.getCommentReplies,
		"/quotes/{name}":          s.getQuote,
		"/activities/{type}/{id}": s.getActivity,
	}
}

// documentRoutes are the addresses that peers read.
func (s *Server) documentRoutes(mux *http.ServeMux) {
	for pattern, get := range s.documents() {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			r = s.withReader(r)
			d, err := s.shown(r, get)
			s.serveDocument(w, r, d, err)
		})
	}
	mux.HandleFunc("GET /.well-known/webfinger", s.getWebFinger)
	mux.HandleFunc("GET /.well-known/host-meta", s.getHostMeta)
	mux.HandleFunc("GET /.well-known/host-meta.json", s.getHostMetaJSON)
	mux.HandleFunc("GET /.well-known/nodeinfo", s.getNodeInfoLinks)
	mux.HandleFunc("GET /nodeinfo/{version}", s.getNodeInfo)
}

// serveDocument answers with a document, or with why there is none.
func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request, d document, err error) {
	w.Header().Set("Vary", "Accept") // the page for people has the same address
	w.Header().Set("Access-Control-Allow-Origin", "*")
	var body []byte
	if err == nil {
		body, err = d.Marshal()
	}
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	serve(w, r, as.ContentType, freshDocument, body)
}

// serve writes a body that others may keep for a while, and nothing but its
// header to those who have it already.
func serve(w http.ResponseWriter, r *http.Request, contentType string, fresh time.Duration, body []byte) {
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", forWhom(r)+", max-age="+strconv.Itoa(int(fresh.Seconds())))
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:15])+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// A tombstone is answered instead of something deleted: 410 and a Tombstone
// (FEP-4f05).
type tombstone struct {
	id, former string
	at         time.Time
}

func (t *tombstone) Error() string { return t.id + " was deleted" }

// elsewhere is answered by the way to what lives on another server. People
// paste the address of our page about it into the search of theirs.
type elsewhere struct{ iri string }

func (e *elsewhere) Error() string { return "this lives at " + e.iri }

func (s *Server) refuseDocument(w http.ResponseWriter, r *http.Request, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	var deleted *tombstone
	var other *elsewhere
	switch {
	case errors.As(err, &other):
		http.Redirect(w, r, other.iri, http.StatusFound)
	case errors.As(err, &deleted):
		body, err := as.Tombstone{ID: deleted.id, FormerType: deleted.former, Deleted: deleted.at}.Marshal()
		if err != nil {
			body = nil
		}
		h.Set("Content-Type", as.ContentType)
		w.WriteHeader(http.StatusGone)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // who left does not care
		}
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.Forbidden):
		status := answers[fault.CodeOf(err)]
		s.Log.Info("federation: document refused", "path", r.URL.Path, "status", status, "reason", err)
		http.Error(w, reasonOf(err), status)
	case fault.Is(err, fault.NotFound):
		http.Error(w, "There is nothing here by that name.", http.StatusNotFound)
	case fault.Is(err, fault.Invalid):
		http.Error(w, "This request makes no sense here.", http.StatusBadRequest)
	case fault.Is(err, fault.Unavailable):
		h.Set("Retry-After", "60")
		http.Error(w, "The server is too busy to answer.", http.StatusServiceUnavailable)
	default:
		s.Log.Error("federation: document", "path", r.URL.Path, "error", err)
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
	}
}

// written is a document that exists as bytes.
type written []byte

// Marshal returns it.
func (w written) Marshal() ([]byte, error) { return w, nil }

// getActivity answers for the id of what we said in public. The words of
// what was since deleted or removed are not repeated.
func (s *Server) getActivity(r *http.Request) (document, error) {
	a, err := s.DB.ActivityByIRI(r.Context(), s.Origin+r.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	doc, err := as.Parse(r.Context(), a.Body)
	if err != nil {
		return nil, err
	}
	if err := s.clearedForActivity(r, a, doc); err != nil {
		return nil, err
	}
	for inner, ok := doc, true; ok; inner, ok = inner.Embedded("object") {
		if err := s.stillSaid(r, inner); err != nil {
			return nil, err
		}
	}
	return written(a.Body), nil
}

// stillSaid reports why an object that is part of an activity is no longer to
// be seen.
func (s *Server) stillSaid(r *http.Request, d as.Doc) error {
	var post *community.Post
	var comment *community.Comment
	var err error
	switch d.Kind() {
	case as.KindPage, as.KindArticle, as.KindNote, as.KindQuestion, as.KindEvent, as.KindVideo:
		if post, err = s.DB.PostByIRI(r.Context(), d.ID()); fault.Is(err, fault.NotFound) {
			comment, err = s.DB.CommentByIRI(r.Context(), d.ID())
		}
	default:
		return nil
	}
	switch {
	case err != nil:
		return err
	case post != nil && post.Hidden(), comment != nil && comment.Hidden():
		return fault.New(fault.NotFound, "What was said here was taken back.")
	}
	return nil
}
