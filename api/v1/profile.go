package v1

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/fault"
	"drystone/service/profiles"
)

// profileRoutes is the part of the table of contents about what people say of
// themselves, how they appear in groups, and who follows them.
func (a *API) profileRoutes() {
	const notFound, forbidden = fault.NotFound, fault.Forbidden

	s := section("Me")
	handle(a, s.get("/me/profile", "getMyProfile", "What I say about myself").signedIn(), a.MyProfile)
	handle(a, s.patch("/me/profile", "editMyProfile", "Change what I say about myself").signedIn().limited(a.limits.write).fails(forbidden), a.editProfile)
	handle(a, s.get("/me/followers", "listMyFollowers", "Who follows me").signedIn(), a.Followers)
	handle(a, s.get("/me/following", "listMyFollowing", "Whom I follow").signedIn().
		says("People; the groups that one joined are in listGroups. Also whom one asked to follow, and who does not want that."), a.Following)
	handle(a, s.put("/people/{person}/follow", "followPerson", "Follow a person").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("What they write in groups appears in the home feed. People who approve their followers are asked, and so are those of other servers; following again sends what nobody answered for a day once more. "+
			"At most "+strconv.Itoa(community.MostFollowsADay)+" people a day."), a.followPerson)
	do(a, s.delete("/people/{person}/follow", "unfollowPerson", "Follow a person no more").signedIn().fails(notFound), a.unfollowPerson)
	do(a, s.delete("/me/followers/{person}", "endFollower", "Have somebody follow me no more").signedIn().fails(notFound), a.endFollower)
	handle(a, s.get("/me/followers/requests", "listFollowRequests", "Who asks to follow me").signedIn(), a.FollowRequests)
	do(a, s.put("/me/followers/requests/{person}", "acceptFollower", "Let somebody follow me").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.acceptFollower)
	do(a, s.delete("/me/followers/requests/{person}", "refuseFollower", "Refuse somebody who asks to follow me").signedIn().fails(notFound), a.endFollower)
	handle(a, s.get("/me/facets", "listMyFacets", "Where I appear otherwise than elsewhere").signedIn(), a.Facets)

	s = section("Groups")
	handle(a, s.get("/groups/{group}/facet", "getMyFacet", "How I appear in a group").signedIn().fails(notFound), a.Facet)
	handle(a, s.put("/groups/{group}/facet", "setMyFacet", "Appear in a group by another name, or with some words").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("It is shown beside what one writes there, and in the list of its members; in no other group, and to no other server."), a.setFacet)
	do(a, s.delete("/groups/{group}/facet", "deleteMyFacet", "Appear in a group as elsewhere").signedIn().fails(notFound), a.deleteFacet)
}

// A ProfileField is a line of a profile.
type ProfileField struct {
	Name       string     `json:"name" example:"Web site"`
	Value      string     `json:"value" doc:"Plain text." example:"https://alice.example"`
	HTML       string     `json:"html" doc:"The same, safe to show; addresses are links."`
	VerifiedAt *time.Time `json:"verified_at" doc:"Since when the page that the value names leads back to the profile. Null: it does not, as far as we saw."`
}

func fieldOf(f community.ProfileField) ProfileField {
	return ProfileField{Name: f.Name, Value: f.Value, HTML: f.HTML, VerifiedAt: maybe(f.VerifiedAt)}
}

// A Profile is what somebody says about themselves, as they see it.
type Profile struct {
	Fields           []ProfileField `json:"fields" nullable:"false"`
	Languages        []string       `json:"languages" nullable:"false" doc:"BCP 47."`
	Interests        []string       `json:"interests" nullable:"false"`
	Zone             string         `json:"zone" doc:"The time zone that they live by; shown to nobody else." example:"Europe/Berlin"`
	Quiet            *Quiet         `json:"quiet" doc:"The hours in which nothing rings; null: none."`
	QuietUntil       *time.Time     `json:"quiet_until" doc:"When the quiet that there is now ends; null: there is none now."`
	ApprovesFollower bool           `json:"approves_followers" doc:"Who wants to follow them waits for their word."`
}

