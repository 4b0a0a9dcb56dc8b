package storage

import (
	"context"
	"time"

	"drystone/community"
)

// AddActivity appends to the log and sets the activity's id. Only one writer
// at a time may append what peers read in order: the reader of facts that
// speaks for this server.
func (db *DB) AddActivity(ctx context.Context, a *community.Activity) (err error) {
	defer db.wrap(&err, "AddActivity(%s)", a.IRI)
	if b := db.batch; b != nil {
		db.ring(NewActivities)
		id, err := db.reserve(ctx, "activities")
		if err != nil {
			return err
		}
		a.ID = community.ActivityID(id)
		row := *a
		b.said = append(b.said, &row)
		b.known.activities[a.IRI] = &row
		b.wrote++
		return nil
	}
	_, err = db.write.NewInsert().Model(a).Returning("id").Exec(ctx)
	if err == nil {
		db.ring(NewActivities)
	}
	return err
}

// ActivityByIRI returns what we said under an id.
func (db *DB) ActivityByIRI(ctx context.Context, iri string) (_ *community.Activity, err error) {
	defer db.wrap(&err, "ActivityByIRI(%s)", iri)
	return remembered(iri, db.known().activities, func() (*community.Activity, error) {
		a := new(community.Activity)
		return a, db.read.NewSelect().Model(a).Where("iri = ?", iri).Scan(ctx)
	})
}

// ActivityHead returns the newest position of the log.
func (db *DB) ActivityHead(ctx context.Context) (_ community.ActivityID, err error) {
	defer db.wrap(&err, "ActivityHead")
	var head community.ActivityID
	err = db.read.NewRaw("SELECT coalesce(max(id), 0) FROM activities").Scan(ctx, &head)
	return head, err
}

// ActivitiesFor returns what peer is to hear after a position, in order: what
// is addressed to it, what is addressed to followers that live there, since
// they follow, and what is for everybody.
func (db *DB) ActivitiesFor(ctx context.Context, peer *community.Peer, after community.ActivityID, limit int) (_ []*community.Activity, err error) {
	defer db.wrap(&err, "ActivitiesFor(%d, %d)", peer.ID, after)
	var list []*community.Activity
	// Three index scans; a single OR would walk the whole log.
	err = db.read.NewRaw(`SELECT * FROM (
		SELECT * FROM (SELECT x.* FROM activities AS x WHERE x.peer_id = ? AND x.id > ? ORDER BY x.id LIMIT ?) AS direct
		UNION ALL
		SELECT * FROM (SELECT x.* FROM audiences AS u JOIN activities AS x ON x.audience = u.actor_id
			WHERE u.peer_id = ? AND x.id > ? AND x.id > u.since AND (x.form = 0 OR (x.form & ?) <> 0)
			ORDER BY x.id LIMIT ?) AS shared
		UNION ALL
		SELECT * FROM (SELECT x.* FROM activities AS x WHERE x.audience = ? AND x.id > ? AND (x.form = 0 OR (x.form & ?) <> 0) ORDER BY x.id LIMIT ?) AS everybody
		) AS due ORDER BY id LIMIT ?`,
		peer.ID, after, limit, peer.ID, after, peer.Forms(), limit, community.Everybody, after, peer.Forms(), limit, limit).Scan(ctx, &list)
	return list, err
}

// PeersWithDeliveries lists the servers for which the log holds something
// after their position.
func (db *DB) PeersWithDeliveries(ctx context.Context) (_ []*community.Peer, err error) {
	defer db.wrap(&err, "PeersWithDeliveries")
	var peers []*community.Peer
	err = db.read.NewSelect().Model(&peers).
		Where(`EXISTS (SELECT 1 FROM activities AS x WHERE x.peer_id = peer.id AND x.id > peer.position)
			OR EXISTS (SELECT 1 FROM audiences AS u WHERE u.peer_id = peer.id AND EXISTS (
				SELECT 1 FROM activities AS x WHERE x.audience = u.actor_id AND x.id > peer.position AND x.id > u.since))
			OR EXISTS (SELECT 1 FROM activities AS x WHERE x.audience = ? AND x.id > peer.position)`, community.Everybody).
		OrderExpr("id").Scan(ctx)
	return peers, err
}

// ActivitiesAfter returns the log after a position, whoever is to hear it.
func (db *DB) ActivitiesAfter(ctx context.Context, after community.ActivityID, limit int) (_ []*community.Activity, err error) {
	defer db.wrap(&err, "ActivitiesAfter(%d)", after)
	var list []*community.Activity
	err = db.read.NewSelect().Model(&list).Where("id > ?", after).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	return list, err
}

// Outbox returns the newest public activities of one kind by actor, newest
// first.
func (db *DB) Outbox(ctx context.Context, actor community.ActorID, kind string, form community.Form, limit int) (_ []*community.Activity, err error) {
	defer db.wrap(&err, "Outbox(%d)", actor)
	var list []*community.Activity
	err = db.read.NewSelect().Model(&list).
		Where("actor_id = ? AND kind = ? AND public AND (form & ?) <> 0", actor, kind, form).
		OrderExpr("id DESC").Limit(int64(limit)).Scan(ctx)
	return list, err
}

// TrimActivities forgets what nobody can read by its id and nobody will be
// sent any more: it was said before a time, and whoever should hear it has, or
// it is too old to be news.
func (db *DB) TrimActivities(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimActivities")
	_, err = db.write.NewRaw(`DELETE FROM activities WHERE NOT public AND created_at < ? AND (peer_id IS NULL
		OR peer_id IN (SELECT p.id FROM peers AS p WHERE p.position >= activities.id))
		AND id < (SELECT max(id) FROM activities)`, before).Exec(ctx)
	return err
}
