package v1

import (
	"context"
	"io"
	"mime/multipart"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
)

// recordingTime is how long a film may take to arrive.
const recordingTime = 5 * time.Minute

// An Attachment is a picture, a film or a sound that is shown with something.
type Attachment struct {
	ID        int64                    `json:"id" example:"31"`
	Kind      community.AttachmentKind `json:"kind" enum:"image,video,audio"`
	URL       string                   `json:"url" doc:"The file. Pictures of other servers come through this one, and their addresses are relative to it; of films and sounds there it is where they are." example:"https://example.org/media/0f3b….webp"`
	Page      string                   `json:"page,omitempty" doc:"Of a picture: at most 1024 pixels wide or high."`
	Thumb     string                   `json:"thumb,omitempty" doc:"Of a picture: at most 400 pixels wide or high."`
	Width     int                      `json:"width,omitempty" doc:"In pixels, where it is known."`
	Height    int                      `json:"height,omitempty"`
	Blurhash  string                   `json:"blurhash,omitempty" doc:"What a picture looks like from afar."`
	Alt       string                   `json:"alt" doc:"What it shows, for those who cannot see or hear it."`
	MediaType string                   `json:"media_type,omitempty" example:"image/webp"`
	Moves     bool                     `json:"moves,omitempty" doc:"A picture that is an animation, in its largest size."`
	Size      int64                    `json:"size,omitempty" doc:"Of a film or a sound that is kept here: in bytes."`
	Foreign   bool                     `json:"foreign,omitempty" doc:"Kept on another server."`
}

func attachmentOf(a *community.Attachment) Attachment {
	out := Attachment{
		ID: int64(a.ID), Kind: a.Kind, URL: a.Address, Width: a.Width, Height: a.Height, Blurhash: a.Blurhash,
		Alt: a.Alt, MediaType: a.MediaType, Moves: a.Moves, Foreign: !a.Local(),
	}
	if a.Local() && a.Kind != community.ImageAttachment { // of a picture it is that of all its files
		out.Size = a.Size
	}
	if a.Kind == community.ImageAttachment {
		out.Page, out.Thumb = a.Shown(community.PageSize), a.Shown(community.ThumbSize)
		if !a.Local() {
			out.URL = a.Shown(community.FullSize)
		}
	}
	return out
}

// A Preview is what a page says about itself.
type Preview struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty" doc:"What the page calls the site that it is of."`
	Image       string `json:"image,omitempty" doc:"Through this server, at most 1024 pixels wide or high."`
	Thumb       string `json:"thumb,omitempty" doc:"The same, at most 400 pixels wide or high."`
}

// previewOf is what the page says that a post links to, nil where it says
// nothing.
func previewOf(v *community.PostView) *Preview {
	p := v.Preview
	if p.Empty() {
		return nil
	}
	return &Preview{
		Title: p.Title, Description: p.Description, Site: p.Site,
		Image: community.HandedOn("post", int64(v.ID), p.Image, community.PageSize),
		Thumb: community.HandedOn("post", int64(v.ID), p.Image, community.ThumbSize),
	}
}

// pictured is HTML whose pictures of other servers come through this one: they
// stand in an actor, a post or a comment.
func pictured(kind string, id int64, html string) string {
	return markup.Through(html, func(address string) string {
		return community.HandedOn(kind, id, address, community.PageSize)
	})
}

// unpictured is HTML with words in the place of pictures of other servers.
func unpictured(html string) string { return markup.Through(html, func(string) string { return "" }) }

func attachmentsOf(list []*community.Attachment) []Attachment { return each(list, attachmentOf) }

// idsOf are uploads as a request names them.
func idsOf(list []int64) []community.AttachmentID {
	ids := make([]community.AttachmentID, len(list))
	for i, id := range list {
		ids[i] = community.AttachmentID(id)
	}
	return ids
}

// chosenIn is what a request has something show; nil: it says nothing of it.
func chosenIn(list *[]int64) *[]community.AttachmentID {
	if list == nil {
		return nil
	}
	ids := idsOf(*list)
	return &ids
}

