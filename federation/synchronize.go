package federation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// Servers forget: an Undo or a Reject may be lost, and somebody would go on
// reading what is not for them any more. So with what a private group says to
// its members goes a digest of who of them lives there, by which both sides
// see that they mean the same people (FEP-8fcf).

const (
	headerSynchronization = "Collection-Synchronization"
	pathSynchronization   = "/c/{name}/followers_synchronization"
	jobSynchronize        = "synchronize"
	mostSynchronized      = 10_000 // members on one server
)

func synchronizationOf(group *community.Actor) string {
	return group.IRI + "/followers_synchronization"
}

// digest is what FEP-8fcf compares: the hashes of all ids, one upon another.
func digest(iris []string) string {
	var sum [sha256.Size]byte
	for _, iri := range iris {
		for i, b := range sha256.Sum256([]byte(iri)) {
			sum[i] ^= b
		}
	}
	return hex.EncodeToString(sum[:])
}

// synchronization is the header for what is delivered to the members of a
// group on one server; empty for what says nothing of its members.
func (s *Server) synchronization(ctx context.Context, a *community.Activity, peer community.PeerID) (string, error) {
	if a.Public || a.Audience == 0 || a.Audience != a.ActorID {
		return "", nil
	}
	group, err := s.DB.Actor(ctx, a.Audience)
	if err != nil || group.Visibility != community.Private || !group.Local() {
		return "", err
	}
	members, err := s.DB.MembersOn(ctx, group.ID, peer)
	if err != nil {
		return "", err
	}
	return `collectionId="` + followersOf(group) + `", url="` + synchronizationOf(group) + `", digest="` + digest(members) + `"`, nil
}

// getSynchronization lists the members of a private group who live where the
// reader does.
func (s *Server) getSynchronization(r *http.Request) (document, error) {
	group, err := s.ownActor(r, community.GroupKind)
	if err != nil {
		return nil, err
	}
	reader, err := s.reader(r)
	if err != nil || reader == nil || reader.PeerID == 0 || group.Visibility != community.Private {
		return nil, community.Unseen() //nolint:nilerr // see cleared
	}
	// Whoever has no member there any more must be able to learn that.
	return s.membersOn(r.Context(), reader.PeerID, group.ID)
}

func (s *Server) membersOn(ctx context.Context, peer community.PeerID, id community.ActorID) (document, error) {
	group, err := s.DB.Actor(ctx, id)
	if err != nil {
		return nil, err
	}
	members, err := s.DB.MembersOn(ctx, group.ID, peer)
	if err != nil {
		return nil, err
	}
	items := make([]json.RawMessage, len(members))
	for i, iri := range members {
		items[i] = as.ObjectID(iri)
	}
	return as.OrderedCollection{ID: synchronizationOf(group), Total: len(items), Items: items}, nil
}

// A claim is what the header of a delivery says.
type claim struct {
	Group  string `json:"group"`
	URL    string `json:"url"`
	Digest string `json:"digest"`
}

// claimOf reads the header that came with an activity of a private group; it
// may speak only of that group's own followers.
func claimOf(header string, group *community.Actor) (claim, bool) {
	values := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		values[key] = strings.Trim(value, `"`)
	}
	c := claim{Group: group.IRI, URL: values["url"], Digest: strings.ToLower(values["digest"])}
	ok := group.Visibility == community.Private && !group.Local() && group.Followers != "" &&
		values["collectionId"] == group.Followers && as.SameHost(c.URL, group.IRI) && len(c.Digest) == 2*sha256.Size
	return c, ok
}

// noteSynchronization has a claim looked at, beside an activity that was
// accepted. The same claim is looked at once an hour.
func (s *Server) noteSynchronization(ctx context.Context, r *http.Request, actor string) {
	header := r.Header.Get(headerSynchronization)
	if header == "" || len(header) > 4096 {
		return
	}
	group, err := s.DB.ActorByIRI(ctx, actor)
	if err != nil {
		return // whoever we do not know has no members here
	}
	c, ok := claimOf(header, group)
	if !ok {
		return
	}
	if same, err := s.agrees(ctx, group, c.Digest); err != nil || same {
		return
	}
	body, err := json.Marshal(c)
	if err != nil {
		return
	}
	now := s.now()
	key := sha256.Sum256([]byte(c.Group + c.Digest + now.Format("2006010215")))
	_, err = s.DB.AddJobs(ctx, []*community.Job{{
		Kind: jobSynchronize, Key: key[:16], Lane: laneOf(group.Host), Sender: group.IRI, Body: body, RunAt: now, CreatedAt: now,
	}})
	if err != nil {
		s.Log.Warn("federation: cannot synchronize members", "group", c.Group, "error", err)
	}
}

// agrees reports whether a digest is that of our members of a group elsewhere.
func (s *Server) agrees(ctx context.Context, group *community.Actor, of string) (bool, error) {
	members, err := s.DB.MembersOn(ctx, group.ID, 0)
	return err == nil && digest(members) == of, err
}

// synchronize is the job that asks a group for its members here, and makes
// ours the same. What arrived before it in its lane was said before the claim.
func (s *Server) synchronize(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.synchronize(%s)", job.Sender)
	var c claim
	if err := json.Unmarshal(job.Body, &c); err != nil {
		return fault.Because(err, fault.Invalid, "The claim cannot be read.")
	}
	group, err := s.DB.ActorByIRI(ctx, c.Group)
	if err != nil {
		return err
	}
	if same, err := s.agrees(ctx, group, c.Digest); err != nil || same {
		return err
	}
	doc, err := s.fetch(ctx, c.URL)
	if err != nil {
		return err
	}
	members := append(doc.Refs("orderedItems"), doc.Refs("items")...)
	if len(members) > mostSynchronized {
		return fault.New(fault.Invalid, "%s claims %d members here.", c.Group, len(members))
	}
	members = slices.DeleteFunc(members, func(iri string) bool { return !s.ours(iri) })
	return s.Groups.Reconcile(ctx, group, members)
}
