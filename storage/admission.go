package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddAdmission stores what somebody said who applies, and sets its id.
func (db *DB) AddAdmission(ctx context.Context, a *community.Admission) (err error) {
	defer db.wrap(&err, "AddAdmission(%d)", a.ActorID)
	_, err = db.write.NewInsert().Model(a).Returning("id").Exec(ctx)
	return err
}

// AdmissionOf returns what an actor said who applied.
func (db *DB) AdmissionOf(ctx context.Context, actor community.ActorID) (_ *community.Admission, err error) {
	defer db.wrap(&err, "AdmissionOf(%d)", actor)
	return db.admissionWhere(ctx, "actor_id = ?", actor)
}

// Admission returns the admission with id.
func (db *DB) Admission(ctx context.Context, id community.AdmissionID) (_ *community.Admission, err error) {
	defer db.wrap(&err, "Admission(%d)", id)
	return db.admissionWhere(ctx, "id = ?", id)
}

// HoldAdmission is Admission, and makes other transactions that hold it wait
// for the end of this one.
func (db *DB) HoldAdmission(ctx context.Context, id community.AdmissionID) (_ *community.Admission, err error) {
	defer db.wrap(&err, "HoldAdmission(%d)", id)
	if err := db.hold(ctx, "admission:%d", id); err != nil {
		return nil, err
	}
	return db.admissionWhere(ctx, "id = ?", id)
}

func (db *DB) admissionWhere(ctx context.Context, where string, args ...any) (*community.Admission, error) {
	a := new(community.Admission)
	if err := db.read.NewSelect().Model(a).Where(where, args...).Scan(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// SaveAdmission stores what became of an admission.
func (db *DB) SaveAdmission(ctx context.Context, a *community.Admission) (err error) {
	defer db.wrap(&err, "SaveAdmission(%d)", a.ID)
	_, err = db.write.NewUpdate().Model(a).WherePK().
		Column("state", "question", "reply", "reason", "decided_by", "decided_at").Exec(ctx)
	return err
}

// Admissions lists admissions in one of some states, the oldest first, and
// returns the cursor of the next page.
func (db *DB) Admissions(ctx context.Context, states []community.AdmissionState, page community.Page) (_ []*community.Admission, next string, err error) {
	defer db.wrap(&err, "Admissions(%v)", states)
	var list []*community.Admission
	q := db.read.NewSelect().Model(&list).Where("state IN (?)", bun.List(states))
	next, err = oldest(ctx, q, &list, "id", page, func(a *community.Admission) int64 { return int64(a.ID) })
	return list, next, err
}

// CountAdmissions counts what waits for a reviewer, and how much of that came
// without work.
func (db *DB) CountAdmissions(ctx context.Context) (waiting, unproven int64, err error) {
	defer db.wrap(&err, "CountAdmissions")
	err = db.read.NewRaw(`SELECT count(*), coalesce(sum(CASE WHEN unproven THEN 1 ELSE 0 END), 0)
		FROM admissions WHERE state = ?`, community.AdmissionWaiting).Scan(ctx, &waiting, &unproven)
	return waiting, unproven, err
}

// HoldStanding makes other transactions that let an actor in, or further, wait
// for the end of this one.
func (db *DB) HoldStanding(ctx context.Context, id community.ActorID) (err error) {
	defer db.wrap(&err, "HoldStanding(%d)", id)
	return db.hold(ctx, "standing:%d", id)
}

// SetStanding makes something else of somebody who is not let in yet: a person,
// or who waits for something else.
func (db *DB) SetStanding(ctx context.Context, id community.ActorID, kind community.ActorKind, now time.Time) (err error) {
	defer db.wrap(&err, "SetStanding(%d, %s)", id, kind)
	_, err = db.write.NewUpdate().Model((*community.Actor)(nil)).Set("kind = ?, updated_at = ?", kind, now).
		Where("id = ? AND kind IN (?)", id, bun.List(community.Outside)).Exec(ctx)
	return err
}

// Newcomers lists up to most accounts, made before a moment, of those who have
// still to confirm their mail address.
func (db *DB) Newcomers(ctx context.Context, before time.Time, most int) (_ []*community.Account, err error) {
	defer db.wrap(&err, "Newcomers")
	var list []*community.Account
	err = db.read.NewSelect().Model(&list).ModelTableExpr("accounts AS account").
		Join("JOIN actors AS a ON a.id = account.actor_id").
		Where("a.kind = 'newcomer' AND a.created_at < ?", before).OrderExpr("a.created_at, a.id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// OldAdmissions lists up to most admissions that were decided before a moment.
func (db *DB) OldAdmissions(ctx context.Context, before time.Time, most int) (_ []*community.Admission, err error) {
	defer db.wrap(&err, "OldAdmissions")
	var list []*community.Admission
	err = db.read.NewSelect().Model(&list).Where("decided_at < ?", before).OrderExpr("id").Limit(int64(most)).Scan(ctx)
	return list, err
}

// DropAdmission forgets what somebody said who is here now.
func (db *DB) DropAdmission(ctx context.Context, id community.AdmissionID) (err error) {
	defer db.wrap(&err, "DropAdmission(%d)", id)
	_, err = db.write.NewDelete().Model((*community.Admission)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}

// DropApplicant forgets somebody who never came in, so that nothing of them is
// left: nobody ever met their actor, so its name can be had again, and so can
// the place of an invitation by which they came.
func (db *DB) DropApplicant(ctx context.Context, actor community.ActorID, account community.AccountID) (err error) {
	defer db.wrap(&err, "DropApplicant(%d)", actor)
	if _, err := db.write.NewRaw("DELETE FROM notifications WHERE account_id = ? OR actor_id = ?", account, actor).Exec(ctx); err != nil {
		return err
	}
	if _, err := db.DropAccount(ctx, account, 1); err != nil {
		return err
	}
	for _, forget := range []string{
		"UPDATE invites SET used = used - 1 WHERE used > 0 AND id = (SELECT invite_id FROM introductions WHERE actor_id = ?)",
		"DELETE FROM introductions WHERE actor_id = ?",
		"UPDATE decisions SET target_id = NULL WHERE target_id = ?",
		"DELETE FROM admissions WHERE actor_id = ?",
		"DELETE FROM person_views WHERE actor_id = ?",
		"DELETE FROM keys WHERE actor_id = ?",
		"DELETE FROM actors WHERE kind IN ('applicant', 'newcomer') AND id = ?",
	} {
		if _, err := db.write.NewRaw(forget, actor).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
