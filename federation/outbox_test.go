package federation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

const (
	rawCreate = `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://lemmy.test/activities/create/1","type":"Create",` +
		`"actor":"https://lemmy.test/u/lena","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://home.test/c/garden"],` +
		`"object":{"id":"https://lemmy.test/post/70","type":"Page","attributedTo":"https://lemmy.test/u/lena","name":"Beans",  "odd":[1.50]}}`
	rawFollowAlice = `{"id":"https://masto.test/follow/2","type":"Follow","actor":"https://masto.test/users/mia","object":"https://home.test/u/alice"}`

	rawFollow = `{"id":"https://lemmy.test/activities/follow/1","type":"Follow","actor":"https://lemmy.test/u/lena",` +
		`"object":"https://home.test/c/garden"}`
	rawLike = `{"id":"https://lemmy.test/activities/like/1","type":"Like","actor":"https://lemmy.test/u/lena",` +
		`"object":"https://home.test/post/7","audience":"https://home.test/c/garden"}`
	rawGone = `{"id":"https://lemmy.test/activities/delete/2","type":"Delete","actor":"https://lemmy.test/u/lena",` +
		`"object":"https://lemmy.test/u/lena","removeData":true}`
	rawDelete = `{"id":"https://lemmy.test/activities/delete/1","type":"Delete","actor":"https://lemmy.test/u/mod",` +
		`"object":"https://home.test/post/7","summary":"spam"}`
	likeIRI = "https://home.test/activities/vote/00000000-0000-4000-8000-000000001111"
)

// garden has post 7 by alice and comment 9 on it by lena, and post 70 by lena
// with an answer 71 by alice; the Lemmy group cats has post 80 by nico, a link
// post 81 by alice, and comment 82 by alice on nico's.
func stock(t testing.TB, db *storage.DB) {
	t.Helper()
	addTestPost(t, db, community.Post{
		ID: 7, GroupID: gardenID, AuthorID: aliceID, Title: "Seedlings & co", Language: "en",
		Body: "Who has *tomatoes*?\n\n@nico@forum.test, @bob, `<b>`",
	})
	addTestComment(t, db, community.Comment{
		ID: 9, IRI: "https://lemmy.test/comment/9", PostID: 7, GroupID: gardenID, AuthorID: lenaID, HTML: "<p>I do</p>",
	})
	addTestComment(t, db, community.Comment{ID: 10, PostID: 7, ParentID: 9, GroupID: gardenID, AuthorID: aliceID, Body: "Swap?", Language: "en"})
	addTestPost(t, db, community.Post{ID: 70, IRI: "https://lemmy.test/post/70", GroupID: gardenID, AuthorID: lenaID, Title: "Beans", HTML: "<p>Beans</p>", RemovedIn: decisionID})
	addTestComment(t, db, community.Comment{ID: 71, PostID: 70, GroupID: gardenID, AuthorID: aliceID, Body: "Lovely."})
	addTestPost(t, db, community.Post{ID: 80, IRI: "https://forum.test/topic/80", GroupID: catsID, AuthorID: nicoID, Title: "Cats"})
	addTestPost(t, db, community.Post{ID: 81, GroupID: catsID, AuthorID: aliceID, Title: "A cat", Link: "https://pics.test/cat"})
	addTestComment(t, db, community.Comment{ID: 82, PostID: 80, GroupID: catsID, AuthorID: aliceID, Body: "Purr"})
	addTestPost(t, db, community.Post{ID: 90, IRI: "https://masto.test/statuses/90", GroupID: gardenID, AuthorID: miaID, Title: "Peas"})
	addTestComment(t, db, community.Comment{ID: 91, PostID: 90, GroupID: gardenID, AuthorID: aliceID, Body: "Peas!"})
}

func about(kind community.FactKind, by, group community.ActorID, post community.PostID, comment community.CommentID) community.Fact {
	return community.Fact{Kind: kind, ActorID: by, GroupID: group, PostID: post, CommentID: comment}
}

func with(f community.Fact, changes ...func(*community.Fact)) community.Fact {
	for _, change := range changes {
		change(&f)
	}
	return f
}

func whom(id community.ActorID) func(*community.Fact) {
	return func(f *community.Fact) { f.TargetID = id }
}

