package federation

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

const (
	flagIRI = "https://home.test/activities/flag/33333333-3333-4333-8333-333333333333"
	warnIRI = "https://home.test/activities/warn/44444444-4444-4444-8444-444444444444"
	rawFlag = `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://lemmy.test/activities/flag/1","type":"Flag",` +
		`"actor":"https://lemmy.test/u/lena","to":["https://home.test/c/garden"],"object":"https://home.test/post/7","summary":"spam",  "odd":[1.50]}`
	rawResolve = `{"id":"https://lemmy.test/activities/resolve/1","type":"Resolve","actor":"https://lemmy.test/u/mod",` +
		`"to":["https://home.test/c/garden"],"object":` + rawFlag + `}`

	toMod       = "https://lemmy.test/u/mod/inbox"
	passedOn    = "Announce by garden to "
	privateMark = " (private)"
)

// reported makes a report about one of the things in stock and the fact that
// says so.
func reported(t *testing.T, db *storage.DB, r community.Report) community.Fact {
	t.Helper()
	if r.IRI == "" {
		r.IRI = flagIRI
	}
	if r.Scope == "" {
		r.Scope = community.ToModerators
	}
	r.ID, r.Reason, r.State, r.CreatedAt = 5, "It is an advert.", community.OpenReport, noon
	if err := db.AddReport(t.Context(), &r); err != nil { // db is a transaction
		t.Fatal(err)
	}
	if r.MessageID != 0 {
		words := &community.Snapshot{CaseID: r.CaseID, AuthorID: r.TargetID, HTML: "<p>Buy <strong>now</strong>!</p><p>Or else.</p>", TakenAt: noon}
		if err := db.AddSnapshot(t.Context(), words); err != nil {
			t.Fatal(err)
		}
	}
	return community.Fact{
		Kind: community.ReportFiled, ActorID: r.ReporterID, GroupID: r.GroupID, PostID: r.PostID, CommentID: r.CommentID,
		TargetID: r.TargetID, ItemID: int64(r.ID), IRI: r.IRI, Reason: r.Reason, Raw: r.Raw,
	}
}

