package v1

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/fault"
	"drystone/service/feeds"
)

// A GroupFeed is a list of groups that somebody keeps, here or elsewhere.
type GroupFeed struct {
	Actor
	Summary     string      `json:"summary" doc:"Markdown, or text if it is kept elsewhere."`
	SummaryHTML string      `json:"summary_html" doc:"The same, safe to show."`
	Follow      *FeedFollow `json:"follow" doc:"How the caller follows it; null for not, or where the feeds are listed that they keep."`
	Kept        bool        `json:"kept" doc:"The caller keeps it: may change it, and what it lists."`
	GroupCount  int         `json:"group_count" doc:"How many groups it lists, as far as they are known here."`
	Has         bool        `json:"has,omitempty" doc:"It lists the group that was asked about."`
	Groups      []Group     `json:"groups,omitempty" nullable:"false" doc:"Only where one feed is asked for: those that are known here, by name."`
	Owners      []Actor     `json:"owners,omitempty" nullable:"false" doc:"Who keeps it; only where one feed is asked for."`
	Backfill    *Backfill   `json:"backfill,omitempty" doc:"What was read of it; only where one feed is asked for."`
}

// TransformSchema says that a follow may be null.
func (*GroupFeed) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "follow")
}

// A FeedFollow is how the caller follows a feed.
type FeedFollow struct {
	State community.MembershipState `json:"state" enum:"pending,accepted" doc:"pending: its server has not answered. The feed can be read all the same."`
}

func feedFollowOf(f *community.Follow) *FeedFollow {
	if f == nil {
		return nil
	}
	return &FeedFollow{State: f.State}
}

func (a *API) groupFeedOf(f *community.Feed) GroupFeed {
	return GroupFeed{
		Actor: actorOf(f.Actor), Summary: f.Summary, SummaryHTML: pictured("actor", int64(f.ID), f.SummaryHTML), Follow: feedFollowOf(f.Follow),
		Kept: f.Kept, GroupCount: f.Size, Has: f.Has,
		Groups: each(f.Groups, a.groupOf), Owners: each(f.Owners, actorOf), Backfill: backfillOf(f.Backfill),
	}
}

// FeedPath names a feed.
type FeedPath struct {
	Feed string `path:"feed" doc:"name, or name@host." example:"growing@example.org"`
}

// FeedsQuery asks for the caller's feeds.
type FeedsQuery struct {
	Which string `query:"which" enum:"followed,kept" default:"followed" doc:"Those that the caller follows, or those that they keep."`
	Group string `query:"group" maxLength:"300" doc:"Of those that the caller keeps: say which of them list this group." example:"garden"`
}

// GroupFeeds lists the feeds that the caller follows, or keeps.
func (a *API) GroupFeeds(ctx context.Context, c *Caller, q *FeedsQuery) (List[GroupFeed], error) {
	if q.Which != "kept" {
		list, err := a.Feeds.Followed(ctx, c.Who.Actor)
		return listOf(list, "", a.groupFeedOf), err
	}
	var group *community.Handle
	if q.Group != "" {
		h, err := a.handle(q.Group)
		if err != nil {
			return List[GroupFeed]{}, err
		}
		group = &h
	}
	list, err := a.Feeds.Kept(ctx, c.Who.Actor, group)
	return listOf(list, "", a.groupFeedOf), err
}

type createFeedRequest struct {
	Body FeedDraft
}

// FeedDraft is a feed to be made.
type FeedDraft struct {
	Name    string `json:"name" doc:"Letters a to z, digits and underscores; it cannot be changed later. No person or group here has it." example:"growing"`
	Title   string `json:"title,omitempty" example:"Growing things"`
	Summary string `json:"summary,omitempty" doc:"Markdown."`
}

func (a *API) createFeed(ctx context.Context, c *Caller, req *createFeedRequest) (GroupFeed, error) {
	f, err := a.Feeds.Create(ctx, c.Who.Actor, feeds.Draft{Name: req.Body.Name, Title: req.Body.Title, Summary: req.Body.Summary})
	if err != nil {
		return GroupFeed{}, err
	}
	return a.groupFeedOf(f), nil
}

type editFeedRequest struct {
	FeedPath
	Body FeedChange
}

// FeedChange is what who keeps a feed may change; what is left out stays.
type FeedChange struct {
	Title   *string `json:"title,omitempty"`
	Summary *string `json:"summary,omitempty" doc:"Markdown."`
}

func (a *API) editFeed(ctx context.Context, c *Caller, req *editFeedRequest) (GroupFeed, error) {
	h, err := a.feedHandle(req.Feed)
	if err != nil {
		return GroupFeed{}, err
	}
	f, err := a.Feeds.Edit(ctx, c.Who.Actor, h, feeds.Change{Title: req.Body.Title, Summary: req.Body.Summary})
	if err != nil {
		return GroupFeed{}, err
	}
	return a.groupFeedOf(f), nil
}

func (a *API) deleteFeed(ctx context.Context, c *Caller, req *FeedPath) error {
	h, err := a.feedHandle(req.Feed)
	if err != nil {
		return err
	}
	return a.Feeds.Delete(ctx, c.Who.Actor, h)
}

// FeedGroupPath names a group in a feed.
type FeedGroupPath struct {
	FeedPath
	GroupPath
}

func (a *API) addFeedGroup(ctx context.Context, c *Caller, req *FeedGroupPath) error {
	return a.listing(ctx, c, req, a.Feeds.Add)
}