func raw(body string) func(*community.Fact) { return func(f *community.Fact) { f.Raw = []byte(body) } }

func vote(value, previous int, iri string) func(*community.Fact) {
	return func(f *community.Fact) { f.Value, f.Previous, f.IRI = value, previous, iri }
}

const (
	toGarden     = "https://lemmy.test/u/lena/inbox"
	toNico       = "https://forum.test/uid/7/inbox"
	toMia        = "https://masto.test/users/mia/inbox"
	toCats       = "https://lemmy.test/c/cats/inbox"
	wrapped      = "Announce by garden to followers of garden, wrapped"
	boosted      = "Announce by garden to followers of garden, boosted"
	contextMoved = "Move by garden to followers of garden, of contexts"
	shownAgain   = "Announce by meadow to followers of meadow, but on Lemmy"
	undoBoost    = "Undo by garden to followers of garden, boosted"
	reason       = "spam"
	followIRI    = "https://home.test/activities/follow/00000000-0000-4000-8000-000000002222"
	unsayable    = "::not a URL"
	noActivity   = ""
	decisionID   = 5 // took down post 70
)

// Each fact becomes these rows of the log; goldens names the file that holds
// the document of each, "" for one that another case shows.
var outCases = []struct {
	name    string
	before  []community.Fact
	fact    community.Fact
	want    []string
	goldens []string
}{
	{
		"a post here", nil, about(community.PostPublished, aliceID, gardenID, 7, 0),
		[]string{"Create by alice to followers of alice", "Create by alice to " + toNico, wrapped, boosted},
		[]string{"create_page", "", "announce_create_page", "announce_page"},
	},
	{
		"a post here from elsewhere", nil, with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)),
		[]string{wrapped, boosted},
		[]string{"announce_received_create", ""},
	},
	{
		"a post here that was fetched", nil, about(community.PostPublished, lenaID, gardenID, 70, 0),
		[]string{boosted},
		nil,
	},
	{
		"a post elsewhere", nil, about(community.PostPublished, aliceID, catsID, 81, 0),
		[]string{"Create by alice to followers of alice", "Create by alice to " + toCats},
		[]string{"create_page_elsewhere", ""},
	},
	{"a post elsewhere from elsewhere", nil, with(about(community.PostPublished, nicoID, catsID, 80, 0), raw(rawCreate)), nil, nil},
	{
		"a post told twice",
		[]community.Fact{about(community.PostPublished, aliceID, gardenID, 7, 0)},
		about(community.PostPublished, aliceID, gardenID, 7, 0), nil, nil,
	},
	{
		"an answer here", nil, about(community.CommentPublished, aliceID, gardenID, 7, 10),
		[]string{"Create by alice to followers of alice", "Create by alice to " + toGarden, wrapped},
		[]string{"create_note", "", "announce_create_note"},
	},
	{
		"an answer to a microblog", nil, about(community.CommentPublished, aliceID, gardenID, 90, 91),
		[]string{"Create by alice to followers of alice", "Create by alice to " + toMia, wrapped},
		[]string{"create_note_to_microblog", "", ""},
	},
	{
		"an answer here from elsewhere", nil, with(about(community.CommentPublished, lenaID, gardenID, 7, 9), raw(rawCreate)),
		[]string{wrapped},
		nil,
	},
	{
		"an answer elsewhere", nil, about(community.CommentPublished, aliceID, catsID, 80, 82),
		[]string{"Create by alice to followers of alice", "Create by alice to " + toCats, "Create by alice to " + toNico},
		[]string{"create_note_elsewhere", "", ""},
	},
	{
		"an edited post", nil, about(community.PostEdited, aliceID, gardenID, 7, 0),
		[]string{
			"Update by alice to followers of alice", "Update by alice to followers of garden, boosted",
			"Update by alice to " + toNico, wrapped,
		},
		[]string{"update_page", "", "", "announce_update_page"},
	},
	{
		"an edited post from elsewhere", nil, with(about(community.PostEdited, lenaID, gardenID, 70, 0), raw(rawCreate)),
		[]string{wrapped},
		nil,
	},
	{
		"an edited answer", nil, about(community.CommentEdited, aliceID, gardenID, 7, 10),
		[]string{"Update by alice to followers of alice", "Update by alice to " + toGarden, wrapped},
		[]string{"update_note", "", ""},
	},
	{
		"a deleted post",
		[]community.Fact{about(community.PostPublished, aliceID, gardenID, 7, 0)},
		about(community.PostDeleted, aliceID, gardenID, 7, 0),
		[]string{
			undoBoost, "Delete by alice to followers of alice", "Delete by alice to followers of garden, boosted",
			"Delete by alice to " + toNico, wrapped,
		},
		[]string{"undo_announce_page", "delete_page", "", "", "announce_delete_page"},
	},
	{
		"a deleted post from elsewhere",
		[]community.Fact{with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate))},
		with(about(community.PostDeleted, lenaID, gardenID, 70, 0), raw(rawDelete)),
		[]string{undoBoost, wrapped},
		nil,
	},
	{
		"a deleted answer",
		[]community.Fact{about(community.CommentPublished, aliceID, catsID, 80, 82)},
		about(community.CommentDeleted, aliceID, catsID, 80, 82),
		[]string{"Delete by alice to followers of alice", "Delete by alice to " + toCats, "Delete by alice to " + toNico},
		[]string{"delete_note", "", ""},
	},
	{
		"a removed post",
		[]community.Fact{with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate))},
		with(about(community.PostRemoved, aliceID, gardenID, 70, 0), func(f *community.Fact) { f.Reason = reason }),
		[]string{undoBoost, "Delete by alice to nobody", wrapped},
		[]string{"undo_announce_received_page", "remove_page", "announce_remove_page"},
	},
	{
		"a post removed from elsewhere",
		[]community.Fact{about(community.PostPublished, aliceID, gardenID, 7, 0)},
		with(about(community.PostRemoved, catsModID, gardenID, 7, 0), raw(rawDelete)),
		[]string{undoBoost, wrapped},
		[]string{"", "announce_received_remove"},
	},
	{
		"a post removed elsewhere", nil, about(community.PostRemoved, aliceID, catsID, 80, 0),
		[]string{"Delete by alice to " + toCats},
		[]string{"remove_page_elsewhere"},
	},
	{
		"a removed answer", nil, about(community.CommentRemoved, aliceID, gardenID, 7, 9),
		[]string{"Delete by alice to nobody", wrapped},
		[]string{"remove_note", ""},
	},
	{
		"a restored post",
		[]community.Fact{
			with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)),
			with(about(community.PostRemoved, aliceID, gardenID, 70, 0), func(f *community.Fact) { f.Reason = reason }),
		},
		about(community.PostRestored, aliceID, gardenID, 70, 0),
		[]string{boosted, "Undo by alice to nobody", wrapped},
		[]string{"announce_page_again", "undo_remove_page", "announce_undo_remove_page"},
	},
	{
		"an answer restored by another moderator",
		[]community.Fact{about(community.CommentRemoved, bobID, gardenID, 7, 9)},
		about(community.CommentRestored, aliceID, gardenID, 7, 9),
		[]string{"Undo by alice to nobody", wrapped},
		[]string{"undo_remove_note", ""},
	},
	{
		"a post removed with its answers", nil,
		with(about(community.PostRemoved, aliceID, gardenID, 7, 0), func(f *community.Fact) { f.Reason, f.Value = reason, 1 }),
		[]string{"Delete by alice to nobody", wrapped},
		[]string{"remove_page_with_replies", ""},
	},
	{
		"a locked thread", nil, with(about(community.PostLocked, aliceID, gardenID, 7, 0), func(f *community.Fact) { f.Reason = "Said." }),
		[]string{"Lock by alice to nobody", wrapped},
		[]string{"lock_page", "announce_lock_page"},
	},
	{
		"a locked branch elsewhere", nil, about(community.CommentLocked, aliceID, catsID, 80, 82),
		[]string{"Lock by alice to " + toCats},
		[]string{"lock_note_elsewhere"},
	},
	{
		"a lock from elsewhere", nil, with(about(community.PostLocked, lenaID, gardenID, 7, 0), raw(rawDelete)),
		[]string{wrapped},
		nil,
	},
	{
		"an opened thread",
		[]community.Fact{about(community.PostLocked, aliceID, gardenID, 7, 0)},
		about(community.PostUnlocked, aliceID, gardenID, 7, 0),
		[]string{"Undo by alice to nobody", wrapped},
		[]string{"undo_lock_page", ""},
	},
	{
		"an opened thread from elsewhere", nil, with(about(community.PostUnlocked, lenaID, gardenID, 7, 0), raw(rawDelete)),
		[]string{wrapped},
		nil,
	},
	{
		"a post on top", nil, about(community.PostFeatured, aliceID, gardenID, 7, 0),
		[]string{"Add by alice to nobody", wrapped},
		[]string{"add_featured", "announce_add_featured"},
	},
	{
		"a post no more on top, elsewhere", nil, about(community.PostUnfeatured, aliceID, catsID, 80, 0),
		[]string{"Remove by alice to " + toCats},
		[]string{"remove_featured_elsewhere"},
	},
	{
		"a post called sensitive", nil, about(community.PostMarked, aliceID, gardenID, 70, 0),
		[]string{"Update by alice to nobody", wrapped},
		[]string{"update_page_by_moderator", ""},
	},
	{
		"a thread that moved",
		[]community.Fact{about(community.PostPublished, aliceID, gardenID, 7, 0)},
		with(about(community.PostMoved, aliceID, gardenID, 7, 0), whom(meadowID), func(f *community.Fact) { f.Reason = "Better there." }),
		[]string{"Move by alice to nobody", extended, contextMoved, undoBoost, shownAgain},
		[]string{"move_page", "announce_move_page", "move_context", "undo_announce_moved_page", "announce_page_moved"},
	},
	{
		"a thread that a moderator elsewhere moved", nil, with(about(community.PostMoved, lenaID, gardenID, 7, 0), whom(meadowID), raw(rawDelete)),
		[]string{extended, contextMoved, shownAgain},
		nil,
	},
	{
		"a thread that moved elsewhere", nil, with(about(community.PostMoved, nicoID, catsID, 80, 0), whom(meadowID), raw(rawDelete)),
		nil, nil,
	},
	{
		"a new moderator", nil, with(about(community.ModeratorAdded, aliceID, gardenID, 0, 0), whom(lenaID)),
		[]string{"Add by alice to " + toGarden, wrapped},
		[]string{"add_moderator", "announce_add_moderator"},
	},
	{
		"a new moderator on a microblog", nil, with(about(community.ModeratorAdded, aliceID, gardenID, 0, 0), whom(miaID)),
		[]string{"Add by alice to nobody", wrapped},
		nil,
	},
	{
		"a moderator less, elsewhere", nil, with(about(community.ModeratorRemoved, aliceID, catsID, 0, 0), whom(lenaID)),
		[]string{"Remove by alice to " + toCats},
		[]string{"remove_moderator_elsewhere"},
	},
	{
		"a ban with an end",
		[]community.Fact{with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate))},
		with(about(community.MemberBanned, aliceID, gardenID, 0, 0), whom(lenaID), func(f *community.Fact) {
			f.Reason, f.Until, f.Value, f.ItemID = reason, noon.AddDate(0, 0, 7), 1, decisionID
		}),
		[]string{undoBoost, "Block by alice to " + toGarden, wrapped},
		[]string{"", "block_member", "announce_block_member"},
	},
	{
		"a ban for good elsewhere", nil,
		with(about(community.MemberBanned, aliceID, catsID, 0, 0), whom(nicoID), func(f *community.Fact) { f.Until = community.Forever }),
		[]string{"Block by alice to " + toCats},
		[]string{"block_member_elsewhere"},
	},
	{
		"a ban on a microblog, which would take it for a personal block", nil,
		with(about(community.MemberBanned, aliceID, gardenID, 0, 0), whom(miaID), func(f *community.Fact) { f.Until = community.Forever }),
		[]string{"Block by alice to nobody", wrapped},
		nil,
	},
	{
		"a ban of somebody on a server for groups that follows nothing here", nil,
		with(about(community.MemberBanned, aliceID, gardenID, 0, 0), whom(nicoID), func(f *community.Fact) { f.Until = community.Forever }),
		[]string{"Block by alice to https://forum.test/uid/7/inbox", wrapped},
		nil,
	},
	{
		"a ban from elsewhere", nil, with(about(community.MemberBanned, lenaID, gardenID, 0, 0), whom(nicoID), raw(rawDelete)),
		[]string{wrapped},
		nil,
	},
	{
		"a lifted ban",
		[]community.Fact{with(about(community.MemberBanned, aliceID, gardenID, 0, 0), whom(lenaID), func(f *community.Fact) { f.Until = community.Forever })},
		with(about(community.MemberUnbanned, aliceID, gardenID, 0, 0), whom(lenaID), func(f *community.Fact) { f.Value = 1 }),
		[]string{"Undo by alice to " + toGarden, wrapped},
		[]string{"undo_block_member", ""},
	},
	{
		"a lifted ban from elsewhere", nil, with(about(community.MemberUnbanned, lenaID, gardenID, 0, 0), whom(nicoID), raw(rawDelete)),
		[]string{wrapped},
		nil,
	},
	{
		"a ban from this server", nil,
		with(about(community.PersonBanned, aliceID, 0, 0, 0), whom(nicoID), func(f *community.Fact) { f.Reason, f.Until = reason, community.Forever }),
		[]string{"Block by alice to everybody"},
		[]string{"block_person"},
	},
	{
		"a lifted ban from this server",
		[]community.Fact{with(about(community.PersonBanned, bobID, 0, 0, 0), whom(nicoID), func(f *community.Fact) { f.Until = community.Forever })},
		with(about(community.PersonUnbanned, aliceID, 0, 0, 0), whom(nicoID)),
		[]string{"Undo by alice to everybody"},
		[]string{"undo_block_person"},
	},
	{
		"a ban from another server", nil,
		with(about(community.PersonBanned, catsModID, 0, 0, 0), whom(nicoID), func(f *community.Fact) { f.IRI = "lemmy.test" }),
		nil, nil,
	},
	{
		"a vote here", nil, with(about(community.VoteCast, bobID, gardenID, 7, 0), vote(1, 0, likeIRI)),
		[]string{"Like by bob to nobody", wrapped},
		[]string{"like_page", "announce_like_page"},
	},
	{
		"a vote here for somebody elsewhere", nil, with(about(community.VoteCast, bobID, gardenID, 90, 0), vote(1, 0, likeIRI)),
		[]string{"Like by bob to " + toMia, wrapped},
		nil,
	},
	{
		"a vote against", nil, with(about(community.VoteCast, bobID, gardenID, 7, 9), vote(-1, 0, likeIRI)),
		[]string{"Dislike by bob to nobody", wrapped},
		[]string{"dislike_note", ""},
	},
	{
		"a favourite becomes a vote against", nil, with(about(community.VoteCast, bobID, gardenID, 90, 0), vote(-1, 1, likeIRI)),
		[]string{"Undo by bob to " + toMia + " (private)", "Dislike by bob to nobody", wrapped},
		nil,
	},
	{
		"a vote taken back", nil, with(about(community.VoteCast, bobID, gardenID, 90, 0), vote(0, 1, likeIRI)),
		[]string{"Undo by bob to " + toMia, wrapped},
		[]string{"undo_like_page", ""},
	},
	{
		"a vote against taken back", nil, with(about(community.VoteCast, bobID, gardenID, 90, 0), vote(0, -1, likeIRI)),
		[]string{"Undo by bob to nobody", wrapped},
		[]string{"undo_dislike_page", ""},
	},
	{
		"a vote from elsewhere", nil, with(about(community.VoteCast, lenaID, gardenID, 7, 0), func(f *community.Fact) {
			f.Value, f.Raw = 1, []byte(rawLike)
		}),
		[]string{wrapped},
		[]string{"announce_received_like"},
	},
	{
		"a vote elsewhere", nil, with(about(community.VoteCast, aliceID, catsID, 80, 82), vote(1, 0, likeIRI)),
		[]string{"Like by alice to " + toCats},
		[]string{"like_note_elsewhere"},
	},
	{"a vote elsewhere from elsewhere", nil, with(about(community.VoteCast, nicoID, catsID, 80, 0), vote(1, 0, "https://forum.test/like/1")), nil, nil},
	{"a vote for what is gone", nil, with(about(community.VoteCast, bobID, gardenID, 404, 0), vote(1, 0, likeIRI)), nil, nil},
	{
		"asking to join elsewhere", nil, with(about(community.MemberAsked, bobID, catsID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Follow by bob to " + toCats + " (private)"},
		[]string{"follow"},
	},
	{
		"leaving elsewhere", nil, with(about(community.MemberLeft, bobID, catsID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Undo by bob to " + toCats + " (private)"},
		[]string{"undo_follow"},
	},
	{
		"following a person elsewhere", nil, with(about(community.PersonFollowed, bobID, miaID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Follow by bob to " + toMia + " (private)"},
		[]string{"follow_person"},
	},
	{
		"following them no more", nil, with(about(community.PersonUnfollowed, bobID, miaID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Undo by bob to " + toMia + " (private)"},
		[]string{"undo_follow_person"},
	},
	{"following a person of this server from here", nil, about(community.FollowerJoined, bobID, aliceID, 0, 0), nil, nil},
	{"what a person elsewhere said", nil, with(about(community.FollowGranted, miaID, miaID, 0, 0), whom(bobID)), nil, nil},
	{
		"following a feed elsewhere", nil, with(about(community.FeedFollowed, bobID, petsID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Follow by bob to https://lemmy.test/inbox (private)"},
		[]string{"follow_feed"},
	},
	{
		"following it no more", nil, with(about(community.FeedLeft, bobID, petsID, 0, 0), vote(0, 0, followIRI)),
		[]string{"Undo by bob to https://lemmy.test/inbox (private)"},
		[]string{"undo_follow_feed"},
	},
	{
		"joining from elsewhere", nil, with(about(community.MemberJoined, lenaID, gardenID, 0, 0), raw(rawFollow)),
		[]string{"Accept by garden to " + toGarden + " (private)"},
		[]string{"accept_follow"},
	},
	{
		"joining from elsewhere, the Follow forgotten", nil,
		with(about(community.MemberJoined, lenaID, gardenID, 0, 0), vote(0, 0, "https://lemmy.test/activities/follow/1")),
		[]string{"Accept by garden to " + toGarden + " (private)"},
		nil,
	},
	{
		"refused from elsewhere", nil, with(about(community.MemberRefused, lenaID, gardenID, 0, 0), raw(rawFollow)),
		[]string{"Reject by garden to " + toGarden + " (private)"},
		[]string{"reject_follow"},
	},
	{
		"letting somebody follow", nil,
		with(with(about(community.FollowerAdmitted, aliceID, aliceID, 0, 0), raw(rawFollowAlice)), func(f *community.Fact) { f.TargetID = miaID }),
		[]string{"Accept by alice to " + toMia + " (private)"},
		[]string{"accept_follower"},
	},
	{
		"refusing a follower, the Follow forgotten", nil,
		with(about(community.FollowerRefused, aliceID, aliceID, 0, 0), func(f *community.Fact) { f.TargetID, f.IRI = miaID, "https://masto.test/follow/2" }),
		[]string{"Reject by alice to " + toMia + " (private)"},
		[]string{"reject_follower"},
	},
	{"asking to follow", nil, with(about(community.FollowerAsked, miaID, aliceID, 0, 0), raw(rawFollowAlice)), nil, nil},
	{
		"following a person here", nil, with(about(community.FollowerJoined, miaID, aliceID, 0, 0), raw(rawFollow)),
		[]string{"Accept by alice to " + toMia + " (private)"},
		nil,
	},
	{"joining here", nil, about(community.MemberJoined, bobID, gardenID, 0, 0), nil, nil},
	{"leaving from elsewhere", nil, about(community.MemberLeft, lenaID, gardenID, 0, 0), nil, nil},
	{"refused elsewhere", nil, about(community.MemberRefused, bobID, catsID, 0, 0), nil, nil},
	{
		"an edited group", nil, about(community.GroupEdited, aliceID, gardenID, 0, 0),
		[]string{"Update by garden to followers of garden", "Update by alice to nobody", wrapped},
		[]string{"update_group", "", "announce_update_group"},
	},
	{
		"an edited person", nil, about(community.PersonEdited, aliceID, 0, 0, 0),
		[]string{"Update by alice to followers of alice", "Update by alice to " + toCats},
		[]string{"update_person", ""},
	},
	{
		"a person who moved", nil, with(about(community.ActorMoved, aliceID, 0, 0, 0), func(f *community.Fact) { f.TargetID = miaID }),
		[]string{"Move by alice to followers of alice", "Move by alice to https://masto.test/users/mia/inbox"},
		[]string{"move_person", ""},
	},
	{
		"a group that moved", nil, with(about(community.ActorMoved, gardenID, gardenID, 0, 0), func(f *community.Fact) { f.TargetID = catsID }),
		[]string{"Move by garden to followers of garden"},
		[]string{"move_group"},
	},
	{"somebody elsewhere who moved", nil, with(about(community.ActorMoved, lenaID, 0, 0, 0), func(f *community.Fact) { f.TargetID = miaID }), nil, nil},
	{
		"somebody elsewhere who is gone", nil, with(about(community.PersonGone, lenaID, 0, 0, 0), raw(rawGone)),
		[]string{"Announce by garden to followers of garden, wrapped"},
		[]string{"announce_received_delete_person"},
	},
	{
		"somebody of ours who is gone", nil, about(community.PersonGone, aliceID, 0, 0, 0),
		[]string{"Delete by alice to everybody"},
		[]string{"delete_person"},
	},
	{
		"somebody of ours who is gone with all they wrote", nil, with(about(community.PersonGone, aliceID, 0, 0, 0), func(f *community.Fact) { f.Value = 1 }),
		[]string{"Delete by alice to everybody"},
		[]string{"delete_person_data"},
	},
	{"somebody elsewhere who was found to be gone", nil, about(community.PersonGone, lenaID, 0, 0, 0), nil, nil},
	{"a new group", nil, about(community.GroupCreated, aliceID, gardenID, 0, 0), nil, nil},
	{"a fact of tomorrow", nil, about("comet_seen", aliceID, gardenID, 0, 0), nil, nil},
}

func TestFactsBecomeActivities(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stock(t, db)
		for _, test := range outCases {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					tell(t, s, test.before...)
					rows := tell(t, s, test.fact)
					var got []string
					for i, row := range rows {
						got = append(got, describe(t, s, row))
						if i < len(test.goldens) && test.goldens[i] != noActivity {
							golden(t, test.goldens[i], row.Body)
						}
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
					if test.fact.Kind != community.MemberBanned { // what is taken down with it lies in many threads
						checkRows(t, rows)
					}
				})
			})
		}
	})
}

// undone runs f in a transaction that leaves nothing behind, so that the cases
// of a table share a world.
func undone(t *testing.T, db *storage.DB, f func(tx *storage.DB)) {
	t.Helper()
	over := errors.New("over")
	err := db.InTx(t.Context(), func(tx *storage.DB) error {
		f(tx)
		return over
	})
	if !errors.Is(err, over) {
		t.Error(err)
	}
}

// checkRows holds every row to what all of them promise.
func checkRows(t *testing.T, rows []*community.Activity) {
	t.Helper()
	for _, row := range rows {
		doc, err := as.Parse(t.Context(), row.Body)
		if err != nil {
			t.Errorf("%s: %v", row.IRI, err)
			continue
		}
		iri, _, _ := strings.Cut(row.IRI, "#")
		if doc.ID() != iri || doc.Kind() != row.Kind {
			t.Errorf("row %s %s holds %s %s", row.Kind, row.IRI, doc.Kind(), doc.ID())
		}
		if row.Lane < 0 || row.Lane != rows[0].Lane {
			t.Errorf("%s left lane %d for %d", row.IRI, rows[0].Lane, row.Lane)
		}
		for _, key := range []string{"to", "cc"} {
			if list := doc.RawOf(key); !strings.HasPrefix(string(list), "[") {
				t.Errorf("%s of %s is no array: %s", key, row.IRI, list)
			}
		}
		if doc.IsPublic() != (row.Public || strings.Contains(row.IRI, "#")) && row.Kind != as.KindUndo {
			t.Errorf("%s is public by its row %v, by its address %v", row.IRI, row.Public, doc.IsPublic())
		}
	}
}

func TestReceivedBytesAreAnnouncedAsTheyCame(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		rows := tell(t, s, with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)))
		if !strings.Contains(string(rows[0].Body), rawCreate) {
			t.Errorf("the Announce has other bytes:\n%s", rows[0].Body)
		}
	})
}

