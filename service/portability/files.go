package portability

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"drystone/community"
)

// A stage reads some of the rows of a file that come after one, and says which
// was the last and whether there may be more.
type stage func(ctx context.Context, x *exporting, after int64) (rows [][]byte, last int64, more bool, err error)

// A file is one file of the archive, and how it is written: its stages one
// after the other.
type file struct {
	name, about   string
	head, between string
	tail          func(rows int64) string
	stages        []stage
}

// The names of files that are read as well as written. Those of accounts,
// domains and lists are Mastodon's.
const (
	fileFollowing = "following_accounts.csv"
	fileGroups    = "groups.csv"
	fileFeeds     = "lists/feeds.csv"
	fileSettings  = "settings.json"
	fileFacets    = "facets.json"
	fileBookmarks = "bookmarks"     // .csv, or .json in archives of Mastodon
	fileFollowers = "followers.csv" // not read: nobody can be made to follow
	fileBlocked   = "blocked_accounts.csv"
	fileMuted     = "muted_accounts.csv"
	fileDomains   = "blocked_domains.csv"
	fileBlocks    = "blocks.json"
	fileLemmy     = "lemmy_settings.json"
	fileActor     = "actor.json"
	fileOutbox    = "outbox.json"
	fileReadme    = "README.txt"
)

// files is the table of contents of every archive.
func (s *Service) files() []file {
	list := []file{
		single(fileActor, "Who you are, as other servers read it (Activity Streams).", s.actor),
		collection(fileOutbox, "All that you wrote and voted: Create, Like and Dislike activities, oldest first (Activity Streams).",
			s.posts, s.comments, s.votesOn(community.SubjectPost), s.votesOn(community.SubjectComment)),
		collection("messages.json", "Messages that you wrote and got, as Notes (Activity Streams).", s.messages),
		table(fileFollowing, "The groups and people that you follow, in Mastodon's form.",
			[]string{"Account address", "Show boosts", "Notify on new posts", "Languages"}, s.following, s.followedPeople),
		array("following.json", "The people whom you follow or asked to follow: since when, and what they said.", s.followees),
		table(fileGroups, "The groups that you belong to, with what you are there and since when.", groupColumns, s.memberships),
		table(fileFeeds, "The lists of groups that you keep, in the form of Mastodon's lists.", []string{"List name", "Account address"}, s.lists),
		table(fileBlocked, "The people whom you block, in Mastodon's form.", nil, s.keptAway(blockedAccount)),
		table(fileMuted, "The people whom you mute, in Mastodon's form.", []string{"Account address", "Hide notifications"}, s.keptAway(mutedAccount)),
		table(fileDomains, "The servers that you keep away, in Mastodon's form.", nil, s.keptAway(blockedDomain)),
		array(fileBlocks, "All that you keep away: people, groups, servers and words, until when, and your notes.", s.blocks),
		single(fileSettings, "Your profile and your settings.", s.settings),
		array(fileFacets, "How you appear in single groups.", s.facets),
		table(fileBookmarks+".csv", "What you keep for later, in the form of Mastodon's bookmarks, oldest first.", nil, s.bookmarks),
		array("saved.json", "The same, with when you began to keep it.", s.saves),
		array("readings.json", "What you read, and how far.", s.readings),
		array("edits.json", "What your posts and comments said before you changed them.", s.versions),
		array("drafts.json", "What you are still writing, and what waits to be published.", s.drafts),
		single(fileLemmy, "The same, as Lemmy imports it.", s.lemmy),
		array("consents.json", "What you agreed to, and what you objected to.", s.consents),
		array("sessions.json", "How you come in: browsers, passkeys and what is beside a password. No secrets.", s.sessions),
		array("apps.json", "Programs that may act for you, and for what. No secrets.", s.apps),
		array("roles.json", "What you were given to look after, until when, and what is over.", s.grants),
		array("handovers.json", "Groups that you offered to others, were offered or asked for.", s.handovers, s.claims),
		array("invites.json", "Whom you invited, without the links.", s.invites),
		single("arrival.json", "How you came here: who invited you, and what you answered.", s.arrival),
		table(fileFollowers, "Who follows you.", []string{"Account address", "State", "Since"}, s.followers),
		array("poll_votes.json", "What you chose in polls.", s.choices),
		array("quotes.json", "Who may quote what you wrote.", s.quotes),
		array("notifications.json", "What you were told.", s.notifications),
		array("reports.json", "What you reported, and what became of it.", s.reports),
		array("decisions.json", "What moderators decided about you, and what they told you.", s.decisions, s.warnings),
		array("moderation.json", "What you decided as a moderator, and told others.", s.decreed, s.warned),
	}
	for _, d := range s.Documents {
		list = append(list, single(d.Name, d.About, s.document(d)))
	}
	return append(list, s.readme(list))
}

