package federation

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

// stockMedia adds a post with pictures and a film, and a comment with a
// picture.
func stockMedia(t *testing.T, db *storage.DB) {
	t.Helper()
	addTestPost(t, db, community.Post{ID: 89, GroupID: gardenID, AuthorID: aliceID, Kind: community.ImagePost, Title: "The wall, mended", Body: "![a stone](/media/0123456789abcdef.webp)", Language: "en"})
	addTestComment(t, db, community.Comment{ID: 189, PostID: 89, GroupID: gardenID, AuthorID: aliceID, Body: "And the gate."})
	for i, a := range []community.Attachment{
		{PostID: 89, Kind: community.ImageAttachment, MediaType: "image/webp", Name: "aaaaaaaaaaaaaaaa.webp", Width: 2048, Height: 1536, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj", Alt: "A wall under an evening sky, a gap in it closed with <new> stones"},
		{PostID: 89, Kind: community.ImageAttachment, MediaType: "image/gif", Name: "bbbbbbbbbbbbbbbb.gif", Width: 320, Height: 200, Moves: true},
		{PostID: 89, Kind: community.VideoAttachment, MediaType: "video/mp4", Name: "cccccccccccccccc.mp4", Alt: "How a cope is laid"},
		{PostID: 89, Kind: community.ImageAttachment, MediaType: "image/webp", Name: "0123456789abcdef.webp", Inline: true, Width: 10, Height: 10},
		{PostID: 89, CommentID: 189, Kind: community.ImageAttachment, MediaType: "image/webp", Name: "dddddddddddddddd.webp", Width: 800, Height: 600, Alt: "A gate"},
	} {
		a.OwnerID, a.Place, a.CreatedAt, a.Address = aliceID, i, noon, "https://home.test/media/"+a.Name
		if err := db.KeepMedia(t.Context(), a.Name, noon, noon); err != nil {
			t.Fatal(err)
		}
		if err := db.AddAttachments(t.Context(), []*community.Attachment{&a}); err != nil {
			t.Fatal(err)
		}
	}
}

// What is shown with a post or comment is told to everybody, with its
// description, and another server of this software reads the same.
func TestMediaIsTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockMedia(t, db)
		page := request(t, s, http.MethodGet, "/post/89").Body.Bytes()
		golden(t, "page_pictures", page)
		golden(t, "note_picture", request(t, s, http.MethodGet, "/comment/189").Body.Bytes())
		object, err := as.Parse(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		draft := s.draft(&received{}, object)
		want := []community.Attachment{
			{Kind: community.ImageAttachment, MediaType: "image/webp", Address: "https://home.test/media/aaaaaaaaaaaaaaaa.webp", Width: 2048, Height: 1536, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj", Alt: "A wall under an evening sky, a gap in it closed with <new> stones"},
			{Kind: community.ImageAttachment, MediaType: "image/gif", Address: "https://home.test/media/bbbbbbbbbbbbbbbb.gif", Width: 320, Height: 200},
			{Kind: community.VideoAttachment, MediaType: "video/mp4", Address: "https://home.test/media/cccccccccccccccc.mp4", Alt: "How a cope is laid"},
		}
		var got []community.Attachment
		for _, a := range draft.Attached {
			got = append(got, *a)
		}
		if diff := cmp.Diff(want, got); diff != "" || draft.Link != "" {
			t.Errorf("read back (-want +got), with link %q:\n%s", draft.Link, diff)
		}
	})
}

