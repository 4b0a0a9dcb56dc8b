package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/media"
)

// uploadTime is how long a picture may take to arrive; the answer must be sent
// within a minute.
const uploadTime = 50 * time.Second

// pictureRoutes is the part of the table of contents about pictures of people
// and groups.
func (a *API) pictureRoutes() {
	const taken = "The body is the file itself: JPEG, PNG, GIF or WebP, at most 8 MB; what it is called or said to be does not matter. It is made anew in two sizes, and nothing else that is in it is kept."
	upload := func(o op) op {
		o.BodyReadTimeout = uploadTime
		return o.signedIn().limited(a.limits.upload).takes(media.MaxUpload).fails(fault.Forbidden).says(taken)
	}
	s := section("Me")
	handle(a, upload(s.put("/me/avatar", "setMyAvatar", "Show a picture of me")), a.setMine(community.Avatar))
	do(a, s.delete("/me/avatar", "deleteMyAvatar", "Show no picture of me").signedIn().fails(fault.Forbidden), a.dropMine(community.Avatar))
	handle(a, upload(s.put("/me/banner", "setMyBanner", "Show a wide picture over my page")), a.setMine(community.Banner))
	do(a, s.delete("/me/banner", "deleteMyBanner", "Show no wide picture over my page").signedIn().fails(fault.Forbidden), a.dropMine(community.Banner))

	s = section("Groups")
	handle(a, upload(s.put("/groups/{group}/avatar", "setGroupAvatar", "Show a picture of a group you moderate")).scope(community.ScopeModerate).fails(fault.NotFound), a.setGroups(community.Avatar))
	do(a, s.delete("/groups/{group}/avatar", "deleteGroupAvatar", "Show no picture of a group you moderate").scope(community.ScopeModerate).signedIn().fails(fault.NotFound, fault.Forbidden), a.dropGroups(community.Avatar))
	handle(a, upload(s.put("/groups/{group}/banner", "setGroupBanner", "Show a wide picture over a group you moderate")).scope(community.ScopeModerate).fails(fault.NotFound), a.setGroups(community.Banner))
	do(a, s.delete("/groups/{group}/banner", "deleteGroupBanner", "Show no wide picture over a group you moderate").scope(community.ScopeModerate).signedIn().fails(fault.NotFound, fault.Forbidden), a.dropGroups(community.Banner))
	a.mediaRoutes()
}

type uploadRequest struct {
	RawBody []byte `contentType:"application/octet-stream"`
}

type groupUploadRequest struct {
	GroupPath
	RawBody []byte `contentType:"application/octet-stream"`
}

// Pictures are the addresses of what somebody or a group shows.
type Pictures struct {
	Icon  string `json:"icon,omitempty" doc:"A square picture."`
	Small string `json:"icon_small,omitempty" doc:"The same small, for beside the name."`
	Image string `json:"image,omitempty" doc:"A wide picture."`
}

func picturesOf(a *community.Actor) Pictures {
	return Pictures{Icon: a.Icon, Small: a.SmallIcon(), Image: a.Image}
}

func (a *API) setMine(use community.PictureUse) func(context.Context, *Caller, *uploadRequest) (Pictures, error) {
	return func(ctx context.Context, c *Caller, req *uploadRequest) (Pictures, error) {
		me := c.Who.Actor
		if err := a.Media.Set(ctx, me, me, use, req.RawBody); err != nil {
			return Pictures{}, err
		}
		fresh, err := a.Accounts.Person(ctx, community.Handle{Name: me.Name})
		if err != nil {
			return Pictures{}, err
		}
		return picturesOf(fresh), nil
	}
}

func (a *API) dropMine(use community.PictureUse) func(context.Context, *Caller, *None) error {
	return func(ctx context.Context, c *Caller, _ *None) error {
		return a.Media.Remove(ctx, c.Who.Actor, c.Who.Actor, use)
	}
}

func (a *API) setGroups(use community.PictureUse) func(context.Context, *Caller, *groupUploadRequest) (Pictures, error) {
	return func(ctx context.Context, c *Caller, req *groupUploadRequest) (Pictures, error) {
		g, err := a.findGroup(ctx, c, req.Group)
		if err != nil {
			return Pictures{}, err
		}
		if err := a.Media.Set(ctx, c.Who.Actor, g.Actor, use, req.RawBody); err != nil {
			return Pictures{}, err
		}
		if g, err = a.findGroup(ctx, c, req.Group); err != nil {
			return Pictures{}, err
		}
		return picturesOf(g.Actor), nil
	}
}

func (a *API) dropGroups(use community.PictureUse) func(context.Context, *Caller, *GroupPath) error {
	return func(ctx context.Context, c *Caller, req *GroupPath) error {
		g, err := a.findGroup(ctx, c, req.Group)
		if err != nil {
			return err
		}
		return a.Media.Remove(ctx, c.Who.Actor, g.Actor, use)
	}
}

type takePictureRequest struct {
	PersonPath
	Body TakenPicture
}

// TakenPicture is what is taken away, and why.
type TakenPicture struct {
	Picture community.PictureUse `json:"picture" enum:"avatar,banner"`
	Reason  string               `json:"reason" doc:"Who showed it reads this."`
}

func (a *API) takePicture(ctx context.Context, c *Caller, req *takePictureRequest) error {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Moderation.TakePicture(ctx, c.Who.Actor, person, req.Body.Picture, req.Body.Reason)
}