func (a *API) removeFeedGroup(ctx context.Context, c *Caller, req *FeedGroupPath) error {
	return a.listing(ctx, c, req, a.Feeds.Remove)
}

func (a *API) listing(
	ctx context.Context, c *Caller, req *FeedGroupPath, change func(context.Context, *community.Actor, community.Handle, community.Handle) error,
) error {
	feed, err := a.feedHandle(req.Feed)
	if err != nil {
		return err
	}
	group, err := a.handle(req.Group)
	if err != nil {
		return err
	}
	return change(ctx, c.Who.Actor, feed, group)
}

// GroupFeed answers one feed with the groups that it lists.
func (a *API) GroupFeed(ctx context.Context, c *Caller, req *FeedPath) (GroupFeed, error) {
	f, err := a.findFeed(ctx, c, req.Feed)
	if err != nil {
		return GroupFeed{}, err
	}
	if a.Resolver != nil {
		if f.Backfill, err = a.Resolver.FreshenFeed(ctx, c.Reader(), f.Actor); err != nil {
			return GroupFeed{}, err
		}
	}
	return a.groupFeedOf(f), nil
}

func (a *API) feedHandle(name string) (community.Handle, error) {
	h, ok := community.ParseHandle(name, a.host)
	if !ok {
		return h, fault.New(fault.NotFound, "There is no feed called %.100q here.", name)
	}
	return h, nil
}

func (a *API) findFeed(ctx context.Context, c *Caller, name string) (*community.Feed, error) {
	h, err := a.feedHandle(name)
	if err != nil {
		return nil, err
	}
	return a.Feeds.Find(ctx, c.Reader(), h)
}

// FeedPostsQuery asks for the posts of a feed's groups.
type FeedPostsQuery struct {
	FeedPath
	Sort   string `query:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered" doc:"Absent: as the caller likes it, or hot."`
	Within string `query:"within" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial: how young posts are. Absent: all."`
	Paging
}

// GroupFeedPosts lists what is known here of what is posted in a feed's
// groups.
func (a *API) GroupFeedPosts(ctx context.Context, c *Caller, q *FeedPostsQuery) (PostList, error) {
	f, err := a.findFeed(ctx, c, q.Feed)
	if err != nil {
		return PostList{}, err
	}
	return a.postList(ctx, c, community.FeedQuery{Listed: f.ID, Page: q.page()}, q.Sort, q.Within)
}

func (a *API) followFeed(ctx context.Context, c *Caller, req *FeedPath) (FeedFollow, error) {
	f, err := a.findFeed(ctx, c, req.Feed)
	if err != nil {
		return FeedFollow{}, err
	}
	follow, err := a.Feeds.Follow(ctx, c.Who.Actor, f.Actor, community.Origin{})
	if err != nil {
		return FeedFollow{}, err
	}
	return *feedFollowOf(follow), nil
}

func (a *API) unfollowFeed(ctx context.Context, c *Caller, req *FeedPath) error {
	f, err := a.findFeed(ctx, c, req.Feed)
	if err != nil {
		return err
	}
	return a.Feeds.Unfollow(ctx, c.Who.Actor, f.Actor, community.Origin{})
}

// feedRoutes is the part of the table of contents about lists of groups.
func (a *API) feedRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict

	s := section("Feeds")
	a.tasteRoutes()
	a.tagRoutes()
	handle(a, s.get("/feeds", "listFeeds", "List the feeds that you follow or keep").signedIn().fails(notFound).
		says("A feed is a list of groups that somebody keeps: here, or on another server, as Lemmy's multi-communities and PieFed's feeds."), a.GroupFeeds)
	handle(a, s.post("/feeds", "createFeed", "Make a feed, which you then keep").signedIn().creates().limited(a.limits.write).fails(forbidden, conflict).
		says("One person keeps at most 20."), a.createFeed)
	handle(a, s.get("/feeds/{feed}", "getFeed", "Read which groups a feed lists").fails(notFound).
		says("One that is not known here yet is found by resolve."), a.GroupFeed)
	handle(a, s.patch("/feeds/{feed}", "editFeed", "Change a feed you keep").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.editFeed)
	do(a, s.delete("/feeds/{feed}", "deleteFeed", "Delete a feed you keep").signedIn().fails(notFound, forbidden).
		says("For good: its name stays taken. Who administers the server may, too."), a.deleteFeed)
	do(a, s.put("/feeds/{feed}/groups/{group}", "addFeedGroup", "Put a group into a feed you keep").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Only one that everybody can read, and at most 200. One of another server has to be known here: see resolve."), a.addFeedGroup)
	do(a, s.delete("/feeds/{feed}/groups/{group}", "removeFeedGroup", "Take a group out of a feed you keep").signedIn().limited(a.limits.write).fails(notFound, forbidden),
		a.removeFeedGroup)
	handle(a, s.get("/feeds/{feed}/posts", "listFeedPosts", "List the posts of a feed's groups").fails(notFound).
		says("As far as they are known here: of groups that nobody here has joined, that may be little."), a.GroupFeedPosts)
	handle(a, s.put("/feeds/{feed}/follow", "followFeed", "Follow a feed").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Its server then tells of changes. You join none of its groups by that. Following again changes nothing."), a.followFeed)
	do(a, s.delete("/feeds/{feed}/follow", "unfollowFeed", "Follow a feed no more").signedIn().fails(notFound), a.unfollowFeed)
}
