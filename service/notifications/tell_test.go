package notifications_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/storage"
)

// letters are those that wait to be sent.
func (w *world) letters(t *testing.T) []community.Letter {
	t.Helper()
	var list []community.Letter
	lanes, err := w.db.DueLanes(t.Context(), noon.Add(1000*time.Hour))
	w.check(t, err)
	jobs, err := w.db.DueJobs(t.Context(), lanes, noon.Add(1000*time.Hour), 100)
	w.check(t, err)
	for _, job := range jobs {
		var letter community.Letter
		if job.Kind == community.JobLetter {
			w.check(t, json.Unmarshal(job.Body, &letter))
			list = append(list, letter)
		}
	}
	return list
}

// reads gives an account an address that its owner reads, and ways for answers.
func (w *world) reads(t *testing.T, name string, mail community.MailWay) {
	t.Helper()
	w.db.SendLetters(true)
	account := w.accounts[name]
	account.SetEmail(name+"@mail.test", noon)
	w.check(t, w.db.SaveAccount(t.Context(), account))
	w.check(t, w.notes.Choose(t.Context(), account, community.NoticeChoice{Topic: community.AboutReplies, Page: true, Mail: mail}))
}

func (w *world) at(at time.Time) *notifications.Service {
	return &notifications.Service{DB: w.db, Now: func() time.Time { return at }}
}

// asks has ada begin a thread, and others answer it.
func (w *world) asks(t *testing.T, answers ...string) *community.Post {
	t.Helper()
	post, err := w.posts.Publish(t.Context(), w.people["ada"], w.garden, posts.Draft{Title: "Which <b>stones</b>?"})
	w.check(t, err)
	for _, name := range answers {
		_, err := w.posts.Comment(t.Context(), w.people[name], post.ID, 0, posts.Draft{Body: "Flat *ones*, says " + name})
		w.check(t, err)
	}
	w.read(t)
	return post
}

func TestLettersAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.reads(t, "ada", community.MailNow)
		w.asks(t, "bo", "mod")
		for range 2 { // the second time there is nothing more to tell
			w.check(t, w.notes.Tell(t.Context()))
		}
		letters := w.letters(t)
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		l := letters[0]
		if l.Kind != community.NoticeLetter || l.To != "ada@mail.test" || l.Unsubscribe != "replies" || len(l.Items) != 1 || l.Items[0].Others != 1 ||
			l.Items[0].Title != "Which <b>stones</b>?" || !strings.HasPrefix(l.Items[0].Text, "Flat ones, says") || !strings.HasPrefix(l.Items[0].Path, "/comment/") {
			t.Errorf("the letter is %+v", l)
		}
	})
}

// In quiet hours nobody is written to, nor of what they have seen when these
// are over.
func TestQuietHoursHoldLetters(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.reads(t, "ada", community.MailNow)
		// It is noon in London, and eight in the evening in Shanghai.
		w.check(t, db.SaveProfile(ctx, &community.Profile{ActorID: w.people["ada"].ID, Zone: "Asia/Shanghai", QuietFrom: 19 * 60, QuietTo: 7 * 60, UpdatedAt: noon}))
		w.asks(t, "bo")
		w.check(t, w.notes.Tell(ctx))
		w.check(t, w.at(noon.Add(10*time.Hour)).Tell(ctx)) // six in the morning
		if n := len(w.letters(t)); n != 0 {
			t.Fatalf("%d letters in quiet hours", n)
		}
		if n := w.unread(t, "ada"); n != 1 {
			t.Errorf("the page shows %d", n)
		}
		w.check(t, w.at(noon.Add(11*time.Hour)).Tell(ctx))
		if n := len(w.letters(t)); n != 1 {
			t.Errorf("%d letters when they are over", n)
		}
		w.asks(t, "mod")
		w.check(t, w.notes.Tell(ctx))
		w.check(t, db.ReadUpTo(ctx, w.accounts["ada"].ID, 1000))
		w.check(t, w.at(noon.Add(35*time.Hour)).Tell(ctx))
		if n := len(w.letters(t)); n != 1 {
			t.Errorf("%d letters, one of them of what was seen", n)
		}
	})
}

func TestTheLetterOfTheDay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.reads(t, "ada", community.MailDaily)
		w.asks(t, "bo", "mod")
		other := w.asks(t, "bo")
		w.check(t, w.notes.Tell(ctx))
		for _, at := range []time.Time{noon, noon.Add(19 * time.Hour)} { // until eight in the morning
			w.check(t, w.at(at).Digest(ctx))
		}
		if n := len(w.letters(t)); n != 0 {
			t.Fatalf("%d letters before the morning", n)
		}
		for range 2 {
			w.check(t, w.at(noon.Add(20*time.Hour)).Digest(ctx))
		}
		letters := w.letters(t)
		if len(letters) != 1 || letters[0].Kind != community.DigestLetter || len(letters[0].Items) != 2 {
			t.Fatalf("in the morning: %+v", letters)
		}
		// What was in a letter is not in the next one, nor is what somebody says
		// whom ada keeps away by then.
		_, err := w.posts.Comment(ctx, w.people["mod"], other.ID, 0, posts.Draft{Body: "x"})
		w.check(t, err)
		w.check(t, db.SaveBlock(ctx, &community.Block{OwnerID: w.people["ada"].ID, Kind: community.BlockPerson, TargetID: w.people["mod"].ID, Mute: true, Places: community.Everywhere, CreatedAt: noon}))
		w.check(t, w.at(noon.Add(21*time.Hour)).Tell(ctx))
		w.check(t, w.at(noon.Add(45*time.Hour)).Digest(ctx))
		if n := len(w.letters(t)); n != 1 {
			t.Errorf("%d letters", n)
		}
	})
}

func TestUnsubscribing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.reads(t, "ada", community.MailNow)
		token, err := w.notes.Unsubscribing(ctx, w.accounts["ada"].ID, "replies")
		w.check(t, err)
		again, err := w.notes.Unsubscribing(ctx, w.accounts["ada"].ID, "replies")
		if err != nil || again != token {
			t.Errorf("the next letter has another link, %v", err)
		}
		bos, err := w.notes.Unsubscribing(ctx, w.accounts["bo"].ID, community.AllTopics)
		w.check(t, err)
		for _, wrong := range []string{"", "x", token[1:], token + "A", "A" + token, token[:22] + bos[22:], strings.Repeat("a", 10_000), "\x00\u202e"} {
			if _, err := w.notes.Unsubscribe(ctx, wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		w.asks(t, "bo")
		if u, err := w.notes.Unsubscription(ctx, token); err != nil || u.Actor.Name != "ada" || len(u.Topics) != 1 {
			t.Errorf("the link is for %+v, %v", u, err)
		}
		for range 2 { // a mail program may ask twice
			if _, err := w.notes.Unsubscribe(ctx, token); err != nil {
				t.Error(err)
			}
		}
		w.asks(t, "mod")
		w.check(t, w.notes.Tell(ctx))
		if n := len(w.letters(t)); n != 0 {
			t.Errorf("%d letters after the last one", n)
		}
		if n := w.unread(t, "ada"); n < 2 {
			t.Errorf("the page shows %d", n)
		}
		u, err := w.notes.Unsubscribe(ctx, bos)
		if err != nil || len(u.Topics) != len(community.NoticeTopics) {
			t.Errorf("of all: %+v, %v", u, err)
		}
		list, err := w.notes.Choices(ctx, w.accounts["bo"])
		w.check(t, err)
		for _, c := range list {
			if c.Mail != community.MailOff || !c.Page {
				t.Errorf("bo chose %+v", c)
			}
		}
	})
}