func TestOneOddFactDoesNotFailTheBatch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		rows := tell(t, s,
			about(community.PostPublished, aliceID, gardenID, 404, 0),
			about(community.PostPublished, 404, gardenID, 7, 0),
			with(about(community.VoteCast, lenaID, gardenID, 7, 0), func(f *community.Fact) { f.Value, f.Raw = 1, []byte("{not JSON") }),
			with(about(community.VoteCast, bobID, gardenID, 7, 0), vote(1, 0, unsayable)),
			about(community.CommentEdited, aliceID, gardenID, 7, 404),
			about(community.PersonEdited, 404, 0, 0, 0),
			with(about(community.VoteCast, lenaID, gardenID, 7, 0), func(f *community.Fact) { f.Value, f.Raw = 1, []byte(rawLike) }),
		)
		if len(rows) != 1 || rows[0].Kind != as.KindAnnounce {
			t.Errorf("%d rows, want the Announce of the only fact that makes sense", len(rows))
		}
	})
}

func TestADeadDatabaseFailsTheBatch(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	stock(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := db.InTx(t.Context(), func(tx *storage.DB) error {
		return s.outbox(ctx, tx, []community.Fact{about(community.PostPublished, aliceID, gardenID, 7, 0)})
	})
	if err == nil {
		t.Error("a batch that could not be stored counts as read")
	}
}

func TestWhatIsTakenBackBeforeAnybodyHeard(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		addTestPost(t, db, community.Post{ID: 7, GroupID: gardenID, AuthorID: aliceID, DeletedAt: noon})
		rows := tell(t, s,
			about(community.PostPublished, aliceID, gardenID, 7, 0),
			about(community.PostEdited, aliceID, gardenID, 7, 0),
			about(community.PostDeleted, aliceID, gardenID, 7, 0),
		)
		if i := slices.IndexFunc(rows, func(a *community.Activity) bool { return a.Kind == as.KindCreate || a.Kind == as.KindUpdate }); i >= 0 {
			t.Errorf("told of deleted words: %s", rows[i].Body)
		}
	})
}

