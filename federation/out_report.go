package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/federation/as"
)

// What is reported, and what moderators tell somebody, is between a few
// people: it goes to their servers and nowhere else, and its ids answer
// nobody.

// A complaint is a report with who and what is in it.
type complaint struct {
	*community.Report
	by       *community.Actor // who did what is told: reported, withdrew or handled
	reporter *community.Actor
	group    *community.Actor // nil: the site
	target   *community.Actor
	object   string // the id of what is reported
	words    string // of a message, where they may be told
	lane     int64
}

// complaint loads the report that a fact is about.
func (t *teller) complaint(ctx context.Context, f community.Fact) (c complaint, err error) {
	if c.Report, err = t.tx.Report(ctx, community.ReportID(f.ItemID)); err != nil {
		return c, err
	}
	people, err := t.tx.Actors(ctx, []community.ActorID{f.ActorID, c.ReporterID, c.GroupID, c.TargetID})
	if err != nil {
		return c, err
	}
	c.by, c.reporter, c.group, c.target = people[f.ActorID], people[c.ReporterID], people[c.GroupID], people[c.TargetID]
	if c.by == nil || c.reporter == nil || c.target == nil || c.group == nil && c.GroupID != 0 {
		return c, fault.New(fault.NotFound, "The actors of report %d are gone.", c.ID)
	}
	c.lane = lane(community.Subject{Kind: community.SubjectActor, ID: int64(c.TargetID)})
	if c.MessageID != 0 {
		return c, t.letterOf(ctx, &c)
	}
	c.object, err = t.objectOf(f, c.target)
	return c, err
}

// letterOf adds the message that a report is about, and its words as they were
// reported where whoever got it lets the sender's server read them.
func (t *teller) letterOf(ctx context.Context, c *complaint) error {
	m, err := t.tx.Message(ctx, c.MessageID)
	if err != nil {
		return err
	}
	c.object = m.IRI
	if !c.Quoted {
		return nil
	}
	words, err := t.tx.Snapshots(ctx, c.CaseID)
	if err == nil && len(words) > 0 {
		c.words = markup.Text(words[len(words)-1].HTML)
	}
	return err
}

// objectOf is the id of the comment, post or person that a fact is about.
func (t *teller) objectOf(f community.Fact, target *community.Actor) (string, error) {
	comment, post := t.comments[f.CommentID], t.posts[f.PostID]
	switch {
	case comment != nil:
		return comment.IRI, nil
	case f.CommentID != 0, f.PostID != 0 && post == nil:
		return "", fault.New(fault.NotFound, "What fact %d is about is gone.", f.ID)
	case post != nil:
		return post.IRI, nil
	}
	return target.IRI, nil
}

// local reports whether the report concerns this server alone: it was made
// here, for those who look after this server.
func (c complaint) local() bool {
	return c.reporter.Local() && c.Scope == community.ToAdmins && (c.group != nil || c.target.Local())
}

// name is part of the ids of what is said of the report.
func (c complaint) name() string { return fmt.Sprintf("report-%d", c.ID) }

// reportFiled tells those who can do something about it: the group's server,
// or in a group of ours the servers of its moderators, and the author's.
func (t *teller) reportFiled(ctx context.Context, f community.Fact) error {
	c, err := t.complaint(ctx, f)
	if err != nil || c.local() {
		return err
	}
	if c.MessageID != 0 {
		return t.anonymously(ctx, c)
	}
	body := json.RawMessage(c.Raw)
	if c.reporter.Local() {
		if body, err = t.flag(c); err != nil {
			return err
		}
		if err := t.anonymously(ctx, c); err != nil {
			return err
		}
	}
	return t.confide(ctx, c, as.KindFlag, c.IRI, body, false)
}

// flag writes a Flag for servers that know groups: one thing, by who reports
// it, with the reason where Lemmy looks for it and where others do.
func (t *teller) flag(c complaint) (json.RawMessage, error) {
	a := as.Activity{
		ID: c.IRI, Actor: c.reporter.IRI, Object: as.ObjectID(c.object), To: []string{siteOf(c.target)}, CC: []string{},
		Summary: &c.Reason, Content: c.Reason, Published: c.CreatedAt,
	}
	if c.group != nil {
		a.To, a.Audience = []string{c.group.IRI}, c.group.IRI
	}
	return marshal(as.Flag(a))
}

