package v1

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/fault"
)

// A GroupFeed is a list of groups that somebody on another server keeps.
type GroupFeed struct {
	Actor
	Summary     string      `json:"summary" doc:"Text."`
	SummaryHTML string      `json:"summary_html" doc:"The same, safe to show."`
	Follow      *FeedFollow `json:"follow" doc:"How the caller follows it; null for not."`
	Groups      []Group     `json:"groups,omitempty" nullable:"false" doc:"Only where one feed is asked for: those that are known here, by name."`
	Owners      []Actor     `json:"owners,omitempty" nullable:"false" doc:"Who keeps it; only where one feed is asked for."`
	Backfill    *Backfill   `json:"backfill,omitempty" doc:"What was read of it; only where one feed is asked for."`
}

// TransformSchema says that a follow may be null, which tags cannot say of
// objects.
func (*GroupFeed) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	known := s.Properties["follow"]
	s.Properties["follow"] = &huma.Schema{
		Description: known.Description,
		AnyOf:       []*huma.Schema{{Ref: known.Ref}, {Type: "null"}},
	}
	return s
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

func groupFeedOf(f *community.Feed) GroupFeed {
	return GroupFeed{
		Actor: actorOf(f.Actor), Summary: f.Summary, SummaryHTML: f.SummaryHTML, Follow: feedFollowOf(f.Follow),
		Groups: each(f.Groups, groupOf), Owners: each(f.Owners, actorOf), Backfill: backfillOf(f.Backfill),
	}
}

// FeedPath names a feed.
type FeedPath struct {
	Feed string `path:"feed" doc:"name@host." example:"growing@example.org"`
}

// GroupFeeds lists the feeds that the caller follows.
func (a *API) GroupFeeds(ctx context.Context, c *Caller, _ *None) (List[GroupFeed], error) {
	list, err := a.Feeds.Followed(ctx, c.Who.Actor)
	return listOf(list, "", groupFeedOf), err
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
	return groupFeedOf(f), nil
}

func (a *API) findFeed(ctx context.Context, c *Caller, name string) (*community.Feed, error) {
	h, ok := community.ParseHandle(name, a.host)
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no feed called %.100q here.", name)
	}
	return a.Feeds.Find(ctx, c.Reader(), h)
}

// FeedPostsQuery asks for the posts of a feed's groups.
type FeedPostsQuery struct {
	FeedPath
	Sort string `query:"sort" enum:"hot,new,top,active" default:"hot"`
	Paging
}

// GroupFeedPosts lists what is known here of what is posted in a feed's
// groups.
func (a *API) GroupFeedPosts(ctx context.Context, c *Caller, q *FeedPostsQuery) (List[Post], error) {
	f, err := a.findFeed(ctx, c, q.Feed)
	if err != nil {
		return List[Post]{}, err
	}
	rows, next, err := a.Posts.Feed(ctx, c.Reader(), community.FeedQuery{Listed: f.ID, Sort: community.Sort(q.Sort), Page: q.page()})
	return listOf(rows, next, postOf), err
}

func (a *API) followFeed(ctx context.Context, c *Caller, req *FeedPath) (FeedFollow, error) {
	f, err := a.findFeed(ctx, c, req.Feed)
	if err != nil {
		return FeedFollow{}, err
	}
	follow, err := a.Feeds.Follow(ctx, c.Who.Actor, f.Actor)
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
	return a.Feeds.Unfollow(ctx, c.Who.Actor, f.Actor)
}

// feedRoutes is the part of the table of contents about lists of groups.
func (a *API) feedRoutes() {
	const notFound, forbidden = fault.NotFound, fault.Forbidden

	s := section("Feeds")
	handle(a, s.get("/feeds", "listFeeds", "List the feeds that you follow").signedIn().
		says("A feed is a list of groups that somebody on another server keeps: Lemmy's multi-communities and PieFed's feeds."), a.GroupFeeds)
	handle(a, s.get("/feeds/{feed}", "getFeed", "Read which groups a feed lists").fails(notFound).
		says("One that is not known here yet is found by resolve."), a.GroupFeed)
	handle(a, s.get("/feeds/{feed}/posts", "listFeedPosts", "List the posts of a feed's groups").fails(notFound).
		says("As far as they are known here: of groups that nobody here has joined, that may be little."), a.GroupFeedPosts)
	handle(a, s.put("/feeds/{feed}/follow", "followFeed", "Follow a feed").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("Its server then tells of changes. You join none of its groups by that. Following again changes nothing."), a.followFeed)
	do(a, s.delete("/feeds/{feed}/follow", "unfollowFeed", "Follow a feed no more").signedIn().fails(notFound), a.unfollowFeed)
}