func TestVotesThatNobodyHears(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		for _, peer := range []community.PeerID{lemmyID, mastoID} {
			if err := db.DropAudience(t.Context(), gardenID, peer); err != nil {
				t.Fatal(err)
			}
		}
		rows := tell(t, s, with(about(community.VoteCast, lenaID, gardenID, 7, 0), func(f *community.Fact) { f.Value, f.Raw = 1, []byte(rawLike) }))
		if len(rows) != 0 {
			t.Errorf("%d rows for a group that nobody elsewhere follows", len(rows))
		}
	})
}

// Peers of each form must get what they understand, once, through the query
// that delivery asks.
func TestWhoHearsAPost(t *testing.T) {
	tests := []struct {
		software string
		peer     community.PeerID
		want     []string
	}{
		{"lemmy", lemmyID, []string{wrapped}},
		{"mastodon", mastoID, []string{"Create by alice to followers of alice", boosted}},
		{"novelty", lemmyID, []string{wrapped, boosted}},
		{"nodebb", nodebbID, []string{"Create by alice to " + toNico}},
	}
	for _, test := range tests {
		t.Run(test.software, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				s := outWorld(t, db)
				stock(t, db)
				tell(t, s, about(community.PostPublished, aliceID, gardenID, 7, 0))
				rows, err := db.ActivitiesFor(t.Context(), &community.Peer{ID: test.peer, Software: test.software}, 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, row := range rows {
					got = append(got, describe(t, s, row))
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("deliveries (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func BenchmarkAnnouncedVotes(b *testing.B) {
	db := testdb.SQLite(b)
	s := outWorld(b, db)
	stock(b, db)
	fact := with(about(community.VoteCast, lenaID, gardenID, 7, 0), func(f *community.Fact) { f.Value, f.Raw, f.At = 1, []byte(rawLike), noon })
	facts := slices.Repeat([]community.Fact{fact}, 500)
	for b.Loop() {
		if err := db.InTx(b.Context(), func(tx *storage.DB) error { return s.outbox(b.Context(), tx, facts) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/500, "µs/vote")
}
