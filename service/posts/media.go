package posts

import (
	"context"
	"slices"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// A frame is the post or comment that shows pictures, films and sounds.
type frame struct {
	post    community.PostID
	comment community.CommentID
	html    string
}

// illustrate has a new post or comment show what its author uploaded for it, or
// what came with it from elsewhere.
func (s *Service) illustrate(ctx context.Context, tx *storage.DB, by *community.Actor, in frame, draft Draft) error {
	if by.Local() {
		return s.hang(ctx, tx, by, in, draft.Media)
	}
	return s.hangForeign(ctx, tx, by, in, draft.Attached)
}

// reillustrate has what was edited show other things; nil: its gallery stays as
// it is.
func (s *Service) reillustrate(ctx context.Context, tx *storage.DB, by *community.Actor, in frame, change Change) error {
	if !by.Local() {
		if change.Attached == nil {
			return nil
		}
		return s.hangForeign(ctx, tx, by, in, *change.Attached)
	}
	if change.Media != nil {
		return s.hang(ctx, tx, by, in, *change.Media)
	}
	if change.Body == nil {
		return nil
	}
	shown, err := tx.AttachmentsIn(ctx, in.post, in.comment)
	if err != nil {
		return err
	}
	var ids []community.AttachmentID
	for _, a := range shown {
		if !a.Inline {
			ids = append(ids, a.ID)
		}
	}
	return s.hang(ctx, tx, by, in, ids)
}

// hang shows uploads beside a text in an order, and notes those that stand in
// the text itself. What was shown before and is not any more is forgotten.
func (s *Service) hang(ctx context.Context, tx *storage.DB, by *community.Actor, in frame, ids []community.AttachmentID) error {
	if err := community.CheckAttachments(ids); err != nil {
		return err
	}
	shown, err := tx.AttachmentsIn(ctx, in.post, in.comment)
	if err != nil {
		return err
	}
	named := s.uploadsIn(in.html)
	if len(ids) == 0 && len(named) == 0 && len(shown) == 0 {
		return nil
	}
	list, err := chosen(ctx, tx, by, in, ids)
	if err != nil {
		return err
	}
	inText, err := tx.UploadsNamed(ctx, by.ID, named, in.post, in.comment)
	if err != nil {
		return err
	}
	for _, a := range inText {
		if !slices.Contains(ids, a.ID) {
			a.Inline = true
			list = append(list, a)
		}
	}
	for place, a := range list {
		a.PostID, a.CommentID, a.Place = in.post, in.comment, place
		if err := tx.SaveAttachment(ctx, a); err != nil {
			return err
		}
	}
	for _, a := range shown {
		if !slices.ContainsFunc(list, func(b *community.Attachment) bool { return b.ID == a.ID }) {
			if err := tx.DropAttachment(ctx, a.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// chosen are uploads of by in the order of ids, none of which is shown
// elsewhere.
func chosen(ctx context.Context, tx *storage.DB, by *community.Actor, in frame, ids []community.AttachmentID) ([]*community.Attachment, error) {
	found, err := tx.AttachmentsOf(ctx, by.ID, ids)
	if err != nil {
		return nil, err
	}
	list := make([]*community.Attachment, 0, len(ids))
	for _, id := range ids {
		at := slices.IndexFunc(found, func(a *community.Attachment) bool { return a.ID == id })
		if at < 0 {
			return nil, fault.Field("media", "Upload %d is not there any more: what is not shown within a day is forgotten. Choose the file again.", id)
		}
		a := found[at]
		if a.PostID != 0 && (a.PostID != in.post || a.CommentID != in.comment) {
			return nil, fault.Field("media", "Upload %d is shown in something else that you wrote. Choose the file again.", id)
		}
		a.Inline = false
		list = append(list, a)
	}
	return list, nil
}

// hangForeign shows what another server says a text shows.
func (s *Service) hangForeign(ctx context.Context, tx *storage.DB, by *community.Actor, in frame, list []*community.Attachment) error {
	shown, err := tx.AttachmentsIn(ctx, in.post, in.comment)
	if err != nil {
		return err
	}
	var fit []*community.Attachment
	for _, a := range list {
		if a.Fit() && len(fit) < community.MaxAttachments {
			a.OwnerID, a.PostID, a.CommentID, a.Place, a.CreatedAt = by.ID, in.post, in.comment, len(fit), s.now()
			fit = append(fit, a)
		}
	}
	if slices.EqualFunc(shown, fit, sameAttachment) {
		return nil
	}
	if len(shown) > 0 {
		if err := tx.DropAttachmentsIn(ctx, in.post, in.comment); err != nil {
			return err
		}
	}
	return tx.AddAttachments(ctx, fit)
}

func sameAttachment(a, b *community.Attachment) bool {
	return a.Address == b.Address && a.Alt == b.Alt && a.Kind == b.Kind && a.MediaType == b.MediaType &&
		a.Width == b.Width && a.Height == b.Height && a.Blurhash == b.Blurhash
}

// uploadsIn are the names of files of ours that a text of ours shows.
func (s *Service) uploadsIn(html string) []string {
	var names []string
	for _, address := range markup.Pictures(html) {
		if name, ok := strings.CutPrefix(strings.TrimPrefix(address, s.Origin), community.MediaPath); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// showing is the kind of a post that is a text otherwise, by whether something
// is shown beside it.
func showing(kind community.PostKind, shows bool) community.PostKind {
	switch {
	case kind != "" && kind != community.TextPost && kind != community.ImagePost:
		return kind
	case shows:
		return community.ImagePost
	}
	return community.TextPost
}

// lookAt has somebody find out later what a post links to.
func (s *Service) lookAt(ctx context.Context, tx *storage.DB, group *community.Actor, link string) error {
	job := community.PreviewJob(link, s.Origin, group, s.now())
	if job == nil {
		return nil
	}
	known, err := tx.Preview(ctx, link)
	if err == nil && s.now().Before(known.RetryAt) {
		return nil
	}
	if err := unlessAbsent(err); err != nil {
		return err
	}
	_, err = tx.AddJobs(ctx, []*community.Job{job})
	return err
}

// lookAgain is lookAt where somebody reads a post whose preview is old.
func (s *Service) lookAgain(ctx context.Context, v *community.PostView) error {
	if v.Hidden() || v.Link == "" || v.Preview == nil || s.now().Before(v.Preview.RetryAt) {
		return nil
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return s.lookAt(ctx, tx, v.Group, v.Link) })
}