var reportCases = []struct {
	name    string
	report  community.Report
	later   community.FactKind // what happens then; empty: the report itself is looked at
	by      community.ActorID
	raw     string
	told    bool
	want    []string
	goldens []string
}{
	{
		name:   "in a group elsewhere",
		report: community.Report{ReporterID: aliceID, GroupID: catsID, TargetID: catsModID, PostID: 83},
		want:   []string{"Flag by alice to " + toCats + privateMark}, goldens: []string{"flag_page_elsewhere"},
	},
	{
		name:   "in a group elsewhere, by somebody of a third server",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: nicoID, PostID: 80},
		want:   []string{"Flag by bob to " + toCats + privateMark, "Flag by bob to " + toNico},
	},
	{
		name:   "in a group elsewhere, by somebody of a microblog",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: miaID, PostID: 84},
		want:   []string{"Flag by home.test to " + toMia + privateMark, "Flag by bob to " + toCats + privateMark},
	},
	{
		name:   "in a group here, by somebody of a Lemmy",
		report: community.Report{ReporterID: bobID, GroupID: gardenID, TargetID: lenaID, PostID: 7, CommentID: 9},
		want:   []string{passedOn + toMod + privateMark}, goldens: []string{"announce_flag_note"},
	},
	{
		name:   "in a group here, by somebody of a forum",
		report: community.Report{ReporterID: bobID, GroupID: gardenID, TargetID: nicoID, PostID: 72},
		want:   []string{passedOn + toMod + privateMark, passedOn + toNico},
	},
	{
		name:   "in a group here, by somebody of a microblog",
		report: community.Report{ReporterID: bobID, GroupID: gardenID, TargetID: miaID, PostID: 90},
		want:   []string{"Flag by home.test to " + toMia + privateMark, passedOn + toMod + privateMark}, goldens: []string{"flag_microblog", ""},
	},
	{
		name:   "from elsewhere, where a moderator lives too",
		report: community.Report{ReporterID: lenaID, GroupID: gardenID, TargetID: aliceID, PostID: 7, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
	},
	{
		name:   "from elsewhere",
		report: community.Report{ReporterID: nicoID, GroupID: gardenID, TargetID: aliceID, PostID: 7, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
		want:   []string{passedOn + toMod + privateMark}, goldens: []string{"announce_received_flag"},
	},
	{
		name:   "from elsewhere, in a group elsewhere",
		report: community.Report{ReporterID: lenaID, GroupID: catsID, TargetID: aliceID, PostID: 81, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
	},
	{
		name:   "for those who look after this server",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: nicoID, PostID: 80, Scope: community.ToAdmins},
	},
	{
		name:   "a person here",
		report: community.Report{ReporterID: bobID, TargetID: aliceID, Scope: community.ToAdmins},
	},
	{
		name:   "a person elsewhere",
		report: community.Report{ReporterID: bobID, TargetID: nicoID, Scope: community.ToAdmins},
		want:   []string{"Flag by bob to " + toNico + privateMark}, goldens: []string{"flag_person"},
	},
	{
		name:   "a person on a microblog",
		report: community.Report{ReporterID: bobID, TargetID: miaID, Scope: community.ToAdmins},
		want:   []string{"Flag by home.test to " + toMia + privateMark},
	},
	{
		name:   "a message from a microblog, which may be read there",
		report: community.Report{ReporterID: bobID, TargetID: miaID, MessageID: 31, Quoted: true, Scope: community.ToAdmins},
		want:   []string{"Flag by home.test to " + toMia + privateMark}, goldens: []string{"flag_message_quoted"},
	},
	{
		name:   "a message from a forum, which may not be read there",
		report: community.Report{ReporterID: bobID, TargetID: nicoID, MessageID: 32, Scope: community.ToAdmins},
		want:   []string{"Flag by home.test to " + toNico + privateMark}, goldens: []string{"flag_message"},
	},
	{
		name:   "a message from somebody here",
		report: community.Report{ReporterID: bobID, TargetID: aliceID, MessageID: 33, Quoted: true, Scope: community.ToAdmins},
	},
	{
		name:   "taken back, about a message",
		report: community.Report{ReporterID: bobID, TargetID: nicoID, MessageID: 32, Scope: community.ToAdmins},
		later:  community.ReportWithdrawn, by: bobID,
	},
	{
		name:   "dealt with, about a message",
		report: community.Report{ReporterID: bobID, TargetID: nicoID, MessageID: 32, Scope: community.ToAdmins},
		later:  community.ReportHandled, by: aliceID, told: true,
	},
	{
		name:   "taken back, in a group elsewhere",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: nicoID, PostID: 80},
		later:  community.ReportWithdrawn, by: bobID,
		want: []string{"Undo by bob to " + toCats + privateMark, "Undo by bob to " + toNico}, goldens: []string{"undo_flag", ""},
	},
	{
		name:   "taken back, in a group here",
		report: community.Report{ReporterID: bobID, GroupID: gardenID, TargetID: lenaID, PostID: 7, CommentID: 9},
		later:  community.ReportWithdrawn, by: bobID,
		want: []string{passedOn + toMod + privateMark},
	},
	{
		name:   "dealt with here, and the reporter elsewhere hears of it",
		report: community.Report{ReporterID: nicoID, GroupID: gardenID, TargetID: aliceID, PostID: 7, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
		later:  community.ReportHandled, by: aliceID, told: true,
		want: []string{passedOn + toMod + privateMark, passedOn + toNico}, goldens: []string{"announce_resolve", ""},
	},
	{
		name:   "dealt with here, and the reporter elsewhere is not told",
		report: community.Report{ReporterID: nicoID, GroupID: gardenID, TargetID: aliceID, PostID: 7, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
		later:  community.ReportHandled, by: aliceID,
		want: []string{passedOn + toMod + privateMark},
	},
	{
		name:   "dealt with by a moderator elsewhere",
		report: community.Report{ReporterID: nicoID, GroupID: gardenID, TargetID: aliceID, PostID: 7, IRI: "https://lemmy.test/activities/flag/1", Raw: []byte(rawFlag)},
		later:  community.ReportHandled, by: catsModID, told: true, raw: rawResolve,
		want: []string{passedOn + toNico + privateMark}, goldens: []string{"announce_received_resolve"},
	},
	{
		name:   "dealt with by a moderator here of a group elsewhere",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: nicoID, PostID: 80},
		later:  community.ReportHandled, by: aliceID, told: true,
		want: []string{"Resolve by alice to " + toCats + privateMark, "Resolve by alice to " + toNico}, goldens: []string{"resolve_flag", ""},
	},
	{
		name:   "dealt with by somebody here who has no say there",
		report: community.Report{ReporterID: bobID, GroupID: catsID, TargetID: nicoID, PostID: 80},
		later:  community.ReportHandled, by: bobID,
	},
}

// Each report, and what becomes of it, is told to those whom it concerns and
// to nobody else.
func TestReportsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		reportWorld(t, db)
		for _, test := range reportCases {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					fact := reported(t, tx, test.report)
					rows := tell(t, s, fact)
					if test.later != "" {
						fact.Kind, fact.ActorID, fact.Raw = test.later, test.by, []byte(test.raw)
						handled(t, tx, fact, test.told)
						rows = tell(t, s, fact)
					}
					var got []string
					for i, row := range rows {
						got = append(got, describe(t, s, row))
						if i < len(test.goldens) && test.goldens[i] != noActivity {
							golden(t, test.goldens[i], row.Body)
						}
						checkConfidence(t, s, row)
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
					if again := tell(t, s, fact); len(again) > 0 && test.raw == "" {
						t.Errorf("a fact that was read twice was told twice: %s", describe(t, s, again[0]))
					}
				})
			})
		}
	})
}

