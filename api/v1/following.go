package v1

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
)

// A Following is how the caller follows somebody.
type Following struct {
	State    string     `json:"state" enum:"requested,accepted,refused" doc:"requested: they did not answer yet. refused: they do not want that."`
	Since    time.Time  `json:"since"`
	AskAgain *time.Time `json:"ask_again_at" doc:"Who was refused can ask again then."`
}

// TransformSchema says that a follow may be null.
func (Person) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return orNull(s, "follow")
}

func followingOf(f *community.Follow) *Following {
	if f == nil {
		return nil
	}
	shown := &Following{State: string(f.State), Since: instant(f.CreatedAt), AskAgain: maybe(f.RestsUntil())}
	if f.State == community.Pending {
		shown.State = "requested"
	}
	return shown
}

// A Followee is somebody whom the caller follows, or asked to.
type Followee struct {
	Actor  Actor     `json:"actor"`
	Follow Following `json:"follow"`
}

func followeeOf(f *community.Follower) Followee {
	return Followee{Actor: actorOf(f.Actor), Follow: *followingOf(f.Follow)}
}

// FollowingQuery asks for whom the caller follows.
type FollowingQuery struct{ Paging }

// Following lists whom the caller follows.
func (a *API) Following(ctx context.Context, c *Caller, q *FollowingQuery) (List[Followee], error) {
	rows, next, err := a.Options.Groups.Following(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, followeeOf), err
}

// peopleOf are people with how the caller follows them.
func (a *API) peopleOf(ctx context.Context, c *Caller, people ...*community.Actor) ([]Person, error) {
	follows, err := a.Options.Groups.HowFollowed(ctx, c.Reader(), people...)
	return each(people, func(p *community.Actor) Person {
		shown := personOf(p)
		shown.Follow = followingOf(follows[p.ID])
		return shown
	}), err
}

func (a *API) followed(ctx context.Context, c *Caller, person *community.Actor) (Person, error) {
	shown, err := a.peopleOf(ctx, c, person)
	return shown[0], err
}

func (a *API) followPerson(ctx context.Context, c *Caller, req *PersonPath) (Following, error) {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return Following{}, err
	}
	follow, err := a.Options.Groups.FollowPerson(ctx, c.Who.Actor, person, false)
	if err != nil {
		return Following{}, err
	}
	return *followingOf(follow), nil
}

func (a *API) unfollowPerson(ctx context.Context, c *Caller, req *PersonPath) error {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Options.Groups.Unfollow(ctx, c.Who.Actor, person, community.Origin{})
}
