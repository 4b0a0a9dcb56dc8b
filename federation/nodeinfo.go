package federation

import (
	"context"
	"net/http"
	"sync"
	"time"

	"drystone/fault"
)

const (
	schemaNodeInfo = "http://nodeinfo.diaspora.software/ns/schema/"
	// software is how peers tell what we are, and choose the form of what
	// they send by it.
	software   = "drystone"
	countAgain = 5 * time.Minute

	activeMonth, activeHalfYear = 30 * 24 * time.Hour, 180 * 24 * time.Hour
)

// getNodeInfoLinks tells which versions of NodeInfo there are, and where the
// instance actor is (FEP-2677). Lemmy reads 2.1, NodeBB and Mastodon 2.0.
func (s *Server) getNodeInfoLinks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	var links descriptor
	for _, version := range []string{"2.1", "2.0"} {
		links.Links = append(links.Links, descriptorLink{Rel: schemaNodeInfo + version, Href: s.Origin + "/nodeinfo/" + version})
	}
	links.Links = append(links.Links, descriptorLink{Rel: relInstance, Href: s.Origin + "/"})
	s.serveJSON(w, r, "application/json", links)
}

// capabilities are what we understand of what not everybody speaks, for peers
// who choose by more than a name: the proposals that FEDERATION.md lists.
var capabilities = []string{
	"fep-044f", "fep-1b12", "fep-2677", "fep-2c59", "fep-3b86", "fep-4f05", "fep-521a", "fep-5feb", "fep-67ff", "fep-7888", "fep-8a8e", "fep-8b32", "fep-8fcf",
	"fep-9967", "fep-ae0c", "fep-c0e0", "fep-d556", "fep-f1d5", "fep-f228", "fep-fe34",
}

// nodeInfo is the schema of both versions: 2.1 only allows more.
type nodeInfo struct {
	Version  string `json:"version"`
	Software struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"software"`
	Protocols []string `json:"protocols"`
	Services  struct {
		Inbound  []string `json:"inbound"`
		Outbound []string `json:"outbound"`
	} `json:"services"`
	Open  bool `json:"openRegistrations"`
	Usage struct {
		Users struct {
			Total    int64 `json:"total"`
			HalfYear int64 `json:"activeHalfyear"`
			Month    int64 `json:"activeMonth"`
		} `json:"users"`
		Posts    int64 `json:"localPosts"`
		Comments int64 `json:"localComments"`
	} `json:"usage"`
	Metadata struct {
		Name         string   `json:"nodeName"`
		Capabilities []string `json:"capabilities"`
	} `json:"metadata"`
}

func (s *Server) getNodeInfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	version := r.PathValue("version")
	if version != "2.0" && version != "2.1" {
		s.refuseDocument(w, r, fault.New(fault.NotFound, "There is no NodeInfo %.20q.", version))
		return
	}
	open, err := s.open(r.Context())
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	info := nodeInfo{Version: version, Protocols: []string{"activitypub"}, Open: open}
	info.Software.Name, info.Software.Version = software, s.Version
	info.Services.Inbound, info.Services.Outbound = []string{}, []string{}
	info.Metadata.Name, info.Metadata.Capabilities = s.Name, capabilities
	u, err := s.usage.get(r.Context(), s)
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	info.Usage.Users.Total, info.Usage.Posts, info.Usage.Comments = u.people, u.posts, u.comments
	info.Usage.Users.Month, info.Usage.Users.HalfYear = u.month, u.halfYear
	s.serveJSON(w, r, `application/json; profile="`+schemaNodeInfo+version+`#"`, info)
}

// open tells whether anybody may sign up, as it was settled last.
func (s *Server) open(ctx context.Context) (bool, error) {
	if s.Open == nil {
		return false, nil
	}
	return s.Open(ctx)
}

// usage is how much lives here. Counting it reads every local actor, so it is
// not done for everybody who asks.
type usage struct {
	mu      sync.Mutex
	counted time.Time
	counts
}

// month and halfYear are people who posted, commented or voted since, wherever:
// in how many groups, and in which, is not told.
type counts struct{ people, posts, comments, month, halfYear int64 }

func (u *usage) get(ctx context.Context, s *Server) (_ counts, err error) {
	defer fault.Wrap(&err, "federation.usage")
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := s.Now(); u.counted.IsZero() || now.Sub(u.counted) >= countAgain {
		var c counts
		if c.people, _, err = s.DB.CountLocal(ctx); err != nil {
			return c, err
		}
		if c.posts, c.comments, err = s.DB.CountLocalPosts(ctx); err != nil {
			return c, err
		}
		if c.month, c.halfYear, err = s.DB.CountActive(ctx, now.Add(-activeMonth), now.Add(-activeHalfYear)); err != nil {
			return c, err
		}
		u.counts, u.counted = c, now
	}
	return u.counts, nil
}