// siteOf is the id of an actor's server, which is whom a report is for that
// no group's moderators see.
func siteOf(a *community.Actor) string {
	parts := strings.SplitAfterN(a.IRI, "/", 4)
	return strings.Join(parts[:min(len(parts), 3)], "")
}

// confide says something about a report to the servers that it concerns. In a
// group of ours what somebody of this server says is wrapped, so that Lemmy
// believes it, and so is what came from elsewhere; but it goes to those
// servers only. outcome says that the reporter's server is one of them.
func (t *teller) confide(ctx context.Context, c complaint, kind, iri string, body json.RawMessage, outcome bool) error {
	to, err := t.confidants(ctx, c, outcome)
	if err != nil || len(to) == 0 || len(body) == 0 {
		return err
	}
	row := community.Activity{IRI: iri, ActorID: c.by.ID, Kind: kind, Body: body, Lane: c.lane}
	if c.group != nil && c.group.Local() {
		row.IRI = t.s.activityIRI(as.KindAnnounce, strings.ToLower(kind)+"-"+c.name())
		row.ActorID, row.Kind = c.group.ID, as.KindAnnounce
		if c.by.Local() {
			body = as.WithoutContext(body)
		}
		if row.Body, err = marshal(t.s.announcement(c.group, row.IRI, body, t.s.now())); err != nil {
			return err
		}
	} else if !c.by.Local() {
		return nil // theirs to tell
	}
	if said, err := t.known(ctx, row.IRI); err != nil || said != nil {
		return err
	}
	return t.append(ctx, row, to...)
}

// confidants are the servers that a report concerns, one address on each: the
// group's, or those of the moderators of a group of ours; the author's, and
// the reporter's where outcome says so.
func (t *teller) confidants(ctx context.Context, c complaint, outcome bool) ([]destination, error) {
	heard := map[string]bool{"": true, c.by.Host: true} // who is here, and who says it
	if !outcome {
		heard[c.reporter.Host] = true
	}
	var to []destination
	tell := func(a *community.Actor) {
		if !heard[a.Host] {
			heard[a.Host] = true
			to = append(to, directly(a))
		}
	}
	switch {
	case c.group != nil && !c.group.Local():
		tell(c.group)
	case c.group != nil:
		moderators, err := t.tx.Trusted(ctx, c.group.ID, community.HandleReports, t.s.Now())
		if err != nil {
			return nil, err
		}
		for _, m := range moderators {
			tell(m)
		}
	}
	forms, err := t.formsOf(ctx, c.target)
	if err != nil {
		return nil, err
	}
	if forms&community.Boosted == 0 { // others: see anonymously
		tell(c.target)
	}
	if outcome && c.Told && c.reporter.Kind != community.Application {
		tell(c.reporter)
	}
	return to, nil
}

// formsOf is how an actor's server wants to hear things; none for ours.
func (t *teller) formsOf(ctx context.Context, a *community.Actor) (community.Form, error) {
	if a.Local() {
		return 0, nil
	}
	id, err := t.peer(ctx, a)
	if err != nil {
		return 0, err
	}
	peer, err := t.tx.Peer(ctx, id)
	if err != nil {
		return 0, err
	}
	return peer.Forms(), nil
}

// anonymously tells a microblog what one of its people is reported for: by
// this server and not by who did, with the person first, as Mastodon does.
// Software that we do not know hears it in this way too, since it gives
// nobody's name away, and everybody a message between two people, as Mastodon
// reports what is direct.
func (t *teller) anonymously(ctx context.Context, c complaint) error {
	if c.group != nil && c.group.Host == c.target.Host {
		return nil // it hears as the group's server
	}
	forms, err := t.formsOf(ctx, c.target)
	if err != nil || forms&community.Boosted == 0 && c.MessageID == 0 {
		return err
	}
	instance, err := t.s.Accounts.Instance(ctx)
	if err != nil {
		return err
	}
	iri := t.s.activityIRI(as.KindFlag, c.name())
	if said, err := t.known(ctx, iri); err != nil || said != nil {
		return err
	}
	objects := as.ObjectIDs(c.target.IRI)
	if c.object != c.target.IRI {
		objects = as.ObjectIDs(c.target.IRI, c.object)
	}
	reason := c.Reason
	if c.words != "" {
		reason += "\n\n" + c.words
	}
	body, err := marshal(as.Flag{
		ID: iri, Actor: instance.IRI, Object: objects, To: []string{c.target.IRI}, CC: []string{},
		Summary: &reason, Content: reason, Published: c.CreatedAt,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: instance.ID, Kind: as.KindFlag, Body: body, Lane: c.lane,
	}, directly(c.target))
}