// reportWorld is outWorld with mod among the moderators of the garden, what
// mod and mia wrote in cats and nico in the garden, and the software of all.
func reportWorld(t *testing.T, db *storage.DB) {
	t.Helper()
	outWorld(t, db)
	stock(t, db)
	addTestPost(t, db, community.Post{ID: 72, IRI: "https://forum.test/topic/72", GroupID: gardenID, AuthorID: nicoID, Title: "Advert"})
	addTestPost(t, db, community.Post{ID: 83, IRI: "https://lemmy.test/post/83", GroupID: catsID, AuthorID: catsModID, Title: "Rules"})
	addTestPost(t, db, community.Post{ID: 84, IRI: "https://masto.test/statuses/84", GroupID: catsID, AuthorID: miaID, Title: "Meow"})
	testdb.Add(t, db, &community.Membership{GroupID: gardenID, ActorID: catsModID, Role: community.Moderator, State: community.Absent, CreatedAt: noon})
	for id, m := range map[community.MessageID]community.Message{
		31: {IRI: "https://masto.test/users/mia/statuses/31", SenderID: miaID},
		32: {IRI: "https://forum.test/message/32", SenderID: nicoID},
		33: {IRI: "https://home.test/message/33", SenderID: aliceID},
	} {
		m.ID, m.RecipientID, m.Body, m.HTML, m.CreatedAt = id, bobID, "Other words since.", "<p>Other words since.</p>", noon
		testdb.Add(t, db, &m)
	}
	for id, software := range map[community.PeerID]string{lemmyID: "lemmy", mastoID: "mastodon", nodebbID: "nodebb"} {
		peer, err := db.Peer(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		peer.Software, peer.CheckedAt = software, noon
		if err := db.SavePeerSoftware(t.Context(), peer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := outServer(t, db).Accounts.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// handled stores what a fact says became of its report.
func handled(t *testing.T, db *storage.DB, fact community.Fact, told bool) {
	t.Helper()
	r, err := db.Report(t.Context(), community.ReportID(fact.ItemID))
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.HandledBy, r.HandledAt, r.Note, r.Told = community.ResolvedReport, fact.ActorID, noon, "Talked to them.", told
	if err := db.SaveReport(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// checkConfidence holds a row to what all about reports promises: its id
// answers nobody, and it is for somebody's inbox.
func checkConfidence(t *testing.T, s *Server, row *community.Activity) {
	t.Helper()
	doc, err := as.Parse(t.Context(), row.Body)
	if err != nil {
		t.Fatal(err)
	}
	iri, _, _ := strings.Cut(row.IRI, "#")
	if doc.ID() != iri || row.Public || row.Audience != 0 || row.PeerID == 0 {
		t.Errorf("a row about a report is %+v", row)
	}
	inner, embedded := doc.Embedded("object")
	for _, id := range []string{doc.ID(), inner.ID()} {
		if embedded && strings.HasPrefix(id, "https://home.test/activities/") {
			if w := request(t, s, http.MethodGet, strings.TrimPrefix(id, "https://home.test")); w.Code != http.StatusNotFound {
				t.Errorf("%s answers %d", id, w.Code)
			}
		}
	}
}

func TestWarningsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		reportWorld(t, db)
		for _, test := range []struct {
			name   string
			fact   community.Fact
			want   string
			golden string
		}{
			{"about a post", community.Fact{ActorID: aliceID, GroupID: gardenID, TargetID: nicoID, PostID: 72}, "Warn by alice to " + toNico + privateMark, "warn"},
			{"a person", community.Fact{ActorID: aliceID, GroupID: gardenID, TargetID: lenaID}, "Warn by alice to " + toGarden + privateMark, "warn_person"},
			{"by the site", community.Fact{ActorID: aliceID, TargetID: lenaID}, "Warn by alice to " + toGarden + privateMark, ""},
			{"somebody here", community.Fact{ActorID: aliceID, GroupID: gardenID, TargetID: bobID}, "", ""},
			{"by somebody elsewhere", community.Fact{ActorID: catsModID, GroupID: catsID, TargetID: aliceID, Raw: []byte("{}")}, "", ""},
		} {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					test.fact.Kind, test.fact.IRI, test.fact.Reason = community.PersonWarned, warnIRI, "Please keep adverts out."
					rows := tell(t, s, test.fact, test.fact)
					if test.want == "" {
						if len(rows) != 0 {
							t.Errorf("told: %s", describe(t, s, rows[0]))
						}
						return
					}
					if len(rows) != 1 || describe(t, s, rows[0]) != test.want {
						t.Fatalf("%d rows: %s", len(rows), describe(t, s, rows[0]))
					}
					checkConfidence(t, s, rows[0])
					if test.golden != "" {
						golden(t, test.golden, rows[0].Body)
					}
				})
			})
		}
	})
}
