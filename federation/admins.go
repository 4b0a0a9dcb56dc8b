package federation

import (
	"context"
	"slices"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/memo"
)

const (
	adminsFresh = time.Hour
	adminsMax   = 10_000 // servers of which they are remembered
)

// adminsOf is who administers other servers, by host.
type adminsOf = memo.Memo[string, []string]

// tended is moderated for what somebody wrote, which those may take down, too,
// who administer the server where its author lives: the rule of PieFed, and
// Lemmy's with a check (FEDERATION.md, section 8).
func (s *Server) tended(ctx context.Context, r *received, id string) (thing, *community.Actor, community.Origin, error) {
	found, by, from, err := s.moderated(ctx, r, id)
	if by == nil || from.Vouched || err != nil && !fault.Is(err, fault.Forbidden) {
		return found, by, from, err
	}
	author, dbErr := s.DB.Actor(ctx, found.author())
	if dbErr != nil {
		return found, by, from, dbErr
	}
	if author.Local() || author.Host != by.Host {
		return found, by, from, err
	}
	m, dbErr := s.DB.Membership(ctx, found.group(), by.ID)
	if dbErr != nil {
		return found, by, from, dbErr
	}
	if err == nil && m.May(community.RemoveContent, s.now()) {
		return found, by, from, nil // in a group of ours, as what they are there
	}
	admin, askErr := s.administers(ctx, by)
	if askErr != nil {
		return found, by, from, askErr
	}
	if from.Admin = admin; admin {
		return found, by, from, nil
	}
	return found, by, from, err
}

// administers reports whether somebody administers the server that they live
// on, as far as that says.
func (s *Server) administers(ctx context.Context, who *community.Actor) (bool, error) {
	if s.indoors != nil {
		return false, s.indoors.errElsewhere()
	}
	if s.LemmyRemovals {
		// Lemmy itself asks no more than that they share a host, so that what
		// its servers do to their people stays undone where others ask more.
		peer, err := s.peerOf(ctx, who.Host)
		if err != nil || strings.EqualFold(peer.Software, "lemmy") {
			return err == nil, err
		}
	}
	admins, err := s.admins.Get(who.Host, func() ([]string, error) {
		list, err := s.askAdmins(ctx, who)
		if err != nil && !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Internal) {
			s.Log.Debug("federation: a server does not say who administers it", "peer", who.Host, "reason", err)
			return nil, nil
		}
		return list, err
	})
	return slices.Contains(admins, who.IRI) || slices.Contains(admins, who.Name), err
}

// askAdmins asks somebody's server who administers it, and returns their ids,
// or on Mbin their names. There is no one way: Lemmy and PieFed, which asks in
// the same way, have it in their API, Mbin in another; NodeBB lists them as
// those to whom its own actor is attributed.
func (s *Server) askAdmins(ctx context.Context, who *community.Actor) ([]string, error) {
	key := "admins of " + who.Host
	if err := s.fetched.missed(key, s.now()); err != nil {
		return nil, err
	}
	peer, err := s.peerOf(ctx, who.Host)
	if err != nil {
		return nil, err
	}
	if err := s.fetched.spend(who.Host, s.now()); err != nil {
		return nil, err
	}
	var list []string
	switch strings.ToLower(peer.Software) {
	case "lemmy":
		list, err = s.siteAdmins(ctx, who.Host, "/api/v3/site", "/api/v4/site")
	case "piefed":
		list, err = s.siteAdmins(ctx, who.Host, "/api/v3/site", "/api/alpha/site")
	case "mbin", "kbin":
		list, err = s.namedAdmins(ctx, who.Host)
	case "nodebb":
		list, err = s.listedAdmins(ctx, who, "/actor")
	default:
		list, err = s.listedAdmins(ctx, who, "/")
	}
	if err != nil {
		s.fetched.note(key, err, s.now())
	}
	return list, err
}

// siteAdmins reads Lemmy's description of a site, at the first address that
// has one.
func (s *Server) siteAdmins(ctx context.Context, host string, paths ...string) (ids []string, err error) {
	for _, path := range paths {
		var site struct {
			Admins []struct {
				Person struct {
					ActorID string `json:"actor_id"`
					ApID    string `json:"ap_id"` // Lemmy 1.0
				} `json:"person"`
			} `json:"admins"`
		}
		if err = s.getJSON(ctx, host, path, "application/json", &site); err != nil {
			if fault.Is(err, fault.Unavailable) {
				return nil, err
			}
			continue
		}
		for _, admin := range site.Admins {
			ids = append(ids, firstOf(admin.Person.ActorID, admin.Person.ApID))
		}
		return ids, nil
	}
	return nil, err
}

// namedAdmins reads Mbin's list.
func (s *Server) namedAdmins(ctx context.Context, host string) (names []string, err error) {
	var list struct {
		Items []struct {
			Username string `json:"username"`
			IsAdmin  *bool  `json:"isAdmin"`
		} `json:"items"`
	}
	if err := s.getJSON(ctx, host, "/api/users/admins", "application/json", &list); err != nil {
		return nil, err
	}
	for _, item := range list.Items {
		if item.IsAdmin == nil || *item.IsAdmin {
			names = append(names, item.Username)
		}
	}
	return names, nil
}

// listedAdmins reads the collection to which a server's own actor is
// attributed, which groups have for their moderators.
func (s *Server) listedAdmins(ctx context.Context, who *community.Actor, path string) ([]string, error) {
	scheme, _, _ := strings.Cut(who.IRI, "://")
	server, err := s.fetch(ctx, scheme+"://"+who.Host+path)
	if err != nil {
		return nil, err
	}
	collection := sameHost(who.IRI, moderators(server))
	if server.Kind() != as.KindApplication || collection == "" {
		return nil, fault.New(fault.NotFound, "%s lists no admins.", who.Host)
	}
	doc, err := s.fetch(ctx, collection)
	return slices.Concat(doc.Refs("orderedItems"), doc.Refs("items")), err
}