// Quiet is a stretch of every day, by the clock where somebody lives.
type Quiet struct {
	From string `json:"from" example:"22:00"`
	To   string `json:"to" example:"07:00" doc:"May be on the next day."`
}

// TransformSchema says that quiet hours may be null.
func (*Profile) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "quiet")
}

func (a *API) profileOf(p *profiles.Profile) Profile {
	out := Profile{
		Fields: each(p.Fields, fieldOf), Languages: orNone(p.LanguageList()), Interests: orNone(p.InterestList()),
		Zone: p.Zone, ApprovesFollower: p.Locked,
	}
	if p.QuietFrom != p.QuietTo {
		out.Quiet = &Quiet{From: clockOf(p.QuietFrom), To: clockOf(p.QuietTo)}
	}
	if until, quiet := community.Quiet(p.Profile, a.Now()); quiet {
		out.QuietUntil = maybe(until)
	}
	return out
}

// orNone is a list that is never null.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func clockOf(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// MyProfile answers what the caller says about themselves.
func (a *API) MyProfile(ctx context.Context, c *Caller, _ *None) (Profile, error) {
	p, err := a.Profiles.Of(ctx, c.Who.Actor)
	if err != nil {
		return Profile{}, err
	}
	return a.profileOf(p), nil
}

type editProfileRequest struct {
	Body ProfileChange
}

// ProfileChange is what becomes of a profile; what is left out stays.
type ProfileChange struct {
	Fields           *[]FieldDraft `json:"fields,omitempty" doc:"All of them, from the top; at most 6."`
	Languages        *[]string     `json:"languages,omitempty" doc:"BCP 47; at most 10."`
	Interests        *[]string     `json:"interests,omitempty" doc:"At most 20."`
	Zone             *string       `json:"zone,omitempty" doc:"The name of a time zone; empty takes it away."`
	QuietFrom        *string       `json:"quiet_from,omitempty" doc:"A time of day; the same as quiet_to for no quiet hours." example:"22:00"`
	QuietTo          *string       `json:"quiet_to,omitempty" example:"07:00"`
	ApprovesFollower *bool         `json:"approves_followers,omitempty"`
}

// A FieldDraft is a line of a profile as it is written.
type FieldDraft struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (a *API) editProfile(ctx context.Context, c *Caller, req *editProfileRequest) (Profile, error) {
	change := profiles.Change{Locked: req.Body.ApprovesFollower}
	if fields := req.Body.Fields; fields != nil {
		change.Fields = []community.ProfileField{}
		for _, f := range *fields {
			change.Fields = append(change.Fields, community.ProfileField{Name: f.Name, Value: f.Value})
		}
	}
	if list := req.Body.Languages; list != nil {
		change.Languages = orNone(*list)
	}
	if list := req.Body.Interests; list != nil {
		change.Interests = orNone(*list)
	}
	var err error
	if change.Quiet, err = a.hours(ctx, c, &req.Body); err != nil {
		return Profile{}, err
	}
	p, err := a.Profiles.Edit(ctx, c.Who.Actor, change)
	if err != nil {
		return Profile{}, err
	}
	return a.profileOf(p), nil
}

