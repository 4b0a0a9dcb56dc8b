package portability_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/portability"
	"drystone/storage"
)

// archived writes an archive to its end and unpacks it.
func archived(t *testing.T, s *portability.Service, account *community.Account) map[string][]byte {
	t.Helper()
	if _, err := s.Begin(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	p, err := s.Export(t.Context(), account)
	for ; err == nil && p.State == community.ExportRunning; p, err = s.Export(t.Context(), account) {
		list := jobs(t, s.DB, portability.JobExport)
		if err := s.WriteExport(t.Context(), list[len(list)-1]); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	archive, err := s.Archive(t.Context(), account, p.Name)
	if err != nil {
		t.Fatal(err)
	}
	return contents(t, archive)
}

// ourselves is a second person and a group, beside ann.
func ourselves(t *testing.T, db *storage.DB) (bob, garden *community.Actor) {
	t.Helper()
	bob = &community.Actor{Kind: community.Person, Name: "bob", Fold: "bob", IRI: "https://home.test/u/bob", CreatedAt: noon, UpdatedAt: noon}
	garden = &community.Actor{Kind: community.GroupKind, Name: "garden", Fold: "garden", IRI: "https://home.test/c/garden", CreatedAt: noon, UpdatedAt: noon}
	testdb.Add(t, db, bob)
	testdb.Add(t, db, garden)
	return bob, garden
}

// What somebody holds, asked for, decided and chose is in the archive, and no
// secret is.
func TestTheArchiveTellsWhereSomebodyStands(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s, account := newService(t, db, 0)
		ann := account.ActorID
		bob, garden := ourselves(t, db)
		secret := bytes.Repeat([]byte("hush"), 8)
		client := &community.Client{Key: "k", Method: "none", Name: "Tusk", URI: "https://tusk.example", Redirects: "https://tusk.example/r", CreatedAt: noon}
		testdb.Add(t, db, client)
		invite := &community.Invite{Hash: secret, CreatorID: ann, Note: "for neighbours", Uses: 5, Used: 1, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
		testdb.Add(t, db, invite)
		post := &community.Post{IRI: "https://home.test/post/1", GroupID: garden.ID, AuthorID: bob.ID, Kind: community.PollPost, Title: "Which?", CreatedAt: noon, ArrivedAt: noon}
		testdb.Add(t, db, post)
		testdb.Add(t, db, &community.Poll{PostID: post.ID, Ours: true})
		option := &community.PollOption{PostID: post.ID, Text: "Potatoes"}
		testdb.Add(t, db, option)
		for _, row := range []any{
			&community.RoleGrant{GroupID: garden.ID, ActorID: ann, RoleKey: community.Events, GrantedBy: bob.ID, StartsAt: noon, EndedAt: noon.Add(time.Minute), Note: "for the fair", CreatedAt: noon},
			&community.Handover{GroupID: garden.ID, FromID: bob.ID, ToID: ann, State: community.HandoverOpen, OfferedAt: noon, EndsAt: noon.Add(time.Hour)},
			&community.GroupClaim{GroupID: garden.ID, ActorID: ann, Reason: "Nobody waters it", State: community.HandoverOpen, CreatedAt: noon},
			&community.Permit{AccountID: account.ID, ClientID: client.ID, Scopes: "read write", CreatedAt: noon},
			&community.Session{AccountID: account.ID, Kind: community.TokenSession, Name: "backup script", Hash: secret, Scopes: "read", CreatedAt: noon},
			&community.RecoveryCode{AccountID: account.ID, Hash: secret, CreatedAt: noon},
			&community.Introduction{ActorID: bob.ID, InviteID: invite.ID, CreatedAt: noon},
			&community.Admission{ActorID: ann, State: "admitted", Answers: []community.Answer{{Question: "Why?", Text: "For the beans"}}, CreatedAt: noon},
			&community.PollVote{PostID: post.ID, ActorID: ann, OptionID: option.ID, CreatedAt: noon},
			&community.Quote{IRI: "https://home.test/quotes/1", PostID: post.ID, GroupID: garden.ID, AuthorID: ann, ActorID: bob.ID, Instrument: "https://far.example/1", CreatedAt: noon},
			&community.Decision{Kind: community.PostRemoved, ActorID: ann, GroupID: garden.ID, TargetID: bob.ID, Reason: "Spam", CreatedAt: noon},
			&community.Follow{FollowerID: bob.ID, TargetID: ann, State: community.Accepted, CreatedAt: noon},
			&community.Facet{GroupID: garden.ID, ActorID: ann, Title: "Ann of the beans", UpdatedAt: noon},
			&community.Profile{ActorID: ann, Languages: "en de", Interests: "beans", Zone: "Europe/Berlin", QuietFrom: 1320, QuietTo: 420, UpdatedAt: noon},
			&community.ProfileField{ActorID: ann, Name: "Web", Value: "https://ann.example"},
		} {
			testdb.Add(t, db, row)
		}
		s.Documents = []portability.Document{portability.Views(func(_ context.Context, _ *community.Actor, p community.Page) ([]*community.SeenView, string, error) {
			v := &community.SeenView{PersonView: &community.PersonView{Screen: "members", Role: "moderator", At: noon}, Group: garden}
			if p.After == "" {
				return []*community.SeenView{v}, "on", nil
			}
			return []*community.SeenView{v}, "", nil
		})}
		files := archived(t, s, account)
		for file, want := range map[string][]string{
			"roles.json":      {"for the fair", garden.IRI, bob.IRI, "ended_at"},
			"handovers.json":  {`"kind":"handover"`, `"kind":"claim"`, "Nobody waters it"},
			"apps.json":       {"Tusk", "read write", "backup script"},
			"sessions.json":   {"recovery_code"},
			"invites.json":    {"for neighbours", bob.IRI},
			"arrival.json":    {"For the beans", "Why?"},
			"poll_votes.json": {"Potatoes", post.IRI},
			"quotes.json":     {"https://far.example/1", bob.IRI},
			"moderation.json": {"Spam", bob.IRI},
			"followers.csv":   {"bob@home.test,accepted"},
			"facets.json":     {"Ann of the beans", "garden@home.test"},
			"settings.json":   {"Europe/Berlin", "https://ann.example", `"beans"`, `"de"`},
			"views.json":      {"moderator", garden.IRI},
		} {
			text := string(files[file])
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s has no %q: %s", file, w, text)
				}
			}
			if strings.HasSuffix(file, ".json") && !json.Valid(files[file]) {
				t.Errorf("%s is no JSON: %s", file, text)
			}
		}
		for name, text := range files {
			if bytes.Contains(text, []byte("hush")) || bytes.Contains(text, []byte("aHVzaGh1c2")) {
				t.Errorf("%s holds a secret", name)
			}
		}
	})
}