// mediaRoutes is the part of the table of contents about what people upload to
// show in what they write.
func (a *API) mediaRoutes() {
	s := section("Media")
	most := int64(mediaMax)
	if a.Media != nil { // the document alone is made without
		most = max(most, a.Media.Recording)
	}
	upload := s.post("/media", "uploadMedia", "Upload a picture, a film or a sound to show in a post or comment").signedIn().creates().
		limited(a.limits.media).takes(most+formRoom).fails(fault.Forbidden, fault.TooLarge).
		says("What it is called or said to be does not matter; what is in it does. A picture (JPEG, PNG, GIF or WebP, at most 8 MB) is made anew in three sizes, and nothing else that is in it is kept. Films and sounds stay as they are. What is shown nowhere within a day is forgotten.")
	upload.BodyReadTimeout = recordingTime
	handle(a, upload, a.uploadMedia)
	handle(a, s.get("/media/{id}", "getMedia", "Something that I uploaded").signedIn().fails(fault.NotFound), a.uploaded)
	handle(a, s.patch("/media/{id}", "describeMedia", "Say what something that I uploaded shows, for those who cannot see or hear it").signedIn().
		limited(a.limits.write).fails(fault.NotFound, fault.Forbidden), a.describeMedia)
	do(a, s.delete("/media/{id}", "discardMedia", "Forget something that I uploaded and show nowhere").signedIn().fails(fault.NotFound, fault.Conflict), a.discardMedia)
	handle(a, s.get("/me/media", "getMyMedia", "How much room my uploads take").signedIn(), a.mediaUse)
}

const (
	mediaMax = 8 << 20
	formRoom = 64 << 10 // bytes that a form takes around a file
)

type uploadForm struct {
	File huma.FormFile `form:"file" required:"true" doc:"The file."`
	Alt  string        `form:"alt" required:"false" doc:"What it shows, at most 1,500 characters. It can be said later."`
}

type mediaRequest struct {
	RawBody huma.MultipartFormFiles[uploadForm]
}

func (a *API) uploadMedia(ctx context.Context, c *Caller, req *mediaRequest) (Attachment, error) {
	defer func() { _ = req.RawBody.Form.RemoveAll() }() // nobody reads it any more
	form := req.RawBody.Data()
	file, err := contentOf(req.RawBody.Form)
	if err != nil {
		return Attachment{}, err
	}
	made, err := a.Media.Upload(ctx, c.Who.Actor, file, form.Alt)
	if err != nil {
		return Attachment{}, err
	}
	return attachmentOf(made), nil
}

// contentOf reads the file of a form.
func contentOf(form *multipart.Form) ([]byte, error) {
	files := form.File["file"]
	if len(files) != 1 {
		return nil, fault.Field("file", "Choose one file.")
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file) // the whole request is bounded
}

// MediaPath names an upload.
type MediaPath struct {
	ID int64 `path:"id" example:"31"`
}

func (a *API) uploaded(ctx context.Context, c *Caller, req *MediaPath) (Attachment, error) {
	found, err := a.Media.Uploaded(ctx, c.Who.Actor, community.AttachmentID(req.ID))
	if err != nil {
		return Attachment{}, err
	}
	return attachmentOf(found), nil
}

type describeRequest struct {
	MediaPath
	Body struct {
		Alt string `json:"alt" doc:"At most 1,500 characters; empty takes the description back." example:"A red apple on a wooden table."`
	}
}

func (a *API) describeMedia(ctx context.Context, c *Caller, req *describeRequest) (Attachment, error) {
	changed, err := a.Media.Describe(ctx, c.Who.Actor, community.AttachmentID(req.ID), req.Body.Alt)
	if err != nil {
		return Attachment{}, err
	}
	return attachmentOf(changed), nil
}

func (a *API) discardMedia(ctx context.Context, c *Caller, req *MediaPath) error {
	return a.Media.Discard(ctx, c.Who.Actor, community.AttachmentID(req.ID))
}

// MediaUse is how much room somebody's uploads take.
type MediaUse struct {
	Files     int64 `json:"files"`
	Bytes     int64 `json:"bytes"`
	Quota     int64 `json:"quota" doc:"Bytes that they may take together."`
	Recording int64 `json:"recording" doc:"Bytes that one film or sound may have; 0: this server takes none."`
}

func (a *API) mediaUse(ctx context.Context, c *Caller, _ *None) (MediaUse, error) {
	use, quota, err := a.Media.Use(ctx, c.Who.Actor)
	return MediaUse{Files: use.Files, Bytes: use.Bytes, Quota: quota, Recording: a.Media.Recording}, err
}
