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
	return s.unlessQuiet(ctx, due, (*storage.DB).TellLater, s.tellDue)
}

// A reader is somebody who is told something at a moment.
type reader struct {
	*community.Account
	profile *community.Profile
	now     time.Time
}

// unlessQuiet does something for accounts, each in a transaction of its own, or
// puts it off to the end of their quiet hours.
func (s *Service) unlessQuiet(
	ctx context.Context, due []community.AccountID,
	later func(tx *storage.DB, ctx context.Context, id community.AccountID, now, until time.Time) error,
	do func(ctx context.Context, tx *storage.DB, r reader) error,
) error {
	for _, id := range due {
		err := s.DB.InTx(ctx, func(tx *storage.DB) error {
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
				return later(tx, ctx, id, now, until)
			}
			return do(ctx, tx, reader{account, profile, now})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellDue(ctx context.Context, tx *storage.DB, r reader) error {
	list, err := tx.Untold(ctx, r.Account, r.now, 10*mostNow)
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
			if err := tx.ExpectDigest(ctx, r.ID, nextDigest(r.profile, r.now)); err != nil {
				return err
			}
		}
	}
	if err := s.ring(ctx, tx, r.Account, push); err != nil {
		return err
	}
	if err := s.write(ctx, tx, r.Account, community.NoticeLetter, mail); err != nil {
		return err
	}
	return tx.Told(ctx, r.ID, r.now)
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
	later := func(tx *storage.DB, ctx context.Context, id community.AccountID, _, until time.Time) error {
		return tx.DigestLater(ctx, id, until)
	}
	return s.unlessQuiet(ctx, due, later, s.digest)
}

func (s *Service) digest(ctx context.Context, tx *storage.DB, r reader) error {
	list, err := tx.TakeDigest(ctx, r.Account, r.now, 10*mostNow)
	if err != nil {
		return err
	}
	return s.write(ctx, tx, r.Account, community.DigestLetter, list)
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