func nothing(int64) string { return "" }

// single is a file that is one document.
func single(name, about string, of func(ctx context.Context, x *exporting) ([]byte, error)) file {
	return file{name: name, about: about, tail: nothing, stages: []stage{
		func(ctx context.Context, x *exporting, _ int64) ([][]byte, int64, bool, error) {
			text, err := of(ctx, x)
			return [][]byte{text}, 0, false, err
		},
	}}
}

// array is a JSON file that is a list.
func array(name, about string, stages ...stage) file {
	return file{
		name: name, about: about, head: "[\n", between: ",\n", stages: stages,
		tail: func(int64) string { return "\n]\n" },
	}
}

// collection is an OrderedCollection. How many are in it is known in the end.
func collection(name, about string, stages ...stage) file {
	return file{
		name: name, about: about, between: ",\n", stages: stages,
		head: `{"@context":"https://www.w3.org/ns/activitystreams","id":"` + name + `","type":"OrderedCollection","orderedItems":[` + "\n",
		tail: func(rows int64) string { return "\n],\"totalItems\":" + strconv.FormatInt(rows, 10) + "}\n" },
	}
}

// table is a CSV file.
func table(name, about string, columns []string, stages ...stage) file {
	f := file{name: name, about: about, tail: nothing, stages: stages}
	if len(columns) > 0 {
		f.head = string(record(columns...))
	}
	return f
}

// record is a line of a CSV file.
func record(cells ...string) []byte {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	_ = w.Write(cells) // to memory
	w.Flush()
	return line.Bytes()
}

// pretty is a document that people may read.
func pretty(v any) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return text.Bytes(), err
}

// compact are things of a list, each on a line of its own.
func compact[T, R any](list []T, of func(T) R) (rows [][]byte, err error) {
	for _, v := range list {
		row, err := json.Marshal(of(v))
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// after is how a list ends: with the id of its last row, and with more to come
// where it is as long as it may be.
func after[T any](list []T, id func(T) int64) (last int64, more bool) {
	if len(list) == 0 {
		return 0, false
	}
	return id(list[len(list)-1]), len(list) == partRows
}

// readme explains every file.
func (s *Service) readme(files []file) file {
	return single(fileReadme, "", func(_ context.Context, x *exporting) ([]byte, error) {
		var b strings.Builder
		fmt.Fprintf(&b, "This is all that %s kept about @%s@%s on %s.\n\n", s.Host, x.who.Name, s.Host, s.now().Format("2 January 2006"))
		b.WriteString("It is yours alone: there are messages in it, and whom you keep away from.\n\n")
		for _, f := range files {
			fmt.Fprintf(&b, "%-24s %s\n", f.name, f.about)
		}
		fmt.Fprintf(&b, "%-24s %s\n", fileMedia, "What you uploaded, which is below media/: pictures, films and sounds.")
		b.WriteString("\nTo take your groups and lists to another server of this kind, import the whole\n" +
			"archive there, in the settings. Mastodon imports the .csv files one by one, and\n" +
			"Lemmy imports " + fileLemmy + ". Times are in UTC.\n")
		return []byte(b.String()), nil
	})
}

func (s *Service) document(d Document) func(context.Context, *exporting) ([]byte, error) {
	return func(ctx context.Context, x *exporting) ([]byte, error) {
		v, err := d.Write(ctx, x.account, x.who)
		if err != nil {
			return nil, err
		}
		return pretty(v)
	}
}

// stamp is a time as all files have it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