// Pictures are in the archive as files, with what they are; one that is gone
// when the archive is fetched is said to be, and one that cannot be read breaks
// the transfer instead of cutting it short.
func TestPicturesAreInTheArchive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s, account := newService(t, db, 0)
		for use, name := range map[community.PictureUse]string{community.Avatar: "aaa.jpg", community.Banner: "bbb.png"} {
			if err := db.KeepMedia(t.Context(), name, noon, noon); err != nil {
				t.Fatal(err)
			}
			testdb.Add(t, db, &community.Picture{ActorID: account.ActorID, Use: use, Name: name, CreatedAt: noon})
		}
		for range 2 { // one file, shown twice
			if err := db.KeepMedia(t.Context(), "ccc.jpg", noon, noon); err != nil {
				t.Fatal(err)
			}
			testdb.Add(t, db, &community.Attachment{OwnerID: account.ActorID, Kind: "image", Name: "ccc.jpg", Address: "https://home.test/media/ccc.jpg", Alt: "beans", CreatedAt: noon})
		}
		s.Open = func(_ context.Context, name string) (io.ReadCloser, error) {
			if name == "bbb.png" {
				return nil, fault.New(fault.NotFound, "gone")
			}
			return io.NopCloser(strings.NewReader("a face")), nil
		}
		files := archived(t, s, account)
		if string(files["media/avatar.jpg"]) != "a face" {
			t.Errorf("the face is %q", files["media/avatar.jpg"])
		}
		var list []struct {
			File, SHA256 string
			Size         int64
			Missing      bool
			Alt          string
		}
		if err := json.Unmarshal(files["media.json"], &list); err != nil || len(list) != 3 || list[0].File != "media/avatar.jpg" ||
			list[0].Size != 6 || len(list[0].SHA256) != 64 || !list[1].Missing || list[2].File != "media/ccc.jpg" || list[2].Alt != "beans" || string(files["media/ccc.jpg"]) != "a face" {
			t.Errorf("media.json is %s, %v", files["media.json"], err)
		}
		s.Open = func(context.Context, string) (io.ReadCloser, error) { return nil, errors.New("the disk is gone") }
		p, err := s.Export(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		archive, err := s.Archive(t.Context(), account, p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := archive.Send(t.Context(), io.Discard); err == nil {
			t.Error("an archive without its pictures is said to be whole")
		}
	})
}
