package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddConsent adds to what somebody said.
func (db *DB) AddConsent(ctx context.Context, c *community.Consent) (err error) {
	defer db.wrap(&err, "AddConsent(%d, %s)", c.ActorID, c.Purpose)
	_, err = db.write.NewInsert().Model(c).Returning("id").Exec(ctx)
	return err
}

// HoldConsents makes other transactions that change what somebody agrees to
// wait for the end of this one.
func (db *DB) HoldConsents(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "HoldConsents(%d)", actor)
	return db.hold(ctx, "consents:%d", actor)
}

// Consents returns what somebody agrees and objects to now.
func (db *DB) Consents(ctx context.Context, actor community.ActorID) (_ community.Consents, err error) {
	defer db.wrap(&err, "Consents(%d)", actor)
	all, err := db.ConsentsOf(ctx, []community.ActorID{actor})
	return all[actor], err
}

// ConsentsOf is Consents for many.
func (db *DB) ConsentsOf(ctx context.Context, actors []community.ActorID) (_ map[community.ActorID]community.Consents, err error) {
	defer db.wrap(&err, "ConsentsOf(%d)", len(actors))
	found := make(map[community.ActorID]community.Consents, len(actors))
	for _, id := range actors {
		found[id] = community.Consents{}
	}
	if len(actors) == 0 {
		return found, nil
	}
	var list []*community.Consent
	err = db.read.NewSelect().Model(&list).
		Where("id IN (SELECT max(id) FROM consents WHERE actor_id IN (?) GROUP BY actor_id, purpose)", bun.List(actors)).Scan(ctx)
	for _, c := range list {
		found[c.ActorID][c.Purpose] = c
	}
	return found, err
}

// ConsentHistory lists everything that somebody said, oldest first, up to most:
// for themselves, and for who takes it elsewhere.
func (db *DB) ConsentHistory(ctx context.Context, actor community.ActorID, most int) (_ []*community.Consent, err error) {
	defer db.wrap(&err, "ConsentHistory(%d)", actor)
	var list []*community.Consent
	err = db.read.NewSelect().Model(&list).Where("actor_id = ?", actor).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// NotePersonViews notes who looked at whom; what was noted that day already
// stays.
func (db *DB) NotePersonViews(ctx context.Context, views []*community.PersonView) (err error) {
	defer db.wrap(&err, "NotePersonViews(%d)", len(views))
	if len(views) == 0 {
		return nil
	}
	_, err = db.write.NewInsert().Model(&views).On("CONFLICT (actor_id, day, viewer_id, screen, group_id) DO NOTHING").Returning("NULL").Exec(ctx)
	return err
}

// PersonViews lists who looked at somebody, newest first, and returns the
// cursor of the next page.
func (db *DB) PersonViews(ctx context.Context, actor community.ActorID, page community.Page) (_ []*community.PersonView, next string, err error) {
	defer db.wrap(&err, "PersonViews(%d)", actor)
	var list []*community.PersonView
	q := db.read.NewSelect().Model(&list).Where("actor_id = ?", actor).
		OrderExpr("day DESC, at DESC, viewer_id, screen, group_id").Limit(int64(page.Limit) + 1)
	skip := int64(0)
	if page.After != "" {
		after, err := parseKeyset(page.After)
		if err != nil {
			return nil, "", err
		}
		// One person's list is short, and grows at its top by the day: after
		// the first page it is read by how many came before, up to the day
		// that the first page began with.
		skip = after.ID
		q = q.Where("day <= ?", int64(after.Rank)).Offset(skip)
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, "", err
	}
	if len(list) > page.Limit {
		list = list[:page.Limit]
		day := float64(list[0].Day)
		if page.After != "" {
			after, _ := parseKeyset(page.After)
			day = after.Rank
		}
		next = keyset{Rank: day, ID: skip + int64(page.Limit)}.String()
	}
	return list, next, nil
}

// TrimPersonViews forgets who looked at whom before a day.
func (db *DB) TrimPersonViews(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimPersonViews")
	_, err = db.write.NewDelete().Model((*community.PersonView)(nil)).Where("day < ?", community.DayOf(before)).Exec(ctx)
	return err
}

// ForgetConsents forgets what somebody agreed to, and who looked at them: they
// are gone.
func (db *DB) ForgetConsents(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "ForgetConsents(%d)", actor)
	if _, err := db.write.NewDelete().Model((*community.Consent)(nil)).Where("actor_id = ?", actor).Exec(ctx); err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.PersonView)(nil)).Where("actor_id = ?", actor).Exec(ctx)
	return err
}

// CountAbout counts decisions about somebody, and warnings to them, by group;
// 0 is the server itself.
func (db *DB) CountAbout(ctx context.Context, actor community.ActorID) (decisions, warnings map[community.ActorID]int, err error) {
	defer db.wrap(&err, "CountAbout(%d)", actor)
	count := func(query string) (map[community.ActorID]int, error) {
		var rows []struct {
			GroupID community.ActorID
			N       int
		}
		err := db.read.NewRaw(query, actor).Scan(ctx, &rows)
		found := make(map[community.ActorID]int, len(rows))
		for _, row := range rows {
			found[row.GroupID] = row.N
		}
		return found, err
	}
	if decisions, err = count("SELECT coalesce(group_id, 0) AS group_id, count(*) AS n FROM decisions WHERE target_id = ? AND host = '' GROUP BY coalesce(group_id, 0)"); err != nil {
		return nil, nil, err
	}
	warnings, err = count("SELECT coalesce(group_id, 0) AS group_id, count(*) AS n FROM warnings WHERE target_id = ? GROUP BY coalesce(group_id, 0)")
	return decisions, warnings, err
}
