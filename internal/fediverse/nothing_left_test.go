package fediverse_test

import (
	"fmt"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
	"drystone/storage"
)

// kept is what stays of somebody who deleted their account with all that they
// wrote, and why: docs/leaving.md has the same table. Everything else that
// names them is gone.
var kept = map[string]string{
	"actors.id":       "the name stays taken",
	"keys.actor_id":   "the farewell is signed with it",
	"votes.actor_id":  "votes go on counting, without a name",
	"posts.author_id": "the place of what was taken down, without words", "comments.author_id": "the same",
	"reports.reporter_id": "what was reported, and what became of it", "reports.target_id": "the same",
	"decisions.target_id": "the log of moderators", "decisions.actor_id": "the same", "warnings.target_id": "the same",
	"messages.sender_id": "that there was a message, without words", "messages.recipient_id": "the copy of who wrote it",
	"activities.actor_id": "what was told to other servers, for 30 days", "facts.actor_id": "what happened, for 7 days", "facts.target_id": "the same",
	"facts.item_id": "the same", "notifications.actor_id": "what others were told", "actor_keys.actor_id": "the farewell is signed with it",
	"snapshots.author_id": "reported words, until the report is closed", "polls.actor_id": "counted votes", "poll_votes.actor_id": "counted votes",
	"blocks.target_id": "others go on keeping them away", "deltas.subject_id": "counts, for the second until they are added up",
}

// After the grace and its jobs, every column of every table is looked through
// for somebody's number and for their words.
func TestNothingIsLeft(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		s := server.New(t, dsn)
		// Numbers that nothing else has.
		if err := raise(t, s.DB, "actors", 7_654_321); err != nil {
			t.Fatal(err)
		}
		if err := raise(t, s.DB, "accounts", 8_765_432); err != nil {
			t.Fatal(err)
		}
		s.User("first") // administers the server
		ann := s.User("ann_quartz")
		who, err := s.Accounts.Find(t.Context(), "ann_quartz")
		if err != nil {
			t.Fatal(err)
		}
		if who.Actor.ID < 7_654_321 || who.Account.ID < 8_765_432 {
			t.Fatalf("the numbers are %d and %d", who.Actor.ID, who.Account.ID)
		}
		bob := s.User("bob")
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden"}, nil)
		ann.Call(t, "PUT", "/groups/garden/membership", nil, nil)
		ann.Call(t, "PATCH", "/me", map[string]any{"title": "Tell-tale quartz", "summary": "Tell-tale summary", "email": "quartz@mail.example"}, nil)
		var post, other v1.Post
		ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Tell-tale title", Body: "Tell-tale body"}, &post)
		bob.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "His own"}, &other)
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", other.ID), v1.CommentDraft{Body: "Tell-tale answer"}, nil)
		ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", other.ID), map[string]int{"value": 1}, nil)
		ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/saved", other.ID), nil, nil)
		ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/reading", other.ID), map[string]any{}, nil)
		ann.Call(t, "POST", "/conversations/bob/messages", map[string]string{"body": "Tell-tale message"}, nil)
		ann.Call(t, "POST", "/feeds", map[string]string{"name": "outside", "title": "Tell-tale feed"}, nil)
		ann.Call(t, "PUT", "/me/mutes/people/bob", map[string]any{"note": "Tell-tale note"}, nil)
		archiveOf(t, ann)
		settled(t, ann, map[string]string{"follows.csv": "Account address,Show boosts\ntelltale@" + s.Host + ",true\n"}, v1.ImportStart{})

		ann.Depart(t, true)
		server.Eventually(t, "the end of the account", func() (bool, any) {
			_, err := s.DB.AccountOf(t.Context(), who.Actor.ID)
			left, _, leftErr := s.DB.WrittenBy(t.Context(), who.Actor.ID, 10)
			return err != nil && leftErr == nil && len(left) == 0, fmt.Sprint(err, len(left))
		})
		server.Eventually(t, "the index of the search", func() (bool, any) {
			n, err := s.DB.Bun().NewSelect().Table("stale_words").Count(t.Context())
			return err == nil && n == 0, fmt.Sprint(n, err)
		})
		for place, n := range sweep(t, s.DB, int64(who.Actor.ID), int64(who.Account.ID), "ell-tale", "quartz@mail.example") {
			t.Logf("%s: %d", place, n)
			if kept[place] == "" && !strings.HasPrefix(place, "activities.") && !strings.HasPrefix(place, "facts.") && !strings.HasPrefix(place, "jobs.") {
				t.Errorf("%s names them %d times", place, n)
			}
		}
	})
}

// raise has the next rows of a table get high numbers.
func raise(t *testing.T, db *storage.DB, table string, to int64) error {
	t.Helper()
	if strings.Contains(fmt.Sprint(db.Bun().Dialect().Name()), "pg") {
		_, err := db.Bun().ExecContext(t.Context(), fmt.Sprintf("ALTER TABLE %s ALTER COLUMN id RESTART WITH %d", table, to))
		return err
	}
	if _, err := db.Bun().ExecContext(t.Context(), fmt.Sprintf("DELETE FROM sqlite_sequence WHERE name = '%s'", table)); err != nil {
		return err
	}
	_, err := db.Bun().ExecContext(t.Context(), fmt.Sprintf("INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %d)", table, to))
	return err
}

// sweep counts the rows in which a column holds one of the numbers or words.
func sweep(t *testing.T, db *storage.DB, actor, account int64, words ...string) map[string]int {
	t.Helper()
	ctx := t.Context()
	var columns []struct{ Table, Name string }
	query := "SELECT m.name AS \"table\", p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p WHERE m.type = 'table' AND m.name NOT LIKE '%_search%' AND m.name NOT LIKE 'sqlite_%'"
	if strings.Contains(fmt.Sprint(db.Bun().Dialect().Name()), "pg") {
		query = "SELECT table_name AS \"table\", column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND data_type <> 'tsvector'"
	}
	if err := db.Bun().NewRaw(query).Scan(ctx, &columns); err != nil {
		t.Fatal(err)
	}
	if len(columns) < 100 {
		t.Fatalf("only %d columns were found", len(columns))
	}
	found := map[string]int{}
	for _, c := range columns {
		where := []string{fmt.Sprintf(`CAST("%s" AS TEXT) IN ('%d', '%d')`, c.Name, actor, account)}
		for _, w := range words {
			where = append(where, fmt.Sprintf(`CAST("%s" AS TEXT) LIKE '%%%s%%'`, c.Name, w))
		}
		var n int
		if err := db.Bun().NewRaw(fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE %s`, c.Table, strings.Join(where, " OR "))).Scan(ctx, &n); err != nil {
			t.Fatalf("%s.%s: %v", c.Table, c.Name, err)
		}
		if n > 0 {
			found[c.Table+"."+c.Name] = n
		}
	}
	return found
}