// hours are the quiet ones as they are to be; nil where nothing was said of
// them.
func (a *API) hours(ctx context.Context, c *Caller, change *ProfileChange) (*profiles.Hours, error) {
	if change.Zone == nil && change.QuietFrom == nil && change.QuietTo == nil {
		return nil, nil
	}
	known, err := a.Profiles.Of(ctx, c.Who.Actor)
	if err != nil {
		return nil, err
	}
	h := &profiles.Hours{Zone: known.Zone, From: known.QuietFrom, To: known.QuietTo}
	if change.Zone != nil {
		h.Zone = *change.Zone
	}
	for field, text := range map[string]*string{"quiet_from": change.QuietFrom, "quiet_to": change.QuietTo} {
		if text == nil {
			continue
		}
		at, err := time.Parse("15:04", *text)
		if err != nil || len(*text) != 5 {
			return nil, fault.Field(field, "Write a time of day like 22:00.")
		}
		minutes := at.Hour()*60 + at.Minute()
		if field == "quiet_from" {
			h.From = minutes
		} else {
			h.To = minutes
		}
	}
	return h, nil
}

// A Follower is somebody who follows the caller, or asks to.
type Follower struct {
	Actor Actor     `json:"actor"`
	Since time.Time `json:"since"`
}

func followerOf(f *community.Follower) Follower {
	return Follower{Actor: actorOf(f.Actor), Since: instant(f.CreatedAt)}
}

// FollowersQuery asks for who follows the caller.
type FollowersQuery struct{ Paging }

// Followers lists who follows the caller.
func (a *API) Followers(ctx context.Context, c *Caller, q *FollowersQuery) (List[Follower], error) {
	rows, next, err := a.Options.Groups.FollowersOf(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, followerOf), err
}

// FollowRequests lists who asks to follow the caller.
func (a *API) FollowRequests(ctx context.Context, c *Caller, q *FollowersQuery) (List[Follower], error) {
	rows, next, err := a.Options.Groups.FollowRequests(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, followerOf), err
}

func (a *API) acceptFollower(ctx context.Context, c *Caller, req *PersonPath) error {
	h, err := a.handle(req.Person)
	if err != nil {
		return err
	}
	return a.Options.Groups.AdmitFollower(ctx, c.Who.Actor, h)
}

func (a *API) endFollower(ctx context.Context, c *Caller, req *PersonPath) error {
	h, err := a.handle(req.Person)
	if err != nil {
		return err
	}
	return a.Options.Groups.RefuseFollower(ctx, c.Who.Actor, h)
}

// A Facet is how somebody appears in one group.
type Facet struct {
	Title string `json:"title" doc:"In place of the display name; empty: that."`
	Bio   string `json:"bio" doc:"Plain text."`
}

// A GroupFacet is a facet with the group that it is for.
type GroupFacet struct {
	Facet
	Group Actor `json:"group"`
}

func facetOf(f *community.Facet) *Facet {
	if f == nil {
		return nil
	}
	return &Facet{Title: f.Title, Bio: f.Bio}
}

// Facets lists how the caller appears in groups.
func (a *API) Facets(ctx context.Context, c *Caller, _ *None) (List[GroupFacet], error) {
	rows, err := a.Profiles.Facets(ctx, c.Who.Actor)
	return listOf(rows, "", func(v *community.FacetView) GroupFacet {
		return GroupFacet{Facet: *facetOf(v.Facet), Group: actorOf(v.Group)}
	}), err
}

// Facet answers how the caller appears in a group.
func (a *API) Facet(ctx context.Context, c *Caller, req *GroupPath) (Facet, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Facet{}, err
	}
	f, err := a.Profiles.Facet(ctx, c.Who.Actor, g.Actor)
	if err != nil {
		return Facet{}, err
	}
	return *facetOf(f), nil
}

type setFacetRequest struct {
	GroupPath
	Body Facet
}

func (a *API) setFacet(ctx context.Context, c *Caller, req *setFacetRequest) (Facet, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Facet{}, err
	}
	f, err := a.Profiles.Appear(ctx, c.Who.Actor, g.Actor, req.Body.Title, req.Body.Bio)
	if err != nil {
		return Facet{}, err
	}
	return *facetOf(f), nil
}

func (a *API) deleteFacet(ctx context.Context, c *Caller, req *GroupPath) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.Profiles.AppearAsElsewhere(ctx, c.Who.Actor, g.Actor)
}
