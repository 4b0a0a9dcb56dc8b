package notifications

import (
	"context"
	"strconv"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

const (
	// mostNow is of how much one letter tells.
	mostNow = 20
	// digestHour is the hour, where somebody lives, of the letter of the day.
	digestHour = 8
)

// Tell has letters and browsers tell of what is due: at once, but after quiet
// hours. Of what somebody saw meanwhile they are not told again.
func (s *Service) Tell(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "notifications.Tell")
	due, err := s.DB.AccountsDue(ctx, s.Now(), mostTold)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.tellDue(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellDue(ctx context.Context, tx *storage.DB, id community.AccountID) error {
	account, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return err
	}
	profile, err := tx.Profile(ctx, account.ActorID)
	if err != nil {
		return err
	}
	now := community.Timestamp(s.Now())
	if until, quiet := community.Quiet(profile, now); quiet {
		return tx.TellLater(ctx, id, now, until)
	}
	list, err := tx.Untold(ctx, account, now, 10*mostNow)
	if err != nil {
		return err
	}
	var mail, push []*community.Notification
	for _, n := range list {
		if n.Push {
			push = append(push, n)
		}
		switch n.Mail {
		case community.MailNow:
			mail = append(mail, n)
		case community.MailDaily:
			if err := tx.ExpectDigest(ctx, id, nextDigest(profile, now)); err != nil {
				return err
			}
		}
	}
	if err := s.ring(ctx, tx, account, push); err != nil {
		return err
	}
	if err := s.write(ctx, tx, account, community.NoticeLetter, mail); err != nil {
		return err
	}
	return tx.Told(ctx, id, now)
}

// nextDigest is when the next letter of the day is due where somebody lives.
func nextDigest(profile *community.Profile, now time.Time) time.Time {
	zone, err := time.LoadLocation(profile.Zone)
	if err != nil {
		zone = time.UTC
	}
	wall := now.In(zone)
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), digestHour, 0, 0, 0, zone)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return community.Timestamp(at)
}

// Digest sends the letters of the day that are due.
func (s *Service) Digest(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "notifications.Digest")
	due, err := s.DB.DigestsDue(ctx, s.Now(), mostTold)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.digest(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) digest(ctx context.Context, tx *storage.DB, id community.AccountID) error {
	account, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return err
	}
	profile, err := tx.Profile(ctx, account.ActorID)
	if err != nil {
		return err
	}
	now := community.Timestamp(s.Now())
	if until, quiet := community.Quiet(profile, now); quiet {
		return tx.DigestLater(ctx, id, until)
	}
	list, err := tx.TakeDigest(ctx, account, now, 10*mostNow)
	if err != nil {
		return err
	}
	return s.write(ctx, tx, account, community.DigestLetter, list)
}

// write posts a letter that tells somebody of some notifications, what happened
// at one place as one.
func (s *Service) write(ctx context.Context, tx *storage.DB, account *community.Account, kind community.LetterKind, list []*community.Notification) error {
	if len(list) == 0 || !tx.SendsLetters() || account.VerifiedEmail() == "" {
		return nil
	}
	letter := community.Letter{Kind: kind, AccountID: account.ID, At: community.Timestamp(s.Now()), Unsubscribe: string(list[0].Kind.Topic())}
	places := map[string]int{}
	for _, n := range list {
		if string(n.Kind.Topic()) != letter.Unsubscribe {
			letter.Unsubscribe = community.AllTopics
		}
		if at, known := places[n.Bundle]; known && n.Bundle != "" {
			letter.Items[at].Others++
			continue
		}
		if len(letter.Items) == mostNow {
			letter.More++
			continue
		}
		item, err := s.item(ctx, tx, n)
		if fault.Is(err, fault.NotFound) {
			continue // gone meanwhile
		}
		if err != nil {
			return err
		}
		places[n.Bundle] = len(letter.Items)
		letter.Items = append(letter.Items, *item)
	}
	if len(letter.Items) == 0 {
		return nil
	}
	return tx.PostLetter(ctx, letter)
}

// mostSaid is how much of somebody's words a letter brings, in characters.
const mostSaid = 600

// item is a notification as a letter tells of it.
func (s *Service) item(ctx context.Context, tx *storage.DB, n *community.Notification) (*community.LetterItem, error) {
	by, err := tx.Actor(ctx, n.ActorID)
	if err != nil {
		return nil, err
	}
	item := &community.LetterItem{Kind: n.Kind, Who: by.DisplayName(), Many: n.Many, Path: "/notifications"}
	if n.GroupID != 0 {
		group, err := tx.Actor(ctx, n.GroupID)
		if err != nil {
			return nil, err
		}
		item.Group, item.Path = group.DisplayName(), "/c/"+group.Handle()
	}
	if n.PostID != 0 {
		post, err := tx.Post(ctx, n.PostID)
		if err != nil {
			return nil, err
		}
		item.Path = "/post/" + strconv.FormatInt(int64(post.ID), 10)
		if !post.Hidden() {
			item.Title = post.Title
			if n.CommentID == 0 && (n.Kind == community.Mention || n.Kind == community.Posted) {
				item.Text = excerpt(post.HTML)
			}
		}
	}
	if n.CommentID != 0 {
		c, err := tx.Comment(ctx, n.CommentID)
		if err != nil {
			return nil, err
		}
		item.Path = "/comment/" + strconv.FormatInt(int64(c.ID), 10)
		if !c.Hidden() && n.Kind != community.Voted {
			item.Text = excerpt(c.HTML)
		}
	}
	return item, nil
}

func excerpt(html string) string { return strings.TrimSpace(markup.Excerpt(html, mostSaid)) }