// reportWithdrawn takes a report back where it was told.
func (t *teller) reportWithdrawn(ctx context.Context, f community.Fact) error {
	c, err := t.complaint(ctx, f)
	if err != nil || c.local() || c.MessageID != 0 { // of which nobody knows who reported it
		return err
	}
	if !c.reporter.Local() {
		return t.confide(ctx, c, as.KindUndo, t.s.mint(as.KindUndo), f.Raw, false)
	}
	flag, err := t.flag(c)
	if err != nil {
		return err
	}
	iri := t.s.activityIRI(as.KindUndo, c.name())
	body, err := marshal(as.Undo{
		ID: iri, Actor: c.reporter.IRI, Object: as.WithoutContext(flag), To: []string{firstOf(c.groupIRI(), siteOf(c.target))},
		CC: []string{}, Audience: c.groupIRI(), Published: f.At,
	})
	if err != nil {
		return err
	}
	return t.confide(ctx, c, as.KindUndo, iri, body, false)
}

func (c complaint) groupIRI() string {
	if c.group == nil {
		return ""
	}
	return c.group.IRI
}

// reportHandled tells that a report was dealt with. There is one word for it,
// Lemmy's Resolve, whatever the outcome was. Nobody elsewhere takes it from an
// administrator of ours who does not moderate their group, or about a person
// who is in no group.
func (t *teller) reportHandled(ctx context.Context, f community.Fact) error {
	c, err := t.complaint(ctx, f)
	if err != nil || c.local() || c.group == nil {
		return err
	}
	if !c.by.Local() {
		return t.confide(ctx, c, as.KindResolve, t.s.mint(as.KindResolve), f.Raw, true)
	}
	if !c.group.Local() {
		m, err := t.tx.Membership(ctx, c.GroupID, c.by.ID)
		if err != nil || !m.Moderates() {
			return err
		}
	}
	flag := json.RawMessage(c.Raw)
	if c.reporter.Local() {
		if flag, err = t.flag(c); err != nil {
			return err
		}
	}
	a := as.Activity{
		ID: t.s.activityIRI(as.KindResolve, c.name()), Actor: c.by.IRI, Object: as.WithoutContext(flag),
		To: []string{c.group.IRI}, CC: []string{}, Audience: c.group.IRI, Published: f.At,
	}
	if c.Told && c.Note != "" {
		a.Summary = &c.Note
	}
	body, err := marshal(as.Resolve(a))
	if err != nil {
		return err
	}
	return t.confide(ctx, c, as.KindResolve, a.ID, body, true)
}

// personWarned tells somebody elsewhere what a moderator here has to say.
func (t *teller) personWarned(ctx context.Context, f community.Fact) error {
	people, err := t.tx.Actors(ctx, []community.ActorID{f.ActorID, f.GroupID, f.TargetID})
	if err != nil {
		return err
	}
	by, group, target := people[f.ActorID], people[f.GroupID], people[f.TargetID]
	if by == nil || target == nil || group == nil && f.GroupID != 0 {
		return fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	if !by.Local() || target.Local() {
		return nil
	}
	if said, err := t.known(ctx, f.IRI); err != nil || said != nil {
		return err
	}
	object, err := t.objectOf(f, target)
	if err != nil {
		return err
	}
	a := as.Activity{
		ID: f.IRI, Actor: by.IRI, Object: as.ObjectID(object), To: []string{target.IRI}, CC: []string{}, Summary: &f.Reason, Published: f.At,
	}
	if group != nil {
		a.Audience, a.Target = group.IRI, group.IRI
	}
	sc := scene{by: by, group: target, at: f.At, lane: lane(community.Subject{Kind: community.SubjectActor, ID: int64(target.ID)})}
	return t.privately(ctx, sc, as.KindWarn, f.IRI, by, target, as.Warn(a))
}