// Everybody attaches in their own way.
func TestMediaOfOthers(t *testing.T) {
	s := outWorld(t, testdb.SQLite(t))
	for name, test := range map[string]struct{ attachment, link, want string }{
		"a photo from Mastodon": {
			`[{"type":"Document","mediaType":"image/jpeg","url":"https://cdn.example/a/original/1.jpg","name":"Two dragons","blurhash":"USQv:h-W-qI-^,W;RPs=^-R%NZxbo#sDobSc","focalPoint":[0,0],"width":1500,"height":1095}]`,
			"", "image image/jpeg https://cdn.example/a/original/1.jpg 1500×1095 Two dragons",
		},
		"a film from Mastodon":     {`[{"type":"Document","mediaType":"video/mp4","url":"https://cdn.example/1.mp4","name":null}]`, "", "video video/mp4 https://cdn.example/1.mp4 0×0 "},
		"a sound from a microblog": {`{"type":"Audio","mediaType":"audio/mpeg","url":"https://cdn.example/1.mp3"}`, "", "audio audio/mpeg https://cdn.example/1.mp3 0×0 "},
		"a picture from Lemmy":     {`[{"type":"Link","href":"https://lemmy.example/pictrs/image/x.png"}]`, "", "image  https://lemmy.example/pictrs/image/x.png 0×0 "},
		"a newer one": {
			`[{"type":"Image","url":"https://lemmy.example/pictrs/image/x","mediaType":"image/png","name":"A dog"},{"type":"Link","href":"https://news.example/story","mediaType":"text/html"}]`,
			"https://news.example/story", "image image/png https://lemmy.example/pictrs/image/x 0×0 A dog",
		},
		"a link from Lemmy": {`[{"type":"Link","href":"https://news.example/story"}]`, "https://news.example/story", ""},
		"from Mbin": {
			`[{"type":"Link","href":"https://about.example"},{"type":"Image","mediaType":"image/png","url":"https://mbin.example/media/k.png","name":"kibby","width":96,"height":96,"focalPoint":[0,0]}]`,
			"https://about.example", "image image/png https://mbin.example/media/k.png 96×96 kibby",
		},
		"from PieFed":             {`[{"type":"Image","url":"https://piefed.example/static/media/p.webp","name":"A pie","altText":"no"}]`, "", "image  https://piefed.example/static/media/p.webp 0×0 A pie"},
		"from NodeBB":             {`[{"type":"Image","mediaType":"image/png","url":"https://forum.example/assets/uploads/1.png","width":1196,"height":745}]`, "", "image image/png https://forum.example/assets/uploads/1.png 1196×745 "},
		"shown in the text, too":  {`[{"type":"Image","mediaType":"image/png","url":"https://forum.example/in-text.png"}]`, "", ""},
		"a paper":                 {`[{"type":"Document","mediaType":"application/pdf","url":"https://cdn.example/1.pdf"}]`, "https://cdn.example/1.pdf", ""},
		"strange addresses":       {`[{"type":"Image","url":"javascript:alert(1)"},{"type":"Image","url":"data:image/png;base64,AA"},{"type":"Image"},"x",7,null]`, "", ""},
		"the same, again":         {`[{"type":"Image","url":"https://cdn.example/1.png"},{"type":"Document","mediaType":"image/png","url":"https://cdn.example/1.png"}]`, "", "image  https://cdn.example/1.png 0×0 "},
		"numbers without measure": {`[{"type":"Image","url":"https://cdn.example/1.png","width":-5,"height":1e30}]`, "", "image  https://cdn.example/1.png 0×0 "},
	} {
		object, err := as.Parse(t.Context(), []byte(`{"id":"https://a.example/1","type":"Note","content":"<p><img src=\"https://forum.example/in-text.png\"></p>","attachment":`+test.attachment+`}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		draft := s.draft(&received{}, object)
		var got []string
		for _, a := range draft.Attached {
			if a.Fit() {
				got = append(got, told(a))
			}
		}
		if text := strings.Join(got, "\n"); text != test.want || draft.Link != test.link {
			t.Errorf("%s: %q and %q, want %q and %q", name, draft.Link, text, test.link, test.want)
		}
	}
}

func told(a *community.Attachment) string {
	return fmt.Sprintf("%s %s %s %d×%d %s", a.Kind, a.MediaType, a.Address, a.Width, a.Height, a.Alt)
}
